"""Makes the nodes inside of a subnet asset from its contents: cpio members by name.

A child is a block of members: .init (type), .def (flags, wires), .parm (values), .chn
(expressions), .spareparmdef (spare parameters); the root has .order and .inp.
"""

import re

from hou import dialogscript, enums, graph, parms
from hou.errors import refuse

ESCAPED = re.compile(r"\\(.)")
# The values may hold line ends, when a string does.
ROW = re.compile(r"^(\S+)\t\[ [^\]]*\]\t\((.*?)\)$", re.MULTILINE | re.DOTALL)
VALUE = re.compile(r'\[\s*(\w+)\t[^\]]*\]|"((?:\\.|[^"\\])*)"|([^\s()\[\]]+)')


def instantiate(op, members):
    """Fill a network with what its library says.

    Args:
        op: The asset's node.
        members: Ordered mapping of cpio member names to bytes; the root is `hdaroot`.
    """
    texts = {name: _text(data) for name, data in members.items() if ".OP" not in name}
    _fill(op, "hdaroot", texts)


def _text(data):
    return data if str is bytes else data.decode("utf-8")


def _fill(op, root, texts):
    names = _children(root, texts)
    made = {name: _make(op, root + "/" + name, name, texts) for name in names}
    for name in names:
        _wire(made[name], texts[root + "/" + name + ".def"], made)
        _fill(made[name], root + "/" + name, texts)
    op.children = [made[name] for name in _order(root, texts, names)]


def _children(root, texts):
    pattern = re.compile("^%s/([^/]+)\\.init$" % re.escape(root))
    matches = [pattern.match(name) for name in texts]
    return sorted(match.group(1) for match in matches if match)


def _order(root, texts, names):
    listed = texts.get(root + ".order", "").split("\n")[1:]
    listed = [name for name in listed if name in names]
    return listed + [name for name in names if name not in listed]


def _make(parent, path, name, texts):
    kind_name = re.search(r"^type = (\S+)", texts[path + ".init"], re.MULTILINE).group(1)
    kind = graph.find_kind(parent.kind.child, kind_name)
    if kind is None:
        raise refuse("The contents of %s use the unknown type '%s'." % (parent.path, kind_name))
    child = graph.create(parent, kind, name, run_scripts=False)
    child.flags = _flags(texts[path + ".def"])
    if path + ".spareparmdef" in texts:
        spare = dialogscript.read("{" + texts[path + ".spareparmdef"].strip().strip("{}") + "}")
        parms.add_channels(child, spare.templates, spare=True)
    _set_values(child, texts.get(path + ".parm", ""))
    _set_expressions(child, texts.get(path + ".chn", ""))
    return child


def _flags(definition):
    words = re.search(r"^flags =(.*)$", definition, re.MULTILINE).group(1).split()
    states = dict(zip(words[::2], words[1::2]))
    return {
        name: states.get(name) == "on"
        for name in ("display", "render", "bypass", "template", "lock")
    }


def _wire(op, definition, siblings):
    """Rows of `inputs`: index, source (or the parent's input in brackets), output, 1."""
    block = re.search(r"^inputs\s*\{\n(.*?)^\}", definition, re.MULTILINE | re.DOTALL)
    for row in block.group(1).splitlines() if block else ():
        index, source, output = row.split()[:3]
        outside = re.match(r"^\((\d+)\)$", source)
        found = graph.Indirect(int(outside.group(1))) if outside else siblings[source]
        op.inputs[int(index)] = graph.Wire(found, int(output))


def _set_values(op, text):
    """Rows of .parm: name, flags in brackets, values in parentheses, parted by tabs."""
    for name, values in ROW.findall(text):
        for channel, match in zip(op.tuples.get(name, ()), VALUE.finditer(values)):
            driven, quoted, word = match.groups()
            if driven is None:
                value = word if quoted is None else ESCAPED.sub(_unescaped, quoted)
                channel.value = channel.template.convert(value)


def _unescaped(match):
    return {"n": "\n", "t": "\t"}.get(match.group(1), match.group(1))


def _set_expressions(op, text):
    for name, body in re.findall(r"channel (\S+) \{(.*?)\n    \}", text, re.DOTALL):
        expression = re.search(r"expr = (.*?)(?: language = (\w+))? \}", body, re.DOTALL)
        channel = op.channels.get(name)
        if expression is None or channel is None:
            continue
        written, language = expression.groups()
        quoted = re.match(r'^"(.*)"$', written, re.DOTALL)
        written = quoted.group(1) if quoted else written
        channel.expression = ESCAPED.sub(_unescaped, written)
        is_python = language == "python"
        channel.language = enums.exprLanguage.Python if is_python else enums.exprLanguage.Hscript
