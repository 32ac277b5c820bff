"""The article's scene, whole, on every version: from a drawing to a digit in geometry."""

import importlib

import pytest
import scene


def example_of(hou, drawings):
    """Build the example with some of our drawings; our modules are those for this `hou`."""
    example = importlib.import_module("mlinference.houdini.example")
    scene.install_assets(hou)
    own = example.own_drawings()
    return example.build(hou.node("/obj"), [own[index] for index in drawings])


def answer(built):
    geometry = built.inference.geometry()
    assert geometry is not None, built.inference.errors()
    return geometry.attribValue("result")


def test_a_drawing_becomes_a_digit(hou):
    built = example_of(hou, (3, 7))
    assert answer(built) == 3
    assert type(answer(built)) is int
    assert built.glyphs.geometry().attribValue("result") == 3


def test_recook_follows_the_switch(hou):
    built = example_of(hou, (3, 7))
    assert answer(built) == 3
    built.switch.parm("index").set(1)
    assert answer(built) == 3
    built.inference.parm("recook").pressButton()
    assert answer(built) == 7
    assert built.glyphs.geometry().attribValue("result") == 7


def test_twenty_cooks_give_one_answer(hou):
    built = example_of(hou, (3,))
    found = set()
    for _ in range(20):
        built.inference.cook(force=True)
        found.add(built.inference.geometry().attribValue("result_confidence"))
    assert len(found) == 1


def test_a_failure_is_a_badge_and_no_traceback(hou):
    built = example_of(hou, (3,))
    built.inference.parm("copnode").set("/obj/nowhere")
    assert built.inference.geometry() is None
    (message,) = built.inference.errors()
    assert "'/obj/nowhere'" in message and "Traceback" not in message
    built.inference.parm("recook").pressButton()
    assert built.glyphs.geometry() is None and built.glyphs.errors()


def test_the_scene_survives_a_reload(hou, folder):
    built = example_of(hou, (3,))
    path = built.inference.path()
    assert answer(built) == 3
    name = folder.replace("\\", "/") + "/scene.hip"
    hou.hipFile.save(name)
    hou.hipFile.load(name, suppress_save_prompt=True)
    node = hou.node(path)
    assert node.geometry().attribValue("result") == 3, node.errors()


def test_a_network_in_img_is_read_as_well(hou, folder):
    built = example_of(hou, (3,))
    net = hou.node("/img").createNode("img")
    example = importlib.import_module("mlinference.houdini.example")
    scene.file_cop(net, example.own_drawings()[7].replace("\\", "/"), linearize=True)
    built.inference.parm("copnode").set(net.path())
    assert answer(built) == 7


@scene.since("17.5")
def test_a_wired_network_needs_no_button(hou):
    built = example_of(hou, (3, 7))
    wired = built.inference.parent().createNode("cop2net")
    wired.parm("method").set("volume")
    wired.parm("usecoppath").set(1)
    wired.parm("coppath").set(built.out.path())
    built.inference.parm("copnode").set("")
    built.inference.setInput(0, wired)
    assert answer(built) == 3
    built.switch.parm("index").set(1)
    assert answer(built) == 7


@pytest.mark.parametrize("preview", ["picture", "probabilities"])
def test_a_preview_is_geometry(hou, preview):
    built = example_of(hou, (3,))
    built.inference.parm("preview").set(preview)
    geometry = built.inference.geometry()
    assert geometry is not None, built.inference.errors()
    assert len(geometry.prims()) > 0
