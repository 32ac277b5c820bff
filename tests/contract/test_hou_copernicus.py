"""Copernicus, from 20.5 on: each test quotes the sentence it rests on."""

import numpy
import pytest
import scene

pytestmark = scene.skip_on_real("the layers are painted in the test")

# Bottom row first.
VALUES = [[0.0, 0.25, 0.5], [0.6, 0.8, 1.0]]


def null(hou):
    return hou.node("/obj").createNode("copnet").createNode("null")


def painted(hou, values=VALUES, **more):
    node = null(hou)
    scene.paint(node, values, **more)
    return node


def floats(layer, storage, channels):
    width, height = layer.bufferResolution()
    flat = numpy.frombuffer(layer.allBufferElements(storage, channels), numpy.float32)
    return flat.reshape(height, width, channels)


@scene.since("21.0")
def test_the_bottom_row_is_first(hou):
    """The origin of a layer is its bottom left corner; an audit of 22 saw it."""
    layer = painted(hou).layer()
    found = floats(layer, hou.imageLayerStorageType.Float32, 1)[:, :, 0]
    assert numpy.allclose(found, VALUES)


@scene.since("21.0")
def test_the_resolution_is_x_then_y(hou):
    """"the number of data elements in the X and Y directions" (bufferResolution)."""
    assert painted(hou).layer().bufferResolution() == (3, 2)


@scene.since("21.0")
def test_elements_come_in_their_own_storage_or_converted(hou):
    """"a conversion will be performed just-in-time if they differ" (allBufferElements)."""
    layer = painted(hou, storage=hou.imageLayerStorageType.Fixed8).layer()
    assert layer.storageType() == hou.imageLayerStorageType.Fixed8
    native = numpy.frombuffer(layer.allBufferElements(), numpy.uint8)
    assert native.tolist() == [0, 64, 128, 153, 204, 255]
    converted = floats(layer, hou.imageLayerStorageType.Float32, 1)
    assert numpy.allclose(converted.ravel() * 255, native)


@scene.since("21.0")
def test_half_floats_are_two_bytes(hou):
    """"Values are stored in 16-bit floats" (imageLayerStorageType)."""
    layer = painted(hou, storage=hou.imageLayerStorageType.Float16).layer()
    assert len(layer.allBufferElements()) == 2 * 6


@scene.since("21.0")
def test_alpha_is_the_fourth_channel(hou):
    """channelCount: Mono 1, UV 2, RGB 3, RGBA 4; alpha is in the layer, unlike COP2's plane A."""
    node = painted(hou, numpy.ones((2, 3, 4)))
    assert node.layer().channelCount() == 4
    assert node.outputDataTypes() == ("RGBA",)


@scene.since("21.0")
def test_a_layer_is_detached_from_its_node(hou):
    """"it stays the same if the COP node recooks or is deleted" (ImageLayer)."""
    node = painted(hou)
    layer = node.layer()
    scene.paint(node, [[1.0]])
    node.cook()
    node.destroy()
    assert layer.bufferResolution() == (3, 2)


@scene.since("21.0")
def test_a_layer_is_read_only_until_frozen(hou):
    """"Call hou.ImageLayer.freeze to edit an ImageLayer" (ImageLayer)."""
    layer = painted(hou).layer()
    with pytest.raises(hou.GeometryPermissionError):
        layer.setAllBufferElements(b"")
    copy = layer.freeze()
    copy.setAllBufferElements(b"\0" * 4 * 6)
    assert not numpy.allclose(floats(layer, hou.imageLayerStorageType.Float32, 1), 0.0)


@scene.since("21.0")
def test_a_closed_layer_is_empty(hou):
    """"Resets this object to be an empty object" (close)."""
    with painted(hou).layer() as layer:
        assert layer.channelCount() == 1
    with pytest.raises(hou.OperationFailed):
        layer.channelCount()


