"""Built-in geometry nodes, and the networks that hold them."""

import numpy
from hou import cooking, fonts, graph, hda, parms, versions
from hou.cooking import CookError
from hou.errors import MARK, NodeWarning, OperationFailed
from hou.geometry import Column, Detail, Geometry
from hou.graph import Kind
from hou.state import session

UNLIMITED = 9999


def input_detail(op, index):
    """Geometry of an input, or None where nothing is wired; a failed input fails this node."""
    source = op.input_op(index)
    if source is None:
        return None
    found = cooking.result(source)
    if found is None:
        raise CookError("Cook error in input: %s" % source.name)
    return found


def needed(op, index):
    found = input_detail(op, index)
    if found is None:
        raise CookError("Not enough sources specified. %s" % MARK)
    return found


def pass_through(op):
    found = input_detail(op, 0)
    return Detail() if found is None else found.copy()


def cook_subnet(op):
    """The first output node decides; without one, the node with the display flag."""
    outputs = [child for child in op.children if child.kind.name == "output"]
    outputs.sort(key=lambda child: child.channels["outputidx"].evaluate())
    inner = outputs[0] if outputs else op.flagged_child("display", "Sop")
    if inner is None:
        return Detail()
    found = cooking.result(inner)
    speakers = _message_nodes(op)
    op.warnings += tuple(text for speaker in speakers for text in speaker.warnings)
    if found is None:
        said = [text for speaker in speakers for text in speaker.errors]
        raise CookError("\n".join(said or inner.errors))
    return found.copy()


def _message_nodes(op):
    """Nodes inside of an asset whose messages show on the asset itself."""
    definition = op.kind.definition
    found = [op.find(path) for path in definition.message_nodes] if definition else []
    return [speaker for speaker in found if speaker is not None]


def cook_switch(op):
    """Choose an input; the number is clamped to the inputs that there are."""
    count = op.input_count()
    if not count:
        raise CookError("Not enough sources specified. %s" % MARK)
    wanted = evaluate(op, "input")
    return needed(op, max(0, min(count - 1, wanted))).copy()


def cook_merge(op):
    merged = Detail()
    for index in sorted(op.inputs):
        found = input_detail(op, index)
        if found is not None:
            merged.merge(found)
    return merged


def cook_font(op):
    """Text as polygons in the xy plane, one per shape, holes joined to what is around them."""
    text = evaluate(op, "text")
    size = evaluate(op, "fontsize")
    contours, advance = fonts.outlines(text)
    shapes = [shape * size for glyph in contours for shape in fonts.bridged(glyph)]
    detail = Detail()
    if not shapes:
        return detail
    corners = numpy.concatenate(shapes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    places = _places(low, high)
    across = op.channels["halign"].token(evaluate(op, "halign"))
    along = op.channels["valign"].token(evaluate(op, "valign"))
    shift = (places[across], places[along])
    move = [evaluate(op, name) for name in ("tx", "ty", "tz")]
    for shape in shapes:
        positions = numpy.zeros((len(shape), 3))
        positions[:, :2] = shape + shift
        first = detail.add_points(positions + move)
        detail.add_face(range(first, first + len(shape)))
    return detail


def _places(low, high):
    """How far each alignment moves a text whose box runs from low to high."""
    middle = -(low + high) / 2.0
    return {
        "left": -low[0], "center": middle[0], "right": -high[0],
        "baseline": 0.0, "middle": middle[1], "top": -high[1], "bottom": -low[1],
    }  # fmt: skip


def evaluate(op, name):
    """Evaluate a parameter in a cook: what goes wrong becomes the node's error."""
    try:
        return op.channels[name].evaluate()
    except OperationFailed as error:
        raise CookError("%s: %s" % (op.channels[name].path, error.instanceMessage()))


def cook_attribute(op):
    """Attribute Create, for one detail attribute: enough to put an input before a node."""
    detail = pass_through(op)
    name = evaluate(op, "name1")
    if evaluate(op, "type1") == 0:
        column = Column("float", 1, (float(evaluate(op, "value1v1")),), 1)
    else:
        column = Column("int", 1, (int(evaluate(op, "value1v1")),), 1)
    elements = detail.detail if evaluate(op, "class1") == 0 else detail.points
    column.rows = column._fresh(elements.count)
    elements.columns[name] = column
    return detail


def cook_volume(op):
    detail = Detail()
    voxels = numpy.zeros((1, 1, 1), numpy.float32) + evaluate(op, "initialval1")
    detail.add_volume(voxels, numpy.diag((0.5, 0.5, 0.5)), (0.0, 0.0, 0.0))
    return detail


# -- Python ------------------------------------------------------------------------------------


def cook_python(op, source):
    """Run a cook's code: hou.pwd() is the node, its geometry writable, a copy of input 0."""
    first = input_detail(op, 0) if op.inputs.get(0) else None
    for index in sorted(op.inputs):
        input_detail(op, index)
    handle = Geometry._of_cook(op, Detail() if first is None else first.copy())
    op.handle = handle
    try:
        with session.inside(op):
            hda.execute(source, op)
    except NodeWarning as warning:
        op.warnings += (warning.instanceMessage(),)
    finally:
        handle._writable = False
        op.handle = None
    return handle._own


def cook_python_sop(op):
    return cook_python(op, evaluate(op, "python"))


INPUT_LABELS = tuple(
    parms.string("label%d" % (n + 1), "Sub-Network Input #%d" % (n + 1)) for n in range(4)
)
FONT = (
    parms.menu("type", "poly", "poly bezier"),
    parms.string("file", "Lato Bold"),
    parms.string("text", "Text"),
    parms.menu("halign", "center", "left center right"),
    parms.menu("valign", "baseline", "baseline middle top bottom"),
    parms.Template("t", "Float", size=3, suffixes="xyz"),
    parms.floating("fontsize", 1.0),
    parms.toggle("hole", 1),
)


def _first_file(op):
    """Believed: up to 16.5 a new Geometry object holds a File node, from its creation script."""
    if not versions.at_least("17.0"):
        graph.create(op, graph.find_kind("Sop", "file"), "file1")


def register():
    graph.register(
        Kind("Object", "geo", child="Sop", created=_first_file, label="Geometry"),
        Kind("Object", "subnet", child="Object"),
        Kind("Object", "null"),
        Kind("Sop", "null", inputs=(0, 1), cook=pass_through),
        Kind("Sop", "file", [parms.string("file", "default.bgeo")], (0, 1), pass_through),
        Kind("Sop", "output", [parms.integer("outputidx", 0)], (0, 1), pass_through),
        Kind("Sop", "subnet", INPUT_LABELS, (0, 4), cook_subnet, child="Sop"),
        Kind("Sop", "switch", [parms.integer("input", 0)], (0, UNLIMITED), cook_switch),
        Kind("Sop", "merge", (), (0, UNLIMITED), cook_merge),
        Kind("Sop", "font", FONT, (0, 0), cook_font),
        Kind("Sop", "python", [parms.string("python", "")], (0, 4), cook_python_sop),
        Kind("Sop", "volume", [parms.floating("initialval1", 0.0)], (0, 1), cook_volume),
        Kind(
            "Sop", "attribcreate",
            [
                parms.string("name1", "attribute1"),
                parms.menu("class1", "detail", "detail point"),
                parms.menu("type1", "float", "float int"),
                parms.floating("value1v1", 0.0),
            ],
            (1, 1), cook_attribute,
        ),  # fmt: skip
    )


