"""TensorFlow restores the checkpoint and runs the network, in a graph and session of its own.

The one place that imports TensorFlow; 1.4 to 2.x, by its version 1 names. Nothing is added to
the default graph, and eager mode stays as the host has it.
"""

import sys
import threading

import numpy

from mlinference import _compat, errors, own
from mlinference.engines import paths

NAME = "TensorFlow"

# Without these a module called tensorflow is a stump: an emptied folder, a failed upgrade.
NEEDED = (
    "ConfigProto", "Graph", "GraphDef", "Session", "Variable", "as_dtype", "cast", "device", "errors.OpError",
    "float32", "get_default_graph", "get_variable", "identity", "import_graph_def", "matmul", "nn.conv2d",
    "nn.max_pool", "nn.relu", "placeholder", "reshape", "saved_model.loader.load", "train.Saver", "transpose",
    "zeros_initializer",
)  # fmt: skip

# Up to 2.20 (seen: 1.4, 1.15, 2.20) it reads its own docstrings while it is imported.
NO_DOCSTRINGS = "Python runs without docstrings (PYTHONOPTIMIZE=2), which this TensorFlow needs."

# What TensorFlow raises of a graph, or of what is no tensor, before it runs anything.
WRONG_GRAPH = (ValueError, TypeError, RuntimeError)

# One picture is too little work for two threads: measured, the second one slows it down. Less
# than no thread between operations means the caller's own; TensorFlow 1.4 ends the process on it.
THREADS_IN_OPERATION = 1
THREADS_BETWEEN_OPERATIONS = -1
THREADS_BETWEEN_THEM_BEFORE_1_15 = 1

# Before this release that thread is the session's own, for the host's sessions may have begun theirs
# where NumPy's matrix product (OpenBLAS, seen with NumPy 1.16) had left the upper halves of vector
# registers in use. A thread inherits that, and TensorFlow 1.4, built without AVX, takes two and a
# half times as long in it for one picture. Reading the checkpoint leaves none in use.
CALLERS_THREAD = (1, 15)

# Before this release one picture's product with a matrix of so many numbers takes half of the
# time if the matrix is stored on its side. Measured: 1.4, 1.15 and 2.1; not so 2.11 and later.
AT_EASE_WITH_MATRICES = (2, 11)
LARGE_MATRIX = 1 << 20

_LOCK = threading.Lock()
_LOADED = {}


def load():
    """Import TensorFlow once.

    Returns:
        The module of TensorFlow 1 names.

    Raises:
        errors.TensorFlowError: If it cannot be imported, with the reason; when asked again,
            at once, for a failing import can take as long as a good one.
    """
    with _LOCK:
        if not _LOADED:
            _LOADED.update(_import())
    if "module" in _LOADED:
        return _LOADED["module"]
    raise errors.TensorFlowError(python="%d.%d" % sys.version_info[:2], reason=_LOADED["reason"])


def installed():
    """Tell whether there is a TensorFlow, now that importing it has failed."""
    return not _LOADED.get("absent", False)


def _import():
    try:
        import tensorflow

        # Its parts may be imported only when they are asked for, and fail then.
        module = getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)
        lacking = [name for name in NEEDED if not _has(module, name)]
        if lacking:
            where = getattr(tensorflow, "__file__", None) or "an empty folder"
            return {"reason": "Its module, %s, has no '%s'." % (where, lacking[0])}
        _release(module)
        return {"module": module, "version": tensorflow.__version__}
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # A broken installation raises whatever it likes: AttributeError, SystemExit, and what
        # libraries in other languages have for a panic.
        absent = isinstance(error, ImportError) and _names_tensorflow(error)
        return {"reason": _reason(error), "absent": absent}


def _has(module, name):
    for part in name.split("."):
        if not hasattr(module, part):
            return False
        module = getattr(module, part)
    return True


def _names_tensorflow(error):
    # Python 2's ImportError has the name in its text only.
    return (
        getattr(error, "name", None) == "tensorflow" or str(error) == "No module named tensorflow"
    )


