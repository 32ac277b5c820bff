# -*- coding: utf-8 -*-
"""Text and paths between the system, HOM and the console."""

import collections
import os
import sys

import numpy
import pytest

from mlinference import _compat, checkpoint, results

JAPANESE = u"学習 済み"
PYTHON_3 = not _compat.PYTHON_2

Stream = collections.namedtuple("Stream", "encoding errors")


def native(text):
    return text if PYTHON_3 else text.encode("utf-8")


@pytest.mark.skipif(not PYTHON_3, reason="Python 2 has bytes for paths")
def test_a_path_of_the_c_locale_is_whole_for_hom_and_as_it_was_for_the_system(monkeypatch):
    listed = JAPANESE.encode("utf-8").decode("ascii", "surrogateescape")
    assert _compat.whole(listed) == JAPANESE
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: "ascii")
    monkeypatch.setattr(os, "fsdecode", lambda path: path.decode("ascii", "surrogateescape"))
    assert _compat.system_path(JAPANESE) == _compat.system_path(listed) == listed


def test_elsewhere_paths_stay_as_they_are():
    assert _compat.system_path(native(JAPANESE)) == native(JAPANESE)
    assert _compat.system_path(JAPANESE) == native(JAPANESE)


@pytest.mark.skipif(not PYTHON_3, reason="Python 2 prints bytes")
@pytest.mark.parametrize(
    "stream, shown",
    [
        (Stream("utf-8", "strict"), u"学"),
        (Stream("cp1252", "strict"), u"\\u5b66"),
        (Stream("ascii", "surrogateescape"), u"\udce5\udcad\udca6"),
        (None, u"\\u5b66"),
    ],
)
def test_a_stream_is_given_what_it_can_show(stream, shown):
    assert _compat.printable(u"学", stream) == shown


def test_what_has_no_meaning_is_replaced():
    assert _compat.whole(b"a\xff") == native(u"a�")


def test_what_is_renamed_into_place_is_on_the_disk_before(tmpdir, monkeypatch):
    done = []
    monkeypatch.setattr(_compat, "settle", lambda path: done.append(("settle", os.path.basename(path))))
    monkeypatch.setattr(_compat, "replace", lambda source, target: done.append(("replace", os.path.basename(source))))
    checkpoint.write(str(tmpdir.join("a.ckpt")), {"W": numpy.ones((784, 10), "f"), "b": numpy.ones(10, "f")}, {})
    results.write(str(tmpdir.join("a.csv")), [])
    kinds = [kind for kind, _ in done]
    assert kinds == ["settle"] * 3 + ["replace"] * 3 + ["settle", "replace"]
    assert sorted(name for kind, name in done if kind == "settle") == sorted(
        name for kind, name in done if kind == "replace"
    )
