"""Training data of one's own: a folder for each class, or a table of paths and labels.

Every picture is prepared by `mlinference.picture`, so that training sees what the node will.
Needs Pillow to read picture files.
"""

from __future__ import division

import collections
import csv
import hashlib
import io
import os
import re

import numpy

from mlinference import _compat, errors, files, networks, picture
from mlinference.training.dataset import Dataset, Split, balance

# Parts of each class that are held out, and the pictures a class needs for one in each part.
VALIDATION_PART = TEST_PART = 0.15
FEWEST = 3

# Digits as ASCII has them, no more than any Python reads at once.
NUMBER = re.compile(r"[0-9]{1,18}\Z")

# Names that a remark lists before it counts the rest.
LISTED = 3


def holds_classes(path):
    """Whether the path is a folder with at least one folder in it, or a table."""
    return is_table(path) or bool(_folders(path))


def is_table(path):
    """Whether the path names a CSV file."""
    return path.lower().endswith(".csv")


def read(path, shape=(28, 28, 1), seed=0, looks_at=networks.INK):
    """Read all pictures and split them.

    Args:
        path: Folder of class folders, or a CSV file of `path,label` rows (paths relative to
            the file's own folder).
        shape: (height, width, channels) of the network's picture.
        seed: Of the split.
        looks_at: networks.INK or networks.COLOUR.

    Returns:
        dataset.Dataset; unreadable, blank and repeated pictures are left out and remarked on.

    Raises:
        errors.TrainingError: If there is nothing to learn from, or too little of a class.
    """
    found = _Found(shape, looks_at)
    if is_table(path):
        listed = list(_table(path))
        found.heading = _heading(listed)
        listed = listed[len(found.heading) :]
    else:
        listed = _classes(path)
        found.classes.update(_label(os.path.join(path, name)) for name in _folders(path))
    for file_path, label in listed:
        found.add(file_path, label)
    return found.dataset(path, seed)


def _folders(path):
    if not os.path.isdir(path):
        return []
    # The second is what a Mac's zip leaves beside the pictures.
    names = [name for name in os.listdir(path) if not name.startswith((".", "__MACOSX"))]
    return sorted(name for name in names if os.path.isdir(os.path.join(path, name)))


def _classes(path):
    for name in _folders(path):
        folder = os.path.join(path, name)
        label = _label(folder)
        for file_path in sorted(files.below(folder), key=_place):
            yield file_path, label


def _label(folder):
    """Return the name of a class's folder as text; its bytes are UTF-8, whatever the locale says."""
    try:
        return _compat.native(_compat.path_bytes(os.path.basename(folder)).decode("utf-8"))
    except UnicodeError:
        raise errors.ClassNameInvalid(folder=_compat.whole(folder))


def _place(path):
    """Order pictures by folder, each before those inside of it."""
    folder, name = os.path.split(path)
    return folder.split(os.sep), name


def _table(path):
    try:
        with io.open(path, "rb") as stream:
            lines = stream.read().decode("utf-8-sig").splitlines()
    except (IOError, OSError, UnicodeDecodeError) as reason:
        raise errors.DataFileDamaged(file=path, found=reason)
    folder = os.path.dirname(os.path.abspath(path))
    for number, line in enumerate(lines):
        cells = _cells(line)
        if not any(cells) or (number == 0 and cells == ["path", "label"]):
            continue
        if len(cells) != 2 or not all(cells):
            found = line.replace("\0", "\\0")
            raise errors.TableRowInvalid(file=path, row=number + 1, found=found)
        yield _compat.system_path(os.path.join(folder, cells[0])), cells[1]


def _heading(listed):
    """Return the path of a table's first row in a list, if it can only be of other column names."""
    labels = [label for _, label in listed]
    is_picture = listed and listed[0][0].lower().endswith(files.SUFFIXES)
    if listed and not is_picture and not os.path.exists(listed[0][0]) and labels.count(labels[0]) == 1:
        return [listed[0][0]]
    return []


def _cells(line):
    """Return the cells of one line; the line itself if it is no whole row."""
    # No path can have it, though some Pythons read it.
    if "\0" in line:
        return [line]
    try:
        # Another line beside it: a quote that is not closed would swallow that.
        rows = list(csv.reader([_compat.native(line), ""]))
    except csv.Error:
        return [line]
    return [cell.strip() for cell in rows[0]] if len(rows) == 2 else [line]


