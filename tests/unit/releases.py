"""What the tests of installations share."""

import io
import os
import struct

import install
from mlinference._compat import native


def read(*parts):
    with io.open(os.path.join(*parts), "rb") as stream:
        return stream.read()


def write(data, *parts):
    path = os.path.join(*parts)
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with io.open(path, "wb") as stream:
        stream.write(data)
    return path


def snapshot(folder):
    """Return {path: bytes, or None for a folder} of everything below a folder."""
    found = {}
    for parent, folders, names in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(parent, name), folder)] = None
        for name in names:
            found[os.path.relpath(os.path.join(parent, name), folder)] = read(parent, name)
    return found


def library():
    """Return the smallest asset library: an index without assets."""
    index = struct.pack(">I", 0)
    name = b"INDEX_SECTION"
    table = struct.pack(">I", len(name)) + name + struct.pack(">III", 0, len(index), 0)
    return b"INDX" + struct.pack(">III", 0, 0, 1) + table + index


def run(*arguments):
    return install.main([str(argument) for argument in arguments])


def printed(capsys):
    """Return (standard output, standard error) as native text."""
    return tuple(native(text) for text in capsys.readouterr())
