"""What disks, copies and writers do to checkpoints: always a sentence, never a wrong digit."""

import io
import os
import random
import shutil
import stat
import subprocess
import sys
import threading
import time

import numpy
import pytest

from mlinference import bundle, checkpoint, crc32c, errors, networks

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
WRITTEN = os.path.join(DATA, "checkpoints")
LIBRARIES = os.path.dirname(os.path.dirname(os.path.abspath(checkpoint.__file__)))

# Bits flipped over index and data, one at a time.
FLIPS = 2000


def weights(seed=0, network=networks.COMPACT):
    generator = numpy.random.RandomState(seed)
    return {
        name: (0.1 * generator.randn(*shape)).astype("float32")
        for name, shape in network.variables(10)
    }


@pytest.fixture
def prefix(tmpdir, monkeypatch):
    """A checkpoint; a reader does not wait for a writer to end."""
    monkeypatch.setattr(checkpoint, "PAUSE", 0)
    monkeypatch.setattr(checkpoint, "ATTEMPTS", 2)
    path = str(tmpdir.join("digits.ckpt"))
    checkpoint.write(path, weights())
    return path


def contents(path):
    with io.open(path, "rb") as stream:
        return stream.read()


def put(path, data):
    with io.open(path, "wb") as stream:
        stream.write(data)


def failure(prefix):
    with pytest.raises(errors.CheckpointError) as caught:
        checkpoint.read(prefix)
    return caught.value


def damaged(prefix, reason):
    return (
        "'%s' is damaged or half-written.\n%s\n"
        "Copy it again with all of its files, or retrain." % (prefix, reason)
    )


