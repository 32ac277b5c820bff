"""What one cook costs beside the engine, part by part: 28x28, Fit on Exact.

Cooks the packed asset in the stand-in scene with an engine that answers at once. The stand-in
is Python where Houdini is C++, so what is spent inside of `hou` is given apart. All figures are
medians of one run, in turns: cooks as they are, whose time is the one that counts, and cooks
with a stop watch around each part and each call of `hou`, whose own time is taken off again.
"""

from __future__ import division, print_function

import argparse
import collections
import functools
import importlib
import inspect
import os
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("python2.7libs", "scripts", os.path.join("tests", "stand_ins"))

CLOCK = getattr(time, "perf_counter", time.time)

# What a cook may take beside the engine, in seconds.
TARGET = 0.15e-3

# Part -> (module of mlinference, function).
PARTS = collections.OrderedDict(
    (
        ("read settings", ("houdini.cook", "read_settings")),
        ("read picture", ("houdini.timeline", "read")),
        ("prepare it", ("picture", "prepare")),
        ("look up the network", ("classifier", "shared")),
        ("decide", ("answer", "decide")),
        ("write attributes", ("houdini.cook", "write")),
    )
)

# Calls by which the watch's own time is found, and how often.
CALLS, ROUNDS = 100, 20

# Cooks in a turn, and those before it that do not count.
TURN, WARM = 40, 10

WHOLE, REST = "cook beside the engine", "everything else"

Time = collections.namedtuple("Time", "seconds inside calls")


