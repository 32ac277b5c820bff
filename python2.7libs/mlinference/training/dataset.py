"""Pictures and labels for the trainer: MNIST's four files, or its one `.npz`.

The idx format is Yann LeCun's: big-endian, a magic number whose last byte counts the
dimensions, the sizes, then the bytes.
"""

import collections
import gzip
import hashlib
import io
import os
import struct
import zlib

import numpy

from mlinference import _compat, errors, strokes

IMAGES_MAGIC = 2051
LABELS_MAGIC = 2049

# The files by the names they are published under, and the SHA-256 of each uncompressed.
MNIST_FILES = collections.OrderedDict(
    (
        (
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        (
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        (
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        (
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    )
)
MNIST_ARCHIVE = "mnist.npz"

# The arrays of the archive, in the order of the files.
ARRAYS = ("x_train", "y_train", "x_test", "y_test")

# The largest number that a byte of the files holds: full ink, and the last label.
BYTE = 255

# (height, width, channels) of its pictures.
SHAPE = (28, 28, 1)

# Held out of the 60 000 for every choice that is made: as many as the article's tutorial held.
VALIDATION_PICTURES = 5000

# In the training file: one to learn from, and one to hold out.
FEWEST = 2

# Pictures float32 [N, height * width], rows top first, 0 paper to 1 ink; labels int32 [N].
Split = collections.namedtuple("Split", "pictures labels")


class Dataset(object):
    """What a run needs to know of its data.

    Attributes:
        name: How messages and the sidecar call it.
        train, validation, test: A Split each.
        labels: The classes' names, in the order of their numbers.
        checksums: Mapping of file name to SHA-256 of its uncompressed content.
        remarks: Sentences that the trainer prints before it begins.
    """

    def __init__(self, name, train, validation, test, labels, checksums, remarks=()):
        self.name = name
        self.train = train
        self.validation = validation
        self.test = test
        self.labels = tuple(labels)
        self.checksums = checksums
        self.remarks = tuple(remarks)

    def changed(self, change):
        """Return a copy with `change(pictures)` for the pictures of each split."""
        splits = (self.train, self.validation, self.test)
        changed = [Split(change(each.pictures), each.labels) for each in splits]
        return Dataset(self.name, *changed, labels=self.labels, checksums=self.checksums, remarks=self.remarks)


def mnist(folder, seed=0, validation=VALIDATION_PICTURES, shape=SHAPE):
    """Read MNIST, or anything in its format, from a folder.

    Args:
        folder: Holds the four idx files, plain or `.gz`, or `mnist.npz`; or such a `.npz` itself.
        seed: Chooses which pictures of the training file are held out for validation.
        validation: How many, of fewer pictures at most half.
        shape: (height, width, channels) of the network's picture.

    Raises:
        errors.TrainingError: If a file is missing, cut off, or something else.
    """
    arrays, checksums = _read_folder(folder)
    train, test = Split(*arrays[:2]), Split(*arrays[2:])
    classes = int(max(train.labels.max(), test.labels.max())) + 1
    if len(numpy.unique(train.labels)) < 2:
        label, count = train.labels[0], len(train.labels)
        raise errors.OnlyOneClass(folder=folder, count=count, label=label, remark="")
    # A smaller set than MNIST's is learnt from as well, not only validated with.
    kept, held = hold_out(train, min(validation, len(train.labels) // 2), seed)
    remarks = [
        "%d pictures to train, %d to validate (split seed %d), %d to test."
        % (len(kept.labels), len(held.labels), seed, len(test.labels)),
        balance(collections.Counter(str(label) for label in train.labels)),
    ]
    crossed = crossing((kept, held, test))
    if crossed:
        remarks.append("%d pictures are in more than one of these." % crossed)
    known = set(MNIST_FILES.values())
    others = sorted(name for name in checksums if checksums[name] not in known)
    if others:
        remarks.append("Not the published MNIST, going by checksum: %s." % ", ".join(others))
    splits = [fitted(split, shape) for split in (kept, held, test)]
    return Dataset("mnist", *splits, labels=map(str, range(classes)), checksums=checksums, remarks=remarks)


def fitted(split, shape):
    """Return a Split with its pictures scaled to another size, their grey in every channel."""
    if tuple(shape) == SHAPE:
        return split
    window = (0, 0) + SHAPE[:2]
    pictures = numpy.zeros((len(split.labels),) + tuple(shape), numpy.float32)
    for number, flat in enumerate(split.pictures):
        scaled = strokes.resampled(flat.reshape(SHAPE[:2]), window, shape[:2])
        pictures[number] = scaled[:, :, None]
    return Split(pictures.reshape(len(pictures), -1), split.labels)


def hold_out(split, count, seed):
    """Part a Split at random into (all the rest, `count` pictures)."""
    order = numpy.random.RandomState(seed).permutation(len(split.labels))
    held, kept = order[:count], order[count:]
    return (
        Split(split.pictures[kept], split.labels[kept]),
        Split(split.pictures[held], split.labels[held]),
    )


def balance(counts):
    """Say how even the classes are, for a mapping of label to number of pictures."""
    ordered = sorted(counts, key=lambda label: (counts[label], label))
    least, most = ordered[0], ordered[-1]
    said = "%d classes; fewest pictures: %d of '%s', most: %d of '%s'." % (
        len(counts),
        counts[least],
        least,
        counts[most],
        most,
    )
    if counts[most] > 3 * counts[least]:
        said += " The classes are uneven; the small ones may be learnt badly."
    return said


def crossing(splits):
    """Return how many pictures of the later splits are in an earlier one too, bit for bit."""
    seen, count = set(), 0
    for split in splits:
        rows = {hash(_compat.packed(row)) for row in split.pictures}
        count += len(rows & seen)
        seen |= rows
    return count


def holds_mnist(folder):
    """Whether the folder has anything of MNIST in it, complete or not."""
    return any(find(folder, name) for name in tuple(MNIST_FILES) + (MNIST_ARCHIVE,))


def find(folder, name):
    """Return the path of MNIST's file `name` in `folder`, plain or `.gz`, or None."""
    for candidate in (name, name + ".gz"):
        path = os.path.join(folder, candidate)
        if os.path.isfile(path):
            return path
    return None


def _read_folder(folder):
    """Return (pictures and labels to train with, then to test with, checksums)."""
    arrays, checksums = _read_files(folder)
    train, test = len(arrays[1]), len(arrays[3])
    if train < FEWEST or not test:
        found = "There are %d to train and validate with, and %d to test." % (train, test)
        raise errors.NoPictures(folder=folder, found=found)
    return arrays, checksums


def _read_files(folder):
    if os.path.splitext(folder)[1] == ".npz" and os.path.isfile(folder):
        return _read_archive(folder)
    if not os.path.isdir(folder):
        raise errors.DataFolderMissing(folder=folder)
    missing = [name for name in MNIST_FILES if find(folder, name) is None]
    archive = find(folder, MNIST_ARCHIVE)
    if missing and archive:
        return _read_archive(archive)
    if missing:
        raise errors.MnistMissing(folder=folder, files="', '".join(missing))
    arrays, checksums = [], collections.OrderedDict()
    for name in MNIST_FILES:
        path = find(folder, name)
        data = read_bytes(path)
        checksums[name] = hashlib.sha256(data).hexdigest()
        arrays.append(_parse(path, data))
    for pictures, labels, name in ((0, 1, "train"), (2, 3, "t10k")):
        if len(arrays[pictures]) != len(arrays[labels]):
            raise errors.CountsDiffer(
                folder=folder, name=name, pictures=len(arrays[pictures]), labels=len(arrays[labels])
            )
    return arrays, checksums


def read_bytes(path):
    """Return a file's content, unpacked if its name ends in `.gz`."""
    try:
        with io.open(path, "rb") as stream:
            data = stream.read()
        return unpacked(data) if path.endswith(".gz") else data
    except (EOFError, zlib.error, struct.error) as reason:
        raise errors.DataFileDamaged(file=path, found=reason or "It ends early")
    except (IOError, OSError) as reason:
        raise errors.DataFileDamaged(file=path, found=reason)


def unpacked(data):
    """Return what gzip packed into these bytes."""
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
        return stream.read()


def _parse(path, data):
    if len(data) < 8:
        raise errors.DataFileDamaged(file=path, found="It has %d bytes." % len(data))
    magic, count = struct.unpack(">ii", data[:8])
    images = "images" in os.path.basename(path)
    expected = IMAGES_MAGIC if images else LABELS_MAGIC
    if magic != expected:
        raise errors.DataFileForeign(file=path, found=magic, expected=expected)
    if not images:
        return _body(path, data, 8, count).astype(numpy.int32)
    height, width = struct.unpack(">ii", data[8:16]) if len(data) >= 16 else (0, 0)
    if (height, width) != (28, 28):
        raise errors.DataFileSize(file=path, found="%d x %d" % (width, height))
    pixels = _body(path, data, 16, count * 784)
    return pixels.reshape(count, 784).astype(numpy.float32) / numpy.float32(255)


def _body(path, data, start, expected):
    if len(data) - start != expected:
        raise errors.DataFileTruncated(file=path, expected=expected + start, found=len(data))
    return numpy.frombuffer(data, numpy.uint8, offset=start)


def _read_archive(path):
    checksum = hashlib.sha256(read_bytes(path)).hexdigest()
    try:
        with _compat.load_arrays(path) as archive:
            arrays = [archive[name] for name in ARRAYS]
    except Exception as reason:  # NumPy and zipfile raise a dozen kinds here
        raise errors.DataFileDamaged(file=path, found=reason)
    for index in (0, 2):
        _check_pictures(path, ARRAYS[index], arrays[index])
        _check_labels(path, ARRAYS[index + 1], arrays[index + 1])
        counts = [len(each) for each in arrays[index : index + 2]]
        if counts[0] != counts[1]:
            name = ARRAYS[index][len("x_") :]
            raise errors.CountsDiffer(folder=path, name=name, pictures=counts[0], labels=counts[1])
    # By both sets, for one alone may be nothing but paper.
    full = BYTE if max(arrays[index].max() for index in (0, 2) if arrays[index].size) > 1 else 1
    for index in (0, 2):
        flat = arrays[index].reshape(len(arrays[index]), 784)
        arrays[index] = flat.astype(numpy.float32) / numpy.float32(full)
        arrays[index + 1] = arrays[index + 1].astype(numpy.int32)
    return arrays, {MNIST_ARCHIVE: checksum}


def _check_pictures(path, name, array):
    if array.shape[1:] != SHAPE[:2]:
        raise errors.DataFileSize(file=path, found=_shape(array))
    _check_numbers(path, name, array)


def _check_labels(path, name, array):
    if array.ndim != 1:
        _refuse(path, name, "It is %s, not one number for each picture" % _shape(array))
    _check_numbers(path, name, array)
    if (array != array.astype(numpy.int32)).any():
        _refuse(path, name, "Some of its numbers are not whole")


def _check_numbers(path, name, array):
    if array.dtype.kind not in "buif":
        _refuse(path, name, "It holds %s, not numbers" % array.dtype)
    # Not the other way round: nothing is true of what is no number.
    if array.size and not (0 <= array.min() and array.max() <= BYTE):
        _refuse(path, name, "Its numbers go from %g to %g" % (array.min(), array.max()))


def _refuse(path, name, found):
    raise errors.ArchiveInvalid(file=path, name=name, found=found)


def _shape(array):
    return " x ".join(map(str, array.shape)) or "a single number"
