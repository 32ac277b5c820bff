"""Geometry: columns of attributes, primitives, and HOM's Geometry, Point, Prim, Vertex, Attrib.

`Detail` is the data; `Geometry` is HOM's handle on it. A handle that was asked for outside of the
node's own cook is live: it follows the node's later cooks, and it is read-only.
"""

import collections
import re

import numpy
from hou import cooking, enums, late
from hou.arrays import to_bytes
from hou.enums import attribData, attribType
from hou.errors import (
    MARK,
    GeometryPermissionError,
    InvalidGeometry,
    InvalidInput,
    InvalidSize,
    ObjectWasDeleted,
    check_text,
    refuse,
)
from hou.vectors import BoundingBox, Matrix3, Vector3

ATTRIBUTE_NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
WHOLE_NUMBERS = (int,) if str is not bytes else (int, long)  # noqa: F821
BUILTIN = WHOLE_NUMBERS + (float, str)
KINDS = {"int": attribData.Int, "float": attribData.Float, "string": attribData.String}
DEFAULTS = (("int", WHOLE_NUMBERS), ("float", WHOLE_NUMBERS + (float,)), ("string", str))
# Defaults of one value, which most attributes have.
PLAIN = {int: "int", float: "float", str: "string"}
TYPES = {"int": numpy.int32, "float": numpy.float32}
CLASSES = {
    attribType.Point: "points",
    attribType.Prim: "prims",
    attribType.Vertex: "vertices",
    attribType.Global: "detail",
}


