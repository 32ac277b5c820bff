"""Training on one's own pictures: folders, tables, and what is left out of them."""

import collections
import io
import json
import os
import subprocess
import sys

import numpy
import pytest

from mlinference import _compat, errors, files, picture
from mlinference.training import folders

Image = pytest.importorskip("PIL.Image", reason="Pillow cannot be imported by this Python")

LEFT_OUT = "Left out: "


def drawing(slant, thick=3, side=60):
    """Return uint8 [side, side]: a dark line on white, which leans by `slant` pixels."""
    page = numpy.zeros((side, side), numpy.uint8) + 255
    for row in range(10, side - 10):
        left = int(side / 2 + slant * (row - side / 2) / side)
        page[row, left : left + thick] = 0
    return page


def save(folder, label, name, pixels):
    inner = os.path.join(str(folder), label)
    if not os.path.isdir(inner):
        os.makedirs(inner)
    Image.fromarray(pixels).save(os.path.join(inner, name))


@pytest.fixture
def folder(tmpdir):
    """Ten pictures each of 'left', 'right' and '7'."""
    for index in range(10):
        save(tmpdir, "left", "%d.png" % index, drawing(-20 - index))
        save(tmpdir, "right", "%d.png" % index, drawing(20 + index))
        save(tmpdir, "7", "%d.png" % index, drawing(0, 2 + index))
    return tmpdir


def message(path):
    with pytest.raises(errors.TrainingError) as caught:
        folders.read(str(path))
    return str(caught.value)


def test_class_names_become_labels_numbers_first(folder):
    assert folders.read(str(folder)).labels == ("7", "left", "right")


def test_every_class_is_in_every_split(folder):
    data = folders.read(str(folder), seed=4)
    sizes = [len(split.labels) for split in (data.train, data.validation, data.test)]
    assert sum(sizes) == 30
    for split in (data.train, data.validation, data.test):
        assert set(split.labels) == {0, 1, 2}
    assert data.remarks[0].endswith("(split seed 4).")
    assert data.remarks[1] == ("3 classes; fewest pictures: 10 of '7', most: 10 of 'right'.")


def test_training_sees_what_the_node_will(folder):
    data = folders.read(str(folder))
    page = picture.Page(drawing(-20).astype(numpy.float32) / 255)
    wanted = picture.prepare(page).pictures[0]
    every = numpy.concatenate([data.train.pictures, data.validation.pictures, data.test.pictures])
    assert (numpy.abs(every - wanted).max(1) < 1e-6).sum() == 1


def test_the_data_are_known_by_their_files_and_labels(folder, monkeypatch):
    def told():
        return folders.read(str(folder)).checksums

    first = told()
    prepare = picture.prepare

    def prepared(page, **options):
        found = prepare(page, **options)
        # As another NumPy rounds.
        found.pictures = found.pictures * numpy.float32(1 + 1e-6)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(picture, "prepare", prepared)
        assert told() == first
    save(folder, "left", "3.png", drawing(-23, 4))
    changed = told()
    assert changed != first
    folder.join("left").rename(folder.join("lefthand"))
    assert told() not in (first, changed)


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_links_are_followed_and_hidden_files_are_not(folder, tmpdir_factory):
    elsewhere = tmpdir_factory.mktemp("elsewhere")
    save(elsewhere, "", "a.png", drawing(-45))
    save(folder, "left", ".hidden.png", drawing(-40))
    save(folder, os.path.join("left", "10.parts"), "b.png", drawing(-50))
    os.symlink(str(elsewhere), str(folder.join("left", "linked")))
    os.symlink(str(folder), str(folder.join("left", "around")))
    found = [path for path, label in folders._classes(str(folder)) if label == "left"]
    wanted = ["%d.png" % number for number in range(10)]
    wanted += [os.path.join("10.parts", "b.png"), os.path.join("linked", "a.png")]
    assert found == [os.path.join(str(folder), "left", name) for name in wanted]


