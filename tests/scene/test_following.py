"""Auto Recook and the timeline, through the packed asset."""

import sys
import types

import hou
import numpy
import pytest

from mlinference import errors
from mlinference.houdini import callbacks as callbacks_module
from mlinference.houdini import example, following, timeline


def answer_of(node):
    geometry = node.geometry()
    assert geometry is not None, node.errors()
    return geometry.attribValue("result")


# Up to 16.5 a cop2net among the SOPs is a network and nothing else.
needs_wired_images = pytest.mark.skipif(
    hou.applicationVersion() < (17, 5), reason="this Houdini's cop2net is not known to give volumes"
)


def callbacks(node):
    return len(node.eventCallbacks())


@pytest.fixture
def followed(build):
    """The article's scene with all drawings, Auto Recook on, cooked."""
    scene = build(example.own_drawings())
    scene.inference.parm("autorecook").set(1)
    assert answer_of(scene.inference) == 0
    return scene


@pytest.fixture
def idle(monkeypatch):
    """A graphical session: what is deferred waits until `idle.run()`."""
    module = types.ModuleType("hdefereval")
    waiting = []
    module.executeDeferred = waiting.append

    def run():
        count = len(waiting)
        while waiting:
            waiting.pop(0)()
        return count

    module.run = run
    monkeypatch.setitem(sys.modules, "hdefereval", module)
    return module


# -- A change is noticed ----------------------------------------------------------------------


def test_it_is_off_until_the_artist_switches_it_on(build):
    scene = build(example.own_drawings())
    assert scene.inference.parm("autorecook").eval() == 0
    assert answer_of(scene.inference) == 0
    assert [callbacks(cop) for cop in scene.out.parent().children()] == [0] * len(scene.out.parent().children())


def test_a_changed_parameter_is_followed(followed):
    followed.switch.parm("index").set(7)
    assert answer_of(followed.inference) == 7
    followed.switch.parm("index").set(2)
    assert answer_of(followed.inference) == 2


def test_which_external_network_is_shown_is_followed(build):
    one, two = (build([example.own_drawings()[digit]]) for digit in (1, 2))
    shown = two.inference.parent().createNode("cop2net")
    shown.parm("usecoppath").set(1)
    shown.parm("coppath").set(one.out.parent().path())
    two.inference.parm("autorecook").set(1)
    two.inference.parm("copnode").set(shown.path())
    assert answer_of(two.inference) == 1
    shown.parm("coppath").set(two.out.parent().path())
    assert answer_of(two.inference) == 2


@pytest.fixture
def subnet(followed):
    """A subnet that shows a four, as the network's picture."""
    network = followed.out.parent()
    made = network.createNode("subnet")
    drawn(made, 4, "digit4")
    drawn(made, 2, "digit2")
    shown(made.node("digit4"))
    shown(made)
    assert answer_of(followed.inference) == 4
    return made


def drawn(network, digit, name=None):
    """Make a File COP with our drawing of a digit, and return it."""
    made = network.createNode("file", name)
    made.parm("filename1").set(example.own_drawings()[digit].replace("\\", "/"))
    return made


def shown(cop):
    cop.setDisplayFlag(True)
    cop.setRenderFlag(True)


def test_what_a_subnet_shows_is_followed(followed, subnet):
    subnet.node("digit4").parm("filename1").set(example.own_drawings()[6])
    assert answer_of(followed.inference) == 6
    shown(subnet.node("digit2"))
    assert answer_of(followed.inference) == 2
    followed.inference.parm("autorecook").set(0)
    assert answer_of(followed.inference) == 2
    for node in (subnet, subnet.node("digit4"), subnet.node("digit2"), subnet.parent()):
        assert callbacks(node) == 0


def test_what_is_made_inside_of_a_subnet_is_followed(followed, subnet):
    inner = subnet.createNode("subnet")
    shown(inner)
    assert followed.inference.geometry() is None
    made = drawn(inner, 9)
    shown(made)
    assert answer_of(followed.inference) == 9
    made.parm("filename1").set(example.own_drawings()[1])
    assert answer_of(followed.inference) == 1


