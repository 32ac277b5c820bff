"""Where the previews put their polygons: arrays of numbers, before any of it is geometry.

Everything lies in the xy plane and faces +z. One picture fills the unit square about the
origin, y up; a page of several shapes has its longer side as the unit, about the same origin.
Polygons are pixels: quads that share the points of their grid, a colour and a value each.
"""

from __future__ import division

import collections
import re

import numpy

from mlinference import lettering

# (left, bottom, width, height) of what one picture fills.
UNIT = (-0.5, -0.5, 1.0, 1.0)

# Blocks of layers and charts stand this far apart, tiles within a block this part of a tile.
BLOCK_GAP = 0.15
TILE_GAP = 0.1

# Bars as wide as this part of their class's place; the winner's colour, and the others'.
BAR_PART = 0.7
WINNER = (1.0, 0.45, 0.05)
LOSER = (0.55, 0.6, 0.65)
LETTER = (0.9, 0.9, 0.9)

# A bar of no height would be no polygon; this is a line to stand on.
THINNEST_BAR = 0.002

# A letter is this high, and stands this far below its bar.
LETTER_HEIGHT = 0.09
LETTER_GAP = 0.04

# Of a value from -1 to 1: colour at 1 and at -1, black in the middle.
POSITIVE = (1.0, 0.85, 0.6)
NEGATIVE = (0.15, 0.4, 1.0)

# A layer of more numbers is shown in averages: no viewer shows a million polygons with ease.
MOST_IN_BLOCK = 65536

# What evidence adds to a pixel of the picture, which is dimmed to make room.
FOR = (1.0, 0.3, 0.0)
AGAINST = (0.0, 0.35, 1.0)
DIMMED = 0.35


class Quads(object):
    """Polygons of four corners.

    Attributes:
        points: float64 [points, 3].
        corners: int [quads, 4], point numbers, clockwise as seen from +z: the front side in
            Houdini is the one from which a polygon runs clockwise.
        attributes: OrderedDict of name to one value a quad: float [quads] or [quads, 3],
            int [quads], or a list of str.
        groups: OrderedDict of name to (first quad, last quad + 1).
        fixed: Names of attributes that follow from the groups and the points' places.
    """

    def __init__(self, points, corners, attributes, groups=(), fixed=()):
        self.points = points
        self.corners = corners
        self.attributes = collections.OrderedDict(attributes)
        self.groups = collections.OrderedDict(groups)
        self.fixed = tuple(fixed)

    def __len__(self):
        return len(self.corners)


def join(parts):
    """Return one Quads of several that have the same attributes; groups of a name unite.

    Groups of the same name must follow one another.
    """
    points = numpy.concatenate([part.points for part in parts])
    starts = numpy.cumsum([0] + [len(part.points) for part in parts])
    corners = numpy.concatenate([part.corners + start for part, start in zip(parts, starts)])
    attributes = [(name, _joined([part.attributes[name] for part in parts])) for name in parts[0].attributes]
    groups = collections.OrderedDict()
    first = 0
    for part in parts:
        for name, (begin, end) in part.groups.items():
            groups[name] = (groups.get(name, (first + begin,))[0], first + end)
        first += len(part)
    return Quads(points, corners, attributes, groups, parts[0].fixed)


def _joined(columns):
    if isinstance(columns[0], list):
        return [value for column in columns for value in column]
    return numpy.concatenate(columns)


def unit(height, width):
    """Return the place of one picture: its longer side fills that of UNIT, the middle is its."""
    across, up = width / max(height, width), height / max(height, width)
    return (-across / 2, -up / 2, across, up)


def grid(height, width, place=UNIT):
    """Return the points and corners of a grid of pixels, row by row from the top.

    Args:
        place: (left, bottom, width, height) of the whole.

    Returns:
        (float64 [(height + 1) * (width + 1), 3], int [height * width, 4]).
    """
    left, bottom, across, up = place
    points = numpy.zeros((height + 1, width + 1, 3))
    points[:, :, 0] = left + across * numpy.arange(width + 1) / width
    points[:, :, 1] = bottom + up * (1 - numpy.arange(height + 1)[:, None] / height)
    numbers = numpy.arange((height + 1) * (width + 1)).reshape(height + 1, width + 1)
    corners = (numbers[:-1, :-1], numbers[:-1, 1:], numbers[1:, 1:], numbers[1:, :-1])
    return points.reshape(-1, 3), numpy.dstack(corners).reshape(-1, 4)


