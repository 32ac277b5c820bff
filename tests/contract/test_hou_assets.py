"""Digital assets: our packed libraries, as Houdini would load them."""

import os
import sys

import pytest
import scene

from hda_library import options

ANSWER = "hou.pwd().geometry().addAttrib(hou.attribType.Global, 'result', %d)"


class Library(object):
    """A small library made in the test, to be read in place of a packed file."""

    def __init__(self, sections, python=True, contents=()):
        self.assets = [self]
        self.operator, self.name, self.label = "tests::thing::1.0", "tests::Sop/thing::1.0", "Thing"
        self.table, self.python = "Sop", python
        self.min_inputs, self.max_inputs = 0, 1
        self.sections = dict(sections)
        self._contents = dict(contents)

    def contents(self):
        return self._contents


DIALOG = b"""
{
    name thing
    label "Thing"
    parm { name "count" label "Count" type integer default { "3" } range { 0! 9 } }
    parm {
        name "mode" label "Mode" type ordinal default { "1" }
        menu { "a" "A" "b" "B" }
    }
    parm {
        name "press" label "Press" type button default { "0" }
        parmtag { "script_callback" "kwargs['node'].setUserData('pressed', kwargs['parm'].name())" }
        parmtag { "script_callback_language" "python" }
    }
    group {
        name "folder" label "Folder"
        parm { name "path" label "Path" type oppath default { "" } }
        parm { name "move" label "Move" type vector size 3 default { "0" "1" "2" } }
        parm { name "frame" label "Frame" type integer default { [ "$F" hscript-expression ] } }
    }
}
"""


def thing(hou, monkeypatch, marked=True, **sections):
    """A node of an asset with these sections, given as text."""
    given = {"DialogScript": DIALOG, "PythonCook": b"pass"}
    given.update((name, text.encode("ascii")) for name, text in sections.items())
    keys = [(name + "/IsPython").encode("ascii") for name in sections] if marked else []
    given["ExtraFileOptions"] = options.write_options([(key, options.BOOL, True) for key in keys])
    module = sys.modules["hou.hda"]
    monkeypatch.setattr(module, "read_library", lambda data: Library(given))
    hou.hda.installFile(__file__.replace(".pyc", ".py"))
    return scene.geometry_network(hou).createNode("tests::thing::1.0")


def ours(hou):
    scene.install_assets(hou)
    return scene.geometry_network(hou)


# -- Our own, packed ---------------------------------------------------------------------------


def test_a_library_tells_its_definitions(hou):
    """definitionsInFile gives a tuple of hou.HDADefinition."""
    path = os.path.join(scene.ROOT, "otls", "ml_inference.hda")
    (definition,) = hou.hda.definitionsInFile(path)
    assert definition.nodeTypeName() == "mlinference::ml_inference::1.0"
    assert definition.nodeTypeCategory().name() == "Sop"
    assert os.path.samefile(definition.libraryFilePath(), path)
    assert "PythonCook" in definition.sections()
    assert definition.sections()["PythonCook"].contents().startswith("import hou")


def test_an_installed_asset_can_be_created_by_its_bare_name(hou):
    geo = ours(hou)
    assert geo.createNode("ml_inference").type().name() == "mlinference::ml_inference::1.0"
    assert geo.createNode("ml_inference").name() == "ml_inference2"
    with pytest.raises(hou.OperationFailed):
        geo.createNode("ml_inference", exact_type_name=True)


def test_assets_survive_a_new_scene(hou):
    scene.install_assets(hou)
    hou.hipFile.clear(suppress_save_prompt=True)
    assert scene.geometry_network(hou).createNode("ml_inference") is not None


def test_what_is_no_library_is_refused(hou, folder):
    """definitionsInFile raises hou.OperationFailed if the file is invalid."""
    path = folder + "/not_a_library.hda"
    with open(path, "wb") as stream:
        stream.write(b"neither")
    with pytest.raises(hou.OperationFailed):
        hou.hda.installFile(path)


def test_the_contents_are_made_with_their_wires_and_expressions(hou):
    geo = ours(hou)
    glyphs = geo.createNode("digit_glyphs")
    switch = glyphs.node("switch1")
    assert len(switch.inputs()) >= 10
    glyphs.setInput(0, scene.python_sop(hou, geo, ANSWER % 7))
    assert switch.inputs()[switch.parm("input").eval()].parm("text").eval() == "7"
    glyphs.parm("fontsize").set(2.0)
    assert switch.inputs()[0].parm("fontsize").eval() == 2.0


def test_a_locked_asset_cannot_be_changed_inside(hou):
    glyphs = ours(hou).createNode("digit_glyphs")
    assert glyphs.isLockedHDA()
    with pytest.raises(hou.PermissionError):
        glyphs.node("switch1").parm("input").set(3)
    with pytest.raises(hou.PermissionError):
        glyphs.createNode("null")
    with pytest.raises(hou.OperationFailed):
        glyphs.node("switch1").destroy()
    glyphs.allowEditingOfContents()
    glyphs.node("switch1").parm("input").deleteAllKeyframes()
    glyphs.node("switch1").parm("input").set(3)


def test_a_message_node_speaks_for_its_asset(hou):
    """MessageNodes names the nodes inside whose messages the asset shows."""
    glyphs = ours(hou).createNode("digit_glyphs")
    assert glyphs.geometry() is None
    assert glyphs.errors() == glyphs.node("answer").errors()


def test_input_labels_are_those_of_the_dialog_script(hou):
    node = ours(hou).createNode("ml_inference")
    assert "Picture" in node.inputLabels()[0]


# -- Any asset ---------------------------------------------------------------------------------


