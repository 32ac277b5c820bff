#!/usr/bin/env python
"""Keep the tables of README and of the help card equal to what they describe.

README's stand between two HTML comments, `<!-- NAME -->` and `<!-- /NAME -->`; the help card of
ML Inference has the messages under a heading of their own. Without an option the files are
rewritten; with --check nothing is written and a difference exits with 1.
"""

from __future__ import print_function

import argparse
import glob
import inspect
import io
import os
import re
import sys
import textwrap

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
README = os.path.join(ROOT, "README.md")
sys.path.insert(0, os.path.join(ROOT, "python2.7libs"))


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 on a difference"
    )
    arguments = parser.parse_args(argv)
    files = ((README, readme), (help_card(), card))
    behind = [path for path, renewed in files if renew(path, renewed, arguments.check)]
    if arguments.check and behind:
        names = ", ".join(os.path.relpath(path, ROOT) for path in behind)
        print("%s: behind the code; run python scripts/readme.py" % names, file=sys.stderr)
        return 1
    return 0


def renew(path, renewed, only_check):
    """Write what `renewed` makes of a file, unless only checking; return whether that differs."""
    with io.open(path, encoding="utf-8") as stream:
        text = stream.read()
    wanted = renewed(text)
    if wanted != text and not only_check:
        with io.open(path, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(wanted)
    return wanted != text


def readme(text):
    for name, table in (
        ("parameters", parameters_table("ml_inference")),
        ("glyph-parameters", parameters_table("digit_glyphs")),
        ("errors", messages_table("InferenceError")),
        ("warnings", messages_table("Caution")),
        ("variables", variables_table()),
        ("networks", networks_table()),
        ("questions", questions_list()),
    ):
        text = replace(text, name, table)
    return text


def card(text):
    """Renew the messages of the help card, between their heading and the next part."""
    head, heading, rest = text.partition(u"== Messages == (messages)\n")
    if not heading:
        raise SystemExit("the help card has no place for the messages")
    return head + heading + card_messages() + rest[rest.index(u"\n@") :]


def card_messages():
    entries = []
    for base in ("InferenceError", "Caution"):
        for kind in node_messages(base):
            shown = tuple(re.sub(r"\{(\w+)[^}]*\}", u"<\\1>", line) for line in lines_of(kind))
            told = textwrap.wrap(u" ".join(shown[1:]), 92)
            lines = [shown[0].rstrip(".") + ":"] + [u"    " + line for line in told]
            entries.append(u"\n" + u"\n".join(lines) + u"\n")
    return u"".join(entries)


def node_messages(base):
    """Return the messages that an artist can meet: not those of the commands."""
    from mlinference import errors

    commands = (errors.NumPyMissing, errors.TrainingError, errors.BatchError, errors.ConversionError)
    return [kind for kind in messages(base) if not issubclass(kind, commands)]


def help_card():
    (path,) = glob.glob(os.path.join(ROOT, "hda", "ml_inference", "*", "Help"))
    return path


def replace(text, name, table):
    begin, end = u"<!-- %s -->" % name, u"<!-- /%s -->" % name
    if begin not in text or end not in text:
        raise SystemExit("README.md has no place for '%s'" % name)
    head, rest = text.split(begin, 1)
    return head + begin + u"\n" + table + end + rest.split(end, 1)[1]


def rows(heading, lines):
    rule = u"| %s |" % u" | ".join([u"---"] * (heading.count("|") - 1))
    return u"".join(line + u"\n" for line in [heading, rule] + lines)


def dialog_script(asset):
    (path,) = glob.glob(os.path.join(ROOT, "hda", asset, "*", "DialogScript"))
    with io.open(path, encoding="utf-8") as stream:
        return stream.read()


def parameters(asset):
    """Return [(name, label, help)] in the order of the DialogScript."""
    found = []
    for block in re.split(r"\bparm \{", dialog_script(asset))[1:]:
        values = []
        for key in ("name", "label", "help"):
            match = re.search(r'^\s*%s\s+"((?:[^"\\]|\\.)*)"' % key, block, re.MULTILINE)
            values.append(match.group(1).replace('\\"', '"') if match else "")
        found.append(tuple(values))
    return found


def parameters_table(asset):
    return rows(
        u"| parameter | name | what it does |",
        [u"| %s | `%s` | %s |" % (label, name, text) for name, label, text in parameters(asset)],
    )


def messages(base_name):
    """Return the message classes below a base of errors.py, in the order of the file."""
    from mlinference import errors

    base = getattr(errors, base_name)
    found = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, base) and kind.PROBLEM
    ]
    source = inspect.getsource(errors)
    return sorted(found, key=lambda kind: source.index("class %s(" % kind.__name__))


def messages_table(base_name):
    return rows(
        u"| what it says | what was found | what to change |",
        [
            u"| %s |" % u" | ".join(escaped(line) for line in lines_of(kind))
            for kind in messages(base_name)
        ],
    )


def lines_of(kind):
    return (kind.PROBLEM, kind.FOUND, kind.REMEDY)


def escaped(template):
    """Show a template's fields as words in italics: '{node}' becomes '*node*'."""
    return re.sub(r"\{(\w+)[^}]*\}", r"*\1*", template).replace("|", "\\|").replace("_", "\\_")


def variables_table():
    from mlinference import networks

    return rows(
        u"| variable | shape |",
        [
            u"| `%s` | %s |" % (name, u", ".join(str(size) for size in shape))
            for name, shape in networks.CONVOLUTIONAL.variables(10)
        ],
    )


def networks_table():
    from mlinference import networks

    return rows(
        u"| network | parameters | variables |",
        [
            u"| `%s` | %s | %s |"
            % (
                network.name,
                u"{:,}".format(network.parameters(10)),
                u", ".join(u"`%s`" % name for name, _ in network.variables(10)),
            )
            for network in networks.NETWORKS
        ],
    )


def questions_list():
    sys.path.insert(0, os.path.join(ROOT, "tests"))
    import verify_in_houdini

    return u"".join(u"- %s\n" % text for text, _ in verify_in_houdini.QUESTIONS)


if __name__ == "__main__":
    sys.exit(main())
