"""A small clone to install from, and what the tests of installations share."""

import io
import os
import struct

import pytest

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


@pytest.fixture
def clone(root, tmp_path, monkeypatch):
    """A small clone that install.py installs from."""
    folder = os.path.join(str(tmp_path), "clone")
    write(read(root, "mlinference.json"), folder, "mlinference.json")
    write(b"Read me.\n", folder, "README.md")
    write(library(), folder, "otls", "ml_inference.hda")
    write(b"<svg/>\n", folder, "icons", "ml_inference.svg")
    write(b'__version__ = "1.0.0"\n', folder, "python2.7libs", "mlinference", "__init__.py")
    write(b"LINE = 1\n", folder, "python2.7libs", "mlinference", "picture.py")
    write(b"\x00\x01\x02", folder, "python2.7libs", "mlinference", "data", "digits.ckpt.index")
    monkeypatch.setattr(install, "ROOT", folder)
    return folder


def run(*arguments):
    return install.main([str(argument) for argument in arguments])


def printed(capsys):
    """Return (standard output, standard error) as native text."""
    return tuple(native(text) for text in capsys.readouterr())
