"""Which format a file has, by its name, and who reads and writes it."""

import collections
import os

import numpy

from mlinference import _compat, checkpoint, errors, models, moments, own, saved
from mlinference.conversion import archive, keras_files, onnx_files
from mlinference.conversion.model import Model

Format = collections.namedtuple("Format", "name ending read write")


def read_checkpoint(path, options):
    """Return the Model of a TensorFlow checkpoint."""
    found = models.read(models.resolve(path), own.find(options.network))
    if isinstance(found, saved.Model):
        text = "It is a %s, whose network only TensorFlow knows" % found.kind
        raise errors.ConversionForeign(path=found.prefix, found=text)
    sidecar = dict(found.sidecar, labels=list(found.labels), temperature=found.temperature)
    if found.aligned:
        sidecar["input"] = dict(checkpoint.told_of_input(sidecar), aligned=moments.MOMENTS)
    return Model(found.network, found.classes, found.variables, sidecar)


def write_checkpoint(path, model, options):
    """Write a Model as TensorFlow checkpoint with its sidecar."""
    marks = {moments.MARK: numpy.ones((), numpy.float32)} if model.aligned else {}
    checkpoint.write(path, dict(model.variables, **marks), model.described())


CHECKPOINT = Format("TensorFlow checkpoint", "", read_checkpoint, write_checkpoint)

# Longer endings first; what has none of them is a checkpoint.
FORMATS = (
    Format("Keras weights", ".weights.h5", keras_files.read_h5, keras_files.write_weights),
    Format("Keras .h5", ".h5", keras_files.read_h5, keras_files.write_h5),
    Format("Keras .h5", ".hdf5", keras_files.read_h5, keras_files.write_h5),
    Format("Keras .keras", ".keras", keras_files.read_keras, keras_files.write_keras),
    Format("NumPy .npz", ".npz", archive.read, archive.write),
    Format("ONNX", ".onnx", onnx_files.read, onnx_files.write),
)


def of(path):
    """Return the Format of a path."""
    for each in FORMATS:
        if path.lower().endswith(each.ending):
            return each
    return CHECKPOINT


def read(path, options):
    """Return the Model at a path.

    Raises:
        errors.InferenceError: If there is none that can be converted.
    """
    form = of(path)
    if form is not CHECKPOINT and not os.path.isfile(path):
        raise errors.ConversionUnreadable(path=path, reason="No such file")
    return form.read(path, options)


def write(path, model, options):
    """Write a Model, whole or not at all.

    Args:
        options: Has `force`, and what the formats' writers look at.

    Raises:
        errors.ConversionError: If the file is there, or cannot be written.
    """
    form = of(path)
    path = checkpoint.SUFFIX.sub("", path) if form is CHECKPOINT else path
    there = path + ".index" if form is CHECKPOINT else path
    if os.path.exists(there) and not options.force:
        raise errors.ConversionExists(path=there)
    folder, name = os.path.split(path)
    # The libraries look at the ending, so that it stays the last part.
    temporary = path if form is CHECKPOINT else os.path.join(folder, ".%d.%s" % (os.getpid(), name))
    try:
        try:
            form.write(temporary, model, options)
            if temporary != path:
                _compat.replace(temporary, path)
        finally:
            if temporary != path and os.path.exists(temporary):
                os.remove(temporary)
    except EnvironmentError as error:
        raise errors.OutputUnwritable(file=path, reason=error.strerror or error)
