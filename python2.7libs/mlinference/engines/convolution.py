"""Convolutions and pools of NHWC pictures, by NumPy's matrix product.

Two ways to convolve. `direct` lays every window out as a row (im2col) and multiplies once by
the kernel. `Tiled` is Winograd's way ("Arithmetic Complexity of Computations", 1980), along
the rows: TILE neighbouring pixels are calculated together from the products of two
polynomials at a few points, which takes half of the multiplications and less. It costs two
bits of float32's accuracy; along both axes, or with longer tiles, it would save more and cost
twice as many.
"""

import functools
import threading

import numpy

from mlinference import errors

# Pixels of a row that are calculated together.
TILE = 4

# Where the polynomials are multiplied, and at infinity. Near 1, so that powers stay small.
POINTS = (0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0)

# Kernels with fewer weights, or narrower ones, or wider, are not worth the transformations.
LEAST_WEIGHTS = 4096
WIDTHS = (3, 4, 5)

# Floats of windows that are laid out at once (1 MB, a level-2 cache) and kept by the thread.
SCRATCH = 256 * 1024


def direct(pictures, kernel, strides, padding):
    """Convolve as tf.nn.conv2d does.

    Args:
        pictures: float32 [N, height, width, channels].
        kernel: float32 [height, width, channels, kernels].
        strides: (down, right).
        padding: "SAME" or "VALID".

    Returns:
        float32 [N, rows, columns, kernels].
    """
    height, width, channels, kernels = kernel.shape
    windows = view_windows(pictures, (height, width), strides, padding)
    count, rows, columns = windows.shape[:3]
    flat = kernel.reshape(-1, kernels)
    result = numpy.empty((count, rows, columns, kernels), numpy.float32)
    for some in _groups(count, rows * columns * flat.shape[0]):
        part = windows[some]
        if channels == 1:
            # Copied along the rows of the picture: longer runs than those of the window.
            patches = _laid_out(part.transpose(3, 4, 5, 0, 1, 2)).reshape(len(flat), -1).T
        else:
            patches = _laid_out(part).reshape(-1, len(flat))
        numpy.dot(patches, flat, out=result[some].reshape(-1, kernels))
    return result


