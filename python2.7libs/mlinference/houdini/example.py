"""The article's network in one click: drawings in, a digit in geometry out.

    File COPs -> Switch -> Scale to 28x28 -> Null OUT (render flag)
    ML Inference (reads OUT) -> Digit Glyphs

The shelf tool, the demo and the tests build it with this code, through `hou` calls that every
supported version has.
"""

import os

import hou

from mlinference._compat import whole

# The drawings that come with the package, in the order of the Switch.
DRAWINGS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
DRAWINGS_FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "drawings")

INFERENCE_TYPE = "mlinference::ml_inference::1.0"
GLYPHS_TYPE = "mlinference::digit_glyphs::1.0"

# The picture that the article's network takes, in pixels.
SIDE = 28


class Example(object):
    """The nodes of one example.

    Attributes:
        switch: The Switch COP that picks the drawing by its `index`.
        out: The Null COP `OUT`.
        inference: The ML Inference SOP.
        glyphs: The Digit Glyphs SOP.
    """

    def __init__(self, switch, out, inference, glyphs):
        self.switch = switch
        self.out = out
        self.inference = inference
        self.glyphs = glyphs

    def choose(self, index):
        """Show drawing number `index`, from 0, and cook what depends on it."""
        self.switch.parm("index").set(index)
        # Reading a COP's pixels ties no dependency, so the node is told.
        self.inference.parm("recook").pressButton()


def own_drawings():
    """Return the paths of the drawings that come with the package, zero first, as HOM takes them."""
    return [whole(os.path.join(DRAWINGS_FOLDER, name + ".png")) for name in DRAWINGS]


def build(parent, pictures, scale=True):
    """Build the network below `parent`.

    Args:
        parent: A hou.Node that holds objects, such as `hou.node('/obj')`.
        pictures: Paths of image files, at least one. Houdini takes the last number in a file's
            name for a frame number, so names without digits are best.
        scale: False leaves the Scale COP out: ML Inference sees each picture's own size.

    Returns:
        Example.

    Raises:
        hou.OperationFailed: The two assets are not installed.
    """
    drawings = parent.createNode("cop2net", "drawings")
    files = [_file(drawings, path) for path in pictures]
    switch = drawings.createNode("switch", "pick")
    for position, node in enumerate(files):
        switch.setInput(position, node)
    out = drawings.createNode("null", "OUT")
    out.setInput(0, _scaled(drawings, switch) if scale else switch)
    out.setDisplayFlag(True)
    out.setRenderFlag(True)
    drawings.layoutChildren()

    geometry = parent.createNode("geo", "answer", run_init_scripts=False)
    inference = geometry.createNode(INFERENCE_TYPE, "ml_inference")
    inference.parm("copnode").set(drawings.path())
    glyphs = geometry.createNode(GLYPHS_TYPE, "digit_glyphs")
    glyphs.setInput(0, inference)
    glyphs.setDisplayFlag(True)
    glyphs.setRenderFlag(True)
    geometry.layoutChildren()
    return Example(switch, out, inference, glyphs)


def _file(network, path):
    node = network.createNode("file")
    node.parm("filename1").set(path.replace(os.sep, "/"))
    return node


def _scaled(network, source):
    node = network.createNode("scale", "to_28x28")
    node.setInput(0, source)
    node.parm("scaletype").set("res")
    node.parmTuple("imageres").set((SIDE, SIDE))
    # A box averages; Houdini's default, a sinc, rings around strokes as dark as ink.
    node.parm("downfilter").set("box")
    return node


def create_and_show(kwargs=None):
    """What the shelf tool does: build the example with our drawings in /obj.

    Args:
        kwargs: Houdini's shelf tool arguments; not needed.
    """
    example = build(hou.node("/obj"), own_drawings())
    example.inference.setSelected(True, clear_all_selected=True)
    return example
