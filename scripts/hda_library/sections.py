"""The container: named, dated blocks of bytes, one after the other.

    "INDX"  u32 0  u32 0  u32 count
    count x { u32 length, name, u32 offset, u32 size, u32 time }
    the blocks

Numbers are big-endian. Offsets count from the end of the table; blocks lie in the table's order
without gaps, and nothing follows the last. A library is such a container, and so is each of its
assets; a section may hold another (presets, embedded libraries).
"""

from hda_library.binary import LARGEST_U32, Reader, string, u32
from hda_library.errors import LibraryError, quoted

MAGIC = b"INDX"
RESERVED = u32(0) + u32(0)

# An entry with an empty name: four numbers.
SMALLEST_ENTRY = 16

# Large libraries hold a few hundred; a million would be as many files.
MOST_SECTIONS = 1 << 14


class Section(object):
    """One block of a container.

    Attributes:
        name: bytes.
        data: bytes.
        time: Seconds since 1970, when the section was last changed.
        offset: Where the data begins in the file it was read from.
    """

    def __init__(self, name, data, time, offset=0):
        self.name = name
        self.data = data
        self.time = time
        self.offset = offset


def read_sections(data, base=0, what="the library"):
    """Take a container apart.

    Args:
        data: The whole container.
        base: Its offset in the file.
        what: Its name, for a sentence.

    Returns:
        List of Section.

    Raises:
        LibraryError: If it is damaged, or laid out in another way than Houdini does.
    """
    reader = Reader(data, base, what)
    if not data.startswith(MAGIC):
        raise reader.error("it does not begin with 'INDX'")
    reader.position = len(MAGIC)
    if reader.bytes(8, "the reserved words") != RESERVED:
        raise reader.error("the two reserved words are not zero", back=8)
    count = reader.count("the section count", SMALLEST_ENTRY)
    if count > MOST_SECTIONS:
        raise reader.error("%d sections are more than %d" % (count, MOST_SECTIONS), back=4)
    sections = _cut_blocks(reader, [_read_entry(reader) for _ in range(count)])
    reader.what = what
    reader.expect_end()
    return sections


def _read_entry(reader):
    name = reader.string("a section's name")
    return name, reader.u32("an offset"), reader.u32("a size"), reader.u32("a time")


def _cut_blocks(reader, table):
    first = reader.position
    sections = []
    for name, offset, size, time in table:
        reader.what = "section %s" % quoted(name)
        expected = reader.position - first
        if offset != expected:
            raise reader.error(
                "the table puts the block at %d, but the one before ends at %d" % (offset, expected)
            )
        start = reader.base + reader.position
        sections.append(Section(name, reader.bytes(size, "the block"), time, start))
    return sections


def write_sections(sections):
    """Put a container together; the reverse of `read_sections`."""
    table = [MAGIC, RESERVED, u32(len(sections))]
    offset = 0
    for section in sections:
        size = len(section.data)
        if offset + size > LARGEST_U32:
            raise LibraryError("the sections take more than the 4 GiB that a library can hold")
        table += [string(section.name), u32(offset), u32(size), u32(section.time)]
        offset += size
    return b"".join(table + [section.data for section in sections])
