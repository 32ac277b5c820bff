"""A network of the user's own, through the node: whole pictures in colour, another size and range."""

import io
import os
import shutil
import sys

import hou
import numpy
import pytest
import scene as scenes

import build_hda
from mlinference import checkpoint, networks
from mlinference.houdini import cook, example

NAME = "own_in_a_scene"
SPEC = NAME + ":network"

# Adds up what each channel has: class 0 is for red, 1 for green, 2 for blue.
MODULE = """
from mlinference.networks import Network

def variables(classes):
    return (("sum/W", (4 * 6 * 3, classes)), ("sum/b", (classes,)))

def layers(tf, pictures, variables, keep_prob=None):
    grid = tf.reshape(pictures, [-1, 4, 6, 3])
    logits = tf.matmul(pictures, variables["sum/W"]) + variables["sum/b"]
    return (("grid", grid), ("logits", logits))

def network():
    return Network("channels", variables, layers, shape=(4, 6, 3), values=(-1, 1))
"""

WEIGHTS = numpy.tile(numpy.eye(3), (24, 1)).astype("float32") / 10

ENGINES = ["numpy", pytest.param("tensorflow", marks=pytest.mark.tensorflow)]


@pytest.fixture
def module(tmpdir, monkeypatch):
    """The module's file, on Python's path."""
    folder = tmpdir.mkdir("modules")
    monkeypatch.syspath_prepend(str(folder))
    path = folder.join(NAME + ".py")
    path.write(MODULE)
    yield path
    sys.modules.pop(NAME, None)


@pytest.fixture
def trained(module, tmpdir):
    prefix = str(tmpdir.join("channels.ckpt"))
    sidecar = {"network": SPEC, "labels": ["red", "green", "blue"]}
    bias = numpy.zeros(3, "float32")
    checkpoint.write(prefix, {"sum/W": WEIGHTS, "sum/b": bias}, sidecar)
    return prefix


@pytest.fixture
def rows():
    """A picture of 6x4 pixels, 8 bits each, green before all."""
    made = numpy.random.RandomState(2).randint(0, 120, (4, 6, 3))
    made[:, :, 1] += 100
    return made


@pytest.fixture
def node(houdini, trained, rows, tmpdir):
    """An ML Inference node that looks at the picture with the network."""
    net = scenes.cop_network(houdini)
    file = scenes.file_cop(net, scenes.write_picture(str(tmpdir.join("green.png")), rows))
    file.setRenderFlag(True)
    geo = scenes.geometry_network(houdini)
    made = geo.createNode("mlinference::ml_inference::1.0")
    made.parm("copnode").set(file.path())
    made.parm("checkpoint").set(trained)
    made.parm("network").set(SPEC)
    return made


def badge(node):
    with pytest.raises(hou.OperationFailed):
        node.cook(force=True)
    (text,) = node.errors()
    return text


def shown(node, kind):
    node.parm("preview").set(kind)
    geometry = node.geometry()
    assert geometry is not None, node.errors()
    return geometry


def expected(rows):
    logits = (rows / 127.5 - 1).reshape(1, -1).dot(WEIGHTS)[0]
    powers = numpy.exp(logits - logits.max())
    return powers / powers.sum()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_answer_is_that_of_the_definition(node, rows, engine):
    node.parm("engine").set(engine)
    geometry = node.geometry()
    assert geometry is not None, node.errors()
    assert geometry.attribValue("result") == 1
    assert geometry.attribValue("result_label") == "green"
    found = geometry.attribValue("result_probabilities")
    numpy.testing.assert_allclose(found, expected(rows), atol=1e-5)
    assert node.warnings() == ()


def test_an_even_page_has_an_answer_too(node, tmpdir):
    path = scenes.write_picture(str(tmpdir.join("blue.png")), numpy.zeros((40, 60, 3)) + [0, 0, 140])
    hou.node(node.parm("copnode").evalAsString()).parm("filename1").set(path)
    node.cook(force=True)
    assert node.geometry().attribValue("result_label") == "blue"
    assert node.warnings() == ()


# -- Previews ---------------------------------------------------------------------------------


def test_picture_shows_the_colours_in_the_pictures_proportions(node, rows):
    geometry = shown(node, "picture")
    found = numpy.array(geometry.primFloatAttribValues("Cd")).reshape(4, 6, 3)
    numpy.testing.assert_allclose(found, rows / 255.0, atol=1e-6)
    places = numpy.array(geometry.pointFloatAttribValues("P")).reshape(-1, 3)
    numpy.testing.assert_allclose(places.min(axis=0), [-0.5, -1 / 3.0, 0], atol=1e-6)
    numpy.testing.assert_allclose(places.max(axis=0), [0.5, 1 / 3.0, 0], atol=1e-6)


def test_layers_are_those_of_the_definition(node, rows):
    geometry = shown(node, "layers")
    grid = geometry.findPrimGroup("grid").prims()
    assert len(grid) == 4 * 6 * 3
    values = numpy.array([prim.attribValue("value") for prim in grid]).reshape(3, 4, 6)
    numpy.testing.assert_allclose(values, (rows / 127.5 - 1).transpose(2, 0, 1), atol=1e-5)
    assert len(geometry.findPrimGroup("logits").prims()) == 3


