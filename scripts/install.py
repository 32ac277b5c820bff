"""Install ML Inference into Houdini's preferences folders, or take it out again.

Every Houdini that has a preferences folder gets it, unless --houdini or --prefs names one.
Files are copied to packages/mlinference beside a package file packages/mlinference.json;
Houdini 16.5 and 17.0, which read no package files, get two lines in houdini.env. A second run
changes nothing, and --uninstall leaves the folder as it was. Works from a clone and from the
unpacked release alike.
"""

from __future__ import print_function

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections import OrderedDict

import houdini_env

import build_hda
from build_hda import say

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = "mlinference"

# The Houdini of the 2017 article; nothing older was looked at.
OLDEST = (16, 5)
# The first Houdini that reads package files.
FIRST_WITH_PACKAGES = (17, 5)

# What Houdini writes in HOUDINI_USER_PREF_DIR where the version belongs.
VERSION_MARK = "__HVER__"

# Folder of the repository, endings of the files that belong to a release (any when empty).
FOLDERS = (
    ("config", ()),
    ("help", ()),
    ("icons", (".png", ".svg")),
    ("otls", (".hda",)),
    ("python2.7libs/mlinference", ()),
    ("scripts/hda_library", (".py",)),
    ("toolbar", (".shelf",)),
)
FILES = (
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "mlinference.json",
    "scripts/build_hda.py",
    "scripts/houdini_env.py",
    "scripts/install.py",
    "scripts/mnist_train.py",
)


class Refusal(Exception):
    """Nothing was changed, and this is why: problem, found, remedy."""

    def __init__(self, problem, found, remedy):
        super(Refusal, self).__init__("\n".join((problem, found, remedy)))


def main(argv=None):
    options = _parser().parse_args(argv)
    failed = False
    try:
        places = chosen(options.houdini, options.prefs)
        source = None if options.uninstall else release(ROOT)
    except Refusal as refusal:
        say(str(refusal), sys.stderr)
        return 1
    for place in places:
        say("%s: %s" % (place.title, place.folder))
        try:
            change = removal(place) if options.uninstall else installation(source, place)
            if not options.dry_run:
                change.carry_out()
        except (Refusal, EnvironmentError) as error:
            failed = True
            say(str(error), sys.stderr)
        else:
            for line in change.report(options.dry_run):
                say("  " + line)
    return 1 if failed else 0


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--houdini", metavar="X.Y", help="only this Houdini (default: every one found)"
    )
    parser.add_argument("--prefs", metavar="DIR", help="this preferences folder, wherever it is")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would change, change nothing"
    )
    parser.add_argument("--uninstall", action="store_true", help="take out what was installed")
    return parser


# -- Where Houdini keeps its preferences ------------------------------------------------------


