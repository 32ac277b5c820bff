"""Which tensor takes the pictures, which has the answer, and what the pictures look like.

What a signature or a graph says decides where it leaves one choice; where it leaves several,
the sidecar decides; where that is silent, there is a sentence with all names and shapes.
"""

import collections

import numpy

from mlinference import errors, networks, saved

# What is known of a tensor: its name in the signature, its name in the graph, NumPy's name of
# its type, and its shape, None for a size that is not fixed, or None for any shape at all.
Tensor = collections.namedtuple("Tensor", "key name kind shape")

FLOATS = ("float16", "bfloat16", "float32", "float64")
NUMBERS = FLOATS + ("uint8", "int8", "uint16", "int16", "int32", "int64")

# How a picture is laid out: as one row, as rows, or with its channels last or first.
FLAT, ROWS, LAST, FIRST = "flat", "rows", "channels last", "channels first"
LAYOUTS = (FLAT, LAST, FIRST)

# The pictures of a row of this many numbers.
MNIST = (28, 28, 1)

# What the numbers of an answer are.
LOGITS, PROBABILITIES = "logits", "probabilities"

# Rows whose sums are as close to 1 as this are probabilities, float16's too.
SUM_TOLERANCE = 1e-2


# -- Which tensors ----------------------------------------------------------------------------


def chosen(model, graph, inputs, outputs):
    """Return (the Tensor of the pictures, the Tensor of the answer).

    Args:
        model: saved.Model.
        graph: graphs.Graph.
        inputs, outputs: Lists of Tensor.

    Raises:
        errors.ModelUnfit: If nothing can be.
        errors.ModelOpen: If several can.
    """
    ends = inputs, outputs
    pictures = [each for each in inputs if _is_picture(each)]
    if not model.told("input").get("name"):
        # Of any shape are what the article feeds dropout with, and pictures nobody described.
        pictures = [each for each in pictures if each.shape is not None] or pictures
    picture = _one(model, "input", inputs, pictures, ends)
    answers = [each for each in outputs if _is_answer(each)]
    if len(answers) > 1 and not model.told("output").get("name"):
        certain = [each for each in answers if graph.kind(each.name) == "Softmax"]
        answers = certain if len(certain) == 1 else answers
    return picture, _one(model, "output", outputs, answers, ends)


def _one(model, end, tensors, candidates, ends):
    name = model.told(end).get("name")
    named = [each for each in tensors if name in _names(each)]
    if name is not None and not named:
        found = "There is no %s '%s': %s" % (end, name, _said_of(*ends))
        raise opened(model, found, '"%s": {"name": ...}' % end)
    candidates = [each for each in named[:1] if each in candidates] if named else candidates
    if not candidates:
        raise errors.ModelUnfit(path=model.prefix, found=_said_of(*ends))
    if len(candidates) > 1:
        raise opened(model, _said_of(*ends), '"%s": {"name": ...}' % end)
    return candidates[0]


def _names(tensor):
    return (tensor.key, tensor.name, tensor.name.split(":")[0])


def _is_picture(tensor):
    fits = tensor.shape is None or 2 <= len(tensor.shape) <= 4
    return fits and tensor.kind in NUMBERS


def _is_answer(tensor):
    """Tell whether it has a row of two numbers or more for each picture."""
    if tensor.kind not in FLOATS:
        return False
    if tensor.shape is None:
        return True
    between = tensor.shape[1:-1]
    return len(tensor.shape) >= 2 and tensor.shape[-1] != 1 and all(size == 1 for size in between)


def opened(model, found, wanted):
    """Return the error that asks for something in the sidecar."""
    sidecar = saved.sidecar_path(model.prefix)
    return errors.ModelOpen(path=model.prefix, found=found, wanted=wanted, sidecar=sidecar)


def _said_of(inputs, outputs):
    text = "It takes %s and answers %s."
    return text % tuple(", ".join(map(said, each)) or "nothing" for each in (inputs, outputs))


def said(tensor):
    """Return a Tensor as messages show it: 'images' (float32, Nx784)."""
    if tensor.shape is None:
        shape = "of any shape"
    else:
        sizes = ["?" if size is None else str(size) for size in tensor.shape]
        if sizes and tensor.shape[0] is None:
            sizes[0] = "N"
        shape = "x".join(sizes) or "one number"
    return "'%s' (%s, %s)" % (tensor.key, tensor.kind, shape)


