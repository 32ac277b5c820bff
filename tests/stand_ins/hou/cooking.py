"""Cooking: lazily, once per change, with the messages of the last cook only."""

import sys
import time
import traceback

from hou import errors, late
from hou.errors import refuse
from hou.state import session


class CookError(Exception):
    """A built-in node cannot cook; its message becomes the node's error."""


def cook(op, force=False):
    """Bring a node's result up to date.

    A forced cook runs even if nothing changed, but what is upstream cooks only as needed.
    A node that fails is not cooked again until something changes: its messages stay.
    """
    if op.kind.cook is None or (not force and not op.dirty):
        return
    if op.is_cooking:
        raise CookError("Infinite recursion in evaluation of %s %s" % (op.path, errors.MARK))
    if force:
        # What depends on the node learns of the new result; the Recook button rests on that.
        op.stale()
    op.is_cooking = True
    op.dirty = False
    op.cook_count += 1
    op.errors = op.warnings = op.messages = ()
    op.timed = False
    op.sources = set()
    op.result = None
    started = time.time()
    session.cooking.append(op)
    try:
        with session.computing(op):
            # COPs look at their flag themselves: planes and layers pass through in their own ways.
            skipped = op.kind.table == "Sop" and op.flag("bypass")
            op.result = late.sops.pass_through(op) if skipped else op.kind.cook(op)
    except CookError as error:
        _fail(op, str(error))
    except errors.NodeError as error:
        _fail(op, error.instanceMessage())
    except errors.OperationInterrupted as error:
        _fail(op, error.instanceMessage() or "Cooking was interrupted")
    except Exception:
        _fail(op, "Python error: " + node_traceback())
    finally:
        session.cooking.pop()
        op.is_cooking = False
        op.cook_time = (time.time() - started) * 1000.0


def node_traceback():
    """The current exception's traceback from the node's own code on, as Houdini shows it."""
    kind, error, trace = sys.exc_info()
    start = trace
    while start is not None and start.tb_frame.f_code.co_filename != "<stdin>":
        start = start.tb_next
    return "".join(traceback.format_exception(kind, error, start or trace))


def _fail(op, message):
    op.result = None
    op.errors += (message,)


def result(op):
    """Cook if needed, depend on the node, and return its result; None when it failed."""
    cook(op)
    op.read()
    return None if op.errors else op.result


def raise_failure(op):
    """Raise what hou.Node.cook raises after a cook that ended in errors."""
    if op.errors:
        raise refuse("Error:       " + "\n".join(op.errors))


def check_not_cooking(what):
    """Refuse a change to the scene from within a cook.

    Houdini documents that a Python SOP must not set parameters, because it breaks dependencies,
    but does not stop it. The stand-in does, so that a test notices.
    """
    if session.cooking and not session.loading:
        raise refuse("%s during the cook of %s." % (what, session.cooking[-1].path))
