# -*- coding: utf-8 -*-
"""The help cards speak of every parameter, in both languages, and of no other."""

import io
import os
import re

import pytest

HDA = "hda"
FOLDERS = {
    "ml_inference": "mlinference_8_8Sop_1ml__inference_8_81.0",
    "digit_glyphs": "mlinference_8_8Sop_1digit__glyphs_8_81.0",
}
JAPANESE = u"== \u65e5\u672c\u8a9e == (japanese)"

PARM = re.compile(r'\bparm \{\s+name\s+"(\w+)"\s+label\s+"([^"]+)"(.*?)\n\s+\}(?=\n)', re.DOTALL)


def section(root, asset, name):
    with io.open(os.path.join(root, HDA, asset, FOLDERS[asset], name), encoding="utf-8") as stream:
        return stream.read()


def parameters(root, asset):
    """Return [(name, label, rest of its block), ...] of the DialogScript."""
    found = PARM.findall(section(root, asset, "DialogScript"))
    assert found
    return found


@pytest.mark.parametrize("asset", sorted(FOLDERS))
def test_every_parameter_has_a_help_text(root, asset):
    assert [name for name, _, block in parameters(root, asset) if not re.search(r'help\s+"\w', block)] == []


@pytest.mark.parametrize("asset", sorted(FOLDERS))
def test_the_card_has_every_parameter_under_its_label_in_their_order(root, asset):
    english = section(root, asset, "Help").split(JAPANESE)[0]
    found = re.findall(r"^(\S.*):\n    #id: (\w+)$", english, re.MULTILINE)
    expected = [(label, name) for name, label, _ in parameters(root, asset)]
    if asset == "ml_inference":
        assert sorted(found) == sorted(expected)
    else:
        assert [label for label, _ in expected] == re.findall(r"^(\w+):\n    #id", english, re.MULTILINE)


@pytest.mark.parametrize("asset", sorted(FOLDERS))
def test_the_japanese_card_has_every_label(root, asset):
    japanese = section(root, asset, "Help").split(JAPANESE)[1]
    listed = re.findall(r"^([A-Z][^:\n]*):$", japanese, re.MULTILINE)
    labels = [label for entry in listed for label in entry.split(", ")]
    assert sorted(labels) == sorted(label for _, label, _ in parameters(root, asset))


@pytest.mark.parametrize("asset", sorted(FOLDERS))
def test_every_menu_entry_of_the_preview_is_explained(root, asset):
    for name, _, block in parameters(root, asset):
        if name not in ("preview", "read", "smoothing"):
            continue
        entries = re.findall(r'^\s+"\w+"\s+"([^"]+)"$', block, re.MULTILINE)
        assert len(entries) > 1
        english = section(root, asset, "Help").split("#id: %s\n" % name)[1].split("#id:")[0]
        assert [entry for entry in entries if "    %s:\n" % entry not in english] == []
