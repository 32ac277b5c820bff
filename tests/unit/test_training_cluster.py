"""Who is in a cluster, who is missing, and when a server has nothing left to do; no TensorFlow."""

import collections
import json
import re
import signal
import socket
import threading

import numpy
import pytest

from mlinference import errors, networks, own
from mlinference._compat import native
from mlinference.training import dataset, recipes, saving
from mlinference.training.cluster import (
    addresses,
    board,
    local,
    meeting,
    replica,
    roles,
    server,
)

mnist_train = __import__("mnist_train")

TEXT = "ps=h:2222,worker=h:2223,h:2224"


def chosen(*given, **environ):
    return addresses.chosen(mnist_train.arguments().parse_args(list(given)), environ)


def tf_config(**values):
    return {"TF_CONFIG": json.dumps(values)}


# -- What a cluster is called ---------------------------------------------------------------------


def test_a_process_finds_itself_in_the_text():
    found = chosen("--cluster", TEXT, "--job", "worker", "--task", "1")
    assert (found.own, found.number, found.leads, found.serves) == ("h:2224", 1, False, False)
    assert found.workers == [("worker", 0), ("worker", 1)]
    assert found.tasks("ps") == [("ps", 0)]
    assert found.text() == TEXT


def test_worker_0_leads_where_there_is_no_chief():
    assert chosen("--cluster", TEXT, "--job", "worker").leads
    with_chief = TEXT + ",chief=h:2225"
    assert not chosen("--cluster", with_chief, "--job", "worker").leads
    chief = chosen("--cluster", with_chief, "--job", "chief")
    assert (chief.leads, chief.number, len(chief.workers)) == (True, 0, 3)


def test_a_server_serves():
    assert chosen("--cluster", TEXT, "--job", "ps").serves


def test_addresses_of_every_kind_are_taken():
    text = "ps=[::1]:2222,worker=127.0.0.1:2223, render-07.farm:65535"
    found = chosen("--cluster", text, "--job", "worker", "--task", "1")
    assert found.own == "render-07.farm:65535"
    assert meeting.parts(found.address("ps", 0)) == ("::1", 2222)


def test_a_port_of_more_digits_than_python_reads_is_none():
    assert not addresses.is_address("h:" + "1" * 5000)


def test_tf_config_is_read_as_tensorflow_defines_it():
    cluster = {"chief": ["h:1"], "ps": ["h:2", "h:3"], "worker": ["h:4"]}
    environ = tf_config(cluster=cluster, task={"type": "worker", "index": 0})
    found = chosen(**environ)
    assert (found.job, found.task, found.own, found.number) == ("worker", 0, "h:4", 1)
    assert all(type(each) is str for each in found.jobs["ps"] + [found.job])
    assert chosen(**tf_config(cluster=cluster, task={"type": "ps", "index": "1"})).own == "h:3"


def test_the_option_overrides_tf_config():
    environ = tf_config(cluster={"ps": ["x:1"], "worker": ["x:2"]}, task={"type": "ps"})
    assert chosen("--cluster", TEXT, "--job", "ps", **environ).own == "h:2222"


@pytest.mark.parametrize("environ", [{}, {"TF_CONFIG": ""}, tf_config(task={"type": "worker"})])
def test_without_a_cluster_a_process_trains_alone(environ):
    assert chosen(**environ) is None


@pytest.mark.parametrize(
    "text, workers", [("local", 2), ("local:3", 3), (TEXT, None), ("local:x", None), (None, None)]
)
def test_local_asks_for_workers(text, workers):
    assert addresses.local(text) == workers


