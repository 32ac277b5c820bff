"""Parameters and expressions: each test quotes the sentence it rests on."""

import os

import numpy
import pytest
import scene


def switch(hou):
    return scene.geometry_network(hou).createNode("switch")


def font(hou):
    return scene.geometry_network(hou).createNode("font")


def test_a_missing_parameter_is_none(hou):
    """parm returns None when there is no such parameter."""
    assert switch(hou).parm("nope") is None


def test_a_parameter_is_found_along_a_path(hou):
    node = switch(hou)
    assert node.parent().parm("%s/input" % node.name()) == node.parm("input")


def test_eval_gives_int_float_or_str(hou):
    """"eval(self) -> int, float, or str"."""
    node = font(hou)
    found = [type(node.parm(name).eval()) for name in ("hole", "fontsize", "text")]
    assert found == [int, float, str]


def test_menus_evaluate_to_their_position_and_to_their_token(hou):
    node = font(hou)
    assert type(node.parm("type").eval()) is int
    assert node.parm("type").evalAsString() == "poly"


def test_a_menu_has_a_label_for_each_token(hou):
    """"Return the tuple of menu labels displayed in the UI" (menuLabels)."""
    parm = font(hou).parm("halign")
    assert len(parm.menuLabels()) == len(parm.menuItems()) > 1
    assert "left" in parm.menuItems() and "Left" in parm.menuLabels()


def test_a_menu_is_set_by_token_or_position(hou):
    node = font(hou)
    node.parm("halign").set("left")
    position = node.parm("halign").eval()
    node.parm("halign").set("right")
    assert node.parm("halign").eval() != position
    node.parm("halign").set(position)
    assert node.parm("halign").evalAsString() == "left"


def test_a_number_cannot_be_text(hou):
    with pytest.raises(TypeError):
        switch(hou).parm("input").set("two")


@scene.skip_on_real("what Houdini does with numpy's scalars on Python 3 is not verified")
def test_numpy_scalars_are_refused(hou):
    with pytest.raises(TypeError):
        switch(hou).parm("input").set(numpy.int32(1))
    with pytest.raises(TypeError):
        font(hou).parm("fontsize").set(numpy.float32(1))


def test_the_frame_is_expanded_in_strings(hou):
    """"Houdini would perform variable expansion" (unexpandedString)."""
    parm = font(hou).parm("text")
    parm.set("image$F.pic $F4")
    hou.setFrame(7)
    assert parm.eval() == "image7.pic 0007"
    assert parm.unexpandedString() == "image$F.pic $F4"


def test_a_string_evaluates_at_another_frame(hou):
    """"Evaluate this parameter at a given frame and return the result" (evalAtFrame)."""
    parm = font(hou).parm("text")
    parm.set("at$F")
    assert parm.evalAtFrame(7) == "at7"
    assert parm.eval() == "at%d" % hou.frame()


def test_home_is_expanded_in_strings(hou):
    parm = font(hou).parm("text")
    parm.set("$HOME/models")
    assert parm.eval() == os.environ["HOME"] + "/models"


def test_backticks_are_expressions(hou):
    """"and back-tick expression evaluation" (unexpandedString)."""
    node = font(hou)
    node.parm("fontsize").set(3.0)
    node.parm("text").set('size `ch("fontsize")`')
    assert node.parm("text").eval() == "size 3"


def test_only_strings_have_an_unexpanded_form(hou):
    """"this method will raise hou.OperationFailed if called from a non-string parameter"."""
    with pytest.raises(hou.OperationFailed):
        switch(hou).parm("input").unexpandedString()


def test_hscript_expressions_drive_a_value(hou):
    parm = switch(hou).parm("input")
    parm.setExpression("$F * 2 + 1", hou.exprLanguage.Hscript)
    assert parm.eval() == 3
    assert parm.expression() == "$F * 2 + 1"


def test_python_expressions_drive_a_value(hou):
    parm = switch(hou).parm("input")
    parm.setExpression("len(hou.pwd().name())", hou.exprLanguage.Python)
    assert parm.eval() == len(parm.node().name())


def test_python_expressions_know_the_functions_of_hou(hou):
    """The author's Switch has the Python expression ch("../currentIndex")."""
    node = switch(hou)
    other = node.parent().createNode("switch", "other")
    other.parm("input").set(4)
    node.parm("input").setExpression('ch("../other/input")', hou.exprLanguage.Python)
    assert node.parm("input").eval() == 4


def test_without_an_expression_there_is_none_to_give(hou):
    """expression() raises hou.OperationFailed if there is none."""
    with pytest.raises(hou.OperationFailed):
        switch(hou).parm("input").expression()


def test_a_failing_expression_puts_the_error_on_the_node(hou):
    node = switch(hou)
    node.setInput(0, node.parent().createNode("null"))
    node.parm("input").setExpression("hou.pwd().inputs()[9].name()", hou.exprLanguage.Python)
    with pytest.raises(hou.OperationFailed):
        node.parm("input").eval()
    assert node.geometry() is None
    assert "input" in node.errors()[0]


