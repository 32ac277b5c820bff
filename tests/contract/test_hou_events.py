"""Node events, user data, saving and loading: each test quotes the sentence it rests on."""

import pytest
import scene


class Listener(object):
    """Counts what it is told."""

    def __init__(self):
        self.heard = []

    def __call__(self, **kwargs):
        self.heard.append(kwargs)


def listen(hou, node, *names):
    listener = Listener()
    node.addEventCallback([getattr(hou.nodeEventType, name) for name in names], listener)
    return listener


def null(hou):
    return scene.geometry_network(hou).createNode("null")


def cop(hou, folder):
    path = scene.write_picture(folder + "/grey.png", [[0, 255], [0, 255]])
    return scene.file_cop(scene.cop_network(hou), path)


def test_a_parameter_change_is_told_with_its_tuple(hou, folder):
    """"Extra keyword argument: parm_tuple (hou.ParmTuple)" (ParmTupleChanged)."""
    node = cop(hou, folder)
    listener = listen(hou, node, "ParmTupleChanged")
    node.parm("linearize").set(1)
    (told,) = listener.heard
    assert told["node"] == node
    assert told["event_type"] == hou.nodeEventType.ParmTupleChanged
    assert told["parm_tuple"] == node.parmTuple("linearize")


def test_the_same_callback_is_called_once(hou, folder):
    """Adding a callable a second time does not make Houdini call it twice."""
    node = cop(hou, folder)
    listener = listen(hou, node, "ParmTupleChanged")
    node.addEventCallback((hou.nodeEventType.ParmTupleChanged,), listener)
    node.parm("linearize").set(1)
    assert len(listener.heard) == 1
    assert len(node.eventCallbacks()) == 1


def test_no_events_is_refused(hou):
    with pytest.raises(hou.OperationFailed):
        null(hou).addEventCallback((), Listener())


def test_an_unknown_callback_cannot_be_removed(hou):
    """"Raises hou.OperationFailed if the callback had not been previously added"."""
    with pytest.raises(hou.OperationFailed):
        null(hou).removeEventCallback((hou.nodeEventType.NameChanged,), Listener())


def test_a_removed_callback_hears_no_more(hou):
    """"remove those event types from the set of event types for the callback"."""
    node = null(hou)
    listener = listen(hou, node, "NameChanged", "FlagChanged")
    node.removeEventCallback((hou.nodeEventType.NameChanged,), listener)
    node.setName("other")
    node.bypass(True)
    assert [told["event_type"].name() for told in listener.heard] == ["FlagChanged"]


def test_a_rewired_input_is_told_with_its_number(hou):
    """"Extra keyword argument: input_index (int)" (InputRewired)."""
    node = null(hou)
    listener = listen(hou, node, "InputRewired")
    node.setInput(0, node.parent().createNode("null"))
    assert [told["input_index"] for told in listener.heard] == [0]


@scene.since("17.5")
def test_changed_data_of_a_used_input_is_told(hou, folder):
    """"The data changed on an input node that this node depends on" (InputDataChanged)."""
    first = cop(hou, folder)
    last = first.createOutputNode("null")
    last.allPixels()
    listener = listen(hou, last, "InputDataChanged")
    first.parm("linearize").set(1)
    assert [told["input_index"] for told in listener.heard] == [0]


@scene.since("17.5")
def test_changed_data_of_an_unused_input_is_not_told(hou, folder):
    """"Changes to an input node that is not used (due to a Switch node, for example) will not"."""
    first = cop(hou, folder)
    switch = first.createOutputNode("switch")
    unused = scene.file_cop(first.parent(), folder + "/grey.png")
    switch.setInput(1, unused)
    switch.allPixels()
    listener = listen(hou, switch, "InputDataChanged")
    unused.parm("linearize").set(1)
    assert listener.heard == []


@scene.before("17.5")
@scene.skip_on_real("whether 16.5 has InputDataChanged is not known")
def test_input_data_changes_are_not_relied_on_in_16_5(hou):
    assert not hasattr(hou.nodeEventType, "InputDataChanged")


@scene.since("17.5")
def test_a_change_through_an_expression_is_not_told(hou):
    """"if that node's data or parameters are referenced through expressions" no event comes."""
    node = null(hou)
    switch = node.createOutputNode("switch")
    other = node.parent().createNode("switch", "other")
    switch.parm("input").setExpression('ch("../other/input")', hou.exprLanguage.Hscript)
    switch.cook()
    listener = listen(hou, switch, "InputDataChanged", "ParmTupleChanged")
    other.parm("input").set(1)
    assert listener.heard == []
    assert switch.needsToCook()


def test_the_network_tells_of_a_new_render_flag(hou, folder):
    """"the current node, display flag, or render flag changes inside" (ChildSwitched)."""
    first = cop(hou, folder)
    other = first.createOutputNode("null")
    listener = listen(hou, first.parent(), "ChildSwitched")
    other.setRenderFlag(True)
    assert listener.heard[-1]["event_type"] == hou.nodeEventType.ChildSwitched
    assert not first.isRenderFlagSet()


