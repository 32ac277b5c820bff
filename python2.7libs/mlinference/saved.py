"""SavedModels and frozen graphs: which files are one, their state, and what lies beside them.

A SavedModel is a folder with `saved_model.pb` and, where the graph has variables,
`variables/variables.index` with its data files. A frozen graph is one `.pb` file, its values
in it. What they hold, only TensorFlow can tell (`engines.saved`); here are files only.

**A model of either kind is a program**: TensorFlow does what its graph says, with the user's
rights, reading and writing files included. Load only what you would run. No library of
operations is ever loaded for one, and a graph that calls back into Python is refused.
"""

import io
import os

from mlinference import _compat, bundle, checkpoint, errors

SAVED_MODEL, FROZEN_GRAPH = "SavedModel", "frozen graph"

GRAPH_FILE = "saved_model.pb"

# Bytes; a message of protobuf has no more.
LARGEST_GRAPH = 2**31
TEXT_ENDING = ".pbtxt"

# What a sidecar may say, and within that; of the others anything, or nothing that has names.
KEYS = {
    "labels": (),
    "temperature": (),
    "signature": (),
    "input": (
        "name", "height", "width", "channels", "layout", "range", "ink", "picture", "aligned",
    ),
    "output": ("name", "values"),
    "feeds": (),
}  # fmt: skip

# A SavedModel's description begins with its version, a number; a graph's with its first node.
FIRST_BYTE_OF_SAVED_MODEL = b"\x08"


class Model(object):
    """A SavedModel or a frozen graph, with the attributes of a checkpoint.Checkpoint.

    Attributes:
        prefix: The SavedModel's folder, or the frozen graph's file, see `resolve`.
        kind: SAVED_MODEL or FROZEN_GRAPH.
        stamp: State of its files when it was found, see `stamp`.
        size: Bytes of graph, index and variables.
        network: networks.Network with name and picture only; the engine fills it in, and with
            it `classes`, `labels`, `temperature` and the cautions about these.
        variables, stored: Empty; TensorFlow has them.
        sidecar: What `sidecar_path` says, a dict; empty without one.
        cautions: Tuple of errors.Caution.
    """

    def __init__(self, prefix):
        self.prefix = prefix
        self.stamp = stamp(prefix)
        self.kind = SAVED_MODEL if os.path.isdir(prefix) else FROZEN_GRAPH
        self.size = sum(state[1] for state in self.stamp[:-1] if state)
        self.variables = {}
        self.stored = {}
        self.network = None
        self.classes = 0
        self.labels = ()
        self.temperature = 1.0
        self.aligned = False
        self.sidecar, self.cautions = checkpoint.read_sidecar(sidecar_path(prefix))

    def graph(self):
        """Return the bytes of the graph's file.

        Raises:
            errors.CheckpointUnreadable: If the system refuses.
        """
        path = graph_path(self.prefix)
        if os.path.isfile(path) and os.path.getsize(path) > LARGEST_GRAPH:
            reason = "Its graph has %d bytes, more than one can have" % os.path.getsize(path)
            raise errors.CheckpointDamaged(path=self.prefix, reason=reason + ".")
        return _contents(path)

    def told(self, name):
        """Return what the sidecar says about "input", "output" or "feeds", a dict."""
        said = self.sidecar.get(name, {})
        return said if isinstance(said, dict) else {}

    def describe(self, network, classes):
        """Fill in what the engine has found: the pictures, and how many classes."""
        self.network = network
        self.classes = classes
        self.labels = tuple(str(number) for number in range(classes))
        told = self.sidecar
        path = sidecar_path(self.prefix)
        unknown = ["'%s'" % _compat.native(key) for key in sorted(self._unknown())]
        if unknown:
            reason = "Nothing is known by the name %s." % " or ".join(unknown)
            self.cautions += (errors.SidecarPartly(path=path, reason=reason),)
        checkpoint.describe(self, dict(told, network=self.kind), self.cautions, path)
        self.sidecar = told

    def _unknown(self):
        """Yield what the sidecar says and nobody looks for, as a slip of the pen is."""
        # What the trainer and `convert` write has this, much else besides, and no slips.
        if "format" in self.sidecar:
            return
        for key in self.sidecar:
            if key not in KEYS:
                yield key
            for inner in self.told(key) if KEYS.get(key) else ():
                if inner not in KEYS[key]:
                    yield "%s/%s" % (key, inner)


