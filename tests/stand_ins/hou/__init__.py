"""A stand-in for Houdini's `hou`, held to the published surface and to sentences of its docs.

No Houdini is needed: nodes, parameters, cooking, images, geometry and assets are kept here in
memory, with HOM's rules. It keeps state and enforces rules; it never records calls. Which version
it stands in for is read from MLINFERENCE_HOUDINI at import ("21.0" when unset); what that version
lacks is an AttributeError, as is everything that HOM has and the stand-in does not. There is no
`hou.ui`, as in hython. See README.md beside this file for the sentences relied on.
"""

import sys as _sys

from hou import (
    copernicus,
    enums,
    errors,
    functions,
    geometry,
    hda,
    hipfile,
    images,
    late,
    nodes,
    parms,
    sops,
    undo,
    vectors,
    versions,  # first: an unknown version stops everything
    volumes,
)

# What of each file is HOM's; everything else in these files is the stand-in's own.
_FACES = (
    (enums, None),
    (errors, None),
    (functions, None),
    (vectors, None),
    (hda, "hda HDADefinition HDASection HDAModule"),
    (hipfile, "hipFile copyNodesTo"),
    (images, "Cop2Node"),
    (copernicus, "CopNode CopCable ImageLayer"),
    (undo, "undos UndosGroup UndosDisabler"),
    (
        geometry,
        "Geometry Attrib Point Vertex Prim Face Polygon Volume PointGroup PrimGroup",
    ),
    (
        nodes,
        "NetworkItem NetworkMovableItem Node OpNode SopNode ObjNode RopNode SubnetIndirectInput"
        " NodeConnection NodeType NodeTypeCategory"
        " OpNodeType OpNodeTypeCategory OpNodeConnection",
    ),
    (
        parms,
        "Parm ParmTuple ParmTemplate ParmTemplateGroup"
        " IntParmTemplate FloatParmTemplate StringParmTemplate"
        " ToggleParmTemplate MenuParmTemplate ButtonParmTemplate",
    ),
)
# Helpers that live beside HOM's functions.
_OWN = ("refuse", "check_text", "on_disk")


def _faces():
    """Name -> member, of all that HOM has and the stand-in stands in for."""
    found = {}
    for module, names in _FACES:
        if names is None:
            names = " ".join(
                name
                for name, value in vars(module).items()
                if name[0] != "_"
                and name not in _OWN
                and getattr(value, "__module__", None) == module.__name__
            )
        for name in names.split():
            found[name] = getattr(module, name)
    return found


def _choose_classes(faces):
    """Give the class names the meaning that the chosen version has."""
    nodes.CLASSES["Cop2"] = images.Cop2Node
    nodes.CLASSES["Cop"] = copernicus.CopNode
    if not versions.at_least("20.5"):
        images.Cop2Node.__name__ = "CopNode"
        nodes.OpNode.__name__ = "Node"
        faces["CopNode"] = images.Cop2Node
        nodes.OpNodeType.__name__ = "NodeType"
        faces["Node"] = nodes.OpNode
        faces["NodeType"] = nodes.OpNodeType


def _open():
    """Assemble the module: the faces are its members, the files of this package are not."""
    for module in (hda, images, nodes, parms, sops, volumes):
        setattr(late, module.__name__.rpartition(".")[2], module)
    late.hou = _sys.modules[__name__]
    for module in (sops, images, copernicus, volumes):
        module.register()
    hipfile.new_scene()
    faces = _faces()
    versions.shed(dict(faces, OpNode=nodes.OpNode), faces)
    _choose_classes(faces)
    for name in [name for name in globals() if name[0] != "_"]:
        del globals()[name]
    globals().update(faces)


_open()
