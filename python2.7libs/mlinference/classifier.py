"""Pictures to probabilities: a checkpoint, an engine to run it, and one of each for all nodes.

`shared` is what a cook calls. It keeps classifiers by checkpoint, state of its files, engine
and, but for NumPy, device, so that ten nodes with one checkpoint load it once, and a checkpoint
that was rewritten is loaded anew at the next cook.
"""

import collections
import threading
import weakref

import numpy

from mlinference import checkpoint as checkpoints
from mlinference import errors, models, moments, own, saved
from mlinference.engines import plain, tensorflow1
from mlinference.engines import saved as saved_engine

# Menu tokens. Auto: TensorFlow where it works, for it is what restores the checkpoint in the
# article; NumPy, with the same answer, where it does not.
ENGINES = ("auto", "tensorflow", "numpy")
DEVICES = ("auto", "cpu", "gpu")

# Bytes of variables that unused classifiers may hold: twenty of the article's network.
BUDGET = 256 * 1024 * 1024

# What Python calls the arrays that NumPy's engine has for tensors, and their shapes.
ARRAYS = ("'Tensor' object", "numpy.ndarray", "'tuple' object")

# Pictures that go through the network at once; more only cost memory.
BATCH = 64


class Classifier(object):
    """A network with its variables, ready to answer; used by several threads at once.

    Attributes:
        checkpoint: checkpoint.Checkpoint, its variables empty if TensorFlow has them; or
            saved.Model.
        engine: Name and version of what computes, "TensorFlow 2.21.0" or "NumPy 2.4.6".
        labels: The classes' names, tuple of str.
        shape: (height, width, channels) of the pictures.
        picture: What the network looks at, networks.INK or networks.COLOUR.
        aligned: Whether `moments.align` prepares the pictures.
        stamps: State of the checkpoint's files and of the network's module, when read.
        size: Bytes that it holds.
        closed: Whether `close` was called.
    """

    def __init__(self, checkpoint, engine="auto", device="auto"):
        """Take an engine.

        Args:
            checkpoint: checkpoint.Checkpoint.
            engine: Token of ENGINES.
            device: Token of DEVICES; NumPy does not look at it.

        Raises:
            errors.EngineError: If it cannot run the checkpoint.
        """
        self._engine, self._replaced = _engine(checkpoint, engine, device)
        self.checkpoint = checkpoint
        self.engine = self._engine.name
        self.labels = checkpoint.labels
        self.shape = checkpoint.network.shape
        self.picture = checkpoint.network.picture
        self.aligned = checkpoint.aligned
        self.stamps = checkpoint.stamp, checkpoint.network.stamp
        self.size = self._engine.size
        self.closed = False
        self._pixels = self.shape[0] * self.shape[1] * self.shape[2]
        self._scale = numpy.float32(1 / checkpoint.temperature)
        if checkpoint.network.own:
            self._try(engine)
        if not isinstance(self._engine, plain.Engine):
            checkpoint.variables = {}

    def _try(self, engine):
        """Let a network of the user's answer once, for what its definition alone does not tell.

        Raises:
            errors.NetworkError: If it does not, or not as the contract says.
        """
        network, classes = self.checkpoint.network, self.checkpoint.classes
        try:
            # One, as most cooks ask for, has an axis that squeezing takes away.
            for count in (2, 1):
                pictures = numpy.zeros((count, self._pixels), numpy.float32)
                own.check_answers(network.name, self.layers(pictures), count, classes)
            return
        except errors.TensorFlowFailed as error:
            failure = errors.NetworkFails(
                function="layers", network=network.name, reason=error.found
            )
        except errors.InferenceError as error:
            failure = error
        replaces = engine == "auto" and isinstance(self._engine, plain.Engine)
        self.close()
        raise _needs_tensorflow(network, failure) if replaces else failure

    @property
    def cautions(self):
        """What to tell the user, a tuple of errors.Caution.

        That a broken TensorFlow was replaced is told once in a process.
        """
        told = () if self._replaced is None else _once(self._replaced)
        return self.checkpoint.cautions + told

    def predict(self, pictures):
        """Return how probable each class is.

        Args:
            pictures: float32 [N, height * width * channels], rows top first, 0 paper, 1 ink.

        Returns:
            float32 [N, classes], each row 0 to 1 with the sum 1.

        Raises:
            errors.EngineError: If the engine fails or answers with NaN.
        """
        logits = self._logits(self.seen(pictures))
        probabilities = plain.softmax(logits * self._scale)
        # One NaN makes the minimum NaN, which is not at least anything.
        if len(probabilities) and not probabilities.min() >= 0:
            raise errors.AnswerNotFinite(path=self.checkpoint.prefix, engine=self.engine)
        return probabilities

    def _logits(self, pictures):
        if len(pictures) <= BATCH:
            return numpy.asarray(self._engine.logits(pictures), numpy.float32)
        starts = range(0, len(pictures), BATCH)
        return numpy.concatenate(
            [self._logits(pictures[start : start + BATCH]) for start in starts]
        )

    def layers(self, pictures):
        """Return what each layer answers, ((name, float32 array), ...), the logits last.

        Args:
            pictures: As for `predict`; at most BATCH of them.
        """
        return self._engine.layers(self.seen(pictures))

    def seen(self, pictures):
        """Return pictures as for `predict` in the way in which the network is shown them."""
        pictures = numpy.asarray(pictures, numpy.float32)
        if pictures.ndim != 2 or pictures.shape[1] != self._pixels:
            text = "pictures have shape %s, not [N, %d]"
            raise ValueError(text % (pictures.shape, self._pixels))
        if self.closed:
            raise ValueError("the classifier is closed")
        return moments.align(pictures, self.shape) if self.aligned else pictures

    def close(self):
        """Let go of session and variables. Closing twice is harmless."""
        self.closed = True
        self._engine.close()


