"""What the processes of a cluster tell each other: a few variables of the first server."""

import collections
import threading
import time
import zlib

import numpy

from mlinference import errors
from mlinference.engines import tensorflow1
from mlinference.training import saving
from mlinference.training.cluster import meeting

# What a training is at. A chief alone begins and ends it; a server may ask for its end.
PREPARING, RUNNING, STOPPING, ENDED = range(4)

# stage; step: how many were learnt by all; stamp: of what is trained;
# joined, made: int64 [workers], how often each has joined and how many steps it has learnt.
Notes = collections.namedtuple("Notes", "stage step stamp joined made")

# Seconds without an answer after which it is looked whether the servers are there at all.
SILENCE = 4.0

# Where the variables of the board are.
DEVICE = "/job:ps/task:0"


# The sessions, kept: to close one TensorFlow asks the servers, and 1.4 waits for their answer
# for ever. They end with the process.
_OPENED = []


class Link(object):
    """A session with the servers, whose failures are sentences.

    Args:
        tf: TensorFlow's version 1 names.
        target: What `server.start` returns.
        graph: The session's.
        cluster: addresses.Cluster.
        devices: Device filters: of nobody else does TensorFlow wait for an answer.
        seconds: That an answer may take.
    """

    def __init__(self, tf, target, graph, cluster, devices, seconds):
        self._cluster, self._seconds, self._errors = cluster, seconds, tf.errors
        config = tf.ConfigProto(
            device_filters=devices, operation_timeout_in_ms=int(1000 * seconds)
        )
        with graph.as_default():
            self._nothing = tf.no_op()
        self._session = tf.Session(target, graph=graph, config=config)
        self._met, self._since = False, None
        self._lost, self._losing = None, threading.Lock()
        self._guarding, self._ending = None, False
        _OPENED.append(self._session)

    def run(self, fetches, feed=None, refusals=()):
        """Run as a session does.

        Args:
            fetches, feed: As a session's.
            refusals: Tuple of exception classes that tell of the graph, and are let through.

        Raises:
            errors.ClusterLost: If a server does not answer, or no longer has the variables.
        """
        if self._lost:
            # TensorFlow 1.4 would wait for a server that it knows to be gone.
            self._fail()
        self._since = time.time()
        try:
            if not self._met:
                self._meet()
            return self._session.run(fetches, feed)
        except refusals:
            raise
        except self._errors.OpError as reason:
            found = self._found(reason)
        finally:
            self._since = None
        self._lose(found)
        self._fail()

    def guard(self, end):
        """Watch, in a thread, for servers that are gone while an answer is waited for.

        TensorFlow does not always notice, and then waits as long as it is allowed to.

        Args:
            end: Function of an errors.ClusterLost that ends the process.
        """
        self._guarding = threading.Thread(target=self._guard, args=(end,))
        self._guarding.daemon = True
        self._guarding.start()

    def _guard(self, end):
        while True:
            time.sleep(SILENCE / 4)
            since = self._since
            if since is None or time.time() - since < SILENCE:
                continue
            gone = meeting.missing(self._cluster, self._cluster.tasks("ps"))
            if gone and self._since == since:
                self._lose("Gone: %s" % self._cluster.names(gone), ending=True)
            if self._ending:
                end(self._lost)
                return

    def _lose(self, found, ending=False):
        """Note why the cluster is lost, and whether the guard ends it; the first time counts."""
        with self._losing:
            if not self._lost:
                self._ending = ending
                self._lost = errors.ClusterLost(reason=found)

    def _fail(self):
        """Raise why the cluster is lost, unless the guard ends the process for that."""
        if self._ending:
            # It may be saving, and two would write the same files.
            self._guarding.join()
        raise self._lost

    def _meet(self):
        """Have TensorFlow meet the servers, for which 2.x alone would wait for ever."""
        problems = []

        def meet():
            try:
                self._session.run(self._nothing)
            except self._errors.OpError as problem:
                problems.append(problem)

        meeting_them = threading.Thread(target=meet)
        meeting_them.daemon = True
        meeting_them.start()
        meeting_them.join(self._seconds)
        if problems:
            raise problems[0]
        if meeting_them.is_alive():
            raise self._errors.DeadlineExceededError(None, None, "")
        self._met = True

    def _found(self, reason):
        if isinstance(reason, self._errors.DeadlineExceededError):
            return "The servers have not answered for %g s" % self._seconds
        # A process that is killed listens for some moments more.
        time.sleep(meeting.PAUSE)
        gone = meeting.missing(self._cluster, self._cluster.tasks("ps"))
        if gone:
            return "Gone: %s" % self._cluster.names(gone)
        return tensorflow1.reason_of(reason).rstrip(".")


class Board(object):
    """The variables, in the graph that is the default one, for so many workers."""

    def __init__(self, tf, workers):
        self.tf, self.workers = tf, workers
        self.link = None
        first = numpy.zeros(workers, numpy.int64)
        with tf.device(DEVICE):
            made = [
                tf.Variable(value, name="cluster/" + name, trainable=False, collections=[])
                for name, value in zip(
                    Notes._fields, (numpy.int64(0), numpy.int64(0), numpy.int64(0), first, first)
                )
            ]
            self._all = Notes(*made)
            self._fed = tf.placeholder(tf.int64, [])
            self._sets = {
                name: tf.assign(getattr(self._all, name), self._fed)
                for name in ("stage", "step", "stamp")
            }
            self._marks = [self._added("joined", number) for number in range(workers)]
            # Not the stamp: a worker may read it while a chief that has come back begins again.
            counts = [self._all.step, self._all.joined, self._all.made]
            self._first, self._last = tf.variables_initializer(counts), made[0].initializer
            self._begun = tf.is_variable_initialized(made[0])

    def read(self):
        """Return the Notes, or None before a chief has begun."""
        if not self.link.run(self._begun):
            return None
        return self.link.run(self._all)

    def begin(self, stamp):
        """Make a new board, at PREPARING."""
        self.link.run(self._first)
        self.set("stamp", stamp)
        # The stage last: who finds it initialised reads the others.
        self.link.run(self._last)

    def set(self, name, value):
        """Set stage, step or stamp."""
        self.link.run(self._sets[name], {self._fed: value})

    def join(self, number):
        """Note that a worker is there."""
        self.link.run(self._marks[number])

    def counting(self, number):
        """Return the operations that count one step of a worker, and what to read after them."""
        tf = self.tf
        with tf.device(DEVICE):
            one = numpy.int64(1)
            counted = [tf.assign_add(self._all.step, one, use_locking=True)]
            counted.append(self._added("made", number))
            with tf.control_dependencies([tf.identity(each) for each in counted]):
                return tf.stack([tf.identity(self._all.step), tf.identity(self._all.stage)])

    def _added(self, name, number):
        one = (numpy.arange(self.workers) == number).astype(numpy.int64)
        return self.tf.assign_add(getattr(self._all, name), one, use_locking=True)


def stamp(table, data, seed):
    """Return a number that differs where a recipe, data or a seed does."""
    said = saving.as_json([table, list(data.labels), data.checksums, seed])
    return zlib.crc32(said.encode("ascii")) & 0x7FFFFFFF
