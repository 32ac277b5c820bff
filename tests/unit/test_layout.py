"""Where the previews put their polygons."""

import numpy
import pytest

from mlinference import _compat, layout, lettering


def areas(quads):
    """Signed area of each polygon, below 0 where it runs clockwise as seen from +z."""
    corners = quads.points[quads.corners]
    following = numpy.roll(corners, -1, axis=1)
    crossed = corners[:, :, 0] * following[:, :, 1] - corners[:, :, 1] * following[:, :, 0]
    return crossed.sum(axis=1) / 2


def centres(quads):
    return quads.points[quads.corners].mean(axis=1)


def random(*shape):
    return numpy.random.RandomState(7).uniform(-1, 1, shape)


LAYERS = (
    ("conv1", random(1, 14, 14, 32)),
    ("conv2", random(1, 7, 7, 64)),
    ("fc1", random(1, 1024)),
    ("logits", random(1, 10)),
)
DIGITS = [str(digit) for digit in range(10)]
EVERY_LAYOUT = {
    "picture": layout.picture(abs(random(28, 28))),
    "evidence": layout.evidence(abs(random(28, 28)), random(28, 28)),
    "probabilities": layout.probabilities([0.05] * 9 + [0.55], DIGITS, 9),
    "layers": layout.layers(LAYERS),
}


@pytest.mark.parametrize("name", sorted(EVERY_LAYOUT))
def test_every_polygon_faces_the_viewer_at_positive_z(name):
    assert (areas(EVERY_LAYOUT[name]) < 0).all()


@pytest.mark.parametrize("name", sorted(EVERY_LAYOUT))
def test_every_attribute_has_a_value_for_every_polygon(name):
    quads = EVERY_LAYOUT[name]
    assert [len(values) for values in quads.attributes.values()] == [len(quads)] * len(quads.attributes)


@pytest.mark.parametrize("name", sorted(EVERY_LAYOUT))
def test_colours_are_from_0_to_1(name):
    colours = EVERY_LAYOUT[name].attributes["Cd"]
    assert colours.shape == (len(EVERY_LAYOUT[name]), 3)
    assert colours.min() >= 0 and colours.max() <= 1


@pytest.mark.parametrize("name", sorted(EVERY_LAYOUT))
def test_every_polygon_is_in_a_group(name):
    quads = EVERY_LAYOUT[name]
    grouped = {number for first, end in quads.groups.values() for number in range(first, end)}
    assert grouped == set(range(len(quads)))


def test_the_first_pixel_of_a_picture_is_at_the_top_left():
    values = numpy.zeros((2, 4))
    values[0, 0] = 1
    quads = layout.picture(values)
    number = int(quads.attributes["value"].argmax())
    assert centres(quads)[number].tolist() == [-0.375, 0.25, 0.0]
    assert quads.attributes["Cd"][number].tolist() == [1, 1, 1]


def test_pixels_share_points():
    assert layout.picture(numpy.zeros((28, 28))).points.shape == (29 * 29, 3)


def test_a_picture_fills_its_place():
    points = layout.picture(numpy.zeros((3, 5)), (2, -1, 10, 4)).points
    assert points.min(axis=0).tolist() == [2, -1, 0]
    assert points.max(axis=0).tolist() == [12, 3, 0]


def test_evidence_is_orange_for_and_blue_against():
    values, weights = numpy.zeros((1, 3)), numpy.array([[2.0, 0.0, -1.0]])
    red, _, blue = layout.evidence(values, weights).attributes["Cd"].T
    assert red.tolist() == [1, 0, 0]
    assert blue.tolist() == [0, 0, 0.5]


def test_no_evidence_at_all_leaves_the_picture():
    colours = layout.evidence(numpy.ones((1, 2)), numpy.zeros((1, 2))).attributes["Cd"]
    assert (colours == layout.DIMMED).all()


def test_bars_are_as_high_as_the_probabilities():
    values = numpy.array([0.1, 0.7, 0.2])
    quads = layout.probabilities(values, ["a", "b", "c"], 1)
    first, end = quads.groups["bars"]
    heights = numpy.ptp(quads.points[quads.corners[first:end]][:, :, 1], axis=1)
    numpy.testing.assert_allclose(heights, values)
    assert quads.attributes["label"][first:end] == ["a", "b", "c"]
    assert quads.attributes["class"][first:end].tolist() == [0, 1, 2]


