"""The few of HOM's vectors that geometry and images hand out: sequences of builtin floats."""

import math


class _Floats(object):
    """A fixed number of floats that can be indexed, compared and iterated over."""

    _SIZE = 0

    def __init__(self, values=None):
        if values is None:
            values = (0.0,) * self._SIZE
        self._values = self._read(values)

    def _read(self, values):
        found = [float(value) for value in values]
        if len(found) != self._SIZE:
            raise TypeError("%s takes %d numbers (stand-in)" % (type(self).__name__, self._SIZE))
        return found

    def __len__(self):
        return self._SIZE

    def __getitem__(self, index):
        return self._values[index]

    def __iter__(self):
        return iter(self._values)

    def __eq__(self, other):
        return isinstance(other, type(self)) and self._values == other._values

    def __ne__(self, other):
        return not self == other

    __hash__ = None

    def __repr__(self):
        return "<hou.%s %r>" % (type(self).__name__, self._values)


class _Vector(_Floats):
    def x(self):
        return self._values[0]

    def y(self):
        return self._values[1]

    def __add__(self, other):
        return type(self)([a + b for a, b in zip(self, other)])

    def __sub__(self, other):
        return type(self)([a - b for a, b in zip(self, other)])

    def __mul__(self, scalar):
        return type(self)([a * scalar for a in self])

    def __neg__(self):
        return self * -1.0

    def _dot(self, other):
        return sum(a * b for a, b in zip(self, other))

    def length(self):
        return math.sqrt(self._dot(self))

    def normalized(self):
        length = self.length()
        return self * (1.0 / length) if length else type(self)()


class Vector2(_Vector):
    _SIZE = 2

    def dot(self, vector2):
        return self._dot(vector2)

    def distanceTo(self, vector2):
        return (self - vector2).length()


class Vector3(_Vector):
    _SIZE = 3

    def z(self):
        return self._values[2]

    def dot(self, vector3):
        return self._dot(vector3)

    def distanceTo(self, vector3):
        return (self - vector3).length()

    def cross(self, vector3):
        a, b = self._values, list(vector3)
        return Vector3(
            (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
        )


class Vector4(_Vector):
    _SIZE = 4

    def z(self):
        return self._values[2]

    def w(self):
        return self._values[3]

    def dot(self, vector4):
        return self._dot(vector4)


class Color(object):
    def __init__(self, *rgb):
        if len(rgb) == 1:
            rgb = rgb[0]
        self._rgb = tuple(float(value) for value in rgb) or (1.0, 1.0, 1.0)

    def rgb(self):
        return self._rgb

    def __eq__(self, other):
        return isinstance(other, Color) and self._rgb == other._rgb

    def __ne__(self, other):
        return not self == other

    __hash__ = None


class _Matrix(_Floats):
    _ROWS = 0

    def __init__(self, values=0):
        """A number makes a diagonal matrix, a sequence (nested or flat) fills it row by row."""
        size = self._ROWS
        if isinstance(values, (int, float)):
            diagonal = float(values)
            values = [diagonal if i % (size + 1) == 0 else 0.0 for i in range(size * size)]
        else:
            values = list(values)
            if values and hasattr(values[0], "__len__"):
                values = [item for row in values for item in row]
        self._SIZE = size * size
        super(_Matrix, self).__init__(values)

    def at(self, row, col):
        return self._values[row * self._ROWS + col]

    def asTuple(self):
        return tuple(self._values)

    def asTupleOfTuples(self):
        size = self._ROWS
        return tuple(tuple(self._values[row * size : row * size + size]) for row in range(size))


class Matrix3(_Matrix):
    _ROWS = 3


class Matrix4(_Matrix):
    _ROWS = 4


class BoundingBox(object):
    def __init__(self, xmin=0.0, ymin=0.0, zmin=0.0, xmax=0.0, ymax=0.0, zmax=0.0):
        self._low = Vector3((xmin, ymin, zmin))
        self._high = Vector3((xmax, ymax, zmax))

    def minvec(self):
        return self._low

    def maxvec(self):
        return self._high

    def sizevec(self):
        return self._high - self._low

    def center(self):
        return (self._low + self._high) * 0.5


class BoundingRect(object):
    def __init__(self, xmin=0.0, ymin=0.0, xmax=0.0, ymax=0.0):
        self._low = Vector2((xmin, ymin))
        self._high = Vector2((xmax, ymax))

    def min(self):
        return self._low

    def max(self):
        return self._high

    def size(self):
        return self._high - self._low

    def center(self):
        return (self._low + self._high) * 0.5
