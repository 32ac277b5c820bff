"""`python -m mlinference convert`: the same answers from every format, or a sentence."""

import io
import json
import os
import sys
import zipfile

import check_conversion
import numpy
import pytest

from mlinference import __main__, checkpoint, errors, networks
from mlinference.conversion import chain, formats, keras_files

NETWORKS = [network.name for network in networks.NETWORKS]
TOLERANCE = 1e-5

def needs(name):
    """Return a mark that skips where a library cannot be imported."""
    try:
        __import__(name)
        missing = False
    except Exception:  # TensorFlow's h5py may be broken in its own ways
        missing = True
    return pytest.mark.skipif(missing, reason="%s cannot be imported by this Python" % name)


H5PY, ONNX = needs("h5py"), needs("onnx")
ENDINGS = [
    ".npz",
    ".ckpt",
    pytest.param(".h5", marks=H5PY),
    pytest.param(".weights.h5", marks=H5PY),
    pytest.param(".keras", marks=H5PY),
    pytest.param(".onnx", marks=ONNX),
]


@pytest.fixture(params=NETWORKS)
def ours(request):
    """A Model of each network, with seeded values and temperature 1.7."""
    return check_conversion.seeded(networks.named(request.param))


@pytest.fixture
def compact():
    return check_conversion.seeded(networks.COMPACT)


@pytest.fixture
def pictures():
    return check_conversion.noise()[::40]


def settings(**changes):
    return check_conversion.settings(**changes)


def run(*arguments):
    return __main__.main(["convert"] + [str(argument) for argument in arguments])


def refused(capfd, *arguments):
    assert run(*arguments) == 1
    return capfd.readouterr().err.strip()


def same(one, other, pictures):
    first, second = one.predict(pictures), other.predict(pictures)
    assert (first.argmax(axis=1) == second.argmax(axis=1)).all()
    return abs(first - second).max() <= TOLERANCE


# -- There and back ---------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_network_comes_back_from_every_format(tmpdir, ours, pictures, ending):
    path = str(tmpdir.join("model" + ending))
    formats.write(path, ours, settings())
    back = formats.read(path, settings())
    assert (back.network, back.classes) == (ours.network, ours.classes)
    assert same(ours, back, pictures)
    assert back.labels == ours.labels


@pytest.mark.parametrize("ending", ENDINGS)
def test_that_pictures_have_to_be_aligned_is_kept_and_told(tmpdir, compact, capfd, ending):
    source, target = str(tmpdir.join("source.npz")), str(tmpdir.join("model" + ending))
    compact.sidecar["input"] = {"aligned": "moments"}
    formats.write(source, compact, settings())
    assert run(source, target) == 0
    assert capfd.readouterr().out.splitlines()[2:] == [
        "Its pictures are aligned first, which programs elsewhere do not know.",
        "Call mlinference.moments.align there, or train with --align ''.",
    ]
    assert formats.read(target, settings()).aligned


@pytest.mark.parametrize("ending", [".npz", ".ckpt"])
def test_formats_of_our_own_keep_every_bit_and_the_temperature(tmpdir, compact, ending):
    path = str(tmpdir.join("model" + ending))
    formats.write(path, compact, settings())
    back = formats.read(path, settings())
    assert back.temperature == compact.temperature
    assert sorted(back.variables) == sorted(compact.variables)
    for name in compact.variables:
        assert numpy.array_equal(back.variables[name], compact.variables[name])


@H5PY
@pytest.mark.parametrize("ending", [".h5", ".weights.h5", ".keras"])
@pytest.mark.parametrize("told", ["first", "last"])
def test_channels_first_is_the_same_network(tmpdir, ours, pictures, ending, told):
    path = str(tmpdir.join("model" + ending))
    formats.write(path, ours, settings(channels="first"))
    assert same(ours, formats.read(path, settings(channels=told)), pictures)


@ONNX
@pytest.mark.parametrize("changes", [{"batch": 3}, {"bottom_first": True}])
def test_every_kind_of_onnx_file_is_read_back(tmpdir, compact, pictures, changes):
    path = str(tmpdir.join("model.onnx"))
    formats.write(path, compact, settings(**changes))
    assert same(compact, formats.read(path, settings()), pictures)


