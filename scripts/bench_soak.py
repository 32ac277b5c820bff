"""Does memory grow? Cooks and reloads by the thousand, and what stays resident after them.

Each engine runs in this one process: a third of the cooks and reloads first, for allocators
to find their size, then all of them in ten parts. What a part leaves goes up and down by some
megabytes; a leak shows in the least of each half, so twice the difference of these counts.
"""

from __future__ import division, print_function

import argparse
import gc
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

# Resident bytes that all cooks and reloads together may add.
MOST = 5e6

PARTS = 10


def main(argv=None):
    """Print a table; return 0 if memory stays, else 1."""
    options = _parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import bench_engines

    from mlinference import errors

    folder = tempfile.mkdtemp(prefix="mlinference-soak-")
    missed = 0
    try:
        bench_engines.write_checkpoints(folder)
        for engine in options.engines:
            try:
                growth = _growth(os.path.join(folder, "one.ckpt"), engine, options)
            except errors.TensorFlowError as error:
                print("%-12s not measured: %s" % (engine, error.found))
                continue
            missed += growth >= MOST
            found = "%d cooks and %d reloads: %+.1f MB" % (
                options.cooks,
                options.reloads,
                growth / 1e6,
            )
            target = "under %.0f MB" % (MOST / 1e6)
            print("%-12s %-44s %-16s %s" % (engine, found, target, "MISSED" * (growth >= MOST)))
    finally:
        shutil.rmtree(folder)
    return 1 if missed else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py soak",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--cooks", type=int, default=10000)
    parser.add_argument("--reloads", type=int, default=200)
    parser.add_argument(
        "--engines", nargs="+", default=["numpy", "tensorflow"], choices=["numpy", "tensorflow"]
    )
    return parser


def _growth(prefix, engine, options):
    import bench_engines

    part = options.cooks // PARTS, max(1, options.reloads // PARTS)
    for _ in range(PARTS // 3):
        _run(prefix, engine, *part)
    resident = []
    for _ in range(PARTS):
        _run(prefix, engine, *part)
        resident.append(bench_engines.resident())
    half = PARTS // 2
    return 2 * (min(resident[half:]) - min(resident[:half]))


def _run(prefix, engine, cooks, reloads):
    import numpy

    from mlinference import classifier

    picture = numpy.random.RandomState(1).rand(1, 784).astype("float32")
    between = max(1, cooks // max(1, reloads))
    for number in range(cooks):
        if number % between == 0:
            classifier.reload(prefix)
        classifier.shared(prefix, engine).predict(picture)
    classifier.clear()
    gc.collect()


if __name__ == "__main__":
    sys.exit(main())
