"""Recipes, schedules, first values, variation and temperature: all that needs no TensorFlow."""

import numpy
import pytest

from mlinference import errors, networks, sampling
from mlinference.training import ahead, augmentation, calibration, initial, loop, recipes, report

mnist_train = __import__("mnist_train")

# -- Recipes ----------------------------------------------------------------------------------


def test_the_articles_recipe_is_the_articles():
    table = recipes.recipe("article")
    wanted = {
        "network": "convolutional",
        "batch": 50,
        "steps": 20000,
        "optimizer": "adam",
        "rate": 1e-4,
        "schedule": "constant",
        "warmup": 0.0,
        "keep_prob": 0.5,
        "initial": "article",
        "loss": "sum",
        "augmentation": "",
        "mixture": False,
        "l2": 0.0,
        "average": 0.0,
        "bfloat16": False,
    }
    assert {name: table[name] for name in wanted} == wanted


def test_a_recipe_that_is_none_is_answered_with_those_that_are():
    with pytest.raises(errors.RecipeUnknown) as caught:
        recipes.recipe("soup")
    assert str(caught.value) == (
        "No recipe is called 'soup'.\n"
        "There are 'article', 'compact', 'convolutional', 'digits', 'perceptron', 'softmax', "
        "'thorough'.\n"
        "Give one of these as '--recipe'."
    )


@pytest.mark.parametrize(
    "knob, option, value",
    [
        ("batch", "--batch", 0),
        ("batch", "--batch", 999999999999),
        ("steps", "--steps", -1),
        ("steps", "--steps", 10**12),
        ("epochs", "--epochs", 0),
        ("epochs", "--epochs", 1e308),
        ("beginnings", "--beginnings", 10**12),
        ("rate", "--learning-rate", float("nan")),
        ("keep_prob", "--keep-prob", 1.5),
    ],
)
def test_a_knob_out_of_range_is_refused_by_the_name_of_its_option(knob, option, value):
    with pytest.raises(errors.KnobInvalid) as caught:
        recipes.recipe("convolutional", **{knob: value})
    assert caught.value.problem == "'%s' cannot be %s." % (option, value)
    known = mnist_train.arguments().parse_args([option, str(value)])
    assert str(getattr(known, knob)) == str(float(value) if knob == "epochs" else value)


def test_as_many_batches_are_made_as_are_asked_for():
    made = ahead.Ahead(lambda: "batch", 10**12)
    try:
        # Not `next`, which waits for ever where none are made.
        assert made._queue.get(timeout=30) == ("batch", None)
    finally:
        made.close()


def test_every_recipes_network_exists():
    for name in recipes.RECIPES:
        assert networks.named(recipes.recipe(name)["network"]) is not None


