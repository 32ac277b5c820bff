"""Sets of pictures with known answers: fonts, MNIST digits on pages, pages without a digit.

Everything is drawn from a seed. Pages are float32 [height, width], top row first, 0 black to
1 white. Needs NumPy and Pillow.
"""

from __future__ import division

import collections
import os

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DIGITS = "0123456789"

# Levels of (paper, ink).
DARK_ON_LIGHT, LIGHT_ON_DARK = (1.0, 0.0), (0.0, 1.0)


def families(folder):
    """List the fonts below a folder, one face a family: the upright regular one if it is there.

    Returns:
        OrderedDict of family name to path. Faces without ten different digits are left out.
    """
    faces = collections.OrderedDict()
    for path in _font_files(folder):
        try:
            font = ImageFont.truetype(path, 48)
        except (IOError, OSError):
            continue
        family, style = font.getname()
        if _has_digits(font):
            faces.setdefault(family or path, []).append((_plainness(style), path))
    return collections.OrderedDict((name, min(faces[name])[1]) for name in sorted(faces))


def _font_files(folder):
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in (".ttf", ".otf", ".woff", ".woff2"):
                yield os.path.join(base, name)


def _has_digits(font):
    shapes = {bytes(font.getmask(digit)) for digit in DIGITS}
    return len(shapes) == len(DIGITS) and bytes(font.getmask("\uffff")) not in shapes


def _plainness(style):
    order = ("regular", "book", "normal", "roman", "medium", "")
    style = (style or "").lower()
    return order.index(style) if style in order else len(order)


def drawn(path, digit, height):
    """Draw a digit of a font so that its ink is `height` pixels high.

    Returns:
        float32 [height, width], 0 paper to 1 ink, cropped to the ink.
    """
    # Drawn large and scaled down once, so that every size is equally smooth.
    font = ImageFont.truetype(path, 400)
    left, top, right, bottom = font.getbbox(digit)
    image = Image.new("L", (right - left + 40, bottom - top + 40))
    ImageDraw.Draw(image).text((20 - left, 20 - top), digit, 255, font)
    image = image.crop(image.getbbox())
    width = max(1, int(round(image.width * height / image.height)))
    return _array(image.resize((width, height), Image.LANCZOS if height > 400 else Image.BOX))


def _array(image):
    return numpy.asarray(image, numpy.float32) / 255


