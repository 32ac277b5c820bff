"""INDEX_SECTION: what each asset is called and which kind it is, in binary and as text.

Packed, the index is a count and that many records (`Record`). In a folder it is the file
INDEX__SECTION, a paragraph for each asset:

    Operator:     demo::ring::1.0
    ...
    Modified:     Thu Jan  1 00:00:00 2026

Houdini writes `Modified` in its own time zone and does not say which; here it is UTC, so that one
folder gives one library everywhere.
"""

import calendar
import re
import time
from collections import OrderedDict

from hda_library.binary import LARGEST_U32, Reader, string, u32
from hda_library.errors import LibraryError, native, quoted
from hda_library.sections import MOST_SECTIONS

# Version 5 is version 4 with the number of outputs, written when there is not exactly one.
ONE_OUTPUT, SEVERAL_OUTPUTS = 4, 5

# Eight strings, three numbers and three flags, with every string empty.
SMALLEST_RECORD = 63

# Where a text line's value begins.
VALUE_COLUMN = 14

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# The text's lines in order. Where License and User stand in a record is not known: both have
# always been empty, and a value in either is refused rather than dropped.
KEYS = (
    "Operator", "Label", "Path", "Icon", "Table", "License", "Extra", "User",
    "Inputs", "Outputs", "Subnet", "Python", "Empty", "Modified",
)  # fmt: skip
OPTIONAL_KEYS = ("Outputs",)
EMPTY_KEYS = ("License", "User")


class Record(object):
    """What the index says of one asset.

    Attributes:
        operator, label, path, icon, table, extra: bytes; `path` ends in the asset's table name.
        unused: Five bytes, two before the table and three after, in all files known empty.
        min_inputs, max_inputs, outputs: Numbers of connectors.
        modified: Seconds since 1970.
        subnet, empty, python: Flags: it has a network; it is a stand-in; it has PythonCook.
    """

    TEXTS = ("operator", "label", "path", "icon", "table", "extra")
    FLAGS = ("subnet", "empty", "python")

    def __init__(self, **values):
        self.outputs = 1
        self.unused = (b"",) * 5
        self.__dict__.update(values)

    @property
    def table_name(self):
        """The name of the asset's section, such as b"demo::Sop/ring::1.0"."""
        return self.path.rpartition(b"?")[2]


def read_index(data, base=0):
    """Take the binary index apart.

    Returns:
        List of Record.

    Raises:
        LibraryError: If it is damaged.
    """
    reader = Reader(data, base, "INDEX_SECTION")
    records = []
    count = reader.count("the number of records", SMALLEST_RECORD)
    if count > MOST_SECTIONS:
        raise reader.error("%d records are more than %d" % (count, MOST_SECTIONS), back=4)
    for number in range(count):
        reader.what = "INDEX_SECTION, record %d" % (number + 1)
        records.append(_read_record(reader))
    reader.what = "INDEX_SECTION"
    reader.expect_end()
    return records


def _read_record(reader):
    version = reader.u32("the version")
    if version not in (ONE_OUTPUT, SEVERAL_OUTPUTS):
        raise reader.error("the version is %d, which is neither 4 nor 5" % version, back=4)
    values = {}
    for name in ("operator", "label", "path", "icon"):
        values[name] = reader.string("the " + name)
    unused = [reader.string("an unused text") for _ in range(2)]
    values["table"] = reader.string("the table")
    unused += [reader.string("an unused text") for _ in range(3)]
    values["unused"] = tuple(unused)
    values["extra"] = reader.string("the extra text")
    for name in ("min_inputs", "max_inputs", "modified"):
        values[name] = reader.u32(name)
    for name in Record.FLAGS:
        values[name] = _read_flag(reader, name)
    if version == SEVERAL_OUTPUTS:
        values["outputs"] = reader.u32("the number of outputs")
    return Record(**values)


def _read_flag(reader, name):
    flag = reader.number("B", "the flag '%s'" % name)
    if flag > 1:
        raise reader.error("the flag '%s' is %d, which is neither 0 nor 1" % (name, flag), back=1)
    return bool(flag)


def index_records(data, base=0):
    """Read an index in either form; returns a list of Record."""
    if not is_text(data):
        return read_index(data, base)
    try:
        return text_to_index(data)
    except LibraryError as error:
        raise LibraryError("at offset %d (0x%x), INDEX_SECTION: %s" % (base, base, error))


def write_index(records):
    """Put the binary index together; the reverse of `read_index`."""
    return u32(len(records)) + b"".join(_write_record(record) for record in records)


def _write_record(record):
    several = record.outputs != 1
    parts = [u32(SEVERAL_OUTPUTS if several else ONE_OUTPUT)]
    parts += [string(text) for text in (record.operator, record.label, record.path, record.icon)]
    unused = [string(text) for text in record.unused]
    parts += unused[:2] + [string(record.table)] + unused[2:] + [string(record.extra)]
    parts += [u32(record.min_inputs), u32(record.max_inputs), u32(record.modified)]
    parts += [b"\1" if getattr(record, flag) else b"\0" for flag in Record.FLAGS]
    if several:
        parts.append(u32(record.outputs))
    return b"".join(parts)


def is_text(data):
    """Whether index bytes are the text form: text begins with a key, binary with a zero byte.

    No file is so large that its count of records would begin otherwise.
    """
    return not data or data[:1] > b"\0"


