#!/usr/bin/env python
"""Build the digital-asset libraries, or open and close any other.

    build    every folder of hda/ into otls/
    check    say where hda/, icons/ and otls/ first differ
    expand   a library into a folder of text, which Houdini reads too
    collapse such a folder, ours or Houdini's, into a library
    list     a library's assets and sections

The format is described in hda_library/, module by module. Nothing but Python is needed.
"""

from __future__ import print_function

import argparse
import contextlib
import errno
import os
import sys

from hda_library import (
    Asset,
    Library,
    LibraryError,
    collapse,
    disk,
    expand,
    read_library,
    write_library,
)
from hda_library.disk import DiskFolder, read_file, write_file, write_folder
from hda_library.errors import native
from hda_library.index import date_text
from hda_library.project import build, differences
from hda_library.sections import MAGIC

__all__ = [
    "Asset", "Library", "LibraryError", "collapse", "expand", "read_library", "write_library",
]  # fmt: skip

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def main(argv=None):
    """Run one command; returns the exit code."""
    options = _parser().parse_args(argv)
    try:
        return options.run(options)
    except LibraryError as error:
        say(str(error), sys.stderr)
    except EnvironmentError as error:
        # Whoever read the output has gone: `list FILE | head`.
        if error.errno == errno.EPIPE:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        else:
            say("%s: %s" % (error.filename or "the output", error.strerror or error), sys.stderr)
    return 1


def _parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.required = True
    for name, run, help_text in (
        ("build", run_build, "pack every folder of hda/ into otls/"),
        ("check", run_check, "name the first difference between hda/, icons/ and otls/"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument(
            "--root", default=PROJECT, help="the folder with hda/, icons/ and otls/ (%(default)s)"
        )
        command.set_defaults(run=run)
    for name, run, places, help_text in (
        ("expand", run_expand, ("FILE", "DIR"), "write a library as a folder of text"),
        ("collapse", run_collapse, ("DIR", "FILE"), "write a folder of text as a library"),
        ("list", run_list, ("FILE",), "print a library's assets, sections, sizes, times in UTC"),
    ):
        command = commands.add_parser(name, help=help_text)
        for place in places:
            command.add_argument(place.lower(), metavar=place)
        if len(places) > 1:
            command.add_argument(
                "--force", action="store_true", help="replace what is there, if it is of this kind"
            )
        command.set_defaults(run=run)
    return parser


def run_build(options):
    for path in build(options.root):
        say(path)
    return 0


def run_check(options):
    found = differences(options.root)
    for difference in found:
        say(difference, sys.stderr)
    return 1 if found else 0


def run_expand(options):
    data = read_file(options.file)
    with _naming(options.file):
        files = expand(data)
    if _held(options.dir) != files:
        _refuse_other(options.dir, options.force)
        write_folder(options.dir, files)
    return 0


@contextlib.contextmanager
def _naming(path):
    """Begin an error's sentence with the file it is about."""
    try:
        yield
    except LibraryError as error:
        raise LibraryError("%s: %s" % (path, error))


def _refuse_other(path, force):
    """Refuse a folder with anything in it; with `force` all but an expansion, which may be edited."""
    # Where a path leads is what is looked at, and what is written: one with `..` in it may lead
    # to a folder although the path is none.
    place = disk.target(path)
    if not os.path.exists(place):
        return
    if not os.path.isdir(place):
        raise LibraryError("%s is no folder" % path)
    if not os.listdir(place):
        return
    if not _is_expansion(place):
        raise LibraryError(
            "%s holds what expand did not write; name an empty or a new folder" % path
        )
    if not force:
        raise LibraryError(
            "%s holds another expansion, or an edited one; name a new folder, or give --force" % path
        )


def _held(path):
    """Return {path: bytes} of what a folder holds, None if there is none or it cannot be one."""
    place = disk.target(path)
    if not os.path.isdir(place):
        return None
    folder = DiskFolder(place)
    try:
        return {name: folder.read(name) for name in folder.paths()}
    except LibraryError:
        return None


def _is_expansion(path):
    try:
        return _held(path) == expand(collapse(DiskFolder(path)))
    except LibraryError:
        return False


def run_collapse(options):
    place = disk.target(options.file)
    if os.path.isdir(place):
        raise LibraryError("%s is a folder, where the library should go" % options.file)
    data = _collapsed(options.dir)
    if (place + os.sep).startswith(os.path.join(disk.target(options.dir), "")):
        raise LibraryError("%s is inside of the folder that it is made from" % options.file)
    if os.path.exists(place) and not options.force and not read_file(place).startswith(MAGIC):
        raise LibraryError("%s is no library; name another file, or give --force" % options.file)
    write_file(options.file, data)
    return 0


def _collapsed(path):
    with _naming(path):
        if not os.path.isdir(path):
            raise LibraryError("there is no such folder")
        return collapse(DiskFolder(path))


def run_list(options):
    data = _collapsed(options.file) if os.path.isdir(options.file) else read_file(options.file)
    with _naming(options.file):
        library = read_library(data)
    counted = len(data), len(library.sections), len(library.assets)
    say("%d bytes, %d sections, assets: %d" % counted)
    for asset in library.assets:
        kind = "Python" if asset.python else "network" if asset.subnet else "no network"
        say("%s  '%s', %s, inputs %d to %d, outputs %d, %s" % (
            asset.name, asset.label, kind, asset.min_inputs, asset.max_inputs, asset.outputs,
            date_text(asset.modified),
        ))  # fmt: skip
        for part in asset.parts:
            say("  %10d  %s  %s" % (len(part.data), date_text(part.time), native(part.name)))
    return 0


def say(text, stream=None):
    """Print a line, whatever the stream's encoding lacks."""
    stream = stream or sys.stdout
    if not isinstance(text, bytes):
        encoding = getattr(stream, "encoding", None) or "ascii"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    print(text, file=stream)


if __name__ == "__main__":
    sys.exit(main())
