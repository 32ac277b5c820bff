"""build_hda: the container byte by byte, the library as objects, and the commands."""

import io
import os
import shutil
import stat
import subprocess
import sys

import hda_samples as samples
import pytest

import build_hda
from hda_library import disk

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, "scripts", "build_hda.py")
DATA = os.path.join(ROOT, "tests", "data", "hda")

# The smallest library, annotated: one Python SOP, `demo::a`, with one section.
SMALLEST = """
    494e4458 00000000 00000000 00000003      INDX, two reserved words, three entries
    0000000d 494e4445585f53454354494f4e      INDEX_SECTION
    00000000 0000006c 6955b900               at 0, 108 bytes, 2026-01-01
    00000012 686f7564696e692e6864616c696272617279   houdini.hdalibrary
    0000006c 00000000 6955b900               at 108, empty
    0000000b 64656d6f3a3a536f702f61          demo::Sop/a
    0000006c 00000025 6955b900               at 108, 37 bytes
    00000001 00000004                        one record, version 4
    00000007 64656d6f3a3a61                  operator demo::a
    00000001 41                              label A
    0000001e 6f706c69623a2f64656d6f3a3a536f702f613f64656d6f3a3a536f702f61   path
    00000000 00000000 00000000               icon, two unused
    00000003 536f70                          table Sop
    00000000 00000000 00000000 00000000      three unused, extra
    00000000 00000001 6955b900 000001        no input to one, modified, Python
    494e4458 00000000 00000000 00000001      INDX, one section
    00000004 48656c70 00000000 00000001 6955b900   Help, at 0, one byte
    3f                                       ?
"""


def from_hex(annotated):
    digits = "".join(line.strip().split("   ")[0] for line in annotated.split("\n"))
    return bytes(bytearray.fromhex("".join(digits.split())))


def run(*arguments, **environment):
    """Run the script with this Python, strictly; returns (exit code, output, errors)."""
    process = subprocess.Popen(
        [sys.executable, "-bb", SCRIPT] + list(arguments),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ, **environment),
    )
    output, errors = process.communicate()
    return process.returncode, output.decode("utf-8"), errors.decode("utf-8")


def read(path):
    with io.open(str(path), "rb") as stream:
        return stream.read()


def tree(folder):
    """{path within: bytes} of a folder."""
    found = {}
    for place, _, names in os.walk(str(folder)):
        for name in names:
            path = os.path.join(place, name)
            found[os.path.relpath(path, str(folder)).replace(os.sep, "/")] = read(path)
    return found


@pytest.fixture
def project(tmp_path):
    """A folder with hda/, icons/ and otls/ as this project's, and one library, built."""
    shutil.copytree(os.path.join(DATA, "lamp"), str(tmp_path / "hda" / "lamp"))
    (tmp_path / "icons").mkdir()
    shutil.copy(os.path.join(DATA, "lamp", LAMP, "IconSVG"), str(tmp_path / "icons" / "lamp.svg"))
    assert build_hda.main(["build", "--root", str(tmp_path)]) == 0
    return tmp_path


LAMP = "demo_8_8Sop_1lamp_8_81.0"


# -- The bytes ----------------------------------------------------------------------------------


def test_the_smallest_library_reads_as_annotated():
    library = build_hda.read_library(from_hex(SMALLEST))
    asset = library.assets[0]
    assert (asset.operator, asset.name, asset.label) == ("demo::a", "demo::Sop/a", "A")
    assert (asset.table, asset.python, asset.subnet) == ("Sop", True, False)
    assert (asset.min_inputs, asset.max_inputs, asset.outputs) == (0, 1, 1)
    assert list(asset.sections.items()) == [("Help", b"?")]
    assert [(part.name, part.time) for part in asset.parts] == [(b"Help", samples.NEW_YEAR)]
    assert asset.contents() == {}


def test_the_smallest_library_is_written_as_annotated():
    data = from_hex(SMALLEST)
    assert build_hda.write_library(build_hda.read_library(data)) == data


