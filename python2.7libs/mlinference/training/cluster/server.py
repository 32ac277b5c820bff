"""TensorFlow's own server in every process, and how one that holds variables comes to its end."""

from __future__ import print_function

import contextlib
import os
import signal
import sys
import time

from mlinference import errors
from mlinference.engines import tensorflow1
from mlinference.training import graph
from mlinference.training.cluster import board, meeting

# Seconds between two looks at the board.
PAUSE = 0.5
# Seconds that the others get to leave after the end, and a chief to save when asked to stop.
LEAVING = 30.0
SAVING = 60.0

# What a shell expects of a program that Ctrl-C ended.
INTERRUPTED = 130

# What this process has started; nothing stops it again but the process' end.
STARTED = []


def start(tf, cluster, threads):
    """Start this process' tf.train.Server, which lives as long as the process; return its target.

    Raises:
        errors.AddressTaken: If it cannot listen.
    """
    try:
        started = tf.train.Server(
            tf.train.ClusterSpec(dict(cluster.jobs)),
            job_name=cluster.job,
            task_index=cluster.task,
            config=graph.settings(tf, threads),
        )
    except tf.errors.OpError as reason:
        raise errors.AddressTaken(address=cluster.own, reason=reason.message)
    STARTED.append(started)
    return started.target


def leave(code):
    """End this process with its exit code."""
    if STARTED:
        # TensorFlow waits at the end for servers that are gone: 1.4 for ever.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def serve(options, cluster):
    """Hold variables until the training has ended; return the exit code.

    Raises:
        errors.ClusterError: In one of its kinds.
    """
    tf = tensorflow1.load()
    meeting.check(cluster)
    target = start(tf, cluster, options.threads)
    first = cluster.tasks("ps")[0]
    meeting.wait(cluster, [first], options.wait)
    with tf.Graph().as_default() as opened:
        notes = board.Board(tf, len(cluster.workers))
    devices = [board.DEVICE, "/job:ps/task:%d" % cluster.task]
    notes.link = board.Link(tf, target, opened, cluster, devices, options.wait)
    watch = Watch(cluster, notes, options.wait)
    with asked(watch.stop):
        return watch.go()


@contextlib.contextmanager
def asked(stop):
    """Let Ctrl-C and SIGTERM call `stop`, meanwhile."""
    before = [(each, signal.signal(each, stop)) for each in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for each, handler in before:
            # None is a handler that was not Python's: it cannot be had back.
            signal.signal(each, signal.SIG_DFL if handler is None else handler)


class Watch(object):
    """Watches the board until the training has ended, or nobody is left to end it.

    Args:
        cluster: addresses.Cluster.
        notes: board.Board.
        seconds: That a chief may be away.
    """

    def __init__(self, cluster, notes, seconds, clock=time.time, pause=time.sleep):
        self.cluster, self.board, self.seconds = cluster, notes, seconds
        self._clock, self._pause = clock, pause
        self._asked = None
        self._heard, self._step = clock(), 0

    def stop(self, *_):
        """Ask for an end: of the training if it runs, of this process otherwise."""
        self._asked = self._asked or self._clock()

    def go(self):
        """Return the exit code.

        Raises:
            errors.ProcessMissing: If no chief has come.
            errors.ChiefGone: If it has gone, and no worker learns any more.
        """
        while True:
            notes = self.board.read()
            if notes is not None and notes.stage == board.ENDED:
                self._let_leave()
                return 0
            listens = meeting.listens(self.cluster.address(*self.cluster.workers[0]))
            if self._asked and not self._ask(notes, listens):
                return INTERRUPTED
            self._listen(notes, listens)
            self._pause(PAUSE)

    def _ask(self, notes, listens):
        """Ask the chief to end the training; return whether to wait for that."""
        if not listens or notes is None or notes.stage == board.PREPARING:
            return False
        if notes.stage == board.RUNNING:
            self.board.set("stage", board.STOPPING)
        return self._clock() - self._asked < SAVING

    def _listen(self, notes, listens):
        """Raise what ends this process if nothing was heard of the others for too long."""
        step = 0 if notes is None else notes.step
        if listens or step != self._step:
            self._heard, self._step = self._clock(), step
        if self._clock() - self._heard < self.seconds:
            return
        if notes is None or notes.stage == board.PREPARING:
            raise meeting.absent(self.cluster, self.cluster.workers[:1], self.seconds)
        raise errors.ChiefGone(name=self.cluster.name(*self.cluster.workers[0]), step=step)

    def _let_leave(self):
        """Wait until those who read from this server have left."""
        others = list(self.cluster.workers)
        if self.cluster.task == 0:
            others += self.cluster.tasks("ps")[1:]
        until = self._clock() + LEAVING
        while others and self._clock() < until:
            self._pause(PAUSE)
            others = [each for each in others if meeting.listens(self.cluster.address(*each))]
