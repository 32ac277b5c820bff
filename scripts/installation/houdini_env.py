"""Our two lines in a houdini.env: put in, taken out, the rest untouched.

Houdini before 17.5 reads no package files, only this one. The lines stand between two marker
lines. The file is handled as bytes (Latin-1 maps each to one character and back), so whatever
encoding and line ends it has, it keeps. A UTF-8 byte-order mark, which Windows' Notepad writes,
stays where it is, and the first line is read without it.
"""

import codecs
import os
import re

BEGIN = "# >>> mlinference: written by install.py, taken out by install.py --uninstall"
# The last line had no end, so the end before ours is ours as well.
JOINED = " (with the line end above)"
END = "# <<< mlinference"

BLOCK = re.compile(
    r"^# >>> mlinference[^\r\n]*?(?P<joined> \(with the line end above\))?\r?\n"
    r"(?P<inside>(?:(?!# [<>]{3} mlinference)[^\n]*\n)*)"
    r"# <<< mlinference[^\r\n]*(?:\r?\n|\Z)",
    re.MULTILINE,
)
MARKER = re.compile(r"^# [<>]{3} mlinference", re.MULTILINE)


class Unusable(ValueError):
    """This houdini.env cannot be edited; the text says why.

    Attributes:
        remedy: What to change.
    """

    def __init__(self, text, remedy="Correct it by hand, then run install.py again."):
        super(Unusable, self).__init__(text)
        self.remedy = remedy


def with_lines(data, folder, separator=os.pathsep):
    """Return a houdini.env with our lines, at its end or where they already are.

    Args:
        data: The file's bytes, b"" for a file to be made.
        folder: The installed folder packages/mlinference, that holds otls and python2.7libs.
        separator: What stands between two folders of a path variable.

    Raises:
        Unusable: If our markers are not one pair, the file is UTF-16, or it cannot hold the
            folder's name.
    """
    for each in '"$;\r\n' + separator:
        if each in folder:
            raise Unusable(
                "It cannot hold a folder with %r in its name: '%s'." % (each, folder),
                "Give that folder another name, then run install.py again.",
            )
    mark, text, end = _decoded(data)
    block = _block(text)
    above = text[: block.start()] if block else text
    below = text[block.end() :] if block else ""
    kept = _not_ours(block, folder, data) if block else []
    if block:
        joined = bool(block.group("joined"))
        gap = ""
    else:
        joined = bool(above) and not above.endswith("\n")
        gap = end if joined else ""
    lines = _lines(above, _raw(folder, data), separator)
    written = [BEGIN + (JOINED if joined else "")] + lines + kept + [END]
    return (mark + above + gap + end.join(written) + end + below).encode("latin-1")


def without_lines(data, folder):
    """Return a houdini.env without our lines; what else was written between them stays.

    Raises:
        Unusable: As `with_lines`.
    """
    mark, text, end = _decoded(data)
    block = _block(text)
    if not block:
        return data
    above, below = text[: block.start()], text[block.end() :]
    kept = "".join(line + end for line in _not_ours(block, folder, data))
    if block.group("joined") and not kept + below:
        above = re.sub(r"\r?\n\Z", "", above)
    return (mark + above + kept + below).encode("latin-1")


def hidden_by(data):
    """Return the line below ours that sets HOUDINI_PATH without what it was, or None."""
    _, text, _ = _decoded(data)
    block = _block(text)
    for line in text[block.end() :].splitlines() if block else ():
        if (
            _sets("HOUDINI_PATH", line)
            and "$HOUDINI_PATH" not in line
            and "${HOUDINI_PATH" not in line
        ):
            return line.strip()
    return None


def _decoded(data):
    """Return the byte-order mark or "", the text behind it, and how its lines end."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise Unusable("It is UTF-16; only UTF-8 and the 8-bit encodings can be edited.")
    size = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    mark, text = data[:size].decode("latin-1"), data[size:].decode("latin-1")
    if "\r\n" in text:
        return mark, text, "\r\n"
    return mark, text, "\n" if "\n" in text else os.linesep


def _block(text):
    found = BLOCK.search(text)
    markers = len(MARKER.findall(text))
    if markers != (2 if found else 0):
        raise Unusable("It has %d of our marker lines, where one pair belongs." % markers)
    return found


def _lines(above, folder, separator):
    # With nothing above, '&' is what Houdini would search anyway.
    others = "$HOUDINI_PATH" if _sets("HOUDINI_PATH", above) else "&"
    return [
        'HOUDINI_PATH = "%s%s%s"' % (folder, separator, others),
        'PYTHONPATH = "%s/python2.7libs%s$PYTHONPATH"' % (folder, separator),
    ]


def _sets(variable, text):
    return re.search(r"(?m)^[ \t]*%s[ \t]*=" % variable, text)


# One of our lines, whichever folder it was written for: preferences are copied from one Houdini
# to the next, and the way to them may be spelled anew.
LINE = re.compile(
    r'(?:HOUDINI_PATH = "(?:[A-Za-z]:)?[^":;]*/packages/mlinference[:;](?:&|\$HOUDINI_PATH)"'
    r'|PYTHONPATH = "(?:[A-Za-z]:)?[^":;]*/packages/mlinference/python2.7libs[:;]\$PYTHONPATH")\s*$'
)


def _not_ours(block, folder, data):
    here = re.compile(r'(HOUDINI_PATH|PYTHONPATH) = "%s[/:;]' % re.escape(_raw(folder, data)))
    lines = block.group("inside").splitlines()
    return [line for line in lines if not LINE.match(line) and not here.match(line)]


def _raw(folder, data):
    """Return the folder's bytes, each as one character, as this file and this system spell it."""
    if os.name == "nt":
        folder = folder.replace("\\", "/")
    if not isinstance(folder, bytes):
        folder = folder.encode(
            _path_encoding(data), "replace" if os.name == "nt" else "surrogateescape"
        )
    return folder.decode("latin-1")


def _path_encoding(data):
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "mbcs" if os.name == "nt" else "utf-8"
    return "utf-8"
