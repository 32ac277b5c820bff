"""What TensorFlow computes: inference, loss, training, in that order, in a graph of its own.

Two graphs stand side by side. One trains: it has dropout, batch normalisation and moving
averages. The other is the network as the node runs it, with the checkpoint's variables and
nothing else; it validates, and it is what is saved. `Trainer.arrays` carries the first over
into the second, batch normalisation folded in.
"""

import collections
import os

import numpy

from mlinference import _compat, errors, own
from mlinference.engines import tensorflow1
from mlinference.training import eigen, initial

# Added to a variance before its root is taken.
EPSILON = 1e-3
# Decay a step of the moving averages of batch normalisation's mean and variance.
MOMENTS_DECAY = 0.99
# Pictures that are classified at once when nothing is learnt.
SERVED_PICTURES = 1000


def has_bfloat16():
    """Whether this processor multiplies bfloat16 (Linux tells; elsewhere the answer is no)."""
    try:
        with open("/proc/cpuinfo") as stream:
            return "bf16" in stream.read()
    except (IOError, OSError):
        return False


def settings(tf, threads):
    """Return the ConfigProto of so many threads; 0 leaves their number to TensorFlow."""
    return tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=1 if threads else 0
    )


def session(tf, graph, threads):
    """Open a session of so many threads."""
    return tf.Session(graph=graph, config=settings(tf, threads))


class Served(object):
    """The network as the node runs it: classifies, and is what a checkpoint holds."""

    def __init__(self, tf, network, classes, threads=0, marks=()):
        """Build it.

        Args:
            marks: Names of scalars that the checkpoint shall have besides the variables.
        """
        self.tf = tf
        self.graph = tf.Graph()
        self._told = own.Told(network, _refusals(tf))
        with self._told, self.graph.as_default():
            self.variables, self._feeds, assignments = {}, {}, []
            for name, shape in network.variables(classes):
                variable = tf.Variable(tf.zeros(shape), name=name, trainable=False)
                feed = tf.placeholder(tf.float32, shape)
                assignments.append(tf.assign(variable, feed))
                self.variables[name], self._feeds[name] = variable, feed
            self._assign = tf.group(*assignments)
            self._pictures = tf.placeholder(tf.float32, [None, _length(network)])
            self._logits = network.layers(tf, self._pictures, self.variables)[-1][1]
            marked = {name: tf.Variable(1.0, trainable=False, name=name) for name in marks}
            self._saver = tf.train.Saver(dict(self.variables, **marked), max_to_keep=None)
        self.session = session(tf, self.graph, threads)
        self.session.run([each.initializer for each in marked.values()])

    def load(self, arrays):
        """Take these values, a mapping of variable name to array."""
        self.session.run(self._assign, {self._feeds[n]: arrays[n] for n in self._feeds})

    def logits(self, pictures):
        """Return float32 [N, classes] for float32 [N, pixels]."""
        with self._told:
            parts = [
                self.session.run(self._logits, {self._pictures: pictures[at : at + SERVED_PICTURES]})
                for at in range(0, len(pictures), SERVED_PICTURES)
            ]
        return numpy.concatenate(parts)

    def save(self, prefix):
        """Write the checkpoint's files: `.index` and one data shard, no meta graph, no state."""
        # TensorFlow 1.4 looks for the folder of a bare name, and finds none.
        whole = _compat.utf8_path(os.path.abspath(prefix))
        with self.graph.as_default():
            self._saver.save(self.session, whole, write_meta_graph=False, write_state=False)

    def close(self):
        self.session.close()


