"""MNIST's files: every form they come in, and what is said of those that are none."""

import os
import threading

import numpy
import pytest
import training_samples as samples

from mlinference import _compat, errors
from mlinference.training import dataset, download

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
except ImportError:  # Python 2
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer


def message(folder):
    with pytest.raises(errors.TrainingError) as caught:
        dataset.mnist(str(folder), validation=100)
    return str(caught.value)


def same(one, other):
    return all(
        numpy.array_equal(a, b)
        for part in ("train", "validation", "test")
        for a, b in zip(getattr(one, part), getattr(other, part))
    )


def test_plain_packed_and_archived_files_give_the_same(tmpdir):
    plain = dataset.mnist(samples.mnist_folder(tmpdir.mkdir("a")), validation=100)
    packed = dataset.mnist(samples.mnist_folder(tmpdir.mkdir("b"), packed=True), validation=100)
    train, test = samples.patterns(600, 2), samples.patterns(100, 3)
    archive = tmpdir.mkdir("c")
    numpy.savez(
        str(archive.join("mnist.npz")),
        x_train=train[0],
        y_train=train[1],
        x_test=test[0],
        y_test=test[1],
    )
    assert same(plain, packed)
    assert same(plain, dataset.mnist(str(archive), validation=100))
    assert same(plain, dataset.mnist(str(archive.join("mnist.npz")), validation=100))
    assert plain.checksums == packed.checksums


def archived(folder, **changes):
    """Write mnist.npz with other arrays in place of some; return its path."""
    train, test = samples.patterns(600, 2), samples.patterns(100, 3)
    arrays = {"x_train": train[0], "y_train": train[1], "x_test": test[0], "y_test": test[1]}
    path = str(folder.join("mnist.npz"))
    numpy.savez(path, **dict(arrays, **changes))
    return path


def test_an_archive_may_have_its_pictures_from_0_to_1(tmpdir):
    wanted = dataset.mnist(os.path.dirname(archived(tmpdir.mkdir("a"))), validation=100)
    small = {
        "x_" + name: samples.patterns(*drawn)[0].astype(numpy.float32) / numpy.float32(255)
        for name, drawn in (("train", (600, 2)), ("test", (100, 3)))
    }
    archived(tmpdir, **small)
    assert same(dataset.mnist(str(tmpdir), validation=100), wanted)
    whole = {name: 255 * small[name].astype(float) for name in small}
    archived(tmpdir, y_train=samples.patterns(600, 2)[1].astype(float), **whole)
    found = dataset.mnist(str(tmpdir), validation=100)
    assert numpy.allclose(found.train.pictures, wanted.train.pictures)
    assert found.train.labels.dtype == numpy.int32


@pytest.mark.parametrize(
    "name, array, found",
    [
        ("x_train", numpy.zeros((600, 28, 28)) - 1, "Its numbers go from -1 to -1."),
        ("x_train", numpy.zeros((600, 28, 28)) + 256, "Its numbers go from 256 to 256."),
        ("x_test", numpy.zeros((100, 28, 28)) * numpy.nan, "Its numbers go from nan to nan."),
        ("x_test", numpy.zeros((100, 28, 28), "S1"), "It holds |S1, not numbers."),
        ("y_train", numpy.arange(600) % 10 - 1, "Its numbers go from -1 to 8."),
        ("y_train", numpy.arange(600), "Its numbers go from 0 to 599."),
        ("y_train", numpy.arange(600) / 10.0, "Some of its numbers are not whole."),
        ("y_test", numpy.zeros((100, 10)), "It is 100 x 10, not one number for each picture."),
        ("y_test", numpy.array(5), "It is a single number, not one number for each picture."),
    ],
)
def test_an_archive_of_something_else_is_refused(tmpdir, name, array, found):
    path = archived(tmpdir, **{name: array})
    assert message(tmpdir) == (
        "'%s' in '%s' is not what it should be.\n%s\n"
        "Write pictures as numbers from 0 to 255 or 0 to 1, labels as whole numbers up to 255."
    ) % (name, path, found)


