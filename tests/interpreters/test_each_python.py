"""The Pythons of this machine, bare as they are: what must work before anything is installed.

The suites themselves run in each Python under `python scripts/matrix.py`, where NumPy and
TensorFlow are installed. A Python that is missing here is skipped, and a failure where CI is set.
"""

import hashlib
import io
import os
import re
import shutil
import subprocess

import pytest

import environments

PYTHONS = ("2.7", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
SCRIPTS = ("build_hda.py", "cook.py", "mnist_train.py", "install.py", "environments.py")

# What imports with the standard library alone, before NumPy is there.
BARE_MODULES = "mlinference, mlinference.errors, mlinference.networks, mlinference.houdini"

COMPILE = """
import io, sys
for path in sys.argv[1:]:
    with io.open(path, "rb") as stream:
        compile(stream.read(), path, "exec", dont_inherit=True)
"""


@pytest.fixture(params=PYTHONS)
def python(request):
    """Path of one interpreter after the other."""
    found = environments.interpreter(request.param)
    if found is None:
        reason = "no Python %s on this machine" % request.param
        (pytest.fail if environments.in_ci() else pytest.skip)(reason)
    return found.path


def run(python, *arguments, **options):
    """Return what an interpreter prints, having exited with 0."""
    process = subprocess.Popen(
        (python,) + arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(environments.clean_environ(), PYTHONDONTWRITEBYTECODE="1", **options),
    )
    said, complaint = process.communicate()
    assert process.returncode == 0, complaint.decode("utf-8", "replace")
    return said.decode("utf-8")


def sources(root):
    found = []
    for folder in ("python2.7libs", os.path.join("scripts", "hda_library")):
        for place, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.join(place, name) for name in names if name.endswith(".py")]
    return found + [os.path.join(root, "scripts", name) for name in SCRIPTS]


def assets(root):
    """Return {file name: SHA-256} of a folder's otls/."""
    folder = os.path.join(root, "otls")
    found = {}
    for name in os.listdir(folder):
        if name.endswith(".hda"):
            with io.open(os.path.join(folder, name), "rb") as stream:
                found[name] = hashlib.sha256(stream.read()).hexdigest()
    return found


def test_byte_compiles_package_and_scripts(python, root):
    run(python, "-W", "error", "-c", COMPILE, *sources(root))


def test_imports_without_hou_tensorflow_and_numpy(python, root):
    said = run(
        python, "-c", "import %s; print(mlinference.__version__)" % BARE_MODULES,
        PYTHONPATH=os.path.join(root, "python2.7libs"),
    )  # fmt: skip
    import mlinference

    assert said.strip() == mlinference.__version__


@pytest.mark.parametrize("script", SCRIPTS)
def test_explains_each_script_before_anything_is_installed(python, root, script):
    assert "usage: %s" % script in run(python, os.path.join(root, "scripts", script), "--help")


def test_builds_the_assets_to_the_same_bytes(python, root, tmpdir):
    for folder in ("hda", "icons"):
        shutil.copytree(os.path.join(root, folder), str(tmpdir.join(folder)))
    run(
        python, os.path.join(root, "scripts", "build_hda.py"), "build", "--root", str(tmpdir),
        TZ="Asia/Tokyo", LC_ALL="C",
    )  # fmt: skip
    assert sorted(assets(root)) == ["digit_glyphs.hda", "ml_inference.hda"]
    assert assets(str(tmpdir)) == assets(root)


def test_a_python_that_nobody_has_is_not_found():
    assert environments.interpreter("3.99") is None


@pytest.mark.parametrize(
    "said, expected",
    [("1", True), ("true", True), ("True", True), ("yes", True), ("woodpecker", True)]
    + [(no, False) for no in ("", "0", "false", "False", "no", "NO")],
)
def test_continuous_integration_is_known_however_it_is_spelled(monkeypatch, said, expected):
    monkeypatch.setenv("CI", said)
    assert environments.in_ci() is expected


def test_without_a_word_it_is_no_continuous_integration(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    assert not environments.in_ci()


def test_nothing_else_asks_whether_it_is_continuous_integration(root):
    asking = []
    for folder in ("", "scripts", "tests/contract", "tests/interpreters", "tests/scene", "tests/unit"):
        for name in sorted(os.listdir(os.path.join(root, folder))):
            if name.endswith(".py"):
                with io.open(os.path.join(root, folder, name), encoding="utf-8") as stream:
                    if re.search(r"environ\W+(get\W+)?CI\W", stream.read()):
                        asking.append(name)
    assert asking == ["environments.py"]


def test_every_environment_pins_every_package(root):
    names = [environment.name for environment in environments.ENVIRONMENTS]
    for name in names + [environments.TOOLS]:
        with io.open(environments.pins(name), encoding="utf-8") as stream:
            lines = [line.split("#")[0].strip() for line in stream]
        loose = [line for line in lines if line and "==" not in line]
        assert (name, loose) == (name, [])
    files = set(os.listdir(os.path.join(root, "requirements")))
    assert files == {name + ".txt" for name in names + [environments.TOOLS]}
