"""HOM's exceptions, with its hierarchy, and the one way in which the stand-in raises them.

Everything the stand-in itself refuses ends in "(stand-in)", so that nobody takes its words for
Houdini's. What a node's own code raises keeps its own words.
"""

import os

MARK = "(stand-in)"


class Error(Exception):
    """Base of all of HOM's exceptions."""

    _DESCRIPTION = "An error occurred."

    def __init__(self, message=""):
        super(Error, self).__init__(message)
        self._message = message

    def exceptionTypeName(self):
        return type(self).__name__

    def description(self):
        return self._DESCRIPTION

    def instanceMessage(self):
        return self._message

    def __str__(self):
        return "%s\n%s" % (self._DESCRIPTION, self._message) if self._message else self._DESCRIPTION


class OperationFailed(Error):
    _DESCRIPTION = "The attempted operation failed."


class InvalidGeometry(OperationFailed):
    _DESCRIPTION = "This geometry object no longer has a cooked node behind it."


class InvalidNodeType(Error):
    _DESCRIPTION = "This kind of node does not have that."


class InvalidInput(Error):
    _DESCRIPTION = "There is no such input."


class InvalidSize(Error):
    _DESCRIPTION = "The number of elements is wrong."


class ObjectWasDeleted(Error):
    _DESCRIPTION = "The object behind this reference is gone from the session."


class PermissionError(Error):  # HOM's own name; it shadows Python's only under `import *`
    _DESCRIPTION = "This cannot be changed here."


class GeometryPermissionError(Error):
    _DESCRIPTION = "This geometry is read-only."


class OperationInterrupted(Error):
    _DESCRIPTION = "The operation was interrupted."


class NotAvailable(Error):
    _DESCRIPTION = "This is not available here."


class LoadWarning(Error):
    _DESCRIPTION = "The file was loaded, with warnings."


class NodeError(Error):
    _DESCRIPTION = "The node's own code reports an error."

    def __init__(self, message=""):
        super(NodeError, self).__init__(check_text(message, "An error's message"))


class NodeWarning(Error):
    _DESCRIPTION = "The node's own code reports a warning."

    def __init__(self, message=""):
        super(NodeWarning, self).__init__(check_text(message, "A warning's message"))


def refuse(message, kind=OperationFailed):
    """Return an exception of the given kind that says where it comes from."""
    return kind("%s %s" % (message, MARK))


def on_disk(path):
    """Return a path of HOM's, which is UTF-8 whatever the locale says, as Python takes it."""
    return path if str is bytes else os.fsdecode(path.encode("utf-8", "surrogateescape"))


def check_text(value, what):
    """Return text that HOM can take: a native string, and on Python 3 one that UTF-8 can hold.

    Behind HOM is C++, which is handed UTF-8; a lone surrogate, as in a file's name that is not
    UTF-8, has none.

    Raises:
        TypeError: If it is anything else.
    """
    if not isinstance(value, str):
        raise TypeError("%s is a string, not %s %s" % (what, type(value).__name__, MARK))
    if str is not bytes:
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise TypeError("%s is text that UTF-8 can hold, not %a %s" % (what, value, MARK))
    return value
