"""The text forms of a single section: options as JSON, the index as paragraphs, a network as MIME.

A form is used only if it comes back byte for byte; else the section stays the bytes it is.
"""

from collections import Counter

from hda_library import contents, mime
from hda_library.errors import LibraryError
from hda_library.index import index_to_text, is_text, read_index, text_to_index, write_index
from hda_library.library import INDEX
from hda_library.notes import Note
from hda_library.options import json_to_options, options_to_json, read_options, utf8, write_options

OPTIONS = (b"ExtraFileOptions", b"InternalFileOptions")
NETWORKS = (contents.GZIP, contents.PLAIN)

# The key of the note that gives the time of all members but those named.
USUAL = u""


def as_text(section):
    """The text that stands for a section, or None if it has no such form."""
    try:
        if section.name == INDEX and not is_text(section.data):
            text = index_to_text(read_index(section.data))
        elif section.name in OPTIONS:
            text = options_to_json(read_options(section.data))
        else:
            return None
        return text if from_text(section.name, text) == section.data else None
    except LibraryError:
        return None


def from_text(name, text):
    """The bytes of the section that a file stands for.

    Raises:
        LibraryError: If the file begins as a text form and is none.
    """
    if name == INDEX and is_text(text):
        return write_index(text_to_index(text))
    if name in OPTIONS and text.startswith(b"{"):
        return write_options(json_to_options(text))
    return text


def looks_like_text(section):
    """Whether the section's own bytes would be taken for a text form."""
    try:
        return from_text(section.name, section.data) != section.data
    except LibraryError:
        return True


def network_to_files(section, archive, note, time):
    """Spell a network.

    Args:
        section: The Section.
        archive: Its cpio archive, bytes.
        note: The Note, in which to write what the text does not say.
        time: The time to expect.

    Returns:
        OrderedDict of file name -> bytes.

    Raises:
        LibraryError: If the network would not come back.
    """
    members, end_time = contents.read_cpio(archive)
    files = mime.members_to_mime([(member.name, member.data) for member in members])
    for extra in (Note(cpio_times=_cpio_times(members, end_time, time)), Note(gzip=section.data)):
        if files_to_network(section.name, files.get, extra, time) == section.data:
            note.cpio_times, note.gzip = extra.cpio_times, extra.gzip
            return files
    raise LibraryError("the network does not come back the same from its text")


def _cpio_times(members, end_time, expected):
    """The note for an archive's times, or None if all are as expected."""
    times = [member.time for member in members] + [end_time]
    names = [member.name for member in members] + [contents.TRAILER]
    counts = Counter(times)
    usual = max(sorted(counts), key=counts.get)
    found = {utf8(name): time for name, time in zip(names, times) if time != usual}
    if usual != expected:
        found[USUAL] = usual
    return found or None


def files_to_network(name, read_file, note, time):
    """The contents section `name` for files; the reverse of `network_to_files`.

    Args:
        read_file: Function of a file's name, bytes, that returns its bytes or None.

    Raises:
        LibraryError: If the files cannot be read.
    """
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
