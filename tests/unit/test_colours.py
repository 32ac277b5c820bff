"""Pictures in colour, as networks take them that look at whole pictures."""

import numpy
import pytest

from mlinference import errors, evidence, layout, levels, picture, readings
from mlinference.networks import COLOUR


def page(height, width, channels=3, seed=0):
    shape = (height, width, channels) if channels == 3 else (height, width)
    return numpy.random.RandomState(seed).rand(*shape).astype("float32")


def prepared(values, shape, fit="auto", **options):
    return picture.prepare(picture.Page(values, "/img/OUT", **options), "auto", fit, shape, COLOUR)


def grid(found, shape):
    return found.pictures.reshape(shape)


@pytest.mark.parametrize("fit", ["auto", "exact", "stretch", "centre"])
def test_a_picture_of_the_networks_size_stays_as_it_is(fit):
    values = page(24, 32)
    found = prepared(values, (24, 32, 3), fit)
    assert abs(grid(found, values.shape) - values).max() < 1e-6
    assert (found.blank, found.cautions, found.box, found.fit) == (False, (), None, "exact")


@pytest.mark.parametrize("ink", ["auto", "dark", "light"])
def test_ink_does_not_count(ink):
    found = picture.prepare(picture.Page(page(24, 32)), ink, "auto", (24, 32, 3), COLOUR)
    assert (found.pictures == prepared(page(24, 32), (24, 32, 3)).pictures).all()


@pytest.mark.parametrize("level", [0, 0.5, 1])
def test_an_even_picture_is_a_picture(level):
    found = prepared(numpy.zeros((50, 70, 3)) + level, (24, 32, 3))
    assert not found.blank and found.cautions == ()
    assert abs(found.pictures - level).max() < 1e-6


@pytest.mark.parametrize("times", [2, 3, 5])
def test_a_larger_picture_is_averaged_channel_by_channel(times):
    values = page(8 * times, 12 * times)
    means = values.reshape(8, times, 12, times, 3).mean(axis=3).mean(axis=1)
    assert abs(grid(prepared(values, (8, 12, 3)), means.shape) - means).max() < 1e-5


def test_the_middle_with_the_networks_proportions_is_taken():
    values = numpy.zeros((40, 100, 3), "float32")
    values[:, 30:70] = 1
    found = prepared(values, (10, 10, 3))
    assert (found.box, found.fit) == ((0, 30, 40, 70), "centre")
    assert abs(found.pictures - 1).max() < 1e-6
    tall = prepared(values.transpose(1, 0, 2), (10, 20, 3))
    assert tall.box == (40, 0, 60, 40)


def test_stretch_takes_the_whole_page():
    values = numpy.zeros((40, 100, 3), "float32")
    values[:, 50:, 2] = 1
    found = prepared(values, (10, 10, 3), "stretch")
    expected = numpy.zeros((10, 10, 3))
    expected[:, 5:, 2] = 1
    assert (found.box, found.fit) == (None, "stretch")
    assert abs(grid(found, (10, 10, 3)) - expected).max() < 1e-6


def test_exact_asks_for_the_networks_size():
    with pytest.raises(errors.PictureSizeDiffers) as caught:
        prepared(page(24, 33), (24, 32, 3), "exact")
    assert str(caught.value) == (
        "The picture of '/img/OUT' is 33x24.\n"
        "With 'Fit' at 'Exact' it has to be 32x24.\n"
        "Set 'Fit' to 'Auto', or scale the picture to 32x24."
    )


def test_grey_is_the_same_in_every_channel_and_colour_is_grey_in_one():
    grey = page(8, 8, 1)
    assert (grid(prepared(grey, (8, 8, 3)), (8, 8, 3)) == grey[:, :, None]).all()
    colour = page(8, 8)
    found = grid(prepared(colour, (8, 8, 1)), (8, 8))
    assert abs(found - colour.dot(numpy.array(levels.DISPLAY_WEIGHTS))).max() < 1e-6


def test_linear_light_becomes_display_values():
    values = page(8, 8)
    found = grid(prepared(values, (8, 8, 3), linear=True), values.shape)
    assert abs(found - levels.displayed(values)).max() < 1e-6


def test_light_beyond_white_is_white_and_leaves_the_rest_alone():
    values = page(8, 8)
    values[0, 0] = 50
    values[7, 7] = -1
    found = grid(prepared(values, (8, 8, 3)), values.shape)
    assert abs(found - values.clip(0, 1)).max() < 1e-6


