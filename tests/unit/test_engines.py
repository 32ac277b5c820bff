"""Both engines against the definitions, against each other, and with their frameworks broken."""

import gzip
import io
import os
import subprocess
import sys
import tempfile

import numpy
import oracle
import pytest

from mlinference import _compat, checkpoint, classifier, errors, networks
from mlinference.engines import convolution, plain, products, tensorflow1

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(os.path.dirname(HERE), "data")
LIBRARIES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "python2.7libs")

# Largest difference of a probability between two engines on the same variables.
TOLERANCE = 1e-5

every_network = pytest.mark.parametrize(
    "network", networks.NETWORKS, ids=lambda network: network.name
)


def weights(network, seed=0, part=1.0):
    """Return seeded variables as large as trained ones, of which `part` are not zero."""
    random = numpy.random.RandomState(seed)
    variables = {}
    for name, shape in network.variables(10):
        inputs = numpy.prod(shape[:-1]) if len(shape) > 1 else 100.0
        values = random.normal(0, (inputs * part / 3) ** -0.5, shape)
        kept = random.rand(*shape) < part if len(shape) > 1 else True
        variables[name] = (values * kept).astype("float32")
    return variables


def pictures(count=32):
    """Return pictures of the MNIST test set, float32 [count, 784]."""
    with gzip.open(os.path.join(DATA, "mnist_sample", "t10k-images-idx3-ubyte.gz"), "rb") as stream:
        octets = numpy.frombuffer(stream.read()[16:], numpy.uint8)
    return (octets.reshape(-1, 784)[:count] / numpy.float32(255)).astype("float32")


def noise(count=32):
    """Return random pictures, from empty to full."""
    random = numpy.random.RandomState(7)
    return (random.rand(count, 784) < numpy.linspace(0, 1, count)[:, None]).astype("float32")


@pytest.fixture
def written(tmpdir):
    """A function that writes a network's seeded checkpoint and reads it."""

    def write(network, **options):
        prefix = str(tmpdir.join(network.name + ".ckpt"))
        checkpoint.write(prefix, weights(network, **options))
        return checkpoint.read(prefix)

    return write


# -- NumPy against the definitions ------------------------------------------------------------


@every_network
def test_numpy_gives_the_oracles_answer_in_every_layer(written, network):
    sparse = 0.004 if network.parameters() > 10000 else 1.0
    found = written(network, part=sparse)
    batch = pictures(2)
    plainly = {name: oracle.tensor(values) for name, values in found.variables.items()}
    expected = network.layers(oracle, oracle.tensor(batch), plainly)
    layers = classifier.Classifier(found, "numpy").layers(batch)
    assert [name for name, _ in layers] == [name for name, _ in expected]
    for (name, array), (_, wanted) in zip(layers, expected):
        assert array.dtype == numpy.float32, name
        assert array.shape == wanted.shape
        spread = max(wanted.numbers) - min(wanted.numbers)
        assert spread > 0.01, "nothing happens in '%s'" % name
        difference = abs(array.ravel() - numpy.array(wanted.numbers)).max()
        assert difference < 1e-5 * max(1, spread), name


SHAPES = [
    # picture, kernel, stride
    ((2, 5, 6, 3), (3, 3, 3, 4), 1),
    ((1, 7, 4, 1), (4, 4, 1, 2), 1),
    ((1, 7, 5, 2), (3, 2, 2, 3), 2),
    ((2, 9, 8, 1), (5, 3, 1, 2), 3),
    ((1, 4, 4, 2), (1, 1, 2, 5), 1),
    ((1, 4, 4, 2), (1, 1, 2, 5), 2),
    ((1, 2, 3, 1), (2, 3, 1, 1), 1),
]


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("shape, kernel, stride", SHAPES)
def test_convolutions_follow_the_definition(shape, kernel, stride, padding):
    random = numpy.random.RandomState(3)
    values, weight = random.randn(*shape).astype("f"), random.randn(*kernel).astype("f")
    strides = [1, stride, stride, 1]
    wanted = oracle.nn.conv2d(oracle.tensor(values), oracle.tensor(weight), strides, padding)
    found = plain.ops.nn.conv2d(values, weight, strides=strides, padding=padding)
    close(found, wanted)


