"""Ink as strokes: their box, their mass, their width; and scaling them by areas.

All take a drawing, float32 [height, width] of 0 paper to 1 ink.
"""

from __future__ import division

import numpy

# Strokes of MNIST are 1.6 to 3.9 pixels wide (fifth and ninety-fifth percentile), 2.5 in the
# middle, in a box of 20. Narrower and wider ones are brought to the two widths on the right.
THINNEST, THICKENED = 1.5 / 20, 2.2 / 20
THICKEST, THINNED = 4.8 / 20, 4.0 / 20

# A drawing smaller than this is enlarged before its strokes are changed by whole pixels.
SMALLEST_TO_CHANGE = 80


def box(drawing):
    """Return (top, left, bottom, right) of the ink, in fractions of pixels."""
    top, bottom = _ends(drawing.max(axis=1))
    left, right = _ends(drawing.max(axis=0))
    return top, left, bottom, right


def _ends(profile):
    # The outermost row that is mostly ink, and as much of the rows at its two sides as they
    # are ink: what a pixel half covered by a stroke says about where the stroke ends.
    full = numpy.nonzero(profile >= 0.5 * profile.max())[0]
    padded = numpy.concatenate(([0], profile / profile.max(), [0]))
    first, last = full[0], full[-1]
    begin = first + (1 - padded[first + 1]) - padded[first]
    end = last + padded[last + 1] + padded[last + 2]
    return begin, end


def centre_of_mass(drawing):
    """Return (y, x) of the ink's centre, in pixels from the top left corner."""
    total = drawing.sum(dtype=numpy.float64)
    y = numpy.dot(drawing.sum(axis=1), numpy.arange(drawing.shape[0]) + 0.5) / total
    x = numpy.dot(drawing.sum(axis=0), numpy.arange(drawing.shape[1]) + 0.5) / total
    return y, x


def resampled(drawing, window, shape):
    """Scale the part of a drawing inside `window` to `shape`; outside the drawing is paper.

    Args:
        window: (top, left, bottom, right) in fractions of pixels.
        shape: (height, width) of the result.

    Returns:
        float32 [height, width]: the average over each new pixel's area.
    """
    top, left, bottom, right = window
    rows = _shares(drawing.shape[0], top, bottom, shape[0])
    columns = _shares(drawing.shape[1], left, right, shape[1])
    return numpy.dot(numpy.dot(rows, drawing), columns.T)


def _shares(count, begin, end, wanted):
    """Return float32 [wanted, count]: the share of each old pixel in each new one."""
    step = (end - begin) / wanted
    if step < 1:
        # New pixels smaller than old ones: areas of a picture drawn smoothly between them.
        times = int(numpy.ceil(2 / step))
        between = _between(count, times)
        return numpy.dot(_shares(count * times, begin * times, end * times, wanted), between)
    edges = begin + numpy.arange(wanted + 1) * step
    pixels = numpy.arange(count)
    low = numpy.maximum(edges[:-1, None], pixels)
    high = numpy.minimum(edges[1:, None], pixels + 1)
    return (numpy.maximum(high - low, 0) / step).astype(numpy.float32)


def _between(count, times):
    """Return float32 [count * times, count]: straight lines between neighbouring pixels."""
    positions = (numpy.arange(count * times) + 0.5) / times - 0.5
    apart = numpy.abs(numpy.clip(positions, 0, count - 1)[:, None] - numpy.arange(count))
    return numpy.maximum(1 - apart, 0).astype(numpy.float32)


def enlarged(drawing, times):
    """Return the drawing `times` as large, smooth between the old pixels."""
    rows = _between(drawing.shape[0], times)
    columns = _between(drawing.shape[1], times)
    return numpy.dot(numpy.dot(rows, drawing), columns.T)


def width(drawing):
    """Return the usual width of the strokes in pixels: twice the area by the outline."""
    inside = numpy.zeros((drawing.shape[0] + 2, drawing.shape[1] + 2), bool)
    inside[1:-1, 1:-1] = drawing >= 0.5
    sides = (inside[1:] != inside[:-1]).sum() + (inside[:, 1:] != inside[:, :-1]).sum()
    # Counted along the grid, an outline is 4 / pi longer than it is, over all directions.
    return 2.0 * inside.sum() / max(sides * numpy.pi / 4, 1)


def normalised(drawing, factor, side):
    """Bring strokes that would be lost or run together in a box of `side` to a usual width.

    Returns:
        (drawing, factor): Changed if need be; the source pixels a pixel with it.
    """
    top, left, bottom, right = box(drawing)
    longer = max(bottom - top, right - left)
    part = width(drawing) / longer
    if THINNEST <= part <= THICKEST:
        return drawing, factor
    wanted = THICKENED if part < THINNEST else THINNED
    times = int(numpy.ceil(SMALLEST_TO_CHANGE / longer))
    if times > 1:
        drawing, factor = enlarged(drawing, times), factor / times
        longer *= times
    # Growing the strokes grows the box too.
    reach = int(round(longer * (wanted - part) / (2 - 2 * wanted)))
    if reach > 0:
        return grown(_padded(drawing, reach), reach), factor
    return _thinned(drawing, -reach), factor


def _padded(drawing, reach):
    height, width = drawing.shape
    padded = numpy.zeros((height + 2 * reach, width + 2 * reach), drawing.dtype)
    padded[reach : reach + height, reach : reach + width] = drawing
    return padded


def grown(drawing, reach):
    """Return the largest value within `reach` pixels, in an octagon about each pixel."""
    for diagonal in _steps(reach):
        drawing = _grown_once(drawing, diagonal)
    return drawing


def _steps(reach):
    # Squares and crosses by turns make an octagon, the nearest to a round pen.
    return [step % 2 == 1 for step in range(reach)]


def _grown_once(drawing, diagonal):
    rows = drawing.copy()
    rows[1:] = numpy.maximum(rows[1:], drawing[:-1])
    rows[:-1] = numpy.maximum(rows[:-1], drawing[1:])
    source = rows if diagonal else drawing
    result = rows.copy()
    result[:, 1:] = numpy.maximum(result[:, 1:], source[:, :-1])
    result[:, :-1] = numpy.maximum(result[:, :-1], source[:, 1:])
    return result


def _thinned(drawing, reach):
    thin = 1 - grown(1 - _padded(drawing, reach), reach)
    # Hair lines of a letter with thick and thin strokes would be gone: keep what opening loses.
    lost = _padded(drawing, reach) - grown(thin, reach)
    return numpy.maximum(thin, numpy.where(lost > 0.5, lost, 0))