def test_what_is_no_number_is_a_warning():
    values = page(20, 20)
    values[3, 4, 1] = numpy.nan
    values[5, 6, 2] = numpy.inf
    values[7, 8, 0] = 1e30
    found = prepared(values, (10, 10, 3))
    assert [type(caution) for caution in found.cautions] == [errors.PictureNotNumbers]
    assert str(found.cautions[0]).split("\n")[1].startswith("3 of its pixels")
    assert numpy.isfinite(found.pictures).all()


@pytest.mark.parametrize("height, width", [(1, 1), (1, 200), (3, 7), (200, 1), (37, 53)])
@pytest.mark.parametrize("fit", ["auto", "stretch"])
def test_any_page_gives_a_picture(height, width, fit):
    values = page(height, width)
    found = prepared(values, (24, 32, 3), fit)
    assert found.pictures.shape == (1, 24 * 32 * 3)
    assert 0 <= found.pictures.min() and found.pictures.max() <= 1


# -- Looking at it ----------------------------------------------------------------------------


class Model(object):
    """Class 0 is for red in the left half, class 1 for red in the right half."""

    labels = ("left", "right")
    picture = COLOUR
    cautions = ()
    size = 8

    def __init__(self, size=8):
        self.shape = (size, size, 3)
        self.batches = []

    def predict(self, pictures):
        self.batches.append(len(pictures))
        red = pictures.reshape((-1,) + self.shape)[:, :, :, 0]
        half = self.shape[1] // 2
        logits = numpy.array([red[:, :, :half].mean(axis=2).mean(axis=1)]).T
        logits = numpy.hstack([logits, red[:, :, half:].mean(axis=2).mean(axis=1)[:, None]])
        powers = numpy.exp(4 * logits)
        return powers / powers.sum(axis=1)[:, None]


def test_a_patch_is_covered_with_the_pictures_own_mean():
    model = Model()
    values = numpy.zeros((1, 8, 8, 3), "float32")
    values[:, :, :4, 0] = 1
    values[:, :, :, 2] = 0.7
    (weights,) = evidence.occlusion(values.reshape(1, -1), model.predict, model.shape, COLOUR)
    assert (weights[:, :3] > 0).all() and (weights[:, 5:] > 0).all()
    even = numpy.zeros((1, 192), "float32") + numpy.float32(0.25)
    assert (evidence.occlusion(even, model.predict, model.shape, COLOUR) == 0).all()


def test_a_large_picture_has_as_many_patches_as_a_small_one():
    counts = []
    for size in (28, 112):
        model = Model(size)
        evidence.occlusion(page(size, size).reshape(1, -1), model.predict, model.shape, COLOUR)
        counts.append(sum(model.batches))
    assert counts[0] == counts[1] == 1 + 15 * 15


def test_very_large_pictures_are_handed_over_in_parts(monkeypatch):
    model, whole = Model(), Model()
    values = page(8, 8).reshape(1, -1)
    expected = evidence.occlusion(values, whole.predict, whole.shape, COLOUR)
    monkeypatch.setattr(evidence, "MOST_NUMBERS", 3 * 192)
    found = evidence.occlusion(values, model.predict, model.shape, COLOUR)
    assert len(whole.batches) == 1 and max(model.batches) == 3
    numpy.testing.assert_allclose(found, expected, atol=1e-6)


class Settings(object):
    read, ink, fit, threshold, fallback, smoothing = "one", "auto", "auto", 0.0, -1, "none"


def test_a_picture_keeps_its_proportions_where_it_is_shown():
    model = Model()
    model.shape = (6, 8, 3)
    reading = readings.read([picture.Page(page(6, 8))], 0, model, Settings)
    assert reading.places == [(-0.5, -0.375, 1.0, 0.75)]
    assert layout.unit(28, 28) == layout.UNIT


def test_colours_are_shown_as_they_are():
    values = page(6, 8)
    quads = layout.picture(values)
    numpy.testing.assert_allclose(quads.attributes["Cd"], values.reshape(-1, 3))
    numpy.testing.assert_allclose(quads.attributes["value"], values.mean(axis=2).ravel(), rtol=1e-6)


def test_a_very_large_layer_is_shown_in_averages():
    values = page(512, 256, 1)[None, :, :, None]
    quads = layout.layers((("conv", values),))
    assert len(quads) == 256 * 128
    means = values.reshape(256, 2, 128, 2).mean(axis=3).mean(axis=1)
    numpy.testing.assert_allclose(quads.attributes["value"], means.ravel(), rtol=1e-5)
    assert len(layout.layers((("conv", values[:, :256]),))) == 65536
