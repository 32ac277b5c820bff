"""Draw skies to learn from: a folder each of day, dusk and night. Needs NumPy and Pillow."""

from __future__ import print_function

import argparse
import os

import numpy
from PIL import Image

HEIGHT, WIDTH = 72, 96

# Red, green, blue of the sky above and at the horizon.
COLOURS = {
    "day": ((0.25, 0.50, 0.90), (0.75, 0.87, 0.97)),
    "dusk": ((0.28, 0.24, 0.48), (0.97, 0.52, 0.22)),
    "night": ((0.01, 0.02, 0.07), (0.07, 0.08, 0.17)),
}


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--count", type=int, default=60, help="of each kind")
    options = parser.parse_args(argv)
    random = numpy.random.RandomState(0)
    for kind in sorted(COLOURS):
        folder = os.path.join(options.folder, kind)
        if not os.path.isdir(folder):
            os.makedirs(folder)
        for number in range(options.count):
            pixels = (255 * sky(kind, random)).astype("uint8")
            Image.fromarray(pixels).save(os.path.join(folder, "%s_%03d.png" % (kind, number)))
    print("Wrote %d skies of each kind to '%s'." % (options.count, options.folder))


def sky(kind, random):
    """Return float [HEIGHT, WIDTH, 3] of 0 to 1: a slope of colours, a light, black hills."""
    above, horizon = [numpy.array(colour) for colour in COLOURS[kind]]
    part = numpy.linspace(0, 1, HEIGHT)[:, None, None] ** random.uniform(0.6, 1.6)
    pixels = numpy.ones((1, WIDTH, 1)) * (above + (horizon - above) * part)
    pixels += random.uniform(-0.06, 0.06, 3)
    rows, columns = numpy.mgrid[:HEIGHT, :WIDTH]
    y, x = random.uniform(5, 50), random.uniform(5, WIDTH - 5)
    light = numpy.exp(-((rows - y) ** 2 + (columns - x) ** 2) / random.uniform(10, 60))
    pixels += 0.8 * light[:, :, None] * [1.0, 0.95, 0.8]
    hills = HEIGHT - 8 - 6 * numpy.sin(columns / random.uniform(6, 20) + x)
    pixels[rows > hills] *= 0.15
    return numpy.clip(pixels + 0.02 * random.standard_normal(pixels.shape), 0, 0.999)


if __name__ == "__main__":
    main()