def test_the_command_says_what_it_wrote_and_compared(tmpdir, capfd):
    target = tmpdir.join("model.npz")
    assert run("", target) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[0] == "Wrote %s: NumPy .npz, the network 'digits' with 10 classes." % target
    assert said[1] == "Read back, its probabilities differ by 0.0e+00 at most."


def test_a_checkpoint_is_written_with_its_sidecar(tmpdir):
    prefix = str(tmpdir.join("copy.ckpt"))
    assert run("", prefix) == 0
    bundled, copy = (checkpoint.read(checkpoint.resolve(path)) for path in ("", prefix))
    assert (copy.labels, copy.temperature) == (bundled.labels, bundled.temperature)
    assert copy.cautions == ()
    for name in bundled.variables:
        assert numpy.array_equal(copy.variables[name], bundled.variables[name])


# -- Chains -----------------------------------------------------------------------------------


def test_every_network_is_a_chain_that_names_all_of_its_variables():
    for network in networks.NETWORKS:
        steps = chain.traced(network, 10)
        products = [step for step in steps if hasattr(step, "kernel")]
        names = sorted(each.name for step in products for each in (step.kernel, step.bias))
        assert names == sorted(name for name, _ in network.variables(10))


def test_the_650_parameters_are_the_articles_layers():
    said = [chain._said(step) for step in chain.traced(networks.COMPACT, 10)]
    assert said == [
        "a convolution of 4x4x1x5 by 1x1 with padding 0,0,0,0",
        "a maximum over 2x2 by 2x2 with padding 0,1,0,1",
        "'tanh'",
        "a convolution of 3x3x5x3 by 1x1 with padding 0,0,0,0",
        "a maximum over 2x2 by 2x2 with padding 0,1,0,1",
        "'tanh'",
        "a convolution of 4x4x3x3 by 1x1 with padding 0,0,0,0",
        "'tanh'",
        "a dense layer of 27x10",
    ]


def test_a_network_with_branches_cannot_be_converted():
    def layers(tf, pictures, variables, keep_prob=None):
        one = tf.matmul(pictures, variables["W"])
        tf.nn.relu(one)
        return (("logits", one + variables["b"]),)

    branched = networks.Network("branched", networks.SOFTMAX.variables, layers)
    with pytest.raises(errors.ConversionImpossible) as caught:
        chain.traced(branched, 10)
    assert str(caught.value) == (
        "This network cannot be converted.\n"
        "It has branches.\n"
        "Keep it as a checkpoint, or make it a chain of convolutions, maxima and products."
    )


def test_an_operation_without_a_counterpart_is_named():
    def layers(tf, pictures, variables, keep_prob=None):
        return (("logits", tf.nn.elu(tf.matmul(pictures, variables["W"])) + variables["b"]),)

    with pytest.raises(errors.ConversionImpossible) as caught:
        chain.traced(networks.Network("elu", networks.SOFTMAX.variables, layers), 10)
    assert caught.value.found == "It uses 'elu'."


def test_a_network_that_goes_on_after_its_logits_cannot_be_converted():
    def layers(tf, pictures, variables, keep_prob=None):
        logits = tf.matmul(pictures, variables["W"]) + variables["b"]
        return (("likely", tf.sigmoid(logits)), ("logits", logits))

    with pytest.raises(errors.ConversionImpossible) as caught:
        chain.traced(networks.Network("further", networks.SOFTMAX.variables, layers), 10)
    assert caught.value.found == "Its logits are not what it calculates last."


def square(**options):
    """Return a network whose first kernel is square, so that it fits either way around."""

    def layers(tf, pictures, variables, keep_prob=None):
        product = tf.matmul(pictures, variables["W1"], **options)
        hidden = tf.nn.relu(product + variables["b1"], name="hidden")
        return (("logits", tf.matmul(hidden, variables["W2"]) + variables["b2"]),)

    table = (("W1", (784, 784)), ("b1", (784,)), ("W2", (784, 10)), ("b2", (10,)))
    network = networks.Network("square", table, layers)
    network.own = True
    return network


@ONNX
def test_an_option_that_a_chain_does_not_know_is_refused_before_a_file_is_written(tmpdir):
    path = tmpdir.join("model.onnx")
    with pytest.raises(errors.ConversionImpossible) as caught:
        formats.write(str(path), check_conversion.seeded(square(transpose_b=True)), settings())
    assert caught.value.found == "It uses 'tf.matmul(transpose_b=True)'."
    assert not path.check()


