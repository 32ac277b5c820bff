# -*- coding: utf-8 -*-
"""The asset's own PythonCook, executed in the article's scene."""

import io
import os

import hou
import numpy
import pytest

from mlinference import checkpoint, errors
from mlinference._compat import whole
from mlinference.houdini import attributes, example, parameters
from mlinference.houdini import cook as cook_module


def badge(node):
    """Cook and return the node's error text; fail if there is none."""
    with pytest.raises(hou.OperationFailed):
        node.cook(force=True)
    (text,) = node.errors()
    return text


def answer_of(node):
    return node.geometry().attribValue("result")


# -- The answer -------------------------------------------------------------------------------


@pytest.mark.parametrize("digit", range(10))
def test_our_own_drawings_are_read_through_the_articles_scene(build, digit):
    scene = build(example.own_drawings())
    scene.choose(digit)
    assert answer_of(scene.inference) == digit


def test_result_is_a_global_attribute_of_type_int_and_size_1(scene):
    attribute = scene.inference.geometry().findGlobalAttrib("result")
    assert attribute.type() == hou.attribType.Global
    assert attribute.dataType() == hou.attribData.Int
    assert attribute.size() == 1
    assert type(answer_of(scene.inference)) is int


def test_twenty_cooks_of_one_picture_give_one_answer(scene):
    found = set()
    for _ in range(20):
        scene.inference.cook(force=True)
        geometry = scene.inference.geometry()
        found.add((geometry.attribValue("result"), geometry.attribValue("result_probabilities")))
    assert len(found) == 1


def test_every_promised_attribute_is_written(scene):
    geometry = scene.inference.geometry()
    found = {one.name(): geometry.attribValue(one.name()) for one in geometry.globalAttribs()}
    assert found["result"] == 3
    assert found["result_label"] == "3"
    assert found["result_confidence"] == pytest.approx(max(found["result_probabilities"]))
    assert sum(found["result_probabilities"]) == pytest.approx(1.0, abs=1e-4)
    assert found["result_margin"] <= found["result_confidence"]
    assert found["result_runnerup"] in set(range(10)) - {3}
    assert found["result_engine"].split()[0] in ("TensorFlow", "NumPy")
    assert found["result_checkpoint"] == whole(checkpoint.BUNDLED)
    assert found["result_warning"] == ""


def test_a_toggle_switches_its_attribute_off_and_only_that(scene):
    everything = {one.name() for one in scene.inference.geometry().globalAttribs()}
    for toggle, ends in cook_module.ATTRIBUTES.items():
        scene.inference.parm(toggle).set(0)
        left = {one.name() for one in scene.inference.geometry().globalAttribs()}
        assert everything - left == {"result" + end for end in ends}
        scene.inference.parm(toggle).set(1)


def test_the_attributes_are_named_after_the_parameter(scene):
    scene.inference.parm("attribute").set("digit")
    names = {one.name() for one in scene.inference.geometry().globalAttribs()}
    assert {"digit", "digit_confidence"} <= names
    assert not [name for name in names if name.startswith("result")]


def test_two_nodes_in_a_row_do_not_collide(scene):
    second = scene.inference.parent().createNode(example.INFERENCE_TYPE)
    second.setInput(0, scene.inference)
    second.parm("copnode").set(scene.out.path())
    second.cook(force=True)
    assert answer_of(second) == 3


def test_an_inherited_result_of_another_type_is_replaced(scene):
    before = scene.inference.parent().createNode("python")
    before.parm("python").set(
        "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'result', 'text')"
    )
    scene.inference.setInput(0, before)
    assert answer_of(scene.inference) == 3


# -- Where the picture comes from -------------------------------------------------------------


def test_the_path_may_name_the_cop_itself(scene):
    scene.inference.parm("copnode").set(scene.out.path())
    assert answer_of(scene.inference) == 3


def test_a_relative_path_starts_at_the_node(scene):
    scene.inference.parm("copnode").set("../../drawings")
    assert answer_of(scene.inference) == 3


@pytest.mark.parametrize(
    "parent, kind", [("/obj", "cop2net"), ("/obj/answer", "cop2net"), ("/img", "img")]
)
def test_networks_at_object_geometry_and_image_level_are_read(scene, parent, kind):
    network = hou.node(parent).createNode(kind, "elsewhere")
    picture = network.createNode("file")
    picture.parm("filename1").set(example.own_drawings()[8])
    picture.setRenderFlag(True)
    scene.inference.parm("copnode").set(network.path())
    assert answer_of(scene.inference) == 8


