# -*- coding: utf-8 -*-
"""One code base for every Python: what the words of the source may not be."""

import ast
import io
import json
import os
import re
import subprocess
import sys
import warnings

import pytest

PACKAGE = os.path.join("python2.7libs", "mlinference")

# Build tools that run on the newest Pythons only.
NEWEST_ONLY = ("noxfile.py", os.path.join("scripts", "matrix.py"))

# Where a difference between the Pythons has its name; everywhere else none is asked about,
# except by the report on the installation, whose subject the Python is.
COMPATIBILITY = os.path.join(PACKAGE, "_compat.py")
ASKS = (COMPATIBILITY, os.path.join(PACKAGE, "doctor.py"))

LITTER = re.compile(
    r"version_info\s*(\[\d\])?\s*[<>=]|PYTHON_2\b|\bPY[23]\b|\bimport six\b|\bunicode_literals\b"
    r"|\bbasestring\b|\bunichr\b|except NameError|\b__unicode__\b|\biteritems\b|\bfrom future\b"
)

IMPORT_ALL = """
import sys, warnings
import numpy  # its own warnings are not ours
warnings.simplefilter("error")
sys.modules["tensorflow"] = None  # an import at import time is an ImportError
sys.modules["hou"] = None
sys.path.insert(0, {package!r})
for name in {names!r}:
    __import__(name)
loaded = sorted(name for name in sys.modules if name.split(".")[0] in ("PIL", "scipy", "matplotlib"))
assert not loaded, loaded
print(len({names!r}))
"""


def sources(root, folder):
    found = []
    for place, folders, names in os.walk(os.path.join(root, folder)):
        folders[:] = [each for each in folders if each not in ("__pycache__", "build", "dist")]
        found += [os.path.join(place, name) for name in names if name.endswith(".py")]
    return sorted(os.path.relpath(path, root) for path in found)


def all_sources(root):
    ours = [path for path in sources(root, "") if not path.startswith(".")]
    folders = ("python2.7libs", "scripts", "tests", "noxfile.py", "setup.py")
    return [path for path in ours if path.split(os.sep)[0] in folders]


def read(root, path):
    with io.open(os.path.join(root, path), "rb") as stream:
        return stream.read()


def module_names(root):
    """Names of all modules of the package but those for Houdini, which import hou."""
    for path in sources(root, PACKAGE):
        parts = os.path.splitext(os.path.relpath(path, os.path.join(root, "python2.7libs")))[0]
        names = parts.split(os.sep)
        if "houdini" not in names and names[-1] != "__main__":
            yield ".".join(names[:-1] if names[-1] == "__init__" else names)


def test_every_file_compiles_in_this_python_without_a_warning(root):
    paths = all_sources(root)
    if sys.version_info[0] == 2:
        paths = [path for path in paths if path not in NEWEST_ONLY]
    assert len(paths) > 50, "the walk is broken"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in paths:
            compile(read(root, path), path, "exec", dont_inherit=True)


def test_every_module_imports_without_hou_tensorflow_and_warnings(root):
    names = [str(name) for name in module_names(root)]
    assert "mlinference.errors" in names, "the walk is broken"
    package = str(os.path.join(root, "python2.7libs"))
    strict = ["-bb"] if sys.version_info[0] > 2 else ["-tt"]
    code = IMPORT_ALL.format(package=package, names=names)
    said = subprocess.check_output(
        [sys.executable] + strict + ["-c", code], stderr=subprocess.STDOUT
    )
    assert said.decode().split() == [str(len(names))]


def test_only_one_file_asks_which_python_this_is(root):
    litter = []
    for path in sources(root, PACKAGE):
        for number, line in enumerate(read(root, path).decode("utf-8").splitlines(), 1):
            if path not in ASKS and LITTER.search(line):
                litter.append("%s:%d: %s" % (path, number, line.strip()))
    assert litter == []


def test_each_helper_of_the_compatibility_file_is_used(root):
    tree = ast.parse(read(root, COMPATIBILITY))
    helpers = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    used = "".join(
        read(root, path).decode("utf-8")
        for folder in (PACKAGE, "scripts")
        for path in sources(root, folder)
        if path != COMPATIBILITY
    )
    own = read(root, COMPATIBILITY).decode("utf-8")
    unused = [
        name
        for name in helpers
        if not re.search(r"\b_compat\.%s\b" % name, used) and len(re.findall(name, own)) < 2
    ]
    assert helpers and unused == []


@pytest.fixture
def japanese(tmpdir, root):
    """A copy of the bundled checkpoint in a folder with spaces and Japanese characters."""
    from mlinference import checkpoint

    folder = os.path.join(str(tmpdir), file_name(u"学習 済み モデル"))
    os.makedirs(folder)
    prefix = os.path.join(folder, file_name(u"数字.ckpt"))
    for ending in (".index", ".data-00000-of-00001", ".json"):
        source = checkpoint.BUNDLED + ending
        if os.path.exists(source):
            with io.open(prefix + ending, "wb") as stream:
                stream.write(read(root, source))
    return prefix


def native(text):
    return text.encode("utf-8") if sys.version_info[0] == 2 else text


def file_name(text):
    """Return a name as this Python spells it, also where the locale knows ASCII only."""
    return text.encode("utf-8") if sys.version_info[0] == 2 else os.fsdecode(text.encode("utf-8"))


def texts(path):
    """The same path as Houdini's parameters may hand it: native, and `unicode` on Python 2."""
    return [path, path.decode("utf-8")] if sys.version_info[0] == 2 else [path]


def test_a_checkpoint_in_a_japanese_folder_is_read_from_either_kind_of_text(japanese):
    from mlinference import checkpoint

    for path in texts(japanese):
        for ending in ("", ".index", ".data-00000-of-00001"):
            found = checkpoint.read(checkpoint.resolve(path + ending))
            assert found.network.name == checkpoint.read(checkpoint.BUNDLED).network.name


def test_japanese_labels_come_out_as_native_text(japanese):
    from mlinference import classifier

    labels = [u"零", u"一", u"二", u"三", u"四", u"五", u"六", u"七", u"八", u"九"]
    with io.open(japanese + ".json", "rb") as stream:
        sidecar = json.loads(stream.read().decode("utf-8"))
    sidecar["labels"] = labels
    with io.open(japanese + ".json", "wb") as stream:
        stream.write(json.dumps(sidecar, ensure_ascii=False).encode("utf-8"))
    classifier.clear()
    chosen = classifier.shared(japanese, engine="numpy")
    assert list(chosen.labels) == [native(label) for label in labels]
    assert [type(label) for label in chosen.labels] == [str] * 10


def test_a_missing_japanese_checkpoint_is_named_in_the_message(japanese):
    from mlinference import checkpoint, errors

    missing = japanese + file_name(u" ない")
    for path in texts(missing):
        with pytest.raises(errors.InferenceError) as caught:
            checkpoint.read(checkpoint.resolve(path))
        assert type(str(caught.value)) is str
        assert missing in str(caught.value)