def test_an_archives_counts_have_to_agree(tmpdir):
    path = archived(tmpdir, y_test=numpy.zeros(90, int))
    assert message(tmpdir) == (
        "Pictures and labels in '%s' do not belong together.\n"
        "'test' has 100 pictures and 90 labels.\n"
        "Take both files from the same place."
    ) % path


def test_an_archive_of_pictures_of_another_size_is_refused(tmpdir):
    archived(tmpdir, x_train=numpy.zeros((600, 784)))
    assert message(tmpdir).splitlines()[1] == "They are 600 x 784."


@pytest.mark.parametrize("train, test", [(0, 100), (1, 100), (600, 0)])
def test_too_few_pictures_for_a_training_are_refused(tmpdir, train, test):
    wanted = (
        "No pictures to learn from in '%s'.\n"
        "There are {} to train and validate with, and {} to test.\n"
        "Put pictures into a folder for each class, named as the class."
    ).format(train, test) % tmpdir
    pictures, labels = samples.patterns(600, 2)
    archived(
        tmpdir,
        x_train=pictures[:train],
        y_train=labels[:train],
        x_test=pictures[:test],
        y_test=labels[:test],
    )
    assert message(tmpdir) == wanted
    samples.mnist_folder(tmpdir, train=train, test=test)
    assert message(tmpdir) == wanted


@pytest.mark.parametrize("label", [0, 7])
def test_pictures_of_one_class_alone_are_refused(tmpdir, label):
    folder = samples.mnist_folder(tmpdir)
    for name, count in (("train", 600), ("t10k", 100)):
        labels = numpy.zeros(count, numpy.uint8) + label
        samples.write(folder, name + "-labels-idx1-ubyte", samples.labels_file(labels))
    with pytest.raises(errors.OnlyOneClass) as caught:
        dataset.mnist(folder)
    assert caught.value.found == "All 600 pictures are of class '%d'." % label


def test_pictures_are_0_to_1_and_labels_named(tmpdir):
    data = dataset.mnist(samples.mnist_folder(tmpdir), validation=100)
    assert data.train.pictures.shape == (500, 784)
    assert data.train.pictures.dtype == numpy.float32
    assert 0.0 == data.train.pictures.min() < data.train.pictures.max() == 1.0
    assert data.labels == tuple("0123456789")


def test_of_fewer_pictures_than_are_held_out_half_are_left_to_train(tmpdir):
    data = dataset.mnist(samples.mnist_folder(tmpdir))
    assert 0 < len(data.validation.labels) <= len(data.train.labels)


def test_first_row_of_the_file_is_first_row_of_the_picture(tmpdir):
    data = dataset.mnist(samples.mnist_folder(tmpdir), validation=100)
    first = samples.patterns(100, 3)[0][0].astype(numpy.float32) / 255
    assert numpy.array_equal(data.test.pictures[0], first.ravel())


def test_validation_is_held_out_by_the_seed(tmpdir):
    folder = samples.mnist_folder(tmpdir)
    one, again, other = (dataset.mnist(folder, seed, 100) for seed in (1, 1, 2))
    assert same(one, again)
    assert not same(one, other)
    rows = {_compat.packed(row) for row in one.train.pictures}
    assert not rows.intersection(_compat.packed(row) for row in one.validation.pictures)
    assert one.remarks[0] == "500 pictures to train, 100 to validate (split seed 1), 100 to test."
    assert one.remarks[1] == "10 classes; fewest pictures: 60 of '0', most: 60 of '9'."


def test_pictures_in_more_than_one_split_are_counted(tmpdir):
    samples.mnist_folder(tmpdir)
    pictures, labels = samples.patterns(100, 3)
    pictures[:7] = samples.patterns(600, 2)[0][:7]
    samples.write(tmpdir, "t10k-images-idx3-ubyte", samples.images_file(pictures))
    data = dataset.mnist(str(tmpdir), validation=100)
    assert data.remarks[2] == "7 pictures are in more than one of these."


