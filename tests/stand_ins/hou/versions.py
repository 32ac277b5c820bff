"""Which Houdini is being stood in for, and what it lacks.

HOM grows: names, classes and arguments appear, and a few vanish. The code beside this file is
that of the newest version; `AGES` is the one list of what is younger or older, and `shed` takes
away what the chosen version does not have. Where a first version is not known, the stand-in has
the name only from the oldest version that is known to have it: code that does without runs on all.
"""

import functools
import os

# Version -> the build that answers; each is one that evidence names or that was published.
BUILDS = {
    "16.5": (16, 5, 268),
    "17.5": (17, 5, 293),
    "18.5": (18, 5, 351),
    "19.0": (19, 0, 720),
    "19.5": (19, 5, 605),
    "20.0": (20, 0, 506),
    "20.5": (20, 5, 487),
    "21.0": (21, 0, 512),
    "22.0": (22, 0, 368),
}

NAME = os.environ.get("MLINFERENCE_HOUDINI", "21.0")
if NAME not in BUILDS:
    raise ImportError(
        "No Houdini %r to stand in for. MLINFERENCE_HOUDINI is one of %s. (stand-in)"
        % (NAME, ", ".join(sorted(BUILDS, key=BUILDS.get)))
    )
BUILD = BUILDS[NAME]

AGES = (
    # member, or member(argument); first version that has it; first version that lost it
    ("NodeWarning", "19.0", None),
    ("Cop2Node", "20.5", None),
    ("CopNode", None, None),  # COP2 up to 20.0, Copernicus from 20.5: see choose_classes
    ("OpNode", "20.5", None),
    ("OpNodeType", "20.5", None),
    ("OpNodeTypeCategory", "20.5", None),
    ("OpNodeConnection", "20.5", None),
    ("copNodeTypeCategory", "20.5", None),
    ("phm", "19.5", None),
    ("ImageLayer", "21.0", None),
    ("imageLayerStorageType", "21.0", None),
    ("CopCable", "22.0", None),
    ("attribScope", "20.5", None),
    ("groupScope", "20.5", None),
    ("Attrib.isArrayType", "17.5", None),
    ("Geometry.addArrayAttrib", "17.5", None),
    ("Geometry.createPoints", "17.5", None),
    ("Geometry.createPolygons", "17.5", None),
    ("Geometry.pointCount", "21.0", None),
    ("Geometry.primCount", "21.0", None),
    ("Geometry.vertexCount", "21.0", None),
    ("OpNode.addSpareParmTuple", None, "20.5"),
    ("nodeEventType.ChildReordered", "21.0", None),
    ("nodeEventType.IndirectInputRewired", "20.5", None),
    ("nodeEventType.ParmTupleEnabledChanged", "20.5", None),
    ("nodeEventType.ParmTupleLockChanged", "20.5", None),
    ("nodeEventType.ParmTupleVisibleChanged", "20.5", None),
    ("Geometry.createPointGroup(unique_name)", "20.5", None),
    ("Geometry.createPrimGroup(unique_name)", "20.5", None),
    ("Parm.evalAsNode", "18.5", None),
    ("Parm.pressButton(arguments)", "18.5", None),
    ("OpNode.isTimeDependent(for_last_cook)", "21.0", None),
    ("OpNode.invalidateOutput", "21.0", None),
    ("OpNode.lastCookTime", "20.5", None),
    ("OpNode.addError", "20.5", None),
    ("OpNode.addWarning", "20.5", None),
    ("OpNode.addMessage", "20.5", None),
    ("CopNode.layer", "21.0", None),
    ("CopNode.layerAtFrame", "21.0", None),
    ("CopNode.geometry", "21.0", None),
    ("CopNode.isExportFlagSet", "21.0", None),
    ("CopNode.setExportFlag", "21.0", None),
    ("CopNode.cable", "22.0", None),
    ("InterruptableOperation(timeout_ms)", "21.0", None),
    ("hipFile.isLoadingHipFile", "17.5", None),
    ("nodeEventType.InputDataChanged", "17.5", None),
    ("Volume.channelCount", "21.0", None),
    ("applicationVersion(include_patch)", "20.5", None),
    ("text.expandString(expand_tilde)", "20.5", None),
    ("text.expandStringAtFrame(expand_tilde)", "20.5", None),
)


def number(name):
    """Return a version's name as a tuple that compares: "20.5" -> (20, 5)."""
    return tuple(int(part) for part in name.split("."))


def at_least(name):
    """Whether the chosen version is `name` or younger."""
    return BUILD[:2] >= number(name)


def lacks(first, lost):
    """Whether the chosen version is outside of a row of `AGES`."""
    too_old = first is not None and not at_least(first)
    return too_old or (lost is not None and at_least(lost))


def shed(classes, namespace):
    """Take away whatever the chosen version does not have.

    Args:
        classes: Every class by name, to take methods from.
        namespace: The members of `hou`, to take whole names from.
    """
    for member, first, lost in AGES:
        if lacks(first, lost):
            _remove(classes, namespace, member)


def _remove(classes, namespace, member):
    path, _, argument = member.rstrip(")").partition("(")
    owner, _, name = path.rpartition(".")
    if owner and argument:
        _forbid(classes[owner], name, argument)
    elif owner:
        delattr(classes[owner], name)
    elif not argument:
        namespace.pop(name, None)
    elif isinstance(namespace[name], type):
        _forbid(namespace[name], "__init__", argument)
    else:
        namespace[name] = _without(namespace[name], argument)


def _forbid(owner, name, argument):
    found = vars(owner)[name]
    older = _without(getattr(found, "__func__", found), argument)
    setattr(owner, name, staticmethod(older) if isinstance(found, staticmethod) else older)


def _without(function, argument):
    @functools.wraps(function)
    def older(*args, **kwargs):
        names = function.__code__.co_varnames
        if argument in kwargs or len(args) > names.index(argument):
            raise TypeError(
                "%s() has no argument '%s' in Houdini %s. (stand-in)"
                % (function.__name__, argument, NAME)
            )
        return function(*args, **kwargs)

    older.hidden_argument = argument
    older.newest = function
    return older
