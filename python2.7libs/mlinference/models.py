"""Which kind of model is at a path: a checkpoint, or a SavedModel or frozen graph."""

import os

from mlinference import checkpoint, errors, saved


def resolve(path=""):
    """Return the prefix that `path` means.

    Args:
        path: As for checkpoint.resolve and saved.resolve; a checkpoint comes first, but not
            where a file of a SavedModel is named.

    Raises:
        errors.CheckpointError: If there is neither.
    """
    missing = None
    try:
        prefix = checkpoint.resolve(path)
    except errors.CheckpointMissing as error:
        missing = error
        prefix = checkpoint.cleaned(path)
    if missing is None and os.path.basename(prefix) != "variables":
        return prefix
    # The values of a SavedModel are a checkpoint too, which nobody means who picks it.
    found = saved.resolve(prefix)
    if found is None and missing is not None:
        raise missing
    return found or prefix


def stamp(prefix):
    """Return the state of a model's files: equal as long as nobody has written to them."""
    found = checkpoint.stamp(prefix)
    return found if found[0] else saved.stamp(prefix)


def read(prefix, network=None):
    """Read a checkpoint, or what there is to know of another model without TensorFlow.

    Args:
        prefix: What `resolve` returned.
        network: The networks.Network that a checkpoint must be of, or None to find out.

    Returns:
        checkpoint.Checkpoint or saved.Model.

    Raises:
        errors.InferenceError: If it cannot be used.
    """
    if os.path.isfile(prefix + ".index") or not saved.is_one(prefix):
        return checkpoint.read(prefix, network)
    if network is not None:
        raise errors.ModelHasNetwork(path=prefix, name=network.name)
    return saved.Model(prefix)


def identity(model):
    """Return bytes that are others where the model's answers may be.

    Args:
        model: What `read` returned.
    """
    return (saved if isinstance(model, saved.Model) else checkpoint).identity(model)