@pytest.mark.parametrize(
    "graph",
    [
        lambda tf, x, v: tf.matmul(x, v["W"], False, True),
        lambda tf, x, v: tf.matmul(x, v["W"]) + 1.0,
        lambda tf, x, v: tf.matmul(x, v["W"] * 2) + v["b"],
    ],
)
def test_a_network_that_is_no_chain_is_refused_without_a_traceback(graph):
    network = networks.Network(
        "odd", (("W", (784, 784)), ("b", (784,))), lambda tf, x, v, keep_prob=None: (("logits", graph(tf, x, v)),)
    )
    with pytest.raises(errors.ConversionImpossible):
        chain.traced(network, 784)


def test_options_that_change_nothing_do_not_break_a_chain():
    bare = [chain._said(step) for step in chain.traced(square(), 10)]
    steps = chain.traced(square(transpose_b=False, name="product"), 10)
    assert [chain._said(step) for step in steps] == bare


# -- Keras' own ways --------------------------------------------------------------------------


def keras_config(layers):
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": layers}}


def layer(kind, name, **config):
    return {"class_name": kind, "config": dict(config, name=name)}


def article(ours, **first):
    """The Keras article's model as Keras 2 describes it, with its layers one by one."""
    convolutions = dict(strides=[1, 1], padding="valid", activation="linear", **first)
    maxima = dict(pool_size=[2, 2], strides=[2, 2], padding="same", **first)
    shape = [None, 1, 28, 28] if first else [None, 28, 28, 1]
    layers = [
        layer("Conv2D", "a", batch_input_shape=shape, filters=5, kernel_size=[4, 4], **convolutions),
        layer("MaxPooling2D", "b", **maxima),
        layer("Activation", "c", activation="tanh"),
        layer("Conv2D", "d", filters=3, kernel_size=[3, 3], **dict(convolutions, activation="tanh")),
        layer("MaxPooling2D", "e", **maxima),
        layer("Conv2D", "f", filters=3, kernel_size=[4, 4], **dict(convolutions, activation="tanh")),
        layer("Dropout", "g", rate=0.3),
        layer("Flatten", "h"),
        layer("Dense", "i", units=10, activation="softmax"),
    ]
    values = ours.folded().variables
    weights = {"i": [values["W_fc1"], values["b_fc1"]]}
    for number, name in enumerate("adf", 1):
        weights[name] = [values["W_conv%d" % number], values["b_conv%d" % number]]
    return keras_config(layers), weights


def read_config(config, weights):
    return keras_files._of_config(config, weights.get, "model.h5", {}, settings())


def refusal(config, weights):
    with pytest.raises(errors.ConversionForeign) as caught:
        read_config(config, weights)
    return caught.value.found


def test_an_activation_before_the_maximum_is_the_same_network(compact, pictures):
    assert same(compact, read_config(*article(compact)), pictures)


def test_a_flatten_that_leaves_channels_first_has_its_rows_reordered(compact, pictures):
    config, weights = article(compact, data_format="channels_first")
    kernel = weights["i"][0]
    weights["i"][0] = kernel.reshape(3, 3, 3, 10).transpose(2, 0, 1, 3).reshape(27, 10)
    assert same(compact, read_config(config, weights), pictures)
    weights["i"][0] = kernel
    for each in config["config"]["layers"]:
        if each["class_name"] == "Flatten":
            each["config"]["data_format"] = "channels_first"
    assert same(compact, read_config(config, weights), pictures)


@pytest.mark.parametrize(
    "changes, found",
    [
        ({"c": {"activation": "relu"}}, "Step 3 is 'relu'; the closest network, 'compact', has 'tanh'."),
        (
            {"b": {"padding": "valid"}},
            "A kernel is 27x10 where the layer before it gives 12.",
        ),
        (
            {"a": {"strides": [2, 2]}},
            "A window is 4x4 where the layer before it gives 3x3x3.",
        ),
        ({"a": {"dilation_rate": [2, 2]}}, "Layer 'a' is grouped or dilated."),
        ({"c": {"activation": "swish"}}, "It uses 'swish'."),
    ],
)
def test_an_architecture_that_differs_is_not_taken_for_ours(compact, changes, found):
    config, weights = article(compact)
    for each in config["config"]["layers"]:
        each["config"].update(changes.get(each["config"]["name"], {}))
    with pytest.raises(errors.ConversionForeign) as caught:
        read_config(config, weights)
    assert caught.value.problem == "'model.h5' is none of the networks that are known here."
    assert caught.value.found == found


