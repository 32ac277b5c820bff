"""TensorFlow's V2 checkpoint files, the "tensor bundle", read and written with NumPy alone.

A bundle is `PREFIX.index` and `PREFIX.data-00000-of-00001` (more shards if the writer wanted).
The data files are the tensors' bytes, little-endian, one after the other. The index is a
LevelDB table:

    file      data block ...  metaindex block  index block  footer
    block     entry ...  restart offset (uint32) ...  number of restarts (uint32)
              then one byte of compression and the masked CRC-32C (uint32) of all before it
    entry     varint shared, varint unshared, varint length, key[shared:], value
    footer    varint offset, size (metaindex), varint offset, size (index), zeros to 40 bytes,
              magic (uint64)

Keys are variable names in byte order; "" has the BundleHeaderProto, the others a
BundleEntryProto each (tensorflow/core/protobuf/tensor_bundle.proto).
"""

import collections
import os
import stat
import struct

import numpy

from mlinference import _compat, crc32c, errors

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
TRAILER = 5

# The article's index has 350 bytes, a large language model's some hundred thousand.
LONGEST_INDEX = 64 * 1024 * 1024

# DataType of tensorflow/core/framework/types.proto: those that are read, and names of others.
FLOATS = {1: "float32", 2: "float64", 19: "float16"}
OTHERS = {3: "int32", 4: "uint8", 6: "int8", 7: "string", 9: "int64", 10: "bool", 14: "bfloat16"}

# How many keys share prefixes before one is written whole, and bytes in a block: LevelDB's own.
RESTART_INTERVAL = 16
BLOCK = 4096

Entry = collections.namedtuple("Entry", "dtype shape shard offset size crc sliced")


def index_path(prefix):
    """Return the path of the index of `prefix`."""
    return prefix + ".index"


def shard_path(prefix, shard=0, shards=1):
    """Return the path of data file number `shard` of `shards`."""
    return "%s.data-%05d-of-%05d" % (prefix, shard, shards)


class Bundle(object):
    """The index of one checkpoint, and the way to its tensors.

    Attributes:
        prefix: Path without ".index".
        entries: OrderedDict of key (str) to Entry.
        shards: Number of data files.
    """

    def __init__(self, prefix):
        """Read and verify the index.

        Raises:
            errors.CheckpointError: In one of its kinds.
        """
        self.prefix = prefix
        data = _contents(index_path(prefix), prefix)
        try:
            items = _items(data)
            self.shards = _shards(items.pop(b"", b""))
            # Keys with a zero in front are the slices of a variable, which has its own entry.
            self.entries = collections.OrderedDict(
                (_compat.native(key), _entry(value))
                for key, value in items.items()
                if not key.startswith(b"\0")
            )
        except _Malformed as malformed:
            raise errors.CheckpointDamaged(path=prefix, reason="Its index %s." % malformed)
        except _Unsupported as unsupported:
            raise errors.CheckpointFormat(path=prefix, reason=unsupported)

    def read(self, keys):
        """Read and verify tensors.

        Returns:
            Dict of key to array, in the stored shape and dtype, not writable.

        Raises:
            errors.CheckpointError: In one of its kinds.
        """
        for key in keys:
            self._check_kind(key)
        tensors = {}
        for shard in sorted({self.entries[key].shard for key in keys}):
            here = [key for key in keys if self.entries[key].shard == shard]
            tensors.update(self._read_shard(shard, here))
        return tensors

    def _check_kind(self, key):
        entry = self.entries[key]
        reason = None
        if entry.dtype not in FLOATS:
            kind = OTHERS.get(entry.dtype, "data type %d" % entry.dtype)
            reason = "'%s' is %s; float32, float64 and float16 are read." % (key, kind)
        elif entry.sliced:
            reason = "'%s' is stored in slices (a partitioned variable)." % key
        if reason:
            raise errors.CheckpointFormat(path=self.prefix, reason=reason)
        count = 1
        for size in entry.shape:
            count *= size
        if count * numpy.dtype(FLOATS[entry.dtype]).itemsize != entry.size:
            reason = "'%s' has %d bytes, which is not its shape." % (key, entry.size)
            raise errors.CheckpointDamaged(path=self.prefix, reason=reason)

    def _read_shard(self, shard, keys):
        path = shard_path(self.prefix, shard, self.shards)
        with _opened(path, self.prefix) as stream:
            try:
                size = os.fstat(stream.fileno()).st_size
                end = max(self.entries[key].offset + self.entries[key].size for key in keys)
                if end > size:
                    raise _cut(self.prefix, path, size, end)
                return {key: self._tensor(stream, path, key) for key in keys}
            except EnvironmentError as error:
                raise _unreadable(self.prefix, error)

    def _tensor(self, stream, path, key):
        entry = self.entries[key]
        stream.seek(entry.offset)
        data = stream.read(entry.size)
        if len(data) != entry.size:
            raise _cut(self.prefix, path, entry.offset + len(data), entry.offset + entry.size)
        if crc32c.masked(data) != entry.crc:
            reason = "The checksum of '%s' does not agree." % key
            raise errors.CheckpointDamaged(path=self.prefix, reason=reason)
        dtype = numpy.dtype(FLOATS[entry.dtype]).newbyteorder("<")
        return numpy.frombuffer(data, dtype).reshape(entry.shape)


