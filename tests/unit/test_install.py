# coding: utf-8
"""Installing into preferences folders, on every system, and taking it out again."""

import json
import os
import shutil
import subprocess
import sys
import time

import launcher
import pytest
from releases import library, printed, read, run, snapshot, write

import install
from installation import disk, houdini_env, places, release

HOUDINI = "houdini20.5"
OLD_HOUDINI = "houdini17.0"


@pytest.fixture(
    params=[HOUDINI, "Préférences of 花子/houdini20.5"], ids=["plain", "spaces and Japanese"]
)
def prefs(request, tmp_path):
    folder = os.path.join(str(tmp_path), *request.param.split("/"))
    os.makedirs(folder)
    return folder


@pytest.fixture
def old_prefs(tmp_path):
    folder = os.path.join(str(tmp_path), "花子 s", OLD_HOUDINI)
    os.makedirs(folder)
    return folder


def installed(prefs, *parts):
    return os.path.join(prefs, "packages", *parts)


# -- Installing -------------------------------------------------------------------------------


def test_a_fresh_folder_gets_the_package_file_and_all_that_it_names(clone, prefs, capsys):
    assert run("--prefs", prefs) == 0
    environ = launcher.after_package(installed(prefs, "mlinference.json"), {"PYTHONPATH": "theirs"})
    assert read(environ["HOUDINI_PATH"], "otls", "ml_inference.hda") == library()
    ours, theirs = environ["PYTHONPATH"].split(os.pathsep)
    assert read(ours, "mlinference", "data", "digits.ckpt.index") == b"\x00\x01\x02"
    assert theirs == "theirs"
    assert printed(capsys)[0] == (
        "Houdini 20.5: %s\n"
        "  wrote packages/mlinference.json\n"
        "  wrote 15 files in packages/mlinference\n"
        "  checked the asset libraries and read every file back\n"
        "  restart Houdini 20.5, then press Tab in a SOP network: ML Inference\n" % prefs
    )


def test_running_it_twice_changes_nothing(clone, prefs, capsys):
    run("--prefs", prefs)
    before = snapshot(prefs)
    times = {name: os.stat(os.path.join(prefs, name)).st_mtime for name in before}
    capsys.readouterr()
    assert run("--prefs", prefs) == 0
    assert snapshot(prefs) == before
    assert {name: os.stat(os.path.join(prefs, name)).st_mtime for name in before} == times
    assert printed(capsys)[0] == "Houdini 20.5: %s\n  nothing to change\n" % prefs


def test_a_dry_run_says_what_would_change_and_changes_nothing(clone, prefs, capsys):
    assert run("--prefs", prefs, "--dry-run") == 0
    assert snapshot(prefs) == {}
    assert printed(capsys)[0] == (
        "Houdini 20.5: %s\n"
        "  would write packages/mlinference.json\n"
        "  would write 15 files in packages/mlinference\n" % prefs
    )
    run("--prefs", prefs)
    before = snapshot(prefs)
    capsys.readouterr()
    assert run("--prefs", prefs, "--dry-run", "--uninstall") == 0
    assert snapshot(prefs) == before
    assert "  would delete packages/mlinference.json\n" in printed(capsys)[0]


def test_a_newer_release_replaces_the_older_and_drops_what_it_no_longer_has(clone, prefs):
    run("--prefs", prefs)
    old = installed(prefs, "mlinference", "python2.7libs", "mlinference", "picture.py")
    write(b"compiled", old + "c")
    os.remove(os.path.join(clone, "python2.7libs", "mlinference", "picture.py"))
    write(b"Read me again.\n", clone, "README.md")
    assert run("--prefs", prefs) == 0
    assert read(installed(prefs, "mlinference", "README.md")) == b"Read me again.\n"
    assert not os.path.exists(old)
    assert not os.path.exists(old + "c")
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == {}


def test_a_file_that_is_not_ours_is_never_overwritten(clone, prefs, capsys):
    theirs = write(b"mine", prefs, "packages", "mlinference.json")
    before = snapshot(prefs)
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' is in the way.\n"
        "install.py did not write it, so it is not overwritten.\n"
        "Move it elsewhere, or delete it, then run install.py again.\n" % theirs
    )


