"""Reading and writing files, and the one exception of this package."""

import hashlib
import io
import os
import shutil


class Refusal(Exception):
    """Nothing was changed, and this is why: problem, found, remedy."""

    def __init__(self, problem, found, remedy):
        super(Refusal, self).__init__("\n".join((problem, found, remedy)))


def read(path):
    with io.open(path, "rb") as stream:
        return stream.read()


def content(path):
    return read(path) if os.path.isfile(path) else None


def present(path):
    if os.path.isdir(path):
        raise Refusal(
            "'%s' is in the way." % path,
            "It is a folder, where a file is to be written.",
            "Move it elsewhere, then run install.py again.",
        )
    if os.path.islink(path) and not os.path.exists(path):
        raise Refusal(
            "'%s' is in the way." % path,
            "It is a link to something that is not there now.",
            "Delete it, or bring back what it leads to, then run install.py again.",
        )
    return content(path)


def check_folder(path):
    if os.path.lexists(path) and not os.path.isdir(path):
        raise Refusal(
            "'%s' is in the way." % path,
            "It is no folder, and one is to be made there.",
            "Move it elsewhere, then run install.py again.",
        )


def refused(error, path, remedy):
    """Return a Refusal in the words of the system.

    Args:
        error: EnvironmentError.
        path: What it is about, where it does not say so itself.
        remedy: What to change.
    """
    return Refusal(
        "'%s' cannot be used." % (error.filename or path),
        "%s." % (error.strerror or error),
        remedy,
    )


def put(path, data):
    if data is None:
        os.remove(path)
    else:
        with io.open(path, "wb") as stream:
            stream.write(data)


def move(source, target):
    try:
        getattr(os, "replace", os.rename)(source, target)
    except OSError:
        # The target is a link to another disk, or this is Python 2.7 on Windows.
        shutil.copyfile(source, target)
        os.remove(source)


def attempt(action, *arguments):
    try:
        action(*arguments)
    except EnvironmentError:
        pass


def checksum(data):
    return hashlib.sha256(data).hexdigest()
