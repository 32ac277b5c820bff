# -*- coding: utf-8 -*-
"""SavedModels and frozen graphs: every layout and kind of answer, or a sentence."""

import io
import json
import os
import shutil
import subprocess
import sys
import threading

import numpy
import pytest
import saved_samples

from mlinference import (
    __main__,
    _compat,
    checkpoint,
    classifier,
    errors,
    models,
    moments,
    networks,
    saved,
)
from mlinference.engines import tensorflow1

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "models")
LIBRARIES = os.path.dirname(os.path.dirname(os.path.abspath(checkpoint.__file__)))

PICTURES = saved_samples.pictures()
WANTED = saved_samples.wanted(PICTURES)
TOLERANCE = 1e-5

KINDS = (saved.SAVED_MODEL, saved.FROZEN_GRAPH)


@pytest.fixture(autouse=True)
def nothing_shared():
    classifier.clear()
    yield
    classifier.clear()


@pytest.fixture(params=KINDS)
def write(request, tmpdir):
    """A function that writes a Sample of either kind and returns its path."""
    return lambda **changes: written(tmpdir, request.param, **changes)


@pytest.fixture
def folder(tmpdir):
    """A SavedModel."""
    return written(tmpdir, saved.SAVED_MODEL)


@pytest.fixture
def graph(tmpdir):
    """A frozen graph."""
    return written(tmpdir, saved.FROZEN_GRAPH)


def written(tmpdir, kind, sidecar=None, **changes):
    path = str(tmpdir.join("digits"))
    say(path, sidecar)
    if kind == saved.SAVED_MODEL:
        if os.path.isdir(path):
            shutil.rmtree(path)
        return saved_samples.write_saved_model(path, **changes)
    return saved_samples.write_frozen_graph(path + ".pb", **changes)


def say(path, sidecar):
    """Write the sidecar of the model at `path`, if there is something to say."""
    if sidecar is not None:
        with io.open(saved.sidecar_path(path), "wb") as stream:
            stream.write(json.dumps(sidecar).encode("ascii"))


@pytest.mark.tensorflow
@pytest.mark.skipif(os.name == "nt", reason="brackets mean themselves there")
def test_a_name_that_tensorflow_takes_for_a_pattern(folder, tmpdir):
    os.mkdir(str(tmpdir.join("shot [wip]")))
    path = str(tmpdir.join("shot [wip]", "[1]digits"))
    os.rename(folder, path)
    assert abs(answers(path) - WANTED).max() < TOLERANCE


@pytest.mark.parametrize(
    "sidecar, unknown",
    [
        ({"lables": ["a"], "feeds": {"any": 1}, "signature": "serving_default"}, "'lables'"),
        ({"input": {"rnage": [0, 255], "ink": "dark on light"}, "a": 1}, "'a' or 'input/rnage'"),
        ({"output": {"value": "logits"}}, "'output/value'"),
        # The trainer's own, beside a graph that was made of its checkpoint.
        ({"format": 1, "seed": 0, "input": {"rows": "top first"}}, None),
        ({"input": {"range": [0, 255], "picture": "ink"}, "temperature": 2.0}, None),
    ],
)
def test_what_nobody_looks_for_in_a_sidecar_is_told(tmpdir, sidecar, unknown):
    path = str(tmpdir.join("digits.pb"))
    tmpdir.join("digits.pb").write("graph")
    say(path, sidecar)
    model = saved.Model(path)
    model.describe(networks.Network(model.kind, None, None, (28, 28, 1)), 10)
    told = [caution.found for caution in model.cautions]
    assert told == (["Nothing is known by the name %s." % unknown] if unknown else [])


def test_labels_in_one_word_leave_the_rest_of_a_sidecar(tmpdir):
    path = str(tmpdir.join("digits.pb"))
    tmpdir.join("digits.pb").write("graph")
    say(path, {"input": {"range": [0, 255], "ink": "dark on light"}, "labels": "0123456789"})
    model = saved.Model(path)
    model.describe(networks.Network(model.kind, None, None, (28, 28, 1)), 10)
    assert [str(caution) for caution in model.cautions] == [
        "Not all of '%s' is used.\n"
        "Its labels are not a list of 10 names.\n"
        "Mend this in it, see 'PREFIX.json' in the README; the rest of it counts."
        % tmpdir.join("digits.json")
    ]
    assert model.told("input")["range"] == [0, 255]


def test_a_graph_that_is_larger_than_any_is_not_read(tmpdir, monkeypatch):
    path = str(tmpdir.join("huge.pb"))
    with io.open(path, "wb") as stream:
        stream.write(b"\n")
        stream.truncate(5 * 2**30)
    model = models.read(models.resolve(path))
    monkeypatch.setattr(saved, "_contents", lambda path, count=-1: pytest.fail("it is read"))
    with pytest.raises(errors.CheckpointDamaged) as caught:
        model.graph()
    assert "5368709120 bytes" in caught.value.found


def answers(path, given=PICTURES):
    return classifier.shared(path).predict(given)


def right(path, given=PICTURES, wanted=WANTED):
    return abs(answers(path, given) - wanted).max() <= TOLERANCE


