"""A picture in colour becomes the input of a network that looks at whole pictures.

Such a network tells no drawing from its paper: nothing is searched for, nothing is turned into
ink, and no picture is blank. What remains is size, proportions and colour curve.
"""

from __future__ import division

import numpy

from mlinference import errors, levels, strokes


def prepared(page, fit, shape):
    """Scale a page to the network's size.

    Args:
        page: picture.Page; grey where the network wants three channels is the same in each.
        fit: "exact" (the page has this size already) or "stretch" takes it whole; "centre" and
            "auto" take the largest part of its middle that has the network's proportions.
        shape: (height, width, channels).

    Returns:
        (float32 [height, width, channels] of 0 black to 1 white, [errors.Caution, ...], what
        was done: "exact", "stretch" or "centre", (top, left, bottom, right) of what was cut
        out or None).
    """
    values, cautions = page.values, list(page.cautions)
    if not levels.measurable(values):
        values, count = levels.mended(values)
        cautions.append(errors.PictureNotNumbers(name=page.name, count=count))
    whole = (0, 0, page.height, page.width)
    box = whole if fit in ("exact", "stretch") else middle(page.height, page.width, shape)
    cut = values[box[0] : box[2], box[1] : box[3]]
    planes = [_scaled(plane, page.linear, shape) for plane in _planes(cut, shape[2])]
    # One plane stands for all channels of a page without colours.
    picture = numpy.dstack(planes * (shape[2] // len(planes)))
    if cut.shape[:2] == tuple(shape[:2]):
        fit = "exact"
    return picture, cautions, fit if fit != "auto" else "centre", None if box == whole else box


def middle(height, width, shape):
    """Return (top, left, bottom, right) of the largest middle part with a shape's proportions."""
    part = min(height / shape[0], width / shape[1])
    rows = max(1, min(height, int(round(part * shape[0]))))
    columns = max(1, min(width, int(round(part * shape[1]))))
    top, left = (height - rows) // 2, (width - columns) // 2
    return top, left, top + rows, left + columns


def _planes(values, channels):
    if channels == 1 or values.ndim == 2 or values.shape[2] < 3:
        return [values]
    return [values[:, :, channel] for channel in range(3)]


def _scaled(values, linear, shape):
    """Return float32 [height, width], display-referred, 0 to 1: what a screen would show."""
    rows, columns = values.shape[0] / shape[0], values.shape[1] / shape[1]
    # Whole blocks first, which is quick; the rest of the way, if there is any, is not.
    factor = int(rows) if rows == columns == int(rows) else max(1, int(min(rows, columns) / 2))
    plane = levels.averaged(values, factor, linear).clip(0, 1)
    if plane.shape == tuple(shape[:2]):
        return plane
    bottom = min(values.shape[0] / factor, plane.shape[0])
    right = min(values.shape[1] / factor, plane.shape[1])
    return strokes.resampled(plane, (0, 0, bottom, right), shape[:2])
