"""Which checkpoint, which network, and are names and shapes right; without TensorFlow.

A checkpoint is a prefix with an index and data files (`mlinference.bundle`) and, if our
trainer wrote it, a sidecar `PREFIX.json` with labels, temperature, how its pictures were
prepared and how it came about. The
network is found from the names and shapes of the variables alone.
"""

import collections
import io
import json
import os
import re
import time

import numpy

from mlinference import _compat, bundle, errors, moments, networks, own

# What an empty Checkpoint parameter means.
BUNDLED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "digits.ckpt")

# What a file chooser shows of a checkpoint, and artists therefore pick.
SUFFIX = re.compile(r"\.(index|meta|json|data-\d{5}-of-\d{5})$")

# How files end of which `mlinference convert` makes a checkpoint, and of which nothing here does.
CONVERTED = (".keras", ".h5", ".hdf5", ".npz", ".onnx")
UNREAD = (".pt", ".pth", ".safetensors", ".tflite", ".mlmodel")

# Our sidecars have about 2 kilobytes.
LONGEST_SIDECAR = 1024 * 1024

# A writer renames its files one after the other, which takes milliseconds, or on a machine
# that is busy otherwise a second. A reader that came between looks again, and waits twice as
# long each time: PAUSE * (2 ** ATTEMPTS - 1) seconds in all.
ATTEMPTS = 6
PAUSE = 0.02

# Seconds after which nobody is still between two renames, and broken files stay broken.
SETTLED = 10.0

# Bytes.
CACHE_LINE = 64

# Of the logits' division; its reciprocal is the largest.
SMALLEST_TEMPERATURE = 1e-6

# What TensorFlow 2's object-based checkpoints put behind a variable's name.
OBJECT_SUFFIX = "/.ATTRIBUTES/VARIABLE_VALUE"

# Differences that a message lists before it counts the rest.
LISTED = 4


class Checkpoint(object):
    """What one checkpoint holds, read and verified.

    Attributes:
        prefix: Path without suffix.
        stamp: State of its files when it was read, see `stamp`.
        variables: Dict of the network's names to float32 arrays, not writable.
        stored: Dict of the network's names to (key in the file, dtype in the file).
        network: networks.Network.
        classes: Number of classes.
        labels: The classes' names, tuple of str.
        temperature: Float above 0 that divides the logits.
        aligned: Whether it was trained on pictures that `moments.align` had brought in line.
        sidecar: What `PREFIX.json` says, a dict; empty without one.
        cautions: Tuple of errors.Caution.
    """

    def __init__(self, prefix, stamp, variables, stored, network, classes):
        self.prefix = prefix
        self.stamp = stamp
        self.variables = variables
        self.stored = stored
        self.network = network
        self.classes = classes
        self.labels = tuple(str(number) for number in range(classes))
        self.temperature = 1.0
        self.aligned = False
        self.sidecar = {}
        self.cautions = ()


# -- Which files ------------------------------------------------------------------------------


def resolve(path=""):
    """Return the prefix that `path` means.

    Args:
        path: A prefix (also with a step, `digits.ckpt-20000`), any file of the checkpoint,
            with slashes or backslashes, bytes or text; blank for the bundled checkpoint.

    Raises:
        errors.CheckpointMissing: If there is no index; says what is there, or in one of its kinds
            what a model in another format takes.
        errors.CheckpointNotInstalled: If `path` is blank and the package has lost its own.
    """
    path = cleaned(path)
    if not path:
        if not os.path.isfile(bundle.index_path(BUNDLED)):
            raise errors.CheckpointNotInstalled(path=BUNDLED)
        return BUNDLED
    for candidate in (path, path.replace("\\", "/")):
        for prefix in (candidate, SUFFIX.sub("", candidate)):
            if os.path.exists(bundle.index_path(prefix)):
                return prefix
    raise _missing(SUFFIX.sub("", path.replace("\\", "/")))


def cleaned(path):
    """Return a parameter's path as the system takes it; its own paths end at a zero byte too."""
    return _compat.system_path(path or "").split("\0")[0].strip()