def test_an_empty_subnet_is_followed(followed):
    made = followed.out.parent().createNode("subnet")
    shown(made)
    assert followed.inference.geometry() is None
    shown(drawn(made, 7))
    assert answer_of(followed.inference) == 7


def test_what_an_expression_names_is_not_looked_into(followed, monkeypatch):
    geometry = followed.inference.parent()
    kind = type(followed.out)
    ancestors = kind.inputAncestors
    monkeypatch.setattr(kind, "inputAncestors", lambda self: ancestors(self) + (geometry,))
    followed.inference.cook(force=True)
    watched = followed.inference.cachedUserData(following.KEY).watched
    assert watched[geometry.sessionId()] == following.COP_EVENTS
    assert followed.glyphs.sessionId() not in watched


def test_two_nodes_that_name_each_other_leave_each_other_alone(followed):
    one = followed.inference
    other = one.parent().createNode(example.INFERENCE_TYPE, "other")
    other.parm("autorecook").set(1)
    one.parm("copnode").set(other.path())
    other.parm("copnode").set(one.path())
    for node in (one, other):
        assert node.geometry() is None
    counts = [node.cookCount() for node in (one, other)]
    one.parm("attribute").set("x")
    for node in (one, other):
        assert node.geometry() is None
    assert [node.cookCount() for node in (one, other)] == [counts[0] + 1, counts[1]]


def test_that_another_node_is_made_dirty_is_no_change(followed):
    node = followed.inference
    follower = node.cachedUserData(following.KEY)
    heard = []
    follower._flush = lambda: heard.append(1)
    follower._changed(parm_tuple=node.parmTuple(following.REFRESH))
    assert heard == []
    follower._changed(parm_tuple=node.parmTuple("attribute"))
    assert heard == [1]
    follower.pending = False
    other = node.parent().createNode("null", "somebody_elses")
    group = other.parmTemplateGroup()
    group.append(hou.IntParmTemplate(following.REFRESH, "Refresh", 1))
    other.setParmTemplateGroup(group)
    follower._changed(parm_tuple=other.parmTuple(following.REFRESH))
    assert heard == [1, 1]


def test_that_an_external_network_is_there_now_is_followed(followed):
    other = followed.inference.parent().createNode("cop2net")
    other.parm("usecoppath").set(1)
    other.parm("coppath").set("/obj/wrong")
    followed.inference.parm("copnode").set(other.path())
    assert followed.inference.geometry() is None
    other.parm("coppath").set(followed.out.parent().path())
    assert answer_of(followed.inference) == 0
    empty = hou.node("/obj").createNode("cop2net", "empty")
    other.parm("coppath").set(empty.path())
    assert followed.inference.geometry() is None
    made = drawn(empty, 5)
    shown(made)
    assert answer_of(followed.inference) == 5
    made.parm("filename1").set(example.own_drawings()[3])
    assert answer_of(followed.inference) == 3


def test_a_network_that_is_made_again_is_followed(followed):
    path = followed.out.parent().path()
    followed.out.parent().destroy()
    assert followed.inference.geometry() is None
    again = hou.node("/obj").createNode("cop2net", path.rpartition("/")[2])
    assert again.path() == path
    made = drawn(again, 8)
    shown(made)
    assert answer_of(followed.inference) == 8
    made.parm("filename1").set(example.own_drawings()[1])
    assert answer_of(followed.inference) == 1


def test_a_network_that_gets_the_name_that_is_looked_for_is_followed(followed):
    followed.inference.parm("copnode").set("/obj/future")
    assert followed.inference.geometry() is None
    other = hou.node("/obj").createNode("cop2net", "other")
    shown(drawn(other, 5))
    assert followed.inference.geometry() is None
    other.setName("future")
    assert answer_of(followed.inference) == 5


