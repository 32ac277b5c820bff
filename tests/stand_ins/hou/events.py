"""Node event callbacks, with HOM's hazards.

They belong to the session, not to the scene: a saved and loaded scene has none. A callback that is
added twice is called once. `parm_tuple` may be None, which is how Houdini reports that several
parameters changed at once.
"""

import contextlib

from hou import enums, late
from hou.errors import refuse
from hou.state import session

_held = []  # lists of events that wait until the walk through the graph is done


def add(op, types, function):
    types = _checked(types)
    for index, (known, other) in enumerate(op.callbacks):
        if other is function:
            merged = known + tuple(kind for kind in types if kind not in known)
            op.callbacks[index] = (merged, function)
            return
    op.callbacks.append((types, function))


def remove(op, types, function):
    types = _checked(types)
    for index, (known, other) in enumerate(op.callbacks):
        if other is function and all(kind in known for kind in types):
            rest = tuple(kind for kind in known if kind not in types)
            op.callbacks[index : index + 1] = [(rest, function)] if rest else []
            return
    raise refuse("That callback was not registered for these events.")


def _checked(types):
    types = tuple(types)
    if not types:
        raise refuse("No event types were given.")
    if not all(isinstance(kind, enums.EnumValue) for kind in types):
        raise TypeError("event_types is a sequence of hou.nodeEventType values (stand-in)")
    return types


def emit(op, name, **details):
    """Tell the node's callbacks. They run in no cook: nothing depends on what they read."""
    if op.deleted or not op.callbacks or session.loading:
        return
    if _held:
        if (op, name, details) not in _held[-1]:  # one change, one event
            _held[-1].append((op, name, details))
        return
    kind = getattr(enums.nodeEventType, name, None)
    for types, function in list(op.callbacks):
        if kind in types:
            _call(op, kind, function, details)


@contextlib.contextmanager
def held():
    """Events inside are delivered at the end, when the graph is consistent again."""
    if _held:
        yield
        return
    _held.append([])
    try:
        yield
    finally:
        waiting = _held.pop()
        for op, name, details in waiting:
            emit(op, name, **details)


def _call(op, kind, function, details):
    kwargs = {"node": late.nodes.wrap(op), "event_type": kind}
    for key, value in details.items():
        if key == "child":
            kwargs["child_node"] = late.nodes.wrap(value)
        else:
            kwargs[key] = value
    with session.computing(None):
        function(**kwargs)
