"""`python -m mlinference classify PATTERN...`: the answers for many picture files.

One row a picture, as CSV or JSON lines, the same rows in the same order however the work is
divided. Run again, the same command goes on where it was broken off and reads only pictures
that are new or have changed. Exit codes: 0 all pictures were read; 1 the run cannot go on, and
running it again will not help; 2 wrong options; 3 the run is complete, but some pictures could
not be read (their rows say why); 130 stopped by Ctrl-C.
"""

from __future__ import print_function

import argparse
import re
import sys

from mlinference import errors, results

FAILED = 1
INTERRUPTED = 130

# More than any farm or shot has: a slip of the finger ends with a sentence, not with a long wait.
MOST_SHARDS = 10000
MOST_FRAMES = 1000000


def main(argv=None, prog=None):
    options = _options(argv, prog)
    # Needs NumPy, which --help does not.
    from mlinference import batch

    try:
        return batch.merge(options) if options.merge else batch.classify(options)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from here.", file=sys.stderr)
        return INTERRUPTED


def _options(argv, prog):
    parser = _parser(prog)
    options = parser.parse_args(argv)
    if options.out and results.form_of(options.out) is None:
        parser.error("--out ends with one of %s" % ", ".join(sorted(results.ENDINGS)))
    if options.out and options.format not in (None, results.form_of(options.out)):
        parser.error("--format %s is not what the ending of --out asks for" % options.format)
    options.format = options.format or results.CSV
    if options.merge and (not options.out or options.shard):
        parser.error("--merge takes --out, and no --shard")
    if not options.pattern and not options.merge:
        parser.error("give at least one PATTERN")
    if options.frames:
        _check_numbered(parser, options.pattern)
    return options


def _check_numbered(parser, patterns):
    # Needs NumPy, which --help does not.
    from mlinference import files

    for pattern in patterns:
        if not files.numbered(pattern):
            parser.error("--frames takes a frame number like $F4 or ####; '%s' has none" % pattern)


def _parser(prog):
    parser = argparse.ArgumentParser(
        prog=prog, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add(
        "pattern",
        nargs="*",
        metavar="PATTERN",
        help="file, folder (all pictures below), '*.png', or a sequence: 'a.$F4.png', 'a.####.png'",
    )
    add("--frames", type=_frames, default=(), metavar="LIST", help="of a sequence: 1-100, 1-99x2, 7")
    add("--out", metavar="FILE", help="table to write, .csv or .jsonl; else the standard output")
    add("--format", choices=results.FORMS, help="of the standard output, else csv; --out has its ending's")
    add("--force", action="store_true", help="replace other results in --out")
    add("--shard", type=_shard, metavar="I/N", help="only part I of N; writes to OUT.IofN.csv")
    add("--merge", type=_count, metavar="N", help="make --out of its N shards; reads no pictures")
    add(
        "--checkpoint",
        metavar="PATH",
        default="",
        help="checkpoint, SavedModel or frozen graph; default: the one that comes along",
    )
    add("--network", metavar="NAME", default="", help="of a checkpoint; package.module:function of your own")
    add("--engine", choices=("auto", "tensorflow", "numpy"), default="auto")
    add("--device", choices=("auto", "cpu", "gpu"), default="auto")
    add("--ink", choices=("auto", "dark", "light"), default="auto")
    add("--fit", choices=("auto", "exact", "stretch", "centre"), default="auto")
    add("--linear", action="store_true", help="the files hold linear light")
    add("--threshold", type=_threshold, default=0.0, help="'Not Sure Below' of the node")
    add("--fallback", type=int, default=-1, help="'Fallback' of the node")
    return parser


def _frames(text):
    frames = []
    for part in text.split(","):
        found = re.match(r"(\d+)(?:-(\d+)(?:x([1-9]\d*))?)?$", part.strip())
        if not found:
            raise argparse.ArgumentTypeError("'%s' is not like 1-100, 1-99x2 or 7" % part)
        first = int(found.group(1))
        last = int(found.group(2) or first)
        step = int(found.group(3) or 1)
        if last < first:
            raise argparse.ArgumentTypeError(
                "'%s' goes backwards; write %d-%d" % (part, last, first)
            )
        if len(frames) + (last - first) // step >= MOST_FRAMES:
            raise argparse.ArgumentTypeError("'%s' is more than %d frames" % (text, MOST_FRAMES))
        frames += range(first, last + 1, step)
    return tuple(frames)


def _shard(text):
    found = re.match(r"(\d+)/(\d+)$", text)
    number, count = (int(each) for each in found.groups()) if found else (0, 0)
    if not 1 <= number <= count:
        raise argparse.ArgumentTypeError("'%s' is not I/N, like 1/4 to 4/4" % text)
    if count > MOST_SHARDS:
        raise argparse.ArgumentTypeError("'%s' is more than %d shards" % (text, MOST_SHARDS))
    return number, count


def _count(text):
    if not re.match(r"[1-9]\d*$", text):
        raise argparse.ArgumentTypeError("'%s' is not a number of shards" % text)
    if int(text) > MOST_SHARDS:
        raise argparse.ArgumentTypeError("'%s' is more than %d shards" % (text, MOST_SHARDS))
    return int(text)


def _threshold(text):
    try:
        value = float(text)
    except ValueError:
        value = None
    # What is not a number is in no range either.
    if value is None or not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("'%s' is not a number from 0 to 1" % text)
    return value
