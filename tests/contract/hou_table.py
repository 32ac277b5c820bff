#!/usr/bin/env python3
"""Write the table of what is relied on into the stand-in's README, from the tests themselves.

Dates in the last column are kept; a new row starts with "never".
"""

import ast
import glob
import io
import os
import re
import sys

FOLDER = os.path.dirname(os.path.abspath(__file__))
README = os.path.join(os.path.dirname(FOLDER), "stand_ins", "hou", "README.md")
MARKS = ("<!-- table -->\n", "<!-- end of table -->")
# Files whose tests are not about single sentences.
OTHER = ("test_hou_surface.py", "test_hou_use.py", "test_hou_mutations.py", "test_hou_readme.py")
TOPICS = {
    "test_hou_assets.py": "digital assets",
    "test_hou_cooking.py": "cooking",
    "test_hou_copernicus.py": "Copernicus",
    "test_hou_events.py": "events, saving",
    "test_hou_geometry.py": "hou.Geometry",
    "test_hou_images.py": "COP2",
    "test_hou_nodes.py": "hou.Node",
    "test_hou_parms.py": "hou.Parm",
    "test_hou_scene.py": "the scene",
}


def rows():
    """Quadruples of member, sentence relied on, test and file, in the order of the files."""
    for path in sorted(glob.glob(os.path.join(FOLDER, "test_hou_*.py"))):
        file = os.path.basename(path)
        if file in OTHER:
            continue
        with io.open(path, encoding="utf-8") as stream:
            module = ast.parse(stream.read())
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield member_of(node, file), sentence_of(node), node.name, file


def member_of(node, file):
    named = re.findall(r"\(((?:hou\.)?\w+(?:, \w+)*)\)", ast.get_docstring(node) or "")
    return "`%s`" % named[-1] if named else TOPICS[file]


def sentence_of(node):
    """The docstring's first paragraph, or the test's own name, which is a sentence."""
    text = ast.get_docstring(node)
    if not text:
        return node.name[len("test_") :].replace("_", " ").capitalize() + "."
    first = " ".join(text.split("\n\n")[0].split())
    return re.sub(r" ?\((?:hou\.)?\w+(?:, \w+)*\)(?=[.:]|$)", "", first).replace("|", "\\|")


def table(confirmed):
    """The table as Markdown; `confirmed` maps tests to dates."""
    lines = ["| member | relied on | test | last confirmed on a real Houdini |"]
    lines += ["| --- | --- | --- | --- |"]
    for member, sentence, test, _ in rows():
        lines.append(
            "| %s | %s | `%s` | %s |" % (member, sentence, test, confirmed.get(test, "never"))
        )
    return "\n".join(lines) + "\n"


def dates(readme):
    """Test -> what stands in the last column."""
    found = re.findall(r"\| `(test_\w+)` \| ([^|]*) \|$", readme, re.MULTILINE)
    return {test: date.strip() for test, date in found}


def renewed(readme):
    before, _, rest = readme.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    return before + MARKS[0] + table(dates(readme)) + MARKS[1] + after


def read():
    with io.open(README, encoding="utf-8") as stream:
        return stream.read()


def main():
    text = renewed(read())
    with io.open(README, "w", encoding="utf-8") as stream:
        stream.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
