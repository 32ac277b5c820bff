"""The table of environments in README.md: a row for each, and only of a run that passed as a whole."""

import io
import os
import sys

import pytest

import environments

if sys.version_info >= (3, 8):
    import matrix
else:
    matrix = None

NAMES = [environment.name for environment in environments.ENVIRONMENTS]
needs_matrix = pytest.mark.skipif(matrix is None, reason="scripts/matrix.py is for Python 3.8+")


@pytest.fixture
def readme(tmpdir, monkeypatch):
    """A README of its own for scripts/matrix.py, and no environment is run or waited for."""
    path = tmpdir.join("README.md")
    path.write("<!-- matrix -->\nas it was\n<!-- /matrix -->\n")
    monkeypatch.setattr(matrix, "README", str(path))
    monkeypatch.setattr(matrix, "TABLE", str(tmpdir.join("matrix.md")))
    monkeypatch.setattr(matrix, "RESULTS", str(tmpdir.join("matrix")))
    monkeypatch.setattr(environments, "cache", lambda: str(tmpdir.join("cache")))
    return path


def running(monkeypatch, results):
    """Let each environment end with what `results` says, else with a pass."""

    def run(names):
        for name in names:
            matrix.Record(name).add("environment", results.get(name, matrix.PASSED))
        return matrix.FAILED in results.values()

    monkeypatch.setattr(matrix, "run", run)


def test_readme_has_a_row_for_each_environment(root):
    with io.open(os.path.join(root, "README.md"), encoding="utf-8") as stream:
        table = stream.read().split("<!-- matrix -->")[1].split("<!-- /matrix -->")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n") if line]
    found = [(row[0], row[1].rpartition(".")[0], row[2] != "none") for row in rows[2:]]
    assert found == [
        (", ".join(sorted(each.houdinis)) or "none", each.python, each.tensorflow)
        for each in environments.ENVIRONMENTS
    ]


@needs_matrix
def test_readme_gets_a_row_for_each_environment_that_passed(readme, monkeypatch):
    running(monkeypatch, {})
    assert matrix.main(["--readme"]) == 0
    assert readme.read().count("| passed |\n") == len(NAMES)


@needs_matrix
@pytest.mark.parametrize("arguments", [NAMES[:1], ["--ci"]])
def test_a_part_of_the_environments_is_no_table_for_readme(readme, monkeypatch, capsys, arguments):
    running(monkeypatch, {})
    with pytest.raises(SystemExit):
        matrix.main(arguments + ["--readme"])
    assert "--readme takes neither names nor --ci" in capsys.readouterr()[1]
    assert "as it was" in readme.read()
    assert matrix.main(arguments) == 0


@needs_matrix
@pytest.mark.parametrize("result", ["FAILED", "skipped"])
def test_readme_keeps_its_table_unless_all_pass(readme, monkeypatch, capsys, result):
    running(monkeypatch, {NAMES[3]: result})
    assert matrix.main(["--readme"]) == 1
    assert "README.md keeps its table" in capsys.readouterr()[1]
    assert "as it was" in readme.read()
