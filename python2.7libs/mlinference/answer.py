"""From probabilities to an answer: which class, how sure, and what to do when it is not sure."""

import collections

import numpy

from mlinference import errors

# A picture that holds nothing has no answer; no class has a negative number.
NOTHING = -1

Answer = collections.namedtuple(
    "Answer", "index label confidence margin runner_up probabilities cautions"
)


def decide(probabilities, labels, threshold=0.0, fallback=NOTHING):
    """Choose the class.

    Args:
        probabilities: float [classes], each 0 to 1, summing to 1.
        labels: The classes' names, in the same order.
        threshold: Confidence, 0 to 1, below which `fallback` is the answer.
        fallback: Class number, or -1.

    Returns:
        Answer of builtin int, str and float only, as HOM takes them; `runner_up` is -1 when
        there is only one class. The confidence stays the network's own when the fallback
        replaces its choice.
    """
    probabilities = numpy.asarray(probabilities).tolist()
    ranked = sorted(range(len(probabilities)), key=lambda number: -probabilities[number])
    best = ranked[0]
    runner_up = ranked[1] if len(ranked) > 1 else NOTHING
    confidence = probabilities[best]
    margin = confidence - (probabilities[runner_up] if len(ranked) > 1 else 0.0)
    cautions = ()
    chosen = best
    if confidence < threshold:
        chosen = int(fallback)
        cautions = (
            errors.NotSure(
                label=labels[best],
                confidence="%.2f" % confidence,
                runner_up=labels[runner_up] if len(ranked) > 1 else "nothing",
                threshold="%.2f" % threshold,
                fallback=chosen,
            ),
        )
    return Answer(
        chosen,
        label_of(chosen, labels),
        confidence,
        margin,
        runner_up,
        tuple(probabilities),
        cautions,
    )


def weighted(probabilities, weights):
    """Let the network count for so much and chance for the rest; which class leads stays.

    Args:
        probabilities: float [pictures, classes].
        weights: A number from 0 to 1 for each picture.

    Returns:
        float [pictures, classes], each row with the sum 1.
    """
    if min(weights) == 1:
        return probabilities
    weights = numpy.asarray(weights, numpy.float32)[:, None]
    return weights * probabilities + (1 - weights) / probabilities.shape[1]


def nothing(classes):
    """Return the answer for a picture without ink: -1, with no confidence in any class."""
    return Answer(NOTHING, "", 0.0, 0.0, NOTHING, (0.0,) * classes, ())


def label_of(index, labels):
    """Return the name of class `index`, or '' when there is no such class."""
    return labels[index] if 0 <= index < len(labels) else ""