def test_a_node_that_comes_twice_is_left_whole(followed):
    network = followed.out.parent()
    follower = followed.inference.cachedUserData(following.KEY)
    events = [(network, following.COP_EVENTS), (network, following.NETWORK_EVENTS)]
    follower.watch(events + [(followed.inference, following.COP_EVENTS)])
    assert follower.watched == {network.sessionId(): following.COP_EVENTS | following.NETWORK_EVENTS}
    before = callbacks(followed.inference)
    follower.watch([])
    assert callbacks(network) == 0 and callbacks(followed.inference) == before


@pytest.mark.parametrize("name", ["usecoppath", "coppath"])
def test_an_external_network_whose_expressions_fail_is_a_sentence(followed, name):
    other = followed.inference.parent().createNode("cop2net", "other")
    other.parm("usecoppath").set(1)
    other.parm(name).setExpression("ch('../gone/index')", hou.exprLanguage.Hscript)
    followed.inference.parm("copnode").set(other.path())
    assert followed.inference.geometry() is None
    lines = followed.inference.errors()[0].split("\n")
    assert lines[0].startswith("'%s: " % other.path()) and lines[0].endswith("' cannot be evaluated.")
    assert len(lines) == 3
    callbacks_module.follow({"node": followed.inference})


def test_esc_during_recook_is_no_traceback(followed, monkeypatch):
    def interrupted(self, *values, **named):
        raise hou.OperationInterrupted("Cooking was interrupted")

    monkeypatch.setattr(type(followed.inference), "cook", interrupted)
    callbacks_module.recook({"node": followed.inference})
    callbacks_module.reload({"node": followed.inference})


def test_an_event_before_its_expressions_work_is_silent(followed):
    node = followed.inference
    other = node.parent().createNode("null", "other")
    template = hou.FloatParmTemplate("below", "Below", 1)
    group = other.parmTemplateGroup()
    group.append(template)
    other.setParmTemplateGroup(group)
    node.parm("threshold").setExpression("ch('../other/below')", hou.exprLanguage.Hscript)
    assert answer_of(node) == 0
    other.destroy()
    node.parm("autorecook").pressButton()
    node.parm("reload").pressButton()
    assert node.errors()[0].startswith("'Not Sure Below' cannot be evaluated.\n")
    # With COP Path itself nothing can be followed yet.
    node.parm("copnode").setExpression("chs('../other/path')", hou.exprLanguage.Hscript)
    callbacks_module.follow({"node": node})


def test_digit_glyphs_follows_as_well(followed):
    followed.glyphs.geometry()
    followed.switch.parm("index").set(7)
    switch = followed.glyphs.node("switch1")
    assert followed.glyphs.geometry() is not None
    assert switch.inputs()[switch.parm("input").eval()].parm("text").evalAsString() == "7"


def test_a_new_wire_is_followed(followed):
    followed.out.setInput(0, followed.switch.inputs()[4])
    assert answer_of(followed.inference) == 4


def test_what_a_new_wire_brings_is_followed_too(followed):
    invert = followed.out.parent().createNode("invert")
    invert.setInput(0, followed.switch.inputs()[4])
    followed.out.setInput(0, invert)
    assert answer_of(followed.inference) == 4
    assert callbacks(invert) == 1
    assert callbacks(followed.switch) == 0


def test_the_render_flag_is_followed(followed):
    followed.switch.inputs()[6].setRenderFlag(True)
    assert answer_of(followed.inference) == 6


def test_another_path_is_followed_and_the_old_one_left(followed):
    other = hou.node("/obj").createNode("cop2net", "other")
    picture = other.createNode("file")
    picture.parm("filename1").set(example.own_drawings()[5])
    followed.inference.parm("copnode").set(picture.path())
    assert answer_of(followed.inference) == 5
    assert callbacks(followed.switch) == 0
    picture.parm("filename1").set(example.own_drawings()[1])
    assert answer_of(followed.inference) == 1


