"""The picture of a run: for each image what was drawn, seen and answered; then a look inside.

Everything but the drawing is the node's own geometry: the panels are its previews and Digit
Glyphs, seen from the front.
"""

import collections
import os

from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

# One image's part of the sheet: cook.py's Report, the name of the attribute that has the answer, and
# its panels from left to right.
Tile = collections.namedtuple("Tile", "report attribute panels")

# A part across the whole sheet: its caption, and its panels from left to right.
Band = collections.namedtuple("Band", "caption panels")

SIDE = 150
GAP = 8
CAPTION = 22
COLUMNS = 2
BAND_HEIGHT = 330
BACKGROUND = (58, 58, 58)
PANEL = (38, 38, 38)
TEXT = (225, 225, 225)
GLYPH = (1.0, 0.54, 0.12)
WRONG = (230, 80, 70)

# The previews that each tile shows, beside the drawing and the glyph.
PREVIEWS = ("picture", "evidence", "probabilities")

# Written into a PNG, to tell a sheet from a drawing.
SOFTWARE = "scripts/cook.py --picture"

# The page that Every Shape reads: cells of this size, a row of this many.
CELL = 160
CELLS = 5


def tile_of(scene, report):
    """Look at what the scene shows now.

    Args:
        scene: example.Example, cooked.
        report: cook.py's Report of it.
    """
    panels = [fitted(opened(report.image), SIDE, SIDE)]
    for kind in PREVIEWS:
        panels.append(drawn(previewed(scene, kind), SIDE, SIDE))
    panels.append(drawn(outlines(scene.glyphs.geometry(), GLYPH), SIDE, SIDE))
    return Tile(report, scene.inference.parm("attribute").eval().strip(), panels)


def bands(scene, images, folder, width):
    """Return what stands below the tiles: the layers, and all images read off one page.

    Args:
        scene: example.Example, cooked.
        images: Paths; those on light paper are laid out on a white page.
        folder: Where to write the page.
        width: In pixels.
    """
    light = [picture for picture in map(opened, images) if picture is not None and _is_light(picture)]
    layers = previewed(scene, "layers")
    found = [Band("Layers", [drawn(layers, width, BAND_HEIGHT)])] if layers else []
    if light:
        found.append(every_shape(scene, page_of(light), folder, width))
    return found


def every_shape(scene, page, folder, width):
    """Return the Band with every shape of a page."""
    path = os.path.join(folder, "page.png")
    page.save(path)
    network = scene.out.parent()
    drawing = network.createNode("file", "page")
    drawing.parm("filename1").set(path.replace(os.sep, "/"))
    before = scene.inference.parm("copnode").eval()
    scene.inference.parm("copnode").set(drawing.path())
    scene.inference.parm("read").set("shapes")
    part = (width - 2 * GAP) // 3
    panels = [fitted(page, part, BAND_HEIGHT)]
    panels.append(drawn(previewed(scene, "picture"), part, BAND_HEIGHT))
    panels.append(drawn(outlines(scene.glyphs.geometry(), GLYPH), part, BAND_HEIGHT))
    geometry = scene.inference.geometry()
    name = scene.inference.parm("attribute").eval() + "_text"
    text = geometry.attribValue(name) if geometry is not None else scene.inference.errors()[0]
    scene.inference.parm("read").set("one")
    scene.inference.parm("copnode").set(before)
    return Band("Read: Every Shape  -  %s" % text.split("\n")[0], panels)