def test_a_folder_whose_record_is_gone_is_named_as_a_whole(clone, prefs, capsys):
    run("--prefs", prefs)
    os.remove(installed(prefs, "mlinference", "installed.json"))
    before = snapshot(prefs)
    capsys.readouterr()
    assert run("--prefs", prefs, "--uninstall") == 0
    assert printed(capsys)[0].splitlines()[1:] == [
        "  nothing to change",
        "  left packages/mlinference: it has no installed.json",
        "  left packages/mlinference.json: delete both by hand to be rid of them",
    ]
    write(b"Read me again.\n", clone, "README.md")
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' is in the way.\n"
        "It holds 'README.md', which install.py does not know.\n"
        "Move it elsewhere, or delete it, then run install.py again.\n"
        % installed(prefs, "mlinference")
    )


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs symbolic links")
def test_a_link_that_leads_nowhere_now_is_not_overwritten(clone, prefs, capsys):
    os.makedirs(installed(prefs))
    os.symlink("/gone/mlinference.json", installed(prefs, "mlinference.json"))
    assert run("--prefs", prefs) == 1
    assert os.readlink(installed(prefs, "mlinference.json")) == "/gone/mlinference.json"
    assert printed(capsys)[1] == (
        "'%s' is in the way.\n"
        "It is a link to something that is not there now.\n"
        "Delete it, or bring back what it leads to, then run install.py again.\n"
        % installed(prefs, "mlinference.json")
    )


def test_a_copy_that_installs_itself_does_not_make_the_users_changes_its_own(
    clone, prefs, capsys, monkeypatch
):
    run("--prefs", prefs)
    edited = installed(prefs, "mlinference", "python2.7libs", "mlinference", "picture.py")
    write(b"MINE = 1\n", edited)
    monkeypatch.setattr(install, "ROOT", installed(prefs, "mlinference"))
    assert run("--prefs", prefs) == 0
    assert run("--prefs", prefs, "--uninstall") == 0
    assert read(edited) == b"MINE = 1\n"
    assert "you changed it" in printed(capsys)[0]


@pytest.mark.parametrize("name", release.NEEDED)
@pytest.mark.parametrize("left", [None, b""], ids=["missing", "empty"])
def test_a_release_that_is_not_complete_replaces_nothing(clone, prefs, capsys, name, left):
    run("--prefs", prefs)
    before = snapshot(prefs)
    path = os.path.join(clone, *name.split("/"))
    os.remove(path) if left is None else write(left, path)
    capsys.readouterr()
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' is not complete.\n"
        "'%s' is %s.\n"
        "Unpack the release again, or restore the clone, then run install.py there.\n"
        % (clone, name, "missing" if left is None else "empty")
    )


def test_an_installed_copy_that_has_lost_files_is_not_complete(clone, prefs, capsys, monkeypatch):
    run("--prefs", prefs)
    monkeypatch.setattr(install, "ROOT", installed(prefs, "mlinference"))
    for name in ("icons/ml_inference.svg", "otls/ml_inference.hda"):
        os.remove(installed(prefs, "mlinference", *name.split("/")))
    capsys.readouterr()
    assert run("--prefs", prefs) == 1
    assert printed(capsys)[1].splitlines()[1] == "'icons/ml_inference.svg' is missing, and 1 more."


def test_what_cannot_be_read_is_told_in_three_lines(clone, prefs, monkeypatch, capsys):
    def refusing(path):
        raise IOError(13, "Permission denied", path)

    monkeypatch.setattr(disk, "read", refusing)
    assert run("--prefs", prefs) == 1
    lines = printed(capsys)[1].splitlines()
    assert lines[0].endswith("cannot be used.") and lines[1] == "Permission denied."
    assert len(lines) == 3


def test_ctrl_c_leaves_everything_as_it_was(clone, prefs, monkeypatch, capsys):
    def pressed(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(disk, "move", pressed)
    assert run("--prefs", prefs) == 130
    assert snapshot(prefs) == {}
    assert printed(capsys)[1] == "Stopped. Run install.py again to see what is left to do.\n"


def test_a_folder_in_the_place_of_a_file_is_named(clone, prefs, capsys):
    os.makedirs(installed(prefs, "mlinference.json"))
    assert run("--prefs", prefs) == 1
    assert printed(capsys)[1] == (
        "'%s' is in the way.\n"
        "It is a folder, where a file is to be written.\n"
        "Move it elsewhere, then run install.py again.\n" % installed(prefs, "mlinference.json")
    )


@pytest.mark.parametrize("name", ["packages", "packages/mlinference", "packages/mlinference/otls"])
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_a_file_in_the_place_of_a_folder_is_named(clone, prefs, capsys, name, options):
    theirs = write(b"mine", prefs, *name.split("/"))
    before = snapshot(prefs)
    assert run("--prefs", prefs, *options) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' is in the way.\n"
        "It is no folder, and one is to be made there.\n"
        "Move it elsewhere, then run install.py again.\n" % theirs
    )
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == before


def test_what_the_system_refuses_is_told_in_three_lines(clone, prefs, monkeypatch, capsys):
    def refusing(path, data):
        raise IOError(13, "Permission denied", path)

    monkeypatch.setattr(disk, "put", refusing)
    assert run("--prefs", prefs) == 1
    lines = printed(capsys)[1].splitlines()
    assert lines[0].startswith("'%s" % prefs) and lines[0].endswith("' cannot be used.")
    assert lines[1:] == [
        "Permission denied.",
        "Mend that, then run install.py again; everything is as it was.",
    ]


