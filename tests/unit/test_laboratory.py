"""The layers of a network as picture files."""

import json
import os
import sys

import numpy
import pytest

from mlinference import __main__, checkpoint, classifier, laboratory, networks

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def drawing(root):
    return os.path.join(root, "python2.7libs", "mlinference", "data", "drawings", "three.png")


def test_every_layer_of_the_bundled_network_becomes_a_file(drawing, tmpdir, capsys):
    folder = str(tmpdir.join("new", "layers"))
    assert laboratory.main([drawing, "--out", folder, "--engine", "numpy"]) == 0
    model = classifier.shared(engine="numpy")
    names = ["input"] + [name for name, _ in model.layers(numpy.zeros((1, 784), "float32"))]
    assert sorted(os.listdir(folder)) == ["%02d_%s.png" % pair for pair in enumerate(names)]
    printed = capsys.readouterr().out.split("\n")
    assert printed[0] == os.path.join(folder, "00_input.png")
    assert printed[-2].startswith("3 (")


def test_the_input_is_the_picture_that_the_network_gets(drawing, tmpdir):
    laboratory.main([drawing, "--out", str(tmpdir), "--engine", "numpy"])
    image = numpy.asarray(Image.open(str(tmpdir.join("00_input.png"))).convert("L"))
    assert image.shape == (896, 896)
    small = image[16::32, 16::32]
    assert small[:2].max() == 0 and small.max() > 200
    assert (image.reshape(28, 32, 28, 32) == small[:, None, :, None]).all()


def test_another_checkpoint_has_its_own_layers(drawing, tmpdir):
    random = numpy.random.RandomState(0)
    variables = {
        name: (0.1 * random.randn(*shape)).astype("float32")
        for name, shape in networks.COMPACT.variables(10)
    }
    prefix = str(tmpdir.join("compact.ckpt"))
    checkpoint.write(prefix, variables)
    folder = str(tmpdir.join("layers"))
    arguments = [drawing, "--checkpoint", prefix, "--out", folder, "--engine", "numpy"]
    assert laboratory.main(arguments) == 0
    assert sorted(os.listdir(folder)) == [
        "00_input.png",
        "01_conv1.png",
        "02_conv2.png",
        "03_conv3.png",
        "04_logits.png",
    ]


def test_a_missing_picture_is_a_sentence(tmpdir, capsys):
    missing = str(tmpdir.join("nothing.png"))
    assert laboratory.main([missing, "--out", str(tmpdir)]) == 1
    said = capsys.readouterr().err
    assert "nothing.png" in said and "Traceback" not in said


def test_a_folder_that_cannot_be_made_is_a_sentence(drawing, tmpdir, capsys):
    occupied = tmpdir.join("file")
    occupied.write("")
    assert laboratory.main([drawing, "--out", str(occupied), "--engine", "numpy"]) == 1
    lines = capsys.readouterr().err.strip().split("\n")
    assert lines[0] == "'%s' cannot be written." % os.path.join(str(occupied), "00_input.png")
    assert lines[2] == "Give another folder as '--out'."


def test_the_picture_that_is_read_is_never_overwritten(drawing, tmpdir, capsys, monkeypatch):
    monkeypatch.chdir(tmpdir)
    assert laboratory.main([drawing, "--out", ".", "--engine", "numpy"]) == 0
    for name in os.listdir("."):
        if name != "02_conv2.png" and name != "00_input.png":
            os.remove(name)
    before = {name: tmpdir.join(name).read("rb") for name in os.listdir(".")}
    assert sorted(before) == ["00_input.png", "02_conv2.png"]
    capsys.readouterr()
    for name in sorted(before):
        path = os.path.join(".", name)
        assert laboratory.main([name, "--out", ".", "--engine", "numpy"]) == 1
        assert capsys.readouterr().err == (
            "'%s' cannot be written.\n"
            "It is the picture that is read.\n"
            "Give another folder as '--out'.\n" % path
        )
    assert {name: tmpdir.join(name).read("rb") for name in os.listdir(".")} == before


def test_the_answer_is_that_of_classify(root, drawing, tmpdir, capsys):
    cut = str(tmpdir.join("cut.png"))
    # Runs off the page, so that the network counts for a part only.
    Image.open(drawing).convert("L").crop((0, 0, 150, 400)).save(cut)
    assert __main__.main(["classify", cut, "--engine", "numpy", "--format", "jsonl"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert laboratory.main([cut, "--out", str(tmpdir.join("out")), "--engine", "numpy"]) == 0
    printed = capsys.readouterr().out.split("\n")[-2]
    assert printed == "%s (%.1f %%)" % (row["label"], 100 * row["confidence"])


def test_nothing_is_what_a_blank_picture_shows(tmpdir, capsys):
    blank = str(tmpdir.join("blank.png"))
    Image.new("L", (40, 40), 255).save(blank)
    assert laboratory.main([blank, "--out", str(tmpdir.join("out")), "--engine", "numpy"]) == 0
    said = capsys.readouterr()
    assert said.err.startswith("Nothing is drawn on the picture of")
    assert said.out.split("\n")[-2] == "-1 (nothing is drawn)"


def test_without_pillow_the_message_names_it(drawing, tmpdir, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert laboratory.main([drawing, "--out", str(tmpdir)]) == 1
    assert capsys.readouterr().err.split("\n")[0] == "Reading picture files needs Pillow."
