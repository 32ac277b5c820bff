"""Ctrl-C, heard once in a run and not again until what was learned is saved."""

import signal


class Interrupts(object):
    """While it is entered, lets one Ctrl-C through, and none after `hold`.

    It changes nothing before it is entered, in a thread that no signal reaches, and where
    Ctrl-C is ignored already.
    """

    def __init__(self):
        self._before, self._held = None, False

    def __enter__(self):
        before = signal.getsignal(signal.SIGINT)
        if callable(before):
            self._before = before
            try:
                signal.signal(signal.SIGINT, self._heard)
            except ValueError:  # this is not the main thread
                self._before = None
        return self

    def __exit__(self, *problem):
        if self._before:
            signal.signal(signal.SIGINT, self._before)

    def hold(self):
        """Let none through from here on."""
        self._held = True

    def _heard(self, number, frame):
        if not self._held:
            self._held = True
            self._before(number, frame)