def refused(kind, path, engine="auto", device="auto", network=""):
    with pytest.raises(kind) as caught:
        classifier.shared(path, engine, device, network)
    assert type(caught.value) is kind
    return str(caught.value)


tensorflow = pytest.mark.tensorflow


# -- Layouts ----------------------------------------------------------------------------------


@tensorflow
@pytest.mark.parametrize(
    "changes",
    [
        {"shape": (None, 784)},
        {"shape": (None, 28, 28)},
        {"shape": (None, 28, 28, 1)},
        {"shape": (None, 1, 28, 28)},
        {"shape": (None, None, None, 1), "sidecar": {"input": {"height": 28, "width": 28}}},
        {"shape": (1, 784)},
        {"shape": (3, 28, 28, 1)},
        {"dtype": "uint8", "whole": True},
        {"dtype": "int32", "whole": True},
        {"dtype": "float64"},
        {"dtype": "uint8", "sidecar": {"input": {"range": [0, 1]}}, "coarse": True},
        {"whole": True, "sidecar": {"input": {"range": [0, 255]}}},
        {"dark": True, "sidecar": {"input": {"ink": "dark on light"}}},
        {"shape": None, "sidecar": {"input": {"height": 28, "width": 28, "channels": 1}}},
        {
            "shape": None,
            "sidecar": {"input": {"height": 28, "width": 28, "channels": 1, "layout": "flat"}},
        },
    ],
    ids=str,
)
def test_every_layout_and_type_gives_the_answers(write, changes):
    given = PICTURES
    if changes.get("coarse"):
        given = numpy.rint(PICTURES)
    path = write(**{key: changes[key] for key in changes if key != "coarse"})
    assert right(path, given, saved_samples.wanted(given))
    model = classifier.shared(path)
    assert model.shape == (28, 28, 1)
    assert model.cautions == ()
    assert model.labels == tuple("0123456789")


@tensorflow
def test_pictures_of_another_size_are_for_the_sidecar_to_tell(write):
    path = write(shape=(None, 1024), side=32, sidecar={"input": {"height": 32, "width": 32, "channels": 1}})
    model = classifier.shared(path)
    assert model.shape == (32, 32, 1)
    given = numpy.zeros((7, 32, 32), "float32")
    given[:, :28, :28] = PICTURES.reshape(7, 28, 28)
    assert right(path, given.reshape(7, -1))


COLOURS = {"input": {"height": 28, "width": 28, "channels": 3}}


@tensorflow
@pytest.mark.parametrize(
    "shape, sidecar",
    [((None, 28, 28, 3), None), ((None, 3, 28, 28), None), ((None, 2352), COLOURS), (None, COLOURS)],
    ids=str,
)
def test_three_channels_are_a_picture_in_colour(write, shape, sidecar):
    path = write(shape=shape, channels=3, sidecar=sidecar)
    given = numpy.repeat(PICTURES, 3, axis=1)
    given[:, ::3] -= 0.25  # of red to blue: the mean stays
    given[:, 2::3] += 0.25
    assert right(path, given)
    model = classifier.shared(path)
    assert model.shape == (28, 28, 3)
    assert model.checkpoint.network.picture == "colour"


@tensorflow
def test_the_sidecar_says_whether_ink_is_looked_for(write):
    assert classifier.shared(write()).checkpoint.network.picture == "ink"
    say(write(), {"input": {"picture": "colour"}})
    assert classifier.shared(write()).checkpoint.network.picture == "colour"


@tensorflow
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 65])
@pytest.mark.parametrize("shape", [(None, 784), (1, 784), (3, 784)], ids=str)
def test_any_number_of_pictures_is_answered(tmpdir, shape, count):
    path = written(tmpdir, saved.SAVED_MODEL, shape=shape)
    given = saved_samples.pictures(count)
    found = answers(path, given)
    assert found.shape == (count, 10)
    assert found.dtype == numpy.float32
    if count:
        assert abs(found - saved_samples.wanted(given)).max() <= TOLERANCE


# -- Answers ----------------------------------------------------------------------------------


@tensorflow
@pytest.mark.parametrize(
    "answer", ["softmax", "softmax, handed on", "shares", "logits", "logarithms"]
)
def test_logits_and_probabilities_are_told_apart(write, answer):
    assert right(write(answer=answer))


@tensorflow
@pytest.mark.parametrize("answer", ["softmax", "logits"])
def test_the_temperature_is_that_of_the_logits(write, answer):
    path = write(answer=answer, sidecar={"temperature": 2.5, "labels": list("abcdefghij")})
    assert right(path, wanted=saved_samples.wanted(PICTURES, 2.5))
    assert classifier.shared(path).labels == tuple("abcdefghij")


@tensorflow
def test_drawings_are_aligned_if_the_sidecar_says_so(write):
    path = write(sidecar={"input": {"aligned": "moments"}})
    assert right(path, wanted=saved_samples.wanted(moments.align(PICTURES, (28, 28, 1))))
    assert not right(path)
    say(path, {"input": {"aligned": "by eye"}})
    assert right(path)
    assert classifier.shared(path).cautions[0].found == (
        "Its pictures are aligned in a way that is not known here."
    )