@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("size", [(5, 5), (6, 9), (14, 14), (8, 12)])
@pytest.mark.parametrize("kernel", [(3, 3), (5, 5), (1, 4), (4, 3)])
@pytest.mark.parametrize("count", [1, 3])
def test_convolutions_by_tiles_follow_the_definition(count, kernel, size, padding):
    random = numpy.random.RandomState(3)
    values = random.rand(*((count,) + size + (3,))).astype("f")
    weight = random.randn(*(kernel + (3, 2))).astype("f")
    strides = [1, 1, 1, 1]
    wanted = oracle.nn.conv2d(oracle.tensor(values), oracle.tensor(weight), strides, padding)
    close(convolution.Tiled(weight).convolve(values, padding), wanted)


def test_both_ways_to_convolve_agree_for_many_pictures_at_once():
    random = numpy.random.RandomState(3)
    values = random.rand(40, 14, 14, 32).astype("f")
    weight = random.randn(5, 5, 32, 64).astype("f")
    one = convolution.direct(values, weight, (1, 1), "SAME")
    other = convolution.Tiled(weight).convolve(values, "SAME")
    assert abs(one - other).max() < 1e-5 * one.std()


@pytest.mark.parametrize("convolve", [
    lambda values, weight: convolution.direct(values, weight, (1, 1), "VALID"),
    lambda values, weight: convolution.Tiled(weight).convolve(values, "VALID"),
])
def test_pictures_may_lie_in_memory_as_they_like(convolve):
    random = numpy.random.RandomState(3)
    values, weight = random.rand(2, 3, 9, 10).astype("f"), random.rand(3, 3, 3, 2).astype("f")
    turned = values.transpose(0, 2, 3, 1)
    found = convolve(turned, weight)
    assert numpy.array_equal(found, convolve(numpy.ascontiguousarray(turned), weight))


def test_the_articles_second_layer_is_convolved_by_tiles():
    assert convolution.worth_tiling((5, 5, 32, 64))
    assert not convolution.worth_tiling((5, 5, 1, 32))


@pytest.mark.parametrize("pool", ["max_pool", "avg_pool"])
@pytest.mark.parametrize("padding", ["SAME", "VALID"])
@pytest.mark.parametrize("shape, kernel, stride", SHAPES)
def test_pools_follow_the_definition(shape, kernel, stride, padding, pool):
    # Below zero everywhere: padding that counted as zero would win.
    values = -1 - numpy.random.RandomState(3).rand(*shape).astype("f")
    options = [1, kernel[0], kernel[1], 1], [1, stride, stride, 1], padding
    wanted = getattr(oracle.nn, pool)(oracle.tensor(values), *options)
    close(getattr(plain.ops.nn, pool)(values, *options), wanted)


def close(found, wanted):
    assert found.shape == wanted.shape
    assert abs(found.ravel() - numpy.array(wanted.numbers)).max() < 1e-5


def test_an_operation_that_numpy_lacks_is_a_sentence():
    with pytest.raises(errors.OperationMissing) as caught:
        plain.ops.nn.ctc_loss()
    assert str(caught.value) == (
        "The NumPy engine has no 'tf.nn.ctc_loss'.\n"
        "The network of this checkpoint uses it.\n"
        "Set 'Engine' to 'TensorFlow', or write the network without it."
    )


# -- One row and a large matrix ---------------------------------------------------------------


def row(part, length=2000):
    """Return a row of which `part` is not zero."""
    random = numpy.random.RandomState(3)
    return (random.randn(1, length) * (random.rand(1, length) < part)).astype("f")


MATRIX = numpy.random.RandomState(4).randn(2000, 600).astype("f")


@pytest.mark.parametrize("part", [0, 0.001, 0.2, 0.32, 0.9])
def test_a_row_and_a_large_matrix_have_the_product_of_any_other(part):
    found = products.of_row(row(part), MATRIX)
    assert found.shape == (1, 600) and found.dtype == numpy.float32
    wanted = numpy.dot(row(part).astype("d"), MATRIX.astype("d"))
    assert abs(found - wanted).max() < 1e-4


def test_rows_of_a_matrix_that_do_not_count_are_not_read():
    few = row(0.2)
    unread = MATRIX.copy()
    unread[few[0] == 0] = numpy.nan
    assert (products.of_row(few, unread) == products.of_row(few, MATRIX)).all()