# -- Files ------------------------------------------------------------------------------------


def _contents(path, prefix):
    with _opened(path, prefix) as stream:
        try:
            size = os.fstat(stream.fileno()).st_size
            if size > LONGEST_INDEX:
                reason = "'%s' has %d bytes, too many for an index." % (
                    os.path.basename(path),
                    size,
                )
                raise errors.CheckpointDamaged(path=prefix, reason=reason)
            return stream.read(LONGEST_INDEX)
        except EnvironmentError as error:
            raise _unreadable(prefix, error)


def _opened(path, prefix):
    name = os.path.basename(path)
    try:
        # Asked first: opening a pipe would wait for a writer that may never come.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise errors.CheckpointUnreadable(path=prefix, reason="'%s' is not a file." % name)
        return open(path, "rb")
    except EnvironmentError as error:
        if not os.path.exists(path):
            reason = "'%s' is missing." % name
            raise errors.CheckpointDamaged(path=prefix, reason=reason)
        raise _unreadable(prefix, error)


def _unreadable(prefix, error):
    return errors.CheckpointUnreadable(path=prefix, reason=error.strerror or error)


def _cut(prefix, path, size, end):
    reason = "'%s' has %d bytes, its index says %d." % (os.path.basename(path), size, end)
    return errors.CheckpointDamaged(path=prefix, reason=reason)


# -- The table --------------------------------------------------------------------------------


class _Malformed(Exception):
    """The bytes are not what the format says; the text completes "Its index ..."."""


class _Unsupported(Exception):
    """The bytes are in order, but say something that is not read here; a sentence."""


def _items(data):
    """Return every key and value of a table, OrderedDict of bytes to bytes."""
    if len(data) < FOOTER:
        raise _Malformed("has %d bytes, fewer than any index" % len(data))
    footer = data[-FOOTER:]
    if struct.unpack("<Q", footer[40:])[0] != MAGIC:
        raise _Malformed("does not end as an index does")
    meta_offset, position = _varint(footer, 0)
    meta_size, position = _varint(footer, position)
    offset, position = _varint(footer, position)
    size, position = _varint(footer, position)
    if footer[position:40].strip(b"\0"):
        raise _Malformed("has a broken footer")
    _pairs(_block(data, meta_offset, meta_size))
    items = collections.OrderedDict()
    for _, handle in _pairs(_block(data, offset, size)):
        block_offset, position = _varint(handle, 0)
        block_size, position = _varint(handle, position)
        items.update(_pairs(_block(data, block_offset, block_size)))
    return items


def _block(data, offset, size):
    end = offset + size + TRAILER
    if end > len(data) - FOOTER:
        raise _Malformed("points behind its own end")
    stored = struct.unpack("<I", data[end - 4 : end])[0]
    if crc32c.masked(data[offset : end - 4]) != stored:
        raise _Malformed("fails its checksum")
    compression = ord(data[end - 5 : end - 4])
    if compression:
        kind = "Snappy" if compression == 1 else "method %d" % compression
        raise _Unsupported("Its index is compressed with %s." % kind)
    return data[offset : offset + size]


def _pairs(block):
    """Return the keys and values of one block, keys made whole, a list of pairs."""
    if len(block) < 4:
        raise _Malformed("has an empty block")
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    if end < 0:
        raise _Malformed("has too many restarts")
    pairs = []
    key = b""
    position = letters = 0
    while position < end:
        shared, position = _varint(block, position)
        unshared, position = _varint(block, position)
        length, position = _varint(block, position)
        if shared > len(key) or position + unshared + length > end:
            raise _Malformed("has an entry that runs over its block")
        key = key[:shared] + block[position : position + unshared]
        letters += len(key)
        if letters > LONGEST_INDEX:
            raise _Malformed("has names of more letters than an index has")
        position += unshared
        pairs.append((key, block[position : position + length]))
        position += length
    return pairs


def _varint(data, position):
    """Return (the number at `position`, the position after it)."""
    value = 0
    for shift in range(0, 70, 7):
        octet = data[position : position + 1]
        if not octet:
            break
        position += 1
        value |= (ord(octet) & 0x7F) << shift
        if not ord(octet) & 0x80:
            return value, position
    raise _Malformed("has a number without an end")


# -- The messages in it -----------------------------------------------------------------------


def _fields(data):
    """Return the fields of a protocol buffer message, a list of (number, value).

    Varint values are int, the others bytes.
    """
    fields = []
    position = 0
    while position < len(data):
        tag, position = _varint(data, position)
        kind = tag & 7
        if kind == 0:
            value, position = _varint(data, position)
        else:
            if kind == 2:
                length, position = _varint(data, position)
            elif kind in (1, 5):
                length = 8 if kind == 1 else 4
            else:
                raise _Malformed("has a field of unknown kind")
            value = data[position : position + length]
            position += length
            if len(value) != length:
                raise _Malformed("has a field that runs over its message")
        fields.append((tag >> 3, value))
    return fields


