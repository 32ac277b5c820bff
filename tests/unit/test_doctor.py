# coding: utf-8
"""What `python -m mlinference doctor` says in good and in bad surroundings."""

import json
import os
import subprocess
import sys

import launcher
import numpy
import pytest
from releases import library, printed, read, run, snapshot, write

import install
from installation import disk, release
from mlinference import doctor
from mlinference._compat import PYTHON_2, native

GOOD, CAUTION, PROBLEM = doctor.GOOD, doctor.CAUTION, doctor.PROBLEM


def examined(environ, *arguments):
    """Run doctor in a process of its own; returns (exit code, what it says as JSON)."""
    code, out = python(environ, "-m", "mlinference", "doctor", "--json", *arguments)
    return code, json.loads(out)


def python(environ, *arguments):
    """Run this Python; returns (exit code, standard output)."""
    environ = dict(os.environ, **environ)
    process = subprocess.Popen(
        (sys.executable,) + arguments,
        env=environ,
        cwd=os.path.dirname(sys.executable),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = process.communicate()
    assert b"Traceback" not in err, err
    return process.returncode, out.decode("utf-8")


def about(report, subject):
    found = [check for check in report["checks"] if check["subject"] == subject]
    return [(check["state"], check["text"], check["remedy"]) for check in found]


@pytest.fixture
def code(root):
    return os.path.join(root, "python2.7libs")


def broken(folder, module, text):
    """Write a module that cannot be imported; returns its folder."""
    write(text.encode("ascii"), str(folder), "broken", module, "__init__.py")
    return os.path.join(str(folder), "broken")


# -- A whole installation ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["houdini21.0", "houdini17.0"])
def test_a_fresh_folder_is_installed_doctored_and_left_as_it_was(tmp_path, name):
    prefs = os.path.join(str(tmp_path), "Préférences of 花子", name)
    os.makedirs(prefs)
    assert run("--prefs", prefs) == 0
    if name == "houdini17.0":
        environ = launcher.after_houdini_env(os.path.join(prefs, "houdini.env"), {})
    else:
        environ = launcher.after_package(os.path.join(prefs, "packages", "mlinference.json"), {})
    missing = broken(tmp_path, "tensorflow", "raise ImportError('not to wait for it')")
    environ["PYTHONPATH"] += os.pathsep + missing
    code, report = examined(environ)
    assert (code, report["works"]) == (0, True), report
    inside = os.path.join(prefs, "packages", "mlinference")
    inside = inside.decode("utf-8") if isinstance(inside, bytes) else inside
    package = os.path.join(inside, "python2.7libs", "mlinference")
    version = release.version(install.ROOT)
    assert about(report, "Package") == [(GOOD, "mlinference %s in %s" % (version, package), "")]
    assert about(report, "Assets") == [
        (GOOD, os.path.join(inside, "otls", "ml_inference.hda"), ""),
        (GOOD, os.path.join(inside, "otls", "digit_glyphs.hda"), ""),
    ]
    compiled = [path for path in snapshot(prefs) if path.endswith(".pyc")]
    assert compiled or sys.flags.dont_write_bytecode or "PYTHONDONTWRITEBYTECODE" in os.environ
    assert run("--prefs", prefs, "--uninstall") == 0
    assert snapshot(prefs) == {}


# -- What is said of each thing ---------------------------------------------------------------


def test_numpy_answers_and_auto_says_what_it_runs(code, tmp_path):
    missing = broken(tmp_path, "tensorflow", "raise ImportError('no such wheel')")
    exit_code, report = examined({"PYTHONPATH": os.pathsep.join([code, missing])})
    name = "NumPy %s" % numpy.__version__
    states = about(report, "Engine")
    assert exit_code == 0
    assert states[0][0] == CAUTION
    assert states[0][1].startswith(
        "TensorFlow cannot be imported by this Python (%d.%d).\n" % sys.version_info[:2]
    )
    assert "no such wheel" in states[0][1]
    assert states[0][2] == "See 'Installing TensorFlow' in the README."
    assert states[1] == (GOOD, "%s restores the checkpoint and answers" % name, "")
    assert states[2] == (GOOD, "'Auto' runs %s" % name, "")
    ((state, text, remedy),) = about(report, "Answer")
    assert (state, remedy) == (GOOD, "")
    assert text.startswith("a drawn 1 is read as '1' (")
    assert ", a drawn 0 as '0' (" in text


@pytest.mark.tensorflow
def test_both_engines_are_tried_where_tensorflow_is_installed(code):
    exit_code, report = examined({"PYTHONPATH": code})
    texts = [text for _, text, _ in about(report, "Engine")]
    assert exit_code == 0
    assert texts[0].startswith("TensorFlow ")
    assert texts[2] == "'Auto' runs %s" % texts[0].split(" restores")[0]
    assert texts[3] == "both engines give the same answer (to 1e-05)"


def test_a_numpy_of_another_python_is_a_problem_with_a_cure(code, tmp_path):
    wrong = broken(tmp_path, "numpy", "raise ImportError('built for another ABI')")
    exit_code, report = examined({"PYTHONPATH": os.pathsep.join([wrong, code])})
    assert exit_code == 1
    assert about(report, "NumPy") == [
        (
            PROBLEM,
            "NumPy cannot be imported: ImportError: built for another ABI",
            "Use hython, which has NumPy, and take another Python's NumPy off PYTHONPATH.",
        )
    ]
    assert about(report, "Engine") == []


@pytest.mark.parametrize(
    "lines, found",
    [("", "AttributeError: "), ("raise SystemExit('no')", "SystemExit: no")],
    ids=["half of one", "one that gives up"],
)
def test_a_numpy_that_is_none_is_a_problem_with_a_cure(code, tmp_path, lines, found):
    wrong = broken(tmp_path, "numpy", lines)
    exit_code, report = examined({"PYTHONPATH": os.pathsep.join([wrong, code])})
    assert exit_code == 1
    ((state, text, remedy),) = about(report, "NumPy")
    assert state == PROBLEM and remedy.startswith("Use hython")
    assert text.startswith("NumPy cannot be imported: " + found)


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "mlinference", "classify", "x.png"],
        ["-m", "mlinference", "convert", "", "x.npz"],
        ["-m", "mlinference", "layers", "x.png", "--out", "x"],
        [os.path.join(install.ROOT, "scripts", "mnist_train.py"), "--epochs", "1"],
    ],
)
@pytest.mark.parametrize(
    "source, reason",
    [
        ("raise ImportError('built for another ABI')", "ImportError: built for another ABI"),
        ("this is no Python", "SyntaxError: invalid syntax"),
    ],
)
def test_a_command_without_numpy_ends_with_a_sentence(code, tmp_path, command, source, reason):
    wrong = broken(tmp_path, "numpy", source)
    process = subprocess.Popen(
        [sys.executable] + command,
        cwd=str(tmp_path),
        env=dict(os.environ, PYTHONPATH=os.pathsep.join([wrong, code])),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, complaint = process.communicate()
    assert (process.returncode, out) == (1, b"")
    lines = complaint.decode("ascii").splitlines()
    assert lines[1].startswith(reason)
    assert [lines[0]] + lines[2:] == [
        "NumPy cannot be imported by this Python (%d.%d)." % sys.version_info[:2],
        "Install it, or use hython, which has it; take another Python's NumPy off PYTHONPATH.",
    ]


@pytest.mark.skipif(os.name == "nt", reason="needs a shell with pipes")
def test_a_reader_that_has_gone_is_no_traceback(code):
    command = "'%s' -m mlinference doctor | head -n 1" % sys.executable
    process = subprocess.Popen(
        command,
        shell=True,
        env=dict(os.environ, PYTHONPATH=code),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, complaints = process.communicate()
    assert out.startswith(b"ok       Python")
    assert b"Traceback" not in complaints and b"Broken pipe" not in complaints


@pytest.mark.parametrize("accuracy", [5, [], {"test": "x"}, {"test": None}, None])
def test_a_sidecar_with_another_accuracy_is_no_broken_installation(code, tmp_path, accuracy):
    for end in (".index", ".data-00000-of-00001"):
        data = read(code, "mlinference", "data", "digits.ckpt" + end)
        write(data, str(tmp_path), "net.ckpt" + end)
    path = write(json.dumps({"accuracy": accuracy}).encode("ascii"), str(tmp_path), "net.ckpt.json")
    (finding,) = doctor._checkpoint(path[: -len(".json")], "")
    assert finding.state == GOOD and "accuracy" not in finding.text


def test_help_needs_no_numpy(code, tmp_path):
    wrong = broken(tmp_path, "numpy", "raise ImportError('built for another ABI')")
    environ = {"PYTHONPATH": os.pathsep.join([wrong, code])}
    exit_code, out = python(environ, "-m", "mlinference", "--help")
    assert exit_code == 0
    assert "  doctor " in out
    exit_code, out = python(environ, "-m", "mlinference", "doctor", "--help")
    assert exit_code == 0
    assert "usage: mlinference doctor" in out


def test_a_checkpoint_that_is_not_there_is_said_in_the_words_of_the_node(code, tmp_path):
    path = os.path.join(str(tmp_path), "花子.ckpt")
    exit_code, report = examined({"PYTHONPATH": code}, "--checkpoint", path)
    assert exit_code == 1
    ((state, text, remedy),) = about(report, "Checkpoint")
    shown = path.decode("utf-8") if isinstance(path, bytes) else path
    assert state == PROBLEM
    assert text.startswith("No checkpoint at '%s'.\n" % shown)
    assert remedy.startswith("Set 'Checkpoint' to one")


def test_a_broken_module_of_our_own_asks_for_another_installation(monkeypatch):
    def torn(path, network):
        raise ValueError("the file ends here")

    monkeypatch.setattr(doctor, "_checkpoint", torn)
    (finding,) = doctor._guarded(doctor._model, "")
    assert (finding.subject, finding.state) == ("Model", PROBLEM)
    assert (finding.text, finding.remedy) == ("ValueError: the file ends here", doctor.REINSTALL)


def test_a_second_copy_of_the_same_version_is_pointed_out(code, tmp_path, monkeypatch):
    version = release.version(install.ROOT)
    write(
        b'__version__ = "%s"\n' % version.encode("ascii"),
        str(tmp_path),
        "mlinference",
        "__init__.py",
    )
    monkeypatch.setattr(sys, "path", sys.path + [str(tmp_path), str(tmp_path), code])
    findings = doctor._package()
    assert [finding.state for finding in findings] == [GOOD, CAUTION]
    assert findings[1].text == "A second copy, %s, is in %s" % (
        version,
        os.path.join(str(tmp_path), "mlinference"),
    )
    assert findings[1].remedy == (
        "Keep one: 'install.py --uninstall' or 'pip uninstall mlinference' takes one away."
    )


def test_a_second_copy_of_another_version_is_a_problem(tmp_path, monkeypatch):
    write(b'__version__ = "0.9"\n', str(tmp_path), "mlinference", "__init__.py")
    monkeypatch.setattr(sys, "path", sys.path + [str(tmp_path)])
    assert [finding.state for finding in doctor._package()] == [GOOD, PROBLEM]


def test_assets_are_found_in_a_clone_in_a_pip_package_and_on_houdini_path(tmp_path, monkeypatch):
    places = ("clone/otls", "clone/python2.7libs/mlinference/otls", "studio/otls")
    package = os.path.join(str(tmp_path), "clone", "python2.7libs", "mlinference")
    studio = os.path.join(str(tmp_path), "studio")
    monkeypatch.setattr(doctor, "PACKAGE", package)
    monkeypatch.setenv("HOUDINI_PATH", os.pathsep.join(["", studio, "&"]))
    ((finding),) = doctor._assets()
    assert (finding.state, finding.text) == (
        PROBLEM,
        "ml_inference.hda and digit_glyphs.hda not found in %s, %s"
        % (os.path.join(str(tmp_path), "clone", "otls"), os.path.join(package, "otls")),
    )
    assert (
        finding.remedy
        == "Run scripts/install.py; in a clone, run scripts/build_hda.py build first."
    )
    for place in places:
        for name in ("ml_inference.hda", "digit_glyphs.hda"):
            paths = [write(library(), str(tmp_path), *(place.split("/") + [name]))]
        assert [finding.state for finding in doctor._assets()] == [GOOD, GOOD]
        assert doctor._assets()[1].text == paths[0]
        write(b"", paths[0])
        assert [finding.state for finding in doctor._assets()] == [GOOD, PROBLEM]
        assert doctor._assets()[1].text == paths[0] + " is empty"
        for name in ("ml_inference.hda", "digit_glyphs.hda"):
            os.remove(os.path.join(str(tmp_path), *(place.split("/") + [name])))


def asset(folder, data):
    """Write a library as `folder`/otls/ml_inference.hda and return what is said of it."""
    found = doctor._asset(write(data, str(folder), "otls", "ml_inference.hda"))
    return found.state, found.text.rpartition("ml_inference.hda")[2], found.remedy


def test_a_library_that_is_cut_or_something_else_is_damaged(tmp_path):
    assert asset(tmp_path, library()) == (GOOD, "", "")
    huge = b"INDX" + b"\0" * 8 + b"\xff" * 4
    for data in (b"INDX", b"INDX" + b"\0" * 12, huge, huge + b"\0" * 160, b"?" * 999, library() + b"?"):
        assert asset(tmp_path, data) == (PROBLEM, " is damaged", doctor.REINSTALL), data[:20]
    for size in range(1, len(library())):
        assert asset(tmp_path, library()[:size])[:2] == (PROBLEM, " is damaged"), size


def test_the_libraries_of_the_project_and_of_others_are_whole(root):
    folders = [os.path.join(root, "otls"), os.path.join(root, "tests", "data", "hda")]
    paths = [os.path.join(folder, name) for folder in folders for name in os.listdir(folder)]
    for path in paths:
        assert not path.endswith(".hda") or doctor._is_whole(read(path)), path


def test_a_library_that_is_not_what_was_installed_is_to_be_looked_at(tmp_path):
    name = "packages/mlinference/otls/ml_inference.hda"
    content = {"files": {name: [disk.checksum(b"older"), disk.checksum(library())]}}
    write(json.dumps(content).encode("ascii"), str(tmp_path), "installed.json")
    assert asset(tmp_path, library()) == (GOOD, "", "")
    other = library()[:-1] + b"?"
    assert asset(tmp_path, other) == (
        CAUTION,
        " is not as install.py wrote it, if nobody has saved the asset since",
        doctor.REINSTALL,
    )
    for record in (b"[]", b"{", b'{"files": []}', b"\xff"):
        write(record, str(tmp_path), "installed.json")
        assert asset(tmp_path, other) == (GOOD, "", "")


def test_engines_that_differ_are_a_problem():
    same = doctor._agreement(numpy.float32([[0.1, 0.9]]), numpy.float32([[0.100005, 0.899995]]))
    differ = doctor._agreement(numpy.float32([[0.1, 0.9]]), numpy.float32([[0.2, 0.8]]))
    assert same.state == GOOD
    assert (differ.state, differ.text, differ.remedy) == (
        PROBLEM,
        "The engines' probabilities differ by 1.0e-01; rounding explains 1e-05.",
        "Set 'Engine' to 'NumPy', and report the versions above.",
    )


class FakeClassifier(object):
    def __init__(self, prefix):
        self.labels = tuple("0123456789")
        self.checkpoint = type("Checkpoint", (object,), {"prefix": prefix})


def test_wrong_answers_of_our_own_checkpoint_are_a_problem():
    from mlinference import checkpoint

    probabilities = numpy.eye(10, dtype=numpy.float32)[[7, 0]]
    own = doctor._reading(FakeClassifier(checkpoint.resolve("")), probabilities)
    other = doctor._reading(FakeClassifier("/job/letters.ckpt"), probabilities)
    assert own.text == "a drawn 1 is read as '7' (100.0 %), a drawn 0 as '0' (100.0 %)"
    assert (own.state, own.remedy) == (PROBLEM, doctor.REINSTALL)
    assert other.state == GOOD


# -- In Houdini -------------------------------------------------------------------------------

IN_HOUDINI = """
import sys
import hou
from mlinference import doctor
for path in sys.argv[1:]:
    hou.hda.installFile(path)
sys.exit(doctor.main(["--json"]))
"""


@pytest.fixture
def houdini(root, code, tmp_path):
    """The environment of a stand-in Houdini 20.5, without a TensorFlow to wait for."""
    missing = broken(tmp_path, "tensorflow", "raise ImportError('no such wheel')")
    folders = [
        code,
        os.path.join(root, "tests", "stand_ins"),
        os.path.join(root, "scripts"),
        missing,
    ]
    return {"PYTHONPATH": os.pathsep.join(folders), "MLINFERENCE_HOUDINI": "20.5"}


def test_in_houdini_the_loaded_assets_are_named(root, houdini):
    paths = [os.path.join(root, "otls", name) for name in ("ml_inference.hda", "digit_glyphs.hda")]
    exit_code, out = python(houdini, "-c", IN_HOUDINI, *paths)
    found = about(json.loads(out), "Houdini")
    assert exit_code == 0
    assert found[0][1].startswith("20.5.")
    assert [text for _, text, _ in found[1:]] == [
        "mlinference::ml_inference::1.0 is loaded from %s" % paths[0],
        "mlinference::digit_glyphs::1.0 is loaded from %s" % paths[1],
    ]


def test_in_houdini_an_asset_that_is_not_loaded_is_a_problem(root, houdini):
    path = os.path.join(root, "otls", "ml_inference.hda")
    exit_code, out = python(houdini, "-c", IN_HOUDINI, path)
    assert exit_code == 1
    assert about(json.loads(out), "Houdini")[2] == (
        PROBLEM,
        "mlinference::digit_glyphs::1.0 is not loaded",
        "Run scripts/install.py for this Houdini and restart it.",
    )


def test_a_houdini_without_a_licence_is_a_problem(code, tmp_path, houdini):
    refusing = broken(tmp_path, "hou", "raise RuntimeError('no licence')")
    environ = dict(houdini, PYTHONPATH=os.pathsep.join([refusing, houdini["PYTHONPATH"]]))
    script = IN_HOUDINI.replace("import hou\n", "import os\nsys.executable = '/opt/hython'\n")
    exit_code, out = python(environ, "-c", script)
    assert exit_code == 1
    assert about(json.loads(out), "Houdini") == [
        (
            PROBLEM,
            "hou cannot be imported: RuntimeError: no licence",
            "Run hython in Houdini's own shell, and see that it has a licence.",
        )
    ]


def test_an_installation_without_its_houdini_side_is_not_the_licences_fault(monkeypatch, tmp_path):
    monkeypatch.setattr(doctor, "in_houdini", lambda: True)
    monkeypatch.setattr(doctor, "PACKAGE", str(tmp_path))
    (finding,) = doctor._houdini()
    assert (finding.state, finding.remedy) == (PROBLEM, doctor.REINSTALL)


# -- How it is printed ------------------------------------------------------------------------


def test_a_finding_has_its_cure_below():
    finding = doctor.Finding("Engine", CAUTION, "TensorFlow is broken.\nImportError: x", "Mend it.")
    assert doctor.as_text(finding) == (
        "look     Engine      TensorFlow is broken.\n"
        "                     ImportError: x\n"
        "                     -> Mend it."
    )


def test_the_last_line_says_whether_it_works(monkeypatch, capsys):
    finding = doctor.Finding("Assets", PROBLEM, "none found", "Install them.")
    monkeypatch.setattr(doctor, "examine", lambda path, network: iter([finding]))
    assert doctor.main([]) == 1
    assert printed(capsys)[0] == (
        "PROBLEM  Assets      none found\n"
        "                     -> Install them.\n"
        "ML Inference does not work here yet.\n"
    )
    finding.state = CAUTION
    assert doctor.main([]) == 0
    assert printed(capsys)[0].splitlines()[-1] == "ML Inference works here."


def test_what_was_found_is_told_even_if_tensorflow_ends_the_process(code, tmp_path):
    ending = broken(tmp_path, "tensorflow", "import os; os._exit(134)")
    environ = {"PYTHONPATH": os.pathsep.join([code, ending])}
    exit_code, out = python(environ, "-m", "mlinference", "doctor")
    assert exit_code == 134
    assert "ok       Checkpoint " in out


def test_a_console_that_shows_no_japanese_shows_escapes(code, tmp_path):
    missing = broken(tmp_path, "tensorflow", "raise ImportError('no such wheel')")
    environ = {"PYTHONPATH": os.pathsep.join([code, missing]), "PYTHONIOENCODING": "ascii"}
    path = os.path.join(str(tmp_path), "花子.ckpt")
    exit_code, out = python(environ, "-m", "mlinference", "doctor", "--checkpoint", path)
    assert exit_code == 1
    # Python 2.7 prints a path's own bytes; no console makes it stumble.
    assert ("花子.ckpt" if PYTHON_2 else "\\u82b1\\u5b50.ckpt") in native(out)
