"""Install ML Inference into Houdini's preferences folders, or take it out again.

Every Houdini that has a preferences folder gets it, unless --houdini or --prefs names one.
Files are copied to packages/mlinference beside a package file packages/mlinference.json;
Houdini 16.5 and 17.0, which read no package files, get two lines in houdini.env. A second run
changes nothing, and --uninstall leaves the folder as it was. Works from a clone and from the
unpacked release alike.
"""

from __future__ import print_function

import argparse
import os
import sys

from build_hda import say
from installation import disk, places, plans
from installation.disk import Refusal
from installation.release import release

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

REMEDY = "Mend that, then run install.py again; everything is as it was."


def main(argv=None):
    options = _parser().parse_args(argv)
    try:
        return _done(options)
    except KeyboardInterrupt:
        say("Stopped. Run install.py again to see what is left to do.", sys.stderr)
        return 130


def _done(options):
    """Do what the options say; return the exit code."""
    failed = False
    try:
        chosen = places.chosen(options.houdini, options.prefs)
        source = None if options.uninstall else release(ROOT)
    except Refusal as refusal:
        say(str(refusal), sys.stderr)
        return 1
    except EnvironmentError as error:
        say(str(disk.refused(error, ROOT, REMEDY)), sys.stderr)
        return 1
    for place in chosen:
        say("%s: %s" % (place.title, place.folder))
        try:
            change = (
                plans.to_uninstall(place) if options.uninstall else plans.to_install(source, place)
            )
            if not options.dry_run:
                change.carry_out()
        except Refusal as refusal:
            failed = True
            say(str(refusal), sys.stderr)
        except EnvironmentError as error:
            failed = True
            say(str(disk.refused(error, place.folder, REMEDY)), sys.stderr)
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


if __name__ == "__main__":
    sys.exit(main())