class Trainer(object):
    """The graph that learns.

    Args:
        network: A networks.Network.
        classes: Their number.
        recipe: A table of `recipes`.
        seed: Of the first values and of dropout.
        threads: For TensorFlow; 0 leaves it the choice.

    Attributes:
        bfloat16: Whether products are computed in bfloat16.
        table: The network's `(name, shape)` pairs.
        names: Those of the arrays in a `state`.
    """

    def __init__(self, network, classes, recipe, seed=0, threads=0):
        self.tf = tf = tensorflow1.load()
        self.network, self.recipe = network, recipe
        self.table = network.variables(classes)
        able = hasattr(tf, "bfloat16") and _newer(tf) and has_bfloat16()
        # A graph function of the user's may have constants, which are float32.
        self.bfloat16 = bool(recipe["bfloat16"] and able and not network.own)
        self._told = own.Told(network, _refusals(tf))
        self.graph = tf.Graph()
        with self._told, self.graph.as_default(), tf.device(self._devices()):
            tf.set_random_seed(self._chance(seed))
            self._build(classes, initial.values(network, classes, recipe["initial"], seed))
        self.session = self._open(threads)

    def step(self, pictures, targets, rate):
        """Learn from one batch.

        Args:
            pictures: float32 [N, pixels].
            targets: float32 [N, classes], each row summing to 1.
            rate: The learning rate.

        Returns:
            The loss, a mean over pictures.
        """
        feed = {self._pictures: pictures, self._targets: targets, self._rate: rate}
        with self._told:
            loss = float(self.session.run((self._loss, self._learn), feed)[0])
        self._after(self.session)
        return loss

    def arrays(self, averaged=True):
        """Return the checkpoint's variables, name to float32 array, normalisation folded in."""
        source = self._averages if averaged and self._averages else self._variables
        values, moments = self.session.run((source, self._moments))
        for kernel, bias in self.network.normalised:
            mean, variance = moments[kernel]
            scale = 1.0 / numpy.sqrt(variance + EPSILON)
            values[kernel] = (values[kernel] * scale).astype(numpy.float32)
            values[bias] = (values[bias] - mean * scale).astype(numpy.float32)
        return values

    def state(self):
        """Return everything that learning goes on from, a mapping of name to array.

        By name: TensorFlows and Pythons need not agree on an order.
        """
        return self.session.run(self._everything)

    def restore(self, state):
        """Go on from a `state`."""
        with self.graph.as_default():
            for name, variable in self._everything.items():
                variable.load(state[name], self.session)

    def close(self):
        self.session.close()

    # -- what is otherwise where several processes train together ------------------------------

    def _devices(self):
        """Return what `tf.device` takes for the graph."""
        return None

    def _chance(self, seed):
        """Return the seed of dropout."""
        return seed + 1

    def _open(self, threads):
        opened = session(self.tf, self.graph, threads)
        opened.run(self._begin)
        return opened

    # -- the graph ----------------------------------------------------------------------------

    def _build(self, classes, first):
        tf, table = self.tf, self.recipe
        self._pictures = tf.placeholder(tf.float32, [None, _length(self.network)])
        self._targets = tf.placeholder(tf.float32, [None, classes])
        self._rate = tf.placeholder(tf.float32, [])
        # In their order, which numbers what is made of them and has no name of its own.
        self._variables = collections.OrderedDict(
            (n, tf.Variable(value, name=n)) for n, value in first.items()
        )
        self._moments, self._updates = {}, []
        kind = tf.bfloat16 if self.bfloat16 else tf.float32
        used = {n: tf.cast(v, kind) for n, v in self._variables.items()}
        extra = {"normalise": self._normalise} if self.network.normalised else {}
        keep_prob = None if table["keep_prob"] >= 1 else table["keep_prob"]
        pictures = tf.cast(self._pictures, kind)
        logits = self.network.layers(tf, pictures, used, keep_prob=keep_prob, **extra)[-1][1]
        if self.network.own:
            own.check_logits(self.network.name, _sizes(logits), classes)
        self._loss, minimised = self._losses(tf.cast(logits, tf.float32))
        self._learn = self._learning(minimised)
        self._everything = {_compat.native(each.op.name): each for each in tf.global_variables()}
        self.names = sorted(self._everything)
        self._begin = tf.global_variables_initializer()

    def _losses(self, logits):
        tf, table = self.tf, self.recipe
        each = _cross_entropy(tf)(labels=self._targets, logits=logits)
        loss = tf.reduce_mean(each)
        minimised = tf.reduce_sum(each) if table["loss"] == "sum" else loss
        if table["l2"]:
            kernels = [v for v in self._variables.values() if len(v.get_shape()) > 1]
            minimised += table["l2"] * tf.add_n([tf.nn.l2_loss(kernel) for kernel in kernels])
        return loss, minimised

    def _learning(self, minimised):
        tf = self.tf
        optimizer = OPTIMIZERS[self.recipe["optimizer"]](tf, self._rate)
        trained = list(self._variables.values())
        self._check_size(trained)
        learn = optimizer.minimize(minimised, var_list=trained)
        self._after = getattr(optimizer, "after", lambda session: None)
        self._averages = {}
        if self.recipe["average"]:
            # The number of updates makes the average young at first, so that it starts near.
            count = tf.Variable(0, trainable=False)
            average = tf.train.ExponentialMovingAverage(self.recipe["average"], count)
            with tf.control_dependencies([learn]), tf.device(count.device):
                counted = tf.assign_add(count, 1)
            with tf.control_dependencies([counted]):
                learn = average.apply(trained)
            self._averages = {n: average.average(v) for n, v in self._variables.items()}
        return tf.group(learn, *self._updates)

    def _check_size(self, trained):
        size = sum(variable.get_shape().num_elements() for variable in trained)
        if self.recipe["optimizer"] == "eigen" and size > eigen.MOST:
            raise errors.KnobInvalid(
                knob="--optimizer",
                value="eigen",
                takes="that for networks of at most %d parameters; '%s' has %d"
                % (eigen.MOST, self.network.name, size),
            )

    def _normalise(self, kernel, tensor):
        tf = self.tf
        channels = int(tensor.get_shape()[-1])
        normal, mean, variance = tf.nn.fused_batch_norm(
            tensor, tf.ones([channels]), tf.zeros([channels]), epsilon=EPSILON
        )[:3]
        kept = (
            tf.Variable(tf.zeros([channels]), trainable=False),
            tf.Variable(tf.ones([channels]), trainable=False),
        )
        for moment, new in zip(kept, (mean, variance)):
            change = (moment - new) * (1 - MOMENTS_DECAY)
            with tf.device(moment.device):
                self._updates.append(tf.assign_sub(moment, change))
        self._moments[kernel] = kept
        return normal


