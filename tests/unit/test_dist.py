"""The release archive: the same bytes everywhere, and it works unpacked anywhere."""

import hashlib
import io
import os
import subprocess
import sys
import zipfile

import launcher
import pytest
from releases import printed, read, run, snapshot, write

import install
import make_dist
from installation import disk

WHEN = 1700000000


@pytest.fixture
def repository(root, clone):
    """The small clone with real assets and the scripts that install them, committed."""
    os.remove(os.path.join(clone, "otls", "ml_inference.hda"))
    for name in ("hda", "otls", "icons", "scripts/hda_library", "scripts/installation"):
        _copy(os.path.join(root, name), os.path.join(clone, name))
    for name in ("scripts/install.py", "scripts/build_hda.py"):
        write(read(root, name), clone, name)
    git(clone, "init", "--quiet")
    git(clone, "add", ".")
    commit(clone)
    return clone


def _copy(source, target):
    for name, data in snapshot(source).items():
        if data is not None and "__pycache__" not in name and not name.endswith(".pyc"):
            write(data, target, name)


def git(folder, *arguments):
    subprocess.check_call(("git", "-C", folder) + arguments, stdout=subprocess.PIPE)


def commit(folder):
    identity = (
        "-c",
        "user.name=Test",
        "-c",
        "user.email=test@example.com",
        "-c",
        "commit.gpgsign=false",
    )
    environ = dict(
        os.environ, GIT_COMMITTER_DATE="%d +0000" % WHEN, GIT_AUTHOR_DATE="%d +0000" % WHEN
    )
    command = (
        ("git", "-C", folder) + identity + ("commit", "--quiet", "--allow-empty", "-m", "State")
    )
    subprocess.check_call(command, env=environ)


def unpack(data, folder):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(folder)


def test_the_same_files_give_the_same_bytes_on_every_python():
    # Made once on Python 3.11; the suite runs under each Python that a Houdini carries.
    files = {"b/c.txt": b"two\n" * 1000, "a.json": b"{}\n", "b/a.bin": bytes(bytearray(range(256)))}
    data = make_dist.archive(files, WHEN)
    assert (
        hashlib.sha256(data).hexdigest()
        == "4adcdb5e556e1a5c85b6483c3991c1db96506a750e817decb43f2f3596395cd4"
    )


def test_names_are_sorted_and_times_and_permissions_fixed():
    with zipfile.ZipFile(io.BytesIO(make_dist.archive({"b": b"", "a": b""}, WHEN))) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == ["a", "b"]
    assert {entry.date_time for entry in entries} == {(2023, 11, 14, 22, 13, 20)}
    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}


def test_the_archive_is_the_same_twice(repository, tmp_path, monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    path, first = make_dist.write(repository, os.path.join(str(tmp_path), "one"))
    assert os.path.basename(path) == "mlinference-1.0.0.zip"
    assert read(path) == first
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    for parent, _, names in os.walk(repository):
        for name in names:
            os.utime(os.path.join(parent, name), (1, 1))
    _, second = make_dist.write(repository, os.path.join(str(tmp_path), "two"))
    assert second == first
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].date_time == (2023, 11, 14, 22, 13, 20)


@pytest.mark.parametrize(
    "seconds, wanted",
    [
        ("1600000000", (2020, 9, 13, 12, 26, 40)),
        # Archives have no other years than these.
        ("0", (1980, 1, 1, 0, 0, 0)),
        ("99999999999", (2107, 12, 31, 23, 59, 58)),
    ],
)
def test_source_date_epoch_sets_the_time(repository, tmp_path, monkeypatch, seconds, wanted):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", seconds)
    path, _ = make_dist.write(repository, str(tmp_path))
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].date_time == wanted


def test_a_time_that_is_none_is_refused(repository, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "today")
    with pytest.raises(make_dist.Refusal) as refused:
        make_dist.write(repository, str(tmp_path))
    assert str(refused.value) == (
        "SOURCE_DATE_EPOCH is not a time.\n"
        "It is 'today'.\n"
        "Set it to seconds since 1970, or not at all."
    )