class Column(object):
    """One attribute of one class: a row of `size` values per element, 32 bit as in Houdini."""

    def __init__(self, kind, size, default, count, is_array=False, normal=False):
        self.kind = kind
        self.size = size
        self.default = default
        self.is_array = is_array
        self.normal = normal
        self.rows = self._fresh(count)

    def _fresh(self, count):
        if self.is_array:
            return [() for _ in range(count)]
        if self.kind == "string":
            # HOM documents that a string attribute ignores its default.
            return [("",) * self.size for _ in range(count)]
        rows = numpy.empty((count, self.size), TYPES[self.kind])
        rows[:] = self.default
        return rows

    def copy(self):
        twin = Column.__new__(Column)
        twin.__dict__.update(self.__dict__)
        twin.rows = list(self.rows) if isinstance(self.rows, list) else self.rows.copy()
        return twin

    def grow(self, count):
        more = self._fresh(count)
        if isinstance(self.rows, list):
            self.rows.extend(more)
        else:
            self.rows = numpy.concatenate((self.rows, more))

    def keep(self, indices):
        if isinstance(self.rows, list):
            self.rows = [self.rows[index] for index in indices]
        else:
            self.rows = self.rows[numpy.asarray(indices, dtype=int)]

    def listed(self, index):
        """One element's values as a tuple of builtins."""
        row = self.rows[index]
        return tuple(row) if isinstance(self.rows, list) else tuple(row.tolist())

    def element(self, index):
        """One element's value as HOM hands it out: a builtin, or a tuple if the size is not 1."""
        values = self.listed(index)
        return values[0] if self.size == 1 and not self.is_array else values

    def assign(self, index, value):
        values = self._checked(value)
        if isinstance(self.rows, list):
            self.rows[index] = values
        else:
            self.rows[index] = values

    def _checked(self, value):
        values = tuple(value) if isinstance(value, (tuple, list)) or _is_vector(value) else (value,)
        if self.is_array:
            if not isinstance(value, (tuple, list)):
                raise refuse("An array attribute takes a flat sequence.")
            # Documented: values at the end that do not complete a tuple are discarded.
            values = values[: len(values) // self.size * self.size]
        elif len(values) != self.size:
            raise refuse("The attribute has %d values, not %d." % (self.size, len(values)))
        for item in values:
            check_builtin(item)
            if not isinstance(item, _accepted(self.kind)):
                raise refuse(
                    "A %s cannot be the value of a %s attribute."
                    % (type(item).__name__, self.kind)
                )
        return values


def _accepted(kind):
    return {"int": WHOLE_NUMBERS, "float": (float,), "string": (str,)}[kind]


def _is_vector(value):
    return type(value).__module__ == "hou.vectors"


def check_builtin(value):
    """Refuse numpy's scalars unless they are Python's own number as well.

    What Houdini does with them on Python 3 is not verified; code that passes here passes there.
    """
    if not isinstance(value, BUILTIN):
        raise TypeError("A %s is not a value for an attribute. %s" % (type(value).__name__, MARK))
    if isinstance(value, str):
        check_text(value, "A value")


def describe_default(value):
    """Return kind, size and tuple of a default value, as addAttrib reads it."""
    if type(value) in PLAIN:
        check_builtin(value)
        return PLAIN[type(value)], 1, (value,)
    values = tuple(value) if isinstance(value, (tuple, list)) or _is_vector(value) else (value,)
    if not values:
        raise refuse("A default value has at least one component.")
    for item in values:
        check_builtin(item)
    kinds = set(map(type, values))
    for kind, accepted in DEFAULTS:
        if all(issubclass(each, accepted) for each in kinds):
            return kind, len(values), values
    raise refuse("The default value mixes types.")


class Elements(object):
    """All attributes of one class, and how many elements it has."""

    def __init__(self, count=0):
        self.count = count
        self.columns = collections.OrderedDict()

    def copy(self):
        twin = Elements(self.count)
        for name, column in self.columns.items():
            twin.columns[name] = column.copy()
        return twin

    def grow(self, count):
        self.count += count
        for column in self.columns.values():
            column.grow(count)

    def keep(self, indices):
        self.count = len(indices)
        for column in self.columns.values():
            column.keep(indices)

    def append(self, other):
        """Add another geometry's elements; what either lacks has its default."""
        for name, column in other.columns.items():
            if name not in self.columns:
                fresh = column.copy()
                fresh.rows = fresh._fresh(self.count)
                self.columns[name] = fresh
        for name, mine in self.columns.items():
            theirs = other.columns.get(name)
            same = theirs is not None and (theirs.kind, theirs.size) == (mine.kind, mine.size)
            rows = theirs.rows if same else mine._fresh(other.count)
            if isinstance(mine.rows, list):
                mine.rows = mine.rows + list(rows)
            else:
                mine.rows = numpy.concatenate((mine.rows, rows))
        self.count += other.count


class Face_(object):
    """A polygon's data: the points of its vertices, in order."""

    kind = "Polygon"

    def __init__(self, points, closed=True):
        self.points = list(points)
        self.closed = closed

    def copy(self):
        return Face_(self.points, self.closed)


class Grid(object):
    """A volume's data: voxels indexed [z][y][x], and how its box lies in space."""

    kind = "Volume"

    def __init__(self, point, voxels, transform, center):
        self.points = [point]
        self.voxels = voxels
        self.transform = transform
        self.center = center
        self.closed = False

    def copy(self):
        twin = Grid(self.points[0], self.voxels.copy(), self.transform, self.center)
        return twin


class Detail(object):
    """A whole geometry."""

    def __init__(self):
        self.points = Elements()
        self.points.columns["P"] = Column("float", 3, (0.0, 0.0, 0.0), 0)
        self.vertices = Elements()
        self.prims = Elements()
        self.detail = Elements(1)
        self.faces = []
        self.point_groups = collections.OrderedDict()
        self.prim_groups = collections.OrderedDict()

    def copy(self):
        twin = Detail.__new__(Detail)
        for name in ("points", "vertices", "prims", "detail"):
            setattr(twin, name, getattr(self, name).copy())
        twin.faces = [face.copy() for face in self.faces]
        twin.point_groups = collections.OrderedDict(
            (name, set(members)) for name, members in self.point_groups.items()
        )
        twin.prim_groups = collections.OrderedDict(
            (name, set(members)) for name, members in self.prim_groups.items()
        )
        return twin

    @property
    def positions(self):
        return self.points.columns["P"].rows

    def add_points(self, positions):
        first = self.points.count
        self.points.grow(len(positions))
        if len(positions):
            self.positions[first:] = positions
        return first

    def add_face(self, points, closed=True):
        self.faces.append(Face_(points, closed))
        self.prims.grow(1)
        self.vertices.grow(len(points))
        return len(self.faces) - 1

    def add_faces(self, rows, closed=True):
        first = len(self.faces)
        self.faces.extend(Face_(points, closed) for points in rows)
        self.prims.grow(len(rows))
        self.vertices.grow(sum(len(points) for points in rows))
        return first

    def add_vertex(self, number, point):
        is_newest = number == len(self.faces) - 1
        at = self.vertices.count if is_newest else self.vertex_starts()[number + 1]
        self.faces[number].points.append(point)
        self.vertices.grow(1)
        last = self.vertices.count - 1
        if at != last:
            order = list(range(at)) + [last] + list(range(at, last))
            self.vertices.keep(order)

    def add_volume(self, voxels, transform, center):
        point = self.add_points([center])
        self.faces.append(Grid(point, voxels, transform, center))
        self.prims.grow(1)
        self.vertices.grow(1)
        return len(self.faces) - 1

    def remove_prims(self, numbers, keep_points=False):
        gone = set(numbers)
        kept = [n for n in range(len(self.faces)) if n not in gone]
        freed = {point for n in gone for point in self.faces[n].points}
        starts = self.vertex_starts()
        self.vertices.keep([v for n in kept for v in range(starts[n], starts[n + 1])])
        self.faces = [self.faces[n] for n in kept]
        self.prims.keep(kept)
        self.prim_groups = _renumbered(self.prim_groups, kept)
        if not keep_points:
            used = {point for face in self.faces for point in face.points}
            self._drop_points(freed - used)

    def remove_points(self, numbers):
        gone = set(numbers)
        broken = [n for n, face in enumerate(self.faces) if gone & set(face.points)]
        self.remove_prims(broken, keep_points=True)
        self._drop_points(gone)

    def _drop_points(self, gone):
        if not gone:
            return
        kept = [n for n in range(self.points.count) if n not in gone]
        place = {old: new for new, old in enumerate(kept)}
        self.points.keep(kept)
        for face in self.faces:
            face.points = [place[point] for point in face.points]
        self.point_groups = _renumbered(self.point_groups, kept)

    def vertex_starts(self):
        starts = [0]
        for face in self.faces:
            starts.append(starts[-1] + len(face.points))
        return starts

    def merge(self, other):
        point, prim = self.points.count, len(self.faces)
        for name in ("points", "vertices", "prims"):
            getattr(self, name).append(getattr(other, name))
        for name, column in other.detail.columns.items():
            self.detail.columns.setdefault(name, column.copy())
        for face in other.faces:
            twin = face.copy()
            if point:
                twin.points = [number + point for number in twin.points]
            self.faces.append(twin)
        for mine, theirs, offset in (
            (self.point_groups, other.point_groups, point),
            (self.prim_groups, other.prim_groups, prim),
        ):
            for name, members in theirs.items():
                mine.setdefault(name, set()).update(number + offset for number in members)

    def elements(self, kind):
        return getattr(self, CLASSES[kind])


def _renumbered(groups, kept):
    place = {old: new for new, old in enumerate(kept)}
    return collections.OrderedDict(
        (name, {place[member] for member in members if member in place})
        for name, members in groups.items()
    )


class Geometry(object):
    """HOM's handle on a geometry."""

    def __init__(self):
        self._op = None
        self._own = Detail()
        self._writable = True

    @classmethod
    def _of_cook(cls, op, detail):
        """The handle that a node's own cook writes to."""
        handle = cls()
        handle._op, handle._own = op, detail
        return handle

    @classmethod
    def _live(cls, op):
        """A handle that follows the node's cooks."""
        handle = cls()
        handle._op, handle._own, handle._writable = op, None, False
        return handle

    @property
    def _data(self):
        if self._own is not None:
            return self._own
        if self._op.deleted:
            raise refuse("The node of this geometry is gone.", ObjectWasDeleted)
        cooking.cook(self._op)
        if self._op.errors or self._op.result is None:
            raise refuse("%s failed to cook." % self._op.path, InvalidGeometry)
        return self._op.result

    @property
    def _changeable(self):
        if not self._writable:
            raise refuse(
                "Geometry can only be changed in the node's own cook.", GeometryPermissionError
            )
        return self._data

    # -- the handle itself ---------------------------------------------------------------------

    def sopNode(self):
        return None if self._op is None else late.nodes.wrap(self._op)

    def isReadOnly(self):
        return not self._writable

    def isValid(self):
        try:
            return self._data is not None
        except (InvalidGeometry, ObjectWasDeleted):
            return False

    def freeze(self, read_only=False):
        """Return a copy that is detached from the node."""
        twin = Geometry()
        twin._own, twin._writable = self._data.copy(), not read_only
        return twin

    def clear(self):
        """Remove points and primitives. Whether detail attributes survive is not verified."""
        detail = self._changeable
        fresh = Detail()
        detail.__dict__.update(fresh.__dict__)

    def merge(self, geometry):
        other = geometry._data
        self._changeable.merge(other.copy() if geometry is self else other)

    def copy(self, geometry):
        self._changeable.__dict__.update(geometry._data.copy().__dict__)

    # -- elements ------------------------------------------------------------------------------

    def points(self):
        return tuple(Point(self, number) for number in range(self._data.points.count))

    def iterPoints(self):
        return iter(self.points())

    def point(self, index):
        return Point(self, index) if 0 <= index < self._data.points.count else None

    def prims(self):
        return tuple(self._prim(number) for number in range(len(self._data.faces)))

    def iterPrims(self):
        return iter(self.prims())

    def prim(self, index):
        return self._prim(index) if 0 <= index < len(self._data.faces) else None

    def _prim(self, number):
        kind = Volume if self._data.faces[number].kind == "Volume" else Polygon
        return kind(self, number)

    def pointCount(self):
        return self._data.points.count

    def primCount(self):
        return len(self._data.faces)

    def vertexCount(self):
        return self._data.vertices.count

    def createPoint(self):
        return Point(self, self._changeable.add_points([(0.0, 0.0, 0.0)]))

    def createPoints(self, point_positions):
        positions = _triples(point_positions)
        first = self._changeable.add_points(positions)
        return tuple(Point(self, first + number) for number in range(len(positions)))

    def createPolygon(self, is_closed=True):
        return Polygon(self, self._changeable.add_face([], is_closed))

    def createPolygons(self, points, is_closed=True):
        """Polygons through existing points, given as points or point numbers."""
        detail = self._changeable
        rows = [_point_numbers(corners) for corners in points]
        if any(len(row) < 3 for row in rows):
            raise refuse("A polygon has at least three points.", InvalidSize)
        numbers = [number for row in rows for number in row]
        if numbers and not 0 <= min(numbers) <= max(numbers) < detail.points.count:
            raise refuse("A polygon refers to a point that does not exist.", InvalidInput)
        first = detail.add_faces(rows, is_closed)
        return tuple(Polygon(self, first + number) for number in range(len(rows)))

    def createVolume(self, xres, yres, zres, bounding_box=None):
        detail = self._changeable
        box = bounding_box or BoundingBox(-1.0, -1.0, -1.0, 1.0, 1.0, 1.0)
        half = [value / 2.0 for value in box.sizevec()]
        transform = numpy.diag(half)
        voxels = numpy.zeros((zres, yres, xres), numpy.float32)
        return Volume(self, detail.add_volume(voxels, transform, tuple(box.center())))

    def deletePoints(self, points):
        self._changeable.remove_points([point.number() for point in points])

    def deletePrims(self, prims, keep_points=False):
        self._changeable.remove_prims([prim.number() for prim in prims], keep_points)

    def boundingBox(self):
        positions = self._data.positions
        if not len(positions):
            return BoundingBox()
        low, high = positions.min(axis=0), positions.max(axis=0)
        return BoundingBox(*[float(value) for value in list(low) + list(high)])

    # -- attributes ----------------------------------------------------------------------------

    def addAttrib(
        self, type, name, default_value, transform_as_normal=False, create_local_variable=False
    ):
        detail = self._changeable
        elements = self._new_attribute(detail, type, name)
        kind, size, values = describe_default(default_value)
        elements.columns[name] = Column(
            kind, size, values, elements.count, normal=transform_as_normal
        )
        return Attrib(self, type, name)

    def addArrayAttrib(self, type, name, data_type, tuple_size=1):
        detail = self._changeable
        elements = self._new_attribute(detail, type, name)
        kinds = {value: key for key, value in KINDS.items()}
        elements.columns[name] = Column(
            kinds[data_type], tuple_size, (), elements.count, is_array=True
        )
        return Attrib(self, type, name)

    def _new_attribute(self, detail, type, name):
        if not isinstance(type, enums.EnumValue) or type not in CLASSES:
            raise TypeError("type is a hou.attribType value %s" % MARK)
        check_text(name, "The name of an attribute")
        if not ATTRIBUTE_NAME.match(name):
            raise refuse("'%s' is not a valid attribute name." % name)
        elements = detail.elements(type)
        if name in elements.columns:
            raise refuse("The attribute '%s' already exists." % name)
        return elements

    def _find(self, kind, name):
        check_text(name, "The name of an attribute")
        found = name in self._data.elements(kind).columns
        return Attrib(self, kind, name) if found else None

    def findPointAttrib(self, name):
        return self._find(attribType.Point, name)

    def findPrimAttrib(self, name):
        return self._find(attribType.Prim, name)

    def findVertexAttrib(self, name):
        return self._find(attribType.Vertex, name)

    def findGlobalAttrib(self, name):
        return self._find(attribType.Global, name)

    def _all(self, kind):
        return tuple(Attrib(self, kind, name) for name in self._data.elements(kind).columns)

    def pointAttribs(self):
        return self._all(attribType.Point)

    def primAttribs(self):
        return self._all(attribType.Prim)

    def vertexAttribs(self):
        return self._all(attribType.Vertex)

    def globalAttribs(self):
        return self._all(attribType.Global)

    def renameGlobalAttrib(self, old_name, new_name):
        columns = self._changeable.detail.columns
        check_text(new_name, "The name of an attribute")
        if old_name not in columns or new_name in columns:
            raise refuse("'%s' cannot be renamed to '%s'." % (old_name, new_name))
        columns[new_name] = columns.pop(old_name)

    # The detail's own values

    def setGlobalAttribValue(self, name_or_attrib, attrib_value):
        _set(self._changeable, attribType.Global, 0, name_or_attrib, attrib_value)

    def attribValue(self, name_or_attrib):
        return _column(self._data, attribType.Global, name_or_attrib).element(0)

    def intAttribValue(self, name_or_attrib):
        return _scalar(self._data, attribType.Global, 0, name_or_attrib, "int")

    def floatAttribValue(self, name_or_attrib):
        return _scalar(self._data, attribType.Global, 0, name_or_attrib, "float")

    def stringAttribValue(self, name_or_attrib):
        return _scalar(self._data, attribType.Global, 0, name_or_attrib, "string")

    def intListAttribValue(self, name_or_attrib):
        return _list(self._data, attribType.Global, 0, name_or_attrib, "int")

    def floatListAttribValue(self, name_or_attrib):
        return _list(self._data, attribType.Global, 0, name_or_attrib, "float")

    def stringListAttribValue(self, name_or_attrib):
        return _list(self._data, attribType.Global, 0, name_or_attrib, "string")

    # Whole columns at once

    def pointFloatAttribValues(self, name):
        return _bulk(self._data, attribType.Point, name, "float")

    def primFloatAttribValues(self, name):
        return _bulk(self._data, attribType.Prim, name, "float")

    def vertexFloatAttribValues(self, name):
        return _bulk(self._data, attribType.Vertex, name, "float")

    def pointIntAttribValues(self, name):
        return _bulk(self._data, attribType.Point, name, "int")

    def primIntAttribValues(self, name):
        return _bulk(self._data, attribType.Prim, name, "int")

    def pointStringAttribValues(self, name):
        return _bulk(self._data, attribType.Point, name, "string")

    def primStringAttribValues(self, name):
        return _bulk(self._data, attribType.Prim, name, "string")

    def pointFloatAttribValuesAsString(self, name):
        return to_bytes(_numbers(self._data, attribType.Point, name, "float"))

    def pointIntAttribValuesAsString(self, name):
        return to_bytes(_numbers(self._data, attribType.Point, name, "int"))

    def primFloatAttribValuesAsString(self, name):
        return to_bytes(_numbers(self._data, attribType.Prim, name, "float"))

    def setPointFloatAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Point, name, values, "float")

    def setPrimFloatAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Prim, name, values, "float")

    def setVertexFloatAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Vertex, name, values, "float")

    def setPointIntAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Point, name, values, "int")

    def setPrimIntAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Prim, name, values, "int")

    def setPointStringAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Point, name, values, "string")

    def setPrimStringAttribValues(self, name, values):
        _set_bulk(self._changeable, attribType.Prim, name, values, "string")

    def setPointFloatAttribValuesFromString(self, name, values):
        _set_bytes(self._changeable, attribType.Point, name, values, "float")

    def setPrimFloatAttribValuesFromString(self, name, values):
        _set_bytes(self._changeable, attribType.Prim, name, values, "float")

    def setPointIntAttribValuesFromString(self, name, values):
        _set_bytes(self._changeable, attribType.Point, name, values, "int")

    def setPrimIntAttribValuesFromString(self, name, values):
        _set_bytes(self._changeable, attribType.Prim, name, values, "int")

    # -- groups --------------------------------------------------------------------------------

    def createPointGroup(self, name, is_ordered=False, unique_name=False):
        return PointGroup(self, _new_group(self._changeable.point_groups, name, unique_name))

    def createPrimGroup(self, name, is_ordered=False, unique_name=False):
        return PrimGroup(self, _new_group(self._changeable.prim_groups, name, unique_name))

    def findPointGroup(self, name):
        return PointGroup(self, name) if name in self._data.point_groups else None

    def findPrimGroup(self, name):
        return PrimGroup(self, name) if name in self._data.prim_groups else None

    def pointGroups(self):
        return tuple(PointGroup(self, name) for name in self._data.point_groups)

    def primGroups(self):
        return tuple(PrimGroup(self, name) for name in self._data.prim_groups)


