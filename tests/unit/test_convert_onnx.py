"""ONNX files of others: what is not a network of ours to the last number is refused."""

import check_conversion
import numpy
import pytest

from mlinference import errors, networks
from mlinference.conversion import formats

onnx = pytest.importorskip("onnx", reason="onnx cannot be imported by this Python")

TOLERANCE = 1e-5


@pytest.fixture(scope="module")
def softmax():
    """A Model of the smallest network, at temperature 1."""
    return check_conversion.seeded(networks.SOFTMAX, temperature=1.0)


@pytest.fixture(scope="module")
def compact():
    return check_conversion.seeded(networks.COMPACT, temperature=1.0)


@pytest.fixture
def pictures():
    return check_conversion.noise()[::40]


def node(kind, inputs, output, **attributes):
    return onnx.helper.make_node(kind, inputs.split(), [output], **attributes)


PRODUCT, SUM = node("MatMul", "x W", "product"), node("Add", "product b", "logits")
SOFTMAX = node("Softmax", "logits", "y", axis=1)


def saved(path, nodes, constants, shape=("N", 784), outputs=("y",), opset=13):
    """Write a graph of nodes from "x" to its outputs; constants are arrays by name."""
    kind, helper = onnx.TensorProto.FLOAT, onnx.helper
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("x", kind, list(shape))],
        [helper.make_tensor_value_info(name, kind, ["N", 10]) for name in outputs],
        [onnx.numpy_helper.from_array(constants[name], name) for name in constants],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    made.ir_version = 6
    onnx.save(made, str(path))
    return str(path)


def weights(model, **changes):
    return dict({"W": model.variables["W"], "b": model.variables["b"]}, **changes)


def read(path):
    return formats.read(path, check_conversion.settings())


def refusal(path):
    with pytest.raises(errors.ConversionForeign) as caught:
        read(path)
    return caught.value.found


@pytest.mark.parametrize(
    "nodes",
    [
        [PRODUCT, SUM, SOFTMAX],
        [PRODUCT, node("Add", "b product", "logits"), node("Softmax", "logits", "y")],
        [PRODUCT, SUM, node("Softmax", "logits", "y", axis=-1)],
        [node("Gemm", "x W b", "logits"), SOFTMAX],
        [node("Identity", "x", "same"), node("MatMul", "same W", "product"), SUM, SOFTMAX],
        [
            node("Constant", "", "off", value=onnx.numpy_helper.from_array(numpy.array(False))),
            onnx.helper.make_node("Dropout", ["x", "", "off"], ["same"]),
            node("MatMul", "same W", "product"),
            SUM,
            SOFTMAX,
        ],
    ],
)
def test_the_same_network_in_other_words_is_read(tmpdir, softmax, pictures, nodes):
    back = read(saved(tmpdir.join("a.onnx"), nodes, weights(softmax)))
    assert abs(back.predict(pictures) - softmax.predict(pictures)).max() <= TOLERANCE
    assert back.remarks == []


@pytest.mark.parametrize(
    "flat",
    [
        [node("Flatten", "x", "row")],
        [node("Reshape", "x sizes", "row")],
        [node("Reshape", "x picture", "page"), node("Flatten", "page", "row")],
    ],
)
def test_a_picture_may_come_without_a_channel(tmpdir, softmax, pictures, flat):
    nodes = flat + [node("MatMul", "row W", "product"), SUM, SOFTMAX]
    sizes = {"sizes": numpy.array([-1, 784]), "picture": numpy.array([-1, 1, 28, 28])}
    path = saved(tmpdir.join("a.onnx"), nodes, weights(softmax, **sizes), ("N", 28, 28))
    back = read(path)
    assert abs(back.predict(pictures) - softmax.predict(pictures)).max() <= TOLERANCE


def test_a_constant_may_be_numbers_of_its_node(tmpdir, softmax, pictures):
    bias = node("Constant", "", "b", value_floats=[float(each) for each in softmax.variables["b"]])
    nodes = [bias, PRODUCT, SUM, SOFTMAX]
    back = read(saved(tmpdir.join("a.onnx"), nodes, {"W": softmax.variables["W"]}))
    assert abs(back.predict(pictures) - softmax.predict(pictures)).max() <= TOLERANCE


def test_that_logits_come_out_is_remarked(tmpdir, softmax, pictures):
    path = saved(tmpdir.join("a.onnx"), [PRODUCT, SUM], weights(softmax), outputs=["logits"])
    back = read(path)
    assert abs(back.predict(pictures) - softmax.predict(pictures)).max() <= TOLERANCE
    assert back.remarks == ["There is no softmax at its end: what it answers is taken for logits."]


