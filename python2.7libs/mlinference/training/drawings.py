"""Drawings by a pen that is not there: digits as people write them, and doodles that are none.

A digit is a few strokes, each a list of points in a box of 1 x 1 (x right, y down); a smooth
curve goes through them, and a `None` between two points makes a corner. Every drawing moves
the points, slants and stretches the whole and takes another pen. Needs Pillow.
"""

from __future__ import division

import numpy

# Several ways to write each digit: with and without foot, open and closed, crossed and not.
# fmt: off
DIGITS = (
    (
        [[(0.5, 0), (0.15, 0.25), (0.12, 0.7), (0.48, 1), (0.85, 0.7), (0.83, 0.25), (0.5, 0)]],
        [[(0.6, 0.03), (0.2, 0.2), (0.15, 0.75), (0.5, 1), (0.85, 0.7), (0.8, 0.2), (0.45, 0.02)]],
        [[(0.5, 0), (0.1, 0.5), (0.5, 1), (0.9, 0.5), (0.5, 0)]],
    ),
    (
        [[(0.5, 0), (0.5, 0.5), (0.5, 1)]],
        [[(0.25, 0.28), (0.55, 0), None, (0.55, 0), (0.55, 1)]],
        [[(0.2, 0.3), (0.4, 0.18), (0.55, 0), None, (0.55, 0), (0.55, 1)], [(0.25, 1), (0.85, 1)]],
        [[(0.3, 0.15), (0.5, 0), None, (0.5, 0), (0.5, 1)], [(0.3, 1), (0.7, 1)]],
        [[(0.05, 0.45), (0.55, 0), None, (0.55, 0), (0.55, 1)]],
    ),
    (
        [[(0.1, 0.25), (0.45, 0), (0.85, 0.25), (0.55, 0.6), (0.1, 1), None, (0.1, 1), (0.9, 1)]],
        [[(0.12, 0.2), (0.5, 0), (0.8, 0.28), (0.5, 0.7), (0.15, 0.95), (0.2, 0.75), (0.45, 0.85),
          (0.9, 0.95)]],
        [[(0.15, 0.1), (0.6, 0), (0.85, 0.3), (0.4, 0.75), (0.05, 0.98), None, (0.05, 0.98),
          (0.5, 0.92), (0.95, 1)]],
    ),
    (
        [[(0.12, 0.15), (0.5, 0), (0.85, 0.22), (0.4, 0.47), None, (0.4, 0.47), (0.88, 0.72),
          (0.5, 1), (0.08, 0.85)]],
        [[(0.15, 0.02), (0.82, 0.02), None, (0.82, 0.02), (0.42, 0.4), None, (0.42, 0.4),
          (0.88, 0.65), (0.5, 1), (0.1, 0.88)]],
        [[(0.15, 0.1), (0.55, 0), (0.8, 0.22), (0.5, 0.45), (0.42, 0.47), (0.55, 0.48),
          (0.85, 0.74),
          (0.5, 1), (0.1, 0.9)]],
    ),
    (
        [[(0.55, 0), (0.08, 0.68), None, (0.08, 0.68), (0.95, 0.68)], [(0.65, 0.3), (0.65, 1)]],
        [[(0.65, 1), (0.65, 0), None, (0.65, 0), (0.05, 0.7), None, (0.05, 0.7), (0.95, 0.7)]],
        [[(0.15, 0), (0.12, 0.5), None, (0.12, 0.5), (0.85, 0.5)], [(0.8, 0), (0.78, 1)]],
        [[(0.2, 0.02), (0.15, 0.45), (0.5, 0.55), (0.8, 0.5)], [(0.85, 0.0), (0.75, 0.5),
          (0.7, 1)]],
        [[(0.45, 0), (0.1, 0.6), None, (0.1, 0.6), (0.9, 0.58)], [(0.72, 0.4), (0.68, 1)]],
    ),
    (
        [[(0.25, 0.02), (0.18, 0.45), None, (0.18, 0.45), (0.55, 0.38), (0.87, 0.68), (0.5, 1),
          (0.1, 0.9)], [(0.25, 0.02), (0.85, 0.02)]],
        [[(0.85, 0), (0.25, 0.02), None, (0.25, 0.02), (0.18, 0.42), None, (0.18, 0.42), (0.6, 0.4),
          (0.85, 0.7), (0.45, 1), (0.08, 0.88)]],
        [[(0.8, 0.02), (0.35, 0.05), (0.2, 0.4), (0.6, 0.45), (0.8, 0.75), (0.4, 1), (0.1, 0.9)]],
    ),
    (
        [[(0.7, 0), (0.3, 0.3), (0.13, 0.7), (0.45, 1), (0.82, 0.75), (0.5, 0.5), (0.15, 0.7)]],
        [[(0.8, 0.05), (0.4, 0.1), (0.15, 0.55), (0.4, 1), (0.85, 0.75), (0.55, 0.48),
          (0.18, 0.68)]],
        [[(0.45, 0), (0.2, 0.45), (0.18, 0.85), (0.5, 1), (0.8, 0.8), (0.55, 0.6), (0.2, 0.8)]],
    ),
    (
        [[(0.1, 0.02), (0.9, 0.02), None, (0.9, 0.02), (0.55, 0.5), (0.4, 1)]],
        [[(0.1, 0.02), (0.88, 0.02), None, (0.88, 0.02), (0.4, 1)], [(0.3, 0.5), (0.85, 0.5)]],
        [[(0.1, 0.2), (0.12, 0.03), None, (0.12, 0.03), (0.9, 0.03), None, (0.9, 0.03), (0.6, 0.45),
          (0.48, 1)]],
        [[(0.08, 0.12), (0.3, 0.02), (0.55, 0.1), (0.9, 0.02), None, (0.9, 0.02), (0.5, 0.55),
          (0.4, 1)], [(0.25, 0.52), (0.8, 0.48)]],
    ),
    (
        [[(0.8, 0.15), (0.45, 0), (0.2, 0.22), (0.5, 0.47), (0.85, 0.75), (0.5, 1), (0.15, 0.77),
          (0.5, 0.47), (0.82, 0.22), (0.75, 0.12)]],
        [[(0.5, 0), (0.2, 0.22), (0.5, 0.46), (0.8, 0.22), (0.5, 0)],
         [(0.5, 0.46), (0.12, 0.75), (0.5, 1), (0.88, 0.75), (0.5, 0.46)]],
        [[(0.7, 0.08), (0.3, 0.1), (0.35, 0.4), (0.75, 0.65), (0.6, 0.98), (0.25, 0.85),
          (0.45, 0.5),
          (0.8, 0.2), (0.68, 0.05)]],
    ),
    (
        [[(0.82, 0.25), (0.45, 0), (0.15, 0.28), (0.45, 0.52), (0.82, 0.25), None, (0.82, 0.25),
          (0.78, 0.6), (0.6, 1)]],
        [[(0.8, 0.22), (0.45, 0), (0.18, 0.25), (0.4, 0.5), (0.8, 0.28), None, (0.8, 0.05),
          (0.78, 1)]],
        [[(0.82, 0.3), (0.5, 0), (0.15, 0.25), (0.45, 0.52), (0.8, 0.3), (0.82, 0.6), (0.6, 0.95),
          (0.2, 0.92)]],
        [[(0.8, 0.25), (0.5, 0.02), (0.15, 0.3), (0.5, 0.5), (0.8, 0.25), None, (0.8, 0.25),
          (0.45, 1)]],
    ),
)