OPTIMIZERS = {
    "sgd": lambda tf, rate: tf.train.GradientDescentOptimizer(rate),
    "momentum": lambda tf, rate: tf.train.MomentumOptimizer(rate, 0.9, use_nesterov=True),
    "rmsprop": lambda tf, rate: tf.train.RMSPropOptimizer(rate),
    "adam": lambda tf, rate: tf.train.AdamOptimizer(rate),
    "eigen": eigen.EigenOptimizer,
}


def _cross_entropy(tf):
    # The second name is there from 1.5 on; the first warns there, and is all that 1.4 has.
    newer = getattr(tf.nn, "softmax_cross_entropy_with_logits_v2", None)
    return newer or tf.nn.softmax_cross_entropy_with_logits


def _refusals(tf):
    """Return what TensorFlow raises where a graph is wrong, not the machine."""
    wrong = tf.errors.InvalidArgumentError, tf.errors.UnimplementedError
    return wrong + (ValueError, TypeError, LookupError)


def _sizes(tensor):
    """Return a tensor's shape, with None for what is not known; None if nothing is."""
    shape = tensor.get_shape()
    return None if shape.ndims is None else shape.as_list()


def _length(network):
    height, width, channels = network.shape
    return height * width * channels


def _newer(tf):
    # Before 2.4 TensorFlow has bfloat16, but not the processor's instructions for it.
    return tuple(int(part) for part in tf.__version__.split(".")[:2]) >= (2, 4)
