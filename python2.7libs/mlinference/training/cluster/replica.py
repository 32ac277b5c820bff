"""What a worker of a cluster does otherwise than a run alone.

Every worker reads the variables from the servers, learns from a batch of its own and adds what
it learnt, without waiting for the others: one that dies holds nobody up, and none has to come
back. All of them work off the recipe's steps together, so that its learning rate, which goes by
the step, is the same for any number of workers.
"""

import numpy

from mlinference.training import batches, graph, loop
from mlinference.training.cluster import board

# What keeps the seeds of one worker's dropout and augmentation off the next one's.
SEEDS_APART = 1009


class Trainer(graph.Trainer):
    """A graph whose variables are on the servers of a cluster.

    Args:
        cluster: addresses.Cluster.
        target: Of this process' own tf.train.Server.
        seconds: That a server's answer may take.

    Attributes:
        board: board.Board.
        steps: How many all workers have learnt, as of this one's last.
        stage: The board's, as of then.
    """

    def __init__(self, cluster, target, seconds, *arguments):
        self.cluster, self._target, self._seconds = cluster, target, seconds
        self.steps, self.stage = 0, board.PREPARING
        super(Trainer, self).__init__(*arguments)

    def step(self, pictures, targets, rate):
        """Learn from one batch; as graph.Trainer's."""
        feed = {self._pictures: pictures, self._targets: targets, self._rate: rate}
        refusals = self._told.kinds if self.network.own else ()
        with self._told:
            loss, (self.steps, self.stage) = self.session.run(
                (self._loss, self._counted), feed, refusals
            )
        return float(loss)

    def begin(self):
        """Give all variables their first values, on the servers."""
        self.session.run(self._begin)

    def _devices(self):
        return self.tf.train.replica_device_setter(
            ps_tasks=len(self.cluster.jobs["ps"]), worker_device=self._own()
        )

    def _chance(self, seed):
        return super(Trainer, self)._chance(seed) + SEEDS_APART * self.cluster.number

    def _open(self, threads):
        devices = ["/job:ps", self._own()]
        self.board.link = board.Link(
            self.tf, self._target, self.graph, self.cluster, devices, self._seconds
        )
        return self.board.link

    def _build(self, classes, first):
        super(Trainer, self)._build(classes, first)
        self.board = board.Board(self.tf, len(self.cluster.workers))
        with self.tf.control_dependencies([self._learn]):
            self._counted = self.board.counting(self.cluster.number)

    def _own(self):
        return "/job:%s/task:%d" % (self.cluster.job, self.cluster.task)


class Shard(batches.Batches):
    """A worker's share of the pictures: another one each time that all were seen.

    What a dead worker leaves out in one round the others see in the next.

    Args:
        cluster: addresses.Cluster.
        As batches.Batches.
    """

    def __init__(self, cluster, train, pools, recipe, classes, seed):
        own = (seed + SEEDS_APART * cluster.number) % batches.SEEDS
        super(Shard, self).__init__(train, pools, recipe, classes, own)
        self._seed, self._number, self._count = seed, cluster.number, len(cluster.workers)
        self.begin(0)

    def begin(self, step):
        """Take up where all workers together have learnt so many steps."""
        self._rounds = [int(step / self.per_epoch)] * len(self._parts)

    def _order(self, number, total):
        # Drawn alike by every worker, so that the shares of one round have nothing in common.
        drawn = numpy.random.RandomState([self._seed, number, self._rounds[number]])
        self._rounds[number] += 1
        return drawn.permutation(total)[self._number % total :: self._count]


class Run(loop.Run):
    """A worker's part of a training; only the chief's validates.

    Attributes:
        learnt: How many steps this worker itself has learnt.
    """

    learnt = 0

    def begin(self, notes):
        """Go on where the board.Notes say that all workers together are."""
        self.trainer.stage = notes.stage
        self.unseen = int(notes.step) - self.step
        self.step = min(int(notes.step), self.steps)
        self.batches.begin(self.step)
        self._mark()

    def go(self):
        """As loop.Run's; it ends too when another process asks for it.

        Raises:
            errors.TrainingDiverged: If the loss is no number any more.
            errors.ClusterLost: If a server is gone.
        """
        super(Run, self).go()
        if self.last is None or self.history[-1]["step"] < self.step:
            self.validate()

    def validate(self):
        if self._leads:
            super(Run, self).validate()

    @property
    def _leads(self):
        return self.trainer.cluster.leads

    def _batches(self, pools, seed):
        classes = len(self.data.labels)
        cluster = self.trainer.cluster
        return Shard(cluster, self.data.train, pools, self.recipe, classes, seed)

    def _next(self):
        self.learnt += 1
        # Each worker may have begun one before it heard of the last.
        return min(int(self.trainer.steps), self.steps)

    def _mark(self):
        self._next_validation = (self.step // self.interval + 1) * self.interval

    def _due(self):
        due = self._leads and (self.step >= self._next_validation or self.step == self.steps)
        if due:
            self._mark()
        return due

    def _ended(self):
        if self.trainer.stage == board.STOPPING and self._leads:
            # A server was asked to stop, and this is how a run stops.
            raise KeyboardInterrupt
        return self.trainer.stage > board.RUNNING or super(Run, self)._ended()
