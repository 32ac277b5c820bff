"""pip: the source archive, and an installed package that finds its data and assets."""

import glob
import os
import re
import subprocess
import sys

import pytest
from releases import read, snapshot, write

import install
from environments import ENVIRONMENTS
from installation import release

pytest.importorskip("setuptools", reason="the package is built with setuptools")

PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-cache-dir")
OFFLINE = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation")


def builds_wheels():
    # setuptools has its own bdist_wheel from 70.1 on.
    probe = (
        "import setuptools\n"
        "try:\n import wheel\n"
        "except ImportError:\n import setuptools.command.bdist_wheel"
    )
    return subprocess.call((sys.executable, "-c", probe), stderr=subprocess.PIPE) == 0


pytestmark = pytest.mark.skipif(not builds_wheels(), reason="this Python has no wheel package")


@pytest.fixture(scope="module")
def source(root, tmp_path_factory):
    """A copy of the clone, since building writes beside setup.py."""
    folder = os.path.join(str(tmp_path_factory.mktemp("setup")), "clone of it")
    for name in release.payload(root) + ["setup.py", "MANIFEST.in"]:
        write(read(root, name), folder, name)
    for name, data in snapshot(os.path.join(root, "hda")).items():
        if data is not None:
            write(data, folder, "hda", name)
    return folder


@pytest.fixture(scope="module")
def root():
    return install.ROOT


@pytest.fixture(scope="module")
def archive(source):
    """The source archive that setup.py makes."""
    quiet = {"cwd": source, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    subprocess.check_call(
        (sys.executable, "setup.py", "--quiet", "sdist", "--formats=zip"), **quiet
    )
    (path,) = glob.glob(os.path.join(source, "dist", "*.zip"))
    return path


@pytest.fixture(scope="module")
def site(archive, tmp_path_factory):
    """A folder where pip installed the source archive."""
    folder = str(tmp_path_factory.mktemp("site"))
    subprocess.check_call(PIP + ("install",) + OFFLINE + ("--target", folder, archive))
    return folder


def run(site, *arguments):
    environ = dict(os.environ, PYTHONPATH=site)
    # Python 2.7's argparse prints a version to the standard error.
    output = subprocess.check_output(
        (sys.executable,) + arguments, env=environ, cwd=site, stderr=subprocess.STDOUT
    )
    return output.decode("utf-8").strip()


def test_the_version_is_read_from_the_package(root, archive):
    assert os.path.basename(archive) == "mlinference-%s.zip" % release.version(root)


def test_an_installed_package_has_every_module_and_its_data(source, site):
    code = "python2.7libs/"
    names = [name for name in release.payload(source) if name.startswith(code)]
    assert len(names) > 20
    for name in names:
        assert read(site, name[len(code) :]) == read(source, name), name


def test_an_installed_package_has_the_assets_where_houdini_path_can_name_it(source, site):
    for name in ("digit_glyphs.hda", "ml_inference.hda"):
        assert read(site, "mlinference", "otls", name) == read(source, "otls", name)


def test_an_installed_package_runs(root, site):
    assert run(site, "-m", "mlinference", "--version") == release.version(root)


def test_pip_takes_the_clone_itself(root, source, tmp_path):
    subprocess.check_call(PIP + ("install",) + OFFLINE + ("--target", str(tmp_path), source))
    assert run(
        str(tmp_path), "-c", "import mlinference; print(mlinference.__version__)"
    ) == release.version(root)
    assert os.path.isfile(os.path.join(str(tmp_path), "mlinference", "otls", "ml_inference.hda"))


def test_nothing_is_required_so_that_no_second_numpy_comes_into_houdini(site):
    (metadata,) = glob.glob(os.path.join(site, "mlinference-*.dist-info", "METADATA"))
    required = [
        line
        for line in read(metadata).decode("utf-8").splitlines()
        if line.startswith("Requires-Dist")
    ]
    assert required
    assert [line for line in required if "extra ==" not in line] == []


@pytest.mark.parametrize(
    "python, expected",
    [
        ("2.7", "tensorflow==1.15.0"),
        ("3.7", "tensorflow==1.15.5"),
        ("3.9", "tensorflow-cpu==2.20.0"),
        ("3.11", "tensorflow-cpu==2.21.0"),
        ("3.13", "tensorflow-cpu==2.21.0"),
    ],
)
def test_the_tensorflow_extra_pins_one_for_each_python(site, python, expected):
    markers = pytest.importorskip("packaging.requirements")
    (metadata,) = glob.glob(os.path.join(site, "mlinference-*.dist-info", "METADATA"))
    lines = re.findall(r"(?m)^Requires-Dist: (.*)$", read(metadata).decode("utf-8"))
    environment = {
        "python_version": python,
        "sys_platform": "linux",
        "platform_machine": "x86_64",
        "extra": "tensorflow",
    }
    pins = [markers.Requirement(line) for line in lines]
    chosen = [
        "%s%s" % (pin.name, pin.specifier) for pin in pins if pin.marker.evaluate(environment)
    ]
    assert [pin for pin in chosen if pin.startswith("tensorflow")] == [expected]


@pytest.mark.parametrize("python", sorted({each.python for each in ENVIRONMENTS if each.tensorflow}))
def test_each_python_with_a_tested_tensorflow_has_its_pins(root, site, python):
    tested = set()
    for each in ENVIRONMENTS:
        if each.python == python:
            text = read(root, "requirements", each.name + ".txt").decode("utf-8")
            tested.update(re.findall(r"(?m)^tensorflow(?:_cpu)?==(.*)$", text))
    (metadata,) = glob.glob(os.path.join(site, "mlinference-*.dist-info", "METADATA"))
    found = r"(?m)^Requires-Dist: tensorflow(?:-cpu)? ?\(?==([0-9.]+)\)?.*python_version == ['\"]%s['\"]"
    pinned = set(re.findall(found % re.escape(python), read(metadata).decode("utf-8")))
    assert len(pinned) == 1 and pinned <= tested


def test_a_clone_without_built_assets_says_what_to_run(source, tmp_path):
    for name in ("setup.py", "README.md", "python2.7libs/mlinference/__init__.py"):
        write(read(source, name), str(tmp_path), name)
    process = subprocess.Popen(
        (sys.executable, "setup.py", "--version"),
        cwd=str(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    _, err = process.communicate()
    assert process.returncode == 1
    assert (
        err.decode("utf-8").splitlines()[-1]
        == "otls/ holds no .hda file. Run: python scripts/build_hda.py build"
    )
