"""Files and folders on disk: read without following links, written whole or not at all."""

import contextlib
import errno
import os
import shutil
import stat
import tempfile

from hda_library.binary import LARGEST_U32
from hda_library.errors import LibraryError


class DiskFolder(object):
    """A folder on disk; paths within are joined by "/".

    Attributes:
        used: Set of the paths that were read.
    """

    def __init__(self, root):
        self.root = root
        self.used = set()

    def read(self, path):
        """A file's bytes, or None if there is no such file."""
        mode = self._mode(path)
        if mode is None or stat.S_ISDIR(mode):
            return None
        self.used.add(path)
        return read_file(self._full(path))

    def is_folder(self, path):
        mode = self._mode(path)
        return mode is not None and stat.S_ISDIR(mode)

    def _full(self, path):
        return os.path.join(self.root, *path.split("/"))

    def _mode(self, path):
        """The kind of thing at a path, or None if there is nothing."""
        try:
            mode = os.lstat(self._full(path)).st_mode
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise LibraryError("'%s' is a link or a device; a library's folder has none" % path)
        return mode

    def paths(self):
        """All files in the folder, and the folders that hold none, sorted."""
        found = []
        for place, folders, names in os.walk(self.root):
            leaves = [name for name in folders if _is_leaf(os.path.join(place, name))]
            for name in names + leaves:
                found.append(os.path.relpath(os.path.join(place, name), self.root))
        return sorted(path.replace(os.sep, "/") for path in found)


def _is_leaf(folder):
    return os.path.islink(folder) or not os.listdir(folder)


def target(path):
    """Where a path leads, which is what is written.

    Raises:
        LibraryError: If it is blank, which would lead to the current folder.
    """
    if not path:
        raise LibraryError("no name is given")
    return os.path.realpath(path)


def read_file(path):
    """A file's bytes.

    Raises:
        LibraryError: If it cannot be read, or holds more than a library can.
    """
    try:
        state = os.stat(path)
        if not stat.S_ISREG(state.st_mode):
            raise LibraryError("%s is no file" % path)
        if state.st_size > LARGEST_U32:
            raise LibraryError("%s is larger than the 4 GiB that a library can hold" % path)
        with open(path, "rb") as stream:
            return stream.read()
    except EnvironmentError as error:
        raise LibraryError("%s cannot be read: %s" % (path, error.strerror))


def write_file(path, data):
    """Write a file so that it is there whole or, if anything fails, as it was."""
    path = target(path)
    if os.path.isdir(path):
        raise LibraryError("%s is a folder" % path)
    with _workshop(path) as workshop:
        fresh = os.path.join(workshop, "fresh")
        with open(fresh, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if os.path.exists(path):
            shutil.copymode(path, fresh)
        _replace(fresh, path, workshop)


def write_folder(path, files):
    """Write a folder so that it is there whole or, if anything fails, as it was.

    Args:
        path: The folder; what it held is gone afterwards. An empty one is filled and stays the
            same folder, for somebody may be in it.
        files: {path within, joined by "/": bytes}.
    """
    path = target(path)
    with _workshop(path) as workshop:
        fresh = os.path.join(workshop, "fresh")
        os.mkdir(fresh)
        for name, data in files.items():
            full = os.path.join(fresh, *name.split("/"))
            if not os.path.isdir(os.path.dirname(full)):
                os.makedirs(os.path.dirname(full))
            with open(full, "wb") as stream:
                stream.write(data)
        if os.path.isdir(path) and not os.listdir(path):
            for name in sorted(os.listdir(fresh)):
                os.rename(os.path.join(fresh, name), os.path.join(path, name))
        else:
            _replace(fresh, path, workshop)


@contextlib.contextmanager
def _workshop(path):
    """A passing folder beside `path`, on the same disk, so that a rename completes the work."""
    workshop = None
    try:
        parent = os.path.dirname(path)
        if not os.path.isdir(parent):
            os.makedirs(parent)
        workshop = tempfile.mkdtemp(prefix=".hda-", dir=parent)
        yield workshop
    except EnvironmentError as error:
        raise LibraryError("%s cannot be written: %s" % (path, error.strerror or error))
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def _replace(fresh, path, workshop):
    """Put `fresh` in the place of `path`; what was there goes to the workshop, or back."""
    former = os.path.join(workshop, "former")
    try:
        if not os.path.isdir(path):
            os.rename(fresh, path)
            return
    except OSError as error:
        # Windows does not rename onto a file.
        if error.errno != errno.EEXIST:
            raise
    os.rename(path, former)
    try:
        os.rename(fresh, path)
    except BaseException:
        os.rename(former, path)
        raise