def _new_group(groups, name, unique):
    if not ATTRIBUTE_NAME.match(check_text(name, "The name of a group")):
        raise refuse("'%s' is not a valid group name." % name)
    if name in groups and not unique:
        raise refuse("The group '%s' already exists." % name)
    while name in groups:
        name += "1"
    groups[name] = set()
    return name


def _triples(positions):
    rows = [tuple(position) for position in positions]
    if any(len(row) != 3 for row in rows):
        raise refuse("A position has three values.", InvalidSize)
    for value in {type(value): value for row in rows for value in row}.values():
        check_builtin(value)
    return rows


def _point_numbers(corners):
    kinds = set(map(type, corners))
    if kinds <= set(WHOLE_NUMBERS):
        return list(corners)
    return [_point_number(corner) for corner in corners]


def _point_number(corner):
    if isinstance(corner, Point):
        return corner.number()
    if not isinstance(corner, WHOLE_NUMBERS):
        raise TypeError("A %s is not a point. %s" % (type(corner).__name__, MARK))
    return corner


def _column(detail, kind, name_or_attrib):
    name = name_or_attrib._name if isinstance(name_or_attrib, Attrib) else name_or_attrib
    check_text(name, "The name of an attribute")
    column = detail.elements(kind).columns.get(name)
    if column is None:
        raise refuse("There is no attribute '%s'." % name)
    return column


