"""How much sooner our recipes reach what the article's does: accuracies and times, as ratios.

The article's recipe is timed over some of its 20 000 steps, or over all with --full; ours run
to their end, each with several seeds. Run it on a quiet machine: ratios of one run compare,
seconds of two machines do not.
"""

from __future__ import division, print_function

import argparse
import json
import logging
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "python2.7libs"), os.path.join(ROOT, "scripts")]

# Recipe and changes -> least test accuracy, most of the article's time (0: none was set).
RUNS = (
    ("convolutional", (), 0.992, 1 / 8),
    ("convolutional", ("--float32",), 0.992, 1 / 8),
    ("thorough", (), 0.994, 1 / 3),
    ("thorough", ("--epochs", "18"), 0.995, 1),
    ("softmax", (), 0.92, 0),
    ("perceptron", (), 0.98, 0),
    ("compact", (), 0.985, 0),
)


def main(argv=None):
    """Print a table; return 0 if every target is reached, else 1."""
    options = _parser().parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    from mlinference import errors

    try:
        rows = list(measured(options))
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    print(
        "\n%-26s %-22s %9s %16s" % ("recipe", "test accuracy, seeds", "seconds", "of the article's")
    )
    for name, found, seconds, part, said in rows:
        print("%-26s %-22s %9.1f %16s  %s" % (name, found, seconds, part, said))
    return 1 if any(row[-1] == "MISSED" for row in rows) else 0


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py training",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--mnist", metavar="DIR", default=os.path.join(ROOT, "data", "mnist"))
    add("--seeds", type=int, default=3, help="runs of each recipe")
    add("--steps", type=int, default=600, help="of the article's recipe that are timed")
    add("--full", action="store_true", help="run the article's recipe to its end")
    add("--only", metavar="RECIPE", action="append", help="of ours; else all")
    add("--threads", type=int, default=0, help="for TensorFlow; 0 lets it choose")
    return parser


def measured(options):
    """Yield (recipe, accuracies, seconds, part of the article's, verdict) for each run."""
    article, said = _article(options)
    yield said[0], said[1], article, "1", said[2]
    for name, changes, least, most in RUNS:
        if options.only and name not in options.only:
            continue
        runs = [_run(options, name, changes, seed) for seed in range(options.seeds)]
        seconds = sum(each[1] for each in runs) / len(runs)
        found = " ".join("%.2f" % (100 * accuracy) for accuracy, _ in runs)
        reached = min(each[0] for each in runs) >= least and (not most or seconds <= article * most)
        part = "1 / %.1f" % (article / seconds)
        yield " ".join((name,) + changes), found, seconds, part, "" if reached else "MISSED"


def _article(options):
    """Return (seconds of the article's 20 000 steps, what to print of it)."""
    if options.full:
        accuracy, seconds = _run(options, "article", (), 0)
        return seconds, ("article", "%.2f" % (100 * accuracy), "")
    steps = ("--steps", str(options.steps))
    # Of some steps the validations would take a larger part than of all: one is enough.
    _, seconds = _run(options, "article", steps, 0, validations=1)
    from mlinference.training import recipes

    whole = seconds * recipes.recipe("article")["steps"] / options.steps
    return whole, ("article", "-", "from %d steps" % options.steps)


def _run(options, name, changes, seed, validations=None):
    """Train once; return (test accuracy, seconds from the first step to the last validation)."""
    import mnist_train

    from mlinference.training import command

    given = ["--data", options.mnist, "--recipe", name, "--seed", str(seed)]
    given += ["--threads", str(options.threads)] + list(changes)
    given = mnist_train.arguments().parse_args(given)
    table = command.recipe(given)
    if validations is not None:
        table["validations"] = validations
    network = command.named(table["network"])
    data = command.load(given, network, table)
    session = command.Session(given, table, network, data)
    began = time.time()
    session.begin()
    session.run.go()
    seconds = time.time() - began
    session.served.load(session.run.best)
    accuracy = command.right(session.served.logits(data.test.pictures), data.test.labels)
    print(
        json.dumps({"recipe": name, "seed": seed, "test": accuracy, "seconds": round(seconds, 1)})
    )
    return accuracy, seconds


if __name__ == "__main__":
    sys.exit(main())