def test_what_the_user_changed_is_kept_aside(clone, prefs, capsys):
    run("--prefs", prefs)
    write(b"my notes", prefs, "packages", "mlinference", "README.md")
    assert run("--prefs", prefs) == 0
    assert read(installed(prefs, "mlinference", "README.md")) == b"Read me.\n"
    assert read(installed(prefs, "mlinference", "README.md.yours")) == b"my notes"
    assert "  kept your changes in packages/mlinference/README.md.yours\n" in printed(capsys)[0]


@pytest.mark.parametrize("step", range(9))
def test_after_a_failure_on_the_way_everything_is_as_it_was(
    clone, prefs, monkeypatch, capsys, step
):
    write(b"{}", prefs, "packages", "other.json")
    before = snapshot(prefs)
    moves = []
    move = disk.move

    def failing(source, target):
        moves.append(target)
        if len(moves) > step:
            raise OSError("the disk is full")
        move(source, target)

    monkeypatch.setattr(disk, "move", failing)
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' cannot be used.\n"
        "the disk is full.\n"
        "Mend that, then run install.py again; everything is as it was.\n" % prefs
    )


def test_a_failed_update_leaves_the_older_release(clone, prefs, monkeypatch):
    run("--prefs", prefs)
    before = snapshot(prefs)
    write(b"Read me again.\n", clone, "README.md")
    write(b"LINE = 2\n", clone, "python2.7libs", "mlinference", "picture.py")
    move = disk.move

    def failing(source, target):
        if target.endswith("picture.py"):
            raise OSError("the disk is full")
        move(source, target)

    monkeypatch.setattr(disk, "move", failing)
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before


def test_an_installation_that_a_power_cut_stopped_is_completed_by_the_next(clone, prefs):
    run("--prefs", prefs)
    complete = snapshot(prefs)
    write(b"Read me again.\n", clone, "README.md")
    run("--prefs", prefs)
    write(
        complete[os.path.join("packages", "mlinference", "README.md")],
        prefs,
        "packages",
        "mlinference",
        "README.md",
    )
    os.remove(installed(prefs, "mlinference", "icons", "ml_inference.svg"))
    assert run("--prefs", prefs) == 0
    assert read(installed(prefs, "mlinference", "README.md")) == b"Read me again.\n"
    assert not os.path.exists(installed(prefs, "mlinference", "README.md.yours"))
    run("--prefs", prefs, "--uninstall")
    assert snapshot(prefs) == {}


@pytest.fixture
def stage(prefs):
    """What an installation leaves that was killed seven hours ago."""
    made = os.path.join(prefs, ".mlinference-a1_b2c3d")
    write(b"Read me.\n", made, "0")
    write(b"{}", made, "17")
    _age(made)
    return made


def _age(path, hours=7):
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


@pytest.mark.parametrize("options", [[], ["--uninstall"]], ids=["install", "uninstall"])
def test_what_a_killed_installation_left_is_cleared_by_the_next(
    clone, prefs, stage, capsys, options
):
    # Of Python 2.7, and killed when all had been moved.
    empty = os.path.join(prefs, ".mlinference-Ab_9Zz")
    os.mkdir(empty)
    _age(empty)
    before = snapshot(prefs)
    assert run("--prefs", prefs, "--dry-run", *options) == 0
    assert snapshot(prefs) == before
    line = "  %s .mlinference-a1_b2c3d, left by an installation that was killed\n"
    assert line % "would delete" in printed(capsys)[0]
    assert run("--prefs", prefs, *options) == 0
    assert line % "deleted" in printed(capsys)[0]
    assert [name for name in os.listdir(prefs) if name.startswith(".")] == []


def test_a_failing_installation_clears_nothing(clone, prefs, stage, monkeypatch):
    before = snapshot(prefs)
    monkeypatch.setattr(disk, "move", None)
    with pytest.raises(TypeError):
        run("--prefs", prefs)
    assert snapshot(prefs) == before


def _just_changed(stage):
    _age(stage, hours=1)


def _with_another_file(stage):
    write(b"mine", stage, "notes.txt")
    _age(stage)


def _by_another_name(stage):
    os.rename(stage, os.path.join(os.path.dirname(stage), ".mlinference-backup2"))


def _elsewhere(stage):
    os.mkdir(os.path.join(os.path.dirname(stage), "packages"))
    os.rename(stage, os.path.join(os.path.dirname(stage), "packages", os.path.basename(stage)))


def _a_file(stage):
    shutil.rmtree(stage)
    write(b"mine", stage)
    _age(stage)


def _a_link(stage):
    if not hasattr(os, "symlink") or os.name == "nt":
        pytest.skip("needs symbolic links")
    there = os.path.join(os.path.dirname(os.path.dirname(stage)), "there")
    os.rename(stage, there)
    os.symlink(there, stage)


