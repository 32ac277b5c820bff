"""HOM's Node classes: thin references to an Op, equal when the Op is the same.

Up to 20.0 the class that `versions.choose_classes` exports as `hou.Node` is OpNode here; from 20.5
HOM has both. `hou.CopNode` is the COP2 class up to 20.0 and the Copernicus class from 20.5.
"""

import collections

from hou import cooking, enums, events, graph, late, parms
from hou.errors import (
    MARK,
    InvalidInput,
    ObjectWasDeleted,
    PermissionError,
    check_text,
    refuse,
)
from hou.geometry import Geometry
from hou.references import Reference
from hou.state import session
from hou.vectors import Color, Vector2

NO_DEFAULT = object()


def wrap(op):
    """Return a fresh HOM object for an Op; None for None."""
    if op is None:
        return None
    return CLASSES.get(op.kind.table, OpNode)(op)


def unwrap(node):
    """Return the Op of a HOM node, or of None."""
    if node is None:
        return None
    if not isinstance(node, Node):
        raise TypeError("A %s is not a hou.Node %s" % (type(node).__name__, MARK))
    return node._op


class NetworkItem(object):
    pass


class NetworkMovableItem(NetworkItem, Reference):
    def __init__(self, op):
        self._held = op

    @property
    def _op(self):
        if self._held.deleted:
            raise refuse("Attempt to access an object that no longer exists.", ObjectWasDeleted)
        return self._held

    def _same(self):
        return ("item", id(self._held))

    def name(self):
        return self._op.name

    def setName(self, name, unique_name=False):
        op = self._op
        op.check_editable()
        if check_text(name, "A name") == op.name:
            return
        free = graph.free_name(op.parent, name)
        if free != name and not unique_name:
            raise refuse("There is already a node named '%s'." % name)
        referring = _path_channels(op)
        op.name = free
        for channel, prefix in referring:
            _follow_rename(channel, prefix, op)
        events.emit(op, "NameChanged")

    def path(self):
        return self._op.path

    def relativePathTo(self, base_item):
        return parms.relative_path(self._op, base_item._op)

    def parent(self):
        return wrap(self._op.parent)

    def sessionId(self):
        return self._op.id

    def position(self):
        return Vector2(self._op.position)

    def setPosition(self, position):
        self._op.position = tuple(float(value) for value in position)
        events.emit(self._op, "PositionChanged")

    def move(self, amount):
        x, y = self._op.position
        self.setPosition((x + amount[0], y + amount[1]))

    def isSelected(self):
        return self._op.selected

    def setSelected(self, on, clear_all_selected=False, show_asset_if_selected=False):
        if clear_all_selected:
            for other in session.root.all_children():
                other.selected = False
        self._op.selected = bool(on)
        events.emit(self._op, "SelectionChanged")

    def color(self):
        return Color(self._op.color)

    def setColor(self, color):
        self._op.color = color.rgb()
        events.emit(self._op, "AppearanceChanged")


def _path_channels(op):
    """Parameters whose text is the path of this node or of one inside: renaming changes them."""
    found = []
    for other in session.root.all_children():
        for channel in other.channels.values():
            if channel.template.string_kind != "oppath" or not channel.value:
                continue
            target = other.find(channel.value)
            if target is op or (target is not None and target.path.startswith(op.path + "/")):
                found.append((channel, target))
    return found


def _follow_rename(channel, target, op):
    absolute = channel.value.startswith("/")
    channel.value = target.path if absolute else parms.relative_path(channel.op, target)
    channel.announce()


