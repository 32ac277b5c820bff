"""Keras: .h5 of a whole model or of weights, as Keras 2 and 3 write them, and .keras.

Keras itself is not needed, only h5py. A whole model brings its architecture, which has to be
one of our networks to the last stride; weights alone are recognised by their shapes.
"""

import io
import json
import re
import zipfile

import numpy

from mlinference import _compat, errors, own
from mlinference.conversion import chain, libraries
from mlinference.conversion.model import of_chain, of_weights

# What we write says it is of these versions, the oldest that the files were seen to load in.
KERAS_2, KERAS_3 = "2.3.0", "3.0.0"

# Our own member or attribute: the sidecar as JSON. Keras does not look at it.
SIDECAR = "mlinference.json"
CONFIG, WEIGHTS = "config.json", "model.weights.h5"

# Layers that do nothing at inference.
IDLE = ("Dropout", "GaussianNoise", "GaussianDropout", "SpatialDropout2D", "ActivityRegularization")

PLAIN_WEIGHTS = (
    "The file holds weights only: activations, strides and padding are taken to be those of '%s'."
)
NOTHING_TOLD = (
    "Labels and alignment are not known: its classes get numbers, its pictures are not aligned."
)


# -- Writing ----------------------------------------------------------------------------------


def write_h5(path, model, options):
    """Write a whole model as Keras 2 does; Keras 3 reads it too.

    Args:
        options: Has `channels`, "first" or "last".
    """
    h5py = libraries.load("h5py", ".h5")
    layers = _Layers(model, options.channels)
    config = {"name": _model_name(model), "layers": layers.configs(_keras_2)}
    with h5py.File(path, "w") as stored:
        stored.attrs["keras_version"] = _bytes(KERAS_2)
        stored.attrs["backend"] = b"tensorflow"
        stored.attrs["model_config"] = _bytes(json.dumps({"class_name": "Sequential", "config": config}))
        stored.attrs[SIDECAR] = _bytes(json.dumps(model.folded().described()))
        _write_by_layer(stored.create_group("model_weights"), layers)


def _model_name(model):
    """Return the network's name as TensorFlow takes one; the sidecar has it as it is."""
    return re.sub("[^A-Za-z0-9_]", "_", model.network.name)


def write_weights(path, model, options):
    """Write weights that `load_weights` of Keras 2 and 3 reads: each array once, linked twice."""
    h5py = libraries.load("h5py", ".h5")
    layers = _Layers(model, options.channels)
    with h5py.File(path, "w") as stored:
        stored.attrs[SIDECAR] = _bytes(json.dumps(model.folded().described()))
        _write_by_layer(stored, layers)
        for name, arrays in layers.weights():
            if arrays:
                for number, part in enumerate(("kernel", "bias")):
                    link = "layers/%s/vars/%d" % (name, number)
                    stored[link] = stored["%s/%s/%s:0" % (name, name, part)]


def write_keras(path, model, options):
    """Write Keras 3's own format."""
    h5py = libraries.load("h5py", ".keras")
    layers = _Layers(model, options.channels)
    config = {"name": _model_name(model), "layers": layers.configs(_keras_3)}
    shape = {"input_shape": [None] + layers.input_shape}
    members = (
        ("metadata.json", {"keras_version": KERAS_3, "date_saved": "1980-01-01@00:00:00"}),
        (CONFIG, dict(_keras_3("Sequential", config, "keras"), build_config=shape)),
        (SIDECAR, model.folded().described()),
    )
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as stored:
        for name, arrays in layers.weights():
            # Keras looks for a group of every layer, empty or not.
            group = stored.create_group("layers/%s/vars" % name)
            for number, array in enumerate(arrays):
                group.create_dataset(str(number), data=array)
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members:
            target.writestr(zipfile.ZipInfo(name), json.dumps(content, indent=1).encode("ascii"))
        target.writestr(zipfile.ZipInfo(WEIGHTS), buffer.getvalue())


