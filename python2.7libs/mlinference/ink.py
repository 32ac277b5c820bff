"""Where the ink is: the paper's level, which side of it the ink lies on, its separate shapes.

Works on a grey picture of a few hundred pixels a side, however large the page: the paper is a
smooth surface through what is not ink (light falls unevenly on a photographed page), ink is
what stands off that surface by clearly more than the paper's own roughness, and shapes are
the connected regions of ink, with specks left out and the parts of one figure joined.
"""

from __future__ import division

import numpy

from mlinference import paper as papers
from mlinference import regions, strokes

# A page's noise passes this many times its own spread in a handful of pixels by chance.
NOISE_REACH = 4.0
CLEAR_OF_NOISE = 7.0

# Ink that is so many times clearer than the paper is rough lies on an even page; else another
# way to see the paper is tried, and believed if it makes the ink so much clearer.
EVEN = 14.0
CLEARER = 1.5

# Ink does not run along so great a part of one of the page's edges; a shadow does.
LONGEST_CONTACT = 0.3

# At least half of a drawing's pixels reach this part of its level.
PALE_PART = 0.7

# Half widths, in pixels, of the averages that are tried until ink stands clear of noise.
SMOOTHINGS = (0, 1, 2, 4)

# The level of ink is that of the n-th strongest pixel: a hot pixel or two do not set it, and
# a small 1 on a large page has no more than five.
STRONGEST = 3

# What lies below this part of the ink's level is paper; a shape also needs one pixel above
# the second. In between are the soft edges.
FAINT_PART = 0.25
FULL_PART = 0.5

# What reaches the ink's level is dust beside a pale drawing, if it is no more than this part of all
# that stands clear of noise (of a clean drawing's it is half), and in dots: no wider than the drawing's
# strokes and than this part of the page, or than so many pixels. A dark digit on a stain is wider.
DOTS_PART = 0.4
LARGEST_DOT = 0.05
SMALLEST_DOT = 2

# So much of a drawing's pixels is below its level.
FIGURE_LEVEL = 0.9


class Trace(object):
    """Ink standing clear of the paper.

    Attributes:
        sign: -1 for ink darker than the paper, 1 for lighter.
        height: float32 [height, width], how far each pixel stands off the paper towards the
            ink, averaged with `smoothing` neighbours each way.
        level: `height` of full ink.
        noise: Spread of the paper, in `height`.
        mask: bool [height, width], the ink with its soft edges.
        clear: Whether it is ink, rather than noise; else there is no `noise`, `mask` nor `area`.
        area: How many pixels the ink has.
        cut: Whether `shapes` left out regions because they were too many.
        dotted: Whether the ink is paler than dust beside it, which `height` is cut off for.
    """

    def __init__(self, off, sign, smoothing, filled=False):
        self.sign = sign
        self.cut = self.dotted = False
        self.smoothing = smoothing
        self.height = papers.smoothed(off * numpy.float32(sign), smoothing)
        self.level = strongest(self.height, STRONGEST)
        self.clear = False
        if self.level >= papers.FAINTEST_INK:
            self.noise = spread(self.height, filled)
            self.clear = self.level >= CLEAR_OF_NOISE * self.noise
            if self.clear:
                self._pass_over_dots()
        if self.clear:
            self.threshold = max(FAINT_PART * self.level, NOISE_REACH * self.noise)
            self.mask = self.height > self.threshold
            self.area = numpy.count_nonzero(self.mask)

    def _pass_over_dots(self):
        """Let dust that is darker than a pencil's drawing not set the level of its ink."""
        faint = self.height > max(NOISE_REACH * self.noise, papers.FAINTEST_INK)
        strong = self.height > FULL_PART * self.level
        if numpy.count_nonzero(strong) > DOTS_PART * numpy.count_nonzero(faint):
            return
        parts, dots = regions.Regions(faint), regions.Regions(strong)
        figure = Shape(parts, numpy.arange(parts.count) == parts.area.argmax())
        level = papers.quantile(self.height[figure.window][figure.mask], FIGURE_LEVEL)
        if level > FULL_PART * self.level:
            return
        widest = min(strokes.width(figure.mask), LARGEST_DOT * max(faint.shape))
        if dots.longer.max() > max(widest, SMALLEST_DOT):
            return
        self.dotted = True
        self.level = float(level)
        self.height = numpy.minimum(self.height, self.level)

    @property
    def strength(self):
        """The sum by which dark and light are compared."""
        return float((self.height[self.mask] ** 2).sum())


