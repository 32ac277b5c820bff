"""What each process of a cluster does: the chief, the other workers; `server` has the servers."""

from __future__ import print_function

import functools
import json
import os
import sys
import time

from mlinference import errors
from mlinference.engines import tensorflow1
from mlinference.training import command, saving
from mlinference.training.cluster import addresses, board, local, meeting, replica, server

# What may be asked to wait for, in seconds.
SHORTEST, LONGEST = 1, 1000000
# Seconds without a step after which a worker is told of.
QUIET = 15.0


def train(options):
    """Do this process' part of a training, which may be all of it; return the exit code.

    Raises:
        errors.InferenceError: If anything the user gave does not do, or the cluster breaks off.
    """
    command.check_numbers(options)
    if not SHORTEST <= options.wait <= LONGEST:
        takes = "seconds from %d to %d" % (SHORTEST, LONGEST)
        raise errors.KnobInvalid(knob="--wait", value=options.wait, takes=takes)
    workers = addresses.local(options.cluster)
    cluster = None if workers else addresses.chosen(options, os.environ)
    if not workers and cluster is None:
        return command.train(options)
    if options.compare_optimizers:
        raise errors.NotTogether(option="--compare-optimizers", reason="It trains several times")
    _check_optimizer(command.recipe(options))
    if options.beginnings not in (None, 1):
        raise errors.NotTogether(
            option="--beginnings", reason="One process alone tries first values before it goes on"
        )
    if workers:
        return local.train(options, workers)
    if cluster.serves:
        return server.serve(options, cluster)
    return work(options, cluster)


def _check_optimizer(table):
    if table["optimizer"] == "eigen":
        raise errors.NotTogether(
            option="--optimizer eigen", reason="One process turns the axes that it steps along"
        )


def work(options, cluster):
    """Learn as one of the workers."""
    table = dict(command.recipe(options), beginnings=1)
    network = command.named(table["network"])
    options.out = prefix = command.output(options, network)
    if cluster.leads:
        # Whether it comes back to a run only its servers know.
        command.check(options, prefix, begun=True)
    tf = tensorflow1.load()
    meeting.check(cluster)
    target = server.start(tf, cluster, options.threads)
    meeting.wait(cluster, cluster.tasks("ps"), options.wait)
    state = State(prefix)
    if options.resume and state.found:
        command.check_given(options, prefix, state.table, state.plain["seed"])
        table, options.seed = state.table, state.plain["seed"]
        _check_optimizer(table)
        network = command.named(table["network"])
    data = command.load(options, network, table)
    state.check(data)
    session = Session(options, table, network, data, cluster, target)
    return session.lead(state) if cluster.leads else session.follow()


class State(object):
    """What an earlier chief has left beside its checkpoint, if anything.

    Attributes:
        found: Whether there is something to go on from.
        problem: The error that says why not.
        table, arrays, plain: As saving.read_state returns them.
    """

    def __init__(self, prefix):
        self.prefix, self.problem = prefix, None
        try:
            self.table, self.arrays, self.plain = saving.read_state(prefix)
        except errors.NothingToResume as problem:
            self.problem = problem

    @property
    def found(self):
        return self.problem is None

    def check(self, data):
        """Find out whether it is of this data."""
        try:
            if self.found:
                saving.check_state(self.prefix, self.plain, data)
        except errors.NothingToResume as problem:
            self.problem = problem

    def stamp(self, data):
        """Return the stamp of what was trained, if it was on this data."""
        return board.stamp(self.table, data, self.plain["seed"])


