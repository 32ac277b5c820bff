"""The questions to a real Houdini: asked of the stand-in, and of one that does something wrong."""

import os

import hou
import scene as scenes

import verify_in_houdini
from mlinference.houdini import example

ROWS = "Are rows handed out bottom first?"
SOURCES = "Is hda/ left alone when assets are scanned, its folders having no .hda ending?"
ALPHA = "What are the components of a plane A?"


def asked(houdini, text):
    return dict(verify_in_houdini.QUESTIONS)[text](houdini)


def test_every_question_can_be_asked_and_none_is_answered_with_no(houdini, capsys):
    assert verify_in_houdini.ask(houdini) == 0
    lines = capsys.readouterr().out.splitlines()
    for text, _ in verify_in_houdini.QUESTIONS:
        assert [line[:4].strip() for line in lines if line[5:] == text] in (["yes"], [""])


def test_the_alpha_is_asked_of_a_picture_that_has_one(houdini):
    assert "'A'" in asked(houdini, ALPHA)


@scenes.skip_on_real("changes what hou does")
def test_a_top_row_first_is_answered_with_no(houdini, monkeypatch):
    assert asked(houdini, ROWS) is True
    scene = example.build(houdini.node("/obj"), [example.own_drawings()[9]])
    kind = next(each for each in type(scene.out).__mro__ if "allPixels" in vars(each))
    kept = kind.allPixels
    monkeypatch.setattr(kind, "allPixels", lambda self, *args: kept(self, *args)[::-1])
    assert asked(houdini, ROWS) is False


@scenes.skip_on_real("changes what hou does")
def test_a_source_that_is_loaded_as_an_asset_is_answered_with_no(houdini, monkeypatch, root):
    packed = os.path.join(root, "otls", "ml_inference.hda")
    source = os.path.join(root, "hda", "ml_inference", "INDEX__SECTION")
    for loaded, answer in (((packed,), True), ((packed, source), False)):
        monkeypatch.setattr(hou.hda, "loadedFiles", staticmethod(lambda found=loaded: found))
        assert asked(houdini, SOURCES) is answer
    elsewhere = (os.path.join(root, "other", "otls", "a.hda"),)
    monkeypatch.setattr(hou.hda, "loadedFiles", staticmethod(lambda: elsewhere))
    assert asked(houdini, SOURCES).startswith("not asked")
