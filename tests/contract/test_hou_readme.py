"""The stand-in's README says what its tests rest on, all of it and nothing else."""

import io
import re
import sys

import hou_stubs
import hou_table
import pytest
import scene

pytestmark = pytest.mark.skipif(sys.version_info < (3, 8), reason="docstrings differ before 3.8")


def test_the_table_is_that_of_the_tests():
    text = hou_table.read()
    assert text == hou_table.renewed(text), "run: python tests/contract/hou_table.py"


def test_every_version_is_named():
    for version in scene.VERSIONS:
        assert version in hou_table.read()


# What is quoted from pages of the documentation that the stubs do not repeat.
PAGES = {
    "the last number in the filename is the frame number": "nodes/cop2/file",
}


def quotes():
    """Pairs of test and each sentence that it quotes, cut where three dots leave words out."""
    for _, sentence, test, _ in hou_table.rows():
        for quoted in re.findall(r'"([^"]{12,})"', sentence):
            for part in quoted.split("..."):
                if len(part.split()) > 2:
                    yield test, part.strip()


@pytest.mark.skipif(scene.REAL, reason="this is about the published text")
def test_every_quotation_is_published():
    with io.open(hou_stubs.path(hou_stubs.NEWEST), encoding="utf-8") as stream:
        published = " ".join(stream.read().replace("\\", "").split())
    published = published.replace('"', "").replace("'", "")
    missing = [
        "%s: %s" % (test, quoted)
        for test, quoted in quotes()
        if quoted not in PAGES and quoted.replace("'", "") not in published
    ]
    assert "\n".join(missing) == ""