class Place(object):
    """One preferences folder.

    Attributes:
        folder: Its path.
        version: (major, minor) of its Houdini, or None where the name does not tell.
    """

    def __init__(self, folder, version=None):
        self.folder = os.path.abspath(folder)
        self.version = version

    @property
    def title(self):
        return "Houdini %d.%d" % self.version if self.version else "Houdini"

    @property
    def reads_packages(self):
        return self.version is None or self.version >= FIRST_WITH_PACKAGES

    def path(self, name):
        """Return the path of a file or folder named with slashes, relative to the folder."""
        return os.path.join(self.folder, *name.split("/"))

    def name(self, path):
        """Return the name that `path` answers for this path."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")


def chosen(version_text=None, folder=None, environ=None, platform=None):
    """Return the places that the options --houdini and --prefs mean.

    Raises:
        Refusal: If there is none, or it belongs to a Houdini that is too old.
    """
    version = _version(version_text) if version_text else None
    if folder:
        places = [_named(folder, version)]
    else:
        templates = preference_templates(environ, platform)
        places = [place for template in templates for place in _existing(template)]
        if not places:
            raise Refusal(
                "No Houdini preferences folder was found.",
                "Looked for '%s'." % "', '".join(templates).replace(VERSION_MARK, "X.Y"),
                "Start Houdini once so that it makes the folder, or name one with --prefs.",
            )
        places = [place for place in places if version in (None, place.version)] or _missing(
            version, places
        )
    return [place for place in places if _new_enough(place, alone=len(places) == 1)]


def _version(text):
    found = re.match(r"(\d+)\.(\d+)(\.\d+)*$", text)
    if not found:
        raise Refusal(
            "'%s' is not a Houdini version." % text,
            "A version is two numbers, for example 20.5.",
            "Give --houdini two numbers with a dot between.",
        )
    return int(found.group(1)), int(found.group(2))


def _named(folder, version):
    if not os.path.isdir(folder):
        raise Refusal(
            "'%s' is not a folder." % folder,
            "--prefs takes the folder that holds houdini.env.",
            "Start that Houdini once so that it makes the folder, or correct --prefs.",
        )
    return Place(folder, version or _version_in(folder))


def _version_in(folder):
    found = re.search(r"(\d+)\.(\d+)$", os.path.basename(os.path.abspath(folder)))
    return (int(found.group(1)), int(found.group(2))) if found else None


def _missing(version, places):
    raise Refusal(
        "Houdini %d.%d has no preferences folder." % version,
        "Found: %s." % ", ".join(place.folder for place in places),
        "Start that Houdini once so that it makes the folder, or name it with --prefs.",
    )


def _new_enough(place, alone):
    if place.version is None or place.version >= OLDEST:
        return True
    if alone:
        raise Refusal(
            "%s is too old." % place.title,
            "'%s' belongs to it." % place.folder,
            "Use Houdini %d.%d or newer." % OLDEST,
        )
    return False


def preference_templates(environ=None, platform=None):
    """Return the paths where preferences may be, with __HVER__ for the version.

    Args:
        environ: Mapping like os.environ (the default).
        platform: Like sys.platform (the default).
    """
    environ = os.environ if environ is None else environ
    platform = platform or sys.platform
    if environ.get("HOUDINI_USER_PREF_DIR"):
        return [environ["HOUDINI_USER_PREF_DIR"]]
    if platform == "darwin":
        parts = ("Library", "Preferences", "houdini", VERSION_MARK)
        return [os.path.join(environ.get("HOME") or os.path.expanduser("~"), *parts)]
    if platform.startswith("win"):
        return [os.path.join(home, "houdini" + VERSION_MARK) for home in _windows_homes(environ)]
    return [os.path.join(environ.get("HOME") or os.path.expanduser("~"), "houdini" + VERSION_MARK)]


def _windows_homes(environ):
    # Houdini reads %HOME%, and takes the Documents folder where it is not set; OneDrive moves
    # that folder, so the profile's own is only one of the guesses.
    profile = environ.get("USERPROFILE") or os.path.expanduser("~")
    guesses = [environ.get("HOME"), _documents(), os.path.join(profile, "Documents")]
    if environ.get("OneDrive"):
        guesses.append(os.path.join(environ["OneDrive"], "Documents"))
    return list(OrderedDict.fromkeys(guess for guess in guesses if guess))


def _documents():
    """Return what Windows calls this user's Documents, None elsewhere."""
    if sys.platform != "win32":
        return None
    import ctypes.wintypes

    buffer = ctypes.create_unicode_buffer(ctypes.wintypes.MAX_PATH)
    # 5 is CSIDL_PERSONAL, the Documents folder.
    failed = ctypes.windll.shell32.SHGetFolderPathW(None, 5, None, 0, buffer)
    return None if failed else buffer.value


def _existing(template):
    if VERSION_MARK not in template:
        return [Place(template, _version_in(template))] if os.path.isdir(template) else []
    head, tail = template.split(VERSION_MARK, 1)
    parent, stem = os.path.split(head)
    places = []
    for entry in os.listdir(parent) if os.path.isdir(parent) else ():
        found = re.match(re.escape(stem) + r"(\d+)\.(\d+)$", entry)
        folder = os.path.join(parent, entry) + tail
        if found and os.path.isdir(folder):
            places.append(Place(folder, (int(found.group(1)), int(found.group(2)))))
    return sorted(places, key=lambda place: place.version)


