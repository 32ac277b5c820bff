"""The guard inside Digit Glyphs: hands the answer on, or says why there is none.

It is the Python SOP `answer`, wired to the asset's first input and merged into its output, so
that an input that fails, fails here as well. An expression alone would not do: HScript's
`detail()` answers 0 for whatever is missing.
"""

import hou

from mlinference import errors
from mlinference.houdini import attributes

# The Switch reads this attribute: the position of the Font, or of the empty one after them.
GLYPH = "glyph"
DIGITS = 10
NO_GLYPH = DIGITS


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
        # The glyph replaces whatever geometry came along with the answer.
        geometry.clear()
        attributes.write(geometry, [(name, index), (GLYPH, NO_GLYPH if index < 0 else index)])
    except errors.InferenceError as error:
        failure = str(error)
    if failure is not None:
        raise hou.NodeError(failure)


def find_answer(node, geometry):
    """Return the attribute's name and the digit that it holds, -1 to 9.

    Raises:
        AnswerMissing, AnswerNotDigit: See there.
    """
    asset = node.parent()
    name = asset.parm("attribute").evalAsString()
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
