"""Which node holds the picture: a COP, a network's COP, or the image wired into the input.

COP nodes are told by the name of their category, `Cop2` for the compositing nodes of every
Houdini and `Cop` for Copernicus: the class is `hou.CopNode` for the one up to Houdini 20.0
and for the other since 20.5. What is in the pixels is read by `mlinference.houdini.pixels`.
"""

from mlinference import errors, picture
from mlinference._compat import native
from mlinference.houdini import pixels

# The categories of nodes that hold pictures.
COMPOSITING, COPERNICUS = "Cop2", "Cop"


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
    path = native(path).strip()
    if from_input(node, source, path):
        return _from_input(node, plane, channel, transfer, frame)
    return _from_path(node, path, plane, channel, transfer, frame)


def from_input(node, source, path):
    """Tell whether `read` takes the first input, of which Houdini keeps track by itself."""
    return source == "input" or (source == "auto" and not path.strip() and _wired(node) is not None)


def _wired(node):
    inputs = node.inputs()
    return inputs[0] if inputs else None


def _from_path(node, path, plane, channel, transfer, frame):
    cop = picture_node(node, path)
    if _category(cop) == COMPOSITING:
        values = pixels.of_compositing(cop, plane, channel, frame)
    else:
        values = pixels.of_copernicus(cop, plane, channel, frame)
    return picture.Page(values, cop.path(), _linear(cop, channel, transfer))


def _from_input(node, plane, channel, transfer, frame):
    wired = _wired(node)
    if wired is None:
        raise errors.InputNotWired()
    values = pixels.of_geometry(wired, plane, channel, frame)
    return picture.Page(values, wired.path(), _linear(_behind(wired), channel, transfer))


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
    if not path:
        raise errors.PathBlank()
    found = node.node(path)
    if found is None:
        raise errors.NothingAtPath(path=path)
    if _category(found) in (COMPOSITING, COPERNICUS):
        return found
    if _content(found) not in (COMPOSITING, COPERNICUS):
        kind = "%s, a node of the category %s" % (found.type().name(), _category(found))
        raise errors.PathNotCop(path=path, kind=kind)
    return _flagged(_shown(found))


def _category(node):
    return node.type().category().name()


def _content(node):
    category = node.childTypeCategory()
    return category.name() if category is not None else ""


def _shown(network):
    """Return the COP or network that a SOP-level network is told to show, or the network itself."""
    external, path = network.parm("usecoppath"), network.parm("coppath")
    if external is None or path is None or not external.eval():
        return network
    found = network.node(native(path.eval()).strip() or ".")
    if found is None:
        raise errors.NothingAtPath(path=native(path.eval()))
    return found


def _flagged(network):
    """Return the network's COP that shows: the render flag decides, then the display flag."""
    if _category(network) in (COMPOSITING, COPERNICUS):
        return network
    # A network of COPs may hold managers of other kinds, which have none of these flags.
    cops = [child for child in network.children() if _category(child) == _content(network)]
    if not cops:
        raise errors.NetworkEmpty(path=network.path())
    for flag in ("isRenderFlagSet", "isDisplayFlagSet"):
        for cop in cops:
            if hasattr(cop, flag) and getattr(cop, flag)():
                return cop
    raise errors.NetworkWithoutFlag(path=network.path())


def _linear(cop, channel, transfer):
    if transfer != "auto" or channel == "alpha":
        return transfer == "linear" and channel != "alpha"
    return cop is not None and any(_linearizes(each) for each in _upstream(cop))


def _upstream(cop):
    """Return the COP and every COP before it."""
    waiting, seen = [cop], []
    while waiting:
        each = waiting.pop()
        if each is not None and each not in seen:
            seen.append(each)
            waiting.extend(each.inputs())
    return seen


def _linearizes(cop):
    # The compositing File COP's toggle, on by default. A Copernicus File COP has none, and
    # brings a picture of 8 bits into the linear working space by itself.
    if cop.type().name().split("::")[0] != "file":
        return False
    toggle = cop.parm("linearize")
    return bool(toggle.eval()) if toggle is not None else _category(cop) == COPERNICUS


def _behind(wired):
    """Return the COP that a wired cop2net or copnet shows, or None for any other SOP."""
    if _content(wired) not in (COMPOSITING, COPERNICUS):
        return None
    try:
        return _flagged(_shown(wired))
    except errors.SourceError:
        return None
