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

# What depends on which `hou` it finds.
HOUDINI_MODULES = ("hou", "mlinference.houdini")

_loaded = {}


def number(version):
    return tuple(int(part) for part in version.split("."))


def since(version):
    """A test of what `version` and younger ones have."""
    return _limited("since", version)


def before(version):
    """A test of what only versions older than `version` have."""
    return _limited("before", version)


def _limited(name, version):
    def mark(function):
        setattr(function, name, number(version))
        return function

    return mark


def concerns(function, version):
    """Whether a test is about a version, given as the tuple (major, minor)."""
    return getattr(function, "since", (0,)) <= version < getattr(function, "before", (99,))


def versions(since="0.0", before="99.0"):
    """What houdini() may be asked for, within these limits; with the switch on, the real one alone.

    Where the real one is of another version there is nothing, and pytest skips the test.
    """
    known = {"real": real().applicationVersion()[:2]} if REAL else {v: number(v) for v in VERSIONS}
    limits = number(since), number(before)
    return sorted(name for name in known if limits[0] <= known[name] < limits[1])


def real():
    """The real `hou`.

    Raises:
        RuntimeError: If what is imported under that name is the stand-in.
    """
    hou = importlib.import_module("hou")
    if os.path.dirname(os.path.abspath(__file__)) in os.path.abspath(getattr(hou, "__file__", "")):
        raise RuntimeError("MLINFERENCE_REAL_HOU is set, but `hou` is the stand-in: run under hython")
    return hou


def skip_on_real(reason):
    """A known difference between the stand-in and the real `hou`, kept where grep finds it."""
    import pytest

    return pytest.mark.skipif(REAL, reason=reason)


@contextlib.contextmanager
def houdini(version):
    """`hou` of another version, with everything of ours that imports it; nothing in it.

    Modules are kept per version and swapped in sys.modules, so no subprocess is needed. Code that
    imported `hou` outside keeps its own. "real" is Houdini's, the only one with the switch on.

    Raises:
        RuntimeError: If the switch is on, and this would be the stand-in.
    """
    if REAL:
        if version != "real":
            raise RuntimeError("MLINFERENCE_REAL_HOU is set, but the test asks for the stand-in")
        hou = real()
        hou.hipFile.clear(suppress_save_prompt=True)
        yield hou
        return
    outside = _take_modules()
    before = os.environ.get("MLINFERENCE_HOUDINI")
    os.environ["MLINFERENCE_HOUDINI"] = version
    try:
        sys.modules.update(_loaded.get(version, {}))
        hou = importlib.import_module("hou")
        start_anew(hou)
        yield hou
    finally:
        _loaded[version] = _take_modules()
        sys.modules.update(outside)
        if before is None:
            del os.environ["MLINFERENCE_HOUDINI"]
        else:
            os.environ["MLINFERENCE_HOUDINI"] = before


def start_anew(hou):
    """Empty the stand-in's scene and forget its assets."""
    hou.hipFile.clear(suppress_save_prompt=True)
    for library in hou.hda.loadedFiles():
        hou.hda.uninstallFile(library)


def forget(version):
    """Load a version anew the next time, because a test has changed it."""
    _loaded.pop(version, None)


def _take_modules():
    """Remove `hou` and what imports it from sys.modules, and return it."""
    names = [name for name in sys.modules if _is_houdini(name)]
    taken = {name: sys.modules.pop(name) for name in names}
    package = sys.modules.get("mlinference")
    if package is not None and "houdini" in vars(package):
        del package.houdini
    return taken


def _is_houdini(name):
    return name in HOUDINI_MODULES or name.startswith(tuple(n + "." for n in HOUDINI_MODULES))


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


def write_picture(path, rows):
    """Write 8 bit values, top row first, as a picture file; grey, or [r, g, b] each."""
    import numpy
    from PIL import Image

    Image.fromarray(numpy.asarray(rows, numpy.uint8)).save(path)
    return path.replace(os.sep, "/")


def cop_network(hou):
    """A COP2 network at object level; works on a real `hou`."""
    return hou.node("/obj").createNode("cop2net")


def file_cop(net, path, linearize=False):
    """A File COP of COP2 that leaves the values as they are in the file; works on a real `hou`."""
    node = net.createNode("file")
    node.parm("linearize").set(linearize)
    node.parm("filename1").set(path)
    return node


def geometry_network(hou):
    """An empty Geometry object; works on a real `hou`."""
    return hou.node("/obj").createNode("geo", run_init_scripts=False)


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
