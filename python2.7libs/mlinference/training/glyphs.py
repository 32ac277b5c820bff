"""Digits of fonts, for the `digits` recipe: which families, and pictures of them.

The families are split for good: what a network is trained on, what its recipe is chosen by,
and what it is judged by are different designs. `scripts/fetch_fonts.py` obtains them.
"""

import collections
import hashlib
import io
import os

import numpy

from mlinference import errors

TRAIN = tuple(
    """
    abel abril-fatface alegreya alfa-slab-one amatic-sc anonymous-pro architects-daughter arimo
    arvo asap atkinson-hyperlegible bangers bebas-neue bitter cabin carlito caveat chivo cinzel
    comfortaa comic-neue cormorant-garamond courier-prime cousine crimson-text dancing-script
    dejavu-sans dm-serif-display dosis eb-garamond exo-2 fira-mono fira-sans-condensed gaegu
    gloria-hallelujah handlee hind ibm-plex-serif im-fell-english inconsolata indie-flower
    josefin-sans jura kalam karla lato libre-baskerville libre-franklin lobster lora merriweather
    montserrat neucha noto-serif nunito old-standard-tt orbitron oswald pacifico patrick-hand
    permanent-marker playfair-display poppins press-start-2p pt-mono quicksand raleway
    reenie-beanie righteous roboto roboto-slab rokkitt rubik schoolbell shadows-into-light
    share-tech-mono source-code-pro source-serif-4 space-mono special-elite spectral teko tinos
    titan-one ubuntu varela-round vollkorn vt323 zen-maru-gothic zilla-slab
    """.split()
)
VALIDATION = tuple(
    """
    archivo barlow-condensed bodoni-moda cardo comic-mono fredoka gelasio gochi-hand
    jetbrains-mono kanit martel open-sans overpass-mono rock-salt work-sans yrsa
    """.split()
)
HELD_OUT = tuple(
    """
    aleo b612 caladea cantarell chakra-petch courgette dejavu-mono domine fira-code
    gentium-book-plus ibm-plex-mono inter lexend manrope mulish nanum-pen-script noto-sans outfit
    pt-sans pt-serif public-sans short-stack source-sans-3 stix-two-text tenor-sans
    titillium-web ubuntu-mono yanone-kaffeesatz
    """.split()
)

# Hair lines to black, upright and slanted; a family has some of them.
STYLES = (
    "100-normal",
    "300-normal",
    "400-normal",
    "700-normal",
    "900-normal",
    "400-italic",
    "700-italic",
)

# Pixels that faces are drawn at before they are scaled down.
FONT_SIZE = 160


def faces(folder, families):
    """List the faces of these families.

    Args:
        folder: Where `scripts/fetch_fonts.py` has put them: FAMILY/STYLE.woff.

    Returns:
        OrderedDict of family to list of paths.

    Raises:
        errors.FontsMissing: If a family is not there.
    """
    found = collections.OrderedDict()
    for family in families:
        paths = [os.path.join(folder, family, style + ".woff") for style in STYLES]
        found[family] = [path for path in paths if os.path.isfile(path)]
    missing = [family for family in families if not found[family]]
    if missing:
        raise errors.FontsMissing(folder=folder, families="', '".join(missing))
    return found


def checksum(folder):
    """Return one SHA-256 over every face that pictures are drawn from, names and contents.

    Raises:
        errors.FontsMissing: If a family is not there.
    """
    every = hashlib.sha256()
    for family, paths in faces(folder, TRAIN + VALIDATION).items():
        for path in paths:
            with io.open(path, "rb") as stream:
                content = hashlib.sha256(stream.read()).hexdigest()
            every.update(("%s  %s/%s\n" % (content, family, os.path.basename(path))).encode("ascii"))
    return every.hexdigest()


class Fonts(object):
    """Draws digits of a set of families, every family as often as any other."""

    def __init__(self, faces):
        self.families = list(faces.values())
        self._loaded = {}

    def digit(self, number, random):
        """Return one digit as float32 [height, width], 0 paper to 1 ink, cropped to the ink."""
        return self.symbol(str(number), random)

    def symbol(self, text, random):
        """Return a character, as `digit` does, of any face and of 40 to 150 pixels."""
        from PIL import Image, ImageDraw

        paths = self.families[random.randint(len(self.families))]
        font = self._font(paths[random.randint(len(paths))])
        # Room on all sides: swashes reach far out of a character's own place.
        image = Image.new("L", (4 * FONT_SIZE, 4 * FONT_SIZE))
        ImageDraw.Draw(image).text((FONT_SIZE, FONT_SIZE), text, 255, font)
        image = image.crop(image.getbbox())
        factor = random.uniform(40, 150) / max(image.size)
        size = [max(3, int(round(side * factor))) for side in image.size]
        return numpy.asarray(image.resize(size, Image.BILINEAR), numpy.float32) / 255

    def _font(self, path):
        from PIL import ImageFont

        if path not in self._loaded:
            self._loaded[path] = ImageFont.truetype(path, FONT_SIZE)
        return self._loaded[path]
