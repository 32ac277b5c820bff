"""One line that is rewritten on a terminal, a line now and then anywhere else."""

import sys
import time

# Seconds between two showings: on a terminal, and in a log.
OFTEN = 0.2
SELDOM = 10.0


class Status(object):
    """Where a long run is.

    Args:
        stream: Written to; the standard error otherwise.
        clock: Function that returns seconds.
    """

    def __init__(self, stream=None, clock=time.time):
        self.stream = stream or sys.stderr
        self.clock = clock
        self.terminal = hasattr(self.stream, "isatty") and self.stream.isatty()
        self.shown = None

    def due(self, last=False):
        """Tell whether it is time to show something, and count it as shown."""
        now = self.clock()
        if not last and self.shown is not None:
            if now - self.shown < (OFTEN if self.terminal else SELDOM):
                return False
        self.shown = now
        return True

    def show(self, text, last=False):
        """Write the line; the last one of a run ends it."""
        if self.terminal:
            self.stream.write("\r" + text.ljust(79) + ("\n" if last else ""))
        else:
            self.stream.write(text + "\n")
        self.stream.flush()
