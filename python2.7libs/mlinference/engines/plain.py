"""The networks run by NumPy alone: every Houdini carries it, so nothing has to be installed.

`ops` answers to the TensorFlow 1 names that the graph functions of `mlinference.networks`
use, with arrays for tensors: NHWC, float32, the same padding rules. A convolution is one
matrix product over the windows of the picture (im2col), in a scratch buffer of its thread.
"""

import threading

import numpy
from numpy.lib.stride_tricks import as_strided

from mlinference import errors

NAME = "NumPy"

# Floats that a thread keeps for windows between pictures (8 MB); more are asked for each time.
KEPT = 2 * 1024 * 1024


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
        self.size = sum(values.nbytes for values in checkpoint.variables.values())
        self._network = checkpoint.network
        self._variables = checkpoint.variables

    def logits(self, pictures):
        """Return float32 [N, classes] for float32 [N, height * width * channels]."""
        return self._network.layers(ops, pictures, self._variables)[-1][1]

    def layers(self, pictures):
        """Return ((name, array), ...) in the order of computation, logits last."""
        return tuple(self._network.layers(ops, pictures, self._variables))

    def close(self):
        """Let go of the variables."""
        self._variables = {}
        self.size = 0


# -- Windows ----------------------------------------------------------------------------------


def _conv2d(pictures, kernel, strides=(1, 1, 1, 1), padding="SAME", **_):
    height, width, channels, kernels = kernel.shape
    windows = _windows(pictures, (height, width), strides[1:3], padding, 0)
    count, rows, columns = windows.shape[:3]
    length = height * width * channels
    patches = _scratch(count * rows * columns * length)
    numpy.copyto(patches.reshape(windows.shape), windows)
    flat = numpy.dot(patches.reshape(-1, length), kernel.reshape(length, kernels))
    return flat.reshape(count, rows, columns, kernels)


def _depthwise_conv2d(pictures, kernel, strides=(1, 1, 1, 1), padding="SAME", **_):
    height, width, channels, multiplier = kernel.shape
    windows = _windows(pictures, (height, width), strides[1:3], padding, 0)
    result = numpy.einsum("nrcyxi,yxim->nrcim", windows, kernel)
    return result.reshape(windows.shape[:3] + (channels * multiplier,))


def _max_pool(pictures, ksize, strides, padding, **_):
    # TensorFlow's padding never wins: it is left out of the maximum, not counted as zero.
    return _reduced(numpy.maximum, pictures, ksize, strides, padding, -numpy.inf)


def _avg_pool(pictures, ksize, strides, padding, **_):
    # Nor does it count in the mean, so the sum is divided by the pixels really there.
    total = _reduced(numpy.add, pictures, ksize, strides, padding, 0)
    there = numpy.ones((1,) + pictures.shape[1:3] + (1,), pictures.dtype)
    return total / _reduced(numpy.add, there, ksize, strides, padding, 0)


def _reduced(function, pictures, ksize, strides, padding, outside):
    """Join the pixels of each window with `function`, one position in the window at a time."""
    tops, rows = _padding(pictures.shape[1], ksize[1], strides[1], padding)
    lefts, columns = _padding(pictures.shape[2], ksize[2], strides[2], padding)
    padded = _padded(pictures, tops, lefts, outside)
    result = None
    for top in range(ksize[1]):
        down = slice(top, top + (rows - 1) * strides[1] + 1, strides[1])
        across = None
        for left in range(ksize[2]):
            right = slice(left, left + (columns - 1) * strides[2] + 1, strides[2])
            part = padded[:, down, right]
            across = part if across is None else function(across, part)
        result = across if result is None else function(result, across)
    return result


def _windows(pictures, size, strides, padding, outside):
    """Return a view [N, rows, columns, height, width, channels] of every window."""
    tops, rows = _padding(pictures.shape[1], size[0], strides[0], padding)
    lefts, columns = _padding(pictures.shape[2], size[1], strides[1], padding)
    padded = _padded(pictures, tops, lefts, outside)
    count, down, right, channel = padded.strides
    return as_strided(
        padded,
        (padded.shape[0], rows, columns, size[0], size[1], padded.shape[3]),
        (count, down * strides[0], right * strides[1], down, right, channel),
    )


