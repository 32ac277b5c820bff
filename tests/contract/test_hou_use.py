"""What the package touches of `hou` exists in every version that it claims to run in."""

import ast
import io
import os
import re
import shutil
import subprocess
import sys

import pytest
import scene

pytestmark = [
    pytest.mark.skipif(sys.version_info < (3, 8), reason="the stubs are text for Python 3.8+"),
    pytest.mark.skipif(scene.REAL, reason="this is about the published surface"),
]

if sys.version_info >= (3, 8):
    import hou_stubs
    import hou_table

    STUBBED = sorted(hou_stubs.RELEASES)
else:
    STUBBED = []

PACKAGE = os.path.join(scene.ROOT, "python2.7libs", "mlinference", "houdini")
# Sections of an asset that hold Python, and the elements of a shelf file that do.
PYTHON_SECTIONS = ("PythonCook", "PythonModule", "OnCreated", "OnLoaded", "OnUpdated", "OnDeleted")
SHELF_SCRIPT = re.compile(r'scriptType="python"><!\[CDATA\[(.*?)\]\]>', re.DOTALL)

# What is touched only after asking whether it is there -> the oldest version that has it.
GUARDED = {
    "imageLayerStorageType": "21.0",  # pixels.py: only for a COP that has layer()
}
# Methods that are called only after hasattr, and the oldest version that has them.
GUARDED_METHODS = {
    "createPoints": "17.5",
    "createPolygons": "17.5",
    "allBufferElements": "21.0",
    "bufferResolution": "21.0",
    "channelCount": "21.0",
    "dataWindow": "21.0",
    "displayWindow": "21.0",
    "invalidateOutput": "21.0",
    "layerAtFrame": "21.0",
}


# Houdini's own Python modules beside `hou`, which are not stood in for.
BESIDE_HOU = ("hdefereval", "soptoolutils")


def sources():
    """Pairs of file name and Python source of all that talks to Houdini."""
    for name in sorted(os.listdir(PACKAGE)):
        if name.endswith(".py"):
            yield name, read(os.path.join(PACKAGE, name))
    for folder, _, names in os.walk(os.path.join(scene.ROOT, "hda")):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name in PYTHON_SECTIONS:
                yield path, read(path)
            elif name == "Tools.shelf":
                for script in SHELF_SCRIPT.findall(read(path)):
                    yield path, script


def read(path):
    with io.open(path, encoding="utf-8") as stream:
        return stream.read()


def touched():
    """Set of "hou.name" and "hou.name.member" chains, without the `hou.`."""
    found = set()
    for _, source in sources():
        for node in ast.walk(ast.parse(source)):
            chain = dotted(node)
            if chain and chain[0] == "hou" and len(chain) > 1:
                found.add(".".join(chain[1:3]))
    return found


