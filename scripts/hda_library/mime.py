"""Contents.mime: a network's members as one text file.

Each part is a member: text as it is, `.userdata` as JSON, other bytes in base64. The two members
that say which other assets are used lie beside it as files. Newer Houdinis also move what changes
at each save into three more files, so that differences stay small: when each node was made
(`Contents.createtimes`) and changed (`.modtimes`), and by which version (`.houdini_versions`).
"""

import base64
import binascii
import numbers
import re
from collections import OrderedDict

from hda_library.errors import LibraryError, quoted
from hda_library.options import (
    STRING,
    json_bytes,
    json_to_options,
    options_to_json,
    read_json,
    read_options,
    utf8,
    write_options,
)

MIME_FILE = b"Contents.mime"
CREATE_TIMES = b"Contents.createtimes"
CHANGE_TIMES = b"Contents.modtimes"
VERSIONS = b"Contents.houdini_versions"

# The same in every file that Houdini writes.
BOUNDARY = (
    b"HOUDINIMIMEBOUNDARY0xD3ADD339-0x00000F49-0x56B122C9-0x00000001HOUDINIMIMEBOUNDARY"
)
HEAD = b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="%s"\n'
HEAD_PATTERN = re.compile(
    br'MIME-Version: 1\.0\nContent-Type: multipart/mixed; boundary="([^"\n]+)"\n$'
)

PART = b'\nContent-Disposition: attachment; filename="%s"\nContent-Type: %s\n\n'
PART_PATTERN = re.compile(
    b'\nContent-Disposition: attachment; filename="([^"\n]*)"\nContent-Type: ([^\n]+)\n'
    b"(?:Content-Transfer-Encoding: ([^\n]+)\n)?\n"
)
TEXT, BYTES, BASE64 = b"text/plain", b"application/octet-stream", b"base64"
EXTERNAL = b"application/external-reference"

EXTERNAL_MEMBERS = (b".OPfallbacks", b".OPdummydefs")
USERDATA = b".userdata"

# Raw bytes on a line of base64, and what no such line holds.
BASE64_LINE = 128
NO_BASE64 = re.compile(br"[^A-Za-z0-9+/=\n]")

