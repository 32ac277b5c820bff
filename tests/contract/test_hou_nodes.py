"""Nodes, types and the module itself: each test quotes the sentence it rests on."""

import pytest
import scene


def obj(hou):
    return hou.node("/obj")


# -- Versions ----------------------------------------------------------------------------------


def test_the_version_is_a_tuple_of_three(hou):
    assert [type(part) for part in hou.applicationVersion()] == [int] * 3


def test_the_version_is_the_same_as_text(hou):
    """"The format of the string is 'major_version.minor_version.build_version'"."""
    numbers = hou.applicationVersion()
    assert hou.applicationVersionString() == ".".join(str(part) for part in numbers)


@scene.before("20.5")
def test_up_to_20_the_cop2_class_is_cop_node(hou):
    """19.5's CopNode has allPixels and there is no Cop2Node."""
    assert type(scene.cop_network(hou).createNode("null")) is hou.CopNode
    assert hasattr(hou.CopNode, "allPixels")
    for name in ("Cop2Node", "copNodeTypeCategory", "OpNode"):
        assert not hasattr(hou, name)


@scene.since("20.5")
def test_from_20_5_the_cop2_class_is_cop2_node(hou):
    """20.5's Cop2Node has allPixels; its CopNode is Copernicus and has not."""
    assert type(scene.cop_network(hou).createNode("null")) is hou.Cop2Node
    assert hasattr(hou.Cop2Node, "allPixels")
    for name in ("allPixels", "planes", "isRenderFlagSet"):
        assert not hasattr(hou.CopNode, name)


@scene.since("20.5")
@scene.before("21.0")
def test_20_5_has_no_layers(hou):
    assert not hasattr(hou, "ImageLayer") and not hasattr(hou.CopNode, "layer")


def test_hython_has_no_user_interface(hou):
    """hou.ui is missing in hython."""
    assert hou.isUIAvailable() is False
    assert not hasattr(hou, "ui")


@scene.skip_on_real("the real module has more names")
def test_the_files_of_the_stand_in_are_no_members(hou):
    for name in ("errors", "nodes", "session", "graph", "sys", "numpy"):
        assert not hasattr(hou, name)


@scene.skip_on_real("this is about the stand-in's words")
def test_what_the_stand_in_says_is_marked(hou):
    with pytest.raises(hou.OperationFailed) as refused:
        obj(hou).createNode("nope")
    assert str(refused.value).endswith("(stand-in)")


# -- Types and categories ----------------------------------------------------------------------


def names(node):
    child = node.childTypeCategory()
    return node.type().name(), node.type().category().name(), child.name() if child else None


def test_a_cop_network_is_of_the_table_it_lives_in(hou):
    assert names(obj(hou).createNode("cop2net")) == ("cop2net", "Object", "Cop2")
    assert names(scene.geometry_network(hou).createNode("cop2net")) == ("cop2net", "Sop", "Cop2")


def test_in_img_the_type_is_img(hou):
    """The author's own scene: /img/comp1 is of type img."""
    assert names(hou.node("/img").createNode("img")) == ("img", "CopNet", "Cop2")
    with pytest.raises(hou.OperationFailed):
        hou.node("/img").createNode("nope")


def test_a_cop_contains_nothing(hou):
    assert names(scene.cop_network(hou).createNode("null")) == ("null", "Cop2", None)


def test_a_cop_subnet_is_a_cop_and_a_network(hou):
    assert names(scene.cop_network(hou).createNode("subnet")) == ("subnet", "Cop2", "Cop2")


def test_a_network_may_hold_what_is_no_cop(hou):
    """Managers in a COP network have no render flag."""
    node = scene.cop_network(hou).createNode("ropnet")
    assert node.childTypeCategory().name() == "Driver"


@scene.since("20.5")
def test_a_copernicus_network_holds_cops(hou):
    node = obj(hou).createNode("copnet")
    assert node.childTypeCategory().name() == "Cop"
    assert names(node.createNode("null"))[1] == "Cop"


@scene.before("20.5")
def test_before_20_5_there_is_no_copernicus(hou):
    with pytest.raises(hou.OperationFailed):
        obj(hou).createNode("copnet")


def test_a_type_is_found_by_category_and_name(hou):
    category = hou.sopNodeTypeCategory()
    assert hou.nodeType(category, "null").name() == "null"
    assert hou.nodeType(category, "nope") is None


# -- Creating and deleting ---------------------------------------------------------------------


def test_names_count_up(hou):
    """"Houdini appends a number to the node type name, incrementing that number"."""
    geo = scene.geometry_network(hou)
    assert [geo.createNode("null").name() for _ in range(2)] == ["null1", "null2"]
    assert [geo.createNode("null", "OUT").name() for _ in range(2)] == ["OUT", "OUT1"]


