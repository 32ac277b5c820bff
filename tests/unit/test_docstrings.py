"""A Python that runs without docstrings, as some studios set PYTHONOPTIMIZE=2 for all that they start."""

import os
import subprocess
import sys

import pytest

LOAD = """
from mlinference import errors
from mlinference.engines import tensorflow1
try:
    tensorflow1.load()
except errors.TensorFlowError as error:
    print(error)
"""
NEEDED = "Python runs without docstrings (PYTHONOPTIMIZE=2), which this TensorFlow needs."


def said(root, tmpdir, text, optimize):
    """What is said of a tensorflow with this text."""
    tmpdir.join("tensorflow.py").write(text)
    path = os.pathsep.join([str(tmpdir), os.path.join(root, "python2.7libs")])
    return subprocess.check_output(
        [sys.executable, "-c", LOAD],
        env=dict(os.environ, PYTHONPATH=path, PYTHONOPTIMIZE=optimize, PYTHONDONTWRITEBYTECODE="1"),
    ).decode("utf-8").splitlines()


def test_a_tensorflow_that_misses_its_docstrings_says_why(root, tmpdir):
    lines = said(root, tmpdir, '"""Text."""\n__doc__ + "more"\n', "2")
    assert len(lines) == 3
    assert lines[1].startswith("TypeError: ") and lines[1].endswith(". " + NEEDED)


@pytest.mark.parametrize(
    "text, optimize", [("raise TypeError('other')", "1"), ("raise ImportError('no library')", "2")]
)
def test_other_failures_are_not_put_down_to_docstrings(root, tmpdir, text, optimize):
    lines = said(root, tmpdir, text, optimize)
    assert len(lines) == 3
    assert NEEDED not in lines[1]