def resolve(path):
    """Return the prefix of the SavedModel or frozen graph that a path means, or None.

    Args:
        path: The folder, any file directly in it or in its `variables`, or a `.pb` file; native.

    Returns:
        The folder or the `.pb` file; a folder ends with a separator where without one it would
        be the prefix of a checkpoint beside it.

    Raises:
        errors.ModelError, errors.CheckpointMissing: If it means one that cannot be read.
    """
    for candidate in (path, path.replace("\\", "/")):
        stripped = candidate.rstrip("/\\") or candidate
        for folder in _folders(stripped):
            if os.path.isfile(os.path.join(folder, GRAPH_FILE)):
                return _apart(folder)
            if os.path.isfile(os.path.join(folder, GRAPH_FILE + "txt")):
                raise errors.ModelText(path=folder)
        for file in (stripped, checkpoint.SUFFIX.sub("", stripped) + ".pb"):
            if file.endswith(".pb") and os.path.isfile(file):
                return _frozen(file)
        if stripped.endswith(TEXT_ENDING) and os.path.isfile(stripped):
            raise errors.ModelText(path=stripped)
    return None


def _apart(folder):
    beside = os.path.exists(bundle.index_path(folder))
    return os.path.join(folder, "") if beside else folder


def _folders(path):
    """Return the folders whose SavedModel a path may mean."""
    folder, name = os.path.split(path)
    found = [checkpoint.SUFFIX.sub("", path)]
    if name in (GRAPH_FILE, GRAPH_FILE + "txt"):
        found.append(folder or ".")
    if os.path.basename(folder) == "variables" and name.startswith("variables"):
        found.append(os.path.dirname(folder) or ".")
    return found


def _frozen(path):
    if _contents(path, 1) == FIRST_BYTE_OF_SAVED_MODEL:
        found = "The file is of a SavedModel; there its name is '%s'." % GRAPH_FILE
        raise errors.CheckpointMissing(path=path, found=found)
    return path


def _contents(path, count=-1):
    """Return the first bytes of a file, by default all."""
    try:
        with io.open(path, "rb") as stream:
            return stream.read(count)
    except EnvironmentError as error:
        raise errors.CheckpointUnreadable(path=path, reason=error.strerror or error)


def is_one(prefix):
    """Tell whether what `resolve` returned is there."""
    return os.path.isfile(graph_path(prefix))


def graph_path(prefix):
    """Return the file of the graph."""
    return os.path.join(prefix, GRAPH_FILE) if os.path.isdir(prefix) else prefix


def variables_prefix(prefix):
    """Return the checkpoint inside of a SavedModel's folder."""
    return os.path.join(prefix, "variables", "variables")


def sidecar_path(prefix):
    """Return the path of the JSON file beside the folder or the file."""
    prefix = prefix.rstrip(os.sep)
    return (prefix[:-3] if prefix.endswith(".pb") else prefix) + ".json"


def files(prefix):
    """Return the paths of graph, index and data; a frozen graph has only the first."""
    inner = variables_prefix(prefix)
    return graph_path(prefix), bundle.index_path(inner), bundle.shard_path(inner)


def stamp(prefix):
    """Return the state of the files: equal as long as nobody has written to them."""
    return tuple(_compat.file_state(path) for path in files(prefix) + (sidecar_path(prefix),))


def identity(model):
    """Return bytes that differ where another model, or another use of it, may answer otherwise.

    Raises:
        errors.CheckpointUnreadable: If the system refuses.
    """
    index = bundle.index_path(variables_prefix(model.prefix))
    parts = [model.graph()]
    if os.path.isfile(index):
        parts.append(_contents(index))  # has checksums of all variables
    said = [sorted(model.told(name).items()) for name in ("input", "output", "feeds")]
    parts.append(_compat.text(repr((said, model.sidecar.get("signature")))).encode("utf-8"))
    return b"".join(parts)
