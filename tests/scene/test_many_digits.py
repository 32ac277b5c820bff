"""Every Shape: a page of digits becomes points, a text, and glyphs, through the packed assets."""

import hou
import numpy
import pytest

import cook as command
from mlinference import errors
from mlinference.houdini import example, glyphs

Image = pytest.importorskip("PIL.Image")

CELL = 200

# Of our drawings the page holds these, by line.
LINES = ((2, 0, 2, 6), (3, 8, 7, 4))


def write_page(path, lines, light=False):
    """Lay drawings out on a white page, or on its negative."""
    page = Image.new("L", (CELL * max(len(line) for line in lines), CELL * len(lines)), 255)
    for row, line in enumerate(lines):
        for column, digit in enumerate(line):
            drawing = Image.open(example.own_drawings()[digit]).convert("L")
            drawing.thumbnail((CELL - 10, CELL - 10))
            page.paste(drawing, (column * CELL + 5, row * CELL + 5 + 4 * column))
    page = page.point(lambda value: 255 - value) if light else page
    page.save(path)
    return path


@pytest.fixture
def show(build, tmpdir):
    """Build the article's scene with a page of digits, read as every shape."""

    def build_scene(lines=LINES, light=False):
        scene = build([write_page(str(tmpdir.join("page.png")), lines, light)], scale=False)
        scene.inference.parm("read").set("shapes")
        return scene

    return build_scene


def cooked(node):
    geometry = node.geometry()
    assert geometry is not None, node.errors()
    return geometry


def positions(geometry):
    return numpy.array(geometry.pointFloatAttribValues("P")).reshape(-1, 3)


@pytest.mark.parametrize("light", [False, True], ids=["black on white", "white on black"])
def test_the_text_is_in_reading_order(show, light):
    geometry = cooked(show(light=light).inference)
    assert geometry.attribValue("result_text") == "20263874"


def test_every_shape_is_a_point_with_its_answer(show):
    geometry = cooked(show().inference)
    points = geometry.findPointGroup("digits").points()
    assert len(points) == len(geometry.points()) == 8
    assert [point.attribValue("result") for point in points] == [2, 0, 2, 6, 3, 8, 7, 4]
    assert "".join(point.attribValue("result_label") for point in points) == "20263874"
    assert min(point.attribValue("result_confidence") for point in points) > 0.5
    assert geometry.findPointAttrib("result").dataType() == hou.attribData.Int
    for point in points:
        assert point.attribValue("pscale") == point.attribValue("height") > 0.05
        assert 0 < point.attribValue("width") < 0.25


def test_points_lie_where_the_shapes_are_on_the_page(show):
    geometry = cooked(show().inference)
    found = positions(geometry)
    assert abs(found[:, 0]).max() < 0.5 and abs(found[:, 1]).max() < 0.25
    assert (found[:4, 1] > 0).all() and (found[4:, 1] < 0).all()
    assert (numpy.diff(found[:4, 0]) > 0).all() and (numpy.diff(found[4:, 0]) > 0).all()
    columns = ((found[:, 0] + 0.5) * 4).astype(int)
    assert columns.tolist() == [0, 1, 2, 3, 0, 1, 2, 3]


def test_the_detail_is_that_of_the_first_shape(show):
    geometry = cooked(show().inference)
    first = geometry.findPointGroup("digits").points()[0]
    assert geometry.attribValue("result") == 2
    for end in ("_label", "_confidence", "_margin", "_runnerup"):
        found, expected = geometry.attribValue("result" + end), first.attribValue("result" + end)
        assert found == expected


def test_a_toggle_switches_the_points_attribute_off_as_well(show):
    scene = show()
    scene.inference.parm("writemargin").set(0)
    names = [one.name() for one in cooked(scene.inference).pointAttribs()]
    assert "result_margin" not in names and "result_runnerup" in names


def test_points_are_named_after_the_parameter(show):
    scene = show()
    scene.inference.parm("attribute").set("digit")
    geometry = cooked(scene.inference)
    assert geometry.attribValue("digit_text") == "20263874"
    assert geometry.findPointAttrib("digit_confidence") is not None


def test_several_shapes_do_not_warn(show):
    scene = show()
    cooked(scene.inference)
    assert scene.inference.warnings() == ()


def test_one_digit_reads_the_largest_and_warns(show):
    scene = show()
    scene.inference.parm("read").set("one")
    geometry = cooked(scene.inference)
    assert "8 separate shapes" in geometry.attribValue("result_warning")
    assert len(geometry.points()) == 0
    assert geometry.findGlobalAttrib("result_text") is None