def relu(**config):
    return {"class_name": "ReLU", "config": dict(config, name="re_lu")}


@pytest.mark.parametrize(
    "limits", [{"max_value": 6.0}, {"negative_slope": 0.2}, {"threshold": 0.5}]
)
def test_a_relu_with_a_limit_is_none_of_ours(compact, limits):
    config, weights = article(compact)
    config["config"]["layers"][2] = layer("ReLU", "c", **limits)
    assert refusal(config, weights) == "Layer 'c' is not a plain ReLU."
    for number, name in ((0, "a"), (2, "c"), (8, "i")):
        config, weights = article(compact)
        config["config"]["layers"][number]["config"]["activation"] = relu(**limits)
        assert refusal(config, weights) == "Layer '%s' is not a plain ReLU." % name


@pytest.mark.parametrize(
    "size, before",
    [
        ([784], []),
        ([784], [layer("Dropout", "p", rate=0.2)]),
        ([784], [layer("Flatten", "p")]),
        ([784], [layer("Reshape", "p", target_shape=[28, 28, 1]), layer("Flatten", "q")]),
        ([28, 28], [layer("Flatten", "p")]),
        ([28, 28], [layer("Reshape", "p", target_shape=[-1])]),
        ([28, 28], [layer("Reshape", "p", target_shape=[28, 28, 1]), layer("Flatten", "q")]),
        ([28, 28, 1], [layer("Flatten", "p")]),
    ],
)
def test_a_picture_may_come_as_a_row_or_without_a_channel(pictures, size, before):
    ours = check_conversion.seeded(networks.PERCEPTRON)
    entry = layer("InputLayer", "in", batch_shape=[None] + size)
    dense = [layer("Dense", name, activation="relu") for name in "ab"]
    dense.append(layer("Dense", "c", activation="softmax"))
    values = ours.folded().variables
    names = [name for name, _ in ours.network.variables(10)]
    weights = {name: [values[n] for n in names[2 * i : 2 * i + 2]] for i, name in enumerate("abc")}
    assert same(ours, read_config(keras_config([entry] + before + dense), weights), pictures)


def test_an_idle_layer_may_come_before_a_row_becomes_a_picture(compact, pictures):
    config, weights = article(compact)
    layers = config["config"]["layers"]
    del layers[0]["config"]["batch_input_shape"]
    layers[:0] = [
        layer("InputLayer", "in", batch_shape=[None, 784]),
        layer("Activation", "idle", activation="linear"),
        layer("Reshape", "picture", target_shape=[28, 28, 1]),
    ]
    assert same(compact, read_config(config, weights), pictures)


def test_rows_of_a_picture_are_not_multiplied_each_by_itself(compact):
    layers = [layer("InputLayer", "in", batch_shape=[None, 28, 28]), layer("Dense", "a", units=10)]
    weights = {"a": [numpy.zeros((28, 10)), numpy.zeros(10)]}
    found = "Layer 'a' multiplies before the picture is flat."
    assert refusal(keras_config(layers), weights) == found


def test_an_activation_may_be_a_layer_or_a_function_of_its_own(compact, pictures):
    config, weights = article(compact)
    layers = config["config"]["layers"]
    layers[2]["config"]["activation"] = {"class_name": "function", "config": "tanh"}
    layers[8]["config"]["activation"] = {"class_name": "Softmax", "config": {"axis": -1}}
    assert same(compact, read_config(config, weights), pictures)
    layers[2]["config"]["activation"] = relu(max_value=None, negative_slope=0.0, threshold=0.0)
    found = "Step 3 is 'relu'; the closest network, 'compact', has 'tanh'."
    assert refusal(config, weights) == found
    layers[2]["config"]["activation"] = {"class_name": "LeakyReLU", "config": {}}
    assert refusal(config, weights) == "Layer 'c' has the activation LeakyReLU."


