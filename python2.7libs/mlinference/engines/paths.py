"""Paths that TensorFlow takes as they are.

It looks for a checkpoint's files by pattern, also for those of a SavedModel, so that brackets
and the like in a name mean something else to it; and it takes every path as UTF-8.
"""

import contextlib
import os
import re
import shutil
import tempfile

from mlinference import _compat

# On Windows these cannot be in a name, brackets mean themselves, and a backslash parts folders.
PATTERN = re.compile(r"[*?\[\]\\]")

# The name that links get.
PLAIN = "model"


@contextlib.contextmanager
def plain(path):
    """Yield a path that means the same to TensorFlow, for as long as it reads.

    Args:
        path: A folder, or the prefix of a checkpoint's files.

    Raises:
        EnvironmentError: If links are needed, and cannot be made in the system's folder for
            temporary files.
    """
    if os.name == "nt" or not (PATTERN.search(path) or _foreign(path)):
        yield _compat.utf8_path(path)
        return
    folder = tempfile.mkdtemp(prefix="mlinference-")
    try:
        _link(os.path.abspath(path), os.path.join(folder, PLAIN))
        yield os.path.join(folder, PLAIN)
    finally:
        # The links, and not what they lead to.
        shutil.rmtree(folder, ignore_errors=True)


def _foreign(path):
    try:
        _compat.path_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _link(path, link):
    if os.path.isdir(path):
        os.symlink(path, link)
        return
    folder, name = os.path.split(path)
    for each in os.listdir(folder):
        if each.startswith(name + "."):
            os.symlink(os.path.join(folder, each), link + each[len(name) :])
