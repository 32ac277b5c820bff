"""The networks run by NumPy alone: every Houdini carries it, so nothing has to be installed.

`ops` answers to the TensorFlow 1 names that the graph functions of `mlinference.networks`
use, with arrays for tensors: NHWC, float32, the same padding rules. An option that would change
the answer and that is not known here is refused, never passed over.
"""

import operator

import numpy

from mlinference import errors
from mlinference.engines import convolution, products

NAME = "NumPy"


class Engine(object):
    """One checkpoint, ready to answer.

    Attributes:
        name: What the node shows.
        size: Bytes that it holds.
    """

    def __init__(self, checkpoint, device="auto"):
        """Take over the verified variables; NumPy has one device, so `device` is not looked at.

        Args:
            checkpoint: checkpoint.Checkpoint.
        """
        self.name = "%s %s" % (NAME, numpy.__version__)
        self._network = checkpoint.network
        self._variables = checkpoint.variables
        own = checkpoint.network.own
        if own:
            self._variables = _tensors(self._variables)
        tiled = {
            id(values): convolution.Tiled(values)
            for values in self._variables.values()
            if values.ndim == 4 and convolution.worth_tiling(values.shape)
        }
        gathered = {
            id(values) for values in self._variables.values() if products.worth_gathering(values)
        }
        self._ops = _operations(tiled, gathered, own)
        self.size = sum(values.nbytes for values in self._variables.values())
        self.size += sum(each.size for each in tiled.values())

    def logits(self, pictures):
        """Return float32 [N, classes] for float32 [N, height * width * channels]."""
        return self.layers(pictures)[-1][1]

    def layers(self, pictures):
        """Return ((name, array), ...) in the order of computation, logits last."""
        return layers(self._network, pictures, self._variables, self._ops)

    def close(self):
        """Let go of the variables."""
        self._variables = {}
        self._ops = None
        self.size = 0


# -- Tensors for networks of one's own --------------------------------------------------------


def layers(network, pictures, variables, names=None):
    """Run a network's function.

    Args:
        network: networks.Network.
        pictures: float32 [N, height * width * channels].
        variables: {name: float32 array}.
        names: What stands for TensorFlow; an engine has its own, which knows its variables.

    Returns:
        ((name, float32 array), ...) in the order of computation, logits last.
    """
    if not network.own:
        names = names or _operations({}, (), False)
        return tuple(network.layers(names, pictures, variables))
    made = network.layers(names or ops, tensor(pictures), _tensors(variables))
    return tuple((name, numpy.asarray(values, numpy.float32)) for name, values in made)


class Tensor(numpy.ndarray):
    """An array that answers to arithmetic as TensorFlow's tensors do.

    `x += y` makes a new one, whoever else has x, and what is float64 becomes float32.
    """

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return tensor(array)


def _anew(function):
    return lambda self, other: function(self, other)


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    setattr(Tensor, "__i%s__" % _name, _anew(getattr(operator, _name)))
# Python 2's own division.
Tensor.__idiv__ = _anew(operator.truediv)


def _tensors(variables):
    # Those that are tensors already stay the same objects, by which their kernels are known.
    return {
        name: values if isinstance(values, Tensor) else tensor(values)
        for name, values in variables.items()
    }


def tensor(values):
    """Return an array or a number as Tensor; what is neither as it is."""
    if not isinstance(values, (numpy.ndarray, numpy.generic)):
        return values
    array = numpy.asarray(values)
    return (array.astype(numpy.float32) if array.dtype == numpy.float64 else array).view(Tensor)


# -- Convolutions and pools -------------------------------------------------------------------


def _convolution(tiled):
    """Return tf.nn.conv2d, that uses the convolution.Tiled of the kernels that have one, by id."""

    def conv2d(pictures, kernel, strides=(1, 1, 1, 1), padding="SAME"):
        pictures = numpy.asarray(pictures, numpy.float32)
        _check_channels("conv2d", pictures, kernel)
        ready = tiled.get(id(kernel)) if tuple(strides) == (1, 1, 1, 1) else None
        if ready is not None:
            return ready.convolve(pictures, padding)
        return convolution.direct(pictures, kernel, strides[1:3], padding)

    return conv2d


def _check_channels(name, pictures, kernel):
    # Newer TensorFlows take a multiple of the kernel's for a convolution in groups.
    if pictures.shape[-1] != kernel.shape[2]:
        text = "tf.nn.%s of %d channels by a kernel for %d"
        raise errors.OperationMissing(name=text % (name, pictures.shape[-1], kernel.shape[2]))