# -- CRC-32C ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, expected",
    [
        # RFC 3720, section B.4.
        (b"\0" * 32, 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(bytearray(range(32))), 0x46DD794E),
        (bytes(bytearray(reversed(range(32)))), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_the_checksum_is_that_of_the_standard(data, expected):
    assert crc32c.checksum(data) == expected


@pytest.mark.parametrize("length", [2047, 2048, 2049, 2050, 2051, 65535, 65536, 65537, 200003])
@pytest.mark.parametrize("start", [0, 1, 3])
def test_long_data_has_the_checksum_of_the_plain_loop(length, start):
    data = numpy.random.RandomState(length).bytes(length + start)[start:]
    plain = crc32c._register(bytearray(data), crc32c.ALL_ONES) ^ crc32c.ALL_ONES
    assert crc32c.checksum(data) == plain
    assert crc32c.checksum(numpy.frombuffer(data, numpy.uint8)) == plain


# -- Cut files --------------------------------------------------------------------------------


def test_an_index_cut_anywhere_is_a_sentence(prefix):
    whole = contents(prefix + ".index")
    for length in range(len(whole)):
        put(prefix + ".index", whole[:length])
        found = failure(prefix)
        assert type(found) is errors.CheckpointDamaged
        reason = "Its index does not end as an index does."
        if length < bundle.FOOTER:
            reason = "Its index has %d bytes, fewer than any index." % length
        assert str(found) == damaged(prefix, reason)


def test_data_cut_anywhere_is_a_sentence(prefix):
    data = prefix + ".data-00000-of-00001"
    whole = contents(data)
    for length in range(0, len(whole), 37):
        put(data, whole[:length])
        reason = "'digits.ckpt.data-00000-of-00001' has %d bytes, its index says %d."
        assert str(failure(prefix)) == damaged(prefix, reason % (length, len(whole)))


def test_files_of_zeros_as_a_full_disk_leaves_them(prefix):
    for suffix in (".index", ".data-00000-of-00001"):
        whole = contents(prefix + suffix)
        put(prefix + suffix, b"\0" * len(whole))
        assert type(failure(prefix)) is errors.CheckpointDamaged
        put(prefix + suffix, whole)
    assert checkpoint.read(prefix)


# -- Flipped bits -----------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_no_flipped_bit_goes_unnoticed(prefix, suffix):
    whole = contents(prefix + suffix)
    chance = random.Random(suffix)
    for _ in range(FLIPS // 2):
        altered = bytearray(whole)
        altered[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        put(prefix + suffix, bytes(altered))
        found = failure(prefix)
        assert type(found) is errors.CheckpointDamaged
        assert len(str(found).split("\n")) == 3


def test_random_blocks_with_right_checksums_are_sentences(prefix, monkeypatch):
    """What a checksum cannot catch: an index that some other program wrote wrongly."""
    whole = contents(prefix + ".index")
    monkeypatch.setattr(bundle.crc32c, "masked", lambda data: 0)
    zeroed = bundle.encoded(weights())[0]
    assert len(zeroed) == len(whole)
    put(prefix + ".data-00000-of-00001", bundle.encoded(weights())[1])
    chance = random.Random(3)
    kinds = set()
    for _ in range(FLIPS // 4):
        altered = bytearray(zeroed)
        altered[chance.randrange(len(zeroed))] ^= 1 << chance.randrange(8)
        put(prefix + ".index", bytes(altered))
        try:
            found = checkpoint.read(prefix)
        except errors.CheckpointError as error:
            kinds.add(type(error))
        else:
            assert found.network is networks.COMPACT
    assert errors.CheckpointDamaged in kinds
    assert errors.CheckpointForeign in kinds


# -- Files that are not there, or not files ---------------------------------------------------


def test_a_missing_data_file_is_named(prefix):
    os.remove(prefix + ".data-00000-of-00001")
    expected = damaged(prefix, "'digits.ckpt.data-00000-of-00001' is missing.")
    assert str(failure(prefix)) == expected


def test_a_missing_shard_is_named(tmpdir, monkeypatch):
    monkeypatch.setattr(checkpoint, "PAUSE", 0)
    name = "tensorflow_1_4_two_shards.ckpt"
    for suffix in (".index", ".data-00000-of-00002"):
        shutil.copy(os.path.join(WRITTEN, name + suffix), str(tmpdir))
    path = str(tmpdir.join(name))
    assert str(failure(path)) == damaged(path, "'%s.data-00001-of-00002' is missing." % name)


def test_extra_shards_of_an_older_save_do_not_disturb(prefix):
    put(prefix + ".data-00001-of-00002", b"old")
    put(prefix + ".data-00000-of-00002", b"old")
    assert numpy.array_equal(checkpoint.read(prefix).variables["b_fc1"], weights()["b_fc1"])


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_empty_files(prefix, suffix):
    put(prefix + suffix, b"")
    assert type(failure(prefix)) is errors.CheckpointDamaged


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_folder_in_place_of_a_file(prefix, suffix):
    os.remove(prefix + suffix)
    os.mkdir(prefix + suffix)
    assert str(failure(prefix)) == (
        "'%s' cannot be read.\n'digits.ckpt%s' is not a file.\n"
        "Check the disk and this user's permissions, then press 'Reload'." % (prefix, suffix)
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_pipe_in_place_of_a_file_does_not_hang(prefix, suffix):
    os.remove(prefix + suffix)
    os.mkfifo(prefix + suffix)
    assert failure(prefix).found == "'digits.ckpt%s' is not a file." % suffix


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sparse files by seeking")
def test_an_index_of_five_gigabytes_is_not_read(prefix):
    with io.open(prefix + ".index", "r+b") as stream:
        stream.truncate(5 * 1024**3)
    expected = "'digits.ckpt.index' has 5368709120 bytes, too many for an index."
    assert str(failure(prefix)) == damaged(prefix, expected)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no sparse files by seeking")
def test_data_of_five_gigabytes_is_read_only_where_the_index_points(prefix):
    with io.open(prefix + ".data-00000-of-00001", "r+b") as stream:
        stream.truncate(5 * 1024**3)
    assert checkpoint.read(prefix).network is networks.COMPACT
    with io.open(prefix + ".data-00000-of-00001", "wb") as stream:
        stream.truncate(5 * 1024**3)
    expected = damaged(prefix, "The checksum of 'W_conv1' does not agree.")
    assert str(failure(prefix)) == expected


def test_a_file_that_may_not_be_read(prefix, monkeypatch):
    """The refusal is made by hand where tests run as root, whom no permission stops."""
    os.chmod(prefix + ".data-00000-of-00001", 0)
    if os.access(prefix + ".data-00000-of-00001", os.R_OK):
        monkeypatch.setattr(bundle, "open", refuse, raising=False)
    assert str(failure(prefix)) == (
        "'%s' cannot be read.\nPermission denied\n"
        "Check the disk and this user's permissions, then press 'Reload'." % prefix
    )
    os.chmod(prefix + ".data-00000-of-00001", stat.S_IRUSR | stat.S_IWUSR)


def refuse(path, mode):
    if ".data-" in path:
        raise IOError(13, "Permission denied", path)
    return io.open(path, mode)


def test_a_disk_that_fails_while_it_is_read(prefix, monkeypatch):
    monkeypatch.setattr(bundle, "open", Failing, raising=False)
    assert str(failure(prefix)) == (
        "'%s' cannot be read.\nInput/output error\n"
        "Check the disk and this user's permissions, then press 'Reload'." % prefix
    )


class Failing(object):
    """A file on a disk that was pulled out after the file was opened."""

    def __init__(self, path, mode):
        self._stream = io.open(path, mode)
        self.fileno = self._stream.fileno

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()

    def seek(self, _):
        pass

    def read(self, _):
        raise IOError(5, "Input/output error")


# -- Writers ----------------------------------------------------------------------------------


def test_index_and_data_of_two_writings_are_told_apart(prefix, tmpdir):
    other = str(tmpdir.join("other.ckpt"))
    checkpoint.write(other, weights(1))
    shutil.copy(other + ".data-00000-of-00001", prefix + ".data-00000-of-00001")
    expected = damaged(prefix, "The checksum of 'W_conv1' does not agree.")
    assert str(failure(prefix)) == expected


def test_a_reader_between_two_renames_waits_for_the_second(prefix, tmpdir, monkeypatch):
    monkeypatch.undo()
    other = str(tmpdir.join("other.ckpt"))
    checkpoint.write(other, weights(1))
    os.rename(other + ".data-00000-of-00001", prefix + ".data-00000-of-00001")
    later = threading.Timer(0.03, os.rename, (other + ".index", prefix + ".index"))
    later.start()
    found = checkpoint.read(prefix)
    later.join()
    assert numpy.array_equal(found.variables["W_fc1"], weights(1)["W_fc1"])
    assert found.stamp == checkpoint.stamp(prefix)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_a_reader_between_two_links_waits_for_the_second(prefix, tmpdir, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(checkpoint, "SETTLED", 0.5)
    ends = (".data-00000-of-00001", ".index")
    for seed, name in ((0, "one"), (1, "two")):
        checkpoint.write(str(tmpdir.join(name)), weights(seed))
    linked = str(tmpdir.join("linked"))
    # The files themselves are old; only the links are made now.
    time.sleep(0.6)
    os.symlink(str(tmpdir.join("two")) + ends[0], linked + ends[0])
    os.symlink(str(tmpdir.join("one")) + ends[1], linked + ends[1])

    def second():
        os.symlink(str(tmpdir.join("two")) + ends[1], linked + ".new")
        os.rename(linked + ".new", linked + ends[1])

    later = threading.Timer(0.03, second)
    later.start()
    found = checkpoint.read(linked)
    later.join()
    assert numpy.array_equal(found.variables["W_fc1"], weights(1)["W_fc1"])


def test_too_little_memory_is_a_sentence(prefix, monkeypatch):
    def refused(*arguments):
        raise MemoryError

    monkeypatch.setattr(checkpoint.bundle.Bundle, "read", refused)
    found = failure(prefix)
    assert type(found) is errors.CheckpointDamaged and "memory" in found.found


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_a_link_that_leads_nowhere_makes_nobody_wait(prefix, monkeypatch):
    monkeypatch.setattr(checkpoint, "SETTLED", -1)
    monkeypatch.setattr(checkpoint.time, "sleep", lambda seconds: pytest.fail("it waits"))
    os.symlink("nowhere", prefix + ".anything")
    os.symlink("nowhere", prefix + ".data-00000-of-00009")
    os.remove(prefix + ".data-00000-of-00001")
    assert type(failure(prefix)) is errors.CheckpointDamaged


def test_an_index_whose_names_grow_without_end(prefix, monkeypatch):
    monkeypatch.setattr(checkpoint.bundle, "LONGEST_INDEX", 2000)
    # Each name is the one before and a letter more.
    entries = b"".join(bytes(bytearray([number, 1, 0, 120])) for number in range(100))
    block = entries + b"\0\0\0\0" + b"\1\0\0\0"
    with pytest.raises(checkpoint.bundle._Malformed):
        checkpoint.bundle._pairs(block)


def test_files_that_were_broken_long_ago_are_not_waited_for(prefix, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setattr(checkpoint, "SETTLED", -1)
    monkeypatch.setattr(checkpoint.time, "sleep", lambda seconds: pytest.fail("it waits"))
    os.remove(prefix + ".data-00000-of-00001")
    assert type(failure(prefix)) is errors.CheckpointDamaged


def test_a_checkpoint_that_never_holds_still(prefix, monkeypatch):
    stamps = iter(range(1000))
    monkeypatch.setattr(checkpoint, "stamp", lambda _: next(stamps))
    assert str(failure(prefix)) == (
        "'%s' is being written.\n"
        "Its files changed while they were read, 2 times in a row.\n"
        "Wait for the writer to end, then press 'Reload'." % prefix
    )


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy
from mlinference import checkpoint, networks
seed = 0
while True:
    seed += 1
    values = dict(
        (name, numpy.zeros(shape, "float32") + seed)
        for name, shape in networks.COMPACT.variables(10)
    )
    checkpoint.write(sys.argv[2], values, {"seed": seed})
"""


def test_what_is_read_while_another_process_writes_is_of_one_writing(prefix, monkeypatch):
    monkeypatch.undo()
    writer = subprocess.Popen([sys.executable, "-c", WRITER, LIBRARIES, prefix])
    seeds = []
    try:
        while len(set(seeds)) < 20:
            assert writer.poll() is None, "the writer has ended"
            try:
                found = checkpoint.read(prefix)
            except errors.CheckpointChanging:
                continue
            if "seed" not in found.sidecar:
                continue  # what the fixture wrote
            everything = numpy.concatenate([array.ravel() for array in found.variables.values()])
            assert everything.min() == everything.max() == found.sidecar["seed"]
            seeds.append(found.sidecar["seed"])
    finally:
        writer.kill()
        writer.wait()
    assert seeds == sorted(seeds)
