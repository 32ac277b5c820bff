"""Which ink decided: the answer again with a patch of the picture covered, patch by patch.

Occlusion, as Zeiler and Fergus describe it (2013), works for every network and engine. The
measure is the lead, log p(answer) - log p(strongest other): unlike the probability it does
not saturate, and it is what the network's last layer adds up.
"""

from __future__ import division

import numpy

from mlinference import networks

# A patch of a stroke's width and a half in 28 pixels, moved by half its side; in a larger
# picture it is as much larger, so that there are never many more of them.
PATCH = 4
SIDE = 28

# Numbers that are handed over at once, 64 megabytes of them.
MOST_NUMBERS = 2**24

# Below the smallest ordinary float32, so that the logarithm of 0 stays finite.
TINY = 1e-38


def occlusion(pictures, predict, shape=(28, 28, 1), looks_at=networks.INK):
    """Weigh every pixel of every picture.

    Args:
        pictures: float32 [N, height * width * channels], 0 paper to 1 ink, or in colour.
        predict: Function of such pictures that returns probabilities, float [N, classes]. It
            is called once, with all patches of all pictures, unless they are very large.
        shape: (height, width, channels).
        looks_at: networks.INK, patches are covered with paper; or networks.COLOUR, with the
            picture's own mean colour, for no colour means nothing.

    Returns:
        float32 [N, height, width]: how much of the lead of each picture's answer is lost, on
        average, when the pixel is covered; below 0 where the lead grows.
    """
    pictures = numpy.asarray(pictures, numpy.float32).reshape((-1,) + tuple(shape))
    covers = numpy.zeros((len(pictures), shape[2]), numpy.float32)
    if looks_at == networks.COLOUR:
        covers = pictures.mean(axis=2).mean(axis=1)
    windows = _windows(shape[0], shape[1])
    changes = list(_changes(pictures, covers, windows))
    probabilities = _asked(predict, pictures, covers, windows, changes)
    whole = probabilities[: len(pictures)]
    answers = whole.argmax(axis=1)
    owners = numpy.array([owner for owner, _ in changes], int)
    places = [place for _, place in changes]
    leads = _leads(probabilities[len(pictures) :], answers[owners])
    drops = _leads(whole, answers)[owners] - leads
    return _averaged(drops, owners, places, windows, pictures.shape)


def _windows(height, width):
    """Return [(row slice, column slice), ...] that cover the picture with overlap."""
    patch = max(PATCH, int(round(PATCH * max(height, width) / SIDE)))
    step = patch // 2
    tops = range(step - patch, height, step)
    lefts = range(step - patch, width, step)
    return [
        (slice(max(top, 0), top + patch), slice(max(left, 0), left + patch)) for top in tops for left in lefts
    ]


def _changes(pictures, covers, windows):
    """Yield (picture, window) where covering changes anything: paper with paper does not."""
    for owner, picture in enumerate(pictures):
        for place, (rows, columns) in enumerate(windows):
            if (picture[rows, columns] != covers[owner]).any():
                yield owner, place


def _asked(predict, pictures, covers, windows, changes):
    """Return the probabilities of the pictures as they are, and then of each change."""
    numbers = pictures[0].size if len(pictures) else 1
    most = max(1, MOST_NUMBERS // numbers)
    found = []
    todo = [(owner, None) for owner in range(len(pictures))] + changes
    for start in range(0, len(todo), most):
        batch = numpy.array([pictures[owner] for owner, _ in todo[start : start + most]])
        for changed, (owner, place) in zip(batch, todo[start : start + most]):
            if place is not None:
                changed[windows[place]] = covers[owner]
        found.append(numpy.asarray(predict(batch.reshape(-1, numbers)), numpy.float64))
    return numpy.maximum(numpy.concatenate(found), TINY)


def _leads(probabilities, answers):
    rows = numpy.arange(len(answers))
    own = probabilities[rows, answers]
    others = probabilities.copy()
    others[rows, answers] = TINY
    return numpy.log(own) - numpy.log(others.max(axis=1))


def _averaged(drops, owners, places, windows, shape):
    sums = numpy.zeros(shape[:3])
    counts = numpy.zeros(shape[1:3])
    for rows, columns in windows:
        counts[rows, columns] += 1
    for drop, owner, place in zip(drops, owners, places):
        rows, columns = windows[place]
        sums[owner, rows, columns] += drop
    return (sums / counts).astype(numpy.float32)
