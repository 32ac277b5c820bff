"""What a run leaves for people: `metrics.csv`, and three pictures if there is matplotlib."""

from __future__ import division

import io
import os
import warnings

import numpy

COLUMNS = ("step", "loss", "accuracy", "entropy", "rate", "seconds")

# All that `write` may write.
FILES = ("metrics.csv", "curves.png", "confusion.png", "mistakes.png")

# Inches of the confusion matrix, and classes whose names and numbers fit into it.
LARGEST_SIDE = 22.0
MOST_NAMED = 40

# How matplotlib warns, a line a letter, of scripts that its font lacks; they are drawn as boxes.
LACKING = "Glyph .* missing from"

# Mistakes on a sheet, the most confident first.
SHOWN = 40


def write(folder, history, labels, test, probabilities, shape):
    """Write the report.

    Args:
        folder: Made if need be.
        history: loop.Run's.
        labels: The classes' names.
        test: dataset.Split.
        probabilities: float [N, classes] of the test pictures; None leaves their pictures out.
        shape: (height, width, channels) of a picture.

    Returns:
        Names of the files that were written.
    """
    if not os.path.isdir(folder):
        os.makedirs(folder)
    metrics(os.path.join(folder, "metrics.csv"), history)
    written = ["metrics.csv"]
    pyplot = plotter()
    if pyplot is None:
        return written
    written.append(_save(pyplot, folder, "curves.png", _curves(pyplot, history)))
    if probabilities is not None:
        table = confusion(test.labels, probabilities.argmax(1), len(labels))
        written.append(_save(pyplot, folder, "confusion.png", _confusion(pyplot, table, labels)))
        sheet = _mistakes(pyplot, labels, test, probabilities, shape)
        written.append(_save(pyplot, folder, "mistakes.png", sheet))
    return written


def metrics(path, history):
    """Write a run's history as a table of comma-separated values."""
    rows = [",".join(COLUMNS)]
    rows += [",".join("%.6g" % moment[name] for name in COLUMNS) for moment in history]
    with io.open(path, "wb") as stream:
        stream.write(("\n".join(rows) + "\n").encode("ascii"))


def confusion(labels, answers, classes):
    """Return int [classes, classes]: how often what (row) was taken for what (column)."""
    pairs = numpy.bincount(classes * labels + answers, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def worst(labels, probabilities, count=SHOWN):
    """Return the numbers of the wrongly classified pictures, the most confident first."""
    wrong = numpy.flatnonzero(probabilities.argmax(1) != labels)
    return wrong[numpy.argsort(-probabilities[wrong].max(1), kind="mergesort")][:count]


def plotter():
    """Return a pyplot that draws into files, or None without matplotlib."""
    try:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot
    except Exception:  # a broken installation raises more than ImportError
        return None
    return pyplot


def optimizers(path, runs):
    """Draw validation accuracy and loss of several runs in one picture.

    Args:
        path: PNG to write.
        runs: Mapping of name to history.

    Returns:
        Whether it was drawn: it is not without matplotlib.
    """
    pyplot = plotter()
    if pyplot is None:
        return False
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.5))
    for name, history in runs.items():
        steps = [moment["step"] for moment in history]
        left.plot(steps, [moment["loss"] for moment in history], marker=".", label=name)
        accuracy = [100 * moment["accuracy"] for moment in history]
        right.plot(steps, accuracy, marker=".", label="%s %.2f %%" % (name, max(accuracy)))
    left.set(xlabel="step", ylabel="loss (training)", yscale="log", title="Loss")
    right.set(xlabel="step", ylabel="%", title="Validation accuracy")
    left.legend()
    right.legend()
    _save(pyplot, os.path.dirname(path) or ".", os.path.basename(path), figure)
    return True


def _save(pyplot, folder, name, figure):
    # Filters are the process's, not a thread's: only while it draws, and no other thread of ours sets any.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", LACKING)
        figure.tight_layout()
        figure.savefig(os.path.join(folder, name), dpi=100)
    pyplot.close(figure)
    return name


def _curves(pyplot, history):
    steps = [moment["step"] for moment in history]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4.5))
    left.plot(steps, [moment["loss"] for moment in history], marker=".", label="training")
    left.plot(steps, [moment["entropy"] for moment in history], marker=".", label="validation")
    left.set(xlabel="step", yscale="log", title="Cross entropy")
    left.legend()
    right.plot(steps, [100 * moment["accuracy"] for moment in history], marker=".")
    right.set(xlabel="step", ylabel="%", title="Validation accuracy")
    return figure


def _confusion(pyplot, table, labels):
    side = min(max(5.0, 0.55 * len(labels)), LARGEST_SIDE)
    figure, axes = pyplot.subplots(figsize=(side, side))
    # Rows are scaled to their sums, or one large class would hide the others.
    axes.imshow(table / numpy.maximum(table.sum(1)[:, None], 1), cmap="Blues", vmin=0, vmax=1)
    axes.set(xlabel="taken for", ylabel="was", title="Test pictures")
    if len(labels) > MOST_NAMED:
        # Neither names nor numbers could be read; matplotlib numbers some of the rows.
        return figure
    places = range(len(labels))
    named = [_plain(label) for label in labels]
    axes.set(xticks=places, yticks=places, xticklabels=named, yticklabels=named)
    for row in places:
        for column in places:
            if table[row, column]:
                colour = "white" if row == column else "black"
                axes.text(
                    column,
                    row,
                    table[row, column],
                    ha="center",
                    va="center",
                    color=colour,
                    fontsize=8,
                )
    return figure


def _plain(label):
    """Return a label for matplotlib, to which dollar signs mean formulas."""
    return label.replace("$", "\\$")


def _mistakes(pyplot, labels, test, probabilities, shape):
    chosen = worst(test.labels, probabilities)
    figure, grid = pyplot.subplots(5, 8, figsize=(11, 8))
    for axes in grid.ravel():
        axes.axis("off")
    for axes, index in zip(grid.ravel(), chosen):
        shown = test.pictures[index].reshape(shape)
        axes.imshow(shown if shape[2] == 3 else shown[:, :, 0], cmap="gray_r")
        answer = probabilities[index].argmax()
        said = "%s for %s, %.2f" % (
            _plain(labels[answer]),
            _plain(labels[test.labels[index]]),
            probabilities[index].max(),
        )
        axes.set_title(said, fontsize=8)
    figure.suptitle("The most confident mistakes")
    return figure
