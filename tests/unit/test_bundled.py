"""The bundled checkpoint: what can be proven of where it comes from.

Trained anew it becomes another file, for the preparation of its pictures has moved on since it
was made. So its sidecar is held to the repository's recipe, its file to the sidecar, and its
answers to pictures of MNIST.
"""

import json
import os
import shutil

import fetch_fonts
import numpy
import pytest
import seal_checkpoint
import training_samples as samples

from mlinference import checkpoint, classifier, networks
from mlinference.training import batches, dataset, mixture, recipes, saving

SAMPLE = os.path.join(os.path.dirname(os.path.dirname(__file__)), "data", "mnist_sample")


@pytest.fixture(scope="module")
def sidecar():
    with open(checkpoint.BUNDLED + saving.SIDECAR_SUFFIX) as stream:
        return json.load(stream)


@pytest.fixture
def copied(tmpdir):
    """Return the prefix of a copy that may be changed."""
    prefix = str(tmpdir.join("digits.ckpt"))
    for suffix in saving.SUFFIXES + (saving.SIDECAR_SUFFIX,):
        shutil.copyfile(checkpoint.BUNDLED + suffix, prefix + suffix)
    return prefix


def test_its_recipe_is_the_repositorys(sidecar):
    # A knob that came later stood at what leaves things as they were.
    assert dict(recipes.DEFAULTS, **sidecar["recipe"]) == recipes.recipe("digits")
    assert sidecar["seed"] == 0


def test_it_was_trained_for_as_many_steps_as_the_recipe_asks_for(sidecar):
    recipe = recipes.recipe("digits")
    own = recipe["batch"]
    pools = []
    for name, (share, _) in mixture.PARTS.items():
        pools.append(mixture.Pool(name, numpy.zeros((0, 784)), numpy.zeros((0, 10)), share))
        own -= int(round(share * recipe["batch"]))
    train = dataset.Split(None, numpy.zeros(60000 - dataset.VALIDATION_PICTURES, int))
    made = batches.Batches(train, pools, recipe, 10, 0)
    assert made.per_epoch == pytest.approx(55000.0 / own)
    assert sidecar["steps"] == int(round(recipe["epochs"] * made.per_epoch))


def test_it_was_trained_on_the_published_mnist(sidecar):
    data = dict(sidecar["data"])
    assert len(data.pop("fonts")) == 64
    assert data == dict(dataset.MNIST_FILES)


def test_its_variables_are_those_of_the_network(sidecar):
    found = checkpoint.read(checkpoint.BUNDLED).variables
    wanted = dict(networks.DIGITS.variables(10))
    assert {name: value.shape for name, value in found.items()} == wanted
    assert sum(value.size for value in found.values()) == sidecar["parameters"]


def test_its_file_is_the_one_that_the_sidecar_means(sidecar):
    assert sidecar["sha256"] == saving.checksum(checkpoint.BUNDLED + saving.SUFFIXES[0])


def test_it_reads_every_one_of_the_samples_test_pictures():
    test = dataset.mnist(SAMPLE, validation=100).test
    answers = classifier.shared("", "numpy").predict(test.pictures).argmax(1)
    assert len(answers) == 200
    assert (answers == test.labels).all()


# -- Checksums added afterwards ---------------------------------------------------------------


def test_what_was_added_to_its_sidecar_afterwards_is_said(sidecar):
    assert sidecar["sealed"] == ["fonts", "sha256"]


def test_a_checksum_that_is_there_is_compared(copied, tmpdir, capsys):
    assert seal_checkpoint.main([copied]) == 0
    assert capsys.readouterr().out == "All is there, and right.\n"
    fonts = samples.fonts_folder(tmpdir.join("fonts"))
    assert seal_checkpoint.main([copied, "--fonts", fonts]) == 1
    assert capsys.readouterr().err.startswith("'%s.json' has another 'fonts': 1198" % copied)
    with open(copied + saving.SUFFIXES[0], "ab") as stream:
        stream.write(b"\0")
    assert seal_checkpoint.main([copied]) == 1
    assert capsys.readouterr().err.startswith("'%s.json' has another 'sha256': " % copied)


def test_a_checksum_that_is_missing_is_added(copied, capsys):
    path = copied + saving.SIDECAR_SUFFIX
    with open(path) as stream:
        before = stream.read()
    bare = json.loads(before)
    del bare["sha256"], bare["sealed"]
    with open(path, "w") as stream:
        json.dump(bare, stream)
    assert seal_checkpoint.main([copied]) == 0
    assert capsys.readouterr().out == "Added: sha256.\n"
    with open(path) as stream:
        assert stream.read() == before.replace('\n  "fonts",', "")


def test_other_fonts_than_the_bundled_checkpoints_are_noticed(tmpdir):
    said = fetch_fonts.judged(samples.fonts_folder(tmpdir.join("fonts")))
    assert said == "They are not the fonts that the bundled checkpoint is trained on."
