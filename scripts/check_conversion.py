#!/usr/bin/env python
"""Run converted models in the frameworks they are for, and compare every answer with ours.

Each model is written as ONNX, .h5, .weights.h5 and .keras, loaded by the real onnxruntime
and the real Keras of this Python, whichever are installed, and asked about all of MNIST's test
pictures (or seeded noise without --data); then what Keras saves is converted back. Passes if
no answer differs and no probability by more than 1e-5.
"""

from __future__ import print_function

import argparse
import os
import shutil
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))

TOLERANCE = 1e-5
NOISE = 500  # pictures, without --data


def main(argv=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "checkpoint", nargs="*", help="default: the one that comes along, and every network with seeded values"
    )
    parser.add_argument("--data", metavar="DIR", help="folder with MNIST's test files")
    options = parser.parse_args(argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    pictures = mnist(options.data) if options.data else noise()
    folder = tempfile.mkdtemp(prefix="mlinference_")
    passed = True
    try:
        for model in models(options.checkpoint):
            for name, answers, wanted in runs(model, pictures, folder):
                passed = judged(name, answers, wanted) and passed
        for name, answers, wanted in of_keras(pictures, folder):
            passed = judged(name, answers, wanted) and passed
    finally:
        shutil.rmtree(folder)
    return 0 if passed else 1


def mnist(folder):
    from mlinference.training import dataset

    return dataset.mnist(folder).test.pictures


def noise():
    import numpy

    random = numpy.random.RandomState(0)
    strengths = numpy.linspace(0, 1, NOISE).reshape(-1, 1)
    return (random.uniform(size=(NOISE, 784)) * strengths).astype(numpy.float32)


def settings(**changes):
    """Return the options of `mlinference convert`, changed."""
    table = {"network": "", "channels": "last", "batch": 0, "bottom_first": False, "force": True}
    return argparse.Namespace(**dict(table, **changes))


def models(paths):
    """Yield the Models of checkpoints; without any, ours and one of every network."""
    from mlinference import networks
    from mlinference.conversion import formats

    for path in paths or [""]:
        yield formats.read(path, settings())
    if not paths:
        for network in networks.NETWORKS:
            yield seeded(network)


def seeded(network, classes=10, seed=0, temperature=1.7):
    """Return a Model with seeded values, small enough that its answers stay doubtful."""
    import numpy

    from mlinference.conversion.model import Model

    random = numpy.random.RandomState(seed)
    variables = {}
    for name, shape in network.variables(classes):
        wide = numpy.sqrt(1.5 / numpy.prod(shape[:-1])) if len(shape) > 1 else 0.1
        variables[name] = random.normal(0, wide, shape).astype(numpy.float32)
    labels = ["class %d" % number for number in range(classes)]
    return Model(network, classes, variables, {"temperature": temperature, "labels": labels})


def runs(model, pictures, folder):
    """Yield (what ran, its probabilities, ours) for one Model."""
    wanted = ours(model, pictures)
    name = model.network.name
    for runtime, run in (("onnxruntime", in_onnxruntime), ("Keras", in_keras)):
        try:
            for said, answers in run(model, pictures, folder):
                yield "%s: %s" % (name, said), answers, wanted
        except ImportError as error:
            print("%s: skipped, %s" % (runtime, error))


def ours(model, pictures):
    """Return our probabilities, by the NumPy engine."""
    import numpy

    parts = [model.predict(pictures[at : at + 500]) for at in range(0, len(pictures), 500)]
    return numpy.concatenate(parts)


def judged(name, answers, wanted):
    """Print how far the answers are apart; return whether they are the same."""
    differ = int((answers.argmax(axis=1) != wanted.argmax(axis=1)).sum())
    furthest = float(abs(answers - wanted).max())
    good = differ == 0 and furthest <= TOLERANCE
    text = "%-7s %s: %d of %d answers differ, probabilities by %.1e"
    print(text % ("ok" if good else "FAILED", name, differ, len(wanted), furthest))
    sys.stdout.flush()
    return good


def in_onnxruntime(model, pictures, folder):
    """Yield (what, probabilities) of the variants of an ONNX file."""
    import numpy
    import onnxruntime

    from mlinference.conversion import formats

    path = os.path.join(folder, "model.onnx")
    height, width, channels = model.network.shape
    shaped = pictures.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
    for said, changes in (("any batch", {}), ("one at a time", {"batch": 1}), ("bottom first", {"bottom_first": True})):
        formats.write(path, model, settings(**changes))
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        fed = shaped[:, :, ::-1] if "bottom_first" in changes else shaped
        size = changes.get("batch", 500)
        parts = [
            session.run(["probabilities"], {"pictures": numpy.ascontiguousarray(fed[at : at + size])})[0]
            for at in range(0, len(fed), size)
        ]
        yield "onnxruntime %s, %s" % (onnxruntime.__version__, said), numpy.concatenate(parts)


def in_keras(model, pictures, folder):
    """Yield (what, probabilities) of every Keras file, and of what Keras makes of it."""
    from tensorflow import keras

    from mlinference.conversion import formats

    version = "Keras " + keras.__version__
    endings = [".h5", ".weights.h5"] + ([".keras"] if keras.__version__ >= "3" else [])
    for channels in ("last", "first") if takes_channels_first(keras) else ("last",):
        whole = None
        for ending in endings:
            path = os.path.join(folder, "model" + ending)
            changed = settings(channels=channels)
            formats.write(path, model, changed)
            said = "%s, %s, channels %s" % (version, ending, channels)
            loaded = whole
            if ending == ".weights.h5":
                forget(whole)
                whole.load_weights(path)
            else:
                loaded = whole = keras.models.load_model(path, compile=False)
            yield said, predicted(loaded, pictures, model.network.shape, channels)
            again = os.path.join(folder, "again" + ending)
            (loaded.save_weights if ending == ".weights.h5" else loaded.save)(again)
            # Our Flatten puts channels last itself, so that rows are in our order either way.
            back = formats.read(again, settings())
            yield said + ", saved by Keras and converted back", ours(back, pictures)


def of_keras(pictures, folder):
    """Yield (what, our probabilities, Keras') for models that Keras itself builds and saves."""
    try:
        from tensorflow import keras
    except ImportError:
        return
    from mlinference.conversion import formats

    endings = [".h5"] + ([".keras"] if keras.__version__ >= "3" else [])
    builds = [("one by one", article), ("in functions", functional)]
    if takes_channels_first(keras):
        builds.append(("channels first", turned))
    for said, build in builds:
        made = build(keras)
        fill(made)
        channels = "first" if build is turned else "last"
        wanted = predicted(made, pictures, (28, 28, 1), channels)
        for ending in endings:
            path = os.path.join(folder, "built" + ending)
            made.save(path)
            answers = ours(formats.read(path, settings()), pictures)
            yield "the article's network, %s, saved by Keras %s as %s" % (
                said, keras.__version__, ending,
            ), answers, wanted  # fmt: skip


def article(keras):
    """Build the Keras article's 650 parameters as a list of layers."""
    layers = keras.layers
    return keras.models.Sequential(
        [
            layers.Conv2D(5, 4, input_shape=(28, 28, 1)),
            layers.MaxPooling2D(padding="same"),
            layers.Activation("tanh"),
            layers.Conv2D(3, 3),
            layers.MaxPooling2D(padding="same"),
            layers.Activation("tanh"),
            layers.Conv2D(3, 4, activation="tanh"),
            layers.Dropout(0.1),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def functional(keras):
    """Build it by calling layers, with the activations in them and logits at the end."""
    layers = keras.layers
    given = layers.Input((28, 28, 1))
    tensor = layers.Conv2D(5, 4, activation="tanh", name="first")(given)
    tensor = layers.MaxPooling2D(padding="same")(tensor)
    tensor = layers.Conv2D(3, 3, activation="tanh", name="second")(tensor)
    tensor = layers.MaxPooling2D(padding="same")(tensor)
    tensor = layers.Conv2D(3, 4, activation="tanh", name="third")(tensor)
    tensor = layers.Dense(10, name="answer")(layers.Flatten()(tensor))
    return keras.models.Model(given, layers.Softmax()(tensor))


def turned(keras):
    """Build it with channels first and a Flatten that does not know."""
    layers = keras.layers
    shared = {"data_format": "channels_first"}
    return keras.models.Sequential(
        [
            layers.Conv2D(5, 4, activation="tanh", input_shape=(1, 28, 28), **shared),
            layers.MaxPooling2D(padding="same", **shared),
            layers.Conv2D(3, 3, activation="tanh", **shared),
            layers.MaxPooling2D(padding="same", **shared),
            layers.Conv2D(3, 4, activation="tanh", **shared),
            layers.Flatten(),
            layers.Dense(10, activation="softmax"),
        ]
    )


def fill(made):
    """Give a Keras model seeded weights, biases too, which Keras leaves at 0."""
    import numpy

    random = numpy.random.RandomState(0)
    made.set_weights([random.normal(0, 0.3, values.shape) for values in made.get_weights()])


def forget(loaded):
    """Set all weights of a Keras model to 0."""
    loaded.set_weights([0 * values for values in loaded.get_weights()])


def predicted(loaded, pictures, shape, channels):
    """Return a Keras model's probabilities."""
    import numpy

    shaped = pictures.reshape((-1,) + tuple(shape))
    if channels == "last":
        return loaded.predict(shaped, batch_size=500, verbose=0)
    shaped = numpy.ascontiguousarray(shaped.transpose(0, 3, 1, 2))
    if hasattr(loaded, "jit_compile") and not hasattr(loaded, "predict_generator"):
        # Keras 3, see `compiled`.
        return loaded.predict(shaped, batch_size=500, verbose=0)
    run = compiled(loaded)
    parts = [numpy.array(run(shaped[at : at + 500])) for at in range(0, len(shaped), 500)]
    return numpy.concatenate(parts)


def compiled(layer):
    """Return a Keras layer or model as a function that XLA compiles.

    On a processor TensorFlow's ways to run channels first contradict one another: of 2.11,
    `predict` differs from channels last and XLA does not; of 2.21 with Keras 3, calling a
    layer differs and `predict` does not.
    """
    import tensorflow

    run = tensorflow.function(lambda tensor: layer(tensor), jit_compile=True)
    return lambda array: run(tensorflow.constant(array))


def takes_channels_first(keras):
    """Tell whether this TensorFlow runs channels first at all; on a processor, old ones do not."""
    import numpy

    try:
        pool = keras.layers.MaxPooling2D(data_format="channels_first")
        return numpy.array(compiled(pool)(numpy.zeros((1, 1, 4, 4), "f"))).shape == (1, 1, 2, 2)
    except Exception as error:  # TensorFlow's own kinds, by version
        print("Keras %s: channels first skipped, %s" % (keras.__version__, str(error).split("\n")[0]))
        return False


if __name__ == "__main__":
    sys.exit(main())
