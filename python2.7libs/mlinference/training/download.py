"""MNIST fetched once into the user's cache: resumed where it broke off, checked, then renamed."""

import hashlib
import io
import os
import sys

from mlinference import _compat, errors
from mlinference.status import Status
from mlinference.training import dataset

ADDRESSES = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)

# Seconds without an answer after which an address is given up.
TIMEOUT = 20
CHUNK = 1 << 16
# What HTTP answers to someone who has the whole file and asks for the rest.
NOTHING_BEYOND = 416


def cache():
    """Return the folder that downloads are kept in, by the system's own custom."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or home
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "mlinference", "mnist")


def mnist(say, folder=None, addresses=ADDRESSES):
    """Return a folder that holds MNIST, downloading what is not there yet.

    Args:
        say: Function of a line of text, for progress.

    Raises:
        errors.DownloadFailed: If no address gives the files.
    """
    folder = folder or cache()
    if dataset.find(folder, dataset.MNIST_ARCHIVE):
        return folder
    for name, checksum in dataset.MNIST_FILES.items():
        if dataset.find(folder, name) is None:
            _fetch(folder, name, checksum, addresses, say)
    return folder


def _fetch(folder, name, checksum, addresses, say):
    reason = "no address"
    address = ""
    for address in addresses:
        say("Downloading %s%s.gz" % (address, name))
        try:
            if not os.path.isdir(folder):
                os.makedirs(folder)
            part = os.path.join(folder, name + ".gz.part")
            _append(address + name + ".gz", part)
            with io.open(part, "rb") as stream:
                data = dataset.unpacked(stream.read())
            if hashlib.sha256(data).hexdigest() == checksum:
                _compat.replace(part, os.path.join(folder, name + ".gz"))
                return
            reason = "its checksum is wrong"
            os.remove(part)
        except Exception as problem:  # sockets, HTTP, TLS, disks: each has kinds of its own
            reason = problem
    raise errors.DownloadFailed(
        address=address, reason=reason, files="', '".join(dataset.MNIST_FILES), cache=folder
    )


def _append(address, part):
    """Add to `part` what the address has beyond it."""
    try:
        from urllib.error import HTTPError
        from urllib.request import Request, urlopen
    except ImportError:  # Python 2
        from urllib2 import HTTPError, Request, urlopen
    have = os.path.getsize(part) if os.path.exists(part) else 0
    request = Request(address, headers={"Range": "bytes=%d-" % have} if have else {})
    try:
        answer = urlopen(request, timeout=TIMEOUT)
    except HTTPError as problem:
        if problem.code == NOTHING_BEYOND:
            return
        raise
    # 206 is the rest; 200 is the whole file from an address that cannot resume.
    have = have if answer.getcode() == 206 else 0
    rest = answer.info().get("Content-Length")
    _keep(answer, part, have, have + int(rest) if rest else None)


def _keep(answer, part, have, size):
    """Write what comes behind the first `have` bytes, and show how far it is."""
    status = Status()
    with io.open(part, "ab" if have else "wb") as stream:
        while True:
            chunk = answer.read(CHUNK)
            have += len(chunk)
            stream.write(chunk)
            if status.due(last=not chunk):
                of = " of %.1f" % (size / 1e6) if size else ""
                status.show("%.1f%s MB" % (have / 1e6, of), last=not chunk)
            if not chunk:
                break
    if size and have < size:
        raise IOError("it broke off after %d of %d bytes" % (have, size))
