"""The commands with a network of the user's own: NumPy alone runs the page's example."""

import io
import json
import os
import sys

import numpy
import pytest

from mlinference import __main__ as command
from mlinference import checkpoint, classifier, doctor, own, results

NETWORK = "time_of_day:network"
LABELS = ["day", "dusk", "night"]


@pytest.fixture
def prefix(root, tmpdir, monkeypatch):
    """A checkpoint of the example, not trained."""
    classifier.clear()
    monkeypatch.syspath_prepend(os.path.join(root, "docs", "examples"))
    path = str(tmpdir.join("time_of_day.ckpt"))
    random = numpy.random.RandomState(0)
    network = own.find(NETWORK)
    variables = {
        name: random.normal(0, 0.2, shape).astype("float32") for name, shape in network.variables(3)
    }
    sidecar = {"network": NETWORK, "labels": LABELS, "input": network.described()}
    checkpoint.write(path, variables, sidecar)
    yield path
    sys.modules.pop("time_of_day", None)
    classifier.clear()


@pytest.fixture
def picture(tmpdir):
    image_module = pytest.importorskip("PIL.Image")
    path = str(tmpdir.join("sky.png"))
    pixels = numpy.random.RandomState(1).randint(0, 256, (48, 64, 3)).astype("uint8")
    image_module.fromarray(pixels).save(path)
    return path


def options(prefix):
    return ["--checkpoint", prefix, "--network", NETWORK, "--engine", "numpy"]


def test_classify_answers_and_knows_when_the_network_is_another(prefix, picture, tmpdir, capsys):
    table = str(tmpdir.join("answers.csv"))
    assert command.main(["classify", picture, "--out", table] + options(prefix)) == 0
    (row,) = results.read(table)
    assert row.label in LABELS and row.error == ""
    assert command.main(["classify", picture, "--out", table] + options(prefix)) == 0
    bare = ["--checkpoint", prefix, "--engine", "numpy"]
    assert command.main(["classify", picture, "--out", table] + bare) == 1
    assert "Set 'Network' to 'time_of_day:network'.\n" in capsys.readouterr().err


def test_layers_are_written(prefix, picture, tmpdir, capsys):
    folder = str(tmpdir.join("layers"))
    assert command.main(["layers", picture, "--out", folder] + options(prefix)) == 0
    assert sorted(os.listdir(folder)) == [
        "00_input.png",
        "01_conv1.png",
        "02_conv2.png",
        "03_logits.png",
    ]
    assert capsys.readouterr().out.split()[-3] in LABELS


def test_doctor_tries_it(prefix):
    findings = list(doctor.examine(prefix, NETWORK))
    told = {each.subject: each for each in findings}
    assert told["Checkpoint"].text == "%s, 3 classes, %s" % (NETWORK, prefix)
    assert told["Checkpoint"].state == told["Answer"].state == doctor.GOOD


def test_doctor_lets_a_network_be_for_tensorflow_alone(prefix, monkeypatch):
    # As a network with such an operation does.
    monkeypatch.delitem(classifier.plain.NN, "max_pool")
    findings = [each for each in doctor.examine(prefix, NETWORK) if each.subject == "Engine"]
    numpys = [each for each in findings if "NumPy engine has no 'tf.nn.max_pool'" in each.text]
    assert numpys[0].state == doctor.CAUTION


@pytest.mark.parametrize("ending", [".npz", ".onnx", ".keras"])
def test_convert_takes_it_there_and_back(prefix, tmpdir, ending, capsys):
    for library in {".onnx": ["onnx"], ".keras": ["h5py"]}.get(ending, []):
        pytest.importorskip(library)
    path, back = str(tmpdir.join("sky" + ending)), str(tmpdir.join("back.ckpt"))
    named = ["--network", NETWORK]
    assert command.main(["convert", prefix, path] + named) == 0, capsys.readouterr().err
    assert command.main(["convert", path, back] + named) == 0, capsys.readouterr().err
    one, other = (checkpoint.read(each, own.find(NETWORK)) for each in (prefix, back))
    for name in one.variables:
        assert abs(one.variables[name] - other.variables[name]).max() < 1e-6
    assert other.labels == tuple(LABELS)
    with io.open(back + ".json", encoding="utf-8") as stream:
        told = json.load(stream)["input"]
    assert (told["range"], told["picture"], told["rows"]) == ([-1, 1], "colour", "top first")


@pytest.mark.tensorflow
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_keras_runs_what_is_written_on_the_networks_own_values(prefix, tmpdir, ending, capsys):
    pytest.importorskip("h5py")
    keras = pytest.importorskip("keras")
    if int(keras.__version__.split(".")[0]) < 3:
        pytest.skip("Keras 3 reads both formats")
    path = str(tmpdir.join("sky" + ending))
    assert command.main(["convert", prefix, path, "--network", NETWORK]) == 0
    pictures = numpy.random.RandomState(0).rand(8, 24, 32, 3).astype("float32")
    model = classifier.shared(prefix, "numpy", network=NETWORK)
    found = keras.models.load_model(path, compile=False).predict(2 * pictures - 1, verbose=0)
    assert abs(found - model.predict(pictures.reshape(8, -1))).max() < 1e-5


def test_onnx_runs_on_the_networks_own_values(prefix, tmpdir):
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    path = str(tmpdir.join("sky.onnx"))
    assert command.main(["convert", prefix, path, "--network", NETWORK]) == 0
    pictures = numpy.random.RandomState(0).rand(8, 24, 32, 3).astype("float32")
    model = classifier.shared(prefix, "numpy", network=NETWORK)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"pictures": (2 * pictures - 1).transpose(0, 3, 1, 2)})
    assert abs(found - model.predict(pictures.reshape(8, -1))).max() < 1e-5


def test_convert_says_that_a_network_is_no_chain(prefix, tmpdir, monkeypatch, capsys):
    monkeypatch.setattr(sys.modules["time_of_day"], "convolved", lambda tf, tensor, *_: tensor * 2)
    given = [prefix, str(tmpdir.join("sky.onnx")), "--network", NETWORK]
    pytest.importorskip("onnx")
    assert command.main(["convert"] + given) == 1
    assert capsys.readouterr().err == (
        "This network cannot be converted.\n"
        "It calculates more than sums with a bias.\n"
        "Keep it as a checkpoint, or make it a chain of convolutions, maxima and products.\n"
    )
