"""A run, from first step to last: batches, schedule, validation, the best kept.

Choices look at validation pictures only; nothing here has the test pictures.
"""

import time

import numpy

from mlinference import errors
from mlinference.training import ahead, batches, interrupts, recipes

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
        step: How many are done.
        unseen: How many of these while `seconds` did not count.
        best, last: The checkpoint's variables, name to array; `best` by validation.
        validated: Function of the run, called after every validation.
        interrupts: Interrupts; who enters it is not disturbed after the last step.
    """

    def __init__(self, trainer, served, data, recipe, seed=0, report=None, pools=()):
        self.trainer, self.served, self.data, self.recipe = trainer, served, data, recipe
        self.seed = seed
        self.report = report or (lambda run, loss: None)
        self.batches = self._batches(pools, seed)
        self.batches.network = trainer.network
        self.steps = recipe["steps"] or max(
            1, int(round(recipe["epochs"] * self.batches.per_epoch))
        )
        # Rounded up, or the last step would be validated right after another.
        self.interval = max(LEAST_INTERVAL, -(-self.steps // recipe["validations"]))
        self.step = self.unseen = 0
        self.history = []
        self.best = self.last = None
        self.best_score = None
        self.seconds = 0.0
        self.interrupted = False
        self.interrupts = interrupts.Interrupts()
        self.validated = lambda run: None
        self._losses, self._waited = [], 0
        self._drawn_from = self.batches.state()

    def _batches(self, pools, seed):
        classes = len(self.data.labels)
        return batches.Batches(self.data.train, pools, self.recipe, classes, seed)

    def go(self):
        """Train to the end, until validation has not improved for the recipe's patience, or
        until Ctrl-C, after which `interrupted` is true.

        Raises:
            errors.TrainingDiverged: If the loss is no number any more.
        """
        began = time.time() - self.seconds
        made = ahead.Ahead(self.batches.make, self.steps - self.step)
        try:
            while self.step < self.steps and not self._ended():
                self._learn(*made.next())
                self.seconds = time.time() - began
                self.report(self, self._losses[-1])
                if self._due():
                    self.validate()
            self.interrupts.hold()
        except KeyboardInterrupt:
            self.interrupts.hold()
            self.interrupted = True
            self.validate()
        finally:
            made.close()
        self.seconds = time.time() - began

    def _learn(self, pictures, targets, drawn_from):
        rate = recipes.rate(self.recipe, self.step, self.steps)
        loss = self.trainer.step(pictures, targets, rate)
        if not numpy.isfinite(loss):
            raise errors.TrainingDiverged(step=self.step + 1, loss=loss)
        self._losses.append(loss)
        self._drawn_from = drawn_from
        self.step = self._next()

    def _next(self):
        """Return how many steps are done now that one more is."""
        return self.step + 1

    def _due(self):
        """Whether it is time to validate."""
        return self.step % self.interval == 0 or self.step == self.steps

    def _ended(self):
        """Whether to stop before the last step."""
        patience = self.recipe["patience"]
        return bool(patience) and self._waited >= patience

    def validate(self):
        """Measure the present variables on the validation pictures; keep them if best so far."""
        self.last = self.trainer.arrays()
        if not all(numpy.isfinite(values).all() for values in self.last.values()):
            # The last step's own loss was that of the variables before it.
            raise errors.TrainingDiverged(step=self.step, loss=float("nan"))
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
        if not self.batches.held:
            # Of two equal accuracies the smaller cross entropy is the better.
            return (accuracy, -entropy)
        # What holds no digit has no accuracy; the cross entropies of all kinds add up.
        kinds = [
            _soft_cross_entropy(self.served.logits(p), targets) for p, targets in self.batches.held
        ]
        return (-entropy - sum(kinds),)

    # -- going on later -----------------------------------------------------------------------

    def state(self):
        """Return (mapping of name to array, mapping of plain values) that `restore` takes."""
        (kind, keys, position, has_gauss, gauss), orders = self._drawn_from
        arrays = {"learnt/" + name: value for name, value in self.trainer.state().items()}
        arrays.update(("best/" + name, value) for name, value in self.best.items())
        arrays.update(("order/%d" % n, order) for n, order in enumerate(orders))
        arrays["random"] = keys
        plain = {
            "seed": self.seed,
            "step": self.step,
            "seconds": self.seconds,
            "history": self.history,
            "best_score": self.best_score,
            "waited": self._waited,
            "orders": len(orders),
            "random": [kind, int(position), int(has_gauss), float(gauss)],
        }
        return arrays, plain

    def restore(self, arrays, plain):
        """Go on from what `state` returned, of a run with the same recipe, data and seed."""
        self.trainer.restore({name: arrays["learnt/" + name] for name in self.trainer.names})
        self.recall(arrays, plain)
        kind, position, has_gauss, gauss = plain["random"]
        drawn = (str(kind), arrays["random"], position, has_gauss, gauss)
        orders = [arrays["order/%d" % n] for n in range(plain["orders"])]
        self._drawn_from = (drawn, orders)
        self.batches.restore(self._drawn_from)

    def recall(self, arrays, plain):
        """Take what was found out so far from a `state`, and nothing that is learnt from."""
        self.best = {n: arrays["best/" + n] for n, _ in self.trainer.table}
        self.step, self.seconds = plain["step"], plain["seconds"]
        self.history, self._waited = plain["history"], plain["waited"]
        self.best_score = tuple(plain["best_score"])
        self.last = self.trainer.arrays()
        if all(numpy.array_equal(self.last[n], self.best[n]) for n in self.best):
            self.last = self.best


def cross_entropy(logits, labels, temperature=1.0):
    """Return the mean cross entropy of softmax(logits / temperature), in nats.

    Args:
        logits: float [N, classes].
        labels: int [N].
    """
    return _soft_cross_entropy(logits / temperature, batches.one_hot(labels, logits.shape[1]))


def _soft_cross_entropy(logits, targets):
    """Return the mean cross entropy to targets float [N, classes], in nats."""
    logits = logits.astype(numpy.float64)
    logits = logits - logits.max(1)[:, None]
    return float((targets * (numpy.log(numpy.exp(logits).sum(1))[:, None] - logits)).sum(1).mean())