def test_unsure_shapes_take_the_fallback_and_are_counted(show):
    scene = show()
    scene.inference.parm("threshold").set(1.0)
    geometry = cooked(scene.inference)
    unsure = [point for point in geometry.points() if point.attribValue("result") == -1]
    assert unsure
    warning = geometry.attribValue("result_warning")
    assert warning.startswith(("Not sure about %d of 8 shapes.\n" % len(unsure), "Not sure what is drawn here.\n"))


def test_a_blank_page_is_no_points_and_a_warning(show):
    scene = show()
    blank = scene.switch.inputs()[0]
    path = blank.parm("filename1").eval()
    Image.new("L", (64, 64), 255).save(path)
    blank.parm("reload").pressButton()
    scene.inference.cook(force=True)
    geometry = cooked(scene.inference)
    assert geometry.attribValue("result") == -1
    assert geometry.attribValue("result_text") == ""
    assert len(geometry.points()) == 0
    assert scene.out.path() in geometry.attribValue("result_warning").split("\n")[0]
    assert len(cooked(scene.glyphs).points()) == 0


def test_the_inputs_geometry_gives_way_to_the_points(show):
    scene = show()
    font = scene.inference.parent().createNode("font")
    scene.inference.setInput(0, font)
    scene.inference.parm("source").set("path")
    geometry = cooked(scene.inference)
    assert (len(geometry.points()), len(geometry.prims())) == (8, 0)


@pytest.mark.parametrize("kind", ["picture", "probabilities", "layers", "evidence"])
def test_a_preview_lies_beside_the_points(show, kind):
    scene = show()
    alone = positions(cooked(scene.inference))
    scene.inference.parm("preview").set(kind)
    geometry = cooked(scene.inference)
    points = geometry.findPointGroup("digits").points()
    assert [point.number() for point in points] == list(range(8))
    numpy.testing.assert_allclose(positions(geometry)[:8], alone)
    assert len(geometry.prims()) > 0
    assert max(vertex.point().number() for vertex in geometry.prims()[-1].vertices()) >= 8


def test_the_picture_preview_puts_each_shape_into_its_place(show):
    scene = show()
    scene.inference.parm("preview").set("picture")
    geometry = cooked(scene.inference)
    points = geometry.findPointGroup("digits").points()
    pixels = positions(geometry)[8:]
    for point in points:
        centre = numpy.array(list(point.position()))
        half = numpy.array([point.attribValue("width"), point.attribValue("height"), 0]) / 2
        inside = pixels[(abs(pixels - centre) <= half + 1e-5).all(axis=1)]
        numpy.testing.assert_allclose(inside.min(axis=0), centre - half, atol=1e-5)
        numpy.testing.assert_allclose(inside.max(axis=0), centre + half, atol=1e-5)


@pytest.fixture
def evident(show):
    """Eight shapes with the evidence of each, which the network is asked hundreds of times for."""
    scene = show()
    scene.inference.parm("preview").set("evidence")
    return scene.inference


def test_evidence_tells_how_far_it_is(evident, progress):
    cooked(evident)
    count = len(progress.told)
    assert count > 2
    assert progress.told == [number / float(count) for number in range(count)]


def test_esc_ends_the_evidence(evident, progress):
    progress.escape = 2
    assert evident.geometry() is None
    assert len(progress.told) == 2
    assert "interrupted" in " ".join(evident.errors())
    progress.escape = None
    evident.cook(force=True)
    assert cooked(evident).attribValue("result_text") == "20263874"


def test_where_houdini_shows_no_progress_there_is_evidence_all_the_same(evident, progress):
    progress.refuses = True
    assert len(cooked(evident).findPrimGroup("evidence").prims()) > 0


# -- Digit Glyphs -----------------------------------------------------------------------------


def glyph_boxes(scene):
    """Return (left, bottom, right, top) of each digit's polygons, polygons grouped by place."""
    geometry = cooked(scene.glyphs)
    boxes = []
    for point in cooked(scene.inference).findPointGroup("digits").points():
        x, y = list(point.position())[:2]
        reach = point.attribValue("height")
        near = [p for p in positions(geometry) if abs(p[0] - x) < reach and abs(p[1] - y) < 0.75 * reach]
        boxes.append((point, numpy.min(near, axis=0), numpy.max(near, axis=0)))
    return boxes