def test_it_holds_the_release_and_nothing_else(repository, tmp_path):
    write(b"x", repository, "python2.7libs", "mlinference", "__pycache__", "picture.pyc")
    write(b"x", repository, "otls", "backup", "ml_inference_bak1.hda")
    write(b"x", repository, "tests", "test_x.py")
    path, _ = make_dist.write(repository, str(tmp_path))
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    assert "mlinference.json" in names
    assert "mlinference/mlinference.json" in names
    assert "mlinference/installed.json" in names
    assert "mlinference/otls/ml_inference.hda" in names
    assert "mlinference/scripts/install.py" in names
    assert "mlinference/python2.7libs/mlinference/data/digits.ckpt.index" in names
    assert [
        name
        for name in names
        if "pyc" in name or "backup" in name or "tests" in name or "hda/" in name
    ] == []


@pytest.mark.parametrize("output", ["", "file"])
def test_an_output_that_is_no_folder_is_refused(tmp_path, monkeypatch, capsys, output):
    monkeypatch.chdir(str(tmp_path))
    write(b"mine", str(tmp_path), "file")
    assert make_dist.main(["--output", output]) == 1
    assert printed(capsys)[1] == (
        "'%s' is not a folder.\n"
        "--output takes the folder for the archive.\n"
        "Give --output a folder, or leave it out.\n" % output
    )
    assert snapshot(str(tmp_path)) == {"file": b"mine"}


def test_an_output_that_cannot_be_made_is_told(repository, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_dist, "ROOT", repository)
    folder = os.path.join(write(b"mine", str(tmp_path), "file"), "below")
    assert make_dist.main(["--output", folder]) == 1
    lines = printed(capsys)[1].splitlines()
    assert lines[0] == "'%s' cannot be used." % folder
    assert lines[2] == "Give --output another folder, or make room there."
    assert len(lines) == 3


def test_a_file_that_is_not_tracked_is_refused(repository, tmp_path):
    write(b"x = 1\n", repository, "python2.7libs", "mlinference", "stray.py")
    with pytest.raises(disk.Refusal) as caught:
        make_dist.write(repository, str(tmp_path))
    assert str(caught.value) == (
        "'python2.7libs/mlinference/stray.py' is not tracked by git.\n"
        "A release has tracked and built files only; 1 are neither.\n"
        "Commit the file, or move it elsewhere."
    )


def test_a_change_that_is_not_committed_is_pointed_out(repository, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make_dist, "ROOT", repository)
    arguments = ["--output", str(tmp_path)]
    assert make_dist.main(arguments) == 0
    assert printed(capsys)[1] == ""
    write(b"Read me again.\n", repository, "README.md")
    assert make_dist.main(arguments) == 0
    assert printed(capsys)[1] == "with changes that are not committed: README.md\n"


def test_assets_that_do_not_match_their_source_are_refused(repository, tmp_path, capsys):
    write(read(repository, "otls", "digit_glyphs.hda"), repository, "otls", "ml_inference.hda")
    with pytest.raises(disk.Refusal) as caught:
        make_dist.write(repository, str(tmp_path))
    assert str(caught.value) == (
        "The assets in otls/ are not those of hda/.\n"
        "scripts/build_hda.py check names the difference.\n"
        "Run: python scripts/build_hda.py build"
    )


def test_outside_of_a_clone_it_says_so(clone, tmp_path, monkeypatch):
    monkeypatch.setattr(make_dist, "_check_assets", lambda root: None)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    with pytest.raises(disk.Refusal) as caught:
        make_dist.write(clone, str(tmp_path))
    lines = str(caught.value).splitlines()
    assert lines[0] == "git cannot say what '%s' holds." % clone
    assert lines[-1] == "Make the release in a clone of the repository."


# -- Unpacked ---------------------------------------------------------------------------------