@pytest.mark.parametrize(
    "text, found",
    [
        ("h:2222", "'h:2222' belongs to no job."),
        ("ps=h:1,gpu=h:2", "'gpu' is no job; there are 'ps', 'chief', 'worker'."),
        ("ps=h:1,worker=h", "'h' is not HOST:PORT."),
        ("ps=h:1,worker=h:70000", "'h:70000' is not HOST:PORT."),
        ("ps=h:1,worker=a b:2", "'a b:2' is not HOST:PORT."),
        (native(u"ps=h:\u00b2,worker=h:1"), native(u"'h:\u00b2' is not HOST:PORT.")),
        ("ps=h:1,worker=h:1", "'h:1' is there twice."),
        ("ps=h:1,ps=h:2", "'ps' is there twice."),
        ("worker=h:1", "There is no 'ps' to hold the variables."),
        ("ps=h:1", "There is no 'worker' to learn."),
        ("ps=h:1,chief=h:2,h:3", "There is more than one chief."),
        ("local:x", "'local:x' belongs to no job."),
    ],
)
def test_a_text_that_is_no_cluster_is_answered(text, found):
    with pytest.raises(errors.ClusterInvalid) as caught:
        chosen("--cluster", text, "--job", "ps")
    assert str(caught.value).split("\n") == [
        "'--cluster' names no cluster.",
        found,
        "Write 'ps=HOST:PORT,worker=HOST:PORT,HOST:PORT', or 'local:2' for all on this machine.",
    ]


@pytest.mark.parametrize(
    "text, found",
    [
        ("[]", "It is no mapping."),
        ('{"cluster": [1]}', "'cluster' or 'task' is no mapping."),
        ('{"cluster": {"ps": "h:1"}}', "'ps' is no list of addresses."),
        ('{"cluster": {"worker": ["h:1"]}}', "There is no 'ps' to hold the variables."),
        (
            '{"cluster": {"ps": ["h:1"], "worker": ["h:2"]}, "task": {"type": "ps", "index": -1}}',
            "'index' of its task is -1.",
        ),
    ],
)
def test_a_tf_config_that_is_no_cluster_is_answered(text, found):
    with pytest.raises(errors.EnvironmentInvalid) as caught:
        chosen(TF_CONFIG=text)
    assert str(caught.value).split("\n") == [
        "TF_CONFIG names no cluster.",
        found,
        "Mend it or empty it; '--cluster' overrides it.",
    ]


@pytest.mark.parametrize("text", ["{", "[" * 100000], ids=["cut off", "too deep"])
def test_a_tf_config_that_is_no_json_is_answered(text):
    with pytest.raises(errors.EnvironmentInvalid) as caught:
        chosen(TF_CONFIG=text)
    assert caught.value.found.startswith("It is no JSON: ")


def test_a_process_that_is_not_in_the_cluster_is_answered_with_those_that_are():
    with pytest.raises(errors.TaskUnknown) as caught:
        chosen("--cluster", TEXT, "--job", "worker", "--task", "2")
    assert str(caught.value).split("\n") == [
        "The cluster has no worker 2.",
        "It has ps 0, worker 0, worker 1.",
        "Give one of these as '--job' and '--task', or as TF_CONFIG's 'task'.",
    ]
    environ = tf_config(cluster={"ps": ["h:1"], "worker": ["h:2"]}, task={"type": "evaluator"})
    with pytest.raises(errors.TaskUnknown) as caught:
        chosen(**environ)
    assert caught.value.problem == "The cluster has no evaluator 0."


def test_a_process_has_to_say_which_it_is():
    with pytest.raises(errors.TaskUnsaid) as caught:
        chosen("--cluster", TEXT)
    assert str(caught.value).split("\n") == [
        "It is not said which process of the cluster this is.",
        "The cluster has ps 0, worker 0, worker 1.",
        "Give '--job' and '--task', or put a 'task' into TF_CONFIG.",
    ]


def test_a_job_without_a_cluster_is_answered():
    with pytest.raises(errors.ClusterInvalid) as caught:
        chosen("--job", "ps")
    assert caught.value.found == "'--job' and '--task' are given without it."