class Search(object):
    """What was found on a grey picture.

    Attributes:
        paper: Its `paper.Level`, `paper.Surface` or `paper.Neighbourhood`.
        trace: The Trace, or None where nothing stands clear of the noise.
    """

    def __init__(self, levels, paper, signs):
        self.paper = paper
        self.trace = clearest(levels - paper.over(levels.shape), signs, paper.filled)
        lines = ruled(self.trace) if self.trace else None
        if lines is not None:
            self.trace.mask &= ~lines
        self._shapes = None

    @property
    def shapes(self):
        """List of Shape, largest first; empty where nothing stands clear of the noise, only."""
        # Told apart when asked for: a page that is taken as it is can do without.
        if self._shapes is None:
            self._shapes = figures(shapes(self.trace)) if self.trace else []
        return self._shapes

    @property
    def doubtful(self):
        """Whether a shadow, or the light beside one, may have been taken for ink."""
        if self.clearness < EVEN:
            return True
        if contact(self.trace.mask) <= LONGEST_CONTACT or self.shapes[0].contact <= LONGEST_CONTACT:
            return False
        shape = self.shapes[0]
        usual = papers.quantile(self.trace.height[shape.window][shape.mask], 0.5)
        return usual < PALE_PART * self.trace.level or shape.is_solid

    @property
    def may_be_sheet(self):
        """Whether there is enough ink for a sheet, which is cheaper to tell than whether it is."""
        trace = self.trace
        return bool(trace) and trace.area >= SHEET_FILLED * SMALLEST_SHEET * trace.mask.size

    @property
    def clearness(self):
        """How many times its noise the ink stands off the paper, were it not smoothed."""
        if not self.trace:
            return 0.0
        side = 2 * self.trace.smoothing + 1
        return self.trace.level / max(self.trace.noise, papers.FAINTEST_INK / 10) / side


def search(levels, ink="auto"):
    """Find the ink of a grey picture.

    Args:
        levels: float32 [height, width].
        ink: "dark", "light", or "auto": whichever stands out more.

    Returns:
        Search.
    """
    signs = {"dark": (-1,), "light": (1,)}.get(ink, (-1, 1))
    usual = Search(levels, papers.surface_of(levels), signs)
    if not usual.doubtful or numpy.ptp(levels) < papers.FAINTEST_INK:
        return usual
    others = [Search(levels, papers.neighbourhood_of(levels, sign), (sign,)) for sign in signs]
    better = [other for other in others if _better(other, usual)]
    if not better:
        return usual
    # Between dark and light the larger box decides, for the inside of a loop is smaller than
    # it; but what a sharpening filter leaves around dark ink is pale.
    highest = max(other.trace.level for other in better)
    full = [other for other in better if other.trace.level >= FULL_PART * highest]
    return max(full, key=lambda other: other.shapes[0].span)


def _better(other, usual):
    if not other.shapes or other.shapes[0].contact > LONGEST_CONTACT:
        return False
    if usual.shapes and usual.shapes[0].contact <= LONGEST_CONTACT:
        # What was found is at least a figure; a part of it would not be better.
        if other.shapes[0].span < usual.shapes[0].span / 2:
            return False
    return usual.clearness >= EVEN or other.clearness > CLEARER * usual.clearness


def clearest(off, signs, filled=False):
    """Find the ink in heights over the paper, smoothed no more than noise asks for.

    Args:
        off: float32 [height, width], the picture less its paper.
        signs: Which of -1 (darker than the paper) and 1 (lighter) may be ink.
        filled: As `spread`'s.

    Returns:
        Trace, or None.
    """
    for smoothing in SMOOTHINGS:
        traces = [Trace(off, sign, smoothing, filled) for sign in signs]
        clear = [found for found in traces if found.clear]
        if clear:
            return max(clear, key=lambda found: found.strength) if clear[1:] else clear[0]
        if max(found.level for found in traces) < papers.FAINTEST_INK:
            return None
    return None


def spread(height, filled=False):
    """Return the spread of the paper: of the side away from the ink, where nothing else is.

    Args:
        height: As Trace's.
        filled: The paper is a `paper.Neighbourhood`, which leaves next to nothing on that
            side; then the middle of all sizes is the measure.
    """
    if filled:
        return float(papers.quantile(numpy.abs(height).ravel(), 0.5)) / papers.HALF_NORMAL_MEDIAN
    away = -height[height <= 0]
    if away.size < 0.05 * height.size:
        return 0.0
    return float(papers.quantile(away, 0.9)) / papers.HALF_NORMAL_TENTH


def strongest(height, count):
    """Return the `count`-th largest of some heights, or the largest if none is that of ink."""
    highest = height.max()
    if highest < papers.FAINTEST_INK:
        return float(highest)
    high = height[height > FULL_PART * highest]
    ordered = numpy.sort(high if high.size >= count else height, axis=None)
    return float(ordered[-min(count, ordered.size)])


