"""A change to one preferences folder: decided as a whole, done as a whole or not at all."""

import os
import shutil
import tempfile
from collections import OrderedDict

from installation import disk
from installation.disk import Refusal
from installation.names import NAME, TARGET


class Change(object):
    """Everything that one run does to one place, decided before the first byte is written.

    Attributes:
        place: The preferences folder.
        writes: OrderedDict of path to its new bytes, in the order of writing.
        deletes: Paths to delete.
        empties: Folders to delete if nothing is left in them, in this order.
        notes: Lines for the user beside the counted ones.
        afterwards: Lines that are true once it is done.
    """

    def __init__(self, place):
        self.place = place
        self.writes = OrderedDict()
        self.deletes = []
        self.empties = []
        self.notes = []
        self.afterwards = []

    def carry_out(self):
        """Do it; if anything fails on the way, everything is put back as it was.

        Raises:
            EnvironmentError: If the disk or the permissions do not allow it.
            Refusal: If what is on the disk afterwards is not what was written.
        """
        undo = []
        try:
            self._write(undo)
            for path in self.deletes:
                undo.append((disk.put, path, disk.content(path)))
                os.remove(path)
        except BaseException:
            for step in reversed(undo):
                disk.attempt(*step)
            raise
        for folder in self.empties:
            disk.attempt(os.rmdir, folder)

    def _write(self, undo):
        if not self.writes:
            return
        # Staged on the same disk first: a full disk or a missing permission shows here.
        stage = tempfile.mkdtemp(prefix="." + NAME + "-", dir=self.place.folder)
        undo.append((shutil.rmtree, stage))
        for number, (path, data) in enumerate(self.writes.items()):
            staged = os.path.join(stage, str(number))
            disk.put(staged, data)
            if os.path.exists(path):
                shutil.copymode(path, staged)
        for number, path in enumerate(self.writes):
            self._make(os.path.dirname(path), undo)
            undo.append((disk.put, path, disk.content(path)))
            disk.move(os.path.join(stage, str(number)), path)
        self._verify()
        os.rmdir(stage)

    def _make(self, folder, undo):
        if not os.path.isdir(folder):
            self._make(os.path.dirname(folder), undo)
            os.mkdir(folder)
            undo.append((os.rmdir, folder))

    def _verify(self):
        for path, data in self.writes.items():
            if disk.read(path) != data:
                raise Refusal(
                    "'%s' does not read back as it was written." % path,
                    "The disk or another program changed it.",
                    "Check the disk, then run install.py again.",
                )

    def report(self, dry_run):
        """Return what was done, or would be, in lines."""
        lines = self._counted("would write" if dry_run else "wrote", self.writes)
        lines += self._counted("would delete" if dry_run else "deleted", self.deletes)
        lines = (lines or ["nothing to change"]) + self.notes
        return lines if dry_run else lines + self.afterwards

    def _counted(self, verb, paths):
        names = [self.place.name(path) for path in paths]
        inside = [name for name in names if name.startswith(TARGET + "/")]
        lines = ["%s %s" % (verb, name) for name in names if name not in inside]
        if inside:
            lines.append("%s %s in %s" % (verb, _files(len(inside)), TARGET))
        return lines


def _files(count):
    return "1 file" if count == 1 else "%d files" % count