@tensorflow
def test_answers_that_are_neither_are_for_the_sidecar_to_tell(write):
    path = write(answer="sigmoid")
    assert refused(errors.ModelOpen, path) == (
        "'%s' does not tell all that has to be known.\n"
        "Its answers, 'scores' (float32, Nx10), are from 0 to 1 but do not add up to 1.\n"
        "Write \"output\": {\"values\": \"logits\"} or \"probabilities\" into '%s'; "
        "see 'SavedModels and frozen graphs' in the README." % (path, saved.sidecar_path(path))
    )
    say(path, {"output": {"values": "probabilities"}})
    shares = 1 / (1 + numpy.exp(-saved_samples.logits(PICTURES) / 8))
    assert right(path, wanted=shares / shares.sum(axis=1, keepdims=True))


@tensorflow
def test_the_best_class_of_a_frozen_graph_is_traced_to_the_probabilities(tmpdir):
    assert right(written(tmpdir, saved.FROZEN_GRAPH, answer="choice"))


@tensorflow
def test_a_layer_preview_shows_the_answer_alone(write):
    ((name, values),) = classifier.shared(write()).layers(PICTURES[:1])
    assert name == "logits"
    assert abs(numpy.exp(values) - WANTED[:1]).max() <= TOLERANCE


@tensorflow
def test_dropout_that_is_left_on_is_told(write):
    path = write(random=True)
    (caution,) = classifier.shared(path).cautions
    assert str(caution) == (
        "'%s' gives one picture different answers.\n"
        "Something random, like dropout, is left on in it.\n"
        "Export it as it is used, not as it is trained; 'feeds' in '%s' can set a placeholder."
        % (path, saved.sidecar_path(path))
    )


@tensorflow
@pytest.mark.parametrize("shape, said", [((), "one number"), (None, "of any shape")])
def test_what_else_has_to_be_fed_is_for_the_sidecar_to_tell(write, shape, said):
    path = write(dropped=shape)
    assert refused(errors.ModelOpen, path) == (
        "'%s' does not tell all that has to be known.\n"
        "Its answer depends on 'keep' (float32, %s) as well.\n"
        "Write \"feeds\": {\"keep\": ...} into '%s'; see 'SavedModels and frozen graphs' "
        "in the README." % (path, said, saved.sidecar_path(path))
    )
    say(path, {"feeds": {"keep": 1.0}})
    assert right(path)
    say(path, {"feeds": {"keep:0": 1}})
    assert right(path)


# -- Signatures -------------------------------------------------------------------------------


@tensorflow
def test_the_only_signature_is_taken_whatever_its_name(tmpdir):
    assert right(written(tmpdir, saved.SAVED_MODEL, names=["predict"]))


@tensorflow
def test_of_several_signatures_the_sidecar_chooses(tmpdir):
    path = written(tmpdir, saved.SAVED_MODEL, names=["one", "two"])
    assert refused(errors.ModelOpen, path) == (
        "'%s' does not tell all that has to be known.\n"
        "It has no signature 'serving_default'; it has 'one', 'two'.\n"
        "Write \"signature\": ... into '%s'; see 'SavedModels and frozen graphs' in the README."
        % (path, saved.sidecar_path(path))
    )
    say(path, {"signature": "two"})
    assert right(path)


@tensorflow
@pytest.mark.parametrize("tags", [["serve"], ["serve", "gpu"]], ids=str)
def test_the_graph_for_serving_is_taken(tmpdir, tags):
    assert right(written(tmpdir, saved.SAVED_MODEL, tags=tags))


@tensorflow
def test_a_graph_for_training_only_is_refused(tmpdir):
    path = written(tmpdir, saved.SAVED_MODEL, tags=["train"])
    assert refused(errors.ModelUnfit, path) == (
        "'%s' does not take pictures and answer with classes.\n"
        "None of its graphs has the tag 'serve'; they have 'train'.\n"
        "Export it with pictures as its input and a number for each class as its output." % path
    )


@tensorflow
@pytest.mark.parametrize(
    "changes, found",
    [
        (
            {"answer": "cube"},
            "It takes 'images' (float32, Nx784) and answers 'scores' (float32, Nx2x5).",
        ),
        (
            {"answer": "column"},
            "It takes 'images' (float32, Nx784) and answers 'scores' (float32, Nx1).",
        ),
        (
            {"shape": (784,)},
            "It takes 'images' (float32, 784) and answers 'scores' (float32, {one}x10).",
        ),
        (
            {"shape": (None, 28, 28, 1), "dtype": "complex64"},
            "It takes 'images' (complex64, Nx28x28x1) and answers 'scores' (float32, Nx10).",
        ),
    ],
    ids=str,
)
def test_a_signature_that_does_not_fit_is_shown(write, changes, found):
    path = write(**changes)
    lines = refused(errors.ModelUnfit, path).split("\n")
    assert lines[0] == "'%s' does not take pictures and answer with classes." % path
    assert lines[1] in (found.format(one="N"), found.format(one="1"))
    assert lines[2] == (
        "Export it with pictures as its input and a number for each class as its output."
    )


