"""Pictures varied as hands and pens vary them: whole batches at a time, in NumPy alone.

One bilinear sampling does the geometry, whatever is asked for: rotation, scale, shear, shift
and elastic bends add up to a place for every pixel, and the ink is fetched from there.
"""

import numpy

from mlinference import networks, sampling

# Pixels of the tables below are those of a picture of this size; a larger one has more of them.
SIZE = 28

# Standard deviations or ranges; a name that is missing is off.
TABLES = {
    # For drawings that are aligned: what of "light" is left to learn then.
    "slight": {
        "rotation": 1.8,  # degrees
        "scale": 0.015,  # natural logarithm, each axis
        "shear": 0.015,  # pixels sideways a pixel down
        "shift": 0.2,  # pixels
        "elastic": 0.15,  # pixels, of the bends' knots
    },
    "light": {
        "rotation": 7.0,
        "scale": 0.06,
        "shear": 0.06,
        "shift": 0.8,
        "elastic": 0.6,
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


def vary(pictures, table, random, shape=(SIZE, SIZE, 1), looks_at=networks.INK):
    """Return varied copies.

    Args:
        pictures: float32 [N, height * width * channels], 0 paper to 1 ink, or in colour.
        table: One of TABLES.
        random: numpy.random.RandomState.
        shape: (height, width, channels).
        looks_at: networks.INK; or networks.COLOUR, which has no strokes that could be thicker.

    Returns:
        float32 of the same shape, 0 to 1.
    """
    places = _places(len(pictures), table, random, shape)
    varied = sampling.sample(pictures, *places, shape=shape, looks_at=looks_at)
    if table.get("thickness") and looks_at == networks.INK:
        varied = _change_thickness(varied.reshape((-1,) + tuple(shape)), table["thickness"], random)
    if table.get("contrast"):
        power = numpy.exp(table["contrast"] * random.standard_normal((len(varied), 1)))
        varied = varied ** power.astype(numpy.float32)
    if table.get("noise"):
        varied = _add_noise(varied, table["noise"], random)
    return numpy.clip(varied, 0.0, 1.0)


def _places(count, table, random, shape):
    def normal(name, unit=1.0):
        return unit * table.get(name, 0.0) * random.standard_normal((count, 1)).astype(numpy.float32)

    height, width, _ = shape
    pixel = max(height, width) / float(SIZE)
    grid_x, grid_y = sampling.grid(shape)
    angle = normal("rotation") * numpy.float32(numpy.pi / 180)
    across, down, shear = numpy.exp(normal("scale")), numpy.exp(normal("scale")), normal("shear")
    cos, sin = numpy.cos(angle), numpy.sin(angle)
    x = (cos * grid_x - sin * grid_y) * across + shear * grid_y + normal("shift", pixel)
    y = (sin * grid_x + cos * grid_y) * down + normal("shift", pixel)
    if table.get("elastic"):
        x += pixel * table["elastic"] * _bends(count, random, height, width)
        y += pixel * table["elastic"] * _bends(count, random, height, width)
    return x.astype(numpy.float32), y.astype(numpy.float32)


def _bends(count, random, height, width):
    knots = random.standard_normal((count, KNOTS, KNOTS)).astype(numpy.float32)
    rows = numpy.tensordot(knots, _spread(width), (2, 0))  # [N, KNOTS, width]
    bent = numpy.tensordot(rows, _spread(height), (1, 0))  # [N, width, height]
    return bent.transpose(0, 2, 1).reshape(count, -1)


def _spread(size):
    """Weights [KNOTS, size] of a smooth curve through the knots, a bell around each."""
    places = numpy.linspace(0, KNOTS - 1, size)[None]
    bells = numpy.exp(-((places - numpy.arange(KNOTS)[:, None]) ** 2) / (2 * 0.6**2))
    return (bells / bells.sum(0)).astype(numpy.float32)


def _change_thickness(square, chance, random):
    """Return float32 [N, pixels] of float32 [N, height, width, channels]."""
    amount = random.uniform(0.2, 1.0, len(square)).astype(numpy.float32)[:, None, None, None]
    choice = random.uniform(size=len(square))
    thick, thin = choice < chance / 2, choice > 1 - chance / 2
    changed = square.copy()
    for which, extreme in ((thick, numpy.maximum), (thin, numpy.minimum)):
        part = square[which]
        changed[which] += amount[which] * (_neighbours(part, extreme) - part)
    # A thin stroke must not vanish: it is brought back to full ink.
    highest = changed[thin].max(axis=(1, 2, 3)).reshape(-1, 1, 1, 1)
    changed[thin] /= numpy.maximum(highest, 0.3)
    return changed.reshape(len(square), -1)


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
