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
        factor: Pixels a block side. What is left over at the bottom and right makes a smaller
            block, or none if it is less than half of one: its average would be all noise.
        linear: The values are linear light, the levels shall be display-referred.

    Returns:
        float32 [height / factor, width / factor], rounded; not finite where a pixel of
        the block is not. It may be `values` itself, and is not to be written to.
    """
    weights = LINEAR_WEIGHTS if linear else DISPLAY_WEIGHTS
    if values.ndim == 2:
        values = values[:, :, None]
    if values.shape[2] < 3:
        values, weights = values[:, :, :1], (1.0,)
    if factor == 1 and len(weights) == 1:
        averages = values[:, :, 0]
    elif factor == 1:
        averages = _weighted(values[:, :, :3], weights)
    else:
        rows = _row_averages(values[:, :, :3], factor)
        averages = _column_averages(rows, factor, weights)
    return displayed(averages) if linear else averages


def _row_averages(values, factor):
    height = values.shape[0]
    whole = height // factor
    blocks = values[: whole * factor].reshape((whole, factor) + values.shape[1:])
    averages = blocks.sum(axis=1) * numpy.float32(1.0 / factor)
    if not _counts(height - whole * factor, factor, whole):
        return averages
    rest = values[whole * factor :].mean(axis=0, keepdims=True)
    return numpy.concatenate((averages, rest))


def _counts(rest, factor, whole):
    return rest and (2 * rest >= factor or not whole)


def _column_averages(rows, factor, weights):
    height, width, channels = rows.shape
    whole = width // factor
    each = numpy.array(weights * factor, numpy.float32) / numpy.float32(factor)
    blocks = rows[:, : whole * factor].reshape(height, whole, factor * channels)
    averages = _weighted(blocks, each)
    if not _counts(width - whole * factor, factor, whole):
        return averages
    rest = rows[:, whole * factor :].mean(axis=1)
    last = _weighted(rest[:, None], weights)
    return numpy.concatenate((averages, last), axis=1)


def _weighted(values, weights):
    # einsum rather than dot: so thin a product gains nothing from BLAS, whose threads wait for
    # one another on a busy machine.
    return numpy.einsum("ijk,k->ij", values, numpy.asarray(weights, numpy.float32))


def displayed(values):
    """Turn linear light into display-referred levels by the sRGB curve (IEC 61966-2-1).

    Values above 1 follow the curve on. Those below 0 are a filter's undershoot and become 0:
    the curve is thirteen times as steep there, and would turn a trace of it into ink.
    """
    values = numpy.maximum(values, numpy.float32(0))
    curve = numpy.float32(1.055) * values ** numpy.float32(1 / 2.4) - numpy.float32(0.055)
    return numpy.where(values <= 0.0031308, values * numpy.float32(12.92), curve)


def measurable(values):
    """Tell whether all values are numbers that a picture may have."""
    with numpy.errstate(invalid="ignore"):
        # What is not a number makes both so, and is within nothing.
        return bool(-LARGEST_LEVEL <= values.min() and values.max() <= LARGEST_LEVEL)


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
