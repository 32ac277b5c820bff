"""A library as a folder of text, and the folder as a library again.

    Sections.list                   what each file stands for
    INDEX__SECTION                  the index as text
    houdini.hdalibrary              empty
    demo_8_8Sop_1digits_8_81.0/     an asset: its own Sections.list and a file for each section,
        ExtraFileOptions                options as JSON,
        Contents.dir/Contents.mime      and the network as one text

What has no text form, or would not come back byte for byte, stays a file of raw bytes, and the
side file (notes.py) holds what no file says. So every library comes back exactly.
"""

import contextlib
from collections import OrderedDict

from hda_library import contents, forms
from hda_library.errors import LibraryError, native, quoted
from hda_library.index import index_records
from hda_library.library import INDEX, read_records
from hda_library.mime import MIME_FILE
from hda_library.names import LIST_FILE, DiskNames, is_listable, is_plain, read_list, write_list
from hda_library.notes import NOTES_FILE, Note, read_notes, write_notes
from hda_library.sections import MAGIC, MOST_SECTIONS, Section, read_sections, write_sections

NETWORK_FOLDER = "Contents.dir"
TAKEN_NAMES = (LIST_FILE, NOTES_FILE, NETWORK_FOLDER)

# Libraries within libraries: a preset in an asset is the third. Beyond this they stay packed.
DEEPEST = 8


class MemoryFolder(object):
    """A folder held in memory: {path, its parts joined by "/": bytes}."""

    def __init__(self, files):
        self.files = files
        self._folders = set()
        for path in files:
            while "/" in path:
                path = path.rpartition("/")[0]
                self._folders.add(path)

    def read(self, path):
        """A file's bytes, or None if there is no such file."""
        return self.files.get(path)

    def is_folder(self, path):
        return path in self._folders


def expand(data):
    """Spell a library as files.

    Args:
        data: The packed library, bytes.

    Returns:
        OrderedDict of path, str with "/" -> bytes.

    Raises:
        LibraryError: With the offset, if the library is damaged.
    """
    expansion = _Expansion(contents.unzipped_limit(len(data)))
    sections = read_sections(data)
    records = read_records(sections)
    assets = frozenset(record.table_name for record in records)
    expansion.add_container("", sections, _expected_times(records), assets=assets)
    files = expansion.files
    notes = write_notes(expansion.notes)
    if notes is not None:
        files[NOTES_FILE] = notes
    if collapse(MemoryFolder(files)) != data:
        raise LibraryError("the library does not come back the same from its text form")
    return files


def _expected_times(records):
    """Function of a section's name: the time that the index leads one to expect."""
    times = {record.table_name: record.modified for record in records}
    latest = max(times.values()) if times else 0
    return lambda name: times.get(name, latest)


class _Expansion(object):
    """Files and notes as they come about.

    Args:
        unzipped_limit: How many bytes the networks may unzip to, taken together.
    """

    def __init__(self, unzipped_limit):
        self.files = OrderedDict()
        self.notes = {}
        self._unzipped_left = unzipped_limit

    def add_container(self, inside, sections, expected_time, depth=1, assets=frozenset()):
        """Add the files of a container.

        Args:
            inside: The folder's path, ending in "/" unless it is empty.
            sections: List of Section.
            expected_time: Function of a section's name.
            depth: 1 for the library, 2 for an asset.
            assets: Names of sections that must be containers; others may be.
        """
        disk_names, rows = DiskNames(TAKEN_NAMES), []
        self.files[inside + LIST_FILE] = None
        for section in sections:
            disk = disk_names.name(section.name)
            time = expected_time(section.name)
            note = self.notes[inside + disk] = Note()
            note.time = None if section.time == time else section.time
            note.name = None if is_listable(section.name) else section.name
            if section.name in assets:
                self._add_inner_container(inside + disk, section, time, depth)
            else:
                self._add_section(inside, disk, section, time, depth)
            listed = section.name if note.name is None else disk.encode("ascii")
            rows.append((disk.encode("ascii"), listed))
        self.files[inside + LIST_FILE] = write_list(rows)

    def _add_inner_container(self, path, section, time, depth):
        kind = "asset" if depth == 1 else "section"
        what = "%s %s" % (kind, quoted(section.name))
        inner = read_sections(section.data, section.offset, what)
        if len(self.files) + len(inner) > MOST_SECTIONS:
            raise LibraryError("there are more than %d sections in all" % MOST_SECTIONS)
        self.add_container(path + "/", inner, lambda name: time, depth + 1)

    def _add_section(self, inside, disk, section, time, depth):
        """Add a section in the first form that comes back the same."""
        path = inside + disk
        try:
            if _is_network(section.name, disk):
                return self._add_network(inside + NETWORK_FOLDER, section, self.notes[path], time)
            if section.data.startswith(MAGIC) and depth < DEEPEST:
                return self._add_inner_container(path, section, time, depth)
        except LibraryError:
            # It only looked so: any section may hold any bytes.
            pass
        text = forms.as_text(section)
        self.notes[path].raw = text is None and forms.looks_like_text(section)
        self.files[path] = section.data if text is None else text

    def _add_network(self, path, section, note, time):
        list_path = path + "/" + LIST_FILE
        if list_path in self.files:
            raise LibraryError("the folder has a network already")
        files = forms.network_to_files(section, self._archive(section), note, time)
        self.files[list_path] = write_list([(MIME_FILE, MIME_FILE)])
        for name, data in files.items():
            self.files[path + "/" + native(name)] = data

    def _archive(self, section):
        """The archive in a contents section, within what is left to unzip."""
        if section.name == contents.PLAIN:
            return section.data
        limit = min(contents.unzipped_limit(len(section.data)), self._unzipped_left)
        if not limit:
            raise LibraryError("the networks unzip to more than the library's size lets expect")
        # What fails at the limit has cost as much.
        self._unzipped_left -= limit
        archive = contents.unzip(section.data, limit)
        self._unzipped_left += limit - len(archive)
        return archive


