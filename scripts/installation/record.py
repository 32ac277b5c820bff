"""The record of what was installed, which is all that is ever taken out."""

import json
from collections import OrderedDict

from installation import disk
from installation.disk import Refusal
from installation.names import ENVIRONMENT, PACKAGE, RECORD, TARGET


class Record(object):
    """What is ours in a preferences folder, so that exactly this is taken out again.

    Attributes:
        files: Dict of name to the SHA-256 sums that it had from us: the last one, and those of
            the versions before, which an interrupted installation may have left.
        made: Set of the names of folders, and of houdini.env, that were not there before.
    """

    def __init__(self, files=None, made=()):
        self.files = files or {}
        self.made = set(made)

    @classmethod
    def read(cls, place):
        """Return the record at `place`, an empty one if there is none.

        Raises:
            Refusal: If it cannot be read, or names something that is never ours.
        """
        data = disk.present(place.path(RECORD))
        if data is None:
            return cls()
        try:
            content = json.loads(data.decode("ascii"))
            files = {
                str(name): [str(one) for one in sums] for name, sums in content["files"].items()
            }
            record = cls(files, [str(name) for name in content["made"]])
        except (ValueError, KeyError, TypeError, AttributeError):
            record = None
        if record and all(_may_be_ours(name) for name in list(record.files) + list(record.made)):
            return record
        raise Refusal(
            "'%s' cannot be used." % place.path(RECORD),
            "It is not what install.py wrote.",
            "Delete '%s' and '%s' by hand." % (place.path(TARGET), place.path(PACKAGE)),
        )

    def add(self, name, data):
        sums = self.files.setdefault(name, [])
        if disk.checksum(data) not in sums:
            sums.append(disk.checksum(data))

    def wrote(self, name, data):
        """Whether `data` is what we wrote to this file, now or in an earlier version."""
        return disk.checksum(data) in self.files.get(name, ())

    def content(self):
        files = OrderedDict(sorted(self.files.items()))
        content = OrderedDict([("files", files), ("made", sorted(self.made))])
        return (json.dumps(content, indent=1, separators=(",", ": ")) + "\n").encode("ascii")


def _may_be_ours(name):
    if name in ("packages", PACKAGE, ENVIRONMENT):
        return True
    parts = name.split("/")
    return parts[:2] == TARGET.split("/") and not any(
        part in ("", ".", "..") or "\\" in part for part in parts
    )