def test_the_smallest_library_spelt_as_text():
    files = build_hda.expand(from_hex(SMALLEST))
    assert list(files) == [
        "Sections.list",
        "INDEX__SECTION",
        "houdini.hdalibrary",
        "demo_8_8Sop_1a/Sections.list",
        "demo_8_8Sop_1a/Help",
    ]
    assert files["INDEX__SECTION"].decode("ascii").splitlines() == [
        "Operator:     demo::a",
        "Label:        A",
        "Path:         oplib:/demo::Sop/a?demo::Sop/a",
        "Icon:         ",
        "Table:        Sop",
        "License:      ",
        "Extra:        ",
        "User:         ",
        "Inputs:       0 to 1",
        "Subnet:       false",
        "Python:       true",
        "Empty:        false",
        "Modified:     Thu Jan  1 00:00:00 2026",
        "",
    ]
    assert files["Sections.list"] == (
        b'""\nINDEX__SECTION\tINDEX_SECTION\nhoudini.hdalibrary\thoudini.hdalibrary\n'
        b"demo_8_8Sop_1a\tdemo::Sop/a\n"
    )


@pytest.mark.parametrize("name", ["demo_ring", "demo_digits"])
def test_the_reference_samples_go_both_ways_byte_for_byte(name, tmp_path):
    folder = os.path.join(ROOT, "..", "shared", "reference", "sample_asset")
    if not os.path.isdir(folder):
        pytest.skip("the format's reference samples are not beside this repository")
    packed, spelt = os.path.join(folder, name + ".hda"), os.path.join(folder, name)
    assert build_hda.main(["expand", packed, str(tmp_path / "spelt")]) == 0
    assert tree(tmp_path / "spelt") == tree(spelt)
    assert build_hda.main(["collapse", spelt, str(tmp_path / "packed.hda")]) == 0
    assert read(tmp_path / "packed.hda") == read(packed)


@pytest.mark.parametrize("name", ["lamp", "chandelier"])
def test_the_sample_libraries_go_both_ways_byte_for_byte(name, tmp_path):
    packed, spelt = os.path.join(DATA, name + ".hda"), os.path.join(DATA, name)
    assert build_hda.main(["expand", packed, str(tmp_path / "spelt")]) == 0
    assert tree(tmp_path / "spelt") == tree(spelt)
    assert build_hda.main(["collapse", spelt, str(tmp_path / "packed.hda")]) == 0
    assert read(tmp_path / "packed.hda") == read(packed)


def test_a_network_is_at_hand_as_its_members():
    network = [(b"hdaroot.init", b"type = a\n"), (b"hdaroot.net", b"1\n")]
    data = samples.one_asset([(b"Contents.gz", samples.contents(network))], flags=b"\1\0\0")
    members = build_hda.read_library(data).assets[0].contents()
    assert list(members.items()) == [("hdaroot.init", b"type = a\n"), ("hdaroot.net", b"1\n")]


def test_an_asset_that_the_index_names_and_the_library_lacks_is_no_asset():
    index = samples.index(samples.record(), samples.record(b"demo::gone"))
    data = samples.library([(samples.record(), samples.python_asset())], index_data=index)
    library = build_hda.read_library(data)
    assert [asset.operator for asset in library.assets] == ["demo::lamp::1.0"]
    assert [record.operator for record in library.records] == [b"demo::lamp::1.0", b"demo::gone"]


# -- build and check ----------------------------------------------------------------------------


def test_check_agrees_with_what_build_wrote(project, capsys):
    assert build_hda.main(["check", "--root", str(project)]) == 0
    assert capsys.readouterr().err == ""


def test_build_takes_the_icon_from_icons_and_keeps_the_folder_whole(project, capsys):
    (project / "icons" / "lamp.svg").write_bytes(b"<svg/>")
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert capsys.readouterr().err == (
        "hda/lamp/%s/IconSVG is not icons/lamp.svg; run build\n" % LAMP
    )
    assert build_hda.main(["build", "--root", str(project)]) == 0
    assert capsys.readouterr().out.splitlines() == ["hda/lamp/%s/IconSVG" % LAMP, "otls/lamp.hda"]
    asset = build_hda.read_library(read(project / "otls" / "lamp.hda")).assets[0]
    assert asset.sections["IconSVG"] == b"<svg/>"
    assert read(project / "hda" / "lamp" / LAMP / "IconSVG") == b"<svg/>"
    assert build_hda.main(["check", "--root", str(project)]) == 0


def test_an_icon_that_the_folder_lacks_is_put_there(project):
    (project / "hda" / "lamp" / LAMP / "IconSVG").unlink()
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert build_hda.main(["build", "--root", str(project)]) == 0
    assert build_hda.main(["check", "--root", str(project)]) == 0