@tensorflow
@pytest.mark.parametrize(
    "changes, found",
    [
        (
            {"shape": (None, 1024), "side": 32},
            "Its input 'images' (float32, Nx1024) does not tell the size of a picture.",
        ),
        ({"shape": None}, "Its input 'images' (float32, of any shape) does not tell the size of a picture."),
        (
            {"shape": (None, None, None, 1)},
            "Its input 'images' (float32, Nx?x?x1) does not tell the size of a picture.",
        ),
        (
            {"sidecar": {"input": {"height": 32, "width": 32, "channels": 1}}},
            "'input' in it is for other pictures than 'images' (float32, Nx784).",
        ),
        (
            {"shape": (None, 28, 28, 1), "sidecar": {"input": {"height": 32}}},
            "'input' in it is for other pictures than 'images' (float32, Nx28x28x1).",
        ),
    ],
    ids=str,
)
def test_a_size_that_is_not_told_or_told_otherwise_is_asked_for(write, changes, found):
    path = write(**changes)
    assert refused(errors.ModelOpen, path) == (
        "'%s' does not tell all that has to be known.\n%s\n"
        "Write \"input\": {\"height\": ..., \"width\": ..., \"channels\": ...} into '%s'; "
        "see 'SavedModels and frozen graphs' in the README."
        % (path, found, saved.sidecar_path(path))
    )


@tensorflow
@pytest.mark.parametrize(
    "sidecar, found",
    [
        ({"input": {"range": [0]}}, "Its 'range' is [0]."),
        ({"input": {"range": [1, 1]}}, "Its 'range' is [1, 1]."),
        ({"input": {"range": ["a", 1]}}, None),
        ({"input": {"ink": "blue"}}, None),
        ({"input": {"height": -1}}, "A size in its 'input' is -1."),
        ({"input": {"height": 28.5}}, "A size in its 'input' is 28.5."),
        ({"input": {"channels": True}}, "A size in its 'input' is True."),
        ({"input": {"layout": "round"}}, None),
        ({"input": {"picture": "movie"}}, None),
        ({"input": {"name": "x"}}, None),
        ({"output": {"name": "x"}}, None),
        ({"output": {"values": "odds"}}, None),
        ({"feeds": {"x": 1}}, "There is no 'x' to feed in it."),
        ({"feeds": {"images": "a word"}}, None),
    ],
    ids=str,
)
def test_a_sidecar_that_asks_for_what_is_not_is_told(write, sidecar, found):
    path = write(sidecar=sidecar)
    lines = refused(errors.ModelOpen, path).split("\n")
    assert len(lines) == 3
    assert found in (None, lines[1])
    assert lines[2].endswith(
        "into '%s'; see 'SavedModels and frozen graphs' in the README." % saved.sidecar_path(path)
    )


@tensorflow
def test_what_a_whole_number_cannot_hold_is_not_fed(write):
    path = write(dtype="int32", whole=True, sidecar={"feeds": {"images": float("inf")}})
    assert refused(errors.ModelOpen, path).split("\n")[1] == (
        "'images' (int32, Nx784) cannot be fed with inf."
    )


@tensorflow
def test_tensors_are_named_by_the_sidecar(write):
    told = {"input": {"name": "images"}, "output": {"name": "scores"}}
    assert right(write(sidecar=told))


@tensorflow
def test_several_answers_of_a_frozen_graph_are_listed_until_one_is_named(tmpdir):
    tf = saved_samples.v1()
    path = str(tmpdir.join("two.pb"))
    with tf.Graph().as_default() as graph:
        inputs, outputs = saved_samples.Sample(variables=False, answer="logits").build(tf)
        tf.tanh(outputs["scores"], name="other")
        tf.sigmoid(outputs["scores"], name="more")
    with io.open(path, "wb") as stream:
        stream.write(graph.as_graph_def().SerializeToString())
    assert refused(errors.ModelOpen, path).split("\n")[1] == (
        "It takes 'images' (float32, Nx784) and answers 'more' (float32, Nx10), "
        "'other' (float32, Nx10)."
    )
    say(path, {"output": {"name": "scores"}})
    assert right(path)


@tensorflow
def test_probabilities_come_before_other_answers(tmpdir):
    tf = saved_samples.v1()
    path = str(tmpdir.join("two.pb"))
    with tf.Graph().as_default() as graph:
        inputs, outputs = saved_samples.Sample(variables=False, answer="logits").build(tf)
        tf.nn.softmax(outputs["scores"], name="likely")
        tf.tanh(outputs["scores"], name="other")
    with io.open(path, "wb") as stream:
        stream.write(graph.as_graph_def().SerializeToString())
    assert right(path)


@tensorflow
def test_a_placeholder_that_does_without_a_picture_is_given_one(tmpdir):
    assert right(written(tmpdir, saved.FROZEN_GRAPH, default=True))


@tensorflow
@pytest.mark.parametrize("shape, said", [((), "one number"), (None, "of any shape")])
def test_pictures_with_a_default_are_found_beside_what_has_none(tmpdir, shape, said):
    path = written(tmpdir, saved.FROZEN_GRAPH, default=True, dropped=shape)
    assert refused(errors.ModelOpen, path).split("\n")[1] == (
        "Its answer depends on 'keep' (float32, %s) as well." % said
    )
    say(path, {"feeds": {"keep": 1.0}})
    assert right(path)
    say(path, {"feeds": {"keep": 1.0}, "input": {"name": "default"}})
    assert right(path)


