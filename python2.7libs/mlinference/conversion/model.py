"""What is converted: a network with its variables, and what the sidecar says about it."""

import numpy

import mlinference
from mlinference import checkpoint, errors, moments, networks
from mlinference.conversion import chain
from mlinference.engines import plain

LOGITS = "There is no softmax at its end: what it answers is taken for logits."


class Model(object):
    """A network, its variables and labels.

    Attributes:
        network: networks.Network.
        classes: Number of classes.
        variables: Dict of the network's names to float32 arrays.
        labels: The classes' names, tuple of str.
        temperature: Divides the logits.
        sidecar: What else is known, a dict.
        remarks: Sentences that the user should read.
    """

    def __init__(self, network, classes, variables, sidecar=None, remarks=()):
        self.network = network
        self.classes = classes
        self.variables = {
            name: numpy.ascontiguousarray(values, numpy.float32) for name, values in variables.items()
        }
        self.sidecar = dict(sidecar or {})
        self.remarks = list(remarks)
        self.labels = self._labels()
        self.temperature = self._temperature()

    def _labels(self):
        labels = self.sidecar.get("labels")
        if isinstance(labels, (list, tuple)) and len(labels) == self.classes:
            return tuple(labels)
        if labels is not None:
            self.remarks.append("Its labels are not those of %d classes: they get numbers." % self.classes)
        return tuple(str(number) for number in range(self.classes))

    def _temperature(self):
        found = checkpoint.told_temperature(self.sidecar)
        if found is not None:
            return found
        self.remarks.append("Its temperature is not between 0.000001 and 1000000: it is taken for 1.")
        return 1.0

    def predict(self, pictures):
        """Return float32 [N, classes], probabilities, for float32 [N, height * width * channels]."""
        logits = plain.layers(self.network, pictures, self.variables)[-1][1]
        return plain.softmax(logits / numpy.float32(self.temperature))

    @property
    def aligned(self):
        """Whether `moments.align` has to prepare the pictures."""
        told = checkpoint.told_of_input(self.sidecar).get("aligned")
        return told == moments.MOMENTS and moments.fits(self.network)

    def described(self):
        """Return the sidecar with all that a reader elsewhere needs, a dict."""
        picture = dict(self.network.described(), rows="top first")
        return dict(
            self.sidecar,
            format=1,
            network=self.network.name,
            classes=self.classes,
            labels=list(self.labels),
            input=dict(checkpoint.told_of_input(self.sidecar), **picture),
            temperature=self.temperature,
            converter="mlinference " + mlinference.__version__,
        )

    def folded(self):
        """Return the same model at temperature 1: the last product is divided by it instead.

        Other formats have no such thing; the probabilities stay, but for rounding.
        """
        last = chain.traced(self.network, self.classes)[-1]
        variables = dict(self.variables)
        for variable in (last.kernel, last.bias):
            variables[variable.name] = variables[variable.name] / numpy.float32(self.temperature)
        sidecar = dict(self.sidecar, temperature=1.0)
        return Model(self.network, self.classes, variables, sidecar)

    def steps(self):
        """Return the chain's steps with arrays for kernels and biases."""
        return [self._filled(step) for step in chain.traced(self.network, self.classes)]

    def _filled(self, step):
        if not isinstance(step, (chain.Conv, chain.Dense)):
            return step
        kernel, bias = (self.variables[each.name] for each in (step.kernel, step.bias))
        return step._replace(kernel=kernel, bias=bias)


def of_chain(shape, steps, path, sidecar=None, candidates=networks.NETWORKS):
    """Return the Model that a chain of arrays is, of one of the candidates.

    Raises:
        errors.ConversionForeign: If it is none of our networks.
    """
    filled = [_with_bias(step) for step in steps]
    network, classes, variables = chain.matched(shape, filled, path, candidates)
    remarks = [LOGITS] if len(chain.without_softmax(steps)) == len(steps) else []
    return Model(network, classes, checked(variables, path), sidecar, remarks)


def checked(variables, path):
    """Return arrays as they are.

    Raises:
        errors.ConversionForeign: If one does not hold finite numbers.
    """
    for name in sorted(variables):
        dtype = variables[name].dtype
        if dtype.kind not in "fiu":
            raise errors.ConversionForeign(path=path, found="'%s' is of type %s" % (name, dtype))
        if not numpy.isfinite(variables[name]).all():
            found = "'%s' holds values that are NaN or infinite" % name
            raise errors.ConversionForeign(path=path, found=found)
    return variables


def _with_bias(step):
    if isinstance(step, (chain.Conv, chain.Dense)) and step.bias is None:
        return step._replace(bias=numpy.zeros(step.kernel.shape[-1], numpy.float32))
    return step


def of_weights(weights, path, candidates=networks.NETWORKS, sidecar=None):
    """Return the Model whose products have these weights.

    Args:
        weights: [(kernel, bias), ...] in the order of the layers.
        path: For messages.
        candidates: The networks.Network that it may be of.
        sidecar: As for Model.

    Returns:
        Model, or None if no network has such shapes.
    """
    classes = weights[-1][0].shape[-1] if weights else 0
    for network in candidates:
        products = [step for step in chain.traced(network, classes) if hasattr(step, "kernel")]
        shapes = [tuple(step.kernel.shape) for step in products]
        if shapes == [kernel.shape for kernel, _ in weights]:
            variables = {}
            for step, (kernel, bias) in zip(products, weights):
                variables[step.kernel.name], variables[step.bias.name] = kernel, bias
            return Model(network, classes, checked(variables, path), sidecar)
    return None
