"""CRC-32C, the checksum inside TensorFlow's checkpoints, fast enough without a compiled module.

A CRC is linear over GF(2): the register after `ab` is the register after `a`, moved on by as
many zero bytes as `b` has, xor the register after `b`. So a block is laid out as rows of
thousands of words, and one table look-up a row moves all columns on at once; the columns are
then folded into each other the same way.

Polynomial 0x1EDC6F41 (Castagnoli), reflected; RFC 3720, section 12.1 has the test values. The
masking is LevelDB's, so that a checksum of data which holds checksums stays useful.
"""

import numpy

POLYNOMIAL = 0x82F63B78
MASK_DELTA = 0xA282EAD8
ALL_ONES = 0xFFFFFFFF

# Columns at each stage of folding: wide enough for NumPy, small enough for a level-2 cache.
COLUMNS = (16384, 512, 32, 1)

# Below this many bytes a plain loop is faster than setting up the arrays.
SHORT = 2048


def checksum(data):
    """Return the CRC-32C of `data` (bytes, or a C-contiguous array) as an int."""
    if isinstance(data, numpy.ndarray):
        data = data.reshape(-1).view(numpy.uint8)
    else:
        data = numpy.frombuffer(data, numpy.uint8) if len(data) else numpy.zeros(0, numpy.uint8)
    if data.size < SHORT:
        return _register(data.tolist(), ALL_ONES) ^ ALL_ONES
    return _long(data) ^ ALL_ONES


def masked(data):
    """Return the checksum of `data` in the form that checkpoints store."""
    crc = checksum(data)
    return (((crc >> 15) | (crc << 17)) + MASK_DELTA) & ALL_ONES


def _register(octets, register):
    for octet in octets:
        register = BYTES[(register ^ octet) & 0xFF] ^ (register >> 8)
    return register


def _byte_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


BYTES = _byte_table()


def _long(data):
    # Starting from all ones is starting from zero with the first four bytes inverted; and from
    # zero, zeros in front change nothing, so they fill the first row.
    whole = data.size // 4 * 4
    words = data[:whole].view("<u4")
    inverted = ALL_ONES
    for columns in COLUMNS:
        words = _folded(words, columns, inverted)
        inverted = 0
    register = int(_moved(words, _tables(1))[0])
    return _register(data[whole:].tolist(), register)


def _folded(words, columns, inverted):
    """Fold `words` into one row that leaves the same register.

    Args:
        words: uint32 [any].
        columns: Words in the row.
        inverted: Bits of the first word to invert before.
    """
    head = words.size % columns or min(columns, words.size)
    row = numpy.zeros(columns, numpy.uint32)
    row[columns - head :] = words[:head]
    row[columns - head] ^= numpy.uint32(inverted)
    tables = _tables(columns)
    for start in range(head, words.size, columns):
        row = _moved(row, tables)
        row ^= words[start : start + columns]
    return row


def _moved(row, tables):
    low, high = tables
    return low.take(row & 0xFFFF) ^ high.take(row >> 16)


_TABLES = {}


def _tables(words):
    """Return the two tables, by the register's halves, that move it on by `words` zero words."""
    if words not in _TABLES:
        images = _images(4 * words)
        _TABLES[words] = _span(images[:16]), _span(images[16:])
    return _TABLES[words]


def _images(count):
    """Return what `count` zero bytes, a power of two, make of each bit of the register."""
    images = [_register((0,), 1 << bit) for bit in range(32)]
    while count > 1:
        images = [_image(image, images) for image in images]
        count //= 2
    return images


def _image(register, images):
    result = 0
    for bit in range(32):
        if register >> bit & 1:
            result ^= images[bit]
    return result


def _span(images):
    """Return the xor of every subset of `images`, indexed by the subset's bits."""
    table = numpy.zeros(1, numpy.uint32)
    for image in images:
        table = numpy.concatenate((table, table ^ numpy.uint32(image)))
    return table
