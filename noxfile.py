"""Each environment of the matrix as a session, and the exchange of checkpoints between them all.

`python scripts/matrix.py` runs these sessions two at a time and writes the table; one alone is
`nox -s py37-tf-1.15`. scripts/environments.py makes the environments and keeps them.
"""

import glob
import hashlib
import os
import shutil
import sys
import xml.etree.ElementTree

import nox

ROOT = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

import environments  # noqa: E402
import matrix  # noqa: E402

nox.needs_version = ">=2026.10"

# Everything runs under the first Houdini; under the others what depends on the version.
EVERY_SUITE = ("tests/unit", "tests/contract", "tests/scene", "tests/interpreters/test_places.py")
SUITES_BY_HOUDINI = ("tests/contract", "tests/scene")

# Where no Houdini carries this Python, the stand-in plays the nearest that does.
NEAREST = {"3.6": "18.5", "3.8": "19.5", "3.12": "22.0"}

# Here a warning that our own code causes is an error; older libraries warn of each other.
STRICT_PYTHONS = ("3.11", "3.12", "3.13")
STRICT = ("-o", "filterwarnings=error:::mlinference")

# Long enough to see the network learn, short enough for the slowest TensorFlow.
TRAINING_STEPS = 60
TRAINING = ("--network", "convolutional", "--steps", str(TRAINING_STEPS), "--batch", "50")


def check(session, environment):
    """Make the environment and run everything in it, to the end even where a step fails."""
    record = matrix.Record(environment.name)
    steps = Steps(session, environment, record)
    steps.make()
    steps.versions()
    steps.suites()
    steps.asset()
    steps.checkpoint()
    if record.failed:
        session.error("%s failed: %s" % (environment.name, ", ".join(record.failed)))


class Steps:
    """The steps of one environment; each adds its result to the record."""

    def __init__(self, session, environment, record):
        self.session = session
        self.environment = environment
        self.record = record
        self.python = None

    def make(self):
        name = self.environment.name
        if environments.interpreter(self.environment.python) is None:
            reason = "no Python %s on this machine" % self.environment.python
            missed = matrix.FAILED if environments.in_ci() else matrix.SKIPPED
            self.record.add("environment", missed, reason)
            (self.session.error if environments.in_ci() else self.session.skip)(reason)
        try:
            self.python = environments.python_of(environments.make(name))
        except environments.Failure as failure:
            self.record.add("environment", matrix.FAILED, str(failure).splitlines()[0])
            self.session.error(str(failure))
        self.record.add("environment", matrix.PASSED)

    def versions(self):
        """Ask the environment itself what it is, and hold that against what it should be."""
        if not self.script("versions", "exchange.py", "versions", self.path("versions.json")):
            return
        found = matrix.read_json(self.path("versions.json"))
        if bool(found["tensorflow"]) != self.environment.tensorflow:
            self.record.add("versions", matrix.FAILED, "TensorFlow is %(tensorflow)s" % found)

    def suites(self):
        houdinis = self.environment.houdinis or (NEAREST[self.environment.python],)
        strict = STRICT if self.environment.python in STRICT_PYTHONS else ()
        for houdini in houdinis:
            suites = EVERY_SUITE if houdini == houdinis[0] else SUITES_BY_HOUDINI
            report = self.path("houdini-%s.xml" % houdini)
            passed = self.run(
                "suites %s" % houdini,
                "-m", "pytest", "-rs", "-p", "no:cacheprovider", "--color=no",
                "--junitxml", report, *strict, *suites,
                env={"MLINFERENCE_HOUDINI": houdini},
            )  # fmt: skip
            self.record.add(
                "suites %s" % houdini, matrix.PASSED if passed else matrix.FAILED, tests_in(report)
            )

    def asset(self):
        """Build the assets elsewhere and compare their bytes with those of the repository."""
        place = self.path("assets")
        for folder in ("hda", "icons"):
            shutil.copytree(os.path.join(ROOT, folder), os.path.join(place, folder))
        if not self.script("asset", "build_hda.py", "build", "--root", place):
            return
        built, kept = checksums(place), checksums(ROOT)
        same = matrix.PASSED if built and built == kept else matrix.FAILED
        self.record.add("asset", same, "%d built" % len(built))

    def checkpoint(self):
        """Train shortly where there is TensorFlow, and leave a checkpoint for the others."""
        prefix = self.path("convolutional.ckpt")
        if self.environment.tensorflow:
            data = self.path("mnist")
            written = self.script("data", "exchange.py", "data", data) and self.script(
                "training", "mnist_train.py", "--data", data, "--out", prefix, *TRAINING
            )
            if written:
                self.judge(prefix)
        else:
            written = self.script("write", "exchange.py", "write", prefix)
        if written:
            self.script("answer", "exchange.py", "answer", prefix, prefix + ".npy")

    def judge(self, prefix):
        """A training that learned nothing has failed, whatever its exit code."""
        accuracy = matrix.read_json(prefix + ".json")["accuracy"]["test"]
        result = matrix.PASSED if accuracy > 0.5 else matrix.FAILED
        self.record.add("training", result, "%d steps, %.0f %%" % (TRAINING_STEPS, 100 * accuracy))

    def script(self, step, name, *arguments):
        return self.run(step, os.path.join("scripts", name), *arguments)

    def run(self, step, *arguments, cwd=ROOT, env=None):
        """Run the environment's Python; keep the result and return whether it passed."""
        variables = dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"))
        # Two environments at a time may not write into one folder of bytecode.
        variables.update(PYTHONDONTWRITEBYTECODE="1", TF_CPP_MIN_LOG_LEVEL="2", **(env or {}))
        try:
            with self.session.chdir(cwd):
                self.session.run(self.python, *arguments, env=variables, external=True)
        except nox.command.CommandFailed:
            self.record.add(step, matrix.FAILED)
            return False
        self.record.add(step, matrix.PASSED)
        return True

    def path(self, *parts):
        return os.path.join(self.record.folder, *parts)


