"""Pictures from every kind of node, in every Houdini that has them: the stand-in's or the real one."""

from __future__ import division

import importlib
import os

import numpy
import pytest
import scene

from mlinference import errors, picture

# An F, so that no turn or mirror image of it is itself: rows top first, 0 to 255.
LETTER = numpy.zeros((12, 9), numpy.uint8) + 255
LETTER[1:11, 1:3] = 0
LETTER[1:3, 1:8] = 60
LETTER[5:7, 1:6] = 120


@pytest.fixture(params=scene.versions())
def any_houdini(request):
    with scene.houdini(request.param) as hou:
        yield hou


@pytest.fixture(params=scene.versions(since="21.0"))
def new_houdini(request):
    with scene.houdini(request.param) as hou:
        yield hou


@pytest.fixture(params=scene.versions(since="20.5", before="21.0"))
def houdini_20_5(request):
    with scene.houdini(request.param) as hou:
        yield hou


# What a test needs that only the stand-in has.
PAINTED = scene.skip_on_real("the layers are painted in the test")
CHANGED = scene.skip_on_real("changes what hou does")
WORDS = scene.skip_on_real("this is about the stand-in's words")


@pytest.fixture
def drawing(tmpdir):
    return scene.write_picture(str(tmpdir.join("letter.png")), LETTER)


def read(node, **options):
    """The module of this Houdini: every version of the stand-in has its own."""
    return importlib.import_module("mlinference.houdini.source").read(node, **options)


def reader(hou, wired=None):
    parent = wired.parent() if wired is not None else scene.geometry_network(hou)
    node = parent.createNode("null")
    if wired is not None:
        node.setInput(0, wired)
    return node


def network(hou, drawing, linearize=False):
    net = scene.cop_network(hou)
    shown = net.createNode("null", "OUT")
    shown.setInput(0, scene.file_cop(net, drawing, linearize))
    shown.setRenderFlag(True)
    return net


def upright(values):
    """Compare with LETTER by one channel, as 0 to 255."""
    grey = values if values.ndim == 2 else values[:, :, 0]
    return numpy.rint(grey * 255).astype(int).tolist() == LETTER.tolist()


# -- COPs of every Houdini --------------------------------------------------------------------


def test_a_cop_is_read_with_its_first_row_at_the_top(any_houdini, drawing):
    net = network(any_houdini, drawing)
    page = read(reader(any_houdini), path=net.path() + "/OUT")
    assert page.values.shape == (12, 9, 3)
    assert page.values.dtype == numpy.float32
    assert upright(page.values)
    assert page.name == net.path() + "/OUT"


@pytest.mark.parametrize("where", ["/obj", "/img", "sop"])
def test_a_network_of_any_level_gives_its_render_flagged_cop(any_houdini, drawing, where):
    if where == "/img":
        net = any_houdini.node("/img").createNode("img")
    else:
        parent = scene.geometry_network(any_houdini) if where == "sop" else any_houdini.node("/obj")
        net = parent.createNode("cop2net")
    letter = scene.file_cop(net, drawing)
    other = net.createNode("invert")
    other.setInput(0, letter)
    letter.setRenderFlag(True)
    other.setDisplayFlag(True)
    assert upright(read(reader(any_houdini), path=net.path()).values)


def test_the_display_flag_decides_where_there_is_no_render_flag(any_houdini, drawing):
    net = scene.cop_network(any_houdini)
    letter = scene.file_cop(net, drawing)
    other = net.createNode("invert")
    other.setInput(0, letter)
    other.setRenderFlag(True)
    other.setRenderFlag(False)
    letter.setDisplayFlag(True)
    assert upright(read(reader(any_houdini), path=net.path()).values)


def test_a_relative_path_starts_at_the_node(any_houdini, drawing):
    net = network(any_houdini, drawing)
    assert upright(read(reader(any_houdini), path="../../" + net.name()).values)