def _set(detail, kind, index, name_or_attrib, value):
    _column(detail, kind, name_or_attrib).assign(index, value)


def _typed(detail, kind, name, wanted):
    column = _column(detail, kind, name)
    if column.kind != wanted:
        raise refuse("'%s' is a %s attribute, not %s." % (name, column.kind, wanted))
    return column


def _scalar(detail, kind, index, name, wanted):
    column = _typed(detail, kind, name, wanted)
    if column.size != 1 or column.is_array:
        raise refuse("'%s' has more than one value." % name)
    return column.element(index)


def _list(detail, kind, index, name, wanted):
    return _typed(detail, kind, name, wanted).listed(index)


def _numbers(detail, kind, name, wanted):
    column = _typed(detail, kind, name, wanted)
    if column.is_array:
        raise refuse("'%s' is an array attribute." % name)
    return column.rows


def _bulk(detail, kind, name, wanted):
    rows = _numbers(detail, kind, name, wanted)
    if wanted == "string":
        return tuple(text for row in rows for text in row)
    return tuple(rows.ravel().tolist())


def _set_bulk(detail, kind, name, values, wanted):
    column = _typed(detail, kind, name, wanted)
    values = tuple(values)
    count = detail.elements(kind).count * column.size
    if len(values) != count:
        raise refuse("'%s' needs %d values, not %d." % (name, count, len(values)))
    for kind_of_value in {type(value) for value in values}:
        accepted = WHOLE_NUMBERS + (float,) if wanted == "float" else _accepted(wanted)
        if not issubclass(kind_of_value, accepted):
            raise TypeError("A %s is not a %s. %s" % (kind_of_value.__name__, wanted, MARK))
    if wanted == "string":
        for value in values:
            check_text(value, "A value")
        size = column.size
        column.rows = [values[at : at + size] for at in range(0, count, size)]
    else:
        column.rows = numpy.array(values, TYPES[wanted]).reshape(-1, column.size)