def test_a_changed_cop_is_not_noticed_until_recook_is_pressed(build):
    scene = build(example.own_drawings())
    assert answer_of(scene.inference) == 0
    scene.switch.parm("index").set(7)
    assert answer_of(scene.inference) == 0
    scene.inference.parm("recook").pressButton()
    assert answer_of(scene.inference) == 7


# -- Digit Glyphs -----------------------------------------------------------------------------


def test_digit_glyphs_follows_the_answer(build):
    scene = build(example.own_drawings())
    shapes = []
    for digit in (1, 8):
        scene.choose(digit)
        switch = scene.glyphs.node("switch1")
        assert switch.inputs()[switch.parm("input").eval()].parm("text").evalAsString() == str(
            digit
        )
        shapes.append(len(scene.glyphs.geometry().points()))
    assert shapes[0] != shapes[1]


def test_digit_glyphs_follows_another_attribute(scene):
    assert scene.glyphs.geometry() is not None
    scene.inference.parm("attribute").set("other")
    scene.glyphs.parm("attribute").set("other")
    geometry = scene.glyphs.geometry()
    assert geometry is not None and geometry.attribValue("other") == 3
    scene.glyphs.parm("attribute").set("other_runnerup")
    shown = scene.inference.geometry().attribValue("other_runnerup")
    scene.glyphs.geometry()
    assert scene.glyphs.node("switch1").parm("input").eval() == shown


def test_digit_glyphs_fails_when_the_answer_fails(scene):
    assert scene.glyphs.geometry() is not None
    scene.inference.parm("copnode").set("/obj/nowhere")
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.cook(force=True)
    assert scene.glyphs.errors()
    assert scene.glyphs.geometry() is None


def test_digit_glyphs_without_a_wire_says_so(scene):
    scene.glyphs.setInput(0, None)
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.cook(force=True)
    assert (
        "'/obj/answer/digit_glyphs' has no answer to show.\n"
        "Nothing is wired into its first input.\n"
        "Wire an ML Inference node into it."
    ) in "\n".join(scene.glyphs.errors() + scene.glyphs.node("answer").errors())


def test_digit_glyphs_wants_the_attribute(scene):
    plain = scene.glyphs.parent().createNode("null")
    scene.glyphs.setInput(0, plain)
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.cook(force=True)
    assert scene.glyphs.node("answer").errors() == (
        "'%s' brings no answer.\n"
        "Its geometry has no detail attribute 'result'.\n"
        "Wire in an ML Inference node, or set 'Attribute' to the name it writes." % plain.path(),
    )


@pytest.mark.parametrize("name", ["attribute", "fontsize"])
def test_digit_glyphs_tells_why_an_expression_of_its_own_fails(scene, name):
    assert scene.glyphs.geometry() is not None
    scene.glyphs.parm(name).setExpression("1/0", hou.exprLanguage.Python)
    with pytest.raises(hou.OperationFailed):
        scene.glyphs.cook(force=True)
    assert "division" in "\n".join(scene.glyphs.errors())


def test_digit_glyphs_takes_no_other_points_for_answers(scene):
    points = scene.inference.parent().createNode("python")
    points.parm("python").set(
        "geo = hou.pwd().geometry()\n"
        "geo.createPointGroup('digits').add([geo.createPoint(), geo.createPoint()])\n"
    )
    scene.inference.setInput(0, points)
    assert scene.inference.geometry().attribValue("result") == 3
    assert len(scene.inference.geometry().points()) == 2
    assert scene.glyphs.geometry() is not None, scene.glyphs.errors()
    assert scene.glyphs.node("switch1").parm("input").eval() == 3


def test_digit_glyphs_shows_nothing_for_a_blank_page(scene, tmpdir):
    scene.switch.inputs()[0].parm("filename1").set(blank_page(tmpdir))
    scene.inference.cook(force=True)
    assert answer_of(scene.inference) == -1
    assert len(scene.glyphs.geometry().points()) == 0


def blank_page(tmpdir):
    image = pytest.importorskip("PIL.Image")
    path = str(tmpdir.join("blank.png"))
    image.new("L", (64, 64), 255).save(path)
    return path


# -- Bad input: one paragraph that names the thing and the cure -----------------------------------


def test_a_blank_path(scene):
    scene.inference.parm("copnode").set("")
    assert badge(scene.inference) == (
        "No picture is chosen.\n"
        "'COP Path' is empty.\n"
        "Set 'COP Path', or wire an image into the input and set 'Source' to 'Auto'."
    )


