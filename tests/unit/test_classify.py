# coding: utf-8
"""`python -m mlinference classify`: one table of answers, however the work is divided."""

import io
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time

import numpy
import pytest

from mlinference import (
    __main__,
    batch,
    checkpoint,
    classify,
    errors,
    files,
    networks,
    picture,
    results,
)
from mlinference._compat import native

features = pytest.importorskip("PIL.features", reason="Pillow cannot be imported by this Python")

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PATTERN = "drawings"


@pytest.fixture
def place(root, tmpdir, monkeypatch):
    """A folder with our ten drawings in `drawings`; the working folder."""
    source = os.path.join(root, "python2.7libs", "mlinference", "data", "drawings")
    shutil.copytree(source, str(tmpdir.join("drawings")))
    monkeypatch.chdir(tmpdir)
    return tmpdir


def run(*arguments):
    """Run the command with NumPy's engine; return its exit code."""
    return __main__.main(["classify", "--engine", "numpy"] + list(arguments))


def content(path):
    with io.open(str(path), "rb") as stream:
        return stream.read()


def answers(path):
    rows = results.read(str(path))
    return {os.path.basename(row.file).split(".")[0]: row.answer for row in rows}


def refused(capfd, *arguments):
    assert run(*arguments) == classify.FAILED
    return capfd.readouterr().err.strip()


# -- The table --------------------------------------------------------------------------------


def test_every_drawing_is_read_as_what_it_shows(place):
    assert run(PATTERN, "--out", "all.csv") == 0
    assert answers("all.csv") == {name: number for number, name in enumerate(NAMES)}


