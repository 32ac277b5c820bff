"""The picture and the time: when a cook depends on the frame, and pictures of other frames.

Reading a COP ties the node neither to the COP nor to the playbar, so the node says itself
that it depends on the time, by evaluating its Frame parameter. Smoothing reads the source
at the window's frames in every cook and keeps nothing: any order of frames, on any machine,
gives the same answers.
"""

import hou

from mlinference import errors
from mlinference._compat import native
from mlinference.houdini import escape, parameters, source

# Evaluated only where the picture is animated: its expression, $FF, makes the cook time
# dependent.
FRAME = "frame"

# Frames that a cook may read. Longer windows smooth nothing more, and take no end.
MOST_FRAMES = 1000

# Time 0 is frame 1, and HOM takes a time below 0 for the current one.
FIRST_FRAME = 1
BEFORE_FIRST = "Of a compositing node Houdini shows no other frames before frame 1."


def read(node, settings):
    """Read the pages of a cook.

    Args:
        node: The cooking hou.SopNode.
        settings: cook.Settings.

    Returns:
        ([picture.Page, ...] of the window's frames, the position of the current one).

    Raises:
        errors.SourceError: The current picture cannot be read; FrameUnreadable for another.
        errors.SettingError: Frame is no number, or Window too long.
        hou.OperationInterrupted: The user pressed Esc.
    """
    held = source.holder(node, settings.source, settings.copnode)
    if not is_animated(held, settings):
        return [_page(held, settings)], 0
    now, frame = hou.frame(), _frame(node)
    frames, current = window(frame, _frames_to_read(settings))
    pages = escape.mapped(
        lambda each: _page_at(node, held, settings, each, now), frames, "Reading the pictures of frames"
    )
    return pages, current


def _frame(node):
    frame = parameters.evaluated(node, FRAME)
    if abs(frame) < float("inf"):
        return frame
    # Not a number fails the comparison too.
    raise errors.ParameterFailed(label="Frame", reason="Its value is %r." % frame)


def is_animated(held, settings):
    """Tell whether the picture changes with the time, so that the cook has to look at it.

    Args:
        held: source.Holder of the picture.
        settings: cook.Settings.
    """
    if settings.animated != "auto":
        return settings.animated == "on"
    if _frames_to_read(settings) > 1:
        return True
    # Of the input Houdini keeps track by itself.
    return held.category != source.GEOMETRY and _changes(held.node)


def _changes(cop):
    try:
        return bool(cop.isTimeDependent())
    except (AttributeError, hou.OperationFailed):
        # A COP that fails is reported by whoever reads its pixels.
        return False


def _frames_to_read(settings):
    if settings.smoothing == "none" or settings.read != "one":
        return 1
    if settings.window > MOST_FRAMES:
        raise errors.WindowTooLong(count=settings.window, most=MOST_FRAMES)
    return max(1, settings.window)


def window(frame, count):
    """Return ([frames], position of `frame`): `count` of them about it, none before frame 1."""
    steps = [number - count // 2 for number in range(count)]
    kept = [step for step in steps if frame + step >= FIRST_FRAME or step == 0]
    return [frame + step for step in kept], kept.index(0)


def _page_at(node, held, settings, frame, now):
    if frame == now:
        return _page(held, settings)
    # An expression may lead to another node at another frame, here or in an external network.
    path = native(parameters.evaluated(node, "copnode", frame=frame)).strip()
    try:
        held = source.holder(node, settings.source, path, frame)
        # A time below 0 would be the current one.
        if held.category != source.COMPOSITING or hou.frameToTime(frame) >= 0:
            return _page(held, settings, frame)
        reason = BEFORE_FIRST
    except errors.SourceError as error:
        reason = "%s %s" % (error.problem, error.found)
    path = path or held.node.path()
    raise errors.FrameUnreadable(path=path, frame="%g" % frame, reason=reason)


def _page(held, settings, frame=None):
    return source.page(
        held,
        plane=native(settings.plane).strip(),
        channel=settings.channel,
        transfer=settings.transfer,
        frame=frame,
    )