@pytest.mark.parametrize(
    "given, said",
    [
        (
            ["--cluster", "local", "--compare-optimizers"],
            [
                "'--compare-optimizers' and a cluster do not go together.",
                "It trains several times.",
                "Leave one of them out.",
            ],
        ),
        (
            ["--cluster", "local", "--optimizer", "eigen"],
            [
                "'--optimizer eigen' and a cluster do not go together.",
                "One process turns the axes that it steps along.",
                "Leave one of them out.",
            ],
        ),
        (
            ["--cluster", "local", "--beginnings", "12"],
            [
                "'--beginnings' and a cluster do not go together.",
                "One process alone tries first values before it goes on.",
                "Leave one of them out.",
            ],
        ),
        (
            ["--cluster", "local", "--network", "no"],
            [
                "No network is called 'no'.",
                "There are '%s'." % "', '".join(each.name for each in networks.NETWORKS),
                "Give one of these as '--network', or 'package.module:function' of your own.",
            ],
        ),
        (
            ["--cluster", "local", "--wait", "0"],
            [
                "'--wait' cannot be 0.0.",
                "It takes seconds from 1 to 1000000.",
                "Change the option.",
            ],
        ),
        (
            ["--cluster", "local:0"],
            [
                "'--cluster' names no cluster.",
                "'local:0' is no worker at all.",
                "Write 'ps=HOST:PORT,worker=HOST:PORT,HOST:PORT', "
                "or 'local:2' for all on this machine.",
            ],
        ),
        (
            ["--cluster", "local:65"],
            [
                "'--cluster' names no cluster.",
                "'local:65' is more than the 64 workers that one machine starts.",
                "Write 'ps=HOST:PORT,worker=HOST:PORT,HOST:PORT', "
                "or 'local:2' for all on this machine.",
            ],
        ),
    ],
)
def test_options_that_do_not_do_are_answered_before_anything_is_started(given, said, capsys):
    assert mnist_train.main(given) == 1
    assert capsys.readouterr().err.splitlines() == said


# -- Whether its processes can meet ---------------------------------------------------------------


@pytest.fixture
def listener():
    """A socket that listens on a port of its own."""
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.bind(("127.0.0.1", 0))
    taken.listen(5)
    yield taken
    taken.close()


def cluster_at(*ports):
    here = ["127.0.0.1:%d" % port for port in ports]
    return addresses.from_text("ps=%s,worker=%s" % (here[0], ",".join(here[1:])), "ps", 0)


def test_a_port_in_use_is_answered(listener):
    port = listener.getsockname()[1]
    with pytest.raises(errors.AddressTaken) as caught:
        meeting.check(cluster_at(port, *meeting.free_ports(1)))
    assert str(caught.value).split("\n")[::2] == [
        "This process cannot listen at '127.0.0.1:%d'." % port,
        "End what listens there, or give another port to every process of the cluster.",
    ]


def test_free_ports_are_free_and_different():
    ports = meeting.free_ports(3)
    assert len(set(ports)) == 3
    meeting.check(cluster_at(*ports))


def test_a_machine_that_is_none_is_answered():
    cluster = addresses.from_text("ps=no.such.host.invalid:2222,worker=127.0.0.1:2223", "ps", 0)
    with pytest.raises(errors.HostUnknown) as caught:
        meeting.check(cluster)
    assert str(caught.value).split("\n")[::2] == [
        "There is no machine at 'no.such.host.invalid:2222'.",
        "Mend the cluster's addresses.",
    ]


class Clock(object):
    """A clock that goes on by what is slept."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_who_listens_is_not_missing(listener):
    (free,) = meeting.free_ports(1)
    cluster = cluster_at(listener.getsockname()[1], free)
    assert meeting.missing(cluster, [("ps", 0), ("worker", 0)]) == [("worker", 0)]
    meeting.wait(cluster, [("ps", 0)], 1)


def test_who_is_missing_for_too_long_is_named():
    ports = meeting.free_ports(3)
    cluster, clock = cluster_at(*ports), Clock()
    with pytest.raises(errors.ProcessMissing) as caught:
        meeting.wait(cluster, cluster.tasks("worker"), 30, clock, clock.sleep)
    assert str(caught.value).split("\n") == [
        "Missing: worker 0 ('127.0.0.1:%d'), worker 1 ('127.0.0.1:%d')." % tuple(ports[1:]),
        "Nothing has answered there for 30 s.",
        "Start it, with the same '--cluster', or let '--wait' be longer.",
    ]
    assert 1030 <= clock.now < 1031


# -- When a server's work is done -----------------------------------------------------------------


class Story(object):
    """A board whose notes follow a script of (notes, who listens); the last one stays."""

    def __init__(self, *script):
        self.script, self.listening, self.was_set = list(script), (), []

    def read(self):
        notes, self.listening = self.script[0]
        if len(self.script) > 1:
            del self.script[0]
        return notes

    def set(self, name, value):
        self.was_set.append((name, value))


def notes(stage, step=0):
    return board.Notes(stage, step, 1, numpy.zeros(2, int), numpy.zeros(2, int))


@pytest.fixture
def watch(monkeypatch):
    """Build a server's Watch of 60 s; its clock is `clock`."""

    def build(story, asked=False):
        cluster = addresses.from_text(TEXT, "ps", 0)
        named = {address: job + str(n) for job in cluster.jobs for n, address in
                 enumerate(cluster.jobs[job])}
        monkeypatch.setattr(
            meeting, "listens", lambda address, *_: named[address] in story.listening
        )
        clock = Clock()
        built = server.Watch(cluster, story, 60, clock, clock.sleep)
        built.clock = clock
        if asked:
            built.stop()
        return built

    return build