def _write_by_layer(group, layers):
    names = [name for name, _ in layers.weights()]
    group.attrs["layer_names"] = numpy.array([_bytes(name) for name in names])
    group.attrs["backend"] = b"tensorflow"
    group.attrs["keras_version"] = _bytes(KERAS_2)
    for name, arrays in layers.weights():
        parts = ["%s/%s:0" % (name, part) for part in ("kernel", "bias")][: len(arrays)]
        inner = group.create_group(name)
        inner.attrs["weight_names"] = numpy.array([_bytes(part) for part in parts], "S")
        for part, array in zip(parts, arrays):
            inner.create_dataset(part, data=array)


def _bytes(text):
    return text.encode("utf-8")


def _keras_2(kind, config, module="keras.layers"):
    if kind == "InputLayer":
        config = {"batch_input_shape": config["batch_shape"], "dtype": "float32", "name": config["name"]}
    return {"class_name": kind, "config": config}


def _keras_3(kind, config, module="keras.layers"):
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


class _Layers(object):
    """A model as a list of Keras layers.

    Attributes:
        input_shape: [height, width, channels], or channels first.
        rows: [(class name, config, arrays), ...].
    """

    def __init__(self, model, channels):
        self.format = "channels_" + channels
        height, width, depth = model.network.shape
        first = channels == "first"
        self.input_shape = [depth, height, width] if first else [height, width, depth]
        self.rows = []
        self.counts = {}
        # The name that Keras would give it, which Keras 3 looks for in the file of weights.
        self._add("InputLayer", "input_layer", batch_shape=[None] + self.input_shape)
        flat = False
        for step in model.folded().steps() + [chain.Activation("softmax")]:
            if isinstance(step, chain.Dense) and not flat:
                # With its own format it puts channels last before it flattens.
                self._add("Flatten", "flatten", data_format=self.format)
                flat = True
            self._step(step)

    def _step(self, step):
        if isinstance(step, chain.Activation):
            self._add("Activation", "activation", activation=step.name)
        elif isinstance(step, chain.Dense):
            units = int(step.kernel.shape[1])
            self._add("Dense", "dense", (step.kernel, step.bias), units=units, activation="linear")
        elif isinstance(step, chain.Pool):
            self._add("MaxPooling2D", "max_pooling2d", pool_size=list(step.size), **self._shared(step))
        else:
            height, width, _, filters = (int(size) for size in step.kernel.shape)
            self._add(
                "Conv2D",
                "conv2d",
                (step.kernel, step.bias),
                filters=filters,
                kernel_size=[height, width],
                activation="linear",
                **self._shared(step)
            )

    def _shared(self, step):
        padding = "same" if any(sum(side) for side in step.pads) else "valid"
        return {"strides": list(step.strides), "padding": padding, "data_format": self.format}

    def _add(self, kind, stem, arrays=(), **config):
        count = self.counts.get(stem, 0)
        self.counts[stem] = count + 1
        config["name"] = "%s_%d" % (stem, count) if count else stem
        self.rows.append((kind, config, arrays))

    def configs(self, wrapped):
        return [wrapped(kind, config) for kind, config, _ in self.rows]

    def weights(self):
        return [(config["name"], arrays) for kind, config, arrays in self.rows if kind != "InputLayer"]


# -- Reading ----------------------------------------------------------------------------------


def read_h5(path, options):
    """Return the Model in a .h5 file: a whole model, or the weights of one.

    Args:
        options: Has `channels`, for weights only that are not of our writing: the order in
            which the network they come from flattened its pictures.

    Raises:
        errors.ConversionError: If it holds none of our networks.
    """
    h5py = libraries.load("h5py", ".h5")
    try:
        with h5py.File(path, "r") as stored:
            sidecar, config = (_told(stored.attrs.get(name)) for name in (SIDECAR, "model_config"))
            weights = _stored_weights(stored)
    except Exception as error:  # h5py raises a dozen kinds
        raise errors.ConversionUnreadable(path=path, reason=error)
    if config is not None:
        return _of_config(config, dict(weights).get, path, sidecar, options)
    return _of_weights([arrays for _, arrays in weights if arrays], path, sidecar, options)