# A line of ruled paper runs over so much of the page and is no thicker than this part of it;
# fewer could still be bars of a figure, unless they run from edge to edge, as a margin does.
# Where ink crosses a line it reaches this part of full.
RULED_LENGTH = 0.8
MARGIN_LENGTH = 0.99
RULED_THICKNESS = 0.03
FEWEST_RULED = 4
CROSSING_PART = 0.75


def ruled(found):
    """Return bool [height, width], what of a Trace's mask is lines over the whole page, or None."""
    may_be_ruled = found.area >= FEWEST_RULED * RULED_LENGTH * min(found.mask.shape)
    rows, columns = _lines(found.mask, may_be_ruled), _lines(found.mask.T, may_be_ruled)
    if rows is None and columns is None:
        return None
    lines = numpy.zeros(found.mask.shape, bool)
    if rows is not None:
        lines[rows] = True
    if columns is not None:
        lines[:, columns] = True
    return lines & (found.height < CROSSING_PART * found.level)


def _lines(mask, may_be_ruled):
    """Return bool [height], the rows of thin lines, or None if there are neither ruled ones nor a margin."""
    if not may_be_ruled and not (mask[:, 0] & mask[:, -1]).any():
        return None
    lengths, fewest = mask.sum(axis=1), FEWEST_RULED
    full = lengths > RULED_LENGTH * mask.shape[1]
    if full.sum() < fewest:
        full, fewest = lengths >= MARGIN_LENGTH * mask.shape[1], 1
    steps = numpy.concatenate(([False], full, [False])).astype(numpy.int8)
    starts, ends = [numpy.nonzero(steps[1:] - steps[:-1] == step)[0] for step in (1, -1)]
    thin = ends - starts <= max(1, RULED_THICKNESS * len(full))
    if thin.sum() < fewest:
        return None
    for start, end in zip(starts[~thin], ends[~thin]):
        full[start:end] = False
    return full


class Shape(object):
    """One figure on the page.

    Attributes:
        top, left, bottom, right: Its box in pixels of the grey picture, the latter exclusive.
        area, span: Its pixels, and its box's.
        longer: The longer side of the box.
        page: (height, width) of the grey picture.
        mask: bool [bottom - top, right - left].
    """

    def __init__(self, found, chosen):
        self.page = found.shape
        self.top = int(found.top[chosen].min())
        self.left = int(found.left[chosen].min())
        self.bottom = int(found.bottom[chosen].max())
        self.right = int(found.right[chosen].max())
        self.area = int(found.area[chosen].sum())
        self.span = (self.bottom - self.top) * (self.right - self.left)
        self.longer = max(self.bottom - self.top, self.right - self.left)
        self.mask = found.mask(chosen, (self.top, self.left, self.bottom, self.right))

    @property
    def window(self):
        """Its box, as an index of arrays over the grey picture."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def contact(self):
        """The greatest part of one of the page's edges that it covers."""
        height, width = self.page
        touching = (
            (self.top == 0, self.mask[0], width),
            (self.bottom == height, self.mask[-1], width),
            (self.left == 0, self.mask[:, 0], height),
            (self.right == width, self.mask[:, -1], height),
        )
        return max(
            [numpy.count_nonzero(edge) / length for touches, edge, length in touching if touches]
            or [0.0]
        )

    @property
    def is_cut_off(self):
        """Whether it runs off the page: beyond one of its edges, and not the opposite one too."""
        height, width = self.page
        return (self.top == 0) != (self.bottom == height) or (self.left == 0) != (
            self.right == width
        )

    @property
    def is_solid(self):
        """Whether it is too thick for strokes."""
        return strokes.width(self.mask) > THICKEST_STROKE * self.longer

    @property
    def is_sheet(self):
        """Whether this is a page that lies on something, rather than a figure on a page."""
        smallest = SMALLEST_SHEET * self.page[0] * self.page[1]
        if self.span < smallest or self.area < SHEET_FILLED * self.span:
            return False
        rows, columns = [int(CORNER * count) for count in self.mask.shape]
        return bool(self.mask[[rows, rows, -rows - 1, -rows - 1], [columns, -columns - 1] * 2].all())


def contact(mask):
    """Return the greatest part of one of the page's edges that a mask [height, width] covers."""
    edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return max([numpy.count_nonzero(edge) / edge.size for edge in edges])


# A region with less ink than this part of the largest is a speck.
SPECK_PART = 0.02

# A second figure has this part of the largest's ink and of its length; dust and noise do not.
FIGURE_AREA = 0.08
FIGURE_LENGTH = 0.25

# Inside of the largest, which may be a frame with much ink, it has this part of its length.
FRAMED_LENGTH = 0.15

# A figure between the lines of a contact sheet, of the page's longer side.
CELL_LENGTH = 0.1

# Parts of one figure are nearer than this part of the larger's longer side.
JOINING_GAP = 0.12

# So much may be between a figure's upper and lower part, as long as both together are no
# taller than a digit is.
STACKING_GAP = 0.35

