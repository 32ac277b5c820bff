"""Test-only conveniences around the stand-in, so that it needs none of its own.

What is here works on a real `hou` as well where it says so; the rest is for the stand-in alone.
"""

import contextlib
import importlib
import os
import sys

VERSIONS = ("16.5", "17.5", "18.5", "19.0", "19.5", "20.0", "20.5", "21.0", "22.0")
REAL = os.environ.get("MLINFERENCE_REAL_HOU") == "1"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASSETS = ("ml_inference", "digit_glyphs")

_loaded = {}


@contextlib.contextmanager
def houdini(version):
    """`hou` of another version, with everything of ours that imports it; a new, empty scene.

    Modules are kept per version and swapped in sys.modules, so no subprocess is needed. Code that
    imported `hou` outside keeps its own.
    """
    outside = _take_modules()
    before = os.environ.get("MLINFERENCE_HOUDINI")
    os.environ["MLINFERENCE_HOUDINI"] = version
    try:
        sys.modules.update(_loaded.get(version, {}))
        hou = importlib.import_module("hou")
        hou.hipFile.clear(suppress_save_prompt=True)
        yield hou
    finally:
        _loaded[version] = _take_modules()
        sys.modules.update(outside)
        if before is None:
            del os.environ["MLINFERENCE_HOUDINI"]
        else:
            os.environ["MLINFERENCE_HOUDINI"] = before


def _take_modules():
    """Remove `hou` and what imports it from sys.modules, and return it."""
    names = [name for name in sys.modules if _is_houdini(name)]
    taken = dict((name, sys.modules.pop(name)) for name in names)
    package = sys.modules.get("mlinference")
    if package is not None and "houdini" in vars(package):
        del package.houdini
    return taken


def _is_houdini(name):
    return any(name == root or name.startswith(root + ".") for root in ("hou", "mlinference.houdini"))


def install_assets(hou, folder=None):
    """Install our packed assets; works on a real `hou`."""
    for name in ASSETS:
        hou.hda.installFile(os.path.join(folder or os.path.join(ROOT, "otls"), name + ".hda"))


def python_sop(hou, geo, code, name=None, inputs=()):
    """A Python SOP that runs `code`; works on a real `hou`."""
    node = geo.createNode("python", name)
    node.parm("python").set(code)
    for index, source in enumerate(inputs):
        node.setInput(index, source)
    return node


def paint(cop, values, storage=None, data=None, display=None):
    """Give a Copernicus Null without input a picture of its own; for the stand-in alone.

    Args:
        cop: hou.CopNode of type null.
        values: [height, width] or [height, width, channels], bottom row first, 1.0 white.
        storage: A hou.imageLayerStorageType; 32 bit floats if None.
        data, display: Windows as (x, y, width, height); the size of the values if None.
    """
    copernicus = sys.modules["hou.copernicus"]
    storage = storage or copernicus.imageLayerStorageType.Float32
    cop._op.painted = copernicus.Layer(values, storage, data, display)
    cop._op.stale()