def test_a_server_ends_with_the_training_when_all_have_left(watch):
    here = ("worker0", "worker1")
    story = Story((None, here), (notes(board.RUNNING, 5), here), (notes(board.ENDED, 9), ()))
    assert watch(story).go() == 0


def test_a_server_lets_the_others_leave_first(watch):
    story = Story((notes(board.ENDED), ("worker1",)))
    built = watch(story)
    assert built.go() == 0
    assert built.clock.now == 1000 + server.LEAVING


def test_a_server_does_not_wait_for_ever_for_a_chief(watch):
    built = watch(Story((None, ())))
    with pytest.raises(errors.ProcessMissing) as caught:
        built.go()
    assert caught.value.problem == "Missing: worker 0 ('h:2223')."
    assert 1060 <= built.clock.now < 1061


def test_a_chief_that_prepares_for_long_is_not_missing(watch):
    prepared = [(None, ("worker0",))] * 500
    story = Story(*(prepared + [(notes(board.ENDED), ())]))
    built = watch(story)
    assert built.go() == 0
    assert built.clock.now > 1200


def test_a_server_stays_while_workers_learn_without_the_chief(watch):
    learning = [(notes(board.RUNNING, step), ("worker1",)) for step in range(1, 300)]
    built = watch(Story(*learning))
    with pytest.raises(errors.ChiefGone) as caught:
        built.go()
    assert str(caught.value).split("\n") == [
        "worker 0 ('h:2223') has gone, and does not come back.",
        "Training is at step 299, and nobody learns.",
        "Start everything again with '--resume', or let '--wait' be longer.",
    ]
    assert built.clock.now > 1000 + 299 * server.PAUSE + 59


def test_a_server_that_is_asked_to_stop_asks_the_chief(watch):
    story = Story((notes(board.RUNNING), ("worker0",)), (notes(board.STOPPING), ("worker0",)),
                  (notes(board.ENDED), ()))
    assert watch(story, asked=True).go() == 0
    assert story.was_set == [("stage", board.STOPPING)]


@pytest.mark.parametrize(
    "told", [(None, ("worker0",)), (notes(board.PREPARING), ("worker0",)),
             (notes(board.RUNNING), ("worker1",))]
)
def test_a_server_that_is_asked_to_stop_where_nobody_would_save_stops(watch, told):
    built = watch(Story(told), asked=True)
    assert built.go() == server.INTERRUPTED
    assert built.clock.now == 1000


def test_a_chief_gets_time_to_save_and_no_more(watch):
    built = watch(Story((notes(board.STOPPING), ("worker0",))), asked=True)
    assert built.go() == server.INTERRUPTED
    assert built.clock.now == 1000 + server.SAVING


# -- All processes on one machine -----------------------------------------------------------------


class Child(object):
    """A process that ends at a time of its clock with a code, or never."""

    def __init__(self, clock, end=None, code=None):
        self._clock, self._end, self._code = clock, end, code
        self.name, self.process = "it", collections.namedtuple("Process", "returncode")(None)

    def ended(self):
        over = self._end is not None and self._clock() >= 1000 + self._end
        self.process = self.process._replace(returncode=self._code if over else None)
        return over

    def killed(self):
        return self.ended() and self._code < 0

    def said(self):
        return ""