def test_a_matrix_is_gathered_from_if_it_is_large_and_wide():
    assert products.worth_gathering(MATRIX)
    assert not products.worth_gathering(MATRIX[:100])
    assert not products.worth_gathering(MATRIX.reshape(-1, 100))
    assert not products.worth_gathering(MATRIX.reshape(-1, 600, 1))


def test_the_articles_large_matrix_is_gathered_from(written, monkeypatch):
    used = []
    of_row = products.of_row
    monkeypatch.setattr(products, "of_row", lambda *both: used.append(both) or of_row(*both))
    model = classifier.Classifier(written(networks.CONVOLUTIONAL), "numpy")
    alone, together = model.predict(pictures(1)), model.predict(pictures(3))
    assert [matrix.shape for _, matrix in used] == [(3136, 1024)]
    assert abs(alone - together[:1]).max() < 1e-6


# -- Options ----------------------------------------------------------------------------------

ARRAY = numpy.random.RandomState(5).randn(2, 6, 5, 4).astype("f")
VECTOR = numpy.random.RandomState(6).rand(4).astype("f") + 0.5
KERNEL = numpy.random.RandomState(8).randn(3, 3, 4, 2).astype("f")
FOUR = [1, 2, 2, 1]


@pytest.mark.parametrize(
    "called, named",
    [
        (lambda tf: tf.nn.conv2d(ARRAY, KERNEL, FOUR, "SAME", data_format="NCHW"),
         "tf.nn.conv2d(data_format='NCHW')"),
        (lambda tf: tf.nn.conv2d(ARRAY, KERNEL, FOUR, "SAME", dilations=[1, 2, 2, 1]),
         "tf.nn.conv2d(dilations=[1, 2, 2, 1])"),
        (lambda tf: tf.nn.conv2d(ARRAY, KERNEL, FOUR, [[0, 0], [1, 1], [1, 1], [0, 0]]),
         "padding=[[0, 0], [1, 1], [1, 1], [0, 0]]"),
        (lambda tf: tf.nn.max_pool(ARRAY, FOUR, FOUR, padding="valid"), "padding='valid'"),
        (lambda tf: tf.nn.softmax(ARRAY, dim=0), "tf.nn.softmax(dim=0)"),
        (lambda tf: tf.reduce_sum(ARRAY, reduction_indices=1), "tf.reduce_sum(reduction_indices=1)"),
        (lambda tf: tf.pad(ARRAY, [[1, 1]] * 4, constant_values=1), "tf.pad(constant_values=1)"),
        (lambda tf: tf.exp(ARRAY, out=ARRAY), "tf.exp(out=...)"),
        (lambda tf: tf.nn.conv2d(ARRAY, KERNEL[:, :, :2], FOUR, "SAME"),
         "tf.nn.conv2d of 4 channels by a kernel for 2"),
        (lambda tf: tf.nn.max_pool(ARRAY, [1, 1, 1, 2], [1, 1, 1, 2], "SAME"),
         "tf.nn.max_pool([1, 1, 1, 2], [1, 1, 1, 2])"),
        (lambda tf: tf.nn.avg_pool(ARRAY, FOUR, 2, "SAME"), "tf.nn.avg_pool([1, 2, 2, 1], 2)"),
    ],
)
def test_an_option_that_would_change_the_answer_is_refused(called, named):
    with pytest.raises(errors.OperationMissing) as caught:
        called(plain.ops)
    assert str(caught.value).startswith("The NumPy engine has no '" + named)


def test_options_that_change_nothing_are_taken():
    plainly = plain.ops.nn.conv2d(ARRAY, KERNEL, FOUR, "SAME")
    told = plain.ops.nn.conv2d(
        ARRAY, KERNEL, FOUR, "SAME", data_format="NHWC", dilations=[1, 1, 1, 1],
        use_cudnn_on_gpu=True, name="conv",
    )
    assert (plainly == told).all()
    assert (plain.ops.reduce_sum(ARRAY, axis=0, reduction_indices=None, name="sum") == ARRAY.sum(0)).all()


# -- NumPy's operations against TensorFlow's --------------------------------------------------

