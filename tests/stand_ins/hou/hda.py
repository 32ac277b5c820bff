"""Digital assets: packed libraries are read by our own reader, and their text is what runs."""

import os
import sys
import types

from hou import contents, cooking, dialogscript, graph, late, undo
from hou.errors import MARK, check_text, on_disk, refuse
from hou.references import Reference
from hou.state import session


def read_library(data):
    """The one seam to the tool that packs our assets."""
    import build_hda

    return build_hda.read_library(data)


def options_of(data):
    """Names of the options that are on in an ExtraFileOptions section."""
    from hda_library import options

    return {text(key) for key, _, value in options.read_options(data) if value is True}


def text(data):
    """A section's bytes as this Python's own str."""
    return data if str is bytes else data.decode("utf-8")


# The stream's count of options.
NO_OPTIONS = b"\0\0\0\0"


class Definition(object):
    """One asset of a library: its sections, and the node type that it makes."""

    def __init__(self, asset, path):
        self.asset = asset
        self.path = path
        self.sections = asset.sections
        self.module = None
        dialog = dialogscript.read(text(self.sections["DialogScript"]))
        self.input_labels = dialog.input_labels
        self.options_on = options_of(asset.sections.get("ExtraFileOptions", NO_OPTIONS))
        is_subnet = not asset.python
        self.kind = graph.Kind(
            asset.table,
            asset.operator,
            dialog.templates,
            (asset.min_inputs, asset.max_inputs),
            self._cook_function(is_subnet),
            child=asset.table if is_subnet else None,
            label=asset.label,
            definition=self,
        )

        if "MessageNodes" in self.sections:
            self.message_nodes = text(self.sections["MessageNodes"]).split()

    # Paths of nodes inside whose messages are the asset's.
    message_nodes = ()

    def _cook_function(self, is_subnet):
        if is_subnet:
            return {"Sop": late.sops.cook_subnet, "Cop2": late.images.cook_subnet}[self.asset.table]
        source = text(self.sections["PythonCook"])
        return lambda op: late.sops.cook_python(op, source)

    def is_python(self, section):
        """Without this option Houdini takes a script for HScript."""
        return section + "/IsPython" in self.options_on

    @property
    def asset_icon(self):
        has_own = "IconSVG" in self.sections
        return "opdef:/%s?IconSVG" % self.asset.name if has_own else ""

    def load_contents(self, op):
        """Make the nodes inside, as the library describes them."""
        if self.kind.child is None:
            return
        members = self.asset.contents()
        loading, session.loading = session.loading, True
        try:
            with undo.UndosDisabler():
                contents.instantiate(op, members)
        finally:
            session.loading = loading


def execute(source, op, **names):
    """Run a node's code with `hou` at hand, as Houdini does; the file is <stdin> in tracebacks."""
    namespace = {"__name__": "__main__", "hou": late.hou}
    namespace.update(names)
    exec(compile(source, "<stdin>", "exec"), namespace)


def run_callback(channel, arguments):
    """Press a button: hou.pwd() is the node, `kwargs` tells which parameter it was."""
    script = channel.template.tags.get("script_callback", "")
    if not script:
        return
    if channel.template.tags.get("script_callback_language") != "python":
        raise refuse("HScript callbacks are not stood in for.")
    parm = late.parms.Parm(channel.op, channel.name)
    kwargs = {
        "node": late.nodes.wrap(channel.op),
        "parm": parm,
        "parm_name": channel.name,
        "parm_tuple": parm.tuple(),
        "script_parm": channel.name,
        "script_value": str(channel.value),
        "script_value0": str(channel.value),
    }
    kwargs.update(arguments)
    try:
        with session.inside(channel.op), session.computing(None):
            execute(script, channel.op, kwargs=kwargs)
    except Exception:
        failure = refuse("Error running callback:\n%s" % cooking.node_traceback())
    else:
        failure = None
    if failure is not None:
        raise failure


def run_event(op, section):
    """Run OnCreated, OnLoaded, OnDeleted, ...; Houdini reports a failure and goes on."""
    definition = op.kind.definition
    if definition is None or section not in definition.sections:
        return
    if not definition.is_python(section):
        _report(op, section, "Not marked as Python: HScript does not understand it.")
        return
    kwargs = {"node": late.nodes.wrap(op), "type": late.nodes.OpNodeType(op.kind)}
    try:
        with session.inside(op), session.computing(None):
            execute(text(definition.sections[section]), op, kwargs=kwargs)
    except Exception:
        _report(op, section, cooking.node_traceback())


