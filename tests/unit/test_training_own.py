"""A network of the user's own, trained: on MNIST, on pictures in colour, and not at all."""

import itertools
import json
import os
import sys

import numpy
import pytest
import training_samples as samples

from mlinference import checkpoint, classifier, errors, networks, own, sampling
from mlinference.training import augmentation, dataset, folders

mnist_train = __import__("mnist_train")

# A module's name is taken once in a process.
NUMBERS = itertools.count()

SMALL = """
from mlinference.networks import Network

SHAPE = %(shape)r

def variables(classes):
    return (("W", (SHAPE[0] * SHAPE[1] * SHAPE[2], classes)), ("b", (classes,)))

def layers(tf, pictures, variables, keep_prob=None):
    logits = tf.matmul(pictures, variables["W"]) + variables["b"]
    return (("logits", %(logits)s),)

def network():
    return Network("small", variables, layers, shape=SHAPE, values=%(values)r)
"""


NORMALISED = """
from mlinference.networks import Network

def variables(classes):
    return (("K", (4, 4, 1, 6)), ("k", (6,)), ("W", (7 * 7 * 6, classes)), ("b", (classes,)))

def layers(tf, pictures, variables, keep_prob=None%s):
    grid = tf.reshape(pictures, [-1, 28, 28, 1])
    conv = tf.nn.conv2d(grid, variables["K"], strides=[1, 4, 4, 1], padding="VALID")
    if normalise is not None:
        conv = normalise("K", conv)
    conv = tf.nn.relu(conv + variables["k"])
    logits = tf.matmul(tf.reshape(conv, [-1, 7 * 7 * 6]), variables["W"]) + variables["b"]
    return (("conv", conv), ("logits", logits))

def network():
    return Network("normalised", variables, layers, normalised=(("K", "k"),))
"""


@pytest.fixture
def write(tmpdir, monkeypatch):
    """A function that writes such a module; returns what `--network` calls it."""
    folder = tmpdir.mkdir("modules")
    monkeypatch.syspath_prepend(str(folder))
    written = []

    def write_module(shape=(28, 28, 1), values=(-1, 1), logits="logits", text=None):
        name = "own_trained_%d" % next(NUMBERS)
        small = SMALL % {"shape": shape, "values": values, "logits": logits}
        folder.join(name + ".py").write(text or small)
        written.append(name)
        return name + ":network"

    yield write_module
    for name in written:
        sys.modules.pop(name, None)
    classifier.clear()


@pytest.fixture
def data(tmpdir):
    return samples.mnist_folder(tmpdir.mkdir("mnist"), train=6000, test=200)


@pytest.fixture
def train(tmpdir, data):
    """Run the script; returns (exit code, prefix)."""

    def run(network, *options, **values):
        prefix = str(tmpdir.join("net.ckpt"))
        given = ["--data", values.get("data", data), "--out", prefix, "--network", network]
        return mnist_train.main(given + ["--steps", "60", "--threads", "1"] + list(options)), prefix

    return run


# -- What comes of it -------------------------------------------------------------------------


@pytest.mark.tensorflow
@pytest.mark.parametrize("shape", [(28, 28, 1), (20, 24, 1)])
def test_it_learns_mnist_in_its_own_size_and_range(write, train, shape, capsys):
    name = write(shape)
    code, prefix = train(name, "--keep-prob", "1")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert last["network"] == name and last["test"] > 0.9
    found = checkpoint.read(prefix, own.find(name))
    assert found.cautions == ()
    assert found.sidecar["network"] == name
    assert found.sidecar["input"] == {
        "height": shape[0],
        "width": shape[1],
        "channels": 1,
        "range": [-1, 1],
        "ink": "light on dark",
    }
    assert found.sidecar["bfloat16"] is False
    held = dataset.mnist(str(os.path.join(os.path.dirname(prefix), "mnist")), shape=shape).test
    model = classifier.shared(prefix, "numpy", network=name)
    answers = model.predict(held.pictures).argmax(axis=1)
    assert abs((answers == held.labels).mean() - last["test"]) < 0.02


@pytest.mark.tensorflow
def test_pictures_in_colour_keep_their_colours(write, train, tmpdir, capsys):
    image_module = pytest.importorskip("PIL.Image")
    random = numpy.random.RandomState(0)
    for channel, name in enumerate(("red", "green", "blue")):
        folder = tmpdir.join("hues").ensure(name, dir=True)
        for number in range(12):
            pixels = random.randint(0, 120, (12, 18, 3))
            pixels[:, :, channel] += 120
            image_module.fromarray(pixels.astype("uint8")).save(str(folder.join("%d.png" % number)))
    name = write((6, 9, 3))
    report = str(tmpdir.join("report"))
    options = ("--learning-rate", "1e-2", "--report", report)
    code, prefix = train(name, *options, data=str(tmpdir.join("hues")))
    assert code == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["test"] == 1.0
    model = classifier.shared(prefix, "numpy", network=name)
    assert (model.labels, model.picture) == (("blue", "green", "red"), networks.COLOUR)
    assert model.checkpoint.sidecar["input"]["picture"] == "colour"
    assert os.path.isfile(os.path.join(report, "metrics.csv"))


