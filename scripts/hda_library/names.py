"""Names on disk, and Sections.list, which says what each stands for.

Houdini writes `_` as `__`, `/` as `_1` and `:` as `_8`. What else it does is not known, so any
other name gets one that every file system keeps, case or none, and Sections.list tells the rest.
"""

import hashlib
import re
from collections import Counter

from hda_library.errors import LibraryError, native, quoted

LIST_FILE = "Sections.list"

# The list's first line.
FIRST_LINE = b'""'

ESCAPES = {b"_": b"__", b"/": b"_1", b":": b"_8"}
ESCAPED = re.compile(br"[^A-Za-z0-9.\-\[\]() {}]")

# Names that Windows keeps for devices, whatever the ending.
DEVICES = re.compile(br"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9]|lpt[0-9])(\.|$)", re.I)

# The shortest limit among file systems in use is 143 (eCryptfs).
LONGEST = 120

# What Sections.list can write: anything on one line without a quote.
LISTABLE = re.compile(br'[^\x00-\x1f\x7f"\\]+$')


class DiskNames(object):
    """Hands out names on disk for one folder, each once, whatever the case.

    Args:
        taken: Names that are not to be given.
    """

    def __init__(self, taken):
        # How often each name was asked for.
        self._taken = Counter(name.lower() for name in taken)

    def name(self, section_name):
        """A free file name, str, for a section's name, bytes."""
        first = native(escaped(section_name))
        name = first
        while self._taken[name.lower()]:
            self._taken[first.lower()] += 1
            name = "%s~%d" % (first, self._taken[first.lower()])
        self._taken[name.lower()] = 1
        return name


def escaped(section_name):
    """A section's name as Houdini spells it on disk, or nearly."""
    name = ESCAPED.sub(_escaped_byte, section_name[:LONGEST])
    if name.endswith((b".", b" ")):
        name = name[:-1] + _hexadecimal(name[-1:])
    if not name or DEVICES.match(name):
        name = b"~" + name
    if len(name) > LONGEST or len(section_name) > LONGEST:
        digest = hashlib.sha256(section_name).hexdigest()[:16].encode("ascii")
        name = name[: LONGEST - 17] + b"~" + digest
    return name


def _escaped_byte(match):
    byte = match.group()
    return ESCAPES.get(byte) or _hexadecimal(byte)


def _hexadecimal(byte):
    return ("~%02x" % ord(byte)).encode("ascii")


def is_listable(section_name):
    """Whether Sections.list can write this name."""
    return bool(LISTABLE.match(section_name)) and not section_name.endswith(b"\n")


def write_list(rows):
    """Sections.list for rows of (name on disk, section's name), both bytes."""
    lines = [FIRST_LINE] + [_spelt(disk) + b"\t" + _spelt(name) for disk, name in rows]
    return b"\n".join(lines) + b"\n"


def _spelt(name):
    return b'"' + name + b'"' if b" " in name else name


def read_list(data):
    """Read Sections.list.

    Returns:
        List of (name on disk, section's name), both bytes.

    Raises:
        LibraryError: With the line, if it cannot be read or names a file outside its folder.
    """
    lines = data.split(b"\n")
    if lines[0].endswith(b"\r"):
        raise LibraryError("the lines end in CR LF; restore the folder with LF line ends")
    if lines[0] != FIRST_LINE:
        raise LibraryError('line 1 is %s, expected ""' % quoted(lines[0]))
    if lines.pop() != b"":
        raise LibraryError("the last line has no end; is the file cut short?")
    rows, seen = [], set()
    for number, line in enumerate(lines[1:], 2):
        columns = [_unquoted(column) for column in line.split(b"\t")]
        if len(columns) != 2:
            raise LibraryError("line %d is not a file, a tab and a section" % number)
        disk = columns[0]
        if not is_plain(disk):
            raise LibraryError("line %d names %s, no file of its folder" % (number, quoted(disk)))
        if disk in seen:
            raise LibraryError("line %d names %s once more" % (number, quoted(disk)))
        seen.add(disk)
        rows.append(tuple(columns))
    return rows


def _unquoted(column):
    quotes = len(column) > 1 and column.startswith(b'"') and column.endswith(b'"')
    return column[1:-1] if quotes else column


def is_plain(disk_name):
    """Whether a name, bytes, is that of a file in the folder itself on every system."""
    return disk_name not in (b"", b".", b"..") and not re.search(br"[/\\:\x00-\x1f]", disk_name)
