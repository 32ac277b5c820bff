"""Each test of the contract that takes `hou` runs for every version that it concerns.

With MLINFERENCE_HOUDINI set, it runs for that version only.
"""

import os

import pytest
import scene

CHOSEN = os.environ.get("MLINFERENCE_HOUDINI", " ".join(scene.VERSIONS)).split()


def pytest_generate_tests(metafunc):
    if "hou" in metafunc.fixturenames:
        versions = ["real"] if scene.REAL else CHOSEN
        concerned = [v for v in versions if v == "real" or _concerns(metafunc, v)]
        metafunc.parametrize("hou", concerned, indirect=True)


def _concerns(metafunc, version):
    return scene.concerns(metafunc.function, scene.number(version))


@pytest.fixture
def hou(request):
    """Houdini's `hou`, or the stand-in for it, with a new scene."""
    if request.param == "real":
        import hou as real

        if "stand_ins" in getattr(real, "__file__", ""):
            pytest.fail("MLINFERENCE_REAL_HOU is set, but `hou` is the stand-in: run under hython")
        if not scene.concerns(request.function, real.applicationVersion()[:2]):
            pytest.skip("this is about other versions of Houdini")
        real.hipFile.clear(suppress_save_prompt=True)
        yield real
        return
    with scene.houdini(request.param) as stand_in:
        yield stand_in


@pytest.fixture
def folder(tmpdir):
    """An empty folder, as a path without the digits that Houdini would read as a frame."""
    return str(tmpdir)


