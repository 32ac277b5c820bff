# coding: utf-8
"""scripts/cook.py: what it reads, where its sheet may be, and what it prints."""

import io
import json
import os
import shutil
import subprocess
import sys

import hou
import pytest

import cook as command
from mlinference import checkpoint, classifier
from mlinference._compat import native

Image = pytest.importorskip("PIL.Image")


@pytest.fixture
def place(root, tmpdir, monkeypatch):
    """A folder with three of our drawings in `dr`; the working folder."""
    hou.hipFile.clear(suppress_save_prompt=True)
    source = os.path.join(root, "python2.7libs", "mlinference", "data", "drawings")
    tmpdir.mkdir("dr")
    for name in ("one.png", "six.png", "two.png"):
        shutil.copy(os.path.join(source, name), str(tmpdir.join("dr", name)))
    monkeypatch.chdir(tmpdir)
    yield tmpdir
    classifier.clear()


def run(*arguments):
    """Run the command with NumPy's engine; return its exit code."""
    return command.main(list(arguments) + ["--set", "engine=numpy"])


def refused(capfd, *arguments):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    said = capfd.readouterr()
    assert said.out == ""
    return said.err.strip()


def content(path):
    with io.open(path, "rb") as stream:
        return stream.read()


def names(capfd):
    lines = capfd.readouterr().out.splitlines()
    return [line.split(":")[0] for line in lines]


@pytest.mark.parametrize("sheet", ["dr/six.png", "dr/../dr/./six.png"])
def test_the_sheet_never_takes_the_place_of_a_drawing(place, capfd, sheet):
    before = content("dr/six.png")
    for read in (["dr/six.png"], ["dr"], ["dr/one.png", "dr/six.png"]):
        assert refused(capfd, "--picture", sheet, *read) == (
            "cook.py: '%s' is one of the pictures to read.\n"
            "The sheet would take its place.\n"
            "Give '--picture' another name." % sheet
        )
    assert content("dr/six.png") == before


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_a_link_to_a_drawing_is_the_drawing(place, capfd):
    os.symlink("dr/six.png", "out.png")
    assert "is one of the pictures to read." in refused(capfd, "dr/six.png", "--picture", "out.png")
    assert "is one of the pictures to read." in refused(capfd, "dr", "--picture", "out.png")


def test_the_sheet_asks_for_the_answer_by_the_name_it_has(place, monkeypatch):
    import sheet

    captions = []
    monkeypatch.setattr(sheet, "_place", lambda sheet, corner, caption, *rest: captions.append(caption))
    assert run("dr/six.png", "--picture", "out.png", "--set", "attribute=digit") == 0
    assert captions[0].startswith("six.png: digit 6, ")


def test_a_sheet_in_the_folder_is_drawn_anew_and_not_read(place, capfd):
    for _ in range(2):
        assert run("dr", "--picture", "dr/demo.png") == 0
        assert names(capfd) == ["dr/one.png", "dr/six.png", "dr/two.png"]
    # Named, it is a picture like any other.
    assert "is one of the pictures to read." in refused(
        capfd, "dr/demo.png", "--picture", "dr/demo.png"
    )


@pytest.mark.parametrize("sheet", ["out.txt", "noext", "outfolder/", "dr", "", ".png"])
def test_a_sheet_without_the_ending_of_a_picture_is_refused_before_the_cook(place, capfd, sheet):
    assert refused(capfd, "dr", "--picture", sheet) == (
        "cook.py: '%s' is no name for a picture.\n"
        "It has to end with one of .png, .jpg, .jpeg, .tif, .tiff, .bmp, .gif.\n"
        "Give '--picture' such a name." % sheet
    )


def test_a_place_that_cannot_be_written_is_refused_before_the_cook(place, capfd):
    place.mkdir("folder.png")
    place.join("file").write("x")
    for sheet in ("folder.png", "file/out.png"):
        lines = refused(capfd, "dr", "--picture", sheet).split("\n")
        assert lines[0] == "cook.py: '%s' cannot be written." % sheet
        assert lines[2] == "Give '--picture' another place, or make room there."
        assert len(lines) == 3
    assert content("file") == b"x"


def test_a_disk_that_is_full_at_the_end_is_a_sentence(place, capfd, monkeypatch):
    import sheet

    def full(image, path):
        raise IOError(28, "No space left on device")

    monkeypatch.setattr(sheet, "save", full)
    with pytest.raises(SystemExit):
        run("dr/one.png", "--picture", "out.png")
    assert capfd.readouterr().err == (
        "cook.py: 'out.png' cannot be written.\n"
        "No space left on device.\n"
        "Give '--picture' another place, or make room there.\n"
    )


def test_a_sheet_without_pillow_is_refused_before_the_cook(place, capfd, monkeypatch):
    monkeypatch.delitem(sys.modules, "sheet", raising=False)
    monkeypatch.setitem(sys.modules, "PIL", None)
    lines = refused(capfd, "dr", "--picture", "out.png").split("\n")
    assert lines[0] == "cook.py: '--picture' needs Pillow."
    assert lines[2] == "Install it: pip install pillow."


