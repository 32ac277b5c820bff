"""This project's own libraries: each folder of hda/ is one, built into otls/.

An asset's icon has one source, icons/NAME.svg for the folder hda/NAME: `build` copies it to the
asset's IconSVG, so that the folder is whole and Houdini can use it in place.
"""

import os

from hda_library.differences import first_difference
from hda_library.disk import DiskFolder, read_file, write_file
from hda_library.errors import LibraryError
from hda_library.folders import collapse
from hda_library.library import read_library

SOURCES, ICONS, LIBRARIES = "hda", "icons", "otls"
ICON_SECTION = "IconSVG"
ENDING = ".hda"

# What `build` replaces in otls/ goes there, where Houdini keeps older states too.
BACKUP = "backup"


class SourceFolder(DiskFolder):
    """A folder of hda/, its icon read from icons/."""

    def __init__(self, root, name):
        super(SourceFolder, self).__init__(os.path.join(root, SOURCES, name))
        icon_path = os.path.join(root, ICONS, name + ".svg")
        self.icon = read_file(icon_path) if os.path.exists(icon_path) else None

    def read(self, path):
        own = super(SourceFolder, self).read(path)
        if self.icon is None or not _is_icon(path):
            return own
        self.used.add(path)
        return self.icon

    def stale_icons(self):
        """Paths of the folder's copies of the icon that are not its source, or not there."""
        copies = DiskFolder(self.root)
        icons = [path for path in sorted(self.used) if _is_icon(path)]
        return [path for path in icons if self.icon and copies.read(path) != self.icon]


def _is_icon(path):
    return path.rpartition("/")[2] == ICON_SECTION


def build(root):
    """Pack every folder of hda/; yields the paths written, relative to `root`."""
    for name in source_names(root):
        folder, data = _collapsed(root, name)
        _check_listed(folder, name)
        for path in folder.stale_icons():
            write_file(os.path.join(folder.root, *path.split("/")), folder.icon)
            yield "/".join((SOURCES, name, path))
        path = os.path.join(root, LIBRARIES, name + ENDING)
        former = read_file(path) if os.path.exists(path) else data
        if former != data:
            # Somebody may have saved the asset there, from Houdini.
            write_file(os.path.join(root, LIBRARIES, BACKUP, name + ENDING), former)
        if former != data or not os.path.exists(path):
            write_file(path, data)
        yield "/".join((LIBRARIES, name + ENDING))


def source_names(root):
    """The names of the folders in hda/, sorted."""
    path = os.path.join(root, SOURCES)
    try:
        names = os.listdir(path)
    except OSError as error:
        raise LibraryError("'%s' cannot be read: %s" % (path, error.strerror))
    return sorted(
        name for name in names
        if not name.startswith(".") and os.path.isdir(os.path.join(path, name))
    )  # fmt: skip


def _collapsed(root, name):
    folder = SourceFolder(root, name)
    try:
        data = collapse(folder)
        library = read_library(data)
        held = [section for section in library.sections if b"/" in section.name]
        if not held or not len(library.records) == len(library.assets) == len(held):
            text = "its INDEX__SECTION lists %d assets, of %d that are there %d"
            raise LibraryError(text % (len(library.records), len(held), len(library.assets)))
        return folder, data
    except LibraryError as error:
        raise LibraryError("%s/%s: %s" % (SOURCES, name, error))


def _check_listed(folder, name):
    for path in folder.paths():
        if path not in folder.used:
            raise LibraryError("%s/%s/%s is in no Sections.list" % (SOURCES, name, path))


def differences(root):
    """Sentences, one for each folder or library that is not as `build` leaves it."""
    names = source_names(root)
    found = [_difference(root, name) for name in names]
    libraries = os.path.join(root, LIBRARIES)
    for file_name in sorted(os.listdir(libraries)) if os.path.isdir(libraries) else ():
        base, ending = os.path.splitext(file_name)
        if ending == ENDING and base not in names:
            found.append("%s/%s has no folder %s/%s" % (LIBRARIES, file_name, SOURCES, base))
    return [sentence for sentence in found if sentence]


def _difference(root, name):
    """What is wrong with one folder and its library, or None."""
    folder, data = _collapsed(root, name)
    source, library = "%s/%s" % (SOURCES, name), "%s/%s%s" % (LIBRARIES, name, ENDING)
    for path in folder.stale_icons():
        return "%s/%s is not %s/%s.svg; run build" % (source, path, ICONS, name)
    try:
        _check_listed(folder, name)
    except LibraryError as error:
        return str(error)
    path = os.path.join(root, LIBRARIES, name + ENDING)
    if not os.path.exists(path):
        return "%s is missing; run build" % library
    difference = first_difference(read_file(path), data)
    if difference:
        text = "%s is not what %s gives: %s; run build, or expand it if it was saved there"
        return text % (library, source, difference)
    return None
