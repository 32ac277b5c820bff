"""Where a run's files go: written whole under another name, then renamed."""

import contextlib
import glob
import hashlib
import io
import json
import os
import re

import numpy

from mlinference import _compat, errors
from mlinference.engines import tensorflow1
from mlinference.training import recipes

SUFFIXES = (".data-00000-of-00001", ".index")
SIDECAR_SUFFIX = ".json"

# After the prefix, where the last variables go if others were better.
LAST = "-last"

# What `--resume` goes on from; removed when a run has come to its end.
STATE_SUFFIX = ".state.npz"


def check(prefix, force=False):
    """Find out before training whether the checkpoint can be written after it.

    Raises:
        errors.OutputExists: If a file of it is there, whosever, and `force` is not given.
        errors.OutputUnwritable: If its folder cannot be made or written to.
    """
    for path in _written(prefix):
        if os.path.exists(path) and not force:
            raise errors.OutputExists(file=path, option="--out")
    try:
        _probe(os.path.dirname(os.path.abspath(prefix)), prefix)
    except (IOError, OSError) as reason:
        raise errors.OutputUnwritable(file=prefix, reason=reason.strerror or reason)


def vacant(prefix, state):
    """Return the prefix, or it with the first number from 2 on of which nothing is there.

    Args:
        state: Whether what a run goes on from counts too; a run's own is no other's.
    """
    number, name = 1, prefix
    while any(map(os.path.exists, _written(name) + [name + STATE_SUFFIX] * state)):
        number += 1
        name = "%s-%d" % (prefix, number)
    return name


def _written(prefix):
    """Return the paths of all that a finished run may leave."""
    written = SUFFIXES[::-1] + (SIDECAR_SUFFIX,)
    return [name + suffix for name in (prefix, prefix + LAST) for suffix in written]


def check_interrupted(prefix):
    """Find out whether training would start over what an interrupted run has learnt.

    Raises:
        errors.RunInterrupted: If it would.
    """
    if os.path.exists(prefix + STATE_SUFFIX):
        raise errors.RunInterrupted(file=prefix + STATE_SUFFIX)


def check_folder(folder, option, names=(), force=False):
    """Find out before training whether files can be written into a folder after it.

    Args:
        folder: Made for a moment if need be.
        option: That it was given as.
        names: The files that will be written.

    Raises:
        errors.OutputExists: If one of the files is there and `force` is not given.
        errors.FolderUnusable: If the folder cannot be made or written to.
    """
    for path in [os.path.join(folder, name) for name in names]:
        if os.path.exists(path) and not force:
            raise errors.OutputExists(file=path, option=option)
    try:
        _probe(folder, os.path.join(folder, "probe"))
    except (IOError, OSError) as reason:
        reason = reason.strerror or reason
        raise errors.FolderUnusable(folder=folder, option=option, reason=reason)


def _probe(folder, name):
    """Make a file that begins with `name` for a moment, and its folder if need be.

    A run that is refused afterwards is to leave nothing behind.
    """
    absent, above = [], folder
    while above and above not in absent and not os.path.isdir(above):
        absent.append(above)
        above = os.path.dirname(above)
    try:
        make_folder(folder)
        probe = "%s.%d.tmp" % (name, os.getpid())
        with io.open(probe, "wb"):
            pass
        os.remove(probe)
    finally:
        for each in absent:
            try:
                os.rmdir(each)
            except EnvironmentError:
                # It was not made, or somebody has put something there meanwhile.
                pass


def make_folder(folder):
    """Make a folder if need be; another run may make it at the same time."""
    try:
        os.makedirs(folder)
    except EnvironmentError:
        if not os.path.isdir(folder):
            raise


def _make_folder_of(prefix):
    make_folder(os.path.dirname(os.path.abspath(prefix)))


def save(served, prefix, sidecar):
    """Write checkpoint and sidecar; what was there before stays until the new files are whole.

    Args:
        served: A graph.Served that holds the values.
        prefix: Path without suffix.
        sidecar: What `PREFIX.json` says, a mapping; the SHA-256 of the data file is added, so
            that one can see whether the two belong together.

    Raises:
        errors.OutputUnwritable: If that fails; nothing is lost then.
    """
    temporary = "%s.%d.tmp" % (prefix, os.getpid())
    try:
        _make_folder_of(prefix)
        served.save(temporary)
        described = dict(sidecar, sha256=checksum(temporary + SUFFIXES[0]))
        with io.open(temporary + SIDECAR_SUFFIX, "wb") as stream:
            stream.write(as_json(described).encode("ascii"))
        # The index last: a reader who comes between finds that data and index differ.
        written = (SUFFIXES[0], SIDECAR_SUFFIX, SUFFIXES[1])
        for suffix in written:
            _compat.settle(temporary + suffix)
        for suffix in written:
            _compat.replace(temporary + suffix, prefix + suffix)
    except (IOError, OSError) as reason:
        raise errors.OutputUnwritable(file=prefix, reason=reason.strerror or reason)
    except served.tf.errors.OpError as reason:
        # The system's own word is the last of that line, after the name of a file of TensorFlow's.
        found = tensorflow1.reason_of(reason).rpartition("; ")[2]
        raise errors.OutputUnwritable(file=prefix, reason=found)
    finally:
        # TensorFlow's own files have names beyond ours; those of a prefix are no patterns.
        for left in glob.glob(re.sub("([*?[])", r"[\1]", temporary) + "*"):
            os.remove(left)