def test_blanks_around_a_path_are_not_part_of_it(any_houdini, drawing):
    net = network(any_houdini, drawing)
    assert upright(read(reader(any_houdini), path="  %s " % net.path()).values)


@CHANGED
def test_the_tuple_of_floats_gives_what_the_bytes_give(any_houdini, drawing, monkeypatch):
    net = network(any_houdini, drawing)
    node = reader(any_houdini)
    quick = read(node, path=net.path()).values
    monkeypatch.delattr(type(net.node("OUT")), "allPixelsAsString")
    slow = read(node, path=net.path()).values
    assert slow.dtype == numpy.float32
    assert (slow == quick).all()


@CHANGED
def test_bytes_of_another_length_are_not_trusted(any_houdini, drawing, monkeypatch):
    net = network(any_houdini, drawing)
    monkeypatch.setattr(type(net.node("OUT")), "allPixelsAsString", lambda *args, **more: b"1234")
    assert upright(read(reader(any_houdini), path=net.path()).values)


@pytest.mark.parametrize("channel, position", [("r", 0), ("g", 1), ("b", 2)])
def test_one_channel_is_read_alone(any_houdini, tmpdir, channel, position):
    values = numpy.dstack([LETTER, 255 - LETTER, LETTER // 2])
    path = scene.write_picture(str(tmpdir.join("colours.png")), values)
    net = network(any_houdini, path)
    page = read(reader(any_houdini), path=net.path(), channel=channel)
    assert page.values.shape == (12, 9)
    assert numpy.rint(page.values * 255).astype(int).tolist() == values[:, :, position].tolist()


def test_alpha_is_a_plane_of_its_own(any_houdini, tmpdir):
    values = numpy.dstack([LETTER * 0, LETTER * 0, LETTER * 0, 255 - LETTER])
    net = network(any_houdini, scene.write_picture(str(tmpdir.join("clear.png")), values))
    page = read(reader(any_houdini), path=net.path(), channel="alpha")
    assert upright(1 - page.values)
    assert upright(1 - read(reader(any_houdini), path=net.path(), plane="A").values)
    assert not page.linear
    both = read(reader(any_houdini), path=net.path(), plane="A", channel="alpha")
    assert upright(1 - both.values)


def test_a_file_cop_does_not_linearize_alpha(any_houdini, tmpdir):
    values = numpy.dstack([LETTER] * 4)
    path = scene.write_picture(str(tmpdir.join("clear.png")), values)
    net, node = network(any_houdini, path, linearize=True), reader(any_houdini)
    assert read(node, path=net.path()).linear
    assert not read(node, path=net.path(), plane="A").linear
    assert read(node, path=net.path(), plane="A", transfer="linear").linear


def test_a_linearizing_file_cop_is_noticed_and_only_with_auto(any_houdini, drawing):
    node = reader(any_houdini)
    linear = network(any_houdini, drawing, linearize=True).path()
    as_stored = network(any_houdini, drawing).path()
    assert read(node, path=linear).linear
    assert not read(node, path=as_stored).linear
    assert not read(node, path=linear, transfer="display").linear
    assert read(node, path=as_stored, transfer="linear").linear


def test_a_linearizing_file_cop_in_a_subnet_is_noticed_if_it_shows(any_houdini, drawing):
    net, node = scene.cop_network(any_houdini), reader(any_houdini)
    outer = net.createNode("subnet")
    inner = outer.createNode("subnet")
    linear, as_stored = (scene.file_cop(inner, drawing, linearize) for linearize in (True, False))
    shown = net.createNode("null")
    shown.setInput(0, outer)
    for each in (inner, linear):
        each.setRenderFlag(True)
    assert read(node, path=outer.path()).linear
    assert read(node, path=shown.path()).linear
    as_stored.setRenderFlag(True)
    assert not read(node, path=shown.path()).linear


def test_an_empty_subnet_on_the_way_is_no_reason_to_fail(any_houdini, drawing):
    net, node = scene.cop_network(any_houdini), reader(any_houdini)
    switch = net.createNode("switch")
    for number, each in enumerate((scene.file_cop(net, drawing), net.createNode("subnet"))):
        switch.setInput(number, each)
    assert not read(node, path=switch.path()).linear


def test_a_linearized_drawing_gives_the_network_the_same_picture(any_houdini, tmpdir):
    page = numpy.zeros((60, 60), numpy.uint8) + 255
    page[10:50, 28:34] = 100
    path = scene.write_picture(str(tmpdir.join("grey.png")), page)
    pictures = [
        picture.prepare(
            read(reader(any_houdini), path=network(any_houdini, path, linearize).path())
        )
        for linearize in (True, False)
    ]
    assert numpy.abs(pictures[0].pictures - pictures[1].pictures).max() < 0.02


def test_the_picture_is_that_of_the_current_frame(any_houdini, tmpdir):
    for frame in (1, 2):
        scene.write_picture(
            str(tmpdir.join("page.%d.png" % frame)), LETTER if frame == 1 else 255 - LETTER
        )
    net = network(any_houdini, str(tmpdir.join("page.$F.png")).replace(os.sep, "/"))
    node = reader(any_houdini)
    any_houdini.setFrame(1)
    assert upright(read(node, path=net.path()).values)
    any_houdini.setFrame(2)
    assert upright(1 - read(node, path=net.path()).values)


# -- Copernicus -------------------------------------------------------------------------------


def copernicus(hou, values, **options):
    net = hou.node("/obj").createNode("copnet")
    cop = net.createNode("null", "drawn")
    scene.paint(cop, values, **options)
    cop.setDisplayFlag(True)
    return net


@PAINTED
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_layer_is_read_with_its_first_row_at_the_top(new_houdini, channels):
    values = numpy.dstack([LETTER[::-1] / 255.0] * channels)
    net = copernicus(new_houdini, values)
    for path in (net.path(), net.path() + "/drawn"):
        page = read(reader(new_houdini), path=path)
        assert page.values.shape == ((12, 9) if channels == 1 else (12, 9, 3))
        assert upright(page.values)


@PAINTED
def test_alpha_is_the_fourth_channel_of_a_layer(new_houdini):
    blank = numpy.zeros(LETTER.shape)
    net = copernicus(new_houdini, numpy.dstack([blank, blank, blank, LETTER[::-1] / 255.0]))
    assert upright(read(reader(new_houdini), path=net.path(), channel="alpha").values)


@PAINTED
def test_integers_are_brought_to_one(new_houdini):
    storage = new_houdini.imageLayerStorageType.Fixed8
    net = copernicus(new_houdini, LETTER[::-1] / 255.0, storage=storage)
    assert upright(read(reader(new_houdini), path=net.path()).values)


@PAINTED
def test_a_data_window_lies_in_its_display_window(new_houdini):
    net = copernicus(new_houdini, LETTER[::-1] / 255.0, data=(4, 1, 9, 12), display=(0, 0, 20, 15))
    values = read(reader(new_houdini), path=net.path()).values
    assert values.shape == (15, 20)
    assert upright(values[2:14, 4:13])
    assert values.sum() == pytest.approx((LETTER / 255.0).sum(), abs=1e-3)


@PAINTED
def test_a_data_window_over_the_edge_is_cut(new_houdini):
    net = copernicus(new_houdini, LETTER[::-1] / 255.0, data=(-2, -3, 9, 12), display=(0, 0, 5, 6))
    values = read(reader(new_houdini), path=net.path()).values
    assert numpy.rint(values * 255).astype(int).tolist() == LETTER[3:9, 2:7].tolist()


def test_a_copernicus_network_of_20_5_names_the_route(houdini_20_5):
    net = houdini_20_5.node("/obj").createNode("copnet")
    cop = net.createNode("null", "drawn")
    assert message(errors.CopernicusUnreadable, reader(houdini_20_5), path=cop.path()) == (
        "The pixels of the Copernicus node '/obj/copnet1/drawn' cannot be read by path.\n"
        "Houdini %s offers them to Python only as geometry; 21.0 is the first that does.\n"
        "Wire in a COP Network SOP, its external path on and set to this, 'Method' Volume "
        "Slice; empty 'COP Path'." % houdini_20_5.applicationVersionString()
    )


def test_a_file_cop_without_an_aov_has_no_picture(new_houdini):
    cop = new_houdini.node("/obj").createNode("copnet").createNode("file")
    with pytest.raises(errors.LayerMissing) as caught:
        read(reader(new_houdini), path=cop.path())
    assert str(caught.value) == (
        "'/obj/copnet1/file1' has no picture.\n"
        "Its output is not an image layer.\n"
        "Set 'COP Path' to a node that makes a layer; a File COP needs an AOV."
    )


# -- A picture that is wired in ---------------------------------------------------------------


def image_sop(hou, drawing, plane="xy"):
    net = network(hou, drawing)
    sop = scene.geometry_network(hou).createNode("cop2net", "image")
    sop.parm("usecoppath").set(1)
    sop.parm("coppath").set(net.path())
    sop.parm("method").set("volume")
    sop.parm("plane").set(plane)
    return sop


@pytest.fixture(params=scene.versions(since="17.5"))
def wired_houdini(request):
    with scene.houdini(request.param) as hou:
        yield hou


@pytest.mark.parametrize("plane", ["xy", "zx"])
def test_a_wired_image_stands_upright_whatever_its_plane(wired_houdini, drawing, plane):
    node = reader(wired_houdini, image_sop(wired_houdini, drawing, plane))
    page = read(node)
    assert page.values.shape == (12, 9, 3)
    assert upright(page.values)


def test_an_image_network_wired_as_it_is_shows_its_own_picture(wired_houdini, drawing):
    sop = scene.geometry_network(wired_houdini).createNode("cop2net")
    sop.parm("method").set("volume")
    shown = scene.file_cop(sop, drawing)
    shown.setRenderFlag(True)
    assert upright(read(reader(wired_houdini, sop)).values)


def test_a_path_to_an_image_network_of_an_external_cop_reads_that_cop(wired_houdini, drawing):
    sop = image_sop(wired_houdini, drawing)
    assert upright(read(reader(wired_houdini), path=sop.path()).values)
    sop.parm("coppath").set("/obj/gone")
    assert message(errors.NothingAtPath, reader(wired_houdini), path=sop.path()).startswith(
        "There is no node at '/obj/gone'."
    )


def test_an_image_network_that_shows_itself_is_no_endless_loop(wired_houdini, drawing):
    sop = image_sop(wired_houdini, drawing)
    sop.parm("coppath").set(sop.path())
    assert message(errors.NetworkEmpty, reader(wired_houdini), path=sop.path()).startswith(
        "The network '/obj/geo1/image' shows no picture."
    )


def test_image_networks_that_show_each_other_are_no_endless_loop(wired_houdini):
    parent, node = scene.geometry_network(wired_houdini), reader(wired_houdini)
    one, two = (parent.createNode("cop2net", name) for name in ("one", "two"))
    for sop, other in ((one, two), (two, one)):
        sop.parm("usecoppath").set(1)
        sop.parm("coppath").set(other.path())
    for sop, other in ((one, two), (two, one)):
        assert message(errors.NetworkEmpty, node, path=sop.path()) == (
            "The network '%s' shows no picture.\n"
            "It contains no COPs.\n"
            "Add one, or set 'COP Path' to another network." % other.path()
        )


def test_auto_takes_the_path_before_the_wire(wired_houdini, drawing, tmpdir):
    other = scene.write_picture(str(tmpdir.join("other.png")), 255 - LETTER)
    node = reader(wired_houdini, image_sop(wired_houdini, other))
    by_path = network(wired_houdini, drawing).path()
    assert upright(read(node, path=by_path).values)
    assert upright(1 - read(node).values)
    assert upright(1 - read(node, source="input", path=by_path).values)
    assert upright(read(node, source="path", path=by_path).values)


def test_a_wired_image_knows_whether_it_is_linear(wired_houdini, drawing):
    sop = image_sop(wired_houdini, drawing)
    assert not read(reader(wired_houdini, sop)).linear
    sop.parm("coppath").set(network(wired_houdini, drawing, linearize=True).path())
    assert read(reader(wired_houdini, sop)).linear


def test_a_wired_image_offers_its_planes_and_channels(wired_houdini, tmpdir):
    values = numpy.dstack([LETTER, 255 - LETTER, LETTER * 0, LETTER])
    path = scene.write_picture(str(tmpdir.join("colours.png")), values)
    node = reader(wired_houdini, image_sop(wired_houdini, path))
    assert upright(read(node, channel="r").values)
    assert upright(1 - read(node, channel="g").values)
    assert upright(read(node, channel="alpha").values)
    assert upright(read(node, plane="A").values)
    assert upright(read(node, plane="A", channel="alpha").values)
    with pytest.raises(errors.PlaneMissing) as caught:
        read(node, plane="Pz")
    assert str(caught.value) == (
        "There is no image plane 'Pz' on '/obj/geo1/image'.\n"
        "It has 'C' and 'A'.\n"
        "Set 'Plane' to one of these, or leave it empty."
    )


@PAINTED
def test_the_wire_of_20_5_reads_what_the_path_cannot(houdini_20_5):
    net = copernicus(houdini_20_5, LETTER[::-1] / 255.0)
    sop = scene.geometry_network(houdini_20_5).createNode("copnet")
    sop.parm("usecoppath").set(1)
    sop.parm("coppath").set(net.path())
    sop.parm("method").set("volume")
    assert upright(read(reader(houdini_20_5, sop)).values)


class Flat(object):
    """What `pixels` asks of a hou.Volume."""

    def __init__(self, voxels):
        self.voxels = numpy.asarray(voxels, numpy.float32)

    def resolution(self):
        return self.voxels.shape[::-1]

    def allVoxels(self):
        return tuple(self.voxels.ravel().tolist())


@pytest.mark.parametrize(
    "voxels",
    [
        lambda rows: rows[None],  # xy: z, y, x
        lambda rows: rows[:, :, None],  # yz: width along y, height along z
        lambda rows: rows.T[:, None],  # zx: width along z, height along x
    ],
    ids=["xy", "yz", "zx"],
)
def test_the_plane_of_a_volume_only_turns_its_axes(any_houdini, voxels):
    pixels = importlib.import_module("mlinference.houdini.pixels")
    values = pixels.upright(None, Flat(voxels(LETTER[::-1] / 255.0)))
    assert values.shape == (12, 9, 1)
    assert upright(values)


def test_volumes_of_one_plane_are_its_colours(any_houdini):
    pixels = importlib.import_module("mlinference.houdini.pixels")
    named = [
        ("C.b", 3),
        ("mask", 5),
        ("C.r", 1),
        ("A", 4),
        ("C.g", 2),
        ("Cd.x", 6),
        ("mask", 7),
    ]
    gap = pixels.planes_of([("C.r", 1), ("C.b", 2), ("mask", 3)])
    assert gap == {"C.r": [1], "C.b": [2], "mask": [3]}
    assert list(pixels.planes_of(named).items()) == [
        ("C", [1, 2, 3]),
        ("mask", [5]),
        ("A", [4]),
        ("Cd", [6]),
    ]


# -- What can be wrong ------------------------------------------------------------------------


def message(kind, node, **options):
    with pytest.raises(kind) as caught:
        read(node, **options)
    return str(caught.value)


def test_no_path_and_no_wire(any_houdini):
    expected = (
        "No picture is chosen.\n"
        "'COP Path' is empty.\n"
        "Set 'COP Path', or wire an image into the input and set 'Source' to 'Auto'."
    )
    assert message(errors.PathBlank, reader(any_houdini)) == expected
    assert message(errors.PathBlank, reader(any_houdini), path="  ", source="path") == expected


def test_input_without_a_wire(any_houdini):
    assert message(errors.InputNotWired, reader(any_houdini), source="input") == (
        "No picture is wired in.\n"
        "'Source' is 'Input', and the input has no wire.\n"
        "Wire a COP Network SOP into the input, or fill in 'COP Path' and set 'Source' to it."
    )


def test_a_path_to_nothing(any_houdini):
    assert message(errors.NothingAtPath, reader(any_houdini), path="/obj/gone") == (
        "There is no node at '/obj/gone'.\n"
        "It was deleted, renamed, or never there.\n"
        "Set 'COP Path' to a COP or a COP network."
    )


def test_a_path_to_a_sop(any_houdini):
    node = reader(any_houdini)
    assert message(errors.PathNotCop, node, path=node.path()) == (
        "'/obj/geo1/null1' is not a COP.\n"
        "Its type is 'null', of the category Sop.\n"
        "Set 'COP Path' to a COP or a COP network. Wire a SOP's image into the input instead."
    )


def test_a_network_without_cops(any_houdini):
    net = scene.cop_network(any_houdini)
    assert message(errors.NetworkEmpty, reader(any_houdini), path=net.path()) == (
        "The network '/obj/cop2net1' shows no picture.\n"
        "It contains no COPs.\n"
        "Add one, or set 'COP Path' to another network."
    )


def test_a_network_without_flags(any_houdini, drawing):
    net = scene.cop_network(any_houdini)
    cop = scene.file_cop(net, drawing)
    cop.setRenderFlag(False)
    cop.setDisplayFlag(False)
    assert message(errors.NetworkWithoutFlag, reader(any_houdini), path=net.path()) == (
        "The network '/obj/cop2net1' shows no picture.\n"
        "None of its COPs has the render flag or the display flag.\n"
        "Set the render flag on one, or set 'COP Path' to the COP itself."
    )


@WORDS
def test_a_missing_file_is_told_in_the_words_of_the_cop_that_misses_it(any_houdini):
    net = network(any_houdini, "/nowhere/drawing.png")
    assert message(errors.CopFailed, reader(any_houdini), path=net.path()) == (
        "'/obj/cop2net1/OUT' cannot be cooked.\n"
        "file1: Unable to read file '/nowhere/drawing.png'. (stand-in)\n"
        "Mend that COP, then press 'Recook'."
    )


@CHANGED
def test_a_name_that_is_not_native_goes_with_the_complaint(any_houdini, monkeypatch):
    name = u"caf\xe9"
    native, other = (name.encode("utf-8"), name) if str is bytes else (name, name.encode("utf-8"))
    net = network(any_houdini, "/nowhere/%s.png" % native)
    monkeypatch.setattr(type(net.node("OUT")), "name", lambda self: other)
    said = message(errors.CopFailed, reader(any_houdini), path=net.path())
    assert said.split("\n")[1].startswith("%s: Unable to read file '/nowhere/%s" % (native, native))


def test_an_unknown_plane(any_houdini, drawing):
    net = network(any_houdini, drawing)
    assert message(errors.PlaneMissing, reader(any_houdini), path=net.path(), plane="Pz") == (
        "There is no image plane 'Pz' on '/obj/cop2net1/OUT'.\n"
        "It has 'C'.\n"
        "Set 'Plane' to one of these, or leave it empty."
    )


def test_a_channel_that_is_not_there(any_houdini, drawing):
    net = network(any_houdini, drawing)
    assert message(
        errors.ChannelMissing, reader(any_houdini), path=net.path(), channel="alpha"
    ) == (
        "There is no channel 'Alpha as Ink' on '/obj/cop2net1/OUT'.\n"
        "The number of channels of its plane 'C' is 3.\n"
        "Set 'Channel' to 'Luminance', or choose another 'Plane'."
    )


@CHANGED
def test_a_cop_without_planes(any_houdini, drawing, monkeypatch):
    net = network(any_houdini, drawing)
    monkeypatch.setattr(type(net.node("OUT")), "planes", lambda self: ())
    assert message(errors.NoPlanes, reader(any_houdini), path=net.path()) == (
        "'/obj/cop2net1/OUT' has no image planes.\n"
        "It cooks without an error, to nothing.\n"
        "Set 'COP Path' to a COP that makes a picture."
    )


@WORDS
def test_a_copernicus_file_that_is_missing_is_told_in_its_own_words(new_houdini):
    cop = new_houdini.node("/obj").createNode("copnet").createNode("file")
    cop.parm("filename").set("/nowhere/drawing.png")
    cop.parm("addaovs").pressButton()
    assert message(errors.CopFailed, reader(new_houdini), path=cop.path()) == (
        "'/obj/copnet1/file1' cannot be cooked.\n"
        "Unable to read file '/nowhere/drawing.png'. (stand-in)\n"
        "Mend that COP, then press 'Recook'."
    )


@CHANGED
def test_pixels_that_are_not_all_there(any_houdini, drawing, monkeypatch):
    net = network(any_houdini, drawing)
    kind = type(net.node("OUT"))
    monkeypatch.setattr(kind, "allPixelsAsString", lambda *args, **more: b"")
    monkeypatch.setattr(kind, "allPixels", lambda *args, **more: (0.5,) * 100)
    assert message(errors.PixelsIncomplete, reader(any_houdini), path=net.path()) == (
        "The pixels of '/obj/cop2net1/OUT' cannot be read whole.\n"
        "Houdini handed out 100 values, its size asks for 324.\n"
        "Look at the COP in the viewer, then press 'Recook'."
    )


@pytest.mark.parametrize("source", ["auto", "input"])
def test_wired_geometry_without_a_picture(any_houdini, drawing, source):
    wired = scene.geometry_network(any_houdini).createNode("null", "empty")
    assert message(errors.InputNotPicture, reader(any_houdini, wired), source=source) == (
        "The geometry of '/obj/geo1/empty' holds no picture.\n"
        "There is no volume in it.\n"
        "Set its 'Method' to 'Volume Slice', wire a height field, or fill in 'COP Path' and set 'Source' to it."
    )
    # With the cure it works.
    assert read(reader(any_houdini, wired), path=network(any_houdini, drawing).path(), source="path") is not None


@WORDS
def test_a_wired_node_in_error(wired_houdini):
    sop = image_sop(wired_houdini, "/nowhere/drawing.png")
    text = message(errors.InputFailed, reader(wired_houdini, sop))
    assert text == (
        "The wired node '/obj/geo1/image' cannot be cooked.\n"
        "Cook error in input: OUT\n"
        "Mend that node."
    )


@pytest.mark.parametrize("version", scene.versions(before="17.5"))
def test_a_wired_node_without_geometry_gives_no_reason(version):
    """Up to 16.5 a cop2net among the SOPs is a network and nothing else."""
    with scene.houdini(version) as hou:
        sop = scene.geometry_network(hou).createNode("cop2net", "image")
        assert message(errors.InputFailed, reader(hou, sop)) == (
            "The wired node '/obj/geo1/image' cannot be cooked.\n"
            "It gives no reason.\n"
            "Mend that node."
        )


def test_a_volume_with_depth(any_houdini):
    pixels = importlib.import_module("mlinference.houdini.pixels")
    fog = scene.geometry_network(any_houdini).createNode("null", "fog")
    with pytest.raises(errors.InputNotFlat) as caught:
        pixels.upright(fog, Flat(numpy.zeros((10, 20, 30))))
    assert str(caught.value) == (
        "The volume of '/obj/geo1/fog' is not a picture.\n"
        "It has 30x20x10 voxels; a picture is one voxel thick.\n"
        "Set its 'Method' to 'Volume Slice', or wire a height field."
    )
