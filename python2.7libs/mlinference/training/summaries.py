"""A run's numbers as TensorBoard reads them."""

SHOWN = ("loss", "accuracy", "entropy", "rate")


class Writer(object):
    """Adds a moment of a run's history to an event file in `folder`."""

    def __init__(self, tf, folder):
        self.tf = tf
        self.graph = tf.Graph()
        # Outside of a graph TensorFlow 2 is eager, and refuses this writer.
        with self.graph.as_default():
            self.writer = tf.summary.FileWriter(folder)

    def add(self, moment):
        """Write one of loop.Run's history."""
        value = self.tf.Summary.Value
        values = [value(tag=name, simple_value=moment[name]) for name in SHOWN]
        self.writer.add_summary(self.tf.Summary(value=values), moment["step"])
        self.writer.flush()
