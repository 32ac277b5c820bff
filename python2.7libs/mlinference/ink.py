"""Where the ink is: the paper's level, which side of it the ink lies on, its separate shapes.

Works on a grey picture of a few hundred pixels a side, however large the page: the paper is a
smooth surface through what is not ink (light falls unevenly on a photographed page), ink is
what stands off that surface by clearly more than the paper's own roughness, and shapes are
the connected regions of ink, with specks left out and the parts of one figure joined.
"""

from __future__ import division

import numpy

from mlinference import regions

# Ink paler than this part of full scale cannot be told from a blank page's unevenness.
FAINTEST_INK = 0.02

# A page's noise passes this many times its own spread in a handful of pixels by chance.
NOISE_REACH = 4.0
CLEAR_OF_NOISE = 7.0

# Half widths, in pixels, of the averages that are tried until ink stands clear of noise.
SMOOTHINGS = (0, 1, 2, 4)

# The level of ink is that of the n-th strongest pixel: a hot pixel or two do not set it, and
# a small 1 on a large page has no more than five.
STRONGEST = 3

# What lies below this part of the ink's level is paper; a shape also needs one pixel above
# the second. In between are the soft edges.
FAINT_PART = 0.25
FULL_PART = 0.5


class Paper(object):
    """The level of the empty page: a surface of the second degree.

    Attributes:
        coefficients: float64 [3, 3], of y ** row * x ** column with x, y from -1 to 1 over
            the page.
    """

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def levels(self, ys, xs):
        """Return float32 [len(ys), len(xs)]; `ys`, `xs` from -1 to 1 over the page."""
        surface = numpy.dot(numpy.dot(_powers(ys, 3), self.coefficients), _powers(xs, 3).T)
        return surface.astype(numpy.float32)


def centres(count):
    """Return where the centres of `count` equal pixels lie, from -1 to 1 over the page."""
    return (2.0 * numpy.arange(count) + 1.0) / count - 1.0


