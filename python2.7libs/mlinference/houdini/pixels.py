"""The pixels of a node as an array, top row first: three ways that Houdini keeps pictures.

Every source has planes of one to four components. Each reader lists its planes, picks by the
same rules, and fetches what was picked in one call, never pixel by pixel.
"""

import collections

import hou
import numpy

from mlinference import errors
from mlinference._compat import native

# What the node's Channel menu calls the components, in their order.
CHANNELS = ("r", "g", "b", "alpha")
CHANNEL_LABELS = ("Red", "Green", "Blue", "Alpha as Ink")

# Planes that are taken for the picture when none is named, best first. COP networks call the
# colour C, geometry calls it Cd, a height field has a mask over its height.
USUAL_PLANES = ("C", "Cd", "color", "rgb", "rgba")

# Names that the alpha of a picture goes by.
ALPHA_PLANES = ("A", "Alpha", "alpha", "a")


def of_compositing(cop, plane="", channel="luminance", frame=None):
    """Read a compositing COP, on every Houdini.

    Args:
        cop: hou.CopNode up to Houdini 20.0, hou.Cop2Node since 20.5.
        plane, channel, frame: As in `source.read`.

    Returns:
        float32 [height, width], or [height, width, 3] of red, green, blue; top row first.
    """
    with _cooking(cop):
        width, height = cop.xRes(), cop.yRes()
        planes = cop.planes()
    _check_cooked(cop)
    plane, channel = _picked(cop, planes, plane, channel)
    with _cooking(cop):
        components = [name for name in cop.components(plane) if name]
    wanted = _component(cop, plane, components, channel)
    count = 1 if wanted or len(components) < 2 else len(components)
    # HOM counts the time in seconds; below 0 it is the current one.
    seconds = -1.0 if frame is None else hou.frameToTime(frame)
    return _colours(_fetched(cop, plane, wanted, width, height, count, seconds))


class _cooking(object):
    """Turns Houdini's failure to cook a node into the node's own words."""

    def __init__(self, node):
        self.node = node

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if isinstance(error, (hou.OperationFailed, ValueError)):
            raise errors.CopFailed(path=self.node.path(), reason=_reason(self.node, error))
        return False


def _check_cooked(node):
    """A failed COP may still answer, with an empty or black picture."""
    if node.errors():
        raise errors.CopFailed(path=node.path(), reason=_reason(node))


def _reason(node, error=None):
    """Return the first complaint upstream: those further down only say that there is one."""
    waiting, seen, said = [node], [], ""
    while waiting:
        each = waiting.pop(0)
        if each is None or each in seen:
            continue
        seen.append(each)
        complaints = " ".join(native(text) for text in each.errors())
        if complaints:
            said = complaints if each == node else "%s: %s" % (native(each.name()), complaints)
        waiting.extend(each.inputs())
    if said or error is None:
        return said or "It gives no reason."
    return error.instanceMessage() if hasattr(error, "instanceMessage") else str(error)


def _picked(node, planes, plane, channel):
    """Choose the plane; alpha may be a plane of its own."""
    if channel == "alpha":
        for name in (plane,) if plane else ALPHA_PLANES:
            if name in planes and name in ALPHA_PLANES:
                return name, "luminance"
    if not planes:
        raise errors.NoPlanes(path=node.path())
    if plane and plane not in planes:
        raise errors.PlaneMissing(path=node.path(), plane=plane, planes=_listed(planes))
    return plane or usual_plane(planes), channel


def usual_plane(planes):
    """Return the plane that shows the picture when none is named."""
    for name in USUAL_PLANES:
        if name in planes:
            return name
    return planes[0]


def _listed(names):
    quoted = ["'%s'" % name for name in names]
    return " and ".join(([", ".join(quoted[:-1])] if quoted[1:] else []) + quoted[-1:])


def _component(node, plane, components, channel):
    """Return the component's name in this plane, or None for the whole plane."""
    if channel == "luminance" or (len(components) < 2 and channel == "r"):
        return None
    position = CHANNELS.index(channel)
    if position >= len(components):
        raise _channel_missing(node, plane, channel, max(len(components), 1))
    return components[position]


def _channel_missing(node, plane, channel, count):
    label = CHANNEL_LABELS[CHANNELS.index(channel)]
    return errors.ChannelMissing(path=node.path(), plane=plane, channel=label, count=count)


