"""The cook of ML Inference: a node in, detail attributes out.

The names of the asset's parameters and attributes stand here and nowhere else in the code;
a test compares them with `DialogScript`.
"""

import collections

import hou
import numpy

from mlinference import answer, classifier, errors, readings
from mlinference._compat import native, whole
from mlinference.houdini import (
    attributes,
    figures,
    following,
    parameters,
    pixels,
    preview,
    timeline,
)

# Parameter -> the tokens of its menu, or None for any other kind.
PARAMETERS = collections.OrderedDict(
    (
        ("copnode", None),
        ("checkpoint", None),
        ("network", None),
        ("source", ("auto", "path", "input")),
        ("plane", None),
        ("channel", ("luminance",) + pixels.CHANNELS),
        ("transfer", ("auto", "linear", "display")),
        ("ink", ("auto", "dark", "light")),
        ("fit", ("auto", "exact", "stretch", "centre")),
        ("read", ("one", "shapes")),
        ("engine", classifier.ENGINES),
        ("device", classifier.DEVICES),
        ("autorecook", None),
        ("animated", ("auto", "on", "off")),
        ("smoothing", ("none", "majority", "mean")),
        ("window", None),
        ("preview", ("none", "picture", "probabilities", "layers", "evidence")),
        ("attribute", None),
        ("threshold", None),
        ("fallback", None),
        ("writelabel", None),
        ("writeconfidence", None),
        ("writemargin", None),
        ("writerunnerup", None),
        ("writeprobabilities", None),
        ("writemodel", None),
        ("writewarning", None),
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

ALL_ENDS = [end for ends in ATTRIBUTES.values() for end in ends] + [figures.TEXT]

SINCE_1_0 = [name for name in PARAMETERS if name not in LATER]

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
        # What is too small or too large is looked for where it matters, whatever the host raises.
        with numpy.errstate(all="ignore"):
            settings = read_settings(node)
            following.update(node, settings)
            reading, model = classify(node, settings)
            write(node.geometry(), settings, reading, model)
    except errors.InferenceError as error:
        failure = whole(error)
    # Outside of the except block, lest Python 3 show the cause as a second traceback.
    if failure is not None:
        raise hou.NodeError(failure)
    _warn(reading.cautions)


def read_settings(node):
    """Evaluate every parameter once; what needs no text in one call, for there are many.

    Raises:
        errors.SettingError: One cannot be evaluated, or has chosen what its menu lacks.
    """
    evaluated = parameters.evaluated
    values = {name: evaluated(node, name, PARAMETERS[name]) for name in SINCE_1_0}
    values.update((name, value(node, name)) for name in LATER)
    values["attribute"] = native(values["attribute"]).strip()
    return Settings(**values)


def value(node, name):
    """Evaluate one parameter of PARAMETERS; errors as `read_settings`'s."""
    if name in LATER and node.parm(name) is None:
        return LATER[name]
    return parameters.evaluated(node, name, PARAMETERS[name])


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
    """Write the answer; without a preview or shapes all that the input brought stays, but for another node's answer."""
    ends, name = enabled(settings), settings.attribute
    if settings.preview != "none" or reading.shapes is not None:
        geometry.clear()
    kin = [name + end for end in ALL_ENDS]
    gone = attributes.write(geometry, name_values(name, ends, reading, model), kin)
    if name + figures.TEXT in gone:
        # The input comes through a node like this one: its shapes have another answer.
        figures.forget(geometry, name)
    if reading.shapes is not None:
        figures.write(geometry, reading, name, ends)
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
        "_checkpoint": whole(model.checkpoint.prefix),
        "_warning": _joined(reading.cautions),
    }
    named = [(name, found.index)] + [(name + end, values[end]) for end in ends]
    return named if reading.shapes is None else named + [(name + figures.TEXT, native(reading.text))]


def _joined(cautions):
    return "\n\n".join(whole(caution) for caution in cautions)


def _warn(cautions):
    # Houdini 18 and older are not known to have NodeWarning; there the string attribute is
    # all that tells.
    warning = getattr(hou, "NodeWarning", None)
    if cautions and warning is not None:
        raise warning(_joined(cautions))
