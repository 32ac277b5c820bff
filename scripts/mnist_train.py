"""Train a network on pictures of digits and write a checkpoint that the ML Inference node reads.

Without --data MNIST is downloaded once into the user's cache. The last line printed is JSON.
"""

from __future__ import division, print_function

import argparse
import logging
import os
import sys

sys.path.insert(
    0,
    os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "python2.7libs"),
)


def arguments():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--data", metavar="DIR", help="folder with MNIST's four idx files, plain or .gz, or mnist.npz")
    add("--out", metavar="PREFIX", help="checkpoint to write; else data/NETWORK.ckpt, as in the article")
    add("--recipe", default="convolutional", help="how to train: article is the article's own way")
    add("--network", help="network to train instead of the recipe's")
    add("--seed", type=int, default=0, help="of everything that is left to chance")
    add("--steps", type=int, help="instead of the recipe's")
    add("--epochs", type=float, help="instead of the recipe's")
    add("--batch", type=int, help="pictures a step, instead of the recipe's")
    add("--learning-rate", type=float, dest="rate", help="instead of the recipe's")
    add("--threads", type=int, default=0, help="for TensorFlow; 0 lets it choose")
    add("--force", action="store_true", help="replace a checkpoint that is there")
    return parser


def main(argv=None):
    """Train as the command line says; return the exit code."""
    options = arguments().parse_args(argv)
    # TensorFlow's greeting would bury ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    from mlinference import errors
    from mlinference.training import command

    try:
        return command.train(options)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