@pytest.mark.parametrize(
    "change",
    [_just_changed, _with_another_file, _by_another_name, _elsewhere, _a_file, _a_link],
)
def test_what_is_no_leftover_of_ours_stays(clone, prefs, stage, change):
    change(stage)
    before = snapshot(prefs)
    assert run("--prefs", prefs) == 0
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == before


@pytest.fixture(params=["clone", "release"])
def cure(request, clone):
    """What to do about an asset library in a clone, and in a release, where none can be built."""
    if request.param == "clone":
        return "Run: python scripts/build_hda.py build"
    shutil.rmtree(os.path.join(clone, "hda"))
    return "Unpack the release again, then run install.py there."


def test_assets_that_are_not_built_are_asked_for(clone, prefs, capsys, cure):
    os.remove(os.path.join(clone, "otls", "ml_inference.hda"))
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == {}
    assert printed(capsys)[1] == (
        "The digital assets are not built.\n"
        "'%s' holds no .hda file.\n"
        "%s\n" % (os.path.join(clone, "otls"), cure)
    )


def test_a_broken_asset_library_is_refused_before_anything_is_written(clone, prefs, capsys, cure):
    path = write(library()[:-2], clone, "otls", "ml_inference.hda")
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == {}
    lines = printed(capsys)[1].splitlines()
    assert lines[0] == "'%s' is not a digital asset library." % path
    assert lines[2] == cure


def test_an_installed_copy_installs_itself_into_another_houdini(
    clone, prefs, tmp_path, monkeypatch
):
    run("--prefs", prefs)
    second = os.path.join(str(tmp_path), "second", "houdini21.0")
    os.makedirs(second)
    monkeypatch.setattr(install, "ROOT", installed(prefs, "mlinference"))
    before = snapshot(prefs)
    assert run("--prefs", second) == 0
    assert snapshot(second) == before
    assert run("--prefs", prefs) == 0
    assert snapshot(prefs) == before


def test_a_link_into_a_clone_is_not_written_through(clone, prefs, capsys):
    if not hasattr(os, "symlink") or os.name == "nt":
        pytest.skip("needs symbolic links")
    os.makedirs(installed(prefs))
    os.symlink(clone, installed(prefs, "mlinference"))
    before = snapshot(clone)
    assert run("--prefs", prefs) == 0
    run("--prefs", prefs, "--uninstall")
    assert snapshot(clone) == before
    assert snapshot(prefs) == {"packages": None, os.path.join("packages", "mlinference"): None}


# -- Taking out -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before",
    [
        {},
        {"packages/other.json": b"{}", "packages/other/otls/other.hda": b"x"},
        {"packages/mlinference/mine.txt": b"mine"},
        {"packages/mlinference/otls/mine.hda": b"mine", "houdini.env": b"A = 1"},
        {"packages/mlinference/README.md": b"Read me.\n"},
    ],
    ids=["empty", "other packages", "a foreign file", "a foreign asset", "the same bytes"],
)
def test_uninstall_leaves_the_folder_as_it_was(clone, prefs, before):
    for name, data in before.items():
        write(data, prefs, *name.split("/"))
    state = snapshot(prefs)
    assert run("--prefs", prefs) == 0
    assert run("--prefs", prefs) == 0
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == state


def test_uninstall_leaves_an_empty_folder_that_was_there(clone, prefs):
    os.makedirs(installed(prefs, "mlinference", "otls"))
    state = snapshot(prefs)
    run("--prefs", prefs)
    run("--prefs", prefs, "--uninstall")
    assert snapshot(prefs) == state


def test_uninstall_takes_out_what_python_compiled(clone, prefs):
    run("--prefs", prefs)
    package = installed(prefs, "mlinference", "python2.7libs", "mlinference")
    write(b"x", package, "picture.pyc")
    write(b"x", package, "picture.pyo")
    write(b"x", package, "__pycache__", "picture.cpython-311.pyc")
    write(b"x", package, "__pycache__", "__init__.cpython-311.opt-2.pyc")
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == {}


def test_uninstall_leaves_what_the_user_changed(clone, prefs, capsys):
    run("--prefs", prefs)
    write(b"my notes", prefs, "packages", "mlinference", "README.md")
    write(b"my scene", prefs, "packages", "mlinference", "scene.hip")
    capsys.readouterr()
    assert run("--prefs", prefs, "--uninstall") == 0
    files = {name: data for name, data in snapshot(prefs).items() if data is not None}
    assert files == {
        os.path.join("packages", "mlinference", "README.md"): b"my notes",
        os.path.join("packages", "mlinference", "scene.hip"): b"my scene",
    }
    assert "  left packages/mlinference/README.md: you changed it\n" in printed(capsys)[0]


