"""What an installation consists of: in a clone, and in an unpacked release."""

import json
import os
import re
from collections import OrderedDict

import build_hda
from installation import disk
from installation.disk import Refusal
from installation.names import NAME, PACKAGE, RECORD, TARGET

# Folder of the repository, endings of the files that belong to a release (any when empty).
FOLDERS = (
    ("docs", (".md", ".py")),
    ("icons", (".png", ".svg")),
    ("otls", (".hda",)),
    ("python2.7libs/mlinference", ()),
    ("scripts/hda_library", (".py",)),
    ("scripts/installation", (".py",)),
)
FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "mlinference.json",
    "scripts/build_hda.py",
    "scripts/install.py",
    "scripts/mnist_train.py",
)

# Without these nothing is installed, for what is there already would be deleted.
NEEDED = FILES + (
    "python2.7libs/mlinference/__init__.py",
    "python2.7libs/mlinference/data/digits.ckpt.data-00000-of-00001",
    "python2.7libs/mlinference/data/digits.ckpt.index",
    "python2.7libs/mlinference/houdini/cook.py",
)


def release(root):
    """Read everything that an installation consists of.

    Args:
        root: A clone of the repository, or the folder `mlinference` of an unpacked release.

    Returns:
        OrderedDict of name in the preferences folder to bytes; the package file, which makes
        Houdini look at the others, comes last.

    Raises:
        Refusal: If the assets are not there or cannot be read, or a file is missing or damaged.
    """
    files = OrderedDict()
    names = payload(root)
    sums = _recorded(root)
    _check_complete(root, names, sums)
    for name in names:
        files[TARGET + "/" + name] = disk.read(os.path.join(root, *name.split("/")))
    if _is_unpacked(root):
        _check_sums(root, files, sums)
    libraries = [name for name in files if name.endswith(".hda")]
    if not libraries:
        raise Refusal(
            "The digital assets are not built.",
            "'%s' holds no .hda file." % os.path.join(root, "otls"),
            _remedy(root),
        )
    for name in libraries:
        _check_library(root, name, files[name])
    files[PACKAGE] = package_beside(disk.read(os.path.join(root, NAME + ".json")))
    return files


def _check_complete(root, names, sums):
    missing = sorted((set(NEEDED) | set(sums)) - set(names))
    empty = [name for name in NEEDED if name in names and not _size(root, name)]
    if missing or empty:
        first = "'%s' is %s" % ((missing + empty)[0], "missing" if missing else "empty")
        raise Refusal(
            "'%s' is not complete." % root,
            _and_more(first, missing + empty),
            "Unpack the release again, or restore the clone, then run install.py there.",
        )


def _and_more(first, names):
    return first + (", and %d more." % (len(names) - 1) if len(names) > 1 else ".")


def _recorded(root):
    """Return {name: SHA-256 sums} of the record of an unpacked release, or of an installation."""
    data = disk.content(os.path.join(root, os.path.basename(RECORD)))
    inside = TARGET + "/"
    try:
        files = json.loads(data.decode("ascii"))["files"] if data else {}
        return {
            str(name[len(inside) :]): list(files[name])
            for name in files
            if name.startswith(inside)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}


def _is_clone(root):
    return os.path.isdir(os.path.join(root, "hda"))


def _is_unpacked(root):
    """Tell whether nobody is expected to have edited `root`, as in an installation or a clone."""
    installed = os.path.abspath(root).replace(os.sep, "/").endswith("/" + TARGET)
    return not installed and not _is_clone(root)


def _check_sums(root, files, sums):
    changed = [
        name for name in sorted(sums) if disk.checksum(files[TARGET + "/" + name]) not in sums[name]
    ]
    if changed:
        first = "'%s' is not as it was released" % changed[0]
        raise Refusal("'%s' is damaged." % root, _and_more(first, changed), _remedy(root))


def _remedy(root):
    if _is_clone(root):
        return "Run: python scripts/build_hda.py build"
    return "Unpack the release again, then run install.py there."


def _size(root, name):
    return os.path.getsize(os.path.join(root, *name.split("/")))


def payload(root):
    """Return the sorted names, with slashes and relative to `root`, of a release's files."""
    names = [name for name in FILES if os.path.isfile(os.path.join(root, name))]
    for folder, endings in FOLDERS:
        for parent, folders, entries in os.walk(os.path.join(root, folder)):
            folders[:] = [entry for entry in folders if not _passed_over(entry)]
            inside = os.path.relpath(parent, root).replace(os.sep, "/")
            for entry in entries:
                if not _passed_over(entry) and (not endings or entry.endswith(endings)):
                    names.append(inside + "/" + entry)
    return sorted(names)


def _passed_over(entry):
    # `backup` is where Houdini keeps older states of an asset that somebody saved.
    return (
        entry.startswith(".")
        or entry in ("__pycache__", "backup")
        or entry.endswith((".pyc", ".pyo"))
    )


def package_beside(data):
    """Return the package file as it must read one folder above the one it describes.

    In a clone, and inside the release, the file describes the folder that it is in; in
    packages/ it stands beside that folder.
    """
    mark = b"$HOUDINI_PACKAGE_PATH"
    return data.replace(mark, mark + b"/" + NAME.encode("ascii"))


def version(root):
    """Return the version, read from the package's text and not by importing it."""
    text = disk.read(os.path.join(root, "python2.7libs", NAME, "__init__.py")).decode("utf-8")
    return str(re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE).group(1))


def _check_library(root, name, data):
    try:
        build_hda.read_library(data)
    except ValueError as error:
        source = os.path.join(root, *name[len(TARGET) + 1 :].split("/"))
        raise Refusal("'%s' is not a digital asset library." % source, str(error), _remedy(root))
