"""Pages in, answers out."""

import collections

import numpy
import pytest

from mlinference import errors, picture, readings

Settings = collections.namedtuple("Settings", "read ink fit threshold fallback smoothing")
PLAIN = Settings("one", "auto", "auto", 0.0, -1, "none")


class Model(object):
    """Says how wide the ink is: class 0 for narrow, 1 for medium, 2 for wide."""

    labels = ("narrow", "medium", "wide")
    shape = (28, 28, 1)
    picture = "ink"
    cautions = ()

    def __init__(self):
        self.batches = []

    def predict(self, pictures):
        self.batches.append(len(pictures))
        widths = [(each.reshape(28, 28).max(axis=0) > 0.5).sum() for each in pictures]
        return numpy.array([PROBABILITIES[0 if w < 8 else 1 if w < 16 else 2] for w in widths])


PROBABILITIES = numpy.array([[0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])


def page(*boxes):
    """A white page with boxes of (left, top, width, height), drawn with a pen of 4 pixels."""
    values = numpy.ones((100, 200), numpy.float32)
    for left, top, width, height in boxes:
        values[top : top + height, left : left + width] = 0
        values[top + 4 : top + height - 4, left + 4 : left + width - 4] = 1
    return picture.Page(values, "page")


NARROW = (20, 20, 10, 50)
MEDIUM = (60, 20, 25, 50)
WIDE = (120, 20, 50, 50)


def test_one_digit_is_one_answer_of_the_whole_place():
    reading = readings.read([page(MEDIUM)], 0, Model(), PLAIN)
    (found,) = reading.answers
    assert (found.index, found.label, found.confidence) == (1, "medium", 0.8)
    assert reading.places == [(-0.5, -0.5, 1.0, 1.0)]
    assert reading.shapes is None
    assert reading.pictures.shape == (1, 784)


def test_one_of_two_figures_is_the_page_no_more_than_by_half():
    twin = (130,) + MEDIUM[1:]
    (found,) = readings.read([page(MEDIUM, twin)], 0, Model(), PLAIN).answers
    assert (found.index, found.label) == (1, "medium")
    assert found.confidence == pytest.approx(0.5 * 0.8 + 0.5 / 3)
    assert sum(found.probabilities) == pytest.approx(1)


def test_of_every_shape_each_is_as_sure_as_the_network():
    twin = (130,) + MEDIUM[1:]
    answers = readings.read([page(MEDIUM, twin)], 0, Model(), PLAIN._replace(read="shapes")).answers
    assert [found.confidence for found in answers] == [0.8, 0.8]


def test_a_blank_page_asks_nobody():
    model = Model()
    reading = readings.read([page()], 0, model, PLAIN)
    assert reading.answers[0].index == -1
    assert model.batches == []
    assert [type(caution) for caution in reading.cautions] == [errors.PictureBlank]


WINDOW = [page(NARROW), page(WIDE), page(MEDIUM), page(NARROW), page(NARROW)]


def test_the_mean_is_over_the_windows_frames():
    model = Model()
    reading = readings.read(WINDOW, 2, model, PLAIN._replace(smoothing="mean"))
    expected = PROBABILITIES[[0, 2, 1, 0, 0]].mean(axis=0)
    numpy.testing.assert_allclose(reading.answers[0].probabilities, expected)
    assert model.batches == [5]


def test_the_majority_is_the_share_of_votes():
    reading = readings.read(WINDOW, 2, Model(), PLAIN._replace(smoothing="majority"))
    (found,) = reading.answers
    assert found.label == "narrow"
    assert found.confidence == pytest.approx(0.6, abs=2e-3)
    assert sum(found.probabilities) == pytest.approx(1.0)


def test_a_tie_goes_to_the_higher_mean():
    tie = [page(NARROW), page(WIDE)]
    assert readings.read(tie, 0, Model(), PLAIN._replace(smoothing="majority")).answers[0].label == "wide"


def test_the_picture_that_is_shown_is_the_current_frames():
    alone = readings.read([WINDOW[1]], 0, Model(), PLAIN)
    smoothed = readings.read(WINDOW, 1, Model(), PLAIN._replace(smoothing="mean"))
    numpy.testing.assert_array_equal(smoothed.pictures, alone.pictures)


def test_empty_frames_do_not_count():
    pages = [page(), page(WIDE), page()]
    reading = readings.read(pages, 1, Model(), PLAIN._replace(smoothing="mean"))
    assert reading.answers[0].confidence == pytest.approx(0.9)
    assert reading.cautions == ()


def test_an_empty_current_frame_has_no_answer_whatever_its_neighbours_say():
    pages = [page(WIDE), page(), page(WIDE)]
    reading = readings.read(pages, 1, Model(), PLAIN._replace(smoothing="majority"))
    assert reading.answers[0].index == -1


SHAPES = PLAIN._replace(read="shapes")


def test_every_shape_is_read_in_one_batch():
    model = Model()
    reading = readings.read([page(WIDE, NARROW, MEDIUM)], 0, model, SHAPES)
    assert [found.label for found in reading.answers] == ["narrow", "medium", "wide"]
    assert reading.text == "narrowmediumwide"
    assert model.batches == [3]


def test_places_are_in_units_of_the_longer_side_about_the_middle_with_y_up():
    reading = readings.read([page(NARROW, WIDE)], 0, Model(), SHAPES)
    expected = [(-0.4, -0.1, 0.05, 0.25), (0.1, -0.1, 0.25, 0.25)]
    numpy.testing.assert_allclose(reading.places, expected, atol=0.011)


def test_several_shapes_are_no_reason_for_a_warning():
    assert readings.read([page(NARROW, WIDE)], 0, Model(), SHAPES).cautions == ()


def test_one_unsure_shape_is_named():
    reading = readings.read([page(NARROW, WIDE)], 0, Model(), SHAPES._replace(threshold=0.7))
    assert [found.index for found in reading.answers] == [-1, 2]
    assert [type(caution) for caution in reading.cautions] == [errors.NotSure]


def test_several_unsure_shapes_are_counted_and_the_least_sure_named():
    reading = readings.read([page(NARROW, MEDIUM, WIDE)], 0, Model(), SHAPES._replace(threshold=0.85))
    (caution,) = reading.cautions
    assert str(caution) == (
        "Not sure about 2 of 3 shapes.\n"
        "One may be 'narrow' (0.60) or 'medium'; 'Not Sure Below' is 0.85.\n"
        "Draw them more clearly; 'Fallback' (-1) is used meanwhile."
    )


def test_a_page_without_shapes_has_no_answers():
    reading = readings.read([page()], 0, Model(), SHAPES)
    assert (reading.answers, reading.places, reading.text) == ([], [], "")
    assert reading.pictures.shape == (0, 784)
    assert [type(caution) for caution in reading.cautions] == [errors.PictureBlank]
