"""The differences between Python 2.7 and 3 that word choice cannot bridge, a named helper each."""

from __future__ import print_function

import io
import os
import sys

PYTHON_2 = sys.version_info[0] == 2


def native(text):
    """Return `text` as this Python's own `str`.

    HOM hands out and takes native strings: UTF-8 bytes on Python 2, text on Python 3.

    Args:
        text: bytes, text, or anything that `str` takes.
    """
    if PYTHON_2 and not isinstance(text, (bytes, str)) and hasattr(text, "encode"):
        return text.encode("utf-8")
    if not PYTHON_2 and isinstance(text, bytes):
        return text.decode("utf-8", "replace")
    try:
        return str(text)
    except UnicodeError:
        # Python 2's exceptions with text that is not ASCII.
        return unicode(text).encode("utf-8")  # noqa: F821


def text(value):
    """Return bytes, native text or anything that `str` takes as text of whole characters.

    Python 3 keeps what is no UTF-8 in a path as lone surrogates, which cannot be written.
    """
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if PYTHON_2:
        return value if hasattr(value, "encode") else str(value).decode("utf-8", "replace")
    try:
        octets = str(value).encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        # A surrogate that stands for no byte, as JSON may have it.
        octets = str(value).encode("utf-8", "replace")
    return octets.decode("utf-8", "replace")


def whole(value):
    """Return `text(value)` as native text, as HOM takes it: what is no UTF-8 is replaced."""
    return native(text(value))


def printable(value, stream):
    """Return whole native text that a stream can show, with escapes for what it cannot."""
    shown = whole(value)
    if PYTHON_2:
        return shown
    encoding = getattr(stream, "encoding", None) or "ascii"
    if getattr(stream, "errors", None) == "surrogateescape":
        # Of the C locale: whoever reads it is told the bytes that a file's name has on the disk.
        return shown.encode("utf-8").decode(encoding, "surrogateescape")
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def say(value):
    """Print a line, whatever its characters are and whatever the console has."""
    print(printable(value, sys.stdout))


def system_path(path):
    """Return a path in whole text, such as a parameter's or a table's, as the system takes it.

    HOM decodes UTF-8 whatever the locale says; in an ASCII locale Python 3 takes no other character
    in a path, but stands surrogates for their bytes, which is how it lists such a file itself.
    """
    if PYTHON_2:
        return native(path)
    if sys.getfilesystemencoding().lower().replace("-", "") == "utf8":
        return native(path)
    return os.fsdecode(native(path).encode("utf-8", "surrogateescape"))


def utf8_path(path):
    """Return a path for a library that takes every path as UTF-8, whatever the locale says.

    In an ASCII locale Python 3 keeps other bytes of a path as lone surrogates, which have no UTF-8.
    """
    if PYTHON_2:
        return path
    return path_bytes(path).decode("utf-8", "replace")


def path_bytes(path):
    """Return a path as the system has it on its disk."""
    return path if isinstance(path, bytes) else os.fsencode(path)


def packed(array):
    """Return an array's values as bytes, in the order of its rows.

    NumPy's own `tobytes` is too new for its oldest versions, `tostring` too old for its newest.
    """
    import numpy  # here, because what runs without NumPy reads this module too

    return memoryview(numpy.ascontiguousarray(array)).tobytes()


def load_arrays(path):
    """Return numpy.load of arrays alone; NumPy before 1.10 cannot be told to unpickle nothing."""
    import numpy

    try:
        return numpy.load(path, allow_pickle=False)
    except TypeError:
        return numpy.load(path)


def file_state(path):
    """Return what is another after a file was written, renamed or copied; None without the file.

    Python 2 has no times in nanoseconds. The time of the last change, in seconds, is the last item.
    """
    try:
        found = os.stat(path)
    except EnvironmentError:
        return None
    # Seconds alone would miss a second save; the inode changes with every rename.
    modified = getattr(found, "st_mtime_ns", None) or found.st_mtime
    return found.st_ino, found.st_size, modified, found.st_ctime


def settle(path):
    """Have the system write a file out, before a rename says that it is whole: the power may go."""
    with io.open(path, "r+b") as stream:
        os.fsync(stream.fileno())


def replace(source, target):
    """Rename a file over another, in one step where the system can.

    Python 2 has no `os.replace`, and its `os.rename` refuses an existing target on Windows.
    """
    if hasattr(os, "replace"):
        os.replace(source, target)
        return
    if os.name == "nt" and os.path.exists(target):
        os.remove(target)
    os.rename(source, target)
