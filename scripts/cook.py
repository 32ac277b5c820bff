#!/usr/bin/env python
"""Cook the article's scene for pictures, without Houdini or under hython, and report.

The packed asset library is read, the scene of File, Scale, Null OUT, ML Inference and Digit
Glyphs is built, and the asset's own PythonCook is executed for each picture. Under hython the
real `hou` does all that; elsewhere the stand-in of the test suite does.

What Digit Glyphs shows is the report's `glyph`, and what it complains about is an error, with
exit code 1. A network of more or fewer than ten classes has no glyphs: `glyph` is null, what Digit
Glyphs says does not count, and without --json the answer's label is printed in its place.
"""

from __future__ import print_function

import argparse
import collections
import json
import os
import re
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".exr", ".pic", ".rat", ".pgm")
ASSETS = ("ml_inference.hda", "digit_glyphs.hda")

# What a sheet can be written as by every Pillow; all of these take red, green and blue.
SHEET_ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif")

Report = collections.namedtuple("Report", "image attributes glyph errors warnings")


def main(argv=None):
    arguments = parse(argv)
    if arguments.picture:
        check_place(arguments.picture)
    # TensorFlow's own remarks about the processor; this process is ours to set up.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    hou = import_hou()
    from mlinference.houdini import example

    install_assets(hou, arguments.asset)
    folder = tempfile.mkdtemp(prefix="mlinference_")
    try:
        pictures = [
            as_one_picture(path, folder, number) for number, path in enumerate(arguments.image)
        ]
        scene = example.build(hou.node("/obj"), pictures, scale=arguments.scale)
        set_parameters(hou, scene.inference, arguments)
        scene.glyphs.parm("attribute").set(name_of(scene.inference))
        reports = []
        tiles = []
        for number, path in enumerate(arguments.image):
            scene.choose(number)
            report = naming(path, pictures[number], read_report(scene, path))
            reports.append(report)
            show(report, name_of(scene.inference), arguments.json)
            if arguments.picture:
                tiles.append(tile_of(scene, report))
        if arguments.picture:
            save_sheet(scene, tiles, folder, arguments.picture)
    finally:
        shutil.rmtree(folder)
    return 1 if any(report.errors for report in reports) else 0


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("image", nargs="+", help="picture files, or a folder of them")
    parser.add_argument(
        "--checkpoint",
        metavar="PATH",
        help="checkpoint, SavedModel or frozen graph; default: the one that comes along",
    )
    parser.add_argument(
        "--network", metavar="NAME", help="package.module:function of a network of your own"
    )
    parser.add_argument(
        "--asset", metavar="FILE", help="packed ML Inference library (default: otls/)"
    )
    parser.add_argument(
        "--set",
        metavar="PARM=VALUE",
        action="append",
        default=[],
        help="set a parameter of the node",
    )
    parser.add_argument(
        "--no-scale", dest="scale", action="store_false", help="leave out the Scale COP to 28x28"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--picture",
        metavar="OUT.png",
        help="draw what was drawn, what the network saw, and the glyph",
    )
    arguments = parser.parse_args(argv)
    arguments.set = [split_setting(parser, text) for text in arguments.set]
    if arguments.picture is not None:
        check_picture(arguments.picture, arguments.image)
    arguments.image = [
        path for named in arguments.image for path in pictures_in(named, arguments.picture)
    ]
    if not arguments.image:
        parser.error("no picture in that folder")
    if arguments.asset and not os.path.isfile(arguments.asset):
        parser.error("no asset library at '%s'" % arguments.asset)
    return arguments


def pictures_in(path, sheet=None):
    """Return the pictures of a folder in the order of their names, or the path itself.

    Args:
        path: Of a file or of a folder.
        sheet: Path of a file that is no picture to read, or None.
    """
    if not os.path.isdir(path):
        return [path]
    found = [
        os.path.join(path, name)
        for name in sorted(os.listdir(path))
        if os.path.splitext(name)[1].lower() in PICTURE_ENDINGS
    ]
    return [each for each in found if sheet is None or not same_file(each, sheet)]


def same_file(one, other):
    one, other = [os.path.normcase(os.path.realpath(path)) for path in (one, other)]
    return one == other


