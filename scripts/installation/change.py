"""A change to one preferences folder: decided as a whole, done as a whole or not at all."""

import os
import re
import shutil
import tempfile
import time
from collections import OrderedDict

from installation import disk
from installation.disk import Refusal
from installation.names import NAME, TARGET

# What mkdtemp makes of it: six characters in Python 2.7, eight in 3.
STAGE = "." + NAME + "-"
STAGES = re.compile(re.escape(STAGE) + r"([A-Za-z0-9_]{6}|[a-z0-9_]{8})\Z")

# An installation takes seconds, on a slow share minutes. What has not changed for so long, in
# seconds, is nobody's any more; a process id would not tell, where homes are shared by machines.
ABANDONED = 6 * 3600


class Change(object):
    """Everything that one run does to one place, decided before the first byte is written.

    Attributes:
        place: The preferences folder.
        writes: OrderedDict of path to its new bytes, in the order of writing.
        deletes: Paths to delete.
        empties: Folders to delete if nothing is left in them, in this order.
        leftovers: Stages of installations that were killed, to delete.
        notes: Lines for the user beside the counted ones.
        afterwards: Lines that are true once it is done.
    """

    def __init__(self, place):
        self.place = place
        self.writes = OrderedDict()
        self.deletes = []
        self.empties = []
        self.leftovers = [name for name in sorted(os.listdir(place.folder)) if _is_leftover(place, name)]
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
        for name in self.leftovers:
            disk.attempt(shutil.rmtree, self.place.path(name))

    def _write(self, undo):
        if not self.writes:
            return
        # Staged on the same disk first: a full disk or a missing permission shows here.
        stage = tempfile.mkdtemp(prefix=STAGE, dir=self.place.folder)
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
        for name in self.leftovers:
            left = not dry_run and os.path.lexists(self.place.path(name))
            verb = "could not delete" if left else "would delete" if dry_run else "deleted"
            lines.append("%s %s, left by an installation that was killed" % (verb, name))
        lines = (lines or ["nothing to change"]) + self.notes
        return lines if dry_run else lines + self.afterwards

    def _counted(self, verb, paths):
        names = [self.place.name(path) for path in paths]
        inside = [name for name in names if name.startswith(TARGET + "/")]
        lines = ["%s %s" % (verb, name) for name in names if name not in inside]
        if inside:
            lines.append("%s %s in %s" % (verb, _files(len(inside)), TARGET))
        return lines


def _is_leftover(place, name):
    """Tell whether a name in the preferences folder is of a stage that nobody uses any more."""
    path = place.path(name)
    if not STAGES.match(name) or os.path.islink(path):
        return False
    try:
        # A stage holds the files of its installation by their numbers, and nothing else.
        return (
            all(entry.isdigit() for entry in os.listdir(path))
            and time.time() - os.path.getmtime(path) > ABANDONED
        )
    except EnvironmentError:
        return False


def _files(count):
    return "1 file" if count == 1 else "%d files" % count