def test_switching_it_off_takes_every_callback_away(followed):
    network = followed.out.parent()
    assert callbacks(network) and callbacks(followed.out)
    followed.inference.parm("autorecook").set(0)
    answer_of(followed.inference)
    assert [callbacks(node) for node in (network,) + network.children()] == [0] * (1 + len(network.children()))
    followed.switch.parm("index").set(7)
    assert answer_of(followed.inference) == 0


@needs_wired_images
def test_a_wired_image_needs_no_callbacks(followed):
    image = followed.inference.parent().createNode("cop2net")
    image.parm("usecoppath").set(1)
    image.parm("coppath").set(followed.out.path())
    image.parm("method").set("volume")
    followed.inference.setInput(0, image)
    followed.inference.parm("source").set("input")
    assert answer_of(followed.inference) == 0
    assert callbacks(followed.out) == 0
    followed.switch.parm("index").set(3)
    assert answer_of(followed.inference) == 3


# -- Once, and only when somebody looks -------------------------------------------------------


def test_a_burst_of_changes_is_one_cook(followed):
    before = followed.inference.cookCount()
    for index in (1, 2, 3, 4, 5):
        followed.switch.parm("index").set(index)
        followed.out.setInput(0, followed.out.inputs()[0])
    assert answer_of(followed.inference) == 5
    if hasattr(followed.inference, "invalidateOutput"):
        assert followed.inference.cookCount() == before + 1
    assert followed.inference.cookCount() <= before + 1


def test_a_burst_is_deferred_once_in_a_graphical_session(followed, idle):
    for index in (1, 2, 3):
        followed.switch.parm("index").set(index)
    assert answer_of(followed.inference) == 0
    assert idle.run() == 1
    assert answer_of(followed.inference) == 3
    followed.switch.parm("index").set(4)
    assert idle.run() == 1
    assert answer_of(followed.inference) == 4


def test_nothing_is_cooked_inside_of_a_callback(followed):
    before = followed.inference.cookCount()
    followed.switch.parm("index").set(1)
    assert followed.inference.cookCount() == before


def test_the_undo_stack_holds_the_drawings_change_alone(followed):
    with hou.undos.group("draw"):
        followed.switch.parm("index").set(8)
    assert answer_of(followed.inference) == 8
    hou.undos.performUndo()
    assert followed.switch.parm("index").eval() == 0
    assert answer_of(followed.inference) == 0


def test_two_nodes_may_follow_one_drawing(followed):
    second = followed.inference.parent().createNode(example.INFERENCE_TYPE)
    second.parm("copnode").set(followed.out.path())
    second.parm("autorecook").set(1)
    assert answer_of(second) == 0
    assert callbacks(followed.switch) == 2
    followed.switch.parm("index").set(9)
    assert (answer_of(followed.inference), answer_of(second)) == (9, 9)
    second.destroy()
    assert callbacks(followed.switch) == 1
    followed.switch.parm("index").set(1)
    assert answer_of(followed.inference) == 1


def test_other_peoples_callbacks_stay(followed):
    heard = []

    def listen(**kwargs):
        heard.append(kwargs["event_type"])

    followed.switch.addEventCallback((hou.nodeEventType.ParmTupleChanged,), listen)
    followed.inference.parm("autorecook").set(0)
    answer_of(followed.inference)
    followed.switch.parm("index").set(1)
    assert heard == [hou.nodeEventType.ParmTupleChanged]


# -- Hazards ----------------------------------------------------------------------------------


def test_several_parameters_at_once_come_without_a_parm_tuple(followed):
    followed.switch.setParms({"index": 6})
    assert answer_of(followed.inference) == 6


def test_a_deleted_cop_becomes_a_badge_and_a_new_one_an_answer(followed):
    network = followed.out.parent()
    followed.inference.parm("copnode").set(network.path())
    drawing = followed.switch.inputs()[3]
    assert answer_of(followed.inference) == 0
    followed.out.destroy()
    assert followed.inference.geometry() is None
    assert followed.inference.errors()
    drawing.setRenderFlag(True)
    assert answer_of(followed.inference) == 3


