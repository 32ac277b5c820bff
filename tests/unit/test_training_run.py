"""Whole runs on small data: what is learnt, what is written, and what survives."""

from __future__ import print_function

import argparse
import errno
import hashlib
import json
import os
import signal
import struct
import sys
import threading
import time
import warnings

import bench_training
import numpy
import pytest
import training_samples as samples

from mlinference import checkpoint, classifier, errors, moments, networks
from mlinference._compat import native
from mlinference.engines import tensorflow1
from mlinference.training import (
    batches,
    command,
    dataset,
    eigen,
    glyphs,
    graph,
    interrupts,
    loop,
    recipes,
    saving,
)
from mlinference.training import report as report_module
from mlinference.training.cluster import roles

try:
    import resource
except ImportError:  # Windows
    resource = None

mnist_train = __import__("mnist_train")

pytestmark = pytest.mark.tensorflow


@pytest.fixture
def data(tmpdir):
    return samples.mnist_folder(tmpdir.mkdir("mnist"), train=6000, test=200)


@pytest.fixture
def train(tmpdir, data):
    """Run the script; returns (exit code, prefix)."""

    def run(*options, **values):
        prefix = str(tmpdir.join(values.get("out", "net.ckpt")))
        given = ["--data", data, "--recipe", values.get("recipe", "softmax")]
        if "--compare-optimizers" not in options:
            given += ["--out", prefix]
        return mnist_train.main(given + ["--threads", "1"] + list(options)), prefix

    return run


def content(prefix):
    read = []
    for suffix in saving.SUFFIXES:
        with open(prefix + suffix, "rb") as stream:
            read.append(stream.read())
    return read


def test_a_run_ends_with_a_checkpoint_that_the_node_reads(train, capsys):
    code, prefix = train("--steps", "120")
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = checkpoint.read(prefix)
    assert code == 0
    assert found.network is networks.SOFTMAX
    assert found.labels == tuple("0123456789")
    assert last["test"] == found.sidecar["accuracy"]["test"] > 0.99
    assert last["steps"] == 120
    assert found.temperature == found.sidecar["temperature"]
    assert sorted(found.sidecar["data"]) == sorted(dataset.MNIST_FILES)


def test_a_prefix_may_be_a_bare_name(tmpdir, data):
    with tmpdir.as_cwd():
        given = ["--data", data, "--out", "net.ckpt", "--recipe", "softmax", "--steps", "20"]
        assert mnist_train.main(given) == 0
        assert checkpoint.read("net.ckpt").network is networks.SOFTMAX


@pytest.mark.parametrize("recipe", ["softmax", "compact", "perceptron"])
def test_one_seed_gives_one_file(train, recipe):
    options = ("--steps", "30", "--beginnings", "1", "--seed")
    _, one = train(*options + ("5",), out="one.ckpt", recipe=recipe)
    _, again = train(*options + ("5",), out="again.ckpt", recipe=recipe)
    _, other = train(*options + ("6",), out="other.ckpt", recipe=recipe)
    assert content(one) == content(again)
    assert content(one)[0] != content(other)[0]


def test_aligned_pictures_are_learnt_from_and_asked_for(train, monkeypatch):
    shown = []
    make = batches.Batches.make

    def making(each):
        made = make(each)
        shown.append(made[0])
        return made

    monkeypatch.setattr(batches.Batches, "make", making)
    _, prefix = train("--steps", "60", "--align", "moments")
    found = checkpoint.read(prefix)
    assert found.aligned and found.cautions == ()
    os.remove(prefix + ".json")
    assert checkpoint.read(prefix).aligned
    assert found.sidecar["recipe"]["align"] == found.sidecar["input"]["aligned"] == "moments"
    given = samples.patterns(6000, 2)[0].reshape(6000, 784).astype("float32") / 255
    aligned = moments.align(given, (28, 28, 1))
    for picture in shown[0][:10]:
        assert abs(aligned - picture).max(axis=1).min() < 1e-4
        assert abs(given - picture).max(axis=1).min() > 0.1
    told = found.sidecar["accuracy"]["test"]
    test, labels = samples.patterns(200, 3)
    flat = test.reshape(200, 784).astype("float32") / 255
    answers = classifier.shared(prefix, "numpy").predict(flat).argmax(1)
    assert (answers == labels).mean() == pytest.approx(told)
    _, plain = train("--steps", "60", "--align", "", out="plain.ckpt")
    assert not checkpoint.read(plain).aligned
    assert "aligned" not in checkpoint.read(plain).sidecar["input"]


def test_a_state_from_before_a_knob_is_still_gone_on_with(tmpdir):
    prefix = str(tmpdir.join("old.ckpt"))
    table = recipes.recipe("softmax", epochs=7.0)
    old = {knob: value for knob, value in table.items() if knob != "align"}
    data = dataset.Dataset("some", None, None, None, "01", {"file": "sum"})
    saving.write_state(prefix, old, data, {}, {"seed": 3})
    assert saving.read_state(prefix)[0] == dict(table, align="")


def test_the_benchmark_judges_by_what_the_network_is_shown(train, data):
    _, prefix = train("--steps", "60", "--align", "moments")
    options = argparse.Namespace(mnist=data, threads=1)
    measured, _ = bench_training._run(options, "softmax", ("--steps", "60", "--align", "moments"), 0)
    assert measured == checkpoint.read(prefix).sidecar["accuracy"]["test"] > 0.9


def test_pages_without_a_digit_cannot_be_aligned(train, capsys):
    code, _ = train("--align", "moments", "--fonts", "nowhere", recipe="digits")
    assert code == 1
    assert capsys.readouterr().err == (
        "'--align' cannot be moments.\n"
        "It takes 'moments' for drawings of one channel, and not with the recipe 'digits'.\n"
        "Change the option.\n"
    )


