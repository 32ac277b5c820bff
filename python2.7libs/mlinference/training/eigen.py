"""Adam along the axes in which a loss is curved, for networks of a few thousand numbers.

Adam scales every variable by itself, as if none depended on another. Here the second moment of
the gradients is kept as a whole matrix, and Adam runs in the coordinates of its eigenvectors:
SOAP (Vyas and others, "Improving and Stabilizing Shampoo using Adam", 2024) without its
factoring, which a network this small does not need.
"""

import numpy

# Numbers of a network, at most: the matrix has their square.
MOST = 3000

# Decays a step: of the mean gradient, of its squares along the axes, of the matrix.
DECAY, SQUARES_DECAY, MATRIX_DECAY = 0.9, 0.999, 0.99
EPSILON = 1e-8

# Steps at which the axes are first found, and between two findings after these.
FIRST, INTERVAL = (1, 20, 60, 120), 200


class EigenOptimizer(object):
    """Stands where TensorFlow's optimizers stand."""

    def __init__(self, tf, rate):
        self.tf, self.rate = tf, rate

    def minimize(self, loss, var_list):
        """Return the operation of one step."""
        tf = self.tf
        sizes = [int(numpy.prod(variable.get_shape().as_list())) for variable in var_list]
        gradient = tf.concat([tf.reshape(g, [-1]) for g in tf.gradients(loss, var_list)], 0)
        size = sum(sizes)
        self._matrix, self._axes, self._mean, self._squares, self._steps = (
            tf.Variable(value, trainable=False)
            for value in (
                numpy.zeros((size, size), numpy.float32),
                numpy.eye(size, dtype=numpy.float32),
                numpy.zeros(size, numpy.float32),
                numpy.zeros(size, numpy.float32),
                0,
            )
        )
        self._new = tf.placeholder(tf.float32, [size, size]), tf.placeholder(tf.float32, [size])
        self._turn = tf.group(
            tf.assign(self._axes, self._new[0]), tf.assign(self._squares, self._new[1])
        )
        outer = gradient[:, None] * gradient[None]
        kept = tf.assign(self._matrix, self._matrix * MATRIX_DECAY + outer * (1 - MATRIX_DECAY))
        changes = tf.split(self._change(gradient), sizes)
        moved = [
            tf.assign_sub(variable, tf.reshape(change, variable.get_shape()))
            for variable, change in zip(var_list, changes)
        ]
        return tf.group(kept, *moved)

    def _change(self, gradient):
        tf = self.tf
        steps = tf.assign_add(self._steps, 1)
        mean = tf.assign_add(self._mean, (gradient - self._mean) * (1 - DECAY))
        along, mean_along = self._along(gradient), self._along(mean)
        squares = tf.assign_add(self._squares, (along**2 - self._squares) * (1 - SQUARES_DECAY))
        # Both began at nothing; as in Adam that is made up for.
        count = tf.cast(steps, tf.float32)
        mean_along = mean_along / (1 - tf.pow(DECAY, count))
        squares = squares / (1 - tf.pow(SQUARES_DECAY, count))
        step = self.rate * mean_along / (tf.sqrt(squares) + EPSILON)
        return tf.reshape(tf.matmul(self._axes, step[:, None]), [-1])

    def _along(self, vector):
        product = self.tf.matmul(self._axes, vector[:, None], transpose_a=True)
        return self.tf.reshape(product, [-1])

    def after(self, session):
        """Find the axes anew, after a step at which that is due."""
        steps = int(session.run(self._steps))
        if steps not in FIRST and steps % INTERVAL:
            return
        matrix, axes, squares = session.run((self._matrix, self._axes, self._squares))
        found = numpy.linalg.eigh(matrix.astype(numpy.float64))[1]
        # What is known of the squares along the old axes is carried over to the new ones.
        squares = (numpy.dot(found.T, axes) ** 2).dot(squares)
        session.run(self._turn, dict(zip(self._new, (found, squares))))
