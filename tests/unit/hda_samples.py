"""Libraries for tests, packed from the format's description alone, without the tool's writer."""

import gzip
import io
import struct

# 2026-01-01 00:00:00 UTC.
NEW_YEAR = 1767225600

DIALOG = b"# Dialog script for OP automatically generated\n\n{\n    name\tlamp\n}\n"
EMPTY_OPTIONS = b"\0\0\0\0"
CPIO_FIELDS = b"070707000001000000000666000000000000000001000000"


def u32(number):
    return struct.pack(">I", number)


def text(data):
    return u32(len(data)) + data


def container(entries):
    """A container of (name, data) or (name, data, time)."""
    table, blocks = b"", b""
    for entry in entries:
        name, data = entry[:2]
        time = entry[2] if len(entry) > 2 else NEW_YEAR
        table += text(name) + u32(len(blocks)) + u32(len(data)) + u32(time)
        blocks += data
    return b"INDX" + u32(0) * 2 + u32(len(entries)) + table + blocks


def record(operator=b"demo::lamp::1.0", table=b"Sop", label=b"Lamp", flags=b"\0\0\1", **values):
    """An index record; `outputs` makes it version 5."""
    name = table_name(operator, table)
    outputs = values.get("outputs")
    data = u32(4 if outputs is None else 5) + text(operator) + text(label)
    data += text(b"oplib:/" + name + b"?" + name) + text(values.get("icon", b"SOP_null"))
    data += text(b"") * 2 + text(table) + text(values.get("user", b"")) + text(b"") * 2
    data += text(values.get("extra", b""))
    data += u32(values.get("min_inputs", 0)) + u32(values.get("max_inputs", 1))
    data += u32(values.get("modified", NEW_YEAR)) + flags
    return data + (u32(outputs) if outputs is not None else b"")


def table_name(operator, table=b"Sop"):
    parts = operator.split(b"::")
    if len(parts) == 3:
        return parts[0] + b"::" + table + b"/" + parts[1] + b"::" + parts[2]
    return table + b"/" + operator


def index(*records):
    return u32(len(records)) + b"".join(records)


def library(assets, marker=True, index_data=None, index_time=NEW_YEAR):
    """A library of (record, asset's data)."""
    records = [each[0] for each in assets]
    entries = [(b"INDEX_SECTION", index_data or index(*records), index_time)]
    if marker:
        entries.append((b"houdini.hdalibrary", b"", index_time))
    for each, data in assets:
        path = each.partition(b"oplib:/")[2]
        entries.append((path[: path.index(b"?")], data))
    return container(entries)


def one_asset(sections, **values):
    """A library of one asset with these (name, data) sections."""
    return library([(record(**values), container(sections))])


def python_asset(extra=()):
    cook = (b"PythonCook", b"node = hou.pwd()\n")
    return container([(b"DialogScript", DIALOG), cook] + list(extra))


def member(name, data, time=NEW_YEAR):
    numbers = "%011o%06o%011o" % (time, len(name) + 1, len(data))
    return CPIO_FIELDS + numbers.encode("ascii") + name + b"\0" + data


def cpio(members, end_time=NEW_YEAR):
    """An archive of (name, data) or (name, data, time)."""
    return b"".join(member(*each) for each in members) + member(b"TRAILER!!!", b"", end_time)


def contents(members, level=6, end_time=NEW_YEAR):
    """A `Contents.gz` section, zipped by Python's own gzip module."""
    archive = cpio(members, end_time)
    stream = io.BytesIO()
    with gzip.GzipFile("", "wb", level, stream, mtime=0) as zipped:
        zipped.write(struct.pack("<I", len(archive)) + archive)
    data = stream.getvalue()
    # Flags, time, deflation and system as Houdini leaves them.
    return data[:3] + b"\0" * 6 + b"\xff" + data[10:]


def options(*triples):
    """An option stream of (key, tag, encoded value)."""
    data = u32(len(triples))
    for key, tag, value in triples:
        data += struct.pack(">H", len(key)) + key + u32(tag) + value
    return data


def short(data):
    return struct.pack(">H", len(data)) + data


def integers(*numbers):
    return struct.pack(">Q%dq" % len(numbers), len(numbers), *numbers)


VERSION = options((b"___Version___", 3, short(b"21.0.512")))

NETWORK = [
    (b".OPfallbacks", b"Sop/glow OPlibSop.hda\n"),
    (b".OPdummydefs", container([(b"INDEX_SECTION", index())])),
    (b"node_type", b"Sop\n"),
    (b"hdaroot.init", b"type = demo::lamp::1.0\nmatchesdef = 0\n"),
    (b"hdaroot.def", b"stat\n{\n  create 1767225600\n  modify 1767225601\n  author a@b\n}\nend\n"),
    (b"hdaroot.userdata", VERSION),
    (b"hdaroot/glow.init", b"type = glow\nmatchesdef = 0\n"),
    (b"hdaroot/glow.bytes", bytes(bytearray(range(256))) * 2),
    (b"hdaroot/glow.userdata", EMPTY_OPTIONS),
    (b"hdaroot.net", b"1\n"),
]  # fmt: skip


def network_asset():
    """A library of one asset that holds NETWORK."""
    return one_asset([(b"Contents.gz", contents(NETWORK))])