def _number(fields, name):
    value = fields.get(name, 0)
    if isinstance(value, bytes):
        raise _Malformed("has text where a number belongs")
    return value


def _text(value):
    if not isinstance(value, bytes):
        raise _Malformed("has a number where a message belongs")
    return value


def _shards(header):
    """Return the number of data files that a BundleHeaderProto tells."""
    if not header:
        raise _Malformed("has no header")
    fields = dict(_fields(header))
    if _number(fields, 2):
        raise _Unsupported("Its numbers are big-endian.")
    return _number(fields, 1)


def _entry(value):
    """Return what a BundleEntryProto tells, an Entry."""
    repeated = _fields(value)
    fields = dict(repeated)
    crc = _text(fields.get(6, b"\0\0\0\0"))
    if len(crc) != 4:
        raise _Malformed("has a checksum of wrong length")
    return Entry(
        dtype=_number(fields, 1),
        shape=_shape(_text(fields.get(2, b""))),
        shard=_number(fields, 3),
        offset=_number(fields, 4),
        size=_number(fields, 5),
        crc=struct.unpack("<I", crc)[0],
        sliced=7 in fields,
    )


def _shape(value):
    dimensions = [_text(dimension) for number, dimension in _fields(value) if number == 2]
    return tuple(_number(dict(_fields(dimension)), 1) for dimension in dimensions)


# -- Writing ----------------------------------------------------------------------------------


def encoded(variables, block=BLOCK):
    """Return the two files of a checkpoint as bytes.

    Args:
        variables: Mapping of name to array of float32, float64 or float16.
        block: Bytes after which a new block of the index begins.

    Returns:
        (index, data).
    """
    numbers = {name: number for number, name in FLOATS.items()}
    items = [(b"", HEADER)]
    data = []
    offset = 0
    for key, name in sorted((name.encode("utf-8"), name) for name in variables):
        array = numpy.asarray(variables[name])
        tensor = _compat.packed(array.astype(array.dtype.newbyteorder("<")))
        shape = b"".join(_field(2, _field(1, size)) for size in array.shape)
        items.append(
            (
                key,
                b"".join(
                    (
                        _field(1, numbers[array.dtype.name]),
                        _field(2, shape),
                        _field(4, offset),
                        _field(5, len(tensor)),
                        _encoded_varint(6 << 3 | 5) + struct.pack("<I", crc32c.masked(tensor)),
                    )
                ),
            )
        )
        data.append(tensor)
        offset += len(tensor)
    return _encoded_table(items, block), b"".join(data)


def _field(number, value):
    if isinstance(value, bytes):
        return _encoded_varint(number << 3 | 2) + _encoded_varint(len(value)) + value
    return _encoded_varint(number << 3) + _encoded_varint(value) if value else b""


def _encoded_varint(value):
    octets = bytearray()
    while value >= 0x80:
        octets.append(value & 0x7F | 0x80)
        value >>= 7
    octets.append(value)
    return bytes(octets)


# One shard, written to version 1 of the bundle.
HEADER = _field(1, 1) + _field(3, _field(1, 1))


def _encoded_table(items, block):
    parts = []
    handles = []
    offset = 0
    for group in _groups(items, block):
        sealed = _sealed(_encoded_block(group))
        handles.append((group[-1][0], _handle(offset, sealed)))
        parts.append(sealed)
        offset += len(sealed)
    meta = _sealed(_encoded_block([]))
    index = _sealed(_encoded_block(handles))
    footer = _handle(offset, meta) + _handle(offset + len(meta), index)
    return b"".join(parts + [meta, index, footer.ljust(40, b"\0"), struct.pack("<Q", MAGIC)])


def _groups(items, block):
    groups = [[]]
    size = 0
    for key, value in items:
        if size >= block:
            groups.append([])
            size = 0
        groups[-1].append((key, value))
        size += len(key) + len(value)
    return groups


def _encoded_block(pairs):
    parts = []
    restarts = [0]
    size = 0
    previous = b""
    for number, (key, value) in enumerate(pairs):
        shared = len(os.path.commonprefix((previous, key)))
        if number % RESTART_INTERVAL == 0:
            shared = 0
            restarts[number // RESTART_INTERVAL :] = [size]
        lengths = (shared, len(key) - shared, len(value))
        parts.append(b"".join(map(_encoded_varint, lengths)) + key[shared:] + value)
        size += len(parts[-1])
        previous = key
    parts.append(struct.pack("<%dI" % (len(restarts) + 1), *(restarts + [len(restarts)])))
    return b"".join(parts)


def _sealed(block):
    return block + b"\0" + struct.pack("<I", crc32c.masked(block + b"\0"))


def _handle(offset, sealed):
    return _encoded_varint(offset) + _encoded_varint(len(sealed) - TRAILER)
