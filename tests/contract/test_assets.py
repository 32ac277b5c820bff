# -*- coding: utf-8 -*-
"""The assets' text: the same names in every place, and a face for every parameter."""

import io
import json
import os
import re

import pytest

import build_hda
import readme
from hda_library.options import options_to_json, read_options

ASSETS = ("ml_inference", "digit_glyphs")


@pytest.fixture(params=ASSETS)
def name(request):
    return request.param


@pytest.fixture
def packed(root, name):
    with io.open(os.path.join(root, "otls", name + ".hda"), "rb") as stream:
        (asset,) = build_hda.read_library(stream.read()).assets
    return asset


def text(packed, section):
    return packed.sections[section].decode("utf-8")


def test_the_packed_libraries_are_what_the_build_makes(root):
    assert build_hda.main(["check"]) == 0


def test_the_name_is_the_same_in_every_place(packed, name):
    operator = "mlinference::%s::1.0" % name
    table = "mlinference::Sop/%s::1.0" % name
    assert (packed.operator, packed.table_name, packed.table) == (operator, table, "Sop")
    assert packed.icon == "opdef:/%s?IconSVG" % table
    script = text(packed, "DialogScript")
    assert re.search(r"^    name\t%s$" % operator, script, re.MULTILINE)
    assert re.search(r"^    script\t%s$" % operator, script, re.MULTILINE)
    assert re.search(r'^    label\t"%s"$' % packed.label, script, re.MULTILINE)
    assert "creation script for %s operator" % operator in text(packed, "CreateScript").lower()
    assert "# Node $arg1 (%s)" % table in text(packed, "CreateScript")
    assert "#internal: %s" % operator in text(packed, "Help")
    assert text(packed, "Help").startswith("= %s =\n" % packed.label)


def test_the_network_says_its_own_type(root):
    with io.open(os.path.join(root, "otls", "digit_glyphs.hda"), "rb") as stream:
        (asset,) = build_hda.read_library(stream.read()).assets
    assert b"type = mlinference::digit_glyphs::1.0\n" in asset.contents()["hdaroot.init"]


def test_python_cook_is_three_lines(root):
    with io.open(os.path.join(root, "otls", "ml_inference.hda"), "rb") as stream:
        (asset,) = build_hda.read_library(stream.read()).assets
    assert asset.python
    assert asset.sections["PythonCook"].decode("ascii").splitlines() == [
        "import hou",
        "from mlinference.houdini import cook",
        "cook.cook(hou.pwd())",
    ]


def test_the_icon_is_the_one_in_icons(root, packed, name):
    with io.open(os.path.join(root, "icons", name + ".svg"), "rb") as stream:
        assert packed.sections["IconSVG"] == stream.read()


def test_every_script_is_marked_as_python(packed):
    scripts = [
        section
        for section in packed.sections
        if section in ("PythonModule", "OnCreated", "OnLoaded", "OnUpdated", "OnDeleted")
    ]
    options = json.loads(
        options_to_json(read_options(packed.sections["ExtraFileOptions"])).decode("utf-8")
    )
    assert sorted({key.split("/")[0] for key in options}) == sorted(scripts)
    for script in scripts:
        assert options[script + "/IsPython"]["value"] is True
        compile(packed.sections[script], script, "exec")


def test_the_tab_menu_has_the_node_under_ml_inference(packed):
    shelf = text(packed, "Tools.shelf")
    assert 'name="$HDA_DEFAULT_TOOL"' in shelf
    assert "<toolSubmenu>ML Inference</toolSubmenu>" in shelf


def test_every_parameter_has_a_label_and_a_help_text(name):
    for parameter, label, helped in readme.parameters(name):
        assert label and helped.endswith("."), parameter


def test_a_file_choosers_patterns_are_separated_by_blanks():
    (patterns,) = re.findall(r'"filechooser_pattern" "(.*)"', readme.dialog_script("ml_inference"))
    assert patterns.split(" ") == ["*.index", "*.pb"]


def test_the_help_card_explains_every_parameter_and_no_other(packed, name):
    card = text(packed, "Help").split("@parameters")[1].split("\n@")[0]
    explained = re.findall(r"^([^\s=].*):\n    #id: (\w+)$", card, re.MULTILINE)
    assert explained == [(label, parameter) for parameter, label, _ in readme.parameters(name)]


def test_the_promised_parameters_keep_their_names_and_types():
    script = readme.dialog_script("ml_inference")
    for parameter, kind in (("recook", "button"), ("copnode", "oppath"), ("checkpoint", "file")):
        assert re.search(r'name +"%s"\n +label +"[^"]+"\n +type +%s\n' % (parameter, kind), script)


def test_the_code_reads_the_parameters_that_the_asset_has():
    cook = pytest.importorskip("mlinference.houdini.cook")
    following = pytest.importorskip("mlinference.houdini.following")
    timeline = pytest.importorskip("mlinference.houdini.timeline")
    known = {parameter for parameter, _, _ in readme.parameters("ml_inference")}
    read = set(cook.PARAMETERS) | {following.REFRESH, timeline.FRAME}
    assert known - {"recook", "reload"} == read


def test_readme_and_help_card_name_every_attribute(root):
    cook = pytest.importorskip("mlinference.houdini.cook")
    with io.open(os.path.join(root, "README.md"), encoding="utf-8") as stream:
        told = stream.read()
    with io.open(os.path.join(root, "otls", "ml_inference.hda"), "rb") as stream:
        (asset,) = build_hda.read_library(stream.read()).assets
    card = text(asset, "Help").split("@attributes")[1]
    for end in [""] + cook.ALL_ENDS:
        assert "`result%s`" % end in told
        assert "\nresult%s:\n" % end in card
