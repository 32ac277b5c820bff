"""The scene behind HOM: operators, their kinds, wires and flags.

HOM's Node objects are thin, temporary references to an `Op`; two of them are equal when the Op is
the same. The Op is what lives, is wired, gets dirty, and is deleted.
"""

import collections
import re

from hou import enums, events, late, undo
from hou.errors import PermissionError, refuse
from hou.state import Source, session

NAME_CHARACTERS = re.compile(r"^[A-Za-z0-9_.\-]+$")

# category -> {type name: Kind}; assets are found through the session's definitions instead.
KINDS = collections.OrderedDict()

# An input that is fed from outside the network: the k-th input of the parent.
Indirect = collections.namedtuple("Indirect", "number")
Wire = collections.namedtuple("Wire", "source output")

EXCLUSIVE_FLAGS = ("display", "render", "export")


class Kind(object):
    """A node type: its name, parameters and inputs, and the function that cooks it.

    Args:
        table: Category that nodes of this kind belong to: Sop, Cop2, Cop, Object, ...
        name: Operator name, with namespace and version if it has them.
        parms: Parameter templates (`parms.Template`).
        cook: Function of the Op, returning its result; None for what does not cook.
        child: Category of the nodes inside; None for a leaf.
    """

    def __init__(
        self, table, name, parms=(), inputs=(0, 0), cook=None, child=None, label=None,
        definition=None, created=None, outputs=1,
    ):  # fmt: skip
        self.table = table
        self.name = name
        self.parms = tuple(parms)
        self.min_inputs, self.max_inputs = inputs
        self.max_outputs = outputs
        self.cook = cook
        self.child = child
        self.label = label or name.title()
        self.definition = definition
        self.created = created

    @property
    def bare_name(self):
        return components(self.name)[1]


def components(name):
    """Split "space::name::1.0" into ("space", "name", "1.0"); absent parts are ""."""
    parts = name.split("::")
    if len(parts) == 3:
        return tuple(parts)
    if len(parts) == 2:
        is_version = re.match(r"^[\d.]+$", parts[1]) is not None
        return ("", parts[0], parts[1]) if is_version else (parts[0], parts[1], "")
    return "", name, ""


def register(*kinds):
    for kind in kinds:
        KINDS.setdefault(kind.table, collections.OrderedDict())[kind.name] = kind


def find_kind(table, name, exact=False):
    """Find a type by full name, or by its bare name as the Tab menu does; None if there is none."""
    builtin = KINDS.get(table, {})
    assets = {
        key[1]: definition.kind
        for key, definition in session.preferred.items()
        if key[0] == table
    }
    for found in (assets.get(name), builtin.get(name)):
        if found is not None:
            return found
    if exact:
        return None
    space, bare, version = components(name)
    for full in sorted(assets, reverse=True):
        a_space, a_bare, a_version = components(full)
        if a_bare == bare and space in ("", a_space) and version in ("", a_version):
            return assets[full]
    return None


