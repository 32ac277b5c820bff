"""How unsure the node is of pages that hold no digit: confidence below 0.5, kind by kind.

Reads two sets as the node does, with Fit and Ink on Auto: the one that the preparation was looked
at with, and one of other doodles and other photographs. The photographs are scikit-image's; where
it is not installed they are left out, and that is said.
"""

from __future__ import division, print_function

import argparse
import collections
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "python2.7libs"), os.path.join(ROOT, "scripts")]

# Below this the node is not sure, for at least this many per cent of the pages.
SURE, TARGET = 0.5, 95.0

Settings = collections.namedtuple("Settings", "read ink fit threshold fallback smoothing")
AS_THE_NODE = Settings("one", "auto", "auto", 0.0, -1, "none")


def main(argv=None):
    """Print a table; return 0 if every set reaches the target, else 1."""
    options = _parser().parse_args(argv)
    import no_digit_pages

    from mlinference import classifier, errors

    try:
        model = classifier.shared(options.checkpoint, options.engine)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    if no_digit_pages.photographs() is None:
        print("Without photographs: scikit-image is not installed.")
    reached = True
    for name in ("tuned", "held_out"):
        pages = getattr(no_digit_pages, name)(options.count, options.seed)
        for kind, unsure, count in unsure_of(model, pages):
            share = 100 * unsure / count
            text = "%.1f %% of %d" % (share, count)
            target = "" if kind != ALL else "at least %.0f %%" % TARGET
            missed = kind == ALL and share < TARGET
            reached = reached and not missed
            name_of_row = "%s, %s" % (name.replace("_", " "), kind)
            print("%-26s %-20s %-18s %s" % (name_of_row, text, target, "MISSED" if missed else ""))
    return 0 if reached else 1


ALL = "all"


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py no_digit",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--count", type=int, default=200, help="pages of each kind")
    parser.add_argument("--seed", type=int, default=0, help="another one, other pages")
    parser.add_argument("--checkpoint", metavar="PATH", default="", help="blank: the bundled one")
    parser.add_argument("--engine", default="auto", choices=("auto", "tensorflow", "numpy"))
    return parser


def unsure_of(model, pages):
    """Return [(kind, pages with a confidence below SURE, pages), ...], ALL of them last.

    Args:
        model: classifier.Classifier.
        pages: (kind, page values) of pages without a digit.
    """
    from mlinference import picture, readings

    unsure, total = collections.OrderedDict(), collections.OrderedDict()
    for kind, values in pages:
        reading = readings.read([picture.Page(values)], 0, model, AS_THE_NODE)
        for name in (kind, ALL):
            total[name] = total.get(name, 0) + 1
            unsure[name] = unsure.get(name, 0) + (reading.answers[0].confidence < SURE)
    ordered = [kind for kind in total if kind != ALL] + [ALL]
    return [(kind, unsure[kind], total[kind]) for kind in ordered]


if __name__ == "__main__":
    sys.exit(main())
