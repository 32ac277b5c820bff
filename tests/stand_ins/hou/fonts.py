"""Text to outlines for the Font SOP.

With fontTools the outlines are those of the TrueType font that Pillow 10.1 and later carry.
Without it each character is made of the rows of dots of Pillow's built-in bitmap font: coarse, but
readable, and it needs nothing else.
"""

import numpy
from PIL import Image, ImageDraw, ImageFont

# Steps that a curve is divided into.
CURVE_STEPS = 6


def outlines(text):
    """Return one list of closed contours per character, and the text's advance width.

    A contour is a float array [n, 2]; heights are in units of the line, so that capitals are
    about 0.7 high and the baseline is 0.
    """
    glyphs = _scalable_glyphs() or _BitmapGlyphs()
    contours, advance = [], 0.0
    for character in text:
        shapes, width = glyphs.character(character)
        contours.append([shape + (advance, 0.0) for shape in shapes])
        advance += width
    return contours, advance


def _scalable_glyphs():
    try:
        from fontTools.pens.recordingPen import DecomposingRecordingPen
        from fontTools.ttLib import TTFont
    except ImportError:
        return None
    source = getattr(_default_font(), "path", None)
    if source is None or not hasattr(source, "seek"):
        return None  # Pillow older than 10.1
    if "glyphs" not in _cache:
        source.seek(0)
        _cache["glyphs"] = _ScalableGlyphs(TTFont(source), DecomposingRecordingPen)
    return _cache["glyphs"]


_cache = {}


def _default_font():
    try:
        return ImageFont.load_default(10)
    except (TypeError, ImportError):  # before 10.1 there is no size; without FreeType no outlines
        return None


class _ScalableGlyphs(object):
    def __init__(self, font, pen):
        self.pen = pen
        self.set = font.getGlyphSet()
        self.map = font.getBestCmap()
        self.scale = 1.0 / font["head"].unitsPerEm

    def character(self, character):
        glyph = self.set[self.map.get(ord(character), ".notdef")]
        pen = self.pen(self.set)
        glyph.draw(pen)
        shapes = [shape * self.scale for shape in _flattened(pen.value)]
        return shapes, glyph.width * self.scale


def _flattened(commands):
    """Turn a recorded outline into polygons."""
    shapes, corners = [], []
    for command, points in commands:
        if command == "moveTo":
            corners = [points[0]]
        elif command == "lineTo":
            corners.append(points[0])
        elif command == "qCurveTo":
            if points[-1] is None:  # a contour without a corner
                points = points[:-1]
                start = _middle(points[-1], points[0])
                corners, points = [start], points + (start,)
            for control, end in _quadratics(points):
                corners.extend(_bent(corners[-1], [control, end]))
        elif command == "curveTo":
            corners.extend(_bent(corners[-1], list(points)))
        if command == "closePath" and len(corners) > 2:
            if tuple(corners[0]) == tuple(corners[-1]):
                corners = corners[:-1]
            shapes.append(numpy.array(corners, float))
    return shapes


def _quadratics(points):
    for control, following in zip(points[:-2], points[1:-1]):
        yield control, _middle(control, following)
    yield points[-2] if len(points) > 1 else points[-1], points[-1]


def _middle(a, b):
    return ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0)


def _bent(start, rest):
    """Points on a Bezier curve, by de Casteljau's construction; the start is left out."""
    found = []
    for step in range(1, CURVE_STEPS + 1):
        t = step / float(CURVE_STEPS)
        level = [numpy.array(point, float) for point in [start] + rest]
        while len(level) > 1:
            level = [a * (1 - t) + b * t for a, b in zip(level, level[1:])]
        found.append(tuple(level[0]))
    return found


class _BitmapGlyphs(object):
    """Each run of dots in a row is a rectangle."""

    def character(self, character):
        font = ImageFont.load_default()
        canvas = Image.new("L", (24, 24), 0)
        ImageDraw.Draw(canvas).text((6, 6), character, fill=255, font=font)
        dots = numpy.asarray(canvas) > 127
        rows, columns = numpy.nonzero(dots)
        if not len(rows):
            return [], 0.5
        left, right, baseline = columns.min(), columns.max() + 1, rows.max() + 1
        dot = 1.0 / 11  # the built-in font's line is 11 dots
        shapes = []
        for row in range(rows.min(), baseline):
            for start, end in _runs(dots[row]):
                low, high = (baseline - row - 1) * dot, (baseline - row) * dot
                x0, x1 = (start - left) * dot, (end - left) * dot
                shapes.append(numpy.array([(x0, low), (x1, low), (x1, high), (x0, high)]))
        return shapes, (right - left + 1) * dot


def _runs(row):
    edges = numpy.flatnonzero(numpy.diff(numpy.concatenate(([0], row.astype(int), [0]))))
    return list(zip(edges[::2], edges[1::2]))


def bridged(contours):
    """Join holes to the shape around them, as the Font SOP does: one polygon a shape."""
    shapes = []
    for index, contour in enumerate(contours):
        around = [c for n, c in enumerate(contours) if n != index and _inside(contour[0], c)]
        shapes.append((len(around) % 2, contour))
    outer = [contour for is_hole, contour in shapes if not is_hole]
    joined = list(outer)
    for is_hole, hole in shapes:
        if is_hole:
            for number, contour in enumerate(outer):
                if _inside(hole[0], contour):
                    joined[number] = _bridge(joined[number], hole)
                    break
    return joined


def _bridge(outer, hole):
    distances = ((outer[:, None, :] - hole[None, :, :]) ** 2).sum(axis=2)
    at, into = numpy.unravel_index(distances.argmin(), distances.shape)
    turn = hole[::-1] if _area(outer) * _area(hole) > 0 else hole
    into = len(hole) - 1 - into if turn is not hole else into
    loop = numpy.concatenate((turn[into:], turn[: into + 1]))
    return numpy.concatenate((outer[: at + 1], loop, outer[at:]))


def _area(contour):
    x, y = contour[:, 0], contour[:, 1]
    return 0.5 * float((x * numpy.roll(y, -1) - numpy.roll(x, -1) * y).sum())


def _inside(point, contour):
    """Even-odd rule."""
    x, y = point
    following = numpy.roll(contour, -1, axis=0)
    crosses = (contour[:, 1] > y) != (following[:, 1] > y)
    rise = numpy.where(crosses, following[:, 1] - contour[:, 1], 1.0)
    at = contour[:, 0] + (y - contour[:, 1]) / rise * (following[:, 0] - contour[:, 0])
    return bool(numpy.count_nonzero(crosses & (x < at)) % 2)