def test_the_winner_is_marked_by_group_and_colour():
    quads = EVERY_LAYOUT["probabilities"]
    assert quads.groups["winner"] == (9, 10)
    assert quads.attributes["Cd"][9].tolist() == list(layout.WINNER)


def test_without_an_answer_no_bar_is_marked():
    assert "winner" not in layout.probabilities([0.0] * 10, DIGITS, -1).groups


def test_a_label_stands_below_its_bar_and_within_its_place():
    quads = layout.probabilities([0.5, 0.5], ["cat", "a long name"], 0)
    first, end = quads.groups["labels"]
    for number in (0, 1):
        mine = [n for n in range(first, end) if quads.attributes["class"][n] == number]
        corners = quads.points[quads.corners[mine]]
        assert corners[:, :, 1].max() < -0.5
        assert -0.5 + 0.5 * number <= corners[:, :, 0].min()
        assert corners[:, :, 0].max() <= 0.5 * number


def test_a_label_without_letters_is_no_polygon():
    assert layout.probabilities([1.0, 0.0], ["", "b"], 0).groups["bars"] == (0, 2)


def test_a_layer_has_a_tile_a_channel():
    quads = EVERY_LAYOUT["layers"]
    first, end = quads.groups["conv1"]
    assert end - first == 14 * 14 * 32
    assert set(quads.attributes["layer"][first:end]) == {"conv1"}
    assert quads.attributes["channel"][first:end].tolist() == sorted(list(range(32)) * 196)
    numpy.testing.assert_array_equal(
        quads.attributes["value"][first:end].reshape(32, 14, 14), LAYERS[0][1][0].transpose(2, 0, 1)
    )


def test_channels_do_not_overlap():
    quads = EVERY_LAYOUT["layers"]
    first, end = quads.groups["conv2"]
    corners = quads.points[quads.corners[first:end]].reshape(64, -1, 3)
    boxes = [(tile.min(axis=0), tile.max(axis=0)) for tile in corners]
    for number, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[:number]:
            apart = (low >= other_high - 1e-9) | (other_low >= high - 1e-9)
            assert apart[:2].any()


def test_layers_stand_from_left_to_right_and_are_as_high_as_the_place():
    quads = EVERY_LAYOUT["layers"]
    ends = [-0.5]
    for name, _ in LAYERS:
        first, end = quads.groups[name]
        corners = quads.points[quads.corners[first:end]]
        assert corners[:, :, 0].min() >= ends[-1]
        numpy.testing.assert_allclose((corners[:, :, 1].min(), corners[:, :, 1].max()), (-0.5, 0.5), atol=1e-9)
        ends.append(corners[:, :, 0].max())


def test_a_layer_of_zeros_is_black():
    quads = layout.layers((("fc1", numpy.zeros((1, 40))),))
    assert (quads.attributes["Cd"] == 0).all()


def test_a_layers_name_becomes_a_valid_group():
    assert list(layout.layers((("2nd/conv", random(1, 4)),)).groups) == ["_2nd_conv"]


def test_numbers_without_a_place_are_a_column_or_a_square():
    assert layout.channel_maps(random(1, 10)).shape == (1, 10, 1)
    assert layout.channel_maps(random(1, 1000)).shape == (1, 32, 32)
    assert layout.channel_maps(random(1, 1000))[0, 31, 31] == 0


def test_a_contact_sheet_has_a_line_between_tiles():
    sheet = layout.contact_sheet(numpy.ones((1, 3, 3, 4)))
    assert sheet.shape == (7, 7, 3)
    numpy.testing.assert_allclose(sheet[:3, :3], numpy.tile(layout.POSITIVE, (3, 3, 1)))
    assert (sheet[3] == 0.25).all() and (sheet[:, 3] == 0.25).all()


def test_joining_keeps_each_groups_polygons():
    parts = [layout.picture(numpy.zeros((2, 2))), layout.picture(numpy.ones((3, 3)))]
    joined = layout.join(parts)
    assert joined.groups["picture"] == (0, 13)
    assert joined.attributes["value"].tolist() == [0] * 4 + [1] * 9
    assert joined.corners.max() == len(joined.points) - 1


@pytest.mark.parametrize("text", ["0123456789", "abcxyz", "-_. ", "?", ""])
def test_letters_are_five_pixels_high(text):
    pixels = lettering.pixels(text)
    assert pixels.shape == (5, max(0, 4 * len(text) - 1))


def test_every_digit_looks_different():
    shapes = {_compat.packed(lettering.pixels(digit)) for digit in "0123456789"}
    assert len(shapes) == 10