@pytest.mark.parametrize(
    "at, added, found",
    [
        (9, {}, "Step 10 is 'softmax'; the closest network, 'compact', has nothing."),
        (9, {"axis": 0}, "Layer 's' is a softmax over axis 0, not over the classes."),
        (8, {}, "Step 9 is 'softmax'; the closest network, 'compact', has a dense layer of 27x10."),
        (3, {}, "It has a softmax of what is no row of classes."),
        (0, {}, "It has a softmax of what is no row of classes."),
    ],
)
def test_a_softmax_is_over_the_classes_and_the_last_step(compact, at, added, found):
    config, weights = article(compact)
    layers = config["config"]["layers"]
    layers[0]["config"].pop("batch_input_shape")
    layers.insert(at, layer("Softmax", "s", **added))
    layers.insert(0, layer("InputLayer", "input", batch_input_shape=[None, 28, 28, 1]))
    assert refusal(config, weights) == found


def test_a_softmax_activation_over_another_axis_is_refused(compact):
    config, weights = article(compact)
    config["config"]["layers"][8]["config"]["activation"] = {
        "class_name": "Softmax",
        "config": {"axis": 0},
    }
    found = "Layer 'i' is a softmax over axis 0, not over the classes."
    assert refusal(config, weights) == found


def test_a_layer_of_more_arrays_than_kernel_and_bias_is_refused(compact):
    config, weights = article(compact)
    weights["i"].append(numpy.ones(10, "f"))
    assert refusal(config, weights) == "Layer 'i' has more than a kernel and a bias."


@pytest.mark.parametrize("config", [[], {}, {"class_name": "Sequential"}, None, 3])
def test_a_description_of_nothing_is_a_sentence(config):
    assert refusal(config, {}).startswith("It is described in an unusual way (")


def test_a_model_without_layers_is_a_sentence():
    assert refusal(keras_config([]), {}) == "It has no layers."


def test_a_layer_of_another_kind_is_named(compact):
    config, weights = article(compact)
    config["config"]["layers"].insert(1, layer("BatchNormalization", "norm"))
    with pytest.raises(errors.ConversionForeign) as caught:
        read_config(config, weights)
    assert caught.value.found == "It has a layer 'norm', which is of kind BatchNormalization."


@pytest.mark.parametrize(
    "told", [{"module": "ours.layers"}, {"module": None, "registered_name": "ours>Dense"}]
)
def test_a_layer_that_borrows_a_name_is_not_taken_for_keras(compact, pictures, told):
    config, weights = article(compact)
    for each in config["config"]["layers"]:
        each.update(module="keras.layers", registered_name=None)
    assert same(compact, read_config(config, weights), pictures)
    config["config"]["layers"][8].update(told)
    assert refusal(config, weights) == "It has a layer 'i', which is not Keras' own Dense."


def test_layers_of_a_functional_model_have_to_follow_one_another(compact):
    config, weights = article(compact)
    config["class_name"] = "Functional"
    names = [each["config"]["name"] for each in config["config"]["layers"]]
    for number, each in enumerate(config["config"]["layers"]):
        each["inbound_nodes"] = [[[names[number - 1], 0, 0, {}]]] if number else []
    assert read_config(config, weights).network is networks.COMPACT
    config["config"]["layers"][3]["inbound_nodes"] = [[["a", 0, 0, {}]]]
    with pytest.raises(errors.ConversionForeign) as caught:
        read_config(config, weights)
    assert caught.value.found == "Its layers do not follow one after the other."


@pytest.mark.parametrize(
    "outputs, found",
    [
        ([["i", 0, 0]], None),
        (["i", 0, 0], None),
        ([["h", 0, 0]], "It answers with other layers than its last."),
        ([["h", 0, 0], ["i", 0, 0]], "It answers with other layers than its last."),
    ],
)
def test_a_functional_model_answers_with_its_last_layer(compact, outputs, found):
    config, weights = article(compact)
    config["class_name"] = "Functional"
    config["config"]["output_layers"] = outputs
    names = [each["config"]["name"] for each in config["config"]["layers"]]
    for number, each in enumerate(config["config"]["layers"]):
        each["inbound_nodes"] = [[[names[number - 1], 0, 0, {}]]] if number else []
    if found is None:
        assert read_config(config, weights).network is networks.COMPACT
    else:
        assert refusal(config, weights) == found
    config["config"]["layers"][6]["inbound_nodes"] = [[["f", 0, 0, {"training": True}]]]
    assert refusal(config, weights) == "Layer 'g' does at work what is for training."


# -- Weights alone ----------------------------------------------------------------------------


