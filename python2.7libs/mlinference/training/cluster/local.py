"""All processes of a cluster on this machine: one server, some workers, one command."""

from __future__ import print_function

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

from mlinference import _compat
from mlinference.training import command, download
from mlinference.training.cluster import addresses, meeting, server

# What TensorFlow and gRPC tell their developers, whatever the level of logging.
CHATTER = re.compile(r"[IWE][0-9]{4} |WARNING: All log messages before absl")

# Seconds between two looks at the processes.
PAUSE = 0.1
# Seconds that the others get to leave when the chief has ended, or the server when asked to.
LEAVING = 45.0
# Seconds that they get when the chief has failed: it has nothing left to save.
FAILED = 5.0


def train(options, workers):
    """Run one server and so many workers; return the chief's exit code.

    Args:
        options: With `command`, the arguments that this process was started with.
        workers: Their number; the first is the chief.
    """
    # Here too: the others would wait for a chief that ends at once.
    prefix = command.output(options, command.named(command.recipe(options)["network"]))
    command.check(options, prefix)
    given = list(options.command)
    if not options.data:
        # Once here, rather than in each of them at the same time.
        given += ["--data", download.mnist(print)]
    here = ["127.0.0.1:%d" % port for port in meeting.free_ports(workers + 1)]
    text = "ps=%s,worker=%s" % (here[0], ",".join(here[1:]))
    group = Group(addresses.from_text(text, "ps", 0), given)
    with server.asked(group.stop):
        try:
            group.start()
            return group.wait()
        finally:
            group.kill()


def say(text, stream=None):
    """Print a line, and now: the processes print too."""
    stream = stream or sys.stdout
    stream.write(text + "\n")
    stream.flush()


class Group(object):
    """The processes, a Child each; the server first, the chief second."""

    def __init__(self, cluster, given):
        self.cluster, self.given = cluster, given
        self.children = []
        self._stopping, self._said = False, set()

    def start(self):
        for job, task in self.cluster.tasks("ps") + self.cluster.workers:
            child = Child(self.cluster, job, task, self.given)
            self.children.append(child)
            say("%s is process %d." % (child.name, child.process.pid))

    def wait(self):
        """Return the chief's exit code when all have ended."""
        holder, chief = self.children[:2]
        running, until = list(self.children), None
        while running and not (until and time.time() > until):
            for child in [each for each in running if each.ended()]:
                running.remove(child)
                self._tell(child)
            if chief.killed():
                # The server would wait for it to come back.
                say("Go on with --resume, from the last validation.")
                return 1
            # A chief that has met the server saves now; one that has not would wait for it.
            gone = holder.ended() and (self._stopping or holder.process.returncode)
            if chief.ended() or gone:
                failed = chief.process.returncode not in (None, 0, server.INTERRUPTED)
                until = until or time.time() + (FAILED if failed else LEAVING)
            time.sleep(PAUSE)
        if chief.ended():
            return chief.process.returncode
        return server.INTERRUPTED if self._stopping else 1

    def stop(self, *_):
        """Let the server ask the chief to save and end; a terminal's Ctrl-C reaches all itself."""
        self._stopping = True
        if os.name == "posix" and self.children:
            self.children[0].process.send_signal(signal.SIGTERM)

    def kill(self):
        """Leave nobody behind."""
        for child in self.children:
            child.kill()

    def _tell(self, child):
        """Say why a process has ended, unless another has said the same."""
        said = child.process.returncode and child.said()
        if said and said not in self._said:
            self._said.add(said)
            say(said, sys.stderr)
        if child.killed() and not self._stopping:
            say("%s was killed by signal %d." % (child.name, -child.process.returncode))


class Child(object):
    """One process; only the chief's output is shown, of all others what went wrong."""

    def __init__(self, cluster, job, task, given):
        self.name = cluster.name(job, task)
        self._said = tempfile.TemporaryFile()
        silent = None if (job, task) == cluster.workers[0] else open(os.devnull, "w")
        own = ["--cluster", cluster.text(), "--job", job, "--task", str(task)]
        # Nothing on this machine is reached through a proxy.
        environ = dict(os.environ, no_proxy="127.0.0.1", NO_PROXY="127.0.0.1")
        self.process = subprocess.Popen(
            given + own, stdout=silent, stderr=self._said, env=environ
        )
        if silent:
            silent.close()

    def ended(self):
        return self.process.poll() is not None

    def killed(self):
        """Whether a signal ended it; on Windows nothing tells."""
        return self.ended() and self.process.returncode < 0

    def said(self):
        """Return what it wrote to its standard error."""
        self._said.seek(0)
        lines = _compat.native(self._said.read()).strip().split("\n")
        return "\n".join(line for line in lines if not CHATTER.match(line))

    def kill(self):
        if not self.ended():
            self.process.kill()
        self.process.wait()
        self._said.close()
