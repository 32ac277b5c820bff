"""One line that is rewritten on a terminal, a line now and then anywhere else."""

from __future__ import division

import sys
import time

# Seconds between two showings: on a terminal, and in a log.
OFTEN = 0.2
SELDOM = 10.0


class Progress(object):
    """Shows step, loss, validation accuracy and the time to go; called after every step."""

    def __init__(self, stream=None, clock=time.time):
        self.stream = stream or sys.stdout
        self.clock = clock
        self.terminal = hasattr(self.stream, "isatty") and self.stream.isatty()
        self.shown = None
        self.loss = None

    def __call__(self, run, loss):
        """Show a loop.Run's step, if it is time to."""
        self.loss = loss if self.loss is None else 0.98 * self.loss + 0.02 * loss
        now = self.clock()
        last = run.step == run.steps
        if not last and self.shown is not None:
            if now - self.shown < (OFTEN if self.terminal else SELDOM):
                return
        self.shown = now
        text = line(run, self.loss)
        if self.terminal:
            self.stream.write("\r" + text.ljust(79) + ("\n" if last else ""))
        else:
            self.stream.write(text + "\n")
        self.stream.flush()


def line(run, loss):
    """Return the line that says how far a run is."""
    parts = ["step %d/%d" % (run.step, run.steps), "loss %.4f" % loss]
    if run.history:
        parts.append("validation %.2f %%" % (100 * run.history[-1]["accuracy"]))
    parts.append("%.0f s" % run.seconds)
    parts.append("%.0f s to go" % (run.seconds / run.step * (run.steps - run.step)))
    return "  ".join(parts)