def test_nothing_is_overwritten_unasked(train, capsys):
    _, prefix = train("--steps", "5")
    before = content(prefix)
    code, _ = train("--steps", "10")
    assert code == 1
    assert (
        capsys.readouterr().err
        == (
            "'%s.index' exists.\n"
            "Training would overwrite it.\n"
            "Give another '--out', or '--force' to replace it.\n"
        )
        % prefix
    )
    assert content(prefix) == before
    code, _ = train("--steps", "10", "--force")
    assert code == 0
    assert content(prefix) != before


def test_an_interrupted_run_is_not_started_over_unasked(train, monkeypatch, capsys):
    # As a run leaves it that was killed.
    with monkeypatch.context() as patch:
        patch.setattr(saving, "remove_state", lambda prefix: None)
        _, prefix = train("--steps", "5")
    for suffix in saving.SUFFIXES + (saving.SIDECAR_SUFFIX,):
        os.remove(prefix + suffix)
    before = saving.read_state(prefix)[2]
    capsys.readouterr()
    assert train("--steps", "10")[0] == 1
    assert capsys.readouterr().err == (
        "'%s.state.npz' is of an interrupted run.\n"
        "Training would start it over.\n"
        "Give '--resume' to go on with it, or '--force' to start anew.\n" % prefix
    )
    assert saving.read_state(prefix)[2] == before
    assert train("--steps", "10", "--force")[0] == 0
    assert checkpoint.read(prefix).sidecar["steps"] == 10


@pytest.mark.parametrize(
    "suffix", [".data-00000-of-00001", ".json", "-last.index", "-last.json"]
)
def test_no_file_of_somebody_elses_is_overwritten(train, tmpdir, capsys, suffix):
    tmpdir.join("net.ckpt" + suffix).write("notes")
    code, prefix = train("--steps", "5")
    assert code == 1
    assert capsys.readouterr().err == (
        "'%s' exists.\n"
        "Training would overwrite it.\n"
        "Give another '--out', or '--force' to replace it.\n" % (prefix + suffix)
    )
    assert tmpdir.join("net.ckpt" + suffix).read() == "notes"
    assert not os.path.exists(prefix + ".index")


@pytest.mark.parametrize(
    "name, options",
    [("metrics.csv", ()), ("mistakes.png", ()), ("adam.csv", ("--compare-optimizers",))],
)
def test_no_file_of_another_report_is_overwritten(train, tmpdir, capsys, name, options):
    there = tmpdir.join("report", name).ensure()
    code, prefix = train("--steps", "5", "--report", str(tmpdir.join("report")), *options)
    assert code == 1
    assert capsys.readouterr().err == (
        "'%s' exists.\n"
        "Training would overwrite it.\n"
        "Give another '--report', or '--force' to replace it.\n" % there
    )
    assert there.read() == "" and not os.path.exists(prefix + ".index")


@pytest.mark.parametrize("option", ["--report", "--logdir"])
def test_a_folder_that_is_a_file_is_refused_before_training(train, tmpdir, capsys, option):
    there = tmpdir.join("file")
    there.write("")
    code, prefix = train("--steps", "5", option, str(there))
    assert code == 1
    assert capsys.readouterr().err == (
        "'%s' cannot be the folder of '%s'.\n"
        "File exists.\n"
        "Give another folder, or mend this one.\n" % (there, option)
    )
    assert not os.path.exists(prefix + ".index")


@pytest.mark.parametrize("option", ["--report", "--logdir", "--out"])
@pytest.mark.parametrize("fault", [["--data", "nowhere"], ["--resume"], ["--align", "moments"]])
def test_a_refused_run_leaves_no_folder_behind(train, tmpdir, monkeypatch, option, fault):
    monkeypatch.chdir(tmpdir)
    tmpdir.mkdir("mine")
    # In one of ours that is empty, which stays; with a slash as the shell completes it, or without.
    for given in ("mine/one/two/", "mine/one"):
        given += "/net.ckpt" if option == "--out" else ""
        assert train("--steps", "5", option, given, *(fault + ["--recipe", "digits"]))[0] == 1
        assert tmpdir.join("mine").listdir() == []


def test_what_a_run_writes_has_its_folders_made(train, tmpdir):
    options = ["--steps", "5"]
    for name in ("out", "report", "logdir"):
        options += ["--" + name, str(tmpdir.join("new", name, "net"))]
    assert train(*options)[0] == 0
    assert checkpoint.read(options[3]).sidecar["steps"] == 5
    assert tmpdir.join("new", "report", "net", "metrics.csv").check()
    assert len(tmpdir.join("new", "logdir", "net").listdir()) == 1


@pytest.mark.parametrize(
    "options, value, takes",
    [
        (["--seed", "-1"], "-1", "whole numbers from 0 to 4294967295"),
        (["--seed", "4294967296"], "4294967296", "whole numbers from 0 to 4294967295"),
        (["--threads", "-3"], "-3", "whole numbers from 0 to 1024"),
        (["--out", "mod/"], "'mod/'", "a path that ends in a name, to which endings are added"),
        (["--out", "mod/.index"], "'mod/.index'", "a path that ends in a name, to which endings are added"),
        (["--out", ""], "''", "a path that ends in a name, to which endings are added"),
        (["--out", "mod/.."], "'mod/..'", "a path that ends in a name, to which endings are added"),
    ],
)
def test_what_no_run_can_have_is_refused_before_it(train, capsys, options, value, takes):
    assert train("--steps", "5", *options)[0] == 1
    assert capsys.readouterr().err == (
        "'%s' cannot be %s.\nIt takes %s.\nChange the option.\n" % (options[0], value, takes)
    )


