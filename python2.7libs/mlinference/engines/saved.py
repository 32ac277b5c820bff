"""TensorFlow runs a SavedModel or a frozen graph, in a graph and session of its own.

Nothing is added to the default graph, and eager mode stays as the host has it, as with
checkpoints (`engines.tensorflow1`).
"""

import collections
import os
import re
import sys

import numpy

from mlinference import _compat, errors, saved
from mlinference.engines import graphs, paths, signature, tensorflow1

# Of the graphs in a SavedModel the one that is meant for use, and its usual signature.
TAG, SIGNATURE = "serve", "serving_default"

# How TensorFlow's own signatures begin, which are not for pictures.
INTERNAL = "__saved_model"

# Pictures that are asked about when a model is loaded: paper, ink and noise.
PROBES = 8

# Answers to one picture that differ by this part are no matter of rounding.
RANDOM = 1e-3

# Below the smallest ordinary float32, so that the logarithm of 0 stays finite.
TINY = 1e-38

# What a loader found: graphs.Graph, signature.Tensors that may go in and come out.
Loaded = collections.namedtuple("Loaded", "graph inputs outputs")


class Engine(tensorflow1.Engine):
    """One SavedModel or frozen graph, loaded and ready to answer.

    Attributes:
        name: What the node shows.
        size: Bytes that it holds.
    """

    def __init__(self, model, engine="auto", device="auto"):
        """Load it, and write into the model what was found.

        Args:
            model: saved.Model.
            engine: Token of the node's Engine; "numpy" is refused.
            device: As for tensorflow1.Engine.

        Raises:
            errors.ModelWithNumpy, errors.ModelWithoutTensorFlow: If TensorFlow is not to run
                it, or cannot.
            errors.CheckpointError, errors.EngineError: In one of their kinds.
        """
        if engine == "numpy":
            raise errors.ModelWithNumpy(path=model.prefix, kind=model.kind)
        reason = None
        try:
            super(Engine, self).__init__(model, device)
        except errors.TensorFlowError as error:
            reason = error.found
        if reason is not None:
            python = "%d.%d" % sys.version_info[:2]
            raise errors.ModelWithoutTensorFlow(path=model.prefix, python=python, reason=reason)
        self.size = model.size

    def logits(self, pictures):
        """Return float32 [N, classes]; of probabilities their logarithms, which are logits too."""
        if not len(pictures):
            return numpy.zeros((0, self._classes), numpy.float32)
        try:
            answers = self._answers(pictures)
        except self._errors as error:
            raise self._failure(error)
        if self._values == signature.PROBABILITIES:
            return numpy.log(numpy.maximum(answers, numpy.float32(TINY)))
        return answers

    def layers(self, pictures):
        """Return ((name, array),): the answer alone, for what lies before it is the model's own."""
        return (("logits", self.logits(pictures)),)

    def _build(self, tf, model, device):
        self._writer = ""
        failure = None
        try:
            with tf.Graph().as_default() as graph:
                self._open(tf, graph, device)
                self._take(tf, graph, model, self._load(tf, model))
        except errors.InferenceError as error:
            failure = error
        except Exception as error:  # foreign graphs make TensorFlow raise whatever it likes
            failure = self._failure(error)
        try:
            # Files that were replaced meanwhile explain any failure, and are read again.
            if saved.stamp(model.prefix) != model.stamp:
                raise errors.CheckpointChanging(path=model.prefix, times=1)
            if failure is not None:
                raise failure
        finally:
            # It has this frame in its traceback, and with it all that was read.
            failure = None

    def _load(self, tf, model):
        """Put the model into the default graph of this moment; return what was Loaded."""
        if model.kind == saved.SAVED_MODEL:
            meta = _serving(model)
            self._writer = _compat.native(meta.meta_info_def.tensorflow_version)
            return _load_saved_model(tf, self._session, model, meta)
        return _load_frozen_graph(tf, model)

    def _take(self, tf, graph, model, loaded):
        """Find out what goes in and what comes out, and try it."""
        source, answer = signature.chosen(model, loaded.graph, loaded.inputs, loaded.outputs)
        if not loaded.graph.depends(answer.name, source.name):
            found = "%s does not depend on %s." % (signature.said(answer), signature.said(source))
            raise errors.ModelUnfit(path=model.prefix, found=found)
        self._picture = signature.Picture(model, source)
        feeds = _feeds(graph, model, loaded.graph, source, answer)
        order = sorted(feeds)
        self._fixed = [feeds[tensor] for tensor in order]
        self._run = self._session.make_callable(
            tf.cast(graph.get_tensor_by_name(answer.name), tf.float32),
            [graph.get_tensor_by_name(tensor.name) for tensor in [source] + order],
        )
        probes = _probes(self._picture.pixels)
        answers = self._answers(probes)
        if answers.shape[1] < 2:
            found = "It answers %s, one number a picture." % signature.said(answer)
            raise errors.ModelUnfit(path=model.prefix, found=found)
        self._values = signature.values(model, loaded.graph, answer, answers)
        self._classes = answers.shape[1]
        model.describe(self._picture.network, self._classes)
        if abs(answers - self._answers(probes)).max() > RANDOM * max(1, abs(answers).max()):
            sidecar = saved.sidecar_path(model.prefix)
            model.cautions += (errors.ModelRandom(path=model.prefix, sidecar=sidecar),)

    def _answers(self, pictures):
        """Return what the graph answers, float32 [N, numbers]; at least one picture."""
        fed = self._picture.fed(pictures)
        count = self._picture.batch or len(fed)
        answers = []
        for start in range(0, len(fed), count):
            part = fed[start : start + count]
            whole = _filled(part, self._picture.batch)
            answered = self._run(whole, *self._fixed)
            if len(whole) > 1 and answered.shape[:1] != (len(whole),):
                shape = "x".join(str(size) for size in answered.shape) or "one number"
                found = "It answers %s for %d pictures." % (shape, len(whole))
                raise errors.ModelUnfit(path=self._path, found=found)
            answers.append(answered.reshape(len(whole), -1)[: len(part)])
        return numpy.concatenate(answers)

    def _failure(self, error):
        reason = _shortened(tensorflow1.reason_of(error))
        if self._writer:
            reason = "TensorFlow %s wrote it: %s" % (self._writer, reason)
        return errors.ModelUnloadable(engine=self.name, path=self._path, reason=reason)


