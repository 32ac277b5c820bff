"""Pictures varied as hands and pens vary them: whole batches at a time, in NumPy alone.

One bilinear sampling does the geometry, whatever is asked for: rotation, scale, shear, shift
and elastic bends add up to a place for every pixel, and the ink is fetched from there.
"""

import numpy

SIZE = 28

# Standard deviations or ranges; a name that is missing is off.
TABLES = {
    "light": {
        "rotation": 7.0,  # degrees
        "scale": 0.06,  # natural logarithm, each axis
        "shear": 0.06,  # pixels sideways a pixel down
        "shift": 0.8,  # pixels
        "elastic": 0.6,  # pixels, of the bends' knots
    },
    "strong": {
        "rotation": 9.0,
        "scale": 0.09,
        "shear": 0.12,
        "shift": 0.9,
        "elastic": 0.9,
        "thickness": 0.5,  # chance of a thinner or thicker stroke
        "noise": 0.06,  # of paper and ink, 0 to 1
        "contrast": 0.25,  # natural logarithm of the power that the values are raised to
    },
}

# The bends are drawn on a grid of this many knots a side.
KNOTS = 5


def vary(pictures, table, random):
    """Return varied copies.

    Args:
        pictures: float32 [N, 784], 0 paper to 1 ink.
        table: One of TABLES.
        random: numpy.random.RandomState.

    Returns:
        float32 [N, 784], 0 to 1.
    """
    varied = sample(pictures, *_places(len(pictures), table, random))
    if table.get("thickness"):
        varied = _change_thickness(varied, table["thickness"], random)
    if table.get("contrast"):
        power = numpy.exp(table["contrast"] * random.standard_normal((len(varied), 1)))
        varied = varied ** power.astype(numpy.float32)
    if table.get("noise"):
        varied = _add_noise(varied, table["noise"], random)
    return numpy.clip(varied, 0.0, 1.0)


def sample(pictures, x, y):
    """Fetch each pixel from (x, y), in pixels from the centre; outside is paper.

    Args:
        pictures: float32 [N, 784].
        x, y: float32 [N, 784].
    """
    # A border of paper makes every neighbour exist.
    side = SIZE + 4
    padded = numpy.zeros((len(pictures), side, side), numpy.float32)
    padded[:, 2:-2, 2:-2] = pictures.reshape(-1, SIZE, SIZE)
    padded = padded.ravel()
    middle = (SIZE - 1) / 2.0 + 2
    x = numpy.clip(x + numpy.float32(middle), 0, side - 1.001)
    y = numpy.clip(y + numpy.float32(middle), 0, side - 1.001)
    left, top = x.astype(numpy.int32), y.astype(numpy.int32)
    x -= left
    y -= top
    first = numpy.arange(len(pictures), dtype=numpy.int32)[:, None] * (side * side)
    at = first + top * side + left
    upper = padded.take(at) * (1 - x) + padded.take(at + 1) * x
    at += side
    lower = padded.take(at) * (1 - x) + padded.take(at + 1) * x
    return upper * (1 - y) + lower * y


def _places(count, table, random):
    def normal(name):
        return table.get(name, 0.0) * random.standard_normal((count, 1)).astype(numpy.float32)

    steps = numpy.arange(SIZE, dtype=numpy.float32) - (SIZE - 1) / 2.0
    grid_x, grid_y = numpy.tile(steps, SIZE)[None], numpy.repeat(steps, SIZE)[None]
    angle = normal("rotation") * numpy.float32(numpy.pi / 180)
    across, down, shear = numpy.exp(normal("scale")), numpy.exp(normal("scale")), normal("shear")
    cos, sin = numpy.cos(angle), numpy.sin(angle)
    x = (cos * grid_x - sin * grid_y) * across + shear * grid_y + normal("shift")
    y = (sin * grid_x + cos * grid_y) * down + normal("shift")
    if table.get("elastic"):
        x += table["elastic"] * _bends(count, random)
        y += table["elastic"] * _bends(count, random)
    return x.astype(numpy.float32), y.astype(numpy.float32)


def _bends(count, random):
    knots = random.standard_normal((count, KNOTS, KNOTS)).astype(numpy.float32)
    spread = _spread()
    rows = numpy.tensordot(knots, spread, (2, 0))  # [N, KNOTS, SIZE]
    return numpy.tensordot(rows, spread, (1, 0)).transpose(0, 2, 1).reshape(count, -1)


def _spread():
    """Weights [KNOTS, SIZE] of a smooth curve through the knots, a bell around each."""
    places = numpy.linspace(0, KNOTS - 1, SIZE)[None]
    bells = numpy.exp(-((places - numpy.arange(KNOTS)[:, None]) ** 2) / (2 * 0.6**2))
    return (bells / bells.sum(0)).astype(numpy.float32)


def _change_thickness(pictures, chance, random):
    square = pictures.reshape(-1, SIZE, SIZE)
    amount = random.uniform(0.2, 1.0, len(square)).astype(numpy.float32)[:, None, None]
    choice = random.uniform(size=len(square))
    thick, thin = choice < chance / 2, choice > 1 - chance / 2
    changed = square.copy()
    for which, extreme in ((thick, numpy.maximum), (thin, numpy.minimum)):
        part = square[which]
        changed[which] += amount[which] * (_neighbours(part, extreme) - part)
    # A thin stroke must not vanish: it is brought back to full ink.
    highest = changed[thin].max(axis=(1, 2)).reshape(-1, 1, 1)
    changed[thin] /= numpy.maximum(highest, 0.3)
    return changed.reshape(len(pictures), -1)


def _neighbours(pictures, extreme):
    result = pictures.copy()
    result[:, 1:] = extreme(result[:, 1:], pictures[:, :-1])
    result[:, :-1] = extreme(result[:, :-1], pictures[:, 1:])
    result[:, :, 1:] = extreme(result[:, :, 1:], pictures[:, :, :-1])
    result[:, :, :-1] = extreme(result[:, :, :-1], pictures[:, :, 1:])
    return result


def _add_noise(pictures, amount, random):
    # Half of the pictures stay clean, as most of what the node sees is.
    level = amount * numpy.maximum(random.uniform(-1, 1, (len(pictures), 1)), 0)
    noise = random.standard_normal(pictures.shape).astype(numpy.float32)
    return pictures + level.astype(numpy.float32) * noise
