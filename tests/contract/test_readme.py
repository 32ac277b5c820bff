"""README is compared with what it describes, and its commands are run as far as is cheap."""

import io
import os
import re
import subprocess
import sys

import pytest

import readme


@pytest.fixture(scope="module")
def text():
    with io.open(readme.README, encoding="utf-8") as stream:
        return stream.read()


def test_the_tables_are_those_of_the_code():
    assert readme.main(["--check"]) == 0


def test_a_table_that_is_behind_is_noticed(monkeypatch, tmpdir, text):
    changed = tmpdir.join("README.md")
    changed.write_text(text.replace("| COP Path |", "| COP Road |"), "utf-8")
    monkeypatch.setattr(readme, "README", str(changed))
    assert readme.main(["--check"]) == 1


def commands(text):
    """Return the scripts that README tells its readers to run."""
    return sorted(
        set(
            re.findall(
                r"python (?:mlinference/)?(scripts/\w+\.py|mnist_train\.py|tests/\w+\.py)", text
            )
        )
    )


def test_readme_names_scripts_at_all(text):
    assert "scripts/install.py" in commands(text)


def test_the_commands_of_readme_answer_to_help(root, text):
    scripts = [name for name in commands(text) if name.startswith("scripts/")]
    if sys.version_info[0] == 2:
        # It makes the environments of 2.7, and runs in a newer one.
        scripts.remove("scripts/matrix.py")
    for script in scripts:
        out = subprocess.check_output([sys.executable, os.path.join(root, script), "--help"])
        assert b"usage" in out, script


def test_every_script_that_readme_names_is_there(root, text):
    missing = [
        name
        for name in commands(text)
        if not os.path.exists(os.path.join(root, name))
        and not os.path.exists(os.path.join(root, "scripts", name))
    ]
    assert missing == []


def test_every_make_target_that_readme_names_is_there(root, text):
    with io.open(os.path.join(root, "Makefile"), encoding="utf-8") as stream:
        makefile = stream.read()
    named = set(re.findall(r"(?:`|^ +)make ([a-z]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= named
    assert [
        name for name in sorted(named) if not re.search(r"^%s:" % name, makefile, re.MULTILINE)
    ] == []


def test_every_link_within_readme_leads_somewhere(root, text):
    heads = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            assert target[1:] in heads
        elif "://" not in target:
            assert os.path.exists(os.path.join(root, target)), target
