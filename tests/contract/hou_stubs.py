"""SideFX's published surface: the stubs of `types-houdini`, read as text.

Three versions are needed at once, so they are not installed but downloaded and unpacked into
build/stubs/VERSION/. They are never imported: `ast` reads them.
"""

import ast
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

import pytest

import environments

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "build", "stubs")

# Houdini version of the stand-in -> release of types-houdini that describes it.
RELEASES = {"19.5": "19.5.1", "20.5": "20.5.487.0", "21.0": "21.0.512.3"}
NEWEST = "21.0"


def path(version):
    """Return the path of a version's stub, downloading it once.

    Without it the test is skipped, and says so; in CI it fails.
    """
    release = RELEASES[version]
    found = os.path.join(FOLDER, release, "hou-stubs", "__init__.pyi")
    if not os.path.isfile(found):
        problem = _obtain(release)
        if problem:
            give_up("types-houdini %s cannot be had: %s" % (release, problem))
    return found


def _obtain(release):
    """Download and unpack one release; return what went wrong, or "".

    Several runs may want it at once, so it appears whole or not at all.
    """
    if not os.path.isdir(FOLDER):
        os.makedirs(FOLDER)
    fresh = tempfile.mkdtemp(dir=FOLDER)
    try:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--dest", fresh, "types-houdini==%s" % release]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        output = process.communicate()[0].decode("utf-8", "replace").strip()
        wheel = glob.glob(os.path.join(fresh, "types_houdini-%s-*.whl" % release))
        if not wheel:
            return output.splitlines()[-1] if output else "pip gave no reason"
        with zipfile.ZipFile(wheel[0]) as archive:
            archive.extractall(os.path.join(fresh, release))
        _put_in_place(os.path.join(fresh, release), os.path.join(FOLDER, release))
    finally:
        shutil.rmtree(fresh)
    return ""


def _put_in_place(fresh, wanted):
    try:
        os.rename(fresh, wanted)
    except OSError:
        if not os.path.isdir(wanted):  # else another run was faster
            raise


def give_up(reason):
    """Skip the test for want of a tool; in CI it fails."""
    (pytest.fail if environments.in_ci() else pytest.skip)(reason)


class Stub(object):
    """One release's surface.

    Attributes:
        classes: Class name -> {member name -> ast node}, without what is inherited.
        bases: Class name -> names of its bases.
        members: Names of everything at the module's level.
        functions: Name -> ast node, of the module's functions.
    """

    def __init__(self, text):
        self.classes, self.bases, self.functions = {}, {}, {}
        self.members = set()
        for node in ast.parse(text).body:
            if isinstance(node, ast.ClassDef):
                self._add_class(node)
            elif isinstance(node, ast.FunctionDef):
                self.functions[node.name] = node
                self.members.add(node.name)
            elif isinstance(node, ast.AnnAssign):
                self.members.add(node.target.id)

    def _add_class(self, node):
        self.members.add(node.name)
        self.bases[node.name] = [base.id for base in node.bases if isinstance(base, ast.Name)]
        found = self.classes[node.name] = {}
        for item in node.body:
            if isinstance(item, ast.FunctionDef):
                found[item.name] = item
            elif isinstance(item, ast.AnnAssign):
                found[item.target.id] = item
            elif isinstance(item, ast.Assign):
                found.update((target.id, item) for target in item.targets)

    def member(self, class_name, name):
        """Find a class's member, inherited or not; None if there is none."""
        waiting = [class_name]
        while waiting:
            current = waiting.pop(0)
            if name in self.classes.get(current, {}):
                return self.classes[current][name]
            waiting.extend(self.bases.get(current, []))
        return None


_read = {}


def read(version):
    """Return the Stub of a Houdini version."""
    if version not in _read:
        with open(path(version), encoding="utf-8") as stream:
            _read[version] = Stub(stream.read())
    return _read[version]


def parameters(node):
    """Return [(name, has a default)] of a function but for self, and whether it has *args."""
    names = [argument.arg for argument in node.args.args]
    optional = len(node.args.defaults)
    pairs = [(name, index >= len(names) - optional) for index, name in enumerate(names)]
    decorators = [getattr(item, "id", "") for item in node.decorator_list]
    if names and names[0] == "self" and "staticmethod" not in decorators:
        pairs = pairs[1:]
    return pairs, node.args.vararg is not None


def defaults(node):
    """Return {name: value} of a stub's parameters whose default is a plain value."""
    named = zip(reversed(node.args.args), reversed(node.args.defaults))
    return {
        argument.arg: default.value
        for argument, default in named
        if isinstance(default, ast.Constant) and default.value is not Ellipsis
    }
