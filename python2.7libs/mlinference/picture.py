"""A page of any size becomes the picture the network was trained on.

MNIST's makers cropped each digit to its ink, scaled it with its proportions into a box of 20
pixels, and placed it on 28x28 by its centre of mass. `prepare` does the same to whatever an
artist draws, unless told to take the page as it is.
"""

from __future__ import division

import copy

import numpy

from mlinference import colours, errors, levels, lines, strokes
from mlinference import ink as inks
from mlinference import paper as papers
from mlinference.networks import COLOUR, INK

# Longest side of the grey picture in which ink is looked for.
SEARCHED_SIDE = 256

# Longest side of the ink's own crop, before it is scaled to the network's picture.
CROPPED_SIDE = 160

# MNIST's box takes 20 of 28 pixels, and the centre of mass lies in the middle of pixel 14.
BOX_PART = 20 / 28
CENTRE_PART = 14.5 / 28

# A figure whose size is within this part of the box keeps its pixels: to scale it by so
# little would only blur it.
SAME_SIZE = 0.075

# So much of a photographed sheet is left out along its edges: shadow, and what lies beside it.
SHEET_EDGE = 0.04

# A figure that runs off the page may be a part of anything, and counts for this much.
CUT_OFF = 1 / 3

# The level of full ink, or of full light, is that of so many pixels: a hot one does not set it.
FEWEST_STRONG = 8

# Ink stands off the paper no more than so many times its level; thin ink does when seen from near.
NEARER = 1.5

# Levels beyond this are light brighter than white, not a filter's overshoot.
BRIGHTER_THAN_WHITE = 1.25

# Up to so many pixels of such light, in the grey picture, are a glint beside something else; where
# nothing else is there, one up to so long. More are the picture's own white.
LARGEST_GLINT = 40
LONGEST_GLINT = 4


class Page(object):
    """A picture as the source gives it.

    Attributes:
        values: float32 [height, width] or [height, width, 3], top row first, luminance or
            red, green, blue; 0 black to 1 white, also beyond, also not a number.
        name: Where it comes from, for messages.
        linear: The values are linear light; otherwise display-referred.
        cautions: What its source has to say of it, tuple of errors.Caution.
    """

    def __init__(self, values, name="", linear=False, cautions=()):
        self.values = numpy.asarray(values, numpy.float32)
        self.name = name
        self.linear = linear
        self.cautions = tuple(cautions)

    @property
    def height(self):
        return self.values.shape[0]

    @property
    def width(self):
        return self.values.shape[1]


class Prepared(object):
    """What the network gets.

    Attributes:
        pictures: float32 [1, height * width * channels], rows top first, 0 paper to 1 ink.
        cautions: Tuple of errors.Caution.
        blank: Nothing is drawn on the page; the pictures are all paper.
        fit: What was done: "exact", "stretch" or "centre".
        box: (top, left, bottom, right) in pixels of what was cut out of the page; None where
            it was taken whole.
        weight: How much what was cut out counts for its page, 0 to 1: its part of the ink of
            all figures, and less where it runs off the page; 1 where the page was taken whole.
    """

    def __init__(self, picture, cautions=(), blank=False, fit="", box=None, weight=1.0):
        self.pictures = numpy.ascontiguousarray(picture, numpy.float32).reshape(1, -1)
        self.cautions = tuple(cautions)
        self.blank = blank
        self.fit = fit
        self.box = box
        self.weight = weight


