"""The networks as data: a table of variables, and the function that joins them.

The pattern is TensorFlow's own MNIST tutorial: inference, loss and training apart; this file
is inference. Nothing is imported. A graph function is handed a module of TensorFlow 1 names
(`tf.nn.conv2d`, `tf.reshape`, ...): `tensorflow` itself, `tensorflow.compat.v1`, or the NumPy
engine's `plain.ops`, which answers to the same names with arrays. So every engine runs the
same definition, and a network is written once.

**The contract**, which a network of your own follows too (docs/own_network.md has an example):

* `variables(classes)` returns a tuple of `(name, shape)`. The names *are* the checkpoint
  format; `-1`-free shapes of int, in TensorFlow's order (height, width, in, out).
* `layers(tf, pictures, variables, keep_prob=None)` returns a tuple of `(name, tensor)` in the
  order of computation. `pictures` is float32 [N, height * width * channels], rows top first;
  `variables` maps each name to its tensor; the last tensor is the logits [N, classes].
  `keep_prob` is None at inference; only the trainer passes a number or a tensor.
* A network that is trained with batch normalisation lists its kernels and biases in
  `normalised` and takes one more argument, `normalise(kernel's name, tensor)`, to be called
  between product and bias. It has no scale, so that the trainer can fold it into kernel and
  bias exactly; at inference it is None and nothing of it is left.
* A network of your own is named `package.module:function` in the node's Network parameter; the
  function takes nothing and returns a Network. `mlinference.own` loads it.
"""

# What a network may look at: a drawing, told from its paper, or the picture as it is.
INK, COLOUR = "ink", "colour"


class Network(object):
    """One architecture.

    Attributes:
        name: What sidecars and the node's Network parameter call it.
        variables: Function of the number of classes, returning `((name, shape), ...)`.
        graph: The graph function of the contract above; `layers` calls it.
        shape: (height, width, channels) of the picture it takes; one channel or three.
        normalised: `((kernel's name, bias's name), ...)` of what the trainer normalises.
        values: What the graph function gets for paper and for ink, or for black and for white.
        picture: INK: the drawing is found on its page. COLOUR: the page as it is, in red,
            green and blue where there are three channels.
        own: Whether it is of a module of the user's; `stamp` is the state of that one's file.
    """

    own = False
    stamp = None

    def __init__(
        self,
        name,
        variables,
        layers,
        shape=(28, 28, 1),
        normalised=(),
        values=(0, 1),
        picture=None,
    ):
        """Take a definition.

        Args:
            variables: The function, or for a fixed number of classes the table itself, which
                then ends with the bias of the logits.
            layers: The graph function.
            picture: None is COLOUR for three channels and INK for one.
            name, shape, normalised, values: As the attributes.
        """
        self.name = name
        self.variables = variables if callable(variables) else lambda classes=None: variables
        self.graph = layers
        self.shape = shape
        self.normalised = normalised
        self.values = values
        self._picture = picture

    def __repr__(self):
        return "<Network %s>" % self.name

    @property
    def picture(self):
        return self._picture or (COLOUR if self.shape[2] == 3 else INK)

    def layers(self, tf, pictures, variables, **options):
        """Run the graph function on pictures of 0 paper to 1 ink, or 0 black to 1 white.

        Args:
            options: `keep_prob` and `normalise` of the contract, from the trainer.
        """
        low, high = self.values
        if (low, high) != (0, 1):
            pictures = pictures * (high - low) + low
        return self.graph(tf, pictures, variables, **options)

    def parameters(self, classes=10):
        """Count the trained numbers, for `classes` classes."""
        total = 0
        for _, shape in self.variables(classes):
            count = 1
            for size in shape:
                count *= size
            total += count
        return total

    def described(self):
        """Return what a sidecar says about the network's input, a dict."""
        height, width, channels = self.shape
        told = {"height": height, "width": width, "channels": channels}
        if self.picture == COLOUR:
            return dict(told, picture=COLOUR, range=list(self.values))
        dark = self.values[0] > self.values[1]
        ink = "dark on light" if dark else "light on dark"
        return dict(told, range=sorted(self.values), ink=ink)