OPERATIONS = {
    "abs": lambda tf: tf.abs(ARRAY),
    "add": lambda tf: tf.add(ARRAY, VECTOR),
    "avg_pool": lambda tf: tf.nn.avg_pool(ARRAY, FOUR, FOUR, "SAME"),
    "batch_normalization": lambda tf: tf.nn.batch_normalization(
        ARRAY, VECTOR, VECTOR, VECTOR, VECTOR, 1e-3
    ),
    "batch_normalization without offset and scale": lambda tf: tf.nn.batch_normalization(
        ARRAY, VECTOR, VECTOR, None, None, 1e-3
    ),
    "bias_add": lambda tf: tf.nn.bias_add(ARRAY, VECTOR),
    "concat of one": lambda tf: tf.concat(ARRAY, 2),
    "concat": lambda tf: tf.concat([ARRAY, ARRAY + 1], axis=3),
    "constant": lambda tf: tf.constant(2.0) * ARRAY,
    "constant of a shape": lambda tf: tf.constant(2.0, shape=[4]) * ARRAY,
    "constant in a shape": lambda tf: tf.constant([1.0, 2.0, 3.0, 4.0], shape=[2, 2]),
    "conv2d": lambda tf: tf.nn.conv2d(ARRAY, KERNEL, strides=FOUR, padding="SAME"),
    "depthwise_conv2d": lambda tf: tf.nn.depthwise_conv2d(ARRAY, KERNEL, [1, 1, 1, 1], "SAME"),
    "divide": lambda tf: tf.divide(ARRAY, VECTOR),
    "elu": lambda tf: tf.nn.elu(ARRAY),
    "exp": lambda tf: tf.exp(ARRAY),
    "expand_dims": lambda tf: tf.expand_dims(ARRAY, axis=1),
    "identity": lambda tf: tf.identity(ARRAY),
    "leaky_relu": lambda tf: tf.nn.leaky_relu(ARRAY, alpha=0.1),
    "log": lambda tf: tf.log(VECTOR),
    "matmul": lambda tf: tf.matmul(tf.reshape(ARRAY, [-1, 4]), KERNEL[0, 0]),
    "matmul turned": lambda tf: tf.matmul(KERNEL[0, 0], ARRAY[0, 0], True, transpose_b=True),
    "max_pool": lambda tf: tf.nn.max_pool(ARRAY, [1, 3, 3, 1], FOUR, "SAME"),
    "maximum": lambda tf: tf.maximum(ARRAY, VECTOR),
    "minimum": lambda tf: tf.minimum(ARRAY, VECTOR),
    "multiply": lambda tf: tf.multiply(ARRAY, VECTOR),
    "pad": lambda tf: tf.pad(ARRAY, [[0, 0], [1, 2], [3, 4], [0, 0]]),
    "reduce_max": lambda tf: tf.reduce_max(ARRAY, axis=2),
    "reduce_max with a name": lambda tf: tf.reduce_max(ARRAY, 2, False, "most"),
    "reduce_mean": lambda tf: tf.reduce_mean(ARRAY, axis=[1, 2]),
    "reduce_sum": lambda tf: tf.reduce_sum(ARRAY, axis=-1),
    "relu": lambda tf: tf.nn.relu(ARRAY),
    "relu6": lambda tf: tf.nn.relu6(ARRAY * 10),
    "sigmoid": lambda tf: tf.sigmoid(ARRAY * 60),
    "nn.sigmoid": lambda tf: tf.nn.sigmoid(ARRAY),
    "softmax": lambda tf: tf.nn.softmax(ARRAY * 60),
    "softplus": lambda tf: tf.nn.softplus(ARRAY * 60),
    "sqrt": lambda tf: tf.sqrt(VECTOR),
    "square": lambda tf: tf.square(ARRAY),
    "squeeze": lambda tf: tf.squeeze(tf.reshape(ARRAY, [2, 1, 30, 1, 4]), axis=[1, 3]),
    "squeeze of no axes": lambda tf: tf.squeeze(tf.reshape(ARRAY, [2, 1, 30, 1, 4]), []),
    "subtract": lambda tf: tf.subtract(ARRAY, VECTOR),
    "tanh": lambda tf: tf.tanh(ARRAY),
    "nn.tanh": lambda tf: tf.nn.tanh(ARRAY),
    "transpose": lambda tf: tf.transpose(ARRAY, perm=[0, 3, 1, 2]),
}