@pytest.mark.parametrize(
    "holder, chief, code, seconds",
    [
        ((), (10, 1), 1, 10 + local.FAILED),
        ((), (10, 0), 0, 10 + local.LEAVING),
        ((), (10, server.INTERRUPTED), server.INTERRUPTED, 10 + local.LEAVING),
        ((10, 1), (), 1, 10 + local.LEAVING),
        ((10, 1), (20, 1), 1, 20),
        ((40, 0), (10, 0), 0, 40),
    ],
)
def test_nobody_waits_for_long_on_who_will_not_come(holder, chief, code, seconds, monkeypatch):
    clock = Clock()
    monkeypatch.setattr(
        local, "time", collections.namedtuple("Time", "time sleep")(clock, clock.sleep)
    )
    group = local.Group(addresses.from_text("ps=h:1,worker=h:2", "ps", 0), [])
    group.children = [Child(clock, *holder), Child(clock, *chief)]
    assert group.wait() == code
    assert 0 <= clock.now - 1000 - seconds < 1


def test_a_checkpoint_that_is_there_is_told_of_before_anything_is_started(
    tmpdir, monkeypatch, capsys
):
    tmpdir.join("net.ckpt.index").write("")
    monkeypatch.setattr(local, "Group", None)
    given = ["--cluster", "local", "--data", str(tmpdir), "--out", str(tmpdir.join("net.ckpt"))]
    assert mnist_train.main(given) == 1
    assert "net.ckpt.index' exists." in capsys.readouterr().err


def test_handlers_of_signals_are_put_back():
    def stop(*_):
        pass

    before = signal.getsignal(signal.SIGTERM)
    with server.asked(stop):
        assert signal.getsignal(signal.SIGINT) is signal.getsignal(signal.SIGTERM) is stop
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_handler_that_was_not_pythons_does_no_harm(monkeypatch):
    def set_to(number, handler):
        assert handler is not None
        done.append(handler)

    done = []
    monkeypatch.setattr(server.signal, "signal", set_to)
    with server.asked(done.append):
        pass
    assert done[2:] == [signal.SIG_DFL] * 2


# -- What fails while it runs ---------------------------------------------------------------------


class Failure(Exception):
    """TensorFlow's errors, as far as a Link knows them."""


class Refusal(Failure):
    """One that tells of the graph."""


class Frozen(Failure):
    """One that tells of nothing."""


class Failing(object):
    """As much of TensorFlow as a Link needs; a session of it meets the servers, and then fails."""

    errors = collections.namedtuple("Errors", "OpError DeadlineExceededError")(Failure, Frozen)

    def __init__(self, failure):
        self._failure = failure

    def as_default(self):
        return threading.Lock()

    def no_op(self):
        return None

    def ConfigProto(self, **_):
        return None

    def Session(self, target, graph, config):
        return self

    def run(self, fetches, feed=None):
        if fetches is not None:
            raise self._failure


@pytest.fixture
def link(monkeypatch):
    """Build a Link whose session fails so; nobody listens."""
    monkeypatch.setattr(meeting, "listens", lambda address: False)

    def build(failure):
        tf = Failing(failure)
        built = board.Link(tf, "", tf, addresses.from_text(TEXT, "worker", 0), [], 5)
        board._OPENED.remove(tf)
        return built

    return build


def test_what_tells_of_the_graph_is_no_lost_cluster(link):
    failing = link(Refusal("Only one value"))
    with pytest.raises(Refusal):
        failing.run("step", None, (Refusal,))
    with pytest.raises(errors.ClusterLost):
        failing.run("step")


def test_who_finds_the_cluster_lost_waits_for_the_guard_that_saves(link, monkeypatch):
    monkeypatch.setattr(board, "SILENCE", 0.0)
    failing, order = link(Frozen()), []
    saving_now = threading.Event()

    def end(lost):
        saving_now.set()
        threading.Event().wait(0.3)
        order.append("saved")

    failing._since = 1.0
    failing.guard(end)
    assert saving_now.wait(30)
    with pytest.raises(errors.ClusterLost) as caught:
        failing.run("step")
    order.append("raised")
    assert order == ["saved", "raised"]
    assert str(caught.value).split("\n")[1] == "Gone: ps 0 ('h:2222')."


