"""Ink as strokes: their box, their mass, their width; and scaling them by areas.

All take a drawing, float32 [height, width] of 0 paper to 1 ink.
"""

from __future__ import division

import numpy

# In a box of 20, half of MNIST's strokes are 2.1 to 3.0 pixels wide, one in a hundred is below
# 1.4 or above 4.6. Narrower and wider ones are brought to the two widths on the right.
THINNEST, THICKENED = 1.2 / 20, 2.2 / 20
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
    y = (drawing.sum(axis=1) * (numpy.arange(drawing.shape[0]) + 0.5)).sum() / total
    x = (drawing.sum(axis=0) * (numpy.arange(drawing.shape[1]) + 0.5)).sum() / total
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
    # New pixels smaller than old ones are areas of a picture drawn smoothly between them.
    times = int(numpy.ceil(2 * max(shape[0] / (bottom - top), shape[1] / (right - left), 0.5)))
    if times > 2:
        drawing = enlarged(drawing, times)
        top, left, bottom, right = [edge * times for edge in (top, left, bottom, right)]
    rows = _averaged(drawing, top, bottom, shape[0])
    return _averaged(rows.T, left, right, shape[1]).T


def _averaged(drawing, begin, end, count):
    """Average down the columns over `count` equal steps from `begin` to `end`."""
    step = (end - begin) / count
    edges = numpy.clip(begin + numpy.arange(count + 1) * step, 0, drawing.shape[0])
    below = numpy.minimum(edges.astype(int), drawing.shape[0] - 1)
    # The rows from one edge's to the next one's, and of these two what lies before the edge.
    whole = numpy.add.reduceat(drawing, below, axis=0)[:-1]
    whole[below[1:] == below[:-1]] = 0
    begun = drawing[below] * (edges - below)[:, None].astype(numpy.float32)
    return (whole + begun[1:] - begun[:-1]) * numpy.float32(1 / step)


def enlarged(drawing, times):
    """Return the drawing `times` as large, in straight lines between the old pixels."""
    return _between(_between(drawing, times).T, times).T


def _between(drawing, times):
    positions = (numpy.arange(drawing.shape[0] * times) + 0.5) / times - 0.5
    positions = numpy.clip(positions, 0, drawing.shape[0] - 1)
    below = positions.astype(int)
    above = numpy.minimum(below + 1, drawing.shape[0] - 1)
    part = (positions - below).astype(numpy.float32)[:, None]
    return drawing[below] * (1 - part) + drawing[above] * part


def width(drawing):
    """Return the usual width of the strokes in pixels: twice the area by the outline.

    Args:
        drawing: As everywhere here, or a mask.
    """
    inside = numpy.zeros((drawing.shape[0] + 2, drawing.shape[1] + 2), bool)
    inside[1:-1, 1:-1] = drawing >= 0.5
    sides = (inside[1:] != inside[:-1]).sum() + (inside[:, 1:] != inside[:, :-1]).sum()
    # Counted along the grid, an outline is 4 / pi longer than it is, over all directions.
    return 2.0 * inside.sum() / max(sides * numpy.pi / 4, 1)


def normalised(drawing, factor, side):
    """Bring strokes that would be lost or run together in a box of `side` to a usual width.

    Returns:
        (drawing, factor, box): Changed if need be; the source pixels a pixel with it; `box` of it.
    """
    usual = box(drawing)
    top, left, bottom, right = usual
    longer = max(bottom - top, right - left)
    part = width(drawing) / longer
    if THINNEST <= part <= THICKEST:
        return drawing, factor, usual
    wanted = THICKENED if part < THINNEST else THINNED
    times = int(numpy.ceil(SMALLEST_TO_CHANGE / longer))
    if times > 1:
        drawing, factor = enlarged(drawing, times), factor / times
        longer *= times
    # Growing the strokes grows the box too.
    reach = int(round(longer * (wanted - part) / (2 - 2 * wanted)))
    if reach > 0:
        drawing = grown(_padded(drawing, reach), reach)
    else:
        drawing = _thinned(drawing, -reach)
    return drawing, factor, box(drawing)


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
