"""Drawings brought in line: against loops in plain Python, and what it is there for."""

import math
import os

import numpy
import pytest

from mlinference import checkpoint, classifier, laboratory, moments, networks
from mlinference.conversion import formats
from mlinference.conversion.model import Model

SHAPE = (28, 28, 1)

ENGINES = ["numpy", pytest.param("tensorflow", marks=pytest.mark.tensorflow)]


def stroke(lean=0.0, right=0.0, below=0.0, wide=1.0, high=1.0):
    """Return float32 [1, 784]: a soft upright bar with a foot, moved and pulled about."""
    y, x = numpy.mgrid[:28, :28] - 13.5
    y = (y - below) / high
    x = (x - right) / wide - lean * y
    bar = numpy.exp(-((x / 2.2) ** 2) - (y / 6.0) ** 4)
    foot = numpy.exp(-(((x - 2.0) / 4.0) ** 4) - ((y - 4.5) / 1.8) ** 2)
    return numpy.maximum(bar, foot).reshape(1, 784).astype("float32")


# -- The numbers ------------------------------------------------------------------------------


def slowly(flat, height, width):
    """Align one picture a pixel at a time."""
    pixels = [(i % width - (width - 1) / 2.0, i // width - (height - 1) / 2.0) for i in range(len(flat))]
    total = sum(flat)

    def mean(of):
        return sum(ink * of(x, y) for ink, (x, y) in zip(flat, pixels)) / total

    across, down = mean(lambda x, y: x), mean(lambda x, y: y)
    yy = mean(lambda x, y: (y - down) ** 2)
    slant = mean(lambda x, y: (x - across) * (y - down)) / yy
    left = mean(lambda x, y: (x - across - slant * (y - down)) ** 2)

    def scale(deviation, wanted):
        return min(max(deviation / wanted, moments.SMALLEST), moments.LARGEST)

    high = scale(math.sqrt(yy), moments.HEIGHT * height / 28.0)
    wide = scale(math.sqrt(left), moments.WIDTH * width / 28.0) ** moments.PART

    def at(column, row):
        return flat[row * width + column] if 0 <= column < width and 0 <= row < height else 0.0

    aligned = []
    for x, y in pixels:
        column = wide * x + slant * high * y + across + (width - 1) / 2.0
        row = high * y + down + (height - 1) / 2.0
        c, r = int(math.floor(column)), int(math.floor(row))
        u, v = column - c, row - r
        upper = at(c, r) * (1 - u) + at(c + 1, r) * u
        lower = at(c, r + 1) * (1 - u) + at(c + 1, r + 1) * u
        aligned.append(upper * (1 - v) + lower * v)
    return softened(softened(aligned, height, width, 1), height, width, width)


def softened(flat, height, width, step):
    """Average along one axis: `step` is from a pixel to the next one of its row or column."""
    place, count = (lambda i: i % width, width) if step == 1 else (lambda i: i // width, height)
    return [
        0.5 * flat[i]
        + 0.25 * (flat[i - step] if place(i) > 0 else 0.0)
        + 0.25 * (flat[i + step] if place(i) < count - 1 else 0.0)
        for i in range(len(flat))
    ]


@pytest.mark.parametrize("height, width", [(9, 7), (6, 11), (28, 28)])
def test_it_is_what_loops_in_plain_python_find(height, width):
    random = numpy.random.RandomState(height)
    pictures = random.uniform(size=(5, height * width)) * (random.uniform(size=(5, height * width)) < 0.3)
    pictures = pictures.astype("float32")
    found = moments.align(pictures, (height, width, 1))
    assert (found.dtype, found.shape) == (numpy.float32, pictures.shape)
    for number in range(5):
        wanted = slowly([float(value) for value in pictures[number]], height, width)
        assert abs(found[number] - wanted).max() < 1e-4


def test_many_at_once_are_the_same_as_each_alone(monkeypatch):
    pictures = numpy.concatenate([stroke(lean=lean / 10.0) for lean in range(7)])
    alone = numpy.concatenate([moments.align(pictures[n : n + 1], SHAPE) for n in range(7)])
    monkeypatch.setattr(moments, "BLOCK", 3)
    assert abs(moments.align(pictures, SHAPE) - alone).max() < 1e-5
    assert moments.align(pictures[:0], SHAPE).shape == (0, 784)


# -- What it is there for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"right": 4.0},
        {"below": -3.0},
        {"lean": 0.5},
        {"lean": -0.5},
        {"high": 0.75},
        {"high": 1.2, "wide": 1.2, "lean": 0.2, "right": -2.0},
    ],
)
def test_place_slant_and_size_make_no_difference(change):
    plain, changed = stroke(), stroke(**change)
    before = abs(changed - plain).max()
    after = abs(moments.align(changed, SHAPE) - moments.align(plain, SHAPE)).max()
    assert before > 0.6
    assert after < 0.15


def test_the_ink_is_in_the_middle_upright_and_of_the_height_that_is_set():
    ink = moments.align(stroke(lean=0.4, right=3.0, below=2.0, high=0.8), SHAPE).reshape(28, 28)
    y, x = numpy.mgrid[:28, :28] - 13.5
    total = ink.sum()
    across, down = (ink * x).sum() / total, (ink * y).sum() / total
    assert abs(across) < 0.1 and abs(down) < 0.1
    variance = (ink * (y - down) ** 2).sum() / total
    assert abs((ink * (x - across) * (y - down)).sum() / total) < 0.02 * variance
    assert abs(math.sqrt(variance) - moments.HEIGHT) < 0.1


def test_a_narrow_drawing_stays_narrow():
    def spread(pictures):
        columns = moments.align(pictures, SHAPE).reshape(28, 28).sum(0)
        places = numpy.arange(28)
        centre = (columns * places).sum() / columns.sum()
        return math.sqrt((columns * (places - centre) ** 2).sum() / columns.sum())

    assert spread(stroke(wide=0.5)) < 0.9 * spread(stroke())


@pytest.mark.parametrize("value", [0.0, float("nan"), float("inf"), -float("inf")])
def test_without_ink_to_measure_a_picture_stays_as_it_is(value):
    pictures = numpy.concatenate((numpy.zeros((1, 784), "float32"), stroke(lean=0.4)))
    pictures[0, 400] = value
    found = moments.align(pictures, SHAPE)
    assert numpy.array_equal(numpy.isnan(found), numpy.isnan(pictures))
    assert str(found[0].tolist()) == str(pictures[0].tolist())
    assert abs(found[1] - moments.align(pictures[1:], SHAPE)).max() < 1e-6


@pytest.mark.parametrize(
    "rows, columns",
    [((13, 14), (4, 24)), ((4, 24), (13, 14)), ((0, 1), (0, 1)), ((0, 28), (0, 28))],
)
def test_a_dash_a_stem_a_dot_and_a_full_page_are_still_pictures(rows, columns):
    pictures = numpy.zeros((1, 28, 28), "float32")
    pictures[0, slice(*rows), slice(*columns)] = 1
    found = moments.align(pictures.reshape(1, 784), SHAPE)
    assert 0 <= found.min() and 0.2 < found.max() <= 1


# -- Which checkpoints ask for it -------------------------------------------------------------


@pytest.fixture
def written(tmpdir):
    """Write a checkpoint of compact with what its sidecar says; return its prefix."""
    classifier.clear()

    def write(sidecar, network=networks.COMPACT):
        random = numpy.random.RandomState(3)
        variables = {
            name: random.normal(0, 0.3, shape).astype("float32") for name, shape in network.variables(10)
        }
        prefix = str(tmpdir.join("some.ckpt"))
        checkpoint.write(prefix, variables, sidecar)
        return prefix

    yield write
    classifier.clear()


ALIGNED = {"input": {"aligned": "moments"}}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_that_learnt_so_is_shown_aligned_pictures(written, engine):
    leaning = stroke(lean=0.5, right=3.0)
    plain = classifier.shared(written(None), engine)
    wanted = plain.predict(moments.align(leaning, SHAPE))
    assert abs(plain.predict(leaning) - wanted).max() > 1e-3
    told = classifier.shared(written(ALIGNED), engine)
    assert told.aligned and not plain.aligned
    assert abs(told.predict(leaning) - wanted).max() < 1e-6
    seen = told.seen(leaning)
    assert abs(seen - moments.align(leaning, SHAPE)).max() < 1e-6
    for (_, ours), (_, theirs) in zip(told.layers(leaning), plain.layers(seen)):
        assert abs(ours - theirs).max() < 1e-5


@pytest.mark.parametrize(
    "told", [{"aligned": "by eye"}, {"aligned": True}, {"aligned": []}, {"aligned": 1}]
)
def test_another_way_than_ours_is_a_caution(written, told):
    found = checkpoint.read(written({"input": told}))
    assert not found.aligned
    (caution,) = found.cautions
    assert caution.found == "Its pictures are aligned in a way that is not known here."


@pytest.mark.parametrize("sidecar", [None, {}, {"input": {"width": 28}}])
def test_the_checkpoint_says_so_itself_should_its_sidecar_be_lost(written, tmpdir, sidecar):
    plain = checkpoint.read(written(None))
    prefix = str(tmpdir.join("marked.ckpt"))
    marked = dict(plain.variables)
    marked[moments.MARK] = numpy.ones((), "float32")
    checkpoint.write(prefix, marked, sidecar)
    found = checkpoint.read(prefix)
    assert found.aligned and found.cautions == ()
    assert found.network is networks.COMPACT and sorted(found.variables) == sorted(plain.variables)
    copy = str(tmpdir.join("copy.ckpt"))
    formats.write_checkpoint(copy, formats.read_checkpoint(prefix, Options), None)
    os.remove(copy + ".json")
    assert checkpoint.read(copy).aligned


def test_it_says_so_below_a_scope_too(written, tmpdir):
    plain = checkpoint.read(written(None))
    prefix = str(tmpdir.join("scoped.ckpt"))
    marked = {"tower/" + name: values for name, values in plain.variables.items()}
    marked["tower/" + moments.MARK] = numpy.ones((), "float32")
    checkpoint.write(prefix, marked, None)
    assert checkpoint.read(prefix).aligned


class Options(object):
    """What a format's reader looks at."""

    network = ""


@pytest.mark.parametrize("told", [None, [], "moments", {"aligned": None}, {"width": 28}])
def test_nothing_told_of_it_is_nothing_asked_for(written, told):
    found = checkpoint.read(written({"input": told}))
    assert not found.aligned and found.cautions == ()


def test_colours_are_not_aligned():
    colour = networks.Network("colour", (("b", (2,)),), None, shape=(8, 8, 3))
    assert not moments.fits(colour)
    assert not moments.fits(networks.Network("grey", (("b", (2,)),), None, picture=networks.COLOUR))
    assert moments.fits(networks.COMPACT)


def test_the_layers_show_the_picture_as_the_network_sees_it(written, tmpdir):
    image = pytest.importorskip("PIL.Image")
    page = numpy.zeros((60, 60), numpy.uint8)
    for row in range(10, 50):
        page[row, 40 - row // 2 : 46 - row // 2] = 255
    drawing = str(tmpdir.join("slash.png"))
    image.fromarray(page).save(drawing)
    lean = []
    for name, sidecar in (("plain", None), ("aligned", ALIGNED)):
        folder = str(tmpdir.join(name))
        options = ["--checkpoint", written(sidecar), "--out", folder, "--engine", "numpy"]
        assert laboratory.main([drawing, "--ink", "light"] + options) == 0
        shown = numpy.asarray(image.open(folder + "/00_input.png").convert("L"))[16::32, 16::32]
        tops, bottoms = (numpy.nonzero(half.max(0) > 100)[0].mean() for half in (shown[:13], shown[15:]))
        lean.append(tops - bottoms)
    assert lean[0] > 3
    assert abs(lean[1]) < 1


def test_converted_it_still_says_so(written):
    sidecar = checkpoint.read(written(ALIGNED)).sidecar
    model = Model(networks.COMPACT, 10, {}, sidecar)
    assert model.aligned and model.described()["input"]["aligned"] == "moments"
    for sidecar in ({}, {"input": 3}, {"input": {"aligned": "by eye"}}):
        assert not Model(networks.COMPACT, 10, {}, sidecar).aligned