@pytest.mark.parametrize(
    "nodes, found",
    [
        (
            [PRODUCT, SUM, node("Softmax", "logits", "y", axis=0)],
            "It has a softmax over axis 0, not over the classes.",
        ),
        (
            [PRODUCT, SUM, node("Softmax", "logits", "once"), node("Softmax", "once", "y")],
            "Step 2 is 'softmax'; the closest network, 'softmax', has nothing.",
        ),
        (
            [
                node("Softmax", "x", "s"),
                node("MatMul", "s W", "product"),
                SUM,
                SOFTMAX,
            ],
            "It has a softmax of what is no row of classes.",
        ),
        (
            [PRODUCT, node("Add", "product product", "logits"), SOFTMAX],
            "It joins 'product' with what is not constant.",
        ),
        (
            [node("MatMul", "W x", "product"), SUM, SOFTMAX],
            "It uses 'MatMul' the other way around.",
        ),
        (
            [node("Transpose", "x", "t"), node("MatMul", "t W", "product"), SUM, SOFTMAX],
            "It transposes by turning all axes around.",
        ),
        (
            [
                node("Constant", "", "on", value=onnx.numpy_helper.from_array(numpy.array(True))),
                onnx.helper.make_node("Dropout", ["x", "", "on"], ["d"]),
                node("MatMul", "d W", "product"),
                SUM,
                SOFTMAX,
            ],
            "It drops values out at work too.",
        ),
    ],
)
def test_a_network_that_answers_otherwise_is_refused(tmpdir, softmax, nodes, found):
    assert refusal(saved(tmpdir.join("a.onnx"), nodes, weights(softmax))) == found


@pytest.mark.parametrize(
    "outputs, found",
    [
        (["logits"], "It answers with 'logits', and its last step gives 'y'."),
        (["product", "y"], "It answers with 'product' and 'y', and its last step gives 'y'."),
    ],
)
def test_only_the_last_step_may_be_the_answer(tmpdir, softmax, outputs, found):
    nodes = [PRODUCT, SUM, SOFTMAX]
    path = saved(tmpdir.join("a.onnx"), nodes, weights(softmax), outputs=outputs)
    assert refusal(path) == found


@pytest.mark.parametrize(
    "bias, found",
    [
        (numpy.zeros((), "f"), "A bias is 1 where the layer before it gives 10."),
        (numpy.zeros(1, "f"), "A bias is 1 where the layer before it gives 10."),
        (numpy.zeros((2, 10), "f"), "It adds 2x10, which is not a number a channel."),
        (numpy.zeros((1, 1, 10), "f"), "It adds 1x1x10, which is not a number a channel."),
    ],
)
@pytest.mark.parametrize("product", [[PRODUCT, SUM], [node("Gemm", "x W b", "logits")]])
def test_a_bias_is_a_number_a_class(tmpdir, softmax, product, bias, found):
    path = saved(tmpdir.join("a.onnx"), product + [SOFTMAX], weights(softmax, b=bias))
    assert refusal(path) == found


@pytest.mark.parametrize(
    "kernel, found",
    [
        (numpy.zeros(784, "f"), "It multiplies with an array of 1 dimensions."),
        (numpy.zeros((784, 10), "f") + numpy.float32(numpy.nan), "'W' holds values that are NaN or infinite."),
        (numpy.zeros((784, 10), "D"), "'W' is of type complex128."),
    ],
)
def test_a_kernel_is_a_table_of_numbers(tmpdir, softmax, kernel, found):
    path = saved(tmpdir.join("a.onnx"), [PRODUCT, SUM, SOFTMAX], weights(softmax, W=kernel))
    assert refusal(path) == found


@pytest.mark.parametrize(
    "flat, found",
    [
        (node("Flatten", "x", "flat", axis=1), None),
        (node("Flatten", "x", "flat", axis=0), "It flattens from axis 0."),
        (node("Reshape", "x sizes", "flat"), "It reshapes to [-1, 392]."),
        (node("Transpose", "x", "flat", perm=[0, 1, 3, 2]), "It transposes by [0, 1, 3, 2]."),
    ],
)
def test_a_picture_becomes_one_row(tmpdir, softmax, flat, found):
    nodes = [flat, node("MatMul", "flat W", "product"), SUM, SOFTMAX]
    constants = weights(softmax, sizes=numpy.array([-1, 392]))
    path = saved(tmpdir.join("a.onnx"), nodes, constants, shape=("N", 1, 28, 28))
    if found is None:
        assert read(path).network is networks.SOFTMAX
    else:
        assert refusal(path) == found


