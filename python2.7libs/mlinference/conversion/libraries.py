"""The libraries that formats belong to; each is needed for its own format only."""

import importlib

from mlinference import errors


def load(name, form, *parts):
    """Import a library.

    Args:
        name: Of the module, which pip calls the same.
        form: What needs it, for the message.
        parts: Modules inside of it that are used; old releases leave importing them to the user.

    Raises:
        errors.LibraryMissing: If it cannot be imported.
    """
    try:
        for part in parts:
            importlib.import_module("%s.%s" % (name, part))
        return importlib.import_module(name)
    except Exception as error:  # a broken installation raises more than ImportError
        reason = "%s: %s" % (type(error).__name__, error)
        raise errors.LibraryMissing(form=form, library=name, reason=reason)
