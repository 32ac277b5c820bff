"""Use an installed copy of the package, and nothing of the repository it came from.

    python installed.py FOLDER    FOLDER is what pip was given as --target

Run by noxfile.py; exits with a message where the copy is incomplete or answers wrongly.
"""

from __future__ import print_function

import gzip
import os
import sys

SAMPLE = os.path.join(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "mnist_sample"
)


def main(folder):
    sys.path.insert(0, folder)
    import mlinference
    import numpy
    from mlinference import classifier

    package = os.path.dirname(os.path.abspath(mlinference.__file__))
    if os.path.dirname(package) != os.path.abspath(folder):
        raise SystemExit("'%s' was imported instead of the installed copy" % package)
    assets = sorted(os.listdir(os.path.join(package, "otls")))
    if [name for name in assets if name.endswith(".hda")] != ["digit_glyphs.hda", "ml_inference.hda"]:
        raise SystemExit("the assets are not installed: %s" % ", ".join(assets))
    with gzip.open(os.path.join(SAMPLE, "t10k-images-idx3-ubyte.gz"), "rb") as stream:
        pictures = numpy.frombuffer(stream.read()[16:], numpy.uint8).reshape(-1, 784)
    with gzip.open(os.path.join(SAMPLE, "t10k-labels-idx1-ubyte.gz"), "rb") as stream:
        labels = numpy.frombuffer(stream.read()[8:], numpy.uint8)
    answers = classifier.shared("", engine="numpy").predict(pictures.astype("float32") / 255)
    right = int((answers.argmax(1) == labels).sum())
    if right < 0.95 * len(labels):
        raise SystemExit("the bundled network names %d of %d digits" % (right, len(labels)))
    print("%s %s: %d of %d right" % (package, mlinference.__version__, right, len(labels)))


if __name__ == "__main__":
    main(sys.argv[1])
