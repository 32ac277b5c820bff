"""When nodes cook and what happens when they fail: each test quotes what it rests on."""

import pytest
import scene

WRITE_ONE = "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'result', 1)"
READ_COP = """
pixels = hou.node(hou.pwd().parent().userData('cop')).allPixels('C', 'r')
hou.pwd().geometry().addAttrib(hou.attribType.Global, 'result', pixels[0])
"""


def sop(hou, code, **more):
    return scene.python_sop(hou, scene.geometry_network(hou), code, **more)


def beside(hou, node, code, *inputs):
    return scene.python_sop(hou, node.parent(), code, inputs=inputs)


# -- Laziness ----------------------------------------------------------------------------------


def test_nothing_cooks_until_it_is_asked_for(hou):
    """"If the SOP has not already cooked, this method will cook the SOP" (geometry)."""
    node = sop(hou, WRITE_ONE)
    assert node.cookCount() == 0
    node.geometry()
    assert node.cookCount() == 1


def test_a_clean_node_does_not_cook_again(hou):
    node = sop(hou, WRITE_ONE)
    node.cook()
    node.cook()
    node.geometry()
    assert node.cookCount() == 1
    assert not node.needsToCook()


def test_force_cooks_a_clean_node(hou):
    """"Asks or forces the node to re-cook" (cook)."""
    node = sop(hou, WRITE_ONE)
    node.cook()
    node.cook(force=True)
    assert node.cookCount() == 2


def test_force_cooks_upstream_only_as_needed(hou):
    first = sop(hou, WRITE_ONE)
    second = first.createOutputNode("null")
    second.cook()
    second.cook(force=True)
    assert (first.cookCount(), second.cookCount()) == (1, 2)


def test_own_parameters_dirty_the_node(hou):
    """Parameters are used for cooking by default: changing one dirties its node."""
    node = sop(hou, WRITE_ONE)
    node.cook()
    node.parm("python").set(WRITE_ONE + "\n")
    assert node.needsToCook()


def test_a_parameter_dirties_the_node_even_if_the_cook_does_not_read_it(hou):
    node = sop(hou, WRITE_ONE)
    group = node.parmTemplateGroup()
    group.append(hou.IntParmTemplate("spare", "Spare", 1))
    node.setParmTemplateGroup(group)
    node.cook()
    node.parm("spare").set(3)
    assert node.needsToCook()


def test_a_change_flows_along_the_wires(hou):
    node = sop(hou, WRITE_ONE)
    last = node.createOutputNode("null").createOutputNode("null")
    last.cook()
    node.parm("python").set(WRITE_ONE.replace("1", "2"))
    assert last.needsToCook()
    assert last.geometry().attribValue("result") == 2


def test_rewiring_dirties_the_node(hou):
    first = sop(hou, WRITE_ONE)
    second = beside(hou, first, WRITE_ONE.replace("1", "2"))
    last = first.createOutputNode("null")
    last.cook()
    last.setInput(0, second)
    assert last.geometry().attribValue("result") == 2


def test_a_channel_reference_dirties_the_node(hou):
    geo = scene.geometry_network(hou)
    switch, number = geo.createNode("switch"), geo.createNode("switch", "number")
    for code in (WRITE_ONE, WRITE_ONE.replace("1", "2")):
        switch.setNextInput(scene.python_sop(hou, geo, code))
    switch.parm("input").setExpression('ch("../number/input")', hou.exprLanguage.Hscript)
    assert switch.geometry().attribValue("result") == 1
    number.parm("input").set(1)
    assert switch.needsToCook()
    assert switch.geometry().attribValue("result") == 2


def test_an_expression_on_geometry_dirties_the_node(hou):
    geo = scene.geometry_network(hou)
    answer = scene.python_sop(hou, geo, WRITE_ONE, "answer")
    switch = geo.createNode("switch")
    for _ in range(3):
        switch.setNextInput(geo.createNode("null"))
    switch.parm("input").setExpression('detail("../answer", "result", 0)', hou.exprLanguage.Hscript)
    assert switch.parm("input").eval() == 1
    switch.cook()
    answer.parm("python").set(WRITE_ONE.replace("1", "2"))
    assert switch.needsToCook()
    assert switch.parm("input").eval() == 2