# -- What is installed ------------------------------------------------------------------------

# Names in a preferences folder.
TARGET = "packages/" + NAME
PACKAGE = TARGET + ".json"
RECORD = TARGET + "/installed.json"
ENVIRONMENT = "houdini.env"


def release(root):
    """Read everything that an installation consists of.

    Args:
        root: A clone of the repository, or the folder `mlinference` of an unpacked release.

    Returns:
        OrderedDict of name in the preferences folder to bytes; the package file, which makes
        Houdini look at the others, comes last.

    Raises:
        Refusal: If the assets are not there or cannot be read.
    """
    files = OrderedDict()
    for name in payload(root):
        files[TARGET + "/" + name] = _read(os.path.join(root, *name.split("/")))
    libraries = [name for name in files if name.endswith(".hda")]
    if not libraries:
        raise Refusal(
            "The digital assets are not built.",
            "'%s' holds no .hda file." % os.path.join(root, "otls"),
            "Run: python scripts/build_hda.py build",
        )
    for name in libraries:
        _check_library(name, files[name])
    files[PACKAGE] = package_beside(_read(os.path.join(root, NAME + ".json")))
    return files


def payload(root):
    """Return the sorted names, with slashes and relative to `root`, of a release's files."""
    names = [name for name in FILES if os.path.isfile(os.path.join(root, name))]
    for folder, endings in FOLDERS:
        for parent, folders, entries in os.walk(os.path.join(root, folder)):
            folders[:] = [entry for entry in folders if not _passed_over(entry)]
            inside = os.path.relpath(parent, root).replace(os.sep, "/")
            for entry in entries:
                if not _passed_over(entry) and (not endings or entry.endswith(endings)):
                    names.append(inside + "/" + entry)
    return sorted(names)


def _passed_over(entry):
    # `backup` is where Houdini keeps older states of an asset that somebody saved.
    return (
        entry.startswith(".")
        or entry in ("__pycache__", "backup")
        or entry.endswith((".pyc", ".pyo"))
    )


def package_beside(data):
    """Return the package file as it must read one folder above the one it describes.

    In a clone, and inside the release, the file describes the folder that it is in; in
    packages/ it stands beside that folder.
    """
    mark = b"$HOUDINI_PACKAGE_PATH"
    return data.replace(mark, mark + b"/" + NAME.encode("ascii"))


def version(root):
    """Return the version, read from the package's text and not by importing it."""
    text = _read(os.path.join(root, "python2.7libs", NAME, "__init__.py")).decode("utf-8")
    return str(re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE).group(1))


def _check_library(name, data):
    try:
        build_hda.read_library(data)
    except ValueError as error:
        raise Refusal(
            "'%s' is not a digital asset library." % name,
            str(error),
            "Run: python scripts/build_hda.py build",
        )


def _read(path):
    with io.open(path, "rb") as stream:
        return stream.read()


# -- The record of what was installed ---------------------------------------------------------


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
        data = _present(place.path(RECORD))
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
        if checksum(data) not in sums:
            sums.append(checksum(data))

    def wrote(self, name, data):
        """Whether `data` is what we wrote to this file, now or in an earlier version."""
        return checksum(data) in self.files.get(name, ())

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


def checksum(data):
    return hashlib.sha256(data).hexdigest()


def folders_of(names):
    """Return the set of folders, all levels, that these names in a preferences folder need."""
    folders = set()
    for name in names:
        while "/" in name:
            name = name.rpartition("/")[0]
            folders.add(name)
    return folders


# -- A change to one preferences folder -------------------------------------------------------


