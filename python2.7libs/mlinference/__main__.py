"""`python -m mlinference COMMAND`, in Houdini's Python or any other.

Each command is a module with `main(argv, prog)`, imported when it is asked for, so that
`--help` works where NumPy is missing.
"""

from __future__ import print_function

import argparse
import errno
import importlib
import os
import sys

import mlinference
from mlinference import errors
from mlinference._compat import native, printable

# Command, its module, what it does.
COMMANDS = (
    ("classify", "mlinference.classify", "answer many picture files, alone or on a farm"),
    ("convert", "mlinference.convert", "write a model in another format: ONNX, Keras, NumPy"),
    ("doctor", "mlinference.doctor", "say what works here, and what to do about the rest"),
    ("layers", "mlinference.laboratory", "write what each layer makes of a picture, as PNG"),
)


def main(argv=None):
    arguments = sys.argv[1:] if argv is None else list(argv)
    options = _parser().parse_args(arguments[:1])
    modules = {command: module for command, module, _ in COMMANDS}
    module = importlib.import_module(modules[options.command])
    return module.main(arguments[1:], "mlinference " + options.command)


def run(command=main):
    """Run a command and return its exit code.

    A reader that has gone, as of `| head`, is no error; that NumPy is missing is a sentence.
    """
    try:
        code = command()
        # There may be none: it is closed, or this is a program without a console.
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except IOError as error:
        if error.errno != errno.EPIPE:
            raise
        # Or Python complains once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except (ImportError, SyntaxError) as error:
        # The latter of Python 3's NumPy in Python 2.7.
        missing = _numpy_missing(error)
        if missing is None:
            raise
        print(printable(missing, sys.stderr), file=sys.stderr)
        return 1


def _numpy_missing(error):
    """Return errors.NumPyMissing for what an import raised, None where NumPy can be imported."""
    try:
        # Python 2 keeps a package that it could not read, as an empty one.
        if hasattr(importlib.import_module("numpy"), "ndarray"):
            return None
    except (ImportError, SyntaxError) as again:
        error = again
    reason = "%s: %s" % (type(error).__name__, native(error))
    return errors.NumPyMissing(python="%d.%d" % sys.version_info[:2], reason=reason)


def _parser():
    width = max(len(command) for command, _, _ in COMMANDS)
    listed = ["  %-*s  %s" % (width, command, purpose) for command, _, purpose in COMMANDS]
    parser = argparse.ArgumentParser(
        prog="mlinference",
        description="ML Inference for Houdini %s\n\ncommands:\n%s"
        % (mlinference.__version__, "\n".join(listed)),
        epilog="'mlinference COMMAND --help' says more about one.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s [-h] [--version] COMMAND ...",
    )
    parser.add_argument("--version", action="version", version=mlinference.__version__)
    parser.add_argument(
        "command",
        choices=[command for command, _, _ in COMMANDS],
        metavar="COMMAND",
        help=argparse.SUPPRESS,
    )
    return parser


if __name__ == "__main__":
    sys.exit(run())