@scene.since("21.0")
def test_windows_are_rectangles_that_may_differ(hou):
    """dataWindow and displayWindow are hou.BoundingRect; the data may be a part of the picture."""
    layer = painted(hou, data=(1, 2, 3, 2), display=(0, 0, 6, 6)).layer()
    data, display = layer.dataWindow(), layer.displayWindow()
    assert (tuple(data.min()), tuple(data.max())) == ((1, 2), (4, 4))
    assert tuple(display.size()) == (6, 6)


@scene.since("21.0")
def test_an_output_that_is_not_there_is_none(hou):
    assert painted(hou).layer(3) is None


@scene.since("21.0")
def test_a_failed_node_has_no_layer(hou):
    with pytest.raises(hou.OperationFailed):
        null(hou).layer()


@scene.since("21.0")
def test_a_file_has_an_output_only_with_an_aov(hou, folder):
    """The File COP's layer(0) exists only after an AOV is set."""
    node = hou.node("/obj").createNode("copnet").createNode("file")
    node.parm("filename").set(scene.write_picture(folder + "/grey.png", [[0, 255], [255, 255]]))
    assert node.layer() is None
    node.parm("addaovs").pressButton()
    layer = node.layer()
    assert layer.channelCount() == 3
    found = floats(layer, hou.imageLayerStorageType.Float32, 1)[:, :, 0]
    assert found.tolist() == [[1.0, 1.0], [0.0, 1.0]]


@scene.since("21.0")
def test_a_layer_of_another_frame_is_that_frames(hou, folder):
    """"Return the layer computed by this COP node cooked at the specified frame"."""
    for frame in (1, 2):
        scene.write_picture("%s/page.%d.png" % (folder, frame), [[0, 255], [255, 127 * frame]])
    node = hou.node("/obj").createNode("copnet").createNode("file")
    node.parm("filename").set(folder.replace("\\", "/") + "/page.$F.png")
    node.parm("addaovs").pressButton()
    hou.setFrame(1)
    now, later = (
        floats(layer, hou.imageLayerStorageType.Float32, 1)[0, 1, 0]
        for layer in (node.layer(), node.layerAtFrame(2))
    )
    assert now < 0.5 < later
    assert hou.frame() == 1


@scene.since("21.0")
def test_reading_a_layer_in_a_cook_is_no_dependency(hou):
    node = painted(hou)
    code = "hou.node('%s').layer()" % node.path()
    sop = scene.python_sop(hou, scene.geometry_network(hou), code)
    sop.cook()
    scene.paint(node, [[1.0]])
    assert not sop.needsToCook()


@scene.since("20.5")
def test_there_is_no_render_flag(hou):
    """Copernicus has display and export flags, and no render flag."""
    node = null(hou)
    assert node.isDisplayFlagSet()
    assert not hasattr(node, "isRenderFlagSet")


@scene.since("20.5")
def test_a_wired_network_gives_the_displayed_node_as_volumes(hou):
    """The display node inside is used; layers become 2D volumes (SOP copnet)."""
    net = scene.geometry_network(hou).createNode("copnet")
    net.parm("method").set("volume")
    first = net.createNode("null")
    scene.paint(first, VALUES)
    last = net.createOutputNode("null")
    (volume,) = last.geometry().prims()
    assert volume.resolution() == (3, 2, 1)
    assert numpy.allclose(volume.allVoxels(), numpy.ravel(VALUES))
    scene.paint(first, [[1.0]])
    assert last.needsToCook()


@scene.since("22.0")
def test_a_cable_holds_all_layers(hou):
    """22: node.cable() has wireNames(), wireCount() and layerByIndex(i)."""
    cable = painted(hou).cable()
    assert cable.wireCount() == 1
    assert cable.layerByIndex(0).bufferResolution() == (3, 2)


@scene.since("20.5")
@scene.before("22.0")
def test_there_are_no_cables_before_22(hou):
    assert not hasattr(hou.CopNode, "cable") and not hasattr(hou, "CopCable")