def test_a_deleted_network_is_no_traceback(followed):
    followed.out.parent().destroy()
    assert followed.inference.geometry() is None
    assert "There is no node at" in followed.inference.errors()[0]


def test_a_deleted_node_leaves_nothing_behind(followed):
    cops = (followed.out.parent(),) + followed.out.parent().children()
    followed.inference.destroy()
    assert [callbacks(cop) for cop in cops] == [0] * len(cops)
    followed.switch.parm("index").set(4)


def test_a_node_that_goes_before_the_deferred_call_is_no_traceback(followed, idle):
    followed.switch.parm("index").set(4)
    followed.inference.destroy()
    idle.run()


def test_a_loaded_scene_follows_again(followed, tmpdir):
    path = str(tmpdir.join("scene.hip"))
    names = [node.path() for node in (followed.inference, followed.switch)]
    hou.hipFile.save(path)
    hou.hipFile.load(path)
    inference, switch = [hou.node(name) for name in names]
    assert answer_of(inference) == 0
    switch.parm("index").set(7)
    assert answer_of(inference) == 7


def test_a_pasted_node_follows_by_itself(followed):
    (copy,) = hou.copyNodesTo((followed.inference,), followed.inference.parent())
    assert answer_of(copy) == 0
    followed.inference.destroy()
    followed.switch.parm("index").set(7)
    assert answer_of(copy) == 7


def test_removing_all_callbacks_of_a_cop_is_survived(followed):
    followed.switch.removeAllEventCallbacks()
    followed.inference.parm("autorecook").set(0)
    assert answer_of(followed.inference) == 0
    assert followed.inference.cachedUserData(following.KEY) is None


def test_the_next_cook_puts_back_callbacks_that_somebody_removed(followed):
    followed.switch.removeAllEventCallbacks()
    followed.inference.cook(force=True)
    assert len(followed.switch.eventCallbacks()) == 1
    followed.switch.parm("index").set(3)
    assert answer_of(followed.inference) == 3


def test_a_blank_path_follows_nothing(build):
    scene = build()
    scene.inference.parm("autorecook").set(1)
    scene.inference.parm("copnode").set("")
    assert scene.inference.geometry() is None
    assert "'COP Path' is empty." in scene.inference.errors()[0]


# -- The timeline -----------------------------------------------------------------------------

DIGITS = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9)


@pytest.fixture
def animated(build):
    """The drawings by turns: each frame shows the digit that is the frame number's last."""
    scene = build(example.own_drawings())
    scene.switch.parm("index").setExpression("$F % 10", hou.exprLanguage.Hscript)
    yield scene
    hou.setFrame(1)


def answer_at(node, frame):
    hou.setFrame(frame)
    return answer_of(node)


def test_a_still_picture_is_not_looked_at_on_every_frame(scene):
    before = answer_at(scene.inference, 1), scene.inference.cookCount()
    assert not scene.inference.isTimeDependent()
    assert (answer_at(scene.inference, 20), scene.inference.cookCount()) == before


def test_an_animated_picture_makes_the_node_time_dependent(animated):
    assert answer_at(animated.inference, 1) == 1
    assert animated.inference.isTimeDependent()
    assert not [frame for frame in range(1, 25) if answer_at(animated.inference, frame) != frame % 10]


def test_240_frames_answer_one_by_one_in_any_order(animated):
    frames = numpy.random.RandomState(0).permutation(numpy.arange(1, 241)).tolist()
    assert [answer_at(animated.inference, frame) for frame in frames] == [frame % 10 for frame in frames]


def test_animated_off_leaves_the_timeline_alone(animated):
    animated.inference.parm("animated").set("off")
    assert answer_at(animated.inference, 3) == 3
    assert answer_at(animated.inference, 7) == 3


def test_animated_on_looks_even_at_a_still_picture(scene):
    scene.inference.parm("animated").set("on")
    answer_at(scene.inference, 1)
    before = scene.inference.cookCount()
    answer_at(scene.inference, 2)
    assert scene.inference.cookCount() == before + 1