def test_geometry_asked_for_in_a_cook_is_a_dependency(hou):
    """geometryNoDep exists because geometry() of another SOP makes a cook depend on it."""
    first = sop(hou, WRITE_ONE)
    code = "hou.pwd().geometry().merge(hou.node('../%s').geometry())" % first.name()
    second = beside(hou, first, code)
    second.cook()
    first.parm("python").set(WRITE_ONE.replace("1", "2"))
    assert second.needsToCook()
    assert second.geometry().attribValue("result") == 2


def test_pixels_read_in_a_cook_are_no_dependency(hou, folder):
    """The article's complaint: a COP that changes does not update the SOP that reads it."""
    cop = scene.file_cop(
        scene.cop_network(hou), scene.write_picture(folder + "/black.png", [[0, 0], [0, 0]])
    )
    node = sop(hou, READ_COP)
    node.parent().setUserData("cop", cop.path())
    assert node.geometry().attribValue("result") == 0.0
    cop.parm("filename1").set(scene.write_picture(folder + "/white.png", [[255, 255], [255, 255]]))
    assert not node.needsToCook()
    node.cook(force=True)
    assert node.geometry().attribValue("result") == 1.0


@scene.since("17.5")
def test_a_wired_network_is_a_dependency(hou, folder):
    """The SOP-level cop2net is itself a SOP: a change of its picture flows along the wire."""
    net = scene.geometry_network(hou).createNode("cop2net")
    net.parm("method").set("volume")
    black = scene.write_picture(folder + "/black.png", [[0, 0], [0, 0]])
    cop = scene.file_cop(net, black)
    cop.setRenderFlag(True)
    last = net.createOutputNode("null")
    assert last.geometry().prims()[0].allVoxels() == (0.0,) * 4
    cop.parm("filename1").set(scene.write_picture(folder + "/white.png", [[255] * 2] * 2))
    assert last.needsToCook()
    assert last.geometry().prims()[0].allVoxels() == (1.0,) * 4


@scene.since("17.5")
def test_a_picture_at_the_cop_path_is_a_dependency(hou, folder):
    cop = scene.file_cop(
        scene.cop_network(hou), scene.write_picture(folder + "/black.png", [[0, 0], [0, 0]])
    )
    net = scene.geometry_network(hou).createNode("cop2net")
    net.parm("method").set("volume")
    net.parm("usecoppath").set(1)
    net.parm("coppath").set(cop.path())
    net.cook()
    cop.parm("filename1").set(scene.write_picture(folder + "/white.png", [[255] * 2] * 2))
    assert net.needsToCook()


def test_an_unused_input_of_a_switch_is_not_cooked(hou):
    used = sop(hou, WRITE_ONE)
    unused = beside(hou, used, "raise hou.NodeError('never')")
    switch = used.parent().createNode("switch")
    switch.setInput(0, used)
    switch.setInput(1, unused)
    assert switch.geometry() is not None
    assert unused.cookCount() == 0


# -- Time --------------------------------------------------------------------------------------


def test_a_frame_in_a_parameter_makes_the_node_time_dependent(hou):
    """"A time dependent node is re-evaluated every time the frame changes" (isTimeDependent)."""
    code = "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'f', hou.pwd().evalParm('spare'))"
    node = sop(hou, code)
    group = node.parmTemplateGroup()
    group.append(hou.IntParmTemplate("spare", "Spare", 1))
    node.setParmTemplateGroup(group)
    node.parm("spare").setExpression("$F", hou.exprLanguage.Hscript)
    assert node.geometry().attribValue("f") == 1
    assert node.isTimeDependent()
    hou.setFrame(12)
    assert node.needsToCook()
    assert node.geometry().attribValue("f") == 12


def test_a_node_that_does_not_ask_for_the_time_stays_clean(hou):
    node = sop(hou, WRITE_ONE)
    node.cook()
    hou.setFrame(12)
    assert not node.needsToCook()
    assert not node.isTimeDependent()


@scene.skip_on_real("whether hou.frame() in a cook makes the node time dependent is not verified")
def test_the_frame_read_in_code_is_not_relied_on(hou):
    """The documentation is silent, so the stand-in makes no dependency."""
    node = sop(hou, "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'f', hou.frame())")
    node.cook()
    hou.setFrame(12)
    assert not node.needsToCook()