def test_an_invalid_name_is_refused(hou):
    """"and node_name is invalid, then raise a hou.OperationFailed exception" (createNode)."""
    geo = scene.geometry_network(hou)
    with pytest.raises(hou.OperationFailed):
        geo.createNode("null", "foo bar")
    assert geo.createNode("null", "foo bar", force_valid_node_name=True).name() == "foo_bar"


def test_an_unknown_type_is_refused(hou):
    with pytest.raises(hou.OperationFailed):
        scene.geometry_network(hou).createNode("nope")


def test_a_leaf_holds_no_nodes(hou):
    """createNode on what is not a network raises hou.OperationFailed."""
    node = scene.geometry_network(hou).createNode("null")
    with pytest.raises(hou.OperationFailed):
        node.createNode("null")


def test_a_deleted_node_is_gone(hou):
    """"If you call methods on a Node instance after it has been destroyed" (destroy)."""
    node = scene.geometry_network(hou).createNode("null")
    same = hou.node(node.path())
    number = node.sessionId()
    assert hou.nodeBySessionId(number) == node
    node.destroy()
    for held in (node, same):
        with pytest.raises(hou.ObjectWasDeleted):
            held.path()
    assert hou.nodeBySessionId(number) is None


def test_deleting_a_node_unwires_it(hou):
    node = scene.geometry_network(hou).createNode("null")
    last = node.createOutputNode("null")
    node.destroy()
    assert last.inputs() == ()


def test_clearing_the_scene_deletes_everything(hou):
    node = scene.geometry_network(hou)
    hou.hipFile.clear(suppress_save_prompt=True)
    with pytest.raises(hou.ObjectWasDeleted):
        node.path()
    assert obj(hou).children() == ()


# -- Finding -----------------------------------------------------------------------------------


def test_node_finds_or_answers_none(hou):
    """"Return None if the path does not refer to a node" (hou.node)."""
    geo = scene.geometry_network(hou)
    assert hou.node(geo.path()) == geo
    assert hou.node("/obj/nope") is None
    assert geo.node("..") == obj(hou)
    assert geo.node("../nope") is None


def test_paths_are_relative_to_pwd(hou):
    """"Otherwise, the Houdini searches relative to the current path" (hou.node)."""
    geo = scene.geometry_network(hou)
    assert hou.pwd().path() == "/"
    hou.cd("/obj")
    assert hou.node(geo.name()) == geo


def test_nodes_are_equal_by_what_they_refer_to(hou):
    """Each call answers with an object of its own: compare with ==, never with `is`."""
    geo = scene.geometry_network(hou)
    assert hou.node(geo.path()) == geo and hou.node(geo.path()) is not geo
    assert len({geo, hou.node(geo.path())}) == 1
    assert geo != obj(hou)


def test_children_are_a_tuple_in_order_of_creation(hou):
    geo = scene.geometry_network(hou)
    made = tuple(geo.createNode("null") for _ in range(3))
    assert geo.children() == made


# -- Wires and flags ---------------------------------------------------------------------------


def test_inputs_have_holes(hou):
    """"If a particular input is not connected ... a None value is placed" (inputs)."""
    geo = scene.geometry_network(hou)
    merge, source = geo.createNode("switch"), geo.createNode("null")
    assert merge.inputs() == ()
    merge.setInput(1, source)
    assert merge.inputs() == (None, source)
    assert source.outputs() == (merge,)


def test_ancestors_are_all_that_feeds_a_node(hou):
    """"Return a tuple of all input ancestors of this node" (inputAncestors)."""
    geo = scene.geometry_network(hou)
    first, second, last = (geo.createNode("null") for _ in range(3))
    second.setInput(0, first)
    last.setInput(0, second)
    assert sorted(node.name() for node in last.inputAncestors()) == ["null1", "null2"]
    assert first.inputAncestors() == ()


def test_sub_children_are_those_of_every_depth(hou):
    """"Recursively return all sub children of this node" (allSubChildren)."""
    subnet = scene.geometry_network(hou).createNode("subnet")
    deep = subnet.createNode("subnet").createNode("null")
    assert deep in subnet.allSubChildren() and deep not in subnet.children()
    assert subnet.children()[0] in subnet.allSubChildren()


def test_each_output_has_a_name(hou):
    """"Returns a tuple of all output names for this node" (outputNames)."""
    node = scene.geometry_network(hou).createNode("null")
    (name,) = node.outputNames()
    assert type(name) is str and name


def test_a_network_may_contain_nodes(hou):
    """"Return True if this node is a network, in other words a node that may contain child nodes"."""
    geo = scene.geometry_network(hou)
    assert geo.isNetwork() and not geo.createNode("null").isNetwork()


def test_a_node_is_selected_alone_on_request(hou):
    """"optionally deselecting all other selected items in this network" (setSelected)."""
    geo = scene.geometry_network(hou)
    first, second = geo.createNode("null"), geo.createNode("null")
    first.setSelected(True, clear_all_selected=True)
    assert first.isSelected()
    second.setSelected(True, clear_all_selected=True)
    assert second.isSelected() and not first.isSelected()


