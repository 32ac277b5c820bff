#!/usr/bin/env python
"""The environments that the matrix runs in: Python, TensorFlow, NumPy, and who carries them.

An environment is made from requirements/NAME.txt, where every package is pinned. It is kept in
the user's cache under the hash of its pins and its interpreter, so that it is made once a machine
and again only when one of them changes; delete the folder to make them all anew.

    list         names, and whether the interpreter and the environment are there
    make NAME    make one, unless it is there, and print its folder
"""

from __future__ import print_function

import argparse
import collections
import glob
import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What the stand-in can stand in for, by the Python that those Houdinis carry.
Environment = collections.namedtuple("Environment", "name python tensorflow houdinis ci")

ENVIRONMENTS = tuple(
    Environment(*row)
    for row in (
        # name, Python, has TensorFlow, Houdinis (the first runs every suite), part of CI
        ("py27-tf-1.4", "2.7", True, ("16.5", "17.5"), True),
        ("py27-tf-1.15", "2.7", True, ("17.5", "16.5", "18.5"), True),
        ("py27-tf-2.1", "2.7", True, ("18.5", "16.5", "17.5"), False),
        ("py27-numpy-1.7", "2.7", False, ("16.5", "17.5"), False),
        ("py27-numpy-1.16", "2.7", False, ("18.5", "17.5"), True),
        ("py36-tf-1.15", "3.6", True, (), False),
        ("py37-tf-1.15", "3.7", True, ("19.0", "18.5"), True),
        ("py37-tf-2.11", "3.7", True, ("19.0", "19.5"), False),
        ("py37-numpy-1.14", "3.7", False, ("18.5", "19.0"), False),
        ("py38-numpy-1.24", "3.8", False, (), False),
        ("py39-tf-2.20", "3.9", True, ("19.5", "20.0"), True),
        ("py310-tf-2.21", "3.10", True, ("20.0", "20.5"), False),
        ("py311-tf-2.21", "3.11", True, ("21.0", "20.5"), True),
        ("py312-tf-2.21", "3.12", True, (), False),
        ("py313-tf-2.21", "3.13", True, ("22.0",), True),
        ("py313-numpy-2.1", "3.13", False, ("22.0",), False),
        ("py313-numpy-2.5", "3.13", False, ("22.0",), True),
    )
)

# What runs the others; any Python that nox supports will do, the first that is found is taken.
TOOLS = "tools"
TOOLS_PYTHONS = ("3.11", "3.12", "3.13", "3.10")

# The standard library's venv gives newer Pythons a pip that works there; virtualenv the older.
VENV_SINCE = (3, 8)

# Registries have bad moments; a second try a little later is cheaper than a failed run.
INSTALL_TRIES = 3
SECONDS_BETWEEN_TRIES = 10

PROBE = """
import sys
if sys.version_info >= (3, 8):
    import ensurepip, venv
print("%d.%d" % sys.version_info[:2])
print(sys.executable)
print(sys.version.replace("\\n", " "))
"""

# What one interpreter says about itself.
Interpreter = collections.namedtuple("Interpreter", "version path details")


class Failure(Exception):
    """An environment that cannot be made; the text says why."""


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=("list", "make"))
    parser.add_argument("name", nargs="?", help="one of the list, or '%s'" % TOOLS)
    options = parser.parse_args(argv)
    try:
        if options.command == "list":
            for environment in ENVIRONMENTS:
                print("%-16s %s" % (environment.name, _state(environment.name)))
        else:
            print(make(options.name))
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


def named(name):
    """Return the environment called `name`.

    Raises:
        Failure: If there is none.
    """
    for environment in ENVIRONMENTS:
        if environment.name == name:
            return environment
    known = ", ".join(environment.name for environment in ENVIRONMENTS)
    raise Failure("No environment %r; there are %s." % (name, known))


