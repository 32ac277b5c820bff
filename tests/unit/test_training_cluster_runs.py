"""Servers and workers as processes on this machine: what they train, and what they survive."""

from __future__ import print_function

import functools
import io
import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import training_samples as samples

from mlinference import checkpoint, classifier
from mlinference.engines import tensorflow1
from mlinference.training import saving
from mlinference.training.cluster import board, meeting, server

mnist_train = __import__("mnist_train")

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(os.name != "posix", reason="ends processes by signals"),
]

# Seconds after which a test gives up; a busy machine imports TensorFlow slowly.
LONGEST = 150.0

# Enough for a dozen validations that something can happen between.
STEPS = 4000


class Process(object):
    """A mnist_train.py of its own; what it prints is in `said()`."""

    def __init__(self, log, arguments, environ):
        self.log = str(log)
        with io.open(self.log, "wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-u", mnist_train.__file__.replace(".pyc", ".py")] + arguments,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env=dict(os.environ, **environ),
            )

    def said(self):
        with io.open(self.log, encoding="utf-8", errors="replace") as stream:
            return stream.read()

    def ended(self):
        return self.process.poll() is not None

    def code(self):
        """Wait for its end; return its exit code."""
        until(self.ended, self)
        return self.process.returncode

    def signal(self, number):
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait()


def until(happened, *processes):
    """Wait for something, or fail with what the processes have printed."""
    end = time.time() + LONGEST
    while not happened():
        if time.time() > end:
            pytest.fail("\n".join(each.said() for each in processes))
        time.sleep(0.05)


@pytest.fixture
def prefix(tmpdir):
    return str(tmpdir.join("net.ckpt"))


@pytest.fixture
def start(tmpdir, prefix):
    """Start mnist_train.py with these options; whatever still runs at the end is killed."""
    data = samples.mnist_folder(tmpdir.mkdir("mnist"), train=6000, test=200)
    started = []

    def run(*options, **environ):
        given = ["--data", data, "--out", prefix, "--recipe", "softmax", "--threads", "1"]
        given += ["--wait", "60"] + list(options)
        log = tmpdir.join("%d.log" % len(started))
        started.append(Process(log, given, dict({"TF_CONFIG": ""}, **environ)))
        return started[-1]

    yield run
    for each in started:
        if not each.ended():
            each.signal(signal.SIGTERM)
    for each in started:
        try:
            until(each.ended)
        finally:
            if not each.ended():
                each.signal(signal.SIGKILL)


@pytest.fixture
def member(start):
    """Start one process of a cluster of one server and so many workers."""
    ports = meeting.free_ports(3)

    def run(job, task, *options, **values):
        here = ["127.0.0.1:%d" % port for port in ports[: 1 + values.get("workers", 2)]]
        steps = ("--steps", str(values.get("steps", STEPS)))
        if values.get("by_environment"):
            cluster = {"cluster": {"ps": here[:1], "worker": here[1:]}}
            told = dict(cluster, task={"type": job, "index": task})
            return start(*(steps + options), TF_CONFIG=json.dumps(told))
        text = "ps=%s,worker=%s" % (here[0], ",".join(here[1:]))
        own = ("--cluster", text, "--job", job, "--task", str(task))
        return start(*(steps + own + options))

    return run


def validations(prefix, count, *processes):
    """Wait until the chief has validated so often again; return the step of the last one."""
    for _ in range(count):
        before = written(prefix)
        until(functools.partial(changed, prefix, before), *processes)
    return saving.read_state(prefix)[2]["step"]


def written(prefix):
    """Return when the chief has validated last, or None."""
    path = prefix + saving.STATE_SUFFIX
    return os.stat(path).st_mtime if os.path.exists(path) else None


def changed(prefix, before):
    return written(prefix) not in (None, before)


def processes_of(said):
    """Return the processes that the local launcher has named."""
    return [int(number) for number in re.findall(r"is process (\d+)\.", said)]


def alive(number):
    try:
        os.kill(number, 0)
    except OSError:
        return False
    return True


def test_a_board_is_whole_before_anybody_reads_it():
    tf = tensorflow1.load()
    with tf.Graph().as_default():
        notes = board.Board(tf, 2)
    ran = []
    notes.link = Recorder(ran)
    notes.begin(5)
    assert len(ran) == 3 and ran[1][1:] == ({notes._fed: 5},)
    assert ran[2][0] is notes._all.stage.initializer
    # Who reads while a chief begins again never finds another stamp than a chief's.
    others = [notes._all.step, notes._all.joined, notes._all.made]
    assert set(ran[0][0].control_inputs) == {each.initializer for each in others}