def _set_bytes(detail, kind, name, values, wanted):
    column = _typed(detail, kind, name, wanted)
    try:
        found = numpy.frombuffer(values, TYPES[wanted])
    except (TypeError, ValueError):
        raise TypeError("The values are bytes of 32 bit numbers. %s" % MARK)
    count = detail.elements(kind).count * column.size
    if len(found) != count:
        raise refuse("'%s' needs %d values, not %d." % (name, count, len(found)))
    column.rows = found.reshape(-1, column.size).copy()


class Attrib(object):
    """HOM's handle on an attribute."""

    def __init__(self, geometry, kind, name):
        self._geometry = geometry
        self._kind = kind
        self._name = name

    @property
    def _column(self):
        found = self._geometry._data.elements(self._kind).columns.get(self._name)
        if found is None:
            raise refuse("The attribute '%s' is gone." % self._name, ObjectWasDeleted)
        return found

    def geometry(self):
        return self._geometry

    def name(self):
        return self._name

    def type(self):
        return self._kind

    def dataType(self):
        return KINDS[self._column.kind]

    def size(self):
        return self._column.size

    def isArrayType(self):
        return self._column.is_array

    def isTransformedAsNormal(self):
        return self._column.normal

    def defaultValue(self):
        column = self._column
        if column.kind == "string":
            return "" if column.size == 1 else ("",) * column.size
        return column.default[0] if column.size == 1 else tuple(column.default)

    def destroy(self):
        columns = self._geometry._changeable.elements(self._kind).columns
        if self._name not in columns:
            raise refuse("The attribute '%s' is gone." % self._name, ObjectWasDeleted)
        del columns[self._name]


