"""ONNX, for Houdini's ONNX Inference nodes and everything else that runs it.

What is written has one input, "pictures", float32 [N, channels, height, width], 0 paper to 1
ink, and one output, "probabilities", [N, classes]. Labels and preprocessing are in the
metadata. SideFX do not say which runtime a Houdini carries; operator set 11 in IR version 6 is
of 2019, and read by every onnxruntime since 1.0.
"""

import json

import numpy

from mlinference import _compat, errors, own
from mlinference.conversion import chain, libraries
from mlinference.conversion.model import of_chain

OPSET = 11
IR_VERSION = 6
INPUT, OUTPUT = "pictures", "probabilities"

# Attributes of a constant that are Python's numbers, and what they are in ONNX.
KINDS = {
    "value_float": numpy.float32,
    "value_floats": numpy.float32,
    "value_int": numpy.int64,
    "value_ints": numpy.int64,
}

OPERATORS = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid", "softmax": "Softmax"}


def _library():
    return libraries.load("onnx", ".onnx", "checker", "helper", "numpy_helper")


# -- Writing ----------------------------------------------------------------------------------


def write(path, model, options):
    """Write a Model.

    Args:
        options: Has `batch` (number of pictures, or 0 for any) and `bottom_first`.
    """
    onnx = _library()
    graph = _Graph(onnx)
    height, width, channels = model.network.shape
    tensor = INPUT
    if options.bottom_first:
        tensor = graph.flipped(tensor)
    layout = "picture"
    for step in model.folded().steps() + [chain.Activation("softmax")]:
        if isinstance(step, chain.Dense) and layout == "picture":
            tensor, layout = graph.flat(tensor, step.kernel.shape[0]), "flat"
        tensor = graph.step(tensor, step)
    graph.nodes[-1].output[0] = OUTPUT
    batch = options.batch or "N"
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            model.network.name,
            [helper.make_tensor_value_info(INPUT, kind, [batch, channels, height, width])],
            [helper.make_tensor_value_info(OUTPUT, kind, [batch, model.classes])],
            graph.constants,
        ),
        producer_name="mlinference",
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    made.ir_version = IR_VERSION
    helper.set_model_props(made, _properties(model, options))
    onnx.checker.check_model(made)
    onnx.save(made, path)


def _properties(model, options):
    said = model.folded().described()
    said["input"] = dict(said["input"], name=INPUT, layout="NCHW")
    if options.bottom_first:
        said["input"]["rows"] = "bottom first"
    return {name: _compat.native(json.dumps(said[name], sort_keys=True)) for name in said}


