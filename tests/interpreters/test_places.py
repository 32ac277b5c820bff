# -*- coding: utf-8 -*-
"""The same answers wherever the repository lies and however Python is started.

The repository is copied, so that it can lie in a Japanese folder, be taken for read-only, and
be compared with itself afterwards; the cook runs there in a process of its own.
"""

import io
import json
import os
import shutil
import stat
import subprocess
import sys

import pytest

PYTHON_3 = sys.version_info[0] > 2
COPIED = ("python2.7libs", "scripts", "otls", "hda", "icons", "tests", "pytest.ini")
DRAWINGS = ("three.png", "seven.png")

# Where words and files are ASCII only, as Houdini finds it on a bare render machine.
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
EAST = {"TZ": "Asia/Tokyo"}
OPTIMISED = {"PYTHONOPTIMIZE": "2"}
# On Python 3 text and bytes that are mixed up are an error then, on 2.7 mixed tabs are.
STRICT = ["-bb"] if PYTHON_3 else ["-tt"]

# What was taken from the whole suite to run in an odd place: paths, text, and the node itself.
SLICE = ("tests/unit/test_language.py", "tests/scene/test_cook.py")


def native(text):
    return text if PYTHON_3 else text.encode("utf-8")


def run(place, arguments, python=(), **variables):
    """Return what a Python process prints in `place`, having exited with 0 and not complained."""
    environ = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", TF_CPP_MIN_LOG_LEVEL="3")
    environ.update(variables)
    process = subprocess.Popen(
        [sys.executable] + list(python) + list(arguments),
        cwd=place,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complaint = process.communicate()
    assert process.returncode == 0, (said + complaint).decode("utf-8", "replace")
    return said.decode("utf-8")


def cook(place, python=(), checkpoint=None, **variables):
    """Return what the node answers in `place`, a dictionary a drawing."""
    drawings = os.path.join("python2.7libs", "mlinference", "data", "drawings")
    arguments = [os.path.join("scripts", "cook.py")]
    arguments += [os.path.join(drawings, name) for name in DRAWINGS]
    arguments += ["--json", "--set", "engine=numpy"]
    arguments += ["--checkpoint", checkpoint] if checkpoint else []
    return [json.loads(line) for line in run(place, arguments, python, **variables).splitlines()]


def plainly(reports):
    """Without what names a place."""
    for report in reports:
        report["attributes"].pop("result_checkpoint", None)
    return reports


def copy(root, place):
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", ".*_cache", "*.egg-info")
    for name in COPIED:
        source, target = os.path.join(root, name), os.path.join(place, name)
        if os.path.isdir(source):
            shutil.copytree(source, target, ignore=ignored)
        else:
            shutil.copyfile(source, target)
    return place


@pytest.fixture(scope="module")
def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@pytest.fixture(scope="module")
def expected(repository):
    """The answers in the repository itself."""
    answers = plainly(cook(repository))
    assert [report["attributes"]["result"] for report in answers] == [3, 7]
    assert [report["errors"] for report in answers] == [[], []]
    return answers


@pytest.fixture(scope="module")
def japanese(repository, tmpdir_factory):
    """A copy of the repository in a folder with spaces and Japanese characters."""
    place = os.path.join(str(tmpdir_factory.mktemp("places")), native(u"映像 部門"), "ml inference")
    os.makedirs(place)
    return copy(repository, place)


def test_answers_from_a_folder_with_spaces_and_japanese_characters(japanese, expected):
    assert plainly(cook(japanese)) == expected


def test_answers_there_in_the_c_locale(japanese, expected):
    assert plainly(cook(japanese, **C_LOCALE)) == expected


def test_answers_from_a_checkpoint_in_a_japanese_folder(japanese, expected, tmpdir):
    trained = os.path.join(str(tmpdir), native(u"学習 済み"))
    data = os.path.join(japanese, "python2.7libs", "mlinference", "data")
    os.makedirs(trained)
    for name in os.listdir(data):
        if name.startswith("digits.ckpt"):
            shutil.copyfile(os.path.join(data, name), os.path.join(trained, name))
    chosen = os.path.join(trained, "digits.ckpt.index")
    answers = cook(japanese, checkpoint=chosen, **C_LOCALE)
    found = answers[0]["attributes"]["result_checkpoint"]
    assert os.path.basename(found) == "digits.ckpt"
    assert plainly(answers) == expected


# HOM hands out whole text, which is not what Python makes of a path in the C locale.
SET_IN_THE_SCENE = u'''# -*- coding: utf-8 -*-
import os, sys
sys.path[:0] = [os.path.join(os.getcwd(), *each.split("/")) for each in ("tests/stand_ins", "scripts", "python2.7libs")]
import hou
from mlinference.houdini import example
for name in ("ml_inference.hda", "digit_glyphs.hda"):
    hou.hda.installFile(os.path.join("otls", name))
scene = example.build(hou.node("/obj"), [example.own_drawings()[3]])
node = scene.inference
for name in ("tests/学習 済み/digits.ckpt", "tests/学習 済み/無し.ckpt"):
    node.parm("checkpoint").set(name)
    node.parm("reload").pressButton()
    said = [node.geometry().attribValue(each) for each in ("result", "result_checkpoint")] if not node.errors() else []
    for text in said[1:] + list(node.errors()):
        assert "Traceback" not in text and name in text, repr(text)
        text.encode("utf-8") if str is not bytes else text.decode("utf-8")
    sys.stdout.write("%s " % (said[0] if said else "error"))
'''


def test_takes_a_checkpoint_from_the_scene_in_the_c_locale(japanese):
    trained = os.path.join(japanese, "tests", native(u"学習 済み"))
    os.makedirs(trained)
    data = os.path.join(japanese, "python2.7libs", "mlinference", "data")
    for name in os.listdir(data):
        if name.startswith("digits.ckpt"):
            shutil.copyfile(os.path.join(data, name), os.path.join(trained, name))
    script = os.path.join(japanese, "scene.py")
    with io.open(script, "w", encoding="utf-8") as stream:
        stream.write(SET_IN_THE_SCENE)
    assert run(japanese, [script], **C_LOCALE) == "3 error "


def test_names_a_missing_checkpoint_in_a_japanese_folder_in_the_c_locale(japanese):
    missing = os.path.join(japanese, native(u"学習 前.ckpt"))
    with pytest.raises(AssertionError) as caught:
        cook(japanese, checkpoint=missing, **C_LOCALE)
    said = str(caught.value)
    assert "Traceback" not in said and '"errors": ["' in said


@pytest.mark.parametrize("console", [C_LOCALE, {"PYTHONIOENCODING": "cp1252"}, {}], ids=["C", "cp1252", "own"])
def test_prints_the_name_of_a_japanese_drawing_on_every_console(japanese, console):
    drawing = os.path.join(japanese, "tests", native(u"学習 済み 三.png"))
    three = os.path.join("python2.7libs", "mlinference", "data", "drawings", "three.png")
    shutil.copyfile(os.path.join(japanese, three), drawing)
    arguments = [os.path.join("scripts", "cook.py"), drawing, three, "--set", "engine=numpy"]
    lines = run(japanese, arguments, **console).splitlines()
    assert [line.partition(".png: 3  (")[1] for line in lines] == [".png: 3  ("] * 2
    if "PYTHONIOENCODING" not in console:
        assert lines[0].startswith(drawing if PYTHON_3 else drawing.decode("utf-8"))


@pytest.mark.parametrize("console", [C_LOCALE, {"PYTHONIOENCODING": "cp1252"}], ids=["C", "cp1252"])
def test_converts_into_a_file_of_a_japanese_name_on_every_console(japanese, tmpdir, console):
    target = os.path.join(str(tmpdir), native(u"三四.npz"))
    code = os.path.join(japanese, "python2.7libs")
    lines = run(str(tmpdir), ["-m", "mlinference", "convert", "", target], PYTHONPATH=code, **console).splitlines()
    assert lines[0].startswith("Wrote ") and lines[-1].startswith("Read back, ")
    assert os.path.isfile(target)


def test_answers_and_builds_the_same_east_of_utc(japanese, expected):
    assert plainly(cook(japanese, **EAST)) == expected
    run(japanese, [os.path.join("scripts", "build_hda.py"), "check"], **EAST)


def test_answers_without_asserts_and_docstrings(japanese, expected):
    assert plainly(cook(japanese, **OPTIMISED)) == expected


@pytest.mark.parametrize("script", ["cook.py", "build_hda.py", "mnist_train.py", "install.py"])
def test_explains_itself_without_docstrings(japanese, script):
    said = run(japanese, [os.path.join("scripts", script), "--help"], **OPTIMISED)
    assert "usage: %s" % script in said


def test_answers_where_bytes_and_text_may_not_mix(japanese, expected):
    assert plainly(cook(japanese, python=STRICT)) == expected


def snapshot(place):
    """Return {path: (size, time of the last change)} of everything below."""
    found = {}
    for folder, folders, names in os.walk(place):
        for name in folders + names:
            state = os.lstat(os.path.join(folder, name))
            found[os.path.join(folder, name)] = (state.st_size, state.st_mtime)
    return found


def test_leaves_a_read_only_installation_as_it_was(repository, tmpdir, expected):
    place = copy(repository, str(tmpdir.mkdir("installed")))
    for path in [place] + list(snapshot(place)):
        os.chmod(path, os.stat(path).st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    before = snapshot(place)
    try:
        # The administrator may write all the same, so what is there afterwards counts.
        assert plainly(cook(place)) == expected
        assert snapshot(place) == before
    finally:
        for path in [place] + list(before):
            os.chmod(path, os.stat(path).st_mode | stat.S_IWUSR)


def test_its_suite_passes_with_all_of_that_at_once(japanese):
    said = run(
        japanese,
        ["-m", "pytest", "-q", "-p", "no:cacheprovider"] + list(SLICE),
        STRICT,
        **dict(dict(C_LOCALE, **EAST), **OPTIMISED)
    )
    assert " passed" in said and " failed" not in said


def test_a_write_does_not_escape_the_snapshot(tmpdir):
    """Without this the read-only test could not fail."""
    target = tmpdir.join("file")
    target.write("before")
    before = snapshot(str(tmpdir))
    with io.open(str(target), "ab") as stream:
        stream.write(b" and after")
    assert snapshot(str(tmpdir)) != before