class _Element(object):
    """What points, primitives and vertices share: a number and attribute values."""

    _KIND = None

    def __init__(self, geometry, number):
        self._geometry = geometry
        self._number = number

    def geometry(self):
        return self._geometry

    def number(self):
        return self._number

    def attribType(self):
        return self._KIND

    def attribValue(self, attrib):
        return _column(self._geometry._data, self._KIND, attrib).element(self._index)

    def setAttribValue(self, name_or_attrib, attrib_value):
        _set(self._geometry._changeable, self._KIND, self._index, name_or_attrib, attrib_value)

    def intAttribValue(self, attrib):
        return _scalar(self._geometry._data, self._KIND, self._index, attrib, "int")

    def floatAttribValue(self, attrib):
        return _scalar(self._geometry._data, self._KIND, self._index, attrib, "float")

    def stringAttribValue(self, attrib):
        return _scalar(self._geometry._data, self._KIND, self._index, attrib, "string")

    def floatListAttribValue(self, name_or_attrib):
        return _list(self._geometry._data, self._KIND, self._index, name_or_attrib, "float")

    def intListAttribValue(self, name_or_attrib):
        return _list(self._geometry._data, self._KIND, self._index, name_or_attrib, "int")

    @property
    def _index(self):
        return self._number

    def __eq__(self, other):
        return type(self) is type(other) and (self._geometry._data, self._number) == (
            other._geometry._data,
            other._number,
        )

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return hash((id(self._geometry._data), self._number))


