"""Networks of images that are geometry nodes as well: SOP-level `cop2net` and `copnet`.

They turn a picture into flat volumes, one a channel, and, unlike reading pixels through HOM, they
depend on the picture: wired into a node, they make it follow.
"""

import numpy
from hou import cooking, copernicus, graph, images, parms, sops, versions
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
    found = cooking.result(source)
    if found is None:
        raise CookError("Cook error in input: %s" % source.name)
    if isinstance(found, list):
        found = copernicus.as_picture(found) if found else images.Picture(0, 0)
    wanted = op.channels["planemask"].text().split()
    orientation = sops.evaluate(op, "plane")
    detail = Detail()
    if op.channels["method"].text() == "mesh":
        add_mesh(detail, found, wanted)
    else:
        add_picture(detail, found, wanted, orientation)
    return detail


def add_picture(detail, picture, wanted, orientation):
    """Add one volume a channel, named C.r, C.g, ...; `orientation` 0 stands, 1 lies."""
    names = detail.prims.columns["name"] = Column("string", 1, ("",), 0)
    for name, pixels in picture.components():
        if "*" in wanted or name.split(".")[0] in wanted:
            detail.add_volume(*_laid_out(pixels, orientation))
            names.rows[-1] = (name,)


def add_mesh(detail, picture, wanted):
    """A point per pixel with the colour in Cd, in rows from the bottom."""
    plane = picture.planes.get("C")
    if plane is None or not ("*" in wanted or "C" in wanted):
        return
    height, width = plane.pixels.shape[:2]
    rows, columns = numpy.mgrid[0:height, 0:width]
    flat = numpy.zeros((height * width, 3))
    flat[:, 0], flat[:, 1] = columns.ravel() / float(width), rows.ravel() / float(width)
    detail.add_points(flat)
    colour = detail.points.columns["Cd"] = Column("float", 3, (1.0, 1.0, 1.0), height * width)
    colour.rows[:] = plane.pixels.reshape(-1, plane.pixels.shape[2])[:, :3]
    for row in range(height - 1):
        for column in range(width - 1):
            first = row * width + column
            detail.add_face([first, first + width, first + width + 1, first + 1])


def picture_node(op):
    """The node whose picture a network gives: render flag for COP2, display for Copernicus."""
    if op.kind.table in ("Cop2", "Cop"):
        return op
    if op.kind.child == "Cop2":
        return op.flagged_child("render", "Cop2") or op.flagged_child("display", "Cop2")
    return op.flagged_child("display", "Cop")


def _laid_out(pixels, orientation):
    """Voxels [z][y][x], transform and centre of a flat grid two units wide.

    The plane names the axes of the picture's width and height. That "zx" turns the volume's
    resolution, and not its transform, is believed; the help page says only that the plane
    decides the axes.
    """
    height, width = pixels.shape
    tall, thin = height / float(width), 0.5 / width
    centre = (0.0, 0.0, 0.0)
    if orientation == 0:
        return pixels[None, :, :].copy(), numpy.diag((1.0, tall, thin)), centre
    return pixels.T[:, None, :].copy(), numpy.diag((tall, thin, 1.0)), centre


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
        cooks = cook_image_network
        graph.register(Kind("Sop", "copnet", IMAGE_NETWORK, (0, 4), cooks, child="Cop"))