class Tiled(object):
    """A kernel made ready for convolutions by tiles, stride 1.

    Attributes:
        size: Bytes that it holds.
    """

    def __init__(self, kernel):
        """Transform a kernel, float32 [height, width, channels, kernels]."""
        height, self._width, channels, kernels = kernel.shape
        self._height = height
        to_pixels, from_kernel, from_pixels = _matrices(self._width)
        self._to_pixels = to_pixels.astype(numpy.float32)
        self._from_pixels = from_pixels.astype(numpy.float32)
        points = len(from_pixels)
        values = numpy.dot(from_kernel, kernel.transpose(1, 0, 2, 3).reshape(self._width, -1))
        self._values = values.astype(numpy.float32).reshape(points, height * channels, kernels)
        self.size = self._values.nbytes

    def convolve(self, pictures, padding):
        """Convolve as tf.nn.conv2d does; float32 [N, height, width, channels] and the same."""
        tops, rows = padded_side(pictures.shape[1], self._height, 1, padding)
        lefts, columns = padded_side(pictures.shape[2], self._width, 1, padding)
        tiles = -(-columns // TILE)
        padded = pad(pictures, tops, (lefts[0], lefts[1] + tiles * TILE - columns))
        padded = numpy.ascontiguousarray(padded)
        points, length, kernels = self._values.shape
        shape = (len(pictures), rows, tiles * TILE, kernels)
        result = numpy.empty(shape, numpy.float32)
        for some in _groups(len(pictures), points * tiles * rows * length):
            self._convolve(padded[some], result[some], tiles)
        return result[:, :, :columns]

    def _convolve(self, padded, result, tiles):
        """Fill `result`, [N, rows, tiles * TILE, kernels]."""
        points, length, kernels = self._values.shape
        count, height, _, channels = padded.shape
        rows = result.shape[1]
        each, down, right, channel = padded.strides
        shape = (points, count, tiles, height, channels)
        cut = strided(padded, shape, (right, each, TILE * right, down, channel))
        at_points = numpy.dot(self._from_pixels, _laid_out(cut).reshape(points, -1))
        at_points = at_points.reshape(shape)
        # Rows of the picture that a window covers lie one after the other now.
        shape = (points, count, tiles, rows, length)
        patches = _laid_out(strided(at_points, shape, at_points.strides))
        products = multiply_each(patches.reshape(points, -1, length), self._values)
        pixels = numpy.dot(self._to_pixels, products.reshape(points, -1))
        pixels = pixels.reshape(TILE, count, tiles, rows, kernels).transpose(1, 3, 2, 0, 4)
        result.reshape(pixels.shape)[...] = pixels


def multiply_each(firsts, seconds):
    """Return the matrix products of [count, rows, length] and [count, length, columns]."""
    # Since NumPy 1.16 it is a ufunc; before, it went without BLAS, at a hundredth of the speed.
    if isinstance(getattr(numpy, "matmul", None), numpy.ufunc):
        return numpy.matmul(firsts, seconds)
    return numpy.array([numpy.dot(*pair) for pair in zip(firsts, seconds)])


def worth_tiling(shape):
    """Tell whether a kernel of this shape gains from tiles."""
    weights = shape[0] * shape[1] * shape[2] * shape[3]
    return shape[1] in WIDTHS and weights >= LEAST_WEIGHTS


def _matrices(width):
    """Return what leads from points to pixels, from kernel to points, from pixels to points.

    Toom and Cook's construction, transposed: a polynomial is known from its values at as many
    points as it has coefficients, infinity (its last coefficient) among them.
    """
    count = TILE + width - 1
    points = numpy.array(POINTS[: count - 1])
    to_pixels = numpy.zeros((TILE, count))
    from_kernel = numpy.zeros((count, width))
    from_pixels = numpy.zeros((count, count))
    for number, point in enumerate(points):
        others = numpy.delete(points, number)
        scale = abs(numpy.poly(others)).max()
        to_pixels[:, number] = point ** numpy.arange(TILE)
        from_kernel[number] = point ** numpy.arange(width) / numpy.prod(point - others) * scale
        from_pixels[number, : count - 1] = numpy.poly(others)[::-1] / scale
    to_pixels[-1, -1] = from_kernel[-1, -1] = 1
    from_pixels[-1] = numpy.poly(points)[::-1]
    return to_pixels, from_kernel, from_pixels


# -- Pools ------------------------------------------------------------------------------------


def pool(function, pictures, size, strides, padding, outside):
    """Join the pixels of each window with `function`.

    Args:
        function: Of two arrays, as numpy.maximum.
        pictures: float32 [N, height, width, channels].
        size, strides: (down, right).
        padding: "SAME" or "VALID".
        outside: What pixels outside of the picture count as.
    """
    tops, rows = padded_side(pictures.shape[1], size[0], strides[0], padding)
    lefts, columns = padded_side(pictures.shape[2], size[1], strides[1], padding)
    padded = pad(pictures, tops, lefts, outside)
    # Lines first: whole ones are joined, and half of the work is done in long runs.
    lines = [padded[:, _every(top, strides[0], rows)] for top in range(size[0])]
    lines = functools.reduce(function, lines)
    columns = [lines[:, :, _every(left, strides[1], columns)] for left in range(size[1])]
    return functools.reduce(function, columns)


def _every(first, stride, count):
    return slice(first, first + (count - 1) * stride + 1, stride)


# -- Windows ----------------------------------------------------------------------------------


def view_windows(pictures, size, strides, padding):
    """Return a view [N, rows, columns, height, width, channels] of every window."""
    tops, rows = padded_side(pictures.shape[1], size[0], strides[0], padding)
    lefts, columns = padded_side(pictures.shape[2], size[1], strides[1], padding)
    padded = numpy.ascontiguousarray(pad(pictures, tops, lefts))
    count, down, right, channel = padded.strides
    return strided(
        padded,
        (padded.shape[0], rows, columns, size[0], size[1], padded.shape[3]),
        (count, down * strides[0], right * strides[1], down, right, channel),
    )


def strided(array, shape, strides):
    """View a contiguous array with another shape and strides; an error if they leave it.

    numpy.lib.stride_tricks.as_strided takes ten times as long, which one notices in a cook.
    """
    if not array.size:
        # NumPy 1.7 finds no strides that fit into nothing.
        return numpy.zeros(shape, array.dtype)
    return numpy.ndarray(shape, array.dtype, array, 0, strides)


def padded_side(size, window, stride, padding):
    """Return ((pixels before, pixels after), number of windows) along one side.

    SAME puts the odd pixel after, as TensorFlow does.

    Raises:
        errors.OperationMissing: If the padding is neither, such as a list of numbers.
    """
    if padding == "VALID":
        return (0, 0), (size - window) // stride + 1
    if padding != "SAME":
        raise errors.OperationMissing(name="padding=%r" % (padding,))
    count = -(-size // stride)
    total = max((count - 1) * stride + window - size, 0)
    return (total // 2, total - total // 2), count


def pad(pictures, tops, lefts, outside=0):
    """Surround pictures with pixels of the value `outside`: (above, below), (left, right)."""
    if tops == lefts == (0, 0):
        return pictures
    count, height, width, channels = pictures.shape
    shape = (count, height + sum(tops), width + sum(lefts), channels)
    padded = numpy.empty(shape, pictures.dtype)
    padded.fill(outside)
    padded[:, tops[0] : tops[0] + height, lefts[0] : lefts[0] + width] = pictures
    return padded


# -- Scratch ----------------------------------------------------------------------------------


class _Scratch(threading.local):
    floats = numpy.zeros(0, numpy.float32)


_SCRATCH = _Scratch()


def _groups(count, floats):
    """Yield slices of as many pictures as fit into SCRATCH, `floats` each, but at least one."""
    step = max(1, SCRATCH // max(1, floats))
    for start in range(0, count, step):
        yield slice(start, start + step)


def _laid_out(view):
    """Return a contiguous copy of a view, in this thread's buffer until the next call."""
    if view.size > SCRATCH:
        return numpy.ascontiguousarray(view)
    if not _SCRATCH.floats.size:
        _SCRATCH.floats = numpy.empty(SCRATCH, numpy.float32)
    copy = _SCRATCH.floats[: view.size].reshape(view.shape)
    numpy.copyto(copy, view)
    return copy
