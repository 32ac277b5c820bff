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


# Where links may be made, should the system's own place for such files have a name of that kind.
OTHERS = ("/tmp", "/var/tmp")


@contextlib.contextmanager
def plain(path, folder=False):
    """Yield a path that means the same to TensorFlow, for as long as it reads.

    Args:
        path: The prefix of a checkpoint's files, or a folder.
        folder: Which of the two.

    Raises:
        EnvironmentError: If links are needed, and cannot be made in the system's folder for
            temporary files.
    """
    if os.name == "nt" or not _means_else(path):
        yield _compat.utf8_path(path)
        return
    places = [each for each in (tempfile.gettempdir(),) + OTHERS if not _means_else(each)]
    made = tempfile.mkdtemp(prefix="mlinference-", dir=places[0])
    try:
        _link(os.path.abspath(path), os.path.join(made, PLAIN), folder)
        yield os.path.join(made, PLAIN)
    finally:
        # The links, and not what they lead to.
        shutil.rmtree(made, ignore_errors=True)


def _means_else(path):
    return bool(PATTERN.search(path)) or _foreign(path)


def _foreign(path):
    try:
        _compat.path_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _link(path, link, whole):
    if whole:
        os.symlink(path, link)
        return
    folder, name = os.path.split(path)
    for each in os.listdir(folder):
        if each.startswith(name + "."):
            os.symlink(os.path.join(folder, each), link + each[len(name) :])