class _Graph(object):
    """Nodes and constants as they come; all names are made here."""

    def __init__(self, onnx):
        self.onnx = onnx
        self.nodes = []
        self.constants = []

    def add(self, operator, inputs, **attributes):
        output = "%s_%d" % (operator.lower(), len(self.nodes) + 1)
        self.nodes.append(self.onnx.helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def constant(self, values, kind=numpy.float32):
        name = "constant_%d" % (len(self.constants) + 1)
        values = numpy.ascontiguousarray(values, kind)
        self.constants.append(self.onnx.numpy_helper.from_array(values, name))
        return name

    def flipped(self, tensor):
        """Turn the rows around."""
        furthest = numpy.iinfo(numpy.int32)
        numbers = ([-1], [furthest.min], [2], [-1])  # starts, ends, axes, steps
        return self.add("Slice", [tensor] + [self.constant(each, numpy.int64) for each in numbers])

    def flat(self, tensor, count):
        """Flatten a picture in the order height, width, channels."""
        moved = self.add("Transpose", [tensor], perm=[0, 2, 3, 1])
        return self.add("Reshape", [moved, self.constant([-1, count], numpy.int64)])

    def step(self, tensor, step):
        if isinstance(step, chain.Activation):
            attributes = {"axis": 1} if step.name == "softmax" else {}
            return self.add(OPERATORS[step.name], [tensor], **attributes)
        if isinstance(step, chain.Dense):
            return self.add("Gemm", [tensor, self.constant(step.kernel), self.constant(step.bias)])
        (top, bottom), (left, right) = step.pads
        shared = {"strides": list(step.strides), "pads": [top, left, bottom, right]}
        if isinstance(step, chain.Pool):
            return self.add("MaxPool", [tensor], kernel_shape=list(step.size), **shared)
        kernel = self.constant(numpy.transpose(step.kernel, (3, 2, 0, 1)))
        size = list(step.kernel.shape[:2])
        return self.add("Conv", [tensor, kernel, self.constant(step.bias)], kernel_shape=size, **shared)


# -- Reading ----------------------------------------------------------------------------------


def read(path, options):
    """Return the Model in a file, if it is a chain that one of our networks is.

    Raises:
        errors.ConversionError: If it is not.
    """
    onnx = _library()
    try:
        stored = onnx.load(path)
        onnx.checker.check_model(stored)
    except Exception as error:  # protobuf and onnx raise kinds of their own
        raise errors.ConversionUnreadable(path=path, reason=error)
    try:
        walk = _Walk(onnx, stored.graph)
        walk.go()
    except Exception as error:  # a file that the checker lets through may still be anything
        raise errors.ConversionForeign(path=path, found=chain.complaint(error))
    candidates = own.candidates(options.network)
    return of_chain(walk.picture, walk.builder.steps, path, _sidecar(stored), candidates)


def _sidecar(stored):
    found = {}
    for entry in stored.metadata_props:
        try:
            found[_compat.native(entry.key)] = json.loads(entry.value)
        except ValueError:  # another program's property, which is no JSON
            continue
    return found


class _Walk(object):
    """Goes from the graph's input to its output and builds the chain.

    Attributes:
        builder: chain.Builder.
        picture: (height, width, channels) of the input.
        order: How the values of the current tensor are ordered: "chw" or "hwc".
        flat: Whether it is one row a picture.
    """

    def __init__(self, onnx, graph):
        self.onnx = onnx
        self.graph = graph
        self.constants = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
        for node in graph.node:
            if node.op_type == "Constant":
                ((kind, value),) = self._attributes(node).items()
                self.constants[node.output[0]] = numpy.asarray(value, KINDS.get(kind))

    def go(self):
        """Go all the way.

        Raises:
            ValueError: If it is no chain of what is known here; a sentence without its stop.
        """
        inputs = [each for each in self.graph.input if each.name not in self.constants]
        if len(inputs) != 1:
            raise ValueError("It has %d inputs" % len(inputs))
        self._enter([each.dim_value for each in inputs[0].type.tensor_type.shape.dim])
        tensor, node = inputs[0].name, True
        while node:
            users = [each for each in self.graph.node if tensor in each.input]
            if len(users) > 1:
                raise ValueError("It has branches after '%s'" % tensor)
            node = users[0] if users else None
            if node is not None:
                self._take(node, tensor)
                tensor = node.output[0]
        outputs = [each.name for each in self.graph.output]
        if outputs != [tensor]:
            text = "It answers with %s, and its last step gives '%s'"
            raise ValueError(text % (" and ".join("'%s'" % name for name in outputs), tensor))

    def _enter(self, shape):
        if len(shape) == 4 and shape[1] in (1, 3):
            self.order, self.flat = "chw", False
            self.picture = (shape[2], shape[3], shape[1])
        elif len(shape) == 4:
            self.order, self.flat = "hwc", False
            self.picture = tuple(shape[1:])
        elif len(shape) == 3:
            self.order, self.flat = "hwc", False
            self.picture = (shape[1], shape[2], 1)
        elif len(shape) == 2 and shape[1] == 784:
            self.order, self.flat = "hwc", True
            self.picture = (28, 28, 1)
        else:
            text = "Its input is %s, not a batch of pictures"
            raise ValueError(text % "x".join(str(each or "N") for each in shape))
        self.builder = chain.Builder(self.picture)

    def _take(self, node, tensor):
        take = getattr(self, "_take_" + node.op_type.lower(), None)
        if take is None or node.domain not in ("", "ai.onnx"):
            raise ValueError("It uses '%s'" % node.op_type)
        names = list(node.input)
        # Only a sum is the same either way.
        if names[0] != tensor and node.op_type != "Add":
            raise ValueError("It uses '%s' the other way around" % node.op_type)
        names.remove(tensor)
        take(self._attributes(node), *[self._constant(name) for name in names])

    def _constant(self, name):
        if not name:
            return None
        if name not in self.constants:
            raise ValueError("It joins '%s' with what is not constant" % name)
        return self.constants[name]

    def _attributes(self, node):
        found = {}
        for each in node.attribute:
            value = self.onnx.helper.get_attribute_value(each)
            if isinstance(value, self.onnx.TensorProto):
                value = self.onnx.numpy_helper.to_array(value)
            found[each.name] = _compat.native(value) if isinstance(value, bytes) else value
        return found

    def _take_conv(self, attributes, kernel, bias=None):
        if attributes.get("group", 1) != 1 or set(attributes.get("dilations", [1])) != {1}:
            raise ValueError("It has a grouped or dilated convolution")
        self._expect_chw()
        kernel = numpy.transpose(kernel, (2, 3, 1, 0))
        strides = attributes.get("strides", [1, 1])
        self.builder.conv(kernel, strides, self._padding(attributes, kernel.shape[:2], strides))
        if bias is not None:
            self.builder.bias(bias)

    def _take_maxpool(self, attributes):
        if set(attributes.get("dilations", [1])) != {1}:
            raise ValueError("It has a dilated maximum")
        self._expect_chw()
        size = attributes["kernel_shape"]
        strides = attributes.get("strides", [1, 1])
        self.builder.pool(size, strides, self._padding(attributes, size, strides))

    def _expect_chw(self):
        if self.flat or self.order != "chw":
            raise ValueError("It takes windows of what is no picture with its channels first")

    def _padding(self, attributes, window, strides):
        kind = attributes.get("auto_pad", "NOTSET")
        if kind in ("SAME_UPPER", "VALID"):
            return "SAME" if kind == "SAME_UPPER" else "VALID"
        if kind != "NOTSET":
            raise ValueError("It pads by '%s'" % kind)
        pads = list(attributes.get("pads", [0, 0, 0, 0]))
        sides = [(pads[0], pads[2]), (pads[1], pads[3])]
        if attributes.get("ceil_mode"):
            sizes = self.builder.shape
            for side in (0, 1):
                left_over = (sizes[side] + sum(sides[side]) - window[side]) % strides[side]
                more = (strides[side] - left_over) % strides[side]
                sides[side] = (sides[side][0], sides[side][1] + more)
        return tuple(sides)

    def _take_gemm(self, attributes, kernel, bias=None):
        factors = attributes.get("alpha", 1.0), attributes.get("beta", 1.0)
        if factors != (1.0, 1.0) or attributes.get("transA"):
            raise ValueError("It has a 'Gemm' with factors")
        self._take_matmul({}, kernel.T if attributes.get("transB") else kernel)
        if bias is not None:
            self._take_add({}, bias)

    def _take_matmul(self, attributes, kernel):
        if not self.flat:
            raise ValueError("It multiplies before the picture is flat")
        if kernel.ndim != 2:
            raise ValueError("It multiplies with an array of %d dimensions" % kernel.ndim)
        shape = self.builder.shape
        if len(shape) == 3 and self.order == "chw":
            rows = kernel.reshape((shape[2], shape[0], shape[1], -1))
            kernel = numpy.transpose(rows, (1, 2, 0, 3)).reshape(kernel.shape)
        self.builder.dense(numpy.ascontiguousarray(kernel))

    def _take_add(self, attributes, bias):
        rank, channels = (2, 1) if self.flat else (4, 1 if self.order == "chw" else 3)
        sizes = [1] * (rank - bias.ndim) + list(bias.shape)
        # What has another axis is added to columns, or is another one for each picture.
        if len(sizes) != rank or sizes[:channels] + sizes[channels + 1 :] != [1] * (rank - 1):
            size = "x".join(str(size) for size in bias.shape)
            raise ValueError("It adds %s, which is not a number a channel" % size)
        self.builder.bias(bias.reshape(-1))

    def _take_relu(self, attributes):
        self.builder.activation("relu")

    def _take_tanh(self, attributes):
        self.builder.activation("tanh")

    def _take_sigmoid(self, attributes):
        self.builder.activation("sigmoid")

    def _take_softmax(self, attributes):
        # Before operator set 13 the axis is 1 unless told, which of a row is the last one too.
        axis = attributes.get("axis", -1)
        if axis not in (-1, 1):
            raise ValueError("It has a softmax over axis %d, not over the classes" % axis)
        self.builder.activation("softmax")

    def _take_transpose(self, attributes):
        order = list(attributes.get("perm", []))
        kinds = {"chw": ([0, 2, 3, 1], "hwc"), "hwc": ([0, 3, 1, 2], "chw")}
        wanted, after = kinds[self.order]
        if self.flat or order != wanted:
            raise ValueError("It transposes by %s" % (order or "turning all axes around"))
        self.order = after

    def _take_reshape(self, attributes, shape):
        sizes = [int(size) for size in shape]
        if len(sizes) == 2:
            if sizes[1] not in (-1, numpy.prod(self.builder.shape)):
                raise ValueError("It reshapes to %s" % sizes)
            self.flat = True
            return
        height, width, channels = self.picture
        orders = {(channels, height, width): "chw", (height, width, channels): "hwc"}
        order = orders.get(tuple(sizes[1:]))
        if order is None or self.builder.steps or (channels > 1 and order != self.order):
            raise ValueError("It reshapes to %s" % sizes)
        self.order, self.flat = order, False

    def _take_flatten(self, attributes):
        if attributes.get("axis", 1) != 1:
            raise ValueError("It flattens from axis %d" % attributes["axis"])
        self.flat = True

    def _take_slice(self, attributes, starts, ends, axes=None, steps=None):
        rows = {"chw": 2, "hwc": 1}[self.order]
        height = self.picture[0]
        turned = not self.flat and not self.builder.steps and steps is not None
        if not turned or (list(steps), list(axes)) != ([-1], [rows]):
            raise ValueError("It cuts its input")
        if not (list(starts) == [-1] or starts[0] >= height - 1) or ends[0] >= -height:
            raise ValueError("It cuts its input")

    def _take_identity(self, attributes):
        pass

    def _take_dropout(self, attributes, ratio=None, training=None):
        if (training is not None and training.any()) or not attributes.get("is_test", 1):
            raise ValueError("It drops values out at work too")