def dotted(node):
    """["hou", "attribType", "Global"] for hou.attribType.Global; [] for what is no chain."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return before + [node.attr] if before else []
    return []


def called_methods():
    """Names of called methods in HOM's own spelling, camelCase, which is nobody else's here."""
    found = set()
    for _, source in sources():
        for node in ast.walk(ast.parse(source)):
            chain = dotted(node.func) if isinstance(node, ast.Call) else []
            if isinstance(getattr(node, "func", None), ast.Attribute) and chain[:1] != ["hou"]:
                name = node.func.attr
                if re.match(r"^[a-z]+[A-Z]", name) and "".join(chain[:1]) not in BESIDE_HOU:
                    found.add(name)
    return found


def test_something_is_touched():
    assert "pwd" in touched() or "NodeError" in touched()
    assert "allPixels" in called_methods()


@pytest.mark.parametrize("version", STUBBED)
def test_names_are_in_the_published_surface(version):
    stub = hou_stubs.read(version)
    missing = [each for each in sorted(touched()) if not published(stub, version, each)]
    assert "\n".join(missing) == ""


def published(stub, version, name):
    first, _, second = name.partition(".")
    if is_guarded(GUARDED, first, version):
        return True
    return first in stub.members and (not second or stub.member(first, second) is not None)


def is_guarded(table, name, version):
    return name in table and scene.number(version) < scene.number(table[name])


@pytest.mark.parametrize("version", STUBBED)
def test_methods_are_in_the_published_surface(version):
    stub = hou_stubs.read(version)
    known = set(stub.members)
    for members in stub.classes.values():
        known.update(members)
    missing = [
        name
        for name in sorted(called_methods() - known)
        if not is_guarded(GUARDED_METHODS, name, version)
    ]
    assert "\n".join(missing) == ""


@pytest.mark.parametrize("version", scene.VERSIONS)
def test_names_and_methods_are_in_the_stand_in(version):
    missing = []
    with scene.houdini(version) as hou:
        members = set(dir(hou))
        for value in vars(hou).values():
            members.update(dir(value) if isinstance(value, type) else ())
        for each in sorted(touched()):
            first, _, second = each.partition(".")
            there = hasattr(hou, first) and (not second or hasattr(getattr(hou, first), second))
            if not there and not is_guarded(GUARDED, first, version):
                missing.append(each)
        for name in sorted(called_methods() - members):
            if not is_guarded(GUARDED_METHODS, name, version):
                missing.append(name)
    assert "\n".join(missing) == ""


def test_what_is_called_occurs_in_a_test_of_behaviour():
    """That a name occurs is little, yet what no test names can be wrong unnoticed."""
    named = set()
    for _, _, _, file in hou_table.rows():
        named.update(re.findall(r"\w+", read(os.path.join(hou_table.FOLDER, file))))
    called = called_methods() | {name.split(".")[-1] for name in touched()}
    assert sorted(called - named) == []


def test_the_lists_of_guarded_names_hold_nothing_else():
    assert sorted(set(GUARDED) - {name.split(".")[0] for name in touched()}) == []
    assert sorted(set(GUARDED_METHODS) - called_methods()) == []


@pytest.mark.skipif(sys.version_info < (3, 10), reason="mypy's newest releases need it")
def test_the_package_type_checks_against_the_newest_stub():
    """Only what is said of `hou` counts: everything else that is imported is left unknown."""
    build = os.path.join(scene.ROOT, "build")
    command = [sys.executable, "-m", "mypy", "--check-untyped-defs", "--no-site-packages"]
    command += ["--ignore-missing-imports", "--cache-dir", os.path.join(build, "mypy")]
    command += ["--follow-imports=silent"]
    command += ["--disable-error-code=var-annotated", "--disable-error-code=misc"]
    process = subprocess.Popen(
        command + [PACKAGE],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=build,
        env=dict(os.environ, MYPYPATH=as_module(hou_stubs.path(hou_stubs.NEWEST))),
    )
    output = process.communicate()[0].decode("utf-8", "replace")
    if "No module named mypy" in output:
        # Once is enough: the environments of the matrix, which name a version, go without it.
        give_up = pytest.skip if "MLINFERENCE_HOUDINI" in os.environ else hou_stubs.give_up
        give_up("mypy is not installed; requirements-test.txt has it")
    assert process.returncode == 0, output


def as_module(stub):
    """mypy finds a stub package outside of site-packages under the module's own name only."""
    folder = os.path.join(os.path.dirname(os.path.dirname(stub)), "path")
    if not os.path.isdir(folder):
        os.makedirs(os.path.join(folder, "hou"))
        shutil.copy(stub, os.path.join(folder, "hou"))
    return folder


@pytest.mark.skipif(sys.version_info < (3, 10), reason="mypy's newest releases need it")
@pytest.mark.parametrize("said, kind", [("", "Skipped"), ("1", "Failed")])
def test_in_continuous_integration_no_type_check_is_a_failure(monkeypatch, said, kind):
    monkeypatch.delenv("MLINFERENCE_HOUDINI", raising=False)
    monkeypatch.setenv("CI", said)
    start = subprocess.Popen  # -S: without the packages, of which mypy is one
    monkeypatch.setattr(
        subprocess, "Popen", lambda line, **more: start(line[:1] + ["-S"] + line[1:], **more)
    )
    with pytest.raises(BaseException) as caught:
        test_the_package_type_checks_against_the_newest_stub()
    assert type(caught.value).__name__ == kind