@tensorflow
def test_the_pictures_may_be_named_where_another_tensor_looks_like_them(tmpdir):
    tf = saved_samples.v1()
    path = str(tmpdir.join("two.pb"))
    with tf.Graph().as_default() as graph:
        sample = saved_samples.Sample(variables=False, shape=None, answer="logits")
        _, outputs = sample.build(tf)
        noise = tf.placeholder_with_default(numpy.zeros((1, 10), "float32"), (1, 10), "noise")
        tf.nn.softmax(outputs["scores"] + noise, name="likely")
    with io.open(path, "wb") as stream:
        stream.write(graph.as_graph_def().SerializeToString())
    say(path, {"input": {"name": "images", "height": 28, "width": 28, "channels": 1}})
    assert right(path)


@tensorflow
def test_an_answer_with_other_rows_than_pictures_is_refused(tmpdir):
    path = written(tmpdir, saved.SAVED_MODEL, answer="turned")
    assert refused(errors.ModelUnfit, path).split("\n")[1] == "It answers 10x8 for 8 pictures."


@tensorflow
def test_whole_numbers_that_do_not_hold_the_range_are_asked_for(tmpdir):
    path = written(tmpdir, saved.SAVED_MODEL, dtype="int8")
    said = refused(errors.ModelOpen, path)
    assert "holds -128 to 127, not 0 to 255." in said and '"range": [0, 127]' in said


@tensorflow
def test_an_answer_to_something_else_is_refused(tmpdir):
    assert right(written(tmpdir, saved.SAVED_MODEL, default=True))
    path = written(tmpdir, saved.SAVED_MODEL, default=True, wrong=True)
    assert refused(errors.ModelUnfit, path).split("\n")[1] == (
        "'scores' (float32, Nx10) does not depend on 'images' (float32, Nx784)."
    )


# -- Files that cannot be used ----------------------------------------------------------------


@tensorflow
def test_a_graph_without_its_values_is_told(tmpdir):
    path = written(tmpdir, saved.FROZEN_GRAPH, variables=True)
    assert refused(errors.ModelWithoutValues, path) == (
        "'%s' is a graph without its values.\n"
        "'W' in it is a variable, which has its value in another file.\n"
        "Freeze the graph, or export a SavedModel." % path
    )


@tensorflow
def test_a_graph_that_calls_python_is_refused(write):
    path = write(python=True)
    lines = refused(errors.ModelCallsPython, path).split("\n")
    assert lines[0] == "'%s' calls Python, which is not in the file." % path
    assert lines[1].startswith("Its operation 'called")
    assert lines[1].split()[-1] in ("PyFunc.", "EagerPyFunc.", "PyFuncStateless.")
    assert lines[2] == "Export it without tf.py_func and tf.numpy_function."


@tensorflow
@pytest.mark.parametrize("content", [b"", b"no graph at all", b"\x0a\xff\xff\xff\xff\x0f"])
def test_a_damaged_graph_is_told(tmpdir, folder, graph, content):
    for path, file in ((graph, graph), (folder, os.path.join(folder, "saved_model.pb"))):
        with io.open(file, "wb") as stream:
            stream.write(content)
        lines = refused(errors.CheckpointDamaged, path).split("\n")
        assert lines[0] == "'%s' is damaged or half-written." % path
        assert lines[1].startswith(("Its graph is empty.", "Its graph cannot be parsed: "))
        assert lines[1].endswith(".") and not lines[1].endswith("..")
        assert lines[2] == "Copy it again with all of its files, or retrain."
        assert len(lines) == 3


@tensorflow
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_graph_that_is_cut_short_is_told(folder, graph, part):
    for path, file in ((graph, graph), (folder, os.path.join(folder, "saved_model.pb"))):
        with io.open(file, "r+b") as stream:
            stream.truncate(int(part * os.path.getsize(file)))
        with pytest.raises(errors.InferenceError) as caught:
            classifier.shared(path)
        assert len(str(caught.value).split("\n")) == 3


@tensorflow
def test_missing_variables_are_told(folder):
    inner = os.path.join(folder, "variables")
    shutil.rmtree(inner)
    assert refused(errors.CheckpointDamaged, folder) == (
        "'%s' is damaged or half-written.\n"
        "There is no '%s', with the values of 'W'.\n"
        "Copy it again with all of its files, or retrain."
        % (folder, os.path.join(inner, "variables.index"))
    )


@tensorflow
def test_damaged_or_lost_data_is_told(folder):
    data = os.path.join(folder, "variables", "variables.data-00000-of-00001")
    with io.open(data, "r+b") as stream:
        stream.seek(100)
        stream.write(b"\xff\xff\xff\xff")
    lines = refused(errors.CheckpointDamaged, folder).split("\n")
    assert lines[0] == "'%s' is damaged or half-written." % folder
    assert len(lines) == 3
    os.remove(data)
    with pytest.raises(errors.InferenceError) as caught:
        classifier.shared(folder)
    assert len(str(caught.value).split("\n")) == 3
    assert folder in caught.value.problem