class _Found(object):
    """What was read, and what was not.

    Attributes:
        classes: Labels that there should be pictures of.
        heading: What `_heading` returned.
    """

    def __init__(self, shape, looks_at):
        self.shape, self.looks_at = shape, looks_at
        self.classes = set()
        self.pictures, self.labels = [], []
        self.heading = []
        self.unreadable, self.blank, self.repeated, self.contradicting = [], [], [], []
        self.seen = {}
        self.content = hashlib.sha256()

    def add(self, path, label):
        self.classes.add(label)
        try:
            data = files.read(path)
            page = files.page(data, path)
        except errors.PictureFileUnreadable:
            self.unreadable.append(path)
            return
        prepared = picture.prepare(page, shape=self.shape, looks_at=self.looks_at)
        if prepared.blank:
            self.blank.append(path)
            return
        key = _compat.packed(prepared.pictures)
        if key in self.seen:
            same = self.seen[key] == label
            (self.repeated if same else self.contradicting).append(path)
            return
        self.seen[key] = label
        # Of the file: what it is prepared to differs in the last bits from NumPy to NumPy.
        self.content.update(hashlib.sha256(data).digest() + _compat.text(label).encode("utf-8"))
        self.pictures.append(prepared.pictures[0])
        self.labels.append(label)

    def dataset(self, path, seed):
        counts = collections.Counter(self.labels)
        left_out = list(self._left_out())
        remark = " ".join(left_out)
        if not counts:
            found = remark or "It has no folder with pictures in it."
            raise errors.NoPictures(folder=path, found=found)
        if len(self.classes) == 1:
            label, count = self.labels[0], len(self.labels)
            raise errors.OnlyOneClass(folder=path, label=label, count=count, remark=remark)
        # One without any would be missing from the network's answers, and nobody would know.
        few = sorted(label for label in self.classes if counts[label] < FEWEST)
        if few:
            raise errors.ClassTooSmall(
                label=few[0], count=counts[few[0]], fewest=FEWEST, remark=remark
            )
        names = sorted(counts, key=_numbers_first)
        splits = self._split(names, seed)
        remarks = [
            "%d pictures to train, %d to validate, %d to test (split seed %d)."
            % tuple([len(split.labels) for split in splits] + [seed])
        ]
        remarks += [balance(counts)] + left_out
        return Dataset(
            os.path.basename(os.path.normpath(path)),
            splits[0],
            splits[1],
            splits[2],
            names,
            {"pictures and labels": self.content.hexdigest()},
            remarks,
        )

    def _split(self, names, seed):
        """Part every class alike, so that each has pictures in all three."""
        random = numpy.random.RandomState(seed)
        numbers = numpy.asarray([names.index(label) for label in self.labels], numpy.int32)
        pictures = numpy.array(self.pictures)
        parts = ([], [], [])
        for number in range(len(names)):
            order = random.permutation(numpy.flatnonzero(numbers == number))
            validation = max(1, int(round(len(order) * VALIDATION_PART)))
            test = max(1, int(round(len(order) * TEST_PART)))
            cuts = (order[validation + test :], order[:validation], order[validation:][:test])
            for part, chosen in zip(parts, cuts):
                part.append(chosen)
        chosen = [numpy.concatenate(part) for part in parts]
        return [Split(pictures[part], numbers[part]) for part in chosen]

    def _left_out(self):
        for sentence, paths in (
            ("%d is taken for the table's heading, for there is no such file: %s.", self.heading),
            ("%d cannot be read: %s.", self.unreadable),
            ("%d are blank: %s.", self.blank),
            ("%d repeat another picture and would cross the splits: %s.", self.repeated),
            ("%d repeat a picture of another class: %s.", self.contradicting),
        ):
            if paths:
                yield "Left out: " + sentence % (len(paths), _names(paths))


def _names(paths):
    names = ", ".join("'%s'" % _compat.whole(path) for path in paths[:LISTED])
    return names + (" and %d more" % (len(paths) - LISTED) if len(paths) > LISTED else "")


def _numbers_first(label):
    return (0, int(label), label) if NUMBER.match(label) else (1, 0, label)