class Learner(replica.Trainer):
    """A trainer whose graph of one's own network, or of ours, fails as it learns."""

    def __init__(self, network):
        self.network, self._told = network, own.Told(network, (Refusal,))
        self._pictures = self._targets = self._rate = self._loss = self._counted = None
        self.refused = []
        self.session = self

    def run(self, fetches, feed, refusals):
        self.refused.append(refusals)
        raise Refusal("Only one value")


def test_a_network_of_ones_own_that_fails_at_a_step_is_named():
    Network = collections.namedtuple("Network", "name own")
    learner = Learner(Network("mine:network", True))
    with pytest.raises(errors.NetworkFails) as caught:
        learner.step(None, None, 0.1)
    assert str(caught.value).split("\n")[:2] == [
        "'layers' of 'mine:network' fails.",
        "Refusal: Only one value.",
    ]
    ours = Learner(Network("softmax", False))
    with pytest.raises(Refusal):
        ours.step(None, None, 0.1)
    assert (learner.refused, ours.refused) == ([(Refusal,)], [()])


# -- What a worker makes of the board -------------------------------------------------------------


class Work(roles.Session):
    """A worker's session without TensorFlow: only what is needed to look at a Story."""

    def __init__(self, story, job="worker", task=0, resume=False):
        self.cluster = addresses.from_text(TEXT, job, task)
        self.board, self._stamp = story, 1
        self.options = mnist_train.arguments().parse_args(["--wait", "1"])
        self.options.resume = resume
        self._moved, self._made = {}, [0, 0]


class Lost(object):
    """A board that cannot be read."""

    def read(self):
        raise errors.ClusterLost(reason="Transport closed")


def test_a_worker_with_other_options_is_refused():
    worker = Work(Story((notes(board.RUNNING)._replace(stamp=2), ())), task=1)
    with pytest.raises(errors.ClusterDiffers) as caught:
        worker._begun()
    assert str(caught.value).split("\n") == [
        "This process would train something else than worker 0 ('h:2223').",
        "Their recipes, data or seeds differ.",
        "Give every process of the cluster the same options and the same data.",
    ]


@pytest.mark.parametrize(
    "found", [notes(board.RUNNING)._replace(stamp=2), notes(board.ENDED), notes(board.STOPPING)]
)
def test_a_chief_takes_no_servers_that_are_at_something_else(found):
    if found.stage == board.STOPPING:
        found = found._replace(stamp=3)
    with pytest.raises(errors.ServersBusy) as caught:
        Work(Story((found, ())))._check(found, roles.State("/no/such/file"))
    assert str(caught.value).split("\n") == [
        "ps 0 ('h:2222') cannot take this training.",
        "Another one is at work there, or has just ended.",
        "Wait for its end, or stop these servers and start them again.",
    ]


def test_a_chief_that_finds_servers_busy_does_not_end_them(monkeypatch):
    story = Story((notes(board.RUNNING)._replace(stamp=2), ()))
    story.link = collections.namedtuple("Link", "guard")(lambda end: None)
    chief = Work(story)
    monkeypatch.setattr(chief, "keep", lambda logdir: None)
    with pytest.raises(errors.ServersBusy):
        chief.lead(roles.State("/no/such/file"))
    assert story.was_set == []


def test_a_chief_that_comes_back_leaves_the_servers_variables_alone(capsys):
    story, found = Story((None, ())), notes(board.RUNNING, 150)
    Work(story)._check(found, roles.State("/no/such/file"))
    Work(story)._begin(found, roles.State("/no/such/file"))
    assert story.was_set == [("stage", board.RUNNING)]
    assert capsys.readouterr().out == "The servers are at step 150; training goes on there.\n"


def test_new_servers_and_nothing_to_resume_is_answered():
    with pytest.raises(errors.NothingToResume) as caught:
        Work(Story((None, ())), resume=True)._check(None, roles.State("/no/such/file"))
    assert caught.value.problem.startswith("'/no/such/file.state.npz' does not hold a run")


