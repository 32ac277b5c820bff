"""The picture of a run: for each image the drawing, what the network saw, and the glyph."""

import collections
import os

from PIL import Image, ImageDraw, ImageFont

# One image's part of the sheet: cook.py's Report, float [28, 28] or None, outlines of (x, y).
Tile = collections.namedtuple("Tile", "report seen outlines")

SIDE = 168
GAP = 10
CAPTION = 24
COLUMNS = 2
BACKGROUND = (58, 58, 58)
PANEL = (38, 38, 38)
TEXT = (225, 225, 225)
ACCENT = (255, 138, 31)
WRONG = (230, 80, 70)


def draw(tiles):
    """Return the sheet as an Image, two tiles a row."""
    width = 3 * SIDE + 4 * GAP
    height = SIDE + CAPTION + 2 * GAP
    rows = (len(tiles) + COLUMNS - 1) // COLUMNS
    columns = min(COLUMNS, len(tiles))
    sheet = Image.new("RGB", (columns * width, rows * height + GAP), BACKGROUND)
    for number, tile in enumerate(tiles):
        left = number % COLUMNS * width + GAP
        top = number // COLUMNS * height + GAP
        _draw_tile(sheet, tile, left, top)
    return sheet


def _draw_tile(sheet, tile, left, top):
    panels = (_drawing(tile.report.image), _network_input(tile.seen), _glyph(tile.outlines))
    for column, panel in enumerate(panels):
        sheet.paste(panel, (left + column * (SIDE + GAP), top + CAPTION))
    caption, colour = _caption(tile.report)
    ImageDraw.Draw(sheet).text((left, top + 3), caption, fill=colour, font=_font(15))


def _caption(report):
    name = os.path.basename(report.image)
    if report.errors:
        return "%s: %s" % (name, report.errors[0].split("\n")[0]), WRONG
    confidence = report.attributes.get("result_confidence")
    sure = "" if confidence is None else ", %.1f %%" % (100.0 * confidence)
    return "%s: result %s%s" % (name, report.attributes.get("result"), sure), TEXT


def _drawing(path):
    panel = Image.new("RGB", (SIDE, SIDE), PANEL)
    try:
        picture = Image.open(path).convert("RGB")
    except (IOError, OSError):
        return panel
    picture.thumbnail((SIDE, SIDE))
    panel.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    return panel


def _network_input(seen):
    if seen is None:
        return Image.new("RGB", (SIDE, SIDE), PANEL)
    values = (seen.clip(0.0, 1.0) * 255.0).round().astype("uint8")
    return Image.fromarray(values).convert("RGB").resize((SIDE, SIDE), Image.NEAREST)


def _glyph(outlines):
    """Draw polygons (Houdini units, y up) to fit a panel."""
    panel = Image.new("RGB", (SIDE, SIDE), PANEL)
    points = [point for outline in outlines for point in outline]
    if not points:
        return panel
    low = [min(point[axis] for point in points) for axis in (0, 1)]
    high = [max(point[axis] for point in points) for axis in (0, 1)]
    scale = 0.76 * SIDE / max(high[0] - low[0], high[1] - low[1], 1e-6)
    middle = [(low[axis] + high[axis]) / 2.0 for axis in (0, 1)]
    drawing = ImageDraw.Draw(panel)
    for outline in outlines:
        drawing.polygon(
            [
                (SIDE / 2.0 + (x - middle[0]) * scale, SIDE / 2.0 - (y - middle[1]) * scale)
                for x, y in outline
            ],
            fill=ACCENT,
        )
    return panel


def _font(size):
    try:
        return ImageFont.load_default(size)
    except TypeError:  # Pillow before 10.1 has one size only
        return ImageFont.load_default()
