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

from collections import Counter, OrderedDict

from hda_library import contents, mime
from hda_library.errors import LibraryError, native, quoted
from hda_library.index import (
    index_records, index_to_text, is_text, read_index, text_to_index, write_index,
)  # fmt: skip
from hda_library.library import INDEX, read_records
from hda_library.names import LIST_FILE, DiskNames, is_listable, is_plain, read_list, write_list
from hda_library.notes import NOTES_FILE, Note, read_notes, write_notes
from hda_library.options import json_to_options, options_to_json, read_options, utf8, write_options
from hda_library.sections import (
    MAGIC, MOST_SECTIONS, Section, read_sections, write_sections,
)  # fmt: skip

OPTIONS = (b"ExtraFileOptions", b"InternalFileOptions")
CONTENTS = (contents.GZIP, contents.PLAIN)
CONTENTS_FOLDER = "Contents.dir"
TAKEN_NAMES = (LIST_FILE, NOTES_FILE, CONTENTS_FOLDER)

# Libraries within libraries: a preset in an asset is the third. Beyond this they stay packed.
DEEPEST = 8

# The key of the note that gives the time of all members but those named.
USUAL = u""


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
    expansion.add_container("", sections, _expected_times(records), 1, assets)
    files = expansion.files
    notes = write_notes(expansion.notes)
    if notes is not None:
        files[NOTES_FILE] = notes
    if collapse(MemoryFolder(files)) != data:
        raise LibraryError("the library does not come back the same from its text form")
    return files


def _expected_times(records):
    """Function of a section's name: the time that the index leads one to expect."""
    times = dict((record.table_name, record.modified) for record in records)
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

    def add_container(self, folder, sections, expected_time, depth, assets=frozenset()):
        """Add a folder; sections named in `assets` must be containers, others may be."""
        disk_names, rows = DiskNames(TAKEN_NAMES), []
        self.files[folder + LIST_FILE] = None
        for section in sections:
            disk = disk_names.name(section.name)
            time = expected_time(section.name)
            note = self.notes[folder + disk] = Note()
            note.time = None if section.time == time else section.time
            note.name = None if is_listable(section.name) else section.name
            self._add_section(folder, disk, section, time, depth, section.name in assets)
            listed = disk.encode("ascii") if note.name is not None else section.name
            rows.append((disk.encode("ascii"), listed))
        self.files[folder + LIST_FILE] = write_list(rows)

    def _add_section(self, folder, disk, section, time, depth, is_asset):
        if section.name in CONTENTS and disk == native(section.name):
            if self._add_contents(folder, disk, section, time):
                return
        if is_asset or (section.data.startswith(MAGIC) and depth < DEEPEST):
            if self._add_inner_container(folder + disk + "/", section, time, depth, is_asset):
                return
        self._add_file(folder + disk, section)

    def _add_inner_container(self, folder, section, time, depth, is_asset):
        what = ("asset " if is_asset else "section ") + quoted(section.name)
        try:
            inner = read_sections(section.data, section.offset, what)
            if len(self.files) + len(inner) > MOST_SECTIONS:
                raise LibraryError("all in all, there are more than %d sections" % MOST_SECTIONS)
        except LibraryError:
            if is_asset:
                raise
            return False
        self.add_container(folder, inner, lambda name: time, depth + 1)
        return True

    def _add_file(self, path, section):
        text = as_text(section)
        data = section.data if text is None else text
        self.notes[path].raw = text is None and not _is_taken_as_it_is(section)
        self.files[path] = data

    def _add_contents(self, folder, disk, section, time):
        """Add the network as text; False if it has to stay as it is."""
        if folder + CONTENTS_FOLDER + "/" + LIST_FILE in self.files:
            return False
        try:
            members, end_time = contents.read_cpio(self._archive(section))
            files = mime.members_to_mime([(member.name, member.data) for member in members])
        except LibraryError:
            return False
        note = self.notes[folder + disk]
        note.cpio_times = _cpio_times(members, end_time, time)
        if not _comes_back(section, files, note, time):
            note.cpio_times, note.gzip = None, section.data
            if not _comes_back(section, files, note, time):
                note.gzip = None
                return False
        inside = folder + CONTENTS_FOLDER + "/"
        self.files[inside + LIST_FILE] = write_list([(mime.MIME_FILE, mime.MIME_FILE)])
        for name, data in files.items():
            self.files[inside + native(name)] = data
        return True


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


def _comes_back(section, files, note, time):
    try:
        return _collapsed_contents(section.name, files.get, note, time) == section.data
    except LibraryError:
        return False


def as_text(section):
    """The text form of a section that comes back exactly, or None."""
    try:
        if section.name == INDEX and not is_text(section.data):
            text = index_to_text(read_index(section.data))
        elif section.name in OPTIONS:
            text = options_to_json(read_options(section.data))
        else:
            return None
        return text if _from_text(section.name, text) == section.data else None
    except LibraryError:
        return None