def _depthwise_conv2d(pictures, kernel, strides=(1, 1, 1, 1), padding="SAME"):
    _check_channels("depthwise_conv2d", pictures, kernel)
    height, width, channels, multiplier = kernel.shape
    windows = convolution.view_windows(pictures, (height, width), strides[1:3], padding)
    result = numpy.einsum("nrcyxi,yxim->nrcim", windows, kernel)
    return result.reshape(windows.shape[:3] + (channels * multiplier,))


def _check_window(name, ksize, strides):
    try:
        within = (ksize[0], ksize[3], strides[0], strides[3]) == (1, 1, 1, 1)
    except (TypeError, IndexError):
        # Newer TensorFlows take one number, or two.
        within = False
    if not within:
        raise errors.OperationMissing(name="tf.nn.%s(%r, %r)" % (name, ksize, strides))


def _max_pool(pictures, ksize, strides, padding):
    _check_window("max_pool", ksize, strides)
    # TensorFlow's padding never wins: it is left out of the maximum, not counted as zero.
    sizes = ksize[1:3], strides[1:3], padding
    return convolution.pool(numpy.maximum, pictures, *sizes, outside=-numpy.inf)


def _avg_pool(pictures, ksize, strides, padding):
    _check_window("avg_pool", ksize, strides)
    # Nor does it count in the mean, so the sum is divided by the pixels really there.
    sizes = ksize[1:3], strides[1:3], padding
    there = numpy.ones((1,) + pictures.shape[1:3] + (1,), pictures.dtype)
    total = convolution.pool(numpy.add, pictures, *sizes, outside=0)
    return total / convolution.pool(numpy.add, there, *sizes, outside=0)


# -- The rest ---------------------------------------------------------------------------------


def _product(gathered):
    """Return tf.matmul, that gathers the rows of the matrices whose ids these are."""

    def matmul(first, second, transpose_a=False, transpose_b=False):
        one = first.shape[:-1] == (1,)
        if one and id(second) in gathered and not (transpose_a or transpose_b):
            return products.of_row(first, second)
        first = numpy.swapaxes(first, -1, -2) if transpose_a else first
        second = numpy.swapaxes(second, -1, -2) if transpose_b else second
        return numpy.dot(first, second) if second.ndim == 2 else numpy.matmul(first, second)

    return matmul


def _relu(values):
    return numpy.maximum(values, numpy.float32(0))


def _leaky_relu(values, alpha=0.2):
    return numpy.where(values > 0, values, values * numpy.float32(alpha))


def _relu6(values):
    return numpy.minimum(_relu(values), numpy.float32(6))


def _elu(values):
    return numpy.where(values > 0, values, numpy.expm1(numpy.minimum(values, 0)))


def _sigmoid(values):
    # Of the side on which exp does not overflow; tanh would lose what is next to nothing.
    power = numpy.exp(-numpy.abs(values))
    return numpy.where(values >= 0, numpy.float32(1), power) / (power + numpy.float32(1))


def _softplus(values):
    return numpy.logaddexp(values, numpy.float32(0))


def _bias_add(values, bias):
    return values + bias


def softmax(values, axis=-1):
    """Return exp(values) in parts of their sum along `axis`; no value is too large.

    None is the last axis, as TensorFlow has it.
    """
    axis = -1 if axis is None else axis
    powers = numpy.exp(values - numpy.maximum.reduce(values, axis, keepdims=True))
    powers /= numpy.add.reduce(powers, axis, keepdims=True)
    return powers


def _batch_normalization(values, mean, variance, offset, scale, variance_epsilon):
    factor = 1 / numpy.sqrt(variance + numpy.float32(variance_epsilon))
    factor = factor if scale is None else factor * scale
    moved = (values - mean) * factor
    return moved if offset is None else moved + offset


def _reduce(function):
    def reduce(values, axis=None, keepdims=False, name=None, keep_dims=False):
        axis = tuple(axis) if isinstance(axis, list) else axis
        return function(values, axis=axis, keepdims=bool(keepdims or keep_dims))

    return reduce


def _reshape(values, shape):
    return values.reshape([int(size) for size in shape])


def _concat(values, axis):
    return numpy.concatenate(values if isinstance(values, (list, tuple)) else [values], axis)