@scene.skip_on_real("the library is made in the test")
def test_parameters_are_those_of_the_dialog_script(hou, monkeypatch):
    node = thing(hou, monkeypatch)
    assert [parm.name() for parm in node.parms()] == [
        "count", "mode", "press", "path", "movex", "movey", "movez", "frame"
    ]  # fmt: skip
    assert node.parm("count").eval() == 3
    assert node.parm("mode").evalAsString() == "b"
    assert node.parmTuple("move").eval() == (0.0, 1.0, 2.0)
    hou.setFrame(5)
    assert node.parm("frame").eval() == 5


@scene.skip_on_real("the library is made in the test")
def test_a_button_runs_its_callback(hou, monkeypatch):
    """"Emulates clicking a button parameter to trigger its callback script" (pressButton)."""
    node = thing(hou, monkeypatch)
    node.parm("press").pressButton()
    assert node.userData("pressed") == "press"


@scene.skip_on_real("the library is made in the test")
def test_a_failing_callback_is_reported(hou, monkeypatch):
    """"Raises hou.OperationFailed if the callback script could not be run" (pressButton)."""
    node = thing(hou, monkeypatch)
    node.parm("press")._channel.template.tags["script_callback"] = "nonsense"
    with pytest.raises(hou.OperationFailed):
        node.parm("press").pressButton()


@scene.skip_on_real("the library is made in the test")
def test_the_code_is_run_in_full_at_each_cook(hou, monkeypatch):
    """The Code section is evaluated in full at each cook; a module it imports is cached."""
    node = thing(hou, monkeypatch, PythonCook="hou.pwd().geometry().createPoint()")
    for count in (1, 2):
        node.cook(force=True)
        assert node.cookCount() == count and len(node.geometry().points()) == 1


@scene.skip_on_real("the library is made in the test")
def test_event_sections_run(hou, monkeypatch, folder):
    said = "kwargs['node'].setUserData('%s', hou.pwd().path())"
    node = thing(hou, monkeypatch, OnCreated=said % "created", OnLoaded=said % "loaded")
    assert node.userData("created") == node.path()
    assert node.userData("loaded") is None
    path = node.path()
    hou.hipFile.save(folder + "/scene.hip")
    hou.hipFile.load(folder + "/scene.hip")
    assert hou.node(path).userData("loaded") == path


@scene.since("17.5")
@scene.skip_on_real("the library is made in the test")
def test_a_scene_knows_that_it_is_being_loaded(hou, monkeypatch, folder):
    """"Returns True if Houdini is currently loading a scene file" (isLoadingHipFile)."""
    said = "kwargs['node'].setUserData('loading', str(hou.hipFile.isLoadingHipFile()))"
    node = thing(hou, monkeypatch, OnCreated=said, OnLoaded=said)
    assert node.userData("loading") == "False"
    path = node.path()
    hou.hipFile.save(folder + "/scene.hip")
    hou.hipFile.load(folder + "/scene.hip")
    assert hou.node(path).userData("loading") == "True"
    assert hou.hipFile.isLoadingHipFile() is False


@scene.skip_on_real("the library is made in the test")
def test_a_section_that_is_not_marked_is_not_run_as_python(hou, monkeypatch, capsys):
    """ExtraFileOptions says which scripts are Python; Houdini takes the others for HScript."""
    said = "kwargs['node'].setUserData('created', 'yes')"
    node = thing(hou, monkeypatch, marked=False, OnCreated=said, PythonModule="x = 1")
    assert node.userData("created") is None
    assert "OnCreated of %s failed" % node.path() in capsys.readouterr()[1]
    with pytest.raises(hou.OperationFailed):
        node.hdaModule()


@scene.skip_on_real("the library is made in the test")
def test_init_scripts_can_be_left_out(hou, monkeypatch):
    """"If True, the initialization script associated with the node type will be run"."""
    said = "kwargs['node'].setUserData('created', 'yes')"
    geo = thing(hou, monkeypatch, OnCreated=said).parent()
    made = geo.createNode("tests::thing::1.0", run_init_scripts=False)
    assert made.userData("created") is None


@scene.skip_on_real("the library is made in the test")
def test_a_deleted_node_runs_its_section_first(hou, monkeypatch):
    node = thing(hou, monkeypatch, OnDeleted="kwargs['node'].parent().setUserData('gone', 'yes')")
    geo = node.parent()
    node.destroy()
    assert geo.userData("gone") == "yes"


@scene.skip_on_real("the library is made in the test")
def test_the_python_module_is_the_assets_own(hou, monkeypatch):
    """hdaModule gives the functions that the asset's PythonModule defines."""
    node = thing(hou, monkeypatch, PythonModule="def double(x):\n    return 2 * x\n")
    assert node.hdaModule().double(4) == 8


@scene.skip_on_real("the library is made in the test")
def test_an_uninstalled_asset_is_unknown(hou, monkeypatch):
    geo = thing(hou, monkeypatch).parent()
    hou.hda.uninstallFile(hou.hda.loadedFiles()[0])
    with pytest.raises(hou.OperationFailed):
        geo.createNode("tests::thing::1.0")


@scene.skip_on_real("the library is made in the test")
def test_an_unknown_asset_in_a_scene_is_a_load_warning(hou, monkeypatch, folder):
    """load raises hou.LoadWarning when assets are missing, unless told to ignore it."""
    thing(hou, monkeypatch)
    hou.hipFile.save(folder + "/scene.hip")
    hou.hda.uninstallFile(hou.hda.loadedFiles()[0])
    with pytest.raises(hou.LoadWarning):
        hou.hipFile.load(folder + "/scene.hip")
    hou.hipFile.load(folder + "/scene.hip", ignore_load_warnings=True)
