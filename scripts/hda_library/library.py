"""A library as Python sees it: its assets, and of each what it is and what it holds."""

from collections import OrderedDict

from hda_library import contents
from hda_library.errors import LibraryError, native, quoted
from hda_library.index import index_records
from hda_library.sections import read_sections, write_sections

INDEX = b"INDEX_SECTION"

# An empty section that newer Houdinis put into every library.
MARKER = b"houdini.hdalibrary"


class Library(object):
    """A digital-asset library.

    Attributes:
        sections: List of Section: the index, the marker, and one for each asset.
        records: List of index.Record.
        assets: List of Asset, in the index's order, without those that the library does not hold.
    """

    def __init__(self, sections):
        self.sections = sections
        self.records = read_records(sections)
        self.assets = _assets(self.records, sections)


class Asset(object):
    """One asset of a library, for reading.

    Attributes:
        operator: Its type's name, such as "demo::ring::1.0".
        table_name, name: The same with the table, "demo::Sop/ring::1.0": its section's name.
        label, icon, table, extra: Native strings.
        min_inputs, max_inputs, outputs: Numbers of connectors.
        subnet, python: Whether it holds a network, whether Python cooks it.
        modified: Seconds since 1970.
        parts: List of Section, all of them; nothing keeps two from having one name.
        sections: OrderedDict of native name -> bytes, the last of several of one name.
    """

    def __init__(self, record, sections):
        self.name = self.table_name = native(record.table_name)
        for text in ("operator", "label", "icon", "table", "extra"):
            setattr(self, text, native(getattr(record, text)))
        for value in ("min_inputs", "max_inputs", "outputs", "subnet", "python", "modified"):
            setattr(self, value, getattr(record, value))
        self.parts = sections
        self.sections = OrderedDict((native(part.name), part.data) for part in sections)

    def contents(self):
        """The network's files, OrderedDict of native name -> bytes.

        Empty if there is no network, or if it is in the form of a limited licence.
        """
        for name in (contents.GZIP, contents.PLAIN):
            if native(name) in self.sections:
                return _members(name, self.sections[native(name)])
        return OrderedDict()


def _members(name, data):
    try:
        members, _ = contents.read_contents(name, data)
    except LibraryError:
        return OrderedDict()
    return OrderedDict((native(member.name), member.data) for member in members)


def read_library(data):
    """Take a library apart.

    Args:
        data: The whole file, bytes.

    Returns:
        Library.

    Raises:
        LibraryError: One sentence with the offset, if it is damaged.
    """
    return Library(read_sections(data))


def write_library(library):
    """The library's bytes; the reverse of `read_library`."""
    return write_sections(library.sections)


def read_records(sections):
    """The index's records, from a library's sections."""
    for section in sections:
        if section.name == INDEX:
            return index_records(section.data, section.offset)
    raise LibraryError("the library has no section 'INDEX_SECTION'")


def _assets(records, sections):
    held = {}
    for section in sections:
        held.setdefault(section.name, []).append(section)
    assets = []
    for record in records:
        # Several of one name are all taken at its first record.
        for section in held.pop(record.table_name, ()):
            name = "asset " + quoted(section.name)
            assets.append(Asset(record, read_sections(section.data, section.offset, name)))
    return assets
