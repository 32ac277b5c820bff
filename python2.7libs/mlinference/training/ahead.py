"""The next batch made while the present one is learnt: NumPy and TensorFlow both let go."""

import itertools
import threading

try:
    import queue
except ImportError:  # Python 2
    import Queue as queue

# Batches that wait; more would only make Ctrl-C slower.
WAITING = 2


class Ahead(object):
    """Calls `make` `count` times in one thread, in order, and hands the results on."""

    def __init__(self, make, count):
        self._queue = queue.Queue(WAITING)
        self._stopped = False
        self._thread = threading.Thread(target=self._fill, args=(make, count))
        self._thread.daemon = True
        self._thread.start()

    def next(self):
        """Return the next result, or raise what making it raised."""
        # Waited for in slices, or Python 2 would not hear Ctrl-C.
        while True:
            try:
                made, problem = self._queue.get(timeout=1.0)
            except queue.Empty:
                continue
            if problem is not None:
                raise problem
            return made

    def close(self):
        """Stop making more."""
        self._stopped = True
        while self._thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                pass

    def _fill(self, make, count):
        # Python 2 would make a list of a range.
        for _ in itertools.repeat(None, count):
            if self._stopped:
                return
            try:
                self._queue.put((make(), None))
            except Exception as problem:  # handed to the thread that trains
                self._queue.put((None, problem))
                return
