"""How fast one 28x28 picture is answered with the article's network, as ratios of one run.

Compared are the article's way (graph, session and restore for every picture), a kept session,
our two engines, and ONNX Runtime on the same weights if it is installed. Everything has one
thread, and the contenders take turns, so that a busy machine is busy for all of them. Cold
start and resident memory are those of fresh processes.

A trained network reads a digit: data/convolutional.ckpt, which mnist_train.py writes unless told
otherwise. The NumPy engine passes over what ReLU has left nothing of, so that it is also shown
noise, with random weights, where next to nothing is zero; without a trained network that is all.
"""

from __future__ import division, print_function

import argparse
import collections
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "python2.7libs"), os.path.join(ROOT, "scripts")]

import bench_cook  # noqa: E402

# What the trainer writes.
TRAINED = os.path.join(ROOT, "data", "convolutional.ckpt")
DIGITS = os.path.join(ROOT, "tests", "data", "mnist_sample", "t10k-images-idx3-ubyte.gz")

# One thread each, for the measured processes only.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "",
}

# Before each contender's turn, so that it does not pay for what another left in the caches.
WARM = 3

FRAMES = 240

# What is measured -> what it may come to, at most (of the second) or at least (times faster).
FASTER_THAN_ARTICLE, FASTER_ON_THE_NEWEST = 35, 50
OF_ONNX = 1.25
OF_COLD_START = 0.1

# The TensorFlow that the stricter targets are meant for.
NEWEST = "2."


def main(argv=None):
    """Print the tables; return 0 if every target is reached, else 1."""
    options = _parser().parse_args(argv)
    if options.measure:
        print(json.dumps(MEASURES[options.measure](options)))
        return 0
    from mlinference import errors

    folder = tempfile.mkdtemp(prefix="mlinference-bench-")
    try:
        write_checkpoints(folder)
        if options.checkpoint:
            write_trained(folder, options.checkpoint)
        rows = list(_rows(folder, options))
    except errors.InferenceError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(folder)
    for name, found, target, reached in rows:
        print("%-44s %-30s %-22s %s" % (name, found, target, "" if reached else "MISSED"))
    return 0 if all(row[3] for row in rows) else 1