@tensorflow
def test_a_saved_model_is_read_once_it_is_whole(folder):
    file = os.path.join(folder, "saved_model.pb")
    os.rename(file, file + ".part")
    with pytest.raises(errors.CheckpointMissing):
        classifier.shared(folder)
    os.rename(file + ".part", file)
    assert right(folder)


def test_text_is_refused(tmpdir):
    said = (
        "'%s' is a graph written as text.\n"
        "Only the binary form, '.pb', is read here.\n"
        "Write it again with 'as_text' off."
    )
    file = tmpdir.join("graph.pbtxt")
    file.write("node {}")
    assert refused(errors.ModelText, str(file)) == said % file
    tmpdir.mkdir("model").join("saved_model.pbtxt").write("meta_graphs {}")
    for name in ("model", "model/saved_model.pbtxt"):
        assert refused(errors.ModelText, str(tmpdir.join(name))) == said % tmpdir.join("model")


@pytest.mark.parametrize("name", ["tensorflow_1_4", "tensorflow_1_4.pb"])
def test_a_file_that_the_system_refuses_is_told(monkeypatch, name):
    def refuse(path, mode):
        raise IOError(13, "Permission denied", path)

    path = os.path.join(DATA, name)
    model = models.read(models.resolve(path))
    monkeypatch.setattr(saved.io, "open", refuse)
    for act in (model.graph, lambda: models.identity(model)):
        with pytest.raises(errors.CheckpointUnreadable) as caught:
            act()
        assert str(caught.value) == (
            "'%s' cannot be read.\nPermission denied\n"
            "Check the disk and this user's permissions, then press 'Reload'."
            % saved.graph_path(path)
        )


def test_a_folder_that_holds_no_model_is_told(tmpdir):
    assert refused(errors.CheckpointMissing, str(tmpdir)) == (
        "No checkpoint at '%s'.\n"
        "The folder '%s' holds no checkpoint and no SavedModel.\n"
        "Set 'Checkpoint' to one, or clear it for the one that comes along." % (tmpdir, tmpdir)
    )


def test_the_graph_of_a_saved_model_under_another_name_is_told(tmpdir):
    file = tmpdir.join("digits.pb")
    shutil.copyfile(os.path.join(DATA, "tensorflow_1_4", "saved_model.pb"), str(file))
    assert refused(errors.CheckpointMissing, str(file)).split("\n")[1] == (
        "The file is of a SavedModel; there its name is 'saved_model.pb'."
    )


# -- Engines ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, kind", [("tensorflow_1_4", "SavedModel"), ("tensorflow_1_4.pb", "frozen graph")]
)
def test_numpy_is_not_for_these(name, kind):
    path = os.path.join(DATA, name)
    assert refused(errors.ModelWithNumpy, path, "numpy") == (
        "NumPy cannot run '%s'.\n"
        "It is a %s, which only TensorFlow runs.\n"
        "Set 'Engine' to 'Auto' or 'TensorFlow', or use a checkpoint." % (path, kind)
    )


@pytest.mark.parametrize("engine", ["auto", "tensorflow"])
def test_without_tensorflow_there_is_no_answer(monkeypatch, engine):
    monkeypatch.setattr(tensorflow1, "_LOADED", {"reason": "ImportError: no", "absent": True})
    path = os.path.join(DATA, "tensorflow_1_4")
    assert refused(errors.ModelWithoutTensorFlow, path, engine) == (
        "'%s' needs TensorFlow, which this Python (%d.%d) cannot import.\n"
        "ImportError: no\n"
        "See 'Installing TensorFlow' in the README, or use a checkpoint."
        % ((path,) + sys.version_info[:2])
    )


def test_a_network_is_not_chosen_for_these():
    path = os.path.join(DATA, "tensorflow_1_4")
    assert refused(errors.ModelHasNetwork, path, network="compact") == (
        "'%s' has a network of its own.\n'Network' is 'compact'.\nClear 'Network'." % path
    )


@tensorflow
def test_a_gpu_that_is_not_there_is_a_sentence(folder):
    tf = tensorflow1.load()
    with tf.Graph().as_default(), tf.Session() as session:
        if tensorflow1._gpus(session):
            pytest.skip("this machine has a GPU")
    assert refused(errors.DeviceMissing, folder, device="gpu").startswith("TensorFlow sees no GPU.")


# -- Other versions of TensorFlow -------------------------------------------------------------

# What is kept in tests/data/models, who loads it, and what the others say about it.
KEPT = (
    ("tensorflow_1_4", (1, 4), None),
    ("tensorflow_1_4.pb", (1, 4), None),
    ("tensorflow_2_11_module", (1, 15), "TensorFlow 2.11.0 wrote it: "),
    ("tensorflow_2_21_keras", (2, 11), "TensorFlow 2.21.0 wrote it: "),
    ("tensorflow_2_21.pb", (2, 11), ""),
)