class Change(object):
    """Everything that one run does to one place, decided before the first byte is written.

    Attributes:
        place: The preferences folder.
        writes: OrderedDict of path to its new bytes, in the order of writing.
        deletes: Paths to delete.
        empties: Folders to delete if nothing is left in them, in this order.
        notes: Lines for the user beside the counted ones.
    """

    def __init__(self, place):
        self.place = place
        self.writes = OrderedDict()
        self.deletes = []
        self.empties = []
        self.notes = []

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
                undo.append((_put, path, _content(path)))
                os.remove(path)
        except BaseException:
            for step in reversed(undo):
                _attempt(*step)
            raise
        for folder in self.empties:
            _attempt(os.rmdir, folder)

    def _write(self, undo):
        if not self.writes:
            return
        # Staged on the same disk first: a full disk or a missing permission shows here.
        stage = tempfile.mkdtemp(prefix="." + NAME + "-", dir=self.place.folder)
        undo.append((shutil.rmtree, stage))
        for number, (path, data) in enumerate(self.writes.items()):
            staged = os.path.join(stage, str(number))
            _put(staged, data)
            if os.path.exists(path):
                shutil.copymode(path, staged)
        for number, path in enumerate(self.writes):
            self._make(os.path.dirname(path), undo)
            undo.append((_put, path, _content(path)))
            _move(os.path.join(stage, str(number)), path)
        self._verify()
        os.rmdir(stage)

    def _make(self, folder, undo):
        if not os.path.isdir(folder):
            self._make(os.path.dirname(folder), undo)
            os.mkdir(folder)
            undo.append((os.rmdir, folder))

    def _verify(self):
        for path, data in self.writes.items():
            if _read(path) != data:
                raise Refusal(
                    "'%s' does not read back as it was written." % path,
                    "The disk or another program changed it.",
                    "Check the disk, then run install.py again.",
                )

    def report(self, dry_run):
        """Return what was done, or would be, in lines."""
        lines = self._counted("would write" if dry_run else "wrote", self.writes)
        lines += self._counted("would delete" if dry_run else "deleted", self.deletes)
        return (lines or ["nothing to change"]) + self.notes

    def _counted(self, verb, paths):
        names = [self.place.name(path) for path in paths]
        inside = [name for name in names if name.startswith(TARGET + "/")]
        lines = ["%s %s" % (verb, name) for name in names if name not in inside]
        if inside:
            lines.append("%s %s in %s" % (verb, _files(len(inside)), TARGET))
        return lines


def _files(count):
    return "1 file" if count == 1 else "%d files" % count


def _content(path):
    return _read(path) if os.path.isfile(path) else None


def _put(path, data):
    if data is None:
        os.remove(path)
    else:
        with io.open(path, "wb") as stream:
            stream.write(data)


def _move(source, target):
    try:
        getattr(os, "replace", os.rename)(source, target)
    except OSError:
        # The target is a link to another disk, or this is Python 2.7 on Windows.
        shutil.copyfile(source, target)
        os.remove(source)


def _attempt(action, *arguments):
    try:
        action(*arguments)
    except EnvironmentError:
        pass


# -- Installing -------------------------------------------------------------------------------


def installation(files, place):
    """Decide what installing `files` changes at `place`.

    Args:
        files: What `release` returns.

    Returns:
        Change, empty if everything is in place already.

    Raises:
        Refusal: If a file that is not ours stands in the way.
    """
    record = Record.read(place)
    change = Change(place)
    for name in sorted(set(record.files) - set(files)):
        _delete_ours(change, record, name)
        del record.files[name]
    for name, data in files.items():
        _write_ours(change, record, name, data)
    if not place.reads_packages:
        _add_environment(change, record)
    _write_record(change, record)
    if change.writes:
        change.notes.append("checked the asset libraries and read every file back")
        change.notes.append(
            "restart %s, then press Tab in a SOP network: ML Inference" % place.title
        )
    return change


def _write_ours(change, record, name, data):
    path = change.place.path(name)
    present = _present(path)
    if present is not None and present != data:
        if name not in record.files:
            raise Refusal(
                "'%s' is in the way." % path,
                "install.py did not write it, so it is not overwritten.",
                "Move it elsewhere, or delete it, then run install.py again.",
            )
        if not record.wrote(name, present):
            _keep_aside(change, path, present)
    # What was there before us, even with the same bytes, is not ours to take out.
    if present is None or name in record.files:
        record.add(name, data)
    if present != data:
        change.writes[path] = data