def check_picture(path, named):
    """Refuse a --picture that cannot be written, or that would take the place of a drawing.

    Args:
        path: Of the sheet.
        named: Paths of pictures and of folders of them, as they were given.
    """
    try:
        import sheet
    except ImportError as error:
        refuse("'--picture' needs Pillow.\n%s.\nInstall it: pip install pillow." % error)
    if os.path.splitext(path)[1].lower() not in SHEET_ENDINGS:
        refuse(
            "'%s' is no name for a picture.\nIt has to end with one of %s.\n"
            "Give '--picture' such a name." % (path, ", ".join(SHEET_ENDINGS))
        )
    given = any(same_file(one, path) for one in named)
    inside = any(same_file(each, path) for one in named for each in pictures_in(one))
    # The sheet of the run before may lie in the folder, and is drawn anew.
    if given or (inside and not sheet.is_sheet(path)):
        refuse(
            "'%s' is one of the pictures to read.\nThe sheet would take its place.\n"
            "Give '--picture' another name." % path
        )


def check_place(path):
    """Refuse a --picture that the disk does not take, before anything is cooked for it."""
    there = os.path.exists(path)
    try:
        folder = os.path.dirname(os.path.abspath(path))
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with open(path, "ab"):
            pass
        if not there:
            os.remove(path)
    except EnvironmentError as error:
        refuse_to_write(path, error)


def refuse_to_write(path, error):
    refuse(
        "'%s' cannot be written.\n%s.\n"
        "Give '--picture' another place, or make room there." % (path, error.strerror or error)
    )


def split_setting(parser, text):
    name, equals, value = text.partition("=")
    if not equals or not name:
        parser.error("--set takes PARM=VALUE, not '%s'" % text)
    return name, value


def import_hou():
    """Put our code on the path and return `hou`: Houdini's own, or the stand-in."""
    sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))
    try:
        import hou
    except ImportError:
        sys.path.insert(0, os.path.join(ROOT, "scripts"))
        sys.path.insert(0, os.path.join(ROOT, "tests", "stand_ins"))
        try:
            import hou
        except ImportError as error:
            refuse(
                "the stand-in for Houdini needs NumPy and Pillow.\n%s.\n"
                "Install them: pip install numpy pillow. Or run this with hython." % error
            )
    return hou


def install_assets(hou, asset):
    from mlinference import _compat
    from mlinference.houdini import presence

    libraries = [os.path.join(ROOT, "otls", name) for name in ASSETS]
    if asset:
        libraries[0] = os.path.abspath(asset)
    libraries = [_compat.whole(library) for library in libraries]
    for library, operator in zip(libraries, presence.OPERATORS):
        try:
            hou.hda.installFile(library)
            held = [each.nodeTypeName() for each in hou.hda.definitionsInFile(library)]
        except hou.OperationFailed as error:
            refuse("%s\n%s" % (library, error.instanceMessage()))
        if operator not in held:
            refuse(
                "'%s' holds no '%s'.\nIt holds %s.\n"
                "Give '--asset' a library of ML Inference, or leave it out."
                % (library, operator, ", ".join("'%s'" % name for name in held) or "no assets")
            )


def refuse(problem):
    print("cook.py: " + problem, file=sys.stderr)
    raise SystemExit(2)


def as_one_picture(path, folder, number):
    """Return the path of a picture, or of a copy where Houdini would take its name for another.

    For a frame's, a variable's value, or what is no UTF-8.
    """
    from mlinference import _compat

    full = os.path.abspath(path)
    name = _compat.whole(full)
    # Digits count in the file's own name, variables and backticks in the folders' as well.
    taken_for_another = re.search("[0-9]", os.path.basename(path)) or re.search("[$`]", full)
    if not os.path.isfile(path) or (not taken_for_another and os.path.isfile(_compat.system_path(name))):
        return name
    letters = "".join(chr(ord("a") + int(digit)) for digit in str(number))
    copy = os.path.join(folder, "picture_" + letters + os.path.splitext(path)[1])
    shutil.copyfile(path, copy)
    return copy


