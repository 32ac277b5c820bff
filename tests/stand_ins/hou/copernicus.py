"""Copernicus, from 20.5: nodes whose results are layers; from 21.0 HOM hands the layers out.

A layer's pixels are an array [height, width, channels] with its bottom row first, in the layer's
own storage. It covers the data window, which may be smaller than the display window or beside it.
"""

import numpy
from hou import cooking, enums, graph, images, late, nodes, parms, versions
from hou.arrays import to_bytes
from hou.cooking import CookError
from hou.enums import imageLayerStorageType
from hou.errors import MARK, GeometryPermissionError, OperationFailed, on_disk, refuse
from hou.geometry import Geometry
from hou.graph import Kind
from hou.nodes import OpNode
from hou.parms import integer, string
from hou.state import session
from hou.vectors import BoundingRect
from PIL import Image

ARRAYS = {
    imageLayerStorageType.Int8: numpy.int8,
    imageLayerStorageType.Int16: numpy.int16,
    imageLayerStorageType.Int32: numpy.int32,
    imageLayerStorageType.Fixed8: numpy.uint8,
    imageLayerStorageType.Fixed16: numpy.uint16,
    imageLayerStorageType.Float16: numpy.float16,
    imageLayerStorageType.Float32: numpy.float32,
}
# What 1.0 is stored as, in the storages that hold fractions as whole numbers.
FULL = {imageLayerStorageType.Fixed8: 255.0, imageLayerStorageType.Fixed16: 65535.0}
TYPE_NAMES = {1: "Mono", 2: "UV", 3: "RGB", 4: "RGBA"}


class Layer(object):
    """One output of a Copernicus node."""

    def __init__(self, values, storage=imageLayerStorageType.Float32, data=None, display=None):
        """
        Args:
            values: [height, width, channels], bottom row first, 1.0 white.
            data, display: Windows as (x, y, width, height); the pixels' own size if None.
        """
        values = numpy.asarray(values, numpy.float64)
        if values.ndim == 2:
            values = values[:, :, None]
        height, width = values.shape[:2]
        self.storage = storage
        self.stored = to_storage(values, storage)
        self.data = tuple(data or (0, 0, width, height))
        self.display = tuple(display or (0, 0, width, height))

    def copy(self):
        twin = Layer.__new__(Layer)
        twin.__dict__.update(self.__dict__)
        twin.stored = self.stored.copy()
        return twin

    @property
    def values(self):
        """The pixels as numbers where white is 1.0, float64; whole-number storages as they are."""
        return self.stored.astype(numpy.float64) / FULL.get(self.storage, 1.0)

    def changed(self, values, storage=None):
        return Layer(values, storage or self.storage, self.data, self.display)


def to_storage(values, storage):
    if storage in FULL:
        values = numpy.rint(numpy.clip(values, 0.0, 1.0) * FULL[storage])
    elif ARRAYS[storage]().dtype.kind == "i":
        values = numpy.rint(values)
    return values.astype(ARRAYS[storage])


# -- Nodes -------------------------------------------------------------------------------------


def cook_null(op):
    painted = getattr(op, "painted", None)
    return [painted] if painted is not None else images.first_input(op)


def cook_file(op):
    """A file's colour, one output per AOV; without an AOV there is no output.

    The colours are linear: the network's working space is. Alpha is the layer's fourth channel.
    """
    path = _text(op, "filename")
    if not op.channels["aovs"].evaluate():
        return []
    if not path:
        raise CookError("No file name given. %s" % MARK)
    try:
        with Image.open(on_disk(path)) as opened:
            mode = "RGBA" if images.has_alpha(opened) else "RGB"
            values = numpy.asarray(opened.convert(mode), numpy.float64)[::-1] / 255.0
    except (IOError, OSError, SyntaxError):
        raise CookError("Unable to read file '%s'. %s" % (path, MARK))
    values = values.copy()
    values[:, :, :3] = images.to_linear(values[:, :, :3])
    return [Layer(values, imageLayerStorageType.Float16)]


def _text(op, name):
    try:
        return op.channels[name].text()
    except OperationFailed as error:
        raise CookError(error.instanceMessage())


def cook_invert(op):
    return [layer.changed(1.0 - layer.values) for layer in images.first_input(op)]


def cook_resample(op):
    size = op.channels["res1"].evaluate(), op.channels["res2"].evaluate()
    made = []
    for layer in images.first_input(op):
        channels = [
            numpy.asarray(
                Image.fromarray(channel.astype(numpy.float32), "F").resize(size, Image.BOX)
            )
            for channel in layer.values.transpose(2, 0, 1)
        ]
        made.append(Layer(numpy.dstack(channels), layer.storage))
    return made


def _add_aov(op):
    op.channels["aovs"].assign(op.channels["aovs"].value + 1)
    op.channels["aovs"].announce()


def register():
    if not versions.at_least("20.5"):
        return
    for table in ("Object", "CopNet", "Driver"):
        graph.register(Kind(table, "copnet", child="Cop"))
    file_parms = (
        string("filename"), integer("aovs", 0), string("aov1", "C"),
        parms.Template("addaovs", "Button", pressed=_add_aov),
    )  # fmt: skip
    graph.register(
        Kind("Cop", "file", file_parms, (0, 0), cook_file),
        Kind("Cop", "null", (), (0, 1), cook_null),
        Kind("Cop", "output", (), (0, 1), cook_null),
        Kind("Cop", "invert", (), (1, 1), cook_invert),
        Kind(
            "Cop", "resample", [parms.Template("res", "Int", size=2, defaults=(1024, 1024))],
            (1, 1), cook_resample,
        ),
    )  # fmt: skip