def test_a_chief_starts_no_interrupted_run_over_unasked(tmpdir):
    prefix = str(tmpdir.join("net.ckpt"))
    data = dataset.Dataset("x", None, None, None, "01", {"file": "a"})
    saving.write_state(prefix, recipes.recipe("softmax"), data, {}, {"seed": 3})
    chief, state = Work(Story((None, ()))), roles.State(prefix)
    with pytest.raises(errors.RunInterrupted):
        chief._check(None, state)
    # Beside the servers of that run it goes on, with the same command.
    chief._check(notes(board.RUNNING), state)
    chief.options.force = True
    chief._check(None, state)


def test_a_chief_that_comes_back_is_not_told_of_its_own_state(trained):
    saving.write_state(trained.prefix, recipes.recipe("softmax"), trained.data, {}, {"seed": 3})
    assert trained(0)[0]["name"] == "convolutional"


def test_all_on_one_machine_start_no_interrupted_run_over_unasked(trained, capsys):
    saving.write_state(trained.prefix, recipes.recipe("softmax"), trained.data, {}, {"seed": 3})
    assert mnist_train.main(["--out", trained.prefix, "--cluster", "local:2"]) == 1
    assert "is of an interrupted run." in capsys.readouterr().err


def test_what_listens_and_is_no_server_is_answered():
    with pytest.raises(errors.ServersForeign) as caught:
        Work(Lost(), task=1)._begun()
    assert str(caught.value).split("\n") == [
        "This is not answered by TensorFlow: ps 0 ('h:2222').",
        "Transport closed.",
        "Start it with '--job ps' and the same TensorFlow, or mend its address.",
    ]


def test_a_worker_does_not_wait_for_ever_for_a_chief(monkeypatch):
    monkeypatch.setattr(meeting, "listens", lambda address: False)
    with pytest.raises(errors.ProcessMissing) as caught:
        Work(Story((None, ())), task=1)._begun()
    assert str(caught.value).split("\n")[:2] == [
        "Missing: worker 0 ('h:2223').",
        "Nothing has answered there for 1 s.",
    ]


def test_a_chief_begins_without_those_who_do_not_come_and_names_them(capsys):
    there = notes(board.PREPARING)._replace(joined=numpy.array([1, 0]))
    Work(Story((there, ())))._await()
    assert capsys.readouterr().out == (
        "Not there after 1 s: worker 1 ('h:2224'). "
        "Training goes on without; who comes later joins.\n"
    )


def test_the_chief_tells_of_a_worker_that_stops_learning_and_of_its_return(capsys):
    chief = Work(None)
    for now, made in ((0, 5), (10, 9), (20, 9), (30, 9), (40, 9), (50, 12), (60, 12)):
        chief._look(notes(board.RUNNING)._replace(made=numpy.array([now, made])), now)
    assert capsys.readouterr().out.splitlines() == [
        "worker 1 ('h:2224') has learnt nothing for 20 s; the others go on.",
        "worker 1 ('h:2224') learns again.",
    ]


# -- Which pictures a worker learns from ----------------------------------------------------------


def shards(count, workers, batch=10, seed=7):
    """Return each worker's Shard of `count` pictures; the number of each is its first pixel."""
    pictures = numpy.zeros((count, 784), numpy.float32)
    pictures[:, 0] = numpy.arange(count)
    split = dataset.Split(pictures, numpy.arange(count) % 10)
    text = "ps=h:1,worker=" + ",".join("h:%d" % (2 + n) for n in range(workers))
    table = recipes.recipe("softmax", batch=batch)
    return [
        replica.Shard(addresses.from_text(text, "worker", n), split, (), table, 10, seed)
        for n in range(workers)
    ]


def seen(shard, batches):
    return [int(value) for _ in range(batches) for value in shard.make()[0][:, 0]]


def test_workers_have_seeds_beside_the_last_one_too():
    found = [seen(shard, 10) for shard in shards(300, 3, seed=2**32 - 1)]
    assert sorted(sum(found, [])) == list(range(300))


def test_in_one_round_every_picture_is_seen_by_one_worker():
    found = [seen(shard, 10) for shard in shards(300, 3)]
    assert collections.Counter(sum(found, [])) == dict.fromkeys(range(300), 1)


def test_in_the_next_round_a_worker_sees_other_pictures():
    shard = shards(300, 3)[1]
    first, second = set(seen(shard, 10)), set(seen(shard, 10))
    assert len(first) == len(second) == 100
    assert 10 < len(first & second) < 60