# -- convolutional: the network of the 2017 article -------------------------------------------


def _convolutional_variables(classes=10):
    return (
        ("W_conv1", (5, 5, 1, 32)),  # height, width, channels in, channels out
        ("b_conv1", (32,)),
        ("W_conv2", (5, 5, 32, 64)),
        ("b_conv2", (64,)),
        ("W_fc1", (7 * 7 * 64, 1024)),  # 28 pixels, halved twice
        ("b_fc1", (1024,)),
        ("W_fc2", (1024, classes)),
        ("b_fc2", (classes,)),
    )


def _convolutional_layers(tf, pictures, variables, keep_prob=None):
    pictures = tf.reshape(pictures, [-1, 28, 28, 1])
    conv1 = tf.nn.relu(
        _convolve_and_pool(tf, pictures, variables["W_conv1"]) + variables["b_conv1"]
    )
    conv2 = tf.nn.relu(_convolve_and_pool(tf, conv1, variables["W_conv2"]) + variables["b_conv2"])
    flat = tf.reshape(conv2, [-1, 7 * 7 * 64])
    fc1 = tf.nn.relu(tf.matmul(flat, variables["W_fc1"]) + variables["b_fc1"])
    kept = _drop(tf, fc1, keep_prob)
    logits = tf.matmul(kept, variables["W_fc2"]) + variables["b_fc2"]
    return (("conv1", conv1), ("conv2", conv2), ("fc1", fc1), ("logits", logits))


def _convolve(tf, pictures, kernel, padding="SAME"):
    return tf.nn.conv2d(pictures, kernel, strides=[1, 1, 1, 1], padding=padding)


def _convolve_and_pool(tf, pictures, kernel, padding="SAME"):
    return _pool(tf, _convolve(tf, pictures, kernel, padding))


