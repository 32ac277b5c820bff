"""SavedModels and frozen graphs, cooked in the article's scene."""

import json
import os
import shutil
import sys

import hou
import numpy
import pytest

from mlinference import classifier
from mlinference.houdini import cook

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(TESTS, "data", "models")
sys.path.insert(0, os.path.join(TESTS, "unit"))

from saved_samples import wanted  # noqa: E402


@pytest.fixture(params=["tensorflow_1_4", "tensorflow_1_4.pb"])
def model(request, tmpdir):
    """The path of a SavedModel and of a frozen graph, in a folder of their own."""
    source, target = os.path.join(DATA, request.param), str(tmpdir.join(request.param))
    (shutil.copytree if os.path.isdir(source) else shutil.copyfile)(source, target)
    return target


def badge(node):
    with pytest.raises(hou.OperationFailed):
        node.cook(force=True)
    (text,) = node.errors()
    return text


@pytest.mark.tensorflow
def test_the_node_answers_with_it(scene, model):
    node = scene.inference
    node.parm("checkpoint").set(model)
    geometry = node.geometry()
    reading, _ = cook.classify(node, cook.read_settings(node))
    expected = wanted(reading.pictures)[0]
    assert abs(numpy.array(geometry.attribValue("result_probabilities")) - expected).max() < 1e-5
    assert geometry.attribValue("result") == expected.argmax()
    assert geometry.attribValue("result_checkpoint") == model
    assert geometry.attribValue("result_engine").startswith("TensorFlow ")
    assert node.warnings() == ()


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["picture", "probabilities", "layers", "evidence"])
def test_every_preview_shows_something_of_it(scene, model, kind):
    scene.inference.parm("checkpoint").set(model)
    scene.inference.parm("preview").set(kind)
    assert scene.inference.geometry().prims()


@pytest.mark.tensorflow
def test_what_lies_beside_it_is_read_at_the_next_cook_and_so_is_a_reload(scene, model):
    node = scene.inference
    node.parm("checkpoint").set(model)
    first = node.geometry().attribValue("result")
    sidecar = os.path.join(os.path.dirname(model), "tensorflow_1_4.json")
    with open(sidecar, "w") as stream:
        stream.write(json.dumps({"labels": list("abcdefghij")}))
    node.cook(force=True)
    assert node.geometry().attribValue("result_label") == "abcdefghij"[first]
    loaded = classifier.shared(model)
    node.parm("reload").pressButton()
    assert classifier.shared(model) is not loaded


def test_numpy_is_told_not_to_run_it(scene, model):
    scene.inference.parm("checkpoint").set(model)
    scene.inference.parm("engine").set("numpy")
    lines = badge(scene.inference).split("\n")
    assert lines[0] == "NumPy cannot run '%s'." % model
    assert lines[2] == "Set 'Engine' to 'Auto' or 'TensorFlow', or use a checkpoint."
    assert len(lines) == 3


@pytest.mark.tensorflow
def test_one_that_cannot_be_used_is_a_badge(scene, model):
    target = os.path.join(model, "saved_model.pb") if os.path.isdir(model) else model
    with open(target, "r+b") as stream:
        stream.truncate(700)
    scene.inference.parm("checkpoint").set(model)
    lines = badge(scene.inference).split("\n")
    assert model in lines[0]
    assert len(lines) == 3