def main(argv=None):
    """Print a table; return 0 if the target is reached, else 1."""
    parser = argparse.ArgumentParser(
        prog="bench.py cook",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--repeats", type=int, default=400, help="cooks of each kind (default: %(default)s)")
    options = parser.parse_args(argv)
    # One thread, before NumPy comes: this is about one small picture.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    reached = True
    for name, found, target, reached_here in rows(measured(options.repeats)):
        print("%-34s %-50s %-16s %s" % (name, found, target, "" if reached_here else "MISSED"))
        reached = reached and reached_here
    return 0 if reached else 1


def times_of(found):
    """Return what `measured` returned, after a journey as JSON."""
    return collections.OrderedDict((name, Time(*values)) for name, values in found.items())


def rows(times):
    """Yield (name, found, target, whether it is reached) of what `measured` returned."""
    whole = times[WHOLE]
    target = "under %.2f ms" % (1000 * TARGET)
    yield WHOLE + ", in the stand-in", "%8.3f ms" % (1000 * whole.seconds), target, whole.seconds < TARGET
    own = whole.seconds - whole.inside
    yield "  of it our own", "%8.3f ms" % (1000 * own), target, own < TARGET
    for name, part in times.items():
        yield "  " + ("of it inside of hou" if name == WHOLE else name), _described(name, part), "", True


def _described(name, part):
    inside = "%8.3f ms in %d calls of hou" % (1000 * part.inside, part.calls)
    return inside if name == WHOLE else "%8.3f ms, %s" % (1000 * (part.seconds - part.inside), inside.strip())


def measured(repeats):
    """Return OrderedDict of WHOLE, each of PARTS and REST to Time: medians a cook, in seconds."""
    sys.path[:0] = [os.path.join(ROOT, folder) for folder in FOLDERS if os.path.join(ROOT, folder) not in sys.path]
    import hou
    import numpy

    from mlinference import classifier
    from mlinference.houdini import cook

    node = _node(hou)
    certain = numpy.eye(10, dtype=numpy.float32)[3:4]
    kept = cook.cook, classifier.Classifier.predict
    classifier.Classifier.predict = lambda self, pictures: certain
    plain, watched = [], []
    try:
        for _ in range(max(1, repeats // TURN)):
            cook.cook = lambda node: plain.append(_seconds(lambda: kept[0](node)))
            _cook(node, plain)
            cook.cook = kept[0]
            with Watch(hou) as watch:
                cook.cook = lambda node: watched.append(watch.cook(kept[0], node))
                _cook(node, watched)
    finally:
        cook.cook, classifier.Classifier.predict = kept
    assert node.geometry().attribValue("result") == 3, node.errors()
    return _medians(plain, watched)


def _cook(node, samples):
    """Cook for a turn; what comes before Python has grown used to it does not count."""
    for _ in range(WARM):
        node.cook(force=True)
    del samples[-WARM:]
    for _ in range(TURN):
        node.cook(force=True)


def _medians(plain, watched):
    from bench_preview import median

    found = collections.OrderedDict()
    for name in [WHOLE] + list(PARTS):
        columns = zip(*[times[name] for times in watched])
        found[name] = Time(*[median(column) for column in columns])
    parts = [found[name] for name in PARTS]
    rest = [getattr(found[WHOLE], each) - sum(getattr(part, each) for part in parts) for each in Time._fields]
    found[REST] = Time(*rest)
    found[WHOLE] = found[WHOLE]._replace(seconds=median(plain))
    return found


class Watch(object):
    """Times the parts of a cook, and in each the outermost calls of `hou`.

    Attributes:
        times: {part: Time of the cook before}.
    """

    def __init__(self, hou):
        self.part = WHOLE
        self.in_hou = True
        self.seconds, self.inside, self.calls = {}, {}, {}
        self.patched = []
        self.hou = hou
        self._calibrate()

    def _calibrate(self):
        """Find what the watch itself takes: of a call's measured time, and in all.

        The least of several rounds, for whatever else the machine does adds to them.
        """
        call = self._call(lambda: None)
        self.in_hou = False
        rounds = []
        for _ in range(ROUNDS):
            self._clear()
            begun = CLOCK()
            for _ in range(CALLS):
                call()
            rounds.append(((CLOCK() - begun) / CALLS, self.inside[WHOLE] / CALLS))
        self.around, self.within = min(rounds)

    def __enter__(self):
        for name, (module, function) in PARTS.items():
            owner = importlib.import_module("mlinference." + module)
            self._patch(owner, function, functools.partial(self._part, name))
        for owner in _classes(self.hou) + [self.hou]:
            for name, value in list(vars(owner).items()):
                if name[0] != "_" and inspect.isfunction(value):
                    self._patch(owner, name, self._call)
        return self

    def _patch(self, owner, name, wrapped):
        value = vars(owner)[name]
        self.patched.append((owner, name, value))
        setattr(owner, name, wrapped(value))

    def __exit__(self, *error):
        for owner, name, value in self.patched:
            setattr(owner, name, value)

    def cook(self, function, node):
        """Time one cook; return {part: Time}."""
        self._clear()
        self.in_hou = False
        begun = CLOCK()
        function(node)
        self.seconds[WHOLE] = CLOCK() - begun
        self.in_hou = True
        for each in (self.inside, self.calls):
            each[WHOLE] = sum(each.values())
        return {name: self._time(name) for name in self.seconds}

    def _clear(self):
        for each in (self.seconds, self.inside, self.calls):
            each.update((name, 0) for name in [WHOLE] + list(PARTS))

    def _time(self, name):
        calls = self.calls[name]
        return Time(
            self.seconds[name] - calls * self.around,
            self.inside[name] - calls * self.within,
            calls,
        )

    def _part(self, name, function):
        def timed(*args, **kwargs):
            before, self.part = self.part, name
            begun = CLOCK()
            try:
                return function(*args, **kwargs)
            finally:
                self.seconds[name] += CLOCK() - begun
                self.part = before

        return timed

    def _call(self, function):
        @functools.wraps(function)
        def timed(*args, **kwargs):
            if self.in_hou:
                return function(*args, **kwargs)
            self.in_hou = True
            begun = CLOCK()
            try:
                return function(*args, **kwargs)
            finally:
                self.inside[self.part] += CLOCK() - begun
                self.calls[self.part] += 1
                self.in_hou = False

        return timed


def _classes(hou):
    """Return the classes of `hou` that have methods, and those that they are made of."""
    found = collections.OrderedDict()
    for value in vars(hou).values():
        if inspect.isclass(value) and not issubclass(value, Exception):
            for each in inspect.getmro(value):
                if each.__module__.split(".")[0] == "hou":
                    found[each] = True
    return list(found)


def _node(hou):
    from mlinference.houdini import example

    for name in ("ml_inference.hda", "digit_glyphs.hda"):
        hou.hda.installFile(os.path.join(ROOT, "otls", name))
    node = example.build(hou.node("/obj"), example.own_drawings()[3:4]).inference
    node.parm("engine").set("numpy")
    node.parm("fit").set("exact")
    return node


def _seconds(function):
    begun = CLOCK()
    function()
    return CLOCK() - begun


if __name__ == "__main__":
    sys.exit(main())