def _told(text):
    """Return the dict that a JSON text says, None for no text."""
    found = None if text is None else json.loads(_compat.native(text))
    if found is not None and not isinstance(found, dict):
        raise ValueError("It holds a description that is no JSON object")
    return found


def _stored_weights(stored):
    group = stored["model_weights"] if "model_weights" in stored else stored
    return list(_by_layer(group)) if "layer_names" in group.attrs else _by_kind(stored)


def _by_layer(group):
    """Yield (layer's name, its arrays) as Keras 2 orders them."""
    for name in group.attrs["layer_names"]:
        inner = group[_compat.native(name)]
        names = [_compat.native(each) for each in inner.attrs["weight_names"]]
        yield _compat.native(name), [numpy.array(inner[each]) for each in names]


def _by_kind(stored):
    """Return [(group's name, its arrays)] of Keras 3, convolutions first, each kind by number."""
    found = []
    for name, arrays in _by_group(stored).items():
        stem, number = re.match(r"(.*?)_?(\d*)$", name).groups()
        found.append((-arrays[0].ndim, stem, int(number or 0), name, arrays))
    found.sort(key=lambda each: each[:3])
    return [(name, arrays) for _, _, _, name, arrays in found]


def _by_group(stored):
    """Return {group's name: its arrays} of Keras 3."""
    layers = stored["layers" if "layers" in stored else "_layer_checkpoint_dependencies"]
    found = {}
    for name in layers:
        group = layers[name]["vars"] if "vars" in layers[name] else {}
        arrays = [numpy.array(group[number]) for number in sorted(group, key=int)]
        if arrays:
            found[_compat.native(name)] = arrays
    return found


def read_keras(path, options):
    """Return the Model in a .keras file.

    Raises:
        errors.ConversionError: If it holds none of our networks.
    """
    h5py = libraries.load("h5py", ".keras")
    try:
        with zipfile.ZipFile(path) as source:
            held = {name: source.read(name) for name in (CONFIG, WEIGHTS, SIDECAR) if _has(source, name)}
        config, sidecar = _told(held[CONFIG]), _told(held.get(SIDECAR))
        with h5py.File(io.BytesIO(held[WEIGHTS]), "r") as stored:
            weights_of = _finder(config, _by_group(stored))
    except Exception as error:  # zipfile and h5py raise a dozen kinds
        raise errors.ConversionUnreadable(path=path, reason=error)
    return _of_config(config, weights_of, path, sidecar, options)


def _has(source, name):
    return name in source.namelist()


def _finder(config, weights):
    """Return a function from a layer's name to its arrays.

    Keras 3 stores a layer under its class in lower case and a number in the order of the
    layers, whatever its name.
    """
    counts, stored = {}, {}
    for layer in config["config"]["layers"]:
        stem = _snake(layer["class_name"])
        count = counts.get(stem, 0)
        counts[stem] = count + 1
        stored[_name_of(layer)] = "%s_%d" % (stem, count) if count else stem
    return lambda name: weights.get(stored[name]) or weights.get(name)


def _snake(name):
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def _name_of(layer):
    return layer["config"].get("name") or layer.get("name")


def _of_weights(weights, path, sidecar, options):
    if any(len(arrays) != 2 for arrays in weights):
        raise errors.ConversionForeign(path=path, found="A layer has no kernel with a bias")
    found = of_weights(weights, path, own.candidates(options.network), sidecar)
    if found is None:
        shapes = ", ".join("x".join(map(str, kernel.shape)) for kernel, _ in weights[:4])
        found = "Its kernels are %s" % (shapes or "none")
        raise errors.ConversionForeign(path=path, found=found)
    found.remarks.append(PLAIN_WEIGHTS % found.network.name)
    if sidecar is None:
        found.remarks.append(NOTHING_TOLD)
        # What we write flattens in our order, channels first or last.
        if options.channels == "first":
            _flatten_anew(found)
    return found


