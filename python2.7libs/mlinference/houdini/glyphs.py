"""The guard inside Digit Glyphs: hands the answer on, or says why there is none.

It is the Python SOP `answer`, wired to the asset's first input and merged into its output, so
that an input that fails, fails here as well. An expression alone would not do: HScript's
`detail()` answers 0 for whatever is missing.
"""

import collections

import hou
import numpy

from mlinference import errors
from mlinference.houdini import attributes, bulk, figures, parameters
from mlinference.houdini.figures import TEXT

# The Switch reads this attribute: the position of the Font, or of the empty one after them.
GLYPH = "glyph"
DIGITS = 10
NO_GLYPH = DIGITS

# The Fonts beside this node, by their digit.
FONTS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

# Polygons: float [points, 3] about the middle, a unit high, and point numbers of each polygon.
Outline = collections.namedtuple("Outline", "points rows")


def cook(node):
    """Check the answer on the input and write which glyph to show.

    Args:
        node: The cooking Python SOP, a child of the Digit Glyphs asset.

    Raises:
        hou.NodeError: Nothing is wired in, or the input does not hold a digit's number.
    """
    failure = None
    geometry = node.geometry()
    try:
        name, index = find_answer(node, geometry)
        several = geometry.findPointGroup(figures.GROUP)
        if several is not None and _has_answers(geometry, name):
            show_several(node, geometry, name, several.points())
        else:
            show_one(geometry, name, index)
    except errors.InferenceError as error:
        failure = str(error)
    if failure is not None:
        raise hou.NodeError(failure)


def _has_answers(geometry, name):
    """Tell whether the points are those of Every Shape; a group of that name may be anybody's."""
    found, height = geometry.findPointAttrib(name), geometry.findPointAttrib("height")
    if found is None or height is None:
        return False
    return attributes.fits(found, 0) and attributes.fits(height, 0.0)


def show_one(geometry, name, index):
    """Let the Switch show the digit in place of whatever geometry came along with the answer."""
    geometry.clear()
    attributes.write(geometry, [(name, index), (GLYPH, NO_GLYPH if index < 0 else index)])


def show_several(node, geometry, name, points):
    """Copy the digit of each point onto it, as high as its shape times Size."""
    size = parameters.evaluated(node.parent(), "fontsize")
    places = [
        (point.attribValue(name), list(point.position()), point.attribValue("height") * size)
        for point in points
    ]
    wrong = [digit for digit, _, _ in places if not -1 <= digit < DIGITS]
    if wrong:
        wired = [source for source in node.parent().inputs() if source is not None]
        raise errors.AnswerNotDigit(attribute=name, node=wired[0].path(), value=wrong[0])
    kept = [(name, geometry.attribValue(name)), (GLYPH, NO_GLYPH)]
    text = geometry.findGlobalAttrib(name + TEXT)
    if text is not None and attributes.fits(text, ""):
        kept.append((name + TEXT, geometry.attribValue(name + TEXT)))
    geometry.clear()
    attributes.write(geometry, kept)
    outlines = {
        digit: outline(node.node("../" + FONTS[digit]).geometry())
        for digit in {place[0] for place in places}
        if 0 <= digit < DIGITS
    }
    copies = [
        (outlines[digit], at, height)
        for digit, at, height in places
        if outlines.get(digit) is not None and 0 < height < float("inf")
    ]
    if copies:
        _copy(geometry, copies)


def outline(geometry):
    """Take a Font's polygons apart; None of a Font that shows nothing, as with a size of 0."""
    points = numpy.array(geometry.pointFloatAttribValues("P")).reshape(-1, 3)
    if not len(points) or not numpy.ptp(points[:, 1]) > 0:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    rows = [[vertex.point().number() for vertex in prim.vertices()] for prim in geometry.prims()]
    return Outline((points - (low + high) / 2) / (high - low)[1], rows)


def _copy(geometry, copies):
    placed = [shape.points * height + at for shape, at, height in copies]
    starts = numpy.cumsum([0] + [len(each) for each in placed])
    rows = [
        [number + start for number in row]
        for (shape, _, _), start in zip(copies, starts.tolist())
        for row in shape.rows
    ]
    bulk.create_polygons(geometry, bulk.create_points(geometry, numpy.concatenate(placed)), rows)


def find_answer(node, geometry):
    """Return the attribute's name and the digit that it holds, -1 to 9.

    Raises:
        AnswerMissing, AnswerNotDigit: See there.
    """
    asset = node.parent()
    name = asset.parm("attribute").evalAsString().strip()
    wired = [source for source in asset.inputs() if source is not None]
    if not wired:
        raise errors.NothingWired(node=asset.path())
    attribute = geometry.findGlobalAttrib(name) if attributes.VALID_NAME.match(name) else None
    if attribute is None:
        raise errors.AnswerMissing(attribute=name, node=wired[0].path())
    value = geometry.attribValue(name)
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value < DIGITS:
        raise errors.AnswerNotDigit(attribute=name, node=wired[0].path(), value=value)
    return name, value