# fmt: on

# Pixels of the sheet that one drawing is made on.
SIDE = 96


def digit(number, random):
    """Draw a digit.

    Args:
        number: 0 to 9.
        random: numpy.random.RandomState.

    Returns:
        float32 [SIDE, SIDE], 0 paper to 1 ink.
    """
    ways = DIGITS[number]
    strokes = [
        curve for stroke in ways[random.randint(len(ways))] for curve in _curves(stroke, random)
    ]
    return ink(_one_hand(strokes, random), random)


def doodle(random):
    """Draw something that is no digit, as `digit` does."""
    return _DOODLES[random.randint(len(_DOODLES))](random)


def ink(strokes, random, width=None):
    """Draw strokes, float [N, 2] in pixels of the sheet, with one pen.

    Args:
        width: Of the pen in pixels; else at random, fine to broad.
    """
    from PIL import Image, ImageDraw

    # Drawn twice as large and halved, so that edges are smooth.
    image = Image.new("L", (2 * SIDE, 2 * SIDE), 0)
    draw = ImageDraw.Draw(image)
    width = width or numpy.exp(random.uniform(numpy.log(2.0), numpy.log(11.0)))
    pressure = random.uniform(0, 0.35) if random.randint(3) == 0 else 0.0
    for stroke in strokes:
        points = [tuple(2 * point) for point in stroke]
        turn = random.uniform(0, 6.3)
        for index in range(len(points) - 1):
            part = 1 + pressure * numpy.sin(turn + 4.0 * index / len(points))
            radius = max(1.0, width * part)
            draw.line((points[index], points[index + 1]), 255, int(round(2 * radius)))
            x, y = points[index + 1]
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), 255)
        x, y = points[0]
        draw.ellipse((x - width, y - width, x + width, y + width), 255)
    return numpy.asarray(image.resize((SIDE, SIDE), Image.BOX), numpy.float32) / 255


