"""What `scripts/mnist_train.py` does with its options, in order."""

from __future__ import division, print_function

import collections
import contextlib
import json
import os
import platform
import sys
import time

import numpy

import mlinference
from mlinference import _compat, checkpoint, errors, moments, networks, own
from mlinference.training import (
    batches,
    calibration,
    dataset,
    download,
    folders,
    glyphs,
    graph,
    loop,
    mixture,
    progress,
    recipes,
    report,
    saving,
    summaries,
)

# Knobs of a recipe that the command line may change.
CHANGES = (
    "network",
    "steps",
    "epochs",
    "batch",
    "rate",
    "optimizer",
    "schedule",
    "l2",
    "keep_prob",
    "augmentation",
    "align",
    "patience",
    "beginnings",
    "bfloat16",
)

# Each optimizer with a learning rate at which it does well.
COMPARED = collections.OrderedDict(
    (("sgd", 0.1), ("momentum", 0.02), ("rmsprop", 1e-3), ("adam", 2e-3))
)

# Between the seeds of a run's beginnings, so that runs of neighbouring seeds share none.
BEGINNINGS_APART = 100003

# What numbers take that are no knobs, from and to: NumPy's seeds, and threads that any system has.
RANGES = {"seed": (0, batches.SEEDS - 1), "threads": (0, 1024)}

# What a shell expects of a program that Ctrl-C ended.
INTERRUPTED = 130


def train(options):
    """Train and save; return the exit code.

    Raises:
        errors.InferenceError: If anything the user gave does not do.
    """
    table = recipe(options)
    network = named(table["network"])
    if options.compare_optimizers:
        return compare(options, table, network)
    options.out = prefix = output(options, network)
    check(options, prefix)
    if options.resume:
        table, arrays, plain = saving.read_state(prefix)
        check_given(options, prefix, table, plain["seed"])
        network = named(table["network"])
        # Another seed would train on pictures that validation was held by.
        options.seed = plain["seed"]
    data = load(options, network, table)
    if options.resume:
        saving.check_state(prefix, plain, data)
    began = time.time()
    session = Session(options, table, network, data)
    if options.resume:
        with saving.restoring(prefix):
            session.run.restore(arrays, plain)
    else:
        session.begin()
    session.keep(options.logdir)
    with session.run.interrupts:
        session.run.go()
        return session.finish(time.time() - began)


def check_numbers(options):
    """Find out whether the numbers that are not a recipe's will do, or raise errors.KnobInvalid."""
    for name, (least, most) in sorted(RANGES.items()):
        value = getattr(options, name)
        if not least <= value <= most:
            takes = "whole numbers from %d to %d" % (least, most)
            raise errors.KnobInvalid(knob=recipes.option(name), value=value, takes=takes)


def recipe(options):
    """Return the recipe's table with the command line's changes."""
    return recipes.recipe(options.recipe, **changed(options))


def changed(options):
    """Return the knobs that the command line changes, a mapping of name to value.

    Raises:
        errors.StepsAndEpochs: If it says twice how long to train.
    """
    given = ((name, getattr(options, name, None)) for name in CHANGES)
    changes = {name: value for name, value in given if value is not None}
    if "epochs" in changes and changes.get("steps"):
        raise errors.StepsAndEpochs(steps=changes["steps"])
    if "epochs" in changes:
        changes.setdefault("steps", 0)
    return changes


def check_given(options, prefix, table, seed):
    """Find out whether the options given are those of the run that is gone on with.

    Args:
        options: With `given`, the names of those on the command line.
        prefix: Of the run.
        table, seed: The run's.

    Raises:
        errors.ResumeDiffers: If one is not: it would be of no effect.
    """
    wanted = changed(options)
    for name in ("recipe", "seed"):
        if name in options.given:
            wanted[name] = getattr(options, name)
    kept = dict(table, recipe=table["name"], seed=seed)
    names = ("recipe",) + CHANGES + ("seed",)
    others = [name for name in names if name in wanted and wanted[name] != kept[name]]
    if others:
        said = ", ".join(_as_option(name, kept[name]) for name in others)
        raise errors.ResumeDiffers(file=prefix + saving.STATE_SUFFIX, kept=said)


