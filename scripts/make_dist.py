"""Make the release archive dist/mlinference-VERSION.zip.

Unpacked into Houdini's packages folder it works as it is; unpacked anywhere else, run
mlinference/scripts/install.py, or point HOUDINI_PACKAGE_DIR at it. The same commit gives the
same bytes on every machine and every Python.
"""

from __future__ import print_function

import argparse
import io
import os
import subprocess
import sys
import time
import zipfile

import build_hda
from installation import disk, names, release
from installation.disk import Refusal
from installation.record import Record

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# An archive has no years before 1980 nor after 2107; Unix time.
OLDEST, LATEST = 315532800, 4354819198


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--output", metavar="DIR", default="dist", help="where to (default: %(default)s)"
    )
    options = parser.parse_args(argv)
    try:
        path, data = write(ROOT, options.output)
    except Refusal as error:
        print(error, file=sys.stderr)
        return 1
    print("%s  %s" % (disk.checksum(data), path))
    for name in uncommitted(ROOT):
        print("with changes that are not committed: %s" % name, file=sys.stderr)
    return 0


def write(root, folder):
    """Write the archive of a clone.

    Returns:
        (path, bytes) of the archive.

    Raises:
        Refusal: If a file of the release is neither tracked nor built, the assets do not
            match their source, or the archive cannot be written there.
    """
    if not folder or (os.path.exists(folder) and not os.path.isdir(folder)):
        raise Refusal(
            "'%s' is not a folder." % folder,
            "--output takes the folder for the archive.",
            "Give --output a folder, or leave it out.",
        )
    files = contents(root)
    data = archive(files, _commit_time(root))
    path = os.path.join(folder, "%s-%s.zip" % (names.NAME, release.version(root)))
    try:
        if not os.path.isdir(folder):
            os.makedirs(folder)
        disk.put(path, data)
    except EnvironmentError as error:
        raise disk.refused(error, path, "Give --output another folder, or make room there.")
    return path, data


def contents(root):
    """Return the release's files: name in the archive to bytes, the record among them."""
    files = release.release(root)
    _check_assets(root)
    _check_tracked(root)
    record = Record(made=names.folders_of(files) - {"packages"})
    for name, data in files.items():
        record.add(name, data)
    files[names.RECORD] = record.content()
    return {name[len("packages/") :]: data for name, data in files.items()}


def archive(files, seconds):
    """Return a zip's bytes, the same for the same arguments everywhere.

    Args:
        files: Mapping of name, with slashes, to bytes.
        seconds: Unix time that every file gets. It must differ between releases: Python tells
            by it whether a compiled file is still good.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, time.gmtime(seconds)[:6])
            # Stored, since each zlib compresses in its own way; weights hardly shrink anyway.
            entry.compress_type = zipfile.ZIP_STORED
            entry.create_system = 3  # Unix, so that the permissions count
            entry.external_attr = 0o100644 << 16
            target.writestr(entry, files[name])
    return buffer.getvalue()


def _check_assets(root):
    if build_hda.main(["check", "--root", root]) != 0:
        raise Refusal(
            "The assets in otls/ are not those of hda/.",
            "scripts/build_hda.py check names the difference.",
            "Run: python scripts/build_hda.py build",
        )


def _check_tracked(root):
    tracked = set(_git(root, "ls-files", "-z").split("\0"))
    strangers = [name for name in release.payload(root) if name not in tracked]
    strangers = [name for name in strangers if not name.startswith("otls/")]
    if strangers:
        raise Refusal(
            "'%s' is not tracked by git." % strangers[0],
            "A release has tracked and built files only; %d are neither." % len(strangers),
            "Commit the file, or move it elsewhere.",
        )


def uncommitted(root):
    """Return the names of the release's files that differ from the commit."""
    changed = set(_git(root, "diff", "--name-only", "-z", "HEAD").split("\0"))
    return [name for name in release.payload(root) if name in changed]


def _commit_time(root):
    """Return SOURCE_DATE_EPOCH where it is set, else the time of the commit."""
    text = os.environ.get("SOURCE_DATE_EPOCH") or _git(root, "log", "-1", "--format=%ct")
    try:
        return min(max(int(text), OLDEST), LATEST)
    except ValueError:
        raise Refusal(
            "SOURCE_DATE_EPOCH is not a time.",
            "It is '%s'." % text,
            "Set it to seconds since 1970, or not at all.",
        )


def _git(root, *arguments):
    try:
        return subprocess.check_output(("git", "-C", root) + arguments).decode("utf-8")
    except (OSError, subprocess.CalledProcessError) as error:
        raise Refusal(
            "git cannot say what '%s' holds." % root,
            str(error),
            "Make the release in a clone of the repository.",
        )


if __name__ == "__main__":
    sys.exit(main())
