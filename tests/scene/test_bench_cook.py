"""The measurement of a cook: its parts add up, and it leaves everything as it was."""

import bench_cook
import pytest

from mlinference import classifier, picture
from mlinference.houdini import cook


@pytest.fixture
def measured(houdini):
    return bench_cook.measured(bench_cook.TURN)


def test_every_part_is_measured_and_none_takes_longer_than_the_whole(measured):
    whole = measured[bench_cook.WHOLE]
    assert list(measured) == [bench_cook.WHOLE] + list(bench_cook.PARTS) + [bench_cook.REST]
    for name in bench_cook.PARTS:
        assert 0 <= measured[name].inside <= measured[name].seconds
        assert measured[name].inside < whole.inside or not whole.calls


def test_the_calls_of_hou_are_counted_where_they_are_made(measured):
    calls = {name: measured[name].calls for name in bench_cook.PARTS}
    assert calls["prepare it"] == calls["look up the network"] == calls["decide"] == 0
    assert calls["read settings"] >= len(cook.PARAMETERS)
    assert calls["write attributes"] >= 9
    assert measured[bench_cook.WHOLE].calls >= sum(calls.values())


def test_nothing_stays_wrapped(houdini):
    before = [cook.cook, cook.write, picture.prepare, classifier.Classifier.predict]
    methods = [vars(each) for each in bench_cook._classes(houdini)]
    kept = [dict(each) for each in methods]
    bench_cook.measured(bench_cook.TURN)
    assert [cook.cook, cook.write, picture.prepare, classifier.Classifier.predict] == before
    assert [dict(each) for each in methods] == kept


def test_a_cook_that_takes_too_long_is_marked():
    slow, quick = bench_cook.Time(0.2e-3, 0.1e-3, 3), bench_cook.Time(0.1e-3, 0.0, 0)
    marks = [reached for _, _, _, reached in bench_cook.rows({bench_cook.WHOLE: slow})]
    assert marks == [False, True, True]
    marks = [reached for _, _, _, reached in bench_cook.rows({bench_cook.WHOLE: quick})]
    assert marks == [True, True, True]
