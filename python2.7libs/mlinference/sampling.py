"""Pictures fetched from other places: one bilinear sampling for whole batches, in NumPy alone."""

import numpy

from mlinference import networks


def grid(shape):
    """Return (x, y), float32 [1, height * width]: each pixel's place, from the centre, y down."""
    height, width = shape[:2]
    across = numpy.arange(width, dtype=numpy.float32) - (width - 1) / 2.0
    down = numpy.arange(height, dtype=numpy.float32) - (height - 1) / 2.0
    return numpy.tile(across, height)[None], numpy.repeat(down, width)[None]


def sample(pictures, x, y, shape, looks_at=networks.INK):
    """Fetch each pixel from (x, y), in pixels from the centre.

    Args:
        pictures: float32 [N, height * width * channels].
        x, y: float32 [N, height * width].
        shape: (height, width, channels).
        looks_at: networks.INK: outside of the picture is paper, 0; networks.COLOUR: outside of
            it its edge goes on.

    Returns:
        float32 [N, height * width * channels].
    """
    height, width, channels = shape
    x = numpy.clip(x + numpy.float32((width - 1) / 2.0 + 2), 0, width + 4 - 1.001)
    y = numpy.clip(y + numpy.float32((height - 1) / 2.0 + 2), 0, height + 4 - 1.001)
    left, top = x.astype(numpy.int32), y.astype(numpy.int32)
    x -= left
    y -= top
    row = width + 4
    first = numpy.arange(len(pictures), dtype=numpy.int32)[:, None] * ((height + 4) * row)
    at = first + top * row + left
    planes = pictures.reshape(-1, height, width, channels)
    framed = [_framed(planes[:, :, :, channel], looks_at) for channel in range(channels)]
    fetched = [_fetched(each.ravel(), at, x, y, row) for each in framed]
    return fetched[0] if channels == 1 else numpy.dstack(fetched).reshape(len(pictures), -1)


def _framed(planes, looks_at):
    """Return float32 [N, height + 4, width + 4]: with a border, so that every neighbour exists."""
    if looks_at == networks.COLOUR:
        return numpy.pad(planes, ((0, 0), (2, 2), (2, 2)), "edge")
    count, height, width = planes.shape
    framed = numpy.zeros((count, height + 4, width + 4), numpy.float32)
    framed[:, 2:-2, 2:-2] = planes
    return framed


def _fetched(flat, at, x, y, row):
    upper = flat.take(at) * (1 - x) + flat.take(at + 1) * x
    at = at + row
    lower = flat.take(at) * (1 - x) + flat.take(at + 1) * x
    return upper * (1 - y) + lower * y