def _reason(error):
    try:
        text = _compat.native(error).strip()
    except Exception:  # what it says may be as broken as the rest
        text = ""
    reason = type(error).__name__ + (": " + text if text else "")
    if sys.flags.optimize > 1 and not isinstance(error, ImportError):
        return reason.rstrip(".") + ". " + NO_DOCSTRINGS
    return reason


class Engine(object):
    """One checkpoint, restored and ready to answer.

    Attributes:
        name: What the node shows.
        size: Bytes that it holds.
    """

    def __init__(self, checkpoint, device="auto"):
        """Build the graph and restore the variables, which the reader has verified.

        Args:
            checkpoint: checkpoint.Checkpoint.
            device: "auto" (a GPU if there is one), "cpu" or "gpu".

        Raises:
            errors.EngineError: In one of its kinds.
            errors.CheckpointChanging: If TensorFlow read other values than the reader did.
        """
        tf = load()
        self.name = "%s %s" % (NAME, _LOADED["version"])
        self.size = sum(values.nbytes for values in checkpoint.variables.values())
        self._errors = tf.errors.OpError
        self._path = checkpoint.prefix
        self._session = None
        self._run_layers = None
        try:
            self._build(tf, checkpoint, device)
        except errors.InferenceError:
            self.close()
            raise
        except (self._errors, AttributeError, EnvironmentError) + WRONG_GRAPH as error:
            self.close()
            raise self._failure(error)

    def _build(self, tf, checkpoint, device):
        shape = checkpoint.network.shape
        graph = tf.Graph()
        with graph.as_default(), tf.device("/gpu:0" if device == "gpu" else None):
            pictures = tf.placeholder(tf.float32, [None, shape[0] * shape[1] * shape[2]])
            stored = {
                name: tf.get_variable(name, values.shape, kind, _zeros(tf), use_resource=True)
                for name, values, kind in _rows(checkpoint)
            }
            variables = {name: tf.cast(tf.identity(stored[name]), tf.float32) for name in stored}
            turned = _turned(tf, variables)
            self.size += sum(4 * twin.get_shape().num_elements() for _, twin in turned)
            known = _Products(tf, turned) if turned else tf
            self._layers = _tensors(checkpoint.network, known, pictures, variables)
            saver = tf.train.Saver({checkpoint.stored[name][0]: stored[name] for name in stored})
        self._pictures = pictures
        self._open(tf, graph, device)
        # Outside of the graph TensorFlow 2 is eager, and so would be the saver.
        with graph.as_default(), paths.plain(checkpoint.prefix) as prefix:
            saver.restore(self._session, prefix)
            self._session.run([twin.initializer for _, twin in turned])
        self._check(checkpoint, variables)
        with own.Told(checkpoint.network, WRONG_GRAPH):
            self._run = self._session.make_callable(self._layers[-1][1], [pictures])

    def _open(self, tf, graph, device):
        """Start the session.

        Raises:
            errors.DeviceMissing: If a GPU is asked for and there is none.
        """
        self._session = tf.Session(graph=graph, config=_config(tf, device))
        if device == "gpu" and not _gpus(self._session):
            raise errors.DeviceMissing(engine=self.name)

    def _check(self, checkpoint, variables):
        """Compare what TensorFlow restored with what was verified: the files may have changed."""
        restored = self._session.run(variables)
        for name, values in checkpoint.variables.items():
            if not _same(restored[name], values):
                raise errors.CheckpointChanging(path=checkpoint.prefix, times=1)

    def logits(self, pictures):
        """Return float32 [N, classes] for float32 [N, height * width * channels]."""
        try:
            return self._run(pictures)
        except self._errors as error:
            raise self._failure(error)

    def layers(self, pictures):
        """Return ((name, array), ...) in the order of computation, logits last."""
        tensors = [tensor for _, tensor in self._layers]
        try:
            if self._run_layers is None:
                self._run_layers = self._session.make_callable(tensors, [self._pictures])
            arrays = self._run_layers(pictures)
        except (self._errors,) + WRONG_GRAPH as error:
            raise self._failure(error)
        return tuple((name, array) for (name, _), array in zip(self._layers, arrays))

    def close(self):
        """Let go of the session and with it of the variables."""
        if self._session is not None:
            self._session.close()
        self._session = self._run = self._run_layers = None
        self._layers = self._pictures = None
        self.size = 0

    def _failure(self, error):
        return errors.TensorFlowFailed(path=self._path, reason=reason_of(error))


