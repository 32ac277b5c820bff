"""The side file: what a library says and its text form does not.

`.hda_lossless.json` lies at the top of a folder, is not named in Sections.list, and is missing when
there is nothing to say. It maps a file of the folder to what differs from the expected:

    time        the section's time, if it is not the asset's `Modified`
    name        the section's name in hexadecimal, if Sections.list cannot write it
    raw         true: the file is the section as it is, though it looks like a text form
    cpio_times  a network's member -> its time, "" standing for all others
    gzip        the zipped network in base64, if zipping the members gives other bytes

A note that no longer fits (the text was edited) is passed over; a new text wins.
"""

import base64
import binascii
import json
import numbers

from hda_library.binary import LARGEST_U32
from hda_library.contents import LATEST_TIME
from hda_library.errors import PYTHON_2, LibraryError
from hda_library.options import read_integer, utf8

NOTES_FILE = ".hda_lossless.json"
FORMAT = 1


class Note(object):
    """What is said of one file; None or False where there is nothing to say."""

    def __init__(self, time=None, name=None, raw=False, cpio_times=None, gzip=None):
        self.time = time
        self.name = name
        self.raw = raw
        self.cpio_times = cpio_times
        self.gzip = gzip

    def fields(self):
        """The note as JSON has it."""
        fields = {}
        if self.time is not None:
            fields["time"] = self.time
        if self.name is not None:
            fields["name"] = binascii.hexlify(self.name).decode("ascii")
        if self.raw:
            fields["raw"] = True
        if self.cpio_times is not None:
            fields["cpio_times"] = self.cpio_times
        if self.gzip is not None:
            fields["gzip"] = base64.b64encode(self.gzip).decode("ascii")
        return fields


def write_notes(notes):
    """The side file for {path: Note}, or None when no note says anything."""
    files = {_text(path): note.fields() for path, note in notes.items() if note.fields()}
    if not files:
        return None
    document = {"format": FORMAT, "files": files}
    text = json.dumps(document, indent=1, sort_keys=True, separators=(",", ": "))
    return text.encode("ascii") + b"\n"


def _text(path):
    return path.decode("utf-8") if PYTHON_2 else path


def read_notes(data):
    """Read the side file.

    Args:
        data: Its bytes, or None if there is none.

    Returns:
        Dict of path, str -> Note.

    Raises:
        LibraryError: If it is damaged.
    """
    if data is None:
        return {}
    try:
        document = json.loads(utf8(data), parse_int=read_integer)
        if document["format"] != FORMAT:
            raise LibraryError("its format is not %d" % FORMAT)
        return {_native(path): _note(fields) for path, fields in document["files"].items()}
    except LibraryError as error:
        raise LibraryError("'%s': %s" % (NOTES_FILE, error))
    except (ValueError, TypeError, KeyError, AttributeError, RuntimeError):
        raise LibraryError(
            "'%s' is damaged; what Sections.list names can do without it" % NOTES_FILE
        )


def _native(path):
    return path.encode("utf-8") if PYTHON_2 else path


def _note(fields):
    cpio_times = fields.get("cpio_times")
    if cpio_times is not None:
        cpio_times = {name: _seconds(time, LATEST_TIME) for name, time in cpio_times.items()}
    return Note(
        time=_seconds(fields["time"], LARGEST_U32) if "time" in fields else None,
        name=binascii.unhexlify(fields["name"].encode("ascii")) if "name" in fields else None,
        raw=fields.get("raw") is True,
        cpio_times=cpio_times,
        gzip=base64.b64decode(fields["gzip"].encode("ascii")) if "gzip" in fields else None,
    )


def _seconds(number, largest):
    is_integer = isinstance(number, numbers.Integral) and not isinstance(number, bool)
    if not is_integer or not 0 <= number <= largest:
        raise LibraryError("%r is no time" % (number,))
    return number
