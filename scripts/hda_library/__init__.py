"""Houdini's digital-asset libraries (.hda, .otl) as bytes, as objects, and as folders of text.

From the outside in: `folders` spells a library as files, `library` shows its assets, `sections` is
the container both rest on. `index`, `options`, `contents` and `mime` are what the sections hold,
`forms` chooses their text; `names` and `notes` keep what a file system or a text cannot; `disk`
reads and writes with care. `project` and `differences` are for the folders of this project.
"""

from hda_library.errors import LibraryError
from hda_library.folders import collapse, expand
from hda_library.library import Asset, Library, read_library, write_library

__all__ = [
    "Asset", "Library", "LibraryError", "collapse", "expand", "read_library", "write_library",
]  # fmt: skip