# A byte that no text has.
NO_TEXT = re.compile(br"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# When a node or box was made and changed, and what stands there when a file beside says it.
STAT_PATTERN = re.compile(br"^(\{\n  create )(-1|[0-9]+)(\n  modify )(-1|[0-9]+)(?=\n)", re.M)
ELSEWHERE = b"-1"
VERSION_KEY, VERSION_ELSEWHERE = b"___Version___", b"___EXTERNAL___"


def members_to_mime(members):
    """Spell members as Contents.mime.

    Args:
        members: List of (name, data).

    Returns:
        OrderedDict of file name -> bytes, Contents.mime first.

    Raises:
        LibraryError: If a name cannot be written in a MIME header.
    """
    texts, files = [HEAD % BOUNDARY], OrderedDict([(MIME_FILE, None)])
    for name, data in members:
        utf8(name)
        if re.search(b'["\n\r]', name):
            raise LibraryError("the member %s cannot be named in a MIME header" % quoted(name))
        texts.append(b"\n--" + BOUNDARY)
        if name in EXTERNAL_MEMBERS:
            texts.append(PART % (name, EXTERNAL) + name + b"\n")
            files[name] = data
        else:
            texts.append(_member_to_part(name, data))
    texts.append(b"\n--" + BOUNDARY + b"--\n")
    files[MIME_FILE] = b"".join(texts)
    return files


def _member_to_part(name, data):
    text = _as_text(name, data)
    if text is not None:
        return PART % (name, TEXT) + text
    lines = [data[at : at + BASE64_LINE] for at in range(0, len(data), BASE64_LINE)]
    body = b"".join(base64.b64encode(line) + b"\n" for line in lines)
    encoding = b"\nContent-Transfer-Encoding: " + BASE64 + b"\n\n"
    return PART[:-2] % (name, BYTES) + encoding + body


def _as_text(name, data):
    """The member as text, or None if it cannot be read back from text."""
    if name.endswith(USERDATA):
        try:
            text = options_to_json(read_options(data))
        except LibraryError:
            return None
        return text if write_options(json_to_options(text)) == data else None
    try:
        utf8(data)
    except LibraryError:
        return None
    is_text = not NO_TEXT.search(data) and b"\n--" + BOUNDARY not in b"\n" + data
    return data if is_text else None


def mime_to_members(read_file):
    """Read a contents folder.

    Args:
        read_file: Function of a file's name, bytes, that returns its bytes, or None if there is
            no such file.

    Returns:
        List of (name, data). What stands in files beside the MIME is put back in its place; a
        member whose own file is missing is left out, as Houdini does.

    Raises:
        LibraryError: With the part, if it cannot be read.
    """
    members = []
    mime = read_file(MIME_FILE)
    if mime is None:
        raise LibraryError("there is no such file")
    for number, part in enumerate(_split(mime), 1):
        match = PART_PATTERN.match(part)
        if not match:
            raise LibraryError("part %d has no headers that are known" % number)
        try:
            data = _part_to_member(match, part[match.end() :], read_file)
        except LibraryError as error:
            raise LibraryError("member %s: %s" % (quoted(match.group(1)), error))
        if data is not None:
            members.append((match.group(1), data))
    return _restored(members, read_file)


def _split(mime):
    head = mime.split(b"\n\n", 1)[0] + b"\n"
    match = HEAD_PATTERN.match(head)
    if not match:
        cause = "; its lines end in CR LF, restore it with LF" if b"\r\n" in head else ""
        raise LibraryError("it does not begin with its two headers" + cause)
    parts = mime.split(b"\n--" + match.group(1))
    if parts[0] != head or parts[-1] not in (b"--", b"--\n"):
        raise LibraryError("it does not end with its boundary; is it cut short?")
    return parts[1:-1]


def _part_to_member(match, body, read_file):
    name, kind, encoding = match.groups()
    if kind == EXTERNAL:
        return read_file(body.strip())
    if encoding == BASE64:
        return _from_base64(body)
    if encoding is not None or kind not in (TEXT, BYTES):
        what = quoted(kind), quoted(encoding or b"no encoding")
        raise LibraryError("%s in %s is not known" % what)
    if kind == TEXT and name.endswith(USERDATA):
        return write_options(json_to_options(body))
    return body


def _from_base64(body):
    if NO_BASE64.search(body):
        raise LibraryError("the base64 holds other characters")
    try:
        return b"".join(binascii.a2b_base64(line) for line in body.split(b"\n"))
    except binascii.Error as error:
        raise LibraryError("the base64 cannot be read: %s" % error)


def _restored(members, read_file):
    created = _table(read_file, CREATE_TIMES)
    changed = _table(read_file, CHANGE_TIMES)
    versions = _version_table(read_file)
    restored = []
    for name, data in members:
        data = _restored_times(data, created.get(name), changed.get(name))
        if name in versions:
            data = _restored_version(name, data, versions[name])
        restored.append((name, data))
    return restored


def _table(read_file, file_name):
    """A side file as {member: value}; empty if there is no such file."""
    data = read_file(file_name)
    if data is None:
        return {}
    try:
        return {json_bytes(key): value for key, value in read_json(data)}
    except LibraryError as error:
        raise LibraryError("%s: %s" % (quoted(file_name), error))


def _restored_times(data, created, changed):
    if created is None and changed is None:
        return data

    def put_back(match):
        start, create, middle, change = match.groups()
        return start + _time(create, created) + middle + _time(change, changed)

    return STAT_PATTERN.sub(put_back, data, count=1)


def _time(text, known):
    if text != ELSEWHERE or known is None:
        return text
    if not isinstance(known, numbers.Integral):
        raise LibraryError("a time in a file beside it is no number")
    return ("%d" % known).encode("ascii")


def _version_table(read_file):
    """Contents.houdini_versions as {member: version}."""
    table = _table(read_file, VERSIONS)
    indexes = table.get(b"indexes", [])
    try:
        values = dict(enumerate(table.get(b"values", [])))
        return {json_bytes(name): json_bytes(values[at]) for name, at in indexes}
    except (TypeError, ValueError, KeyError, AttributeError):
        raise LibraryError("%s is no list of versions and their members" % quoted(VERSIONS))


def _restored_version(name, data, version):
    options = read_options(data, what="the options in " + quoted(name))
    elsewhere = (VERSION_KEY, STRING, VERSION_ELSEWHERE)
    return write_options(
        (VERSION_KEY, STRING, version) if option == elsewhere else option for option in options
    )