def _is_taken_as_it_is(section):
    """Whether a file of the section's bytes collapses to these."""
    try:
        return _from_text(section.name, section.data) == section.data
    except LibraryError:
        return False


def _from_text(name, text):
    """The section that a file stands for: options and index as binary, all else as it is."""
    if name == INDEX and is_text(text):
        return write_index(text_to_index(text))
    if name in OPTIONS and text.startswith(b"{"):
        return write_options(json_to_options(text))
    return text


def _cpio_times(members, end_time, expected):
    """The note for an archive's times, or None if all are as expected."""
    times = [member.time for member in members] + [end_time]
    names = [member.name for member in members] + [contents.TRAILER]
    counts = Counter(times)
    usual = max(sorted(counts), key=counts.get)
    found = dict((utf8(name), time) for name, time in zip(names, times) if time != usual)
    if usual != expected:
        found[USUAL] = usual
    return found or None


def collapse(folder):
    """Read a library's folder.

    Args:
        folder: A MemoryFolder or disk.DiskFolder.

    Returns:
        The packed library, bytes.

    Raises:
        LibraryError: With the file, if the folder cannot be read.
    """
    notes = read_notes(folder.read(NOTES_FILE))
    rows = _read_rows(folder, "")
    expected_time = _expected_times(_collapsed_records(folder, rows, notes))
    return _collapsed_container(folder, "", rows, notes, expected_time, 1)


def _read_rows(folder, inside):
    """Sections.list of the folder `inside`, a path that ends in "/" or is empty."""
    path = inside + LIST_FILE
    data = folder.read(path)
    if data is None:
        raise LibraryError("there is no '%s'" % path)
    try:
        return [(native(disk), name) for disk, name in read_list(data)]
    except LibraryError as error:
        raise LibraryError("'%s': %s" % (path, error))


def _collapsed_records(folder, rows, notes):
    for disk, name in rows:
        if name == INDEX:
            note = notes.get(disk, Note())
            data = _collapsed_file(folder, disk, name, note)
            try:
                return index_records(data)
            except LibraryError as error:
                raise LibraryError("'%s': %s" % (disk, error))
    raise LibraryError("'%s' names no 'INDEX_SECTION'" % LIST_FILE)


def _collapsed_container(folder, inside, rows, notes, expected_time, depth):
    if depth > DEEPEST + 1:
        raise LibraryError("'%s' lies too deep" % inside)
    sections = []
    for disk, listed in rows:
        note = notes.get(inside + disk, Note())
        name = listed if note.name is None else note.name
        time = expected_time(name)
        data = _collapsed_section(folder, inside, disk, name, notes, time, depth)
        sections.append(Section(name, data, time if note.time is None else note.time))
    return write_sections(sections)


def _collapsed_section(folder, inside, disk, name, notes, time, depth):
    path = inside + disk
    note = notes.get(path, Note())
    if folder.is_folder(path):
        rows = _read_rows(folder, path + "/")
        return _collapsed_container(folder, path + "/", rows, notes, lambda name: time, depth + 1)
    is_network = name in CONTENTS and disk == native(name)
    if is_network and folder.read(path) is None and folder.is_folder(inside + CONTENTS_FOLDER):
        return _collapsed_network(folder, inside + CONTENTS_FOLDER, name, note, time)
    return _collapsed_file(folder, path, name, note)


def _collapsed_file(folder, path, name, note):
    data = folder.read(path)
    if data is None:
        raise LibraryError("there is no '%s', which its '%s' names" % (path, LIST_FILE))
    try:
        return data if note.raw else _from_text(name, data)
    except LibraryError as error:
        raise LibraryError("'%s': %s" % (path, error))


def _collapsed_network(folder, inside, name, note, time):
    def read_file(file_name):
        if not is_plain(file_name):
            raise LibraryError("%s is no file of this folder" % quoted(file_name))
        return folder.read(inside + "/" + native(file_name))

    if folder.read(inside + "/" + LIST_FILE) is not None:
        _read_rows(folder, inside + "/")
    try:
        return _collapsed_contents(name, read_file, note, time)
    except LibraryError as error:
        raise LibraryError("'%s': %s" % (inside, error))


def _collapsed_contents(name, read_file, note, time):
    pairs = mime.mime_to_members(read_file)
    if note.gzip is not None and _holds(note.gzip, pairs):
        return note.gzip
    times = note.cpio_times or {}
    usual = times.get(USUAL, time)
    members = [
        contents.Member(member, data, times.get(utf8(member), usual)) for member, data in pairs
    ]
    return contents.write_contents(name, members, times.get(utf8(contents.TRAILER), usual))


def _holds(zipped, pairs):
    """Whether zipped contents hold just these members."""
    try:
        members, _ = contents.read_contents(contents.GZIP, zipped)
    except LibraryError:
        return False
    return [(member.name, member.data) for member in members] == pairs