def remove(prefix):
    """Remove checkpoint and sidecar, if they are there; the index first, without which none is.

    Raises:
        errors.OutputUnwritable: If that fails.
    """
    for path in [prefix + suffix for suffix in SUFFIXES[::-1] + (SIDECAR_SUFFIX,)]:
        try:
            if os.path.exists(path):
                os.remove(path)
        except (IOError, OSError) as reason:
            raise errors.OutputUnwritable(file=path, reason=reason.strerror or reason)


def checksum(path):
    """Return the SHA-256 of a file."""
    with io.open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def write_state(prefix, table, data, arrays, plain):
    """Write what an interrupted run goes on from, beside its checkpoint.

    Raises:
        errors.OutputUnwritable: If that fails.
    """
    plain = dict(plain, recipe=table, data=data.checksums)
    path, temporary = prefix + STATE_SUFFIX, "%s.%d.tmp" % (prefix, os.getpid())
    try:
        text = numpy.frombuffer(as_json(plain).encode("ascii"), numpy.uint8)
        # Made in memory: an archive that a full disk cuts off complains once more when it dies.
        archive = io.BytesIO()
        numpy.savez(archive, plain=text, **arrays)
        _make_folder_of(prefix)
        with io.open(temporary, "wb") as stream:
            stream.write(archive.getvalue())
        _compat.settle(temporary)
        _compat.replace(temporary, path)
    except (IOError, OSError) as reason:
        raise errors.OutputUnwritable(file=path, reason=reason.strerror or reason)
    finally:
        if os.path.exists(temporary):
            os.remove(temporary)


def read_state(prefix):
    """Return (recipe's table, arrays, plain values) of an interrupted run.

    Raises:
        errors.NothingToResume: If there is none, or something else of that name.
    """
    path = prefix + STATE_SUFFIX
    if not os.path.exists(path):
        raise errors.NothingToResume(file=path, found="It is not there.")
    try:
        with _compat.load_arrays(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
        plain = json.loads(_compat.packed(arrays.pop("plain")).decode("ascii"))
        # Whatever is looked up later, or the file is of something else.
        for values, name in ((plain, "data"), (plain, "seed"), (plain["recipe"], "name")):
            values[name]
    except KeyError as missing:
        raise errors.NothingToResume(file=path, found="It has no %s." % missing)
    except Exception as reason:  # NumPy and zipfile raise a dozen kinds here
        raise errors.NothingToResume(file=path, found="It cannot be read: %s." % reason)
    if "learnt/0" in arrays:
        # By position, which is another on Python 2.
        raise errors.NothingToResume(file=path, found="An earlier version of ML Inference wrote it.")
    # A state may be older than a knob.
    return dict(recipes.DEFAULTS, **plain["recipe"]), arrays, plain


@contextlib.contextmanager
def restoring(prefix):
    """While a run takes up what `read_state` returned, name the file if it does not fit.

    Raises:
        errors.NothingToResume: In place of what a missing or misshapen value raises.
    """
    try:
        yield
    except errors.InferenceError:
        raise
    except (LookupError, TypeError, ValueError) as reason:
        found = "It does not fit this network: %s." % reason
        raise errors.NothingToResume(file=prefix + STATE_SUFFIX, found=found)


def check_state(prefix, plain, data):
    """Find out whether an interrupted run was trained on this data.

    Raises:
        errors.NothingToResume: If it was not.
    """
    if plain["data"] != dict(data.checksums):
        raise errors.NothingToResume(
            file=prefix + STATE_SUFFIX, found="It was trained on other data."
        )


def stopped(prefix):
    """Say what is there of a run that was stopped before or between its steps.

    Args:
        prefix: None where it was not known yet.
    """
    if prefix and os.path.exists(prefix + STATE_SUFFIX):
        return "Stopped; '%s' is there. Go on with --resume." % (prefix + STATE_SUFFIX)
    return "Stopped before training began; nothing is written."


def move_state(prefix, other):
    """Keep the state of a run with its checkpoint, which goes to another prefix.

    Raises:
        errors.OutputUnwritable: If that fails.
    """
    try:
        if os.path.exists(prefix + STATE_SUFFIX):
            _compat.replace(prefix + STATE_SUFFIX, other + STATE_SUFFIX)
    except (IOError, OSError) as reason:
        raise errors.OutputUnwritable(file=other + STATE_SUFFIX, reason=reason.strerror or reason)


def remove_state(prefix):
    """Forget the state of a run that has come to its end."""
    if os.path.exists(prefix + STATE_SUFFIX):
        os.remove(prefix + STATE_SUFFIX)


def as_json(values):
    """Return a mapping as indented ASCII JSON, keys in order."""
    return json.dumps(values, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