def _as_option(name, value):
    option = recipes.option(name)
    if name == "bfloat16":
        return "no " + option
    return "%s %s" % (option, "''" if value == "" else value)


def named(name):
    """Return the network called `name`, or raise errors.NetworkUnknown."""
    network = own.load(name.strip()) if own.is_own(name) else networks.named(name)
    if network is None:
        known = "', '".join(each.name for each in networks.NETWORKS)
        raise errors.NetworkUnknown(name=name, known=known)
    return network


def output(options, network):
    """Return the prefix of the checkpoint that the options ask for, also by one of its files.

    Raises:
        errors.KnobInvalid: If it has no name: the files would be hidden ones.
    """
    if options.out is None:
        # Of one's own network, its module's name.
        return "data/%s.ckpt" % network.name.partition(":")[0].split(".")[-1]
    prefix = checkpoint.SUFFIX.sub("", options.out)
    if os.path.basename(prefix) in ("", os.curdir, os.pardir):
        takes = "a path that ends in a name, to which endings are added"
        raise errors.KnobInvalid(knob="--out", value="'%s'" % options.out, takes=takes)
    return prefix


def check(options, prefix, begun=False):
    """Find out before training whether all that it writes can be written after it.

    The options then have `replaces`: whether what is there by the time it is written may go.

    Args:
        begun: Whether there may be servers that the run of a kept state goes on at.

    Raises:
        errors.TrainingError: If something is there already, or has no place.
    """
    free = options.force or options.resume
    if not (free or begun):
        # Before the files: those of a run that Ctrl-C ended are there too.
        saving.check_interrupted(prefix)
    saving.check(prefix, free)
    options.replaces = free or os.path.exists(prefix + saving.STATE_SUFFIX)
    if options.report:
        saving.check_folder(options.report, "--report", report.FILES, free)
    if options.logdir:
        saving.check_folder(options.logdir, "--logdir")


def load(options, network, table):
    """Return the dataset.Dataset that the options mean, aligned if the recipe says so.

    Prints its remarks. Where the recipe's `table` mixes pictures of fonts in, the fonts count
    as data too.

    Raises:
        errors.KnobInvalid: If it aligns pictures that are no drawings, or mixes others in.
        errors.TrainingError: If the data cannot be used.
    """
    if table["align"] and (table["mixture"] or not moments.fits(network)):
        takes = "'%s' for drawings of one channel, and not with the recipe 'digits'" % moments.MOMENTS
        raise errors.KnobInvalid(knob="--align", value=table["align"], takes=takes)
    path = options.data
    if path and not dataset.holds_mnist(path) and folders.holds_classes(path):
        data = folders.read(path, network.shape, options.seed, network.picture)
    else:
        data = dataset.mnist(path or download.mnist(print), options.seed, shape=network.shape)
    for line in data.remarks:
        _compat.say(line)
    if mixes(table, data, network):
        data.checksums["fonts"] = glyphs.checksum(options.fonts)
    if table["align"]:
        data = data.changed(lambda pictures: moments.align(pictures, network.shape))
    return data