def set_parameters(hou, node, arguments):
    from mlinference import _compat

    settings = list(arguments.set)
    for name in ("checkpoint", "network"):
        if getattr(arguments, name):
            settings.append((name, getattr(arguments, name)))
    for name, value in settings:
        parm = node.parm(name)
        if parm is None:
            refuse("the node has no parameter '%s'" % name)
        try:
            parm.set(typed(parm, _compat.whole(value)))
        except (hou.OperationFailed, TypeError, ValueError):
            refuse("'%s' does not take '%s'" % (name, value))


def typed(parm, text):
    """Turn a value from the command line into what the parameter holds now: a number or text."""
    held = parm.eval()
    if isinstance(held, (int, float)):
        try:
            return type(held)(text)
        except ValueError:
            return text
    return text


def read_report(scene, path):
    node = scene.inference
    errors = list(node.errors())
    attributes = collections.OrderedDict()
    geometry = None if errors else node.geometry()
    if geometry is not None:
        for attribute in sorted(geometry.globalAttribs(), key=lambda one: one.name()):
            attributes[attribute.name()] = geometry.attribValue(attribute.name())
    # Of several shapes Digit Glyphs shows one on each; what they say together is the text.
    glyph = attributes.get(name_of(node) + "_text")
    if not errors and has_glyphs(node):
        glyph = glyph_of(scene.glyphs) if glyph is None else glyph
        errors = list(scene.glyphs.errors())
    return Report(path, attributes, glyph, errors, list(node.warnings()))


def naming(path, read, report):
    """Let a report's messages name the picture that was given, not the copy that was read."""
    given, read = [each.replace(os.sep, "/") for each in (os.path.abspath(path), read)]
    messages = [
        [message.replace(read, given) for message in said]
        for said in (report.errors, report.warnings)
    ]
    return report._replace(errors=messages[0], warnings=messages[1])


def name_of(node):
    """Return the name of the attribute that ML Inference writes."""
    return node.parm("attribute").eval().strip()


def has_glyphs(node):
    """Tell whether the answer of an ML Inference node that has cooked is one of ten classes."""
    from mlinference import classifier
    from mlinference.houdini import cook, glyphs

    chosen = cook.read_settings(node)
    model = classifier.shared(chosen.checkpoint, chosen.engine, chosen.device, chosen.network)
    return len(model.labels) == glyphs.DIGITS


def glyph_of(asset):
    """Return the text of the Font that the asset shows, or None when it shows none."""
    if asset.geometry() is None:
        return None
    switch = asset.node("switch1")
    chosen = switch.inputs()[switch.parm("input").eval()]
    text = chosen.parm("text")
    return None if text is None else text.evalAsString()


def show(report, name, as_json):
    """Print a report, `name` being that of the attribute with the answer."""
    from mlinference._compat import say

    if as_json:
        print(json.dumps(as_text(report._asdict())))
        return
    image = report.image
    if report.errors:
        say("%s: error" % image)
    else:
        several = name + "_text" in report.attributes
        confidence = None if several else report.attributes.get(name + "_confidence")
        sure = "" if confidence is None else "  (%.1f %%)" % (100.0 * confidence)
        answer = report.glyph or report.attributes.get(name + "_label") or "no glyph"
        say("%s: %s%s" % (image, answer, sure))
    for message in report.errors + report.warnings:
        say("    " + message.replace("\n", "\n    "))


def as_text(value):
    """Return what a report holds as JSON takes it: whatever is text as whole characters."""
    from mlinference import _compat

    if isinstance(value, dict):
        return collections.OrderedDict((name, as_text(held)) for name, held in value.items())
    if isinstance(value, (list, tuple)):
        return [as_text(held) for held in value]
    return _compat.text(value) if isinstance(value, str) else value


def tile_of(scene, report):
    import sheet

    return sheet.tile_of(scene, report)


def save_sheet(scene, tiles, folder, path):
    import sheet

    width = sheet.sheet_width(len(tiles))
    images = [tile.report.image for tile in tiles]
    drawn = sheet.draw(tiles, sheet.bands(scene, images, folder, width))
    try:
        sheet.save(drawn, path)
    except EnvironmentError as error:
        refuse_to_write(path, error)
    print("Wrote %s" % path, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