def paper_of(levels):
    """Fit the paper to a grey picture [height, width]: first its border, then all but ink."""
    flat = numpy.zeros((3, 3))
    ring = border(levels)
    flat[0, 0] = quantile(ring, 0.5)
    paper = Paper(flat)
    if min(levels.shape) < SMALLEST_SURFACE:
        return paper
    spread = quantile(numpy.abs(ring - flat[0, 0]), 0.5) / HALF_NORMAL_MEDIAN
    every = max(1, max(levels.shape) // SURFACE_SAMPLES)
    ys, xs = centres(levels.shape[0])[::every], centres(levels.shape[1])[::every]
    levels = levels[::every, ::every]
    for _ in range(3):
        off = numpy.abs(levels - paper.levels(ys, xs))
        paper = _surface(levels, off <= max(3.0 * spread, FAINTEST_INK / 2), ys, xs) or paper
        off = numpy.abs(border(levels - paper.levels(ys, xs)))
        spread = min(spread, quantile(off, 0.5) / HALF_NORMAL_MEDIAN)
    return paper


# A surface through fewer pixels a side would follow the digit itself.
SMALLEST_SURFACE = 40

# A smooth surface is known from this many pixels a side.
SURFACE_SAMPLES = 64

# Median and 90th percentile of the size of a standard normal number.
HALF_NORMAL_MEDIAN = 0.6745
HALF_NORMAL_TENTH = 1.6449


def border(levels):
    """Return the pixels along the four edges, a fiftieth of the page wide, as one row."""
    width = max(1, int(min(levels.shape) * 0.02))
    parts = (levels[:width], levels[-width:], levels[width:-width, :width], levels[width:-width, -width:])
    return numpy.concatenate([part.ravel() for part in parts])


def _surface(levels, empty, ys, xs):
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
    return Paper(coefficients)


def _powers(positions, count):
    return numpy.array([numpy.ones(len(positions)), positions, positions ** 2, positions ** 3, positions ** 4][:count]).T


class Trace(object):
    """Ink standing clear of the paper.

    Attributes:
        sign: -1 for ink darker than the paper, 1 for lighter.
        height: float32 [height, width], how far each pixel stands off the paper towards the
            ink, averaged with `smoothing` neighbours each way.
        level: `height` of full ink.
        noise: Spread of the paper, in `height`.
        mask: bool [height, width], the ink with its soft edges.
        strength: The sum by which dark and light are compared.
    """

    def __init__(self, off, sign, smoothing):
        self.sign = sign
        self.smoothing = smoothing
        self.height = smoothed(off * numpy.float32(sign), smoothing)
        self.noise = spread(self.height)
        self.level = _strongest(self.height)
        self.clear = self.level >= max(FAINTEST_INK, CLEAR_OF_NOISE * self.noise)
        self.threshold = max(FAINT_PART * self.level, NOISE_REACH * self.noise)
        self.mask = self.height > self.threshold
        self.strength = float((self.height[self.mask] ** 2).sum())


def trace(levels, paper, ink="auto"):
    """Find the ink of a grey picture.

    Args:
        levels: float32 [height, width].
        paper: Its `Paper`.
        ink: "dark", "light", or "auto": whichever stands out more.

    Returns:
        Trace, or None on a page where nothing stands clear of the noise.
    """
    off = levels - paper.levels(centres(levels.shape[0]), centres(levels.shape[1]))
    return clearest(off, {"dark": (-1,), "light": (1,)}.get(ink, (-1, 1)))


def clearest(off, signs):
    """Find the ink in heights over the paper, smoothed no more than noise asks for.

    Args:
        off: float32 [height, width], the picture less its paper.
        signs: Which of -1 (darker than the paper) and 1 (lighter) may be ink.

    Returns:
        Trace, or None.
    """
    for smoothing in SMOOTHINGS:
        traces = [Trace(off, sign, smoothing) for sign in signs]
        clear = [found for found in traces if found.clear]
        if clear:
            return max(clear, key=lambda found: found.strength)
        if max(found.level for found in traces) < FAINTEST_INK:
            return None
    return None


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


def spread(height):
    # Only the side away from the ink: there is nothing but paper there.
    away = -height[height <= 0]
    if away.size < 0.05 * height.size:
        return 0.0
    return float(quantile(away, 0.9)) / HALF_NORMAL_TENTH


def quantile(values, part):
    """Return the value below which `part` of the values lie, from a few thousand of them."""
    ordered = numpy.sort(values[:: max(1, values.size // 4096)])
    return ordered[int(part * (ordered.size - 1))]


def _strongest(height):
    high = height[height > FULL_PART * height.max()]
    ordered = numpy.sort(high if high.size >= STRONGEST else height, axis=None)
    return float(ordered[-min(STRONGEST, ordered.size)])


class Shape(object):
    """One figure on the page.

    Attributes:
        top, left, bottom, right: Its box in pixels of the grey picture, the latter exclusive.
        area: Its pixels.
        mask: bool [height, width].
    """

    def __init__(self, found, chosen):
        self.top = int(found.top[chosen].min())
        self.left = int(found.left[chosen].min())
        self.bottom = int(found.bottom[chosen].max())
        self.right = int(found.right[chosen].max())
        self.area = int(found.area[chosen].sum())
        self.mask = found.mask(chosen)


# A region with less ink than this part of the largest is a speck.
SPECK_PART = 0.02

# Parts of one figure are nearer than this part of the larger's longer side.
JOINING_GAP = 0.12

# So much may be between a figure's upper and lower part, as long as both together are no
# taller than a digit is.
STACKING_GAP = 0.35

# Regions that both reach this part of the taller's height, side by side, are two figures.
SAME_HEIGHT = 0.6

# More regions than this are not compared with one another; the rest is texture.
MOST_REGIONS = 64


def shapes(found):
    """Return the shapes of a Trace, largest first."""
    parts = regions.Regions(found.mask)
    full = parts.highest(found.height) > FULL_PART * found.level
    candidates = numpy.nonzero(full)[0]
    candidates = candidates[numpy.argsort(-parts.area[candidates], kind="mergesort")][:MOST_REGIONS]
    if not len(candidates):
        return []
    kept = candidates[parts.area[candidates] >= SPECK_PART * parts.area[candidates[0]]]
    family = _families(parts, kept)
    figures = []
    for root in numpy.unique(family):
        chosen = numpy.zeros(parts.count, bool)
        chosen[kept[family == root]] = True
        figures.append(Shape(parts, chosen))
    return sorted(figures, key=lambda shape: -shape.area)


def _families(parts, kept):
    """Join the regions `kept` that are parts of one figure; return the group of each."""
    top, bottom = parts.top[kept], parts.bottom[kept]
    left, right = parts.left[kept], parts.right[kept]
    height, width = bottom - top, right - left
    tallest = numpy.maximum.outer(height, height)
    longer = numpy.maximum(height, width)
    longest = numpy.maximum.outer(longer, longer)
    apart_y = numpy.maximum.outer(top, top) - numpy.minimum.outer(bottom, bottom)
    apart_x = numpy.maximum.outer(left, left) - numpy.minimum.outer(right, right)
    shared_x = -apart_x / numpy.minimum.outer(width, width)
    together_y = numpy.maximum.outer(bottom, bottom) - numpy.minimum.outer(top, top)
    together_x = numpy.maximum.outer(right, right) - numpy.minimum.outer(left, left)
    level = (numpy.minimum.outer(height, height) > SAME_HEIGHT * tallest) & (apart_y < 0)
    near = numpy.maximum(apart_x, apart_y) <= JOINING_GAP * longest
    beside = level & (shared_x < 0.15)
    above = (apart_y <= STACKING_GAP * longest) & (shared_x > 0.5) & (together_y <= 2 * together_x)
    first, second = numpy.nonzero((near & ~beside) | above)
    return regions.groups(len(kept), first, second)