def picture(values, place=UNIT):
    """Lay out a picture, 0 paper to 1 ink, in its own greys or colours.

    Args:
        values: float [height, width], or [height, width, 3] in colour; top row first.
    """
    points, corners = grid(values.shape[0], values.shape[1], place)
    attributes = (("Cd", _colours(values)), ("value", _means(values)))
    return Quads(points, corners, attributes, [("picture", (0, len(corners)))])


def evidence(values, weights, place=UNIT):
    """Lay out a picture with what each pixel says for the answer, orange, or against it, blue.

    Args:
        values: As `picture`.
        weights: float [height, width], above 0 for the answer; its own strongest is full colour.
    """
    points, corners = grid(values.shape[0], values.shape[1], place)
    shares = _shares(weights).ravel()
    colours = DIMMED * _colours(values) + _two_sided(shares, FOR, AGAINST)
    attributes = (
        ("Cd", numpy.minimum(colours, 1)),
        ("value", _means(values)),
        ("evidence", weights.ravel()),
    )
    return Quads(points, corners, attributes, [("evidence", (0, len(corners)))])


def probabilities(values, labels, winner, place=UNIT):
    """Lay out a bar a class, its height the probability, its label below it.

    Args:
        values: float [classes], 0 to 1.
        labels: The classes' names.
        winner: The class to mark, or -1.
    """
    left, bottom, across, up = place
    count = len(values)
    step = across / count
    sides = left + step * (numpy.arange(count) + (1 - BAR_PART) / 2)
    points = numpy.zeros((count, 4, 3))
    points[:, :, 0] = sides[:, None] + numpy.array([0, 0, 1, 1]) * BAR_PART * step
    heights = numpy.maximum(values, THINNEST_BAR)
    points[:, :, 1] = bottom + up * heights[:, None] * numpy.array([0, 1, 1, 0])
    bars = _classed(points, range(count), values, labels, LOSER, "bars")
    if 0 <= winner < count:
        bars.attributes["Cd"][winner] = WINNER
        bars.groups["winner"] = (winner, winner + 1)
    letters = [
        _letters(label, (sides[number] + BAR_PART * step / 2, bottom - up * LETTER_GAP), step, up)
        for number, label in enumerate(labels)
    ]
    owners = numpy.repeat(numpy.arange(count), [len(each) for each in letters])
    below = _classed(numpy.concatenate(letters), owners, values, labels, LETTER, "labels")
    return join([bars, below])


def _classed(points, classes, values, labels, colour, group):
    classes = numpy.asarray(classes, int)
    attributes = (
        ("Cd", numpy.tile(numpy.array(colour), (len(classes), 1))),
        ("class", classes),
        ("label", [labels[number] for number in classes]),
        ("probability", numpy.asarray(values, float)[classes]),
    )
    corners = numpy.arange(4 * len(classes)).reshape(-1, 4)
    return Quads(points.reshape(-1, 3), corners, attributes, [(group, (0, len(classes)))])


def _letters(text, top, step, up):
    """Return float [quads, 4, 3]: the pixels of a label, no wider than its bar's place."""
    pixels = lettering.pixels(text)
    height = up * LETTER_HEIGHT
    side = min(height / pixels.shape[0], 0.9 * step / max(pixels.shape[1], 1))
    rows, columns = numpy.nonzero(pixels)
    points = numpy.zeros((len(rows), 4, 3))
    begin = top[0] - side * pixels.shape[1] / 2
    points[:, :, 0] = begin + side * (columns[:, None] + numpy.array([0, 1, 1, 0]))
    points[:, :, 1] = top[1] - side * (rows[:, None] + numpy.array([0, 0, 1, 1]))
    return points


def layers(named_values, place=UNIT):
    """Lay out what each layer makes of one picture: a block a layer, left to right.

    A convolution's block has a tile a channel, any other layer's is one tile of its numbers.
    Blocks are as high as `place`; the first begins at its left.

    Args:
        named_values: ((name, float [1, height, width, channels] or [1, numbers]), ...).
    """
    left, bottom, _, up = place
    blocks = []
    for name, values in named_values:
        maps = _reduced(channel_maps(values))
        block, across = _block(name, maps, left, bottom, up)
        blocks.append(block)
        left += across + BLOCK_GAP * up
    return join(blocks)


