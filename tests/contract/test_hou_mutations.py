"""The contract's tests would notice: each way of breaking the stand-in makes one of them fail."""

import importlib
import sys

import mutations
import numpy
import pytest
import scene
from _pytest.monkeypatch import MonkeyPatch

pytestmark = pytest.mark.skipif(scene.REAL, reason="the real module is not to be broken")

VERSION = "21.0"
# What a test may ask for to be called outside of pytest.
FIXTURES = ("hou", "folder", "monkeypatch")
FILES = ("images", "cooking", "geometry", "parms", "nodes", "events", "assets", "copernicus")


def behaviour_tests():
    """Every test of behaviour that concerns the version: pairs of name and function."""
    for file in FILES:
        module = importlib.import_module("test_hou_" + file)
        for name, function in sorted(vars(module).items()):
            if name.startswith("test_") and scene.concerns(function, scene.number(VERSION)):
                if set(arguments(function)) <= set(FIXTURES):
                    yield name, function


def arguments(function):
    return function.__code__.co_varnames[: function.__code__.co_argcount]


def failing(hou, folder):
    """Name of the first test that fails on this `hou`, or None."""
    for number, (name, function) in enumerate(behaviour_tests()):
        scene.start_anew(hou)
        try:
            call(function, hou, folder.mkdir(letters(number)))
        except (Exception, pytest.fail.Exception):
            return name
    return None


def letters(number):
    # A folder's name must not look like a frame number either.
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


def call(function, hou, folder):
    patches = MonkeyPatch()
    fixtures = {"hou": hou, "folder": str(folder), "monkeypatch": patches}
    try:
        function(**{name: fixtures[name] for name in arguments(function)})
    finally:
        patches.undo()


@pytest.fixture
def fresh():
    """Load the stand-in anew, and again when the test is done with it."""
    scene.forget(VERSION)
    with scene.houdini(VERSION) as hou:
        yield hou
    scene.forget(VERSION)


def test_the_stand_in_as_it_is_passes(fresh, tmpdir):
    assert failing(fresh, tmpdir) is None


@pytest.mark.parametrize("mutation", mutations.ALL, ids=lambda mutation: mutation.__name__)
def test_the_contract_notices_when(mutation, fresh, tmpdir):
    mutation(lambda name: sys.modules["hou." + name])
    assert failing(fresh, tmpdir) is not None


def test_a_stand_in_that_takes_numpys_scalars_takes_them(fresh):
    """A mutation that breaks something else is noticed as well, for the wrong reason."""
    mutations.numpy_scalars_are_accepted(lambda name: sys.modules["hou." + name])
    geometry = fresh.Geometry()
    for value in (numpy.float32(1), numpy.int32(1), numpy.bool_(True)):
        name = type(value).__name__
        geometry.addAttrib(fresh.attribType.Global, name, value)
        assert geometry.attribValue(name) == 1


def test_there_are_at_least_twenty_mutations():
    assert len(mutations.ALL) >= 20