def make(name):
    """Make an environment unless the cache has it.

    Args:
        name: One of ENVIRONMENTS, or TOOLS, which the Pythons older than VENV_SINCE need too.

    Returns:
        Its folder.

    Raises:
        Failure: If its interpreter is missing, or its packages do not install.
    """
    base = _base(name)
    if base is None:
        raise Failure("No Python %s on this machine." % " or ".join(_pythons(name)))
    folder = _folder(name, base)
    if is_ready(folder):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    if tuple(map(int, base.version.split("."))) >= VENV_SINCE:
        _run([base.path, "-m", "venv", folder])
    else:
        virtualenv = [python_of(make(TOOLS)), "-m", "virtualenv", "--quiet"]
        _run(virtualenv + ["--python", base.path, folder])
    install = [python_of(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run(install + ["-r", pins(name)], tries=INSTALL_TRIES)
    with io.open(_stamp(folder), "wb") as stream:
        stream.write(base.details.encode("utf-8"))
    return folder


def find(name):
    """Return the environment's folder, or None where it has not been made."""
    base = _base(name)
    folder = _folder(name, base) if base else None
    return folder if folder and is_ready(folder) else None


def is_ready(folder):
    """Whether everything was installed there, and its interpreter is still to be found."""
    return os.path.isfile(_stamp(folder)) and os.path.exists(python_of(folder))


def python_of(folder):
    """Return the path of the environment's interpreter."""
    if os.name == "nt":
        return os.path.join(folder, "Scripts", "python.exe")
    return os.path.join(folder, "bin", "python")


def pins(name):
    """Return the path of the environment's requirement file."""
    return os.path.join(ROOT, "requirements", name + ".txt")


def cache():
    """Return the folder of all environments, outside any clone."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "mlinference", "environments")


def interpreter(version):
    """Return the Interpreter of Python `version` ("3.7") on this machine, or None.

    Those on the path come first, then the newest patch release that pyenv has, then what
    Windows' launcher knows. One that does not start, as pyenv's idle shims, is passed over.
    """
    for command in _commands(version):
        found = _probe(command)
        if found and found.version == version:
            return found
    return None


def in_ci():
    """Whether continuous integration runs this: then nothing that is missing is passed over."""
    return os.environ.get("CI", "").strip().lower() not in ("", "0", "false", "no")


def clean_environ():
    """Return a copy of os.environ without what would leak from one Python into another."""
    leaks = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    return {key: value for key, value in os.environ.items() if key not in leaks}


def _base(name):
    for version in _pythons(name):
        found = interpreter(version)
        if found:
            return found
    return None


def _pythons(name):
    return TOOLS_PYTHONS if name == TOOLS else (named(name).python,)


def _folder(name, base):
    with io.open(pins(name), encoding="utf-8") as stream:
        lines = [line.split("#")[0].strip() for line in stream]
    wanted = "\n".join([base.path, base.details] + [line for line in lines if line])
    digest = hashlib.sha256(wanted.encode("utf-8")).hexdigest()
    return os.path.join(cache(), "%s-%s" % (name, digest[:12]))


def _stamp(folder):
    return os.path.join(folder, ".ready")


def _state(name):
    if _base(name) is None:
        return "no Python %s on this machine" % named(name).python
    return "ready" if find(name) else "not made yet"


def _commands(version):
    executable = "python" + version + (".exe" if os.name == "nt" else "")
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, executable)
        if os.access(path, os.X_OK):
            yield [path]
    found = []
    for root in _pyenv_roots():
        found += glob.glob(os.path.join(root, "versions", version + ".*", "bin", "python"))
    for path in sorted(found, key=_numbers, reverse=True):
        yield [path]
    if os.name == "nt":
        yield ["py", "-" + version]


def _pyenv_roots():
    roots = [os.environ.get("PYENV_ROOT"), os.path.join(os.path.expanduser("~"), ".pyenv")]
    try:
        said = subprocess.check_output(["pyenv", "root"], stderr=subprocess.STDOUT)
        roots.insert(0, said.decode("utf-8", "replace").strip())
    except (OSError, subprocess.CalledProcessError):
        pass  # most machines have no pyenv
    return [root for index, root in enumerate(roots) if root and root not in roots[:index]]


def _numbers(path):
    release = os.path.basename(os.path.dirname(os.path.dirname(path)))
    return [int(digits) for digits in re.findall("[0-9]+", release)]


def _probe(command):
    process = subprocess.Popen(
        command + ["-c", PROBE],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=clean_environ(),
    )
    said = process.communicate()[0].decode("utf-8", "replace").splitlines()
    if process.returncode or len(said) != 3:
        return None
    return Interpreter(*said)


def _run(command, tries=1):
    for left in reversed(range(tries)):
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=clean_environ()
        )
        said = process.communicate()[0].decode("utf-8", "replace")
        if process.returncode == 0:
            return
        if left:
            time.sleep(SECONDS_BETWEEN_TRIES)
    tail = "\n".join(said.splitlines()[-20:])
    raise Failure("'%s' failed:\n%s" % (" ".join(command), tail))


if __name__ == "__main__":
    sys.exit(main())