def test_beginnings_of_the_last_seed_have_seeds_as_well(train, three_beginnings):
    code, prefix = train("--steps", "5", "--seed", "4294967295")
    assert code == 0
    assert checkpoint.read(prefix).sidecar["seed"] == 4294967295


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"plain": b'{"recipe": {"name": "softmax"}, "data": {}}'}, "It has no 'seed'."),
        ({"plain": b'{"seed": 1, "data": {}}'}, "It has no 'recipe'."),
        ({"plain": b'{"seed": 1, "data": {}, "recipe": {}}'}, "It has no 'name'."),
        ({"plain": b"[]"}, "It cannot be read: "),
        ({"plain": None}, "It has no 'plain'."),
        ({"learnt/0": numpy.zeros(3)}, "An earlier version of ML Inference wrote it."),
        ({"learnt/b": None}, "It does not fit this network: 'learnt/b'."),
        ({"learnt/b": numpy.zeros(3)}, "It does not fit this network: "),
        ({"best/W": None}, "It does not fit this network: 'best/W'."),
    ],
)
def test_an_odd_state_is_not_gone_on_with(train, monkeypatch, capsys, changes, found):
    with monkeypatch.context() as patch:
        patch.setattr(saving, "remove_state", lambda prefix: None)
        _, prefix = train("--steps", "5")
    path = prefix + saving.STATE_SUFFIX
    with numpy.load(path) as archive:
        kept = {name: archive[name] for name in archive.files}
    for name, value in changes.items():
        text = isinstance(value, bytes)
        kept[name] = numpy.frombuffer(value, numpy.uint8) if text else value
    numpy.savez(path, **{name: value for name, value in kept.items() if value is not None})
    capsys.readouterr()
    assert train("--resume")[0] == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "'%s' does not hold a run to go on with." % path
    assert said[1].startswith(found) and len(said) == 3


def test_a_file_of_a_checkpoint_stands_for_its_prefix(train, tmpdir):
    code, _ = train("--steps", "5", out="big.index")
    assert code == 0
    names = [each.basename for each in tmpdir.listdir() if each.basename.startswith("big")]
    assert sorted(names) == ["big.data-00000-of-00001", "big.index", "big.json"]


def test_best_and_last_are_both_kept(train, monkeypatch):
    monkeypatch.setattr(loop.Run, "_score", lambda run, accuracy, entropy: (-run.step,))
    _, prefix = train("--steps", "150")
    best, last = checkpoint.read(prefix), checkpoint.read(prefix + "-last")
    assert not numpy.array_equal(best.variables["W"], last.variables["W"])
    assert best.sidecar["accuracy"]["test"] is not None
    # What was not chosen is not judged.
    assert last.sidecar["accuracy"]["test"] is None


