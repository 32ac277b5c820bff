"""Where two libraries first differ, in words."""

from hda_library import contents
from hda_library.errors import LibraryError, quoted
from hda_library.folders import CONTENTS, as_text
from hda_library.sections import MAGIC, read_sections


def first_difference(found, expected):
    """A clause that names the first section and place where two libraries differ, or None.

    Args:
        found, expected: Packed libraries, bytes.
    """
    if found == expected:
        return None
    return _container_difference(found, expected, "the library")


def _container_difference(found, expected, what):
    try:
        left, right = read_sections(found, 0, what), read_sections(expected, 0, what)
    except LibraryError as error:
        return str(error)
    names = [section.name for section in left], [section.name for section in right]
    if names[0] != names[1]:
        return _name_difference(names, what)
    for one, other in zip(left, right):
        if one.data != other.data:
            return _section_difference(one, other)
    for one, other in zip(left, right):
        if one.time != other.time:
            return "the time of section %s is %d, expected %d" % (
                quoted(one.name), one.time, other.time,
            )  # fmt: skip
    return "%s differs in its table" % what


def _name_difference(names, what):
    for one, other in zip(*names):
        if one != other:
            return "%s has section %s, expected %s" % (what, quoted(one), quoted(other))
    longer = max(names, key=len)
    state = "is missing" if longer is names[1] else "is one too many"
    return "%s: section %s %s" % (what, quoted(longer[min(map(len, names))]), state)


def _section_difference(one, other):
    what = "section " + quoted(one.name)
    if one.data.startswith(MAGIC) and other.data.startswith(MAGIC):
        return _container_difference(one.data, other.data, what)
    if one.name in CONTENTS:
        try:
            return _network_difference(one, other)
        except LibraryError:
            return "%s differs %s" % (what, _place(one.data, other.data))
    # By lines of the text that one edits, where there is such.
    spelt = as_text(one), as_text(other)
    return "%s differs %s" % (what, _place(*(spelt if None not in spelt else (one.data, other.data))))


def _network_difference(one, other):
    left, right = [contents.read_contents(part.name, part.data)[0] for part in (one, other)]
    names = [member.name for member in left], [member.name for member in right]
    what = "section " + quoted(one.name)
    if names[0] != names[1]:
        return _name_difference(names, what).replace("section", "member", 2).replace("member", "section", 1)
    for first, second in zip(left, right):
        if first.data != second.data:
            member = quoted(first.name)
            return "%s, member %s differs %s" % (what, member, _place(first.data, second.data))
    return "%s differs %s" % (what, _place(one.data, other.data))


def _place(found, expected):
    """The first difference of two byte strings: by line, or by byte where there are no lines."""
    at = next(
        (at for at, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]),
        min(len(found), len(expected)),
    )
    if b"\0" in found or b"\0" in expected:
        return "at byte %d" % at
    return "at line %d" % (found.count(b"\n", 0, at) + 1)