def smooth(points, steps=10):
    """Return float [M, 2] on the Catmull-Rom curve through the points."""
    points = numpy.asarray(points, float)
    if len(points) < 3:
        part = numpy.linspace(0, 1, steps)[:, None]
        return points[0] * (1 - part) + points[-1] * part
    closed = numpy.abs(points[0] - points[-1]).max() < 1e-9
    before = points[-2] if closed else 2 * points[0] - points[1]
    after = points[1] if closed else 2 * points[-1] - points[-2]
    ring = numpy.concatenate(([before], points, [after]))
    t = numpy.linspace(0, 1, steps, endpoint=False)[:, None]
    curves = []
    for a, b, c, d in zip(ring, ring[1:], ring[2:], ring[3:]):
        curves.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return numpy.concatenate(curves + [points[-1:]])


def _curves(stroke, random):
    """Smooth the parts between the corners of one stroke, every point moved a little."""
    moved, shifts = [], {}
    for point in stroke:
        if point is None:
            moved.append(None)
            continue
        # A corner is one point given twice; it must move as one.
        if point not in shifts:
            shifts[point] = 0.045 * random.standard_normal(2)
        moved.append(numpy.asarray(point) + shifts[point])
    part, parts = [], []
    for point in moved + [None]:
        if point is None:
            parts.append(smooth(part))
            part = []
        else:
            part.append(point)
    return parts


def _one_hand(strokes, random):
    """Slant, turn, stretch and place all strokes of a drawing alike on the sheet."""
    angle, slant = 0.12 * random.standard_normal(), 0.18 * random.standard_normal()
    height = random.uniform(0.45, 0.75) * SIDE
    width = height * random.uniform(0.4, 0.95)
    cos, sin = numpy.cos(angle), numpy.sin(angle)
    matrix = numpy.dot(
        [[cos, -sin], [sin, cos]], numpy.dot([[1, -slant], [0, 1]], numpy.diag((width, height)))
    )
    return [numpy.dot(stroke - 0.5, matrix.T) + SIDE / 2 for stroke in strokes]


# -- doodles ----------------------------------------------------------------------------------


def _scribble(random):
    # Fewer turns than this may be a digit after all.
    points = random.uniform(0.12, 0.88, (random.randint(8, 26), 2)) * SIDE
    return ink([smooth(points) if random.randint(2) else points], random, random.uniform(1, 3.5))


def _walk(random):
    steps = numpy.cumsum(random.standard_normal((random.randint(15, 60), 2)), axis=0)
    return ink([smooth(_in_box(steps))], random, random.uniform(1, 3))


def _several(random):
    lines = [
        _in_box(random.uniform(0, 1, (random.randint(2, 4), 2))) * random.uniform(0.4, 1)
        + random.uniform(0, 0.25, 2) * SIDE
        for _ in range(random.randint(4, 9))
    ]
    return ink([smooth(line) for line in lines], random, random.uniform(1, 4))


def _zigzag(random):
    count = random.randint(5, 13)
    points = numpy.column_stack(
        (numpy.linspace(0, 1, count), numpy.arange(count) % 2 * random.uniform(0.2, 0.9))
    )
    points += 0.04 * random.standard_normal(points.shape)
    return ink([_turned(points, random)], random, random.uniform(1, 4))


def _wave(random):
    along = numpy.linspace(0, 1, 80)
    turns = random.uniform(2, 5) * 2 * numpy.pi
    points = numpy.column_stack((along, random.uniform(0.1, 0.4) * numpy.sin(turns * along)))
    return ink([_turned(points, random)], random, random.uniform(1, 4))