class Point(_Element):
    _KIND = attribType.Point

    def position(self):
        return Vector3(self._geometry._data.positions[self._number].tolist())

    def setPosition(self, position):
        self._geometry._changeable.positions[self._number] = _triples([position])[0]

    def prims(self):
        faces = self._geometry._data.faces
        return tuple(
            self._geometry._prim(number)
            for number, face in enumerate(faces)
            if self._number in face.points
        )


class Vertex(_Element):
    _KIND = attribType.Vertex

    def __init__(self, geometry, prim, number):
        super(Vertex, self).__init__(geometry, number)
        self._prim = prim

    @property
    def _index(self):
        return self.linearNumber()

    def prim(self):
        return self._geometry._prim(self._prim)

    def linearNumber(self):
        return self._geometry._data.vertex_starts()[self._prim] + self._number

    def point(self):
        return Point(self._geometry, self._geometry._data.faces[self._prim].points[self._number])


class Prim(_Element):
    _KIND = attribType.Prim

    @property
    def _face(self):
        return self._geometry._data.faces[self._number]

    def type(self):
        return getattr(enums.primType, self._face.kind)

    def vertices(self):
        count = len(self._face.points)
        return tuple(Vertex(self._geometry, self._number, index) for index in range(count))

    def numVertices(self):
        return len(self._face.points)

    def boundingBox(self):
        positions = self._geometry._data.positions[self._face.points]
        low, high = positions.min(axis=0), positions.max(axis=0)
        return BoundingBox(*[float(value) for value in list(low) + list(high)])


class Face(Prim):
    def isClosed(self):
        return self._face.closed

    def setIsClosed(self, on):
        self._geometry._changeable.faces[self._number].closed = bool(on)

    def vertex(self, index):
        return Vertex(self._geometry, self._number, index)

    def addVertex(self, point):
        detail = self._geometry._changeable
        detail.add_vertex(self._number, point.number())
        return Vertex(self._geometry, self._number, self.numVertices() - 1)

    def normal(self):
        """By Newell's method; clockwise polygons face their viewer in Houdini, hence the sign."""
        corners = self._geometry._data.positions[self._face.points].astype(float)
        following = numpy.roll(corners, -1, axis=0)
        normal = -numpy.cross(corners, following).sum(axis=0)
        length = numpy.sqrt((normal**2).sum())
        return Vector3((normal / length if length else normal).tolist())