@pytest.mark.parametrize(
    "starts, ends, taken", [(-1, -(2**31), True), (27, -29, True), (26, -29, False), (-1, 0, False)]
)
def test_rows_may_be_turned_around_and_not_cut(tmpdir, softmax, starts, ends, taken):
    nodes = [
        node("Slice", "x starts ends axes steps", "turned"),
        node("Flatten", "turned", "flat"),
        node("MatMul", "flat W", "product"),
        SUM,
        SOFTMAX,
    ]
    numbers = {"starts": starts, "ends": ends, "axes": 2, "steps": -1}
    constants = weights(softmax, **{name: numpy.array([numbers[name]]) for name in numbers})
    path = saved(tmpdir.join("a.onnx"), nodes, constants, shape=("N", 1, 28, 28))
    if taken:
        assert read(path).network is networks.SOFTMAX
    else:
        assert refusal(path) == "It cuts its input."


# -- Convolutions -----------------------------------------------------------------------------


def changed(path, model, change):
    """Write a Model, let `change` do something to its graph, and save it again."""
    formats.write(path, model, check_conversion.settings())
    stored = onnx.load(path)
    change(stored.graph)
    onnx.save(stored, path)
    return path


def with_sum(bias):
    """Return a change: the first convolution's bias is a sum of its own, with this array."""

    def change(graph):
        (at,) = [number for number, each in enumerate(graph.node) if each.op_type == "Conv"][:1]
        conv = graph.node[at]
        (output,) = conv.output
        del conv.input[2:]
        conv.output[0] = "convolved"
        graph.node.insert(at + 1, node("Add", "convolved sum", output))
        graph.initializer.append(onnx.numpy_helper.from_array(bias, "sum"))

    return change


def test_a_bias_of_channels_may_be_a_sum_of_its_own(tmpdir, compact, pictures):
    bias = compact.variables["b_conv1"].reshape(5, 1, 1)
    back = read(changed(str(tmpdir.join("a.onnx")), compact, with_sum(bias)))
    assert abs(back.predict(pictures) - compact.predict(pictures)).max() <= TOLERANCE


@pytest.mark.parametrize(
    "shape, found",
    [
        ((25,), "It adds 25, which is not a number a channel."),
        ((1, 1, 25, 1), "It adds 1x1x25x1, which is not a number a channel."),
        ((1, 5, 25, 25), "It adds 1x5x25x25, which is not a number a channel."),
        ((1,), "A bias is 1 where the layer before it gives 5."),
    ],
)
def test_what_is_added_along_the_picture_is_no_bias(tmpdir, compact, shape, found):
    change = with_sum(numpy.zeros(shape, "f"))
    assert refusal(changed(str(tmpdir.join("a.onnx")), compact, change)) == found


def test_a_dilated_maximum_is_refused(tmpdir, compact):
    def change(graph):
        for each in graph.node:
            if each.op_type == "MaxPool":
                each.attribute.append(onnx.helper.make_attribute("dilations", [2, 2]))

    path = changed(str(tmpdir.join("a.onnx")), compact, change)
    assert refusal(path) == "It has a dilated maximum."


def test_a_softmax_between_layers_is_refused(tmpdir, compact):
    def change(graph):
        for each in graph.node:
            if each.op_type == "Tanh":
                each.op_type = "Softmax"
                return

    path = changed(str(tmpdir.join("a.onnx")), compact, change)
    assert refusal(path) == "It has a softmax of what is no row of classes."


def test_windows_over_channels_are_refused(tmpdir, compact):
    def change(graph):
        for at, each in enumerate(graph.node):
            if each.op_type == "MaxPool":
                (given,) = each.input
                each.input[0] = "moved"
                graph.node.insert(at, node("Transpose", given, "moved", perm=[0, 2, 3, 1]))
                return

    path = changed(str(tmpdir.join("a.onnx")), compact, change)
    assert refusal(path) == "It takes windows of what is no picture with its channels first."


@pytest.mark.parametrize("said", ["0", "-1", "1e6", '"hot"', "true", "[1]"])
def test_a_temperature_that_is_none_is_remarked(tmpdir, compact, pictures, said):
    path = str(tmpdir.join("a.onnx"))
    formats.write(path, compact, check_conversion.settings())
    stored = onnx.load(path)
    for each in stored.metadata_props:
        if each.key == "temperature":
            each.value = said
    onnx.save(stored, path)
    back = read(path)
    assert back.temperature == 1.0
    assert back.remarks == ["Its temperature is not between 0.000001 and 1000000: it is taken for 1."]
    assert abs(back.predict(pictures) - compact.predict(pictures)).max() <= TOLERANCE