def _padding(size, window, stride, padding):
    """Return ((pixels before, pixels after), number of windows) along one side.

    SAME puts the odd pixel after, as TensorFlow does.
    """
    if padding == "VALID":
        return (0, 0), (size - window) // stride + 1
    count = -(-size // stride)
    total = max((count - 1) * stride + window - size, 0)
    return (total // 2, total - total // 2), count


def _padded(pictures, tops, lefts, outside):
    if tops == lefts == (0, 0):
        return pictures
    count, height, width, channels = pictures.shape
    shape = (count, height + sum(tops), width + sum(lefts), channels)
    padded = numpy.empty(shape, pictures.dtype)
    padded.fill(outside)
    padded[:, tops[0] : tops[0] + height, lefts[0] : lefts[0] + width] = pictures
    return padded


class _Scratch(threading.local):
    floats = numpy.zeros(0, numpy.float32)


_SCRATCH = _Scratch()


def _scratch(count):
    """Return `count` floats of anything, this thread's until it asks again."""
    if count > KEPT:
        return numpy.empty(count, numpy.float32)
    if _SCRATCH.floats.size < count:
        _SCRATCH.floats = numpy.empty(count, numpy.float32)
    return _SCRATCH.floats[:count]


# -- The rest ---------------------------------------------------------------------------------


def _matmul(first, second, **_):
    return numpy.dot(first, second) if second.ndim == 2 else numpy.matmul(first, second)


def _relu(values, **_):
    return numpy.maximum(values, numpy.float32(0))


def _leaky_relu(values, alpha=0.2, **_):
    return numpy.maximum(values, values * numpy.float32(alpha))


def _relu6(values, **_):
    return numpy.minimum(_relu(values), numpy.float32(6))


def _elu(values, **_):
    return numpy.where(values > 0, values, numpy.expm1(numpy.minimum(values, 0)))


def _sigmoid(values, **_):
    # By tanh, which does not overflow where exp(-x) would.
    half = numpy.float32(0.5)
    return half * (numpy.tanh(half * values) + numpy.float32(1))


def _softplus(values, **_):
    return numpy.logaddexp(values, numpy.float32(0))


def _bias_add(values, bias, **_):
    return values + bias


def softmax(values, axis=-1, **_):
    """Return exp(values) in parts of their sum along `axis`; no value is too large."""
    powers = numpy.exp(values - values.max(axis=axis, keepdims=True))
    powers /= powers.sum(axis=axis, keepdims=True)
    return powers


def _batch_normalization(values, mean, variance, offset, scale, variance_epsilon, **_):
    factor = 1 / numpy.sqrt(variance + numpy.float32(variance_epsilon))
    factor = factor if scale is None else factor * scale
    moved = (values - mean) * factor
    return moved if offset is None else moved + offset


def _reduce(function):
    def reduce(values, axis=None, keepdims=False, keep_dims=False, **_):
        axis = tuple(axis) if isinstance(axis, list) else axis
        return function(values, axis=axis, keepdims=bool(keepdims or keep_dims))

    return reduce


def _reshape(values, shape, **_):
    return values.reshape([int(size) for size in shape])


def _concat(values, axis, **_):
    return numpy.concatenate(values, axis)


def _transpose(values, perm=None, **_):
    return numpy.transpose(values, perm)


def _pad(values, paddings, mode="CONSTANT", **_):
    return numpy.pad(values, paddings, mode.lower())


def _shape(values, **_):
    return values.shape


def _expand_dims(values, axis, **_):
    return numpy.expand_dims(values, axis)


def _squeeze(values, axis=None, **_):
    return numpy.squeeze(values, tuple(axis) if isinstance(axis, list) else axis)


def _identity(values, **_):
    return values


def _constant(value, dtype=None, **_):
    return numpy.asarray(value, dtype or numpy.float32)


def _elementwise(function):
    # TensorFlow's functions take a name for the graph, NumPy's do not.
    def apply(*values, **_):
        return function(*values)

    return apply


class _Names(object):
    """TensorFlow 1 names as attributes; one that is lacking says so in a sentence."""

    def __init__(self, prefix, **functions):
        self._prefix = prefix
        self.__dict__.update(functions)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        raise errors.OperationMissing(name=self._prefix + name)


ops = _Names(
    "tf.",
    nn=_Names(
        "tf.nn.",
        avg_pool=_avg_pool,
        batch_normalization=_batch_normalization,
        bias_add=_bias_add,
        conv2d=_conv2d,
        depthwise_conv2d=_depthwise_conv2d,
        elu=_elu,
        leaky_relu=_leaky_relu,
        max_pool=_max_pool,
        relu=_relu,
        relu6=_relu6,
        sigmoid=_sigmoid,
        softmax=softmax,
        softplus=_softplus,
        tanh=_elementwise(numpy.tanh),
    ),
    float32=numpy.float32,
    abs=_elementwise(numpy.abs),
    add=_elementwise(numpy.add),
    concat=_concat,
    constant=_constant,
    divide=_elementwise(numpy.divide),
    exp=_elementwise(numpy.exp),
    expand_dims=_expand_dims,
    identity=_identity,
    log=_elementwise(numpy.log),
    matmul=_matmul,
    maximum=_elementwise(numpy.maximum),
    minimum=_elementwise(numpy.minimum),
    multiply=_elementwise(numpy.multiply),
    pad=_pad,
    reduce_max=_reduce(numpy.max),
    reduce_mean=_reduce(numpy.mean),
    reduce_sum=_reduce(numpy.sum),
    reshape=_reshape,
    shape=_shape,
    sigmoid=_sigmoid,
    sqrt=_elementwise(numpy.sqrt),
    square=_elementwise(numpy.square),
    squeeze=_squeeze,
    subtract=_elementwise(numpy.subtract),
    tanh=_elementwise(numpy.tanh),
    transpose=_transpose,
)
