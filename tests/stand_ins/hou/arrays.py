"""What the arrays of numpy 1.7 and of numpy 2 have no common word for."""

import numpy


def to_bytes(array):
    """The array's values as bytes, in the order of its rows."""
    return memoryview(numpy.ascontiguousarray(array)).tobytes()