def test_a_folder_that_is_not_there_is_named():
    assert message("/nowhere/at/all") == (
        "No folder '/nowhere/at/all'.\n"
        "It should hold MNIST's files, or a folder of pictures for each class.\n"
        "Give another '--data', or leave it out to download MNIST."
    )


def test_missing_files_are_listed(tmpdir):
    samples.mnist_folder(tmpdir)
    tmpdir.join("t10k-images-idx3-ubyte").remove()
    tmpdir.join("train-labels-idx1-ubyte").remove()
    assert message(tmpdir) == (
        "'%s' does not hold all of MNIST.\n"
        "Missing: 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte'.\n"
        "Put these there, plain or as '.gz', or 'mnist.npz' instead of all four; pictures of your own "
        "into a folder for each class."
    ) % str(tmpdir)


def test_a_file_that_is_cut_off_says_by_how_much(tmpdir):
    samples.mnist_folder(tmpdir)
    path = tmpdir.join("train-images-idx3-ubyte")
    path.write_binary(path.read_binary()[:5000])
    assert message(tmpdir) == (
        "'%s' is not whole.\nIt has 5000 bytes, expected 470416.\nCopy or download it again."
    ) % str(path)


@pytest.mark.parametrize("size", [0, 3, 7, 12])
def test_a_file_without_a_whole_header_is_not_read(tmpdir, size):
    samples.mnist_folder(tmpdir)
    path = tmpdir.join("train-images-idx3-ubyte")
    path.write_binary(path.read_binary()[:size])
    assert str(path) in message(tmpdir).splitlines()[0]


def test_a_packed_file_that_is_cut_off_is_not_read(tmpdir):
    samples.mnist_folder(tmpdir, packed=True)
    path = tmpdir.join("train-images-idx3-ubyte.gz")
    path.write_binary(path.read_binary()[:-20])
    lines = message(tmpdir).splitlines()
    assert lines[0] == "'%s' cannot be read." % str(path)
    assert lines[2] == "Copy or download it again."


def test_exchanged_files_are_noticed_by_their_magic_number(tmpdir):
    samples.mnist_folder(tmpdir)
    labels = tmpdir.join("train-labels-idx1-ubyte").read_binary()
    path = tmpdir.join("train-images-idx3-ubyte")
    path.write_binary(labels)
    assert message(tmpdir) == (
        "'%s' is not one of MNIST's files.\n"
        "It begins with the number 2049, expected 2051.\n"
        "Put the file of that name there; pictures and labels may be exchanged."
    ) % str(path)


def test_pictures_and_labels_of_different_sets_are_noticed(tmpdir):
    samples.mnist_folder(tmpdir)
    samples.write(tmpdir, "t10k-labels-idx1-ubyte", samples.labels_file(samples.patterns(90, 0)[1]))
    assert message(tmpdir) == (
        "Pictures and labels in '%s' do not belong together.\n"
        "'t10k' has 100 pictures and 90 labels.\n"
        "Take both files from the same place."
    ) % str(tmpdir)


def test_pictures_of_another_size_are_refused(tmpdir):
    samples.mnist_folder(tmpdir)
    pictures = numpy.zeros((100, 32, 32), numpy.uint8)
    samples.write(tmpdir, "t10k-images-idx3-ubyte", samples.images_file(pictures))
    assert message(tmpdir) == (
        "'%s' does not hold pictures of 28 x 28.\n"
        "They are 32 x 32.\n"
        "Choose data in MNIST's format, or give the pictures as a folder for each class."
    ) % str(tmpdir.join("t10k-images-idx3-ubyte"))


def test_an_archive_that_is_none_is_not_read(tmpdir):
    tmpdir.join("mnist.npz").write("not an archive")
    assert message(tmpdir).splitlines()[0] == "'%s' cannot be read." % str(tmpdir.join("mnist.npz"))


# -- Downloads: from a folder, by file addresses, so that no network is asked ----------------


@pytest.fixture
def source(tmpdir, monkeypatch):
    """A folder that serves what the trainer wants, and its address."""
    folder = tmpdir.mkdir("source")
    samples.mnist_folder(folder, packed=True)
    monkeypatch.setattr(dataset, "MNIST_FILES", _published(folder))
    return "file://%s/" % folder


