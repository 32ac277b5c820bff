"""COP2: image planes, the nodes that make and change them, and HOM's class for these nodes.

A picture is a set of planes, each an array [height, width, components] with its bottom row first,
which is the order in which HOM hands pixels out. What is stored has the plane's depth: 8 and 16 bit
planes hold only multiples of 1/255 and 1/65535; float planes hold any value, below 0 and above 1.
"""

import collections
import os
import re

import numpy
from hou import cooking, graph, nodes, parms
from hou.arrays import to_bytes
from hou.cooking import CookError
from hou.enums import imageDepth
from hou.errors import MARK, OperationFailed, check_text, on_disk, refuse
from hou.graph import Kind, Op
from hou.nodes import OpNode
from hou.parms import integer, menu, toggle
from hou.state import session
from PIL import Image

# The last number in a file's name is its frame; a version such as .v002 would be one too.
FRAME_NUMBER = re.compile(r"^(.*?)(\d+)(\D*)$")
FIXED = {imageDepth.Int8: 255.0, imageDepth.Int16: 65535.0}
FLOATS = {imageDepth.Float16: numpy.float16, imageDepth.Float32: numpy.float32}
# Filters as Pillow names them. Sinc-like ones overshoot: dark beside bright gets below 0.
FILTERS = {
    "point": Image.NEAREST,
    "box": Image.BOX,
    "triangle": Image.BILINEAR,
    "cubic": Image.BICUBIC,
    "sinc": Image.LANCZOS,
}

Plane = collections.namedtuple("Plane", "pixels depth names")


class Picture(object):
    """Planes by name, all of one size."""

    def __init__(self, width, height):
        self.width = width
        self.height = height
        self.planes = collections.OrderedDict()

    def add(self, name, pixels, depth, names=None):
        pixels = numpy.asarray(pixels, numpy.float32)
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        if names is None:
            names = ("r", "g", "b")[: pixels.shape[2]] if pixels.shape[2] > 1 else ("",)
        self.planes[name] = Plane(stored(pixels, depth), depth, tuple(names))

    def changed(self, change, width=None, height=None):
        """A picture whose every channel went through a function of a 2D array."""
        made = Picture(width or self.width, height or self.height)
        for name, plane in self.planes.items():
            channels = [change(plane.pixels[:, :, n]) for n in range(plane.pixels.shape[2])]
            made.add(name, numpy.dstack(channels), plane.depth, plane.names)
        return made

    def components(self):
        """Pairs of "C.r" and the 2D array behind it; a plane of one channel has its bare name."""
        for name, plane in self.planes.items():
            for number, component in enumerate(plane.names):
                full = name if len(plane.names) == 1 else "%s.%s" % (name, component)
                yield full, plane.pixels[:, :, number]


def stored(pixels, depth):
    """What is left of values in a plane of the given depth, as float32."""
    if depth in FIXED:
        top = FIXED[depth]
        return (numpy.rint(numpy.clip(pixels, 0.0, 1.0) * top) / top).astype(numpy.float32)
    if depth in FLOATS:
        return pixels.astype(FLOATS[depth]).astype(numpy.float32)
    return pixels.astype(numpy.float32)


def to_linear(values):
    """The sRGB curve, from display values to linear ones."""
    return numpy.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


# -- File --------------------------------------------------------------------------------------


def cook_file(op):
    """A file, or the frame of a sequence when its name holds a number.

    Houdini's documentation: the last number in the filename is the frame number. So `digit_9.png`
    is frame 9 of a sequence, which at frame 1 has not begun: its first frame's place is black.
    """
    written = _text(op, "filename1")
    if not written:
        raise CookError("No file name given. %s" % MARK)
    path = written
    if os.path.isfile(on_disk(path)) and not _is_sequence(op, path):
        return read_file(path, op)
    if _is_sequence(op, path):
        return _frame_of_sequence(op, path)
    raise CookError("Unable to read file '%s'. %s" % (path, MARK))


def _is_sequence(op, path):
    still = op.channels["overriderange"].evaluate() and op.channels["singleimage"].evaluate()
    named_by_time = op.channels["filename1"].timed
    return (
        not still and not named_by_time and FRAME_NUMBER.match(os.path.basename(path)) is not None
    )


def _frame_of_sequence(op, path):
    folder, name = os.path.split(path)
    head, digits, tail = FRAME_NUMBER.match(name).groups()
    frames = sequence_frames(folder, head, tail)
    if not frames:
        raise CookError("Unable to read file '%s'. %s" % (path, MARK))
    session.clock.read()
    now = int(round(session.clock.frame))
    if now in frames:
        return read_file(os.path.join(folder, frames[now]), op)
    if min(frames) < now < max(frames):
        closest = min(frames, key=lambda frame: (abs(frame - now), frame))
        op.warnings += ("Missing frame %d of '%s'. %s" % (now, name, MARK),)
        return read_file(os.path.join(folder, frames[closest]), op)
    first = read_file(os.path.join(folder, frames[min(frames)]), op)
    if now < min(frames) and op.channels["preextend"].text() == "hold":
        return first
    return first.changed(numpy.zeros_like)


