"""Answers about many pictures as a table: CSV or JSON lines, whole or still being written.

A row says which picture and which model it is of, so that a run that was broken off goes on
where it was, and only pictures that have changed are read again. All numbers are rounded to
what the table shows: a row read back is the row that was written.
"""

from __future__ import division

import collections
import csv
import hashlib
import io
import json
import os

from mlinference import _compat, errors

# Column, and what kind of value it has.
COLUMNS = collections.OrderedDict(
    (
        ("file", "text"),
        ("answer", "integer"),  # the class, -1 when nothing is drawn; none after an error
        ("label", "text"),
        ("confidence", "number"),
        ("margin", "number"),
        ("runnerup", "integer"),
        ("probabilities", "numbers"),
        ("warning", "text"),
        ("error", "text"),
        ("picture", "text"),  # fingerprint of the file's bytes
        ("model", "text"),  # fingerprint of the checkpoint and all settings
    )
)

CSV, JSON_LINES = "csv", "jsonl"
FORMS = (CSV, JSON_LINES)
ENDINGS = {".csv": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES, ".json": JSON_LINES}

# Digits after the point; both engines agree in the first four at least.
DIGITS = 6

Row = collections.namedtuple("Row", list(COLUMNS))


def form_of(path):
    """Return the form that a file's ending asks for, or None."""
    return ENDINGS.get(os.path.splitext(path)[1].lower())


def fingerprint(*parts):
    """Return 12 hexadecimal digits that are equal for equal bytes."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


def row(path, found, cautions, picture, model):
    """Return the row of an answer.Answer."""
    return Row(
        _compat.text(path),
        found.index,
        _compat.text(found.label),
        round(found.confidence, DIGITS),
        round(found.margin, DIGITS),
        found.runner_up,
        [round(value, DIGITS) for value in found.probabilities],
        _compat.text(" / ".join(_in_one_line(caution) for caution in cautions)),
        "",
        picture,
        model,
    )


def failure(path, error, model):
    """Return the row of a picture that could not be read."""
    text = _compat.text(_in_one_line(error))
    return Row(_compat.text(path), None, "", None, None, None, [], "", text, "", model)


def _in_one_line(message):
    return str(message).replace("\n", " ")


# -- Tables -----------------------------------------------------------------------------------


def encoded(rows, form):
    """Return the bytes of a table; rows in the order of their files, whatever theirs is."""
    ordered = sorted(rows, key=lambda each: each.file)
    if form == CSV:
        lines = [u",".join(COLUMNS)] + [_as_csv(each) for each in ordered]
    else:
        lines = [_as_json(each) for each in ordered]
    return u"".join(line + u"\n" for line in lines).encode("utf-8")


def decoded(data, form):
    """Return the rows of a table's bytes.

    Raises:
        ValueError: If it is none of ours.
    """
    lines = _compat.native(data).split("\n")
    # Other programs' files need not end with a line's end; their last line counts as well.
    lines = [line + "\n" for line in (lines if lines[-1] else lines[:-1])]
    if form == JSON_LINES:
        return [_from_json(line) for line in lines]
    cells = list(csv.reader(lines))
    if not cells or cells[0] != list(COLUMNS):
        raise ValueError("Its first line does not name our columns.")
    return [_from_csv(each) for each in cells[1:]]


def _as_csv(each):
    return u",".join(_cell(value, kind) for value, kind in zip(each, COLUMNS.values()))


def _cell(value, kind):
    if value is None:
        return u""
    if kind == "numbers":
        return u" ".join(_cell(number, "number") for number in value)
    if kind == "number":
        return u"%.*f" % (DIGITS, value)
    text = u"%s" % (value,)
    if any(letter in text for letter in u',"\r\n'):
        text = u'"%s"' % text.replace(u'"', u'""')
    return text


def _from_csv(cells):
    if len(cells) != len(COLUMNS):
        raise ValueError("One of its lines has %d cells, not %d." % (len(cells), len(COLUMNS)))
    return Row(*[_value(text, kind) for text, kind in zip(cells, COLUMNS.values())])


def _value(text, kind):
    if kind == "text":
        return _compat.text(text)
    if kind == "numbers":
        return [float(number) for number in text.split()]
    if not text:
        return None
    return int(text) if kind == "integer" else float(text)


def _as_json(each):
    return _compat.text(json.dumps(collections.OrderedDict(zip(COLUMNS, each))))


def _from_json(line):
    values = json.loads(line)
    if not isinstance(values, dict) or set(values) != set(COLUMNS):
        raise ValueError("One of its lines is not a JSON object with our columns.")
    return Row(*[values[name] for name in COLUMNS])


# -- Files ------------------------------------------------------------------------------------


def read(path):
    """Return the rows of a file, [] if there is none.

    Raises:
        errors.ResultsForeign: If it is not a table of ours.
    """
    if not os.path.exists(path):
        return []
    try:
        with io.open(path, "rb") as stream:
            return decoded(stream.read(), form_of(path))
    except (EnvironmentError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise errors.ResultsForeign(file=path, reason=reason)


def write(path, rows):
    """Write a table, whole or not at all.

    Raises:
        errors.OutputUnwritable: If that fails; what was there before is unchanged.
    """
    temporary = "%s.%d.tmp" % (path, os.getpid())
    try:
        try:
            with io.open(temporary, "wb") as stream:
                stream.write(encoded(rows, form_of(path)))
            _compat.settle(temporary)
            _compat.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.remove(temporary)
    except EnvironmentError as error:
        raise errors.OutputUnwritable(file=path, reason=error.strerror or error)


def shard_path(path, number, count):
    """Return where shard `number` of `count` writes: "a.csv" is "a.2of4.csv"."""
    stem, ending = os.path.splitext(path)
    return "%s.%dof%d%s" % (stem, number, count, ending)


class Journal(object):
    """The rows of a run that is not at its end, one line each, as they come.

    Args:
        path: Of the table that it will become; the journal lies beside it, as "PATH.partial".
    """

    def __init__(self, path):
        self.path = path + ".partial"

    def rows(self):
        """Return the rows that are whole; a process that was killed leaves half a line."""
        found = []
        try:
            with io.open(self.path, "rb") as stream:
                lines = _compat.native(stream.read()).split("\n")[:-1]
        except EnvironmentError:
            return found
        for line in lines:
            try:
                found.append(_from_json(line))
            except ValueError:
                continue
        return found

    def start(self):
        """Be ready to append.

        Raises:
            errors.OutputUnwritable: If there can be no file.
        """
        # A line that a killed process has begun ends here, lest the next one be glued to it.
        self._append(b"\n" if os.path.exists(self.path) else b"")

    def add(self, each):
        """Append a row.

        Raises:
            errors.OutputUnwritable: If the disk is full or gone.
        """
        self._append(_as_json(each).encode("ascii") + b"\n")

    def _append(self, data):
        try:
            with io.open(self.path, "ab") as stream:
                stream.write(data)
        except EnvironmentError as error:
            raise errors.OutputUnwritable(file=self.path, reason=error.strerror or error)

    def remove(self):
        """Take it away; its table is written."""
        if os.path.exists(self.path):
            os.remove(self.path)
