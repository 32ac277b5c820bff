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
    return content(path)


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