def wide():
    """A network of one's own whose picture is no square where it is made flat."""
    table = (("W_a", (3, 3, 1, 4)), ("b_a", (4,)), ("W", (4 * 8 * 4, 10)), ("b", (10,)))

    def layers(tf, pictures, variables, keep_prob=None):
        first = tf.nn.conv2d(pictures, variables["W_a"], [1, 1, 1, 1], "VALID") + variables["b_a"]
        flat = tf.reshape(first, [-1, 4 * 8 * 4])
        return (("logits", tf.matmul(flat, variables["W"]) + variables["b"]),)

    return networks.Network("wide", table, layers, shape=(6, 10, 1))


def test_weights_of_channels_first_are_reordered_whatever_the_picture(monkeypatch):
    network = wide()
    ours = check_conversion.seeded(network)
    monkeypatch.setattr(keras_files.own, "candidates", lambda name: (network,))
    values = ours.variables
    moved = values["W"].reshape(4, 8, 4, 10).transpose(2, 0, 1, 3).reshape(128, 10)
    stored = [[values["W_a"], values["b_a"]], [moved, values["b"]]]
    back = keras_files._of_weights(stored, "a.weights.h5", None, settings(channels="first"))
    assert numpy.array_equal(back.variables["W"], values["W"])
    back = keras_files._of_weights(stored, "a.weights.h5", None, settings(channels="last"))
    assert numpy.array_equal(back.variables["W"], moved)


@H5PY
def test_weights_of_others_say_that_labels_are_not_known(tmpdir, compact):
    import h5py

    path = str(tmpdir.join("a.weights.h5"))
    formats.write(path, compact, settings())
    plain = (
        "The file holds weights only: activations, strides and padding are taken to be those of "
        "'compact'."
    )
    assert formats.read(path, settings()).remarks == [plain]
    with h5py.File(path, "r+") as stored:
        del stored.attrs[keras_files.SIDECAR]
    back = formats.read(path, settings())
    assert back.labels == tuple("0123456789")
    assert back.remarks == [
        plain,
        "Labels and alignment are not known: its classes get numbers, its pictures are not aligned.",
    ]


# -- In the frameworks themselves -------------------------------------------------------------


def judged(found, wanted):
    said = []
    for name, answers in found:
        said.append(name)
        assert (answers.argmax(axis=1) == wanted.argmax(axis=1)).all(), name
        assert abs(answers - wanted).max() <= TOLERANCE, name
    return said


@ONNX
def test_onnxruntime_gives_our_answers(tmpdir, ours, pictures):
    pytest.importorskip("onnxruntime", reason="onnxruntime cannot be imported by this Python")
    runs = check_conversion.in_onnxruntime(ours, pictures, str(tmpdir))
    assert len(judged(runs, check_conversion.ours(ours, pictures))) == 3


@H5PY
@pytest.mark.tensorflow
def test_keras_gives_our_answers_and_its_own_files_are_read(tmpdir, compact, pictures):
    runs = check_conversion.in_keras(compact, pictures, str(tmpdir))
    assert len(judged(runs, check_conversion.ours(compact, pictures))) >= 4


@H5PY
@pytest.mark.tensorflow
def test_what_keras_builds_of_the_article_is_read(tmpdir, pictures):
    found = list(check_conversion.of_keras(pictures, str(tmpdir)))
    assert len(found) >= 2
    for name, answers, wanted in found:
        assert numpy.ptp(wanted) > 0.1, name
        assert (answers.argmax(axis=1) == wanted.argmax(axis=1)).all(), name
        assert abs(answers - wanted).max() <= TOLERANCE, name


@ONNX
def test_an_onnx_file_says_all_that_its_user_has_to_know(tmpdir, compact):
    import onnx

    path = str(tmpdir.join("model.onnx"))
    formats.write(path, compact, settings(bottom_first=True))
    stored = onnx.load(path)
    assert (stored.ir_version, stored.opset_import[0].version) == (6, 11)
    (given,), (answered,) = stored.graph.input, stored.graph.output
    assert (given.name, answered.name) == ("pictures", "probabilities")
    sizes = [each.dim_param or each.dim_value for each in given.type.tensor_type.shape.dim]
    assert sizes == ["N", 1, 28, 28]
    said = {each.key: json.loads(each.value) for each in stored.metadata_props}
    assert said["labels"] == list(compact.labels)
    assert said["network"] == "compact"
    assert said["input"] == {
        "name": "pictures",
        "layout": "NCHW",
        "height": 28,
        "width": 28,
        "channels": 1,
        "range": [0, 1],
        "ink": "light on dark",
        "rows": "bottom first",
    }


