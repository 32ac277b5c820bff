"""What looking costs: a cook with each preview less a cook without, and sixteen digits at once.

Cooks the packed asset in the stand-in scene, with the article's network (its size counts, so
its weights are drawn from a seed) and with the network that comes with the node, on NumPy.
Kinds of cook take turns, and the time is the processor's, so that a busy machine matters
little; the figures are medians.
"""

from __future__ import division, print_function

import argparse
import os
import shutil
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("python2.7libs", "scripts", os.path.join("tests", "stand_ins"))

# Preview -> milliseconds that it may add, with the article's network.
TARGETS = (("picture", 2.0), ("probabilities", 2.0), ("layers", 15.0), ("evidence", None))

# Sixteen digits may take as long as this many cooks of one digit on a page of that size.
MOST_COOKS = 4.0

# Preview None may add this part of a cook: less is not measurable.
NOISE_PART = 0.02

CELL = 112


def main(argv=None):
    """Print a table; return 0 if every target is reached, else 1."""
    options = _parser().parse_args(argv)
    # One thread, before NumPy comes: the others' waiting for work would be counted too.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.path[:0] = [os.path.join(ROOT, folder) for folder in FOLDERS]
    folder = tempfile.mkdtemp(prefix="mlinference_")
    try:
        rows = list(measured(folder, options.repeat))
    finally:
        shutil.rmtree(folder)
    for name, found, target, reached in rows:
        print("%-30s %-22s %-30s %s" % (name, found, target, "" if reached else "MISSED"))
    return 0 if all(row[3] for row in rows) else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py preview",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repeat", type=int, default=60, help="cooks of each kind (default: %(default)s)")
    return parser


def measured(folder, repeat):
    """Yield (name, found, target, whether it is reached)."""
    scene = build(folder)
    node = scene.inference
    for name, prefix in (("article's network", article(folder)), ("bundled network", "")):
        node.parm("checkpoint").set(prefix)
        times = by_turns(node, [("preview", "none")] + [("preview", kind) for kind, _ in TARGETS], repeat)
        node.parm("preview").set("none")
        plain = times[0]
        yield "%s, none" % name, "%.2f ms" % plain, "", True
        for (kind, most), taken in zip(TARGETS, times[1:]):
            target = "" if most is None or prefix == "" else "at most %.0f ms more" % most
            reached = not target or taken - plain <= most
            yield "%s, %s" % (name, kind), "%.2f ms more" % (taken - plain), target, reached
    yield nothing_added(node, repeat)
    yield sixteen(scene, folder, repeat)


def build(folder):
    import hou

    from mlinference.houdini import example

    for name in ("ml_inference.hda", "digit_glyphs.hda"):
        hou.hda.installFile(os.path.join(ROOT, "otls", name))
    scene = example.build(hou.node("/obj"), example.own_drawings())
    scene.inference.parm("engine").set("numpy")
    return scene


def article(folder):
    """Write a checkpoint of the article's network; return its prefix."""
    import numpy

    from mlinference import checkpoint, networks

    random = numpy.random.RandomState(0)
    prefix = os.path.join(folder, "article.ckpt")
    checkpoint.write(
        prefix,
        {
            name: (0.1 * random.randn(*shape)).astype("float32")
            for name, shape in networks.CONVOLUTIONAL.variables(10)
        },
    )
    return prefix


def by_turns(node, settings, repeat):
    """Return the median milliseconds of a cook with each (parameter, token)."""
    times = [[] for _ in settings]
    for turn in range(repeat + 2):
        for (name, token), taken in zip(settings, times):
            node.parm(name).set(token)
            elapsed = timed(lambda: node.cook(force=True))
            if turn >= 2:
                taken.append(elapsed)
    return [median(taken) for taken in times]


def timed(function):
    # Python 2 calls the processor's time by another name.
    clock = getattr(time, "process_time", None) or time.clock
    started = clock()
    function()
    return 1000 * (clock() - started)


def median(values):
    return sorted(values)[len(values) // 2]


def nothing_added(node, repeat):
    """Compare what is written without a preview with the attributes alone."""
    from mlinference.houdini import attributes, cook

    whole = cook.write

    def attributes_alone(geometry, settings, reading, model):
        ends = cook.enabled(settings)
        attributes.write(geometry, cook.name_values(settings.attribute, ends, reading, model))

    times = {whole: [], attributes_alone: []}
    for _ in range(4 * repeat):
        for write in times:
            cook.write = write
            times[write].append(timed(lambda: node.cook(force=True)))
    cook.write = whole
    with_it, without = median(times[whole]), median(times[attributes_alone])
    part = with_it / without - 1
    target = "within %.0f %% either way" % (100 * NOISE_PART)
    return "preview none adds", "%+.1f %% of a cook" % (100 * part), target, part <= NOISE_PART


def sixteen(scene, folder, repeat):
    """Compare sixteen digits on a page with one on a page of the same size."""
    network = scene.out.parent()
    cops = []
    for count in (16, 1):
        cop = network.createNode("file")
        cop.parm("filename1").set(page(folder, count))
        cops.append(cop.path())
    node = scene.inference
    times = []
    for path, read in zip(cops, ("shapes", "one")):
        node.parm("copnode").set(path)
        node.parm("read").set(read)
        node.cook(force=True)
        times.append([])
    for _ in range(repeat):
        for path, read, taken in zip(cops, ("shapes", "one"), times):
            node.parm("copnode").set(path)
            node.parm("read").set(read)
            taken.append(timed(lambda: node.cook(force=True)))
    node.parm("copnode").set(cops[0])
    node.parm("read").set("shapes")
    text = node.geometry().attribValue("result_text")
    ratio = median(times[0]) / median(times[1])
    found = "%.2f cooks of one" % ratio
    return "16 digits (%s)" % text, found, "less than %.0f" % MOST_COOKS, ratio < MOST_COOKS and len(text) == 16


def page(folder, count):
    """Draw `count` of our drawings on a page of 4 by 4 cells."""
    from PIL import Image

    from mlinference.houdini import example

    sheet = Image.new("L", (4 * CELL, 4 * CELL), 255)
    for number in range(count):
        drawing = Image.open(example.own_drawings()[number % 10]).convert("L")
        drawing.thumbnail((CELL - 8, CELL - 8))
        sheet.paste(drawing, (number % 4 * CELL + 4, number // 4 * CELL + 4))
    path = os.path.join(folder, "page_%s.png" % ("full" if count > 1 else "single"))
    sheet.save(path)
    return path


if __name__ == "__main__":
    sys.exit(main())