def as_picture(layers):
    """The first layer as image planes, for those who turn pictures into volumes."""
    layer = layers[0]
    values = layer.values
    height, width, count = values.shape
    picture = images.Picture(width, height)
    names = ("",) if count == 1 else ("r", "g", "b", "a")[:count]
    picture.add("C", values, enums.imageDepth.Float32, names)
    return picture


# -- HOM ---------------------------------------------------------------------------------------


@nodes.flags("Display", "Export", "Template")
class CopNode(nodes.Bypassable, OpNode):
    """A Copernicus node: display and export flags, no render flag, no planes."""

    def displayNode(self):
        return nodes.wrap(self._op.flagged_child("display"))

    def outputDataTypes(self):
        return tuple(TYPE_NAMES[layer.stored.shape[2]] for layer in self._layers())

    def _layers(self):
        """Cook without making anyone depend on the pixels, as for COP2."""
        op = self._op
        with session.computing(None):
            cooking.cook(op)
        if op.errors:
            raise refuse("Error:       " + "\n".join(op.errors))
        return op.result

    def layer(self, output_index=0):
        layers = self._layers()
        return ImageLayer._of(layers[output_index]) if output_index < len(layers) else None

    def layerAtFrame(self, frame, output_index=0):
        with parms.at_frame(frame):
            return self.layer(output_index)

    def geometry(self, output_index=0):
        layers = self._layers()
        if output_index >= len(layers):
            return None
        handle = Geometry()
        late.volumes.add_picture(handle._own, as_picture(layers[output_index:]), ["*"], 0)
        handle._writable = False
        return handle

    def cable(self, output_index=0):
        return CopCable._of(self._layers())


class CopCable(object):
    """All outputs of a node, from 22.0."""

    @classmethod
    def _of(cls, layers):
        cable = cls()
        cable._layers = layers
        return cable

    def wireCount(self):
        return len(self._layers)

    def wireNames(self):
        return tuple("C" if not index else "C%d" % index for index in range(len(self._layers)))

    def layerByIndex(self, index):
        return ImageLayer._of(self._layers[index])


class ImageLayer(object):
    """A layer, detached from the node that computed it."""

    def __init__(self, layer=None):
        self._layer = None if layer is None else layer._open.copy()
        self._writable = True

    @classmethod
    def _of(cls, layer):
        found = cls()
        found._layer, found._writable = layer.copy(), False
        return found

    @property
    def _open(self):
        if self._layer is None:
            raise refuse("The layer is empty or closed.")
        return self._layer

    @property
    def _changeable(self):
        if not self._writable:
            raise refuse("The layer is read-only; freeze() gives a copy.", GeometryPermissionError)
        if self._layer is None:
            self._layer = Layer(numpy.zeros((1, 1, 1)))
        return self._layer

    def __enter__(self):
        return self

    def __exit__(self, type, value, traceback):
        self.close()

    def close(self):
        self._layer = None

    def freeze(self):
        found = ImageLayer._of(self._open)
        found._writable = True
        return found

    def isFrozen(self):
        return self._writable

    def storageType(self):
        return self._open.storage

    def channelCount(self):
        return self._open.stored.shape[2]

    def bufferResolution(self):
        height, width = self._open.stored.shape[:2]
        return (width, height)

    def storesIntegers(self):
        return self._open.storage in (
            imageLayerStorageType.Int8, imageLayerStorageType.Int16, imageLayerStorageType.Int32
        )  # fmt: skip

    def dataWindow(self):
        return _rectangle(self._open.data)

    def displayWindow(self):
        return _rectangle(self._open.display)

    def setDataWindow(self, x, y, w, h):
        layer = self._changeable
        layer.data = (x, y, w, h)
        layer.stored = numpy.zeros((h, w, layer.stored.shape[2]), layer.stored.dtype)

    def setDisplayWindow(self, x, y, w, h):
        self._changeable.display = (x, y, w, h)

    def setChannelCount(self, chan):
        layer = self._changeable
        layer.stored = numpy.zeros(layer.stored.shape[:2] + (chan,), layer.stored.dtype)

    def setStorageType(self, storagetype):
        layer = self._changeable
        layer.stored = to_storage(layer.values, storagetype)
        layer.storage = storagetype

    def bufferIndex(self, x, y):
        values = tuple(self._open.values[y, x].tolist())
        return values[0] if len(values) == 1 else values

    def allBufferElements(self, *args):
        """Bytes in the layer's own storage, or converted to (storagetype, channels)."""
        layer = self._open
        if not args:
            return to_bytes(layer.stored)
        storage, channels = args
        values = with_channels(layer.values, channels)
        return to_bytes(to_storage(values, storage))

    def setAllBufferElements(self, *args):
        layer = self._changeable
        found = numpy.frombuffer(args[0], layer.stored.dtype)
        if found.size != layer.stored.size:
            raise refuse("The layer has %d elements, not %d." % (layer.stored.size, found.size))
        layer.stored = found.reshape(layer.stored.shape).copy()


def with_channels(values, wanted):
    """Drop channels, or add some, which is believed: grey in all colours, opaque alpha."""
    count = values.shape[2]
    if wanted <= count:
        return values[:, :, :wanted]
    colours = [values[:, :, n] for n in range(count)]
    filler = colours[0] if count == 1 else numpy.zeros(values.shape[:2])
    colours += [filler] * (min(wanted, 3) - count)
    colours += [numpy.ones(values.shape[:2])] * (wanted - len(colours))
    return numpy.dstack(colours)


def _rectangle(window):
    x, y, width, height = window
    return BoundingRect(x, y, x + width, y + height)
