"""The variables' first values, drawn by NumPy so that every TensorFlow begins alike."""

import collections

import numpy


def values(network, classes, kind, seed):
    """Return an OrderedDict of name to float32 array.

    Args:
        kind: "he" (normal, variance 2 / inputs; biases 0) or "article" (truncated normal with
            a standard deviation of 0.1; biases 0.1).
        seed: Of the random numbers.
    """
    random = numpy.random.RandomState(seed)
    drawn = collections.OrderedDict()
    for name, shape in network.variables(classes):
        if len(shape) == 1:
            value = numpy.zeros(shape) + (0.1 if kind == "article" else 0.0)
        elif kind == "article":
            value = 0.1 * _truncated(random, shape)
        else:
            value = random.standard_normal(shape) * numpy.sqrt(2.0 / numpy.prod(shape[:-1]))
        drawn[name] = value.astype(numpy.float32)
    return drawn


def _truncated(random, shape):
    # Drawn again beyond two standard deviations, as tf.truncated_normal does.
    value = random.standard_normal(shape)
    while True:
        far = numpy.abs(value) > 2
        if not far.any():
            return value
        value[far] = random.standard_normal(int(far.sum()))