def test_a_path_to_nothing(scene):
    scene.inference.parm("copnode").set("/obj/nowhere")
    assert badge(scene.inference) == (
        "There is no node at '/obj/nowhere'.\n"
        "It was deleted, renamed, or never there.\n"
        "Set 'COP Path' to a COP or a COP network."
    )


def test_a_path_to_a_sop(scene):
    scene.inference.parm("copnode").set(scene.glyphs.path())
    assert badge(scene.inference).startswith("'/obj/answer/digit_glyphs' is not a COP.\n")


def test_a_network_without_cops(scene):
    empty = hou.node("/obj").createNode("cop2net", "empty")
    scene.inference.parm("copnode").set(empty.path())
    assert badge(scene.inference) == (
        "The network '/obj/empty' shows no picture.\n"
        "It contains no COPs.\n"
        "Add one, or set 'COP Path' to another network."
    )


def test_a_cop_whose_file_is_missing(build, tmpdir):
    scene = build([str(tmpdir.join("gone.png"))])
    lines = badge(scene.inference).split("\n")
    assert lines[0] == "'/obj/drawings/OUT' cannot be cooked."
    assert lines[2] == "Mend that COP, then press 'Recook'."
    assert len(lines) == 3


def test_exact_wants_28x28(build):
    scene = build(scale=False)
    scene.inference.parm("fit").set("exact")
    text = badge(scene.inference)
    assert "320x400" in text and "28x28" in text and "'Fit'" in text


def test_a_checkpoint_that_is_missing(scene, tmpdir):
    prefix = str(tmpdir.join("nowhere.ckpt"))
    scene.inference.parm("checkpoint").set(prefix)
    lines = badge(scene.inference).split("\n")
    assert prefix.replace(os.sep, "/") in lines[0].replace(os.sep, "/")
    assert len(lines) == 3
    assert "'Checkpoint'" in lines[2]


