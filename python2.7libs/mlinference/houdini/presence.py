"""What the running Houdini knows of us: its version, and the assets it has loaded."""

import hou

from mlinference.houdini import example

OPERATORS = (example.INFERENCE_TYPE, example.GLYPHS_TYPE)


def version():
    """Return the running Houdini's version, such as '20.5.332'."""
    return ".".join(str(number) for number in hou.applicationVersion())


def libraries():
    """Return ((operator name, path of its library or None if it is not loaded), ...)."""
    category = hou.sopNodeTypeCategory()
    return tuple((name, _library(hou.nodeType(category, name))) for name in OPERATORS)


def _library(node_type):
    definition = node_type.definition() if node_type else None
    return definition.libraryFilePath() if definition else None
