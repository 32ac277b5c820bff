"""The one error of this package: a sentence for the person who typed the command."""

import sys

PYTHON_2 = sys.version_info[0] == 2

# A name in a broken file can be of any length; a sentence cannot.
LONGEST_NAME = 80


class LibraryError(ValueError):
    """A library or its folder cannot be read or written; the text says where and why."""


def native(name):
    """Return bytes from a library as this Python's own `str`, so that no two become the same."""
    return name if PYTHON_2 else name.decode("utf-8", "surrogateescape")


def quoted(name):
    """Return bytes from a library for use in a sentence: short, printable, in quotes."""
    # No character takes more than four bytes.
    text = name[: 4 * LONGEST_NAME + 4].decode("utf-8", "replace")
    text = "".join(character if character >= u" " else u"?" for character in text)
    if len(text) > LONGEST_NAME:
        text = text[: LONGEST_NAME - 3] + u"..."
    return "'%s'" % (text.encode("utf-8") if PYTHON_2 else text)