def _missing(prefix):
    folder = prefix if os.path.isdir(prefix) else os.path.dirname(prefix) or "."
    try:
        names = sorted(os.listdir(folder))
    except EnvironmentError:
        found = "There is no folder '%s' that can be read." % folder
        return errors.CheckpointMissing(path=prefix, found=found)
    whole = ["'%s'" % name[:-6] for name in names if name.endswith(".index")]
    found = "The folder '%s' holds no checkpoint and no SavedModel." % folder
    if any(name.startswith(os.path.basename(prefix) + ".data-") for name in names):
        found = "There are data files, but '%s.index' is missing." % os.path.basename(prefix)
    elif prefix.lower().endswith(CONVERTED + UNREAD) and os.path.isfile(prefix):
        return _of_another_format(prefix)
    elif whole:
        found = "The folder '%s' has %s." % (folder, _listed(whole, ", "))
    elif os.path.isfile(prefix):
        found = "The file has no '%s.index' beside it." % os.path.basename(prefix)
    return errors.CheckpointMissing(path=prefix, found=found)


def _of_another_format(path):
    name = os.path.basename(path)
    stem, ending = os.path.splitext(name)
    if ending.lower() in UNREAD:
        return errors.CheckpointUnreadFormat(path=path, ending=ending)
    return errors.CheckpointToConvert(path=path, ending=ending, name=name, stem=stem)


def _listed(items, separator):
    rest = len(items) - LISTED
    return separator.join(items[:LISTED]) + (" and %d more" % rest if rest > 0 else "")


def stamp(prefix):
    """Return the state of a checkpoint's files: equal as long as nobody has written to them.

    Costs three calls of `stat`, for it is asked on every cook. Never raises.
    """
    return (
        _compat.file_state(bundle.index_path(prefix)),
        _compat.file_state(bundle.shard_path(prefix)) or _state_of_shards(prefix),
        _compat.file_state(prefix + ".json"),
    )


def _state_of_shards(prefix):
    folder, name = os.path.split(prefix)
    try:
        names = os.listdir(folder or ".")
    except EnvironmentError:
        return None
    shards = sorted(each for each in names if each.startswith(name + ".data-"))
    return tuple((each, _compat.file_state(os.path.join(folder, each))) for each in shards)


# -- Reading ----------------------------------------------------------------------------------


def read(prefix, network=None):
    """Read and verify a checkpoint, all files of one and the same writing.

    Args:
        prefix: What `resolve` returned.
        network: The networks.Network that it must be of, or None to find out.

    Returns:
        Checkpoint.

    Raises:
        errors.CheckpointError: In one of its kinds.
    """
    first = stamp(prefix)
    for attempt in range(ATTEMPTS):
        before = stamp(prefix)
        failure = None
        try:
            found = _read(prefix, network, before)
        except errors.CheckpointError as error:
            failure = error
        except MemoryError:
            # Of so many numbers more likely by damage than by intent.
            reason = "It asks for more memory than there is."
            failure = errors.CheckpointDamaged(path=prefix, reason=reason)
        if stamp(prefix) == before:
            if failure is None:
                return found
            if not (isinstance(failure, errors.CheckpointDamaged) and _recent(prefix)):
                raise failure
        time.sleep(PAUSE * 2**attempt)
    if failure is not None and stamp(prefix) == first:
        raise failure
    raise errors.CheckpointChanging(path=prefix, times=ATTEMPTS)


def _recent(prefix):
    """Tell whether a file was written, renamed or copied a moment ago, or a link to one made."""
    folder, name = os.path.split(prefix)
    ends = tuple(name + end for end in (".index", ".data-", ".json"))
    changes = []
    try:
        paths = [os.path.join(folder, each) for each in os.listdir(folder or ".") if each.startswith(ends)]
        for path in paths:
            changes.append(os.lstat(path).st_ctime)
            if os.path.exists(path):
                changes.append(os.stat(path).st_ctime)
    except EnvironmentError:
        # One has gone meanwhile.
        return True
    return any(abs(time.time() - seconds) < SETTLED for seconds in changes)