@tensorflow
@pytest.mark.parametrize("name, since, said", KEPT, ids=[row[0] for row in KEPT])
def test_what_other_versions_wrote_is_answered_or_told(name, since, said):
    path = os.path.join(DATA, name)
    tf = tensorflow1.load()
    if tuple(map(int, tf.__version__.split(".")[:2])) >= since:
        assert right(path)
        return
    lines = refused(errors.ModelUnloadable, path).split("\n")
    assert lines[0] == "TensorFlow %s cannot run '%s'." % (tf.__version__, path)
    assert lines[1].startswith(said) and lines[1].endswith(".")
    assert lines[2] == "Export it again with this TensorFlow, or an older one."
    assert len(lines) == 3


def of_tensorflow_2(write, path):
    import tensorflow as module

    if module.__version__ < "2":
        pytest.skip("TensorFlow 1 exports none of these")
    # In a process of its own: what writes it works on the default graph, in eager mode.
    code = "import sys; sys.path.insert(0, sys.argv[1]); import saved_samples as s; s.%s(sys.argv[2])"
    command = [sys.executable, "-c", code % write, os.path.dirname(saved_samples.__file__), path]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    complaints = process.communicate()[1]
    assert process.returncode == 0, complaints[-2000:]
    return path


@tensorflow
@pytest.mark.parametrize("write", ["write_module", "write_keras"])
def test_what_tensorflow_2_exports_is_answered(tmpdir, write):
    path = of_tensorflow_2(write, str(tmpdir.join("model")))
    assert right(path)


# -- Paths ------------------------------------------------------------------------------------


def test_a_saved_model_is_meant_by_any_of_its_files(tmpdir):
    folder = str(tmpdir.join("model"))
    shutil.copytree(os.path.join(DATA, "tensorflow_1_4"), folder)
    for name in (
        "",
        "/",
        "/saved_model.pb",
        "/variables/variables.index",
        "/variables/variables.data-00000-of-00001",
    ):
        assert models.resolve(folder + name) == folder, name
        assert models.resolve((folder + name).replace("/", "\\")) == folder, name
    tmpdir.join("model.json").write("{}")
    assert models.resolve(str(tmpdir.join("model.json"))) == folder


def test_a_folder_may_be_called_as_a_graph_is(tmpdir):
    folder = str(tmpdir.join("model.pb"))
    shutil.copytree(os.path.join(DATA, "tensorflow_1_4"), folder)
    assert models.resolve(folder) == folder
    assert models.read(folder).kind == "SavedModel"


def test_a_frozen_graph_is_meant_by_its_file_and_its_sidecar(tmpdir):
    file = str(tmpdir.join("graph.pb"))
    shutil.copyfile(os.path.join(DATA, "tensorflow_1_4.pb"), file)
    assert models.resolve(file) == file
    assert models.resolve(file[:-3]) == file
    assert models.resolve(file[:-3] + ".json") == file


def test_a_checkpoint_of_the_same_name_comes_first(tmpdir):
    prefix = str(tmpdir.join("model"))
    shutil.copytree(os.path.join(DATA, "tensorflow_1_4"), prefix)
    checkpoint.write(prefix, {"W": numpy.zeros((784, 10)), "b": numpy.zeros(10)})
    assert models.resolve(prefix) == prefix
    assert classifier.shared(prefix, "numpy").checkpoint.network.name == "softmax"
    tmpdir.join("model.json").write(json.dumps({"labels": list("abcdefghij")}))
    for name in ("", "saved_model.pb", os.path.join("variables", "variables.index")):
        found = models.resolve(os.path.join(prefix, name))
        assert found == os.path.join(prefix, ""), name
        model = models.read(found)
        assert model.kind == "SavedModel"
        assert model.stamp == models.stamp(found) != models.stamp(prefix)
        assert model.sidecar == {"labels": list("abcdefghij")}


@tensorflow
def test_a_saved_model_answers_beside_a_checkpoint_of_its_name(tmpdir):
    folder = written(tmpdir, saved.SAVED_MODEL)
    checkpoint.write(folder, {"W": numpy.zeros((784, 10)), "b": numpy.zeros(10)})
    assert right(os.path.join(folder, "saved_model.pb"))
    assert not right(folder)


@tensorflow
def test_letters_of_all_kinds_are_a_path(tmpdir):
    folder = tmpdir.mkdir("Zeichen \xc3\xa4" if _compat.PYTHON_2 else u"Zeichen \xe4")
    assert right(written(folder, saved.SAVED_MODEL))
    assert right(written(folder, saved.FROZEN_GRAPH))


# -- Sharing ----------------------------------------------------------------------------------


@tensorflow
def test_a_model_is_loaded_once_and_anew_when_it_is_written_again(write):
    path = write()
    first = classifier.shared(path)
    assert classifier.shared(path) is first
    assert first.size > 2000
    write(temperature=1, answer="logits")
    second = classifier.shared(path)
    assert second is not first
    assert right(path)
    say(path, {"labels": list("abcdefghij")})
    assert classifier.shared(path).labels == tuple("abcdefghij")


@tensorflow
def test_reload_and_close(write):
    path = write()
    first = classifier.shared(path)
    classifier.reload(path)
    second = classifier.shared(path)
    assert second is not first
    assert abs(first.predict(PICTURES) - WANTED).max() <= TOLERANCE, "closed under its user's hands"
    second.close()
    second.close()
    assert second._engine.size == 0
    with pytest.raises(ValueError):
        second.predict(PICTURES)
    assert classifier.shared(path) is not second