class Node(NetworkMovableItem):
    """What every node has."""

    def __repr__(self):
        held = self._held
        if held.deleted:
            return "<hou.%s (deleted)>" % type(self).__name__
        return "<hou.%s of type %s at %s>" % (type(self).__name__, held.kind.name, held.path)

    # -- what it is ----------------------------------------------------------------------------

    def type(self):
        return OpNodeType(self._op.kind)

    def childTypeCategory(self):
        child = self._op.kind.child
        return NodeTypeCategory(child) if child else None

    def isNetwork(self):
        return self._op.kind.child is not None

    def isSubNetwork(self):
        return self._op.kind.child == self._op.kind.table

    def isEditable(self):
        return not self._op.is_locked_asset

    def comment(self):
        return self._op.comment

    def setComment(self, comment):
        self._op.comment = check_text(comment, "A comment")

    # -- where it is ---------------------------------------------------------------------------

    def node(self, node_path):
        return wrap(self._op.find(check_text(node_path, "A path")))

    def children(self):
        return tuple(wrap(child) for child in self._op.children)

    def allSubChildren(
        self, top_down=True, recurse_in_locked_nodes=True, sync_delayed_definition=False
    ):
        return tuple(wrap(child) for child in self._op.all_children())

    def createNode(
        self, node_type_name, node_name=None, run_init_scripts=True, load_contents=True,
        exact_type_name=False, force_valid_node_name=False,
    ):  # fmt: skip
        op = self._op
        cooking.check_not_cooking("A node is created in %s" % op.path)
        check_text(node_type_name, "A node type name")
        if node_name is not None:
            check_text(node_name, "A node name")
            if force_valid_node_name:
                node_name = "".join(c if graph.NAME_CHARACTERS.match(c) else "_" for c in node_name)
        if op.kind.child is None:
            raise refuse("%s is not a network." % op.path)
        if op.is_locked_asset:
            raise refuse("%s is a locked asset." % op.path, PermissionError)
        op.check_editable()
        kind = graph.find_kind(op.kind.child, node_type_name, exact_type_name)
        if kind is None:
            raise refuse("Invalid node type name: %s in %s." % (node_type_name, op.path))
        return wrap(graph.create(op, kind, node_name, run_init_scripts, load_contents))

    def createOutputNode(
        self, node_type_name, node_name=None, run_init_scripts=True, load_contents=True,
        exact_type_name=False,
    ):  # fmt: skip
        made = self.parent().createNode(
            node_type_name, node_name, run_init_scripts, load_contents, exact_type_name
        )
        made.setInput(0, self)
        return made

    def createInputNode(
        self, input_index, node_type_name, node_name=None, run_init_scripts=True,
        load_contents=True, exact_type_name=False,
    ):  # fmt: skip
        made = self.parent().createNode(
            node_type_name, node_name, run_init_scripts, load_contents, exact_type_name
        )
        self.setInput(input_index, made)
        return made

    def destroy(self, disable_safety_checks=False):
        cooking.check_not_cooking("%s is destroyed" % self._op.path)
        if self._op.parent is None or self._op.parent.parent is None:
            raise refuse("%s cannot be deleted." % self._op.path)
        graph.delete(self._op)

    # -- wires ---------------------------------------------------------------------------------

    def inputs(self):
        """Fed nodes up to the last wire, None where nothing is wired in between."""
        op = self._op
        return tuple(wrap(op.input_op(index)) for index in range(op.input_count()))

    def input(self, input_index):
        return wrap(self._op.input_op(input_index))

    def inputConnections(self):
        op = self._op
        return tuple(NodeConnection(op, index) for index in sorted(op.inputs))

    def outputs(self):
        return tuple(wrap(other) for other in self._op.wired_to())

    def outputConnections(self):
        op = self._op
        return tuple(
            NodeConnection(other, index)
            for other in op.wired_to()
            for index in sorted(other.inputs)
            if other.inputs[index].source is op
        )

    def inputAncestors(self, include_ref_inputs=True, follow_subnets=False, only_used_inputs=False):
        found, waiting = collections.OrderedDict(), [self._op]
        while waiting:
            op = waiting.pop(0)
            for index in sorted(op.inputs):
                source = op.input_op(index)
                if source is not None and source not in found:
                    found[source] = True
                    waiting.append(source)
        return tuple(wrap(op) for op in found)

    def setInput(self, input_index, item_to_become_input, output_index=0):
        op = self._op
        cooking.check_not_cooking("%s is rewired" % op.path)
        op.check_editable()
        if not isinstance(input_index, int):
            raise TypeError("An input index is an int %s" % MARK)
        if not 0 <= input_index < op.kind.max_inputs:
            raise refuse("%s has no input %d." % (op.path, input_index), InvalidInput)
        if isinstance(item_to_become_input, SubnetIndirectInput):
            source = graph.Indirect(item_to_become_input._number)
        else:
            source = unwrap(item_to_become_input)
            if source is not None and source.parent is not op.parent:
                raise refuse("%s is not beside %s." % (source.path, op.path))
            if source is op or (source is not None and _is_upstream(source, op)):
                raise refuse("%s would feed itself." % op.path)
        op.connect(input_index, source, output_index)

    def setFirstInput(self, item_to_become_input, output_index=0):
        self.setInput(0, item_to_become_input, output_index)

    def setNextInput(self, item_to_become_input, output_index=0, unordered_only=False):
        free = [i for i in range(self._op.kind.max_inputs) if i not in self._op.inputs]
        if not free:
            raise refuse("%s has no free input." % self._op.path, InvalidInput)
        self.setInput(free[0], item_to_become_input, output_index)

    def indirectInputs(self):
        op = self._op
        if op.kind.child != op.kind.table:
            return ()
        return tuple(SubnetIndirectInput(op, number) for number in range(op.kind.max_inputs))

    def subnetOutputs(self):
        outputs = [child for child in self._op.children if child.kind.name == "output"]
        return tuple(wrap(child) for child in outputs)

    def inputNames(self):
        return tuple("input%d" % (number + 1) for number in range(self._op.kind.max_inputs))

    def inputLabels(self):
        definition = self._op.kind.definition
        given = {} if definition is None else definition.input_labels
        numbers = range(1, self._op.kind.max_inputs + 1)
        return tuple(given.get(number, "Input %d" % number) for number in numbers)

    def outputNames(self):
        return tuple("output%d" % (number + 1) for number in range(self._op.kind.max_outputs))

    # -- messages of the last cook ---------------------------------------------------------------

    def errors(self):
        return tuple(self._op.errors)

    def warnings(self):
        return tuple(self._op.warnings)

    def messages(self):
        return tuple(self._op.messages)

    # -- flags and looks -----------------------------------------------------------------------

    def moveToGoodPosition(
        self, relative_to_inputs=True, move_inputs=True, move_outputs=True, move_unconnected=True
    ):
        return self.position()

    def layoutChildren(self, items=(), horizontal_spacing=1.0, vertical_spacing=1.0):
        for number, child in enumerate(self._op.children):
            child.position = (0.0, -float(number) * vertical_spacing)

    def setCurrent(self, on, clear_all_selected=False):
        if on and self._op.parent is not None:
            events.emit(self._op.parent, "ChildSwitched", child=self._op)

    # -- user data: strings that are saved with the scene ----------------------------------------

    def setUserData(self, name, value):
        op = self._op
        op.user_data[check_text(name, "A name")] = check_text(value, "User data")
        events.emit(op, "CustomDataChanged")

    def userData(self, name):
        return self._op.user_data.get(check_text(name, "A name"))

    def userDataDict(self):
        return dict(self._op.user_data)

    def destroyUserData(self, name, must_exist=True):
        if name not in self._op.user_data and must_exist:
            raise refuse("There is no user data '%s'." % name)
        self._op.user_data.pop(name, None)