def prepare(page, ink="auto", fit="auto", shape=(28, 28, 1), looks_at=INK):
    """Turn a page into the network's input.

    Args:
        page: Page.
        ink: "dark", "light", or "auto", by what stands off the page's border.
        fit: "exact" takes the page as it is, "stretch" scales it whole, "centre" crops to
            the ink, keeps its proportions and centres its mass, "auto" is "exact" for a page
            that is already so and "centre" for every other.
        shape: (height, width, channels) of the network's picture. Three channels are red,
            green and blue where the page is taken whole; a shape cut out of it is only ink,
            the same in each.
        looks_at: networks.INK, or networks.COLOUR: then `ink` does not count, 0 is black and 1
            white, and "centre" and "auto" cut out the page's middle, see `colours.prepared`.

    Returns:
        Prepared.

    Raises:
        errors.PictureEmpty: If the page has no pixels.
        errors.PictureSizeDiffers: If `fit` is "exact" and the page's size is not `shape`'s.
    """
    if not page.values.size:
        raise errors.PictureEmpty(name=page.name)
    if fit == "exact" and (page.height, page.width) != tuple(shape[:2]):
        raise errors.PictureSizeDiffers(
            name=page.name,
            width=page.width,
            height=page.height,
            needed="%dx%d" % (shape[1], shape[0]),
        )
    if looks_at == COLOUR:
        made, cautions, fit, box = colours.prepared(page, fit, shape)
        return Prepared(made, cautions, fit=fit, box=box)
    search = _Search(page, ink)
    if search.blank:
        paper = numpy.zeros(shape, numpy.float32)
        return Prepared(paper, search.cautions + [errors.PictureBlank(name=page.name)], blank=True)
    if fit == "auto":
        fit = "exact" if _ready(search, shape) else "centre"
    if fit == "centre":
        figure = search.shapes[0]
        cautions = search.cautions + search.doubts()
        return Prepared(
            _centred(search, figure, shape),
            cautions,
            fit=fit,
            box=search.box_of(figure),
            weight=search.weight_of(figure),
        )
    return Prepared(_whole(search, shape), search.cautions, fit=fit)


class Shape(object):
    """One of several figures on a page.

    Attributes:
        pictures: As Prepared's.
        left, top, width, height: Its box on the page, in pixels.
    """

    def __init__(self, picture, box):
        self.pictures = numpy.ascontiguousarray(picture, numpy.float32).reshape(1, -1)
        self.top, self.left, bottom, right = box
        self.height, self.width = bottom - self.top, right - self.left


def shapes(page, ink="auto", shape=(28, 28, 1)):
    """Prepare every separate figure of a page, each as `prepare` with "centre" does.

    The ink is looked for once: sixteen figures cost little more than one.

    Args:
        page, ink, shape: As `prepare`.

    Returns:
        ([Shape, ...] in reading order, (errors.Caution, ...)).

    Raises:
        errors.PictureEmpty: If the page has no pixels.
    """
    if not page.values.size:
        raise errors.PictureEmpty(name=page.name)
    search = _Search(page, ink)
    if search.blank:
        return [], tuple(search.cautions) + (errors.PictureBlank(name=page.name),)
    boxes = [search.box_of(figure) for figure in search.shapes]
    order = lines.reading_order(boxes)
    found = [Shape(_centred(search, search.shapes[n], shape), boxes[n]) for n in order]
    if search.trace.cut:
        search.cautions.append(errors.ShapesCut(name=page.name, count=inks.MOST_REGIONS))
    return found, tuple(search.cautions)