def other_feeds(model, tensors, known):
    """Return {Tensor: array} of what else has to be fed.

    Args:
        tensors: Tensors that the answer depends on, beside the pictures.
        known: Function of a name that returns its Tensor, or None where there is none.

    Raises:
        errors.ModelOpen: If the sidecar does not say what, or says what cannot be.
    """
    feeds = {}
    for name, value in sorted(model.told("feeds").items()):
        tensor = known(name)
        if tensor is None:
            raise opened(model, "There is no '%s' to feed in it." % name, "another name")
        try:
            feeds[tensor] = numpy.array(value, tensor.kind)
        except (ValueError, TypeError, OverflowError):
            found = "%s cannot be fed with %r." % (said(tensor), value)
            raise opened(model, found, '"feeds": {"%s": ...}' % name)
    fed = {tensor.name for tensor in feeds}
    for tensor in tensors:
        if tensor.name not in fed:
            found = "Its answer depends on %s as well." % said(tensor)
            raise opened(model, found, '"feeds": {"%s": ...}' % tensor.key)
    return feeds


# -- What the pictures look like --------------------------------------------------------------


class Picture(object):
    """How pictures are handed to a tensor.

    Attributes:
        network: networks.Network without variables: the pictures' shape and values.
        batch: How many at once, or None for any number.
        pixels: Numbers in a picture.
    """

    def __init__(self, model, tensor):
        """Find out.

        Raises:
            errors.ModelUnfit, errors.ModelOpen: If that cannot be.
        """
        told = model.told("input")
        shape, self._layout = _shape_and_layout(model, tensor, told)
        self._kind = tensor.kind
        self.batch = tensor.shape[0] if tensor.shape else None
        values = _values_of_picture(model, tensor, told)
        kind = told.get("picture")
        if kind not in (None, networks.INK, networks.COLOUR):
            raise opened(model, "Its 'picture' is %r." % (kind,), '"picture": "ink" or "colour"')
        self.network = networks.Network(
            model.kind, None, None, tuple(shape), values=values, picture=kind
        )
        self.pixels = shape[0] * shape[1] * shape[2]

    def fed(self, pictures):
        """Return what the tensor takes for float32 [N, pixels], 0 paper to 1 ink."""
        low, high = self.network.values
        array = pictures * numpy.float32(high - low) + numpy.float32(low)
        height, width, channels = self.network.shape
        if self._layout == FIRST:
            array = array.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
        elif self._layout == LAST:
            array = array.reshape(-1, height, width, channels)
        elif self._layout == ROWS:
            array = array.reshape(-1, height, width)
        if self._kind in FLOATS:
            return array.astype(_numpy_kind(self._kind))
        limits = numpy.iinfo(self._kind)
        return numpy.clip(numpy.rint(array), limits.min, limits.max).astype(self._kind)


def _numpy_kind(kind):
    # NumPy has no bfloat16; TensorFlow casts what it is fed.
    return "float32" if kind == "bfloat16" else kind


def _values_of_picture(model, tensor, told):
    """Return what is fed for paper and for ink; whole numbers are from 0 to 255 unless told."""
    span = told.get("range", [0, 1] if tensor.kind in FLOATS else [0, 255])
    pair = isinstance(span, list) and len(span) == 2 and all(map(_is_number, span))
    if not pair or span[0] == span[1]:
        raise opened(model, "Its 'range' is %r." % (span,), '"range": [0, 1]')
    ink = told.get("ink", "light on dark")
    if ink not in ("light on dark", "dark on light"):
        raise opened(model, "Its 'ink' is %r." % (ink,), '"ink": "dark on light"')
    low, high = sorted(span)
    if tensor.kind not in FLOATS:
        least, most = numpy.iinfo(tensor.kind).min, numpy.iinfo(tensor.kind).max
        if low < least or high > most:
            found = "Its input %s holds %d to %d, not %g to %g."
            found %= (said(tensor), least, most, low, high)
            raise opened(model, found, '"range": [%d, %d]' % (max(least, 0), min(most, 255)))
    return (high, low) if ink == "dark on light" else (low, high)


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e9


