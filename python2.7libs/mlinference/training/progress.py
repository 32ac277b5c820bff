"""How far a training is: step, loss, validation accuracy and the time to go."""

from __future__ import division

import sys
import time

from mlinference.status import Status


class Progress(object):
    """Shows a training's steps; called after every one."""

    def __init__(self, stream=None, clock=time.time):
        self.status = Status(stream or sys.stdout, clock)
        self.loss = None

    def __call__(self, run, loss):
        """Show a loop.Run's step, if it is time to."""
        self.loss = loss if self.loss is None else 0.98 * self.loss + 0.02 * loss
        last = run.step == run.steps
        if self.status.due(last):
            self.status.show(line(run, self.loss), last)


def line(run, loss):
    """Return the line that says how far a run is."""
    parts = ["step %d/%d" % (run.step, run.steps), "loss %.4f" % loss]
    if run.history:
        parts.append("validation %.2f %%" % (100 * run.history[-1]["accuracy"]))
    parts.append("%.0f s" % run.seconds)
    pace = run.seconds / max(1, run.step - run.unseen)
    parts.append("%.0f s to go" % (pace * (run.steps - run.step)))
    return "  ".join(parts)