def test_csv_and_json_lines_hold_the_same_rows(place):
    assert run(PATTERN, "--out", "all.csv") == 0
    assert run(PATTERN, "--out", "all.jsonl") == 0
    assert results.read("all.csv") == results.read("all.jsonl")
    first = json.loads(content("all.jsonl").decode("ascii").splitlines()[0])
    assert (first["file"], first["answer"], first["label"]) == ("drawings/eight.png", 8, "8")
    assert sum(first["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_without_out_the_table_goes_to_the_standard_output(place, capfd):
    assert run(PATTERN) == 0
    printed = capfd.readouterr().out
    assert run(PATTERN, "--out", "all.csv") == 0
    assert printed.encode("utf-8") == content("all.csv")


def test_the_order_of_the_patterns_changes_nothing(place):
    assert run("drawings/t*.png", "drawings/one.png", "drawings/two.png", "--out", "a.csv") == 0
    assert run("./drawings/one.png", "drawings/two.png", "drawings/t*.png", "--out", "b.csv") == 0
    assert content("a.csv") == content("b.csv")
    assert sorted(answers("a.csv")) == ["one", "three", "two"]


def test_names_with_commas_quotes_and_japanese_come_back_from_either_form(place):
    name = u'数字, "eight".png'
    native = name.encode("utf-8") if sys.version_info[0] == 2 else os.fsdecode(name.encode("utf-8"))
    os.rename(os.path.join("drawings", "eight.png"), os.path.join("drawings", native))
    for out in ("all.csv", "all.jsonl"):
        assert run(PATTERN, "--out", out) == 0
        assert u"drawings/" + name in [row.file for row in results.read(out)]


def test_a_blank_page_has_the_answer_minus_one_and_a_warning(place, capfd):
    from PIL import Image

    Image.new("L", (40, 40), 255).save("blank.png")
    assert run("blank.png", "--out", "all.csv") == 0
    (row,) = results.read("all.csv")
    assert (row.answer, row.label, row.error) == (-1, "", "")
    assert row.warning.startswith("Nothing is drawn on the picture of 'blank.png'.")
    assert "1 pictures: 1 read, 1 of these blank, 0 could not be read." in capfd.readouterr().err


@pytest.mark.parametrize("name", ["pages.tif", "moving.gif"])
def test_of_several_pictures_in_a_file_the_first_is_read_and_the_row_says_so(place, name):
    several(name)
    assert run(name, "--out", "all.csv") == 0
    (row,) = results.read("all.csv")
    assert (row.answer, row.error) == (6, "")
    assert row.warning == (
        "'%s' holds 2 pictures. Only the first was read. "
        "Save each as a file of its own to have all of them read." % name
    )
    colours = picture.prepare(files.read_page(name), looks_at=networks.COLOUR)
    assert [type(caution) for caution in colours.cautions] == [errors.PictureFirst]


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_a_second_page_that_is_damaged_does_not_cost_the_first(place):
    several("pages.tif")
    data = content("pages.tif")
    # The place of the first page's table, and in it of the next.
    (table,) = struct.unpack("<I", data[4:8])
    end = table + 2 + 12 * struct.unpack("<H", data[table : table + 2])[0]
    place.join("pages.tif").write(data[:end] + struct.pack("<I", len(data) - 3) + data[end + 4 :], "wb")
    assert run("pages.tif", "--out", "all.csv") == 0
    assert answers("all.csv") == {"pages": 6}


def several(name):
    """Save the drawings of a six and a two as one file."""
    from PIL import Image

    first, second = [Image.open("drawings/%s.png" % each).convert("L") for each in ("six", "two")]
    first.save(name, save_all=True, append_images=[second])


@pytest.mark.parametrize("white", [255, 65535])
def test_whole_numbers_of_32_bits_are_read_by_their_largest(place, white):
    from PIL import Image

    eight = numpy.asarray(Image.open("drawings/six.png").convert("L"))
    Image.fromarray(eight.astype(numpy.int32) * (white // 255)).save("wide.tif")
    assert numpy.allclose(files.read_page("wide.tif").values, eight / numpy.float32(255))
    assert run("wide.tif", "--out", "all.csv") == 0
    assert answers("all.csv") == {"wide": 6}


def test_an_unreadable_picture_is_a_row_with_its_reason_and_code_three(place):
    place.join("drawings", "two.png").write(b"no picture at all", "wb")
    assert run(PATTERN, "--out", "all.csv") == 3
    row = [each for each in results.read("all.csv") if each.error][0]
    assert row.file == "drawings/two.png" and row.answer is None
    assert row.error == (
        "'drawings/two.png' cannot be read as a picture. cannot identify image file. "
        "Write it as PNG, TIFF or JPEG, or copy it again."
    )
    assert len(results.read("all.csv")) == 10


def test_the_threshold_is_the_nodes(place):
    assert run("drawings/one.png", "--threshold", "0.99", "--fallback", "7", "--out", "all.csv") == 0
    (row,) = results.read("all.csv")
    assert row.answer == 7
    assert row.warning.startswith("Not sure what is drawn here.")


# -- Which files ------------------------------------------------------------------------------


@pytest.fixture
def sequence(place):
    for frame in (1, 2, 3, 10, 12345):
        shutil.copy("drawings/two.png", "shot.%04d.png" % frame)
    shutil.copy("drawings/two.png", "shot.00001.png")
    shutil.copy("drawings/two.png", "shot.final.png")
    return place


FIVE = ["shot.%s.png" % number for number in ("0001", "0002", "0003", "0010", "12345")]


@pytest.mark.parametrize("pattern", ["shot.$F4.png", "shot.####.png", "shot.%04d.png", "s*t.$F4.png"])
def test_a_sequence_is_its_numbered_files(sequence, pattern):
    assert files.listed([pattern]) == FIVE


def test_frames_that_are_not_there_are_rows_with_an_error(sequence):
    assert run("shot.$F4.png", "--frames", "1-5x2,10", "--out", "all.csv") == 3
    rows = results.read("all.csv")
    assert [row.file for row in rows] == ["shot.%04d.png" % frame for frame in (1, 3, 5, 10)]
    assert [bool(row.error) for row in rows] == [False, False, True, False]


@pytest.mark.parametrize("pattern", ["*t.$F4.png", "sho?.####.png"])
def test_frames_beside_a_wildcard_are_those_that_are_there(sequence, pattern):
    assert files.listed([pattern], (2, 3, 4)) == ["shot.0002.png", "shot.0003.png"]


@pytest.mark.parametrize("pattern", ["drawings", "drawings/two.png", "drawings/*.png", "a#.png"])
def test_frames_of_what_has_no_frame_number_are_refused(place, capfd, pattern):
    shutil.copy("drawings/two.png", "a#.png")
    with pytest.raises(SystemExit) as caught:
        run(pattern, "--frames", "1-3")
    assert caught.value.code == 2
    said = "--frames takes a frame number like $F4 or ####; '%s' has none" % pattern
    assert said in capfd.readouterr().err


# JPEG by the names that browsers and older programs give it too.
@pytest.mark.parametrize("ending", sorted(set(files.SUFFIXES) | {".jfif", ".jpe"}))
def test_a_folder_gives_its_pictures_of_every_kind(place, ending):
    from PIL import Image

    if ending == ".webp" and not features.check("webp"):
        pytest.skip("this Pillow has no WebP")
    os.mkdir("kinds")
    name = "kinds/six" + ending
    Image.open("drawings/six.png").convert("L").save(name)
    assert files.listed(["kinds"]) == [name]
    assert run("kinds", "--out", "all.csv") == 0
    assert answers("all.csv") == {"six": 6}


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_links_to_folders_are_followed_and_no_picture_is_there_twice(place):
    for name in ("pics/v1", "pics/v2", "else/where", "beside"):
        os.makedirs(name)
        shutil.copy("drawings/two.png", name + "/two.png")
    os.symlink("v2", "pics/a_latest")
    os.symlink("../else/where", "pics/b")
    os.symlink("../else/where", "pics/c")
    # To itself, to what is around it, and from elsewhere back again.
    os.symlink(".", "pics/loop")
    os.symlink("../..", "pics/v1/around")
    os.symlink("../../pics", "else/where/back")
    os.symlink("..", "else/where/up")
    os.symlink("missing", "pics/missing")
    assert files.listed(["pics"]) == ["pics/b/two.png", "pics/v1/two.png", "pics/v2/two.png"]
    os.symlink("pics", "linked")
    assert files.listed(["linked"]) == [
        "linked/b/two.png",
        "linked/v1/two.png",
        "linked/v2/two.png",
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(place):
    os.mkdir("pics")
    os.mkfifo("pics/pipe.png")
    os.symlink("missing", "pics/link.png")
    shutil.copy("drawings/two.png", "pics/two.png")
    os.mkfifo("pics/pipe.0001.png")
    assert files.listed(["pics"]) == ["pics/link.png", "pics/two.png"]
    with pytest.raises(errors.PatternEmpty):
        files.listed(["pics/pipe.$F4.png"])


def test_a_name_that_is_there_means_itself_whatever_its_letters(place):
    for name in ("a[1].png", "a#.png"):
        shutil.copy("drawings/two.png", name)
        assert files.listed([name]) == [name]


@pytest.mark.parametrize("pattern", ["scans [v2]/*.png", "scans [v2]/t?o.png"])
def test_brackets_are_letters_beside_a_wildcard_too(place, pattern):
    os.mkdir("scans [v2]")
    shutil.copy("drawings/two.png", "scans [v2]/two.png")
    assert files.listed([pattern]) == ["scans [v2]/two.png"]


def test_brackets_are_a_choice_where_no_name_has_them(place):
    assert files.listed(["drawings/t[wh]*.png"]) == ["drawings/three.png", "drawings/two.png"]


def test_a_pattern_that_stands_for_nothing_is_told(place, capfd):
    assert refused(capfd, "drawings", "missing/*.png") == (
        "There is no picture 'missing/*.png'.\n"
        "No file or folder of that name, and none that the pattern fits.\n"
        "Give files, folders, or patterns like '*.png' and 'a.$F4.png', in quotes."
    )


@pytest.mark.parametrize(
    "pattern, folder", [("deep/**/*.png", "deep/"), ("**/a.$F4.png", "./"), ("deep/d*/**", "deep/")]
)
def test_a_pattern_that_would_go_one_folder_deep_names_the_folder(place, capfd, pattern, folder):
    os.makedirs("deep/deeper/deepest")
    for name in ("deep/one", "deep/deeper/two", "deep/deeper/deepest/three"):
        shutil.copy("drawings/two.png", name + ".png")
    assert refused(capfd, pattern) == (
        "'%s' goes through no folders.\n"
        "'**' stands for the name of one folder.\n"
        "Give the folder, '%s': all pictures below it are read." % (pattern, folder)
    )
    assert len(files.listed(["deep/"])) == 3
    assert files.listed(["deep/o**.png"]) == ["deep/one.png"]


# -- Which way up -----------------------------------------------------------------------------


def exif(orientation):
    """Return EXIF of one entry, as a camera writes it."""
    entry = struct.pack(">HHIHH", files.ORIENTATION, 3, 1, orientation, 0)
    return b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0"


def photographed(path, data, turn=None, **options):
    """Save the drawing of a six as a camera does that was held otherwise."""
    from PIL import Image

    image = Image.open("drawings/six.png").convert("RGB")
    if turn is not None:
        image = image.transpose(turn)
    image.save(path, exif=data, **options)


def test_a_photograph_that_was_taken_upside_down_is_read_upright(place):
    from PIL import Image

    photographed("phone.jpg", exif(3), Image.ROTATE_180)
    photographed("phone.png", exif(6), Image.ROTATE_90)
    photographed("as it is.jpg", exif(1))
    assert run("phone.jpg", "phone.png", "as it is.jpg", "--out", "all.csv") == 0
    assert answers("all.csv") == {"phone": 6, "as it is": 6}
    assert [row.answer for row in results.read("all.csv")] == [6, 6, 6]


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_undone_as_pillow_does(place, orientation, name):
    from PIL import Image, ImageOps

    image = Image.open("drawings/six.png").convert("RGB").crop((10, 20, 110, 90))
    image.save("a.tif", tiffinfo={files.ORIENTATION: orientation})
    for other in ("a.jpg", "a.png"):
        image.save(other, exif=exif(orientation))
    # Not every Pillow is right about TIFF, which is as lossless as PNG.
    with Image.open(name.replace(".tif", ".png")) as stored:
        upright = numpy.asarray(ImageOps.exif_transpose(stored)).astype(numpy.float32) / 255
    assert numpy.array_equal(files.read_page(name).values, upright)


@pytest.mark.parametrize(
    "data",
    [
        b"Exif\0\0",
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        b"Exif\0\0" + b"\xff" * 40,
        exif(3)[:-8],
        exif(0),
        exif(9),
        exif(3).replace(b"\0\x03\0\0\0\x01", b"\0\x02\0\0\0\x02"),
    ],
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_leaves_a_picture_as_it_is(place, data):
    photographed("whole.jpg", b"")
    photographed("damaged.jpg", data)
    assert numpy.array_equal(files.read_page("damaged.jpg").values, files.read_page("whole.jpg").values)


def test_a_pillow_that_knows_no_exif_reads_the_picture_all_the_same(place):
    class Image(object):
        format = "JPEG"

    assert files._orientation(Image()) == 1
    Image._getexif = lambda self: {files.ORIENTATION: 8}
    assert files._orientation(Image()) == 8
    Image._getexif = lambda self: None
    assert files._orientation(Image()) == 1


# -- Shards -----------------------------------------------------------------------------------


def test_shards_merged_are_byte_for_byte_the_single_run(place):
    assert run(PATTERN, "--out", "whole.csv") == 0
    for number in (3, 1, 2):
        assert run(PATTERN, "--shard", "%d/3" % number, "--out", "all.csv") == 0
    assert run("--merge", "3", "--out", "all.csv", PATTERN) == 0
    assert content("all.csv") == content("whole.csv")
    sizes = [len(results.read("all.%dof3.csv" % number)) for number in (1, 2, 3)]
    assert sum(sizes) == 10 and max(sizes) < 10


def test_a_new_file_moves_no_other_to_another_shard():
    before = ["a.%d.png" % number for number in range(100)]
    shards = [[path for path in before if files.in_shard(path, number, 4)] for number in (1, 2, 3, 4)]
    assert sorted(sum(shards, [])) == sorted(before)
    assert min(len(shard) for shard in shards) > 10


def test_a_shard_without_pictures_is_done_at_once(place):
    for number in range(1, 6):
        assert run("drawings/one.png", "--shard", "%d/5" % number, "--out", "all.csv") == 0
    assert run("--merge", "5", "--out", "all.csv") == 0
    assert answers("all.csv") == {"one": 1}


def test_a_missing_shard_is_named(place, capfd):
    assert run(PATTERN, "--shard", "2/3", "--out", "all.csv") == 0
    capfd.readouterr()
    assert refused(capfd, "--merge", "3", "--out", "all.csv") == (
        "The results for 'all.csv' are not complete.\n"
        "There is no 'all.1of3.csv', 'all.3of3.csv'.\n"
        "Run those shards again, then '--merge' again."
    )


def test_a_shard_that_broke_off_beside_its_older_table_is_not_merged(place, capfd, monkeypatch):
    for number in (1, 2):
        assert run(PATTERN, "--shard", "%d/2" % number, "--out", "all.csv") == 0
    again = (PATTERN, "--shard", "2/2", "--out", "all.csv", "--threshold", "0.9", "--force")

    def stopping(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(batch.Reader, "row", stopping)
        assert run(*again) == classify.INTERRUPTED
    capfd.readouterr()
    assert refused(capfd, "--merge", "2", "--out", "all.csv", "--force") == (
        "The results for 'all.csv' are not complete.\n"
        "Still being written, or interrupted: 'all.2of2.csv'.\n"
        "Run those shards again, then '--merge' again."
    )
    assert not os.path.exists("all.csv")
    assert run(*again) == 0
    assert run(PATTERN, "--shard", "1/2", *again[3:]) == 0
    assert run("--merge", "2", "--out", "all.csv") == 0


def test_a_picture_that_came_later_is_missed_at_the_merge(place, capfd):
    for number in (1, 2):
        assert run(PATTERN, "--shard", "%d/2" % number, "--out", "all.csv") == 0
    shutil.copy("drawings/two.png", "drawings/late.png")
    capfd.readouterr()
    assert "1 pictures are lacking, like 'drawings/late.png'." in refused(
        capfd, "--merge", "2", "--out", "all.csv", PATTERN
    )


def test_a_picture_that_has_gone_is_noticed_at_the_merge(place, capfd):
    shutil.copy("drawings/two.png", "drawings/gone.png")
    for number in (1, 2):
        assert run(PATTERN, "--shard", "%d/2" % number, "--out", "all.csv") == 0
    os.remove("drawings/gone.png")
    capfd.readouterr()
    shard = 1 if files.in_shard("drawings/gone.png", 1, 2) else 2
    assert refused(capfd, "--merge", "2", "--out", "all.csv", PATTERN) == (
        "'all.%dof2.csv' holds other results.\n"
        "1 are of pictures that are not asked for, like 'drawings/gone.png'.\n"
        "Merge with '--force' to leave them out, or without patterns to keep them." % shard
    )
    assert run("--merge", "2", "--out", "kept.csv") == 1
    assert run("--merge", "2", "--out", "all.csv") == 0
    assert "gone" in answers("all.csv")
    assert run("--merge", "2", "--out", "all.csv", "--force", PATTERN) == 0
    assert run(PATTERN, "--out", "whole.csv") == 0
    assert content("all.csv") == content("whole.csv")


def test_shards_of_different_settings_are_not_mixed(place, capfd):
    assert run("drawings/*.png", "--shard", "1/2", "--out", "all.csv") == 0
    assert run("drawings/*.png", "--shard", "2/2", "--out", "all.csv", "--fit", "stretch") == 0
    capfd.readouterr()
    assert refused(capfd, "--merge", "2", "--out", "all.csv") == (
        "The shards of 'all.csv' do not belong together.\n"
        "'all.1of2.csv' and 'all.2of2.csv' come from different checkpoints or settings.\n"
        "Run all of them again with the same options and '--force'."
    )


# -- Going on ---------------------------------------------------------------------------------


@pytest.fixture
def counted(monkeypatch):
    """Names of the pictures that were really read."""
    seen = []
    row = batch.Reader.row

    def counting(self, path, data):
        seen.append(os.path.basename(path))
        return row(self, path, data)

    monkeypatch.setattr(batch.Reader, "row", counting)
    return seen


def test_only_changed_and_failed_pictures_are_read_again(place, counted):
    place.join("drawings", "two.png").write(b"no picture at all", "wb")
    assert run(PATTERN, "--out", "all.csv") == 3
    del counted[:]
    shutil.copy("drawings/three.png", "drawings/one.png")
    shutil.copy("drawings/three.png", "drawings/two.png")
    assert run(PATTERN, "--out", "all.csv") == 0
    assert counted == ["one.png", "two.png"]
    assert answers("all.csv")["one"] == 3
    before = content("all.csv")
    del counted[:]
    assert run(PATTERN, "--out", "all.csv") == 0
    assert (counted, content("all.csv")) == ([], before)


def test_a_run_that_breaks_off_goes_on_where_it_was(place, counted, monkeypatch):
    row = batch.Reader.row

    def stopping(self, path, data):
        if len(counted) == 4:
            raise KeyboardInterrupt
        return row(self, path, data)

    assert run(PATTERN, "--out", "whole.csv") == 0
    del counted[:]
    with monkeypatch.context() as patch:
        patch.setattr(batch.Reader, "row", stopping)
        assert run(PATTERN, "--out", "all.csv") == classify.INTERRUPTED
    assert not os.path.exists("all.csv") and len(counted) == 4
    with io.open("all.csv.partial", "ab") as stream:
        stream.write(b'{"file": "half a li')
    del counted[:]
    assert run(PATTERN, "--out", "all.csv") == 0
    assert len(counted) == 6
    assert content("all.csv") == content("whole.csv")
    assert not os.path.exists("all.csv.partial")


def test_a_process_that_is_killed_loses_at_most_one_picture(root, place):
    for copy in range(60):
        shutil.copy("drawings/two.png", "drawings/two.%d.png" % copy)
    environ = dict(os.environ, PYTHONPATH=os.path.join(root, "python2.7libs"))
    command = [sys.executable, "-m", "mlinference", "classify", PATTERN, "--engine", "numpy"]
    process = subprocess.Popen(command + ["--out", "all.csv"], env=environ, stderr=subprocess.PIPE)
    journal = results.Journal("all.csv")
    patience = time.time() + 60
    while len(journal.rows()) < 3 and time.time() < patience and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate()
    kept = len(journal.rows())
    assert kept >= 3 and not os.path.exists("all.csv")
    assert run(PATTERN, "--out", "all.csv") == 0
    assert len(results.read("all.csv")) == 70


def test_results_of_other_settings_are_not_overwritten(place, capfd):
    assert run(PATTERN, "--out", "all.csv") == 0
    before = content("all.csv")
    capfd.readouterr()
    assert refused(capfd, PATTERN, "--out", "all.csv", "--ink", "light") == (
        "'all.csv' holds other results.\n"
        "They come from another checkpoint or other settings.\n"
        "Give another '--out', or '--force' to replace it."
    )
    assert content("all.csv") == before
    assert "9 are of pictures that are not asked for, like 'drawings/eight.png'." in refused(
        capfd, "drawings/five.png", "--out", "all.csv"
    )
    assert run("drawings/five.png", "--out", "all.csv", "--force") == 0
    assert answers("all.csv") == {"five": 5}


def test_a_sidecar_that_asks_for_aligned_pictures_makes_another_checkpoint_of_it(place, capfd):
    table = networks.COMPACT.variables(10)
    variables = {name: numpy.ones(shape, "float32") for name, shape in table}
    options = ("drawings/five.png", "--checkpoint", "some.ckpt", "--out", "all.csv")
    checkpoint.write("some.ckpt", variables, {"labels": list("0123456789")})
    assert run(*options) == 0
    checkpoint.write("some.ckpt", variables, {"input": {"aligned": "moments"}})
    assert "They come from another checkpoint or other settings." in refused(capfd, *options)


@pytest.mark.parametrize("force", [(), ("--force",)])
def test_a_file_of_something_else_is_not_overwritten(place, capfd, force):
    assert run("drawings/one.png", "--shard", "1/1", "--out", "all.csv") == 0
    capfd.readouterr()
    place.join("all.csv").write("name,salary\nAnn,1\n")
    for arguments in ([PATTERN], ["--merge", "1"]):
        assert refused(capfd, "--out", "all.csv", *(arguments + list(force))) == (
            "'all.csv' does not hold results.\n"
            "Its first line does not name our columns.\n"
            "Give another '--out'; this file stays as it is."
        )
    assert content("all.csv") == b"name,salary\nAnn,1\n"
    for scene in (b'{"scene": 1}\n', b'{"scene": 1}'):
        place.join("scene.json").write(scene, "wb")
        assert "'scene.json' does not hold results." in refused(
            capfd, PATTERN, "--out", "scene.json", *force
        )
        assert content("scene.json") == scene


def test_a_folder_that_is_not_there_is_told_before_any_picture_is_read(place, counted, capfd):
    said = refused(capfd, PATTERN, "--out", "missing/all.csv")
    assert said.startswith("'missing/all.csv.partial' cannot be written.\n")
    assert counted == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no EPIPE")
def test_a_reader_of_the_table_that_has_gone_is_no_error(root, place):
    environ = dict(os.environ, PYTHONPATH=os.path.join(root, "python2.7libs"))
    command = [sys.executable, "-m", "mlinference", "classify", PATTERN, "--engine", "numpy"]
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen(command, env=environ, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    said = process.communicate()[1]
    assert process.returncode == 1
    assert b"cannot be written" not in said and b"Traceback" not in said and b"Broken" not in said


def test_a_missing_pillow_is_named(place, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refused(capfd, PATTERN) == str(errors.PillowMissing(need="Reading picture files"))


def test_a_missing_checkpoint_is_the_nodes_message(place, capfd):
    said = refused(capfd, PATTERN, "--checkpoint", "gone.ckpt")
    assert said.startswith("No checkpoint at 'gone.ckpt'.\n")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--shard", "0/4", "x"], "'0/4' is not I/N, like 1/4 to 4/4"),
        (["--shard", "5/4", "x"], "'5/4' is not I/N, like 1/4 to 4/4"),
        (["--frames", "a-b", "x"], "'a-b' is not like 1-100, 1-99x2 or 7"),
        (["--frames", "10-1", "a.$F4.png"], "'10-1' goes backwards; write 1-10"),
        (["--frames", "3-2,3-1", "a.$F4.png"], "'3-2' goes backwards; write 2-3"),
        (["--frames", "1-9,1-2000000000", "a.$F4.png"], "is more than 1000000 frames"),
        (["--frames", "1-9", "a.$F4.png", "b.png"], "'b.png' has none"),
        (["--merge", "0"], "'0' is not a number of shards"),
        (["--merge", "1000000000"], "'1000000000' is more than 10000 shards"),
        (["--shard", "1/1000000000", "x"], "'1/1000000000' is more than 10000 shards"),
        (["--threshold", "nan", "x"], "'nan' is not a number from 0 to 1"),
        (["--threshold=-3", "x"], "'-3' is not a number from 0 to 1"),
        (["--threshold", "90", "x"], "'90' is not a number from 0 to 1"),
        (["--threshold", "inf", "x"], "'inf' is not a number from 0 to 1"),
        (["--threshold", "half", "x"], "'half' is not a number from 0 to 1"),
        (["--merge", "2"], "--merge takes --out, and no --shard"),
        (["--out", "a.txt", "x"], "--out ends with one of .csv, .json, .jsonl, .ndjson"),
        (
            ["--format", "jsonl", "--out", "a.csv", "x"],
            "--format jsonl is not what the ending of --out asks for",
        ),
        (
            ["--format", "csv", "--out", "a.json", "x"],
            "--format csv is not what the ending of --out asks for",
        ),
        ([], "give at least one PATTERN"),
    ],
)
def test_wrong_options_end_with_two(capfd, arguments, said):
    with pytest.raises(SystemExit) as caught:
        run(*arguments)
    assert caught.value.code == 2
    assert said in capfd.readouterr().err


# -- The page about farms ---------------------------------------------------------------------


def commands(root):
    """Return the arguments of every command in docs/farm.md, with what a farm puts in put in."""
    with io.open(os.path.join(root, "docs", "farm.md"), encoding="utf-8") as stream:
        text = stream.read()
    for words, number in ((u"`@pdg_index+1`", u"3"), (u"<STARTFRAME>", u"3"), (u"%d/%d", u"3/8")):
        text = text.replace(words, number)
    text = text.replace(u"--merge %d", u"--merge 8")
    # HQueue's are put together by Python.
    text = re.sub(u'COMMAND \\+ "(.*)" %.*', u"classify scans --out answers.csv \\1", text)
    # No path on the page has a space.
    return [native(each).replace('"', "").split() for each in re.findall(r"classify (.*--.*)", text)]


def test_the_commands_of_the_page_about_farms_are_good(root):
    found = commands(root)
    options = [classify._options(arguments, "classify") for arguments in found]
    assert [each.shard for each in options if each.shard] == [(3, 8)] * 3
    assert [each.merge for each in options if each.merge] == [8] * 3
    assert len(options) == 9


def test_the_page_about_farms_names_every_column_and_exit_code(root):
    with io.open(os.path.join(root, "docs", "farm.md"), encoding="utf-8") as stream:
        text = stream.read()
    assert [name for name in results.COLUMNS if u"`%s`" % name not in text] == []
    for code in (0, classify.FAILED, 2, batch.INCOMPLETE, classify.INTERRUPTED):
        assert re.search(u"^\\| %d[ ,]" % code, text, re.MULTILINE), code