@scene.since("21.0")
def test_time_dependence_of_the_last_cook_does_not_cook(hou):
    """"Pass in for_last_cook=True to get the time dependency status of the last node cook"."""
    node = sop(hou, WRITE_ONE)
    node.isTimeDependent(for_last_cook=True)
    assert node.cookCount() == 0


@scene.before("21.0")
def test_time_dependence_has_no_argument_before_21(hou):
    with pytest.raises(TypeError):
        sop(hou, WRITE_ONE).isTimeDependent(for_last_cook=True)


@scene.since("21.0")
def test_invalidated_output_is_dirty(hou):
    """"Invalidate this node's output data, dirtying the node and its dependents"."""
    node = sop(hou, WRITE_ONE)
    last = node.createOutputNode("null")
    last.cook()
    node.invalidateOutput()
    assert node.needsToCook() and last.needsToCook()


@scene.before("21.0")
def test_output_cannot_be_invalidated_before_21(hou):
    assert not hasattr(sop(hou, WRITE_ONE), "invalidateOutput")


# -- Failure -----------------------------------------------------------------------------------


def test_a_node_error_is_the_message_alone(hou):
    """NodeError: "specify an error message to help the user correct the problem"."""
    node = sop(hou, "raise hou.NodeError('line one\\nline two')")
    assert node.geometry() is None
    assert node.errors() == ("line one\nline two",)


def test_a_failed_cook_raises_outside(hou):
    """What cook() raises begins as a public report of a failed cook does."""
    node = sop(hou, "raise hou.NodeError('bad picture')")
    with pytest.raises(hou.OperationFailed) as failure:
        node.cook(force=True)
    text = str(failure.value)
    assert text.startswith("The attempted operation failed.\nError:       bad picture")
    assert failure.value.instanceMessage().startswith("Error:       bad picture")


def test_any_other_exception_is_a_python_error_with_its_traceback(hou):
    node = sop(hou, "def broken():\n    return 1 / 0\nbroken()")
    assert node.geometry() is None
    (message,) = node.errors()
    assert "Traceback (most recent call last):" in message
    assert 'File "<stdin>", line 2, in broken' in message
    assert "ZeroDivisionError" in message


@scene.since("19.0")
def test_a_node_warning_keeps_the_geometry(hou):
    """"Warnings signal that the node was able to cook" (NodeWarning)."""
    node = sop(hou, WRITE_ONE + "\nraise hou.NodeWarning('not sure')")
    assert node.geometry().attribValue("result") == 1
    assert node.warnings() == ("not sure",)
    assert node.errors() == ()
    node.cook(force=True)


@scene.before("19.0")
@scene.skip_on_real("the first version with NodeWarning is not known; 19.0 has it")
def test_node_warnings_are_not_relied_on_before_19(hou):
    assert not hasattr(hou, "NodeWarning")


def test_messages_are_those_of_the_last_cook(hou):
    """"Return the text of any errors from the last cook of this node" (errors)."""
    node = sop(hou, "raise hou.NodeError('first')")
    node.geometry()
    node.parm("python").set(WRITE_ONE)
    assert node.errors() == ("first",)
    node.cook()
    assert node.errors() == ()


def test_a_failed_node_is_not_cooked_again_until_something_changes(hou):
    node = sop(hou, "raise hou.NodeError('bad')")
    node.geometry()
    node.geometry()
    assert node.cookCount() == 1


def test_an_error_flows_down_the_wires(hou):
    node = sop(hou, "raise hou.NodeError('bad')", name="broken")
    last = node.createOutputNode("null")
    assert last.geometry() is None
    assert "broken" in last.errors()[0]


def test_a_node_recovers_when_its_input_does(hou):
    node = sop(hou, "raise hou.NodeError('bad')")
    last = node.createOutputNode("null")
    last.geometry()
    node.parm("python").set(WRITE_ONE)
    assert last.geometry().attribValue("result") == 1
    assert last.errors() == ()


@scene.skip_on_real("documented, but not enforced")
def test_parameters_may_not_be_set_in_a_cook(hou):
    """Python SOPs: node parameters must not be set inside of one. The stand-in refuses it."""
    node = sop(hou, "hou.pwd().parm('python').set('pass')")
    assert node.geometry() is None
    assert node.parm("python").eval() != "pass"


# -- The geometry of a cook --------------------------------------------------------------------


