#!/usr/bin/env python
"""What only a real Houdini can tell, as questions that it answers by itself.

    HOUDINI_PATH="$PWD;&" hython tests/verify_in_houdini.py   # a line a question; exit 1 on a 'no'
    python tests/verify_in_houdini.py --list                  # the questions, as in README

Each line says yes, no, or what was found where either answer is provided for. Please send the
output along: the table in tests/stand_ins/hou/README.md has a column for it.
"""

from __future__ import print_function

import argparse
import os
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OTLS, SOURCES = [os.path.join(ROOT, name) for name in ("otls", "hda")]
WITH_ALPHA = os.path.join(ROOT, "tests", "data", "with_alpha.png")
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

QUESTIONS = []


def question(text):
    """Register a function that answers `text`: True, False, or a string of what was found."""

    def register(function):
        QUESTIONS.append((text, function))
        return function

    return register


@question("Is hda/ left alone when assets are scanned, its folders having no .hda ending?")
def sources_are_no_assets(hou):
    # Before anything is installed by hand: what is loaded now was found by Houdini.
    loaded = [os.path.abspath(path) for path in hou.hda.loadedFiles()]
    if not any(path.startswith(OTLS + os.sep) for path in loaded):
        return "not asked: this Houdini did not scan '%s', see README" % ROOT
    return not any(path.startswith(SOURCES + os.sep) for path in loaded)


@question("Do the packed libraries in otls/ install?")
def libraries_install(hou):
    for name in ("ml_inference.hda", "digit_glyphs.hda"):
        hou.hda.installFile(os.path.join(OTLS, name))
    kinds = hou.sopNodeTypeCategory().nodeTypes()
    return all("mlinference::%s::1.0" % name in kinds for name in ("ml_inference", "digit_glyphs"))


@question("Does the example answer 0 to 9 for our ten drawings?")
def example_answers(hou):
    from mlinference.houdini import example

    scene = fresh_example(hou)
    found = []
    for index in range(len(example.DRAWINGS)):
        scene.choose(index)
        geometry = scene.inference.geometry()
        found.append(None if geometry is None else geometry.attribValue("result"))
    return True if found == list(range(10)) else "answers %s" % (found,)


@question("Does Digit Glyphs show polygons for an answer?")
def glyphs_show(hou):
    geometry = fresh_example(hou).glyphs.geometry()
    return geometry is not None and len(geometry.prims()) > 0


@question("Does Digit Glyphs fail when ML Inference fails, rather than show a 0?")
def glyphs_fail(hou):
    scene = fresh_example(hou)
    scene.inference.parm("copnode").set("/obj/nowhere")
    cook_quietly(hou, scene.glyphs)
    return bool(scene.glyphs.errors())


@question("Is the badge of a NodeError our three lines, whole and without a traceback?")
def badge_is_whole(hou):
    scene = fresh_example(hou)
    scene.inference.parm("copnode").set("/obj/nowhere")
    cook_quietly(hou, scene.inference)
    text = "\n".join(scene.inference.errors())
    whole = (
        "There is no node at '/obj/nowhere'.\nIt was deleted" in text and "Set 'COP Path'" in text
    )
    return True if whole and "Traceback" not in text else "the badge reads %r" % text


@question("Does the Recook button stay silent when the cook fails?")
def recook_is_silent(hou):
    scene = fresh_example(hou)
    scene.inference.parm("copnode").set("/obj/nowhere")
    scene.inference.parm("recook").pressButton()
    return bool(scene.inference.errors())


@question("Does a changed COP leave ML Inference clean, so that Recook is needed?")
def cops_tie_no_dependency(hou):
    scene = fresh_example(hou)
    scene.inference.cook(force=True)
    scene.switch.parm("index").set(7)
    return "a changed COP %s the node" % (
        "dirties" if scene.inference.needsToCook() else "does not dirty"
    )


@question("What does allPixels raise for a plane that is not there?")
def unknown_plane(hou):
    scene = fresh_example(hou)
    return raised(lambda: scene.out.allPixels("Nope"))


@question("What does allPixels raise for a component that is not there?")
def unknown_component(hou):
    scene = fresh_example(hou)
    return raised(lambda: scene.out.allPixels("C", "zz"))


@question("What does a File COP with a missing file do?")
def missing_file(hou):
    from mlinference.houdini import example

    scene = example.build(emptied(hou), [os.path.join(tempfile.gettempdir(), "never", "there.png")])
    cook_quietly(hou, scene.inference)
    return "badge %r; allPixels %s" % (
        scene.inference.errors(),
        raised(lambda: scene.out.allPixels("C")),
    )