def test_the_frame_may_be_held_or_moved(animated):
    animated.inference.parm("frame").deleteAllKeyframes()
    animated.inference.parm("frame").set(8)
    assert answer_at(animated.inference, 3) == 8
    animated.inference.parm("frame").setExpression("$F + 2", hou.exprLanguage.Hscript)
    assert answer_at(animated.inference, 3) == 5


def test_a_file_sequence_is_animated(build, tmpdir):
    image = pytest.importorskip("PIL.Image")
    for frame, path in enumerate(example.own_drawings(), 1):
        image.open(path).save(str(tmpdir.join("drawn.%d.png" % frame)))
    scene = build([str(tmpdir.join("drawn.1.png"))])
    assert [answer_at(scene.inference, frame) for frame in (4, 10, 1)] == [3, 9, 0]


# -- Smoothing --------------------------------------------------------------------------------


@pytest.fixture
def flickering(build):
    """A three that is an eight on every fourth frame."""
    scene = build(example.own_drawings())
    scene.switch.parm("index").setExpression("if($F % 4 == 0, 8, 3)", hou.exprLanguage.Hscript)
    scene.inference.parm("window").set(5)
    yield scene
    hou.setFrame(1)


def everything_at(node, frame):
    hou.setFrame(frame)
    geometry = node.geometry()
    return [(one.name(), geometry.attribValue(one.name())) for one in geometry.globalAttribs()]


@pytest.mark.parametrize("smoothing", ["majority", "mean"])
def test_smoothing_steadies_the_answer(flickering, smoothing):
    assert answer_at(flickering.inference, 8) == 8
    flickering.inference.parm("smoothing").set(smoothing)
    assert [answer_at(flickering.inference, frame) for frame in range(5, 15)] == [3] * 10


def test_the_majoritys_confidence_is_its_share(flickering):
    flickering.inference.parm("smoothing").set("majority")
    hou.setFrame(8)
    geometry = flickering.inference.geometry()
    assert geometry.attribValue("result_confidence") == pytest.approx(0.8, abs=2e-3)


@pytest.mark.parametrize("smoothing", ["majority", "mean"])
def test_any_order_of_frames_gives_the_same_answers_to_the_last_bit(flickering, smoothing):
    flickering.inference.parm("smoothing").set(smoothing)
    forwards = [everything_at(flickering.inference, frame) for frame in range(1, 6)]
    backwards = [everything_at(flickering.inference, frame) for frame in range(5, 0, -1)]
    assert forwards == backwards[::-1]


@pytest.fixture
def numbered(build):
    """A COP for each frame, named by it: a three, and an eight on every fourth."""
    scene = build(example.own_drawings())
    for frame in range(1, 12):
        drawn(scene.out.parent(), 3 if frame % 4 else 8, "at%d" % frame)
    scene.inference.parm("animated").set("on")
    scene.inference.parm("window").set(5)
    yield scene
    hou.setFrame(1)


def lead_by_copnode(scene, path):
    scene.inference.parm("copnode").set(path)


def lead_by_coppath(scene, path):
    other = scene.inference.parent().createNode("cop2net")
    other.parm("usecoppath").set(1)
    other.parm("coppath").set(path)
    scene.inference.parm("copnode").set(other.path())


@pytest.mark.parametrize("lead", [lead_by_copnode, lead_by_coppath])
def test_a_path_that_changes_with_the_time_is_read_at_each_frame(numbered, lead):
    lead(numbered, numbered.out.parent().path() + "/at$F")
    node = numbered.inference
    assert [answer_at(node, frame) for frame in (7, 8)] == [3, 8]
    node.parm("smoothing").set("majority")
    assert [answer_at(node, frame) for frame in (7, 8, 9)] == [3, 3, 3]
    hou.setFrame(10)
    assert node.geometry() is None
    lines = node.errors()[0].split("\n")
    assert lines[0].endswith(" cannot be read at frame 12.")
    assert lines[1].startswith("There is no node at '%s/at12'. " % numbered.out.parent().path())