def test_no_picture_crosses_the_splits(folder):
    save(folder, "left", "again.png", drawing(-20))
    save(folder, "right", "wrong.png", drawing(-21))
    data = folders.read(str(folder))
    rows = collections.Counter(
        _compat.packed(row)
        for split in (data.train, data.validation, data.test)
        for row in split.pictures
    )
    assert max(rows.values()) == 1
    assert [line for line in data.remarks if line.startswith(LEFT_OUT)] == [
        LEFT_OUT
        + "1 repeat another picture and would cross the splits: '%s'."
        % folder.join("left", "again.png"),
        LEFT_OUT + "1 repeat a picture of another class: '%s'." % folder.join("right", "wrong.png"),
    ]


def test_what_cannot_be_read_and_what_is_blank_is_named(folder):
    for number in range(5):
        folder.join("left", "broken%d.png" % number).write("no picture")
    save(folder, "right", "white.png", numpy.zeros((40, 40), numpy.uint8) + 255)
    data = folders.read(str(folder))
    names = ", ".join("'%s'" % folder.join("left", "broken%d.png" % number) for number in range(3))
    assert data.remarks[2:] == (
        LEFT_OUT + "5 cannot be read: %s and 2 more." % names,
        LEFT_OUT + "1 are blank: '%s'." % folder.join("right", "white.png"),
    )


def test_uneven_classes_are_remarked_on(folder):
    for index in range(40):
        save(folder, "left", "more%d.png" % index, drawing(-31 - index % 20, 2 + index // 20))
    said = folders.read(str(folder)).remarks[1]
    assert said.endswith(" The classes are uneven; the small ones may be learnt badly.")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "I;16", "L"])
def test_any_kind_of_picture_file_is_read_alike(tmpdir, mode):
    pixels = drawing(10)
    if mode == "I;16":
        image = Image.fromarray(pixels.astype(numpy.uint16) * 257)
    elif mode == "RGBA":
        image = Image.new("RGBA", pixels.shape, (0, 0, 0, 0))
        image.putalpha(Image.fromarray(255 - pixels))
    else:
        image = Image.fromarray(pixels).convert(mode)
    path = str(tmpdir.join("picture.png"))
    image.save(path)
    read = files.read_page(path)
    wanted = picture.Page(pixels.astype(numpy.float32) / 255)
    prepared = [picture.prepare(page).pictures for page in (read, wanted)]
    assert numpy.allclose(prepared[0], prepared[1], atol=1e-4)


def test_an_empty_folder_has_nothing_to_learn_from(tmpdir):
    tmpdir.mkdir("a")
    assert message(tmpdir) == (
        "No pictures to learn from in '%s'.\n"
        "It has no folder with pictures in it.\n"
        "Put pictures into a folder for each class, named as the class."
    ) % str(tmpdir)


def test_one_class_is_nothing_to_tell_apart(tmpdir):
    for index in range(5):
        save(tmpdir, "only", "%d.png" % index, drawing(index * 5))
    assert message(tmpdir) == (
        "There is nothing to tell apart in '%s'.\n"
        "All 5 pictures are of class 'only'.\n"
        "Add pictures of another class."
    ) % str(tmpdir)


def test_a_class_needs_three_pictures(folder):
    save(folder, "rare", "0.png", drawing(40))
    assert message(folder) == (
        "Class 'rare' has too few pictures.\n"
        "It has 1; training, validation and test need one each.\n"
        "Add pictures, as PNG, TIFF or JPEG, until it has 3 or more, or remove the class."
    )


def test_a_class_without_any_picture_does_not_vanish(folder):
    few = (
        "Class '%s' has too few pictures.\n"
        "It has 0; training, validation and test need one each.%s\n"
        "Add pictures, as PNG, TIFF or JPEG, until it has 3 or more, or remove the class."
    )
    folder.mkdir("none").join("notes.txt").write("later")
    assert message(folder) == few % ("none", "")
    broken = folder.join("none", "broken.png")
    broken.write("no picture")
    said = " Left out: 1 cannot be read: '%s'."
    assert message(folder) == few % ("none", said % broken)
    folder.join("none").remove()
    table = folder.join("table.csv")
    rows = ["%s/%d.png,%s" % (label, n, label) for label in ("left", "right") for n in range(9)]
    table.write("\n".join(rows + ["gone.png,gone"]) + "\n")
    assert message(table) == few % ("gone", said % folder.join("gone.png"))


