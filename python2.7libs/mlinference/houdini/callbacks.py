"""What the buttons of ML Inference do. `kwargs` is what Houdini hands to a callback script."""

import hou

from mlinference import classifier


def recook(kwargs):
    """Cook the node again, picture and all."""
    _cook(kwargs["node"])


def reload(kwargs):
    """Forget the node's loaded network, then cook."""
    node = kwargs["node"]
    classifier.reload(node.parm("checkpoint").evalAsString())
    _cook(node)


def _cook(node):
    try:
        node.cook(force=True)
    except hou.OperationFailed:
        # The badge on the node says what is wrong; a dialog with a traceback would say less.
        return
