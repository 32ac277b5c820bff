"""Paths and markers for every test: the questions to Houdini, our code, scripts, stand-ins."""

import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

for folder in ("tests", "python2.7libs", "scripts", os.path.join("tests", "stand_ins")):
    path = os.path.join(ROOT, folder)
    if path not in sys.path:
        sys.path.insert(0, path)


def pytest_configure(config):
    config.addinivalue_line("markers", "tensorflow: needs TensorFlow in this Python")
    config.addinivalue_line("markers", "hotl: needs Houdini's own hotl on the path")
    config.addinivalue_line("markers", "houdini: needs a real Houdini (run under hython)")


def pytest_collection_modifyitems(items):
    marked = [item for item in items if item.get_closest_marker("tensorflow")]
    if marked and not _tensorflow_imports():
        skip = pytest.mark.skip(reason="TensorFlow cannot be imported by this Python")
        for item in marked:
            item.add_marker(skip)


def _tensorflow_imports():
    try:
        import tensorflow  # noqa: F401
    except Exception:  # a broken installation raises more than ImportError
        return False
    return True


@pytest.fixture
def root():
    """The repository's folder."""
    return ROOT