class Polygon(Face):
    pass


class Volume(Prim):
    """Voxels in x, then y, then z order, as HOM hands them out."""

    def resolution(self):
        depth, height, width = self._face.voxels.shape
        return (width, height, depth)

    def channelCount(self):
        return 1

    def allVoxels(self):
        return tuple(self._face.voxels.ravel().tolist())

    def allVoxelsAsString(self):
        return to_bytes(self._face.voxels)

    def setAllVoxels(self, values):
        grid = self._geometry._changeable.faces[self._number]
        values = tuple(values)
        for value in values:
            check_builtin(value)
        if len(values) != grid.voxels.size:
            raise refuse("The volume has %d voxels, not %d." % (grid.voxels.size, len(values)))
        grid.voxels = numpy.array(values, numpy.float32).reshape(grid.voxels.shape)

    def setAllVoxelsFromString(self, values):
        grid = self._geometry._changeable.faces[self._number]
        found = numpy.frombuffer(values, numpy.float32)
        if len(found) != grid.voxels.size:
            raise refuse("The volume has %d voxels, not %d." % (grid.voxels.size, len(found)))
        grid.voxels = found.reshape(grid.voxels.shape).copy()

    def voxel(self, index):
        x, y, z = index
        return float(self._face.voxels[z, y, x])

    def isValidIndex(self, index):
        return all(0 <= at < size for at, size in zip(index, self.resolution()))

    def indexToPos(self, index):
        """Centre of a voxel in space."""
        unit = [(at + 0.5) / size * 2.0 - 1.0 for at, size in zip(index, self.resolution())]
        place = numpy.dot(numpy.array(unit), numpy.asarray(self._face.transform))
        return Vector3([a + b for a, b in zip(place.tolist(), self._face.center)])

    def transform(self):
        """The 3x3 part that takes the unit box from -1 to 1 into space, without its position."""
        return Matrix3(numpy.asarray(self._face.transform, float).ravel().tolist())

    def isHeightField(self):
        return self.resolution()[2] == 1

    def isSDF(self):
        return False

    def volumeMin(self):
        return float(self._face.voxels.min())

    def volumeMax(self):
        return float(self._face.voxels.max())

    def volumeAverage(self):
        return float(self._face.voxels.mean())

    def vertex(self, index):
        return Vertex(self._geometry, self._number, index)


def _element_numbers(items):
    return [item.number() for item in ((items,) if isinstance(items, _Element) else items)]


class _Group(object):
    _GROUPS = ""

    def __init__(self, geometry, name):
        self._geometry = geometry
        self._name = name

    def _members(self, detail):
        groups = getattr(detail, self._GROUPS)
        if self._name not in groups:
            raise refuse("The group '%s' is gone." % self._name, ObjectWasDeleted)
        return groups[self._name]

    def geometry(self):
        return self._geometry

    def name(self):
        return self._name

    def _add(self, items):
        self._members(self._geometry._changeable).update(_element_numbers(items))

    def _remove(self, items):
        self._members(self._geometry._changeable).difference_update(_element_numbers(items))

    def _contains(self, item):
        return item.number() in self._members(self._geometry._data)

    def clear(self):
        self._members(self._geometry._changeable).clear()

    def destroy(self):
        self._members(self._geometry._changeable)
        del getattr(self._geometry._changeable, self._GROUPS)[self._name]


class PointGroup(_Group):
    _GROUPS = "point_groups"

    def add(self, point_or_list_or_point_group):
        self._add(point_or_list_or_point_group)

    def remove(self, point_or_list_or_point_group):
        self._remove(point_or_list_or_point_group)

    def contains(self, point):
        return self._contains(point)

    def points(self):
        members = sorted(self._members(self._geometry._data))
        return tuple(Point(self._geometry, number) for number in members)

    def pointCount(self):
        return len(self._members(self._geometry._data))


class PrimGroup(_Group):
    _GROUPS = "prim_groups"

    def add(self, prim_or_list_or_prim_group):
        self._add(prim_or_list_or_prim_group)

    def remove(self, prim_or_list_or_prim_group):
        self._remove(prim_or_list_or_prim_group)

    def contains(self, prim):
        return self._contains(prim)

    def prims(self):
        members = sorted(self._members(self._geometry._data))
        return tuple(self._geometry._prim(number) for number in members)

    def primCount(self):
        return len(self._members(self._geometry._data))