def _read(prefix, network, before):
    files = bundle.Bundle(prefix)
    sidecar, cautions = read_sidecar(prefix + ".json")
    told = sidecar.get("network")
    if network is None and own.is_own(told):
        # Not imported on the word of a file: the user has to name it.
        raise errors.CheckpointNeedsNetwork(path=prefix, network=told)
    fit = _fit(prefix, files.entries, network, told)
    tensors = files.read(fit.keys.values())
    variables = {}
    stored = {}
    for name, key in fit.keys.items():
        stored[name] = key, tensors[key].dtype.name
        variables[name] = _finite(prefix, name, tensors[key])
    found = Checkpoint(prefix, before, variables, stored, fit.network, fit.classes)
    marks = (moments.MARK, fit.scope + moments.MARK)
    found.aligned = any(_plain(key) in marks for key in files.entries)
    describe(found, sidecar, cautions, prefix + ".json")
    return found


def _finite(prefix, name, stored):
    values = _aligned(stored.shape)
    with numpy.errstate(all="ignore"):
        values[...] = stored
    values.flags.writeable = False
    finite = numpy.isfinite(values)
    if not finite.all():
        count = values.size - int(finite.sum())
        raise errors.CheckpointNotFinite(path=prefix, name=name, count=count, total=values.size)
    return values


def _aligned(shape):
    """Return an empty float32 array that begins where a line of the processor's caches does.

    From there NumPy's matrix product reads the largest matrix a seventh faster.
    """
    size = 4 * int(numpy.prod(shape))
    octets = numpy.empty(size + CACHE_LINE, numpy.uint8)
    first = -octets.__array_interface__["data"][0] % CACHE_LINE
    return octets[first : first + size].view(numpy.float32).reshape(shape)


def identity(found):
    """Return bytes that differ where another checkpoint may answer otherwise.

    Raises:
        errors.CheckpointUnreadable: If the system refuses the index.
    """
    try:
        with io.open(bundle.index_path(found.prefix), "rb") as stream:
            return stream.read()  # has checksums of all variables
    except EnvironmentError as error:
        raise errors.CheckpointUnreadable(path=found.prefix, reason=error.strerror or error)


# -- Which network ----------------------------------------------------------------------------


class Fit(object):
    """How well a file's variables are those of a network.

    Attributes:
        network, scope: As given.
        classes: The number of classes that fits best.
        keys: OrderedDict of the network's names to keys in the file.
        differences: List of what is wrong, each half a sentence; empty if it fits.
    """

    def __init__(self, network, shapes, scope):
        """Compare.

        Args:
            network: networks.Network.
            shapes: Mapping of plain name (see `_plain`) to (key, shape).
            scope: What stands before all names: "" or "tower/".
        """
        self.network = network
        self.scope = scope
        self.classes = _classes(network, shapes, scope)
        self.keys = collections.OrderedDict()
        self.differences = []
        wanted = network.variables(self.classes)
        for name, shape in wanted:
            self._compare(name, shape, shapes.get(scope + name))
        self.matched = len(self.keys)
        bases = {name for name, _ in wanted}
        if network.own:
            # What else the user's training has left there is the user's.
            return
        for plain in sorted(shapes):
            used = plain.startswith(scope) and plain[len(scope) :] in bases
            if not used and not _aside(plain, shapes[plain][1], bases):
                self.differences.append("'%s' is not expected" % plain)

    def _compare(self, name, shape, found):
        if found is None:
            self.differences.append("'%s' is missing" % name)
            return
        self.keys[name] = found[0]
        if found[1] != tuple(shape):
            text = "'%s' is %s, expected %s" % (name, _shape_text(found[1]), _shape_text(shape))
            self.differences.append(text)