def test_nodes_are_laid_out_apart(hou):
    """"Automatically position all or some children of this node" (layoutChildren)."""
    geo = scene.geometry_network(hou)
    nodes = [geo.createNode("null") for _ in range(3)]
    geo.layoutChildren()
    assert len({tuple(node.position()) for node in nodes}) == 3


def test_an_input_that_is_not_there_is_refused(hou):
    geo = scene.geometry_network(hou)
    with pytest.raises(hou.InvalidInput):
        geo.createNode("font").setInput(0, geo.createNode("null"))


def test_a_wire_ends_in_the_same_network(hou):
    one, other = scene.geometry_network(hou), scene.geometry_network(hou)
    with pytest.raises(hou.OperationFailed):
        one.createNode("null").setInput(0, other.createNode("null"))


def test_a_loop_is_refused(hou):
    first = scene.geometry_network(hou).createNode("null")
    last = first.createOutputNode("null")
    with pytest.raises(hou.OperationFailed):
        first.setInput(0, last)


def test_the_first_cop_has_both_flags(hou):
    """Display and render are independent; the first node gets both. Believed."""
    net = scene.cop_network(hou)
    first, second = net.createNode("null"), net.createNode("null")
    assert first.isDisplayFlagSet() and first.isRenderFlagSet()
    second.setRenderFlag(True)
    assert first.isDisplayFlagSet() and not first.isRenderFlagSet()
    assert second.isRenderFlagSet() and not second.isDisplayFlagSet()


def test_renaming_a_node_moves_its_path(hou):
    node = scene.geometry_network(hou).createNode("null")
    node.setName("other")
    assert node.name() == "other" and hou.node(node.path()) == node


def test_a_taken_name_is_refused(hou):
    geo = scene.geometry_network(hou)
    geo.createNode("null", "one")
    with pytest.raises(hou.OperationFailed):
        geo.createNode("null", "two").setName("one")


@scene.skip_on_real("python 2 only")
def test_text_must_be_native(hou):
    """On Python 2 HOM may refuse unicode; the stand-in does."""
    alien = u"/obj" if str is bytes else b"/obj"
    with pytest.raises(TypeError):
        hou.node(alien)


@scene.skip_on_real("which error it is, and whether NodeError raises it, is not verified")
def test_text_must_be_whole(hou):
    """HOM hands UTF-8 on to C++; what UTF-8 cannot hold, a lone surrogate, is no text to it."""
    broken = u"caf\udce9"
    geo = scene.geometry_network(hou)
    node = scene.python_sop(hou, geo, "")
    geometry = hou.Geometry()
    label = geometry.addAttrib(hou.attribType.Global, "label", "")
    refusing = [
        lambda: hou.node(broken),
        lambda: hou.expandString(broken),
        lambda: hou.putenv("JOB", broken),
        lambda: hou.hipFile.save(broken),
        lambda: hou.hda.definitionsInFile(broken),
        lambda: hou.undos.group(broken),
        lambda: hou.InterruptableOperation(broken),
        lambda: hou.NodeError(broken),
        lambda: getattr(hou, "NodeWarning", hou.NodeError)(broken),
        lambda: geo.createNode("null", broken),
        lambda: geo.createNode(broken),
        lambda: node.setName(broken),
        lambda: node.setComment(broken),
        lambda: node.setUserData("note", broken),
        lambda: node.userData(broken),
        lambda: node.cachedUserData(broken),
        lambda: node.parm(broken),
        lambda: node.evalParm(broken),
        lambda: node.parm("python").set(broken),
        lambda: node.parm("python").setExpression(broken),
        lambda: node.setParms({"python": broken}),
        lambda: node.setParms({broken: ""}),
        lambda: geometry.addAttrib(hou.attribType.Global, broken, 0),
        lambda: geometry.addAttrib(hou.attribType.Global, "other", broken),
        lambda: geometry.addAttrib(hou.attribType.Global, "pair", ("", broken)),
        lambda: geometry.findGlobalAttrib(broken),
        lambda: geometry.attribValue(broken),
        lambda: geometry.setGlobalAttribValue(label, broken),
        lambda: geometry.createPointGroup(broken),
    ]
    for number, call in enumerate(refusing):
        with pytest.raises(TypeError):
            call()
            pytest.fail("number %d is taken" % number)


def test_a_long_operation_reports_progress(hou):
    with hou.InterruptableOperation("Thinking", open_interrupt_dialog=False) as operation:
        operation.updateProgress(0.5)
    with pytest.raises(hou.OperationFailed):
        operation.updateProgress(1.0)


@scene.before("21.0")
def test_a_long_operation_has_no_timeout_before_21(hou):
    with pytest.raises(TypeError):
        hou.InterruptableOperation("Thinking", timeout_ms=10)
