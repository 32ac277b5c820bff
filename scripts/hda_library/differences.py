"""Where two libraries first differ, in words, and in terms of the files one edits."""

from hda_library.errors import LibraryError
from hda_library.folders import expand
from hda_library.names import LIST_FILE
from hda_library.notes import NOTES_FILE


def first_difference(found, expected):
    """A clause that names the section and the place where two libraries first differ, or None.

    Args:
        found, expected: Packed libraries, bytes; `expected` is whole.
    """
    if found == expected:
        return None
    try:
        left = expand(found)
    except LibraryError as error:
        return str(error)
    right = expand(expected)
    for path in right:
        if path not in left and path != NOTES_FILE:
            return "it lacks '%s'" % path
    for path in left:
        if path not in right and path != NOTES_FILE:
            return "it has '%s' too" % path
    different = [path for path in right if left.get(path) != right[path]]
    # A list and the side file only say how the others lie: their difference is the last reason.
    sections = [path for path in different if not path.endswith((LIST_FILE, NOTES_FILE))]
    reasons = sections or different
    if not reasons or reasons[0] == NOTES_FILE:
        return "only times differ"
    return "'%s' differs %s" % (reasons[0], _place(left[reasons[0]], right[reasons[0]]))


def _place(found, expected):
    """The first difference of two byte strings: by line, or by byte where there are no lines."""
    pairs = enumerate(zip(bytearray(found), bytearray(expected)))
    shorter = min(len(found), len(expected))
    at = next((at for at, (one, other) in pairs if one != other), shorter)
    if b"\0" in found or b"\0" in expected:
        return "at byte %d" % at
    return "at line %d" % (found.count(b"\n", 0, at) + 1)