def test_uninstalling_what_is_not_installed_changes_nothing(clone, prefs, capsys):
    assert run("--prefs", prefs, "--uninstall") == 0
    assert printed(capsys)[0] == "Houdini 20.5: %s\n  nothing to change\n" % prefs
    write(b"mine", prefs, "packages", "mlinference", "mine.txt")
    state = snapshot(prefs)
    capsys.readouterr()
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == state
    assert printed(capsys)[0] == (
        "Houdini 20.5: %s\n"
        "  nothing to change\n"
        "  left packages/mlinference: it has no installed.json\n" % prefs
    )


@pytest.mark.parametrize(
    "data",
    [
        b'{"files": {"packages/mlinference/../../houdini.env": []}, "made": []}',
        b'{"files": {"/etc/passwd": []}, "made": []}',
        b'{"files": {}, "made": [".."]}',
        b'{"files": []}',
        b"not JSON",
        b"\xc3\xa4",
    ],
)
def test_a_record_that_we_did_not_write_is_not_followed(clone, prefs, capsys, data):
    record = write(data, prefs, "packages", "mlinference", "installed.json")
    write(b"A = 1\n", prefs, "houdini.env")
    state = snapshot(prefs)
    assert run("--prefs", prefs, "--uninstall") == 1
    assert snapshot(prefs) == state
    assert printed(capsys)[1] == (
        "'%s' cannot be used.\nIt is not what install.py wrote.\nDelete '%s' and '%s' by hand.\n"
        % (record, installed(prefs, "mlinference"), installed(prefs, "mlinference.json"))
    )


# -- Where the preferences are ----------------------------------------------------------------


@pytest.mark.parametrize(
    "platform, environ, expected",
    [
        ("linux", {"HOME": "/home/u"}, ["/home/u/houdini__HVER__"]),
        ("linux2", {"HOME": "/home/u"}, ["/home/u/houdini__HVER__"]),
        ("darwin", {"HOME": "/Users/u"}, ["/Users/u/Library/Preferences/houdini/__HVER__"]),
        ("win32", {"USERPROFILE": "C:/Users/u"}, ["C:/Users/u/Documents/houdini__HVER__"]),
        (
            "win32",
            {"USERPROFILE": "C:/Users/u", "HOME": "D:/home", "OneDrive": "C:/Users/u/OneDrive"},
            [
                "D:/home/houdini__HVER__",
                "C:/Users/u/Documents/houdini__HVER__",
                "C:/Users/u/OneDrive/Documents/houdini__HVER__",
            ],
        ),
        ("linux", {"HOME": "/h", "HOUDINI_USER_PREF_DIR": "/p/h__HVER__"}, ["/p/h__HVER__"]),
    ],
)
def test_preferences_are_looked_for_where_each_system_keeps_them(
    monkeypatch, platform, environ, expected
):
    monkeypatch.setattr(places, "_documents", lambda: None)
    found = places.preference_templates(environ, platform)
    assert [path.replace("\\", "/") for path in found] == expected


@pytest.fixture
def home(tmp_path, monkeypatch):
    for name in (
        "houdini16.0",
        OLD_HOUDINI,
        HOUDINI,
        "houdini18.5",
        "houdini_old",
        "houdini20.5.bak",
    ):
        os.makedirs(os.path.join(str(tmp_path), "home", name))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", os.path.join(str(tmp_path), "home"))
    monkeypatch.delenv("HOUDINI_USER_PREF_DIR", raising=False)
    return os.path.join(str(tmp_path), "home")


def names(found):
    return [os.path.basename(place.folder) for place in found]


def test_every_houdini_that_is_new_enough_is_found_oldest_first(home):
    assert names(places.chosen()) == [OLD_HOUDINI, "houdini18.5", HOUDINI]


def test_only_houdinis_that_are_too_old_are_refused(tmp_path, home, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "other"))
    for name in ("houdini15.5", "houdini16.0"):
        os.makedirs(str(tmp_path / "other" / name))
    with pytest.raises(disk.Refusal) as refused:
        places.chosen()
    assert str(refused.value).splitlines()[0] == "Houdini 16.0 is too old."


def test_the_folder_of_packages_is_not_that_of_preferences(clone, prefs, capsys):
    os.makedirs(installed(prefs))
    assert run("--prefs", installed(prefs)) == 1
    assert snapshot(prefs) == {"packages": None}
    assert printed(capsys)[1] == (
        "'%s' is a folder of packages.\n"
        "--prefs takes the folder that holds it.\n"
        "Give --prefs '%s'.\n" % (installed(prefs), prefs)
    )


@pytest.mark.parametrize("version", ["20.5", "20.5.332"])
def test_one_houdini_is_chosen_by_its_version(home, version):
    assert names(places.chosen(version)) == [HOUDINI]


