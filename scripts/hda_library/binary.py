"""Reading numbers and strings off the front of bytes, with the offset at hand when they lie."""

import struct

from hda_library.errors import LibraryError

LARGEST_U32 = 0xFFFFFFFF


class Reader(object):
    """A position in bytes.

    Args:
        data: The bytes.
        base: Where `data` begins in the file, so that a sentence names the file's own offset.
        what: What the bytes are, for the sentence.
    """

    def __init__(self, data, base, what):
        self.data = data
        self.base = base
        self.what = what
        self.position = 0

    def left(self):
        """Bytes not yet read."""
        return len(self.data) - self.position

    def error(self, problem, back=0):
        """A LibraryError for what stands `back` bytes before the position."""
        offset = self.base + self.position - back
        return LibraryError("at offset %d (0x%x), %s: %s" % (offset, offset, self.what, problem))

    def bytes(self, size, name):
        """The next `size` bytes."""
        if size > self.left():
            raise self.error(
                "%s should take %d bytes, but only %d are left" % (name, size, self.left())
            )
        start = self.position
        self.position += size
        return self.data[start : self.position]

    def number(self, layout, name):
        """The next number, `layout` being struct's letters for it."""
        return struct.unpack(layout, self.bytes(struct.calcsize(layout), name))[0]

    def u32(self, name):
        return self.number(">I", name)

    def string(self, name):
        """A 32-bit length and that many bytes."""
        return self.bytes(self.u32("the length of " + name), name)

    def count(self, name, smallest):
        """A 32-bit count of things that take at least `smallest` bytes each."""
        count = self.u32(name)
        if count * smallest > self.left():
            raise self.error(
                "%s is %d, but only %d bytes are left" % (name, count, self.left()), back=4
            )
        return count

    def expect_end(self):
        if self.left():
            raise self.error("bytes left over at the end: %d" % self.left())


def u32(number):
    return struct.pack(">I", number)


def string(data):
    return u32(len(data)) + data