class Recorder(object):
    """A link that notes what is run."""

    def __init__(self, ran):
        self._ran = ran

    def run(self, *arguments):
        self._ran.append(arguments)


def test_one_command_trains_in_three_processes_and_leaves_none(start, prefix):
    launcher = start("--cluster", "local:2", "--steps", "1000")
    assert launcher.code() == 0, launcher.said()
    said = launcher.said()
    last = json.loads(said.splitlines()[-1])
    found = checkpoint.read(prefix)
    learnt = found.sidecar["cluster"].pop("learnt")
    assert found.sidecar["cluster"] == {"servers": 1, "workers": 2}
    # Each worker may have begun a step when the other has learnt the last.
    assert len(learnt) == 2 and 1000 <= sum(learnt) <= 1001
    assert last["steps"] == found.sidecar["steps"] == 1000
    assert last["test"] == found.sidecar["accuracy"]["test"] > 0.99
    assert not os.path.exists(prefix + saving.STATE_SUFFIX)
    pictures = samples.patterns(20, 3)[0].reshape(20, 784).astype("float32") / 255
    for engine in ("numpy", "tensorflow"):
        answers = classifier.Classifier(found, engine=engine).predict(pictures).argmax(1)
        assert list(answers) == list(range(10)) * 2
    assert len(processes_of(said)) == 3
    assert [number for number in processes_of(said) if alive(number)] == []


def test_a_killed_worker_is_survived_and_a_killed_chief_comes_back(member, prefix):
    server_ = member("ps", 0)
    worker = member("worker", 1, by_environment=True)
    chief = member("worker", 0)
    until(lambda: "step " in worker.said(), server_, chief, worker)
    worker.signal(signal.SIGKILL)
    before = validations(prefix, 2, server_, chief)
    chief.signal(signal.SIGKILL)
    again = member("worker", 0, "--resume")
    step = validations(prefix, 1, server_, again)
    server_.signal(signal.SIGTERM)
    assert again.code() == server.INTERRUPTED, again.said()
    assert server_.code() == 0, server_.said()
    (going_on,) = re.findall(r"The servers are at step (\d+); training goes on", again.said())
    assert before <= int(going_on) <= step
    assert "Stopped at step" in again.said()
    history = saving.read_state(prefix)[2]["history"]
    steps = [moment["step"] for moment in history]
    assert steps == sorted(set(steps)) and steps[0] <= before < steps[-1]
    assert checkpoint.read(prefix).sidecar["accuracy"]["validation"] > 0.99


def test_a_killed_server_ends_the_run_which_goes_on_from_its_last_validation(member, prefix):
    alone = {"workers": 1, "steps": STEPS // 2}
    server_, chief = member("ps", 0, **alone), member("worker", 0, **alone)
    step = validations(prefix, 1, server_, chief)
    server_.signal(signal.SIGKILL)
    assert chief.code() == 1
    told = chief.said().splitlines()[-3:]
    assert told[0] == "The cluster has broken off."
    assert re.sub(r"\d+'", "PORT'", told[1]) == "Gone: ps 0 ('127.0.0.1:PORT')."
    assert told[2].startswith("Start all of it again with '--resume'; it goes on from the last")
    assert os.path.exists(prefix + ".index")
    server_ = member("ps", 0, **alone)
    chief = member("worker", 0, "--resume", **alone)
    assert chief.code() == 0, chief.said()
    assert server_.code() == 0, server_.said()
    found = checkpoint.read(prefix).sidecar
    assert found["steps"] == alone["steps"]
    # The server counted from where the first run was validated last, not from the beginning.
    assert sum(found["cluster"]["learnt"]) <= alone["steps"] - step


def test_a_run_that_is_asked_to_stop_saves_and_goes_on_alone(start, prefix, tmpdir, monkeypatch):
    launcher = start("--cluster", "local:1", "--steps", str(20 * STEPS))
    until(lambda: "step " in launcher.said(), launcher)
    launcher.signal(signal.SIGTERM)
    assert launcher.code() == server.INTERRUPTED, launcher.said()
    assert [number for number in processes_of(launcher.said()) if alive(number)] == []
    (stopped,) = re.findall(r"Stopped at step (\d+);", launcher.said())
    read_state = saving.read_state

    def shorter(prefix):
        table, arrays, plain = read_state(prefix)
        return dict(table, steps=plain["step"] + 5), arrays, plain

    monkeypatch.setattr(saving, "read_state", shorter)
    given = ["--data", str(tmpdir.join("mnist")), "--out", prefix, "--threads", "1", "--resume"]
    assert mnist_train.main(given) == 0
    assert checkpoint.read(prefix).sidecar["steps"] == int(stopped) + 5
