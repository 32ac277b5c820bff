"""What the `digits` recipe mixes in beside MNIST, each picture prepared as the node prepares it.

Fonts' digits, pen drawings, MNIST's digits on pages of other sizes, and pictures that hold no
digit, for which every class is as right as any other. All is drawn from the seed.
"""

from __future__ import division

import collections

import numpy

from mlinference import picture
from mlinference.training import drawings, glyphs

# Share of every batch, and how many pictures are made; MNIST itself has the rest.
PARTS = collections.OrderedDict(
    (
        ("fonts", (0.16, 24000)),
        ("pens", (0.06, 6000)),
        ("pages", (0.14, 16000)),
        ("outliers", (0.20, 28000)),
    )
)

# Signs that no hand and no font makes a digit of.
SIGNS = "EFKMNRWXHA@#%*+=~{}"

# One of so many pictures is not trained on; validation looks at it.
HELD = 16

# pictures: uint8 [N, 784], 255 full ink; targets: float32 [N, classes]; share of a batch.
Pool = collections.namedtuple("Pool", "name pictures targets share")


def pools(data, fonts, seed, say, scale=1.0):
    """Make the pools.

    Args:
        data: dataset.Dataset, of which the test part is not used.
        fonts: Folder of fonts.
        seed: Of all that is drawn.
        say: Function of a line of text, for progress.
        scale: Part of the usual number of pictures.

    Returns:
        List of Pool. The first pictures of each, as many as `held_of` its number, are for
        validation: of other families and other hands than the rest.
    """
    letters = glyphs.Fonts(glyphs.faces(fonts, glyphs.TRAIN))
    held = glyphs.Fonts(glyphs.faces(fonts, glyphs.VALIDATION))
    makers = {
        "fonts": lambda random, split: _font((letters, held)[split], random),
        "pens": lambda random, split: _pen(random),
        "pages": lambda random, split: _refitted((data.train, data.validation)[split], random),
        "outliers": lambda random, split: (outlier(letters, random), None),
    }
    made = []
    for number, (name, (share, count)) in enumerate(PARTS.items()):
        count = max(1, int(count * scale))
        say("Making %d pictures of %s" % (count, name))
        random = numpy.random.RandomState([seed, number])
        made.append(_pool(name, makers[name], count, share, random, len(data.labels)))
    return made


def held_of(count):
    """Return how many of a pool's pictures are for validation."""
    return count // HELD


def prepared(ink, random):
    """Put a drawing on a page of some paper and prepare that page.

    Args:
        ink: float [height, width], 0 paper to 1 ink.

    Returns:
        float32 [784], or None if the page counts as blank.
    """
    ready = picture.prepare(picture.Page(page(ink, random)))
    return None if ready.blank else ready.pictures[0]