@tensorflow
def test_a_model_that_is_replaced_while_it_is_loaded_is_read_again(folder, monkeypatch):
    states = [("another state",), ("another state",)]
    state = saved.stamp
    monkeypatch.setattr(saved, "stamp", lambda prefix: states.pop() if states else state(prefix))
    assert right(folder)
    assert states == []


@tensorflow
def test_threads_get_the_answers_of_one_thread(folder):
    failures = []

    def work():
        try:
            for number in range(len(PICTURES)):
                assert right(folder, PICTURES[number : number + 1], WANTED[number : number + 1])
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []


HOST = """
import sys
sys.path.insert(0, sys.argv[1])
import tensorflow
from mlinference import classifier
tf = getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)
eager = getattr(tf, "executing_eagerly", lambda: None)
before = tf.get_default_graph(), len(tf.get_default_graph().get_operations()), eager()
models = [classifier.shared(path) for path in sys.argv[2:]]
for model in models:
    model.predict(__import__("numpy").zeros((1, 784), "float32"))
assert before == (tf.get_default_graph(), len(tf.get_default_graph().get_operations()), eager())
assert tf.get_default_session() is None
assert tf.global_variables() == []
print("untouched")
"""


@tensorflow
def test_the_host_does_not_notice(folder, graph):
    command = [sys.executable, "-c", HOST, LIBRARIES, folder, graph]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    printed, complaints = process.communicate()
    assert printed.split()[-1:] == [b"untouched"], complaints.decode("utf-8", "replace")[-2000:]
    assert b"deprecated" not in complaints


def test_asking_what_it_is_imports_no_tensorflow():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from mlinference import models\n"
        "print(models.read(models.resolve(sys.argv[2])).kind, 'tensorflow' in sys.modules)"
    )
    command = [sys.executable, "-c", code, LIBRARIES, os.path.join(DATA, "tensorflow_1_4.pb")]
    printed = subprocess.check_output(command).decode("ascii")
    assert printed.split("\n")[0].strip("()").replace("'", "").replace(",", "").strip() == "frozen graph False"


# -- Commands ---------------------------------------------------------------------------------


@pytest.fixture
def drawing(root):
    pytest.importorskip("PIL", reason="Pillow cannot be imported by this Python")
    folder = os.path.join(root, "python2.7libs", "mlinference", "data", "drawings")
    return os.path.join(folder, sorted(os.listdir(folder))[0])


@tensorflow
def test_classify_takes_them_and_knows_when_they_change(folder, drawing, tmpdir, capfd):
    out = str(tmpdir.join("answers.csv"))
    command = ["classify", drawing, "--checkpoint", folder, "--out", out]
    assert __main__.main(command) == 0
    with io.open(out, encoding="utf-8") as stream:
        first = stream.read()
    assert __main__.main(command) == 0
    say(folder, {"input": {"ink": "dark on light"}})
    assert __main__.main(command) == 1
    assert "They come from another checkpoint or other settings." in capfd.readouterr().err
    assert __main__.main(command + ["--force"]) == 0
    with io.open(out, encoding="utf-8") as stream:
        assert stream.read() != first


@tensorflow
def test_layers_shows_the_input_and_the_answer(folder, drawing, tmpdir, capfd):
    out = tmpdir.join("layers")
    assert __main__.main(["layers", drawing, "--checkpoint", folder, "--out", str(out)]) == 0
    assert sorted(each.basename for each in out.listdir()) == ["00_input.png", "01_logits.png"]


@tensorflow
def test_the_doctor_looks_at_them_with_tensorflow_alone(folder, capfd):
    __main__.main(["doctor", "--checkpoint", folder, "--json"])
    checks = json.loads(capfd.readouterr().out)["checks"]
    said = [(each["state"], each["text"]) for each in checks if each["subject"] in ("Checkpoint", "Engine")]
    engine = classifier.shared(folder).engine
    assert said == [
        ("good", "SavedModel, %s" % folder),
        ("good", "'Auto' runs %s" % engine),
    ]


def test_the_doctor_says_that_tensorflow_is_needed(monkeypatch, capfd):
    monkeypatch.setattr(tensorflow1, "_LOADED", {"reason": "ImportError: no", "absent": True})
    path = os.path.join(DATA, "tensorflow_1_4")
    assert __main__.main(["doctor", "--checkpoint", path, "--json"]) == 1
    checks = json.loads(capfd.readouterr().out)["checks"]
    found = [each for each in checks if each["subject"] == "Engine"]
    assert [(each["state"], each["remedy"]) for each in found] == [
        ("problem", "See 'Installing TensorFlow' in the README, or use a checkpoint.")
    ]


def test_convert_says_that_it_knows_no_network(tmpdir, capfd):
    path = os.path.join(DATA, "tensorflow_1_4.pb")
    assert __main__.main(["convert", path, str(tmpdir.join("a.npz"))]) == 1
    assert capfd.readouterr().err.strip() == (
        "'%s' is none of the networks that are known here.\n"
        "It is a frozen graph, whose network only TensorFlow knows.\n"
        "Convert a network of README's table, all of its layers as described there." % path
    )
