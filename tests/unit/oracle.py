"""The operations of the networks once more, in plain Python: slow, and too simple to be wrong.

A stand-in for the `tf` that a graph function takes (`mlinference.networks`). It knows no
matrix products and no windows laid out in memory; it follows the definitions, in doubles.
Weights that are zero are passed over, so that a network whose weights are mostly zero is
calculated at its full size within seconds.
"""

from __future__ import division

import itertools
import math


class Tensor(object):
    """Numbers by place: a shape and a flat list, last axis fastest."""

    def __init__(self, shape, numbers):
        self.shape = tuple(shape)
        self.numbers = list(numbers)

    def __add__(self, bias):
        width = bias.shape[-1]
        pairs = enumerate(self.numbers)
        return Tensor(self.shape, [number + bias.numbers[place % width] for place, number in pairs])

    def at(self, *place):
        position = 0
        for index, size in zip(place, self.shape):
            position = position * size + index
        return self.numbers[position]


def tensor(array):
    """Return a NumPy array as a Tensor."""
    return Tensor(array.shape, [float(number) for number in array.ravel()])


def _map(function):
    return lambda values: Tensor(values.shape, [function(number) for number in values.numbers])


def _reshape(values, shape):
    known = 1
    for size in shape:
        known *= size if size != -1 else 1
    return Tensor(
        [len(values.numbers) // known if size == -1 else size for size in shape], values.numbers
    )


def _matmul(first, second):
    (rows, inner), (_, columns) = first.shape, second.shape
    result = [0.0] * (rows * columns)
    for middle, column in itertools.product(range(inner), range(columns)):
        weight = second.at(middle, column)
        if weight:
            for row in range(rows):
                result[row * columns + column] += first.at(row, middle) * weight
    return Tensor((rows, columns), result)


def _sides(size, window, stride, padding):
    """Return (first position of the first window, number of windows)."""
    if padding == "VALID":
        return 0, int(math.ceil((size - window + 1) / stride))
    count = int(math.ceil(size / stride))
    return -(max((count - 1) * stride + window - size, 0) // 2), count


def _conv2d(pictures, kernel, strides, padding):
    count, height, width, _ = pictures.shape
    top, rows = _sides(height, kernel.shape[0], strides[1], padding)
    left, columns = _sides(width, kernel.shape[1], strides[2], padding)
    kernels = kernel.shape[3]
    result = [0.0] * (count * rows * columns * kernels)
    for place in itertools.product(*[range(size) for size in kernel.shape]):
        weight = kernel.at(*place)
        if not weight:
            continue
        for number, row, column in itertools.product(range(count), range(rows), range(columns)):
            y = top + row * strides[1] + place[0]
            x = left + column * strides[2] + place[1]
            if 0 <= y < height and 0 <= x < width:
                position = ((number * rows + row) * columns + column) * kernels + place[3]
                result[position] += weight * pictures.at(number, y, x, place[2])
    return Tensor((count, rows, columns, kernels), result)


def _pool(join):
    def pool(pictures, ksize, strides, padding):
        count, height, width, channels = pictures.shape
        top, rows = _sides(height, ksize[1], strides[1], padding)
        left, columns = _sides(width, ksize[2], strides[2], padding)
        result = []
        for number, row, column, channel in itertools.product(
            range(count), range(rows), range(columns), range(channels)
        ):
            seen = [
                pictures.at(number, y, x, channel)
                for y in range(top + row * strides[1], top + row * strides[1] + ksize[1])
                for x in range(left + column * strides[2], left + column * strides[2] + ksize[2])
                if 0 <= y < height and 0 <= x < width
            ]
            result.append(join(seen))
        return Tensor((count, rows, columns, channels), result)

    return pool


class nn(object):
    conv2d = staticmethod(_conv2d)
    max_pool = staticmethod(_pool(max))
    avg_pool = staticmethod(_pool(lambda seen: sum(seen) / len(seen)))
    relu = staticmethod(_map(lambda number: max(number, 0.0)))


matmul = _matmul
reshape = _reshape
tanh = _map(math.tanh)