@pytest.mark.tensorflow
def test_batch_normalisation_is_folded_into_kernel_and_bias(write, train, data, capsys):
    name = write(text=NORMALISED % ", normalise=None")
    code, prefix = train(name)
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0 and last["test"] > 0.9
    held = dataset.mnist(data).test
    answers = classifier.shared(prefix, "numpy", network=name).predict(held.pictures).argmax(axis=1)
    assert abs((answers == held.labels).mean() - last["test"]) < 0.02


@pytest.mark.tensorflow
def test_a_normalised_network_has_to_take_the_normalisation(write, train, capsys):
    name = write(text=NORMALISED % "")
    assert train(name)[0] == 1
    problem, _, remedy = said(capsys)
    assert problem == "'layers' of '%s' does not take what it is given." % name
    assert remedy == (
        "Write it as layers(tf, pictures, variables, keep_prob=None, normalise=None)."
    )


@pytest.mark.tensorflow
def test_without_a_prefix_the_file_has_the_modules_name(write, data, tmpdir):
    name = write()
    with tmpdir.as_cwd():
        given = ["--data", data, "--network", name, "--steps", "5", "--threads", "1"]
        assert mnist_train.main(given) == 0
        assert os.path.isfile("data/%s.ckpt.index" % name.split(":")[0])


# -- What is wrong with it --------------------------------------------------------------------


def said(capsys):
    return capsys.readouterr().err.splitlines()[-3:]


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "logits, problem",
    [
        ("logits[:, :7]", "'layers' of '%s' does not return its layers."),
        ("tf.reshape(logits, [-1])", "'layers' of '%s' does not return its layers."),
        ("variables['V']", "'layers' of '%s' fails."),
        ("tf.stop_gradient(logits)", "'layers' of '%s' fails."),
        ("tf.reshape(logits, [-1, 7, 10])[:, 0]", "'layers' of '%s' fails."),
    ],
)
def test_a_network_that_cannot_learn_is_a_sentence(write, train, capsys, logits, problem):
    name = write(logits=logits)
    code, prefix = train(name, "--keep-prob", "1")
    assert code == 1
    assert said(capsys)[0] == problem % name
    assert not os.path.exists(prefix + ".index")


def test_a_module_that_is_not_there_is_a_sentence(train, capsys):
    assert train("own_not_there:network")[0] == 1
    assert said(capsys) == [
        "There is no module 'own_not_there'.",
        "None of the %d places where Python looks has it." % len(sys.path),
        "Correct 'Network', or put the module's folder on PYTHONPATH.",
    ]


# -- Pictures to learn from -------------------------------------------------------------------


def test_mnist_is_scaled_and_repeated_in_every_channel():
    split = dataset.Split(numpy.random.RandomState(0).rand(3, 784).astype("f4"), numpy.arange(3))
    found = dataset.fitted(split, (14, 14, 3)).pictures.reshape(3, 14, 14, 3)
    means = split.pictures.reshape(3, 14, 2, 14, 2).mean(axis=4).mean(axis=2)
    numpy.testing.assert_allclose(found, means[:, :, :, None].repeat(3, axis=3), atol=1e-5)
    assert dataset.fitted(split, (28, 28, 1)) is split


def test_a_folder_of_drawings_and_of_pictures_differ(tmpdir):
    image_module = pytest.importorskip("PIL.Image")
    for name, level in (("a", 30), ("b", 200)):
        for number in range(3):
            pixels = numpy.zeros((10, 10, 3), "uint8") + level + number
            image_module.fromarray(pixels).save(str(tmpdir.join(name, "%d.png" % number).ensure()))
    found = folders.read(str(tmpdir), (5, 5, 3), 0, networks.COLOUR)
    assert sorted(found.labels) == ["a", "b"]
    levels = sorted(set(numpy.concatenate([found.train.pictures, found.test.pictures])[:, 0]))
    assert min(levels) * 255 == pytest.approx(30, abs=2) and max(levels) < 0.8
    with pytest.raises(errors.NoPictures):
        folders.read(str(tmpdir), (5, 5, 3), 0, networks.INK)


@pytest.mark.parametrize("looks_at", [networks.INK, networks.COLOUR])
@pytest.mark.parametrize("name", sorted(augmentation.TABLES))
def test_pictures_of_any_size_are_varied(name, looks_at):
    shape = (20, 36, 3)
    pictures = numpy.zeros((4,) + shape, numpy.float32)
    pictures[:, 6:14, 8:28] = [1.0, 0.5, 0.25]
    flat = pictures.reshape(4, -1)
    random = numpy.random.RandomState(0)
    varied = augmentation.vary(flat, augmentation.TABLES[name], random, shape, looks_at)
    assert varied.shape == flat.shape and varied.dtype == numpy.float32
    assert 0 <= varied.min() and varied.max() <= 1
    assert numpy.abs(varied - flat).max(axis=1).min() > 0.05
    middle = varied.reshape(pictures.shape)[:, 10, 18]
    assert (middle[:, 0] > middle[:, 1]).all() and (middle[:, 1] > middle[:, 2]).all()


def test_outside_of_a_picture_its_edge_goes_on_and_outside_of_ink_is_paper():
    shape, full = (8, 8, 1), numpy.ones((1, 64), numpy.float32)
    x, y = [each.reshape(1, -1).astype("f4") - 3.5 for each in numpy.mgrid[:8, :8]]
    colour = sampling.sample(full, x + 5, y, shape, networks.COLOUR)
    ink = sampling.sample(full, x + 5, y, shape, networks.INK)
    assert (colour == 1).all()
    assert ink.reshape(8, 8).min() == 0