def on_page(ink, height, width, top, left, levels=DARK_ON_LIGHT, noise=0.0, seed=0):
    """Put ink [h, w] of 0 to 1 on an even page, and add normal noise of the spread `noise`."""
    page = numpy.zeros((height, width), numpy.float32)
    page[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    paper, full = levels
    page = paper + page * numpy.float32(full - paper)
    if noise:
        page = page + noise * numpy.random.RandomState(seed).standard_normal(page.shape)
        page = numpy.clip(page, 0, 1)
    return page.astype(numpy.float32)


def font_pages(paths, side=256, part=0.5, seed=0):
    """Yield (digit, page): each font's digits at `part` of the page, anywhere, dark and light."""
    random = numpy.random.RandomState(seed)
    for path in paths:
        for digit in DIGITS:
            ink = drawn(path, digit, int(side * part))[:, : side - 4]
            for levels in (DARK_ON_LIGHT, LIGHT_ON_DARK):
                yield (
                    int(digit),
                    on_page(ink, side, side, *_place(random, ink, side, side), levels=levels),
                )


def _place(random, ink, height, width):
    return (
        random.randint(0, height - ink.shape[0] + 1),
        random.randint(0, width - ink.shape[1] + 1),
    )


def mnist_pages(pictures, kind, seed=0, sides=(64, 128, 256, 512, 1024), largest=None):
    """Yield one page a picture: an MNIST digit somewhere on a page of one of `sides`.

    Args:
        pictures: float [count, 28, 28], 0 paper to 1 ink.
        kind: "plain" is black on white or white on black, "grey" on grey paper, "noisy" on
            paper with the noise of a scanner, "scaled" plain and enlarged to any size.
    """
    random = numpy.random.RandomState(seed)
    for index, picture in enumerate(pictures):
        side = sides[random.randint(len(sides))]
        ink = numpy.asarray(picture, numpy.float32)
        if kind == "scaled":
            size = random.randint(28, side + 1)
            ink = numpy.clip(_resized(ink, size), 0, 1)
        paper, full = (DARK_ON_LIGHT, LIGHT_ON_DARK)[random.randint(2)]
        if kind in ("grey", "noisy"):
            paper = abs(paper - random.uniform(0.1, 0.45))
            full = abs(full - random.uniform(0.0, 0.15))
        noise = random.uniform(0.02, 0.1) if kind == "noisy" else 0
        place = _place(random, ink, side, side)
        yield on_page(ink, side, side, *place, levels=(paper, full), noise=noise, seed=seed + index)


def _resized(ink, side):
    image = Image.fromarray(numpy.asarray(ink, numpy.float32))
    return numpy.asarray(image.resize((side, side), Image.BICUBIC))


def large_page(height=1080, width=1920):
    """Return one large page with a ring drawn on it, as a page to measure time with."""
    y, x = numpy.ogrid[:height, :width]
    away = numpy.hypot((y - 0.45 * height) / 1.5, x - 0.45 * width)
    return 1 - (numpy.abs(away - 0.15 * height) < 0.02 * height).astype(numpy.float32)


def lit(page, seed=0):
    """Return the page under uneven light, as a photograph has it: a slope and dim corners."""
    random = numpy.random.RandomState(seed)
    y, x = numpy.mgrid[-1 : 1 : page.shape[0] * 1j, -1 : 1 : page.shape[1] * 1j]
    angle = random.uniform(0, 2 * numpy.pi)
    slope = random.uniform(0.05, 0.25) * (numpy.cos(angle) * x + numpy.sin(angle) * y)
    dim = random.uniform(0.0, 0.2) * (x * x + y * y) / 2
    return (page * (0.75 + slope - dim)).astype(numpy.float32)


def specked(page, count=40, seed=0):
    """Return the page with specks of dust, one to three pixels across, of the ink's level."""
    random = numpy.random.RandomState(seed)
    result = page.copy()
    level = 1 - numpy.median(page)
    for _ in range(count):
        size = random.randint(1, 4)
        top, left = random.randint(0, page.shape[0] - 3), random.randint(0, page.shape[1] - 3)
        result[top : top + size, left : left + size] = level
    return result


def dusty(page, seed=0):
    """Return the page as a pencil's, at 30 to 60 % of its ink's level, with specks of all of that."""
    random = numpy.random.RandomState(seed)
    paper = numpy.median(page)
    return specked((paper + (page - paper) * random.uniform(0.3, 0.6)).astype(numpy.float32), seed=seed)


def ruled(page, distance=None, squared=False, level=0.25):
    """Return the page with ruled lines (or squares) that darken it by `level`."""
    distance = distance or max(8, page.shape[0] // 12)
    thick = max(1, page.shape[0] // 300)
    result = page.copy()
    for start in range(distance // 2, page.shape[0], distance):
        result[start : start + thick] = numpy.minimum(
            result[start : start + thick], page.max() - level
        )
    if squared:
        for start in range(distance // 2, page.shape[1], distance):
            columns = result[:, start : start + thick]
            result[:, start : start + thick] = numpy.minimum(columns, page.max() - level)
    return result


def without_digit(count, side=128, seed=0):
    """Yield (kind, page) of pages that hold no digit."""
    random = numpy.random.RandomState(seed)
    kinds = ("blank", "noise", "slope", "clouds", "scribble", "discs", "bars")
    for index in range(count):
        kind = kinds[index % len(kinds)]
        yield kind, _NO_DIGIT[kind](random, side).astype(numpy.float32)


def _blank(random, side):
    return numpy.zeros((side, side)) + random.uniform(0, 1)


def _noise(random, side):
    return numpy.clip(
        random.uniform(0.2, 0.8) + random.uniform(0.02, 0.3) * random.standard_normal((side, side)),
        0,
        1,
    )


def _slope(random, side):
    y, x = numpy.mgrid[0 : 1 : side * 1j, 0 : 1 : side * 1j]
    low, high = random.uniform(0, 1, 2)
    return low + (high - low) * (y * random.uniform(0, 1) + x * random.uniform(0, 1)) / 2


def _clouds(random, side):
    total = numpy.zeros((side, side))
    for octave in (4, 8, 16, 32):
        grains = random.uniform(0, 1, (octave, octave)).astype(numpy.float32)
        total += (
            numpy.asarray(Image.fromarray(grains).resize((side, side), Image.BICUBIC)) * 4 / octave
        )
    return (total - total.min()) / (total.max() - total.min())


def _scribble(random, side):
    image = Image.new("L", (side, side), 255)
    points = [
        tuple(point)
        for point in random.uniform(0.1 * side, 0.9 * side, (random.randint(12, 30), 2))
    ]
    ImageDraw.Draw(image).line(points, 0, max(1, side // 40))
    return _array(image.filter(ImageFilter.GaussianBlur(0.7)))


def _discs(random, side):
    image = Image.new("L", (side, side), 255)
    draw = ImageDraw.Draw(image)
    for _ in range(random.randint(3, 12)):
        x, y = random.uniform(0.1 * side, 0.9 * side, 2)
        radius = random.uniform(0.03, 0.15) * side
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), int(random.randint(0, 128)))
    return _array(image)


def _bars(random, side):
    page = numpy.ones((side, side))
    step = random.randint(6, 20)
    page[:, ::step] = page[:, 1::step] = 0
    return page if random.randint(2) else page.T


_NO_DIGIT = {
    "blank": _blank,
    "noise": _noise,
    "slope": _slope,
    "clouds": _clouds,
    "scribble": _scribble,
    "discs": _discs,
    "bars": _bars,
}
