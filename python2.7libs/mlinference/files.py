"""Picture files outside of Houdini: which ones a pattern stands for, and their pixels."""

import glob
import io
import os
import re
import stat
import zlib

import numpy

from mlinference import _compat, errors, picture

SUFFIXES = (
    ".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".tif", ".tiff", ".pgm", ".ppm", ".tga", ".webp",
)  # fmt: skip

# How EXIF says that a camera was held, and what sets its rows and columns upright again.
ORIENTATION = 0x0112
UPRIGHT = {
    2: lambda values: values[:, ::-1],
    3: lambda values: values[::-1, ::-1],
    4: lambda values: values[::-1],
    5: lambda values: values.swapaxes(0, 1),
    6: lambda values: values[::-1].swapaxes(0, 1),
    7: lambda values: values[::-1, ::-1].swapaxes(0, 1),
    8: lambda values: values[:, ::-1].swapaxes(0, 1),
}

# A frame number as Houdini, a shot browser and C write it: $F4, ####, %04d.
FRAME = re.compile(r"\$F(?P<houdini>\d?)|(?P<hashes>#+)|%0?(?P<printf>\d*)d")

# `**` for all folders below, which not every Python's glob knows.
DEEP = re.compile(r"(?P<folder>(?:[^*?]*[/\\])?).*?(?<![^/\\])\*\*(?:[/\\]|$)")


# -- Which files ------------------------------------------------------------------------------


def listed(patterns, frames=()):
    """Return the pictures that the patterns stand for.

    Args:
        patterns: Paths of files, of folders (all pictures below), with `*` or `?`, and with
            a frame number ($F4, ####, %04d).
        frames: Numbers that a frame number stands for, whether the file is there or not
            unless `*` or `?` is beside it; without any, those that are there.

    Returns:
        Sorted list of paths with slashes, each once, whatever the order of the patterns.

    Raises:
        errors.PatternDeep: If a pattern has `**`.
        errors.PatternEmpty: If a pattern stands for nothing.
    """
    found = set()
    for pattern in patterns:
        paths = _matching(pattern, frames)
        if not paths:
            raise errors.PatternEmpty(pattern=pattern)
        found.update(os.path.normpath(path).replace(os.sep, "/") for path in paths)
    return sorted(found)


def _matching(pattern, frames):
    if os.path.isdir(pattern):
        return list(below(pattern))
    # First the name as it is: brackets and number signs are letters like any others.
    if os.path.exists(pattern):
        return [pattern]
    deep = DEEP.match(pattern)
    if deep:
        raise errors.PatternDeep(pattern=pattern, folder=deep.group("folder") or "./")
    if not numbered(pattern):
        return _fitting(pattern)
    if not frames:
        fits = _sequence(pattern)
        return [path for path in _fitting(FRAME.sub("*", pattern)) if fits.match(path)]
    named = [_at(pattern, frame) for frame in frames]
    if not re.search("[*?]", pattern):
        return named
    return [path for each in named for path in _fitting(each)]


def _fitting(pattern):
    """Return the files that `*` and `?` stand for; and `[...]`, where no name has such brackets."""
    found = glob.glob(pattern.replace("[", "[[]")) or glob.glob(pattern)
    return [path for path in found if os.path.isfile(path)]


def numbered(pattern):
    """Whether a pattern has a frame number; a name that is there means itself."""
    return bool(FRAME.search(pattern)) and not os.path.exists(pattern)


def below(folder):
    """Yield the pictures below a folder, and those that links to other folders lead to."""
    top = os.path.realpath(folder)
    waiting, seen = [folder], set()
    while waiting:
        # A link waits until all that is really there has been seen: it is under its own name,
        # and once, whether a link to it comes or goes.
        for base, inner, names in os.walk(waiting.pop(0)):
            actual = os.path.realpath(base)
            if actual in seen:
                inner[:] = []
                continue
            seen.add(actual)
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            for path in [os.path.join(base, name) for name in inner]:
                if os.path.islink(path) and not _holds(path, actual) and not _holds(path, top):
                    waiting.append(path)
            for name in names:
                path = os.path.join(base, name)
                if name.lower().endswith(SUFFIXES) and not name.startswith(".") and not _special(path):
                    yield path


