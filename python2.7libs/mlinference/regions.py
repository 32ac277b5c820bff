"""Connected regions of a mask, by runs: whole-array operations only, as NumPy 1.7 has them.

A run is a stretch of set pixels in one row. Runs that touch in neighbouring rows, also by a
corner, belong together; a union-find over the runs joins them in a few rounds.
"""

from __future__ import division

import numpy


class Regions(object):
    """The connected regions of one mask.

    Attributes:
        count: How many.
        top, left, bottom, right: int arrays [count], bottom and right exclusive.
        area: int array [count] of pixels.
        longer: int array [count], the longer side of each one's box.
    """

    def __init__(self, mask):
        self.shape = mask.shape
        self._rows, self._starts, self._ends = _runs(mask)
        self._labels, self.count = _joined(self._rows, self._starts, self._ends, mask.shape[1])
        self._measure()

    def _measure(self):
        if not self.count:
            self.area = self.top = self.left = self.bottom = self.right = self.longer = self._rows
            return
        lengths = self._ends - self._starts
        self.area = numpy.bincount(self._labels, lengths).astype(int)
        order = numpy.argsort(self._labels, kind="mergesort")
        first = numpy.searchsorted(self._labels[order], numpy.arange(self.count))
        self.top = numpy.minimum.reduceat(self._rows[order], first)
        self.bottom = numpy.maximum.reduceat(self._rows[order], first) + 1
        self.left = numpy.minimum.reduceat(self._starts[order], first)
        self.right = numpy.maximum.reduceat(self._ends[order], first)
        self.longer = numpy.maximum(self.bottom - self.top, self.right - self.left)

    def highest(self, values):
        """Return the largest of `values` [height, width] in each region."""
        if not self.count:
            return numpy.zeros(0, values.dtype)
        inside = _painted(self._rows, self._starts, self._ends, self.shape).ravel()
        labels = numpy.repeat(self._labels, self._ends - self._starts)
        order = numpy.argsort(labels, kind="mergesort")
        first = numpy.searchsorted(labels[order], numpy.arange(self.count))
        return numpy.maximum.reduceat(values.ravel()[inside][order], first)

    def mask(self, chosen, window=None):
        """Return bool [height, width]: the regions whose entry in bool [count] `chosen` is set.

        Args:
            window: (top, left, bottom, right) about them, to leave out the rest; None for all.
        """
        runs = chosen[self._labels]
        top, left, bottom, right = window or (0, 0) + self.shape
        shape = bottom - top, right - left
        return _painted(
            self._rows[runs] - top, self._starts[runs] - left, self._ends[runs] - left, shape
        )


def groups(count, first, second):
    """Join `count` things by the pairs (first[i], second[i]).

    Returns:
        int array [count]: the lowest thing of each one's group.
    """
    parent = numpy.arange(count)
    while True:
        one, other = parent[first], parent[second]
        apart = one != other
        if not apart.any():
            return parent
        # Any of several hooks may win: a root only ever hooks onto a lower one.
        parent[numpy.maximum(one, other)[apart]] = numpy.minimum(one, other)[apart]
        parent = _compressed(parent)


def _compressed(parent):
    while True:
        further = parent[parent]
        if (further == parent).all():
            return parent
        parent = further


def _runs(mask):
    height, width = mask.shape
    padded = numpy.zeros((height, width + 2), numpy.int8)
    padded[:, 1:-1] = mask
    steps = padded[:, 1:] - padded[:, :-1]
    rows, starts = numpy.nonzero(steps == 1)
    ends = numpy.nonzero(steps == -1)[1]
    return rows, starts, ends


def _joined(rows, starts, ends, width):
    # One number a run, rising in reading order, so that the runs of the next row that touch
    # run i are one stretch of indices, found by two binary searches.
    stride = width + 2
    lowest = numpy.searchsorted(rows * stride + ends, (rows + 1) * stride + starts)
    beyond = numpy.searchsorted(rows * stride + starts, (rows + 1) * stride + ends, "right")
    touching = numpy.maximum(beyond - lowest, 0)
    first = numpy.repeat(numpy.arange(len(rows)), touching)
    within = numpy.arange(len(first)) - numpy.repeat(numpy.cumsum(touching) - touching, touching)
    parents = groups(len(rows), first, numpy.repeat(lowest, touching) + within)
    roots, labels = numpy.unique(parents, return_inverse=True)
    return labels, len(roots)


def _painted(rows, starts, ends, shape):
    height, width = shape
    if not len(rows):
        return numpy.zeros(shape, bool)
    size = height * (width + 1) + 1
    begin = numpy.bincount(rows * (width + 1) + starts, minlength=size)
    finish = numpy.bincount(rows * (width + 1) + ends, minlength=size)
    filled = numpy.cumsum(begin - finish)[:-1] > 0
    return filled.reshape(height, width + 1)[:, :width]