@pytest.mark.tensorflow
def test_every_operation_is_tensorflows():
    tf = tensorflow1.load()
    names = sorted(OPERATIONS)
    with tf.Graph().as_default(), tf.Session() as session:
        # TensorFlow 1.4 divides two arrays without leaving NumPy.
        wanted = session.run([tf.convert_to_tensor(OPERATIONS[name](tf)) for name in names])
    for name, array in zip(names, wanted):
        found = OPERATIONS[name](plain.ops)
        assert found.shape == array.shape, name
        assert abs(found - array).max() < 2e-5, name


def test_a_sigmoid_keeps_what_is_next_to_nothing():
    # Not compared with TensorFlow's: up to 1.15 that one does not.
    at = numpy.arange(-80, 81, dtype="f")
    wanted = 1 / (1 + numpy.exp(-at.astype("d")))
    assert abs(plain.ops.sigmoid(at) / wanted - 1).max() < 1e-6


def test_a_softmax_of_no_axis_is_that_of_the_last():
    # TensorFlow 1.4 has no `axis` there.
    found = plain.ops.nn.softmax(ARRAY, axis=None)
    assert (found == plain.ops.nn.softmax(ARRAY, -1)).all()


def test_every_operation_is_compared_with_tensorflows():
    offered = set(vars(plain.ops)) | set(vars(plain.ops.nn))
    not_compared = {"_prefix", "float32", "nn", "shape", "reshape"}
    assert offered - not_compared - set(OPERATIONS) == set()


# -- The engines against each other -----------------------------------------------------------


@pytest.mark.tensorflow
@every_network
@pytest.mark.parametrize("batch", [pictures, noise], ids=["mnist", "noise"])
def test_both_engines_give_one_answer(written, network, batch):
    found = written(network)
    ours = classifier.Classifier(found, "numpy").predict(batch())
    theirs = classifier.Classifier(found, "tensorflow").predict(batch())
    assert (ours.argmax(axis=1) == theirs.argmax(axis=1)).all()
    assert abs(ours - theirs).max() < TOLERANCE
    assert (ours.max(axis=0) - ours.min(axis=0)).max() > 0.1, "every picture has the same answer"


@pytest.mark.tensorflow
@every_network
def test_both_engines_show_the_same_layers(written, network):
    found = written(network)
    ours = classifier.Classifier(found, "numpy").layers(pictures(3))
    theirs = classifier.Classifier(found, "tensorflow").layers(pictures(3))
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    assert ours[-1][0] == "logits"
    for (name, one), (_, other) in zip(ours, theirs):
        assert one.shape == other.shape
        assert abs(one - other).max() < 1e-4, name


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "name",
    [
        "tensorflow_1_4_scope_adam.ckpt",
        "tensorflow_1_4_two_shards.ckpt",
        "tensorflow_1_4_float64.ckpt",
        "tensorflow_2_21_objects.ckpt",
    ],
)
def test_tensorflow_restores_whatever_names_and_types_the_reader_takes(name):
    found = checkpoint.read(os.path.join(DATA, "checkpoints", name))
    ours = classifier.Classifier(found, "numpy").predict(pictures())
    theirs = classifier.Classifier(found, "tensorflow").predict(pictures())
    assert abs(ours - theirs).max() < TOLERANCE


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["float16", "float64"])
def test_tensorflow_restores_other_floats(tmpdir, kind):
    prefix = str(tmpdir.join("any.ckpt"))
    stored = weights(networks.PERCEPTRON)
    checkpoint.write(prefix, {name: values.astype(kind) for name, values in stored.items()})
    found = checkpoint.read(prefix)
    ours = classifier.Classifier(found, "numpy").predict(pictures())
    theirs = classifier.Classifier(found, "tensorflow").predict(pictures())
    assert abs(ours - theirs).max() < TOLERANCE


@pytest.mark.tensorflow
def test_values_too_small_for_float32_are_no_torn_checkpoint(tmpdir):
    prefix = str(tmpdir.join("tiny.ckpt"))
    stored = {name: values.astype("d") for name, values in weights(networks.SOFTMAX).items()}
    stored["W"][7, 3] = 1e-40
    checkpoint.write(prefix, stored)
    found = checkpoint.read(prefix)
    ours = classifier.Classifier(found, "numpy").predict(pictures())
    assert abs(ours - classifier.Classifier(found, "tensorflow").predict(pictures())).max() < TOLERANCE