def _special(path):
    """Whether it is a pipe or a device, which would be waited for; a broken link is told of."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except EnvironmentError:
        return False


def _holds(link, folder):
    """Whether a link leads to a folder or to one around it; its neighbours were not meant."""
    return (folder + os.sep).startswith(os.path.join(os.path.realpath(link), ""))


def _width(match):
    if match.group("hashes"):
        return len(match.group("hashes"))
    return int(match.group("houdini") or match.group("printf") or 1)


def _at(pattern, frame):
    return FRAME.sub(lambda match: "%0*d" % (_width(match), frame), pattern)


def _sequence(pattern):
    """Return the regular expression of a sequence's paths."""
    parts, end = [], 0
    for match in FRAME.finditer(pattern):
        parts.append(_literal(pattern[end : match.start()]))
        # More digits than asked for only where the number needs them.
        parts.append(r"(?:\d{%d}|[1-9]\d{%d,})" % (_width(match), _width(match)))
        end = match.end()
    return re.compile("".join(parts) + _literal(pattern[end:]) + "$")


def _literal(text):
    kinds = {"*": r"[^/\\]*", "?": r"[^/\\]"}
    return "".join(kinds.get(letter) or re.escape(letter) for letter in text)


def in_shard(path, number, count):
    """Whether a picture is in shard `number`, from 1, of `count`.

    By a checksum of its name: a file that is added or deleted while a farm works does not
    move the others from one shard to another.
    """
    return (zlib.crc32(_compat.text(path).encode("utf-8")) & 0xFFFFFFFF) % count == number - 1


# -- Their pixels -----------------------------------------------------------------------------


def read(path):
    """Return the bytes of a file.

    Raises:
        errors.PictureFileUnreadable: If the system refuses.
    """
    try:
        with io.open(path, "rb") as stream:
            return stream.read()
    except EnvironmentError as reason:
        raise errors.PictureFileUnreadable(file=path, reason=reason.strerror or reason)


def pillow():
    """Import Pillow's Image.

    Raises:
        errors.PillowMissing: If there is none.
    """
    try:
        from PIL import Image
    except ImportError:
        raise errors.PillowMissing(need="Reading picture files")
    return Image


def read_page(path):
    """Read a picture file as a picture.Page; what is transparent is white paper.

    Raises:
        errors.PictureFileUnreadable: If it is not a picture that Pillow reads.
        errors.PillowMissing: If there is no Pillow.
    """
    return page(read(path), path)


def page(data, path, linear=False):
    """Return the picture.Page of a picture file's bytes, upright as its EXIF says.

    Args:
        data: bytes.
        path: For messages.
        linear: The file's values are linear light.

    Raises:
        As `read_page`.
    """
    image_module = pillow()
    try:
        image = image_module.open(io.BytesIO(data))
        image.load()
        values, count = _upright(_values(image), image), _count(image)
        cautions = [errors.PictureFirst(name=path, count=count)] if count > 1 else []
        return picture.Page(values, path, linear, cautions)
    except Exception as reason:  # Pillow's decoders raise a dozen kinds
        raise errors.PictureFileUnreadable(file=path, reason=_without_address(reason))


def _without_address(reason):
    # "cannot identify image file <_io.BytesIO object at 0x7f...>": another text each time.
    text = re.sub(r" *<_io\.BytesIO[^>]*>", "", _compat.native(reason)).rstrip(".")
    return text or type(reason).__name__


def _values(image):
    if image.mode.startswith("I"):
        values = numpy.asarray(image).astype(numpy.float32)
        # A TIFF of 32 bits does not say what is white; of values that 8 bits hold it is theirs.
        small = image.mode == "I" and image.format == "TIFF" and values.max() <= 255
        return values / (255 if small else 65535)
    if image.mode == "F":
        return numpy.asarray(image)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        colour = numpy.asarray(image.convert("RGBA"), numpy.float32) / 255
        alpha = colour[:, :, 3:]
        return colour[:, :, :3] * alpha + 1 - alpha
    return numpy.asarray(image.convert("RGB"), numpy.float32) / 255


def _count(image):
    """Return how many pages or frames there are, counted after the first was read."""
    # A camera's JPEG may hold its own preview besides.
    if image.format == "MPO":
        return 1
    try:
        return getattr(image, "n_frames", 1)
    except Exception:  # damage behind the first is no reason to refuse what was read
        return 1


def _upright(values, image):
    # On the values: the oldest Pillow can neither do it by itself nor turn 16 bits.
    turn = UPRIGHT.get(_orientation(image))
    return values if turn is None else numpy.ascontiguousarray(turn(values))


def _orientation(image):
    """Return what EXIF says, 1 for upright."""
    # TIFF is turned by Pillow itself; up to its version 9 EXIF says the same all the same.
    if image.format == "TIFF":
        return 1
    try:
        # Before Pillow 6 only JPEG has it, under its older name.
        exif = getattr(image, "getexif", None) or getattr(image, "_getexif", dict)
        return int((exif() or {}).get(ORIENTATION, 1))
    except Exception:  # damaged EXIF is no reason to refuse a picture that can be seen
        return 1
