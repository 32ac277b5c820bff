"""Batches: a share of each kind of picture, in an order drawn from the seed, varied."""

from __future__ import division

import numpy

from mlinference import networks
from mlinference.training import augmentation, mixture

# Seeds that NumPy takes are below.
SEEDS = 2**32


class Batches(object):
    """Makes one batch after the other.

    Args:
        train: dataset.Split of the data set.
        pools: Sequence of mixture.Pool, each with its share of every batch.
        recipe: A table of `recipes`.
        classes: Their number.
        seed: Of order and augmentation.

    Attributes:
        network: networks.Network that the pictures are for; of one's own it has to be set.
        held: (pictures, targets) of each pool's part for validation.
        per_epoch: Batches in which every picture of `train` comes once.
    """

    def __init__(self, train, pools, recipe, classes, seed):
        self.network = networks.DIGITS
        self.table = augmentation.TABLES.get(recipe["augmentation"])
        self.random = numpy.random.RandomState(seed)
        self.held, self._parts = [], []
        for pool in pools:
            held = mixture.held_of(len(pool.targets))
            count = int(round(pool.share * recipe["batch"]))
            self.held.append((as_float(pool.pictures[:held]), pool.targets[:held]))
            self._parts.append((pool.pictures[held:], pool.targets[held:], count))
        own = recipe["batch"] - sum(count for _, _, count in self._parts)
        self._parts.insert(0, (train.pictures, one_hot(train.labels, classes), own))
        self._orders = [numpy.zeros(0, int)] * len(self._parts)
        self.per_epoch = len(train.labels) / own

    def make(self):
        """Return the next (pictures float32 [N, pixels], targets float32 [N, classes], state)."""
        drawn = [self._drawn(number) for number in range(len(self._parts))]
        pictures = numpy.concatenate([each[0] for each in drawn])
        targets = numpy.concatenate([each[1] for each in drawn])
        if self.table:
            shape, looks_at = self.network.shape, self.network.picture
            pictures = augmentation.vary(pictures, self.table, self.random, shape, looks_at)
        return pictures, targets, self.state()

    def state(self):
        """Return what the next batch is drawn from: NumPy's own state, and the orders."""
        return self.random.get_state(), list(self._orders)

    def restore(self, state):
        """Go on from a `state`."""
        drawn, orders = state
        self.random.set_state(drawn)
        self._orders = list(orders)

    def _drawn(self, number):
        """Return the next of one part, every picture once before any comes again."""
        pictures, targets, count = self._parts[number]
        while len(self._orders[number]) < count:
            again = self._order(number, len(targets))
            self._orders[number] = numpy.concatenate((self._orders[number], again))
        chosen, self._orders[number] = self._orders[number][:count], self._orders[number][count:]
        return as_float(pictures[chosen]), targets[chosen]

    def _order(self, number, total):
        """Return the order in which one part's pictures come next."""
        return self.random.permutation(total)


def as_float(pictures):
    """Return float32 0 to 1 for pictures that may be kept in bytes."""
    if pictures.dtype == numpy.uint8:
        return pictures.astype(numpy.float32) / numpy.float32(255)
    return pictures


def one_hot(labels, classes):
    """Return float32 [N, classes] for int [N]."""
    return (labels[:, None] == numpy.arange(classes)).astype(numpy.float32)