def _flatten_anew(model):
    """Bring the first dense kernel's rows into the order height, width, channels."""
    depth = model.network.shape[2]
    for step in chain.traced(model.network, model.classes):
        if isinstance(step, chain.Conv):
            depth = step.kernel.shape[3]
        elif isinstance(step, chain.Dense):
            name = step.kernel.name
            model.variables[name] = _moved(model.variables[name], depth)
            return


def _moved(kernel, channels):
    """Reorder rows from channels, height, width to height, width, channels."""
    rows = kernel.reshape((channels, -1, kernel.shape[1]))
    return numpy.ascontiguousarray(numpy.transpose(rows, (1, 0, 2)).reshape(kernel.shape))


def _of_config(config, weights_of, path, sidecar, options):
    try:
        walk = _Walk(config, weights_of)
    except Exception as error:  # a description may be anything
        raise errors.ConversionForeign(path=path, found=chain.complaint(error))
    candidates = own.candidates(options.network)
    return of_chain(walk.picture, walk.builder.steps, path, sidecar, candidates)


class _Walk(object):
    """Goes through the layers of a config and builds the chain.

    Attributes:
        builder: chain.Builder.
        picture: (height, width, channels).
        flat: Whether it comes as one row, of which a Reshape may still make a picture.
    """

    def __init__(self, config, weights_of):
        inner = config["config"]
        layers = inner["layers"] if isinstance(inner, dict) else inner
        if config["class_name"] not in ("Sequential",):
            _check_linear(layers, inner.get("output_layers"))
        self.weights_of = weights_of
        self.builder = None
        self.chw = self.flat = False
        for layer in layers:
            _check_of_keras(layer)
            self._enter(layer["config"])
            self._take(layer["class_name"], layer["config"], _name_of(layer))
        if self.builder is None:
            raise ValueError("It has no layers")

    def _enter(self, config):
        """Learn the picture's size from the first layer that tells one."""
        shape = config.get("batch_input_shape") or config.get("batch_shape")
        if self.builder is not None or shape is None:
            return
        shape = list(shape)[1:]
        self.flat = shape == [784]
        if self.flat:
            shape = [28, 28]
        if len(shape) == 2:
            # Of one channel, as Keras' own MNIST is.
            shape.append(1)
        if len(shape) != 3:
            raise ValueError("Its input is %s, not a picture" % "x".join(map(str, shape)))
        # One channel or three come first, unless they come last.
        self.chw = shape[0] in (1, 3) and shape[2] not in (1, 3)
        self.picture = tuple(shape[1:] + shape[:1] if self.chw else shape)
        self.builder = chain.Builder(self.picture)

    def _take(self, kind, config, name):
        if kind == "InputLayer" or kind in IDLE:
            return
        if self.builder is None:
            raise ValueError("It does not say how large its pictures are")
        take = getattr(self, "_take_" + kind.lower(), None)
        if take is None:
            raise ValueError("It has a layer '%s', which is of kind %s" % (name, kind))
        if self.flat and kind not in ("Reshape", "Flatten"):
            self.builder.flatten()
        self.flat = False
        take(config, name)

    def _check_format(self, config):
        told = config.get("data_format") or "channels_last"
        if (told == "channels_first") != self.chw:
            raise ValueError("Layer '%s' has %s" % (config.get("name"), told.replace("_", " ")))

    def _take_conv2d(self, config, name):
        self._check_format(config)
        if set(config.get("dilation_rate") or [1]) != {1} or config.get("groups", 1) != 1:
            raise ValueError("Layer '%s' is grouped or dilated" % name)
        self._product(self.builder.conv, config, name, config["strides"], _padding(config))

    def _take_dense(self, config, name):
        self._product(self.builder.dense, config, name)

    def _product(self, add, config, name, *arguments):
        arrays = self.weights_of(name) or []
        if not arrays:
            raise ValueError("There are no weights for layer '%s'" % name)
        kernel = arrays[0]
        if len(arrays) > 2:
            raise ValueError("Layer '%s' has more than a kernel and a bias" % name)
        if len(self.builder.shape) == 3 and kernel.ndim == 2:
            raise ValueError("Layer '%s' multiplies before the picture is flat" % name)
        if kernel.ndim == 2 and self.unflat:
            kernel, self.unflat = _moved(kernel, self.unflat[2]), None
        add(kernel, *arguments)
        if len(arrays) > 1:
            self.builder.bias(arrays[1])
        self._activate(config.get("activation"), name)

    unflat = None

    def _take_maxpooling2d(self, config, name):
        self._check_format(config)
        size = config["pool_size"]
        self.builder.pool(size, config.get("strides") or size, _padding(config))

    def _take_activation(self, config, name):
        self._activate(config["activation"], name)

    def _activate(self, told, name):
        """Add an activation: a name, or what Keras makes of a function or of a layer."""
        if isinstance(told, dict) and isinstance(told["config"], dict):
            kind = told["class_name"].lower()
            if kind not in ("relu", "softmax", "activation"):
                raise ValueError("Layer '%s' has the activation %s" % (name, told["class_name"]))
            getattr(self, "_take_" + kind)(told["config"], name)
            return
        if isinstance(told, dict):
            told = told["config"]
        self.builder.activation(_compat.native(told or "linear"))

    def _take_relu(self, config, name):
        limited = config.get("max_value") is not None
        if limited or config.get("negative_slope") or config.get("threshold"):
            raise ValueError("Layer '%s' is not a plain ReLU" % name)
        self.builder.activation("relu")

    def _take_softmax(self, config, name):
        # Before it is flat the builder complains, so that 1 is the last axis too.
        if config.get("axis", -1) not in (-1, 1, [-1], [1]):
            text = "Layer '%s' is a softmax over axis %s, not over the classes"
            raise ValueError(text % (name, config["axis"]))
        self.builder.activation("softmax")

    def _take_flatten(self, config, name):
        # Told that channels come first it puts them last; not told, it takes them as they are.
        if self.chw and config.get("data_format") != "channels_first":
            self.unflat = self.builder.shape
        self.builder.flatten()

    def _take_reshape(self, config, name):
        shape = list(config["target_shape"])
        height, width, channels = self.picture
        if shape in ([-1], [784]) and not self.builder.steps:
            self.builder.flatten()
        elif self.builder.steps or shape not in ([height, width, channels], [channels, height, width]):
            raise ValueError("Layer '%s' reshapes to %s" % (name, shape))
        else:
            first = shape != [height, width, channels]
            if channels > 1 and first != self.chw:
                raise ValueError("Layer '%s' reshapes to %s" % (name, shape))
            self.chw = first
            self.builder.shape = self.picture