def test_one_picture_has_one_answer_in_twenty_cooks(written):
    model = classifier.Classifier(written(networks.CONVOLUTIONAL), "numpy")
    answers = [_compat.packed(model.predict(pictures(1))) for _ in range(20)]
    assert len(set(answers)) == 1


@pytest.mark.tensorflow
def test_one_picture_has_one_answer_in_twenty_cooks_of_tensorflow(written):
    model = classifier.Classifier(written(networks.CONVOLUTIONAL), "tensorflow")
    answers = [_compat.packed(model.predict(pictures(1))) for _ in range(20)]
    assert len(set(answers)) == 1


# -- TensorFlow and its host ------------------------------------------------------------------

HOST = """
import sys
sys.path.insert(0, sys.argv[1])
import tensorflow
from mlinference import checkpoint, classifier
tf = getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)
eager = getattr(tf, "executing_eagerly", lambda: None)
before = tf.get_default_graph(), len(tf.get_default_graph().get_operations()), eager()
models = []
for _ in range(2):
    model = classifier.Classifier(checkpoint.read(sys.argv[2]), "tensorflow")
    model.layers(__import__("numpy").zeros((1, 784), "float32"))
    models.append(model)
after = tf.get_default_graph(), len(tf.get_default_graph().get_operations()), eager()
assert before == after, (before, after)
assert tf.get_default_session() is None
names = [v.name for v in tf.global_variables()]
assert names == [], names
for model in models:
    names = [o.name for o in model._engine._session.graph.get_operations()]
    assert "W_conv1" in names and "W_conv1_1" not in names, names
    threads = model._engine._session._config
    assert threads.gpu_options.allow_growth
    assert threads.intra_op_parallelism_threads == 1
print("untouched")
"""


@pytest.mark.tensorflow
def test_the_host_does_not_notice_tensorflow(written):
    prefix = written(networks.COMPACT).prefix
    command = [sys.executable, "-c", HOST, LIBRARIES, prefix]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    printed, complaints = process.communicate()
    assert printed.split()[-1:] == [b"untouched"], complaints.decode("utf-8", "replace")[-2000:]


