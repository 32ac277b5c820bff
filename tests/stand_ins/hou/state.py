"""What the session holds, and who is reading what: the base of lazy, dirty-driven cooking.

A `Source` is anything that others compute from: a node's result, a parameter, the time. While a
node cooks or a parameter evaluates it is the *reader*; whatever it reads remembers it, and a
changed source makes its readers stale. Nothing is computed until it is asked for.
"""


class Source(object):
    """Something that can be read, and that tells its readers when it changes."""

    def __init__(self):
        self.readers = set()
        # What the last computation read: which inputs a node really used.
        self.sources = set()
        # Whether the value depends on the time, as of the last computation.
        self.timed = False

    def read(self):
        """Register whoever is being computed right now as a reader."""
        reader = session.readers[-1] if session.readers else None
        if reader is None or reader is self:
            return
        self.readers.add(reader)
        reader.sources.add(self)
        if self.timed:
            reader.timed = True

    def changed(self):
        """Make every reader stale. They register again when they next read."""
        readers, self.readers = self.readers, set()
        for reader in readers:
            reader.stale()

    def stale(self):
        """A source that this one was computed from has changed."""
        self.changed()


class Clock(Source):
    """The playbar. Reading it makes the reader time dependent."""

    def __init__(self):
        super(Clock, self).__init__()
        self.timed = True
        self.frame = 1.0
        self.fps = 24.0
        self.range = (1.0, 240.0)

    def set(self, frame):
        if frame != self.frame:
            self.frame = float(frame)
            self.changed()


class Session(object):
    """Everything that `hou.hipFile.clear` starts anew, and what survives it."""

    def __init__(self):
        self.libraries = {}  # path -> [definition]; installed assets survive a clear
        self.preferred = {}  # (table, operator) -> definition
        self.ids = 0
        self.variables = {}
        self.reset()

    def reset(self):
        self.clock = Clock()
        self.root = None
        self.directories = []  # what hou.pwd() answers; the last one counts
        self.readers = []  # who is computing; the last one counts
        self.cooking = []  # nodes whose own cook is running
        self.by_id = {}
        self.hip = "untitled.hip"
        self.loading = False
        self.undo = []  # finished blocks: (label, [function that takes a change back])
        self.redo = []
        self.undo_blocks = []  # open blocks
        self.undo_disabled = 0

    def next_id(self):
        self.ids += 1
        return self.ids

    def computing(self, reader):
        """Whatever is read inside makes `reader` depend on it; None: on nothing."""
        return Last(self.readers, reader)

    def inside(self, op):
        """`hou.pwd()` is this node inside."""
        return Last(self.directories, op)


class Last(object):
    """Keeps something the last of a list while its block runs."""

    def __init__(self, items, item):
        self.items = items
        self.item = item

    def __enter__(self):
        self.items.append(self.item)

    def __exit__(self, kind, error, trace):
        self.items.pop()


session = Session()
