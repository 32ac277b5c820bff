"""A run, from first step to last: batches, schedule, validation, the best kept.

Choices look at validation pictures only; nothing here has the test pictures.
"""

import time

import numpy

from mlinference import errors
from mlinference.training import ahead, augmentation, mixture, recipes

# Steps between two validations, at least: they cost as much as twenty steps or so.
LEAST_INTERVAL = 50


class Run(object):
    """One training.

    Args:
        trainer: graph.Trainer.
        served: graph.Served of the same network, for validation.
        data: dataset.Dataset.
        recipe: A table of `recipes`.
        seed: Of order and augmentation.
        pools: Sequence of mixture.Pool, each with its share of every batch.
        report: Function of the run and the loss, called after every step.

    Attributes:
        steps: How many the recipe asks for.
        history: A mapping of step, loss, accuracy, rate and seconds for every validation.
        best, last: The checkpoint's variables, name to array; `best` by validation.
        validated: Function of the run, called after every validation.
    """

    def __init__(self, trainer, served, data, recipe, seed=0, report=None, pools=()):
        self.trainer, self.served, self.data, self.recipe = trainer, served, data, recipe
        self.report = report or (lambda run, loss: None)
        self.random = numpy.random.RandomState(seed)
        self.classes = len(data.labels)
        self._parts, self._held = [], []
        for pool in pools:
            held = mixture.held_of(len(pool.targets))
            share = int(round(pool.share * recipe["batch"]))
            self._parts.append((pool.pictures[held:], pool.targets[held:], share))
            self._held.append((as_float(pool.pictures[:held]), pool.targets[:held]))
        targets = one_hot(data.train.labels, self.classes)
        own = recipe["batch"] - sum(count for _, _, count in self._parts)
        self._parts.insert(0, (data.train.pictures, targets, own))
        self._orders = [numpy.zeros(0, int)] * len(self._parts)
        self._drawn_state = (self.random.get_state(), list(self._orders))
        per_epoch = len(data.train.labels) / float(own)
        self.steps = recipe["steps"] or max(1, int(round(recipe["epochs"] * per_epoch)))
        self.interval = max(LEAST_INTERVAL, self.steps // recipe["validations"])
        self.step = 0
        self.history = []
        self.best = self.last = None
        self.best_score = None
        self.seconds = 0.0
        self.interrupted = False
        self.validated = lambda run: None
        self._losses, self._waited = [], 0

    def go(self):
        """Train to the end, until validation has not improved for the recipe's patience, or
        until Ctrl-C, after which `interrupted` is true.

        Raises:
            errors.TrainingDiverged: If the loss is no number any more.
        """
        began = time.time() - self.seconds
        batches = ahead.Ahead(self.batch, self.steps - self.step)
        try:
            while self.step < self.steps and not self._waited_enough():
                self._learn(*batches.next())
                self.seconds = time.time() - began
                self.report(self, self._losses[-1])
                if self.step % self.interval == 0 or self.step == self.steps:
                    self.validate()
        except KeyboardInterrupt:
            self.interrupted = True
            self.validate()
        finally:
            batches.close()
        self.seconds = time.time() - began

    def _learn(self, pictures, targets, drawn):
        rate = recipes.rate(self.recipe, self.step, self.steps)
        loss = self.trainer.step(pictures, targets, rate)
        if not numpy.isfinite(loss):
            raise errors.TrainingDiverged(step=self.step + 1, loss=loss)
        self._losses.append(loss)
        self._drawn_state = drawn
        self.step += 1

    def _waited_enough(self):
        patience = self.recipe["patience"]
        return bool(patience) and self._waited >= patience

    def batch(self):
        """Return the next pictures, float32 [N, pixels], targets, float32 [N, classes], and
        what the batch after them will be drawn from.
        """
        drawn = [self._drawn(number) for number in range(len(self._parts))]
        pictures = numpy.concatenate([each[0] for each in drawn])
        targets = numpy.concatenate([each[1] for each in drawn])
        if self.recipe["augmentation"]:
            table = augmentation.TABLES[self.recipe["augmentation"]]
            pictures = augmentation.vary(pictures, table, self.random)
        return pictures, targets, (self.random.get_state(), list(self._orders))

    def validate(self):
        """Measure the present variables on the validation pictures; keep them if best so far."""
        self.last = self.trainer.arrays()
        self.served.load(self.last)
        logits = self.served.logits(self.data.validation.pictures)
        accuracy = float((logits.argmax(1) == self.data.validation.labels).mean())
        entropy = cross_entropy(logits, self.data.validation.labels)
        score = self._score(accuracy, entropy)
        better = self.best_score is None or score > self.best_score
        if better:
            self.best, self.best_score = self.last, score
        self._waited = 0 if better else self._waited + 1
        self.history.append(
            {
                "step": self.step,
                "loss": float(numpy.mean(self._losses or [float("nan")])),
                "accuracy": accuracy,
                "entropy": entropy,
                "rate": recipes.rate(self.recipe, max(0, self.step - 1), self.steps),
                "seconds": round(self.seconds, 2),
            }
        )
        self._losses = []
        self.validated(self)

    def _score(self, accuracy, entropy):
        """Return what is compared to find the best variables, a tuple: larger is better."""
        if not self._held:
            # Of two equal accuracies the smaller cross entropy is the better.
            return (accuracy, -entropy)
        # What holds no digit has no accuracy; the cross entropies of all kinds add up.
        kinds = [soft_cross_entropy(self.served.logits(p), targets) for p, targets in self._held]
        return (-entropy - sum(kinds),)

    # -- going on later -----------------------------------------------------------------------

    def state(self):
        """Return (mapping of name to array, mapping of plain values) that `restore` takes."""
        (kind, keys, position, has_gauss, gauss), orders = self._drawn_state
        arrays = {"learnt/%d" % n: value for n, value in enumerate(self.trainer.state())}
        arrays.update(("best/" + name, value) for name, value in self.best.items())
        arrays.update(("order/%d" % n, order) for n, order in enumerate(orders))
        arrays["random"] = keys
        plain = {
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
            "best_score": self.best_score,
            "waited": self._waited,
            "random": [kind, int(position), int(has_gauss), float(gauss)],
        }
        return arrays, plain

    def restore(self, arrays, plain):
        """Go on from what `state` returned, of a run with the same recipe, data and seed."""
        self.trainer.restore([arrays["learnt/%d" % n] for n in range(self.trainer.size)])
        self.best = {n: arrays["best/" + n] for n, _ in self.trainer.table}
        self._orders = [arrays["order/%d" % n] for n in range(len(self._parts))]
        kind, position, has_gauss, gauss = plain["random"]
        self.random.set_state((str(kind), arrays["random"], position, has_gauss, gauss))
        self._drawn_state = (self.random.get_state(), list(self._orders))
        self.step, self.seconds = plain["step"], plain["seconds"]
        self.history, self._waited = plain["history"], plain["waited"]
        self.best_score = tuple(plain["best_score"])

    # -- batches ------------------------------------------------------------------------------

    def _drawn(self, number):
        """Return the next of one part, every picture once before any comes again."""
        pictures, targets, count = self._parts[number]
        while len(self._orders[number]) < count:
            again = self.random.permutation(len(targets))
            self._orders[number] = numpy.concatenate((self._orders[number], again))
        chosen, self._orders[number] = self._orders[number][:count], self._orders[number][count:]
        return as_float(pictures[chosen]), targets[chosen]


def as_float(pictures):
    """Return float32 0 to 1 for pictures that may be kept in bytes."""
    if pictures.dtype == numpy.uint8:
        return pictures.astype(numpy.float32) / numpy.float32(255)
    return pictures


def one_hot(labels, classes):
    """Return float32 [N, classes] for int [N]."""
    return (labels[:, None] == numpy.arange(classes)).astype(numpy.float32)


def soft_cross_entropy(logits, targets):
    """Return the mean cross entropy to targets float [N, classes], in nats."""
    logits = logits.astype(numpy.float64)
    logits = logits - logits.max(1)[:, None]
    return float((targets * (numpy.log(numpy.exp(logits).sum(1))[:, None] - logits)).sum(1).mean())


def cross_entropy(logits, labels, temperature=1.0):
    """Return the mean cross entropy of softmax(logits / temperature), in nats."""
    logits = logits.astype(numpy.float64) / temperature
    logits = logits - logits.max(1)[:, None]
    return float(
        (numpy.log(numpy.exp(logits).sum(1)) - logits[numpy.arange(len(labels)), labels]).mean()
    )
