"""NumPy's .npz: one array a variable, under the names of the checkpoint, and the sidecar."""

import io
import json
import zipfile

import numpy
from numpy.lib import format as npy

from mlinference import _compat, errors, own
from mlinference.conversion.model import Model, checked

# The sidecar's member: the bytes of its JSON. No variable has such a name.
SIDECAR = "sidecar.json"


def read(path, options):
    """Return the Model in a file.

    Raises:
        errors.ConversionError: If it holds none.
    """
    try:
        with zipfile.ZipFile(path) as stored:
            arrays = {name[:-4]: _array(stored.read(name)) for name in stored.namelist()}
        text = arrays.pop(SIDECAR, None)
        sidecar = json.loads(_compat.packed(text).decode("utf-8")) if text is not None else {}
        if not isinstance(sidecar, dict):
            raise ValueError("Its '%s' is no JSON object" % SIDECAR)
    except Exception as error:  # zipfile and NumPy raise a dozen kinds
        raise errors.ConversionUnreadable(path=path, reason=error)
    # TensorFlow's own names end with the output's number.
    arrays = {name[:-2] if name.endswith(":0") else name: arrays[name] for name in arrays}
    for network in own.candidates(options.network):
        last = network.variables(1)[-1][0]
        classes = arrays[last].size if last in arrays else 0
        if dict(network.variables(classes)) == {name: arrays[name].shape for name in arrays}:
            return Model(network, classes, checked(arrays, path), sidecar)
    names = ", ".join("'%s'" % name for name in sorted(arrays)[:4])
    raise errors.ConversionForeign(path=path, found="It holds %s" % (names or "nothing"))


def _array(data):
    """Return the array of a .npy file, without ever unpickling as older NumPys' load does."""
    stream = io.BytesIO(data)
    if npy.read_magic(stream) != (1, 0):
        raise ValueError("It is of another version")
    if npy.read_array_header_1_0(stream)[2].hasobject:
        raise ValueError("It holds Python objects")
    stream.seek(0)
    return npy.read_array(stream)


def write(path, model, options):
    """Write a Model."""
    text = json.dumps(model.described(), sort_keys=True).encode("ascii")
    arrays = dict(model.variables)
    arrays[SIDECAR] = numpy.frombuffer(text, numpy.uint8)
    numpy.savez(path, **arrays)