# Regions that both reach this part of the taller's height, side by side, are two figures.
SAME_HEIGHT = 0.6

# A sheet is at least this part of the picture, so full in spite of the drawing on it, and has
# corners, which are looked for so far inside its box; it may lie a little askew.
SMALLEST_SHEET = 0.2
SHEET_FILLED = 0.7
CORNER = 0.1

# Strokes are no thicker than this part of the longer side.
THICKEST_STROKE = 0.3

# More regions than this are not compared with one another; the rest is texture.
MOST_REGIONS = 512

# What lies inside of another region's box belongs to it if it is near its ink, which is not so
# where the box is so many times as large both ways, and all its sides are out of reach; nor is
# what is at least a half as long: loose parts within a digit are dots, a digit in its box is not.
ENCLOSING = 1.5
LONG_WITHIN = 2


def shapes(found):
    """Return the shapes of a Trace, largest first."""
    parts = regions.Regions(found.mask)
    full = parts.highest(found.height) > FULL_PART * found.level
    candidates = numpy.nonzero(full)[0]
    candidates = candidates[numpy.argsort(-parts.area[candidates], kind="mergesort")]
    if not len(candidates):
        return []
    kept = candidates[parts.area[candidates] >= SPECK_PART * parts.area[candidates[0]]]
    kept = kept[~_is_grid(parts, kept)]
    found.cut = len(kept) > MOST_REGIONS
    kept = kept[:MOST_REGIONS]
    family = _families(parts, kept)
    joined = []
    for root in numpy.unique(family):
        chosen = numpy.zeros(parts.count, bool)
        chosen[kept[family == root]] = True
        joined.append(Shape(parts, chosen))
    return sorted(joined, key=lambda shape: -shape.area)


def _is_grid(parts, kept):
    """Return bool [kept]: it reaches all of the page's edges, and figures lie between its lines."""
    height, width = parts.shape
    begins = (parts.top[kept] == 0) & (parts.left[kept] == 0)
    ends = (parts.bottom[kept] == height) & (parts.right[kept] == width)
    is_whole = begins & ends
    between = ~is_whole & (parts.longer[kept] >= CELL_LENGTH * max(height, width))
    # One alone may be the dot of a nought that fills the page.
    return is_whole & (numpy.count_nonzero(between) > 1)


def drawn(found):
    """Return bool [height, width]: what of a Trace's mask belongs to shapes.

    On an even page that is all of it, and the shapes need not be told apart.
    """
    if not found.smoothing and found.level >= EVEN * found.noise:
        return found.mask
    mask = numpy.zeros(found.mask.shape, bool)
    for shape in shapes(found):
        mask[shape.window] |= shape.mask
    return mask


def figures(found):
    """Leave out the shapes, largest first, that are too small beside it to be figures too."""
    return [shape for shape in found if _counts(shape, found[0])]


def _counts(shape, largest):
    if shape.area >= FIGURE_AREA * largest.area and shape.longer >= FIGURE_LENGTH * largest.longer:
        return True
    framed = (
        shape.top > largest.top
        and shape.left > largest.left
        and shape.bottom < largest.bottom
        and shape.right < largest.right
    )
    return framed and shape.longer >= FRAMED_LENGTH * largest.longer


def _enclosed(top, bottom, left, right, reach):
    """Return bool [regions, regions]: one lies well inside of the other's box, as in a frame."""
    away = [
        numpy.subtract.outer(top, top).T,
        numpy.subtract.outer(bottom, bottom),
        numpy.subtract.outer(left, left).T,
        numpy.subtract.outer(right, right),
    ]
    height, width = bottom - top, right - left
    larger = (height[:, None] > ENCLOSING * height) & (width[:, None] > ENCLOSING * width)
    within, longer = numpy.minimum.reduce(away), numpy.maximum(height, width)
    long_within = (within > 0) & (LONG_WITHIN * longer >= longer[:, None])
    inside = (larger & (within > reach)) | long_within
    return inside | inside.T


def _families(parts, kept):
    """Join the regions `kept` that are parts of one figure; return the group of each."""
    if len(kept) == 1:
        return numpy.zeros(1, int)
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
    # A part may be as far away as half its own length: dust is not part of what it lies beside.
    reach = numpy.minimum(JOINING_GAP * longest, numpy.minimum.outer(longer, longer) / 2)
    near = numpy.maximum(apart_x, apart_y) <= reach
    beside = level & (shared_x < 0.15)
    above = (apart_y <= STACKING_GAP * longest) & (shared_x > 0.5) & (together_y <= 2 * together_x)
    apart = _enclosed(top, bottom, left, right, reach)
    first, second = numpy.nonzero(((near & ~beside) | above) & ~apart)
    return regions.groups(len(kept), first, second)
