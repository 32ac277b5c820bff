#!/usr/bin/env python3
"""Run the suites on every Python and TensorFlow, and write what came of it to build/matrix.md.

nox does the running (noxfile.py), two environments at a time; each is made from its pins once and
kept in the user's cache. Needs Python 3.10 or newer somewhere on the machine, and the Pythons of
the matrix: one that is missing is skipped and said so, and is a failure where CI is set.
"""

import argparse
import contextlib
import glob
import io
import json
import os
import shutil
import subprocess
import sys

import environments

ROOT = environments.ROOT
RESULTS = os.path.join(ROOT, "build", "matrix")
TABLE = os.path.join(ROOT, "build", "matrix.md")
README = os.path.join(ROOT, "README.md")

# As many as the smallest machine that runs this has cores.
AT_A_TIME = "2"

PASSED, FAILED, SKIPPED = "passed", "FAILED", "skipped"


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", nargs="*", help="environments; else all (scripts/environments.py list)")
    parser.add_argument("--ci", action="store_true", help="those that continuous integration runs")
    parser.add_argument("--readme", action="store_true", help="renew the table in README.md as well, if all pass")
    options = parser.parse_args(argv)
    if options.readme and (options.name or options.ci):
        parser.error("README.md holds a row for each environment: --readme takes neither names nor --ci")
    try:
        names = options.name or [
            environment.name
            for environment in environments.ENVIRONMENTS
            if environment.ci or not options.ci
        ]
        for name in names:
            environments.named(name)
        with only_run():
            failed = run(names)
    except environments.Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    whole = not failed and all(outcome(name) == PASSED for name in names)
    print(show(names, options.readme and whole), flush=True)
    if options.readme and not whole:
        print("README.md keeps its table: not every environment has passed.", file=sys.stderr)
        return 1
    return 1 if failed else 0


def run(names):
    """Run the environments, then let each restore what all wrote; return whether any failed."""
    nox = [environments.python_of(environments.make(environments.TOOLS)), "-m", "nox"]
    shutil.rmtree(RESULTS, ignore_errors=True)
    codes = [
        subprocess.call(nox + ["--parallel", AT_A_TIME, "--session"] + names, cwd=ROOT),
        subprocess.call(nox + ["--session", "exchange"], cwd=ROOT),
    ]
    return any(codes) or any(outcome(name) == FAILED for name in names)


@contextlib.contextmanager
def only_run():
    """Wait until no other run on this machine is making environments."""
    folder = environments.cache()
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, ".lock"), "w") as stream:
        try:
            import fcntl
        except ImportError:  # Windows: one run at a time is left to the user
            yield
            return
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another run has the environments; waiting for it.", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class Record:
    """What one environment's steps came to, kept as JSON beside their files."""

    def __init__(self, name):
        self.folder = os.path.join(RESULTS, name)
        self.path = os.path.join(self.folder, "steps.json")
        os.makedirs(self.folder, exist_ok=True)
        self.steps = read_json(self.path) or {}

    def add(self, step, result, said=""):
        """Keep a step's result: PASSED, FAILED or SKIPPED, and a few words."""
        self.steps[step] = {"result": result, "said": said}
        with io.open(self.path, "w", encoding="ascii") as stream:
            json.dump(self.steps, stream, indent=1)

    @property
    def failed(self):
        return [step for step in self.steps if self.steps[step]["result"] == FAILED]


def outcome(name):
    """Return PASSED, FAILED or SKIPPED for an environment as a whole."""
    record = Record(name)
    if not record.steps or record.failed:
        return FAILED
    return SKIPPED if record.steps.get("environment", {}).get("result") == SKIPPED else PASSED


def show(names, in_readme):
    """Write the table to build/matrix.md, on request to README.md too; return it."""
    text = table(names)
    with io.open(TABLE, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
    if in_readme:
        import readme  # beside this file; knows the markers

        with io.open(README, encoding="utf-8") as stream:
            wanted = readme.replace(stream.read(), "matrix", text)
        with io.open(README, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(wanted)
    return text


def table(names):
    """Return the results as a Markdown table, one row an environment."""
    head = ("Houdini", "Python", "TensorFlow", "NumPy", "suites", "training", "checkpoints", "outcome")
    lines = ["| %s |" % " | ".join(cells) for cells in (head, ("---",) * len(head))]
    lines += ["| %s |" % " | ".join(row(environments.named(name))) for name in names]
    return "\n".join(lines) + "\n"


def row(environment):
    record = Record(environment.name)
    versions = read_json(os.path.join(record.folder, "versions.json")) or {}
    suites = [record.steps[step]["said"] for step in record.steps if step.startswith("suites")]
    return (
        ", ".join(sorted(environment.houdinis)) or "none",
        versions.get("python", environment.python),
        versions.get("tensorflow") or ("?" if environment.tensorflow else "none"),
        versions.get("numpy", "?"),
        tests_in(suites),
        record.steps.get("training", {}).get("said", "-"),
        exchanged(environment.name),
        said(environment.name, record),
    )


def tests_in(suites):
    """Return 'N passed' over an environment's suites, and how many were skipped."""
    passed = sum(each["passed"] for each in map(counts, suites))
    skipped = sum(each["skipped"] for each in map(counts, suites))
    return "%d passed%s" % (passed, ", %d skipped" % skipped if skipped else "")


def counts(words):
    """Return {'passed': 3, 'failed': 0, 'skipped': 1} of '3 passed, 1 skipped'."""
    found = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for part in filter(None, words.split(", ")):
        number, word = part.split(" ")
        found[word] = int(number)
    return found


def exchanged(name):
    """Return whose checkpoints an environment restored, and how far off it was at most."""
    rows = read_json(os.path.join(RESULTS, name, "exchange.json"))
    if not rows:
        return "-"
    writers = {row["writer"] for row in rows}
    engines = len({row["engine"] for row in rows})
    worst = max(row["difference"] for row in rows)
    return "%d restored, %d engine%s, within %.0e" % (
        len(writers), engines, "" if engines == 1 else "s", worst)


def said(name, record):
    whole = outcome(name)
    if whole == SKIPPED:
        return "skipped: " + record.steps["environment"]["said"]
    return whole if whole == PASSED else "FAILED: " + (", ".join(record.failed) or "did not run")


def read_json(path):
    try:
        with io.open(path, encoding="utf-8") as stream:
            return json.load(stream)
    except FileNotFoundError:
        return None


def written():
    """Return the names of the environments that wrote a checkpoint with its answers."""
    found = glob.glob(os.path.join(RESULTS, "*", "*.ckpt.npy"))
    return sorted(os.path.basename(os.path.dirname(path)) for path in found)


if __name__ == "__main__":
    sys.exit(main())
