"""Which node holds the picture: a COP, a network's COP, or the image wired into the input.

COP nodes are told by the name of their category, `Cop2` for the compositing nodes of every
Houdini and `Cop` for Copernicus: the class is `hou.CopNode` for the one up to Houdini 20.0
and for the other since 20.5. What is in the pixels is read by `mlinference.houdini.pixels`.
"""

import collections

from mlinference import errors, picture
from mlinference._compat import native
from mlinference.houdini import parameters, pixels

# The categories of nodes that hold pictures.
COMPOSITING, COPERNICUS, GEOMETRY = "Cop2", "Cop", "Sop"

READERS = {
    COMPOSITING: pixels.of_compositing,
    COPERNICUS: pixels.of_copernicus,
    GEOMETRY: pixels.of_geometry,
}

# The hou.Node that holds a picture, and its category.
Holder = collections.namedtuple("Holder", "node category")


def read(node, source="auto", path="", plane="", channel="luminance", transfer="auto", frame=None):
    """Read the picture that an ML Inference node points at.

    Args:
        node: The hou.SopNode; `path` is relative to it.
        source: "path", "input", or "auto": the path when it is set, else the first input.
        path: A COP, or a network of COPs.
        plane: Name of an image plane; blank for C, or the first where there is no C.
        channel: "luminance", "r", "g", "b" or "alpha".
        transfer: "linear" or "display", how the values are stored; "auto" takes them for
            linear light where a File COP on the way has linearized them.
        frame: Frame to read it at; None for the current time.

    Returns:
        picture.Page, rows top first. Alpha is returned as it is: 0 paper, 1 ink.

    Raises:
        errors.SourceError: One of its classes, each with its own cure.
    """
    return page(holder(node, source, path, frame), plane, channel, transfer, frame)


def holder(node, source="auto", path="", frame=None):
    """Find the node that holds the picture at a frame; arguments and errors as `read`'s.

    Returns:
        Holder.
    """
    path = native(path).strip()
    if not from_input(node, source, path):
        return _at_path(node, path, frame)
    wired = _wired(node)
    if wired is None:
        raise errors.InputNotWired()
    return Holder(wired, GEOMETRY)


def page(held, plane="", channel="luminance", transfer="auto", frame=None):
    """Read the picture that a Holder holds; the other arguments as `read`'s."""
    values = READERS[held.category](held.node, plane, channel, frame)
    cop = held.node if held.category != GEOMETRY else _behind(held.node)
    return picture.Page(values, held.node.path(), _linear(cop, plane, channel, transfer))


def from_input(node, source, path):
    """Tell whether `read` takes the first input, of which Houdini keeps track by itself."""
    return source == "input" or (source == "auto" and not path.strip() and _wired(node) is not None)


def _wired(node):
    inputs = node.inputs()
    return inputs[0] if inputs else None


def picture_node(node, path):
    """Resolve a path to the COP whose pixels are read.

    Args:
        node: Relative paths start here.
        path: A COP, or a network: then its COP with the render flag, else the display flag. A
            network that shows an external COP or network counts as that one.

    Raises:
        errors.SourceError: The path is blank, leads nowhere, to another kind of node, or to
            a network without a flagged COP.
    """
    return _at_path(node, path).node


def _at_path(node, path, frame=None):
    if not path:
        raise errors.PathBlank()
    found = node.node(path)
    if found is None:
        raise errors.NothingAtPath(path=path)
    category = _category(found)
    if category in (COMPOSITING, COPERNICUS):
        return Holder(found, category)
    return _shown(found, _cops(found, category, path), frame)


def _cops(network, category, path):
    """Return the category of the COPs in a network of them."""
    content = _content(network)
    if content not in (COMPOSITING, COPERNICUS):
        kind = "'%s', of the category %s" % (network.type().name(), category)
        raise errors.PathNotCop(path=path, kind=kind)
    return content


def is_cop(node):
    """Tell whether a node makes pictures, rather than being a network of such nodes."""
    return _category(node) in (COMPOSITING, COPERNICUS)


def _category(node):
    return node.type().category().name()


def _content(node):
    category = node.childTypeCategory()
    return category.name() if category is not None else ""


def _shown(network, content, frame=None):
    """Return the Holder of what a network of COPs shows: its own COP, or an external one."""
    path = external_path(network, frame)
    if path is None:
        return Holder(_flagged(network, content), content)
    found = network.node(path.strip() or ".")
    if found is None:
        raise errors.NothingAtPath(path=path)
    category = _category(found)
    if category in (COMPOSITING, COPERNICUS):
        return Holder(found, category)
    content = _cops(found, category, path)
    return Holder(_flagged(found, content), content)


def external_path(network, frame=None):
    """Return the path of what a network of COPs shows in place of its own, None if it does not.

    Args:
        network: The hou.Node.
        frame: Frame to look at, for an expression may change the path; None for the current time.

    Raises:
        errors.ParameterFailed: One of its parameters cannot be evaluated.
    """
    if network.parm("usecoppath") is None or network.parm("coppath") is None:
        return None
    if not parameters.evaluated(network, "usecoppath", other=True, frame=frame):
        return None
    return native(parameters.evaluated(network, "coppath", other=True, frame=frame))


def _flagged(network, content):
    """Return the network's COP that shows: the render flag decides, then the display flag."""
    children = network.children()
    for flag in ("isRenderFlagSet", "isDisplayFlagSet"):
        for child in children:
            # A network of COPs may hold managers, which have no flags, and their like.
            if hasattr(child, flag) and getattr(child, flag)() and _category(child) == content:
                return child
    if any(_category(child) == content for child in children):
        raise errors.NetworkWithoutFlag(path=network.path())
    raise errors.NetworkEmpty(path=network.path())


def _linear(cop, plane, channel, transfer):
    if channel == "alpha" or transfer == "display":
        return False
    if transfer == "linear":
        return True
    if plane in pixels.ALPHA_PLANES:
        return False
    return cop is not None and any(_linearizes(each) for each in _upstream(cop))


def _upstream(cop):
    """Yield the COP and every COP before it, those of a compositing subnet's picture among them."""
    waiting, seen = [cop], []
    while waiting:
        each = waiting.pop()
        if each is not None and each not in seen:
            seen.append(each)
            yield each
            waiting.extend(each.inputs())
            if _content(each) == COMPOSITING:
                waiting.append(_flagged_or_none(each))


def _flagged_or_none(subnet):
    try:
        return _flagged(subnet, COMPOSITING)
    except errors.SourceError:
        # A subnet that is used fails by itself; this one is not.
        return None


def _linearizes(cop):
    # The compositing File COP's toggle, on by default. A Copernicus File COP has none, and
    # brings a picture of 8 bits into the linear working space by itself.
    if cop.type().name().split("::")[0] != "file":
        return False
    if cop.parm("linearize") is None:
        return _category(cop) == COPERNICUS
    try:
        return bool(parameters.evaluated(cop, "linearize"))
    except errors.ParameterFailed:
        # A COP that is used fails by itself; this one is not.
        return False


def _behind(wired):
    """Return the COP that a wired cop2net or copnet shows, or None for any other SOP."""
    content = _content(wired)
    if content not in (COMPOSITING, COPERNICUS):
        return None
    try:
        return _shown(wired, content).node
    except errors.InferenceError:
        return None