def _fetched(cop, plane, component, width, height, count, seconds):
    """Fetch as bytes where HOM can, which takes a fortieth of the time, else as a tuple."""
    expected = width * height * count
    flat = numpy.zeros(0, numpy.float32)
    with _cooking(cop):
        if hasattr(cop, "allPixelsAsString"):
            flat = _floats(cop.allPixelsAsString(plane, component, True, seconds))
        if flat.size != expected:
            flat = numpy.array(cop.allPixels(plane, component, True, seconds), numpy.float32)
    _check_cooked(cop)
    if flat.size != expected:
        raise errors.PixelsIncomplete(path=cop.path(), found=flat.size, expected=expected)
    return flat.reshape(height, width, count)[::-1]


def _floats(data):
    return numpy.frombuffer(data, numpy.float32, len(data) // 4)


def _colours(values):
    """Drop what the picture does not use: alpha beside a colour, a lone last axis."""
    if values.shape[2] >= 3:
        return values[:, :, :3]
    return values[:, :, 0]


def of_copernicus(cop, plane="", channel="luminance", frame=None):
    """Read a Copernicus COP's first output; Houdini 21 and later.

    A layer has one picture, so that `plane` counts for a node of several outputs only: it
    names the output.

    Args and returns as `of_compositing`.
    """
    if not hasattr(cop, "layer"):
        raise errors.CopernicusUnreadable(path=cop.path(), version=hou.applicationVersionString())
    with _cooking(cop):
        output = _output(cop, plane)
        layer = cop.layer(output) if frame is None else cop.layerAtFrame(frame, output)
    _check_cooked(cop)
    if layer is None:
        raise errors.LayerMissing(path=cop.path())
    values = _windowed(layer, _layer_values(cop, layer))
    return _channel_of(cop, plane or "C", values, channel)


def _output(cop, plane):
    if not plane:
        return 0
    names = list(cop.outputNames()) if hasattr(cop, "outputNames") else []
    if plane not in names:
        if plane in USUAL_PLANES:
            return 0
        raise errors.PlaneMissing(path=cop.path(), plane=plane, planes=_listed(names or ["C"]))
    return names.index(plane)


def _layer_values(cop, layer):
    width, height = [int(size) for size in layer.bufferResolution()]
    count = layer.channelCount()
    flat = _floats(layer.allBufferElements(hou.imageLayerStorageType.Float32, count))
    if flat.size != width * height * count:
        expected = width * height * count
        raise errors.PixelsIncomplete(path=cop.path(), found=flat.size, expected=expected)
    return flat.reshape(height, width, count)


def _windowed(layer, values):
    """Lay the stored pixels into the picture's frame, and turn the top row first."""
    data, display = _corners(layer.dataWindow()), _corners(layer.displayWindow())
    height, width = values.shape[:2]
    spans = (data[2] - data[0], data[3] - data[1])
    if data == display or min(spans) <= 0:
        return values[::-1]
    scale_x, scale_y = width / float(spans[0]), height / float(spans[1])
    framed_width = int(round((display[2] - display[0]) * scale_x))
    framed_height = int(round((display[3] - display[1]) * scale_y))
    left = int(round((data[0] - display[0]) * scale_x))
    bottom = int(round((data[1] - display[1]) * scale_y))
    framed = numpy.zeros((framed_height, framed_width) + values.shape[2:], numpy.float32)
    rows = slice(max(bottom, 0), max(min(bottom + height, framed_height), 0))
    columns = slice(max(left, 0), max(min(left + width, framed_width), 0))
    inside = values[
        rows.start - bottom : rows.stop - bottom, columns.start - left : columns.stop - left
    ]
    framed[rows, columns] = inside
    return framed[::-1]


def _corners(rectangle):
    low, high = rectangle.min(), rectangle.max()
    return (low[0], low[1], high[0], high[1])


def _channel_of(node, plane, values, channel):
    """Pick a channel of [height, width, count]."""
    count = values.shape[2]
    is_all = count == 1 and channel == "alpha" and plane in ALPHA_PLANES
    if channel == "luminance" or is_all:
        return _colours(values)
    # Two channels are a position or grey with alpha; one is all there is.
    position = count - 1 if channel == "alpha" and count in (2, 4) else CHANNELS.index(channel)
    if position >= count:
        raise _channel_missing(node, plane, channel, count)
    return values[:, :, position]


def of_geometry(sop, plane="", channel="luminance", frame=None):
    """Read an image that a SOP holds as 2D volumes, as cop2net, copnet and height fields do.

    Args:
        sop: The wired hou.SopNode.
        plane: Name of the volumes, without the component.
        channel, frame: As in `source.read`.

    Returns:
        As `of_compositing`.
    """
    geometry = sop.geometry() if frame is None else sop.geometryAtFrame(frame)
    if geometry is None:
        raise errors.InputFailed(path=sop.path(), reason=_reason(sop))
    planes = planes_of(_named_volumes(geometry))
    if not planes:
        raise errors.InputNotPicture(path=sop.path())
    plane, channel = _picked_volumes(sop, planes, plane, channel)
    values = [upright(sop, volume) for volume in planes[plane]]
    same = [each for each in values if each.shape[:2] == values[0].shape[:2]]
    return _channel_of(sop, plane, numpy.concatenate(same, axis=2), channel)


def _named_volumes(geometry):
    """Return [(name, hou.Volume), ...]; the name is blank where there is no such attribute."""
    named = geometry.findPrimAttrib("name") is not None
    return [
        (native(prim.attribValue("name")) if named else "", prim)
        for prim in geometry.prims()
        if prim.type() == hou.primType.Volume
    ]


def planes_of(volumes):
    """Gather what belongs to one plane: C.r, C.g and C.b, or C.x, C.y and C.z.

    Returns:
        OrderedDict of plane to its volumes in the order of components. Where one is missing
        between them, each is a plane of its own, under its whole name.
    """
    gathered = collections.OrderedDict()
    for name, volume in volumes:
        stem, component = _split(name)
        gathered.setdefault(stem, {}).setdefault(component, (name, volume))
    planes = collections.OrderedDict()
    for stem, parts in gathered.items():
        if sorted(parts) == list(range(len(parts))):
            planes[stem] = [parts[component][1] for component in sorted(parts)]
        else:
            for component in sorted(parts):
                name, volume = parts[component]
                planes[name] = [volume]
    return planes


def _split(name):
    stem, dot, end = name.rpartition(".")
    if dot and len(end) == 1 and end in "rgbaxyzw":
        return stem, "rgbaxyzw".index(end) % 4
    return name, 0


def _picked_volumes(sop, planes, plane, channel):
    names = list(planes)
    if plane or channel == "alpha" or any(name in names for name in USUAL_PLANES):
        return _picked(sop, names, plane, channel)
    # A height field from a picture has it in height or in mask and leaves the other empty.
    drawn = [name for name in names if numpy.ptp(upright(sop, planes[name][0])) > 0]
    return (drawn or names)[0], channel


def upright(sop, volume):
    """Return a flat volume's values as float32 [height, width, channels], top row first.

    HOM lists voxels x fastest, then y, then z. A picture laid into the plane named by two
    axes has its width along the first and its height along the second, as in Houdini's menu
    of planes: xy, yz, zx. That cop2net stores it so is read out of its help page, which says
    that the plane decides the axes of the volume; it has not been seen. Height fields and
    copnet keep to x and y and turn the volume instead.
    """
    x, y, z = [int(size) for size in volume.resolution()]
    if min(x, y, z) != 1:
        raise errors.InputNotFlat(path=sop.path(), size="%dx%dx%d" % (x, y, z))
    count = volume.channelCount() if hasattr(volume, "channelCount") else 1
    flat = _voxels(volume, x * y * z * count)
    if flat.size != x * y * z * count:
        raise errors.PixelsIncomplete(path=sop.path(), found=flat.size, expected=x * y * z * count)
    voxels = flat.reshape(z, y, x, count)
    if z == 1:
        return voxels[0][::-1]
    if x == 1:
        return voxels[:, :, 0][::-1]
    return voxels[:, 0].transpose(1, 0, 2)[::-1]


def _voxels(volume, expected):
    if hasattr(volume, "allVoxelsAsString"):
        flat = _floats(volume.allVoxelsAsString())
        if flat.size == expected:
            return flat
    return numpy.array(volume.allVoxels(), numpy.float32)
