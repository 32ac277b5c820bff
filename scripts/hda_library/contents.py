"""An asset's network: a cpio archive, gzipped.

`Contents.gz` unzips to a little-endian u32, the length of the rest, and a cpio archive in the old
ASCII form. `Contents`, not zipped, is the archive alone. Each member is a header of octal digits
(`_HEADER`), its name with a NUL, and its data; the archive ends with an empty TRAILER!!!. Only the
time, the two sizes and the bytes differ from member to member.
"""

import struct
import zlib

from hda_library.deflate import deflate
from hda_library.errors import LibraryError, quoted

GZIP, PLAIN = b"Contents.gz", b"Contents"

# Magic, dev, ino, mode, uid, gid, nlink, rdev: the same in every member Houdini writes.
FIXED_FIELDS = b"070707" b"000001" b"000000" b"000666" b"000000" b"000000" b"000001" b"000000"
TIME_DIGITS, NAME_DIGITS, SIZE_DIGITS = 11, 6, 11
HEADER_SIZE = len(FIXED_FIELDS) + TIME_DIGITS + NAME_DIGITS + SIZE_DIGITS
LATEST_TIME = 8**TIME_DIGITS - 1
TRAILER = b"TRAILER!!!"

# No name, no time of its own, written by an unknown system: as Houdini's zip library leaves it.
GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"

# zlib's default, which Houdini uses.
LEVEL = 6

# What `_probe` gives, deflated, has this CRC-32 if the local library chooses as zlib does.
PROBE_NUMBERS, PROBE_CRC = 12000, 2708488032

# Networks shrink ten to thirty times. What grows beyond this is left zipped, unread: a file of a
# megabyte can unzip to a gigabyte.
UNZIPPED_FLOOR = 8 << 20
UNZIPPED_RATIO = 24


class Member(object):
    """A file in the archive: name and data as bytes, time in seconds since 1970."""

    def __init__(self, name, data, time):
        self.name = name
        self.data = data
        self.time = time


def unzipped_limit(size):
    """How many bytes `size` zipped bytes may become."""
    return UNZIPPED_FLOOR + UNZIPPED_RATIO * size


def read_contents(name, data):
    """Take a contents section apart.

    Args:
        name: GZIP or PLAIN.
        data: The section.

    Returns:
        List of Member, then the time of the archive's end.

    Raises:
        LibraryError: If it is anything but what `write_contents` writes, other zipping aside. The
            licensed variants (.hdalc, .hdanc) are such.
    """
    return read_cpio(unzip(data) if name == GZIP else data)


def write_contents(name, members, end_time):
    """Put a contents section together; the reverse of `read_contents`."""
    archive = write_cpio(members, end_time)
    return zipped(archive) if name == GZIP else archive


def unzip(data, limit=None):
    """The archive in `Contents.gz`, if it is not longer than `limit` bytes."""
    unzipper = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        plain = unzipper.decompress(data, unzipped_limit(len(data)) if limit is None else limit)
        rest = unzipper.unconsumed_tail or unzipper.unused_data
    except zlib.error as error:
        raise LibraryError("the contents do not unzip: %s" % error)
    if rest:
        raise LibraryError("the contents do not end where their zip does")
    if len(plain) < 4 or struct.unpack("<I", plain[:4])[0] != len(plain) - 4:
        raise LibraryError("the contents do not have the length they state")
    return plain[4:]


def zipped(archive):
    """The archive as `Contents.gz`."""
    plain = struct.pack("<I", len(archive)) + archive
    body = _locally_deflated(plain) if _is_zlib() else deflate(plain)
    return GZIP_HEADER + body + struct.pack("<II", _crc(plain), len(plain))


def _locally_deflated(plain):
    deflater = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(plain) + deflater.flush()


def _is_zlib():
    """Whether the local library deflates as zlib does; not all that go by its name do."""
    if not _answers:
        _answers.append(_crc(_locally_deflated(_probe())) == PROBE_CRC)
    return _answers[0]


def _probe():
    """Bytes with many matches to choose from, longer than the window."""
    number, numbers = 1, []
    for _ in range(PROBE_NUMBERS):
        number = (number * 1103515245 + 12345) & 0x7FFFFFFF
        numbers.append("%o" % (number >> (10 + number % 17)))
    text = " ".join(numbers).encode("ascii")
    return text + 2 * text[-20000:]


# What _is_zlib found, once it was asked.
_answers = []


def _crc(data):
    return zlib.crc32(data) & 0xFFFFFFFF


def read_cpio(data):
    """Take an archive apart; returns the members and the trailer's time."""
    members, position = [], 0
    while True:
        member, position = _read_member(data, position)
        if member.name == TRAILER and not member.data:
            break
        members.append(member)
    if position != len(data):
        raise LibraryError("%d bytes follow the archive's end" % (len(data) - position))
    return members, member.time


def _read_member(data, position):
    start = position + len(FIXED_FIELDS)
    if data[position:start] != FIXED_FIELDS:
        raise LibraryError("no member begins at byte %d of the archive" % position)
    fields = []
    for digits in (TIME_DIGITS, NAME_DIGITS, SIZE_DIGITS):
        fields.append(_octal(data[start : start + digits], digits))
        start += digits
    time, name_size, size = fields
    name = data[start : start + name_size]
    body = data[start + name_size : start + name_size + size]
    if len(name) < name_size or len(body) < size or not name.endswith(b"\0"):
        raise LibraryError("the member at byte %d of the archive is cut short" % position)
    return Member(name[:-1], body, time), start + name_size + size


def _octal(digits, expected):
    if len(digits) != expected or digits.strip(b"01234567"):
        raise LibraryError("%s is no octal number of %d digits" % (quoted(digits), expected))
    return int(digits, 8)


def write_cpio(members, end_time):
    """Put an archive together; the reverse of `read_cpio`."""
    end = Member(TRAILER, b"", end_time)
    return b"".join(_write_member(member) for member in members + [end])


def _write_member(member):
    name = member.name + b"\0"
    fields = (
        (member.time, TIME_DIGITS, "time"),
        (len(name), NAME_DIGITS, "name's length"),
        (len(member.data), SIZE_DIGITS, "size"),
    )
    header = FIXED_FIELDS
    for number, digits, what in fields:
        octal = ("%o" % number).rjust(digits, "0")
        if len(octal) > digits:
            raise LibraryError("the %s of member %s has no room" % (what, quoted(member.name)))
        header += octal.encode("ascii")
    return header + name + member.data
