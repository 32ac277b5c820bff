"""`python -m mlinference layers IMAGE --out DIR`: what each layer makes of a picture, as PNG.

Writes one file a layer, `00_input.png` first, in the order of computation: a tile a channel,
bright where the layer responds, blue below zero, each layer scaled to its own strongest
response. Houdini shows the same with the node's Preview set to Layers.
"""

from __future__ import print_function

import argparse
import os
import re
import sys

from mlinference import errors
from mlinference._compat import say

# The longer side of a file is about this many pixels, whole pixels for each number.
SIDE = 896


def main(argv=None, prog=None):
    """Write the files; return 0, or 1 after printing what went wrong."""
    options = _parser(prog).parse_args(argv)
    # Need NumPy, which --help does not.
    from mlinference import batch, classifier, files, readings

    try:
        image_module = files.pillow()
        page = files.read_page(options.image)
        model = classifier.shared(options.checkpoint, options.engine, network=options.network)
        settings = batch.Settings("one", options.ink, options.fit, 0.0, -1, "none", False)
        reading = readings.over_frames([page], 0, model, settings)
        seen = model.seen(reading.pictures)
        named = (("input", seen.reshape((1,) + tuple(model.shape))),)
        named += tuple(model.layers(reading.pictures))
        for path in write(named, options.out, image_module, options.image):
            say(path)
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    for caution in reading.cautions:
        print(caution, file=sys.stderr)
    say(_said(reading.answers[0]))
    return 0


def _said(found):
    if found.index < 0:
        return "%d (nothing is drawn)" % found.index
    return "%s (%.1f %%)" % (found.label, 100 * found.confidence)


def _parser(prog):
    parser = argparse.ArgumentParser(
        prog=prog, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("image", metavar="IMAGE", help="picture file")
    add(
        "--checkpoint",
        default="",
        metavar="PATH",
        help="checkpoint, SavedModel or frozen graph; default: the one that comes along",
    )
    add("--network", metavar="NAME", default="", help="of a checkpoint; package.module:function of your own")
    add("--out", required=True, metavar="DIR", help="folder for the files; made if it is not there")
    add("--engine", default="auto", choices=("auto", "tensorflow", "numpy"))
    add("--ink", default="auto", choices=("auto", "dark", "light"))
    add("--fit", default="auto", choices=("auto", "exact", "stretch", "centre"))
    return parser


def write(named_values, folder, image_module, source):
    """Write a PNG for each layer.

    Args:
        named_values: ((name, float [1, height, width, channels] or [1, numbers]), ...).
        folder: Made if it is not there.
        image_module: Pillow's Image.
        source: Path of the picture, which no file may replace.

    Returns:
        The files' paths.

    Raises:
        errors.LayersUnwritable: If a file cannot be written; if it is the picture, none is.
    """
    from mlinference import layout

    paths = [
        os.path.join(folder, "%02d_%s.png" % (number, re.sub(r"[^A-Za-z0-9_.-]", "_", name)))
        for number, (name, _) in enumerate(named_values)
    ]
    for path in paths:
        if _actual(path) == _actual(source):
            raise errors.LayersUnwritable(path=path, reason="It is the picture that is read")
    for path, (_, values) in zip(paths, named_values):
        sheet = (255 * layout.contact_sheet(values)).round().astype("uint8")
        times = max(1, SIDE // max(sheet.shape[:2]))
        image = image_module.fromarray(sheet)
        image = image.resize((image.width * times, image.height * times), image_module.NEAREST)
        try:
            if not os.path.isdir(folder):
                os.makedirs(folder)
            image.save(path)
        except EnvironmentError as error:
            raise errors.LayersUnwritable(path=path, reason=error.strerror or error)
    return paths


def _actual(path):
    return os.path.normcase(os.path.realpath(path))