def parsed_saved_model(data):
    """Return the SavedModel message in a file's bytes; protobuf raises kinds of its own.

    Its class has no public name in TensorFlow.
    """
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel.FromString(data)


def _same(restored, values):
    """Tell whether TensorFlow has the values; 1.4 casts what is too small for float32 to zero."""
    if numpy.array_equal(restored, values):
        return True
    tiny = numpy.abs(values) < numpy.finfo(numpy.float32).tiny
    return restored.shape == values.shape and bool(((restored == values) | tiny).all())


def _turned(tf, variables):
    """Return [(tensor, variable with the same matrix on its side), ...] where that helps."""
    if _release(tf) >= AT_EASE_WITH_MATRICES:
        return []
    shapes = [(tensor, tensor.get_shape()) for tensor in variables.values()]
    matrices = [(tensor, shape) for tensor, shape in shapes if shape.ndims == 2]
    return [
        (tensor, tf.Variable(tf.transpose(tensor), trainable=False))
        for tensor, shape in matrices
        if shape.num_elements() >= LARGE_MATRIX
    ]


class _Products(object):
    """TensorFlow for a network's function, with a matrix product that uses the turned matrices."""

    def __init__(self, tf, turned):
        self._tf = tf
        self._turned = [(tensor, tf.identity(twin)) for tensor, twin in turned]

    def __getattr__(self, name):
        return getattr(self._tf, name)

    def matmul(self, a, b, *args, **kwargs):
        for tensor, twin in self._turned:
            if b is tensor and not args and not set(kwargs) - {"name"}:
                return self._tf.matmul(a, twin, transpose_b=True, **kwargs)
        return self._tf.matmul(a, b, *args, **kwargs)


def _tensors(network, tf, pictures, variables):
    """Return the network's layers, ((name, tensor), ...).

    Raises:
        errors.NetworkLayersInvalid: If one is an array, which TensorFlow would only print.
    """
    layers = tuple(network.layers(tf, pictures, variables))
    for name, tensor in layers:
        if isinstance(tensor, numpy.ndarray):
            reason = "'%s' is a NumPy array, expected a tensor." % name
            raise errors.NetworkLayersInvalid(network=network.name, reason=reason)
    return layers


def _rows(checkpoint):
    for name in sorted(checkpoint.variables):
        yield name, checkpoint.variables[name], checkpoint.stored[name][1]


def _zeros(tf):
    # Never run: the values come from the checkpoint.
    return tf.zeros_initializer()


def _release(tf):
    return tuple(int(number) for number in tf.__version__.split(".")[:2])


def _config(tf, device):
    recent = _release(tf) >= CALLERS_THREAD
    between = THREADS_BETWEEN_OPERATIONS if recent else THREADS_BETWEEN_THEM_BEFORE_1_15
    config = tf.ConfigProto(
        intra_op_parallelism_threads=THREADS_IN_OPERATION,
        inter_op_parallelism_threads=between,
        use_per_session_threads=not recent,
        allow_soft_placement=True,
    )
    # Otherwise the first session takes all of the GPU's memory, which Houdini draws with.
    config.gpu_options.allow_growth = True
    if device == "cpu":
        config.device_count["GPU"] = 0
    return config


def _gpus(session):
    return [device for device in session.list_devices() if device.device_type == "GPU"]


def reason_of(error):
    """Return the line that tells what is wrong; the others are for TensorFlow's developers."""
    message = getattr(error, "message", None) or _compat.native(error) or type(error).__name__
    lines = [line for line in message.split("\n") if line.strip()]
    nodes = [number for number, line in enumerate(lines) if line.strip().startswith("[[")]
    return lines[max(nodes[0] - 1, 0) if nodes else 0].strip()