def test_check_names_the_section_and_the_line(project, capsys):
    path = project / "hda" / "lamp" / LAMP / "PythonCook"
    path.write_bytes(read(path).replace(b"pwd", b"cwd"))
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert capsys.readouterr().err == (
        "otls/lamp.hda is not what hda/lamp gives: '%s/PythonCook' differs at line 2;"
        " run build, or expand it if it was saved there\n" % LAMP
    )


@pytest.mark.parametrize(
    "change, difference",
    [
        ((b"Help\tHelp\n", b""), "it has '%s/Help' too" % LAMP),
        ((b"Help\tHelp\n", b"Help\tHelp\nAid\tAid\n"), "it lacks '%s/Aid'" % LAMP),
        ((b"Help\tHelp\nIconSVG\tIconSVG\n", b"IconSVG\tIconSVG\nHelp\tHelp\n"),
         "'%s/Sections.list' differs at line 5" % LAMP),
    ],
)  # fmt: skip
def test_check_names_a_section_that_is_not_in_both(project, capsys, change, difference):
    folder = project / "hda" / "lamp" / LAMP
    (folder / "Aid").write_bytes(b"")
    (folder / "Sections.list").write_bytes(read(folder / "Sections.list").replace(*change))
    rows = read(folder / "Sections.list").decode("ascii")
    for name in ("Aid", "Help"):
        if name not in rows:
            (folder / name).unlink()
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert capsys.readouterr().err == (
        "otls/lamp.hda is not what hda/lamp gives: %s;"
        " run build, or expand it if it was saved there\n" % difference
    )


def test_check_names_the_line_of_the_text_that_stands_for_bytes(project, capsys):
    path = project / "hda" / "lamp" / "INDEX__SECTION"
    path.write_bytes(read(path).replace(b"00:00:00", b"00:00:01"))
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert "'INDEX__SECTION' differs at line 13" in capsys.readouterr().err


def test_check_names_the_byte_where_there_are_no_lines(project, capsys):
    path = project / "hda" / "lamp" / LAMP / "Help"
    path.write_bytes(b"= L\0mp =\n")
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert "'%s/Help' differs at byte 3;" % LAMP in capsys.readouterr().err


def test_an_icon_of_the_folders_own_needs_no_other(project):
    (project / "icons" / "lamp.svg").unlink()
    assert build_hda.main(["check", "--root", str(project)]) == 0


def test_check_names_the_line_of_the_networks_text(project, capsys):
    shutil.copytree(os.path.join(DATA, "chandelier"), str(project / "hda" / "chandelier"))
    assert build_hda.main(["build", "--root", str(project)]) == 0
    mime = project / "hda" / "chandelier" / "Sop_1chandelier" / "Contents.dir" / "Contents.mime"
    mime.write_bytes(read(mime).replace(b"type = glow", b"type = glew"))
    capsys.readouterr()
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert capsys.readouterr().err == (
        "otls/chandelier.hda is not what hda/chandelier gives:"
        " 'Sop_1chandelier/Contents.dir/Contents.mime' differs at line %d;"
        " run build, or expand it if it was saved there\n"
        % (read(mime).count(b"\n", 0, read(mime).index(b"type = glew")) + 1)
    )


