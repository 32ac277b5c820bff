"""Pages that hold no digit, in two sets.

`tuned` is what rules were made with: noise, blank paper, slopes, doodles, crops of photographs.
`held_out` has doodles that no rule was made for and photographs that were kept apart. Everything
is drawn from a seed; pages are float32 [height, width], top row first, 0 black to 1 white. The
photographs are those that scikit-image carries; without it there are none.
"""

from __future__ import division

import os

import numpy
import picture_sets
from PIL import Image, ImageDraw, ImageFilter

# Photographs of scikit-image, without those that show print or round things on plain ground.
TUNED_PHOTOGRAPHS = (
    "astronaut.png",
    "camera.png",
    "coffee.png",
    "motorcycle_left.png",
    "chelsea.png",
    "rocket.jpg",
    "ihc.png",
    "hubble_deep_field.jpg",
)
HELD_OUT_PHOTOGRAPHS = ("moon.png", "retina.jpg", "cell.png", "microaneurysms.png")
TEXTURES = ("brick.png", "grass.png", "gravel.png")


def tuned(count, seed=0, side=128):
    """Yield (kind, page), `count` of each kind."""
    random = numpy.random.RandomState(seed)
    for kind, page in picture_sets.without_digit(7 * count, side, seed):
        yield kind, page
    for page in _crops(random, TUNED_PHOTOGRAPHS, count, side):
        yield "photograph", page


def held_out(count, seed=0, side=128):
    """Yield (kind, page), `count` of each kind."""
    random = numpy.random.RandomState(seed)
    for _ in range(count):
        for kind, draw in DOODLES:
            yield kind, _doodle(random, side, draw)
    for kind, names in (("photograph", HELD_OUT_PHOTOGRAPHS), ("texture", TEXTURES)):
        for page in _crops(random, names, count, side):
            yield kind, page


def photographs():
    """Return the folder of scikit-image's pictures, or None where it is not installed."""
    try:
        import skimage
    except ImportError:
        return None
    return os.path.join(os.path.dirname(skimage.__file__), "data")


def _crops(random, names, count, side):
    folder = photographs()
    if folder is None:
        return
    images = []
    for name in names:
        with Image.open(os.path.join(folder, name)) as image:
            images.append(image.convert("L"))
    for number in range(count):
        image = images[number % len(images)]
        size = random.randint(min(image.size) // 6, min(image.size) + 1)
        left = random.randint(0, image.width - size + 1)
        top = random.randint(0, image.height - size + 1)
        crop = image.crop((left, top, left + size, top + size)).resize((side, side), Image.BICUBIC)
        yield numpy.asarray(crop, numpy.float32) / 255


def _doodle(random, side, draw):
    """Draw at twice the size with a pen of usual width, dark on light or light on dark."""
    image = Image.new("L", (2 * side, 2 * side), 255)
    draw(random, ImageDraw.Draw(image), 2 * side, random.randint(side // 20, side // 7))
    image = image.resize((side, side), Image.BOX).filter(ImageFilter.GaussianBlur(0.5))
    page = numpy.asarray(image, numpy.float32) / 255
    return page if random.randint(2) else 1 - page


def _checkers(random, draw, side, pen):
    cell = random.randint(side // 12, side // 3)
    for top in range(0, side, cell):
        for left in range(0, side, cell):
            if (top + left) // cell % 2:
                draw.rectangle((left, top, left + cell - 1, top + cell - 1), 0)


def _grid(random, draw, side, pen):
    step = random.randint(side // 10, side // 3)
    for at in range(random.randint(step), side, step):
        draw.line((0, at, side, at), 0, pen // 2 + 1)
        draw.line((at, 0, at, side), 0, pen // 2 + 1)


def _spiral(random, draw, side, pen):
    turns, turn = random.uniform(2.5, 5), random.choice((-1, 1))
    angles = numpy.arange(0, turns * 2 * numpy.pi, 0.1)
    radii = 0.42 * side * angles / angles[-1]
    start = random.uniform(0, 6.3)
    x, y = [side / 2 + radii * part(turn * angles + start) for part in (numpy.cos, numpy.sin)]
    draw.line(list(zip(x.tolist(), y.tolist())), 0, pen // 2 + 1)


def _knot(random, draw, side, pen):
    """A closed curve that crosses itself."""
    angles = numpy.arange(0, 6.4, 0.03)
    x, y = [
        sum(random.uniform(0.3, 1) * numpy.sin(n * angles + random.uniform(0, 6.3)) for n in range(1, 6))
        for _ in range(2)
    ]
    points = numpy.array([x / abs(x).max(), y / abs(y).max()]).T * 0.42 * side + side / 2
    draw.line([tuple(point) for point in points.tolist()], 0, pen)


def _arrow(random, draw, side, pen):
    angle = random.uniform(0, 6.3)
    along = numpy.array((numpy.cos(angle), numpy.sin(angle)))
    across = numpy.array((-along[1], along[0]))
    tip, tail = [side / 2 + part * side * along for part in (0.4, -0.4)]
    for wing in (1, -1):
        end = tip - 0.25 * side * along + wing * 0.2 * side * across
        draw.line([tuple(tip.tolist()), tuple(end.tolist())], 0, pen)
    draw.line([tuple(tail.tolist()), tuple(tip.tolist())], 0, pen)


def _hatching(random, draw, side, pen):
    step, lean = random.randint(side // 16, side // 5), random.choice((-1, 1))
    low, high = sorted(random.uniform(0.05, 0.95, 2) * side)
    high = max(high, low + 0.4 * side)
    for at in range(0, 2 * side, step):
        draw.line((at - lean * low - side / 2, low, at - lean * high - side / 2, high), 0, pen // 2 + 1)


def _star(random, draw, side, pen):
    count, start = random.randint(5, 9), random.uniform(0, 6.3)
    points = []
    for number in range(2 * count + 1):
        radius = side * (0.42 if number % 2 else 0.2)
        angle = start + number * numpy.pi / count
        points.append((side / 2 + radius * numpy.cos(angle), side / 2 + radius * numpy.sin(angle)))
    draw.line(points, 0, pen)


def _zigzag(random, draw, side, pen):
    count = random.randint(5, 12)
    x = numpy.linspace(0.05, 0.95, count) * side
    y = side * (0.5 + random.uniform(0.15, 0.4) * (-1) ** numpy.arange(count))
    points = numpy.array([x, y]).T if random.randint(2) else numpy.array([y, x]).T
    draw.line([tuple(point) for point in points.tolist()], 0, pen)


def _dots(random, draw, side, pen):
    step = random.randint(side // 8, side // 3)
    for top in range(step // 2, side, step):
        for left in range(step // 2, side, step):
            draw.ellipse((left - step // 4, top - step // 4, left + step // 4, top + step // 4), 0)


def _waves(random, draw, side, pen):
    x = numpy.arange(side)
    step, high = random.randint(side // 8, side // 4), random.uniform(0.02, 0.1) * side
    bend = random.uniform(0.01, 0.05)
    for at in range(step // 2, side, step):
        y = at + high * numpy.sin(bend * x)
        draw.line(list(zip(x.tolist(), y.tolist())), 0, pen // 2 + 1)


DOODLES = (
    ("checkers", _checkers),
    ("grid", _grid),
    ("spiral", _spiral),
    ("knot", _knot),
    ("arrow", _arrow),
    ("hatching", _hatching),
    ("star", _star),
    ("zigzag", _zigzag),
    ("dots", _dots),
    ("waves", _waves),
)