def test_pwd_is_the_cooking_node(hou):
    """The example of NodeError begins with thisnode = hou.pwd(): it is the cooking node."""
    code = "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'p', (1,))\n"
    code += "assert hou.pwd().path() == '%s', hou.pwd().path()"
    node = sop(hou, "")
    node.parm("python").set(code % node.path())
    assert node.geometry() is not None, node.errors()
    assert hou.pwd() != node


def test_pwd_is_restored_after_a_failure(hou):
    before = hou.pwd()
    sop(hou, "raise hou.NodeError('bad')").geometry()
    assert hou.pwd() == before


def test_every_cook_starts_afresh(hou):
    """A Python SOP's geometry starts as a copy of its first input, or empty: no leftovers."""
    node = sop(hou, WRITE_ONE)
    for _ in range(3):
        node.cook(force=True)
    assert node.errors() == ()
    assert len(node.geometry().globalAttribs()) == 1


def test_the_first_input_is_copied_in(hou):
    first = sop(hou, WRITE_ONE + "\nhou.pwd().geometry().createPoint()")
    second = beside(hou, first, "hou.pwd().geometry().createPoint()", first)
    assert len(second.geometry().points()) == 2
    assert len(first.geometry().points()) == 1


def test_geometry_is_read_only_outside_of_the_cook(hou):
    """"If you call methods that try to modify the geometry, they will raise"."""
    geometry = sop(hou, WRITE_ONE).geometry()
    with pytest.raises(hou.GeometryPermissionError):
        geometry.addAttrib(hou.attribType.Global, "other", 1)
    with pytest.raises(hou.GeometryPermissionError):
        geometry.setGlobalAttribValue("result", 2)


def test_a_geometry_object_follows_its_node(hou):
    """"If the SOP recooks, the corresponding Geometry object will update"."""
    node = sop(hou, WRITE_ONE)
    geometry = node.geometry()
    node.parm("python").set(WRITE_ONE.replace("1", "2"))
    assert geometry.attribValue("result") == 2


def test_a_frozen_geometry_does_not_follow(hou):
    """"freeze returns another Geometry object that will not change when the SOP recooks"."""
    node = sop(hou, WRITE_ONE)
    geometry = node.geometry().freeze()
    node.parm("python").set(WRITE_ONE.replace("1", "2"))
    node.cook()
    assert geometry.attribValue("result") == 1


def test_a_failed_recook_makes_the_geometry_invalid(hou):
    """"if the SOP in question fails to cook after ... will throw a hou.InvalidGeometry"."""
    node = sop(hou, WRITE_ONE)
    geometry = node.geometry()
    node.parm("python").set("raise hou.NodeError('bad')")
    with pytest.raises(hou.InvalidGeometry):
        geometry.attribValue("result")
    assert not geometry.isValid()
    node.parm("python").set(WRITE_ONE)
    assert geometry.attribValue("result") == 1


def test_the_geometry_of_a_deleted_node_is_gone(hou):
    """"If the SOP is deleted, accessing the Geometry object will raise a hou.ObjectWasDeleted"."""
    node = sop(hou, WRITE_ONE)
    geometry = node.geometry()
    node.destroy()
    with pytest.raises(hou.ObjectWasDeleted):
        geometry.points()


def test_all_exceptions_are_hou_errors(hou):
    for name in ("OperationFailed", "NodeError", "ObjectWasDeleted", "GeometryPermissionError"):
        assert issubclass(getattr(hou, name), hou.Error)
    assert issubclass(hou.OperationInterrupted, hou.Error)
    assert issubclass(hou.InvalidGeometry, hou.OperationFailed)
    assert hou.NodeError("text").instanceMessage() == "text"
    assert hou.NodeError("text").exceptionTypeName() == "NodeError"


def test_a_bypassed_node_has_no_effect(hou):
    """"making this node have no effect" (bypass): its first input passes through."""
    first = sop(hou, WRITE_ONE)
    node = beside(hou, first, WRITE_ONE.replace("result", "other"), first)
    assert node.geometry().findGlobalAttrib("other") is not None
    node.bypass(True)
    assert node.geometry().attribValue("result") == 1
    assert node.geometry().findGlobalAttrib("other") is None
    node.bypass(False)
    assert node.geometry().findGlobalAttrib("other") is not None


# -- The time --------------------------------------------------------------------------------