class Session(object):
    """A run with the two graphs that it needs."""

    Trainer, Run = graph.Trainer, loop.Run

    def __init__(self, options, table, network, data):
        self.options, self.table, self.network, self.data = options, table, network, data
        classes = len(data.labels)
        self.trainer = self.Trainer(network, classes, table, options.seed, options.threads)
        marks = (moments.MARK,) if table["align"] else ()
        self.served = graph.Served(self.trainer.tf, network, classes, options.threads, marks)
        # After TensorFlow, which may be missing, for this takes a minute.
        pools = self._pools()
        self.run = self.Run(
            self.trainer, self.served, data, table, options.seed, progress.Progress(), pools
        )
        _compat.say(self.described())

    def begin(self):
        """Where the recipe asks for it, train a little from other first values too, and go on
        from what is best by validation.
        """
        if self.table["beginnings"] == 1:
            return
        tried = [self._tried(number) for number in range(self.table["beginnings"])]
        entropies = [entropy for _, entropy in tried]
        best = entropies.index(min(entropies))
        print("Going on from beginning %d of %d." % (best + 1, len(tried)))
        for trainer, _ in tried[:best] + tried[best + 1 :]:
            trainer.close()
        self.trainer = self.run.trainer = tried[best][0]

    def _tried(self, number):
        table = dict(self.table, steps=0, epochs=self.table["trial"], validations=1)
        seed = (self.options.seed + BEGINNINGS_APART * number) % batches.SEEDS
        trainer = self.trainer
        if number:
            trainer = self.Trainer(
                self.network, len(self.data.labels), table, seed, self.options.threads
            )
        run = self.Run(trainer, self.served, self.data, table, seed)
        run.go()
        if run.interrupted:
            raise KeyboardInterrupt
        found = run.history[-1]
        print(
            "Beginning %d: validation %.2f %%, cross entropy %.4f  %.0f s"
            % (number + 1, 100 * found["accuracy"], found["entropy"], run.seconds)
        )
        return trainer, found["entropy"]

    def described(self):
        """Return the line that says what is trained, and how."""
        return "%s (%d parameters), recipe %s, %d steps of %d pictures, %s, TensorFlow %s" % (
            self.network.name,
            self.network.parameters(len(self.data.labels)),
            self.table["name"],
            self.run.steps,
            self.table["batch"],
            "bfloat16" if self.trainer.bfloat16 else "float32",
            self.trainer.tf.__version__,
        )

    def keep(self, logdir):
        """Let every validation leave what `--resume` and TensorBoard need."""
        writer = summaries.Writer(self.trainer.tf, logdir) if logdir else None

        def validated(run):
            self._give_way(state=len(run.history) == 1)
            saving.write_state(self.options.out, self.table, self.data, *run.state())
            if writer:
                writer.add(run.history[-1])

        self.run.validated = validated

    def _give_way(self, state):
        """Go beside what another training has written since `check` looked.

        Args:
            state: As saving.vacant takes it: at the first validation there is none of this run's.
        """
        prefix = self.options.out
        other = prefix if self.options.replaces else saving.vacant(prefix, state)
        if other != prefix:
            _compat.say("'%s' has been written by another meanwhile; this goes to '%s'." % (prefix, other))
            if not state:
                saving.move_state(prefix, other)
            self.options.out = other

    def finish(self, seconds):
        """Judge, save and say so; return the exit code."""
        run, data = self.run, self.data
        self.served.load(run.best)
        held = self.served.logits(data.validation.pictures)
        facts = self.sidecar()
        temperature = calibration.temperature(held, data.validation.labels)
        facts["temperature"] = temperature
        facts["accuracy"] = {"validation": right(held, data.validation.labels), "test": None}
        probabilities = None
        if not run.interrupted:
            # The one time that anything looks at the test pictures.
            logits = self.served.logits(data.test.pictures)
            probabilities = calibration.probabilities(logits, temperature)
            facts["accuracy"]["test"] = right(logits, data.test.labels)
            error = calibration.expected_error(probabilities, data.test.labels)
            facts["calibration_error"] = error
        facts["seconds"] = round(seconds, 3)
        self._give_way(state=False)
        prefix = self.options.out
        self._save(prefix, facts)
        reported = self._report(probabilities)
        return self._say(prefix, facts) or (0 if reported else 1)

    def _save(self, prefix, facts):
        run = self.run
        if run.last is not run.best:
            self.served.load(run.last)
            accuracy = {"validation": run.history[-1]["accuracy"], "test": None}
            saving.save(self.served, prefix + saving.LAST, dict(facts, accuracy=accuracy))
            self.served.load(run.best)
        saving.save(self.served, prefix, facts)
        if run.last is run.best:
            # What is there by that name is of a run that this one replaces.
            saving.remove(prefix + saving.LAST)
        if not run.interrupted:
            saving.remove_state(prefix)

    def _report(self, probabilities):
        """Write the report, if there is to be one; tell whether nothing is missing of it."""
        if not self.options.report:
            return True
        try:
            written = report.write(
                self.options.report,
                self.run.history,
                self.data.labels,
                self.data.test,
                probabilities,
                self.network.shape,
            )
        except Exception as error:  # matplotlib has many; what was learnt is saved already
            reason = getattr(error, "strerror", None) or _compat.native(error) or type(error).__name__
            folder = self.options.report
            failed = errors.FolderUnusable(folder=folder, option="--report", reason=reason)
            print(str(failed), file=sys.stderr)
            return False
        _compat.say("Report in '%s': %s." % (self.options.report, ", ".join(written)))
        if len(written) == 1:
            print("Install matplotlib for its pictures.")
        return True

    def _say(self, prefix, facts):
        run, accuracy = self.run, facts["accuracy"]
        if run.interrupted:
            _compat.say("Stopped at step %d; '%s' is saved. Go on with --resume." % (run.step, prefix))
        else:
            print(
                "Test accuracy %.2f %% after %.0f s." % (100 * accuracy["test"], facts["seconds"])
            )
            _compat.say("Wrote '%s'." % prefix)
        line = {
            "checkpoint": prefix,
            "interrupted": run.interrupted,
            "network": self.network.name,
            "seconds": facts["seconds"],
            "steps": run.step,
            "test": accuracy["test"],
            "validation": accuracy["validation"],
        }
        print(json.dumps(line, sort_keys=True))
        return INTERRUPTED if run.interrupted else 0

    def sidecar(self):
        """Return what `PREFIX.json` says of the checkpoint beside it, before it was judged."""
        return {
            "format": 1,
            "network": self.network.name,
            "parameters": self.network.parameters(len(self.data.labels)),
            "classes": len(self.data.labels),
            "labels": list(self.data.labels),
            "input": self._described_input(),
            "recipe": self.table,
            "seed": self.options.seed,
            "steps": self.run.step,
            "data": self.data.checksums,
            "bfloat16": self.trainer.bfloat16,
            "versions": versions(self.trainer.tf),
        }

    def _described_input(self):
        described = self.network.described()
        return dict(described, aligned=self.table["align"]) if self.table["align"] else described

    def _pools(self):
        if not mixes(self.table, self.data, self.network):
            if self.table["mixture"]:
                print("Only the pictures given are trained on: the recipe's own show digits.")
            return ()
        return mixture.pools(self.data, self.options.fonts, self.options.seed, print)