class _Search(object):
    """The ink of one page, looked for in a small grey copy."""

    def __init__(self, page, ink):
        self.page = page
        self.cautions = list(page.cautions)
        self._look(page.values, 0, 0, ink)
        self.whole = self.values
        self.grey = self.levels if self.factor == 1 else None
        self._enter_sheet(ink)
        self.blank = self.trace is None

    @property
    def shapes(self):
        """The figures, list of ink.Shape, largest first."""
        return self.found.shapes

    def doubts(self):
        """Return the cautions of a page of which the largest figure alone is read, in a list."""
        found = []
        if len(self.shapes) > 1:
            found.append(errors.PictureCrowded(name=self.page.name, count=len(self.shapes)))
        if self.shapes[0].is_cut_off:
            found.append(errors.PictureCutOff(name=self.page.name))
        return found

    def _look(self, values, top, left, ink):
        self.values, self.top, self.left = values, top, left
        self.factor = -(-max(values.shape[:2]) // SEARCHED_SIDE)
        self.levels = levels.averaged(values, self.factor, self.page.linear)
        if not levels.measurable(self.levels):
            self._mend()
        self.ceiling = numpy.float32(BRIGHTER_THAN_WHITE)
        highest = self.levels.max()
        if highest > self.ceiling:
            self._look_below(ink, highest)
        else:
            self.found = inks.search(self.levels, ink)
        self.paper, self.trace = self.found.paper, self.found.trace

    def _look_below(self, ink, highest):
        """Look for the ink without glints; where nothing else is there, they are it."""
        whole, self.ceiling = self.levels, _ceiling(self.levels)
        self.levels = numpy.minimum(whole, self.ceiling)
        self.found = inks.search(self.levels, ink)
        if self.found.trace is None and highest > self.ceiling:
            bright = inks.search(whole, ink)
            if bright.shapes and bright.shapes[0].longer > LONGEST_GLINT:
                self.found, self.levels, self.ceiling = bright, whole, highest

    def _mend(self):
        self.values, count = levels.mended(self.values)
        self.cautions.append(errors.PictureNotNumbers(name=self.page.name, count=count))
        self.levels = levels.averaged(self.values, self.factor, self.page.linear)

    def _enter_sheet(self, ink):
        """Where the picture shows a page that lies on something, look on the page alone."""
        if not self.found.may_be_sheet or not self.shapes[0].is_sheet:
            return
        top, left, bottom, right = self.box_of(self.shapes[0])
        edge = int(SHEET_EDGE * min(bottom - top, right - left)) + self.factor
        inside = self.values[top + edge : bottom - edge, left + edge : right - edge]
        if not inside.size:
            return
        inner = copy.copy(self)
        inner._look(inside, top + edge, left + edge, ink)
        # The holes of a thick figure are solid, and its bays open to the edge.
        found = inner.shapes[0] if inner.shapes else None
        if found and not (found.is_solid or found.is_sheet or found.contact > SHEET_EDGE):
            self.__dict__.update(inner.__dict__)

    def weight_of(self, figure):
        """Return how much an ink.Shape counts for the page, 0 to 1, as Prepared's."""
        part = figure.area / sum(each.area for each in self.shapes)
        return CUT_OFF * part if figure.is_cut_off else part

    def box_of(self, figure):
        """Return (top, left, bottom, right) of an ink.Shape in pixels of the page."""
        return (
            self.top + figure.top * self.factor,
            self.left + figure.left * self.factor,
            min(self.top + figure.bottom * self.factor, self.page.height),
            min(self.left + figure.right * self.factor, self.page.width),
        )


def _ceiling(grey):
    """Return the level beyond which light is a glint: white, or what many pixels have."""
    return max(numpy.float32(1), numpy.sort(grey, axis=None)[-min(LARGEST_GLINT + 1, grey.size)])


def _whole(search, shape):
    """The page as it is, stretched if its size differs: 0 paper to 1 ink, [h, w, channels]."""
    values, linear = search.whole, search.page.linear
    if shape[2] == 3 and values.ndim == 3 and values.shape[2] >= 3:
        planes = [levels.averaged(values[:, :, channel], 1, linear) for channel in range(3)]
    else:
        grey = levels.averaged(values, 1, linear) if search.grey is None else search.grey
        planes = [grey] * shape[2]
    if max(plane.max() for plane in planes) > BRIGHTER_THAN_WHITE:
        brightest = max(inks.strongest(plane, FEWEST_STRONG) for plane in planes)
        if brightest > BRIGHTER_THAN_WHITE:
            planes = [plane / brightest for plane in planes]
    planes = [plane.clip(0, 1) for plane in planes]
    if planes[0].shape != tuple(shape[:2]):
        window = (0, 0) + planes[0].shape
        planes = [strokes.resampled(plane, window, shape[:2]).clip(0, 1) for plane in planes]
    page = planes[0][:, :, None] if len(planes) == 1 else numpy.dstack(planes)
    return 1 - page if search.trace.sign < 0 else page


def _ready(search, shape):
    """Tell whether the page is already what centring would make of it."""
    if (search.page.height, search.page.width) != tuple(shape[:2]) or search.trace.smoothing:
        return False
    picture = _whole(search, (shape[0], shape[1], 1))[:, :, 0]
    if numpy.median(papers.border(picture)) > 0.1 or picture.max() < 0.8:
        return False
    top, left, bottom, right = strokes.box(picture)
    box = BOX_PART * max(shape[:2])
    if not 0.85 * box <= max(bottom - top, right - left) <= 1.1 * box:
        return False
    y, x = strokes.centre_of_mass(picture)
    away = max(abs(y - CENTRE_PART * shape[0]), abs(x - CENTRE_PART * shape[1]))
    return away <= 0.05 * max(shape[:2])


def _centred(search, figure, shape):
    """A figure in MNIST's box, centred by its mass: 0 paper to 1 ink, as `_whole`."""
    drawing, factor = _cropped(search, figure)
    box = BOX_PART * min(shape[:2])
    drawing, factor, (top, left, bottom, right) = strokes.normalised(drawing, factor, box)
    longer = max(bottom - top, right - left)
    y, x = strokes.centre_of_mass(drawing)
    step = longer / box
    if factor == 1 and abs(step - 1) <= SAME_SIZE:
        step, top, left = 1.0, round(top), round(left)
    # The box starts on a pixel's edge, as MNIST's does: its first and last rows stay sharp.
    top -= step * round(CENTRE_PART * shape[0] - (y - top) / step)
    left -= step * round(CENTRE_PART * shape[1] - (x - left) / step)
    window = (top, left, top + shape[0] * step, left + shape[1] * step)
    picture = strokes.resampled(drawing, window, shape[:2])
    picture = numpy.clip(picture / max(picture.max(), 0.5), 0, 1)
    return numpy.repeat(picture[:, :, None], shape[2], axis=2)


def _cropped(search, figure):
    """Cut an ink.Shape out of the page: 0 paper to 1 ink.

    Returns:
        (float32 [height, width], source pixels per pixel).
    """
    coarse = search.factor
    reach = 2 + search.trace.smoothing
    box = (figure.top - reach, figure.left - reach, figure.bottom + reach, figure.right + reach)
    top, left = max(box[0], 0), max(box[1], 0)
    bottom, right = min(box[2], figure.page[0]), min(box[3], figure.page[1])
    near = numpy.zeros((bottom - top, right - left), bool)
    near[figure.top - top : figure.bottom - top, figure.left - left : figure.right - left] = figure.mask
    near = strokes.grown(near, reach)
    fine = max(1, max(bottom - top, right - left) * coarse // CROPPED_SIDE)
    fine = min(fine, coarse)
    values = search.values[top * coarse : bottom * coarse, left * coarse : right * coarse]
    grey = numpy.minimum(levels.averaged(values, fine, search.page.linear), search.ceiling)
    ys = _positions(top * coarse, grey.shape[0], fine, search.levels.shape[0] * coarse)
    xs = _positions(left * coarse, grey.shape[1], fine, search.levels.shape[1] * coarse)
    off = grey - search.paper.levels(ys, xs)
    rows = numpy.minimum(numpy.arange(grey.shape[0]) * fine // coarse, near.shape[0] - 1)
    columns = numpy.minimum(numpy.arange(grey.shape[1]) * fine // coarse, near.shape[1] - 1)
    return _inked(off, near[rows][:, columns], search), fine


def _positions(first, count, step, size):
    """Where pixels of the crop lie on the page, from -1 to 1 as the paper was fitted."""
    return 2.0 * (first + (numpy.arange(count) + 0.5) * step) / size - 1.0


def _inked(off, near, search):
    """Turn heights over the paper into 0 paper .. 1 full ink, and all but the shape to paper."""
    sign, filled = search.trace.sign, search.paper.filled
    if search.trace.dotted and not search.trace.smoothing:
        off = numpy.float32(sign) * numpy.minimum(off * numpy.float32(sign), NEARER * search.trace.level)
    closer = inks.clearest(off, (sign,), filled)
    seen = near
    if closer is not None:
        seen = near & strokes.grown(inks.drawn(closer), 2 + closer.smoothing)
    if closer is not None and not closer.smoothing:
        height, noise = closer.height, closer.noise
        if closer.area >= FEWEST_STRONG:
            # Dust that was averaged away from afar.
            height = numpy.minimum(height, NEARER * closer.level)
    else:
        height = off * numpy.float32(sign)
        noise = inks.spread(height, filled)
    height = numpy.where(seen, height, 0)
    peak = height.max()
    if peak <= 0:
        # Seen from near there is no ink; what was seen from afar is all that is known.
        return near.astype(numpy.float32)
    strong = height[height > inks.FULL_PART * peak]
    if strong.size >= FEWEST_STRONG:
        strong = height[height > inks.FULL_PART * inks.strongest(height, FEWEST_STRONG)]
    full = papers.quantile(strong, 0.75)
    floor = min(2 * noise, 0.4 * full)
    return numpy.clip((height - floor) / (full - floor), 0, 1)