def test_smoothing_leaves_the_playbar_where_it_is(flickering):
    flickering.inference.parm("smoothing").set("mean")
    answer_at(flickering.inference, 6)
    assert hou.frame() == 6


def test_esc_ends_the_reading_of_frames(flickering, progress):
    flickering.inference.parm("smoothing").set("mean")
    hou.setFrame(8)
    progress.escape = 3
    assert flickering.inference.geometry() is None
    assert progress.told == [0, 0.2, 0.4]
    progress.escape = None
    flickering.inference.cook(force=True)
    assert answer_of(flickering.inference) == 3


def test_a_frame_before_the_first_is_never_the_current_one(animated):
    animated.inference.parm("frame").setExpression("$F - 5", hou.exprLanguage.Hscript)
    hou.setFrame(3)
    with pytest.raises(hou.OperationFailed):
        animated.inference.cook(force=True)
    lines = animated.inference.errors()[0].split("\n")
    assert lines[0].endswith("cannot be read at frame -2.")
    assert lines[1] == "Of a compositing node Houdini shows no other frames before frame 1."
    assert answer_at(animated.inference, 8) == 3


def test_the_window_is_cut_off_at_frame_1():
    assert timeline.window(1.0, 5) == ([1.0, 2.0, 3.0], 0)
    assert timeline.window(8.0, 5) == ([6.0, 7.0, 8.0, 9.0, 10.0], 2)
    assert timeline.window(8.0, 4) == ([6.0, 7.0, 8.0, 9.0], 2)
    assert timeline.window(-3.0, 3) == ([-3.0], 0)
    assert timeline.window(2.5, 3) == ([1.5, 2.5, 3.5], 1)


def test_frames_between_frames_have_a_window():
    for frame, count in ((1.8, 9), (1.03, 9), (1.2, 10), (2.1, 25), (40.7, 9)):
        frames, current = timeline.window(frame, count)
        assert frames[current] == frame
        assert len(frames) == len(set(frames)) <= count


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_frame_that_is_no_number_is_a_sentence(animated, value):
    animated.inference.parm("frame").setExpression("float('%s')" % value, hou.exprLanguage.Python)
    assert animated.inference.geometry() is None
    assert animated.inference.errors()[0] == (
        "'Frame' cannot be evaluated.\n"
        "Its value is %s.\n"
        "Mend its expression, or delete its channel." % value
    )


def test_a_window_without_end_is_refused(flickering):
    flickering.inference.parm("smoothing").set("mean")
    flickering.inference.parm("window").set(1000000000)
    assert flickering.inference.geometry() is None
    assert flickering.inference.errors()[0] == (
        "'Window' is 1000000000 frames.\n"
        "Each cook reads all of them; 1000 are the most.\n"
        "Set 'Window' to 1000 or less."
    )


@needs_wired_images
def test_a_wired_image_is_smoothed_as_well(flickering):
    image = flickering.inference.parent().createNode("cop2net")
    image.parm("usecoppath").set(1)
    image.parm("coppath").set(flickering.out.path())
    image.parm("method").set("volume")
    flickering.inference.setInput(0, image)
    flickering.inference.parm("source").set("input")
    flickering.inference.parm("smoothing").set("majority")
    assert [answer_at(flickering.inference, frame) for frame in (7, 8, 9)] == [3, 3, 3]


def test_a_source_without_its_neighbours_says_so(build, tmpdir):
    image = pytest.importorskip("PIL.Image")
    image.open(example.own_drawings()[3]).save(str(tmpdir.join("only.5.png")))
    scene = build([str(tmpdir.join("only.$F.png"))])
    hou.setFrame(5)
    assert answer_of(scene.inference) == 3
    scene.inference.parm("smoothing").set("mean")
    assert scene.inference.geometry() is None
    lines = scene.inference.errors()[0].split("\n")
    assert lines[0] == "'/obj/drawings' cannot be read at frame 3."
    assert lines[2] == errors.FrameUnreadable.REMEDY
    assert len(lines) == 3
    hou.setFrame(1)
