"""Reads a DialogScript section: the parameters and input labels of an asset.

The text is words, "quoted strings" and { blocks }; `read` returns parameter templates in order.
"""

import collections
import re

from hou import parms

TOKEN = re.compile(r'"((?:\\.|[^"\\])*)"|([{}])|#[^\n]*|([^\s{}"]+)')

KINDS = {
    "toggle": "Toggle",
    "integer": "Int",
    "intvector": "Int",
    "intvector2": "Int",
    "float": "Float",
    "log": "Float",
    "angle": "Float",
    "vector": "Float",
    "vector2": "Float",
    "uv": "Float",
    "color": "Float",
    "ordinal": "Menu",
    "button": "Button",
    "label": "Label",
    "separator": "Separator",
}
SUFFIXES = {"vector": "xyzw", "vector2": "xy", "uv": "uvw", "color": "rgba"}


class Word(str):
    """A word without quotes; only such a word is a keyword."""


Dialog = collections.namedtuple("Dialog", "templates input_labels output_labels label")


def read(text):
    """Parse a DialogScript.

    Returns:
        Dialog: templates without folders, labels as {position from 1: text}.
    """
    block = [item for item in _block(_tokens(text)) if isinstance(item, list)][0]
    labels = {"inputlabel": {}, "outputlabel": {}}
    for at, item in enumerate(block):
        if _is_key(item, *labels):
            labels[item][int(block[at + 1])] = block[at + 2]
    return Dialog(
        list(_templates(block)), labels["inputlabel"], labels["outputlabel"], _value(block, "label")
    )


def _tokens(text):
    for match in TOKEN.finditer(text):
        quoted, brace, word = match.groups()
        if quoted is not None:
            yield "text", re.sub(r"\\(.)", r"\1", quoted)
        elif brace is not None:
            yield "brace", brace
        elif word is not None:
            yield "text", Word(word)


def _block(tokens):
    items = []
    for kind, text in tokens:
        if (kind, text) == ("brace", "{"):
            items.append(_block(tokens))
        elif (kind, text) == ("brace", "}"):
            return items
        else:
            items.append(text)
    return items


def _value(block, key, default=""):
    for at, item in enumerate(block[:-1]):
        if _is_key(item, key):
            return block[at + 1]
    return default


def _is_key(item, *keys):
    return isinstance(item, Word) and item in keys


def _templates(block):
    for at, item in enumerate(block):
        if _is_key(item, "parm"):
            yield _template(block[at + 1])
        elif _is_key(item, "group", "groupsimple", "groupcollapsible", "groupradio"):
            for template in _templates(block[at + 1]):
                yield template


def _template(block):
    kind = _value(block, "type", "string")
    size = int(_value(block, "size", "1"))
    return parms.Template(
        _value(block, "name"),
        KINDS.get(kind, "String"),
        label=_value(block, "label"),
        defaults=tuple(_value(block, "default", [])),
        size=size,
        suffixes=SUFFIXES.get(kind),
        menu=_pairs(_value(block, "menu", [])),
        tags=_tags(block),
        help=_value(block, "help"),
        string_kind=kind,
    )


def _pairs(items):
    items = [item for item in items if item != "usetokenvalue"]
    return tuple(zip(items[::2], items[1::2]))


def _tags(block):
    return dict(
        tuple(block[at + 1]) for at, item in enumerate(block[:-1])
        if _is_key(item, "parmtag") and len(block[at + 1]) == 2
    )  # fmt: skip
