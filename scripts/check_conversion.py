#!/usr/bin/env python
"""Run converted models in the frameworks they are for, and compare every answer with ours.

Each model is written as ONNX, .h5, .weights.h5 and .keras, loaded by the real onnxruntime
and the real Keras of this Python, whichever are installed, and asked about all of MNIST's test
pictures (or seeded noise without --data); then what Keras saves is converted back. Passes if
no answer differs and no probability by more than 1e-5.
"""

from __future__ import print_function

import argparse
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

TOLERANCE = 1e-5
NOISE = 500  # pictures, without --data


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "checkpoint", nargs="*", help="default: the one that comes along, and every network with seeded values"
    )
    parser.add_argument("--data", metavar="DIR", help="folder with MNIST's test files")
    options = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    pictures = mnist(options.data) if options.data else noise()
    folder = tempfile.mkdtemp(prefix="mlinference_")
    passed = True
    try:
        for model in models(options.checkpoint):
            for name, answers, wanted in runs(model, pictures, folder):
                passed = judged(name, answers, wanted) and passed
    finally:
        shutil.rmtree(folder)
    return 0 if passed else 1


def mnist(folder):
    from mlinference.training import dataset

    return dataset.mnist(folder).test.pictures


def noise():
    import numpy

    random = numpy.random.RandomState(0)
    strengths = numpy.linspace(0, 1, NOISE).reshape(-1, 1)
    return (random.uniform(size=(NOISE, 784)) * strengths).astype(numpy.float32)


def settings(**changes):
    """Return the options of `mlinference convert`, changed."""
    table = {"channels": "last", "batch": 0, "bottom_first": False, "force": True}
    return argparse.Namespace(**dict(table, **changes))


def models(paths):
    """Yield the Models of checkpoints; without any, ours and one of every network."""
    from mlinference import networks
    from mlinference.conversion import formats

    for path in paths or [""]:
        yield formats.read(path, settings())
    if not paths:
        for network in networks.NETWORKS:
            yield seeded(network)


def seeded(network, classes=10, seed=0, temperature=1.7):
    """Return a Model with seeded values, small enough that its answers stay doubtful."""
    import numpy

    from mlinference.conversion.model import Model

    random = numpy.random.RandomState(seed)
    variables = {}
    for name, shape in network.variables(classes):
        wide = numpy.sqrt(1.5 / numpy.prod(shape[:-1])) if len(shape) > 1 else 0.1
        variables[name] = random.normal(0, wide, shape).astype(numpy.float32)
    labels = ["class %d" % number for number in range(classes)]
    return Model(network, classes, variables, {"temperature": temperature, "labels": labels})


def runs(model, pictures, folder):
    """Yield (what ran, its probabilities, ours) for one Model."""
    wanted = ours(model, pictures)
    name = model.network.name
    for runtime, run in (("onnxruntime", in_onnxruntime), ("Keras", in_keras)):
        try:
            for said, answers in run(model, pictures, folder):
                yield "%s: %s" % (name, said), answers, wanted
        except ImportError as error:
            print("%s: skipped, %s" % (runtime, error))


def ours(model, pictures):
    """Return our probabilities, by the NumPy engine."""
    import numpy

    parts = [model.predict(pictures[at : at + 500]) for at in range(0, len(pictures), 500)]
    return numpy.concatenate(parts)


def judged(name, answers, wanted):
    """Print how far the answers are apart; return whether they are the same."""
    differ = int((answers.argmax(axis=1) != wanted.argmax(axis=1)).sum())
    furthest = float(abs(answers - wanted).max())
    good = differ == 0 and furthest <= TOLERANCE
    text = "%-7s %s: %d of %d answers differ, probabilities by %.1e"
    print(text % ("ok" if good else "FAILED", name, differ, len(wanted), furthest))
    sys.stdout.flush()
    return good


def in_onnxruntime(model, pictures, folder):
    """Yield (what, probabilities) of the variants of an ONNX file."""
    import numpy
    import onnxruntime

    from mlinference.conversion import formats

    path = os.path.join(folder, "model.onnx")
    height, width, channels = model.network.shape
    shaped = pictures.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
    for said, changes in (("any batch", {}), ("one at a time", {"batch": 1}), ("bottom first", {"bottom_first": True})):
        formats.write(path, model, settings(**changes))
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        fed = shaped[:, :, ::-1] if "bottom_first" in changes else shaped
        size = changes.get("batch", 500)
        parts = [
            session.run(["probabilities"], {"pictures": numpy.ascontiguousarray(fed[at : at + size])})[0]
            for at in range(0, len(fed), size)
        ]
        yield "onnxruntime %s, %s" % (onnxruntime.__version__, said), numpy.concatenate(parts)


def in_keras(model, pictures, folder):
    """Yield (what, probabilities) of every Keras file, and of what Keras makes of it."""
    from tensorflow import keras

    from mlinference.conversion import formats

    version = "Keras " + keras.__version__
    endings = [".h5", ".weights.h5"] + ([".keras"] if keras.__version__ >= "3" else [])
    for channels in ("last", "first"):
        whole = None
        for ending in endings:
            path = os.path.join(folder, "model" + ending)
            changed = settings(channels=channels)
            formats.write(path, model, changed)
            said = "%s, %s, channels %s" % (version, ending, channels)
            loaded = whole
            if ending == ".weights.h5":
                forget(whole)
                whole.load_weights(path)
            else:
                loaded = whole = keras.models.load_model(path, compile=False)
            yield said, predicted(loaded, pictures, model.network.shape, channels)
            again = os.path.join(folder, "again" + ending)
            (loaded.save_weights if ending == ".weights.h5" else loaded.save)(again)
            # Our Flatten puts channels last itself, so that rows are in our order either way.
            back = formats.read(again, settings())
            yield said + ", saved by Keras and converted back", ours(back, pictures)


def forget(loaded):
    """Set all weights of a Keras model to 0."""
    loaded.set_weights([0 * values for values in loaded.get_weights()])


def predicted(loaded, pictures, shape, channels):
    """Return a Keras model's probabilities."""
    shaped = pictures.reshape((-1,) + tuple(shape))
    if channels == "first":
        shaped = shaped.transpose(0, 3, 1, 2)
    return loaded.predict(shaped, batch_size=500, verbose=0)


if __name__ == "__main__":
    sys.exit(main())