def _shortened(reason):
    """Leave out an operation's definition and advice to TensorFlow's developers; add a stop."""
    reason = re.sub(r"Op<name=([^;]+);.*>; NodeDef", r"operation '\1'; NodeDef", reason)
    reason = re.sub(r"\s*\(Check whether your GraphDef-interpreting.*$", "", reason)
    return reason if reason.endswith(".") else reason + "."


def _filled(pictures, count):
    """Return `count` pictures, the last ones empty; all of them where any number will do."""
    lacking = count - len(pictures) if count else 0
    if not lacking:
        return pictures
    empty = numpy.zeros((lacking,) + pictures.shape[1:], pictures.dtype)
    return numpy.concatenate([pictures, empty])


# -- A SavedModel -----------------------------------------------------------------------------


def _serving(model):
    """Return the MetaGraphDef with TAG, of several the one with the fewest other tags."""
    stored = _parsed(model, tensorflow1.parsed_saved_model)
    if not stored.meta_graphs:
        raise errors.CheckpointDamaged(path=model.prefix, reason="Its graph is empty.")
    found = [each for each in stored.meta_graphs if TAG in each.meta_info_def.tags]
    if not found:
        tags = {tag for each in stored.meta_graphs for tag in each.meta_info_def.tags}
        known = ", ".join("'%s'" % tag for tag in sorted(tags)) or "none"
        text = "None of its graphs has the tag '%s'; they have %s." % (TAG, known)
        raise errors.ModelUnfit(path=model.prefix, found=text)
    return min(found, key=lambda each: len(each.meta_info_def.tags))


def _parsed(model, parse):
    data = model.graph()
    reason = None
    try:
        found = parse(data)
    except Exception as error:  # protobuf's own kinds, by version
        reason = "Its graph cannot be parsed: %s" % (_compat.native(error) or type(error).__name__)
    if reason is not None:
        raise errors.CheckpointDamaged(path=model.prefix, reason=_shortened(reason))
    return found


def _load_saved_model(tf, session, model, meta):
    graph = graphs.Graph(meta.graph_def)
    _check_calls(model, graph)
    _check_variables(model, graph)
    chosen = _signature(model, meta.signature_def)
    load = tf.saved_model.loader.load
    # What wraps it prints that it is deprecated; its successor knows no session.
    load = getattr(load, "__wrapped__", load)
    tags = list(meta.meta_info_def.tags)
    reason = None
    try:
        with paths.plain(model.prefix, folder=True) as folder:
            load(session, tags, folder, clear_devices=True)
    except tf.errors.DataLossError as error:
        reason = tensorflow1.reason_of(error)
    if reason is not None:
        raise errors.CheckpointDamaged(path=model.prefix, reason=_shortened(reason))
    ends = [
        [_of_info(tf, key, info) for key, info in sorted(each.items()) if info.name]
        for each in (chosen.inputs, chosen.outputs)
    ]
    return Loaded(graph, *ends)