def _block(name, maps, left, bottom, up):
    channels, height, width = maps.shape
    rows, columns = _arrangement(channels)
    tile_height = up / (rows + (rows - 1) * TILE_GAP)
    tile_width = tile_height * width / height
    points, corners = grid(height, width, (0, 0, tile_width, tile_height))
    number = numpy.arange(channels)
    offsets = numpy.zeros((channels, 1, 3))
    offsets[:, 0, 0] = left + number % columns * tile_width * (1 + TILE_GAP)
    offsets[:, 0, 1] = bottom + up - tile_height - number // columns * tile_height * (1 + TILE_GAP)
    corners = corners + numpy.arange(channels)[:, None, None] * len(points)
    flat = maps.reshape(-1)
    quads = len(flat)
    attributes = (
        ("Cd", _two_sided(_shares(flat), POSITIVE, NEGATIVE)),
        ("layer", [name] * quads),
        ("channel", numpy.repeat(number, height * width)),
        ("value", flat),
    )
    across = columns * tile_width + (columns - 1) * TILE_GAP * tile_width
    groups = [(group_name(name), (0, quads))]
    fixed = ("layer", "channel")
    return Quads((points + offsets).reshape(-1, 3), corners.reshape(-1, 4), attributes, groups, fixed), across


def _reduced(maps):
    """Average squares of pixels until a layer has no more than MOST_IN_BLOCK."""
    channels, height, width = maps.shape
    factor = min(int(numpy.ceil(numpy.sqrt(maps.size / MOST_IN_BLOCK))), height, width)
    if factor < 2:
        return maps
    rows, columns = height // factor, width // factor
    blocks = maps[:, : rows * factor, : columns * factor]
    return blocks.reshape(channels, rows, factor, columns, factor).mean(axis=4).mean(axis=2)


def _arrangement(count):
    """Return (rows, columns) of the nearest to a square that holds `count` tiles."""
    columns = int(numpy.ceil(numpy.sqrt(count)))
    return -(-count // columns), columns


def channel_maps(values):
    """Return float [channels, height, width] of one picture's layer.

    Numbers without a place become one tile: up to 32 in a column, top first, more in a square
    whose end is filled with zeros.

    Args:
        values: float [1, height, width, channels] or [1, numbers].
    """
    values = numpy.asarray(values)
    if values.ndim == 4:
        return numpy.transpose(values[0], (2, 0, 1))
    flat = values.reshape(-1)
    if len(flat) <= 32:
        return flat.reshape(1, -1, 1)
    rows, columns = _arrangement(len(flat))
    square = numpy.zeros(rows * columns, flat.dtype)
    square[: len(flat)] = flat
    return square.reshape(1, rows, columns)


def contact_sheet(values):
    """Lay one layer's channels out as an image.

    Args:
        values: As `channel_maps`.

    Returns:
        float [height, width, 3], 0 to 1, rows top first: the colours of the preview, a grey
        line of one pixel between tiles.
    """
    maps = channel_maps(values)
    channels, height, width = maps.shape
    rows, columns = _arrangement(channels)
    sheet = numpy.empty((rows * (height + 1) - 1, columns * (width + 1) - 1, 3))
    sheet[:] = 0.25
    colours = _two_sided(_shares(maps.ravel()), POSITIVE, NEGATIVE).reshape(channels, height, width, 3)
    for number in range(channels):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        sheet[top : top + height, left : left + width] = colours[number]
    return sheet


def group_name(text):
    """Return `text` with what a group's name may not hold replaced by '_'."""
    name = re.sub("[^A-Za-z0-9_]", "_", text)
    return "_" + name if not name or name[0].isdigit() else name


def _colours(values):
    """Return float [pixels, 3] of a picture in grey or colour."""
    flat = numpy.clip(values, 0, 1).reshape(values.shape[0] * values.shape[1], -1)
    return numpy.repeat(flat, 3 // flat.shape[1], axis=1)


def _means(values):
    return values.reshape(values.shape[0] * values.shape[1], -1).mean(axis=1)


def _shares(values):
    """Scale to -1..1 by the strongest; all zeros stay zeros."""
    strongest = numpy.abs(values).max() if values.size else 0
    return values / strongest if strongest > 0 else values * 0.0


def _two_sided(shares, above, below):
    high, low = numpy.maximum(shares, 0)[:, None], numpy.maximum(-shares, 0)[:, None]
    return high * numpy.array(above) + low * numpy.array(below)