def test_what_a_zip_leaves_beside_the_classes_is_none(folder):
    labels = folders.read(str(folder)).labels
    folder.mkdir("__MACOSX").join("._0.png").write("no picture")
    assert folders.read(str(folder)).labels == labels


def test_a_class_of_which_all_is_left_out_is_a_class_nevertheless(tmpdir):
    for index in range(5):
        save(tmpdir, "some", "%d.png" % index, drawing(index * 5))
    for index in range(2):
        save(tmpdir, "more", "%d.png" % index, drawing(index * 5))
    # Folders in the order of their names: what is in both is kept of the first.
    assert message(tmpdir).splitlines()[:2] == [
        "Class 'more' has too few pictures.",
        "It has 2; training, validation and test need one each. Left out: 2 repeat a picture of "
        "another class: '%s', '%s'." % tuple(tmpdir.join("some", "%d.png" % n) for n in range(2)),
    ]
    for index in range(2):
        tmpdir.join("more", "%d.png" % index).write("no picture")
    assert message(tmpdir).splitlines()[:2] == [
        "Class 'more' has too few pictures.",
        "It has 0; training, validation and test need one each. Left out: 2 cannot be read: "
        "'%s', '%s'." % tuple(tmpdir.join("more", "%d.png" % n) for n in range(2)),
    ]


def test_what_is_left_out_of_the_only_class_is_told(tmpdir):
    for index in range(5):
        save(tmpdir, "only", "%d.png" % index, drawing(index * 5))
    tmpdir.join("only", "9.png").write("no picture")
    assert message(tmpdir).splitlines()[1] == (
        "All 5 pictures are of class 'only'. Left out: 1 cannot be read: '%s'."
        % tmpdir.join("only", "9.png")
    )


def test_a_table_may_name_its_columns_otherwise(folder):
    table = folder.join("table.csv")
    rows = ["%s/%d.png,%s" % (label, n, label) for label in ("left", "right") for n in range(9)]
    table.write("\n".join(["file,class"] + rows) + "\n")
    data = folders.read(str(table))
    assert data.labels == ("left", "right")
    heading = "Left out: 1 is taken for the table's heading, for there is no such file: '%s'."
    assert data.remarks[2] == heading % folder.join("file")
    # Nor is one that is a picture's name, though its class would have no other.
    table.write("\n".join(["gone.png,lost"] + rows) + "\n")
    assert message(table).startswith("Class 'lost' has too few pictures.")
    # A picture that is missing is no heading where its class has others.
    table.write("\n".join(["gone.png,left"] + rows) + "\n")
    said = folders.read(str(table)).remarks[2]
    assert said == "Left out: 1 cannot be read: '%s'." % folder.join("gone.png")


def test_a_table_of_paths_and_labels_does_for_folders(folder):
    table = folder.join("table.csv")
    rows = ["path,label"]
    for label in ("left", "right"):
        rows += ["%s/%d.png,%s hand" % (label, index, label) for index in range(10)]
    table.write("\n".join(rows) + "\n")
    data = folders.read(str(table))
    assert data.labels == ("left hand", "right hand")
    assert sum(len(s.labels) for s in (data.train, data.validation, data.test)) == 20


def test_a_row_that_is_not_a_path_and_a_label_is_shown(tmpdir):
    table = tmpdir.join("table.csv")
    table.write("a.png,cat\nb.png\n")
    assert message(table) == (
        "Row 2 of '%s' is not a path and a label.\n"
        "It is 'b.png'.\n"
        "Write 'path,label', a picture a row."
    ) % str(table)


@pytest.mark.parametrize(
    "line, shown",
    [
        ('b.png,"cat', None),
        ('b.png,"%s' % ("c" * 200000), '"' + "c" * 50),
        ("b.png,c\0t", "b.png,c\\0t"),
    ],
)
def test_a_row_that_is_no_whole_row_is_shown(tmpdir, line, shown):
    table = tmpdir.join("table.csv")
    table.write("path,label\na.png,cat\n%s\n" % line + "c.png,dog\n" * 20000)
    lines = message(table).splitlines()
    assert lines[0] == "Row 3 of '%s' is not a path and a label." % table
    assert (shown or line) in lines[1]


