"""Esc ends a long cook: between two pieces of work Houdini is asked whether it was pressed.

Nothing that runs inside of an engine, and no other node's cook, can be broken off in the
middle, so that work which may take seconds is done in pieces.
"""

import hou


def mapped(function, items, name):
    """Apply a function to each of some items, and show how far it is.

    Args:
        function: Of one item.
        items: A list. With a single one there is nothing to break off, and nothing is shown.
        name: What Houdini shows next to the progress.

    Returns:
        List of what the function returned.

    Raises:
        hou.OperationInterrupted: The user pressed Esc.
    """
    if len(items) < 2:
        return [function(item) for item in items]
    found = []
    with hou.InterruptableOperation(name) as operation:
        for item in items:
            _tell(operation, len(found) / float(len(items)))
            found.append(function(item))
    return found


def _tell(operation, part):
    try:
        operation.updateProgress(part)
    except hou.OperationFailed:
        # Documented not to work in the Python Shell; the cook does without.
        return