def mixes(table, data, network):
    """Whether the recipe's own pictures are added: they show digits, in MNIST's size."""
    fits = network.shape == (28, 28, 1) and network.picture == networks.INK
    return table["mixture"] and fits and data.labels == tuple("0123456789")


def right(logits, labels):
    """Return the share of pictures that are classified as labelled."""
    return float((logits.argmax(1) == labels).mean())


def versions(tf):
    """Return what the file was made with."""
    return {
        "mlinference": mlinference.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "system": sys.platform,
        "tensorflow": str(tf.__version__),
    }


def compare(options, table, network):
    """Train once with each optimizer and draw the runs in one picture; return the exit code.

    Raises:
        errors.NotCompared: An option is given that would be of no effect.
        errors.FolderUnusable: The folder does not take what is written.
    """
    for name in ("optimizer", "rate", "beginnings", "out", "resume", "logdir"):
        if getattr(options, name) not in (None, False):
            raise errors.NotCompared(option=recipes.option(name))
    folder = options.report or "report"
    names = ["%s.csv" % name for name in COMPARED] + ["optimizers.png"]
    saving.check_folder(folder, "--report", names, options.force)
    data = load(options, network, table)
    runs = collections.OrderedDict()
    for name, rate in COMPARED.items():
        print("-- %s, learning rate %g" % (name, rate))
        session = Session(options, dict(table, optimizer=name, rate=rate), network, data)
        runs[name] = session.run.history
        with session.run.interrupts:
            session.run.go()
            with _writing(folder):
                report.metrics(os.path.join(folder, "%s.csv" % name), runs[name])
        if session.run.interrupted:
            return INTERRUPTED
    path = os.path.join(folder, "optimizers.png")
    with _writing(folder):
        drawn = report.optimizers(path, runs)
    for name, history in runs.items():
        best = max(moment["accuracy"] for moment in history)
        print("%-9s validation accuracy %.2f %%" % (name, 100 * best))
    _compat.say("Wrote '%s'." % path if drawn else "Install matplotlib for the picture.")
    best = {name: max(each["accuracy"] for each in runs[name]) for name in runs}
    print(json.dumps({"optimizers": best}, sort_keys=True))
    return 0


@contextlib.contextmanager
def _writing(folder):
    try:
        saving.make_folder(folder)
        yield
    except EnvironmentError as error:
        reason = error.strerror or error
        raise errors.FolderUnusable(folder=folder, option="--report", reason=reason)