def _is_network(name, disk):
    """Whether a section may be a network's folder: the second of a name may not."""
    return name in forms.NETWORKS and disk == native(name)


def collapse(folder):
    """Read a library's folder.

    Args:
        folder: A MemoryFolder or disk.DiskFolder.

    Returns:
        The packed library, bytes.

    Raises:
        LibraryError: With the file, if the folder cannot be read.
    """
    collapsing = _Collapse(folder, read_notes(folder.read(NOTES_FILE)))
    rows = collapsing.rows("")
    return collapsing.container("", rows, _expected_times(collapsing.records(rows)))


class _Collapse(object):
    """A folder being read, with what the side file says of it."""

    def __init__(self, folder, notes):
        self._folder = folder
        self._notes = notes

    def rows(self, inside):
        """Sections.list of a folder, whose path ends in "/" unless it is empty."""
        path = inside + LIST_FILE
        data = self._folder.read(path)
        if data is None:
            raise LibraryError("there is no '%s'" % path)
        with _naming(path):
            return [(native(disk), name) for disk, name in read_list(data)]

    def records(self, rows):
        """The index's records."""
        for disk, name in rows:
            if name == INDEX:
                data = self._file(disk, name)
                with _naming(disk):
                    return index_records(data)
        raise LibraryError("'%s' names no 'INDEX_SECTION'" % LIST_FILE)

    def container(self, inside, rows, expected_time, depth=1):
        """The bytes of the container that a folder stands for."""
        if depth > DEEPEST:
            raise LibraryError("'%s' lies too deep" % inside)
        sections = []
        for disk, listed in rows:
            note = self._note(inside + disk)
            name = listed if note.name is None else note.name
            time = expected_time(name)
            data = self._section(inside, disk, name, time, depth)
            sections.append(Section(name, data, time if note.time is None else note.time))
        return write_sections(sections)

    def _note(self, path):
        return self._notes.get(path, Note())

    def _section(self, inside, disk, name, time, depth):
        path = inside + disk
        if self._folder.is_folder(path):
            rows = self.rows(path + "/")
            return self.container(path + "/", rows, lambda name: time, depth + 1)
        network = inside + NETWORK_FOLDER
        if _is_network(name, disk) and self._folder.is_folder(network):
            # Both names of a network may be listed; the one without a file is the folder.
            if self._folder.read(path) is None:
                return self._network(network + "/", name, self._note(path), time)
        return self._file(path, name)

    def _file(self, path, name):
        data = self._folder.read(path)
        if data is None:
            raise LibraryError("there is no '%s', which its '%s' names" % (path, LIST_FILE))
        with _naming(path):
            return data if self._note(path).raw else forms.from_text(name, data)

    def _network(self, inside, name, note, time):
        def read_file(file_name):
            if not is_plain(file_name):
                raise LibraryError("%s is no file of this folder" % quoted(file_name))
            return self._folder.read(inside + native(file_name))

        if self._folder.read(inside + LIST_FILE) is not None:
            self.rows(inside)
        with _naming(inside + native(MIME_FILE)):
            return forms.files_to_network(name, read_file, note, time)


@contextlib.contextmanager
def _naming(path):
    """Begin an error's sentence with the file it is about."""
    try:
        yield
    except LibraryError as error:
        raise LibraryError("'%s': %s" % (path, error))
