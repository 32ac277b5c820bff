"""Day, dusk or night? A network of one's own: 24x32 pixels in colour, from -1 to 1."""

from mlinference.networks import Network


def variables(classes):
    return (
        ("conv1/kernel", (3, 3, 3, 8)),  # height, width, channels in, channels out
        ("conv1/bias", (8,)),
        ("conv2/kernel", (3, 3, 8, 16)),
        ("conv2/bias", (16,)),
        ("dense/kernel", (6 * 8 * 16, classes)),  # 24x32 pixels, halved twice
        ("dense/bias", (classes,)),
    )


def layers(tf, pictures, variables, keep_prob=None):
    pictures = tf.reshape(pictures, [-1, 24, 32, 3])
    conv1 = convolved(tf, pictures, variables, "conv1")
    conv2 = convolved(tf, conv1, variables, "conv2")
    flat = tf.reshape(conv2, [-1, 6 * 8 * 16])
    if keep_prob is not None:
        flat = tf.nn.dropout(flat, keep_prob=keep_prob)
    logits = tf.matmul(flat, variables["dense/kernel"]) + variables["dense/bias"]
    return (("conv1", conv1), ("conv2", conv2), ("logits", logits))


def convolved(tf, tensor, variables, name):
    kernel, bias = variables[name + "/kernel"], variables[name + "/bias"]
    tensor = tf.nn.conv2d(tensor, kernel, strides=[1, 1, 1, 1], padding="SAME")
    tensor = tf.nn.relu(tensor + bias)
    return tf.nn.max_pool(tensor, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding="SAME")


def network():
    return Network("time_of_day", variables, layers, shape=(24, 32, 3), values=(-1, 1))