def _coil(random):
    along = numpy.linspace(0, 1, 120)
    turns = random.uniform(3, 6) * 2 * numpy.pi
    size = random.uniform(0.12, 0.4)
    points = numpy.column_stack(
        (along + size * numpy.cos(turns * along), size * numpy.sin(turns * along))
    )
    return ink([_turned(points, random)], random, random.uniform(1, 3))


def _spiral(random):
    along = numpy.linspace(0.05, 1, 120)
    turns = random.uniform(2.2, 5) * 2 * numpy.pi * (1 if random.randint(2) else -1)
    points = along[:, None] * numpy.column_stack((numpy.cos(turns * along), numpy.sin(turns * along)))
    return ink([_turned(points, random)], random, random.uniform(1, 3))


def _star(random):
    count = random.randint(4, 9)
    angles = numpy.arange(2 * count + 1) * numpy.pi / count
    radii = numpy.where(numpy.arange(2 * count + 1) % 2, random.uniform(0.25, 0.6), 1.0)
    points = numpy.column_stack((radii * numpy.cos(angles), radii * numpy.sin(angles)))
    return _outline(points, random)


def _polygon(random):
    # Outlines of three sides, filled ones of any number: an outline of more may be a nought.
    count = random.randint(3, 9)
    # Apart from each other, or a sliver would be a one.
    angles = (numpy.arange(count) + random.uniform(0, 0.6, count)) * 2 * numpy.pi / count
    points = numpy.column_stack((numpy.cos(angles), numpy.sin(angles)))
    return _filled(points, random) if count > 3 else _outline(points[[0, 1, 2, 0]], random)


def _heart(random):
    t = numpy.linspace(0, 2 * numpy.pi, 60)
    y = 13 * numpy.cos(t) - 5 * numpy.cos(2 * t) - 2 * numpy.cos(3 * t) - numpy.cos(4 * t)
    return _outline(numpy.column_stack((16 * numpy.sin(t) ** 3, -y)), random)


def _flower(random):
    t = numpy.linspace(0, 2 * numpy.pi, 160)
    radius = 1 + random.uniform(0.3, 0.9) * numpy.cos(random.randint(3, 8) * t)
    return _outline(numpy.column_stack((radius * numpy.cos(t), radius * numpy.sin(t))), random)


def _face(random):
    circle = _ring(0.5, 0.5, 0.45, 0.45)
    eyes = [_ring(x, random.uniform(0.35, 0.42), 0.05, 0.06) for x in (0.35, 0.65)]
    mouth = smooth([(0.3, 0.62), (0.5, 0.62 + random.uniform(-0.1, 0.2)), (0.7, 0.62)])
    return _sketch([circle, mouth] + eyes, random)


def _house(random):
    walls = [(0.2, 1), (0.2, 0.45), (0.8, 0.45), (0.8, 1), (0.2, 1)]
    roof = [(0.1, 0.48), (0.5, random.uniform(0, 0.2)), (0.9, 0.48)]
    door = [(0.42, 1), (0.42, 0.7), (0.58, 0.7), (0.58, 1)]
    return _sketch([walls, roof, door], random)


def _arrow(random):
    head = random.uniform(0.15, 0.35)
    shaft = [(0, 0.5), (1, 0.5)]
    return _sketch(
        [shaft, [(1 - head, 0.5 - head), (1, 0.5), (1 - head, 0.5 + head)]], random, turn=True
    )


def _crosses(random):
    if random.randint(2):
        return _sketch([[(0, 0), (1, 1)], [(1, 0), (0, 1)]], random)
    return _sketch([[(0.5, 0), (0.5, 1)], [(0, 0.5), (1, 0.5)]], random)


def _grid(random):
    count = random.randint(3, 6)
    places = numpy.linspace(0, 1, count)
    lines = [[(0, at), (1, at)] for at in places] + [[(at, 0), (at, 1)] for at in places]
    return _sketch(lines if random.randint(2) else lines[:count], random)


def _tree(random):
    lines = [[(0.5, 1), (0.5, 0.1)]]
    for at in numpy.linspace(0.2, 0.75, random.randint(2, 5)):
        reach = random.uniform(0.15, 0.45)
        lines.append([(0.5 - reach, at - random.uniform(-0.2, 0.2)), (0.5, at)])
        lines.append([(0.5 + reach, at - random.uniform(-0.2, 0.2)), (0.5, at)])
    return _sketch(lines, random)


