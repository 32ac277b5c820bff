"""Option streams: typed settings, packed as binary and in folders as JSON.

    u32 count
    count x { u16 length, key, u32 tag, value }
    tag 1   bool      u32, 0 or 1
    tag 3   string    u16 length, bytes
    tag 13  intarray  u64 count, that many i64

`ExtraFileOptions`, `InternalFileOptions` and every `.userdata` of a network are such streams. The
JSON keeps the order of the keys and Houdini's own layout, tabs and all.
"""

import json
import numbers
import re
import struct

from hda_library.binary import Reader, u32
from hda_library.errors import LibraryError, quoted

BOOL, STRING, INTARRAY = 1, 3, 13
TYPES = {"bool": BOOL, "string": STRING, "intarray": INTARRAY}
TYPE_NAMES = {tag: name for name, tag in TYPES.items()}

# An option with an empty key: the key's length, the tag, the smallest value.
SMALLEST_OPTION = 8

# Real streams take a few KiB. What is larger than this stays bytes: as text, and as Python objects
# on the way there, it would be many times larger still.
LARGEST_STREAM, LARGEST_JSON = 1 << 20, 16 << 20

# Half a surrogate pair in UTF-8, in which it has no place.
SURROGATE = re.compile(b"\xed[\xa0-\xbf]")

# No 64-bit number is longer; a number without end would take a Python minutes to read.
LONGEST_NUMBER = 20


def read_options(data, base=0, what="the options"):
    """Take a stream apart.

    Returns:
        List of (key bytes, tag, value), the value a bool, bytes, or a list of int.

    Raises:
        LibraryError: If it is no option stream, or too large for one.
    """
    reader = Reader(data, base, what)
    if len(data) > LARGEST_STREAM:
        raise reader.error("%d bytes are more than %d" % (len(data), LARGEST_STREAM))
    options = []
    for _ in range(reader.count("the number of options", SMALLEST_OPTION)):
        key = reader.bytes(reader.number(">H", "a key's length"), "a key")
        tag = reader.u32("a tag")
        if tag not in TYPE_NAMES:
            raise reader.error("option %s has the unknown tag %d" % (quoted(key), tag), back=4)
        options.append((key, tag, _VALUE_READERS[tag](reader)))
    reader.expect_end()
    return options


def _read_bool(reader):
    value = reader.u32("a bool")
    if value > 1:
        raise reader.error("a bool is %d" % value, back=4)
    return bool(value)


def _read_string(reader):
    return reader.bytes(reader.number(">H", "a text's length"), "a text")


def _read_integers(reader):
    count = reader.number(">Q", "a count of integers")
    data = reader.bytes(8 * count, "%d integers" % count)
    return list(struct.unpack(">%dq" % count, data))


_VALUE_READERS = {BOOL: _read_bool, STRING: _read_string, INTARRAY: _read_integers}


def write_options(options):
    """Put a stream together; the reverse of `read_options`."""
    parts = [_write_option(*option) for option in options]
    return u32(len(parts)) + b"".join(parts)


def _write_option(key, tag, value):
    head = _short_string(key) + u32(tag)
    if tag == BOOL:
        return head + u32(int(value))
    if tag == STRING:
        return head + _short_string(value)
    return head + struct.pack(">Q%dq" % len(value), len(value), *value)


def _short_string(data):
    if len(data) > 0xFFFF:
        raise LibraryError("%s is longer than the 65535 bytes an option can hold" % quoted(data))
    return struct.pack(">H", len(data)) + data


def options_to_json(options):
    """Spell options as Houdini's JSON.

    Raises:
        LibraryError: If a text is not UTF-8, which JSON has no way to write.
    """
    if not options:
        return b"{\n}\n"
    return b"{\n" + b",\n".join(_option_to_json(*option) for option in options) + b"\n}\n"


def _option_to_json(key, tag, value):
    if tag == STRING:
        spelt = json_string(value)
    elif tag == BOOL:
        spelt = b"true" if value else b"false"
    else:
        spelt = ("[%s]" % ",".join("%d" % number for number in value)).encode("ascii")
    return b'\t%s:{\n\t\t"type":"%s",\n\t\t"value":%s\n\t}' % (
        json_string(key), TYPE_NAMES[tag].encode("ascii"), spelt,
    )  # fmt: skip


def json_string(data):
    """UTF-8 bytes as a JSON string."""
    return json.dumps(utf8(data), ensure_ascii=False).encode("utf-8")


def utf8(data):
    """Decode UTF-8; halves of surrogate pairs are none, though Python 2 takes them."""
    try:
        if SURROGATE.search(data):
            raise LibraryError("%s is not UTF-8" % quoted(data))
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise LibraryError("%s is not UTF-8" % quoted(data))


def json_to_options(data):
    """Read Houdini's JSON; the reverse of `options_to_json`.

    Raises:
        LibraryError: If it is no JSON, or not of this form.
    """
    return [_json_to_option(key, value) for key, value in read_json(data)]


def read_json(data):
    """Read a JSON object.

    Returns:
        List of (text, value) in order, an object within being such a list again.

    Raises:
        LibraryError: If it is no JSON or no object.
    """
    if len(data) > LARGEST_JSON:
        raise LibraryError("%d bytes of JSON are more than %d" % (len(data), LARGEST_JSON))
    try:
        pairs = json.loads(utf8(data), object_pairs_hook=_Pairs, parse_int=read_integer)
    except LibraryError:
        raise
    except (ValueError, RuntimeError) as error:  # RuntimeError: nested beyond Python's stack.
        raise LibraryError("the JSON cannot be read: %s" % error)
    if not isinstance(pairs, _Pairs):
        raise LibraryError("the JSON is no object")
    return pairs


class _Pairs(list):
    """A JSON object, told apart from a JSON array."""


def read_integer(digits):
    """A JSON number, for json's `parse_int`."""
    if len(digits) > LONGEST_NUMBER:
        raise LibraryError("the JSON holds a number of %d digits" % len(digits))
    return int(digits)


def _json_to_option(key, value):
    name = json_bytes(key)
    if not isinstance(value, _Pairs) or sorted(key for key, _ in value) != ["type", "value"]:
        raise LibraryError("option %s is no object of 'type' and 'value'" % quoted(name))
    fields = dict(value)
    kind = fields["type"]
    tag = TYPES.get(kind) if not isinstance(kind, (list, dict)) else None
    if tag is None or not _fits(tag, fields["value"]):
        raise LibraryError(
            "option %s is not a bool, string or intarray with a value to match" % quoted(name)
        )
    return name, tag, json_bytes(fields["value"]) if tag == STRING else fields["value"]


def _fits(tag, value):
    if tag == BOOL:
        return isinstance(value, bool)
    if tag == STRING:
        return isinstance(value, type(u""))
    return type(value) is list and all(_is_i64(number) for number in value)


def _is_i64(number):
    is_integer = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    return is_integer and -(2**63) <= number < 2**63


def json_bytes(text):
    """A text that JSON held, as UTF-8 bytes."""
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        data = None
    if data is None or SURROGATE.search(data):
        raise LibraryError("the JSON holds half a surrogate pair")
    return data