def test_a_checkpoint_that_is_half_written(scene, tmpdir, weights):
    prefix = str(tmpdir.join("half.ckpt"))
    checkpoint.write(prefix, weights())
    data = prefix + ".data-00000-of-00001"
    with io.open(data, "r+b") as stream:
        stream.truncate(os.path.getsize(data) // 2)
    scene.inference.parm("checkpoint").set(prefix)
    lines = badge(scene.inference).split("\n")
    assert len(lines) == 3
    assert "half.ckpt" in lines[0]


def test_a_checkpoint_of_another_network(scene, tmpdir, weights):
    other = weights()
    other["W_conv1"] = other["W_conv1"][:3, :3]
    del other["b_fc2"]
    prefix = str(tmpdir.join("other.ckpt"))
    checkpoint.write(prefix, other)
    scene.inference.parm("checkpoint").set(prefix)
    lines = badge(scene.inference).split("\n")
    assert len(lines) == 3
    assert "'W_conv1' is 3x3x1x32, expected 5x5x1x32" in lines[1]
    assert "'b_fc2' is missing" in lines[1]


def test_blanks_around_the_planes_name_do_not_count(scene):
    for name in (" C ", " "):
        scene.inference.parm("plane").set(name)
        assert answer_of(scene.inference) == 3


def test_a_file_that_is_not_chosen_may_have_any_expression(build):
    scene = build(example.own_drawings()[:4])
    scene.switch.parm("index").set(3)
    for each in scene.switch.inputs():
        each.parm("linearize").set(0)
    scene.switch.inputs()[0].parm("linearize").setExpression("ch('../gone/index')", hou.exprLanguage.Hscript)
    assert answer_of(scene.inference) == 3


@pytest.mark.parametrize("name", ["window", "fit"])
def test_a_definition_without_a_parameter_is_a_sentence(scene, name):
    with pytest.raises(errors.ParameterFailed) as caught:
        parameters.evaluated(scene.out, name, cook_module.PARAMETERS[name])
    assert caught.value.problem == "'%s' cannot be evaluated." % name


def test_a_host_that_lets_numpy_raise(scene, weights, tmpdir):
    prefix = str(tmpdir.join("sure.ckpt"))
    large = {name: 30 * values for name, values in weights().items()}
    checkpoint.write(prefix, large)
    scene.inference.parm("checkpoint").set(prefix)
    scene.inference.parm("engine").set("numpy")
    with numpy.errstate(all="raise"):
        assert scene.inference.geometry() is not None, scene.inference.errors()


def test_an_attribute_name_that_houdini_does_not_take(scene):
    scene.inference.parm("attribute").set("my result!")
    assert badge(scene.inference) == (
        "'my result!' is not a name for an attribute.\n"
        "A name has letters, digits and '_' and does not begin with a digit.\n"
        "Change 'Attribute', for instance to 'result'."
    )


def test_a_line_end_is_no_part_of_a_name():
    assert attributes.VALID_NAME.match("result")
    assert not attributes.VALID_NAME.match("result\n")


def test_blanks_around_the_attributes_name_do_not_count(scene):
    for node in (scene.inference, scene.glyphs):
        node.parm("attribute").set(" other ")
    assert scene.inference.geometry().attribValue("other") == 3
    assert scene.glyphs.geometry().attribValue("other") == 3


@pytest.mark.parametrize(
    "name, label",
    [("threshold", "Not Sure Below"), ("checkpoint", "Checkpoint"), ("preview", "Preview"),
     ("attribute", "Attribute"), ("copnode", "COP Path")],
)
def test_an_expression_that_fails_is_a_sentence(scene, name, label):
    scene.inference.parm(name).setExpression("ch('../gone/index')", hou.exprLanguage.Hscript)
    lines = badge(scene.inference).split("\n")
    assert lines[0] == "'%s' cannot be evaluated." % label
    assert lines[2] == "Mend its expression, or delete its channel."
    assert len(lines) == 3


@pytest.mark.parametrize("name", [name for name, tokens in cook_module.PARAMETERS.items() if tokens])
def test_a_choice_that_a_menu_does_not_have_is_a_sentence(scene, name):
    scene.inference.parm(name).setExpression("99", hou.exprLanguage.Hscript)
    lines = badge(scene.inference).split("\n")
    label = scene.inference.parm(name).description()
    assert lines[0].startswith("'%s' has no choice '" % label)
    assert lines[1].startswith("There are '%s', " % scene.inference.parm(name).menuLabels()[0])
    assert lines[2] == "Set '%s' to one of these." % label


def test_the_choices_are_those_of_the_asset(scene):
    for name, tokens in cook_module.PARAMETERS.items():
        template = scene.inference.parm(name).parmTemplate()
        items = template.menuItems() if hasattr(template, "menuItems") else ()
        assert tuple(items) == (tokens or ()), name


def test_the_recook_button_shows_no_traceback_when_the_cook_fails(scene):
    scene.inference.parm("copnode").set("/obj/nowhere")
    scene.inference.parm("recook").pressButton()
    assert scene.inference.errors()[0].startswith("There is no node at '/obj/nowhere'.\n")


def test_a_bug_of_ours_keeps_its_traceback(scene, monkeypatch):
    def broken(node, settings):
        raise KeyError("ours")

    monkeypatch.setattr(cook_module, "classify", broken)
    assert "Traceback" in badge(scene.inference)


# -- Warnings ---------------------------------------------------------------------------------


def test_a_blank_page_warns_and_answers_minus_one(scene, tmpdir):
    scene.switch.inputs()[0].parm("filename1").set(blank_page(tmpdir))
    scene.inference.cook(force=True)
    geometry = scene.inference.geometry()
    assert geometry.attribValue("result") == -1
    assert geometry.attribValue("result_label") == ""
    assert geometry.attribValue("result_warning") != ""
    if hasattr(hou, "NodeWarning"):
        assert scene.inference.warnings()


def test_not_sure_uses_the_fallback_and_keeps_the_geometry(build):
    # Its flag could make it a seven, so no network is quite sure of our one.
    scene = build([example.own_drawings()[1]])
    scene.inference.parm("threshold").set(1.0)
    scene.inference.parm("fallback").set(-1)
    geometry = scene.inference.geometry()
    assert geometry.attribValue("result") == -1
    assert geometry.attribValue("result_warning").startswith("Not sure what is drawn here.\n")


# -- Without touching the host ----------------------------------------------------------------


def test_no_parameter_changes_during_a_cook(scene):
    before = {parm.name(): parm.eval() for parm in scene.inference.parms()}
    scene.inference.cook(force=True)
    assert {parm.name(): parm.eval() for parm in scene.inference.parms()} == before


def test_the_parameters_that_the_cook_reads_are_those_of_the_asset(scene):
    buttons = {"recook", "reload"}
    folders = {parm.name() for parm in scene.inference.parms() if parm.name().endswith("folder")}
    mine = {parm.name() for parm in scene.inference.parms()} - buttons - folders
    assert set(cook_module.PARAMETERS) <= mine