def test_detail_is_zero_for_whatever_is_missing(hou):
    """HScript's detail() hides failures: no node, a failed node and no attribute are all 0."""
    node = switch(hou)
    parm = node.parm("input")
    scene.python_sop(hou, node.parent(), "raise hou.NodeError('bad')", "broken")
    scene.python_sop(hou, node.parent(), "pass", "empty")
    for path in ("nowhere", "broken", "empty"):
        parm.setExpression('detail("../%s", "result", 0)' % path, hou.exprLanguage.Hscript)
        assert parm.eval() == 0


def test_an_unwired_input_fails_in_python(hou):
    """inputs() is () when nothing is wired, so [0] is an IndexError."""
    parm = switch(hou).parm("input")
    parm.setExpression(
        "hou.pwd().inputs()[0].geometry().attribValue('result')", hou.exprLanguage.Python
    )
    with pytest.raises(hou.OperationFailed):
        parm.eval()


def test_pwd_in_an_expression_is_the_parameters_node(hou):
    """"If called from an evaluating parm, return the node containing the parm" (pwd)."""
    node = font(hou)
    node.parm("text").setExpression("hou.pwd().path()", hou.exprLanguage.Python)
    assert node.parm("text").eval() == node.path()


def test_set_follows_a_channel_reference(hou):
    """set: a parameter that refers to another sets the other one."""
    node = switch(hou)
    other = node.parent().createNode("switch", "other")
    node.parm("input").set(other.parm("input"))
    node.parm("input").set(3)
    assert other.parm("input").eval() == 3


@scene.since("18.5")
def test_a_path_evaluates_to_its_node(hou):
    """"Evaluates this parameter at the current frame and returns the result as a hou.OpNode"."""
    node = font(hou)
    node.parm("text").set("../%s" % node.name())
    assert node.parm("text").evalAsNode() == node
    node.parm("text").set("nowhere")
    assert node.parm("text").evalAsNode() is None


@scene.since("18.5")
def test_only_text_is_a_path(hou):
    """"Raises TypeError if the value cannot be converted to a hou.OpNode" (evalAsNode)."""
    with pytest.raises(TypeError):
        switch(hou).parm("input").evalAsNode()


@scene.before("18.5")
@scene.skip_on_real("which version has evalAsNode first is not known")
def test_paths_do_not_evaluate_to_nodes_before_18_5(hou):
    assert not hasattr(hou.Parm, "evalAsNode")


def test_vectors_have_a_parameter_per_component(hou):
    node = font(hou)
    node.parmTuple("t").set((1.0, 2.0, 3.0))
    assert node.parm("ty").eval() == 2.0
    assert node.parmTuple("t").eval() == (1.0, 2.0, 3.0)


def test_a_tuple_takes_its_own_size(hou):
    with pytest.raises(hou.OperationFailed):
        font(hou).parmTuple("t").set((1.0, 2.0))


def test_a_locked_parameter_cannot_be_set(hou):
    parm = switch(hou).parm("input")
    parm.lock(True)
    with pytest.raises(hou.PermissionError):
        parm.set(1)


def test_parameters_compare_by_what_they_refer_to(hou):
    node = switch(hou)
    assert node.parm("input") == node.parm("input")
    assert len({node.parm("input"), node.parm("input")}) == 1


def test_a_parameter_goes_with_its_node(hou):
    """"Raised when you try to access a reference to an object that has since been deleted"."""
    parm = switch(hou).parm("input")
    parm.node().destroy()
    with pytest.raises(hou.ObjectWasDeleted):
        parm.eval()


def test_spare_parameters_can_be_added(hou):
    node = switch(hou)
    group = node.parmTemplateGroup()
    group.append(hou.IntParmTemplate("currentIndex", "Current Index", 1))
    node.setParmTemplateGroup(group)
    node.parm("currentIndex").set(4)
    assert node.parm("currentIndex").eval() == 4
    assert node.parm("currentIndex").isSpare()


def test_text_is_expanded_outside_of_parameters(hou):
    hou.setFrame(3)
    assert hou.text.expandString("$F4") == "0003"


def test_setting_several_is_one_event_without_a_tuple(hou):
    """"Houdini will call the handler once with a parm_tuple argument of None"."""
    node = font(hou)
    heard = []
    node.addEventCallback(
        (hou.nodeEventType.ParmTupleChanged,), lambda **kwargs: heard.append(kwargs["parm_tuple"])
    )
    node.setParms({"text": "8", "fontsize": 2.0})
    assert heard == [None]
    assert node.parm("text").eval() == "8"


def test_undo_takes_a_block_back_as_one(hou):
    parm = switch(hou).parm("input")
    with hou.undos.group("Two steps"):
        parm.set(1)
        parm.set(2)
    assert hou.undos.undoLabels()[0] == "Two steps"
    hou.undos.performUndo()
    assert parm.eval() == 0


def test_a_disabler_keeps_changes_out_of_the_undo_stack(hou):
    parm = switch(hou).parm("input")
    before = hou.undos.undoLabels()
    with hou.undos.disabler():
        parm.set(1)
    assert hou.undos.undoLabels() == before
    assert hou.undos.areEnabled()