@ONNX
@pytest.mark.parametrize("options, batch", [([], "N"), (["--batch", "1"], 1), (["--batch", "64"], 64)])
def test_the_batch_of_an_onnx_file_is_free_or_fixed(tmpdir, options, batch):
    import onnx

    path = str(tmpdir.join("model.onnx"))
    assert run("", path, *options) == 0
    stored = onnx.load(path)
    for each, sizes in ((stored.graph.input[0], [1, 28, 28]), (stored.graph.output[0], [10])):
        found = [size.dim_param or size.dim_value for size in each.type.tensor_type.shape.dim]
        assert found == [batch] + sizes


# -- Messages ---------------------------------------------------------------------------------


@pytest.mark.parametrize("library, name", [("h5py", "a.h5"), ("h5py", "a.keras"), ("onnx", "a.onnx")])
def test_a_missing_library_is_named(tmpdir, capfd, monkeypatch, library, name):
    monkeypatch.setitem(sys.modules, library, None)
    said = refused(capfd, "", tmpdir.join(name)).splitlines()
    ending = name[1:]
    assert said[0] == "'%s' files need %s." % (ending, library)
    assert said[2] == "Install it: pip install %s." % library
    assert not tmpdir.listdir()


def test_what_is_there_is_not_overwritten_unasked(tmpdir, capfd):
    target = tmpdir.join("model.npz")
    target.write("precious")
    assert refused(capfd, "", target) == (
        "'%s' exists.\nIt would be overwritten.\nGive another name, or '--force' to replace it."
    ) % target
    assert target.read() == "precious"
    assert run("", target, "--force") == 0


@pytest.mark.parametrize("number", ["-1", "many"])
def test_a_batch_is_a_number_of_pictures(tmpdir, capfd, number):
    with pytest.raises(SystemExit):
        run("", tmpdir.join("a.onnx"), "--batch", number)
    said = capfd.readouterr().err.strip().split("\n")[-1].replace("u'", "'")
    assert said.endswith("error: argument --batch: invalid number of pictures value: '%s'" % number)


@pytest.mark.parametrize(
    "name",
    [
        "a.npz",
        pytest.param("a.h5", marks=H5PY),
        pytest.param("a.keras", marks=H5PY),
        pytest.param("a.onnx", marks=ONNX),
    ],
)
@pytest.mark.parametrize("content", [None, b"", b"not a model", b"PK\x05\x06" + b"\0" * 18])
def test_a_damaged_or_missing_file_is_a_sentence(tmpdir, capfd, name, content):
    source = tmpdir.join(name)
    if content is not None:
        source.write(content, "wb")
    said = refused(capfd, source, tmpdir.join("out.ckpt")).splitlines()
    assert len(said) == 3
    assert said[0] in (
        "'%s' cannot be read." % source,
        "'%s' is none of the networks that are known here." % source,
    )
    assert [each.basename for each in tmpdir.listdir()] == ([name] if content is not None else [])


@pytest.mark.parametrize("text", [b"not JSON", b"[1]", b"\xff", b"3"])
def test_a_damaged_sidecar_inside_is_a_sentence(tmpdir, capfd, text):
    source = tmpdir.join("a.npz")
    sidecar = {"sidecar.json": numpy.frombuffer(text, numpy.uint8)}
    numpy.savez(str(source), W=numpy.zeros((784, 10)), b=numpy.zeros(10), **sidecar)
    said = refused(capfd, source, tmpdir.join("b.ckpt")).splitlines()
    assert (len(said), said[0]) == (3, "'%s' cannot be read." % source)


@pytest.mark.parametrize(
    "kernel, found",
    [
        (numpy.zeros((784, 10)) + numpy.inf, "'W' holds values that are NaN or infinite."),
        (numpy.array([[b"text"] * 10] * 784), "'W' is of type |S4."),
    ],
)
def test_arrays_that_are_no_numbers_are_told(tmpdir, capfd, kernel, found):
    numpy.savez(str(tmpdir.join("a.npz")), W=kernel, b=numpy.zeros(10))
    said = refused(capfd, tmpdir.join("a.npz"), tmpdir.join("b.ckpt")).splitlines()
    assert said[1] == found