def _is_upstream(op, target):
    """Whether `op` is fed by `target`, however far."""
    for index in op.inputs:
        source = op.inputs[index].source
        if source is target or (isinstance(source, graph.Op) and _is_upstream(source, target)):
            return True
    return False


class OpNode(Node):
    """A node that has parameters and cooks."""

    # -- parameters ----------------------------------------------------------------------------

    def parm(self, parm_path):
        check_text(parm_path, "A parameter path")
        owner, name = _owner(self._op, parm_path)
        return parms.Parm(owner, name) if owner is not None and name in owner.channels else None

    def parmTuple(self, parm_path):
        check_text(parm_path, "A parameter path")
        owner, name = _owner(self._op, parm_path)
        return parms.ParmTuple(owner, name) if owner is not None and name in owner.tuples else None

    def parms(self):
        return tuple(parms.Parm(self._op, name) for name in self._op.channels)

    def parmTuples(self):
        return tuple(parms.ParmTuple(self._op, name) for name in self._op.tuples)

    def spareParms(self):
        op = self._op
        return tuple(
            parms.Parm(op, name)
            for name, channel in op.channels.items()
            if channel.template.name in op.spare
        )

    def addSpareParmTuple(self, parm_template, in_folder=(), create_missing_folders=False):
        op = self._op
        op.check_editable()
        template = parm_template._template
        if template.name in op.tuples:
            raise refuse("There is already a parameter '%s'." % template.name)
        parms.add_channels(op, [template], spare=True)
        events.emit(op, "SpareParmTemplatesChanged")
        return parms.ParmTuple(op, template.name)

    def evalParm(self, parm_path):
        check_text(parm_path, "A parameter path")
        owner, name = _owner(self._op, parm_path)
        if owner is None or name not in owner.channels:
            raise refuse("%s has no parameter '%s'." % (self._op.path, parm_path))
        return parms.evaluated(owner.channels[name])

    def evalParmTuple(self, parm_path):
        found = self.parmTuple(parm_path)
        if found is None:
            raise refuse("%s has no parameter '%s'." % (self._op.path, parm_path))
        return found.eval()

    def setParms(self, parm_dict):
        """Several at once: the event comes once, and its parm_tuple is None."""
        op = self._op
        changes = []
        for name, value in parm_dict.items():
            if check_text(name, "A parameter's name") in op.channels:
                changes.append((op.channels[name], value))
            elif name in op.tuples:
                changes.extend(zip(op.tuples[name], value))
            else:
                raise refuse("%s has no parameter '%s'." % (op.path, name))
        for channel, _ in changes:
            channel.check_settable()
        for channel, value in changes:
            channel.assign(channel.checked(value))
        for channel, _ in changes:
            channel.stale()
        tuples = {channel.template.name for channel, _ in changes}
        parm_tuple = parms.ParmTuple(op, tuples.pop()) if len(tuples) == 1 else None
        events.emit(op, "ParmTupleChanged", parm_tuple=parm_tuple)

    def parmTemplateGroup(self):
        templates = [channels[0].template for channels in self._op.tuples.values()]
        return parms.ParmTemplateGroup([parms.wrap_template(template) for template in templates])

    def setParmTemplateGroup(self, parm_template_group, rename_conflicting_parms=False):
        """What the node's type does not have becomes a spare parameter; gone spare ones go."""
        op = self._op
        op.check_editable()
        wanted = [template._template for template in parm_template_group.entries()]
        names = {template.name for template in wanted}
        for name in [name for name in op.spare if name not in names]:
            for channel in op.tuples.pop(name):
                del op.channels[channel.name]
            op.spare.remove(name)
        new = [template for template in wanted if template.name not in op.tuples]
        parms.add_channels(op, new, spare=True)
        events.emit(op, "SpareParmTemplatesChanged")

    def expressionLanguage(self):
        return self._op.language

    def setExpressionLanguage(self, language):
        self._op.language = language

    # -- assets --------------------------------------------------------------------------------

    def isLockedHDA(self):
        return self._op.is_locked_asset

    def isInsideLockedHDA(self):
        return self._op.locking_asset is not None

    def allowEditingOfContents(self, propagate=False):
        self._op.unlocked = True

    def matchCurrentDefinition(self):
        self._op.unlocked = False

    def matchesCurrentDefinition(self):
        return not self._op.unlocked

    def hdaModule(self):
        return self.type().hdaModule()

    def hm(self):
        return self.hdaModule()

    # -- cooking -------------------------------------------------------------------------------

    def cook(self, force=False, frame_range=()):
        op = self._op
        frames = _frames(frame_range)
        for frame in frames or (None,):
            if frame is not None:
                session.clock.set(frame)
            with session.computing(None):
                cooking.cook(op, force)
            cooking.raise_failure(op)

    def needsToCook(self, time=NO_DEFAULT):
        op = self._op
        if op.kind.cook is None:
            return False
        elsewhere = time is not NO_DEFAULT and parms.frame_at(time) != session.clock.frame
        return op.dirty or (elsewhere and op.timed)

    def cookCount(self):
        return self._op.cook_count

    def lastCookTime(self):
        return self._op.cook_time

    def isTimeDependent(self, for_last_cook=False):
        if not for_last_cook:
            with session.computing(None):
                cooking.cook(self._op)
        return self._op.timed

    def invalidateOutput(self):
        self._op.stale()

    def addError(self, message, severity=enums.severityType.Error):
        self._cooking_op().errors += (check_text(message, "A message"),)

    def addWarning(self, message=None):
        self._cooking_op().warnings += (check_text(message or "", "A message"),)

    def addMessage(self, message=None):
        self._cooking_op().messages += (check_text(message or "", "A message"),)

    def _cooking_op(self):
        if not session.cooking or session.cooking[-1] is not self._op:
            raise refuse("%s is not cooking." % self._op.path)
        return self._op

    # -- events --------------------------------------------------------------------------------

    def addEventCallback(self, event_types, callback):
        events.add(self._op, event_types, callback)

    def removeEventCallback(self, event_types, callback):
        events.remove(self._op, event_types, callback)

    def removeAllEventCallbacks(self):
        self._op.callbacks = []

    def eventCallbacks(self):
        return tuple((types, function) for types, function in self._op.callbacks)

    def addParmCallback(self, callback, names):
        self._op.parm_callbacks.append((callback, tuple(names)))

    # -- cached user data: any object, never saved -----------------------------------------------

    def setCachedUserData(self, name, value):
        self._op.cached[check_text(name, "A name")] = value

    def cachedUserData(self, name):
        return self._op.cached.get(check_text(name, "A name"))

    def cachedUserDataDict(self):
        return dict(self._op.cached)

    def destroyCachedUserData(self, name, must_exist=True):
        if name not in self._op.cached and must_exist:
            raise refuse("There is no cached user data '%s'." % name)
        self._op.cached.pop(name, None)

    def clearCachedUserDataDict(self):
        self._op.cached = {}