def test_a_frame_is_a_time_in_seconds(hou):
    """"Convert from a given frame value to a time value" (hou.frameToTime)."""
    assert hou.frameToTime(1.0) == 0.0
    assert hou.frameToTime(1.0 + 2 * hou.fps()) == pytest.approx(2.0)


def test_geometry_of_another_frame_is_that_frames(hou):
    """"Return the geometry computed by this SOP node cooked at the specified frame"."""
    switch = scene.geometry_network(hou).createNode("switch")
    for code in (WRITE_ONE, WRITE_ONE.replace("1", "2")):
        switch.setNextInput(beside(hou, switch, code))
    switch.parm("input").setExpression("$F - 1", hou.exprLanguage.Hscript)
    hou.setFrame(1)
    later = switch.geometryAtFrame(2)
    assert switch.geometry().attribValue("result") == 1
    assert later.attribValue("result") == 2
    assert hou.frame() == 1


# -- Networks ----------------------------------------------------------------------------------


def test_a_switch_clamps_its_index(hou):
    switch = scene.geometry_network(hou).createNode("switch")
    for code in (WRITE_ONE, WRITE_ONE.replace("1", "2")):
        switch.setNextInput(beside(hou, switch, code))
    switch.parm("input").set(99)
    assert switch.geometry().attribValue("result") == 2
    switch.parm("input").set(-5)
    assert switch.geometry().attribValue("result") == 1


def test_a_subnet_is_fed_through_its_indirect_inputs(hou):
    geo = scene.geometry_network(hou)
    subnet = geo.createNode("subnet")
    inner = subnet.createNode("null")
    inner.setInput(0, subnet.indirectInputs()[0])
    inner.setDisplayFlag(True)
    inner.setRenderFlag(True)
    source = scene.python_sop(hou, geo, WRITE_ONE)
    subnet.setInput(0, source)
    assert subnet.geometry().attribValue("result") == 1
    assert inner.inputs() == (source,)
    source.parm("python").set(WRITE_ONE.replace("1", "2"))
    assert subnet.geometry().attribValue("result") == 2


@scene.skip_on_real("not documented; the stand-in assumes the lesser")
def test_a_networks_own_parameter_tells_nobody_inside(hou):
    subnet = scene.geometry_network(hou).createNode("subnet")
    inner = subnet.createNode("null")
    inner.setInput(0, subnet.indirectInputs()[0])
    subnet.cook()
    subnet.parm("label1").set("Other")
    assert subnet.needsToCook() and not inner.needsToCook()


@scene.skip_on_real("not documented; the stand-in assumes the lesser")
def test_a_parameter_of_another_node_read_in_a_cook_is_no_dependency(hou):
    """Dependencies are documented for expressions, not for what a cook asks of HOM."""
    geo = scene.geometry_network(hou)
    other = geo.createNode("switch", "other")
    node = scene.python_sop(hou, geo, "hou.pwd().parm('../other/input').eval()")
    node.cook()
    other.parm("input").set(1)
    assert not node.needsToCook()


def test_the_display_flag_decides_what_a_subnet_gives(hou):
    subnet = scene.geometry_network(hou).createNode("subnet")
    one = scene.python_sop(hou, subnet, WRITE_ONE)
    two = scene.python_sop(hou, subnet, WRITE_ONE.replace("1", "2"))
    one.setDisplayFlag(True)
    assert subnet.geometry().attribValue("result") == 1
    two.setDisplayFlag(True)
    assert not one.isDisplayFlagSet()
    assert subnet.geometry().attribValue("result") == 2


def test_a_font_makes_polygons(hou):
    font = scene.geometry_network(hou).createNode("font")
    font.parm("text").set("8")
    prims = font.geometry().prims()
    assert prims and {prim.type() for prim in prims} == {hou.primType.Polygon}
    assert all(prim.isClosed() and prim.numVertices() > 2 for prim in prims)


def test_a_font_expands_its_text(hou):
    geo = scene.geometry_network(hou)
    scene.python_sop(hou, geo, WRITE_ONE, "answer")
    font = geo.createNode("font")
    font.parm("text").set('`detail("../answer", "result", 0)`')
    assert font.parm("text").eval() == "1"
    plain = geo.createNode("font")
    plain.parm("text").set("1")
    assert len(font.geometry().points()) == len(plain.geometry().points())