def test_a_glyph_stands_on_every_point_as_high_as_its_shape(show):
    boxes = glyph_boxes(show())
    assert len(boxes) == 8
    for point, low, high in boxes:
        numpy.testing.assert_allclose((low + high)[:2] / 2, list(point.position())[:2], atol=1e-4)
        assert high[1] - low[1] == pytest.approx(point.attribValue("height"), rel=1e-3)


def test_size_scales_the_glyphs(show):
    scene = show(lines=((5,),))
    low, high = cooked(scene.glyphs).boundingBox().minvec(), cooked(scene.glyphs).boundingBox().maxvec()
    scene.glyphs.parm("fontsize").set(0.5)
    box = cooked(scene.glyphs).boundingBox()
    assert box.maxvec()[1] - box.minvec()[1] == pytest.approx(0.5 * (high[1] - low[1]), rel=1e-3)


def test_a_size_of_nothing_shows_nothing(show):
    scene = show()
    scene.glyphs.parm("fontsize").set(0)
    geometry = cooked(scene.glyphs)
    assert len(geometry.prims()) == len(geometry.points()) == 0
    assert geometry.attribValue("result_text") == "20263874"


def test_a_size_that_cannot_be_evaluated_is_told(show):
    scene = show()
    scene.glyphs.parm("fontsize").setExpression("ch('../gone/size')", hou.exprLanguage.Hscript)
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.node("answer").cook(force=True)
    lines = scene.glyphs.node("answer").errors()[0].split("\n")
    assert lines[0] == "'Size' cannot be evaluated." and len(lines) == 3


def test_a_font_without_letters_has_no_outline():
    assert glyphs.outline(hou.Geometry()) is None


@pytest.mark.parametrize("height", ["float('nan')", "float('inf')", "0", "-1"])
def test_a_point_of_no_height_has_no_glyph(show, height):
    scene = show()
    eight = len(cooked(scene.glyphs).prims())
    changed = scene.inference.parent().createNode("python")
    code = "hou.pwd().geometry().points()[0].setAttribValue('height', float(%s))" % height
    changed.parm("python").set(code)
    changed.setInput(0, scene.inference)
    scene.glyphs.setInput(0, changed)
    geometry = cooked(scene.glyphs)
    assert 0 < len(geometry.prims()) < eight
    assert numpy.isfinite(positions(geometry)).all()


FOREIGN = """
geometry = hou.pwd().geometry()
geometry.addAttrib(hou.attribType.Global, "result", 7)
%s
point = geometry.createPoint()
geometry.addAttrib(hou.attribType.Point, "height", 1.0)
geometry.createPointGroup("digits").add(point)
"""


@pytest.mark.skipif(not hasattr(hou.Geometry, "addArrayAttrib"), reason="no array attributes yet")
@pytest.mark.parametrize(
    "lines, glyph",
    [
        ('geometry.addArrayAttrib(hou.attribType.Point, "result", hou.attribData.Int)', 7),
        (
            'geometry.addAttrib(hou.attribType.Point, "result", 3)\n'
            'geometry.addArrayAttrib(hou.attribType.Global, "result_text", hou.attribData.String)',
            glyphs.NO_GLYPH,
        ),
    ],
    ids=["answers", "text"],
)
def test_arrays_of_somebody_elses_are_not_taken_for_answers(show, lines, glyph):
    scene = show()
    changed = scene.inference.parent().createNode("python")
    changed.parm("python").set(FOREIGN % lines)
    scene.glyphs.setInput(0, changed)
    assert cooked(scene.glyphs).attribValue("glyph") == glyph


def test_the_glyphs_are_those_of_the_answers(show):
    both = cooked(show(lines=((1, 8),)).glyphs)
    ones = cooked(show(lines=((1, 1),)).glyphs)
    eights = cooked(show(lines=((8, 8),)).glyphs)
    assert 2 * len(both.points()) == len(ones.points()) + len(eights.points())
    assert len(ones.points()) != len(eights.points())


def test_a_shape_without_an_answer_has_no_glyph(show):
    scene = show()
    eight = len(cooked(scene.glyphs).prims())
    unsure = scene.inference.parent().createNode("python")
    unsure.parm("python").set("for p in hou.pwd().geometry().points()[1:]: p.setAttribValue('result', -1)")
    unsure.setInput(0, scene.inference)
    scene.glyphs.setInput(0, unsure)
    assert 0 < len(cooked(scene.glyphs).prims()) < eight