def test_check_names_strays_and_what_is_missing(project, capsys):
    (project / "otls" / "old.hda").write_bytes(b"")
    (project / "hda" / "lamp" / "notes.txt").write_bytes(b"")
    shutil.copytree(os.path.join(DATA, "chandelier"), str(project / "hda" / "chandelier"))
    assert build_hda.main(["check", "--root", str(project)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "otls/chandelier.hda is missing; run build",
        "hda/lamp/notes.txt is in no Sections.list",
        "otls/old.hda has no folder hda/old",
    ]


def test_build_says_which_folder_cannot_be_read(project, capsys):
    (project / "hda" / "lamp" / LAMP / "Help").unlink()
    assert build_hda.main(["build", "--root", str(project)]) == 1
    assert capsys.readouterr().err == (
        "hda/lamp: there is no '%s/Help', which its 'Sections.list' names\n" % LAMP
    )


def test_build_leaves_an_equal_library_untouched(project):
    path = str(project / "otls" / "lamp.hda")
    os.utime(path, (1, 1))
    assert build_hda.main(["build", "--root", str(project)]) == 0
    assert os.stat(path).st_mtime == 1


def test_this_projects_libraries_are_built():
    code, _, errors = run("check")
    assert (code, errors) == (0, "")


# -- list ---------------------------------------------------------------------------------------


def test_list_prints_assets_sections_sizes_and_times(tmp_path):
    path = tmp_path / "a.hda"
    path.write_bytes(from_hex(SMALLEST))
    assert run("list", str(path), TZ="Asia/Tokyo") == (
        0,
        "251 bytes, 3 sections, assets: 1\n"
        "demo::Sop/a  'A', Python, inputs 0 to 1, outputs 1, Thu Jan  1 00:00:00 2026\n"
        "           1  Thu Jan  1 00:00:00 2026  Help\n".replace("\n", os.linesep),
        "",
    )


def test_list_prints_every_section_of_one_name(tmp_path, capsys):
    path = tmp_path / "a.hda"
    path.write_bytes(samples.one_asset([(b"Help", b"?"), (b"Help", b"twice", 9)]))
    assert build_hda.main(["list", str(path)]) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()[2:]] == [
        "1 Thu Jan 1 00:00:00 2026 Help".split(),
        "5 Thu Jan 1 00:00:09 1970 Help".split(),
    ]


def test_list_prints_every_asset_of_one_name(tmp_path, capsys):
    path = tmp_path / "a.hda"
    one, other = (samples.container([(b"Help", text)]) for text in (b"one", b"other"))
    path.write_bytes(samples.library([(samples.record(), one), (samples.record(), other)]))
    assert build_hda.main(["list", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("assets: 2")
    assert [line.split()[0] for line in lines[1:]] == ["demo::Sop/lamp::1.0", "3"] + [
        "demo::Sop/lamp::1.0", "5",
    ]  # fmt: skip


def test_list_opens_folders_too(capsys):
    assert build_hda.main(["list", os.path.join(DATA, "lamp")]) == 0
    spelt = capsys.readouterr().out
    assert build_hda.main(["list", os.path.join(DATA, "lamp.hda")]) == 0
    assert capsys.readouterr().out == spelt


# -- Everywhere the same ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Asia/Tokyo"},
        {"TZ": "America/St_Johns", "LC_ALL": "C"},
        {"PYTHONOPTIMIZE": "2", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "7", "PYTHONIOENCODING": "ascii"},
    ],
    ids=str,
)
def test_time_zone_locale_and_optimization_change_no_byte(environment, tmp_path):
    packed, spelt = os.path.join(DATA, "chandelier.hda"), os.path.join(DATA, "chandelier")
    assert run("expand", packed, str(tmp_path / "spelt"), **environment) == (0, "", "")
    assert run("collapse", spelt, str(tmp_path / "packed.hda"), **environment) == (0, "", "")
    assert tree(tmp_path / "spelt") == tree(spelt)
    assert read(tmp_path / "packed.hda") == read(packed)


# -- Nothing is damaged -------------------------------------------------------------------------


def test_expand_replaces_what_expand_wrote_when_told_to(tmp_path, capsys):
    folder = str(tmp_path / "spelt")
    assert build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), folder]) == 0
    other = ["expand", os.path.join(DATA, "chandelier.hda"), folder]
    assert build_hda.main(other) == 1
    assert capsys.readouterr().err == (
        "%s holds another expansion, or an edited one; name a new folder, or give --force\n" % folder
    )
    assert tree(folder) == tree(os.path.join(DATA, "lamp"))
    assert build_hda.main(other + ["--force"]) == 0
    assert tree(folder) == tree(os.path.join(DATA, "chandelier"))
    assert os.listdir(str(tmp_path)) == ["spelt"]


def test_expand_leaves_what_is_already_so(tmp_path):
    folder = str(tmp_path / "spelt")
    packed = os.path.join(DATA, "lamp.hda")
    assert build_hda.main(["expand", packed, folder]) == 0
    before = os.stat(folder).st_ino
    assert build_hda.main(["expand", packed, folder]) == 0
    assert os.stat(folder).st_ino == before