def _check_variables(model, graph):
    """Refuse a folder without values; TensorFlow would load it and fail at the first answer."""
    held = graph.of_kinds(graphs.VARIABLES)
    index = saved.files(model.prefix)[1]
    if held and not os.path.isfile(index):
        reason = "There is no '%s', with the values of '%s'." % (index, held[0])
        raise errors.CheckpointDamaged(path=model.prefix, reason=reason)


def _signature(model, signatures):
    """Return the signature that the sidecar names, else the usual one, else the only one."""
    names = sorted(_compat.native(name) for name in signatures if not name.startswith(INTERNAL))
    wanted = model.sidecar.get("signature")
    if wanted is None:
        wanted = SIGNATURE if SIGNATURE in names or len(names) != 1 else names[0]
    if not names:
        raise errors.ModelUnfit(path=model.prefix, found="It has no signature.")
    if wanted not in names:
        known = ", ".join("'%s'" % name for name in names)
        found = "It has no signature '%s'; it has %s." % (wanted, known)
        raise signature.opened(model, found, '"signature": ...')
    return signatures[wanted]


def _of_info(tf, key, info):
    """Return the Tensor of a signature's TensorInfo."""
    shape = None
    if not info.tensor_shape.unknown_rank:
        sizes = [int(dimension.size) for dimension in info.tensor_shape.dim]
        shape = tuple(None if size < 0 else size for size in sizes)
    kind = tf.as_dtype(info.dtype).name
    return signature.Tensor(_compat.native(key), _compat.native(info.name), kind, shape)


# -- A frozen graph ---------------------------------------------------------------------------


def _load_frozen_graph(tf, model):
    definition = _parsed(model, tf.GraphDef.FromString)
    if not definition.node:
        raise errors.CheckpointDamaged(path=model.prefix, reason="Its graph is empty.")
    graph = graphs.Graph(definition)
    _check_calls(model, graph)
    variables = graph.of_kinds(graphs.VARIABLES)
    if variables:
        raise errors.ModelWithoutValues(path=model.prefix, name=variables[0])
    for node in definition.node:
        node.device = ""  # of the machine that wrote it
    tf.import_graph_def(definition, name="")
    answers = graph.answers()
    sources = graph.before(answers, graphs.PLACEHOLDERS + graphs.WITH_DEFAULT)
    named = model.told("output").get("name")
    if named:
        answers.append(named)
    here = tf.get_default_graph()
    ends = [[_of_name(here, name) for name in names] for names in (sources, answers)]
    return Loaded(graph, *([tensor for tensor in each if tensor] for each in ends))


def _of_name(graph, name):
    """Return the Tensor called `name` or `name`:0, None if there is none."""
    name = _compat.native(name)
    try:
        tensor = graph.get_tensor_by_name(name if ":" in name else name + ":0")
    except (KeyError, ValueError):
        return None
    shape = None if tensor.shape.dims is None else tuple(tensor.shape.as_list())
    key, kind = name.split(":")[0], tensor.dtype.base_dtype.name
    return signature.Tensor(key, _compat.native(tensor.name), kind, shape)


# -- Both -------------------------------------------------------------------------------------


def _check_calls(model, graph):
    for name, kind in graph.python_calls():
        raise errors.ModelCallsPython(path=model.prefix, name=name, kind=kind)


def _feeds(graph, model, definition, source, answer):
    """Return {Tensor: array} of all that has to be fed beside the pictures."""
    needed = definition.before([answer.name], graphs.PLACEHOLDERS)
    tensors = [_of_name(graph, name) for name in needed if name != source.name.split(":")[0]]
    return signature.other_feeds(model, tensors, lambda name: _of_name(graph, name))


def _probes(pixels):
    """Return PROBES pictures, float32: paper, ink, and noise of growing strength."""
    random = numpy.random.RandomState(0)
    strengths = numpy.linspace(0, 1, PROBES).reshape(-1, 1)
    pictures = random.uniform(size=(PROBES, pixels)) * strengths
    pictures[1] = 1
    return pictures.astype(numpy.float32)