def test_the_preferences_variable_may_hold_the_version_anywhere(home, monkeypatch):
    os.makedirs(os.path.join(home, "19.5", "prefs"))
    os.makedirs(os.path.join(home, "20.0", "other"))
    monkeypatch.setenv("HOUDINI_USER_PREF_DIR", os.path.join(home, "__HVER__", "prefs"))
    found = places.chosen()
    assert [place.folder for place in found] == [os.path.join(home, "19.5", "prefs")]
    assert found[0].version == (19, 5)


def test_the_preferences_variable_as_houdini_expands_it_is_one_folder(home, monkeypatch):
    monkeypatch.setenv("HOUDINI_USER_PREF_DIR", os.path.join(home, "houdini18.5"))
    assert names(places.chosen()) == ["houdini18.5"]


@pytest.mark.parametrize(
    "version, prefs, message",
    [
        (
            "21.0",
            None,
            "Houdini 21.0 has no preferences folder.\n"
            "Found: {home}/houdini16.0, {home}/houdini17.0, "
            "{home}/houdini18.5, {home}/houdini20.5.\n"
            "Start that Houdini once so that it makes the folder, or name it with --prefs.",
        ),
        (
            "twenty",
            None,
            "'twenty' is not a Houdini version.\n"
            "A version is two numbers, for example 20.5.\n"
            "Give --houdini two numbers with a dot between.",
        ),
        (
            "16.0",
            None,
            "Houdini 16.0 is too old.\n"
            "'{home}/houdini16.0' belongs to it.\n"
            "Use Houdini 16.5 or newer.",
        ),
        (
            None,
            "nowhere",
            "'nowhere' is not a folder.\n"
            "--prefs takes the folder that holds houdini.env.\n"
            "Start that Houdini once so that it makes the folder, or correct --prefs.",
        ),
        (
            None,
            "",
            "'' is not a folder.\n"
            "--prefs takes the folder that holds houdini.env.\n"
            "Start that Houdini once so that it makes the folder, or correct --prefs.",
        ),
        (
            "",
            None,
            "'' is not a Houdini version.\n"
            "A version is two numbers, for example 20.5.\n"
            "Give --houdini two numbers with a dot between.",
        ),
    ],
)
def test_a_folder_that_is_not_there_is_named_with_the_cure(home, version, prefs, message):
    with pytest.raises(disk.Refusal) as caught:
        places.chosen(version, prefs)
    assert str(caught.value) == message.format(home=home)


@pytest.mark.parametrize("option", ["--prefs", "--houdini"])
def test_an_empty_option_takes_nothing_out_anywhere(clone, home, capsys, option):
    assert run("--houdini", "20.5") == 0
    before = snapshot(home)
    assert run(option, "", "--uninstall") == 1
    assert snapshot(home) == before
    assert printed(capsys)[1].startswith("'' is not a ")


def test_a_machine_without_preferences_is_told_where_we_looked(
    tmp_path, capsys, monkeypatch, clone
):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("HOME", os.path.join(str(tmp_path), "empty"))
    monkeypatch.delenv("HOUDINI_USER_PREF_DIR", raising=False)
    assert run() == 1
    assert printed(capsys)[1] == (
        "No Houdini preferences folder was found.\n"
        "Looked for '%s'.\n"
        "Start Houdini once so that it makes the folder, or name one with --prefs.\n"
        % os.path.join(str(tmp_path), "empty", "houdiniX.Y")
    )


def test_all_houdinis_are_installed_and_one_that_refuses_does_not_stop_the_others(
    clone, home, capsys
):
    write(b"mine", home, "houdini18.5", "packages", "mlinference.json")
    assert run() == 1
    assert os.path.isfile(installed(os.path.join(home, HOUDINI), "mlinference.json"))
    assert read(home, "houdini18.5", "packages", "mlinference.json") == b"mine"
    assert printed(capsys)[1].startswith(
        "'%s' is in the way." % installed(os.path.join(home, "houdini18.5"), "mlinference.json")
    )


# -- houdini.env of Houdini 16.5 and 17.0 -----------------------------------------------------

# UTF-8's byte-order mark.
MARK = b"\xef\xbb\xbf"

ENVIRONMENTS = {
    "none": None,
    "empty": b"",
    "ends with a line end": b"# mine\nFOO = 1\n",
    "ends without one": b"# mine\nFOO = 1",
    "Windows": b"# mine\r\nFOO = 1\r\n",
    "Windows, without one": b"# mine\r\nFOO = 1",
    "Latin-1": b"# caf\xe9\nFOO = 1\n",
    "UTF-8 with its mark": MARK + b"# caf\xc3\xa9\n",
    "UTF-8's mark alone": MARK,
    "only a line end": b"\n",
}


