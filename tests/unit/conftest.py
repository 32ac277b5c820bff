"""A small clone of the repository, to install and to release from."""

import os

import pytest
from releases import library, read, write

import install
from installation import release


@pytest.fixture
def clone(root, tmp_path, monkeypatch):
    """A small clone that install.py installs from."""
    folder = os.path.join(str(tmp_path), "clone")
    for name in release.NEEDED:
        write(name.encode("ascii"), folder, *name.split("/"))
    write(read(root, "mlinference.json"), folder, "mlinference.json")
    write(b"Read me.\n", folder, "README.md")
    write(library(), folder, "otls", "ml_inference.hda")
    write(b"", folder, "hda", "ml_inference", "INDEX__SECTION")
    write(b"<svg/>\n", folder, "icons", "ml_inference.svg")
    write(b'__version__ = "1.0.0"\n', folder, "python2.7libs", "mlinference", "__init__.py")
    write(b"LINE = 1\n", folder, "python2.7libs", "mlinference", "picture.py")
    write(b"\x00\x01\x02", folder, "python2.7libs", "mlinference", "data", "digits.ckpt.index")
    monkeypatch.setattr(install, "ROOT", folder)
    return folder
