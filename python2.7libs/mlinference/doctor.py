"""`python -m mlinference doctor`: what works in this Python, and what to do about the rest.

Nothing is assumed to work, NumPy and this package's own files included, so every check imports
what it needs by itself.
"""

from __future__ import print_function

import argparse
import hashlib
import itertools
import json
import os
import re
import struct
import sys

import mlinference
from mlinference._compat import native, say

GOOD, CAUTION, PROBLEM = "good", "caution", "problem"

# Largest difference of two probabilities that rounding explains.
TOLERANCE = 1e-5

REINSTALL = "Install ML Inference again: python scripts/install.py"

# The folder that `import mlinference` found.
PACKAGE = os.path.dirname(os.path.abspath(mlinference.__file__))


class Finding(object):
    """One line of the report.

    Attributes:
        subject: What was looked at, one or two words.
        state: GOOD, CAUTION (works, but look at it) or PROBLEM.
        text: What was found.
        remedy: What to do about it, "" where nothing is to be done.
    """

    def __init__(self, subject, state, text, remedy=""):
        self.subject = subject
        self.state = state
        self.text = native(text)
        self.remedy = native(remedy)


def main(argv=None, prog=None):
    parser = argparse.ArgumentParser(
        prog=prog, description="Say what works in this Python, and what to do about the rest."
    )
    parser.add_argument(
        "--checkpoint",
        metavar="PATH",
        default="",
        help="checkpoint, SavedModel or frozen graph; default: the one that comes along",
    )
    parser.add_argument(
        "--network", metavar="NAME", default="", help="of a checkpoint; package.module:function of your own"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    options = parser.parse_args(argv)
    findings = []
    for finding in examine(options.checkpoint, options.network):
        findings.append(finding)
        if not options.json:
            # At once: a TensorFlow built for another processor ends the process.
            say(as_text(finding))
            sys.stdout.flush()
    works = all(finding.state != PROBLEM for finding in findings)
    if options.json:
        print(as_json(findings, works))
    else:
        print("ML Inference works here." if works else "ML Inference does not work here yet.")
    return 0 if works else 1


def as_json(findings, works):
    checks = [{name: _text(value) for name, value in vars(finding).items()} for finding in findings]
    return json.dumps({"works": works, "checks": checks}, indent=1, sort_keys=True)


def _text(value):
    # A path of Python 2.7 may be bytes of any encoding.
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def as_text(finding):
    """Return a finding in lines: mark, subject, what was found and below it the cure."""
    mark = {GOOD: "ok", CAUTION: "look", PROBLEM: "PROBLEM"}[finding.state]
    found = finding.text.splitlines() + (["-> " + finding.remedy] if finding.remedy else [])
    marks = [(mark, finding.subject)] + [("", "")] * (len(found) - 1)
    return "\n".join("%-8s %-11s %s" % (marks[row] + (line,)) for row, line in enumerate(found))


def examine(path="", network=""):
    """Look at everything that an answer needs.

    Args:
        path: A checkpoint, "" for the one that comes along.
        network: As for own.find.

    Yields:
        Finding. TensorFlow is imported where it is installed.
    """
    numpy_works = False
    for check in (_python, _package, _numpy, _houdini, _assets):
        for finding in _guarded(check):
            yield finding
            numpy_works = numpy_works or (finding.subject, finding.state) == ("NumPy", GOOD)
    if numpy_works:
        for finding in _guarded(_model, path, network):
            yield finding


def _guarded(check, *arguments):
    try:
        for finding in check(*arguments):
            yield finding
    except Exception as error:  # a broken installation raises anything at all
        subject = check.__name__.strip("_").capitalize()
        found = "%s: %s" % (type(error).__name__, native(error))
        yield Finding(subject, PROBLEM, found, REINSTALL)


# -- Where we are -----------------------------------------------------------------------------


def _python():
    version = "%d.%d.%d, %s" % (tuple(sys.version_info[:3]) + (sys.executable or "embedded",))
    if sys.version_info[:2] == (2, 7) or sys.version_info >= (3, 6):
        return [Finding("Python", GOOD, version)]
    return [
        Finding(
            "Python",
            PROBLEM,
            version,
            "Use Python 2.7, or 3.6 and newer: Houdini 16.5 to 22 have one of these.",
        )
    ]


def _package():
    findings = [
        Finding("Package", GOOD, "mlinference %s in %s" % (mlinference.__version__, PACKAGE))
    ]
    for folder, version in other_copies(sys.path):
        same = version == mlinference.__version__
        findings.append(
            Finding(
                "Package",
                CAUTION if same else PROBLEM,
                "A second copy, %s, is in %s" % (version, folder),
                "Keep one: 'install.py --uninstall' or 'pip uninstall mlinference' takes one away.",
            )
        )
    return findings


def other_copies(folders):
    """Return [(folder, version)] of every mlinference in `folders` that is not this one."""
    found = []
    seen = {os.path.realpath(PACKAGE)}
    for folder in folders:
        package = os.path.join(folder or os.curdir, "mlinference")
        if os.path.realpath(package) in seen:
            continue
        seen.add(os.path.realpath(package))
        version = _version_in(os.path.join(package, "__init__.py"))
        if version:
            found.append((package, version))
    return found


def _version_in(path):
    try:
        with open(path) as source:
            found = re.search(r'^__version__ = "([^"]+)"', source.read(), re.MULTILINE)
    except (EnvironmentError, UnicodeDecodeError):
        return None
    return found.group(1) if found else "unknown version"


def _numpy():
    try:
        import numpy

        version = numpy.__version__
    except (Exception, SystemExit) as error:
        return [
            Finding(
                "NumPy",
                PROBLEM,
                "NumPy cannot be imported: %s: %s" % (type(error).__name__, native(error)),
                "Use hython, which has NumPy, and take another Python's NumPy off PYTHONPATH.",
            )
        ]
    return [Finding("NumPy", GOOD, version)]


# -- Houdini and its assets -------------------------------------------------------------------


def in_houdini():
    """Whether a Houdini runs this Python: hython and Houdini import hou at their start."""
    return "hou" in sys.modules or os.path.basename(sys.executable or "").lower().startswith(
        "hython"
    )


def _houdini():
    if not in_houdini():
        return [
            Finding(
                "Houdini",
                GOOD,
                "not running (hython -m mlinference doctor looks at that side as well)",
            )
        ]
    if not os.path.isdir(os.path.join(PACKAGE, "houdini")):
        return [Finding("Houdini", PROBLEM, "%s has no folder houdini" % PACKAGE, REINSTALL)]
    try:
        from mlinference.houdini import presence
    except Exception as error:  # hou needs a licence, and says so in its own ways
        return [
            Finding(
                "Houdini",
                PROBLEM,
                "hou cannot be imported: %s: %s" % (type(error).__name__, native(error)),
                "Run hython in Houdini's own shell, and see that it has a licence.",
            )
        ]
    findings = [Finding("Houdini", GOOD, presence.version())]
    for operator, library in presence.libraries():
        if library:
            findings.append(Finding("Houdini", GOOD, "%s is loaded from %s" % (operator, library)))
        else:
            findings.append(
                Finding(
                    "Houdini",
                    PROBLEM,
                    "%s is not loaded" % operator,
                    "Run scripts/install.py for this Houdini and restart it.",
                )
            )
    return findings


def asset_folders():
    """Return where our asset libraries may be: with the package, or on HOUDINI_PATH."""
    above = os.path.dirname(os.path.dirname(PACKAGE))
    # A folder of preferences or a clone holds python2.7libs beside otls; pip puts otls inside.
    folders = [os.path.join(above, "otls"), os.path.join(PACKAGE, "otls")]
    for folder in re.split("[;%s]" % os.pathsep, os.environ.get("HOUDINI_PATH", "")):
        if folder not in ("", "&"):
            folders.append(os.path.join(folder, "otls"))
    return folders


def _assets():
    missing = []
    findings = []
    for name in ("ml_inference.hda", "digit_glyphs.hda"):
        paths = [os.path.join(folder, name) for folder in asset_folders()]
        found = [path for path in paths if os.path.isfile(path)]
        if found:
            findings.append(_asset(found[0]))
        else:
            missing.append(name)
    if missing:
        findings.append(
            Finding(
                "Assets",
                PROBLEM,
                "%s not found in %s" % (" and ".join(missing), ", ".join(asset_folders()[:2])),
                "Run scripts/install.py; in a clone, run scripts/build_hda.py build first.",
            )
        )
    return findings


def _asset(path):
    """Judge one library by its table of contents, and by the sum that install.py wrote down."""
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except EnvironmentError as error:
        text = "%s cannot be read: %s" % (path, error.strerror or error)
        return Finding("Assets", PROBLEM, text, REINSTALL)
    if not data:
        return Finding("Assets", PROBLEM, "%s is empty" % path, REINSTALL)
    if not _is_whole(data):
        return Finding("Assets", PROBLEM, "%s is damaged" % path, REINSTALL)
    sums = _installed_sums(path)
    if sums and hashlib.sha256(data).hexdigest() not in sums:
        text = "%s is not as install.py wrote it, if nobody has saved the asset since" % path
        return Finding("Assets", CAUTION, text, REINSTALL)
    return Finding("Assets", GOOD, path)


def _is_whole(data):
    """Tell whether the sections of a library, which lie one after another, end where it ends.

    See scripts/hda_library/sections.py, which an installation with pip does not have.
    """
    position, end = 16, 0
    try:
        magic, zeros, count = struct.unpack_from(">4sQI", data)
        # As long as it takes: 2.7 would make a list of any count that a damaged file names.
        for _ in itertools.repeat(None, count):
            position += 4 + struct.unpack_from(">I", data, position)[0]
            offset, size, _ = struct.unpack_from(">III", data, position)
            position, end = position + 12, max(end, offset + size)
    except struct.error:
        return False
    return (magic, zeros) == (b"INDX", 0) and count > 0 and position + end == len(data)


def _installed_sums(path):
    """Return the SHA-256 sums that installed.json, one folder above, has for a library."""
    folder, name = os.path.split(path)
    try:
        with open(os.path.join(os.path.dirname(folder), "installed.json")) as stream:
            return json.load(stream)["files"]["packages/mlinference/otls/" + name]
    except (EnvironmentError, ValueError, KeyError, TypeError):
        # A clone, pip, or a record of something else.
        return []


# -- The model and the engines ----------------------------------------------------------------


def _model(path, network=""):
    """Restore the checkpoint with each engine and ask for an answer."""
    from mlinference import errors

    try:
        for finding in itertools.chain(_checkpoint(path, network), _engines(path, network)):
            yield finding
    except errors.InferenceError as error:
        yield _from_error("Checkpoint", PROBLEM, error)


def _from_error(subject, state, error):
    return Finding(subject, state, "%s\n%s" % (error.problem, error.found), error.remedy)


def _checkpoint(path, network):
    from mlinference import models, own, saved

    model = models.read(models.resolve(path), own.find(network))
    if isinstance(model, saved.Model):
        return [Finding("Checkpoint", GOOD, "%s, %s" % (model.kind, model.prefix))]
    text = "%s, %d classes, %s" % (model.network.name, model.classes, model.prefix)
    accuracy = model.sidecar.get("accuracy")
    # A sidecar may be anybody's.
    tested = accuracy.get("test") if isinstance(accuracy, dict) else None
    if isinstance(tested, (int, float)):
        text += "\ntest accuracy %.2f %%" % (100 * tested)
    return [Finding("Checkpoint", GOOD, text)]


def _engines(path, network):
    """Let each engine answer; TensorFlow may be missing, the others may not fail.

    A network of one's own may be for TensorFlow alone: then NumPy may fail.
    """
    from mlinference import classifier, errors, models, own, saved

    answers = {}
    numpy_fails = CAUTION if own.is_own(network) else PROBLEM
    tokens = (("tensorflow", CAUTION), ("numpy", numpy_fails), ("auto", PROBLEM))
    if isinstance(models.read(models.resolve(path), own.find(network)), saved.Model):
        tokens = tokens[2:]  # it has one engine
    for token, state in tokens:
        try:
            engine = classifier.shared(path, engine=token, network=network)
            answers[token] = engine.predict(_drawn(engine))
        except (errors.EngineError, errors.NetworkError) as error:
            yield _from_error("Engine", state, error)
            continue
        text = "'Auto' runs %s" if token == "auto" else "%s restores the checkpoint and answers"
        yield Finding("Engine", GOOD, text % engine.engine)
        for caution in engine.cautions:
            yield _from_error("Engine", CAUTION, caution)
    if "tensorflow" in answers and "numpy" in answers:
        yield _agreement(answers["tensorflow"], answers["numpy"])
    if "auto" in answers:
        yield _reading(engine, answers["auto"])


def _drawn(engine):
    """Return the network's input for a drawn 1 and a drawn 0, float32 [2, pixels]."""
    import numpy

    from mlinference import picture

    wanted = {"shape": engine.shape, "looks_at": engine.picture}
    pages = [picture.Page(values, name) for values, name in ((_one(), "one"), (_zero(), "zero"))]
    return numpy.concatenate([picture.prepare(page, **wanted).pictures for page in pages])


def _one():
    import numpy

    page = numpy.ones((84, 84), numpy.float32)
    page[14:70, 39:46] = 0
    return page


def _zero():
    import numpy

    rows, columns = numpy.mgrid[-42:42, -42:42] + 0.5
    away = numpy.sqrt((rows / 28) ** 2 + (columns / 19) ** 2)
    return numpy.where(abs(away - 0.85) < 0.15, 0, 1).astype(numpy.float32)


def _agreement(one, other):
    difference = float(abs(one - other).max())
    if difference <= TOLERANCE:
        text = "both engines give the same answer (to %.0e)" % TOLERANCE
        return Finding("Engine", GOOD, text)
    return Finding(
        "Engine",
        PROBLEM,
        "The engines' probabilities differ by %.1e; rounding explains %.0e."
        % (difference, TOLERANCE),
        "Set 'Engine' to 'NumPy', and report the versions above.",
    )


def _reading(engine, probabilities):
    """Judge what a drawn 1 and a drawn 0 are read as, if the checkpoint is our own."""
    from mlinference import checkpoint

    best = probabilities.argmax(axis=1)
    labels = [engine.labels[index] for index in best]
    shown = ["'%s' (%.1f %%)" % pair for pair in zip(labels, 100 * probabilities.max(axis=1))]
    text = "a drawn 1 is read as %s, a drawn 0 as %s" % tuple(shown)
    if labels == ["1", "0"] or engine.checkpoint.prefix != checkpoint.resolve(""):
        return Finding("Answer", GOOD, text)
    return Finding("Answer", PROBLEM, text, REINSTALL)