def _fit(prefix, entries, network, told):
    """Return the Fit of the network that the variables belong to."""
    shapes = {_plain(key): (key, entry.shape) for key, entry in entries.items()}
    candidates = [network] if network else networks.NETWORKS
    fits = [
        Fit(candidate, shapes, scope)
        for candidate in candidates
        for scope in _scopes(shapes, candidate)
    ]
    # `sorted` keeps the order of NETWORKS among equals.
    ranked = sorted(fits, key=lambda fit: (len(fit.differences), fit.network.name != told))
    best = ranked[0]
    if not best.differences:
        twins = [fit.scope for fit in fits if not fit.differences and fit.network is best.network]
        if len(twins) > 1 and "" not in twins:
            where = _listed(["'%s'" % scope for scope in twins], ", ")
            found = "Its variables are there %d times: below %s." % (len(twins), where)
            raise errors.CheckpointOfAnother(
                path=prefix, network=best.network.name, found=found
            )
        return best
    # Of networks that do not fit, the one that most of the variables belong to tells most.
    best = max(ranked, key=lambda fit: (fit.matched, -len(fit.differences)))
    found = _listed(best.differences, "; ") + "."
    if not best.matched:
        best = fits[0]
        names = ["'%s' (%s)" % (plain, _shape_text(shapes[plain][1])) for plain in sorted(shapes)]
        wanted = ["'%s'" % name for name, _ in best.network.variables(best.classes)]
        held = _listed(names, ", ") or "no variables"
        found = "It holds %s; '%s' has %s." % (held, best.network.name, _listed(wanted, ", "))
    if network is not None:
        raise errors.CheckpointOfAnother(path=prefix, network=network.name, found=found)
    raise errors.CheckpointForeign(path=prefix, found=found)


def _plain(key):
    """Return a key as the graph would call the variable: "a/W:0" is "a/W"."""
    if key.endswith(OBJECT_SUFFIX):
        key = key[: -len(OBJECT_SUFFIX)]
    return key[:-2] if key.endswith(":0") else key


def _scopes(shapes, network):
    """Return the scopes in which the network's variables may stand, "" first."""
    names = [name for name, _ in network.variables(1)]
    scopes = {""}
    for plain in shapes:
        for name in names:
            scope = plain[: -len(name)]
            if plain.endswith("/" + name) and not _slot(scope, names):
                scopes.add(scope)
    return sorted(scopes)


def _slot(path, bases):
    return any("/%s/" % base in "/%s/" % path for base in bases)


def _aside(plain, shape, bases):
    """Tell what optimizers and savers leave behind from a variable of the network.

    Slots hang below a variable (`W_conv1/Adam_1`), counters and powers are scalars
    (`beta1_power`, `global_step`), and TensorFlow 2's own records begin with "_" or a dot.
    """
    return not shape or _slot(plain.rpartition("/")[0], bases) or plain.startswith("_")