def _owner(op, parm_path):
    if "/" not in parm_path:
        return op, parm_path
    path, _, name = parm_path.rpartition("/")
    return op.find(path or "/"), name


def _frames(frame_range):
    values = tuple(frame_range)
    if not values:
        return []
    start, end, step = values if len(values) == 3 else values + (1.0,)
    count = int((end - start) / step) + 1
    return [start + step * number for number in range(count)]


def set_flag(op, name, on):
    cooking.check_not_cooking("A flag of %s is set" % op.path)
    op.check_editable()
    op.set_flag(name, on)


def flags(*names):
    """Give a node class HOM's two methods for each flag: isDisplayFlagSet, setDisplayFlag, ..."""

    def add(cls):
        for name in names:
            _add_flag(cls, name)
        return cls

    return add


def _add_flag(cls, name):
    def is_set(self):
        return self._op.flag(name.lower())

    def set_(self, on):
        set_flag(self._op, name.lower(), on)

    is_set.__name__, set_.__name__ = "is%sFlagSet" % name, "set%sFlag" % name
    setattr(cls, is_set.__name__, is_set)
    setattr(cls, set_.__name__, set_)


class Bypassable(object):
    def isBypassed(self):
        return self._op.flag("bypass")

    def bypass(self, on):
        set_flag(self._op, "bypass", on)