def page_of(pictures):
    """Lay images out on a white page, in rows."""
    rows = (len(pictures) + CELLS - 1) // CELLS
    page = Image.new("RGB", (min(len(pictures), CELLS) * CELL, rows * CELL), (255, 255, 255))
    for number, picture in enumerate(pictures):
        picture.thumbnail((CELL, CELL))
        page.paste(picture, (number % CELLS * CELL, number // CELLS * CELL))
    return page


def _is_light(picture):
    return picture.convert("L").getpixel((0, 0)) > 127


def opened(path):
    """Return an image file as RGB, or None if Pillow cannot read it."""
    try:
        return Image.open(path).convert("RGB")
    except (IOError, OSError):
        return None


def previewed(scene, kind):
    """Return the polygons of a preview, [((r, g, b), [(x, y), ...]), ...]."""
    parm = scene.inference.parm("preview")
    before = parm.evalAsString()
    parm.set(kind)
    found = outlines(scene.inference.geometry())
    parm.set(before)
    return found


def outlines(geometry, colour=None):
    """Return a geometry's polygons from the front, y up, in `colour` or in their own."""
    if geometry is None:
        return []
    return [
        (
            prim.attribValue("Cd") if colour is None else colour,
            [tuple(vertex.point().position())[:2] for vertex in prim.vertices()],
        )
        for prim in geometry.prims()
    ]


def drawn(polygons, width, height):
    """Draw polygons to fit a panel."""
    panel = Image.new("RGB", (width, height), PANEL)
    points = [point for _, corners in polygons for point in corners]
    if not points:
        return panel
    low = [min(point[axis] for point in points) for axis in (0, 1)]
    high = [max(point[axis] for point in points) for axis in (0, 1)]
    spans = [max(high[axis] - low[axis], 1e-6) for axis in (0, 1)]
    scale = min((width - 10) / spans[0], (height - 10) / spans[1])
    middle = [(low[axis] + high[axis]) / 2.0 for axis in (0, 1)]
    drawing = ImageDraw.Draw(panel)
    for colour, corners in polygons:
        drawing.polygon(
            [
                (width / 2.0 + (x - middle[0]) * scale, height / 2.0 - (y - middle[1]) * scale)
                for x, y in corners
            ],
            fill=tuple(int(round(255 * min(max(part, 0.0), 1.0))) for part in colour),
        )
    return panel


def fitted(picture, width, height):
    """Put an image into the middle of a panel."""
    panel = Image.new("RGB", (width, height), PANEL)
    if picture is not None:
        small = picture.copy()
        small.thumbnail((width, height))
        panel.paste(small, ((width - small.width) // 2, (height - small.height) // 2))
    return panel


def tile_size():
    """Return (width, height) of a tile with its gaps."""
    count = len(PREVIEWS) + 2
    return count * SIDE + (count + 1) * GAP, SIDE + CAPTION + 2 * GAP


def sheet_width(count):
    """Return the width of a sheet of `count` tiles, within its gaps."""
    return min(COLUMNS, count) * tile_size()[0] - 2 * GAP


def draw(tiles, bands=()):
    """Return the sheet as an Image: two tiles a row, the bands below."""
    width, height = tile_size()
    rows = (len(tiles) + COLUMNS - 1) // COLUMNS
    band_height = BAND_HEIGHT + CAPTION + 2 * GAP
    sheet = Image.new(
        "RGB",
        (sheet_width(len(tiles)) + 2 * GAP, rows * height + len(bands) * band_height + GAP),
        BACKGROUND,
    )
    for number, tile in enumerate(tiles):
        caption, colour = _caption(tile.report, tile.attribute)
        corner = (number % COLUMNS * width + GAP, number // COLUMNS * height + GAP)
        _place(sheet, corner, caption, colour, tile.panels)
    for number, band in enumerate(bands):
        _place(sheet, (GAP, rows * height + number * band_height + GAP), band.caption, TEXT, band.panels)
    return sheet


def save(sheet, path):
    """Write a sheet; as PNG it can be told from a drawing."""
    told = PngImagePlugin.PngInfo()
    told.add_text("Software", SOFTWARE)
    sheet.save(path, pnginfo=told)


def is_sheet(path):
    """Whether a file is a sheet that was saved as PNG."""
    try:
        with Image.open(path) as image:
            return image.info.get("Software") == SOFTWARE
    except Exception:  # Pillow's decoders raise a dozen kinds
        return False


def _place(sheet, corner, caption, colour, panels):
    left, top = corner
    ImageDraw.Draw(sheet).text((left, top + 2), caption, fill=colour, font=_font(14))
    for panel in panels:
        sheet.paste(panel, (left, top + CAPTION))
        left += panel.width + GAP


def _caption(report, attribute):
    name = os.path.basename(report.image)
    if report.errors:
        return "%s: %s" % (name, report.errors[0].split("\n")[0]), WRONG
    confidence = report.attributes.get(attribute + "_confidence")
    sure = "" if confidence is None else ", %.1f %%" % (100.0 * confidence)
    return "%s: %s %s%s" % (name, attribute, report.attributes.get(attribute), sure), TEXT


def _font(size):
    try:
        return ImageFont.load_default(size)
    except TypeError:  # Pillow before 10.1 has one size only
        return ImageFont.load_default()