def test_probabilities_have_the_checkpoints_labels(node):
    bars = shown(node, "probabilities").findPrimGroup("bars").prims()
    assert [bar.attribValue("label") for bar in bars] == ["red", "green", "blue"]


def test_evidence_has_a_weight_for_every_pixel(node):
    geometry = shown(node, "evidence")
    assert len(geometry.prims()) == 24
    weights = numpy.array(geometry.primFloatAttribValues("evidence"))
    assert numpy.isfinite(weights).all() and abs(weights).max() > 0


# -- What can be wrong ------------------------------------------------------------------------


def test_every_shape_is_refused_in_a_sentence(node):
    node.parm("read").set("shapes")
    assert badge(node) == (
        "'%s' reads no separate shapes.\n"
        "It looks at pictures in colour; only ink on paper has shapes.\n"
        "Set 'Read' to 'One Digit'." % SPEC
    )


def test_a_module_that_is_not_there_is_the_nodes_error(node):
    node.parm("network").set("own_not_there:network")
    assert badge(node) == (
        "There is no module 'own_not_there'.\n"
        "None of the %d places where Python looks has it.\n"
        "Correct 'Network', or put the module's folder on PYTHONPATH." % len(sys.path)
    )


def test_a_name_that_nobody_knows_is_the_nodes_error(node):
    node.parm("network").set("channels")
    known = ", ".join("'%s'" % network.name for network in networks.NETWORKS)
    assert badge(node) == (
        "There is no network 'channels'.\nThere are %s.\n"
        "Clear 'Network', or set it to one of these, or to 'package.module:function' of your own." % known
    )


def test_a_blank_network_asks_for_the_one_of_the_checkpoint(node, trained):
    node.parm("network").set("")
    assert badge(node) == (
        "'{0}' is a checkpoint of a network of its own.\n"
        "It was trained as '{1}'.\nSet 'Network' to '{1}'.".format(trained, SPEC)
    )


def test_a_blank_checkpoint_is_none_of_the_network(node):
    node.parm("checkpoint").set("")
    problem, _, remedy = badge(node).split("\n")
    assert problem == "'%s' is not a checkpoint of '%s'." % (checkpoint.BUNDLED, SPEC)
    assert remedy == "Set 'Checkpoint' to one of that network, or change 'Network'."


def test_a_built_in_network_may_be_named(scene):
    scene.inference.parm("network").set("digits")
    assert scene.inference.geometry().attribValue("result") == 3
    scene.inference.parm("network").set("compact")
    assert badge(scene.inference).startswith("'%s' is not a checkpoint of 'compact'.\n" % checkpoint.BUNDLED)


def test_a_function_that_raises_is_the_nodes_error(node, module):
    module.write(MODULE.replace("    grid =", "    variables['W']\n    grid ="))
    assert badge(node) == (
        "'layers' of '%s' fails.\nLine 8: KeyError: 'W'.\nMend it, then press 'Reload'." % SPEC
    )


# -- When the module changes ------------------------------------------------------------------


def test_a_changed_module_answers_at_the_next_cook(node, module):
    assert node.geometry().attribValue("result_label") == "green"
    module.write(MODULE.replace("logits = tf", "logits = -1 * tf"))
    node.cook(force=True)
    assert node.geometry().attribValue("result_label") != "green"


def test_reload_executes_the_module_anew(node):
    node.cook(force=True)
    before = sys.modules[NAME].layers
    node.parm("reload").pressButton()
    assert node.geometry().attribValue("result_label") == "green"
    assert sys.modules[NAME].layers is not before


# -- Scenes from before there was a Network ---------------------------------------------------


@scenes.skip_on_real("packs an older asset with the library tool")
def test_an_older_copy_of_the_asset_cooks_and_reloads(houdini, root, tmpdir):
    folder = str(tmpdir.join("ml_inference"))
    shutil.copytree(os.path.join(root, "hda", "ml_inference"), folder)
    (inner,) = [name for name in os.listdir(folder) if name.startswith("mlinference")]
    script = os.path.join(folder, inner, "DialogScript")
    with io.open(script, encoding="utf-8") as stream:
        text = stream.read()
    begin = text.index('        parm {\n            name    "network"')
    end = text.index('        parm {\n            name    "engine"')
    with io.open(script, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text[:begin] + text[end:])
    packed = str(tmpdir.join("older.hda"))
    assert build_hda.main(["collapse", folder, packed]) == 0
    houdini.hda.installFile(packed)
    node = scenes.geometry_network(houdini).createNode("mlinference::ml_inference::1.0")
    assert node.parm("network") is None
    assert cook.read_settings(node).network == ""
    cop = scenes.file_cop(scenes.cop_network(houdini), example.own_drawings()[3])
    node.parm("copnode").set(cop.path())
    assert node.geometry().attribValue("result") == 3
    node.parm("reload").pressButton()
    assert node.geometry().attribValue("result") == 3