def _classes(network, shapes, scope):
    """Return the number of classes, from the last variable whose shape depends on it.

    Of a fixed table that is none; there the last variable is the bias of the logits.
    """
    one, two = network.variables(1), network.variables(2)
    for (name, first), (_, second) in reversed(list(zip(one, two))):
        found = shapes.get(scope + name, (None, ()))[1]
        for axis in range(min(len(first), len(second), len(found))):
            step = second[axis] - first[axis]
            if step:
                return max((found[axis] - first[axis]) // step + 1, 1)
    return one[-1][1][-1] if one == two and one[-1][1] else 10


def _shape_text(shape):
    return "x".join(str(size) for size in shape) or "one number"


# -- The sidecar ------------------------------------------------------------------------------


def read_sidecar(path):
    """Return (what the sidecar says, cautions); a broken one says nothing."""
    try:
        if not os.path.isfile(path):
            return {}, ()
        with io.open(path, "rb") as stream:
            data = stream.read(LONGEST_SIDECAR + 1)
        if len(data) > LONGEST_SIDECAR:
            raise ValueError("It is too long.")
        # With the mark that editors of Windows put before UTF-8, too.
        sidecar = json.loads(data.decode("utf-8-sig"))
    except EnvironmentError as error:
        return {}, (_ignored(path, error.strerror or error),)
    except (ValueError, RuntimeError) as error:
        # RuntimeError: brackets nested deeper than Python's stack.
        return {}, (_ignored(path, "It is not JSON: %s" % error),)
    if not isinstance(sidecar, dict):
        return {}, (_ignored(path, "It is not a JSON object."),)
    return sidecar, ()


def _ignored(path, reason):
    return errors.SidecarIgnored(path=path, reason=reason)


def describe(found, sidecar, cautions, path):
    """Take over from a sidecar what makes sense, and tell what does not.

    Args:
        found: Has `classes` and `network`; gets `labels`, `temperature`, `aligned`, `sidecar`,
            `cautions`.
        sidecar, cautions: What `read_sidecar` returned.
        path: The sidecar's.
    """
    complaints = []
    labels = sidecar.get("labels")
    if isinstance(labels, list) and len(labels) == found.classes:
        found.labels = tuple(_compat.native(_compat.text(label)) for label in labels)
    elif labels is not None:
        complaints.append("its labels are not a list of %d names" % found.classes)
    temperature = told_temperature(sidecar)
    if temperature is None:
        complaints.append("its temperature is not between 0.000001 and 1000000")
    else:
        found.temperature = temperature
    aligned = told_of_input(sidecar).get("aligned")
    fits = moments.fits(found.network)
    found.aligned = fits and (found.aligned or aligned == moments.MOMENTS)
    if aligned is not None and not (fits and aligned == moments.MOMENTS):
        complaints.append("its pictures are aligned in a way that is not known here")
    told = sidecar.get("network", found.network.name)
    if told != found.network.name and not found.network.own:
        complaints.append("the variables are those of '%s'" % found.network.name)
    found.sidecar = sidecar
    found.cautions = tuple(cautions) + _trained_otherwise(found, path)
    if complaints:
        text = " and ".join(complaints)
        reason = text[0].upper() + text[1:] + "."
        found.cautions += (errors.SidecarPartly(path=path, reason=reason),)


def told_temperature(sidecar):
    """Return the temperature that a sidecar asks for, 1.0 if it says none, None if it is not in range."""
    told = sidecar.get("temperature", 1.0)
    number = isinstance(told, (int, float)) and not isinstance(told, bool)
    return float(told) if number and SMALLEST_TEMPERATURE <= told < 1 / SMALLEST_TEMPERATURE else None


def told_of_input(sidecar):
    """Return what a sidecar says of the pictures, a dict; empty if that is nothing of use."""
    told = sidecar.get("input")
    return told if isinstance(told, dict) else {}


def _trained_otherwise(found, path):
    """Return a caution if a user's own network does not ask for the pictures of its training."""
    network, trained = found.network, told_of_input(found.sidecar)
    if not network.own or not trained:
        return ()
    wanted = dict(network.described(), picture=network.picture)
    # Of a drawing it is told how the ink was, not that it was one.
    learnt = dict(wanted, picture=networks.INK) if "ink" in trained else dict(wanted)
    learnt.update(trained)
    for key, value in sorted(wanted.items()):
        if learnt[key] != value:
            text = "Its '%s' is %s, and was %s."
            said = text % (key, json.dumps(value), json.dumps(learnt[key]))
            return (errors.NetworkInputDiffers(network=network.name, path=path, found=said),)
    return ()


# -- Writing ----------------------------------------------------------------------------------


def write(prefix, variables, sidecar=None):
    """Write a checkpoint that TensorFlow 1 and 2 restore, all files or none.

    Args:
        prefix: Path without suffix; its folder exists.
        variables: Mapping of name to array of float32, float64 or float16.
        sidecar: What `PREFIX.json` shall say, a mapping; without one an old one goes.

    Raises:
        EnvironmentError: If that fails; the files that were there are untouched then.
    """
    index, data = bundle.encoded(variables)
    # The index last: it has the checksums of the data, so that a reader who comes between
    # knows that the two do not belong together.
    contents = collections.OrderedDict(((bundle.shard_path(prefix), data),))
    if sidecar is not None:
        text = json.dumps(sidecar, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
        contents[prefix + ".json"] = text.encode("ascii")
    contents[bundle.index_path(prefix)] = index
    ending = ".%d.tmp" % os.getpid()
    try:
        for path, content in contents.items():
            with io.open(path + ending, "wb") as stream:
                stream.write(content)
            _compat.settle(path + ending)
        for path in contents:
            _compat.replace(path + ending, path)
        if sidecar is None and os.path.exists(prefix + ".json"):
            os.remove(prefix + ".json")
    finally:
        for path in contents:
            if os.path.exists(path + ending):
                os.remove(path + ending)
