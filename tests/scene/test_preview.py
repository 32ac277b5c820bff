"""Geometry to look at, through the packed asset."""

import numpy
import pytest

from mlinference import checkpoint, classifier, layout, moments, networks
from mlinference.houdini import cook, example, preview

KINDS = ("picture", "probabilities", "layers", "evidence")


def values_of(geometry, name):
    return numpy.array(geometry.primFloatAttribValues(name))


def group(geometry, name):
    return geometry.findPrimGroup(name).prims()


def shown(scene, kind):
    scene.inference.parm("preview").set(kind)
    geometry = scene.inference.geometry()
    assert geometry is not None, scene.inference.errors()
    return geometry


def test_none_is_the_default_and_adds_nothing(scene):
    assert scene.inference.parm("preview").evalAsString() == "none"
    geometry = scene.inference.geometry()
    assert len(geometry.points()) == len(geometry.prims()) == 0
    assert geometry.primAttribs() == () and geometry.primGroups() == ()


def test_none_passes_the_input_through_untouched(scene):
    font = scene.inference.parent().createNode("font")
    font.parm("text").set("A")
    scene.inference.setInput(0, font)
    scene.inference.parm("source").set("path")
    geometry = scene.inference.geometry()
    assert geometry.pointFloatAttribValues("P") == font.geometry().pointFloatAttribValues("P")
    assert len(geometry.prims()) == len(font.geometry().prims()) > 0
    assert geometry.attribValue("result") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_preview_takes_the_inputs_place(scene, kind):
    alone = len(shown(scene, kind).prims())
    font = scene.inference.parent().createNode("font")
    scene.inference.setInput(0, font)
    scene.inference.parm("source").set("path")
    assert len(shown(scene, kind).prims()) == alone


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_is_the_same_with_a_preview(scene, kind):
    plain = scene.inference.geometry()
    expected = [(one.name(), plain.attribValue(one.name())) for one in plain.globalAttribs()]
    found = shown(scene, kind)
    assert [(one.name(), found.attribValue(one.name())) for one in found.globalAttribs()] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_every_polygon_faces_positive_z(scene, kind):
    prims = shown(scene, kind).prims()
    for prim in prims[:: max(1, len(prims) // 50)]:
        assert list(prim.normal()) == pytest.approx([0, 0, 1])


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_cook_shows_the_second_picture(build, kind):
    scene = build(example.own_drawings())
    first = values_of(shown(scene, kind), "Cd")
    scene.choose(8)
    second = values_of(scene.inference.geometry(), "Cd")
    assert first.shape == second.shape
    assert (first != second).any()
    scene.choose(0)
    numpy.testing.assert_array_equal(values_of(scene.inference.geometry(), "Cd"), first)


def test_the_picture_is_what_the_network_gets(scene):
    geometry = shown(scene, "picture")
    reading, _ = cook.classify(scene.inference, cook.read_settings(scene.inference))
    numpy.testing.assert_allclose(values_of(geometry, "value"), reading.pictures[0], atol=1e-6)
    assert len(group(geometry, "picture")) == len(geometry.prims()) == 784
    assert len(geometry.points()) == 29 * 29
    assert geometry.findPrimAttrib("Cd").size() == 3
    numpy.testing.assert_allclose(values_of(geometry, "Cd")[::3], values_of(geometry, "value"), atol=1e-6)


def test_a_picture_that_is_aligned_is_shown_so(scene, tmpdir):
    prefix = str(tmpdir.join("aligned.ckpt"))
    numbers = [(name, numpy.ones(shape, "f4")) for name, shape in networks.COMPACT.variables(10)]
    checkpoint.write(prefix, dict(numbers), {"input": {"aligned": "moments"}})
    scene.inference.parm("checkpoint").set(prefix)
    geometry = shown(scene, "picture")
    reading, _ = cook.classify(scene.inference, cook.read_settings(scene.inference))
    aligned = moments.align(reading.pictures, (28, 28, 1))[0]
    assert abs(aligned - reading.pictures[0]).max() > 0.2
    numpy.testing.assert_allclose(values_of(geometry, "value"), aligned, atol=1e-6)


def test_the_picture_is_upright(scene):
    geometry = shown(scene, "picture")
    positions = numpy.array(geometry.pointFloatAttribValues("P")).reshape(-1, 3)
    assert positions.min(axis=0).tolist() == [-0.5, -0.5, 0]
    assert positions.max(axis=0).tolist() == [0.5, 0.5, 0]
    first = geometry.prims()[0]
    corner = [list(vertex.point().position()) for vertex in first.vertices()][0]
    assert corner == [-0.5, 0.5, 0]


def test_bars_tell_class_label_and_probability(scene):
    geometry = shown(scene, "probabilities")
    bars = group(geometry, "bars")
    assert [bar.attribValue("class") for bar in bars] == list(range(10))
    assert [bar.attribValue("label") for bar in bars] == [str(digit) for digit in range(10)]
    expected = geometry.attribValue("result_probabilities")
    assert [bar.attribValue("probability") for bar in bars] == pytest.approx(expected)
    heights = [numpy.ptp([vertex.point().position()[1] for vertex in bar.vertices()]) for bar in bars]
    assert heights == pytest.approx(expected, abs=1.01 * layout.THINNEST_BAR)
    (winner,) = group(geometry, "winner")
    assert winner.attribValue("class") == 3


def test_the_winner_stays_marked_when_the_fallback_answers(build):
    # Its flag could make it a seven, so no network is quite sure of our one.
    scene = build([example.own_drawings()[1]])
    scene.inference.parm("threshold").set(1.0)
    geometry = shown(scene, "probabilities")
    assert geometry.attribValue("result") == -1
    assert group(geometry, "winner")[0].attribValue("class") == 1


def test_layers_are_those_of_the_network(scene):
    geometry = shown(scene, "layers")
    reading, model = cook.classify(scene.inference, cook.read_settings(scene.inference))
    for name, layer in model.layers(reading.pictures):
        prims = group(geometry, name)
        assert {prim.attribValue("layer") for prim in prims[::97]} == {name}
        found = [prim.attribValue("value") for prim in prims]
        channels = numpy.array([prim.attribValue("channel") for prim in prims])
        if layer.ndim == 4:
            for channel in (0, layer.shape[3] - 1):
                mine = numpy.array(found)[channels == channel]
                numpy.testing.assert_allclose(mine, layer[0, :, :, channel].ravel(), rtol=1e-4, atol=1e-4)
        else:
            numpy.testing.assert_allclose(found[: layer.size], layer.ravel(), rtol=1e-4, atol=1e-4)


def test_evidence_lies_on_the_ink(scene):
    geometry = shown(scene, "evidence")
    ink, weights = values_of(geometry, "value"), values_of(geometry, "evidence")
    assert weights.max() > 0
    assert abs(weights[ink > 0.5]).mean() > 5 * abs(weights.reshape(28, 28)[:2]).mean()


def test_large_pictures_are_weighed_in_small_pieces(progress):
    asked = []

    def predict(pictures):
        asked.append(len(pictures))
        return numpy.zeros((len(pictures), 2), "f4") + 0.5

    numpy.testing.assert_allclose(
        preview._in_pieces(predict)(numpy.zeros((7, 224 * 224 * 3), "f4")), 0.5
    )
    assert asked == [1] * 7 and len(progress.told) == 7


def test_what_takes_no_time_opens_no_operation_to_interrupt(scene, progress):
    progress.escape = 0
    assert shown(scene, "evidence").attribValue("result") == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_blank_page_has_a_preview_too(scene, tmpdir, kind):
    image = pytest.importorskip("PIL.Image")
    path = str(tmpdir.join("blank.png"))
    image.new("L", (64, 64), 255).save(path)
    scene.switch.inputs()[0].parm("filename1").set(path)
    geometry = shown(scene, kind)
    assert geometry.attribValue("result") == -1
    assert len(geometry.prims()) > 0
    assert geometry.findPrimGroup("winner") is None


def test_every_network_has_layers_to_show(scene, tmpdir, weights):
    for network in networks.NETWORKS:
        prefix = str(tmpdir.join(network.name + ".ckpt"))
        checkpoint.write(prefix, weights(network))
        scene.inference.parm("checkpoint").set(prefix)
        geometry = shown(scene, "layers")
        names = [one.name() for one in geometry.primGroups()]
        model = classifier.shared(prefix)
        assert names == [name for name, _ in model.layers(numpy.zeros((1, 784), "float32"))]


def test_glyphs_follow_a_node_that_shows_a_preview(scene):
    plain = scene.glyphs.geometry().pointFloatAttribValues("P")
    shown(scene, "layers")
    assert scene.glyphs.geometry().pointFloatAttribValues("P") == plain


def test_a_preview_does_not_change_what_is_kept_for_the_next(scene):
    before = values_of(shown(scene, "layers"), "value")
    for kind in KINDS:
        shown(scene, kind)
    numpy.testing.assert_array_equal(values_of(shown(scene, "layers"), "value"), before)
