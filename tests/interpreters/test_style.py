"""ruff's rules of ruff.toml hold; run where the newest tools are installed."""

import subprocess
import sys

import pytest

import environments


def test_ruff_has_nothing_to_say(root):
    asked = subprocess.Popen(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "concise", "."],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complaint = (text.decode("utf-8", "replace") for text in asked.communicate())
    if "No module named" in complaint:
        reason = "ruff is not installed; requirements-test.txt has it"
        (pytest.fail if environments.in_ci() else pytest.skip)(reason)
    assert (said.strip(), asked.returncode) == ("All checks passed!", 0), complaint