def _fan(random):
    count = random.randint(5, 14)
    angles = random.uniform(0, 0.3) + numpy.arange(count) * 2 * numpy.pi / count
    return _sketch(
        [[(0.5, 0.5), (0.5 + 0.5 * numpy.cos(a), 0.5 + 0.5 * numpy.sin(a))] for a in angles], random
    )


def _bubbles(random):
    rings = [
        _ring(random.uniform(0.2, 0.8), random.uniform(0.2, 0.8), *random.uniform(0.06, 0.3, 2))
        for _ in range(random.randint(3, 8))
    ]
    return _sketch(rings, random)


def _dots(random):
    sheet = numpy.zeros((SIDE, SIDE), numpy.float32)
    y, x = numpy.mgrid[:SIDE, :SIDE]
    for _ in range(random.randint(1, 14)):
        middle = random.uniform(0.25, 0.75, 2) * SIDE
        radius = random.uniform(0.04, 0.22) * SIDE
        sheet[(y - middle[0]) ** 2 + (x - middle[1]) ** 2 < radius**2] = random.uniform(0.5, 1)
    return sheet


def _blot(random):
    t = numpy.linspace(0, 2 * numpy.pi, 80)
    radius = 1 + sum(
        random.uniform(-0.35, 0.35) * numpy.cos(n * t + random.uniform(0, 6)) for n in (2, 3, 4, 5)
    )
    return _filled(numpy.column_stack((radius * numpy.cos(t), radius * numpy.sin(t))), random)


def _bar(random):
    # A line that lies: standing it would be a one.
    height = random.uniform(-0.15, 0.15)
    return ink([_in_box(numpy.array([(0, 0.5), (1, 0.5 + height)]))], random, random.uniform(1, 9))


def _ring(x, y, wide, high):
    t = numpy.linspace(0, 2 * numpy.pi, 40)
    return numpy.column_stack((x + wide * numpy.cos(t), y + high * numpy.sin(t)))


def _sketch(lines, random, turn=False):
    lines = [numpy.asarray(line, float) for line in lines]
    lines = [line + 0.02 * random.standard_normal(line.shape) * (len(line) < 10) for line in lines]
    angle = random.uniform(0, 2 * numpy.pi) if turn else 0.15 * random.standard_normal()
    cos, sin = numpy.cos(angle), numpy.sin(angle)
    size = numpy.array([random.uniform(0.4, 0.62), random.uniform(0.4, 0.62)]) * SIDE
    placed = [
        numpy.dot((line - 0.5) * size, [[cos, sin], [-sin, cos]]) + SIDE / 2 for line in lines
    ]
    return ink(placed, random, random.uniform(1, 4.5))


def _outline(points, random):
    return ink([_turned(points, random)], random, random.uniform(1, 4))


def _filled(points, random):
    from PIL import Image, ImageDraw

    image = Image.new("L", (2 * SIDE, 2 * SIDE), 0)
    ImageDraw.Draw(image).polygon([tuple(2 * point) for point in _turned(points, random)], 255)
    return numpy.asarray(image.resize((SIDE, SIDE), Image.BOX), numpy.float32) / 255


def _turned(points, random):
    angle = random.uniform(0, 2 * numpy.pi)
    cos, sin = numpy.cos(angle), numpy.sin(angle)
    turned = numpy.dot(points * random.uniform(0.6, 1, 2), [[cos, sin], [-sin, cos]])
    return _in_box(turned)


def _in_box(points):
    """Scale points, proportions kept, into the sheet's middle."""
    points = points - points.min(0)
    points = points / max(points.max(), 1e-6) * 0.7 * SIDE
    return points + (SIDE - points.max(0)) / 2


_DOODLES = (
    _scribble,
    _scribble,
    _walk,
    _several,
    _several,
    _zigzag,
    _wave,
    _coil,
    _spiral,
    _star,
    _polygon,
    _polygon,
    _heart,
    _flower,
    _face,
    _house,
    _arrow,
    _crosses,
    _grid,
    _tree,
    _fan,
    _bubbles,
    _dots,
    _blot,
    _blot,
    _bar,
)