def told(capfd):
    """Return the last report that was printed as JSON."""
    return json.loads(capfd.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("name", ["foo", " foo "])
def test_digit_glyphs_follows_the_attribute_that_is_set(place, capfd, name):
    assert run("dr/six.png", "--set", "attribute=" + name, "--json") == 0
    report = told(capfd)
    assert (report["attributes"]["foo"], report["glyph"], report["errors"]) == (6, "6", [])
    assert run("dr/six.png", "--set", "attribute=" + name) == 0
    sure = 100 * report["attributes"]["foo_confidence"]
    assert capfd.readouterr().out == "dr/six.png: 6  (%.1f %%)\n" % sure


UNSURE = ("--set", "threshold=2", "--set", "fallback=42")


def test_what_digit_glyphs_complains_about_is_an_error(place, capfd):
    assert run("dr/six.png", "--json", *UNSURE) == 1
    report = told(capfd)
    assert report["glyph"] is None and report["attributes"]["result"] == 42
    (error,) = report["errors"]
    assert error.startswith("The answer of '/obj/answer/ml_inference' is not a digit.\n")


def test_a_network_of_other_classes_has_labels_and_no_glyphs(place, capfd, weights):
    labels = [chr(ord("A") + number) for number in range(26)]
    sidecar = {"network": "convolutional", "labels": labels}
    checkpoint.write("letters.ckpt", weights(classes=26), sidecar)
    letters = ("dr/six.png", "--checkpoint", "letters.ckpt")
    assert run("--json", *(letters + UNSURE)) == 0
    report = told(capfd)
    assert (report["glyph"], report["errors"]) == (None, [])
    assert run("--json", *letters) == 0
    attributes = told(capfd)["attributes"]
    assert attributes["result_label"] == labels[attributes["result"]]
    assert run(*letters) == 0
    assert capfd.readouterr().out.startswith("dr/six.png: %s  (" % attributes["result_label"])


@pytest.mark.parametrize("name", ["six$OS.png", "six`1`.png", "$HIP/six.png"])
def test_a_name_that_houdini_would_expand_is_the_picture(place, capfd, name):
    place.join(name).ensure()
    shutil.copy("dr/six.png", name)
    assert run(name, "--json") == 0
    report = told(capfd)
    assert (report["image"], report["glyph"]) == (name, "6")


def test_a_picture_that_cannot_be_read_is_named_as_it_was_given(place, capfd):
    place.join("take_2.png").write("no picture")
    assert run("take_2.png", "--json") == 1
    (error,) = told(capfd)["errors"]
    assert str(place.join("take_2.png")).replace(os.sep, "/") in error
    assert "mlinference_" not in error


def test_a_library_without_ml_inference_is_refused(place, capfd, root):
    other = os.path.join(root, "otls", "digit_glyphs.hda")
    assert refused(capfd, "dr/six.png", "--asset", other) == (
        "cook.py: '%s' holds no 'mlinference::ml_inference::1.0'.\n"
        "It holds 'mlinference::digit_glyphs::1.0'.\n"
        "Give '--asset' a library of ML Inference, or leave it out." % other
    )


@pytest.mark.parametrize("module", ["numpy", "PIL"])
def test_without_what_the_stand_in_needs_it_says_so(place, root, module):
    place.mkdir(module).join("__init__.py").write("raise ImportError('no such wheel')")
    process = subprocess.Popen(
        [sys.executable, os.path.join(root, "scripts", "cook.py"), "dr/six.png"],
        env=dict(os.environ, PYTHONPATH=str(place)),
        stderr=subprocess.PIPE,
    )
    complaint = process.communicate()[1].decode("utf-8")
    assert process.returncode == 2
    assert complaint.splitlines() == [
        "cook.py: the stand-in for Houdini needs NumPy and Pillow.",
        "no such wheel.",
        "Install them: pip install numpy pillow. Or run this with hython.",
    ]


def test_every_ending_can_be_written(place, capfd):
    import sheet

    for ending in command.SHEET_ENDINGS:
        sheet.save(Image.new("RGB", (4, 4)), "out" + ending)
        assert sheet.is_sheet("out" + ending) == (ending == ".png")


def test_a_new_folder_is_made_for_the_sheet(place):
    assert run("dr/one.png", "--picture", "new/er/out.png") == 0
    assert Image.open("new/er/out.png").size[0] > 100


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="its file names are Unicode")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_name_in_latin_1_is_printed(place, capfd, options):
    name = b"caf\xe9.png"
    native_name = name if str is bytes else os.fsdecode(name)
    os.rename("dr/six.png", native_name)
    assert run(native_name, *options) == 0
    printed = native(capfd.readouterr().out)
    shown = json.loads(printed)["image"] if options else printed.split(":")[0]
    assert native(shown) == native(u"caf\ufffd.png")
