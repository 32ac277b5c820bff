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
    with scene.houdini(request.param) as found:
        if scene.REAL and not scene.concerns(request.function, found.applicationVersion()[:2]):
            pytest.skip("this is about other versions of Houdini")
        yield found


@pytest.fixture
def folder(tmpdir):
    """An empty folder, as a path without the digits that Houdini would read as a frame."""
    return str(tmpdir)


