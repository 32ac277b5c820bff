"""hou.undos: blocks of changes that can be taken back."""

from hou.errors import check_text, refuse
from hou.state import session


def record(label, take_back):
    """Remember how to take one change back, in the open block or in one of its own."""
    if session.undo_disabled or session.loading:
        return
    if session.undo_blocks:
        session.undo_blocks[-1][1].append(take_back)
    else:
        session.undo.append((label, [take_back]))


class UndosGroup(object):
    def __init__(self, label):
        self._label = label

    def label(self):
        return self._label

    def __enter__(self):
        session.undo_blocks.append((self._label, []))
        return self

    def __exit__(self, kind, error, trace):
        label, changes = session.undo_blocks.pop()
        if not changes:
            return
        if session.undo_blocks:  # blocks inside of a block are one with it
            session.undo_blocks[-1][1].extend(changes)
        else:
            session.undo.append((label, changes))


class UndosDisabler(object):
    def __enter__(self):
        session.undo_disabled += 1
        return self

    def __exit__(self, kind, error, trace):
        session.undo_disabled -= 1


class undos(object):
    """The functions of hou.undos."""

    @staticmethod
    def areEnabled():
        return not session.undo_disabled

    @staticmethod
    def disabler():
        return UndosDisabler()

    @staticmethod
    def group(label):
        return UndosGroup(check_text(label, "A label"))

    @staticmethod
    def undoLabels():
        return tuple(label for label, _ in reversed(session.undo))

    @staticmethod
    def clear():
        session.undo = []

    @staticmethod
    def performUndo():
        if not session.undo:
            raise refuse("There is nothing to undo.")
        _, changes = session.undo.pop()
        with UndosDisabler():
            for take_back in reversed(changes):
                take_back()
        return True