@pytest.mark.parametrize("case", sorted(ENVIRONMENTS))
def test_houdini_env_is_left_as_it_was(clone, old_prefs, case):
    before = ENVIRONMENTS[case]
    if before is not None:
        write(before, old_prefs, "houdini.env")
    state = snapshot(old_prefs)
    assert run("--prefs", old_prefs) == 0
    edited = read(old_prefs, "houdini.env")
    assert edited.startswith(before or b"")
    assert edited.count(b"\n") == edited.count(b"\r\n") or b"\r\n" not in edited
    assert run("--prefs", old_prefs) == 0
    assert read(old_prefs, "houdini.env") == edited
    assert run("--prefs", old_prefs, "--uninstall") == 0
    assert snapshot(old_prefs) == state


def test_houdini_env_brings_the_assets_and_the_code(clone, old_prefs, capsys):
    assert run("--prefs", old_prefs) == 0
    environ = launcher.after_houdini_env(
        os.path.join(old_prefs, "houdini.env"), {"PYTHONPATH": "theirs"}
    )
    folder = installed(old_prefs, "mlinference")
    assert environ["HOUDINI_PATH"].split(os.pathsep) == [folder, "&"]
    assert environ["PYTHONPATH"].split(os.pathsep) == [folder + "/python2.7libs", "theirs"]
    assert "  wrote houdini.env\n" in printed(capsys)[0]


def test_a_newer_houdini_needs_no_houdini_env(clone, prefs):
    write(b"FOO = 1\n", prefs, "houdini.env")
    run("--prefs", prefs)
    assert read(prefs, "houdini.env") == b"FOO = 1\n"


def test_the_houdini_path_of_the_user_is_kept(clone, old_prefs):
    write(b'HOUDINI_PATH = "/theirs;&"\n', old_prefs, "houdini.env")
    run("--prefs", old_prefs)
    environ = launcher.after_houdini_env(os.path.join(old_prefs, "houdini.env"), {})
    assert environ["HOUDINI_PATH"].split(os.pathsep) == [
        installed(old_prefs, "mlinference"),
        "/theirs;&",
    ]


def test_a_byte_order_mark_hides_no_houdini_path(clone, old_prefs):
    before = write(MARK + b'HOUDINI_PATH = "/theirs:&"\r\n', old_prefs, "houdini.env")
    state = snapshot(old_prefs)
    assert run("--prefs", old_prefs) == 0
    lines = read(before).splitlines()
    assert lines[0] == MARK + b'HOUDINI_PATH = "/theirs:&"'
    assert lines[2].endswith(b'$HOUDINI_PATH"')
    assert run("--prefs", old_prefs, "--uninstall") == 0
    assert snapshot(old_prefs) == state


def test_a_byte_order_mark_before_our_lines_does_not_hide_them(clone, old_prefs):
    run("--prefs", old_prefs)
    # As Notepad saves the file that we made.
    text = MARK + read(old_prefs, "houdini.env")
    write(text, old_prefs, "houdini.env")
    assert run("--prefs", old_prefs) == 0
    assert read(old_prefs, "houdini.env") == text
    assert run("--prefs", old_prefs, "--uninstall") == 0
    assert snapshot(old_prefs) == {}


def test_lines_that_the_user_adds_later_stay(clone, old_prefs):
    write(b"FOO = 1", old_prefs, "houdini.env")
    run("--prefs", old_prefs)
    text = read(old_prefs, "houdini.env").replace(b"# <<<", b"BAR = 2\n# <<<") + b"BAZ = 3\n"
    write(text, old_prefs, "houdini.env")
    assert run("--prefs", old_prefs) == 0
    assert read(old_prefs, "houdini.env") == text
    assert run("--prefs", old_prefs, "--uninstall") == 0
    assert read(old_prefs, "houdini.env") == b"FOO = 1\nBAR = 2\nBAZ = 3\n"


def test_lines_of_a_copied_houdini_env_give_way(clone, old_prefs):
    run("--prefs", old_prefs)
    newer = os.path.join(os.path.dirname(old_prefs), "houdini16.5")
    text = read(old_prefs, "houdini.env")
    write(text.replace(b"# <<<", b'HOUDINI_PATH = "/theirs:&"\n# <<<'), newer, "houdini.env")
    assert run("--prefs", newer) == 0
    found = read(newer, "houdini.env")
    assert b"houdini17.0" not in found
    assert found.count(b"packages/mlinference") == 2 and b'"/theirs:&"' in found
    assert run("--prefs", newer, "--uninstall") == 0
    assert read(newer, "houdini.env") == b'HOUDINI_PATH = "/theirs:&"\n'


