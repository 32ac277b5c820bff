"""Train a network on pictures of digits and write a checkpoint that the ML Inference node reads.

Without --data MNIST is taken from where `make data` puts it, or else downloaded once into the
user's cache. The last line printed is JSON.
"""

from __future__ import division, print_function

import argparse
import errno
import logging
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

# Where `make data` and `make fonts` put what they fetch.
FETCHED = os.path.join(ROOT, "data")

DATA = (
    "folder with MNIST's four idx files, plain or .gz, or mnist.npz; or a folder of class "
    "folders of pictures; or a CSV file of path,label"
)
CLUSTER = (
    "train in several processes: ps=HOST:PORT,worker=HOST:PORT,HOST:PORT (of which this is --job "
    "and --task), or local:N for one server and N workers here; else what TF_CONFIG says"
)
RESUME = (
    "go on with an interrupted run, with its recipe, changes and seed, and the data that it had, "
    "which may be elsewhere now; options that tell how and where, like --threads, --report and "
    "--logdir, may be others"
)
FONTS = "what fetch_fonts.py has fetched, for the recipe of the bundled checkpoint"


def arguments():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--data", metavar="PATH", default=_fetched("mnist"), help=DATA)
    add("--out", metavar="PREFIX", help="checkpoint to write; else data/NETWORK.ckpt")
    add("--recipe", default="convolutional", help="how to train; article is the article's own way")
    add(
        "--network",
        metavar="NAME",
        help="network to train, instead of the recipe's; package.module:function of your own",
    )
    add("--seed", type=int, default=0, help="of everything that is left to chance")
    add("--steps", type=int, help="instead of the recipe's; 0 counts epochs")
    add("--epochs", type=float, help="times that each picture is seen, instead of the recipe's")
    add("--batch", type=int, help="pictures a step, instead of the recipe's")
    add(
        "--optimizer",
        choices=("sgd", "momentum", "rmsprop", "adam", "eigen"),
        help="instead of the recipe's",
    )
    add("--learning-rate", type=float, dest="rate", help="highest, instead of the recipe's")
    add("--schedule", choices=("constant", "cosine", "staircase"), help="instead of the recipe's")
    add("--l2", type=float, help="weight decay, instead of the recipe's")
    add("--keep-prob", type=float, help="of dropout, 1 is none; instead of the recipe's")
    add("--augmentation", choices=("", "slight", "light", "strong"), help="instead of the recipe's")
    add("--align", choices=("", "moments"), help="drawings first, instead of the recipe's")
    add("--patience", type=int, help="validations without a better one before stopping; 0 never")
    add("--beginnings", type=int, help="first values to try, instead of the recipe's")
    add("--float32", dest="bfloat16", action="store_const", const=False, help="never use bfloat16")
    add("--threads", type=int, default=0, help="for TensorFlow; 0 lets it choose")
    add("--fonts", metavar="DIR", default=os.path.join(FETCHED, "fonts"), help=FONTS)
    add("--force", action="store_true", help="replace a checkpoint that is there")
    add("--resume", action="store_true", help=RESUME)
    add("--report", metavar="DIR", help="folder for curves, confusion matrix and metrics.csv")
    add("--logdir", metavar="DIR", help="folder for TensorBoard")
    add("--cluster", metavar="JOBS", help=CLUSTER)
    add("--job", metavar="JOB", help="of this process in the cluster: ps, worker or chief")
    add("--task", type=int, metavar="N", help="of this process in its job, from 0")
    add("--wait", type=float, default=300.0, help="seconds for missing processes of the cluster")
    add("--compare-optimizers", action="store_true", help="draw them in one picture; no checkpoint")
    return parser


def _fetched(name):
    folder = os.path.join(FETCHED, name)
    return folder if os.path.isdir(folder) else None


def given_of(argv):
    """Return the names of the options that the command line gives, whatever their values."""
    parser, absent = arguments(), object()
    names = vars(parser.parse_args([]))
    found = parser.parse_args(argv, argparse.Namespace(**dict.fromkeys(names, absent)))
    return {name for name, value in vars(found).items() if value is not absent}


def main(argv=None):
    """Train as the command line says; return the exit code."""
    options = arguments().parse_args(argv)
    options.given = given_of(argv)
    given = sys.argv[1:] if argv is None else list(argv)
    options.command = [sys.executable, os.path.abspath(__file__)] + given
    # TensorFlow's greeting would bury ours.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    from mlinference import errors
    from mlinference.training import command, saving
    from mlinference.training.cluster import roles

    try:
        return roles.train(options)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(saving.stopped(options.out), file=sys.stderr)
        return command.INTERRUPTED
    except EnvironmentError as error:
        if error.errno != errno.EPIPE:
            raise
        print("Stopped: what it prints has no reader any more, as with `| head`.", file=sys.stderr)
        return 1


def _leave():
    """Train, and end this process with the exit code, without waiting for servers that are gone."""
    code = main()
    from mlinference.training.cluster import server

    server.leave(code)


if __name__ == "__main__":
    from mlinference import __main__ as commands

    sys.exit(commands.run(_leave))
