"""Every separate figure of a page, prepared on its own."""

import os

import numpy
import pytest

from mlinference import errors, ink, picture

Image = pytest.importorskip("PIL.Image")
ImageDraw = pytest.importorskip("PIL.ImageDraw")

SIDE = 128


def drawing(root, name):
    path = os.path.join(root, "python2.7libs", "mlinference", "data", "drawings", name + ".png")
    return numpy.asarray(Image.open(path).convert("L").resize((SIDE, SIDE)), numpy.float32) / 255


def page_of(root, lines):
    columns = max(len(line) for line in lines)
    page = numpy.ones((SIDE * len(lines), SIDE * columns), numpy.float32)
    for row, line in enumerate(lines):
        for column, name in enumerate(line):
            place = page[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
            place[:] = drawing(root, name)
    return picture.Page(page, "page")


def test_each_figure_is_near_to_what_it_is_alone(root):
    names = [["two", "zero"], ["two", "six"]]
    found, cautions = picture.shapes(page_of(root, names))
    assert cautions == ()
    assert [(shape.left // SIDE, shape.top // SIDE) for shape in found] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    for shape, name in zip(found, names[0] + names[1]):
        alone = picture.prepare(picture.Page(drawing(root, name)), fit="centre").pictures
        assert numpy.abs(shape.pictures - alone).mean() < 0.02


def test_the_box_holds_the_ink(root):
    page = page_of(root, [["three", "five"]])
    for shape in picture.shapes(page)[0]:
        box = page.values[shape.top : shape.top + shape.height, shape.left : shape.left + shape.width]
        assert box.min() < 0.2
        assert min(box.shape) > 10


def test_white_on_black_is_read_as_well(root):
    page = page_of(root, [["one", "seven", "nine"]])
    light, _ = picture.shapes(picture.Page(1 - page.values))
    dark, _ = picture.shapes(page)
    assert len(light) == 3
    for one, other in zip(light, dark):
        assert numpy.abs(one.pictures - other.pictures).max() < 0.01


def test_a_blank_page_has_no_shapes_and_says_so():
    found, cautions = picture.shapes(picture.Page(numpy.ones((64, 64), numpy.float32), "page"))
    assert found == []
    assert [type(caution) for caution in cautions] == [errors.PictureBlank]


def test_a_page_without_pixels_is_an_error():
    with pytest.raises(errors.PictureEmpty):
        picture.shapes(picture.Page(numpy.zeros((0, 0), numpy.float32), "page"))


def test_a_hundred_shapes_are_a_hundred(root):
    assert len(picture.shapes(sheet(root, 10))[0]) == 100


def test_more_regions_than_are_told_apart_are_told(root, monkeypatch):
    monkeypatch.setattr(ink, "MOST_REGIONS", 8)
    found, cautions = picture.shapes(sheet(root, 3))
    assert len(found) == 8
    assert [type(caution) for caution in cautions] == [errors.ShapesCut]
    assert str(cautions[0]).split("\n")[1] == "Only the 8 largest were read."


def sheet(root, side):
    """Lay the same drawing out in rows and columns, 32 pixels each."""
    one = drawing(root, "two")[::4, ::4]
    return picture.Page(numpy.tile(one, (side, side)), "page")


@pytest.mark.parametrize("kind", ["ellipse", "rectangle"])
def test_what_is_framed_is_not_joined_to_its_frame(root, kind):
    page = Image.new("L", (3 * SIDE, 3 * SIDE), 255)
    getattr(ImageDraw.Draw(page), kind)((20, 20, 3 * SIDE - 20, 3 * SIDE - 20), outline=0, width=4)
    values = numpy.asarray(page, numpy.float32) / 255
    values[SIDE : 2 * SIDE, SIDE : 2 * SIDE] = drawing(root, "five")
    found, _ = picture.shapes(picture.Page(values, "page"))
    assert len(found) == 2
    inner = min(found, key=lambda shape: shape.width)
    alone = picture.prepare(picture.Page(drawing(root, "five")), fit="centre").pictures
    assert numpy.abs(inner.pictures - alone).mean() < 0.02
    assert [type(each) for each in picture.prepare(picture.Page(values)).cautions] == [
        errors.PictureCrowded
    ]


@pytest.mark.parametrize("kind", ["ring", "box"])
def test_a_digit_that_fills_its_frame_is_not_joined_to_it(root, kind):
    values = numpy.ones((2 * SIDE, 2 * SIDE), numpy.float32)
    values[64 : 64 + SIDE, 64 : 64 + SIDE] = drawing(root, "seven")
    alone = picture.prepare(picture.Page(values, "page"))
    top, left, bottom, right = alone.box
    rows, columns = numpy.mgrid[: 2 * SIDE, : 2 * SIDE]
    rows, columns = abs(rows - (top + bottom) / 2.0), abs(columns - (left + right) / 2.0)
    if kind == "ring":
        away = numpy.hypot(rows, columns) - numpy.hypot(bottom - top, right - left) / 2 - 6
    else:
        away = numpy.maximum(rows - (bottom - top) / 2.0, columns - (right - left) / 2.0) - 12
    values[abs(away) < 2] = 0
    found, _ = picture.shapes(picture.Page(values, "page"))
    assert len(found) == 2
    inner = min(found, key=lambda shape: shape.width)
    assert numpy.abs(inner.pictures - alone.pictures).mean() < 0.02
    cautions = picture.prepare(picture.Page(values)).cautions
    assert [type(each) for each in cautions] == [errors.PictureCrowded]


@pytest.mark.parametrize("inverted", [False, True])
def test_lines_between_the_tiles_of_a_contact_sheet_are_no_figure(root, inverted):
    gap = 2
    names = ("two", "zero", "six", "four")
    tiles = [drawing(root, name)[::4, ::4] for name in names]
    side = len(tiles[0])
    values = numpy.zeros((2 * side + gap, 4 * side + 3 * gap), numpy.float32)
    for row in range(2):
        for column, tile in enumerate(tiles):
            top, left = row * (side + gap), column * (side + gap)
            values[top : top + side, left : left + side] = tile
    found, _ = picture.shapes(picture.Page(1 - values if inverted else values, "page"))
    assert len(found) == 8
    for shape, tile in zip(found, tiles * 2):
        alone = picture.prepare(picture.Page(tile), fit="centre").pictures
        assert numpy.abs(shape.pictures - alone).mean() < 0.02


def test_a_figure_that_fills_the_page_stays_one(root):
    page = Image.new("L", (SIDE, SIDE), 255)
    ImageDraw.Draw(page).ellipse((0, 0, SIDE - 1, SIDE - 1), outline=0, width=12)
    values = numpy.asarray(page, numpy.float32) / 255
    values[50:78, 56:70] = 0
    box = picture.prepare(picture.Page(values, "page")).box
    assert box[2] - box[0] >= SIDE - 1 and box[3] - box[1] >= SIDE - 1


def test_dark_digits_over_a_pale_watermark_are_the_figures():
    page = Image.new("L", (3 * SIDE, 3 * SIDE), 255)
    drawer = ImageDraw.Draw(page)
    drawer.ellipse((20, 20, 3 * SIDE - 20, 3 * SIDE - 20), fill=215)
    drawer.ellipse((100, 100, 3 * SIDE - 100, 3 * SIDE - 100), fill=255)
    for left in (120, 220):
        drawer.line([(left, 170), (left + 30, 170), (left + 10, 210)], fill=0, width=6)
    found, _ = picture.shapes(picture.Page(numpy.asarray(page, numpy.float32) / 255, "page"))
    assert len(found) == 2 and all(shape.height < 60 for shape in found)
