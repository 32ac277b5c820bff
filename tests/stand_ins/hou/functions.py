"""The functions of the `hou` module itself."""

import os

from hou import cooking, enums, expressions, graph, nodes, parms, versions
from hou.errors import check_text, refuse
from hou.state import session
from hou.vectors import Vector2


def applicationVersion(include_patch=False):
    return versions.BUILD + (0,) if include_patch else versions.BUILD


def applicationVersionString():
    return ".".join(str(part) for part in versions.BUILD)


def applicationName():
    return "hython"


def isUIAvailable():
    return False


def root():
    return nodes.wrap(session.root)


def pwd():
    return nodes.wrap(session.directories[-1])


def cd(path):
    found = session.directories[-1].find(path)
    if found is None:
        raise refuse("There is no node at '%s'." % path)
    session.directories[-1] = found


def setPwd(node):
    session.directories[-1] = nodes.unwrap(node)


def parent():
    return pwd().parent()


def node(path):
    """Follow a path from `hou.pwd()`; None when it leads nowhere.

    What an empty path gives is not verified; nobody may rely on it.
    """
    check_text(path, "A path")
    if not path:
        raise refuse("An empty path: what Houdini answers is not known.", kind=TypeError)
    return nodes.wrap(session.directories[-1].find(path))


def nodeBySessionId(session_id):
    return nodes.wrap(session.by_id.get(session_id))


def parm(path):
    return pwd().parm(path)


def parmTuple(path):
    return pwd().parmTuple(path)


def evalParm(path):
    found = parm(path)
    if found is None:
        raise refuse("There is no parameter '%s'." % path)
    return found.eval()


def ch(path):
    return evalParm(path)


def phm():
    return pwd().hdaModule()


def hscriptExpression(expression):
    return expressions.evaluate(
        session.directories[-1],
        check_text(expression, "An expression"),
        enums.exprLanguage.Hscript,
    )


# -- time ---------------------------------------------------------------------------------------


def _clock():
    """Reading the time in an expression makes it time dependent.

    Whether it does so in a node's own code is not documented, so there it does not.
    """
    if session.readers and isinstance(session.readers[-1], parms.Channel):
        session.clock.read()
    return session.clock


def frame():
    return _clock().frame


def intFrame():
    return int(round(_clock().frame))


def time():
    clock = _clock()
    return (clock.frame - 1.0) / clock.fps


def fps():
    return session.clock.fps


def setFrame(frame):
    cooking.check_not_cooking("The frame is set")
    session.clock.set(frame)


def setTime(time):
    setFrame(parms.frame_at(time))


def timeToFrame(time):
    return parms.frame_at(time)


def frameToTime(frame):
    return (frame - 1.0) / session.clock.fps


class playbar(object):
    @staticmethod
    def frameRange():
        return Vector2(session.clock.range)

    @staticmethod
    def setFrameRange(start, end):
        session.clock.range = (float(start), float(end))

    @staticmethod
    def playbackRange():
        return Vector2(session.clock.range)

    @staticmethod
    def setPlaybackRange(start, end):
        session.clock.range = (float(start), float(end))


# -- text and variables ---------------------------------------------------------------------------


def expandString(str):
    return expressions.expand(session.directories[-1], check_text(str, "What is expanded"))


def expandStringAtFrame(str, frame):
    with parms.at_frame(frame):
        return expandString(str)


class text(object):
    @staticmethod
    def expandString(str, expand_tilde=True):
        expanded = expandString(str)
        return os.path.expanduser(expanded) if expand_tilde else expanded

    @staticmethod
    def expandStringAtFrame(str, frame, expand_tilde=True):
        with parms.at_frame(frame):
            return text.expandString(str, expand_tilde)


def getenv(name, default_value=None):
    check_text(name, "A name")
    return session.variables.get(name, os.environ.get(name, default_value))


def putenv(name, value):
    """Set a variable of the session; the process's environment stays as it is."""
    session.variables[check_text(name, "A name")] = check_text(value, "A value")


# -- node types -----------------------------------------------------------------------------------


def nodeTypeCategories():
    names = list(graph.KINDS) + ["Manager", "Director"]
    return {name: nodes.NodeTypeCategory(name) for name in names}


def objNodeTypeCategory():
    return nodes.NodeTypeCategory("Object")


def sopNodeTypeCategory():
    return nodes.NodeTypeCategory("Sop")


def cop2NodeTypeCategory():
    return nodes.NodeTypeCategory("Cop2")


def cop2NetNodeTypeCategory():
    return nodes.NodeTypeCategory("CopNet")


def copNodeTypeCategory():
    return nodes.NodeTypeCategory("Cop")


def ropNodeTypeCategory():
    return nodes.NodeTypeCategory("Driver")


def nodeType(category, name):
    return category.nodeType(name)


# -- long operations -------------------------------------------------------------------------------


class InterruptableOperation(object):
    """Nobody presses Escape in the stand-in."""

    def __init__(
        self, operation_name, long_operation_name="", open_interrupt_dialog=False, timeout_ms=0
    ):
        check_text(operation_name, "A name")
        self._open = False

    def __enter__(self):
        self._open = True
        return self

    def __exit__(self, kind, error, trace):
        self._open = False

    def updateProgress(self, percentage=-1.0):
        if not self._open:
            raise refuse("The operation is not running.")

    def updateLongProgress(self, percentage=-1.0, long_op_status=None):
        self.updateProgress(percentage)


def updateProgressAndCheckForInterrupt(percentage=-1):
    return False
