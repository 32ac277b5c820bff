"""docs/own_network.md: its example is the file beside it, and its commands do what they say."""

import importlib
import io
import os
import re
import sys

import mnist_train
import pytest

import cook
from mlinference import __main__ as command
from mlinference import classifier


@pytest.fixture(scope="module")
def page():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with io.open(os.path.join(root, "docs", "own_network.md"), encoding="utf-8") as stream:
        return stream.read()


def test_the_example_is_the_file(root, page):
    (shown,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    path = os.path.join(root, "docs", "examples", "time_of_day.py")
    with io.open(path, encoding="utf-8") as stream:
        assert shown == stream.read()


def test_every_link_leads_to_a_file(root, page):
    links = re.findall(r"\]\(([^)#]+)\)", page)
    assert len(links) >= 2
    assert [link for link in links if not os.path.isfile(os.path.join(root, "docs", link))] == []


def commands(page):
    """Return the arguments after `python` of every command."""
    lines = re.findall(r"^    python (.*)$", page, re.MULTILINE)
    return [[str(word) for word in line.split()] for line in lines]


@pytest.mark.tensorflow
def test_the_commands_train_and_use_the_example(root, page, tmpdir, monkeypatch, capsys):
    pytest.importorskip("PIL")
    monkeypatch.syspath_prepend(os.path.join(root, "docs", "examples"))
    folder = str(tmpdir.join("build")).replace(os.sep, "/")
    draw, train, classify, cooked = [
        [word.replace("build/", folder + "/", 1) if word.startswith("build/") else word for word in words]
        for words in commands(page)
    ]
    assert draw[0] == "docs/examples/draw_skies.py"
    importlib.import_module("draw_skies").main(draw[1:])
    assert capsys.readouterr().out == "Wrote 60 skies of each kind to '%s/skies'.\n" % folder

    assert train[0] == "scripts/mnist_train.py"
    assert mnist_train.main(train[1:]) == 0
    out = capsys.readouterr().out
    assert "time_of_day:network (3699 parameters)" in out
    test = float(re.search(r'"test": ([0-9.]+)', out.splitlines()[-1]).group(1))
    assert test > 0.9

    try:
        assert classify[:2] == ["-m", "mlinference"]
        assert command.main(classify[2:]) == 0
        rows = [line.split(",") for line in capsys.readouterr().out.splitlines()[1:]]
        assert len(rows) == 60
        assert sum(row[2] == "night" for row in rows) > 54

        assert cook.main(cooked[1:]) == 0
        answers = re.findall(r": (\w+) ", capsys.readouterr().out)
        assert len(answers) == 60 and answers.count("dusk") > 54
    finally:
        classifier.clear()
        for name in ("draw_skies", "time_of_day"):
            sys.modules.pop(name, None)