@H5PY
@pytest.mark.parametrize("member", ["config.json", "mlinference.json"])
@pytest.mark.parametrize("text", ["not JSON", "[]", "3", '{"config": {"layers": [{}]}}'])
def test_an_odd_description_in_a_keras_file_is_a_sentence(tmpdir, capfd, compact, member, text):
    whole, odd = str(tmpdir.join("whole.keras")), str(tmpdir.join("odd.keras"))
    formats.write(whole, compact, settings())
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(odd, "w") as target:
        for name in source.namelist():
            target.writestr(name, text if name == member else source.read(name))
    if member == "mlinference.json" and text.startswith("{"):
        assert formats.read(odd, settings()).network is networks.COMPACT
        return
    said = refused(capfd, odd, tmpdir.join("b.ckpt")).splitlines()
    assert (len(said), said[0]) == (3, "'%s' cannot be read." % odd)


@pytest.mark.parametrize("temperature", [0, -1.0, 1e-7, 1e6, "hot", None, True])
def test_a_temperature_that_is_none_is_told(tmpdir, compact, pictures, temperature):
    compact.sidecar["temperature"] = temperature
    odd = type(compact)(compact.network, 10, compact.variables, compact.sidecar)
    assert odd.temperature == 1.0
    assert odd.remarks == ["Its temperature is not between 0.000001 and 1000000: it is taken for 1."]


@pytest.mark.parametrize("temperature", [1e-7, checkpoint.SMALLEST_TEMPERATURE, 999999.0, 1e6])
def test_what_is_written_has_a_temperature_that_can_be_read(tmpdir, temperature):
    written = check_conversion.seeded(networks.COMPACT, temperature=temperature)
    path = str(tmpdir.join("model.ckpt"))
    formats.write(path, written, settings())
    assert formats.read(path, settings()).temperature == written.temperature


def test_labels_of_another_number_are_told(compact):
    odd = type(compact)(compact.network, 10, compact.variables, {"labels": ["one", "two"]})
    assert odd.labels == tuple("0123456789")
    assert odd.remarks == ["Its labels are not those of 10 classes: they get numbers."]


def test_a_folder_that_is_not_there_is_told(tmpdir, capfd):
    said = refused(capfd, "", tmpdir.join("missing", "a.npz"))
    assert said.startswith("'%s' cannot be written.\n" % tmpdir.join("missing", "a.npz"))


def test_arrays_of_another_network_are_told(tmpdir, capfd):
    numpy.savez(str(tmpdir.join("a.npz")), W=numpy.zeros((784, 10)), extra=numpy.zeros(3))
    said = refused(capfd, tmpdir.join("a.npz"), tmpdir.join("b.ckpt"))
    assert "It holds 'W', 'extra'." in said


def test_a_writer_that_mixes_rows_up_is_noticed(tmpdir, capfd, monkeypatch):
    def mixed(path, found, options):
        kernel = found.variables["W_fc1"]
        found.variables["W_fc1"] = kernel.reshape(3, 3, 96, 64).transpose(2, 0, 1, 3).reshape(kernel.shape)
        archive_write(path, found, options)
        found.variables["W_fc1"] = kernel

    archive_write = formats.of("a.npz").write
    changed = [
        each._replace(write=mixed) if each.ending == ".npz" else each for each in formats.FORMATS
    ]
    monkeypatch.setattr(formats, "FORMATS", changed)
    said = refused(capfd, "", tmpdir.join("a.npz"))
    problem = "'%s' would answer otherwise than what it is made from." % tmpdir.join("a.npz")
    assert said.startswith(problem)
    assert not tmpdir.listdir()


@H5PY
def test_the_same_model_gives_the_same_keras_file(tmpdir, compact):
    contents = []
    for name in ("a.keras", "b.keras"):
        formats.write(str(tmpdir.join(name)), compact, settings())
        with zipfile.ZipFile(io.BytesIO(tmpdir.join(name).read("rb"))) as source:
            contents.append([(each, source.read(each)) for each in source.namelist()])
    assert contents[0] == contents[1]
    assert os.path.getsize(str(tmpdir.join("a.keras"))) > 2000