def _transpose(values, perm=None):
    return numpy.transpose(values, perm)


def _pad(values, paddings, mode="CONSTANT"):
    return numpy.pad(values, paddings, mode.lower())


def _shape(values):
    return values.shape


def _expand_dims(values, axis):
    return numpy.expand_dims(values, axis)


def _squeeze(values, axis=None):
    # No axes are all of them, in a list too.
    return numpy.squeeze(values, (tuple(axis) or None) if isinstance(axis, (list, tuple)) else axis)


def _identity(values):
    return values


def _constant(value, dtype=None, shape=None):
    array = numpy.asarray(value, dtype or numpy.float32)
    if shape is None or array.size != 1:
        return array if shape is None else array.reshape(shape)
    filled = numpy.empty(shape, array.dtype)
    filled.fill(array.item())
    return filled


# -- The names --------------------------------------------------------------------------------

# What changes nothing: options that an operation may do without, and their values then.
USUAL = {
    "constant_values": (0,),
    "data_format": ("NHWC",),
    "dilations": (1, [1, 1, 1, 1], (1, 1, 1, 1)),
    "use_cudnn_on_gpu": (True,),
}

# Values of options that a message shows; others may be arrays, of many lines.
TOLD = (bool, int, float, str, list, tuple)


def operation(name, function):
    """Return a function that takes TensorFlow's options, as far as they change nothing.

    It raises errors.OperationMissing for the others.
    """
    code = getattr(function, "__code__", None)
    known = frozenset(code.co_varnames[: code.co_argcount] if code else ())

    def operated(*values, **options):
        if options and not known.issuperset(options):
            options = _understood(name, known, options)
        return tensor(function(*values, **options))

    return operated


def _understood(name, known, options):
    """Return the options that a function knows, without those that change nothing.

    Raises:
        errors.OperationMissing: One of the others would change the answer.
    """
    for option, value in sorted(options.items()):
        # By `is`: 0 may be an axis, and that is not the same as none.
        unset = value is None or value is False or value in USUAL.get(option, ())
        if option not in known and option != "name" and not unset:
            told = repr(value) if isinstance(value, TOLD) else "..."
            raise errors.OperationMissing(name="%s(%s=%s)" % (name, option, told))
    return {option: value for option, value in options.items() if option in known}


class _Names(object):
    """TensorFlow 1 names as attributes; one that is lacking says so in a sentence."""

    def __init__(self, prefix, functions, own):
        self._prefix = prefix
        for name, function in functions.items():
            # Our own networks do without surprises, and without what it takes to rule them out.
            setattr(self, name, operation(prefix + name, function) if own else function)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise errors.OperationMissing(name=self._prefix + name)


NN = {
    "avg_pool": _avg_pool,
    "batch_normalization": _batch_normalization,
    "bias_add": _bias_add,
    "depthwise_conv2d": _depthwise_conv2d,
    "elu": _elu,
    "leaky_relu": _leaky_relu,
    "max_pool": _max_pool,
    "relu": _relu,
    "relu6": _relu6,
    "sigmoid": _sigmoid,
    "softmax": softmax,
    "softplus": _softplus,
    "tanh": numpy.tanh,
}

TF = {
    "abs": numpy.abs,
    "add": numpy.add,
    "concat": _concat,
    "constant": _constant,
    "divide": numpy.divide,
    "exp": numpy.exp,
    "expand_dims": _expand_dims,
    "identity": _identity,
    "log": numpy.log,
    "maximum": numpy.maximum,
    "minimum": numpy.minimum,
    "multiply": numpy.multiply,
    "pad": _pad,
    "reduce_max": _reduce(numpy.max),
    "reduce_mean": _reduce(numpy.mean),
    "reduce_sum": _reduce(numpy.sum),
    "reshape": _reshape,
    "shape": _shape,
    "sigmoid": _sigmoid,
    "sqrt": numpy.sqrt,
    "square": numpy.square,
    "squeeze": _squeeze,
    "subtract": numpy.subtract,
    "tanh": numpy.tanh,
    "transpose": _transpose,
}


def _operations(tiled, gathered, own):
    names = _Names("tf.", dict(TF, matmul=_product(gathered)), own)
    names.nn = _Names("tf.nn.", dict(NN, conv2d=_convolution(tiled)), own)
    names.float32 = numpy.float32
    return names


# For any arrays; an engine has its own, which knows its variables.
ops = _operations({}, (), True)
