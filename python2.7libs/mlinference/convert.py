"""`python -m mlinference convert SRC DST`: models from one format into another.

The formats are known by the ends of the names: .onnx, .keras, .h5 (a whole Keras model),
.weights.h5 (its weights), .npz, and a TensorFlow checkpoint for everything else, but for the
ends of formats that are not written, like .pb and .tflite. What was written is read back and
has to answer as what was read, before it takes its name.
"""

from __future__ import print_function

import argparse
import sys

from mlinference import errors
from mlinference._compat import say

# Largest difference of two probabilities that rounding explains.
TOLERANCE = 1e-5

# Pictures that both are asked about: noise of all strengths, which makes close answers.
PICTURES = 32

# ONNX has sizes of 64 bits, and what runs it often of 32.
MOST_PICTURES = 2**31 - 1

INTERRUPTED = 130


def main(argv=None, prog=None):
    options = _parser(prog).parse_args(argv)
    try:
        for line in convert(options):
            say(line)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; what was there before is unchanged.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser(prog):
    parser = argparse.ArgumentParser(
        prog=prog, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("source", metavar="SRC", help="model to read; '' for the one that comes along")
    add("target", metavar="DST", help="file to write")
    add("--force", action="store_true", help="replace DST")
    add("--network", metavar="NAME", default="", help="that SRC is of; package.module:function of your own")
    add("--channels", choices=("first", "last"), default="last", help="in Keras files; default last")
    add("--batch", type=_count, default=0, metavar="N", help="ONNX: exactly N pictures; default any")
    add(
        "--bottom-first",
        action="store_true",
        help="ONNX: pictures come bottom row first, as Houdini's volumes do",
    )
    return parser


def _count(text):
    number = int(text)
    if not 0 <= number <= MOST_PICTURES:
        raise ValueError(text)
    return number


# argparse says the name of what refuses a value.
_count.__name__ = "number of pictures"


def convert(options):
    """Convert, and yield lines to show.

    Raises:
        errors.InferenceError: If that fails.
    """
    from mlinference.conversion import formats

    model = formats.read(options.source, options)
    for remark in model.remarks:
        yield remark
    differences = []

    def check(path):
        differences.append(compare(model, _read_back(path, options)))
        if not differences[0] <= TOLERANCE:
            found = "Their probabilities differ by %.1e" % differences[0]
            raise errors.ConversionWrong(path=options.target, found=found)

    formats.write(options.target, model, options, check)
    yield "Wrote %s: %s, the network '%s' with %d classes." % (
        options.target,
        formats.of(options.target).name,
        model.network.name,
        model.classes,
    )
    yield "Read back, its probabilities differ by %.1e at most." % differences[0]
    if model.aligned:
        yield "Its pictures are aligned first, which programs elsewhere do not know."
        yield "Call mlinference.moments.align there, or train with --align ''."


def _read_back(path, options):
    """Return the Model of what was written.

    Raises:
        errors.ConversionWrong: If there is none; names the file that was asked for.
    """
    from mlinference.conversion import formats

    try:
        return formats.read(path, options)
    except errors.InferenceError as error:
        found = "Read back: " + error.found.rstrip(".")
        raise errors.ConversionWrong(path=options.target, found=found)


def compare(one, other):
    """Return the largest difference between two Models' probabilities."""
    import numpy

    random = numpy.random.RandomState(0)
    shape = (PICTURES, int(numpy.prod(one.network.shape)))
    strengths = numpy.linspace(0, 1, PICTURES).reshape(-1, 1)
    pictures = (random.uniform(size=shape) * strengths).astype(numpy.float32)
    return float(abs(one.predict(pictures) - other.predict(pictures)).max())