def test_the_network_tells_of_new_and_deleted_nodes(hou):
    """"Extra keyword argument: child_node (hou.OpNode)" (ChildCreated, ChildDeleted)."""
    geo = scene.geometry_network(hou)
    listener = listen(hou, geo, "ChildCreated", "ChildDeleted")
    node = geo.createNode("null")
    node.destroy()
    told = [each["event_type"].name() for each in listener.heard]
    assert told == ["ChildCreated", "ChildDeleted"]


def test_a_node_tells_before_it_is_deleted(hou):
    """"Runs before a node is deleted. You cannot cancel the deletion" (BeingDeleted)."""
    node = null(hou)
    names = []
    node.addEventCallback(
        (hou.nodeEventType.BeingDeleted,), lambda **kwargs: names.append(kwargs["node"].name())
    )
    name = node.name()
    node.destroy()
    assert names == [name]


def test_deleting_a_network_tells_the_nodes_inside(hou):
    node = null(hou)
    listener = listen(hou, node, "BeingDeleted")
    node.parent().destroy()
    assert len(listener.heard) == 1


def test_a_callback_that_cooks_does_not_upset_the_change(hou):
    """Events come when the graph is consistent again: a callback may cook."""
    node = scene.python_sop(hou, scene.geometry_network(hou), "pass")
    last = node.createOutputNode("null")
    last.cook()
    node.addEventCallback((hou.nodeEventType.ParmTupleChanged,), lambda **kwargs: last.cook())
    node.parm("python").set("hou.pwd().geometry().createPoint()")
    assert len(last.geometry().points()) == 1


def test_user_data_is_text_and_is_saved(hou, folder):
    """"Return the user-defined data with this name, or None" (userData)."""
    node = null(hou)
    node.setUserData("cop", "/obj/x")
    assert node.userData("cop") == "/obj/x"
    assert node.userData("other") is None
    with pytest.raises(TypeError):
        node.setUserData("cop", 3)


def test_cached_user_data_is_any_object(hou):
    """"this value may be any Python object" (setCachedUserData)."""
    node = null(hou)
    value = object()
    node.setCachedUserData("session", value)
    assert node.cachedUserData("session") is value
    assert node.cachedUserData("other") is None


def test_cached_user_data_can_be_removed(hou):
    """"Remove the user-defined cached data with this name" (destroyCachedUserData)."""
    node = null(hou)
    node.setCachedUserData("session", 1)
    node.destroyCachedUserData("session")
    assert node.cachedUserData("session") is None
    with pytest.raises(hou.OperationFailed):
        node.destroyCachedUserData("session")
    node.destroyCachedUserData("session", must_exist=False)


# -- Saving, loading, copying ------------------------------------------------------------------


def reloaded(hou, folder, node):
    path, name = node.path(), folder.replace("\\", "/") + "/scene.hip"
    hou.hipFile.save(name)
    hou.hipFile.load(name, suppress_save_prompt=True)
    return hou.node(path)


def test_a_scene_survives_saving_and_loading(hou, folder):
    geo = scene.geometry_network(hou)
    code = "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'result', 3)"
    node = scene.python_sop(hou, geo, code)
    node.setUserData("cop", "x")
    last = node.createOutputNode("switch")
    last.parm("input").setExpression("$F - 1", hou.exprLanguage.Hscript)
    last.setDisplayFlag(True)
    loaded = reloaded(hou, folder, last)
    assert loaded.geometry().attribValue("result") == 3
    assert loaded.parm("input").expression() == "$F - 1"
    assert loaded.isDisplayFlagSet()
    assert loaded.inputs()[0].userData("cop") == "x"


def test_callbacks_are_not_saved(hou, folder):
    """"Callbacks only persist for the current session ... not saved to the .hip file"."""
    node = null(hou)
    listen(hou, node, "NameChanged")
    assert reloaded(hou, folder, node).eventCallbacks() == ()


def test_cached_user_data_is_not_saved(hou, folder):
    """"values set using this method are not saved with the hip file" (setCachedUserData)."""
    node = null(hou)
    node.setCachedUserData("session", 1)
    assert reloaded(hou, folder, node).cachedUserData("session") is None


def test_old_references_are_dead_after_loading(hou, folder):
    node = null(hou)
    reloaded(hou, folder, node)
    with pytest.raises(hou.ObjectWasDeleted):
        node.name()


def test_a_copy_has_values_but_no_callbacks(hou):
    node = null(hou)
    node.setUserData("cop", "x")
    node.setCachedUserData("session", 1)
    listen(hou, node, "NameChanged")
    (copy,) = hou.copyNodesTo((node,), node.parent())
    assert copy != node and copy.userData("cop") == "x"
    assert copy.eventCallbacks() == () and copy.cachedUserData("session") is None


def test_a_missing_file_cannot_be_loaded(hou, folder):
    with pytest.raises(hou.OperationFailed):
        hou.hipFile.load(folder + "/nothing.hip")