def _parser():
    parser = argparse.ArgumentParser(
        prog="bench.py engines",
        description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--repeats", type=int, default=200, help="times that each is measured")
    parser.add_argument("--starts", type=int, default=5, help="fresh processes of each engine")
    parser.add_argument(
        "--openblas",
        metavar="CORE",
        help="OPENBLAS_CORETYPE of the measured processes, such as SkylakeX on a processor with"
        " AVX-512 that NumPy's OpenBLAS takes for an older one",
    )
    parser.add_argument(
        "--checkpoint",
        metavar="PREFIX",
        default=TRAINED if os.path.exists(TRAINED + ".index") else None,
        help="the article's network, trained",
    )
    parser.add_argument("--measure", choices=sorted(MEASURES), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    return parser


def write_checkpoints(folder):
    import numpy

    from mlinference import checkpoint, networks

    for seed, name in enumerate(("one.ckpt", "two.ckpt")):
        random = numpy.random.RandomState(seed)
        variables = {}
        for variable, shape in networks.CONVOLUTIONAL.variables(10):
            inputs = numpy.prod(shape[:-1]) if len(shape) > 1 else 100.0
            variables[variable] = random.normal(0, inputs**-0.5, shape).astype("float32")
        checkpoint.write(os.path.join(folder, name), variables)


def write_trained(folder, prefix):
    """Write a checkpoint's variables alone: what its sidecar says is nothing to the contenders."""
    from mlinference import checkpoint, networks

    found = checkpoint.read(prefix)
    if found.network is not networks.CONVOLUTIONAL:
        raise SystemExit("'%s' is of another network than the article's." % prefix)
    checkpoint.write(os.path.join(folder, "trained.ckpt"), found.variables)


# -- The tables -------------------------------------------------------------------------------


def _rows(folder, options):
    """Yield (what, found, target, whether it is reached)."""
    times = _child("pictures", folder, options)
    versions, noise = times.pop("versions"), times.pop("noise")
    for name, version in versions.items():
        yield (name, version, "", True)
    for name, seconds in times.items():
        yield (name, "%8.3f ms" % (1000 * seconds), "", True)
    newest = versions["TensorFlow"].startswith(NEWEST)
    for row in _ratios(times, newest):
        yield row
    for row in _ratios(noise, newest):
        yield (row[0] + ", noise",) + row[1:]
    for name, seconds in _child("sequences", folder, options).items():
        yield (name, "%8.3f ms" % (1000 * seconds), "", True)
    for row in bench_cook.rows(bench_cook.times_of(_child("cook", folder, options))):
        yield row
    for row in _starts(folder, options, newest):
        yield row


def _ratios(times, newest):
    numpy, article = times["NumPy engine"], times.get("the article's way")
    tensorflow, onnx = times.get("TensorFlow engine"), times.get("ONNX Runtime")
    if article:
        least = FASTER_ON_THE_NEWEST if newest else FASTER_THAN_ARTICLE
        found = article / tensorflow
        target = "at least %d times" % least
        yield (
            "the article's way / TensorFlow engine",
            "%.1f times" % found,
            target,
            found >= least,
        )
        yield ("the article's way / NumPy engine", "%.1f times" % (article / numpy), "", True)
        kept = times["kept session"] / tensorflow
        yield ("kept session / TensorFlow engine", "%.2f times" % kept, "", True)
    if onnx:
        found = numpy / onnx
        target = "at most %.2f times" % OF_ONNX
        yield ("NumPy engine / ONNX Runtime", "%.2f times" % found, target, found <= OF_ONNX)
    else:
        yield ("NumPy engine / ONNX Runtime", "not measured: not installed", "", True)


def _starts(folder, options, newest):
    """Start fresh processes, the engines in turn."""
    found = collections.OrderedDict((name, []) for name in ("numpy", "tensorflow"))
    for _ in range(options.starts):
        for name in found:
            begun = time.time()
            answered = _child("start_" + name, folder, options)
            if answered["answered"]:
                found[name].append((answered["answered"] - begun, answered["resident"]))
    for name, starts in found.items():
        if starts:
            seconds = _median([start[0] for start in starts])
            resident = _median([start[1] for start in starts])
            text = "%8.2f s, %4.0f MB resident" % (seconds, resident / 1e6)
            yield ("cold start to first answer, " + name, text, "", True)
    if found["tensorflow"]:
        part = _median([s for s, _ in found["numpy"]]) / _median(
            [s for s, _ in found["tensorflow"]]
        )
        target = "under %.2f" % OF_COLD_START if newest else ""
        reached = part < OF_COLD_START or not newest
        yield ("cold start, NumPy / TensorFlow", "%.3f" % part, target, reached)


def _child(measure, folder, options):
    """Run one measurement in a process of its own, with one thread."""
    command = [sys.executable, os.path.abspath(__file__), "--measure", measure]
    command += ["--folder", folder, "--repeats", str(options.repeats)]
    environment = dict(os.environ, **ONE_THREAD)
    if options.openblas:
        environment["OPENBLAS_CORETYPE"] = options.openblas
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    printed, complaints = process.communicate()
    if process.returncode:
        raise RuntimeError(complaints.decode("utf-8", "replace"))
    last = printed.decode("utf-8").strip().split("\n")[-1]
    return json.loads(last, object_pairs_hook=collections.OrderedDict)


def _median(values):
    ranked = sorted(values)
    middle = len(ranked) // 2
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2


# -- What the processes measure ---------------------------------------------------------------


def _measure_pictures(options):
    """Return the median seconds of each contender for one picture.

    Under "noise" those that what is zero makes a difference to, with random weights; under
    "versions" what was measured.
    """
    import numpy

    random, trained = (os.path.join(options.folder, name) for name in ("one.ckpt", "trained.ckpt"))
    noise = numpy.random.RandomState(9).rand(1, 784).astype("float32")
    is_trained = os.path.exists(trained + ".index")
    contenders, versions = _contenders(*((trained, _digit()) if is_trained else (random, noise)))
    found = _in_turn(contenders, options.repeats)
    found["noise"] = {}
    if is_trained:
        contenders, _ = _contenders(random, noise)
        pair = [(name, contenders[name]) for name in ("NumPy engine", "ONNX Runtime") if name in contenders]
        found["noise"] = _in_turn(collections.OrderedDict(pair), options.repeats)
    versions["Read"] = "a digit, trained" if is_trained else "noise, random weights"
    found["versions"] = versions
    return found


def _digit():
    """Return the first picture of MNIST's test set, float32 [1, 784]."""
    import numpy

    with gzip.open(DIGITS, "rb") as stream:
        octets = numpy.frombuffer(stream.read()[16 : 16 + 784], numpy.uint8)
    return octets.reshape(1, 784) / numpy.float32(255)


def _in_turn(contenders, repeats):
    """Return OrderedDict of the contenders' names to the median of their seconds."""
    import numpy

    answers = [numpy.asarray(contender()).ravel() for contender in contenders.values()]
    for name, found in zip(contenders, answers):
        assert abs(found - answers[0]).max() < 1e-5, "'%s' has another answer" % name
    samples = {name: [] for name in contenders}
    turn = max(1, repeats // 20)
    while len(samples["NumPy engine"]) < repeats:
        for name, contender in contenders.items():
            for _ in range(WARM):
                contender()
            samples[name] += [_seconds(contender) for _ in range(turn)]
    return collections.OrderedDict((name, _median(samples[name])) for name in contenders)


def _contenders(prefix, picture):
    """Return (ordered functions that answer for the picture, versions)."""
    import numpy

    from mlinference import classifier, errors

    contenders = collections.OrderedDict()
    versions = collections.OrderedDict(
        (
            ("Python", "%d.%d.%d" % sys.version_info[:3]),
            ("NumPy", numpy.__version__),
            ("TensorFlow", "none"),
            ("ONNX Runtime", "none"),
        )
    )
    try:
        kept = classifier.shared(prefix, "tensorflow")
    except errors.TensorFlowError:
        kept = None
    if kept is not None:
        versions["TensorFlow"] = kept.engine.split()[-1]
        contenders["the article's way"] = lambda: _article_cook(prefix, picture)
        contenders["kept session"] = _kept_session(prefix, picture)
        contenders["TensorFlow engine"] = lambda: kept.predict(picture)
    ours = classifier.shared(prefix, "numpy")
    contenders["NumPy engine"] = lambda: ours.predict(picture)
    peer = _onnx_runtime(prefix, picture)
    if peer is not None:
        versions["ONNX Runtime"] = sys.modules["onnxruntime"].__version__
        contenders["ONNX Runtime"] = peer
    return contenders, versions


def _seconds(function):
    begun = CLOCK()
    function()
    return CLOCK() - begun


CLOCK = getattr(time, "perf_counter", time.time)


def _article_graph(tf):
    """Build the network as the article writes it, bias and ReLU before the pool."""
    from mlinference import networks

    pictures = tf.placeholder(tf.float32, [None, 784])
    variables = {}
    for name, shape in networks.CONVOLUTIONAL.variables(10):
        variables[name] = tf.Variable(tf.zeros(shape), name=name)
    flow = tf.reshape(pictures, [-1, 28, 28, 1])
    for number in "12":
        flow = tf.nn.conv2d(flow, variables["W_conv" + number], strides=[1] * 4, padding="SAME")
        flow = tf.nn.relu(flow + variables["b_conv" + number])
        flow = tf.nn.max_pool(flow, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")
    flow = tf.reshape(flow, [-1, 7 * 7 * 64])
    flow = tf.nn.relu(tf.matmul(flow, variables["W_fc1"]) + variables["b_fc1"])
    return pictures, tf.nn.softmax(tf.matmul(flow, variables["W_fc2"]) + variables["b_fc2"])


def _one_thread(tf):
    return tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)


def _article_cook(prefix, picture):
    from mlinference.engines import tensorflow1

    tf = tensorflow1.load()
    with tf.Graph().as_default():
        pictures, answer = _article_graph(tf)
        with tf.Session(config=_one_thread(tf)) as session:
            tf.train.Saver().restore(session, prefix)
            return session.run(answer, {pictures: picture})


def _kept_session(prefix, picture):
    from mlinference.engines import tensorflow1

    tf = tensorflow1.load()
    with tf.Graph().as_default() as graph:
        pictures, answer = _article_graph(tf)
        session = tf.Session(graph=graph, config=_one_thread(tf))
        tf.train.Saver().restore(session, prefix)
    return lambda: session.run(answer, {pictures: picture})


def _onnx_runtime(prefix, picture):
    """Return a function that answers by ONNX Runtime, or None where it is not installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        _onnx_model(prefix), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"pictures": picture})[0]


def _onnx_model(prefix):
    """Return the article's network in ONNX's terms, channels first, as bytes."""
    import numpy
    from onnx import TensorProto, helper, numpy_helper

    from mlinference import checkpoint

    values = dict(checkpoint.read(prefix).variables)
    for name in ("W_conv1", "W_conv2"):
        values[name] = numpy.ascontiguousarray(values[name].transpose(3, 2, 0, 1))
    # The flattened picture is channels first too: rows of W_fc1 in that order.
    rows = values["W_fc1"].reshape(7, 7, 64, -1).transpose(2, 0, 1, 3).reshape(3136, -1)
    values["W_fc1"] = numpy.ascontiguousarray(rows)
    values["picture"] = numpy.array([-1, 1, 28, 28])
    values["flat"] = numpy.array([-1, 3136])
    nodes = [helper.make_node("Reshape", ["pictures", "picture"], ["x0"])]
    for number in "12":
        before = "x" + str(int(number) - 1)
        nodes += [
            helper.make_node(
                "Conv",
                [before, "W_conv" + number, "b_conv" + number],
                ["c" + number],
                pads=[2, 2, 2, 2],
            ),
            helper.make_node("Relu", ["c" + number], ["r" + number]),
            helper.make_node(
                "MaxPool", ["r" + number], ["x" + number], kernel_shape=[2, 2], strides=[2, 2]
            ),
        ]
    nodes += [
        helper.make_node("Reshape", ["x2", "flat"], ["x3"]),
        helper.make_node("Gemm", ["x3", "W_fc1", "b_fc1"], ["f1"]),
        helper.make_node("Relu", ["f1"], ["x4"]),
        helper.make_node("Gemm", ["x4", "W_fc2", "b_fc2"], ["logits"]),
        helper.make_node("Softmax", ["logits"], ["probabilities"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "convolutional",
        [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["N", 784])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(array, name) for name, array in values.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    return model.SerializeToString()


def _measure_sequences(options):
    """Return seconds of whole sequences, as a node cooks them: asking for the shared classifier."""
    import numpy

    from mlinference import classifier, errors

    one, two = (os.path.join(options.folder, name) for name in ("one.ckpt", "two.ckpt"))
    pictures = numpy.random.RandomState(9).rand(FRAMES, 1, 784).astype("float32")
    found = collections.OrderedDict()
    for engine in ("tensorflow", "numpy"):
        try:
            _play(pictures[:2], [one, two], engine)
        except errors.TensorFlowError:
            continue
        for name, paths in (("frames", [one]), ("cooks of two nodes in turn", [one, two])):
            begun = CLOCK()
            _play(pictures, paths, engine)
            found["%d %s, %s" % (FRAMES, name, engine)] = CLOCK() - begun
    look_ups = [_seconds(lambda: classifier.shared(one, "numpy")) for _ in range(options.repeats)]
    found["cache look-up"] = _median(look_ups)
    return found


def _play(pictures, paths, engine):
    from mlinference import classifier

    for frame, picture in enumerate(pictures):
        classifier.shared(paths[frame % len(paths)], engine).predict(picture)


def _start(engine):
    def measure(options):
        import numpy

        from mlinference import classifier, errors

        try:
            model = classifier.shared(os.path.join(options.folder, "one.ckpt"), engine)
            model.predict(numpy.zeros((1, 784), numpy.float32))
        except errors.TensorFlowError:
            return {"answered": 0, "resident": 0}
        return {"answered": time.time(), "resident": resident()}

    return measure


def resident():
    """Return this process's resident memory in bytes; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except EnvironmentError:
        return 0


MEASURES = {
    "cook": lambda options: bench_cook.measured(options.repeats),
    "pictures": _measure_pictures,
    "sequences": _measure_sequences,
    "start_numpy": _start("numpy"),
    "start_tensorflow": _start("tensorflow"),
}


if __name__ == "__main__":
    sys.exit(main())