def test_the_last_of_a_run_that_is_replaced_goes_with_it(train, tmpdir, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(loop.Run, "_score", lambda run, accuracy, entropy: (-run.step,))
        _, prefix = train("--steps", "150")
    assert os.path.exists(prefix + "-last.index")
    monkeypatch.setattr(loop.Run, "_score", lambda run, accuracy, entropy: (run.step,))
    assert train("--steps", "20", "--force")[0] == 0
    assert sorted(path.basename for path in tmpdir.listdir() if path.basename.startswith("net")) == [
        "net.ckpt" + suffix for suffix in (".data-00000-of-00001", ".index", ".json")
    ]


@pytest.mark.parametrize(
    "step, suffix", [(3, ".state.npz"), (3, ".index"), (3, "-last.json"), (119, ".index")]
)
def test_what_another_training_writes_meanwhile_is_not_overwritten(
    train, tmpdir, monkeypatch, capsys, step, suffix
):
    learn, other = loop.Run._learn, tmpdir.join("net.ckpt" + suffix)

    def beside_another(run, *batch):
        learn(run, *batch)
        if run.step == step:
            other.write("another's")

    monkeypatch.setattr(loop.Run, "_learn", beside_another)
    code, prefix = train("--steps", "120")
    said = capsys.readouterr().out.splitlines()
    assert code == 0 and other.read() == "another's"
    assert "'%s' has been written by another meanwhile; this goes to '%s-2'." % (prefix, prefix) in said
    assert json.loads(said[-1])["checkpoint"] == prefix + "-2"
    assert checkpoint.read(prefix + "-2").network is networks.SOFTMAX
    assert sorted(each.basename for each in tmpdir.listdir() if each.basename.startswith("net")) == sorted(
        [other.basename] + ["net.ckpt-2" + end for end in saving.SUFFIXES + (saving.SIDECAR_SUFFIX,)]
    )
    # What is replaced on purpose is not kept.
    assert train("--steps", "120", "--force")[0] == 0
    assert checkpoint.read(prefix).network is networks.SOFTMAX


def test_ctrl_c_saves_and_resume_comes_to_the_same_end(train, monkeypatch, capsys):
    options = ("--steps", "200", "--seed", "1")
    _, whole = train(*options, out="whole.ckpt")
    learn = loop.Run._learn

    def interrupted(run, *batch):
        if run.step == 120:
            raise KeyboardInterrupt
        learn(run, *batch)

    monkeypatch.setattr(loop.Run, "_learn", interrupted)
    code, prefix = train(*options, out="part.ckpt")
    lines = capsys.readouterr().out.splitlines()
    assert code == 130
    assert lines[-2] == "Stopped at step 120; '%s' is saved. Go on with --resume." % prefix
    assert json.loads(lines[-1])["interrupted"] is True
    assert checkpoint.read(prefix).sidecar["accuracy"]["test"] is None
    monkeypatch.setattr(loop.Run, "_learn", learn)
    # Seed and steps need not be given again, and those of today are refused.
    assert train("--resume", "--steps", "300", "--seed", "0", out="part.ckpt")[0] == 1
    assert capsys.readouterr().err == (
        "'%s.state.npz' is of a run with other options.\n"
        "It has --steps 200, --seed 1.\n"
        "Leave these out to go on with it, or give '--force', not '--resume', to start anew.\n"
        % prefix
    )
    report = os.path.join(os.path.dirname(prefix), "report")
    code, _ = train("--resume", "--seed", "1", "--report", report, out="part.ckpt")
    assert code == 0
    assert content(prefix) == content(whole)
    assert checkpoint.read(prefix).sidecar["seed"] == 1
    assert not os.path.exists(prefix + saving.STATE_SUFFIX)


@pytest.fixture
def ctrl_c():
    """Press Ctrl-C; a shell's background processes would not hear it."""
    if os.name != "posix":
        pytest.skip("Here a process cannot press Ctrl-C for itself")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


def test_a_second_ctrl_c_waits_until_what_was_learned_is_saved(
    train, ctrl_c, monkeypatch, capsys
):
    learn, validate, save = loop.Run._learn, loop.Run.validate, graph.Served.save

    def interrupted(run, *batch):
        learn(run, *batch)
        if run.step == 20:
            ctrl_c()

    def impatient(before):
        def disturbed(*given):
            ctrl_c()
            return before(*given)

        return disturbed

    monkeypatch.setattr(loop.Run, "_learn", interrupted)
    monkeypatch.setattr(loop.Run, "validate", impatient(validate))
    monkeypatch.setattr(graph.Served, "save", impatient(save))
    code, prefix = train("--steps", "40")
    assert code == 130
    assert "Stopped at step 20; '%s' is saved." % prefix in capsys.readouterr().out
    assert checkpoint.read(prefix).sidecar["steps"] == 20
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    # After the last step too.
    monkeypatch.setattr(loop.Run, "_learn", learn)
    monkeypatch.setattr(loop.Run, "validate", validate)
    assert train("--resume")[0] == 0
    assert checkpoint.read(prefix).sidecar["steps"] == 40


def test_ctrl_c_is_held_back_only_where_it_is_heard(ctrl_c):
    held = interrupts.Interrupts()
    with held:
        with pytest.raises(KeyboardInterrupt):
            ctrl_c()
            time.sleep(1)
        ctrl_c()
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()
        time.sleep(1)
    other = threading.Thread(target=held.__enter__)
    other.start()
    other.join()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with held:
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_ctrl_c_before_a_resumed_run_says_what_is_there(train, monkeypatch, capsys):
    def stopped(*given):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(saving, "remove_state", lambda prefix: None)
        _, prefix = train("--steps", "5")
    monkeypatch.setattr(command, "load", stopped)
    capsys.readouterr()
    assert train("--resume")[0] == 130
    said = "Stopped; '%s.state.npz' is there. Go on with --resume.\n" % prefix
    assert capsys.readouterr().err == said


@pytest.mark.parametrize(
    "given, kept",
    [
        (["--recipe", "softmax", "--batch", "50", "--l2", "0", "--learning-rate", "0.5"], None),
        (["--recipe", "article"], "--recipe softmax"),
        (["--batch", "51", "--align", "moments"], "--batch 50, --align ''"),
        (["--epochs", "10"], "--steps 7"),
        (["--float32", "--keep-prob", "0.9"], "--keep-prob 0.5, no --float32"),
        (["--threads", "2", "--report", "r", "--logdir", "l", "--data", "d"], None),
    ],
)
def test_options_of_another_run_are_refused_when_one_is_gone_on_with(given, kept):
    options = mnist_train.arguments().parse_args(given)
    options.given = mnist_train.given_of(given)
    table = recipes.recipe("softmax", batch=50, steps=7)
    if kept is None:
        command.check_given(options, "net", table, 3)
        return
    with pytest.raises(errors.ResumeDiffers) as caught:
        command.check_given(options, "net", table, 3)
    assert caught.value.found == "It has %s." % kept


def test_a_run_of_other_data_is_not_gone_on_with(train, tmpdir, monkeypatch, capsys):
    _, prefix = train("--steps", "60")
    # As a run leaves it that was interrupted.
    with monkeypatch.context() as patch:
        patch.setattr(saving, "remove_state", lambda prefix: None)
        train("--steps", "60", "--force")
    other = samples.mnist_folder(tmpdir.mkdir("other"), train=5800, test=100)
    capsys.readouterr()
    assert train("--resume", "--data", other)[0] == 1
    assert capsys.readouterr().err == (
        "'%s.state.npz' does not hold a run to go on with.\n"
        "It was trained on other data.\n"
        "Start anew without '--resume', or give the '--out' and '--data' of that run.\n" % prefix
    )


def test_there_must_be_something_to_resume(train, capsys):
    code, prefix = train("--resume")
    assert code == 1
    assert (
        capsys.readouterr().err
        == (
            "'%s.state.npz' does not hold a run to go on with.\n"
            "It is not there.\n"
            "Start anew without '--resume', or give the '--out' and '--data' of that run.\n"
        )
        % prefix
    )


def test_a_loss_that_is_no_number_ends_the_run(train, monkeypatch, capsys):
    monkeypatch.setattr(graph.Trainer, "step", lambda self, *batch: float("nan"))
    code, _ = train("--steps", "5")
    assert code == 1
    assert capsys.readouterr().err == (
        "Training has lost its way at step 1.\n"
        "The loss is nan.\n"
        "Give a smaller '--learning-rate'.\n"
    )


def test_a_full_disk_loses_nothing(train, monkeypatch, capsys):
    _, prefix = train("--steps", "20")
    before = content(prefix)
    save = graph.Served.save

    def full(self, path):
        save(self, path)
        raise IOError(28, "No space left on device")

    monkeypatch.setattr(graph.Served, "save", full)
    code, _ = train("--steps", "30", "--force")
    assert code == 1
    assert (
        capsys.readouterr().err
        == (
            "'%s' cannot be written.\n"
            "No space left on device.\n"
            "Choose another place, or make room there; what was there before is unchanged.\n"
        )
        % prefix
    )
    assert content(prefix) == before
    assert checkpoint.read(prefix).network is networks.SOFTMAX
    assert not [name for name in os.listdir(os.path.dirname(prefix)) if ".tmp" in name]
    # Once there is room, what was learnt is there to be saved.
    monkeypatch.setattr(graph.Served, "save", save)
    assert train("--resume")[0] == 0
    assert content(prefix) != before
    assert checkpoint.read(prefix).sidecar["steps"] == 30


def test_a_training_that_loses_its_reader_says_so(train, monkeypatch, capsys):
    def gone(options):
        raise IOError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(roles, "train", gone)
    assert train("--steps", "5")[0] == 1
    assert capsys.readouterr().err.startswith("Stopped: what it prints has no reader any more")


@pytest.mark.parametrize("name", ["net [v2].ckpt", "[!n]et.ckpt"])
def test_nothing_temporary_stays_whatever_the_letters_of_the_name(train, monkeypatch, name):
    save = graph.Served.save

    def full(self, path):
        save(self, path)
        raise IOError(28, "No space left on device")

    monkeypatch.setattr(graph.Served, "save", full)
    code, prefix = train("--steps", "5", out=name)
    assert code == 1
    assert not [left for left in os.listdir(os.path.dirname(prefix)) if ".tmp" in left]


@pytest.mark.skipif(resource is None, reason="This system limits no file's size")
def test_a_disk_that_is_really_full_loses_nothing(train, monkeypatch, capsys):
    _, prefix = train("--steps", "20")
    before = content(prefix)
    save = graph.Served.save

    def limited(self, path):
        # Only here, where TensorFlow itself writes: the run's state is too large as well.
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        # Files end at 8 KB, as on a disk with that much left; W alone has 31.
        resource.setrlimit(resource.RLIMIT_FSIZE, (8192, limits[1]))
        try:
            save(self, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    monkeypatch.setattr(graph.Served, "save", limited)
    code, _ = train("--steps", "30", "--force")
    assert code == 1
    assert capsys.readouterr().err == (
        "'%s' cannot be written.\n"
        "File too large.\n"
        "Choose another place, or make room there; what was there before is unchanged.\n" % prefix
    )
    assert content(prefix) == before
    assert checkpoint.read(prefix).network is networks.SOFTMAX
    assert not [name for name in os.listdir(os.path.dirname(prefix)) if ".tmp" in name]


def test_an_output_folder_that_is_a_file_is_refused_before_training(tmpdir, data, capsys):
    tmpdir.join("file").write("")
    prefix = str(tmpdir.join("file", "net.ckpt"))
    assert mnist_train.main(["--data", data, "--out", prefix]) == 1
    assert capsys.readouterr().err.splitlines()[0] == "'%s' cannot be written." % prefix


def test_a_network_that_is_none_is_answered_with_those_that_are(train, capsys):
    code, _ = train("--network", "transformer")
    assert code == 1
    assert capsys.readouterr().err == (
        "No network is called 'transformer'.\n"
        "There are 'convolutional', 'softmax', 'perceptron', 'compact', 'digits'.\n"
        "Give one of these as '--network', or 'package.module:function' of your own.\n"
    )


def test_early_stopping_waits_as_long_as_it_is_told(train, monkeypatch, capsys):
    monkeypatch.setattr(loop, "cross_entropy", lambda logits, labels, temperature=1.0: 1.0)
    code, _ = train("--steps", "2000", "--patience", "2")
    assert code == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps"] < 2000


def test_a_report_and_summaries_are_written(train, tmpdir):
    report, logs = tmpdir.join("report"), tmpdir.join("logs")
    train("--steps", "60", "--report", str(report), "--logdir", str(logs))
    rows = report.join("metrics.csv").read().splitlines()
    assert rows[0] == "step,loss,accuracy,entropy,rate,seconds"
    assert [row.split(",")[0] for row in rows[1:]] == ["50", "60"]
    assert len(logs.listdir()) == 1
    assert logs.listdir()[0].size() > 100


def pictures_in(folder):
    """Return the names of the PNG files in a folder."""
    return sorted(each.basename for each in folder.listdir() if each.read("rb")[:4] == b"\x89PNG")


def test_a_report_has_curves_confusion_and_the_worst_mistakes(train, tmpdir, capsys):
    pytest.importorskip("matplotlib", reason="matplotlib cannot be imported by this Python")
    report = tmpdir.join("report")
    train("--steps", "60", "--report", str(report))
    assert pictures_in(report) == ["confusion.png", "curves.png", "mistakes.png"]
    assert sorted(each.basename for each in report.listdir()) == sorted(command.report.FILES)
    wanted = "Report in '%s': metrics.csv, curves.png, confusion.png, mistakes.png." % report
    assert wanted in capsys.readouterr().out.splitlines()


def test_without_matplotlib_a_report_is_a_table_and_says_so(train, tmpdir, monkeypatch, capsys):
    monkeypatch.setattr(command.report, "plotter", lambda: None)
    report = tmpdir.join("report")
    train("--steps", "60", "--report", str(report))
    lines = capsys.readouterr().out.splitlines()
    assert [each.basename for each in report.listdir()] == ["metrics.csv"]
    assert "Install matplotlib for its pictures." in lines


def test_optimizers_are_compared_in_one_picture(train, tmpdir):
    pytest.importorskip("matplotlib", reason="matplotlib cannot be imported by this Python")
    report = tmpdir.join("report")
    train("--steps", "50", "--compare-optimizers", "--report", str(report))
    assert pictures_in(report) == ["optimizers.png"]


def test_without_tensorflow_a_run_ends_in_a_sentence(train, tmpdir, monkeypatch, capsys):
    reason = "ImportError: No module named tensorflow"
    monkeypatch.setattr(tensorflow1, "_LOADED", {"reason": reason, "absent": True})
    fonts = samples.fonts_folder(tmpdir.join("fonts"))
    code, prefix = train("--steps", "5", "--fonts", fonts, recipe="digits")
    assert code == 1
    assert capsys.readouterr().err == (
        "TensorFlow cannot be imported by this Python (%d.%d).\n%s\n"
        "See 'Installing TensorFlow' in the README.\n" % (sys.version_info[:2] + (reason,))
    )
    assert not os.path.exists(prefix + ".index")


@pytest.mark.parametrize(
    "options",
    [
        ("--optimizer", "adam"),
        ("--learning-rate", "7"),
        ("--beginnings", "2"),
        ("--out", "x.ckpt"),
        ("--logdir", "x"),
        ("--resume",),
    ],
)
def test_an_option_that_a_comparison_ignores_is_refused(data, capsys, options):
    assert mnist_train.main(["--data", data, "--compare-optimizers"] + list(options)) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "'%s' and '--compare-optimizers' do not go together." % options[0]
    )


def test_steps_and_epochs_together_are_refused(train, capsys):
    code, prefix = train("--steps", "5", "--epochs", "2")
    assert code == 1 and not os.path.exists(prefix + ".index")
    assert capsys.readouterr().err == (
        "'--steps' and '--epochs' do not go together.\n"
        "Training would end after 5 steps, however many epochs these are.\n"
        "Leave one of them out.\n"
    )
    # 0 is no number of steps.
    assert train("--steps", "0", "--epochs", "0.1")[0] == 0


def test_a_last_step_that_leads_nowhere_is_noticed(train, capsys):
    options = ("--steps", "1", "--optimizer", "sgd", "--learning-rate", "1e39", "--schedule", "constant")
    code, prefix = train(*options)
    assert code == 1
    assert capsys.readouterr().err.splitlines()[:2] == [
        "Training has lost its way at step 1.", "The loss is nan.",
    ]  # fmt: skip
    assert not os.path.exists(prefix + ".index")


def test_a_report_that_fails_costs_no_training(train, tmpdir, monkeypatch, capsys):
    def failing(*arguments):
        raise ValueError("ParseSyntaxException")

    monkeypatch.setattr(report_module, "write", failing)
    code, prefix = train("--steps", "5", "--report", str(tmpdir.join("report")))
    out, complaints = capsys.readouterr()
    assert code == 1 and checkpoint.read(prefix).sidecar["steps"] == 5
    assert json.loads(out.splitlines()[-1])
    assert complaints.splitlines()[1] == "ParseSyntaxException."


def test_a_table_that_cannot_be_written_is_a_sentence(train, tmpdir, monkeypatch, capsys):
    def refused(path, history):
        raise IOError(13, "Permission denied", path)

    monkeypatch.setattr(report_module, "metrics", refused)
    options = ("--compare-optimizers", "--report", str(tmpdir.join("report")))
    assert train("--steps", "5", *options)[0] == 1
    assert capsys.readouterr().err.splitlines()[1] == "Permission denied."


@pytest.mark.parametrize("labels", [["$F_$HIP", "x"], [str(number) for number in range(300)]])
def test_labels_of_any_kind_and_number_have_a_report(tmpdir, labels):
    pytest.importorskip("matplotlib", reason="matplotlib cannot be imported by this Python")
    generator = numpy.random.RandomState(0)
    probabilities = generator.rand(8, len(labels))
    test = dataset.Split(generator.rand(8, 784).astype("f"), generator.randint(0, 2, 8))
    history = [dict.fromkeys(report_module.COLUMNS, 1.0)]
    report_module.write(str(tmpdir), history, labels, test, probabilities, (28, 28, 1))
    width, height = struct.unpack(">II", tmpdir.join("confusion.png").read("rb")[16:24])
    assert max(width, height) <= 100 * report_module.LARGEST_SIDE


def test_names_that_the_font_lacks_are_no_warnings_and_all_others_stay(tmpdir, monkeypatch):
    pytest.importorskip("matplotlib", reason="matplotlib cannot be imported by this Python")
    confusion = report_module._confusion

    def warned(*arguments):
        figure = confusion(*arguments)
        draw = figure.tight_layout
        monkeypatch.setattr(figure, "tight_layout", lambda: (warnings.warn("another", stacklevel=2), draw()))
        return figure

    monkeypatch.setattr(report_module, "_confusion", warned)
    labels = [native(b"\xe6\x95\xb0".decode("utf-8")), "x"]
    generator = numpy.random.RandomState(0)
    test = dataset.Split(generator.rand(8, 784).astype("f"), generator.randint(0, 2, 8))
    history = [dict.fromkeys(report_module.COLUMNS, 1.0)]
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        before = list(warnings.filters)
        report_module.write(str(tmpdir), history, labels, test, generator.rand(8, 2), (28, 28, 1))
        assert warnings.filters == before
    assert [str(each.message) for each in told] == ["another"]


def test_optimizers_are_compared_without_a_checkpoint(train, tmpdir, capsys):
    report = tmpdir.join("report")
    code, prefix = train("--steps", "50", "--compare-optimizers", "--report", str(report))
    best = json.loads(capsys.readouterr().out.splitlines()[-1])["optimizers"]
    assert code == 0
    assert sorted(best) == ["adam", "momentum", "rmsprop", "sgd"]
    assert not os.path.exists(prefix + ".index")
    assert report.join("rmsprop.csv").check()


def test_folders_of_pictures_are_trained_on(tmpdir, capsys):
    pytest.importorskip("PIL.Image", reason="Pillow cannot be imported by this Python")
    from test_training_folders import drawing, save

    for index in range(12):
        save(tmpdir, "left", "%d.png" % index, drawing(-20 - index))
        save(tmpdir, "right", "%d.png" % index, drawing(20 + index))
    prefix = str(tmpdir.join("hands.ckpt"))
    options = ["--data", str(tmpdir), "--out", prefix, "--recipe", "softmax", "--steps", "60"]
    assert mnist_train.main(options + ["--batch", "8"]) == 0
    found = checkpoint.read(prefix)
    assert found.labels == ("left", "right")
    assert found.classes == 2
    assert found.sidecar["accuracy"]["test"] == 1.0


def test_fonts_that_are_drawn_from_are_part_of_the_data(train, tmpdir, monkeypatch, capsys):
    # The pictures themselves take a minute to make.
    monkeypatch.setattr(command.mixture, "pools", lambda *given: ())
    monkeypatch.setattr(saving, "remove_state", lambda prefix: None)
    fonts = samples.fonts_folder(tmpdir.join("fonts"))
    options = ("--network", "softmax", "--steps", "5", "--fonts", fonts)
    _, prefix = train(*options, recipe="digits")
    data = checkpoint.read(prefix).sidecar["data"]
    assert sorted(data) == ["fonts"] + sorted(dataset.MNIST_FILES)
    assert data["fonts"] == glyphs.checksum(fonts)
    tmpdir.join("fonts", "lato", "400-normal.woff").write("another")
    assert train("--resume", "--fonts", fonts, recipe="digits")[0] == 1
    assert capsys.readouterr().err.splitlines()[1] == "It was trained on other data."


# -- Inside -----------------------------------------------------------------------------------


def trained(network, classes=10, steps=40, **changes):
    """Return (trainer, served, pictures, one-hot labels) after a few steps."""
    changes.setdefault("keep_prob", 1.0)
    changes.setdefault("bfloat16", False)
    threads = changes.pop("threads", 1)
    table = recipes.recipe("convolutional", network=network.name, **changes)
    trainer = graph.Trainer(network, classes, table, 0, threads)
    served = graph.Served(trainer.tf, network, classes, 1)
    pictures, labels = samples.patterns(64, 0, classes)
    pictures = pictures.reshape(-1, 784).astype(numpy.float32) / 255
    targets = batches.one_hot(labels, classes)
    for _ in range(steps):
        trainer.step(pictures, targets, 0.01)
    return trainer, served, pictures, targets


def test_what_is_learnt_is_kept_by_name_in_the_order_of_the_network():
    trainer, _, _, _ = trained(networks.COMPACT, steps=3, optimizer="adam", average=0.9)
    state, arrays = trainer.state(), trainer.arrays(averaged=False)
    names = [name for name, _ in trainer.table]
    assert list(trainer._variables) == names
    assert sorted(state) == trainer.names
    for name in names:
        assert numpy.array_equal(state[name], arrays[name])
        assert state[name + "/Adam"].shape == arrays[name].shape
    other, _, _, _ = trained(networks.COMPACT, steps=0, optimizer="adam", average=0.9)
    other.restore(state)
    again = other.state()
    assert all(numpy.array_equal(again[name], state[name]) for name in state)


def test_normalisation_is_folded_so_that_nothing_changes(monkeypatch):
    # Without a memory the moving averages are the last batch's own moments.
    monkeypatch.setattr(graph, "MOMENTS_DECAY", 0.0)
    trainer, served, pictures, targets = trained(networks.DIGITS, steps=3)
    feed = {trainer._pictures: pictures, trainer._targets: targets}
    trainer.session.run(trainer._updates, feed)
    served.load(trainer.arrays())
    loss = loop.cross_entropy(served.logits(pictures), targets.argmax(1))
    # TensorFlow keeps the variance over N - 1 and learns with the one over N.
    assert loss == pytest.approx(float(trainer.session.run(trainer._loss, feed)), rel=0.02)


@pytest.mark.parametrize("bfloat16", [False, True])
@pytest.mark.parametrize("name", ["convolutional", "digits"])
def test_one_seed_learns_the_same_on_all_threads(name, bfloat16):
    if bfloat16 and not graph.has_bfloat16():
        pytest.skip("This processor has no bfloat16")
    runs = []
    for _ in range(2):
        changes = {"bfloat16": bfloat16, "average": 0.99, "keep_prob": 0.5, "threads": 0}
        trainer, _, _, _ = trained(networks.named(name), steps=6, **changes)
        runs.append(trainer.state())
        trainer.close()
    assert all(numpy.array_equal(one, again) for one, again in zip(*runs))


def test_a_moving_average_is_saved_when_the_recipe_has_one():
    trainer, _, _, _ = trained(networks.SOFTMAX, average=0.99)
    averaged, present = trainer.arrays(), trainer.arrays(averaged=False)
    assert not numpy.allclose(averaged["W"], present["W"])
    assert numpy.corrcoef(averaged["W"].ravel(), present["W"].ravel())[0, 1] > 0.9


def test_weight_decay_keeps_kernels_small():
    free, _, _, _ = trained(networks.SOFTMAX, l2=0.0)
    held, _, _, _ = trained(networks.SOFTMAX, l2=0.1)
    assert numpy.abs(held.arrays()["W"]).sum() < 0.7 * numpy.abs(free.arrays()["W"]).sum()


@pytest.mark.parametrize("name", ["sgd", "momentum", "rmsprop", "adam"])
def test_every_optimizer_learns(name):
    _, served, pictures, targets = trainer_of(name)
    assert (served.logits(pictures).argmax(1) == targets.argmax(1)).all()


def trainer_of(name):
    rate = {"sgd": 0.1, "momentum": 0.05}.get(name, 0.01)
    trainer, served, pictures, targets = trained(networks.SOFTMAX, steps=0, optimizer=name)
    for _ in range(60):
        trainer.step(pictures, targets, rate)
    served.load(trainer.arrays())
    return trainer, served, pictures, targets


def adam_along_axes(gradients, rate, turned_after):
    """Return where steps along the axes of the gradients' second moment end, begun at nothing."""
    size = gradients.shape[1]
    place, mean, squares = numpy.zeros(size), numpy.zeros(size), numpy.zeros(size)
    matrix, axes = numpy.zeros((size, size)), numpy.eye(size)
    for count, gradient in enumerate(gradients, 1):
        mean = 0.9 * mean + 0.1 * gradient
        squares = 0.999 * squares + 0.001 * axes.T.dot(gradient) ** 2
        along = axes.T.dot(mean) / (1 - 0.9**count)
        place = place - rate * axes.dot(along / numpy.sqrt(squares / (1 - 0.999**count)))
        matrix = 0.99 * matrix + 0.01 * numpy.outer(gradient, gradient)
        if count == turned_after:
            before, axes = axes, numpy.linalg.eigh(matrix)[1]
            squares = (axes.T.dot(before) ** 2).dot(squares)
    return place


def test_adam_runs_along_the_axes_of_the_gradients_second_moment(monkeypatch):
    # Of too few gradients some axes would be any.
    monkeypatch.setattr(eigen, "FIRST", (20,))
    random = numpy.random.RandomState(0)
    gradients = random.standard_normal((40, 6)).dot(random.standard_normal((6, 6)))
    tf = tensorflow1.load()
    with tf.Graph().as_default(), tf.Session() as session:
        # Two variables, of which the axes are common.
        parts = tf.Variable(numpy.zeros(2, numpy.float32)), tf.Variable(tf.zeros([2, 2]))
        fed = tf.placeholder(tf.float32, [6])
        place = tf.concat([tf.reshape(part, [-1]) for part in parts], 0)
        optimizer = graph.OPTIMIZERS["eigen"](tf, 0.01)
        learn = optimizer.minimize(tf.reduce_sum(fed * place), var_list=parts)
        session.run(tf.global_variables_initializer())
        for gradient in gradients:
            session.run(learn, {fed: gradient})
            optimizer.after(session)
        found = session.run(place)
    wanted = adam_along_axes(gradients, 0.01, 20)
    assert numpy.abs(wanted).max() > 0.05
    assert numpy.allclose(found, wanted, atol=1e-4)
    assert not numpy.allclose(found, adam_along_axes(gradients, 0.01, 0), atol=1e-2)


def test_a_network_is_too_large_for_the_axes_of_its_curvature(train, capsys):
    code, _ = train("--optimizer", "eigen")
    assert code == 1
    assert capsys.readouterr().err == (
        "'--optimizer' cannot be eigen.\n"
        "It takes that for networks of at most 3000 parameters; 'softmax' has 7850.\n"
        "Change the option.\n"
    )


@pytest.fixture
def three_beginnings(monkeypatch):
    table = dict(recipes.RECIPES["softmax"], beginnings=3, trial=0.5)
    monkeypatch.setitem(recipes.RECIPES, "softmax", table)


def test_of_several_beginnings_the_best_by_validation_goes_on(train, three_beginnings, capsys):
    _, one = train("--steps", "60", out="one.ckpt")
    lines = capsys.readouterr().out.splitlines()
    tried = [line for line in lines if line.startswith("Beginning ")]
    entropies = [float(line.split("cross entropy ")[1].split()[0]) for line in tried]
    best = entropies.index(min(entropies)) + 1
    assert len(tried) == 3
    assert "Going on from beginning %d of 3." % best in lines
    _, again = train("--steps", "60", out="again.ckpt")
    assert content(one) == content(again)


def test_ctrl_c_in_a_beginning_writes_nothing(train, three_beginnings, monkeypatch, capsys):
    def interrupted(run, *batch):
        raise KeyboardInterrupt

    monkeypatch.setattr(loop.Run, "_learn", interrupted)
    code, prefix = train("--steps", "60")
    assert code == 130
    assert capsys.readouterr().err.splitlines()[-1] == (
        "Stopped before training began; nothing is written."
    )
    assert not os.path.exists(prefix + ".index")


def test_the_hosts_default_graph_is_left_alone():
    # Keras, in another test, may have left operations of its own.
    before = tensorflow1.load().get_default_graph().get_operations()
    trainer, _, _, _ = trained(networks.SOFTMAX, steps=1)
    assert trainer.tf.get_default_graph().get_operations() == before


def test_the_sidecar_says_how_the_file_was_made(train):
    _, prefix = train("--steps", "10", "--seed", "9")
    with open(prefix + ".json") as stream:
        sidecar = json.load(stream)
    assert sidecar["format"] == 1
    assert sidecar["seed"] == 9
    assert sidecar["recipe"]["name"] == "softmax"
    assert sidecar["recipe"]["steps"] == 10
    assert sidecar["input"]["ink"] == "light on dark"
    assert sorted(sidecar["versions"]) == ["mlinference", "numpy", "python", "system", "tensorflow"]
    assert sidecar["seconds"] > 0
    with open(prefix + saving.SUFFIXES[0], "rb") as stream:
        assert sidecar["sha256"] == hashlib.sha256(stream.read()).hexdigest()
    assert command.named("softmax") is networks.SOFTMAX