IMPORTS = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy
known = set(sys.modules)
from mlinference import classifier
model = classifier.shared(sys.argv[2], engine="numpy")
model.predict(numpy.zeros((1, 784), "float32"))
new = set(name.split(".")[0] for name in set(sys.modules) - known)
print(" ".join(sorted(new & set(["tensorflow", "keras", "PIL", "scipy"]))) or "none")
"""


def test_numpy_alone_imports_no_framework(written):
    prefix = written(networks.COMPACT).prefix
    printed = subprocess.check_output([sys.executable, "-c", IMPORTS, LIBRARIES, prefix])
    assert printed.decode("ascii").strip() == "none"


@pytest.mark.tensorflow
def test_a_gpu_that_is_not_there_is_a_sentence(written):
    found = written(networks.COMPACT)
    tf = tensorflow1.load()
    with tf.Graph().as_default(), tf.Session() as session:
        if tensorflow1._gpus(session):
            pytest.skip("this machine has a GPU")
    with pytest.raises(errors.DeviceMissing) as caught:
        classifier.Classifier(found, "tensorflow", "gpu")
    assert str(caught.value) == (
        "TensorFlow sees no GPU.\n"
        "%s runs on the processor here.\n"
        "Set 'Device' to 'Auto' or 'CPU'."
        % classifier.Classifier(found, "tensorflow", "cpu").engine
    )


FOREIGN = b"caf\xe9" if str is bytes else os.fsdecode(b"caf\xe9")


@pytest.mark.tensorflow
@pytest.mark.skipif(os.name == "nt", reason="such names cannot be, or mean nothing else")
@pytest.mark.parametrize("folder", ["shot [wip]", "[a-", "a*b", "who?", "back\\slash", FOREIGN])
@pytest.mark.parametrize("name", ["net", "[1]net"])
def test_names_that_tensorflow_takes_for_patterns(tmpdir, monkeypatch, folder, name):
    os.mkdir(os.path.join(str(tmpdir), folder))
    prefix = os.path.join(str(tmpdir), folder, name)
    checkpoint.write(prefix, weights(networks.COMPACT))
    monkeypatch.setattr(tempfile, "tempdir", str(tmpdir.mkdir("temporary")))
    engines = ("tensorflow", "numpy")
    both = [classifier.Classifier(checkpoint.read(prefix), engine) for engine in engines]
    assert os.listdir(tempfile.gettempdir()) == []
    one, other = [model.predict(pictures(3)) for model in both]
    assert abs(one - other).max() < 1e-6


@pytest.mark.tensorflow
@pytest.mark.skipif(os.name == "nt", reason="brackets mean themselves there")
def test_a_checkpoint_beside_a_folder_of_its_name(tmpdir, monkeypatch):
    # Links are needed, and where they are usually made they would be patterns again.
    monkeypatch.setattr(tempfile, "tempdir", str(tmpdir.mkdir("tmp[1]")))
    prefix = str(tmpdir.mkdir("a[b]").join("net"))
    os.mkdir(prefix)
    checkpoint.write(prefix, weights(networks.COMPACT))
    engines = ("tensorflow", "numpy")
    monkeypatch.chdir(str(tmpdir))
    prefix = os.path.join("a[b]", "net")
    both = [classifier.Classifier(checkpoint.read(prefix), engine) for engine in engines]
    one, other = [model.predict(pictures(3)) for model in both]
    assert abs(one - other).max() < 1e-6


@pytest.mark.tensorflow
def test_a_session_has_a_thread_of_its_own_or_the_callers():
    config = tensorflow1._config(tensorflow1.load(), "auto")
    own = config.use_per_session_threads
    assert (own, config.inter_op_parallelism_threads) in ((True, 1), (False, -1))
    assert own == (tensorflow1._release(tensorflow1.load()) < (1, 15))


@pytest.mark.tensorflow
def test_values_that_change_between_reader_and_tensorflow_are_noticed(written):
    found = written(networks.COMPACT)
    found.variables["b_fc1"] = found.variables["b_fc1"] + 1
    with pytest.raises(errors.CheckpointChanging):
        classifier.Classifier(found, "tensorflow")


@pytest.mark.tensorflow
def test_a_checkpoint_that_goes_before_tensorflow_restores_is_a_sentence(written):
    found = written(networks.COMPACT)
    os.remove(found.prefix + ".index")
    with pytest.raises(errors.TensorFlowFailed) as caught:
        classifier.Classifier(found, "tensorflow")
    lines = str(caught.value).split("\n")
    assert lines[0] == "TensorFlow cannot run '%s'." % found.prefix
    assert lines[2] == "Set 'Engine' to 'NumPy', or 'Device' to 'CPU'."
    assert len(lines) == 3


@pytest.mark.tensorflow
def test_a_closed_engine_holds_nothing(written):
    for engine in ("numpy", "tensorflow"):
        model = classifier.Classifier(written(networks.COMPACT), engine)
        model.predict(pictures(1))
        model.close()
        model.close()
        assert model._engine.size == 0
        with pytest.raises(ValueError):
            model.predict(pictures(1))


# -- A TensorFlow that does not work ----------------------------------------------------------


@pytest.fixture
def install(tmpdir, monkeypatch):
    """A function that installs a tensorflow of one's own making for this test."""
    monkeypatch.setattr(tensorflow1, "_LOADED", {})
    monkeypatch.setattr(classifier, "_TOLD", set())
    for name in [name for name in sys.modules if name.split(".")[0] == "tensorflow"]:
        monkeypatch.delitem(sys.modules, name)

    def put(text):
        folder = tmpdir.mkdir("site")
        folder.join("tensorflow.py").write(text)
        monkeypatch.syspath_prepend(str(folder))

    yield put
    sys.modules.pop("tensorflow", None)


def unusable(reason):
    return (
        "TensorFlow cannot be imported by this Python (%d.%d).\n%s\n"
        "See 'Installing TensorFlow' in the README." % (sys.version_info[:2] + (reason,))
    )


