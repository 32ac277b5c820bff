"""Let TensorFlow itself write the checkpoints of this folder, for our reader to read.

Run it in an environment with TensorFlow; the names say which one wrote what is here:

    python make_checkpoints.py FOLDER

Every file holds the variables of the `compact` network with the values of `numbers`, beside
what savers and optimizers add.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(HERE))), "python2.7libs")
)

import numpy  # noqa: E402

from mlinference import networks  # noqa: E402


def numbers(network=networks.COMPACT, classes=10, dtype="float32"):
    """Return values that every machine computes alike, a dict of name to array."""
    values = {}
    for step, (name, shape) in enumerate(network.variables(classes)):
        count = numpy.arange(int(numpy.prod(shape)))
        values[name] = (
            (((7 + 2 * step) * count + step) % 101 / 128.0 - 0.375).reshape(shape).astype(dtype)
        )
    return values


def main(folder):
    import tensorflow

    tf = getattr(getattr(tensorflow, "compat", None), "v1", tensorflow)
    version = "tensorflow_" + "_".join(tensorflow.__version__.split(".")[:2])
    with tf.Graph().as_default():
        _save(tf, os.path.join(folder, version + "_scope_adam.ckpt"), "digits/net", _adam)
    with tf.Graph().as_default():
        _save(tf, os.path.join(folder, version + "_two_shards.ckpt"), "", _nothing, sharded=True)
    with tf.Graph().as_default():
        _save(tf, os.path.join(folder, version + "_partitioned.ckpt"), "", _nothing, parts=2)
    with tf.Graph().as_default():
        _save(tf, os.path.join(folder, version + "_float64.ckpt"), "", _nothing, dtype="float64")
    if hasattr(tensorflow, "Module"):
        _objects(tensorflow, os.path.join(folder, version + "_objects.ckpt"))


def _save(tf, prefix, scope, more, sharded=False, parts=None, dtype="float32"):
    partitioner = tf.fixed_size_partitioner(parts) if parts else None
    with tf.variable_scope(scope, partitioner=partitioner):
        variables = []
        for step, (name, values) in enumerate(sorted(numbers(dtype=dtype).items())):
            with tf.device("/cpu:%d" % (step % 2 if sharded else 0)):
                # TensorFlow does not cut a constant into parts.
                initial = tf.zeros_initializer() if parts else tf.constant_initializer(values)
                variables.append(tf.get_variable(name, values.shape, values.dtype, initial))
        more(tf, variables)
    with tf.Session(config=tf.ConfigProto(device_count={"CPU": 2})) as session:
        session.run(tf.global_variables_initializer())
        tf.train.Saver(sharded=sharded).save(
            session, prefix, write_meta_graph=False, write_state=False
        )


def _nothing(tf, variables):
    return


def _adam(tf, variables):
    tf.train.get_or_create_global_step()
    loss = tf.add_n([tf.reduce_sum(variable) for variable in variables])
    tf.train.AdamOptimizer(1e-4).minimize(loss)


def _objects(tf, prefix):
    variables = {name: tf.Variable(values) for name, values in numbers().items()}
    tf.train.Checkpoint(**variables).write(prefix)


if __name__ == "__main__":
    main(sys.argv[1])
