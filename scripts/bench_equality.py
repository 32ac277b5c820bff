"""Do both engines give one answer? The whole MNIST test set and noise, through every network.

Weights are seeded, as large as trained ones; --checkpoint adds trained checkpoints. The NumPy
engine is asked twice, for all pictures together and for one at a time, as a cook asks; it takes
different ways then. `make data` obtains MNIST.
"""

from __future__ import division, print_function

import argparse
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

# Largest difference of a probability, and argmax the same wherever it is not a tie within that.
MOST = 1e-5


def main(argv=None):
    """Print a table; return 0 if all answers agree, else 1."""
    options = _parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from mlinference import errors

    folder = tempfile.mkdtemp(prefix="mlinference-equality-")
    try:
        rows = list(_rows(folder, options))
    except (errors.InferenceError, EnvironmentError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    for name, count, difference, others in rows:
        reached = difference < MOST and not others
        found = "%6d pictures, largest difference %.1e, other answers %d" % (
            count,
            difference,
            others,
        )
        print("%-30s %-66s %s" % (name, found, "" if reached else "MISSED"))
    return 0 if all(row[2] < MOST and not row[3] for row in rows) else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py equality",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--mnist", metavar="DIR", default=os.path.join(ROOT, "data", "mnist"))
    parser.add_argument("--checkpoint", nargs="*", default=[], help="trained checkpoints")
    parser.add_argument("--seed", type=int, default=0)
    return parser


def _rows(folder, options):
    """Yield (name, pictures, largest difference, pictures with another answer)."""
    import numpy

    from mlinference import checkpoint, networks

    sets = (("MNIST", _mnist(options.mnist)), ("noise", _noise(options.seed)))
    paths = list(options.checkpoint)
    for network in networks.NETWORKS:
        random = numpy.random.RandomState(options.seed)
        variables = {}
        for name, shape in network.variables(10):
            inputs = numpy.prod(shape[:-1]) if len(shape) > 1 else 100.0
            variables[name] = random.normal(0, (inputs / 3) ** -0.5, shape).astype("float32")
        paths.append(os.path.join(folder, network.name))
        checkpoint.write(paths[-1], variables)
    for path in paths:
        for name, pictures in sets:
            yield _row(path, name, pictures)


def _row(path, name, pictures):
    import numpy

    from mlinference import classifier

    ours = classifier.shared(path, "numpy")
    together = ours.predict(pictures)
    alone = numpy.concatenate([ours.predict(picture[None]) for picture in pictures])
    model = classifier.shared(path, "tensorflow")
    theirs = model.predict(pictures)
    best = theirs.argmax(axis=1)
    differ = (together.argmax(axis=1) != best) | (alone.argmax(axis=1) != best)
    largest = max(float(abs(found - theirs).max()) for found in (together, alone))
    title = "%s, %s, %s" % (os.path.basename(path), name, model.engine)
    classifier.clear()
    return title, len(pictures), largest, int(differ.sum())


def _mnist(folder):
    import numpy

    with open(os.path.join(folder, "t10k-images-idx3-ubyte"), "rb") as stream:
        octets = numpy.frombuffer(stream.read()[16:], numpy.uint8)
    return (octets.reshape(-1, 784) / numpy.float32(255)).astype("float32")


def _noise(seed):
    import numpy

    random = numpy.random.RandomState(seed)
    ink = numpy.linspace(0, 1, 1000)[:, None]
    return (random.rand(1000, 784) * (random.rand(1000, 784) < ink)).astype("float32")


if __name__ == "__main__":
    sys.exit(main())
