"""Networks of images that are geometry nodes as well: SOP-level `cop2net` and `copnet`.

They turn a picture into flat volumes, one a channel, and, unlike reading pixels through HOM, they
depend on the picture: wired into a node, they make it follow.
"""

import numpy

from hou import cooking, graph, parms, sops, versions
from hou.cooking import CookError
from hou.errors import MARK
from hou.geometry import Column, Detail
from hou.graph import Kind


def cook_image_network(op):
    """The network's own picture, or the one at COP Path, as volumes that carry the dependency."""
    path = sops.evaluate(op, "coppath") if sops.evaluate(op, "usecoppath") else ""
    target = op.find(path) if path else op
    if target is None:
        raise CookError("Unable to find the node '%s'. %s" % (path, MARK))
    source = picture_node(target)
    if source is None:
        return Detail()
    planes = cooking.result(source)
    if planes is None:
        raise CookError("Cook error in input: %s" % source.name)
    wanted = op.channels["planemask"].text().split()
    detail = Detail()
    names = detail.prims.columns["name"] = Column("string", 1, ("",), 0)
    for name, pixels in _volumes(planes, wanted):
        detail.add_volume(*_laid_out(pixels, sops.evaluate(op, "plane")))
        names.rows[-1] = (name,)
    return detail


def picture_node(op):
    """The node whose picture a network gives: render flag for COP2, display for Copernicus."""
    if op.kind.table in ("Cop2", "Cop"):
        return op
    if op.kind.child == "Cop2":
        return op.flagged_child("render", "Cop2") or op.flagged_child("display", "Cop2")
    return op.flagged_child("display", "Cop")


def _volumes(planes, wanted):
    """Name and pixels of each component: C.x is not known here, so C gives one volume a channel."""
    for plane, pixels in planes.components():
        if "*" in wanted or plane.split(".")[0] in wanted:
            yield plane, pixels


def _laid_out(pixels, orientation):
    """A flat grid two units wide; xy stands, zx lies on the ground."""
    height, width = pixels.shape
    tall = height / float(width)
    if orientation == 0:
        return pixels[None, :, :].copy(), numpy.diag((1.0, tall, 0.5 / width)), (0.0, 0.0, 0.0)
    # Voxels stay in x, then y; the transform lays x along z and y along x, as "zx" reads.
    transform = numpy.array([(0.0, 0.0, 1.0), (tall, 0.0, 0.0), (0.0, 0.5 / width, 0.0)])
    return pixels[None, :, :].copy(), transform, (0.0, 0.0, 0.0)


IMAGE_NETWORK = (
    parms.toggle("usecoppath", 0),
    parms.string("coppath", "", string_kind="oppath"),
    parms.integer("frame", 1),
    parms.string("planemask", "*"),
    parms.menu("method", "mesh", "mesh volume"),
    parms.menu("plane", "xy", "xy zx"),
    parms.menu("sampling", "center", "center corner"),
)


def register():
    """Before 17.5 the SOP-level network is not known to give geometry."""
    cooks = cook_image_network if versions.at_least("17.5") else None
    graph.register(Kind("Sop", "cop2net", IMAGE_NETWORK, (0, 4), cooks, child="Cop2"))
    if versions.at_least("20.5"):
        graph.register(Kind("Sop", "copnet", IMAGE_NETWORK, (0, 4), cook_image_network, child="Cop"))