def sequence_frames(folder, head, tail):
    """Frame number -> file name of all files that differ in their number only."""
    pattern = re.compile("^%s(\\d+)%s$" % (re.escape(on_disk(head)), re.escape(on_disk(tail))))
    try:
        names = os.listdir(on_disk(folder) or ".")
    except OSError:
        return {}
    matches = [(pattern.match(name), name) for name in names]
    return {int(match.group(1)): name for match, name in matches if match}


def read_file(path, op):
    """Read a file into planes C and, where it has an alpha channel, A."""
    try:
        with Image.open(on_disk(path)) as opened:
            deep = opened.mode.startswith("I")
            mode = "I" if deep else "RGBA" if has_alpha(opened) else "RGB"
            values = numpy.asarray(opened.convert(mode), numpy.float64)[::-1]
    except (IOError, OSError, SyntaxError) as error:
        raise CookError("Unable to read file '%s' (%s). %s" % (path, error, MARK))
    values = values / (65535.0 if deep else 255.0)
    if values.ndim == 2:
        values = numpy.dstack([values] * 3)
    own = imageDepth.Int16 if deep else imageDepth.Int8
    return _as_planes(values, op, own)


def has_alpha(opened):
    return opened.mode in ("RGBA", "LA", "PA") or "transparency" in opened.info


def _as_planes(values, op, own_depth):
    depth = own_depth
    colour = values[:, :, :3]
    if op.channels["linearize"].evaluate():
        colour = to_linear(colour)
    if op.channels["overridedepth"].evaluate():
        depth = DEPTHS[op.channels["depth"].evaluate()]
    height, width = values.shape[:2]
    picture = Picture(width, height)
    picture.add("C", colour, depth)
    if values.shape[2] > 3:
        picture.add("A", values[:, :, 3], depth)
    return picture


DEPTHS = (
    imageDepth.Int8, imageDepth.Int16, imageDepth.Int32, imageDepth.Float16, imageDepth.Float32
)  # fmt: skip


# -- The other nodes ---------------------------------------------------------------------------


def first_input(op, index=0):
    source = op.input_op(index)
    if source is None:
        raise CookError("Not enough sources specified. %s" % MARK)
    found = cooking.result(source)
    if found is None:
        raise CookError("Cook error in input: %s" % source.name)
    return found


def cook_null(op):
    return first_input(op)


def cook_scale(op):
    picture = first_input(op)
    if op.flag("bypass"):
        return picture
    width = max(1, op.channels["imageres1"].evaluate())
    height = max(1, op.channels["imageres2"].evaluate())
    smaller = width * height < picture.width * picture.height
    name = op.channels["downfilter" if smaller else "upfilter"].text()
    chosen = FILTERS[name]

    def resize(channel):
        flat = Image.fromarray(numpy.ascontiguousarray(channel, numpy.float32), "F")
        return numpy.asarray(flat.resize((width, height), chosen))

    return picture.changed(resize, width, height)


def cook_switch(op):
    count = op.input_count()
    if not count:
        raise CookError("Not enough sources specified. %s" % MARK)
    return first_input(op, max(0, min(count - 1, op.channels["index"].evaluate())))


def cook_invert(op):
    return first_input(op).changed(lambda channel: 1.0 - channel)


def cook_crop(op):
    """Keep columns from hcrop1 up to hcrop2 and rows from vcrop1 up to vcrop2.

    Units: fractions of the picture, or pixels. Which of them comes first in Houdini's menu, and
    that it counts from the bottom left, is believed.
    """
    picture = first_input(op)
    in_pixels = op.channels["units"].text() == "pixel"
    spans = []
    for name, size in (("hcrop", picture.width), ("vcrop", picture.height)):
        ends = [op.channels[name + end].evaluate() * (1 if in_pixels else size) for end in "12"]
        low, high = [max(0, min(size, int(round(end)))) for end in ends]
        if low >= high:
            raise CookError("Nothing is left of the picture. %s" % MARK)
        spans.append((low, high))
    (left, right), (bottom, top) = spans
    return picture.changed(
        lambda channel: channel[bottom:top, left:right], right - left, top - bottom
    )


def cook_color(op):
    width, height = op.channels["size1"].evaluate(), op.channels["size2"].evaluate()
    values = [op.channels["color" + end].evaluate() for end in "rgba"]
    depth = DEPTHS[op.channels["depth"].evaluate()]
    picture = Picture(width, height)
    picture.add("C", numpy.zeros((height, width, 3)) + values[:3], depth)
    picture.add("A", numpy.zeros((height, width, 1)) + values[3], depth)
    return picture


def cook_subnet(op):
    inner = op.flagged_child("render", "Cop2") or op.flagged_child("display", "Cop2")
    if inner is None:
        raise CookError("There is no node inside. %s" % MARK)
    found = cooking.result(inner)
    if found is None:
        raise CookError("Cook error in input: %s" % inner.name)
    return found


def _text(op, name):
    try:
        return op.channels[name].text()
    except OperationFailed as error:
        raise CookError(error.instanceMessage())


def _depth(default):
    return menu("depth", default, "int8 int16 int32 fp16 fp32")


