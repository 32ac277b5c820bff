"""From probabilities to an answer."""

import pytest

from mlinference import answer

DIGITS = [str(digit) for digit in range(10)]


def probabilities(**given):
    values = [0.0] * 10
    for name, value in given.items():
        values[int(name[1:])] = value
    return values


def test_the_largest_probability_is_the_answer():
    found = answer.decide(probabilities(p3=0.7, p8=0.2, p5=0.1), DIGITS)
    assert (found.index, found.label, found.runner_up) == (3, "3", 8)
    assert found.confidence == pytest.approx(0.7)
    assert found.margin == pytest.approx(0.5)
    assert found.cautions == ()


def test_values_are_builtin_types_because_hom_refuses_numpy_scalars():
    numpy = pytest.importorskip("numpy")
    found = answer.decide(numpy.asarray(probabilities(p3=1.0), "float32"), DIGITS)
    assert type(found.index) is int
    assert type(found.runner_up) is int
    assert type(found.confidence) is float
    assert type(found.margin) is float
    assert {type(value) for value in found.probabilities} == {float}


def test_below_the_threshold_the_fallback_answers_and_says_what_it_might_be():
    found = answer.decide(probabilities(p4=0.45, p9=0.4), DIGITS, threshold=0.5, fallback=-1)
    assert (found.index, found.label) == (-1, "")
    assert found.confidence == pytest.approx(0.45)
    assert [str(caution) for caution in found.cautions] == [
        "Not sure what is drawn here.\n"
        "It may be '4' (0.45) or '9'; 'Not Sure Below' is 0.50.\n"
        "Draw it more clearly; 'Fallback' (-1) is used meanwhile."
    ]


def test_at_the_threshold_the_network_is_sure():
    assert answer.decide(probabilities(p4=0.5, p9=0.4), DIGITS, threshold=0.5).index == 4


def test_a_tie_goes_to_the_lower_class_every_time():
    assert answer.decide(probabilities(p2=0.5, p7=0.5), DIGITS).index == 2


def test_one_class_has_no_runner_up():
    found = answer.decide([1.0], ["cat"])
    assert (found.index, found.runner_up, found.margin) == (0, -1, 1.0)


def test_what_counts_less_leaves_the_rest_to_chance():
    numpy = pytest.importorskip("numpy")
    rows = numpy.array([[0.5, 0.25, 0.25, 0.0], [0.0, 0.0, 1.0, 0.0]])
    whole, half = answer.weighted(rows, [1.0, 0.5])
    assert whole.tolist() == [0.5, 0.25, 0.25, 0.0]
    assert half.tolist() == [0.125, 0.125, 0.625, 0.125]


def test_a_picture_without_ink_is_no_class_at_all():
    found = answer.nothing(10)
    assert (found.index, found.label, found.confidence) == (-1, "", 0.0)
    assert found.probabilities == (0.0,) * 10