def _report(op, section, problem):
    op.messages += ("%s: %s" % (section, problem),)
    sys.stderr.write("%s of %s failed %s\n%s\n" % (section, op.path, MARK, problem))


class HDAModule(types.ModuleType):
    """What the PythonModule section defines, as attributes."""


def module_of(kind):
    """The PythonModule of an asset, run once per definition; None where there is none."""
    definition = kind.definition
    if definition is None or "PythonModule" not in definition.sections:
        return None
    if not definition.is_python("PythonModule"):
        raise refuse("The PythonModule of %s is not marked as Python." % kind.name)
    if definition.module is None:
        module = HDAModule("hou.%s" % kind.bare_name)
        module.hou = late.hou
        module.kwargs = {"type": late.nodes.OpNodeType(kind)}
        source = text(definition.sections["PythonModule"])
        file = "opdef:/%s?PythonModule" % definition.asset.name
        exec(compile(source, file, "exec"), vars(module))
        definition.module = module
    return definition.module


def definitions_in(path):
    check_text(path, "A path")
    if os.path.isdir(on_disk(path)):
        raise refuse("Expanded folders are not stood in for: %s" % path)
    try:
        with open(on_disk(path), "rb") as stream:
            library = read_library(stream.read())
    except (IOError, OSError, ValueError) as error:
        raise refuse("Invalid operator type library %s: %s" % (path, error))
    return [Definition(asset, path) for asset in library.assets]


class hda(object):
    """The functions of hou.hda."""

    @staticmethod
    def installFile(
        file_path, oplibraries_file=None, change_oplibraries_file=True, force_use_assets=False
    ):
        found = definitions_in(file_path)
        session.libraries[file_path] = found
        for definition in found:
            session.preferred[(definition.asset.table, definition.asset.operator)] = definition

    @staticmethod
    def uninstallFile(file_path, oplibraries_file=None, change_oplibraries_file=True):
        if file_path not in session.libraries:
            raise refuse("%s is not installed." % file_path)
        for definition in session.libraries.pop(file_path):
            session.preferred.pop((definition.asset.table, definition.asset.operator), None)

    @staticmethod
    def reloadFile(file_path):
        hda.uninstallFile(file_path)
        hda.installFile(file_path)

    @staticmethod
    def loadedFiles():
        return tuple(session.libraries)

    @staticmethod
    def definitionsInFile(file_path):
        installed = session.libraries.get(file_path)
        return tuple(HDADefinition(item) for item in installed or definitions_in(file_path))


class HDADefinition(Reference):
    def __init__(self, definition):
        self._definition = definition

    def _same(self):
        return ("definition", id(self._definition))

    def nodeType(self):
        return late.nodes.OpNodeType(self._definition.kind)

    def nodeTypeName(self):
        return self._definition.asset.operator

    def nodeTypeCategory(self):
        return self.nodeType().category()

    def libraryFilePath(self):
        return self._definition.path

    def description(self):
        return self._definition.asset.label

    def icon(self):
        return self._definition.asset_icon

    def minNumInputs(self):
        return self._definition.asset.min_inputs

    def maxNumInputs(self):
        return self._definition.asset.max_inputs

    def isInstalled(self):
        return self._definition in session.libraries.get(self._definition.path, ())

    def isPreferred(self):
        asset = self._definition.asset
        return session.preferred.get((asset.table, asset.operator)) is self._definition

    def embeddedHelp(self):
        return text(self._definition.sections.get("Help", b""))

    def hasSection(self, name):
        return name in self._definition.sections

    def sections(self):
        return {name: HDASection(self._definition, name) for name in self._definition.sections}


class HDASection(object):
    def __init__(self, definition, name):
        self._definition = definition
        self._name = name

    @property
    def _bytes(self):
        return self._definition.sections[self._name]

    def definition(self):
        return HDADefinition(self._definition)

    def name(self):
        return self._name

    def contents(self):
        return text(self._bytes)

    def binaryContents(self):
        return bytes(self._bytes)

    def size(self):
        return len(self._bytes)