def _published(folder):
    import hashlib

    names = [name[:-3] for name in sorted(os.listdir(str(folder)))]
    read = [dataset.read_bytes(str(folder.join(name + ".gz"))) for name in names]
    return dict(zip(names, [hashlib.sha256(data).hexdigest() for data in read]))


def test_downloads_are_kept(tmpdir, source):
    cache, said = str(tmpdir.join("cache")), []
    assert download.mnist(said.append, cache, (source,)) == cache
    assert len(said) == 4
    assert download.mnist(said.append, cache, ("file:///nowhere/",)) == cache
    assert len(said) == 4
    assert sorted(os.listdir(cache)) == sorted(name + ".gz" for name in dataset.MNIST_FILES)


def test_a_mirror_that_fails_is_followed_by_the_next(tmpdir, source):
    cache = str(tmpdir.join("cache"))
    download.mnist(lambda line: None, cache, ("file:///nowhere/", source))
    assert len(os.listdir(cache)) == 4


def test_a_download_that_fails_says_which_files_to_put_where(tmpdir):
    cache = str(tmpdir.join("cache"))
    with pytest.raises(errors.DownloadFailed) as caught:
        download.mnist(lambda line: None, cache, ("file:///nowhere/",))
    assert caught.value.problem == "MNIST cannot be downloaded."
    assert caught.value.remedy == (
        "Put 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 't10k-images-idx3-ubyte', "
        "'t10k-labels-idx1-ubyte', plain or as '.gz', or 'mnist.npz' into a folder and give it "
        "as '--data', or put them into '%s'." % cache
    )


def test_a_download_with_a_wrong_checksum_is_thrown_away(tmpdir, source, monkeypatch):
    monkeypatch.setattr(dataset, "MNIST_FILES", dict.fromkeys(dataset.MNIST_FILES, "0"))
    cache = str(tmpdir.join("cache"))
    with pytest.raises(errors.DownloadFailed) as caught:
        download.mnist(lambda line: None, cache, (source,))
    assert caught.value.found.endswith("its checksum is wrong")
    assert os.listdir(cache) == []


@pytest.fixture
def http(source):
    """Serve the source's files as HTTP does, whole or from a byte on; returns (address, asked)."""
    folder, asked = source[len("file://") :], []

    class Files(BaseHTTPRequestHandler):
        def do_GET(self):
            with open(os.path.join(folder, self.path.strip("/")), "rb") as stream:
                data = stream.read()
            wanted = self.headers.get("Range")
            asked.append(wanted)
            start = int(wanted[len("bytes=") : -1]) if wanted else 0
            self.send_response(416 if start >= len(data) else 206 if start else 200)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            self.wfile.write(data[start:])

        def log_message(self, *said):
            pass

    server = HTTPServer(("127.0.0.1", 0), Files)
    thread = threading.Thread(target=server.serve_forever)
    thread.daemon = True
    thread.start()
    yield "http://127.0.0.1:%d/" % server.server_port, asked
    server.shutdown()
    server.server_close()


def test_a_download_goes_on_where_it_broke_off(tmpdir, source, http, capsys):
    address, asked = http
    cache = tmpdir.mkdir("cache")
    first, second = list(dataset.MNIST_FILES)[:2]
    for name, length in ((first, 1000), (second, None)):
        data = tmpdir.join("source", name + ".gz").read("rb")[:length]
        cache.join(name + ".gz.part").write(data, "wb")
    whole = cache.join(second + ".gz.part").size()
    download.mnist(lambda line: None, str(cache), (address,))
    assert asked == ["bytes=1000-", "bytes=%d-" % whole, None, None]
    for name in dataset.MNIST_FILES:
        wanted = tmpdir.join("source", name + ".gz").read("rb")
        assert cache.join(name + ".gz").read("rb") == wanted
    size = tmpdir.join("source", first + ".gz").size() / 1e6
    assert "%.1f of %.1f MB" % (size, size) in capsys.readouterr().err.splitlines()
