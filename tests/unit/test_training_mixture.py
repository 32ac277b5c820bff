"""What the bundled checkpoint is trained on beside MNIST: fonts, pens, pages, and no digits."""

import numpy
import pytest
import training_samples as samples

from mlinference import classifier, errors
from mlinference.training import drawings, glyphs, mixture
from mlinference.training.dataset import Split

pytest.importorskip("PIL.Image", reason="Pillow cannot be imported by this Python")


class Letters(object):
    """Stands for the fonts, which are fetched and not in the repository."""

    def digit(self, number, random):
        return drawings.digit(number, random)

    def symbol(self, text, random):
        return drawings.doodle(random)


def prepared(draw, count, seed):
    random = numpy.random.RandomState(seed)
    made = [mixture.prepared(draw(index, random), random) for index in range(count)]
    return [(index, picture) for index, picture in enumerate(made) if picture is not None]


def test_families_are_split_for_good():
    sets = [set(families) for families in (glyphs.TRAIN, glyphs.VALIDATION, glyphs.HELD_OUT)]
    assert len(set.union(*sets)) == sum(len(each) for each in sets)
    assert len(glyphs.HELD_OUT) >= 25


def test_fonts_that_are_not_there_are_named(tmpdir):
    tmpdir.mkdir("lato").join("400-normal.woff").write("")
    with pytest.raises(errors.FontsMissing) as caught:
        glyphs.faces(str(tmpdir), ("abel", "lato"))
    assert str(caught.value) == (
        "'%s' does not hold the fonts of this recipe.\n"
        "Missing: 'abel'.\n"
        "Run scripts/fetch_fonts.py and give its folder as '--fonts'."
    ) % str(tmpdir)


def test_the_fonts_checksum_covers_every_face_that_is_drawn_from(tmpdir):
    fonts = tmpdir.join("fonts")
    found = [glyphs.checksum(samples.fonts_folder(fonts))]
    # A family that only judges is no part of it.
    fonts.mkdir(glyphs.HELD_OUT[0]).join("400-normal.woff").write("held out")
    assert glyphs.checksum(str(fonts)) == found[0]
    fonts.join(glyphs.TRAIN[3], "700-normal.woff").write("bold")
    found.append(glyphs.checksum(str(fonts)))
    fonts.join(glyphs.VALIDATION[0], "400-normal.woff").write("another")
    found.append(glyphs.checksum(str(fonts)))
    assert len(set(found)) == 3


@pytest.mark.parametrize("number", range(10))
def test_every_way_to_write_a_digit_is_ink_on_paper(number):
    random = numpy.random.RandomState(number)
    for _ in range(20):
        sheet = drawings.digit(number, random)
        assert sheet.shape == (drawings.SIDE, drawings.SIDE)
        assert sheet.min() == 0.0 and sheet.max() == 1.0
        assert 0.005 < sheet.mean() < 0.4


def test_every_doodle_is_ink_on_paper():
    for doodle in set(drawings._DOODLES):
        sheet = doodle(numpy.random.RandomState(0))
        assert sheet.shape == (drawings.SIDE, drawings.SIDE)
        assert sheet.max() > 0.4 and 0.002 < sheet.mean() < 0.8


def test_drawings_come_from_the_seed():
    one, again, other = (drawings.digit(5, numpy.random.RandomState(seed)) for seed in (1, 1, 2))
    assert numpy.array_equal(one, again)
    assert not numpy.array_equal(one, other)


def test_a_pool_holds_prepared_pictures_and_even_targets_for_no_digit():
    random = numpy.random.RandomState(0)
    letters = Letters()
    pool = mixture._pool(
        "outliers",
        lambda random, split: (mixture.outlier(letters, random), None),
        40,
        0.2,
        random,
        10,
    )
    assert pool.pictures.shape == (40, 784)
    assert pool.pictures.dtype == numpy.uint8
    assert numpy.allclose(pool.targets, 0.1)
    pool = mixture._pool(
        "fonts", lambda random, split: mixture._font(letters, random), 40, 0.2, random, 10
    )
    assert (pool.targets.max(1) == 1.0).all() and (pool.targets.sum(1) == 1.0).all()
    assert (pool.pictures.max(1) > 200).all()


def test_digits_on_pages_keep_their_labels():
    pictures = numpy.array(
        [
            drawings.digit(number, numpy.random.RandomState(number))[::3, ::3][2:30, 2:30]
            for number in range(10)
        ]
    ).reshape(10, 784)
    split = Split(pictures, numpy.arange(10, dtype=numpy.int32))
    random = numpy.random.RandomState(0)
    for _ in range(20):
        made, label = mixture._refitted(split, random)
        assert made.shape == (784,) and made.max() > 0.8
        assert 0 <= label <= 9


def test_a_plain_stroke_is_no_example_of_no_digit():
    stroke = numpy.zeros((28, 28), numpy.float32)
    stroke[4:24, 13:15] = 1
    assert mixture._like_a_one(stroke.ravel())
    assert not mixture._like_a_one(stroke.T.ravel())
    stroke[16:24, 8:20] = 1
    assert not mixture._like_a_one(stroke.ravel())


# -- The bundled checkpoint itself, on drawings that it was not trained on -------------------


@pytest.fixture(scope="module")
def bundled():
    return classifier.shared("", "numpy")


def test_the_bundled_checkpoint_reads_drawn_digits(bundled):
    made = prepared(lambda index, random: drawings.digit(index % 10, random), 200, seed=99)
    answers = bundled.predict(numpy.array([picture for _, picture in made])).argmax(1)
    right = sum(answer == index % 10 for (index, _), answer in zip(made, answers))
    assert right >= 0.97 * len(made)


def test_the_bundled_checkpoint_is_not_sure_of_doodles_and_noise(bundled):
    random = numpy.random.RandomState(98)
    letters = Letters()
    made = numpy.array([mixture.outlier(letters, random) for _ in range(200)])
    assert (bundled.predict(made).max(1) < 0.5).mean() >= 0.95
