# -*- coding: utf-8 -*-
"""Messages: three short lines, whatever the raise site passes."""

import copy
import inspect
import pickle
import string

import pytest

from mlinference import errors
from mlinference._compat import native

MESSAGES = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.Message) and kind.PROBLEM
]


def sample(kind, value="x"):
    fields = [
        field
        for line in (kind.PROBLEM, kind.FOUND, kind.REMEDY)
        for _, field, _, _ in string.Formatter().parse(line)
        if field
    ]
    return kind(**dict.fromkeys(fields, value))


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_every_message_is_three_lines_that_end_as_sentences(kind):
    lines = str(sample(kind)).split("\n")
    assert len(lines) == 3
    for line in (lines[0], lines[2]):
        assert line.endswith("."), line
    assert "!" not in "".join(lines)
    assert "Error" not in lines[0]


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_a_value_of_many_lines_stays_on_its_line_and_short(kind):
    assert len(str(sample(kind, "a\nb" * 10000)).split("\n")) == 3
    assert max(len(line) for line in str(sample(kind, "a\nb" * 10000)).split("\n")) < 1500


def test_one_class_a_cure():
    remedies = [(kind.__mro__[1], kind.PROBLEM, kind.REMEDY) for kind in MESSAGES]
    assert len(set(remedies)) == len(remedies)


def test_text_beyond_ascii_is_kept():
    message = errors.AnswerMissing(attribute="result", node=u"/obj/数字")
    assert native(u"/obj/数字") in str(message)


def test_braces_in_a_value_are_only_text():
    assert "{oops}" in str(errors.AttributeNameInvalid(name="{oops}"))


def test_an_error_survives_copying_and_pickling():
    error = errors.AttributeNameInvalid(name="my attr")
    assert str(copy.copy(error)) == str(error)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
