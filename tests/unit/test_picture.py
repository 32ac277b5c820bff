"""Pages in, network input out: what `picture.prepare` makes of every kind of page."""

from __future__ import division

import gzip
import os

import numpy
import pytest

from mlinference import errors, ink, paper, picture


def bar(height=200, width=200, top=40, left=120, tall=100, thick=12, paper=1.0, ink=0.0):
    """A page with one upright stroke, wherever."""
    page = numpy.zeros((height, width), numpy.float32) + paper
    page[top : top + tall, left : left + thick] = ink
    return page


def hook(side=200, top=30, left=30, size=100, thick=10, paper=1.0, ink=0.0):
    """A page with a stroke that is none of its mirror images: a 7 without serif."""
    page = numpy.zeros((side, side), numpy.float32) + paper
    page[top : top + thick, left : left + size // 2] = ink
    page[top : top + size, left + size // 2 - thick : left + size // 2] = ink
    return page


def like_mnist():
    """28x28, light on dark, 20 pixels high, centred by mass."""
    page = numpy.zeros((28, 28), numpy.float32)
    page[4:24, 13:16] = 1.0
    return page


def prepared(values, **options):
    return picture.prepare(picture.Page(values, "/img/drawing/OUT"), **options)


def square(result):
    assert result.pictures.shape == (1, 784)
    assert result.pictures.dtype == numpy.float32
    return result.pictures.reshape(28, 28)


def extent(drawing):
    rows, columns = (
        numpy.nonzero(drawing.max(axis=1) > 0.5)[0],
        numpy.nonzero(drawing.max(axis=0) > 0.5)[0],
    )
    return rows[0], columns[0], rows[-1] + 1, columns[-1] + 1


def test_ink_is_one_and_paper_nought():
    drawing = square(prepared(bar()))
    assert drawing.max() == 1.0
    assert drawing.min() == 0.0
    assert numpy.median(drawing) == 0.0


def test_centring_fills_twenty_of_twenty_eight_pixels():
    top, _, bottom, _ = extent(square(prepared(bar())))
    assert bottom - top == 20


def test_the_mass_lies_in_the_middle_of_pixel_fourteen():
    drawing = square(prepared(hook()))
    rows, columns = numpy.mgrid[:28, :28]
    assert abs((drawing * rows).sum() / drawing.sum() - 14.0) < 0.1
    assert abs((drawing * columns).sum() / drawing.sum() - 14.0) < 0.1


def test_the_first_row_stays_the_top_and_left_stays_left():
    drawing = square(prepared(hook()))
    top, left, bottom, right = extent(drawing)
    assert drawing[top + 1, left] > 0.5
    assert drawing[bottom - 2, left] == 0.0
    assert drawing[bottom - 2, right - 1] > 0.5


def test_dark_on_light_and_light_on_dark_are_the_same_picture():
    dark = square(prepared(hook(paper=1.0, ink=0.0)))
    light = square(prepared(hook(paper=0.0, ink=1.0)))
    assert numpy.abs(dark - light).max() < 1e-5


@pytest.mark.parametrize("place", [(0, 0), (5, 95), (99, 3)])
@pytest.mark.parametrize("side", [110, 200, 400])
def test_where_the_digit_lies_does_not_matter(place, side):
    usual = square(prepared(hook()))
    moved = square(
        prepared(hook(side=side, top=min(place[0], side - 100), left=min(place[1], side - 50)))
    )
    assert numpy.abs(usual - moved).mean() < 0.01


@pytest.mark.parametrize("size", [28, 50, 300, 900])
def test_how_large_the_digit_is_does_not_matter(size):
    usual = square(prepared(hook()))
    scaled = square(prepared(hook(side=1000, size=size, thick=size // 10)))
    assert numpy.abs(usual - scaled).mean() < 0.035


def test_levels_between_black_and_white_do_not_matter():
    usual = square(prepared(hook()))
    pale = square(prepared(hook(paper=0.55, ink=0.4)))
    assert numpy.abs(usual - pale).max() < 1e-4


def test_a_picture_like_mnist_is_left_alone():
    result = prepared(like_mnist())
    assert result.fit == "exact"
    assert (square(result) == like_mnist()).all()


def test_a_dark_picture_like_mnist_is_only_turned_over():
    result = prepared(1 - like_mnist())
    assert result.fit == "exact"
    assert (square(result) == like_mnist()).all()


@pytest.mark.parametrize(
    "change",
    [
        lambda page: numpy.roll(page, 4, axis=1),
        lambda page: page[::2, ::2].repeat(1, 0),
        lambda page: page * 0.5,
    ],
    ids=["off centre", "small", "grey"],
)
def test_a_picture_of_28_pixels_that_is_not_like_mnist_is_centred(change):
    page = numpy.zeros((28, 28), numpy.float32)
    changed = change(like_mnist())
    page[: changed.shape[0], : changed.shape[1]] = changed
    result = prepared(page)
    assert result.fit == "centre"
    top, _, bottom, _ = extent(square(result))
    assert bottom - top in (20, 21)


def test_exact_takes_the_page_as_it_is():
    page = numpy.roll(like_mnist(), 5, axis=1) * 0.5
    assert (square(prepared(page, fit="exact")) == page).all()


def test_exact_refuses_any_other_size():
    with pytest.raises(errors.PictureSizeDiffers) as caught:
        prepared(bar(height=200, width=300), fit="exact")
    assert str(caught.value) == (
        "The picture of '/img/drawing/OUT' is 300x200.\n"
        "With 'Fit' at 'Exact' it has to be 28x28.\n"
        "Set 'Fit' to 'Auto', or scale the picture to 28x28."
    )


def test_stretch_scales_the_whole_page():
    page = numpy.ones((56, 280), numpy.float32)
    page[28:, 140:] = 0
    drawing = square(prepared(page, fit="stretch", ink="dark"))
    assert (drawing[14:, 14:] == 1).all()
    assert drawing[:14].max() == 0 and drawing[:, :14].max() == 0


def test_exact_and_stretch_are_not_shifted_by_the_other_polarity():
    page = like_mnist()
    assert (square(prepared(page, fit="exact", ink="light")) == page).all()
    assert (square(prepared(1 - page, fit="exact", ink="dark")) == page).all()


def test_the_ink_that_is_asked_for_is_read():
    page = numpy.zeros((200, 200), numpy.float32) + 0.5
    page[20:180, 30:50] = 0.0
    page[60:100, 100:180] = 1.0
    tall = extent(square(prepared(page, ink="dark")))
    wide = extent(square(prepared(page, ink="light")))
    assert tall[2] - tall[0] > tall[3] - tall[1]
    assert wide[2] - wide[0] < wide[3] - wide[1]


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0, 7.0, -2.0])
@pytest.mark.parametrize("fit", ["auto", "centre", "stretch"])
def test_a_uniform_page_is_blank(level, fit):
    result = prepared(numpy.zeros((90, 120)) + level, fit=fit)
    assert result.blank
    assert not result.pictures.any()
    assert [str(caution) for caution in result.cautions] == [
        "Nothing is drawn on the picture of '/img/drawing/OUT'.\n"
        "No ink stands out from its paper.\n"
        "Draw a digit, choose another 'Plane' or 'Channel', or set 'Ink'."
    ]


def test_a_blank_page_of_28_pixels_is_blank_with_exact():
    assert prepared(numpy.ones((28, 28)), fit="exact").blank


@pytest.mark.parametrize("spread", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("side", [28, 64, 200, 700])
def test_noise_alone_is_blank(spread, side):
    noise = 0.5 + spread * numpy.random.RandomState(side).standard_normal((side, side))
    assert prepared(noise).blank


def test_a_slope_of_light_is_blank():
    y, x = numpy.mgrid[0:1:200j, 0:1:300j]
    assert prepared(0.3 + 0.3 * y + 0.2 * x * x).blank


def test_a_digit_is_blank_in_neither_case():
    assert not prepared(bar()).blank
    assert prepared(bar()).cautions == ()


def test_numbers_that_are_none_are_paper():
    page = hook()
    page[150:160, 150:160] = numpy.nan
    page[170, 170], page[171, 171] = numpy.inf, -numpy.inf
    result = prepared(page)
    assert numpy.abs(square(result) - square(prepared(hook()))).max() < 1e-5
    assert [str(caution) for caution in result.cautions] == [
        "The picture of '/img/drawing/OUT' holds values that are not numbers.\n"
        "102 of its pixels are NaN, infinite or beyond all measure, and were read as paper.\n"
        "Look for a division by zero in the COPs before it."
    ]


def test_a_page_of_nothing_but_nan_is_blank():
    result = prepared(numpy.zeros((50, 50, 3)) + numpy.nan)
    assert result.blank
    assert [type(caution) for caution in result.cautions] == [
        errors.PictureNotNumbers,
        errors.PictureBlank,
    ]


def test_overshoot_changes_nothing_outside_the_strokes():
    page = hook()
    page[page == 0] = -0.15
    page[20:28] = 1.15
    assert numpy.abs(square(prepared(page)) - square(prepared(hook()))).mean() < 0.01


def test_overshoot_is_clipped_by_exact():
    page = like_mnist() * 1.2 - 0.1
    assert (square(prepared(page, fit="exact")) == like_mnist()).all()


@pytest.mark.parametrize("fit", ["centre", "exact"])
def test_light_brighter_than_white_is_scaled(fit):
    page = like_mnist() * 8.0
    page[10, 14] = 4.0
    drawing = square(prepared(page, fit=fit))
    assert drawing[10, 14] == pytest.approx(0.5, abs=0.05)
    assert drawing[11, 14] == 1.0


def test_one_hot_pixel_does_not_dim_the_digit():
    page = hook(paper=0.0, ink=1.0)
    page[180, 180] = 5000.0
    assert numpy.abs(square(prepared(page)) - square(prepared(hook()))).mean() < 0.01


def pale_digit(root, ink=0.4):
    """A page of 200x200 with MNIST's first test picture in pencil, and where."""
    path = os.path.join(root, "tests", "data", "mnist_sample", "t10k-images-idx3-ubyte.gz")
    with gzip.open(path, "rb") as stream:
        octets = numpy.frombuffer(stream.read()[16 : 16 + 784], numpy.uint8)
    page = numpy.ones((200, 200), numpy.float32)
    page[60:144, 50:134] -= ink * numpy.kron(octets.reshape(28, 28) / 255.0, numpy.ones((3, 3)))
    return page


@pytest.mark.parametrize("count, side", [(3, 1), (20, 1), (5, 2)])
def test_dust_that_is_darker_than_a_pencil_changes_nothing(root, count, side):
    page = pale_digit(root)
    clean = square(prepared(page))
    random = numpy.random.RandomState(2)
    for _ in range(20):
        spoilt = page.copy()
        for y, x in random.randint(1, 197, (count, 2)):
            # Not on the digit itself, which it would change.
            if (page[y - 1 : y + side + 1, x - 1 : x + side + 1] == 1).all():
                spoilt[y : y + side, x : x + side] = 0
        result = prepared(spoilt)
        assert result.cautions == ()
        assert numpy.abs(square(result) - clean).mean() < 0.02
        assert len(picture.shapes(picture.Page(spoilt))[0]) == 1


def test_dust_on_a_pencil_stroke_does_not_hide_the_digit(root):
    page = pale_digit(root)
    y, x = numpy.argwhere(page < 0.61)[100]
    spoilt = page.copy()
    spoilt[y : y + 2, x : x + 2] = 0
    assert numpy.abs(square(prepared(spoilt)) - square(prepared(page))).mean() < 0.02


def test_dust_that_is_not_seen_from_afar_does_not_hide_the_digit(root):
    page = numpy.kron(pale_digit(root), numpy.ones((2, 2), numpy.float32))
    clean = square(prepared(page))
    for y, x in numpy.argwhere(page < 0.61)[50::200]:
        spoilt = page.copy()
        spoilt[y, x] = spoilt[y + 2, x] = 0
        assert numpy.abs(square(prepared(spoilt)) - clean).mean() < 0.02


def test_a_dark_digit_in_a_pale_smear_is_no_dust(root):
    page = pale_digit(root, ink=1.0)
    clean = square(prepared(page))
    smeared = numpy.minimum(page, 1)
    smeared[20:170, 20:190] -= 0.2
    assert numpy.abs(square(prepared(smeared.clip(0, 1))) - clean).mean() < 0.05


@pytest.mark.parametrize("pale", ["ring", "fold"])
def test_a_dark_digit_on_something_pale_and_larger_is_no_dust(pale):
    page = numpy.ones((400, 400), numpy.float32)
    rows, columns = numpy.mgrid[:400, :400]
    if pale == "ring":
        away = numpy.hypot(rows - 200, columns - 200)
        page[abs(away - 150) < 4] = 0.8
    else:
        page[:, 199:203] = 0.88
    top = 20 if pale == "ring" else 170
    page[top : top + 8, 180:220] = page[top : top + 60, 212:220] = 0.05
    found = prepared(page).box
    assert abs(numpy.array(found) - (top, 180, top + 60, 220)).max() <= 6


def test_a_small_digit_that_is_brighter_than_white_paper_is_read():
    page = numpy.ones((1080, 1920), numpy.float32)
    page[500:508, 900:940] = page[500:560, 932:940] = 3.0
    dark = 1 - (page > 2).astype(numpy.float32)
    result = prepared(page)
    assert not result.blank
    assert numpy.abs(square(result) - square(prepared(dark))).mean() < 0.02


def test_a_glint_on_an_empty_page_is_no_digit():
    page = numpy.ones((200, 200), numpy.float32)
    page[100:104, 100:104] = 5.0
    assert prepared(page).blank


@pytest.mark.parametrize("paper, ink", [(0.0, 1.0), (1.0, 0.0)])
@pytest.mark.parametrize("side, light", [(1, 3.0), (3, 10.0), (6, 2.0), (4, 1e5)])
def test_a_glint_changes_nothing(paper, ink, side, light):
    page = hook(paper=paper, ink=ink)
    page[170 : 170 + side, 170 : 170 + side] = light
    for fit in ("centre", "auto"):
        assert numpy.abs(square(prepared(page, fit=fit)) - square(prepared(hook()))).mean() < 0.01


def test_what_is_beyond_all_measure_is_paper_and_told():
    page = hook()
    page[170:172, 170:172] = 1e30
    result = prepared(page)
    assert [type(caution) for caution in result.cautions] == [errors.PictureNotNumbers]
    assert (square(result) == square(prepared(hook()))).all()


def test_a_shape_without_ink_near_it_is_what_it_was_found_to_be():
    off = numpy.zeros((40, 40), numpy.float32)
    off[10:30, 5:9] = 0.8
    near = numpy.zeros(off.shape, bool)
    near[10:30, 30:34] = True
    assert (picture._inked(off, near, Found()) == near).all()


class Found(object):
    """A search for light ink on an even page."""

    trace = ink.Trace(numpy.eye(40, dtype=numpy.float32), 1, 0)
    paper = paper.Level(0)


def test_two_figures_are_told_and_the_larger_is_read():
    page = bar()
    page[100:160, 20:80] = 0.0
    page[110:150, 30:70] = 1.0
    result = prepared(page)
    assert [str(caution) for caution in result.cautions] == [
        "The picture of '/img/drawing/OUT' shows 2 separate shapes.\n"
        "Only the largest was read.\n"
        "Crop the picture to one digit, or set 'Read' to 'Every Shape'."
    ]


def test_a_lone_figure_counts_whole():
    assert prepared(hook()).weight == 1


def test_one_of_five_equal_bars_counts_a_fifth():
    page = numpy.ones((200, 200), numpy.float32)
    for left in range(20, 200, 40):
        page[40:160, left : left + 10] = 0
    assert prepared(page).weight == pytest.approx(0.2)


@pytest.mark.parametrize("edge", range(4))
def test_a_figure_that_runs_off_the_page_counts_a_third(edge):
    page = numpy.ones((200, 200), numpy.float32)
    page[:120, 90:100] = 0
    assert prepared(numpy.rot90(page, edge)).weight == pytest.approx(1 / 3)


def test_a_figure_from_edge_to_edge_counts_whole():
    page = numpy.ones((200, 120), numpy.float32)
    page[:, 50:70] = 0
    assert prepared(page).weight == 1


def test_a_page_taken_whole_counts_whole():
    page = numpy.ones((28, 28), numpy.float32)
    page[4:24, 4:6] = page[4:24, 20:22] = 0
    assert prepared(page, fit="exact").weight == 1
    assert prepared(page, fit="centre").weight == pytest.approx(0.5)


def test_a_bar_apart_from_its_bow_is_one_figure():
    page = numpy.ones((200, 200), numpy.float32)
    page[60:150, 60:72] = 0
    page[138:150, 60:120] = 0
    page[40:52, 60:130] = 0
    result = prepared(page)
    assert result.cautions == ()
    assert result.box == (40, 60, 150, 130)


def test_specks_do_not_move_the_box():
    page = hook()
    page[190:192, 190:192] = 0
    page[3, 150] = 0
    result = prepared(page)
    assert result.cautions == ()
    assert numpy.abs(square(result) - square(prepared(hook()))).max() < 1e-5


def test_a_pen_of_one_pixel_survives():
    page = numpy.ones((1024, 1024), numpy.float32)
    page[100:900, 500] = 0
    page[100, 300:500] = 0
    drawing = square(prepared(page))
    assert (drawing.max(axis=1) > 0.5).sum() == 20
    assert drawing.max() == 1.0


def test_a_thick_marker_does_not_fill_a_loop():
    y, x = numpy.mgrid[-1:1:400j, -1:1:400j]
    away = numpy.hypot(y, x * 1.4)
    page = 1.0 - ((away > 0.12) & (away < 0.75)).astype(numpy.float32)
    assert square(prepared(page))[14, 14] < 0.2


def test_colour_counts_by_its_luminance():
    page = numpy.ones((200, 200, 3), numpy.float32)
    page[hook() == 0] = (0.1, 0.1, 0.9)
    assert numpy.abs(square(prepared(page)) - square(prepared(hook()))).max() < 1e-4


def test_linear_light_is_turned_into_display_levels():
    page = numpy.zeros((28, 28), numpy.float32)
    page[4:24, 13:16] = 1.0
    page[10, 14] = 0.2140411
    result = picture.prepare(picture.Page(page, linear=True), fit="exact")
    assert square(result)[10, 14] == pytest.approx(0.5, abs=1e-4)


def test_a_page_without_pixels_is_an_error():
    with pytest.raises(errors.PictureEmpty) as caught:
        prepared(numpy.zeros((0, 28)))
    assert str(caught.value) == (
        "The picture of '/img/drawing/OUT' has no pixels.\n"
        "Its width or height is 0.\n"
        "Set 'COP Path' to a COP that makes a picture."
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (2, 3), (5, 5)])
def test_the_smallest_pages_have_an_answer(shape):
    random = numpy.random.RandomState(3)
    assert prepared(random.uniform(0, 1, shape)).pictures.shape == (1, 784)


def test_the_page_itself_is_not_changed():
    page = hook()
    page[3, 3] = numpy.nan
    before = page.copy()
    prepared(page)
    assert numpy.array_equal(numpy.isnan(page), numpy.isnan(before))
    assert numpy.nan_to_num(page).tolist() == numpy.nan_to_num(before).tolist()


def test_rows_in_reverse_order_need_no_copy_and_give_the_same():
    page = hook()
    assert (square(prepared(page[::-1].copy()[::-1])) == square(prepared(page))).all()


def test_the_same_page_gives_the_same_picture_every_time():
    first = prepared(hook()).pictures
    assert all((prepared(hook()).pictures == first).all() for _ in range(5))


# -- Pages as cameras and scanners make them --------------------------------------------------


def alike(page, other, most=0.02):
    assert numpy.abs(square(prepared(page)) - square(prepared(other))).mean() < most


def test_light_that_falls_off_changes_nothing():
    y, x = numpy.mgrid[-1:1:200j, -1:1:200j]
    alike(hook() * (0.8 + 0.15 * x - 0.2 * y * y), hook())


def test_a_soft_shadow_across_the_page_changes_nothing():
    shade = 1 - 0.35 / (1 + numpy.exp((numpy.arange(200) - 110) / 6.0))
    alike(hook() * shade, hook(), 0.03)


def test_noise_of_a_scanner_changes_little():
    noise = numpy.random.RandomState(5).standard_normal((400, 400))
    page = hook(side=400, size=200, thick=20, paper=0.8, ink=0.2)
    alike(page + 0.06 * noise, page, 0.04)


def test_heavy_noise_is_not_taken_for_more_figures():
    noise = numpy.random.RandomState(6).standard_normal((128, 128))
    page = hook(side=128, size=24, thick=4, paper=0.9, ink=0.1)
    assert prepared(page + 0.2 * noise).cautions == ()


@pytest.mark.parametrize("level", [0.8, 0.55])
@pytest.mark.parametrize("squared", [False, True])
def test_ruled_lines_are_not_ink(level, squared):
    page = hook(side=300, size=150, thick=15)
    lines = numpy.ones((300, 300), numpy.float32)
    lines[7::25] = lines[8::25] = level
    if squared:
        lines = numpy.minimum(lines, lines.T)
    alike(numpy.minimum(page, lines), page, 0.03)


@pytest.mark.parametrize("turned", [False, True])
def test_one_line_from_edge_to_edge_is_not_ink(turned):
    page = hook(side=300, size=150, thick=15)
    lined = page.copy()
    # The hook stands on it, or it runs through the hook's upper stroke.
    line = lined[:, 60:63] if turned else lined[178:181]
    numpy.minimum(line, 0.4, out=line)
    assert prepared(lined).cautions == ()
    alike(lined, page, 0.03)


def test_one_line_as_dark_as_the_ink_stays():
    page = numpy.ones((60, 40), numpy.float32)
    page[:, 18:21] = 0
    result = prepared(page)
    assert result.box == (0, 18, 60, 21)
    # It is as high as the page, rather than a part of something.
    assert result.cautions == ()


def test_a_figure_that_runs_off_the_page_is_told():
    page = hook()
    assert [type(each) for each in prepared(page[60:]).cautions] == [errors.PictureCutOff]
    assert [type(each) for each in prepared(page[:100]).cautions] == [errors.PictureCutOff]


def test_three_bars_over_a_whole_page_are_a_figure():
    page = numpy.ones((110, 66), numpy.float32)
    for top in (5, 53, 102):
        page[top : top + 3, 3:63] = 0
    page[5:105, 60:63] = 0
    drawing = square(prepared(page))
    top, left, bottom, right = extent(drawing)
    assert (bottom - top, right - left) in ((20, 12), (20, 13))
    middle = drawing[:, left + 3] > 0.5
    assert (middle[1:] & ~middle[:-1]).sum() == 3


@pytest.mark.parametrize("table, sheet, ink", [(0.2, 0.9, 0.1), (0.85, 0.15, 0.9)])
def test_a_sheet_on_a_table_is_the_page(table, sheet, ink):
    page = numpy.zeros((400, 500), numpy.float32) + table
    page[50:350, 80:400] = sheet
    page[100:300, 100:300] = hook(paper=sheet, ink=ink)
    alike(page, hook())
    assert prepared(page).box == (130, 130, 230, 180)


@pytest.mark.parametrize("thick", [30, 40])
def test_the_holes_of_a_thick_figure_are_no_drawing_on_a_sheet(thick):
    page = numpy.ones((300, 300), numpy.float32)
    page[40:260, 60:240] = 0
    page[40 + thick : 150 - thick // 2, 60 + thick : 240 - thick] = 1
    page[150 + thick // 2 : 260 - thick, 60 + thick : 240 - thick] = 1
    assert prepared(page).box == (40, 60, 260, 240)


def test_a_shape_of_the_networks_own_size_is_filled():
    result = prepared(hook(), shape=(32, 40, 3))
    drawing = result.pictures.reshape(32, 40, 3)
    assert (drawing[:, :, 0] == drawing[:, :, 2]).all()
    top, _, bottom, _ = extent(drawing[:, :, 0])
    assert bottom - top in (22, 23)


def test_three_channels_keep_their_colours_where_the_page_is_whole():
    page = numpy.zeros((16, 16, 3), numpy.float32)
    page[4:12, 4:12] = (1.0, 0.5, 0.25)
    colours = prepared(page, fit="stretch", shape=(8, 8, 3)).pictures.reshape(8, 8, 3)
    assert colours[4, 4].tolist() == [1.0, 0.5, 0.25]
    assert (colours[0, 0] == 0).all()
    exact = prepared(page, fit="exact", shape=(16, 16, 3)).pictures.reshape(16, 16, 3)
    assert (exact == page).all()


def test_stretch_shows_the_whole_picture_even_with_a_sheet_in_it():
    page = numpy.zeros((400, 400), numpy.float32)
    page[100:300, 100:300] = hook()
    drawing = square(prepared(page, fit="stretch", ink="light"))
    assert drawing[:7].max() == 0 and drawing[8:20, 16:20].min() == 1
