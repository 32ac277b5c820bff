"""How to train, as data: a recipe is a table of knobs with a unit or a reason each.

`article` is what the article of 2017 does. The others are ours, chosen on validation pictures.
"""

import math

from mlinference import errors, moments

DEFAULTS = {
    "network": "convolutional",
    # Pictures in a step.
    "batch": 128,
    # Times that every training picture is seen; `steps` overrides it when it is not 0.
    "epochs": 3.0,
    "steps": 0,
    # sgd, momentum, rmsprop, adam, or eigen (Adam along the axes in which the loss is curved).
    "optimizer": "adam",
    # The highest learning rate of the schedule.
    "rate": 2e-3,
    # constant, cosine (half a wave down to 0) or staircase (a tenth at 1/2 and at 3/4).
    "schedule": "cosine",
    # Part of all steps over which the rate rises in a line from 0.
    "warmup": 0.1,
    # Probability that dropout keeps a value; 1 is no dropout.
    "keep_prob": 0.5,
    # Weight of half the sum of squares of the kernels.
    "l2": 0.0,
    # he: normal, variance 2 / inputs, biases 0. article: truncated normal 0.1, biases 0.1.
    "initial": "he",
    # First values that are each trained for `trial` epochs; what is best by validation goes on.
    "beginnings": 1,
    "trial": 0.0,
    # mean or sum of the cross entropy over the pictures of a step (the article sums).
    "loss": "mean",
    # Decay a step of the moving average of the variables that is saved; 0 saves them as they are.
    "average": 0.0,
    # Names the tables of `augmentation`; empty is none.
    "augmentation": "",
    # moments: every drawing is first brought in line by `moments.align`. Empty: none is.
    "align": "",
    # Whether `mixture` is added to the data set.
    "mixture": False,
    # Validations without a better one after which training ends; 0 never.
    "patience": 0,
    # Validations a run.
    "validations": 12,
    # Multiply in bfloat16 where the processor has it.
    "bfloat16": True,
}

RECIPES = {
    "article": {
        "batch": 50,
        "steps": 20000,
        "rate": 1e-4,
        "schedule": "constant",
        "warmup": 0.0,
        "initial": "article",
        "loss": "sum",
        "validations": 20,
        "bfloat16": False,
    },
    "convolutional": {"epochs": 2.4, "augmentation": "light", "validations": 3},
    "thorough": {"epochs": 9.0, "augmentation": "light", "average": 0.999, "validations": 6},
    "softmax": {
        "network": "softmax",
        "optimizer": "sgd",
        "rate": 0.5,
        "epochs": 10.0,
        "batch": 100,
    },
    "perceptron": {
        "network": "perceptron",
        "epochs": 20.0,
        "keep_prob": 0.8,
        "augmentation": "light",
    },
    "compact": {
        "network": "compact",
        "batch": 256,
        "epochs": 100.0,
        "optimizer": "eigen",
        "rate": 4e-2,
        "warmup": 0.05,
        # So small a network's first values may be ones that it does not get away from.
        "beginnings": 4,
        "trial": 4.0,
        "keep_prob": 1.0,
        "average": 0.995,
        "align": "moments",
        "augmentation": "slight",
        "bfloat16": False,
    },
    "digits": {
        "network": "digits",
        "epochs": 22.0,
        "rate": 3e-3,
        "keep_prob": 0.7,
        "l2": 1e-5,
        "average": 0.999,
        "augmentation": "strong",
        "mixture": True,
    },
}


# A batch of more would fill the memory, and more steps or epochs than these come to no end.
LARGEST_BATCH = 65536
MOST_STEPS = 1000000000
MOST_EPOCHS = 1000000
# Each has its variables until the best goes on.
MOST_BEGINNINGS = 1000

# What a knob takes, in words and as a test.
FITTING = {
    "batch": (
        "whole numbers from 1 to %d" % LARGEST_BATCH,
        lambda value: 1 <= value <= LARGEST_BATCH,
    ),
    "steps": ("whole numbers from 0 to %d" % MOST_STEPS, lambda value: 0 <= value <= MOST_STEPS),
    "beginnings": (
        "whole numbers from 1 to %d" % MOST_BEGINNINGS,
        lambda value: 1 <= value <= MOST_BEGINNINGS,
    ),
    "epochs": (
        "numbers above 0, up to %d" % MOST_EPOCHS,
        lambda value: 0 < value <= MOST_EPOCHS,
    ),
    "rate": ("numbers above 0", lambda value: 0 < value < float("inf")),
    "keep_prob": ("numbers above 0, up to 1", lambda value: 0 < value <= 1),
    "l2": ("numbers from 0", lambda value: 0 <= value < float("inf")),
    "align": ("'moments', or nothing", lambda value: value in ("", moments.MOMENTS)),
    "patience": ("whole numbers from 0", lambda value: value >= 0),
}


# Of these the option is called otherwise than the knob.
OPTIONS = {"rate": "--learning-rate", "keep_prob": "--keep-prob", "bfloat16": "--float32"}


def option(name):
    """Return the option of `mnist_train.py` that a knob is changed with."""
    return OPTIONS.get(name, "--" + name)


def recipe(name, **changes):
    """Return the whole table called `name`, with `changes` to it.

    Raises:
        errors.RecipeUnknown: If there is none.
        errors.KnobInvalid: If a change is of no use.
    """
    if name not in RECIPES:
        raise errors.RecipeUnknown(name=name, known="', '".join(sorted(RECIPES)))
    table = dict(DEFAULTS, name=name)
    table.update(RECIPES[name])
    table.update(changes)
    for knob, (takes, fits) in FITTING.items():
        if not fits(table[knob]):
            raise errors.KnobInvalid(knob=option(knob), value=table[knob], takes=takes)
    return table


def rate(table, step, steps):
    """Return the learning rate of step `step`, from 0 to `steps` - 1."""
    rising = table["warmup"] * steps
    if step < rising:
        return table["rate"] * (step + 1) / rising
    done = (step - rising) / max(1.0, steps - rising)
    if table["schedule"] == "cosine":
        return table["rate"] * 0.5 * (1 + math.cos(math.pi * done))
    if table["schedule"] == "staircase":
        return table["rate"] * (0.01 if done >= 0.75 else 0.1 if done >= 0.5 else 1.0)
    return table["rate"]