def _pool(tf, pictures):
    # Before bias and ReLU, not after: both are monotone, so the numbers are the same to the
    # last bit, on a quarter of the pixels.
    return tf.nn.max_pool(pictures, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


def _drop(tf, tensor, keep_prob):
    return tensor if keep_prob is None else tf.nn.dropout(tensor, keep_prob=keep_prob)


# -- softmax: regression, the smallest thing that learns --------------------------------------


def _softmax_variables(classes=10):
    return (("W", (784, classes)), ("b", (classes,)))


def _softmax_layers(tf, pictures, variables, keep_prob=None):
    return (("logits", tf.matmul(pictures, variables["W"]) + variables["b"]),)


# -- perceptron: three layers -----------------------------------------------------------------


def _perceptron_variables(classes=10):
    return (
        ("W_fc1", (784, 256)),
        ("b_fc1", (256,)),
        ("W_fc2", (256, 128)),
        ("b_fc2", (128,)),
        ("W_fc3", (128, classes)),
        ("b_fc3", (classes,)),
    )


def _perceptron_layers(tf, pictures, variables, keep_prob=None):
    fc1 = tf.nn.relu(tf.matmul(pictures, variables["W_fc1"]) + variables["b_fc1"])
    fc2 = tf.nn.relu(tf.matmul(fc1, variables["W_fc2"]) + variables["b_fc2"])
    kept = _drop(tf, fc2, keep_prob)
    logits = tf.matmul(kept, variables["W_fc3"]) + variables["b_fc3"]
    return (("fc1", fc1), ("fc2", fc2), ("logits", logits))


# -- compact: 650 parameters, the network of the Keras article --------------------------------


def _compact_variables(classes=10):
    return (
        ("W_conv1", (4, 4, 1, 5)),
        ("b_conv1", (5,)),
        ("W_conv2", (3, 3, 5, 3)),
        ("b_conv2", (3,)),
        ("W_conv3", (4, 4, 3, 3)),
        ("b_conv3", (3,)),
        ("W_fc1", (27, classes)),
        ("b_fc1", (classes,)),
    )


def _compact_layers(tf, pictures, variables, keep_prob=None):
    def finish(tensor, name):
        return tf.tanh(tensor + variables["b_" + name])

    pictures = tf.reshape(pictures, [-1, 28, 28, 1])
    conv1 = finish(_convolve_and_pool(tf, pictures, variables["W_conv1"], "VALID"), "conv1")
    conv2 = finish(_convolve_and_pool(tf, conv1, variables["W_conv2"], "VALID"), "conv2")
    conv3 = finish(_convolve(tf, conv2, variables["W_conv3"], "VALID"), "conv3")
    flat = _drop(tf, tf.reshape(conv3, [-1, 27]), keep_prob)
    logits = tf.matmul(flat, variables["W_fc1"]) + variables["b_fc1"]
    return (("conv1", conv1), ("conv2", conv2), ("conv3", conv3), ("logits", logits))


# -- digits: the bundled checkpoint's network ------------------------------------------------


def _digits_variables(classes=10):
    return (
        ("W_conv1", (5, 5, 1, 32)),
        ("b_conv1", (32,)),
        ("W_conv2", (3, 3, 32, 48)),
        ("b_conv2", (48,)),
        ("W_conv3", (3, 3, 48, 48)),
        ("b_conv3", (48,)),
        ("W_conv4", (3, 3, 48, 96)),
        ("b_conv4", (96,)),
        ("W_conv5", (3, 3, 96, 96)),
        ("b_conv5", (96,)),
        ("W_fc1", (3 * 3 * 96, 64)),  # 28 pixels, halved twice, less 2, halved
        ("b_fc1", (64,)),
        ("W_fc2", (64, classes)),
        ("b_fc2", (classes,)),
    )


def _digits_layers(tf, pictures, variables, keep_prob=None, normalise=None):
    def finish(tensor, name):
        if normalise is not None:
            tensor = normalise("W_" + name, tensor)
        return tf.nn.relu(tensor + variables["b_" + name])

    pictures = tf.reshape(pictures, [-1, 28, 28, 1])
    conv1 = finish(_convolve_and_pool(tf, pictures, variables["W_conv1"]), "conv1")
    conv2 = finish(_convolve(tf, conv1, variables["W_conv2"]), "conv2")
    conv3 = finish(_convolve_and_pool(tf, conv2, variables["W_conv3"]), "conv3")
    conv4 = finish(_convolve(tf, conv3, variables["W_conv4"]), "conv4")
    conv5 = finish(_convolve_and_pool(tf, conv4, variables["W_conv5"], "VALID"), "conv5")
    flat = _drop(tf, tf.reshape(conv5, [-1, 3 * 3 * 96]), keep_prob)
    fc1 = tf.nn.relu(tf.matmul(flat, variables["W_fc1"]) + variables["b_fc1"])
    logits = tf.matmul(fc1, variables["W_fc2"]) + variables["b_fc2"]
    return (
        ("conv1", conv1),
        ("conv2", conv2),
        ("conv3", conv3),
        ("conv4", conv4),
        ("conv5", conv5),
        ("fc1", fc1),
        ("logits", logits),
    )


def _convolutions(count):
    return tuple(("W_conv%d" % n, "b_conv%d" % n) for n in range(1, count + 1))


CONVOLUTIONAL = Network("convolutional", _convolutional_variables, _convolutional_layers)
SOFTMAX = Network("softmax", _softmax_variables, _softmax_layers)
PERCEPTRON = Network("perceptron", _perceptron_variables, _perceptron_layers)
COMPACT = Network("compact", _compact_variables, _compact_layers)
DIGITS = Network("digits", _digits_variables, _digits_layers, normalised=_convolutions(5))

NETWORKS = (CONVOLUTIONAL, SOFTMAX, PERCEPTRON, COMPACT, DIGITS)


def named(name):
    """Return the network called `name`, or None."""
    for network in NETWORKS:
        if network.name == name:
            return network
    return None
