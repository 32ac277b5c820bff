"""Small training data with known answers, for the trainer's tests."""

import gzip
import io
import os
import struct

import numpy

from mlinference import _compat
from mlinference.training import glyphs


def patterns(count, seed, classes=10):
    """Return (uint8 [count, 28, 28], uint8 [count]): each class a pattern of its own, noisy."""
    shapes = numpy.random.RandomState(1).uniform(size=(classes, 7, 7)) > 0.5
    random = numpy.random.RandomState(seed)
    labels = numpy.arange(count) % classes
    large = shapes[labels].repeat(4, axis=1).repeat(4, axis=2)
    pictures = numpy.clip(large + 0.2 * random.standard_normal(large.shape), 0, 1)
    return (pictures * 255).astype(numpy.uint8), labels.astype(numpy.uint8)


def images_file(pictures):
    """Return the bytes of an idx file of pictures."""
    return struct.pack(">iiii", 2051, *pictures.shape) + _compat.packed(pictures)


def labels_file(labels):
    """Return the bytes of an idx file of labels."""
    return struct.pack(">ii", 2049, len(labels)) + _compat.packed(labels)


def mnist_folder(folder, train=600, test=100, packed=False):
    """Write four files as MNIST's; return the folder as str."""
    for name, count, seed in (("train", train, 2), ("t10k", test, 3)):
        pictures, labels = patterns(count, seed)
        write(folder, name + "-images-idx3-ubyte", images_file(pictures), packed)
        write(folder, name + "-labels-idx1-ubyte", labels_file(labels), packed)
    return str(folder)


def fonts_folder(folder):
    """Write a file for a face of every family that is trained on, no font; return it as str."""
    for family in glyphs.TRAIN + glyphs.VALIDATION:
        os.makedirs(os.path.join(str(folder), family))
        write(os.path.join(str(folder), family), "400-normal.woff", family.encode("ascii"))
    return str(folder)


def write(folder, name, data, packed=False):
    """Write one file, packed by gzip or not."""
    path = os.path.join(str(folder), name)
    if packed:
        with gzip.open(path + ".gz", "wb") as stream:
            stream.write(data)
    else:
        with io.open(path, "wb") as stream:
            stream.write(data)