def test_a_worker_that_joins_late_takes_up_the_round_that_the_others_are_in():
    one, other = shards(300, 2)
    seen(one, 15)
    other.begin(30)
    assert not set(seen(one, 15)) & set(seen(other, 15))


def test_more_workers_than_pictures_do_no_harm():
    assert [len(seen(shard, 2)) for shard in shards(3, 5)] == [20] * 5


# -- What is trained ------------------------------------------------------------------------------


def test_the_stamp_tells_recipes_data_and_seeds_apart():
    def stamp(seed=0, checksum="a", **changes):
        data = dataset.Dataset("x", None, None, None, "01", {"file": checksum})
        return board.stamp(recipes.recipe("softmax", **changes), data, seed)

    assert stamp() == stamp()
    assert len({stamp(), stamp(1), stamp(checksum="b"), stamp(batch=3)}) == 4


@pytest.fixture
def trained(tmpdir, monkeypatch):
    """Start a worker without TensorFlow; return the (table, seed) that it would train."""
    monkeypatch.setattr(roles.tensorflow1, "load", lambda: None)
    monkeypatch.setattr(meeting, "check", lambda cluster: None)
    monkeypatch.setattr(meeting, "wait", lambda *_: None)
    monkeypatch.setattr(server, "start", lambda *_: "")
    data = dataset.Dataset("x", None, None, None, "01", {"file": "a"})
    monkeypatch.setattr(roles.command, "load", lambda *_: data)
    found = []

    class Session(object):
        def __init__(self, options, table, network, data, cluster, target):
            found.append((table, options.seed))

        def lead(self, state):
            return 0

        def follow(self):
            return 0

    monkeypatch.setattr(roles, "Session", Session)

    def run(task, *options):
        given = ["--out", str(tmpdir.join("net.ckpt")), "--cluster", TEXT, "--job", "worker"]
        assert mnist_train.main(given + ["--task", str(task)] + list(options)) == 0
        return found[-1]

    run.data, run.prefix = data, str(tmpdir.join("net.ckpt"))
    return run


def test_all_workers_of_a_resumed_run_train_what_its_state_says(trained, capsys):
    table = recipes.recipe("softmax", steps=4000)
    saving.write_state(trained.prefix, table, trained.data, {}, {"seed": 3})
    assert [trained(task, "--resume") for task in (0, 1)] == [(table, 3)] * 2
    assert trained(1)[0]["name"] == "convolutional"
    with pytest.raises(AssertionError):
        trained(1, "--resume", "--steps", "5")
    assert "It has --steps 4000." in capsys.readouterr().err


def test_a_run_of_an_optimizer_that_no_cluster_takes_is_not_resumed_in_one(trained, capsys):
    table = recipes.recipe("compact")
    saving.write_state(trained.prefix, table, trained.data, {}, {"seed": 3})
    with pytest.raises(AssertionError):
        trained(1, "--resume")
    assert capsys.readouterr().err.startswith("'--optimizer eigen' and a cluster do not go")


def test_a_cluster_has_one_beginning_and_says_so(trained):
    assert recipes.recipe("compact")["beginnings"] > 1
    options = ("--recipe", "compact", "--optimizer", "adam")
    assert [trained(task, *options)[0]["beginnings"] for task in (0, 1)] == [1, 1]


# -- The page about it ----------------------------------------------------------------------------


def test_the_commands_of_the_page_are_good(root):
    with open(root + "/docs/cluster.md", "rb") as stream:
        text = native(stream.read())
    commands = re.findall(r"^    python scripts/mnist_train\.py (.*)$", text, re.MULTILINE)
    assert len(commands) > 5
    for command in commands:
        options = mnist_train.arguments().parse_args(command.split("#")[0].split())
        if options.cluster and not addresses.local(options.cluster):
            addresses.chosen(options, {})


def test_the_page_shows_a_tf_config_that_is_good(root):
    with open(root + "/docs/cluster.md", "rb") as stream:
        (text,) = re.findall(r"TF_CONFIG='(.*)'", native(stream.read()))
    assert addresses.from_json(text).job == "worker"
