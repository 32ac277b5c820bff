"""The article's scene for every test here, on the stand-in or, under hython, on the real hou."""

import os

import hou
import numpy
import pytest
import scene as scenes

from mlinference import classifier, networks
from mlinference._compat import whole
from mlinference.houdini import example

if scenes.REAL:
    scenes.real()  # or everything here would pass on the stand-in

OTLS = os.path.join(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "otls"
)


@pytest.fixture
def houdini():
    """An empty scene with our two assets installed."""
    hou.hipFile.clear(suppress_save_prompt=True)
    for name in ("ml_inference.hda", "digit_glyphs.hda"):
        hou.hda.installFile(whole(os.path.join(OTLS, name)))
    yield hou
    classifier.clear()


@pytest.fixture
def build(houdini):
    """Build the article's scene with pictures, by default our drawing of a three."""

    def build_scene(pictures=None, **options):
        pictures = pictures or [example.own_drawings()[3]]
        return example.build(houdini.node("/obj"), pictures, **options)

    return build_scene


@pytest.fixture
def scene(build):
    """The article's scene, showing our drawing of a three."""
    return build()


@pytest.fixture
def weights():
    """A function of (network, seed): seeded weights, as small as a trained network's."""

    def make(network=networks.CONVOLUTIONAL, seed=0, classes=10):
        random = numpy.random.RandomState(seed)
        return {
            name: (0.1 * random.randn(*shape)).astype("float32")
            for name, shape in network.variables(classes)
        }

    return make


class Progress(object):
    """What long operations told, and when Esc is pressed.

    Attributes:
        told: The parts, 0 to 1.
        escape: After so many of them Esc is pressed, or None for never.
        refuses: Houdini shows no progress, as from its Python Shell.
    """

    def __init__(self):
        self.told = []
        self.escape = None
        self.refuses = False

    def update(self, operation, percentage=-1.0):
        if self.refuses:
            raise hou.OperationFailed("The operation is not running.")
        if len(self.told) == self.escape:
            raise hou.OperationInterrupted("Cooking was interrupted")
        self.told.append(percentage)


@pytest.fixture
def progress(monkeypatch):
    found = Progress()
    monkeypatch.setattr(
        hou.InterruptableOperation, "updateProgress", lambda self, *values: found.update(self, *values)
    )
    return found
