"""One cook's worth of reading: pages in, answers out, and what there is to look at between.

Every way of reading - one digit, one digit over several frames, every shape of a page - asks
the engine once, with all its pictures as one batch.
"""

from __future__ import division

import numpy

from mlinference import answer, errors, layout, networks, picture

# Of the majority's probabilities this part is the mean's: enough to settle a tie, and no more.
TIE_PART = 1e-3


class Reading(object):
    """What was read, and from what.

    Attributes:
        pictures: float32 [N, height * width * channels], what the model was given.
        answers: One answer.Answer a picture.
        places: (left, bottom, width, height) of each picture in the previews' units.
        shapes: The picture.Shape of each picture, or None where one digit was read.
        page: Their picture.Page, or None.
        cautions: Tuple of errors.Caution.
    """

    def __init__(self, pictures, answers, places, cautions, shapes=None, page=None):
        self.pictures = pictures
        self.answers = answers
        self.places = places
        self.shapes = shapes
        self.page = page
        self.cautions = tuple(cautions)

    @property
    def text(self):
        """The labels in reading order, as one word."""
        return "".join(found.label for found in self.answers)


def read(pages, current, model, settings):
    """Read one digit or every shape.

    Args:
        pages: picture.Page of the frames that the answer is smoothed over, in order.
        current: Which of them is now.
        model: Has `predict`, `labels`, `shape`, `picture` and `cautions`, and where every shape
            is to be read also `checkpoint`, as classifier.Classifier.
        settings: Has `read` ("one" or "shapes"), `ink`, `fit`, `threshold`, `fallback` and
            `smoothing`.

    Returns:
        Reading.
    """
    if settings.read == "shapes":
        return every_shape(pages[current], model, settings)
    return over_frames(pages, current, model, settings)


def over_frames(pages, current, model, settings):
    """Read the digit of one frame, in the light of its neighbours if there are any.

    Nothing is kept between cooks, so that any order of frames gives the same answers. Frames
    on which nothing is drawn do not count; where the current one is empty, so is the answer.
    """
    ink, fit, shape = settings.ink, settings.fit, model.shape
    prepared = [picture.prepare(page, ink, fit, shape, model.picture) for page in pages]
    now = prepared[current]
    if now.blank:
        found = answer.nothing(len(model.labels))
    else:
        drawn = [each for each in prepared if not each.blank]
        probabilities = model.predict(numpy.concatenate([each.pictures for each in drawn]))
        probabilities = answer.weighted(probabilities, [each.weight for each in drawn])
        probabilities = combined(probabilities, settings.smoothing)
        found = answer.decide(probabilities, model.labels, settings.threshold, settings.fallback)
    cautions = now.cautions + tuple(model.cautions) + found.cautions
    return Reading(now.pictures, [found], [layout.unit(*model.shape[:2])], cautions)


def combined(probabilities, smoothing):
    """Make one row of the frames' probabilities, float [frames, classes].

    "mean" is what it says. With "majority" each frame has a vote, and the probabilities are
    the shares of the votes.
    """
    mean = probabilities[0] if len(probabilities) == 1 else numpy.mean(probabilities, axis=0)
    if smoothing != "majority":
        return mean
    votes = numpy.bincount(numpy.argmax(probabilities, axis=1), minlength=len(mean))
    return (1 - TIE_PART) * votes / len(probabilities) + TIE_PART * mean


def every_shape(page, model, settings):
    """Read each separate shape of a page, in the order in which one reads a text.

    Raises:
        errors.ShapesNeedInk: If the network looks at whole pictures.
    """
    if model.picture != networks.INK:
        raise errors.ShapesNeedInk(network=model.checkpoint.network.name)
    shapes, cautions = picture.shapes(page, settings.ink, model.shape)
    pictures = numpy.zeros((0, int(numpy.prod(model.shape))), numpy.float32)
    answers = []
    if shapes:
        pictures = numpy.concatenate([shape.pictures for shape in shapes])
        answers = [
            answer.decide(probabilities, model.labels, settings.threshold, settings.fallback)
            for probabilities in model.predict(pictures)
        ]
    cautions = tuple(cautions) + tuple(model.cautions) + _doubts(answers, settings)
    places = [place_of(shape, page) for shape in shapes]
    return Reading(pictures, answers, places, cautions, shapes, page)


def _doubts(answers, settings):
    """Return one caution for all shapes below the threshold, about the least sure."""
    unsure = [found for found in answers if found.cautions]
    if len(unsure) < 2:
        return unsure[0].cautions if unsure else ()
    least = min(unsure, key=lambda found: found.confidence)
    values = dict(least.cautions[0].values, count=len(unsure), total=len(answers))
    return (errors.SomeNotSure(**values),)


def place_of(shape, page):
    """Return (left, bottom, width, height) of a shape: the page's longer side is 1, y is up."""
    unit = max(page.height, page.width)
    left = (shape.left - page.width / 2) / unit
    bottom = (page.height / 2 - shape.top - shape.height) / unit
    return (left, bottom, shape.width / unit, shape.height / unit)