@question("What are the components of a plane A?")
def alpha_components(hou):
    from mlinference.houdini import example

    scene = example.build(emptied(hou), [WITH_ALPHA])
    planes = scene.out.planes()
    return "planes %s, %s" % (planes, [scene.out.components(plane) for plane in planes])


@question("Are rows handed out bottom first?")
def bottom_row_first(hou):
    from mlinference.houdini import example

    # Our nine has its loop above: the upper half holds three times the ink of the lower.
    scene = example.build(emptied(hou), [example.own_drawings()[9]])
    values = scene.out.allPixels("C", "r")
    half = len(values) // 2
    return sum(values[half:]) < sum(values[:half])


@question("Does addAttrib take numpy.int64?")
def numpy_scalars(hou):
    import numpy

    geometry = hou.Geometry()
    return raised(lambda: geometry.addAttrib(hou.attribType.Global, "a", numpy.int64(1)))


@question("Is there a NodeWarning, and does it keep the geometry?")
def node_warning(hou):
    if not hasattr(hou, "NodeWarning"):
        return "no hou.NodeWarning here"
    scene = fresh_example(hou)
    # No network is quite sure of our one: its flag could make it a seven.
    scene.choose(1)
    scene.inference.parm("threshold").set(1.0)
    geometry = scene.inference.geometry()
    return bool(scene.inference.warnings()) and geometry is not None


@question("Does a cook that Esc would end go through when nobody presses it?")
def interruptable_cook(hou):
    scene = fresh_example(hou)
    scene.inference.parm("smoothing").set("mean")
    geometry = scene.inference.geometry()
    return geometry is not None and geometry.attribValue("result") == 0


@question("Does the SOP-level COP Network hand its image on as a volume that ML Inference reads?")
def volume_route(hou):
    from mlinference.houdini import example

    geometry = emptied(hou).createNode("geo", "volumes", run_init_scripts=False)
    network = geometry.createNode("cop2net", "page")
    picture = network.createNode("file")
    picture.parm("filename1").set(example.own_drawings()[4].replace(os.sep, "/"))
    picture.setRenderFlag(True)
    picture.setDisplayFlag(True)
    if network.parm("method") is None:
        return "this COP Network has no Method parameter"
    network.parm("method").set("volume")
    node = geometry.createNode(example.INFERENCE_TYPE)
    node.setInput(0, network)
    cook_quietly(hou, node)
    if node.errors():
        return "the badge reads %r" % (node.errors(),)
    return (
        True if node.geometry().attribValue("result") == 4 else "it answers something else than 4"
    )


@question("Which numpy does this Houdini carry?")
def numpy_version(hou):
    import numpy

    return "numpy %s, Python %s" % (numpy.__version__, sys.version.split()[0])


def emptied(hou):
    hou.hipFile.clear(suppress_save_prompt=True)
    return hou.node("/obj")


def fresh_example(hou):
    from mlinference.houdini import example

    return example.build(emptied(hou), example.own_drawings())


def cook_quietly(hou, node):
    try:
        node.cook(force=True)
    except hou.OperationFailed:
        # What the node says is what is asked about.
        return


def raised(call):
    try:
        value = call()
    except Exception as error:  # any kind is an answer here
        return "raises %s: %s" % (type(error).__name__, " ".join(str(error).split()))
    return "returns %s" % type(value).__name__


def ask(hou):
    """Ask everything; returns the number of questions answered with no or not at all."""
    failed = 0
    for text, function in QUESTIONS:
        try:
            found = function(hou)
        except Exception as error:  # one broken answer must not hide the others
            found = None
            text += "\n      could not be asked: %s: %s" % (type(error).__name__, error)
        failed += found in (False, None)
        words = {True: "yes", False: "no", None: "?"}
        print("%-4s %s" % (words.get(found, ""), text))
        if found not in words:
            print("      " + str(found))
    return failed


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", action="store_true", help="print the questions and stop")
    if parser.parse_args(argv).list:
        for text, _ in QUESTIONS:
            print("- " + text)
        return 0
    try:
        import hou
    except ImportError:
        print("There is no Houdini here: run it with hython.", file=sys.stderr)
        return 2
    print("Houdini %s" % hou.applicationVersionString())
    return 1 if ask(hou) else 0


if __name__ == "__main__":
    sys.exit(main())
