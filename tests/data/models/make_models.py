"""Let TensorFlow itself write the models of this folder, for other versions to load.

Run it in an environment with TensorFlow; the names say which one wrote what is here:

    python make_models.py FOLDER

All compute what tests/unit/saved_samples.py says.
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(HERE)), "unit"))

import saved_samples  # noqa: E402

# What loading does without.
LEFT_OUT = ("assets", "fingerprint.pb", "keras_metadata.pb")


def main(folder):
    import tensorflow

    version = "tensorflow_" + "_".join(tensorflow.__version__.split(".")[:2])
    saved_samples.write_frozen_graph(os.path.join(folder, version + ".pb"), answer="choice")
    made = [saved_samples.write_saved_model(os.path.join(folder, version))]
    if tensorflow.__version__ >= "2":
        made.append(saved_samples.write_module(os.path.join(folder, version + "_module")))
        made.append(saved_samples.write_keras(os.path.join(folder, version + "_keras")))
    for each in made:
        for name in LEFT_OUT:
            path = os.path.join(each, name)
            (shutil.rmtree if os.path.isdir(path) else os.remove)(path) if os.path.exists(path) else None


if __name__ == "__main__":
    main(sys.argv[1])
