"""The cook of ML Inference: a node in, detail attributes out.

The names of the asset's parameters and attributes stand here and nowhere else in the code;
a test compares them with `DialogScript`.
"""

import collections

import hou

from mlinference import answer, classifier, errors, readings
from mlinference._compat import native
from mlinference.houdini import attributes, figures, following, preview, timeline

# Parameter -> how HOM evaluates it. Menus answer with their token, never with its position.
PARAMETERS = collections.OrderedDict(
    (
        ("copnode", "eval"),
        ("checkpoint", "eval"),
        ("network", "eval"),
        ("source", "evalAsString"),
        ("plane", "eval"),
        ("channel", "evalAsString"),
        ("transfer", "evalAsString"),
        ("ink", "evalAsString"),
        ("fit", "evalAsString"),
        ("read", "evalAsString"),
        ("engine", "evalAsString"),
        ("device", "evalAsString"),
        ("autorecook", "eval"),
        ("animated", "evalAsString"),
        ("smoothing", "evalAsString"),
        ("window", "eval"),
        ("preview", "evalAsString"),
        ("attribute", "eval"),
        ("threshold", "eval"),
        ("fallback", "eval"),
        ("writelabel", "eval"),
        ("writeconfidence", "eval"),
        ("writemargin", "eval"),
        ("writerunnerup", "eval"),
        ("writeprobabilities", "eval"),
        ("writemodel", "eval"),
        ("writewarning", "eval"),
    )
)

# What a scene's own, older copy of the asset does not have, and what counts there.
LATER = {"network": ""}

# Each toggle and the ends of the attribute names that it switches, the prefix being the
# Attribute parameter.
ATTRIBUTES = collections.OrderedDict(
    (
        ("writelabel", ("_label",)),
        ("writeconfidence", ("_confidence",)),
        ("writemargin", ("_margin",)),
        ("writerunnerup", ("_runnerup",)),
        ("writeprobabilities", ("_probabilities",)),
        ("writemodel", ("_engine", "_checkpoint")),
        ("writewarning", ("_warning",)),
    )
)

# Of several shapes, the labels as one word.
TEXT = "_text"

Settings = collections.namedtuple("Settings", list(PARAMETERS))


def cook(node):
    """Classify the picture that the node points at and write the answer to its detail.

    Args:
        node: The cooking hou.SopNode.

    Raises:
        hou.NodeError: The picture, the checkpoint or the engine cannot be used; three lines.
        hou.NodeWarning: The answer was written, but is doubtful. Raised last, for geometry
            survives a warning and nothing after it runs.
    """
    failure = None
    try:
        settings = read_settings(node)
        following.update(node, settings)
        reading, model = classify(node, settings)
        write(node.geometry(), settings, reading, model)
    except errors.InferenceError as error:
        failure = str(error)
    # Outside of the except block, lest Python 3 show the cause as a second traceback.
    if failure is not None:
        raise hou.NodeError(failure)
    _warn(reading.cautions)


def read_settings(node):
    """Evaluate every parameter once; what needs no text in one call, for there are many."""
    return Settings(*[_evaluated(node, name, how) for name, how in PARAMETERS.items()])


def _evaluated(node, name, how):
    if name in LATER and node.parm(name) is None:
        return LATER[name]
    return node.evalParm(name) if how == "eval" else getattr(node.parm(name), how)()


def classify(node, settings):
    """Read the node's picture, at all the frames that the answer needs.

    Returns:
        (readings.Reading, classifier.Classifier).
    """
    pages, current = timeline.read(node, settings)
    model = classifier.shared(
        settings.checkpoint, settings.engine, settings.device, settings.network
    )
    return readings.read(pages, current, model, settings), model


def write(geometry, settings, reading, model):
    """Write the answer; without a preview or shapes the input's geometry stays as it is."""
    ends = enabled(settings)
    if settings.preview != "none" or reading.shapes is not None:
        geometry.clear()
    attributes.write(geometry, name_values(settings.attribute, ends, reading, model))
    if reading.shapes is not None:
        figures.write(geometry, reading, settings.attribute, ends)
    if settings.preview != "none":
        preview.show(geometry, settings.preview, reading, model)


def enabled(settings):
    """Return the ends of the attribute names that are switched on."""
    return [end for toggle, ends in ATTRIBUTES.items() if getattr(settings, toggle) for end in ends]


def name_values(name, ends, reading, model):
    """Pair the detail attributes with their values: of the first shape, where there are several."""
    found = reading.answers[0] if reading.answers else answer.nothing(len(model.labels))
    values = {
        "_label": native(found.label),
        "_confidence": found.confidence,
        "_margin": found.margin,
        "_runnerup": found.runner_up,
        "_probabilities": found.probabilities,
        "_engine": native(model.engine),
        "_checkpoint": native(model.checkpoint.prefix),
        "_warning": _joined(reading.cautions),
    }
    named = [(name, found.index)] + [(name + end, values[end]) for end in ends]
    return named if reading.shapes is None else named + [(name + TEXT, native(reading.text))]


def _joined(cautions):
    return "\n\n".join(str(caution) for caution in cautions)


def _warn(cautions):
    # Houdini 18 and older are not known to have NodeWarning; there the string attribute is
    # all that tells.
    warning = getattr(hou, "NodeWarning", None)
    if cautions and warning is not None:
        raise warning(_joined(cautions))
