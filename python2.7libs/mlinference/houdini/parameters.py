"""What a parameter says, or a sentence about why it says nothing."""

import hou

from mlinference import errors
from mlinference._compat import native

# Characters of a failed expression's complaint that a badge has room for.
LONGEST_REASON = 200

# Of a definition that somebody else made, or cut down.
NONE = "The node has no parameter of that name."


def evaluated(node, name, tokens=None, other=False, frame=None):
    """Return a parameter's value.

    Args:
        node: The hou.Node.
        name: Of the parameter.
        tokens: Of a menu's choices. Menus answer with their token, never with its position.
        other: It is not the cooking node, so that messages name it.
        frame: Frame to evaluate it at, if it has no tokens; None for the current time.

    Raises:
        errors.ParameterFailed: Its expression cannot be evaluated.
        errors.ChoiceUnknown: An expression or a script has chosen what the menu does not have.
    """
    try:
        if tokens is None:
            return node.evalParm(name) if frame is None else node.parm(name).evalAtFrame(frame)
        parm = node.parm(name)
        value = None if parm is None else parm.evalAsString()
        if value in tokens:
            return value
        reason = NONE if parm is None else None
    except hou.OperationFailed as error:
        reason = _told(error)
    # Outside of the except block, lest Python 3 show the cause as a second traceback.
    if reason is not None:
        whose = native(node.path()) + ": " if other else ""
        raise errors.ParameterFailed(label=whose + _label(node, name), reason=reason)
    known = ", ".join("'%s'" % native(each) for each in node.parm(name).menuLabels())
    raise errors.ChoiceUnknown(label=_label(node, name), value=value, known=known)


def _label(node, name):
    parm = node.parm(name)
    return native(parm.description()) if parm is not None else name


def _told(error):
    said = error.instanceMessage() if hasattr(error, "instanceMessage") else str(error)
    said = " ".join(native(said).split()) or type(error).__name__
    return said if len(said) <= LONGEST_REASON else said[:LONGEST_REASON] + "..."
