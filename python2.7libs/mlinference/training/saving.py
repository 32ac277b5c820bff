"""Where a run's files go: written whole under another name, then renamed."""

import glob
import io
import json
import os

from mlinference import _compat, errors

SUFFIXES = (".data-00000-of-00001", ".index")
SIDECAR_SUFFIX = ".json"


def check(prefix, force=False):
    """Find out before training whether the checkpoint can be written after it.

    Raises:
        errors.OutputExists: If it is there and `force` is not given.
        errors.OutputUnwritable: If its folder cannot be made or written to.
    """
    existing = [prefix + suffix for suffix in SUFFIXES if os.path.exists(prefix + suffix)]
    if existing and not force:
        raise errors.OutputExists(file=existing[-1])
    folder = os.path.dirname(os.path.abspath(prefix))
    probe = "%s.%d.tmp" % (prefix, os.getpid())
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with io.open(probe, "wb"):
            pass
        os.remove(probe)
    except (IOError, OSError) as reason:
        raise errors.OutputUnwritable(file=prefix, reason=reason.strerror or reason)


def save(served, prefix, sidecar):
    """Write checkpoint and sidecar; what was there before stays until the new files are whole.

    Args:
        served: A graph.Served that holds the values.
        prefix: Path without suffix.
        sidecar: What `PREFIX.json` says, a mapping.

    Raises:
        errors.OutputUnwritable: If that fails; nothing is lost then.
    """
    temporary = "%s.%d.tmp" % (prefix, os.getpid())
    try:
        served.save(temporary)
        with io.open(temporary + SIDECAR_SUFFIX, "wb") as stream:
            stream.write(as_json(sidecar).encode("ascii"))
        for suffix in SUFFIXES + (SIDECAR_SUFFIX,):
            _compat.replace(temporary + suffix, prefix + suffix)
    except (IOError, OSError, served.tf.errors.OpError) as reason:
        found = getattr(reason, "strerror", None) or getattr(reason, "message", None) or reason
        raise errors.OutputUnwritable(file=prefix, reason=found)
    finally:
        for left in glob.glob(temporary + "*"):
            os.remove(left)


def as_json(values):
    """Return a mapping as indented ASCII JSON, keys in order."""
    return json.dumps(values, indent=1, sort_keys=True, separators=(",", ": ")) + "\n"
