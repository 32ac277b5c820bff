#!/usr/bin/env python
"""Exchange checkpoints between environments: what one wrote, every other restores alike.

    data DIR               lay out a small MNIST for a short training, from tests/data
    write PREFIX           write a seeded checkpoint with NumPy alone
    answer PREFIX FILE     save this environment's probabilities of the test pictures
    compare DIR FILE       restore DIR/*/*.ckpt with every engine, compare with the writer's answers
    versions FILE          say which Python, NumPy and TensorFlow these are

Runs inside each environment of scripts/matrix.py; FILE is JSON, or .npy for `answer`.
"""

from __future__ import division, print_function

import argparse
import glob
import gzip
import io
import json
import os
import platform
import struct
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SAMPLE = os.path.join(ROOT, "tests", "data", "mnist_sample")
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

IMAGES = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")
LABELS = ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")
# The trainer holds 5000 pictures out; the sample's thousand are repeated until there are more.
REPEATS = {"train-images-idx3-ubyte": 8, "train-labels-idx1-ubyte": 8}

# Largest difference of a probability between two engines on the same variables.
TOLERANCE = 1e-5

SEED = 20171231


def main(argv=None):
    options = _parser().parse_args(argv)
    return options.run(options)


def lay_out_data(options):
    if not os.path.isdir(options.dir):
        os.makedirs(options.dir)
    for name in IMAGES + LABELS:
        with gzip.open(os.path.join(SAMPLE, name + ".gz"), "rb") as stream:
            content = stream.read()
        with io.open(os.path.join(options.dir, name), "wb") as stream:
            stream.write(repeated(content, 16 if name in IMAGES else 8, REPEATS.get(name, 1)))
    return 0


def repeated(content, header, times):
    """Return an idx file's content with its items `times` over."""
    magic, count = struct.unpack(">2i", content[:8])
    return struct.pack(">2i", magic, count * times) + content[8:header] + content[header:] * times


def write(options):
    """Write the article's network with seeded variables, through no TensorFlow at all."""
    import numpy

    from mlinference import checkpoint, networks

    random = numpy.random.RandomState(SEED)
    variables = {}
    for name, shape in networks.named("convolutional").variables(10):
        inputs = numpy.prod(shape[:-1]) if len(shape) > 1 else 100.0
        variables[name] = random.normal(0, inputs**-0.5, shape).astype("float32")
    checkpoint.write(options.prefix, variables)
    return 0


def answer(options):
    import numpy

    numpy.save(options.file, probabilities(options.prefix, "auto")[0])
    return 0


def compare(options):
    """Compare every checkpoint with its writer's answers; exit code 1 where one differs."""
    import numpy

    rows = []
    for index in sorted(glob.glob(os.path.join(options.dir, "*", "*.ckpt.index"))):
        prefix = index[: -len(".index")]
        expected = numpy.load(prefix + ".npy")
        for engine in engines():
            found, called = probabilities(prefix, engine)
            difference = float(abs(found - expected).max())
            rows.append(
                {
                    "writer": os.path.basename(os.path.dirname(prefix)),
                    "engine": called,
                    "pictures": len(found),
                    "difference": difference,
                    "equal": difference <= TOLERANCE,  # also False where one is not a number
                }
            )
            print("%(writer)-16s restored by %(engine)s: %(difference).1e" % rows[-1])
    save_json(options.file, rows)
    return 0 if rows and all(row["equal"] for row in rows) else 1


def probabilities(prefix, engine):
    """Return (float32 [200, 10], engine's name) for the sample's test pictures."""
    from mlinference import classifier

    chosen = classifier.shared(prefix, engine=engine)
    return chosen.predict(test_pictures()), chosen.engine


def test_pictures():
    """Return MNIST's first 200 test pictures, float32 [200, 784], rows top first."""
    import numpy

    with gzip.open(os.path.join(SAMPLE, IMAGES[1] + ".gz"), "rb") as stream:
        content = stream.read()
    pictures = numpy.frombuffer(content[16:], numpy.uint8).reshape(-1, 784)
    return pictures.astype("float32") / numpy.float32(255)


def engines():
    return ("tensorflow", "numpy") if tensorflow_version() else ("numpy",)


def versions(options):
    import numpy

    save_json(
        options.file,
        {
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "tensorflow": tensorflow_version(),
        },
    )
    return 0


def tensorflow_version():
    """Return TensorFlow's version, or None where the environment has none on purpose."""
    try:
        import tensorflow
    except ImportError:
        return None
    return str(tensorflow.__version__)


def save_json(path, value):
    with io.open(path, "wb") as stream:
        stream.write(json.dumps(value, indent=1, sort_keys=True).encode("ascii"))


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True
    for name, run, places in (
        ("data", lay_out_data, ("dir",)),
        ("write", write, ("prefix",)),
        ("answer", answer, ("prefix", "file")),
        ("compare", compare, ("dir", "file")),
        ("versions", versions, ("file",)),
    ):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        for place in places:
            command.add_argument(place)
    return parser


if __name__ == "__main__":
    sys.exit(main())