def _padding(config):
    return _compat.native(config["padding"]).upper()


def _check_of_keras(layer):
    """See that a layer is not somebody's own class with the name of one of Keras'.

    Raises:
        ValueError: If it is.
    """
    registered = layer.get("registered_name") or ""
    package = (layer.get("module") or "keras").split(".")[0]
    if ">" in registered or package not in ("keras", "tf_keras", "tensorflow"):
        text = "It has a layer '%s', which is not Keras' own %s"
        raise ValueError(text % (_name_of(layer), layer["class_name"]))


def _check_linear(layers, outputs=None):
    """See that each layer of a functional model follows the one before it.

    Args:
        layers: Their descriptions.
        outputs: The model's "output_layers".

    Raises:
        ValueError: If not.
    """
    names = [_compat.native(_name_of(layer)) for layer in layers]
    for number, layer in enumerate(layers):
        text = json.dumps(layer.get("inbound_nodes", []))
        before = [name for name in names if '"%s"' % name in text]
        if before != names[:number][-1:]:
            raise ValueError("Its layers do not follow one after the other")
        if '"training": true' in text:
            raise ValueError("Layer '%s' does at work what is for training" % names[number])
    text = json.dumps(outputs)
    if outputs is not None and [name for name in names if '"%s"' % name in text] != names[-1:]:
        raise ValueError("It answers with other layers than its last")
