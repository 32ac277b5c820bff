"""The cook of ML Inference: a node in, detail attributes out.

The names of the asset's parameters and attributes stand here and nowhere else in the code;
a test compares them with `DialogScript`.
"""

import collections

import hou

from mlinference import answer, classifier, errors, picture
from mlinference._compat import native
from mlinference.houdini import attributes, source

# Parameter -> how HOM evaluates it. Menus answer with their token, never with its position.
PARAMETERS = collections.OrderedDict(
    (
        ("copnode", "evalAsString"),
        ("checkpoint", "evalAsString"),
        ("source", "evalAsString"),
        ("plane", "evalAsString"),
        ("channel", "evalAsString"),
        ("transfer", "evalAsString"),
        ("ink", "evalAsString"),
        ("fit", "evalAsString"),
        ("engine", "evalAsString"),
        ("device", "evalAsString"),
        ("attribute", "evalAsString"),
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
        values, cautions = classify(node, settings)
        attributes.write(node.geometry(), values)
    except errors.InferenceError as error:
        failure = str(error)
    # Outside of the except block, lest Python 3 show the cause as a second traceback.
    if failure is not None:
        raise hou.NodeError(failure)
    _warn(cautions)


def read_settings(node):
    """Evaluate every parameter once."""
    return Settings(*[getattr(node.parm(name), how)() for name, how in PARAMETERS.items()])


def classify(node, settings):
    """Answer for the node's picture.

    Returns:
        ([(attribute name, value), ...], cautions); values are builtin int, float, str, or a
        tuple of float.
    """
    prepared = prepare(node, settings)
    model = classifier.shared(settings.checkpoint, settings.engine, settings.device)
    if prepared.blank:
        found = answer.nothing(len(model.labels))
    else:
        probabilities = model.predict(prepared.pictures)[0]
        found = answer.decide(probabilities, model.labels, settings.threshold, settings.fallback)
    cautions = tuple(prepared.cautions) + tuple(model.cautions) + found.cautions
    return name_values(settings, found, model, cautions), cautions


def prepare(node, settings):
    """Return the node's picture as the network gets it, a picture.Prepared."""
    page = source.read(
        node,
        source=settings.source,
        path=settings.copnode,
        plane=settings.plane,
        channel=settings.channel,
        transfer=settings.transfer,
    )
    return picture.prepare(page, settings.ink, settings.fit)


def name_values(settings, found, model, cautions):
    """Pair each attribute that is switched on with its value."""
    values = {
        "_label": native(found.label),
        "_confidence": found.confidence,
        "_margin": found.margin,
        "_runnerup": found.runner_up,
        "_probabilities": found.probabilities,
        "_engine": native(model.engine),
        "_checkpoint": native(model.checkpoint.prefix),
        "_warning": _joined(cautions),
    }
    named = [(settings.attribute, found.index)]
    for toggle, ends in ATTRIBUTES.items():
        if getattr(settings, toggle):
            named.extend((settings.attribute + end, values[end]) for end in ends)
    return named


def _joined(cautions):
    return "\n\n".join(str(caution) for caution in cautions)


def _warn(cautions):
    # Houdini 18 and older are not known to have NodeWarning; there the string attribute is
    # all that tells.
    warning = getattr(hou, "NodeWarning", None)
    if cautions and warning is not None:
        raise warning(_joined(cautions))