@pytest.mark.parametrize("path", ["", "new/..", "."])
def test_no_command_replaces_the_folder_in_which_one_is(tmp_path, monkeypatch, capsys, path):
    folder = tmp_path / "work"
    (folder / "scenes").mkdir(parents=True)
    (folder / "scenes" / "shot.hip").write_bytes(b"precious")
    monkeypatch.chdir(str(folder))
    for command in (
        ["expand", os.path.join(DATA, "lamp.hda"), path],
        ["collapse", os.path.join(DATA, "lamp"), path],
    ):
        for forced in ([], ["--force"]):
            assert build_hda.main(command + forced) == 1
            assert len(capsys.readouterr().err.splitlines()) == 1
    assert tree(folder) == {"scenes/shot.hip": b"precious"}


def test_expand_into_the_empty_folder_in_which_one_is(tmp_path, monkeypatch):
    monkeypatch.chdir(str(tmp_path))
    assert build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), "."]) == 0
    assert tree(".") == tree(os.path.join(DATA, "lamp")) and os.listdir(".")


def test_collapse_overwrites_nothing_but_a_library(tmp_path, capsys):
    path = tmp_path / "notes.txt"
    path.write_bytes(b"my notes")
    command = ["collapse", os.path.join(DATA, "lamp"), str(path)]
    assert build_hda.main(command) == 1
    assert capsys.readouterr().err == (
        "%s is no library; name another file, or give --force\n" % path
    )
    assert read(path) == b"my notes"
    assert build_hda.main(command + ["--force"]) == 0
    assert read(path) == read(os.path.join(DATA, "lamp.hda"))


@pytest.mark.parametrize("forced", [[], ["--force"]])
def test_collapse_writes_nothing_into_its_own_folder(tmp_path, capsys, forced):
    folder = str(tmp_path / "spelt")
    build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), folder])
    before = tree(folder)
    for name in ("INDEX__SECTION", "new.hda"):
        path = os.path.join(folder, name)
        assert build_hda.main(["collapse", folder, path] + forced) == 1
        assert capsys.readouterr().err == "%s is inside of the folder that it is made from\n" % path
    assert tree(folder) == before


def test_what_build_replaces_is_kept(project):
    build_hda.main(["build", "--root", str(project)])
    path = os.path.join(str(project), "otls", "lamp.hda")
    ours, theirs = read(path), read(os.path.join(DATA, "chandelier.hda"))
    with io.open(path, "wb") as stream:
        stream.write(theirs)
    assert build_hda.main(["build", "--root", str(project)]) == 0
    assert read(path) == ours
    assert read(os.path.join(str(project), "otls", "backup", "lamp.hda")) == theirs
    assert build_hda.main(["check", "--root", str(project)]) == 0


@pytest.mark.parametrize("change", [lambda data: b"", lambda data: data.replace(b"1.0", b"2.0")])
def test_an_index_that_lists_other_assets_is_not_built(project, capsys, change):
    path = os.path.join(str(project), "hda", "lamp", "INDEX__SECTION")
    data = change(read(path))
    with io.open(path, "wb") as stream:
        stream.write(data)
    for command in ("build", "check"):
        assert build_hda.main([command, "--root", str(project)]) == 1
        assert capsys.readouterr().err.startswith("hda/lamp: its INDEX__SECTION lists ")


def test_build_names_a_file_that_no_list_has(project, capsys):
    with io.open(os.path.join(str(project), "hda", "lamp", LAMP, "Notes"), "wb") as stream:
        stream.write(b"mine")
    assert build_hda.main(["build", "--root", str(project)]) == 1
    assert capsys.readouterr().err == "hda/lamp/%s/Notes is in no Sections.list\n" % LAMP


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_an_output_that_takes_no_more_is_one_sentence():
    command = "'%s' '%s' list '%s' > /dev/full" % (
        sys.executable, build_hda.__file__, os.path.join(DATA, "lamp.hda"),
    )  # fmt: skip
    process = subprocess.Popen(command, shell=True, stderr=subprocess.PIPE)
    complaints = process.communicate()[1]
    assert process.returncode != 0 and b"Traceback" not in complaints


def test_expand_fills_an_empty_folder_and_makes_a_missing_one(tmp_path):
    (tmp_path / "empty").mkdir()
    packed = os.path.join(DATA, "lamp.hda")
    for folder in ("empty", os.path.join("far", "away")):
        assert build_hda.main(["expand", packed, str(tmp_path / folder)]) == 0
        assert tree(tmp_path / folder) == tree(os.path.join(DATA, "lamp"))