@flags("Display", "Render", "Template")
class SopNode(Bypassable, OpNode):
    """A geometry node. Inside of its own cook its geometry is writable; elsewhere it is live."""

    def geometry(self, output_index=0):
        op = self._op
        if op.is_cooking:
            return getattr(op, "handle", None)
        with session.computing(None):
            cooking.cook(op)
        op.read()
        return None if op.errors or op.result is None else Geometry._live(op)

    def geometryNoDep(self, output_index=0):
        with session.computing(None):
            return self.geometry(output_index)

    def geometryAtFrame(self, frame, output_index=0):
        with parms.at_frame(frame):
            found = self.geometryNoDep(output_index)
            return None if found is None else found.freeze(read_only=True)

    def inputGeometry(self, index):
        source = self._op.input_op(index)
        return None if source is None else wrap(source).geometry()

    def displayNode(self):
        return wrap(self._op.flagged_child("display"))

    def renderNode(self):
        return wrap(self._op.flagged_child("render"))


@flags("Display")
class ObjNode(OpNode):
    def displayNode(self):
        return wrap(self._op.flagged_child("display", "Sop"))

    def renderNode(self):
        return wrap(self._op.flagged_child("render", "Sop"))


class RopNode(OpNode):
    pass


class SubnetIndirectInput(NetworkMovableItem):
    """Inside of a subnet: the place where one of its inputs comes in."""

    def __init__(self, op, number):
        super(SubnetIndirectInput, self).__init__(op)
        self._number = number

    def _same(self):
        return ("indirect", id(self._held), self._number)

    def name(self):
        return str(self._number + 1)

    def number(self):
        return self._number

    def path(self):
        return self._op.path + "/" + self.name()

    def parent(self):
        return wrap(self._op)

    def input(self):
        return wrap(self._op.input_op(self._number))


