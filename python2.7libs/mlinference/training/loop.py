"""A run, from first step to last: batches, schedule, validation, the best kept.

Choices look at validation pictures only; nothing here has the test pictures.
"""

import time

import numpy

from mlinference import errors
from mlinference.training import augmentation, recipes


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
        report: Function of the run and the loss, called after every step.

    Attributes:
        steps: How many the recipe asks for.
        history: A mapping of step, loss, accuracy, rate and seconds for every validation.
        best, last: The checkpoint's variables, name to array; `best` by validation.
    """

    def __init__(self, trainer, served, data, recipe, seed=0, report=None, extra=None):
        self.trainer, self.served, self.data, self.recipe = trainer, served, data, recipe
        self.report = report or (lambda run, loss: None)
        self.random = numpy.random.RandomState(seed)
        self.classes = len(data.labels)
        self.extra = extra
        per_epoch = len(data.train.labels) / float(recipe["batch"])
        self.steps = recipe["steps"] or max(1, int(round(recipe["epochs"] * per_epoch)))
        self.interval = max(LEAST_INTERVAL, self.steps // recipe["validations"])
        self.step = 0
        self.history = []
        self.best = self.last = None
        self.best_score = None
        self.seconds = 0.0
        self._order = numpy.zeros(0, int)

    def go(self):
        """Train to the end, or until validation has not improved for the recipe's patience.

        Raises:
            errors.TrainingDiverged: If the loss is no number any more.
        """
        began = time.time() - self.seconds
        losses, waited = [], 0
        while self.step < self.steps:
            pictures, targets = self.batch()
            rate = recipes.rate(self.recipe, self.step, self.steps)
            loss = self.trainer.step(pictures, targets, rate)
            if not numpy.isfinite(loss):
                raise errors.TrainingDiverged(step=self.step + 1, loss=loss)
            losses.append(loss)
            self.step += 1
            self.seconds = time.time() - began
            self.report(self, loss)
            if self.step % self.interval == 0 or self.step == self.steps:
                better = self.validate(float(numpy.mean(losses)), rate)
                losses, waited = [], 0 if better else waited + 1
                if self.recipe["patience"] and waited >= self.recipe["patience"]:
                    break
        self.seconds = time.time() - began

    def batch(self):
        """Return the next pictures, float32 [N, pixels], and targets, float32 [N, classes]."""
        chosen = self._next(self.recipe["batch"])
        pictures = self.data.train.pictures[chosen]
        targets = one_hot(self.data.train.labels[chosen], self.classes)
        if self.recipe["augmentation"]:
            table = augmentation.TABLES[self.recipe["augmentation"]]
            pictures = augmentation.vary(pictures, table, self.random)
        return pictures, targets

    def validate(self, loss=float("nan"), rate=0.0):
        """Measure the present variables on the validation pictures; keep them if best so far."""
        self.last = self.trainer.arrays()
        self.served.load(self.last)
        logits = self.served.logits(self.data.validation.pictures)
        accuracy = float((logits.argmax(1) == self.data.validation.labels).mean())
        # Of two equal accuracies the smaller cross entropy is the better.
        score = (accuracy, -cross_entropy(logits, self.data.validation.labels))
        better = self.best_score is None or score > self.best_score
        if better:
            self.best, self.best_score = self.last, score
        self.history.append(
            {"step": self.step, "loss": loss, "accuracy": accuracy, "entropy": -score[1],
             "rate": rate, "seconds": self.seconds}
        )
        return better

    def _next(self, count):
        while len(self._order) < count:
            again = self.random.permutation(len(self.data.train.labels))
            self._order = numpy.concatenate((self._order, again))
        chosen, self._order = self._order[:count], self._order[count:]
        return chosen


def one_hot(labels, classes):
    """Return float32 [N, classes] for int [N]."""
    return (labels[:, None] == numpy.arange(classes)).astype(numpy.float32)


def cross_entropy(logits, labels, temperature=1.0):
    """Return the mean cross entropy of softmax(logits / temperature), in nats."""
    logits = logits.astype(numpy.float64) / temperature
    logits = logits - logits.max(1)[:, None]
    return float(
        (numpy.log(numpy.exp(logits).sum(1)) - logits[numpy.arange(len(labels)), labels]).mean()
    )
