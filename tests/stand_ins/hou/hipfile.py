"""hou.hipFile, and the scene that a new session starts with.

A scene is saved in a format of our own: JSON of what Houdini saves as well. Event callbacks, cached
user data and cooked results are not part of it, which is what tests of reloading rest on.
"""

import io
import json
import os

from hou import enums, errors, graph, late, parms, versions
from hou.errors import refuse
from hou.state import session

MANAGERS = (("obj", "Object"), ("out", "Driver"), ("img", "CopNet"), ("ch", "ChopNet"))


def new_scene(with_defaults=True):
    """An empty scene, with the networks that each version starts with."""
    session.reset()
    session.root = graph.Op(None, graph.Kind("Director", "root", child="Manager"), "")
    for name, child in MANAGERS:
        manager = graph.Op(session.root, graph.Kind("Manager", name, child=child), name)
        session.root.children.append(manager)
        session.by_id[manager.id] = manager
    session.directories = [session.root]
    if with_defaults:
        _create_default_images(session.root.child("img"))
    session.undo = []


def _create_default_images(img):
    if versions.at_least("20.5"):
        # The documentation says that there is a default Copernicus network; its name is believed.
        graph.create(img, graph.find_kind("CopNet", "copnet"), "copnet1")
    else:
        graph.create(img, graph.find_kind("CopNet", "img"), "comp1")


class hipFile(object):
    @staticmethod
    def clear(suppress_save_prompt=False):
        for op in list(session.root.all_children()):
            op.deleted = True
        new_scene()

    @staticmethod
    def save(file_name=None, save_to_recent_files=True):
        if file_name is not None:
            session.hip = errors.check_text(file_name, "A path")
        scene = {
            "frame": session.clock.frame,
            "networks": {
                manager.name: [describe(op) for op in manager.children]
                for manager in session.root.children
            },
        }
        with io.open(errors.on_disk(session.hip), "w", encoding="utf-8") as stream:
            stream.write(u"%s" % json.dumps(scene, indent=1, sort_keys=True))

    @staticmethod
    def load(file_name, suppress_save_prompt=False, ignore_load_warnings=False):
        errors.check_text(file_name, "A path")
        if not os.path.isfile(errors.on_disk(file_name)):
            raise refuse("There is no file '%s'." % file_name)
        with io.open(errors.on_disk(file_name), encoding="utf-8") as stream:
            scene = _native(json.load(stream))
        hipFile.clear()
        new_scene(with_defaults=False)
        session.hip = file_name
        session.clock.frame = scene["frame"]
        warnings = []
        session.loading = True
        try:
            for name, records in sorted(scene["networks"].items()):
                restore(session.root.child(name), records, warnings)
        finally:
            session.loading = False
        if warnings and not ignore_load_warnings:
            raise refuse("\n".join(warnings), errors.LoadWarning)

    @staticmethod
    def path():
        return session.hip

    @staticmethod
    def name():
        return session.hip

    @staticmethod
    def basename():
        return os.path.basename(session.hip)

    @staticmethod
    def setName(file_name):
        session.hip = errors.check_text(file_name, "A path")

    @staticmethod
    def isLoadingHipFile():
        return session.loading


def _native(value):
    """JSON's strings as this Python's own str."""
    if isinstance(value, dict):
        return {_native(key): _native(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_native(item) for item in value]
    if str is bytes and hasattr(value, "encode"):
        return value.encode("utf-8")
    return value


def describe(op):
    """What is saved of a node. The inside of a locked asset comes from its library again."""
    return {
        "name": op.name,
        "type": op.kind.name,
        "flags": sorted(name for name, on in op.flags.items() if on),
        "parms": {c.name: _value(c) for c in op.channels.values() if not _is_default(c)},
        "spare": [_spare(op.tuples[name][0].template) for name in op.tuples if name in op.spare],
        "inputs": [[at, _source(wire), wire.output] for at, wire in sorted(op.inputs.items())],
        "user_data": dict(op.user_data),
        "children": [] if op.is_locked_asset else [describe(child) for child in op.children],
    }


def _is_default(channel):
    template = channel.template
    return channel.expression is None and channel.value == template.defaults[channel.component]


def _value(channel):
    if channel.expression is None:
        return {"value": channel.value}
    return {"expression": channel.expression, "language": channel.language.name()}


def _spare(template):
    return [template.name, template.kind, template.label, list(template.defaults), template.size]


def _source(wire):
    return wire.source.number if isinstance(wire.source, graph.Indirect) else wire.source.name


def restore(parent, records, warnings):
    """Make saved nodes. OnLoaded runs as each is made: those after it are not there yet."""
    made = {}
    for record in records:
        kind = graph.find_kind(parent.kind.child, record["type"])
        if kind is None:
            warnings.append("Unknown node type: %s/%s" % (parent.path, record["type"]))
            continue
        op = graph.create(parent, kind, record["name"], run_scripts=False)
        made[record["name"]] = op
        _restore_values(op, record)
        restore(op, record["children"], warnings)
        late.hda.run_event(op, "OnLoaded")
    for record in records:
        if record["name"] in made:
            _restore_wires(made[record["name"]], record["inputs"], made)


def _restore_values(op, record):
    op.flags = dict.fromkeys(record["flags"], True)
    op.user_data.update(record["user_data"])
    spare = [parms.Template(*row) for row in record["spare"]]
    parms.add_channels(op, spare, spare=True)
    for name, saved in record["parms"].items():
        channel = op.channels.get(name)
        if channel is None:
            continue
        if "value" in saved:
            channel.value = channel.template.convert(saved["value"])
        else:
            channel.expression = saved["expression"]
            channel.language = getattr(enums.exprLanguage, saved["language"])


def _restore_wires(op, rows, siblings):
    for index, source, output in rows:
        is_outside = not isinstance(source, str)
        found = graph.Indirect(source) if is_outside else siblings.get(source)
        if found is not None:
            op.inputs[index] = graph.Wire(found, output)


def copyNodesTo(nodes, destination_node):
    """Copy nodes with their parameters and contents, not with callbacks or cached user data."""
    sources = [late.nodes.unwrap(node) for node in nodes]
    target = late.nodes.unwrap(destination_node)
    target.check_editable()
    before = list(target.children)
    records = [describe(op) for op in sources]
    names = {}
    for record in records:
        names[record["name"]] = graph.free_name(target, record["name"])
    for record in records:
        record["name"] = names[record["name"]]
        record["inputs"] = [
            [index, names.get(source, source), output]
            for index, source, output in record["inputs"]
            if source in names or not isinstance(source, str)
        ]
    restore(target, records, [])
    return tuple(late.nodes.wrap(op) for op in target.children if op not in before)