def index_to_text(records):
    """Spell records as INDEX__SECTION.

    Raises:
        LibraryError: If a text holds a line end, which the file has no way to write. Nor has it
            one for the unused texts.
    """
    return b"".join(_record_to_text(record) for record in records)


def _record_to_text(record):
    values = {name.capitalize(): getattr(record, name) for name in Record.TEXTS}
    values.update((name.capitalize(), _flag_text(getattr(record, name))) for name in Record.FLAGS)
    values["License"] = values["User"] = b""
    values["Inputs"] = ("%d to %d" % (record.min_inputs, record.max_inputs)).encode("ascii")
    values["Modified"] = date_text(record.modified).encode("ascii")
    if record.outputs != 1:
        values["Outputs"] = ("%d" % record.outputs).encode("ascii")
    for key, value in values.items():
        if b"\n" in value or b"\r" in value:
            raise LibraryError("%s holds a line end: %s" % (key, quoted(value)))
    lines = [_label(key) + values[key] for key in KEYS if key in values]
    return b"\n".join(lines) + b"\n\n"


def _label(key):
    return (key + ":").ljust(VALUE_COLUMN).encode("ascii")


def _flag_text(flag):
    return b"true" if flag else b"false"


def text_to_index(data):
    """Read INDEX__SECTION.

    Returns:
        List of Record.

    Raises:
        LibraryError: With the line, if it cannot be read.
    """
    records, lines = [], OrderedDict()
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            key, value = _read_line(line, number)
            if key in lines:
                raise LibraryError("line %d repeats '%s'" % (number, key))
            lines[key] = (value, number)
        elif lines:
            records.append(_text_to_record(lines, number))
            lines = OrderedDict()
    if lines:
        records.append(_text_to_record(lines, number))
    return records


def _read_line(line, number):
    key = native(line.partition(b":")[0])
    if key not in KEYS or b":" not in line:
        raise LibraryError("line %d is %s, which is no line of an index" % (number, quoted(line)))
    if line.endswith(b"\r"):
        raise LibraryError("line %d ends in CR LF; restore the file with LF line ends" % number)
    if line[len(key) + 1 : VALUE_COLUMN].strip():
        raise LibraryError("line %d has its value before column %d" % (number, VALUE_COLUMN + 1))
    value = line[VALUE_COLUMN:]
    if value and key in EMPTY_KEYS:
        raise LibraryError(
            "line %d gives '%s' a value, whose place in a library is not known" % (number, key)
        )
    return key, value


def _text_to_record(lines, end):
    for key in KEYS:
        if key not in lines and key not in OPTIONAL_KEYS:
            raise LibraryError("the paragraph that ends at line %d has no '%s'" % (end, key))
    values = {name: lines[name.capitalize()][0] for name in Record.TEXTS}
    for name in Record.FLAGS:
        values[name] = _matched(lines, name.capitalize(), b"(true)|false", "'true' or 'false'")[0]
        values[name] = values[name] is not None
    inputs = _matched(lines, "Inputs", b"([0-9]+) to ([0-9]+)", "such as '0 to 1'")
    values["min_inputs"], values["max_inputs"] = [_number(text, "Inputs") for text in inputs]
    if "Outputs" in lines:
        outputs = _matched(lines, "Outputs", b"([0-9]+)", "a number")
        values["outputs"] = _number(outputs[0], "Outputs")
    values["modified"] = _read_date(lines)
    return Record(**values)


def _matched(lines, key, pattern, expected):
    value, number = lines[key]
    match = re.match(b"(?:" + pattern + b")$", value)
    if not match:
        raise LibraryError(
            "line %d gives '%s' as %s, expected %s" % (number, key, quoted(value), expected)
        )
    return match.groups()


def _number(text, key):
    if len(text) > 10 or int(text) > LARGEST_U32:
        raise LibraryError("'%s' is %s, more than 32 bits hold" % (key, quoted(text)))
    return int(text)


def date_text(seconds):
    """A time as `Modified` has it: `Thu Jan  1 00:00:00 2026`, in UTC, in English everywhere."""
    year, month, day, hour, minute, second, weekday = time.gmtime(seconds)[:7]
    return "%s %s %2d %02d:%02d:%02d %d" % (
        WEEKDAYS[weekday], MONTHS[month - 1], day, hour, minute, second, year,
    )  # fmt: skip


def _read_date(lines):
    pattern = (
        b"(?:[A-Z][a-z]{2}) ([A-Z][a-z]{2}) ([ 0-9][0-9]) "
        b"([0-9]{2}):([0-9]{2}):([0-9]{2}) ([0-9]{4})"
    )
    expected = "such as 'Thu Jan  1 00:00:00 2026'"
    month, day, hour, minute, second, year = _matched(lines, "Modified", pattern, expected)
    value, number = lines["Modified"]
    if native(month) in MONTHS and 1970 <= int(year) <= 2106:
        numbers = [MONTHS.index(native(month)) + 1, day, hour, minute, second]
        date = (int(year),) + tuple(int(number) for number in numbers)
        seconds = calendar.timegm(date)
        if 0 <= seconds <= LARGEST_U32 and time.gmtime(seconds)[:6] == date:
            return seconds
    raise LibraryError("line %d is no time a library can hold: %s" % (number, quoted(value)))
