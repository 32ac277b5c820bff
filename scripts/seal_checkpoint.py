"""Add to a checkpoint's sidecar the checksums that trainings of today write by themselves.

`PREFIX.json` then holds the SHA-256 of the data file and, with --fonts, of the fonts that the
checkpoint was trained on; its `sealed` says which of them were added afterwards. What is there
already is compared, never replaced.
"""

from __future__ import print_function

import argparse
import io
import json
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))


def main(argv=None):
    """Seal as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prefix", metavar="PREFIX", help="checkpoint with a sidecar")
    parser.add_argument("--fonts", metavar="DIR", help="the fonts that it was trained on")
    options = parser.parse_args(argv)
    from mlinference import errors

    try:
        added = seal(options.prefix, options.fonts)
    except (errors.InferenceError, IOError, OSError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print("Added: %s." % ", ".join(added) if added else "All is there, and right.")
    return 0


def seal(prefix, fonts=None):
    """Add what is missing of the checksums; return the names of what was added.

    Raises:
        ValueError: If a checksum that is there is another.
    """
    from mlinference.training import glyphs, saving

    path = prefix + saving.SIDECAR_SUFFIX
    with io.open(path, encoding="ascii") as stream:
        sidecar = json.load(stream)
    found = [(sidecar, "sha256", saving.checksum(prefix + saving.SUFFIXES[0]))]
    if fonts:
        found.append((sidecar["data"], "fonts", glyphs.checksum(fonts)))
    added = []
    for table, name, checksum in found:
        if table.setdefault(name, None) not in (None, checksum):
            raise ValueError("'%s' has another '%s': %s." % (path, name, table[name]))
        if table[name] is None:
            table[name] = checksum
            added.append(name)
    if added:
        sidecar["sealed"] = sorted(set(sidecar.get("sealed", []) + added))
        with io.open(path, "wb") as stream:
            stream.write(saving.as_json(sidecar).encode("ascii"))
    return added


if __name__ == "__main__":
    sys.exit(main())
