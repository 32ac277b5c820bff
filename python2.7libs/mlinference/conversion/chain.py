"""A network as a chain of steps: what every format is read into and written from.

Formats differ in where they put biases and activations, how they spell padding, and in which
order they flatten a picture. A chain has one spelling for all of these, so that two networks
are the same if their chains are: bias with its product, maximum before activation, padding in
pixels, dense kernels with their rows in the order height, width, channels.

Our own networks become chains by running their graph function on tensors that write down what
is done to them, so that nothing is described twice.
"""

import collections

from mlinference import errors, networks
from mlinference.engines import plain

Conv = collections.namedtuple("Conv", "kernel bias strides pads")
Pool = collections.namedtuple("Pool", "size strides pads")
Dense = collections.namedtuple("Dense", "kernel bias")
Activation = collections.namedtuple("Activation", "name")

# Monotone: they may change places with a maximum.
ACTIVATIONS = ("relu", "tanh", "sigmoid")


class Builder(object):
    """Puts a chain together step by step and follows the size of the picture.

    Attributes:
        shape: (height, width, channels) before the next step, (number,) once it is flat.
        steps: List of Conv, Pool, Dense and Activation.
    """

    def __init__(self, shape):
        self.shape = tuple(shape)
        self.steps = []

    def conv(self, kernel, strides, padding):
        """Add a convolution.

        Args:
            kernel: [height, width, channels in, channels out], anything with a `shape`.
            strides: (down, right).
            padding: "SAME", "VALID" or ((top, bottom), (left, right)).

        Raises:
            ValueError: If it does not fit what is before it; a sentence without its stop.
        """
        picture = len(self.shape) == 3 and len(kernel.shape) == 4
        self._expect(picture and kernel.shape[2] == self.shape[2], kernel)
        pads = self._moved(kernel.shape[:2], strides, padding, kernel.shape[3])
        self.steps.append(Conv(kernel, None, tuple(strides), pads))

    def pool(self, size, strides, padding):
        """Add a maximum over windows; arguments as for `conv`."""
        if len(self.shape) != 3:
            raise ValueError("It takes the maximum of what is no picture")
        pads = self._moved(size, strides, padding, self.shape[2])
        last = self.steps[-1] if self.steps else None
        at = len(self.steps) - (1 if getattr(last, "name", None) in ACTIVATIONS else 0)
        self.steps.insert(at, Pool(tuple(size), tuple(strides), pads))

    def dense(self, kernel):
        """Add a product; `kernel` is [in, out], its rows in the order height, width, channels."""
        self.flatten()
        self._expect(len(kernel.shape) == 2 and kernel.shape[0] == self.shape[0], kernel)
        self.steps.append(Dense(kernel, None))
        self.shape = (kernel.shape[1],)

    def flatten(self):
        """Make one row of the picture."""
        count = 1
        for size in self.shape:
            count *= size
        self.shape = (count,)

    def bias(self, values):
        """Add a bias, [channels out] or [out], to the product before it."""
        for number in range(len(self.steps) - 1, -1, -1):
            step = self.steps[number]
            if isinstance(step, Pool):
                continue
            if isinstance(step, (Conv, Dense)) and step.bias is None:
                wanted = (step.kernel.shape[-1],)
                if tuple(values.shape) != wanted:
                    text = "A bias is %s where the layer before it gives %s"
                    raise ValueError(text % (_size(values.shape) or "one number", _size(wanted)))
                self.steps[number] = step._replace(bias=values)
                return
            break
        raise ValueError("It adds where nothing is multiplied before")

    def activation(self, name):
        """Add a function of ACTIVATIONS, "softmax" at the end, or nothing for "linear"."""
        if name == "linear":
            return
        if name == "softmax" and len(self.shape) != 1:
            raise ValueError("It has a softmax of what is no row of classes")
        if name not in ACTIVATIONS + ("softmax",):
            raise ValueError("It uses '%s'" % name)
        self.steps.append(Activation(name))

    def _expect(self, fits, kernel):
        if not fits:
            text = "A kernel is %s where the layer before it gives %s"
            raise ValueError(text % (_size(kernel.shape), _size(self.shape)))

    def _moved(self, window, strides, padding, channels):
        pads, sizes = [], []
        for side in (0, 1):
            each = padding if not isinstance(padding, str) else None
            each = each[side] if each else pads_of(padding, self.shape[side], window[side], strides[side])
            pads.append(tuple(each))
            sizes.append((self.shape[side] + sum(each) - window[side]) // strides[side] + 1)
        if min(sizes) < 1:
            text = "A window is %s where the layer before it gives %s"
            raise ValueError(text % (_size(window), _size(self.shape)))
        self.shape = tuple(sizes) + (channels,)
        return tuple(pads)


def pads_of(padding, size, window, stride):
    """Return (pixels before, pixels after) of one side; SAME puts the odd pixel after."""
    if padding == "VALID":
        return (0, 0)
    total = max((-(-size // stride) - 1) * stride + window - size, 0)
    return (total // 2, total - total // 2)


def without_softmax(steps):
    """Return the steps up to the logits; a softmax elsewhere is a step like any other."""
    return steps[:-1] if steps and getattr(steps[-1], "name", None) == "softmax" else steps


def complaint(error):
    """Return what is wrong with a foreign description, half a sentence.

    Args:
        error: A ValueError of ours, or what Python raised where the description is odd.
    """
    if type(error) is ValueError:
        return error
    return "It is described in an unusual way (%s: %s)" % (type(error).__name__, error)


# -- From a network of ours -------------------------------------------------------------------


class _Variable(object):
    def __init__(self, name, shape):
        self.name = name
        self.shape = shape


class _Tensor(object):
    """Where the graph function has come to; only the newest one can be gone on from."""

    def __init__(self, builder):
        self.builder = builder
        self.shape = (None,) + builder.shape
        builder.newest = self

    def then(self, act, *arguments):
        if self.builder.newest is not self:
            raise errors.ConversionImpossible(found="It has branches")
        try:
            act(self.builder, *arguments)
        except ValueError as error:
            raise errors.ConversionImpossible(found=error)
        return _Tensor(self.builder)

    def __add__(self, variable):
        return self.then(Builder.bias, variable)

    def _calculate(self, *_):
        raise errors.ConversionImpossible(found="It calculates more than sums with a bias")

    __mul__ = __rmul__ = __sub__ = __rsub__ = __truediv__ = __div__ = _calculate
    __radd__ = __pow__ = __neg__ = __getitem__ = _calculate


def _reshape(tensor, shape):
    wanted = tuple(shape[1:])
    height, width, channels = (tensor.builder.shape + (1, 1))[:3]
    if wanted in ((-1,), (height * width * channels,)):
        return tensor.then(Builder.flatten)
    if wanted != tensor.builder.shape:
        raise errors.ConversionImpossible(found="It changes the shape to %s" % _size(wanted))
    return tensor


def _conv2d(tensor, kernel, strides=(1, 1, 1, 1), padding="SAME"):
    return tensor.then(Builder.conv, kernel, tuple(strides[1:3]), padding)


def _max_pool(tensor, ksize, strides, padding):
    return tensor.then(Builder.pool, tuple(ksize[1:3]), tuple(strides[1:3]), padding)


def _matmul(tensor, kernel):
    return tensor.then(Builder.dense, kernel)


def _activation(name):
    return lambda tensor: tensor.then(Builder.activation, name)


class _Names(object):
    def __init__(self, prefix, **functions):
        # An option that is passed over here would be lacking in every file that is written.
        for name, function in functions.items():
            setattr(self, name, plain.operation(prefix + name, function))

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise errors.ConversionImpossible(found="It uses '%s'" % name)


_OPS = _Names(
    "tf.",
    matmul=_matmul,
    reshape=_reshape,
    sigmoid=_activation("sigmoid"),
    tanh=_activation("tanh"),
)
_OPS.nn = _Names(
    "tf.nn.",
    conv2d=_conv2d,
    max_pool=_max_pool,
    relu=_activation("relu"),
    sigmoid=_activation("sigmoid"),
    tanh=_activation("tanh"),
)


def traced(network, classes):
    """Return the steps of a networks.Network; kernels and biases have `name` and `shape`.

    Raises:
        errors.ConversionImpossible: If it is not a chain of the steps above.
    """
    builder = Builder(network.shape)
    variables = {name: _Variable(name, shape) for name, shape in network.variables(classes)}
    try:
        logits = network.graph(_OPS, _Tensor(builder), variables)[-1][1]
    except errors.OperationMissing as error:
        raise errors.ConversionImpossible(found="It uses '%s'" % error.values["name"])
    except errors.InferenceError:
        raise
    except (TypeError, AttributeError, ValueError, IndexError) as error:
        # The engines run it: what fails is what a chain has no idea of.
        raise errors.ConversionImpossible(found=complaint(error))
    if logits is not builder.newest:
        raise errors.ConversionImpossible(found="Its logits are not what it calculates last")
    return builder.steps


# -- Which network ----------------------------------------------------------------------------


def matched(shape, steps, path, candidates=networks.NETWORKS):
    """Find the network that is this chain.

    Args:
        shape: (height, width, channels) of the picture.
        steps: List of steps with arrays.
        path: For messages.
        candidates: The networks.Network that it may be.

    Returns:
        (networks.Network, number of classes, {name: array}).

    Raises:
        errors.ConversionForeign: If there is none; says where the closest one differs.
    """
    steps = without_softmax(steps)
    products = [step for step in steps if isinstance(step, (Conv, Dense))]
    if not products:
        raise errors.ConversionForeign(path=path, found="It multiplies nothing")
    classes = products[-1].kernel.shape[-1]
    closest = None
    for network in candidates:
        wanted = traced(network, classes)
        number = _first_difference(steps, wanted) if tuple(shape) == network.shape else 0
        if number is None:
            return network, classes, _variables(steps, wanted)
        if closest is None or number > closest[0]:
            closest = number, network, wanted
    number, network, wanted = closest
    text = "Step %d is %s; the closest network, '%s', has %s"
    pair = [_said(each[number] if number < len(each) else None) for each in (steps, wanted)]
    raise errors.ConversionForeign(
        path=path, found=text % (number + 1, pair[0], network.name, pair[1])
    )


def _first_difference(steps, wanted):
    for number in range(max(len(steps), len(wanted))):
        pair = [each[number] if number < len(each) else None for each in (steps, wanted)]
        if _said(pair[0]) != _said(pair[1]):
            return number
    return None


def _variables(steps, wanted):
    found = {}
    for step, ours in zip(steps, wanted):
        if isinstance(step, (Conv, Dense)):
            found[ours.kernel.name] = step.kernel
            found[ours.bias.name] = step.bias
    return found


def _said(step):
    """Say in words all that has to be equal of two steps."""
    if step is None:
        return "nothing"
    if isinstance(step, Activation):
        return "'%s'" % step.name
    if isinstance(step, Dense):
        return "a dense layer of %s" % _size(step.kernel.shape)
    window = step.kernel.shape if isinstance(step, Conv) else step.size
    kind = "a convolution of" if isinstance(step, Conv) else "a maximum over"
    pads = ",".join(str(pixels) for side in step.pads for pixels in side)
    return "%s %s by %s with padding %s" % (kind, _size(window), _size(step.strides), pads)


def _size(shape):
    return "x".join(str(size) for size in shape)