def _present(path):
    if os.path.isdir(path):
        raise Refusal(
            "'%s' is in the way." % path,
            "It is a folder, where a file is to be written.",
            "Move it elsewhere, then run install.py again.",
        )
    return _content(path)


def _keep_aside(change, path, data):
    aside = path + ".yours"
    while os.path.exists(aside):
        aside += "_"
    change.writes[aside] = data
    change.notes.append("kept your changes in %s" % change.place.name(aside))


def _write_record(change, record):
    place = change.place
    if not record.files and not record.made:
        return
    needed = folders_of(list(record.files) + [RECORD])
    record.made.update(name for name in needed if not os.path.isdir(place.path(name)))
    if _content(place.path(RECORD)) != record.content():
        # First of all: after a power cut the next run then knows what is ours.
        rest = list(change.writes.items())
        change.writes = OrderedDict([(place.path(RECORD), record.content())] + rest)


# -- Taking out -------------------------------------------------------------------------------


def removal(place):
    """Decide what --uninstall changes at `place`.

    Only what the record names is deleted, and only if it still reads as it was written.

    Raises:
        Refusal: If the record or houdini.env cannot be used.
    """
    record = Record.read(place)
    change = Change(place)
    for name in sorted(record.files, key=lambda name: (name != PACKAGE, name)):
        _delete_ours(change, record, name)
    if os.path.isfile(place.path(RECORD)):
        change.deletes.append(place.path(RECORD))
    elif os.path.isdir(place.path(TARGET)):
        change.notes.append("left %s: install.py did not write it" % TARGET)
    change.empties += [place.path(name) for name in sorted(record.made, key=len, reverse=True)]
    _remove_environment(change, record)
    return change


def _delete_ours(change, record, name):
    path = change.place.path(name)
    data = _content(path)
    if data is None:
        return
    if not record.wrote(name, data):
        change.notes.append("left %s: you changed it" % name)
        return
    change.deletes.append(path)
    if name.endswith(".py"):
        _delete_compiled(change, path)
    folder = name.rpartition("/")[0]
    if folder in record.made:
        change.empties.append(change.place.path(folder))


def _delete_compiled(change, path):
    # Python 2.7 imports a .pyc whose source is gone.
    folder, entry = os.path.split(path)
    change.deletes += [path + end for end in "co" if os.path.isfile(path + end)]
    cache = os.path.join(folder, "__pycache__")
    for compiled in sorted(os.listdir(cache)) if os.path.isdir(cache) else ():
        if compiled.startswith(entry[:-2]) and compiled.endswith((".pyc", ".pyo")):
            change.deletes.append(os.path.join(cache, compiled))
    if cache not in change.empties:
        change.empties.append(cache)


# -- houdini.env, for Houdini 16.5 and 17.0 ---------------------------------------------------


def _add_environment(change, record):
    place = change.place
    # A houdini.env may be a link into a folder of settings; the link stays one.
    path = os.path.realpath(place.path(ENVIRONMENT))
    data = _present(path)
    edited = _edited(path, houdini_env.with_lines, data or b"", place.path(TARGET))
    if data is None:
        record.made.add(ENVIRONMENT)
    if edited != data:
        change.writes[path] = edited
    hiding = houdini_env.hidden_by(edited)
    if hiding:
        change.notes.append("houdini.env sets HOUDINI_PATH again below our lines: %s" % hiding)


def _remove_environment(change, record):
    path = os.path.realpath(change.place.path(ENVIRONMENT))
    data = _present(path)
    if data is None:
        return
    left = _edited(path, houdini_env.without_lines, data, change.place.path(TARGET))
    if not left and ENVIRONMENT in record.made:
        change.deletes.append(path)
    elif left != data:
        change.writes[path] = left


def _edited(path, edit, data, folder):
    try:
        return edit(data, folder)
    except houdini_env.Unusable as error:
        raise Refusal(
            "'%s' cannot be edited." % path,
            str(error),
            "Correct it by hand, then run install.py again.",
        )


if __name__ == "__main__":
    sys.exit(main())