def tests_in(report):
    """Return 'N passed, N failed, N skipped' of a JUnit report, without the noughts."""
    if not os.path.exists(report):
        return "0 passed"
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in xml.etree.ElementTree.parse(report).getroot().iter("testsuite"):
        for key in total:
            total[key] += int(suite.get(key, 0))
    failed = total["failures"] + total["errors"]
    passed = total["tests"] - failed - total["skipped"]
    numbers = ((passed, "passed"), (failed, "failed"), (total["skipped"], "skipped"))
    return ", ".join("%d %s" % pair for pair in numbers if pair[0] or pair[1] == "passed")


def checksums(root):
    """Return {asset's file name: SHA-256} of a folder's otls/."""
    found = {}
    for path in glob.glob(os.path.join(root, "otls", "*.hda")):
        with open(path, "rb") as stream:
            found[os.path.basename(path)] = hashlib.sha256(stream.read()).hexdigest()
    return found


def session_of(environment):
    def run(session):
        check(session, environment)

    run.__doc__ = "Everything in %s." % environment.name
    return run


for each in environments.ENVIRONMENTS:
    nox.session(
        session_of(each),
        name=each.name,
        python=False,
        tags=["ci", "matrix"] if each.ci else ["matrix"],
        allow_parallel=True,
    )


@nox.session(python=False)
def exchange(session):
    """Let each environment that ran restore every checkpoint that was written."""
    names = matrix.written()
    if not names:
        session.error("No environment has written a checkpoint")
    for name in names:
        steps = Steps(session, environments.named(name), matrix.Record(name))
        steps.python = environments.python_of(environments.find(name))
        steps.script("exchange", "exchange.py", "compare", matrix.RESULTS, steps.path("exchange.json"))
    failed = [name for name in names if "exchange" in matrix.Record(name).failed]
    if failed:
        session.error("Restored otherwise in %s" % ", ".join(failed))