def _shape_and_layout(model, tensor, told):
    """Return ((height, width, channels), layout)."""
    wanted = _told_shape(model, told)
    layout = told.get("layout")
    if layout is not None and layout not in LAYOUTS:
        raise opened(model, "Its 'layout' is %r." % (layout,), '"layout": "channels first"')
    shape, layout = _placed(tensor.shape, wanted, layout)
    if shape is None or None in shape or min(shape) < 1:
        found = "Its input %s does not tell the size of a picture." % said(tensor)
        raise opened(model, found, '"input": {"height": ..., "width": ..., "channels": ...}')
    if shape[2] not in (1, 3):
        found = "Its input %s is of neither one channel nor three." % said(tensor)
        raise errors.ModelUnfit(path=model.prefix, found=found)
    if not _fits(tensor.shape, shape, layout) or any(
        size not in (None, found) for size, found in zip(wanted, shape)
    ):
        found = "'input' in it is for other pictures than %s." % said(tensor)
        raise opened(model, found, '"input": {"height": ..., "width": ..., "channels": ...}')
    return shape, layout


def _told_shape(model, told):
    sizes = [told.get(name) for name in ("height", "width", "channels")]
    for size in sizes:
        whole = isinstance(size, int) and not isinstance(size, bool)
        if size is not None and not (whole and 0 < size < 100000):
            raise opened(model, "A size in its 'input' is %r." % (size,), '"height": 28')
    return sizes


def _placed(sizes, wanted, layout):
    """Return ((height, width, channels) with None for what is not known, layout)."""
    if sizes is None:
        return wanted, layout or LAST
    if len(sizes) == 2:
        return _of_row(sizes[1], wanted), FLAT
    if len(sizes) == 3:
        return _merged((sizes[1], sizes[2], 1), wanted), ROWS
    last = (sizes[1], sizes[2], sizes[3])
    first = (sizes[2], sizes[3], sizes[1])
    if layout is None:
        layout = FIRST if first[2] in (1, 3) and last[2] not in (1, 3) else LAST
    return _merged(first if layout == FIRST else last, wanted), layout


def _of_row(count, wanted):
    if None not in wanted:
        return wanted
    asked = [size for size in wanted if size is not None]
    if count in (None, MNIST[0] * MNIST[1]) and (count or asked) and _agree(MNIST, wanted):
        return MNIST
    return None


def _merged(sizes, wanted):
    return [told if size is None else size for size, told in zip(sizes, wanted)]


def _agree(sizes, wanted):
    return all(told in (None, size) for size, told in zip(sizes, wanted))


def _fits(sizes, shape, layout):
    height, width, channels = shape
    laid = {
        FLAT: (height * width * channels,),
        ROWS: (height, width),
        LAST: (height, width, channels),
        FIRST: (channels, height, width),
    }[layout]
    return sizes is None or (len(sizes) == len(laid) + 1 and _agree(laid, sizes[1:]))


# -- What the answers are ---------------------------------------------------------------------


def values(model, graph, tensor, answers):
    """Return LOGITS or PROBABILITIES.

    The sidecar decides, then the last operation (Softmax makes probabilities), then what the
    model answered: rows from 0 to 1 that add up to 1 are probabilities, and numbers outside of
    that range are logits.

    Args:
        answers: float32 [N, classes], for several pictures.

    Raises:
        errors.ModelOpen: If all that leaves it open, as with a sigmoid at the end.
    """
    told = model.told("output").get("values")
    wanted = '"output": {"values": "logits"} or "probabilities"'
    if told is not None:
        if told not in (LOGITS, PROBABILITIES):
            raise opened(model, "Its 'values' are %r." % (told,), wanted)
        return told
    kind = graph.kind(tensor.name)
    if kind in ("Softmax", "LogSoftmax"):
        return PROBABILITIES if kind == "Softmax" else LOGITS
    if not (answers.min() >= 0 and answers.max() <= 1 + SUM_TOLERANCE):
        return LOGITS
    if abs(answers.sum(axis=1) - 1).max() <= SUM_TOLERANCE:
        return PROBABILITIES
    found = "Its answers, %s, are from 0 to 1 but do not add up to 1." % said(tensor)
    raise opened(model, found, wanted)
