"""The level of the empty page, under light that is not even.

A surface of the second degree through everything that is not ink does for a scan and for most
photographs. Where a shadow lies across the page it does not, and the level is taken from each
pixel's neighbourhood.
"""

from __future__ import division

import numpy

from mlinference import strokes

# No ink is paler than this part of full scale.
FAINTEST_INK = 0.02

# A surface through fewer pixels a side would follow the digit itself.
SMALLEST_SURFACE = 40

# A smooth surface is known from this many pixels a side.
SURFACE_SAMPLES = 64

# Median and 90th percentile of the size of a standard normal number.
HALF_NORMAL_MEDIAN = 0.6745
HALF_NORMAL_TENTH = 1.6449

# Half the width of the widest stroke that is told from a shadow, as a part of the page.
WIDEST_STROKE = 0.07


class Paper(object):
    """The level of the empty page, everywhere on it.

    Attributes:
        filled: Whether strokes were filled in to see it.
    """

    filled = False

    def levels(self, ys, xs):
        """Return float32 [len(ys), len(xs)]; `ys`, `xs` from -1 to 1 over the page."""
        raise NotImplementedError

    def over(self, shape):
        """Return the levels at the pixels of a picture of the whole page."""
        return self.levels(centres(shape[0]), centres(shape[1]))


class Level(Paper):
    """The same level all over the page.

    Attributes:
        level: float32, and the answer of `levels` and `over`.
    """

    def __init__(self, level):
        self.level = numpy.float32(level)

    def levels(self, ys, xs):
        return self.level

    def over(self, shape):
        return self.level


class Surface(Paper):
    """A surface of the second degree over the page.

    Attributes:
        coefficients: float64 [3, 3], of y ** row * x ** column with x, y from -1 to 1 over
            the page.
    """

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def levels(self, ys, xs):
        surface = numpy.dot(numpy.dot(_powers(ys, 3), self.coefficients), _powers(xs, 3).T)
        return surface.astype(numpy.float32)


def centres(count):
    """Return where the centres of `count` equal pixels lie, from -1 to 1 over the page."""
    return (2.0 * numpy.arange(count) + 1.0) / count - 1.0


def surface_of(levels):
    """Fit the paper to a grey picture [height, width]: first its border, then all but ink."""
    ring = border(levels)
    paper = Level(quantile(ring, 0.5))
    if min(levels.shape) < SMALLEST_SURFACE:
        return paper
    spread = quantile(numpy.abs(ring - paper.level), 0.5) / HALF_NORMAL_MEDIAN
    every = max(1, max(levels.shape) // SURFACE_SAMPLES)
    ys, xs = centres(levels.shape[0])[::every], centres(levels.shape[1])[::every]
    levels = levels[::every, ::every]
    for _ in range(3):
        off = numpy.abs(levels - paper.levels(ys, xs))
        paper = _fitted(levels, off <= max(3.0 * spread, FAINTEST_INK / 2), ys, xs) or paper
        off = numpy.abs(border(levels - paper.levels(ys, xs)))
        spread = min(spread, quantile(off, 0.5) / HALF_NORMAL_MEDIAN)
    return paper


def border(levels):
    """Return the pixels along the four edges, a fiftieth of the page wide, as one row."""
    width = max(1, int(min(levels.shape) * 0.02))
    parts = (
        levels[:width],
        levels[-width:],
        levels[width:-width, :width],
        levels[width:-width, -width:],
    )
    return numpy.concatenate([part.ravel() for part in parts])


def _fitted(levels, empty, ys, xs):
    """Fit by least squares to the pixels of `empty`, or return None where those are too few."""
    weights = empty.astype(numpy.float64)
    moments = numpy.dot(numpy.dot(_powers(ys, 5).T, weights), _powers(xs, 5))
    if moments[0, 0] < 0.2 * levels.size:
        return None
    values = numpy.dot(numpy.dot(_powers(ys, 3).T, weights * levels), _powers(xs, 3))
    terms = [(y, x) for y in range(3) for x in range(3 - y)]
    system = [[moments[y + v, x + u] for v, u in terms] for y, x in terms]
    try:
        solved = numpy.linalg.solve(numpy.array(system), [values[term] for term in terms])
    except numpy.linalg.LinAlgError:
        return None
    coefficients = numpy.zeros((3, 3))
    for term, value in zip(terms, solved):
        coefficients[term] = value
    return Surface(coefficients)


def _powers(positions, count):
    columns = [numpy.ones(len(positions))]
    while len(columns) < count:
        columns.append(columns[-1] * positions)
    return numpy.array(columns).T


class Neighbourhood(Paper):
    """The level of the page around each pixel: what is left when thin strokes are filled in.

    Attributes:
        grid: float32 [height, width].
    """

    filled = True

    def __init__(self, grid):
        self.grid = grid

    def levels(self, ys, xs):
        rows, columns = [
            numpy.clip(((numpy.asarray(at) + 1) * count / 2).astype(int), 0, count - 1)
            for at, count in zip((ys, xs), self.grid.shape)
        ]
        return self.grid[rows][:, columns]


def neighbourhood_of(levels, sign):
    """Fill the strokes of a grey picture: those darker (-1) or lighter (1) than around them."""
    reach = max(2, int(WIDEST_STROKE * max(levels.shape)))
    # With its edges carried on, lest a slope towards an edge look like a stroke along it.
    turned = numpy.pad(smoothed(levels, 1) * numpy.float32(-sign), reach, "edge")
    filled = -strokes.grown(-strokes.grown(turned, reach), reach)[reach:-reach, reach:-reach]
    filled = filled * numpy.float32(-sign)
    # Filling takes the highest of what noise leaves; half of the pixels lie on either side.
    return Neighbourhood(filled + quantile((levels - filled).ravel(), 0.5))


def smoothed(values, reach):
    """Average each pixel with its neighbours up to `reach` away, the edges repeated."""
    for _ in range(2 if reach else 0):
        values = _smoothed_rows(values, reach).T
    return values


def _smoothed_rows(values, reach):
    rows = numpy.concatenate([values[:1]] * (reach + 1) + [values] + [values[-1:]] * reach)
    rows[0] = 0
    sums = numpy.cumsum(rows, axis=0, dtype=numpy.float64)
    side = 2 * reach + 1
    return ((sums[side:] - sums[:-side]) / side).astype(numpy.float32)


def quantile(values, part):
    """Return the value below which `part` of the values lie, from a few thousand of them."""
    ordered = numpy.sort(values[:: max(1, values.size // 4096)])
    return ordered[int(part * (ordered.size - 1))]