@pytest.mark.parametrize("stray", ["notes.txt", "backup/"])
def test_expand_refuses_a_folder_with_anything_else_in_it(tmp_path, capsys, stray):
    folder = str(tmp_path / "spelt")
    packed = os.path.join(DATA, "lamp.hda")
    assert build_hda.main(["expand", packed, folder]) == 0
    path = os.path.join(folder, stray)
    os.mkdir(path) if stray.endswith("/") else io.open(path, "w").close()
    assert build_hda.main(["expand", packed, folder]) == 1
    assert capsys.readouterr().err == (
        "%s holds what expand did not write; name an empty or a new folder\n" % folder
    )
    assert os.path.exists(path)


def test_expand_refuses_a_folder_that_is_a_file(tmp_path, capsys):
    (tmp_path / "file").write_bytes(b"kept")
    assert build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == "%s is no folder\n" % (tmp_path / "file")
    assert read(tmp_path / "file") == b"kept"


def test_a_library_is_replaced_whole_and_keeps_its_mode(tmp_path):
    path = tmp_path / "a.hda"
    path.write_bytes(b"INDX before")
    os.chmod(str(path), 0o640)
    assert build_hda.main(["collapse", os.path.join(DATA, "lamp"), str(path)]) == 0
    assert read(path) == read(os.path.join(DATA, "lamp.hda"))
    if os.name == "posix":
        assert stat.S_IMODE(os.stat(str(path)).st_mode) == 0o640
    assert os.listdir(str(tmp_path)) == ["a.hda"]


@pytest.mark.parametrize("failing", ["rename", "fsync"])
def test_a_failing_write_leaves_the_library_as_it_was(tmp_path, monkeypatch, capsys, failing):
    path = tmp_path / "a.hda"
    path.write_bytes(b"INDX before")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, failing, fail)
    assert build_hda.main(["collapse", os.path.join(DATA, "lamp"), str(path)]) == 1
    assert capsys.readouterr().err == (
        "%s cannot be written: No space left on device\n" % os.path.realpath(str(path))
    )
    assert read(path) == b"INDX before"
    assert os.listdir(str(tmp_path)) == ["a.hda"]


def test_a_failing_write_leaves_the_folder_as_it_was(tmp_path, monkeypatch):
    folder = str(tmp_path / "spelt")
    assert build_hda.main(["expand", os.path.join(DATA, "lamp.hda"), folder]) == 0
    rename, calls = os.rename, []

    def fail_second(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(disk.os, "rename", fail_second)
    other = ["expand", os.path.join(DATA, "chandelier.hda"), folder, "--force"]
    assert build_hda.main(other) == 1
    assert len(calls) == 3
    assert tree(folder) == tree(os.path.join(DATA, "lamp"))
    assert os.listdir(str(tmp_path)) == ["spelt"]


def test_a_folder_that_cannot_be_read_leaves_the_library_as_it_was(tmp_path, capsys):
    path = tmp_path / "a.hda"
    path.write_bytes(b"before")
    (tmp_path / "empty").mkdir()
    assert build_hda.main(["collapse", str(tmp_path / "empty"), str(path)]) == 1
    assert capsys.readouterr().err == "%s: there is no 'Sections.list'\n" % (tmp_path / "empty")
    assert read(path) == b"before"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["expand", "gone.hda", "x"], "gone.hda cannot be read: No such file or directory"),
        (["list", "gone.hda"], "gone.hda cannot be read: No such file or directory"),
        (["collapse", "gone", "x.hda"], "gone: there is no such folder"),
        (["collapse", ".", "."], ". is a folder, where the library should go"),
        (["expand", ".", "x"], ". is no file"),
    ],
)
def test_a_wrong_path_is_one_sentence(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert build_hda.main(arguments) == 1
    assert capsys.readouterr().err == message + "\n"
    assert os.listdir(str(tmp_path)) == []


@pytest.mark.skipif(os.name != "posix", reason="needs a pipe that breaks")
def test_a_reader_that_leaves_early_sees_no_traceback():
    command = "'%s' '%s' list '%s' | true" % (sys.executable, SCRIPT, os.path.join(DATA, "lamp"))
    process = subprocess.Popen(["sh", "-c", command], stderr=subprocess.PIPE)
    assert process.communicate()[1] == b""