class NodeConnection(NetworkItem):
    """A wire, seen from the node that it feeds."""

    def __init__(self, op, index):
        self._op = op
        self._index = index

    @property
    def _wire(self):
        wire = self._op.inputs.get(self._index)
        if wire is None:
            raise refuse("The wire is gone.", ObjectWasDeleted)
        return wire

    def inputNode(self):
        source = self._wire.source
        return None if isinstance(source, graph.Indirect) else wrap(source)

    def inputItem(self):
        source = self._wire.source
        if isinstance(source, graph.Indirect):
            return SubnetIndirectInput(self._op.parent, source.number)
        return wrap(source)

    def outputNode(self):
        return wrap(self._op)

    def inputIndex(self):
        return self._index

    def outputIndex(self):
        return self._wire.output


class NodeTypeCategory(Reference):
    """A table of node types. Two of them with one name are the same."""

    def __init__(self, name):
        self._name = name

    def _same(self):
        return ("category", self._name)

    def __repr__(self):
        return "<hou.NodeTypeCategory for %s>" % self._name

    def name(self):
        return self._name

    def nodeTypes(self):
        found = dict(graph.KINDS.get(self._name, {}))
        for (table, operator), definition in session.preferred.items():
            if table == self._name:
                found[operator] = definition.kind
        return {name: OpNodeType(kind) for name, kind in found.items()}

    def nodeType(self, type_name):
        kind = graph.find_kind(self._name, type_name, exact=True)
        return None if kind is None else OpNodeType(kind)


class NodeType(Reference):
    def __init__(self, kind):
        self._kind = kind

    def _same(self):
        return ("type", id(self._kind))

    def __repr__(self):
        return "<hou.NodeType for %s %s>" % (self._kind.table, self._kind.name)

    def name(self):
        return self._kind.name

    def nameComponents(self):
        return ("",) + graph.components(self._kind.name)

    def category(self):
        return NodeTypeCategory(self._kind.table)

    def description(self):
        return self._kind.label

    def minNumInputs(self):
        return self._kind.min_inputs

    def maxNumInputs(self):
        return self._kind.max_inputs

    def maxNumOutputs(self):
        return self._kind.max_outputs

    def childTypeCategory(self):
        return NodeTypeCategory(self._kind.child) if self._kind.child else None

    def parmTemplates(self):
        return tuple(parms.wrap_template(template) for template in self._kind.parms)

    def icon(self):
        definition = self._kind.definition
        return "" if definition is None else definition.asset_icon


class OpNodeType(NodeType):
    def definition(self):
        definition = self._kind.definition
        return None if definition is None else late.hda.HDADefinition(definition)

    def hdaModule(self):
        return late.hda.module_of(self._kind)

    def instances(self):
        return tuple(wrap(op) for op in session.root.all_children() if op.kind is self._kind)


# HOM's names from 20.5 on for what operators have.
OpNodeTypeCategory = NodeTypeCategory
OpNodeConnection = NodeConnection

# Category -> class of its nodes; images.py and copernicus.py add theirs.
CLASSES = {"Object": ObjNode, "Sop": SopNode, "Driver": RopNode}