def test_a_warm_up_rises_and_a_cosine_falls_to_nothing():
    table = recipes.recipe("convolutional", rate=1.0, warmup=0.1, schedule="cosine")
    rates = [recipes.rate(table, step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == 1.0
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.001


def test_a_staircase_has_three_steps_and_a_constant_one():
    table = recipes.recipe("convolutional", rate=1.0, warmup=0.0, schedule="staircase")
    assert [recipes.rate(table, step, 4) for step in range(4)] == [1.0, 1.0, 0.1, 0.01]
    table = recipes.recipe("article")
    assert {recipes.rate(table, step, 4) for step in range(4)} == {1e-4}


# -- First values -----------------------------------------------------------------------------


def test_the_articles_first_values_are_truncated_normal_and_a_tenth():
    first = initial.values(networks.CONVOLUTIONAL, 10, "article", 0)
    assert numpy.abs(first["W_fc1"]).max() <= 0.2
    # Cut off at two standard deviations, a normal distribution has 0.88 of its spread left.
    assert first["W_fc1"].std() == pytest.approx(0.088, abs=0.001)
    assert set(first["b_fc1"]) == {numpy.float32(0.1)}


def test_our_first_values_keep_the_variance():
    first = initial.values(networks.CONVOLUTIONAL, 10, "he", 0)
    assert first["W_fc1"].std() == pytest.approx((2 / 3136.0) ** 0.5, rel=0.01)
    assert not first["b_fc1"].any()


def test_first_values_come_from_the_seed():
    one, again, other = (initial.values(networks.COMPACT, 10, "he", seed) for seed in (3, 3, 4))
    assert all(numpy.array_equal(one[name], again[name]) for name in one)
    assert not numpy.array_equal(one["W_conv1"], other["W_conv1"])


# -- Variation --------------------------------------------------------------------------------


@pytest.fixture
def pictures():
    made = numpy.zeros((6, 28, 28), numpy.float32)
    made[:, 8:20, 12:15] = 1.0
    return made.reshape(6, 784)


def test_an_empty_table_changes_nothing(pictures):
    varied = augmentation.vary(pictures, {}, numpy.random.RandomState(0))
    assert numpy.allclose(varied, pictures, atol=1e-5)


def test_a_shift_moves_the_ink(pictures):
    steps = numpy.arange(28, dtype=numpy.float32) - 13.5
    x = numpy.tile(steps, 28)[None].repeat(6, 0)
    y = numpy.repeat(steps, 28)[None].repeat(6, 0)
    moved = sampling.sample(pictures, x - 2, y + 3, (28, 28, 1)).reshape(6, 28, 28)
    wanted = numpy.roll(numpy.roll(pictures.reshape(6, 28, 28), 2, axis=2), -3, axis=1)
    assert numpy.allclose(moved, wanted, atol=1e-5)


@pytest.mark.parametrize("name", sorted(augmentation.TABLES))
def test_varied_pictures_are_still_pictures(pictures, name):
    varied = augmentation.vary(pictures, augmentation.TABLES[name], numpy.random.RandomState(0))
    assert varied.shape == (6, 784)
    assert varied.dtype == numpy.float32
    assert varied.min() >= 0.0 and varied.max() <= 1.0
    assert (varied.max(1) > 0.5).all()
    assert numpy.abs(varied - pictures).max(1).min() > 0.1


def test_variation_comes_from_the_seed(pictures):
    table = augmentation.TABLES["strong"]
    one, again, other = (
        augmentation.vary(pictures, table, numpy.random.RandomState(seed)) for seed in (1, 1, 2)
    )
    assert numpy.array_equal(one, again)
    assert not numpy.array_equal(one, other)


# -- Temperature ------------------------------------------------------------------------------


def sure_by(factor, count=4000):
    """Return logits and labels for which a temperature of `factor` is right."""
    random = numpy.random.RandomState(0)
    logits = random.standard_normal((count, 5)) * 2
    chances = calibration.probabilities(logits, 1.0)
    labels = (random.uniform(size=(count, 1)) > chances.cumsum(1)).sum(1)
    return logits * factor, numpy.minimum(labels, 4)


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_undoes_too_much_and_too_little_confidence(factor):
    assert calibration.temperature(*sure_by(factor)) == pytest.approx(factor, rel=0.1)


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy():
    logits, labels = sure_by(3.0)
    unsound = calibration.expected_error(calibration.probabilities(logits, 1.0), labels)
    sound = calibration.expected_error(calibration.probabilities(logits, 3.0), labels)
    assert unsound > 0.1
    assert sound < 0.03
    # Always 0.9 sure and always right: a tenth too careful.
    probabilities = numpy.tile([0.9, 0.1], (50, 1))
    assert calibration.expected_error(probabilities, numpy.zeros(50, int)) == pytest.approx(0.1)


def test_cross_entropy_is_that_of_the_formula():
    logits = numpy.array([[1.0, 2.0], [3.0, 0.0]])
    wanted = -numpy.log([numpy.exp(2) / (numpy.exp(1) + numpy.exp(2)), 1 / (numpy.exp(3) + 1)])
    assert loop.cross_entropy(logits, numpy.array([1, 1])) == pytest.approx(wanted.mean())


# -- Reports ----------------------------------------------------------------------------------


def test_confusion_counts_what_was_taken_for_what():
    table = report.confusion(numpy.array([0, 0, 1, 2]), numpy.array([0, 1, 1, 0]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_the_worst_mistakes_are_the_most_confident():
    probabilities = numpy.array([[0.6, 0.4], [0.1, 0.9], [0.2, 0.8], [0.7, 0.3]])
    assert report.worst(numpy.array([1, 0, 1, 1]), probabilities).tolist() == [1, 3, 0]
    assert report.worst(numpy.array([1, 0, 1, 1]), probabilities, 1).tolist() == [1]


# -- Sizes that are promised ------------------------------------------------------------------


def test_digits_has_at_most_250_000_parameters_and_compact_650():
    assert networks.DIGITS.parameters() <= 250000
    assert networks.COMPACT.parameters() == 650
