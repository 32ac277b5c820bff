"""What the buttons, toggles and events of ML Inference do.

`kwargs` is what Houdini hands to a callback script or to an event's script.
"""

import collections

from mlinference import classifier, errors
from mlinference.houdini import cook, following

# What following depends on; the other parameters may say nothing yet while a scene loads.
Followed = collections.namedtuple("Followed", "autorecook source copnode")


def recook(kwargs):
    """Cook the node again, picture and all."""
    following.cook_now(kwargs["node"])


def reload(kwargs):
    """Forget the node's loaded network, then cook."""
    node = kwargs["node"]
    try:
        classifier.reload(cook.value(node, "checkpoint"), cook.value(node, "network"))
    except errors.InferenceError:
        # The cook tells.
        pass
    following.cook_now(node)


def follow(kwargs):
    """Follow the COPs or leave it, as Auto Recook says: when it is set, and on the node's events."""
    node = kwargs["node"]
    try:
        following.update(node, Followed(*[cook.value(node, name) for name in Followed._fields]))
    except errors.InferenceError:
        # An expression may point at a node that the scene has not loaded yet; every cook follows.
        return


def forget(kwargs):
    """Take away what the node has put on its COPs: it is being deleted."""
    following.stop(kwargs["node"])
