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
    remarks = [str(caution) for caution in found.cautions]
    return Model(found.network, found.classes, found.variables, sidecar, remarks)


def write_checkpoint(path, model, options):
    """Write a Model as TensorFlow checkpoint with its sidecar."""
    marks = {moments.MARK: numpy.ones((), numpy.float32)} if model.aligned else {}
    said = model.described()
    # The trainer's checksum of another data file.
    said.pop("sha256", None)
    checkpoint.write(path, dict(model.variables, **marks), said)


CHECKPOINT = Format("TensorFlow checkpoint", "", read_checkpoint, write_checkpoint)

# Of a checkpoint's files. The index last: it has the checksums of the data, so that a reader
# who comes between two renames knows that they do not belong together.
SUFFIXES = (".data-00000-of-00001", ".json", ".index")

# Longer endings first; what has none of them is a checkpoint.
FORMATS = (
    Format("Keras weights", ".weights.h5", keras_files.read_h5, keras_files.write_weights),
    Format("Keras .h5", ".h5", keras_files.read_h5, keras_files.write_h5),
    Format("Keras .h5", ".hdf5", keras_files.read_h5, keras_files.write_h5),
    Format("Keras .keras", ".keras", keras_files.read_keras, keras_files.write_keras),
    Format("NumPy .npz", ".npz", archive.read, archive.write),
    Format("ONNX", ".onnx", onnx_files.read, onnx_files.write),
)

# Of formats that are not written: a checkpoint by such a name would be taken for one of these.
UNWRITTEN = checkpoint.UNREAD + (".pb", saved.TEXT_ENDING)


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


def write(path, model, options, check=None):
    """Write a Model, whole or not at all.

    Args:
        options: Has `force`, and what the formats' writers look at.
        check: Called with the path of what is written before that replaces anything; raises
            where it is not to be kept.

    Raises:
        errors.InferenceError: If the file is there, has no name or that of a format that is not
            written, or cannot be written; what was there before is unchanged then.
    """
    form = of(path)
    path = checkpoint.SUFFIX.sub("", path) if form is CHECKPOINT else path
    suffixes = SUFFIXES if form is CHECKPOINT else ("",)
    folder, name = os.path.split(path)
    if name in ("", ".", "..") or name.lower() == form.ending:
        raise errors.ConversionNameless(path=path)
    if form is CHECKPOINT and name.lower().endswith(UNWRITTEN):
        known = ", ".join("'%s'" % each.ending for each in FORMATS)
        raise errors.ConversionUnwritten(path=path, ending=os.path.splitext(name)[1], known=known)
    there = [path + suffix for suffix in suffixes if os.path.exists(path + suffix)]
    if there and not options.force:
        raise errors.ConversionExists(path=there[-1])
    # The libraries look at the ending, so that it stays the last part.
    temporary = os.path.join(folder, ".%d.%s" % (os.getpid(), name))
    try:
        try:
            form.write(temporary, model, options)
            if check is not None:
                check(temporary)
            for suffix in suffixes:
                _compat.settle(temporary + suffix)
            for suffix in suffixes:
                _compat.replace(temporary + suffix, path + suffix)
        finally:
            for suffix in suffixes:
                if os.path.exists(temporary + suffix):
                    os.remove(temporary + suffix)
    except EnvironmentError as error:
        raise errors.OutputUnwritable(file=path, reason=error.strerror or error)