def page(ink, random):
    """Return a page with the drawing on it: dark or light ink, clean, grey or noisy paper."""
    height, width = ink.shape
    margins = random.randint(3, 3 + max(4, max(height, width) // 2), 4)
    sheet = numpy.zeros((height + margins[0] + margins[1], width + margins[2] + margins[3]))
    sheet[margins[0] : margins[0] + height, margins[2] : margins[2] + width] = ink
    paper, full = (1.0, 0.0) if random.randint(2) else (0.0, 1.0)
    if random.randint(2):
        paper, full = abs(paper - random.uniform(0, 0.45)), abs(full - random.uniform(0, 0.15))
    sheet = paper + (full - paper) * sheet
    if random.randint(2):
        sheet = sheet + random.uniform(0.01, 0.12) * random.standard_normal(sheet.shape)
    return numpy.clip(sheet, 0, 1).astype(numpy.float32)


def _pool(name, make, count, share, random, classes):
    pictures = numpy.zeros((count, 784), numpy.uint8)
    # Of what is no digit, each class is as likely as any other.
    targets = numpy.ones((count, classes), numpy.float32) / classes
    for index in range(count):
        made, label = make(random, index < held_of(count))
        pictures[index] = numpy.round(made * 255)
        if label is not None:
            targets[index] = numpy.arange(classes) == label
    return Pool(name, pictures, targets, share)


def _until_drawn(draw, random):
    while True:
        made = prepared(draw(), random)
        if made is not None:
            return made


def _font(letters, random):
    number = random.randint(10)
    return _until_drawn(lambda: letters.digit(number, random), random), number


def _pen(random):
    number = random.randint(10)
    return _until_drawn(lambda: drawings.digit(number, random), random), number


def _refitted(split, random):
    index = random.randint(len(split.labels))
    ink = split.pictures[index].reshape(28, 28)
    size = 28 if random.randint(2) else int(28 * numpy.exp(random.uniform(0, 2.0)))
    return _until_drawn(lambda: enlarged(ink, size), random), int(split.labels[index])


def enlarged(ink, size):
    """Return the drawing smoothly scaled to `size` pixels square."""
    from PIL import Image

    if size == len(ink):
        return ink
    image = Image.fromarray(numpy.asarray(ink, numpy.float32))
    return numpy.clip(numpy.asarray(image.resize((size, size), Image.BICUBIC)), 0, 1)


# -- pictures without a digit -----------------------------------------------------------------


def outlier(letters, random):
    """Return one prepared picture, float32 [784], that holds no digit."""
    choice = random.randint(20)
    if choice < 2:
        return _raw(random)
    while True:
        # A doodle of several pieces is prepared as its largest, which may be a plain stroke.
        if choice < 8:
            made = prepared(drawings.doodle(random), random)
        elif choice < 10:
            made = prepared(letters.symbol(SIGNS[random.randint(len(SIGNS))], random), random)
        else:
            sheet = _SHEETS[random.randint(len(_SHEETS))](random)
            ready = picture.prepare(picture.Page(numpy.clip(sheet, 0, 1)))
            made = None if ready.blank else ready.pictures[0]
        if made is not None and not _like_a_one(made):
            return made


def _like_a_one(made):
    """Whether it is upright, narrow and of an even width, as a one is."""
    inked = made.reshape(28, 28) > 0.3
    across, down = inked.any(0).sum(), inked.any(1).sum()
    if down < 14 or across > 0.45 * down:
        return False
    widths = inked.sum(1)[inked.any(1)]
    return widths.std() < 0.4 * widths.mean()


def _raw(random):
    """A picture that was never fitted: noise, a level, a slope; what 'Exact' lets through."""
    kind = random.randint(5)
    if kind == 0:
        made = numpy.zeros(784) + random.randint(2) * random.uniform(0, 1)
    elif kind == 1:
        made = random.uniform(0, 1, 784) ** random.uniform(0.3, 4)
    elif kind == 2:
        made = (random.uniform(0, 1, 784) < random.uniform(0.02, 0.9)).astype(float)
    elif kind == 3:
        made = _clouds(random, 28).ravel()
    else:
        made = _slope(random, 28).ravel()
    return numpy.clip(made, 0, 1).astype(numpy.float32)


def _side(random):
    return random.randint(40, 140)


def _noise(random):
    side = _side(random)
    return random.uniform(0, 1) + random.uniform(0.03, 0.5) * random.standard_normal((side, side))


def _clouds(random, side=None):
    """Noise with the spectrum of nature: the larger, the stronger."""
    made = _waves(random, side or _side(random))
    return made if random.randint(2) else (made > random.uniform(0.35, 0.65)).astype(float)


def _waves(random, side):
    waves = numpy.fft.rfft2(random.standard_normal((side, side)))
    y, x = numpy.fft.fftfreq(side)[:, None], numpy.arange(side // 2 + 1)[None] / side
    made = numpy.fft.irfft2(
        waves / (numpy.hypot(x, y) + 0.5 / side) ** random.uniform(0.5, 2.0), (side, side)
    )
    return (made - made.min()) / (made.max() - made.min())


def _slope(random, side=None):
    side = side or _side(random)
    y, x = numpy.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    first, second, third = random.uniform(-1, 1, 3)
    made = first * x + second * y + third * (x - 0.5) * (y - 0.5)
    return (made - made.min()) / max(made.max() - made.min(), 1e-6)


def _leaves(random):
    """Discs and boxes that cover each other, small ones often: as photographs do, it has edges."""
    side = _side(random)
    y, x = numpy.mgrid[:side, :side].astype(float)
    if random.randint(2):
        # Ragged edges, as of leaves and cloth.
        y = y + side * random.uniform(0, 0.25) * (_waves(random, side) - 0.5)
        x = x + side * random.uniform(0, 0.25) * (_waves(random, side) - 0.5)
    sheet = numpy.zeros((side, side)) + random.uniform(0, 1)
    for _ in range(random.randint(3, 60)):
        radius = side * 0.5 * random.uniform(0.08, 1) ** 2
        top, left = random.uniform(0, side, 2)
        if random.randint(2):
            inside = (y - top) ** 2 + ((x - left) * random.uniform(0.6, 1.6)) ** 2 < radius**2
        else:
            angle = random.uniform(0, numpy.pi)
            along = (y - top) * numpy.cos(angle) + (x - left) * numpy.sin(angle)
            beside = (x - left) * numpy.cos(angle) - (y - top) * numpy.sin(angle)
            inside = (abs(along) < radius) & (abs(beside) < radius * random.uniform(0.1, 2))
        sheet[inside] = random.uniform(0, 1) + random.uniform(-0.2, 0.2) * (y[inside] - top) / side
    if random.randint(2):
        sheet = sheet + 0.4 * (_clouds(random, side) - 0.5)
    return sheet + random.uniform(0, 0.05) * random.standard_normal(sheet.shape)


def _stripes(random):
    side = _side(random)
    y, x = numpy.mgrid[:side, :side]
    angle = random.randint(0, 8) * numpy.pi / 8
    wave = numpy.sin((numpy.cos(angle) * x + numpy.sin(angle) * y) * random.uniform(0.15, 1.2))
    if random.randint(3) == 0:
        wave = wave * numpy.sin(
            (numpy.cos(angle) * y - numpy.sin(angle) * x) * random.uniform(0.15, 1.2)
        )
    return 0.5 + 0.5 * wave if random.randint(2) else (wave > 0).astype(float)


_SHEETS = (_noise, _clouds, _clouds, _leaves, _leaves, _leaves, _leaves, _leaves, _stripes)