FILE = (
    parms.Template("filename", "String", size=2),
    parms.Template("reload", "Button", pressed=Op.stale),
    toggle("linearize", 1),
    menu("colorspace", "auto", "auto linear srgb"),
    toggle("overridedepth", 0),
    _depth("int8"),
    toggle("overriderange", 0),
    toggle("singleimage", 0),
    integer("start", 1),
    integer("length", 1),
    menu("preextend", "black", "black cycle mirror hold"),
    menu("missingfr", "closest", "closest previous next black error"),
    toggle("warnmissing", 1),
)
SCALE = (
    menu("scaletype", "res", "res factor"),
    parms.Template("imageres", "Int", size=2, defaults=(640, 480)),
    menu("downfilter", "sinc", " ".join(sorted(FILTERS))),
    menu("upfilter", "cubic", " ".join(sorted(FILTERS))),
)
CROP = (
    menu("units", "uv", "uv pixel"),
    parms.Template("hcrop", "Float", size=2, defaults=(0, 1)),
    parms.Template("vcrop", "Float", size=2, defaults=(0, 1)),
)
COLOR = (
    parms.Template("size", "Int", size=2, defaults=(64, 64)),
    parms.Template("color", "Float", size=4, suffixes="rgba", defaults=(0, 0, 0, 1)),
    _depth("int8"),
)


def register():
    graph.register(
        Kind("Object", "cop2net", child="Cop2"),
        Kind("Driver", "cop2net", child="Cop2"),
        Kind("CopNet", "img", child="Cop2"),
        Kind("Cop2", "file", FILE, (0, 0), cook_file),
        Kind("Cop2", "scale", SCALE, (1, 1), cook_scale),
        Kind("Cop2", "null", (), (0, 1), cook_null),
        Kind("Cop2", "switch", [integer("index", 0)], (1, 9999), cook_switch),
        Kind("Cop2", "invert", (), (1, 1), cook_invert),
        Kind("Cop2", "crop", CROP, (1, 1), cook_crop),
        Kind("Cop2", "color", COLOR, (0, 0), cook_color),
        Kind("Cop2", "subnet", (), (0, 4), cook_subnet, child="Cop2"),
        # A node that lives in a COP network without being a COP.
        Kind("Cop2", "ropnet", child="Driver"),
    )


@nodes.flags("Display", "Render", "Template")
class Cop2Node(nodes.Bypassable, OpNode):
    """HOM's class for COP2 nodes: `hou.CopNode` up to 20.0, `hou.Cop2Node` from 20.5."""

    def _picture(self):
        """Cook without making anyone depend on the pixels: HOM documents no such dependency."""
        op = self._op
        with session.computing(None):
            cooking.cook(op)
        if op.errors:
            raise refuse("Error:       " + "\n".join(op.errors))
        return op.result

    def _plane(self, plane):
        if plane is None or plane == "":
            raise ValueError("No plane is given. %s" % MARK)
        check_text(plane, "The name of a plane")
        planes = self._picture().planes
        if plane not in planes:
            raise refuse("%s has no plane '%s'." % (self._op.path, plane))
        return planes[plane]

    def planes(self):
        return tuple(self._picture().planes)

    def components(self, plane):
        return self._plane(plane).names

    def depth(self, plane):
        return self._plane(plane).depth

    def xRes(self):
        return self._picture().width

    def yRes(self):
        return self._picture().height

    def imageBounds(self, plane="C"):
        self._plane(plane)
        picture = self._picture()
        return (0, 0, picture.width - 1, picture.height - 1)

    def _pixels(self, plane, component, interleaved, time):
        """float32, flat, bottom row first."""
        if time >= 0:
            with parms.at_frame(parms.frame_at(time)):
                found = self._plane(plane)
        else:
            found = self._plane(plane)
        if component is not None:
            if component not in found.names:
                raise refuse("The plane '%s' has no component '%s'." % (plane, component))
            return found.pixels[:, :, found.names.index(component)].ravel()
        return (found.pixels if interleaved else found.pixels.transpose(2, 0, 1)).ravel()

    def allPixels(self, plane="C", component=None, interleaved=True, time=-1.0):
        return tuple(self._pixels(plane, component, interleaved, time).tolist())

    def allPixelsAsString(
        self, plane="C", component=None, interleaved=True, time=-1.0, depth=None
    ):
        pixels = self._pixels(plane, component, interleaved, time)
        if depth in FIXED:
            whole = {imageDepth.Int8: numpy.uint8, imageDepth.Int16: numpy.uint16}[depth]
            values = numpy.rint(numpy.clip(pixels, 0, 1) * FIXED[depth])
            return to_bytes(values.astype(whole))
        return to_bytes(pixels.astype(FLOATS.get(depth, numpy.float32)))

    def saveImage(self, file_name, frame_range=()):
        pixels = self._plane("C").pixels[::-1]
        whole = numpy.rint(numpy.clip(pixels, 0, 1) * 255).astype(numpy.uint8)
        Image.fromarray(whole).save(file_name)

    def isSingleImage(self):
        self._picture()
        return not self._op.timed


