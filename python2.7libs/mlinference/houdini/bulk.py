"""Much geometry in few calls.

The calls that Houdini 16.5 is not known to have are done without there, one element at a time.
"""

import hou
import numpy

from mlinference import _compat


def create_points(geometry, positions):
    """Add points at float [points, 3]; return them."""
    if hasattr(geometry, "createPoints"):
        return geometry.createPoints(positions.tolist())
    made = []
    for position in positions.tolist():
        point = geometry.createPoint()
        point.setPosition(position)
        made.append(point)
    return made


def create_polygons(geometry, points, rows):
    """Add closed polygons; return them.

    Args:
        points: All points of the geometry, those just created last.
        rows: A list of positions in `points` for each polygon.
    """
    if hasattr(geometry, "createPolygons"):
        return geometry.createPolygons(rows)
    made = []
    for numbers in rows:
        polygon = geometry.createPolygon()
        for number in numbers:
            polygon.addVertex(points[number])
        made.append(polygon)
    return made


def set_values(geometry, kind, name, values):
    """Set one attribute of all points or of all primitives.

    Args:
        kind: hou.attribType.Point or .Prim.
        values: float [elements] or [elements, size], int [elements], or list of str.
    """
    owner = "Point" if kind == hou.attribType.Point else "Prim"
    old = getattr(geometry, "find%sAttrib" % owner)(name)
    if old is not None:
        old.destroy()
    if isinstance(values, list):
        geometry.addAttrib(kind, name, "")
        getattr(geometry, "set%sStringAttribValues" % owner)(name, values)
    elif values.dtype.kind in "iu":
        geometry.addAttrib(kind, name, 0)
        getattr(geometry, "set%sIntAttribValues" % owner)(name, values.tolist())
    else:
        size = values.shape[1] if values.ndim > 1 else 1
        geometry.addAttrib(kind, name, (0.0,) * size if size > 1 else 0.0)
        data = _compat.packed(numpy.asarray(values, numpy.float32))
        getattr(geometry, "set%sFloatAttribValuesFromString" % owner)(name, data)
