"""The libraries that formats belong to; each is needed for its own format only."""

import importlib

from mlinference import errors


def load(name, form):
    """Import a library.

    Args:
        name: Of the module, which pip calls the same.
        form: What needs it, for the message.

    Raises:
        errors.LibraryMissing: If it cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except Exception as error:  # a broken installation raises more than ImportError
        reason = "%s: %s" % (type(error).__name__, error)
        raise errors.LibraryMissing(form=form, library=name, reason=reason)
