"""Where each Houdini keeps its preferences, on every system."""

import os
import re
import sys
from collections import OrderedDict

from installation.disk import Refusal

# The Houdini of the 2017 article; nothing older was looked at.
OLDEST = (16, 5)
# The first Houdini that reads package files.
FIRST_WITH_PACKAGES = (17, 5)

# What Houdini writes in HOUDINI_USER_PREF_DIR where the version belongs.
VERSION_MARK = "__HVER__"


class Place(object):
    """One preferences folder.

    Attributes:
        folder: Its path.
        version: (major, minor) of its Houdini, or None where the name does not tell.
    """

    def __init__(self, folder, version=None):
        self.folder = os.path.abspath(folder)
        self.version = version

    @property
    def title(self):
        return "Houdini %d.%d" % self.version if self.version else "Houdini"

    @property
    def reads_packages(self):
        return self.version is None or self.version >= FIRST_WITH_PACKAGES

    def path(self, name):
        """Return the path of a file or folder named with slashes, relative to the folder."""
        return os.path.join(self.folder, *name.split("/"))

    def name(self, path):
        """Return the name that `path` answers for this path."""
        return os.path.relpath(path, self.folder).replace(os.sep, "/")


def chosen(version_text=None, folder=None, environ=None, platform=None):
    """Return the places that the options --houdini and --prefs mean.

    Raises:
        Refusal: If there is none, or it belongs to a Houdini that is too old.
    """
    # An empty text, as of a script's unset variable, means no Houdini, and not all of them.
    version = None if version_text is None else _version(version_text)
    if folder is not None:
        places = [_named(folder, version)]
    else:
        templates = preference_templates(environ, platform)
        places = [place for template in templates for place in _existing(template)]
        if not places:
            raise Refusal(
                "No Houdini preferences folder was found.",
                "Looked for '%s'." % "', '".join(templates).replace(VERSION_MARK, "X.Y"),
                "Start Houdini once so that it makes the folder, or name one with --prefs.",
            )
        places = [place for place in places if version in (None, place.version)] or _missing(
            version, places
        )
    if not any(_new_enough(place) for place in places):
        raise Refusal(
            "%s is too old." % places[-1].title,
            "'%s' belongs to it." % places[-1].folder,
            "Use Houdini %d.%d or newer." % OLDEST,
        )
    return [place for place in places if _new_enough(place)]


def _version(text):
    found = re.match(r"(\d+)\.(\d+)(\.\d+)*$", text)
    if not found:
        raise Refusal(
            "'%s' is not a Houdini version." % text,
            "A version is two numbers, for example 20.5.",
            "Give --houdini two numbers with a dot between.",
        )
    return int(found.group(1)), int(found.group(2))


def _named(folder, version):
    if not os.path.isdir(folder):
        raise Refusal(
            "'%s' is not a folder." % folder,
            "--prefs takes the folder that holds houdini.env.",
            "Start that Houdini once so that it makes the folder, or correct --prefs.",
        )
    if os.path.basename(os.path.abspath(folder)) == "packages":
        raise Refusal(
            "'%s' is a folder of packages." % folder,
            "--prefs takes the folder that holds it.",
            "Give --prefs '%s'." % os.path.dirname(os.path.abspath(folder)),
        )
    return Place(folder, version or _version_in(folder))


def _version_in(folder):
    found = re.search(r"(\d+)\.(\d+)$", os.path.basename(os.path.abspath(folder)))
    return (int(found.group(1)), int(found.group(2))) if found else None


def _missing(version, places):
    raise Refusal(
        "Houdini %d.%d has no preferences folder." % version,
        "Found: %s." % ", ".join(place.folder for place in places),
        "Start that Houdini once so that it makes the folder, or name it with --prefs.",
    )


def _new_enough(place):
    return place.version is None or place.version >= OLDEST


def preference_templates(environ=None, platform=None):
    """Return the paths where preferences may be, with __HVER__ for the version.

    Args:
        environ: Mapping like os.environ (the default).
        platform: Like sys.platform (the default).
    """
    environ = os.environ if environ is None else environ
    platform = platform or sys.platform
    if environ.get("HOUDINI_USER_PREF_DIR"):
        return [environ["HOUDINI_USER_PREF_DIR"]]
    if platform == "darwin":
        parts = ("Library", "Preferences", "houdini", VERSION_MARK)
        return [os.path.join(environ.get("HOME") or os.path.expanduser("~"), *parts)]
    if platform.startswith("win"):
        return [os.path.join(home, "houdini" + VERSION_MARK) for home in _windows_homes(environ)]
    return [os.path.join(environ.get("HOME") or os.path.expanduser("~"), "houdini" + VERSION_MARK)]


def _windows_homes(environ):
    # Houdini reads %HOME%, and takes the Documents folder where it is not set; OneDrive moves
    # that folder, so the profile's own is only one of the guesses.
    profile = environ.get("USERPROFILE") or os.path.expanduser("~")
    guesses = [environ.get("HOME"), _documents(), os.path.join(profile, "Documents")]
    if environ.get("OneDrive"):
        guesses.append(os.path.join(environ["OneDrive"], "Documents"))
    return list(OrderedDict.fromkeys(guess for guess in guesses if guess))


def _documents():
    """Return what Windows calls this user's Documents, None elsewhere."""
    if sys.platform != "win32":
        return None
    import ctypes.wintypes

    buffer = ctypes.create_unicode_buffer(ctypes.wintypes.MAX_PATH)
    # 5 is CSIDL_PERSONAL, the Documents folder.
    failed = ctypes.windll.shell32.SHGetFolderPathW(None, 5, None, 0, buffer)
    # Python 2.7 has paths of bytes, as os.environ's are.
    value = buffer.value.encode(sys.getfilesystemencoding()) if str is bytes else buffer.value
    return None if failed else value


def _existing(template):
    if VERSION_MARK not in template:
        return [Place(template, _version_in(template))] if os.path.isdir(template) else []
    head, tail = template.split(VERSION_MARK, 1)
    parent, stem = os.path.split(head)
    places = []
    for entry in os.listdir(parent) if os.path.isdir(parent) else ():
        found = re.match(re.escape(stem) + r"(\d+)\.(\d+)$", entry)
        folder = os.path.join(parent, entry) + tail
        if found and os.path.isdir(folder):
            places.append(Place(folder, (int(found.group(1)), int(found.group(2)))))
    return sorted(places, key=lambda place: place.version)
