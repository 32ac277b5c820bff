"""Which ink decided: the answer again with a patch of the picture covered, patch by patch.

Occlusion, as Zeiler and Fergus describe it (2013), works for every network and engine. The
measure is the lead, log p(answer) - log p(strongest other): unlike the probability it does
not saturate, and it is what the network's last layer adds up.
"""

import numpy

# A patch of a stroke's width and a half, moved by half its side.
PATCH = 4
STEP = 2

# Below the smallest ordinary float32, so that the logarithm of 0 stays finite.
TINY = 1e-38


def occlusion(pictures, predict, shape=(28, 28, 1)):
    """Weigh every pixel of every picture.

    Args:
        pictures: float32 [N, height * width * channels], 0 paper to 1 ink.
        predict: Function of such pictures that returns probabilities, float [N, classes]. It
            is called once, with all patches of all pictures.
        shape: (height, width, channels).

    Returns:
        float32 [N, height, width]: how much of the lead of each picture's answer is lost, on
        average, when the pixel is covered with paper; below 0 where the lead grows.
    """
    pictures = numpy.asarray(pictures, numpy.float32).reshape((-1,) + tuple(shape))
    windows = _windows(shape[0], shape[1])
    covered, owners, places = _covered(pictures, windows)
    batch = numpy.concatenate([pictures] + covered).reshape(-1, shape[0] * shape[1] * shape[2])
    probabilities = numpy.maximum(numpy.asarray(predict(batch), numpy.float64), TINY)
    whole = probabilities[: len(pictures)]
    answers = whole.argmax(axis=1)
    leads = _leads(probabilities[len(pictures) :], answers[owners])
    drops = _leads(whole, answers)[owners] - leads
    return _averaged(drops, owners, places, windows, pictures.shape)


def _windows(height, width):
    """Return [(row slice, column slice), ...] that cover the picture with overlap."""
    tops = range(STEP - PATCH, height, STEP)
    lefts = range(STEP - PATCH, width, STEP)
    return [
        (slice(max(top, 0), top + PATCH), slice(max(left, 0), left + PATCH)) for top in tops for left in lefts
    ]


def _covered(pictures, windows):
    """Cover each window that has ink; to cover paper with paper changes nothing."""
    covered, owners, places = [], [], []
    for owner, picture in enumerate(pictures):
        for place, (rows, columns) in enumerate(windows):
            if picture[rows, columns].any():
                changed = picture.copy()
                changed[rows, columns] = 0
                covered.append(changed[None])
                owners.append(owner)
                places.append(place)
    return covered, numpy.array(owners, int), numpy.array(places, int)


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