@pytest.mark.parametrize("mark", ['"', "$", ";"])
def test_a_folder_that_houdini_env_cannot_name_is_refused(clone, tmp_path, capsys, mark):
    folder = os.path.join(str(tmp_path), "R" + mark + "D", OLD_HOUDINI)
    os.makedirs(folder)
    assert run("--prefs", folder) == 1
    assert snapshot(folder) == {}
    lines = printed(capsys)[1].splitlines()
    assert lines[1].startswith("It cannot hold a folder with %r in its name" % mark)
    assert lines[2].startswith("Give that folder another name") and len(lines) == 3
    # As an earlier release wrote them.
    ours = os.path.join(folder, "packages", "mlinference")
    text = '%s\nHOUDINI_PATH = "%s:&"\nPYTHONPATH = "%s/python2.7libs:$PYTHONPATH"\n%s\n'
    text %= (houdini_env.BEGIN, ours, ours, houdini_env.END)
    write(text.encode("ascii"), folder, "houdini.env")
    assert run("--prefs", folder, "--uninstall") == 0
    assert read(folder, "houdini.env") == b""


@pytest.mark.parametrize("record", [b'{"files": null}', b'{"files": [1]}', b"[]", b"\xe9"])
def test_a_record_that_is_none_counts_for_nothing(clone, record):
    write(record, clone, "installed.json")
    assert release._recorded(clone) == {}


def test_a_later_line_that_hides_ours_is_pointed_out(clone, old_prefs, capsys):
    run("--prefs", old_prefs)
    write(read(old_prefs, "houdini.env") + b"HOUDINI_PATH = /theirs;&\n", old_prefs, "houdini.env")
    capsys.readouterr()
    run("--prefs", old_prefs)
    assert (
        "  houdini.env sets HOUDINI_PATH again below our lines: HOUDINI_PATH = /theirs;&\n"
        in printed(capsys)[0]
    )


@pytest.mark.parametrize(
    "spoil, found",
    [
        (
            lambda data: data.replace(b"# <<<", b"# "),
            "It has 1 of our marker lines, where one pair belongs.",
        ),
        (lambda data: data + data, "It has 4 of our marker lines, where one pair belongs."),
        (
            lambda data: data.decode("utf-8").encode("utf-16"),
            "It is UTF-16; only UTF-8 and the 8-bit encodings can be edited.",
        ),
    ],
    ids=["lost marker", "twice", "UTF-16"],
)
def test_a_houdini_env_that_cannot_be_edited_is_left_alone(clone, old_prefs, capsys, spoil, found):
    run("--prefs", old_prefs)
    path = write(spoil(read(old_prefs, "houdini.env")), old_prefs, "houdini.env")
    state = snapshot(old_prefs)
    capsys.readouterr()
    for arguments in ((), ("--uninstall",)):
        assert run("--prefs", old_prefs, *arguments) == 1
        assert snapshot(old_prefs) == state
        assert printed(capsys)[1] == (
            "'%s' cannot be edited.\n%s\nCorrect it by hand, then run install.py again.\n"
            % (path, found)
        )


def test_a_linked_houdini_env_stays_a_link(clone, old_prefs, tmp_path):
    if not hasattr(os, "symlink") or os.name == "nt":
        pytest.skip("needs symbolic links")
    target = write(b"FOO = 1\n", str(tmp_path), "settings", "houdini.env")
    os.symlink(target, os.path.join(old_prefs, "houdini.env"))
    assert run("--prefs", old_prefs) == 0
    assert os.path.islink(os.path.join(old_prefs, "houdini.env"))
    assert b"mlinference" in read(target)
    assert run("--prefs", old_prefs, "--uninstall") == 0
    assert read(target) == b"FOO = 1\n"
    assert os.path.islink(os.path.join(old_prefs, "houdini.env"))


# -- The package file -------------------------------------------------------------------------


def test_the_package_file_carries_the_version_and_loads_once(root):
    package = json.loads(read(root, "mlinference.json").decode("ascii"))
    assert package["version"] == release.version(root)
    assert package["load_package_once"] is True
    assert package["enable"] is True


def test_the_package_file_works_in_a_clone_as_it_is(root):
    environ = launcher.after_package(os.path.join(root, "mlinference.json"), {})
    assert os.path.samefile(environ["HOUDINI_PATH"], root)
    assert os.path.isfile(os.path.join(environ["PYTHONPATH"], "mlinference", "__init__.py"))


def test_the_folder_on_pythonpath_holds_nothing_that_could_hide_another_module(root):
    assert [
        name for name in os.listdir(os.path.join(root, "python2.7libs")) if name != "__pycache__"
    ] == ["mlinference"]


def test_the_source_folders_of_the_assets_do_not_look_like_assets_to_houdini(root):
    # Houdini searches hda/ as well as otls/ of a clone on HOUDINI_PATH, for *.hda and *.otl.
    assert [name for name in os.listdir(os.path.join(root, "hda")) if "." in name] == []


def test_help_needs_nothing_but_python(root):
    script = os.path.join(root, "scripts", "install.py")
    text = subprocess.check_output([sys.executable, script, "--help"]).decode("utf-8")
    assert "--uninstall" in text
