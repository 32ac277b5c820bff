"""Drawings brought to one place, slant and size, by the moments of their ink.

Moment normalisation is an old step before character recognition (R. G. Casey, "Moment
Normalization of Handprinted Characters", 1970). It has nothing to train. A small network
gains most from it, for what differs less need not be learnt.
"""

import numpy

from mlinference import networks, sampling

# What a sidecar's `input` says under "aligned" if its network was trained on such pictures.
MOMENTS = "moments"

# The scalar, not trained, that says it in the checkpoint itself, which may lose its sidecar.
MARK = "aligned_by_moments"

# Standard deviations of the ink that a drawing is brought to, of a picture 28 pixels high or
# wide. The width goes only this part of the way, as a power, lest a 1 becomes as wide as a 0.
HEIGHT, WIDTH = 6.0, 4.8
PART = 0.75
SIZE = 28.0

# A drawing is made so many times smaller at most, and larger: a dash has next to no height.
LARGEST, SMALLEST = 1.6, 0.3

# Pixels sideways a pixel down; more is no slant but a line.
STEEPEST = 1.5

# Of each pixel and its neighbours before and after it, along both axes: what is left of the
# sampling's steps, and of where exactly a stroke's edge falls, is no news of the figure.
SOFTENED = (0.25, 0.5, 0.25)

# Pictures at once; more only cost memory.
BLOCK = 256


def fits(network):
    """Tell whether a networks.Network's pictures can be aligned: drawings of one channel."""
    return network.picture == networks.INK and network.shape[2] == 1


def align(pictures, shape):
    """Return the drawings centred, upright and of one size.

    The centre of the ink comes to the picture's centre, rows are moved sideways until the ink
    leans neither way, height and width are scaled to set standard deviations, and what comes
    out is softened a little. A picture without ink, or with numbers that are not finite, stays
    as it is.

    Args:
        pictures: float32 [N, height * width], rows top first, 0 paper to 1 ink.
        shape: (height, width, 1).

    Returns:
        float32 [N, height * width], 0 to 1.
    """
    starts = range(0, len(pictures), BLOCK)
    blocks = [_aligned(pictures[start : start + BLOCK], shape) for start in starts]
    return blocks[0] if len(blocks) == 1 else numpy.concatenate(blocks or [pictures])


def _aligned(pictures, shape):
    x, y = sampling.grid(shape)
    with numpy.errstate(divide="ignore", invalid="ignore", over="ignore"):
        across, down, slant, wide, high = _moments(pictures, x, y)
        unit = numpy.array(shape[:2]) / SIZE
        high = numpy.clip(high / (HEIGHT * unit[0]), SMALLEST, LARGEST)
        wide = numpy.clip(wide / (WIDTH * unit[1]), SMALLEST, LARGEST) ** PART
        slant = numpy.clip(slant, -STEEPEST, STEEPEST)
        rows = high * y
        places = wide * x + slant * rows + across, rows + down
    known = numpy.isfinite(places[0]).all(axis=1) & numpy.isfinite(places[1]).all(axis=1)
    found = pictures.copy()
    if known.any():
        x, y = (place[known].astype(numpy.float32) for place in places)
        found[known] = _softened(sampling.sample(pictures[known], x, y, shape), shape)
    return found


def _softened(pictures, shape):
    """Average each pixel with its neighbours; outside of the picture is paper."""
    before, at, after = numpy.array(SOFTENED, numpy.float32)
    planes = pictures.reshape(-1, shape[0], shape[1])
    for _ in range(2):
        soft = at * planes
        soft[:, 1:] += before * planes[:, :-1]
        soft[:, :-1] += after * planes[:, 1:]
        planes = soft.transpose(0, 2, 1)
    return planes.reshape(len(pictures), -1)


def _moments(pictures, x, y):
    """Return centre, slant and standard deviations, float64 [N, 1] each.

    Returns:
        (x and y of the ink's centre, pixels sideways a pixel down, standard deviation of what
        is left sideways without that slant, and downwards).
    """
    powers = numpy.concatenate((numpy.ones_like(x), x, y, x * x, x * y, y * y))
    sums = numpy.dot(pictures.astype(numpy.float64), powers.T.astype(numpy.float64))
    ink, across, down, xx, xy, yy = sums.T[:, :, None]
    across, down = across / ink, down / ink
    xx, xy, yy = xx / ink - across**2, xy / ink - across * down, yy / ink - down**2
    # A single row has no slant.
    slant = xy / numpy.maximum(yy, 1e-6)
    left = numpy.maximum(xx - slant * xy, 0)
    return across, down, slant, numpy.sqrt(left), numpy.sqrt(numpy.maximum(yy, 0))