class Session(command.Session):
    """A worker's run, with the graphs that it needs."""

    def __init__(self, options, table, network, data, cluster, target):
        self.Trainer = functools.partial(replica.Trainer, cluster, target, options.wait)
        self.Run = replica.Run
        self.cluster = cluster
        self._stamp = board.stamp(table, data, options.seed)
        super(Session, self).__init__(options, table, network, data)
        self.board = self.trainer.board
        self._moved = {}
        self._made = [0] * len(cluster.workers)

    # -- a worker that is not the chief ---------------------------------------------------------

    def follow(self):
        """Learn until the chief or the recipe says that it is enough; return the exit code."""
        self.board.link.guard(self._give_up)
        self.run.begin(self._begun())
        with self.run.interrupts:
            self.run.go()
        name = self.cluster.name(self.cluster.job, self.cluster.task)
        print("%s has learnt %d steps; the chief saves." % (name, self.run.learnt))
        line = {"interrupted": self.run.interrupted, "steps": self.run.learnt}
        print(json.dumps(line, sort_keys=True))
        return command.INTERRUPTED if self.run.interrupted else 0

    def _begun(self):
        """Wait for the chief's beginning; return the board's notes."""
        chief, heard = self.cluster.workers[0], time.time()
        notes = self._first_notes()
        while True:
            if notes is not None and notes.stamp != self._stamp:
                raise errors.ClusterDiffers(name=self.cluster.name(*chief))
            if notes is not None and not notes.joined[self.cluster.number]:
                self.board.join(self.cluster.number)
            if going(notes):
                return notes
            if meeting.listens(self.cluster.address(*chief)):
                heard = time.time()
            elif time.time() - heard > self.options.wait:
                raise meeting.absent(self.cluster, [chief], self.options.wait)
            time.sleep(meeting.PAUSE)
            notes = self.board.read()

    def _give_up(self, lost):
        """End the process, whose main thread waits in vain; the chief saves first."""
        try:
            self._rescue()
        except errors.InferenceError as problem:
            print(problem, file=sys.stderr)
        finally:
            print(lost, file=sys.stderr)
            server.leave(1)

    def _first_notes(self):
        """Return the board's notes; what listens there may be something else altogether."""
        try:
            return self.board.read()
        except errors.ClusterLost as lost:
            names = self.cluster.names(self.cluster.tasks("ps"))
            raise errors.ServersForeign(names=names, reason=lost.values["reason"])

    # -- the chief ------------------------------------------------------------------------------

    def lead(self, state):
        """Begin, learn, validate, save, and end the training for all; return the exit code."""
        self._began_at = time.time()
        self.keep(self.options.logdir)
        self.board.link.guard(self._give_up)
        notes = self._first_notes()
        # Before anything is begun: servers that are at something else are not to be ended.
        self._check(notes, state)
        try:
            self._begin(notes, state)
            self.run.begin(self.board.read())
            with self.run.interrupts:
                self.run.go()
                self._made = [int(made) for made in self.board.read().made]
                code = self.finish(time.time() - self._began_at)
        except errors.ClusterLost:
            self._rescue()
            raise
        finally:
            self._end()
        return code

    def _rescue(self):
        """Save the best so far, without the servers."""
        if self.run.best is not None:
            self.run.interrupted = True
            self.finish(time.time() - self._began_at)

    def _check(self, notes, state):
        """Raise what keeps this training from being begun, or gone on with."""
        if not going(notes):
            if self.options.resume and not state.found:
                raise state.problem
            if not (self.options.resume or self.options.force):
                saving.check_interrupted(state.prefix)
        elif notes.stamp != self._stamp or notes.stage == board.ENDED:
            raise errors.ServersBusy(names=self.cluster.names(self.cluster.tasks("ps")))

    def _begin(self, notes, state):
        """Give the variables their values, unless the servers have them from an earlier chief."""
        if going(notes):
            if state.found and state.stamp(self.data) == self._stamp:
                with saving.restoring(state.prefix):
                    self.run.recall(state.arrays, state.plain)
            print("The servers are at step %d; training goes on there." % notes.step)
        else:
            self._prepare(state)
        self.board.set("stage", board.RUNNING)

    def _prepare(self, state):
        self.board.begin(self._stamp)
        self.trainer.begin()
        if self.options.resume:
            with saving.restoring(state.prefix):
                self.run.restore(state.arrays, state.plain)
        self.board.set("step", self.run.step)
        self.board.join(self.cluster.number)
        self._await()

    def _await(self):
        """Wait for the other workers, but not for ever: they may come later, or never."""
        until = time.time() + self.options.wait
        while True:
            joined = self.board.read().joined
            absent = [each for each, times in zip(self.cluster.workers, joined) if not times]
            if not absent:
                return
            if time.time() > until:
                print(
                    "Not there after %g s: %s. Training goes on without; who comes later joins."
                    % (self.options.wait, self.cluster.names(absent))
                )
                return
            time.sleep(meeting.PAUSE)

    def keep(self, logdir):
        super(Session, self).keep(logdir)
        kept = self.run.validated

        def validated(run):
            kept(run)
            self._look(self.board.read(), time.time())

        self.run.validated = validated

    def _look(self, notes, now):
        """Tell of workers that have stopped learning, and of those that have come back."""
        for number, made in enumerate(notes.made):
            name = self.cluster.name(*self.cluster.workers[number])
            moved, told = self._moved.get(number, (now, False))
            if made != self._made[number]:
                if told:
                    print("%s learns again." % name)
                moved, told = now, False
            elif made and now - moved > QUIET and not told:
                print("%s has learnt nothing for %d s; the others go on." % (name, now - moved))
                told = True
            self._moved[number], self._made[number] = (moved, told), int(made)

    def sidecar(self):
        """Return what `PREFIX.json` says; as command.Session's."""
        servers = len(self.cluster.jobs["ps"])
        return dict(
            super(Session, self).sidecar(),
            cluster={"servers": servers, "workers": len(self._made), "learnt": self._made},
        )

    def _end(self):
        try:
            self.board.set("stage", board.ENDED)
        except errors.ClusterLost:  # the servers are gone already
            pass


def going(notes):
    """Whether the board says that a training has begun."""
    return notes is not None and notes.stage != board.PREPARING