def test_a_table_may_have_quotes_and_spaces(tmpdir):
    table = tmpdir.join("table.csv")
    table.write('"a, b.png" , "one ""cat""" \n\n c.png,dog')
    listed = list(folders._table(str(table)))
    assert listed == [
        (str(tmpdir.join("a, b.png")), '"one ""cat"""'),
        (str(tmpdir.join("c.png")), "dog"),
    ]


def test_digits_that_no_number_is_written_with_are_a_name():
    names = ["10", "a", "9", _compat.native(u"\u00b2"), _compat.native(u"\u0665"), "1" * 5000]
    ordered = sorted(names, key=folders._numbers_first)
    assert ordered[:2] == ["9", "10"] and set(ordered[2:]) == set(names) - {"9", "10"}


@pytest.mark.skipif(os.name != "posix", reason="Names are bytes on POSIX only")
def test_a_folder_whose_name_is_no_text_is_refused(tmpdir):
    latin = str(tmpdir).encode("ascii") + b"/caf\xe9"
    try:
        os.mkdir(latin)
    except (OSError, UnicodeError):
        pytest.skip("This file system takes no such name")
    for index in range(4):
        save(tmpdir, "a", "%d.png" % index, drawing(index * 5))
    assert message(tmpdir) == (
        "'%s' is no name for a class.\nIts bytes are no UTF-8.\nRename the folder."
        % _compat.native(str(tmpdir) + u"/caf\ufffd")
    )


@pytest.mark.skipif(os.name != "posix", reason="Names are bytes on POSIX only")
def test_a_file_whose_name_is_no_text_is_remarked_on(folder):
    latin = str(folder).encode("ascii") + b"/left/caf\xe9.png"
    try:
        with open(latin, "wb") as stream:
            stream.write(b"no picture")
    except (OSError, UnicodeError):
        pytest.skip("This file system takes no such name")
    shown = _compat.native(folder.join("left").strpath + u"/caf\ufffd.png")
    remarks = folders.read(str(folder)).remarks
    assert remarks[2] == LEFT_OUT + "1 cannot be read: '%s'." % shown


# Class folders, and a table of the same pictures, as the trainer loads them; last, the labels.
LOADED = """
import argparse, json, sys
sys.path.insert(0, sys.argv[1])
from mlinference import networks
from mlinference.training import command, recipes
for path in sys.argv[2:]:
    options = argparse.Namespace(data=path, seed=0)
    data = command.load(options, networks.SOFTMAX, recipes.recipe("softmax"))
    print(json.dumps(data.labels))
"""


@pytest.mark.skipif(os.name != "posix", reason="Names are bytes on POSIX only")
@pytest.mark.parametrize("made", ["folders", "table"])
def test_names_beyond_ascii_are_classes_where_the_locale_is_bare(folder, made):
    names = [u"\u732b", u"\u72ac"]
    table = [u"path,label"]
    for old, new in zip(("left", "right"), names):
        os.rename(str(folder.join(old)), os.path.join(str(folder), _compat.native(new)))
        table += [u"%s/%d.png,%s" % (new, number, new) for number in range(10)]
    # Told of, and so printed too.
    rotten = os.path.join(str(folder), _compat.native(names[0] + u"/9.png"))
    with io.open(rotten, "w") as stream:
        stream.write(u"no picture")
    with io.open(str(folder.join("list.csv")), "w", encoding="utf-8") as stream:
        stream.write(u"\n".join(table))
    path, wanted = str(folder), ["7"] + names[::-1]
    if made == "table":
        path, wanted = str(folder.join("list.csv")), names[::-1]
    process = subprocess.Popen(
        [sys.executable, "-c", LOADED, os.path.dirname(os.path.dirname(errors.__file__)), path],
        env=dict(os.environ, LC_ALL="C", LANG="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complaint = process.communicate()
    assert process.returncode == 0, complaint.decode("utf-8", "replace")
    lines = said.decode("utf-8").splitlines()
    assert json.loads(lines[-1]) == wanted
    assert lines[-2] == u"Left out: 1 cannot be read: '%s'." % _compat.text(rotten)


def test_a_table_that_is_not_there_cannot_be_read(tmpdir):
    path = str(tmpdir.join("none.csv"))
    assert message(path).splitlines()[0] == "'%s' cannot be read." % path
