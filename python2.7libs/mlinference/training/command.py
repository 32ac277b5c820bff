"""What `scripts/mnist_train.py` does with its options, in order."""

from __future__ import division, print_function

import json
import platform
import sys
import time

import numpy

import mlinference
from mlinference import errors, networks
from mlinference.training import dataset, download, graph, loop, progress, recipes, saving

# Knobs of a recipe that the command line may change.
CHANGES = ("network", "steps", "epochs", "batch", "rate")


def train(options):
    """Train and save; return the exit code.

    Raises:
        errors.InferenceError: If anything the user gave does not do.
    """
    table = recipe(options)
    network = networks.named(table["network"])
    if network is None:
        known = "', '".join(each.name for each in networks.NETWORKS)
        raise errors.NetworkUnknown(name=table["network"], known=known)
    prefix = options.out or "data/%s.ckpt" % network.name
    saving.check(prefix, options.force)
    data = dataset.mnist(options.data or download.mnist(print), options.seed)
    for line in data.remarks:
        print(line)
    began = time.time()
    trainer = graph.Trainer(network, len(data.labels), table, options.seed, options.threads)
    served = graph.Served(trainer.tf, network, len(data.labels), options.threads)
    run = loop.Run(trainer, served, data, table, options.seed, progress.Progress())
    print(
        "%s (%d parameters), recipe %s, %d steps of %d, %s, TensorFlow %s"
        % (
            network.name,
            network.parameters(len(data.labels)),
            table["name"],
            run.steps,
            table["batch"],
            "bfloat16" if trainer.bfloat16 else "float32",
            trainer.tf.__version__,
        )
    )
    run.go()
    served.load(run.best)
    validation, test = accuracy(served, data.validation), accuracy(served, data.test)
    facts = sidecar(options, table, network, data, trainer, run, validation, test)
    facts["seconds"] = round(time.time() - began, 1)
    saving.save(served, prefix, facts)
    print("Test accuracy %.2f %% after %.0f s; wrote %s" % (100 * test, facts["seconds"], prefix))
    print(json.dumps({"checkpoint": prefix, "test": test, "validation": validation,
                      "steps": run.step, "seconds": facts["seconds"]}, sort_keys=True))
    return 0


def recipe(options):
    """Return the recipe's table with the command line's changes."""
    given = ((name, getattr(options, name, None)) for name in CHANGES)
    changes = dict((name, value) for name, value in given if value is not None)
    if "epochs" in changes:
        changes.setdefault("steps", 0)
    return recipes.recipe(options.recipe, **changes)


def accuracy(served, split):
    """Return the share of pictures that are classified as labelled."""
    return float((served.logits(split.pictures).argmax(1) == split.labels).mean())


def sidecar(options, table, network, data, trainer, run, validation, test):
    """Return what `PREFIX.json` says of the checkpoint beside it."""
    height, width, channels = network.shape
    return {
        "format": 1,
        "network": network.name,
        "classes": len(data.labels),
        "labels": list(data.labels),
        "input": {
            "height": height,
            "width": width,
            "channels": channels,
            "range": [0, 1],
            "ink": "light on dark",
        },
        "temperature": 1.0,
        "accuracy": {"validation": validation, "test": test},
        "recipe": table,
        "seed": options.seed,
        "steps": run.step,
        "data": data.checksums,
        "bfloat16": trainer.bfloat16,
        "versions": {
            "mlinference": mlinference.__version__,
            "numpy": numpy.__version__,
            "python": platform.python_version(),
            "system": sys.platform,
            "tensorflow": str(trainer.tf.__version__),
        },
    }
