"""What the buttons, toggles and events of ML Inference do.

`kwargs` is what Houdini hands to a callback script or to an event's script.
"""

from mlinference import classifier
from mlinference.houdini import cook, following


def recook(kwargs):
    """Cook the node again, picture and all."""
    following.cook_now(kwargs["node"])


def reload(kwargs):
    """Forget the node's loaded network, then cook."""
    node = kwargs["node"]
    settings = cook.read_settings(node)
    classifier.reload(settings.checkpoint, settings.network)
    following.cook_now(node)


def follow(kwargs):
    """Follow the COPs or leave it, as Auto Recook says: when it is set, and on the node's events."""
    node = kwargs["node"]
    following.update(node, cook.read_settings(node))


def forget(kwargs):
    """Take away what the node has put on its COPs: it is being deleted."""
    following.stop(kwargs["node"])
