"""A point for every shape of a page, with its place, its size and its answer."""

import hou
import numpy

from mlinference import errors
from mlinference._compat import native
from mlinference.houdini import bulk

# The group of these points: a preview in the same geometry has points too.
GROUP = "digits"

# What follows the attribute's name in those of a point's answer.
ENDS = ("", "_label", "_confidence", "_margin", "_runnerup")

# And in the detail attribute of all of them, the labels as one word.
TEXT = "_text"

# The attributes of a point's size, and the columns of its place that they are.
SIZES = (("width", 2), ("height", 3), ("pscale", 3))

# Names that the answer cannot have on points; P and Pw are where they are.
TAKEN = ("P", "Pw") + tuple(name for name, _ in SIZES)


def write(geometry, reading, name, ends):
    """Add the points, in reading order.

    Args:
        geometry: The cooking node's own, writable hou.Geometry.
        reading: readings.Reading of every shape.
        name: Of the attribute with the answer; the names of the others begin with it.
        ends: Their ends, of those that are wanted.

    Raises:
        errors.AttributeNameTaken: The points have something else under that name.
    """
    if name in TAKEN:
        raise errors.AttributeNameTaken(name=name)
    places = numpy.array(reading.places, float).reshape(-1, 4)
    points = bulk.create_points(geometry, _centres(places))
    geometry.createPointGroup(GROUP).add(points)
    answers = reading.answers
    columns = (
        numpy.array([found.index for found in answers], int),
        [native(found.label) for found in answers],
        numpy.array([found.confidence for found in answers], float),
        numpy.array([found.margin for found in answers], float),
        numpy.array([found.runner_up for found in answers], int),
    )
    values = dict(zip(ENDS, columns))
    for end in [""] + [end for end in ends if end in values]:
        bulk.set_values(geometry, hou.attribType.Point, name + end, values[end])
    # What Copy to Points scales by is the height.
    for size, column in SIZES:
        bulk.set_values(geometry, hou.attribType.Point, size, places[:, column])


def forget(geometry, name):
    """Take the answers off points that another node has made; the points themselves stay."""
    if geometry.findPointGroup(GROUP) is None:
        return
    for end in ENDS:
        found = geometry.findPointAttrib(name + end)
        if found is not None:
            found.destroy()


def _centres(places):
    centres = numpy.zeros((len(places), 3))
    centres[:, :2] = places[:, :2] + places[:, 2:] / 2
    return centres