@pytest.fixture
def unpacked(repository, tmp_path):
    folder = os.path.join(str(tmp_path), "down loads")
    _, data = make_dist.write(repository, str(tmp_path))
    unpack(data, folder)
    return folder


def prefs_in(tmp_path, name="houdini20.5"):
    folder = os.path.join(str(tmp_path), "home", name)
    os.makedirs(folder)
    return folder


def run_unpacked(unpacked, *arguments):
    script = os.path.join(unpacked, "mlinference", "scripts", "install.py")
    return subprocess.check_output((sys.executable, "-B", script) + arguments).decode("utf-8")


@pytest.mark.parametrize(
    "package", ["mlinference.json", os.path.join("mlinference", "mlinference.json")]
)
def test_both_package_files_of_an_unpacked_release_resolve(unpacked, package):
    environ = launcher.after_package(os.path.join(unpacked, package), {})
    assert os.path.isfile(os.path.join(environ["HOUDINI_PATH"], "otls", "ml_inference.hda"))
    assert os.path.isfile(os.path.join(environ["PYTHONPATH"], "mlinference", "__init__.py"))


DAMAGED = (
    "python2.7libs/mlinference/data/digits.ckpt.data-00000-of-00001",
    "otls/ml_inference.hda",
    "python2.7libs/mlinference/houdini/cook.py",
)


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_release_is_not_installed_over_a_working_one(
    unpacked, tmp_path, name, monkeypatch, capsys
):
    prefs = os.path.join(str(tmp_path), "houdini21.0")
    os.makedirs(prefs)
    root = os.path.join(unpacked, "mlinference")
    monkeypatch.setattr(install, "ROOT", root)
    assert run("--prefs", prefs) == 0
    before = snapshot(prefs)
    for cut in sorted({name, DAMAGED[0]}):
        write(read(root, cut)[:-2], root, *cut.split("/"))
    capsys.readouterr()
    assert run("--prefs", prefs) == 1
    assert snapshot(prefs) == before
    assert printed(capsys)[1] == (
        "'%s' is damaged.\n"
        "'%s' is not as it was released%s.\n"
        "Unpack the release again, then run install.py there.\n"
        % (root, min(name, DAMAGED[0]), "" if name == DAMAGED[0] else ", and 1 more")
    )


def test_install_runs_from_an_unpacked_release(unpacked, tmp_path):
    prefs = prefs_in(tmp_path)
    assert "  wrote packages/mlinference.json" in run_unpacked(unpacked, "--prefs", prefs)
    assert "  nothing to change" in run_unpacked(unpacked, "--prefs", prefs)
    run_unpacked(unpacked, "--prefs", prefs, "--uninstall")
    assert snapshot(prefs) == {}


def test_unpacked_into_packages_it_is_as_if_installed(unpacked, repository, tmp_path, monkeypatch):
    prefs = prefs_in(tmp_path)
    monkeypatch.setattr(install, "ROOT", repository)
    run("--prefs", prefs)
    written = snapshot(os.path.join(prefs, "packages"))
    record = os.path.join("mlinference", "installed.json")
    from_zip = snapshot(unpacked)
    # Only who made packages/ differs.
    assert written.pop(record).replace(b'  "packages",\n', b"") == from_zip.pop(record)
    assert written == from_zip


def test_unpacked_into_packages_it_is_taken_out_by_its_own_script(unpacked, tmp_path):
    prefs = prefs_in(tmp_path, "houdini17.0")
    os.rename(unpacked, os.path.join(prefs, "packages"))
    packages = os.path.join(prefs, "packages")
    assert run_unpacked(packages, "--prefs", prefs) == (
        "Houdini 17.0: %s\n  wrote houdini.env\n"
        "  wrote 1 file in packages/mlinference\n"
        "  checked the asset libraries and read every file back\n"
        "  restart Houdini 17.0, then press Tab in a SOP network: ML Inference\n" % prefs
    )
    run_unpacked(packages, "--prefs", prefs, "--uninstall")
    assert snapshot(prefs) == {"packages": None}
