"""Regions against a slow flood fill, and the other parts that pictures are prepared with."""

from __future__ import division

import numpy
import pytest

from mlinference import ink, levels, paper, regions, strokes


def flooded(mask):
    """Label a mask one pixel at a time: the oracle. Returns a list of sets of (row, column)."""
    left = set(zip(*[each.tolist() for each in numpy.nonzero(mask)]))
    found = []
    while left:
        waiting, region = [left.pop()], set()
        while waiting:
            row, column = waiting.pop()
            region.add((row, column))
            for step in ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)):
                beside = (row + step[0], column + step[1])
                if beside in left:
                    left.remove(beside)
                    waiting.append(beside)
        found.append(region)
    return found


def masks():
    random = numpy.random.RandomState(11)
    for density in (0.05, 0.3, 0.5, 0.62, 0.9):
        yield random.uniform(0, 1, (24, 31)) < density
    spiral = numpy.zeros((15, 15), bool)
    for turn in range(0, 7, 2):
        spiral[turn, turn : 15 - turn] = spiral[14 - turn, turn : 15 - turn] = True
        spiral[turn : 15 - turn, 14 - turn] = True
        spiral[turn + 2 : 15 - turn, turn] = True
    yield spiral
    yield numpy.tile([True, False], (9, 10))
    yield numpy.ones((5, 6), bool)
    yield numpy.zeros((5, 6), bool)
    yield numpy.ones((1, 1), bool)


@pytest.mark.parametrize("mask", list(masks()))
def test_regions_are_those_of_a_flood_fill(mask):
    found = regions.Regions(mask)
    expected = flooded(mask)
    assert found.count == len(expected)
    boxes = sorted(
        zip(
            *[
                each.tolist()
                for each in (found.top, found.left, found.bottom, found.right, found.area)
            ]
        )
    )
    assert boxes == sorted(
        (
            min(row for row, _ in region),
            min(column for _, column in region),
            max(row for row, _ in region) + 1,
            max(column for _, column in region) + 1,
            len(region),
        )
        for region in expected
    )
    for number in range(found.count):
        drawn = found.mask(numpy.arange(found.count) == number)
        assert set(zip(*[each.tolist() for each in numpy.nonzero(drawn)])) in expected


def test_the_highest_value_of_each_region():
    mask = numpy.array([[1, 1, 0, 1], [0, 0, 0, 1]], bool)
    values = numpy.array([[1.0, 5.0, 9.0, 2.0], [9.0, 9.0, 9.0, 3.0]])
    found = regions.Regions(mask)
    assert sorted(zip(found.left.tolist(), found.highest(values).tolist())) == [(0, 5.0), (3, 3.0)]


@pytest.mark.parametrize("shape", [(64, 64), (61, 67), (7, 200), (3, 3)])
@pytest.mark.parametrize("factor", [1, 2, 5])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_block_averages_are_the_averages_of_the_blocks(shape, factor, channels):
    random = numpy.random.RandomState(2)
    values = random.uniform(0, 1, shape + ((channels,) if channels else ())).astype(numpy.float32)
    averages = levels.averaged(values, factor)
    grey = values.astype(float)
    if channels >= 3:
        grey = grey[:, :, :3].dot(levels.DISPLAY_WEIGHTS)
    elif channels:
        grey = grey[:, :, 0]
    for row in range(averages.shape[0]):
        for column in range(averages.shape[1]):
            block = grey[row * factor : (row + 1) * factor, column * factor : (column + 1) * factor]
            assert averages[row, column] == pytest.approx(block.mean(), abs=1e-5)


def test_the_curve_of_srgb():
    linear = numpy.array([-0.5, 0.0, 0.0031308, 0.2140411, 1.0], numpy.float32)
    assert levels.displayed(linear) == pytest.approx([0.0, 0.0, 0.04045, 0.5, 1.0], abs=1e-4)


def test_a_paper_of_the_second_degree_is_found_under_a_drawing():
    y, x = numpy.meshgrid(paper.centres(90), paper.centres(120), indexing="ij")
    page = 0.8 + 0.1 * x - 0.05 * y + 0.04 * x * y - 0.06 * x * x
    drawn = page.copy()
    drawn[20:70, 50:60] = 0.0
    found = paper.surface_of(drawn.astype(numpy.float32))
    assert numpy.abs(found.levels(paper.centres(90), paper.centres(120)) - page).max() < 0.005


def test_averaging_by_areas_keeps_the_ink():
    drawing = numpy.zeros((50, 70), numpy.float32)
    drawing[11:31, 17:50] = 1
    small = strokes.resampled(drawing, (0, 0, 50, 70), (9, 11))
    assert small.sum() * (50 / 9) * (70 / 11) == pytest.approx(float(drawing.sum()), rel=1e-5)


def test_a_window_of_whole_pixels_is_a_copy():
    drawing = numpy.random.RandomState(1).uniform(0, 1, (40, 40)).astype(numpy.float32)
    copied = strokes.resampled(drawing, (5, 7, 33, 35), (28, 28))
    assert numpy.abs(copied - drawing[5:33, 7:35]).max() < 1e-5


def test_a_window_beyond_the_drawing_shows_paper():
    drawing = numpy.ones((10, 10), numpy.float32)
    framed = strokes.resampled(drawing, (-5, -5, 15, 15), (20, 20))
    assert framed[5:15, 5:15].min() > 0.999 and framed[:5].max() == 0 and framed[15:].max() == 0


@pytest.mark.parametrize("thick", [3, 8, 15])
@pytest.mark.parametrize("slant", [0, 1])
def test_the_width_of_strokes(thick, slant):
    y, x = numpy.mgrid[:120, :120]
    away = numpy.abs(x - y) / numpy.sqrt(2) if slant else numpy.abs(x - 60)
    drawing = ((away <= thick / 2.0) & (numpy.abs(y - 60) < 50)).astype(numpy.float32)
    assert strokes.width(drawing) == pytest.approx(thick, rel=0.35)


def test_growing_reaches_as_far_as_it_says():
    drawing = numpy.zeros((31, 31), numpy.float32)
    drawing[15, 15] = 1
    grown = strokes.grown(drawing, 6)
    assert grown[15].sum() == 13 and grown[:, 15].sum() == 13
    assert grown[15 - 6, 15 - 6] == 0 and grown[15 - 4, 15 - 4] == 1


@pytest.mark.parametrize("smoothing", [1, 2, 4])
def test_smoothing_is_an_average(smoothing):
    values = numpy.random.RandomState(4).uniform(0, 1, (20, 24)).astype(numpy.float32)
    found = paper.smoothed(values, smoothing)
    around = values[10 - smoothing : 11 + smoothing, 12 - smoothing : 13 + smoothing]
    assert found[10, 12] == pytest.approx(around.mean(), abs=1e-5)
    assert found.shape == values.shape


def test_the_spread_of_noise_is_found_beside_ink():
    noise = 0.05 * numpy.random.RandomState(8).standard_normal((200, 200))
    noise[50:150, 80:120] += 1.0
    assert ink.spread(noise.astype(numpy.float32)) == pytest.approx(0.05, rel=0.1)