class Op(Source):
    """One node of the scene."""

    def __init__(self, parent, kind, name):
        super(Op, self).__init__()
        self.parent = parent
        self.kind = kind
        self.name = name
        self.id = session.next_id()
        self.children = []
        self.inputs = {}
        self.channels = collections.OrderedDict()
        self.tuples = collections.OrderedDict()
        self.spare = set()
        self.flags = {}
        self.user_data = collections.OrderedDict()
        self.cached = {}
        self.callbacks = []
        self.parm_callbacks = []
        self.selected = False
        self.comment = ""
        self.color = (0.8, 0.8, 0.8)
        self.position = (0.0, 0.0)
        self.language = enums.exprLanguage.Hscript
        self.deleted = False
        self.unlocked = False
        # The last cook
        self.dirty = True
        self.is_cooking = False
        self.is_walking = False
        self.cook_count = 0
        self.cook_time = 0.0
        self.result = None
        self.errors = ()
        self.warnings = ()
        self.messages = ()

    # -- where it is ---------------------------------------------------------------------------

    @property
    def path(self):
        if self.parent is None:
            return "/"
        return self.parent.path.rstrip("/") + "/" + self.name

    def find(self, path):
        """Follow a path, relative to this node or absolute; None when it leads nowhere."""
        op = session.root if path.startswith("/") else self
        for part in path.split("/"):
            if op is None:
                return None
            if part == "..":
                op = op.parent
            elif part not in ("", "."):
                op = op.child(part)
        return op

    def child(self, name):
        for child in self.children:
            if child.name == name:
                return child
        return None

    def all_children(self):
        for child in list(self.children):
            yield child
            for deeper in child.all_children():
                yield deeper

    @property
    def is_locked_asset(self):
        return self.kind.definition is not None and bool(self.kind.child) and not self.unlocked

    @property
    def locking_asset(self):
        """The locked asset that this node is inside of, or None."""
        op = self.parent
        while op is not None:
            if op.is_locked_asset:
                return op
            op = op.parent
        return None

    def check_editable(self):
        asset = self.locking_asset
        if asset is not None and not session.loading:
            message = "%s is inside the locked asset %s." % (self.path, asset.path)
            raise refuse(message, PermissionError)

    # -- dirtiness -----------------------------------------------------------------------------

    def stale(self):
        """Something that the last cook used has changed; so are all that depend on this node."""
        if self.is_walking or self.deleted:
            return
        self.is_walking = True
        try:
            with events.held():
                self.dirty = True
                self.changed()
                for out in self.wired_to():
                    out.stale()
                    if self in out.sources:
                        events.emit(out, "InputDataChanged", input_index=out.index_of(self))
                    out.tell_inside(out.indices_of(self))
        finally:
            self.is_walking = False

    def wired_to(self):
        """Nodes that have this one as an input, by wire or through a subnet's inside."""
        if self.parent is None:
            return []
        found = [
            other
            for other in self.parent.children
            if any(wire.source is self for wire in other.inputs.values())
        ]
        return found

    def tell_inside(self, indices):
        """What comes in through these inputs has changed for the nodes inside, too."""
        for child in self.children:
            for wire in child.inputs.values():
                if isinstance(wire.source, Indirect) and wire.source.number in indices:
                    child.stale()
                    child.tell_inside(child.indices_of(wire.source))

    def indices_of(self, source):
        return [index for index, wire in self.inputs.items() if wire.source == source]

    def index_of(self, source):
        return min(self.indices_of(source))

    # -- wires ---------------------------------------------------------------------------------

    def input_op(self, index):
        """The node that feeds an input, seen through subnet inputs; None if nothing does."""
        wire = self.inputs.get(index)
        if wire is None:
            return None
        if isinstance(wire.source, Indirect):
            return self.parent.input_op(wire.source.number)
        return wire.source

    def input_count(self):
        return max(self.inputs) + 1 if self.inputs else 0

    def connect(self, index, source, output=0):
        before = self.inputs.get(index)
        if source is None:
            self.inputs.pop(index, None)
        else:
            self.inputs[index] = Wire(source, output)
        undo.record("Rewire", lambda: self._restore_wire(index, before))
        self.rewired(index)

    def _restore_wire(self, index, wire):
        if wire is None:
            self.inputs.pop(index, None)
        else:
            self.inputs[index] = wire
        self.rewired(index)

    def rewired(self, index):
        self.stale()
        self.tell_inside([index])
        events.emit(self, "InputRewired", input_index=index)

    # -- flags ---------------------------------------------------------------------------------

    def flag(self, name):
        return self.flags.get(name, False)

    def set_flag(self, name, on):
        if self.flags.get(name, False) == bool(on):
            return
        if on and name in EXCLUSIVE_FLAGS and self.parent is not None:
            for sibling in self.parent.children:
                if sibling is not self and sibling.kind.table == self.kind.table:
                    if sibling.flags.pop(name, False):
                        events.emit(sibling, "FlagChanged")
        self.flags[name] = bool(on)
        events.emit(self, "FlagChanged")
        if name in ("bypass", "lock"):
            self.stale()
        if name in EXCLUSIVE_FLAGS and self.parent is not None:
            events.emit(self.parent, "ChildSwitched", child=self)
            if name in ("display", "render"):
                self.parent.stale()

    def flagged_child(self, name, table=None):
        for child in self.children:
            if child.flag(name) and table in (None, child.kind.table):
                return child
        return None


def create(parent, kind, name=None, run_scripts=True, load_contents=True):
    """Make a node, with its parameters, contents and flags, as Houdini's createNode does."""
    op = Op(parent, kind, free_name(parent, name or kind.bare_name + "1"))
    late.parms.add_channels(op, kind.parms)
    is_first = not any(sibling.kind.table == kind.table for sibling in parent.children)
    parent.children.append(op)
    session.by_id[op.id] = op
    if is_first and kind.table in ("Sop", "Cop2", "Cop"):
        op.flags["display"] = True
        if kind.table != "Cop":
            op.flags["render"] = True
    if load_contents and kind.definition is not None:
        kind.definition.load_contents(op)
    if run_scripts and kind.created is not None:
        kind.created(op)
    undo.record("Create %s" % op.name, lambda: None if op.deleted else delete(op))
    parent.stale()
    if run_scripts:
        late.hda.run_event(op, "OnCreated")
    events.emit(parent, "ChildCreated", child=op)
    return op


def delete(op):
    """Remove a node, its contents and its wires; its callbacks hear of it first."""
    if op.locking_asset is not None:
        raise refuse("%s is inside the locked asset %s." % (op.path, op.locking_asset.path))
    events.emit(op.parent, "ChildDeleted", child=op)
    _forget(op)
    outputs = op.wired_to()
    op.parent.children.remove(op)
    for out in outputs:
        for index in [i for i, wire in out.inputs.items() if wire.source is op]:
            del out.inputs[index]
            out.rewired(index)
    op.changed()
    op.parent.stale()


def _forget(op):
    for child in list(op.children):
        _forget(child)
    events.emit(op, "BeingDeleted")
    late.hda.run_event(op, "OnDeleted")
    op.callbacks = []
    op.deleted = True
    session.by_id.pop(op.id, None)


def free_name(parent, wanted):
    """Return `wanted`, with its number counted up until no sibling has the name."""
    if not NAME_CHARACTERS.match(wanted):
        raise refuse("'%s' is not a valid node name." % wanted)
    taken = {child.name for child in parent.children}
    name = wanted
    while name in taken:
        stem, digits = re.match(r"^(.*?)(\d*)$", name).groups()
        name = stem + str(int(digits or 0) + 1)
    return name