BROKEN = [
    (
        "raise ImportError('libcublas.so.9: cannot open')",
        "ImportError: libcublas.so.9: cannot open",
    ),
    (
        "raise TypeError('Descriptors cannot be created')",
        "TypeError: Descriptors cannot be created",
    ),
    ("raise AttributeError", "AttributeError"),
    ("raise SystemExit('unsupported')", "SystemExit: unsupported"),
    ("1 / 0", None),
    ("raise OSError(8, 'Exec format error')", "OSError: [Errno 8] Exec format error"),
    ("raise RuntimeError('a\\nb')", "RuntimeError: a b"),
    ("def :", None),
    ("class PanicException(BaseException): pass\nraise PanicException('rust')", "PanicException: rust"),
    (
        "class Wordless(Exception):\n    def __str__(self):\n        return 1 / 0\nraise Wordless()",
        "Wordless",
    ),
]

# Modules that can be imported, and parts of which cannot.
HALF = [
    "class Lazy(object):\n"
    "    def __getattr__(self, name):\n"
    "        raise ImportError('DLL load failed')\n"
    "compat = Lazy()",
    "class Lazy(object):\n"
    "    def __getattr__(self, name):\n"
    "        raise RuntimeError('protobuf')\n"
    "class compat(object):\n"
    "    v1 = Lazy()",
    "class nn(object):\n"
    "    pass\n"
    "Graph = Session = ConfigProto = placeholder = get_variable = train = cast = nn",
]


@pytest.mark.parametrize("text, reason", BROKEN)
def test_any_failure_of_the_import_is_a_sentence(written, install, text, reason):
    found = written(networks.COMPACT)
    install(text)
    with pytest.raises(errors.TensorFlowError) as caught:
        classifier.Classifier(found, "tensorflow")
    if reason is not None:
        assert str(caught.value) == unusable(reason)
    assert len(str(caught.value).split("\n")) == 3


@pytest.mark.parametrize("text", HALF)
def test_a_tensorflow_that_is_half_there_is_a_sentence(written, install, text):
    found = written(networks.COMPACT)
    install(text)
    for _ in range(2):
        with pytest.raises(errors.TensorFlowError) as caught:
            classifier.Classifier(found, "tensorflow")
        assert len(str(caught.value).split("\n")) == 3
    assert classifier.Classifier(found).engine.startswith("NumPy")


def test_ctrl_c_while_tensorflow_is_imported_is_the_users(written, install):
    found = written(networks.COMPACT)
    install("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        classifier.Classifier(found, "tensorflow")


def test_a_stump_of_tensorflow_says_what_it_lacks(written, install):
    found = written(networks.COMPACT)
    install("ConfigProto = object")
    with pytest.raises(errors.TensorFlowError) as caught:
        classifier.Classifier(found, "tensorflow")
    path = sys.modules["tensorflow"].__file__
    assert str(caught.value) == unusable("Its module, %s, has no 'Graph'." % path)


def test_no_tensorflow_at_all_is_a_sentence(written, install, monkeypatch):
    found = written(networks.COMPACT)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(errors.TensorFlowError) as caught:
        classifier.Classifier(found, "tensorflow")
    assert caught.value.problem == unusable("").split("\n")[0]
    assert caught.value.found.split(":")[0] in ("ImportError", "ModuleNotFoundError")


def test_auto_without_tensorflow_is_numpy_and_no_cause_for_a_warning(written, install, monkeypatch):
    found = written(networks.COMPACT)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    model = classifier.Classifier(found)
    assert model.engine == "NumPy %s" % numpy.__version__
    assert model.cautions == ()


def test_auto_with_a_broken_tensorflow_goes_on_and_says_so_once(written, install):
    found = written(networks.COMPACT)
    install("raise TypeError('Descriptors cannot be created')")
    models = [classifier.Classifier(found) for _ in range(3)]
    assert [model.engine for model in models] == ["NumPy %s" % numpy.__version__] * 3
    told = [str(caution) for model in models + models for caution in model.cautions]
    assert told == [
        "TensorFlow does not work here; NumPy answers in its place.\n"
        "TypeError: Descriptors cannot be created\n"
        "See 'Installing TensorFlow' in the README, or set 'Engine' to 'NumPy'."
    ]


def test_a_failing_import_is_not_tried_twice(written, install, tmpdir):
    found = written(networks.COMPACT)
    log = tmpdir.join("tried")
    install("with open(%r, 'a') as log: log.write('x')\nraise ImportError('no')" % str(log))
    for engine in ("auto", "auto", "tensorflow", "tensorflow"):
        try:
            classifier.Classifier(found, engine)
        except errors.TensorFlowError:
            pass
    with io.open(str(log)) as stream:
        assert stream.read() == "x"