def _needs_tensorflow(network, failure):
    """Return what to tell of a network that fails where NumPy stands in for TensorFlow."""
    missing = isinstance(failure, errors.OperationMissing)
    found = failure.problem if missing else failure.found
    # An array that is asked for a tensor's methods; anything else is wrong for TensorFlow too.
    if not missing and not any(kind in found for kind in ARRAYS):
        return failure
    try:
        tensorflow1.load()
    except errors.TensorFlowError as error:
        reason = error.found
        return errors.NetworkNeedsTensorFlow(network=network.name, reason=reason, found=found)
    return failure


_TOLD = set()


def _once(caution):
    if type(caution) in _TOLD:
        return ()
    _TOLD.add(type(caution))
    return (caution,)


def _engine(checkpoint, engine, device):
    """Return (engine, None), or (NumPy's, the caution that it stands in for a broken one)."""
    if isinstance(checkpoint, saved.Model):
        return saved_engine.Engine(checkpoint, engine, device), None
    if engine == "numpy":
        return plain.Engine(checkpoint, device), None
    try:
        return tensorflow1.Engine(checkpoint, device), None
    except errors.TensorFlowError as error:
        if engine == "tensorflow":
            raise
        reason = error.found
    replaced = errors.TensorFlowReplaced(reason=reason) if tensorflow1.installed() else None
    return plain.Engine(checkpoint, device), replaced


# -- Sharing ----------------------------------------------------------------------------------

_LOCK = threading.Lock()
_CACHE = collections.OrderedDict()
# Locks, weakly: each goes with the last thread that holds it or waits for it, whether loading
# succeeds or fails. To take it away sooner would let the next one load beside those that wait.
_LOADING = weakref.WeakValueDictionary()


def shared(path="", engine="auto", device="auto", network=""):
    """Return the classifier for a checkpoint, the same one to everybody who asks.

    Args:
        path: As for models.resolve; blank for the bundled checkpoint.
        engine: Token of ENGINES.
        device: Token of DEVICES; NumPy does not look at it.
        network: As for own.find; blank to find out from the variables.

    Raises:
        errors.InferenceError: The checkpoint or the engine cannot be used, or a token is none.
    """
    prefix = models.resolve(path)
    if engine == "numpy" and device in DEVICES:
        # Another copy of the variables would answer the same.
        device = "auto"
    key = prefix, engine, device, network.strip()
    found = _fresh(key)
    if found is not None:
        return found
    with _LOCK:
        loading = _LOADING.setdefault(key, threading.Lock())
    # One loads and the others wait for it; those with other checkpoints go on.
    with loading:
        found = _fresh(key)
        if found is None:
            found = _loaded(prefix, engine, device, network)
            _keep(key, found)
    return found


def _fresh(key):
    """Return the classifier that is kept under `key` if its files are as they were."""
    stamps = models.stamp(key[0]), own.stamp(key[3])
    with _LOCK:
        found = _CACHE.pop(key, None)
        if found is None or found.closed or found.stamps != stamps:
            return None
        _CACHE[key] = found
        return found


def _keep(key, found):
    """Keep a classifier, and let go of those that were not asked for the longest."""
    with _LOCK:
        _CACHE[key] = found
        total = sum(each.size for each in _CACHE.values())
        while total > BUDGET and len(_CACHE) > 1:
            # Not closed: a cook may be using it. It goes when the last user does.
            _, oldest = _CACHE.popitem(last=False)
            total -= oldest.size


def _loaded(prefix, engine, device, network):
    _check_token("engine", "Engine", engine, ENGINES)
    _check_token("device", "Device", device, DEVICES)
    for _ in range(checkpoints.ATTEMPTS):
        checkpoint = models.read(prefix, own.find(network))
        try:
            return Classifier(checkpoint, engine, device)
        except errors.InferenceError:
            # A file that was replaced after it was verified is verified again.
            if models.stamp(prefix) == checkpoint.stamp:
                raise
    raise errors.CheckpointChanging(path=prefix, times=checkpoints.ATTEMPTS)


def _check_token(kind, label, name, tokens):
    if name not in tokens:
        known = ", ".join("'%s'" % token for token in tokens)
        raise errors.EngineUnknown(kind=kind, label=label, name=name, known=known)


def reload(path="", network=""):
    """Forget what was loaded from a checkpoint and of a network, whatever their files say."""
    own.forget(network)
    try:
        prefix = models.resolve(path)
    except errors.CheckpointError:
        return
    with _LOCK:
        for key in [key for key in _CACHE if key[0] == prefix]:
            del _CACHE[key]


def clear():
    """Forget everything that was loaded."""
    with _LOCK:
        _CACHE.clear()
