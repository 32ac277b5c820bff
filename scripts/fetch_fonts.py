"""Obtain the fonts that `--recipe digits` trains on from the npm registry.

All are under free licences; only the faces that are used are copied. `make fonts` calls this.
"""

from __future__ import print_function

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))


def main(argv=None):
    """Fetch and copy; return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument(
        "--out",
        metavar="DIR",
        default=os.path.join(ROOT, "data", "fonts"),
        help="folder for the families",
    )
    options = parser.parse_args(argv)
    from mlinference.training import glyphs

    families = glyphs.TRAIN + glyphs.VALIDATION + glyphs.HELD_OUT
    missing = [
        family for family in families if not os.path.isdir(os.path.join(options.out, family))
    ]
    if missing:
        folder = tempfile.mkdtemp()
        try:
            install(folder, missing)
            for family in missing:
                copy(folder, family, options.out, glyphs.STYLES)
        except (OSError, subprocess.CalledProcessError) as reason:
            print("npm cannot fetch the fonts: %s" % reason, file=sys.stderr)
            return 1
        finally:
            shutil.rmtree(folder)
    print("'%s' holds %d families." % (options.out, len(families)))
    print(judged(options.out))
    return 0


def judged(folder):
    """Say whether the fonts are those of the bundled checkpoint, going by its sidecar."""
    from mlinference import checkpoint
    from mlinference.training import glyphs, saving

    with io.open(checkpoint.BUNDLED + saving.SIDECAR_SUFFIX, encoding="ascii") as stream:
        same = json.load(stream)["data"]["fonts"] == glyphs.checksum(folder)
    return "They are %sthe fonts that the bundled checkpoint is trained on." % (
        "" if same else "not "
    )


def install(folder, families):
    """Let npm install each family's package below `folder`."""
    npm = "npm.cmd" if os.name == "nt" else "npm"
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    packages = ["@fontsource/%s@5" % family for family in families]
    subprocess.check_call(command + ["--prefix", folder] + packages)


def copy(folder, family, out, styles):
    """Copy a family's faces and licence out of its package."""
    package = os.path.join(folder, "node_modules", "@fontsource", family)
    target = os.path.join(out, family)
    part = target + ".part"
    if os.path.isdir(part):
        shutil.rmtree(part)
    os.makedirs(part)
    shutil.copyfile(os.path.join(package, "LICENSE"), os.path.join(part, "LICENSE"))
    for style in styles:
        face = os.path.join(package, "files", "%s-latin-%s.woff" % (family, style))
        if os.path.isfile(face):
            shutil.copyfile(face, os.path.join(part, style + ".woff"))
    os.rename(part, target)


if __name__ == "__main__":
    sys.exit(main())
