"""MLINFERENCE_REAL_HOU=1 runs the suites on the `hou` that is imported, and never on the stand-in.

A copy of the stand-in from elsewhere plays the real one, imported first as hython imports its own.
"""

import os
import shutil
import subprocess
import sys

import pytest
import scene

pytestmark = pytest.mark.skipif(scene.REAL, reason="there is a real one to ask")

STAND_IN = os.path.join(scene.ROOT, "tests", "stand_ins", "hou")
# What pytest is run with, and afterwards what of the stand-in has been imported.
RUN = """
import sys
sys.path.insert(0, sys.argv[1])
if sys.argv[1]:
    import hou
import pytest
code = pytest.main(["-q", "-rs", "-p", "no:cacheprovider"] + sys.argv[2:])
files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
import scene
print("stand-in: %s %s" % (sorted(scene._loaded), [each for each in files if each.startswith(%r)]))
sys.exit(code)
""".replace("%r", repr(STAND_IN + os.sep))


def run(played, *arguments, **variables):
    """Exit code and output of pytest with the switch on; `played` is the folder of a `hou` or ""."""
    process = subprocess.Popen(
        (sys.executable, "-c", RUN, played) + arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=scene.ROOT,
        env=dict(os.environ, MLINFERENCE_REAL_HOU="1", PYTHONDONTWRITEBYTECODE="1", **variables),
    )
    said = process.communicate()[0].decode("utf-8", "replace")
    return process.returncode, said


@pytest.mark.parametrize("version", ["19.5", "20.5", "21.0"])
def test_pictures_are_read_through_the_real_one(tmpdir, version):
    shutil.copytree(STAND_IN, str(tmpdir.join("hou")))
    file = os.path.join("tests", "scene", "test_source.py")
    code, said = run(str(tmpdir), file, MLINFERENCE_HOUDINI=version)
    assert code == 0, said
    assert "stand-in: [] []" in said
    assert "the layers are painted in the test" in said


def test_the_stand_in_is_not_taken_for_the_real_one():
    file = os.path.join("tests", "scene", "test_models.py")
    code, said = run("", file)
    assert code != 0
    assert "but `hou` is the stand-in: run under hython" in said


def test_a_test_that_asks_for_the_stand_in_is_told_so(monkeypatch):
    monkeypatch.setattr(scene, "REAL", True)
    with pytest.raises(RuntimeError):
        with scene.houdini("21.0"):
            pass
