"""What `convert` writes: whole, read back before it has its name, and over nothing unasked."""

import check_conversion
import pytest

from mlinference import __main__, checkpoint, convert, networks
from mlinference.conversion import formats

SUFFIXES = [".data-00000-of-00001", ".index", ".json"]


def run(*arguments):
    return __main__.main(["convert"] + [str(argument) for argument in arguments])


def refused(capfd, *arguments):
    assert run(*arguments) == 1
    return capfd.readouterr().err.strip()


def names(folder):
    return sorted(each.basename for each in folder.listdir())


@pytest.fixture(params=["model.npz", "model.ckpt"])
def target(request, tmpdir):
    return tmpdir.join(request.param)


@pytest.fixture
def wrong(monkeypatch):
    """Everything that is written answers otherwise."""
    monkeypatch.setattr(convert, "compare", lambda one, other: 0.25)


def said_of(target, found):
    return (
        "'%s' would answer otherwise than what it is made from.\n"
        "%s.\n"
        "Report the versions that 'mlinference doctor' prints; nothing was replaced."
    ) % (target, found)


def test_what_answers_otherwise_is_not_left_behind(target, capfd, wrong):
    said = refused(capfd, "", target)
    assert said == said_of(target, "Their probabilities differ by 2.5e-01")
    assert names(target.dirpath()) == []


def test_what_answers_otherwise_replaces_nothing(target, capfd, monkeypatch):
    another = check_conversion.seeded(networks.SOFTMAX)
    formats.write(str(target), another, check_conversion.settings())
    before = {each.basename: each.read("rb") for each in target.dirpath().listdir()}
    monkeypatch.setattr(convert, "compare", lambda one, other: float("nan"))
    refused(capfd, "", target, "--force")
    after = {each.basename: each.read("rb") for each in target.dirpath().listdir()}
    assert after == before


def test_what_cannot_be_read_back_is_named_as_it_was_asked_for(tmpdir, capfd, monkeypatch):
    def spoilt(path, model, options):
        with open(path, "wb") as stream:
            stream.write(b"nothing")

    changed = [
        each._replace(write=spoilt) if each.ending == ".npz" else each for each in formats.FORMATS
    ]
    monkeypatch.setattr(formats, "FORMATS", changed)
    said = refused(capfd, "", tmpdir.join("a.npz"))
    assert said == said_of(tmpdir.join("a.npz"), "Read back: File is not a zip file")
    assert names(tmpdir) == []


def test_ctrl_c_is_no_traceback_and_leaves_nothing(target, capfd, monkeypatch):
    def stopped(one, other):
        raise KeyboardInterrupt

    monkeypatch.setattr(convert, "compare", stopped)
    assert run("", target) == 130
    assert capfd.readouterr().err == "Stopped; what was there before is unchanged.\n"
    assert names(target.dirpath()) == []


def test_nothing_but_the_files_that_were_asked_for_is_there(tmpdir):
    assert run("", tmpdir.join("a.npz")) == 0
    assert run("", tmpdir.join("b.ckpt")) == 0
    assert names(tmpdir) == ["a.npz"] + ["b.ckpt" + suffix for suffix in SUFFIXES]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_no_file_of_a_checkpoint_is_overwritten_unasked(tmpdir, capfd, suffix):
    prefix, there = tmpdir.join("model.ckpt"), tmpdir.join("model.ckpt" + suffix)
    there.write("precious")
    assert refused(capfd, "", prefix) == (
        "'%s' exists.\nIt would be overwritten.\nGive another name, or '--force' to replace it."
    ) % there
    assert there.read() == "precious"
    assert names(tmpdir) == [there.basename]
    assert run("", prefix, "--force") == 0
    assert checkpoint.read(str(prefix)).cautions == ()


@pytest.mark.parametrize(
    "name, shown",
    [
        ("", ""),
        ("{0}/", "{0}/"),
        ("{0}/.index", "{0}/"),
        ("{0}/.", "{0}/."),
        ("{0}/..", "{0}/.."),
        (".npz", ".npz"),
        ("{0}/.NPZ", "{0}/.NPZ"),
        ("{0}/.weights.h5", "{0}/.weights.h5"),
    ],
)
def test_a_file_needs_a_name(tmpdir, capfd, monkeypatch, name, shown):
    monkeypatch.chdir(str(tmpdir))
    assert refused(capfd, "", name.format(tmpdir)) == (
        "'%s' names no file.\n"
        "It has nothing after its folder, or nothing before its ending.\n"
        "Give DST a name: 'models/digits.onnx', or 'models/digits.ckpt' for a checkpoint."
    ) % shown.format(tmpdir)
    assert names(tmpdir) == []


@pytest.mark.parametrize("name", ["model.pb", "saved_model.pbtxt", "Model.TFLITE", "model.pth"])
@pytest.mark.parametrize("suffix", ["", ".index"])
def test_no_checkpoint_has_the_name_of_a_format_that_is_not_written(tmpdir, capfd, name, suffix):
    path = tmpdir.join(name)
    assert refused(capfd, "", "%s%s" % (path, suffix), "--force") == (
        "'%s' cannot be written.\n"
        "'%s' is not written here; a TensorFlow checkpoint and "
        "'.weights.h5', '.h5', '.hdf5', '.keras', '.npz', '.onnx' are.\n"
        "Give DST one of these endings, or 'models/digits.ckpt' for a checkpoint."
    ) % (path, path.ext)
    assert names(tmpdir) == []


def test_a_damaged_sidecar_is_told(tmpdir, capfd):
    source = tmpdir.join("source.ckpt")
    assert run("", source) == 0
    capfd.readouterr()
    damaged = tmpdir.join("source.ckpt.json")
    damaged.write("{not JSON")
    assert run(source, tmpdir.join("a.npz")) == 0
    said = capfd.readouterr().out.splitlines()
    assert said[0] == "'%s' is not used." % damaged
    assert said[1].startswith("It is not JSON: ")
    assert said[3].startswith("Wrote ")


def test_the_checksum_of_another_data_file_is_not_taken_over(tmpdir):
    model = check_conversion.seeded(networks.SOFTMAX)
    model.sidecar["sha256"] = "of another file"
    path = str(tmpdir.join("a.ckpt"))
    formats.write(path, model, check_conversion.settings())
    assert "sha256" not in checkpoint.read(path).sidecar


@pytest.mark.parametrize("number", ["2147483648", "9" * 23])
def test_a_batch_is_no_larger_than_what_onnx_can_say(tmpdir, capfd, number):
    with pytest.raises(SystemExit) as caught:
        run("", tmpdir.join("a.onnx"), "--batch", number)
    assert caught.value.code == 2
    assert "argument --batch: invalid number of pictures value" in capfd.readouterr().err


def test_the_largest_batch_is_taken():
    assert convert._count("2147483647") == convert.MOST_PICTURES
