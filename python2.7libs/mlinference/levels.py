"""How bright the pixels are: channel weights, colour curve, area averages.

Everything reads a page in one pass of sums over contiguous rows, because the pass over a
1920x1080 picture is what a cook waits for; the rest happens on a few thousand averages.
"""

from __future__ import division

import numpy

# Luminance of display-referred red, green, blue (ITU-R BT.601), as scanners and MNIST use it.
DISPLAY_WEIGHTS = (0.299, 0.587, 0.114)

# Luminance of linear red, green, blue (ITU-R BT.709, the primaries of sRGB).
LINEAR_WEIGHTS = (0.2126, 0.7152, 0.0722)

# A float32 sum over a block must stay finite; no picture means anything beyond this.
LARGEST_LEVEL = 1e6


def averaged(values, factor, linear=False):
    """Average blocks of `factor` x `factor` pixels to one grey level each.

    Args:
        values: float32 [height, width] or [height, width, channels]; any strides.
        factor: Pixels a block side; blocks at the bottom and right may be smaller.
        linear: The values are linear light, the levels shall be display-referred.

    Returns:
        float32 [ceil(height / factor), ceil(width / factor)]; not finite where a pixel of
        the block is not.
    """
    weights = LINEAR_WEIGHTS if linear else DISPLAY_WEIGHTS
    rows = _row_averages(values, factor)
    columns = _column_averages(grey(rows, weights), factor)
    return displayed(columns) if linear else columns


def grey(values, weights=DISPLAY_WEIGHTS):
    """Weigh three channels to one; the first stands alone where there are fewer."""
    if values.ndim == 2:
        return values
    if values.shape[2] < 3:
        return values[:, :, 0]
    return numpy.dot(values[:, :, :3], numpy.array(weights, numpy.float32))


def _row_averages(values, factor):
    if factor == 1:
        return values
    height = values.shape[0]
    whole = height // factor
    blocks = values[: whole * factor].reshape((whole, factor) + values.shape[1:])
    averages = blocks.sum(axis=1) * numpy.float32(1.0 / factor)
    if whole * factor == height:
        return averages
    rest = values[whole * factor :].mean(axis=0, keepdims=True)
    return numpy.concatenate((averages, rest))


def _column_averages(values, factor):
    if factor == 1:
        return numpy.ascontiguousarray(values, numpy.float32)
    height, width = values.shape
    whole = width // factor
    weights = numpy.zeros(factor, numpy.float32)
    weights += numpy.float32(1.0 / factor)
    averages = numpy.dot(values[:, : whole * factor].reshape(height, whole, factor), weights)
    if whole * factor == width:
        return averages
    rest = values[:, whole * factor :].mean(axis=1)[:, None]
    return numpy.concatenate((averages, rest), axis=1)


def displayed(values):
    """Turn linear light into display-referred levels by the sRGB curve (IEC 61966-2-1).

    Values below 0 stay as they are; those above 1 follow the curve on.
    """
    above = numpy.maximum(values, numpy.float32(0.0031308))
    curve = numpy.float32(1.055) * above ** numpy.float32(1 / 2.4) - numpy.float32(0.055)
    return numpy.where(values <= 0.0031308, values * numpy.float32(12.92), curve)


def mended(values):
    """Replace what is not a number, or too large to add up, by the border's usual level.

    Returns:
        (values, number of pixels replaced).
    """
    with numpy.errstate(invalid="ignore"):
        good = numpy.abs(values) <= LARGEST_LEVEL
    if values.ndim == 3:
        good = good.all(axis=2)
    paper = _usual(values, good)
    mended_values = numpy.array(values)
    mended_values[~good] = paper
    return mended_values, int(good.size - good.sum())


def _usual(values, good):
    edge = numpy.zeros(good.shape, bool)
    edge[[0, -1]] = True
    edge[:, [0, -1]] = True
    for chosen in (good & edge, good):
        if chosen.any():
            return numpy.median(values[chosen], axis=0)
    return numpy.zeros(values.shape[2:], numpy.float32)