def test_a_fallback_that_is_no_digit_is_told(show):
    scene = show()
    scene.inference.parm("threshold").set(1.0)
    scene.inference.parm("fallback").set(12)
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.cook(force=True)
    assert "is 12" in " ".join(scene.glyphs.node("answer").errors())


@pytest.mark.parametrize("name", ["P", "height", "width", "pscale"])
def test_a_name_that_the_points_have_is_refused(show, name):
    scene = show()
    scene.inference.parm("attribute").set(name)
    with pytest.raises(hou.OperationFailed):
        scene.inference.cook(force=True)
    lines = scene.inference.errors()[0].split("\n")
    assert lines[0] == "The points of 'Every Shape' have a '%s' already." % name
    assert len(lines) == 3


def test_glyphs_carry_the_text(show):
    geometry = cooked(show().glyphs)
    assert geometry.attribValue("result_text") == "20263874"
    assert geometry.attribValue("glyph") == 10


def test_the_command_reports_the_text_of_all_shapes(show, capsys):
    report = command.read_report(show(), "page.png")
    assert report.glyph == "20263874"
    command.show(report, "result", as_json=False)
    assert capsys.readouterr()[0] == "page.png: 20263874\n"


def test_glyphs_ignore_the_points_of_a_preview(show):
    scene = show()
    plain = cooked(scene.glyphs).pointFloatAttribValues("P")
    scene.inference.parm("preview").set("layers")
    assert cooked(scene.glyphs).pointFloatAttribValues("P") == plain


def test_glyphs_face_the_way_of_their_fonts(show):
    scene = show(lines=((7, 7),))
    (font,) = {round(prim.normal()[2]) for prim in cooked(scene.glyphs.node("seven")).prims()}
    assert {round(prim.normal()[2]) for prim in cooked(scene.glyphs).prims()} == {font}


def test_switching_back_to_one_digit_shows_one_glyph(show):
    scene = show()
    many = len(cooked(scene.glyphs).prims())
    scene.inference.parm("read").set("one")
    geometry = cooked(scene.glyphs)
    assert 0 < len(geometry.prims()) < many
    assert geometry.attribValue("glyph") in range(10)


@pytest.fixture
def in_series(show):
    """A node that reads our three, behind one that reads every shape of a page."""
    scene = show(lines=((2, 0),))
    first, geo = scene.inference, scene.inference.parent()
    cops = scene.out.parent()
    three = cops.createNode("file")
    three.parm("filename1").set(example.own_drawings()[3])
    second = geo.createNode(example.INFERENCE_TYPE, "second")
    second.setInput(0, first)
    second.parm("copnode").set(three.path())
    scene.glyphs.setInput(0, second)
    return scene, second


def test_of_two_nodes_in_series_the_second_answers(in_series):
    scene, second = in_series
    assert cooked(scene.inference).attribValue("result_text") == "20"
    geometry = cooked(second)
    assert geometry.attribValue("result") == 3
    assert geometry.findGlobalAttrib("result_text") is None
    names = [attribute.name() for attribute in geometry.pointAttribs()]
    assert not [name for name in names if name.startswith("result")]
    assert len(geometry.points()) == 2
    assert scene.glyphs.node("switch1").parm("input").eval() == 3
    assert len(cooked(scene.glyphs).prims()) == len(cooked(scene.glyphs.node("three")).prims())


def test_what_the_second_does_not_write_is_not_the_firsts(in_series):
    _, second = in_series
    for toggle in ("writelabel", "writeconfidence", "writewarning"):
        second.parm(toggle).set(False)
    names = [attribute.name() for attribute in cooked(second).globalAttribs()]
    assert "result_margin" in names
    assert not {"result_label", "result_confidence", "result_warning"}.intersection(names)


def test_under_another_name_both_answers_stay(in_series):
    scene, second = in_series
    second.parm("attribute").set("other")
    geometry = cooked(second)
    assert [geometry.attribValue(name) for name in ("result_text", "result", "other")] == ["20", 2, 3]
    assert len(geometry.findPointGroup("digits").points()) == 2


def test_every_message_of_several_shapes_has_three_lines():
    caution = errors.SomeNotSure(
        count=2, total=8, label="1", confidence="0.40", runner_up="7", threshold="0.50", fallback=-1
    )
    assert str(caution).count("\n") == 2
