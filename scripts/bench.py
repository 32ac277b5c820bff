#!/usr/bin/env python
"""Measure what README claims: `bench.py NAME [options]` runs scripts/bench_NAME.py.

Each prints a table with its targets, and returns 1 if one is missed. `bench.py NAME --help`
tells what it measures.
"""

from __future__ import print_function

import argparse
import glob
import importlib
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main(argv=None):
    """Run one benchmark; return its exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("name", choices=names())
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(arguments[:1])
    sys.path.insert(0, HERE)
    return importlib.import_module("bench_" + options.name).main(arguments[1:])


def names():
    """Return the names of the benchmarks that are there."""
    paths = glob.glob(os.path.join(HERE, "bench_*.py"))
    return sorted(os.path.basename(path)[len("bench_") : -len(".py")] for path in paths)


if __name__ == "__main__":
    sys.exit(main())
