"""SavedModels and frozen graphs of one small network, written by the TensorFlow at hand.

Every one computes the same: the means of 4x4 pixels, a product and a bias, with values that
all machines compute alike, so that `wanted` knows the answers without TensorFlow.
"""

import io

import numpy

CLASSES = 10


def weights():
    """Return (kernel [49, 10], bias [10]), float32."""
    count = numpy.arange(49 * CLASSES)
    kernel = (7 * count % 101 / 16.0 - 3).reshape(49, CLASSES)
    bias = 5 * numpy.arange(CLASSES) % 7 / 4.0
    return kernel.astype(numpy.float32), bias.astype(numpy.float32)


def pictures(count=7):
    """Return pictures whose values are whole numbers of 255 parts, float32 [count, 784]."""
    random = numpy.random.RandomState(0)
    return (random.randint(0, 256, (count, 784)) / 255.0).astype(numpy.float32)


def logits(given):
    """Return the network's logits for float32 [N, 784], 0 paper to 1 ink."""
    kernel, bias = weights()
    means = given.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
    return numpy.dot(means, kernel) + bias


def wanted(given, temperature=1.0):
    """Return the network's probabilities."""
    values = logits(given) / temperature
    powers = numpy.exp(values - values.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def numbers(tf, given, kernel, bias):
    """Return the logits' tensor for pictures [N, 28, 28, 1], 0 paper to 1 ink."""
    sides = [1, 4, 4, 1]
    means = tf.nn.avg_pool(given, ksize=sides, strides=sides, padding="VALID")
    return tf.matmul(tf.reshape(means, [-1, 49]), kernel) + bias


ANSWERS = {
    "softmax": lambda tf, values: tf.nn.softmax(values),
    "softmax, handed on": lambda tf, values: tf.identity(tf.reshape(tf.nn.softmax(values), [-1, CLASSES])),
    "shares": lambda tf, values: tf.exp(values) / tf.reduce_sum(tf.exp(values), axis=1, keep_dims=True),
    "logits": lambda tf, values: tf.identity(values),
    "logarithms": lambda tf, values: tf.nn.log_softmax(values),
    "sigmoid": lambda tf, values: tf.sigmoid(values / 8),
    "column": lambda tf, values: tf.nn.softmax(values)[:, :1],
    "cube": lambda tf, values: tf.reshape(tf.nn.softmax(values), [-1, 2, 5]),
    "choice": lambda tf, values: tf.argmax(tf.nn.softmax(values), 1),
    "turned": lambda tf, values: tf.transpose(tf.nn.softmax(values)),
}


class Sample(object):
    """What to write.

    Attributes:
        shape: Of the placeholder, None for any size; None as a whole for any shape.
        dtype: Its type.
        answer: Key of ANSWERS.
        whole: Whether the pictures go from 0 to 255.
        dark: Whether ink is the lower of the values.
        dropped: Shape of a placeholder "keep" that has to be fed as well, as for dropout.
        random: Add noise that is always on.
        default: Whether there is a picture that is taken without one.
        python: Call Python in between.
        wrong: With `default`, whether the signature names the other placeholder.
        channels: Of the pictures; their mean is looked at.
        side: The pictures' side, cut down to 28; for other sizes than MNIST's.
    """

    def __init__(self, **changes):
        self.shape, self.dtype, self.answer = (None, 784), "float32", "softmax"
        self.whole = self.dark = self.dropped = self.random = self.python = self.default = False
        self.side, self.channels = 28, 1
        self.variables, self.wrong = True, False
        self.__dict__.update(changes)

    def build(self, tf):
        """Build it in the default graph; return ({key: tensor} in, {key: tensor} out)."""
        given = unused = tf.placeholder(self.dtype, self.shape, name="images")
        if self.default:
            # Instead of the one above, which is not used then.
            given = tf.placeholder_with_default(numpy.zeros((1, 784), "float32"), self.shape, "default")
        tensor = tf.cast(given, tf.float32)
        if self.shape and len(self.shape) == 4 and self.shape[1] == self.channels:
            tensor = tf.transpose(tensor, [0, 2, 3, 1])
        tensor = tf.reshape(tensor, [-1, self.side, self.side, self.channels])[:, :28, :28]
        tensor = tf.reduce_mean(tensor, 3, True)
        tensor = tensor / 255 if self.whole else tensor
        tensor = 1 - tensor if self.dark else tensor
        inputs = {"images": unused if self.wrong else given}
        if self.dropped is not False:
            inputs["keep"] = tf.placeholder(tf.float32, self.dropped, name="keep")
            tensor = tensor * tf.reshape(inputs["keep"], [])
        if self.random:
            tensor = tensor * tf.random_uniform(tf.shape(tensor))
        if self.python:
            tensor = tf.py_func(lambda array: array, [tensor], tf.float32, name="called")
            tensor.set_shape([None, 28, 28, 1])
        values = numbers(tf, tensor, *self._constants(tf))
        return inputs, {"scores": tf.identity(ANSWERS[self.answer](tf, values), name="scores")}

    def _constants(self, tf):
        if not self.variables:
            return weights()
        names = zip(("W", "b"), weights())
        return [
            tf.get_variable(name, values.shape, tf.float32, tf.constant_initializer(values))
            for name, values in names
        ]


def v1():
    """Return TensorFlow's version 1 names."""
    import tensorflow

    return getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)


def write_saved_model(folder, names=("serving_default",), tags=("serve",), **changes):
    """Write a SavedModel whose signatures are all alike."""
    tf = v1()
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, outputs = Sample(**changes).build(tf)
        session.run(tf.global_variables_initializer())
        said = [
            {key: tf.saved_model.utils.build_tensor_info(each[key]) for key in each}
            for each in (inputs, outputs)
        ]
        made = tf.saved_model.signature_def_utils.build_signature_def(*(said + ["predict"]))
        builder = tf.saved_model.builder.SavedModelBuilder(folder)
        builder.add_meta_graph_and_variables(
            session, list(tags), signature_def_map=dict.fromkeys(names, made)
        )
        builder.save()
    return folder


def write_frozen_graph(path, **changes):
    """Write a graph with its values in it."""
    tf = v1()
    with tf.Graph().as_default() as graph:
        Sample(**dict({"variables": False}, **changes)).build(tf)
    with io.open(path, "wb") as stream:
        stream.write(graph.as_graph_def().SerializeToString())
    return path


def write_module(folder):
    """Write what TensorFlow 2 makes of a module with a signature."""
    import tensorflow as tf

    class Module(tf.Module):
        def __init__(self):
            super(Module, self).__init__()
            self.kernel, self.bias = [tf.Variable(values) for values in weights()]

        @tf.function(input_signature=[tf.TensorSpec([None, 28, 28, 1], tf.float32, "images")])
        def __call__(self, given):
            return {"scores": tf.nn.softmax(numbers(v1(), given, self.kernel, self.bias))}

    module = Module()
    tf.saved_model.save(module, folder, signatures=module.__call__.get_concrete_function())
    return folder


def write_keras(folder):
    """Write what Keras 2 saves as a SavedModel, or Keras 3 exports."""
    from tensorflow import keras

    layers = keras.layers
    made = keras.Sequential(
        [
            layers.Input((28, 28, 1)),
            layers.AveragePooling2D(4),
            layers.Flatten(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )
    made.set_weights(list(weights()))
    if hasattr(made, "export"):
        made.export(folder)
    else:
        made.save(folder)
    return folder
