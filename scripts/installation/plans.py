"""What installing and taking out change at one place, decided before anything is written."""

import codecs
import os
from collections import OrderedDict

from installation import disk, houdini_env
from installation.change import Change
from installation.disk import Refusal
from installation.names import ENVIRONMENT, PACKAGE, RECORD, TARGET, folders_of
from installation.record import Record


def to_install(files, place):
    """Decide what installing `files` changes at `place`.

    Args:
        files: What `release.release` returns.

    Returns:
        Change, empty if everything is in place already.

    Raises:
        Refusal: If a file that is not ours stands in the way.
    """
    record = Record.read(place)
    change = Change(place)
    for name in sorted(folders_of(list(files) + [RECORD])):
        disk.check_folder(place.path(name))
    for name in sorted(set(record.files) - set(files)):
        _delete_ours(change, record, name)
        del record.files[name]
    for name, data in files.items():
        _write_ours(change, record, name, data)
    if not place.reads_packages:
        _add_environment(change, record)
    _write_record(change, record)
    if change.writes:
        change.afterwards.append("checked the asset libraries and read every file back")
        where = "restart %s, then press Tab in a SOP network: ML Inference"
        change.afterwards.append(where % place.title)
    return change


def _write_ours(change, record, name, data):
    path = change.place.path(name)
    present = disk.present(path)
    # What reads so already, whoever wrote it, is not made ours: an edited copy may be installing
    # itself, and what was there before us is not ours to take out.
    if present == data:
        return
    if present is not None and name not in record.files:
        raise _in_the_way(change.place, name)
    if present is not None and not record.wrote(name, present):
        _keep_aside(change, path, present)
    record.add(name, data)
    change.writes[path] = data


def _in_the_way(place, name):
    found = "install.py did not write it, so it is not overwritten."
    inside = name.startswith(TARGET + "/") and not os.path.isfile(place.path(RECORD))
    if inside:
        # The whole folder is somebody else's, or its record was lost: not file by file.
        found = "It holds '%s', which install.py does not know." % name.rpartition("/")[2]
    return Refusal(
        "'%s' is in the way." % place.path(TARGET if inside else name),
        found,
        "Move it elsewhere, or delete it, then run install.py again.",
    )


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
    if disk.content(place.path(RECORD)) != record.content():
        # First of all: after a power cut the next run then knows what is ours.
        rest = list(change.writes.items())
        change.writes = OrderedDict([(place.path(RECORD), record.content())] + rest)


# -- Taking out -------------------------------------------------------------------------------


def to_uninstall(place):
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
        change.notes.append("left %s: it has no %s" % (TARGET, RECORD.rpartition("/")[2]))
        if os.path.lexists(place.path(PACKAGE)):
            change.notes.append("left %s: delete both by hand to be rid of them" % PACKAGE)
    change.empties += [place.path(name) for name in sorted(record.made, key=len, reverse=True)]
    _remove_environment(change, record)
    return change


def _delete_ours(change, record, name):
    path = change.place.path(name)
    data = disk.content(path)
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
    data = disk.present(path)
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
    data = disk.present(path)
    if data is None:
        return
    left = _edited(path, houdini_env.without_lines, data, change.place.path(TARGET))
    # An editor may have put a byte-order mark into a file that we made.
    if left in (b"", codecs.BOM_UTF8) and ENVIRONMENT in record.made:
        change.deletes.append(path)
    elif left != data:
        change.writes[path] = left


def _edited(path, edit, *arguments):
    try:
        return edit(*arguments)
    except houdini_env.Unusable as error:
        raise Refusal(
            "'%s' cannot be edited." % path,
            str(error),
            error.remedy,
        )
