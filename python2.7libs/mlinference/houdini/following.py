"""Auto Recook: the node hears of changes to the COPs that it reads.

Houdini tells nobody that pixels changed, but a node's callbacks do hear of its parameters,
wires and flags. A Follower puts one on each COP on the way and, when any of them is called,
makes its node dirty: the node cooks when somebody looks at it, once, however many changes
there were. Nothing is cooked inside of a callback.

What this rests on, and what each line below is for: callbacks are not saved, so every cook
looks whether they are in place, and the asset's events do too; a node may be gone by the time
that it is needed, so session ids are kept and never nodes; other people's callbacks stay.
"""

import hou

from mlinference import errors
from mlinference._compat import native
from mlinference.houdini import source

# Where a node keeps its Follower. Cached data lives as long as the node and is neither saved
# nor copied with it.
KEY = "mlinference_follower"

# Bumped where Houdini has no other way to make a node dirty without cooking it.
REFRESH = "refresh"

# What may change a COP's pixels. Older versions lack some.
COP_EVENTS = frozenset(
    ("ParmTupleChanged", "InputRewired", "InputDataChanged", "FlagChanged", "BeingDeleted")
)
NETWORK_EVENTS = frozenset(("ChildSwitched", "ChildCreated", "ChildDeleted", "BeingDeleted"))
# Of a network that shows another one, and says by parameters which.
EXTERNAL_EVENTS = NETWORK_EVENTS | frozenset(("ParmTupleChanged",))
# Of a node that may get the name that is looked for.
RENAMED = frozenset(("NameChanged",))


def update(node, settings):
    """Follow the COPs that the node reads, or none, as its Auto Recook says.

    Args:
        node: The ML Inference hou.SopNode.
        settings: Has `autorecook`, `source` and `copnode`.
    """
    follower = node.cachedUserData(KEY)
    if not settings.autorecook:
        if follower is not None:
            stop(node)
        return
    if follower is None:
        follower = Follower(node)
        node.setCachedUserData(KEY, follower)
    follower.watch(_watched(node, settings))


def stop(node):
    """Take the node's callbacks away."""
    follower = node.cachedUserData(KEY)
    if follower is not None:
        follower.watch([])
        node.destroyCachedUserData(KEY)


def _watched(node, settings):
    """Return [(hou.Node, names of events), ...] for what the picture comes from."""
    path = native(settings.copnode).strip()
    if source.from_input(node, settings.source, path):
        return []
    try:
        cop = source.picture_node(node, path)
    except errors.InferenceError:
        return _awaited(node, path)
    found = []
    # Among them are nodes that an expression names, of any kind; those are not looked into.
    for each in (cop,) + tuple(cop.inputAncestors()):
        found.append((each, COP_EVENTS))
        if source.is_cop(each) and each.isNetwork():
            # What a subnet shows is made inside of it, or of another one there.
            inside = each.allSubChildren()
            found += [(inner, COP_EVENTS) for inner in inside]
            found += [(inner, NETWORK_EVENTS) for inner in (each,) + tuple(inside) if inner.isNetwork()]
    named = node.node(path)
    shows_another = named not in (cop, cop.parent())
    found += [(named, EXTERNAL_EVENTS)] if shows_another else []
    return found + [(cop.parent(), NETWORK_EVENTS)]


def _awaited(node, path):
    """Return [(hou.Node, names of events), ...] for what may yet get what the picture lacks."""
    named = node.node(path) if path else None
    if named is None:
        above = path
        while above and named is None:
            # Of a path that leads nowhere, the last node that is there.
            above = above.rpartition("/")[0]
            named = node.node(above) if above else None
        if named is None:
            return []
        return [(named, NETWORK_EVENTS)] + [(child, RENAMED) for child in named.children()]
    if named.parm("usecoppath") is None:
        return [(named, NETWORK_EVENTS)]
    found = [(named, EXTERNAL_EVENTS)]
    try:
        external = source.external_path(named)
    except errors.InferenceError:
        external = None
    shown = named.node(external.strip() or ".") if external is not None else None
    return found if shown is None else found + [(shown, NETWORK_EVENTS)]


class Follower(object):
    """The callbacks of one ML Inference node.

    Attributes:
        owner: Session id of that node.
        watched: {session id of a COP or network: names of the events that it is watched for}.
        pending: A change was heard of and the node not yet made dirty.
    """

    def __init__(self, node):
        self.owner = node.sessionId()
        self.watched = {}
        self.pending = False
        # One object, for a bound method is a new one each time that it is asked for.
        self.callback = self._changed

    def watch(self, nodes):
        """Be called for these nodes and for no others.

        Args:
            nodes: [(hou.Node, names of events), ...].
        """
        wanted = {}
        for node, names in nodes:
            # A node may come twice; and a COP may read what this one answers.
            number = node.sessionId()
            if number != self.owner:
                wanted[number] = wanted.get(number, frozenset()) | names
        at_hand = {node.sessionId(): node for node, _ in nodes}
        deaf = [number for number in wanted if not self._is_told_by(at_hand[number])]
        if wanted == self.watched and not deaf:
            return
        for number, names in self.watched.items():
            if wanted.get(number) != names:
                _remove(hou.nodeBySessionId(number), names, self.callback)
        for number in wanted:
            if number in deaf or self.watched.get(number) != wanted[number]:
                at_hand[number].addEventCallback(_types(wanted[number]), self.callback)
        self.watched = wanted

    def _is_told_by(self, node):
        """Tell whether a node has the callback: somebody may have removed all of the node's."""
        return any(callback == self.callback for _, callback in node.eventCallbacks())

    def _changed(self, **kwargs):
        if self.pending or _is_loading():
            return
        changed = kwargs.get("parm_tuple")
        if changed is not None and changed.name() == REFRESH:
            if changed.node().parm("copnode") is not None:
                # Another node like this one, that has heard of the same change or of this one's.
                return
        self.pending = True
        _defer(self._flush)

    def _flush(self):
        self.pending = False
        try:
            node = hou.nodeBySessionId(self.owner)
            if node is None:
                self.watch([])
            else:
                _make_dirty(node)
        except hou.ObjectWasDeleted:
            self.watched = {}


def _types(names):
    known = [name for name in sorted(names) if hasattr(hou.nodeEventType, name)]
    return tuple(getattr(hou.nodeEventType, name) for name in known)


def _remove(node, names, callback):
    if node is None:
        return
    try:
        node.removeEventCallback(_types(names), callback)
    except hou.OperationFailed:
        # Somebody removed every callback of the node.
        return


def _is_loading():
    # Houdini 16.5 is not known to tell.
    return getattr(hou.hipFile, "isLoadingHipFile", bool)()


def _defer(function):
    """Run a function when Houdini is idle, or now where there is no idle time: in hython."""
    try:
        import hdefereval
    except ImportError:
        function()
        return
    hdefereval.executeDeferred(function)


def _make_dirty(node):
    if hasattr(node, "invalidateOutput"):
        node.invalidateOutput()
        return
    parm = node.parm(REFRESH)
    try:
        # The drawing's own change is what the artist wants to undo.
        with hou.undos.disabler():
            parm.set(parm.eval() + 1)
    except hou.PermissionError:
        # Inside of a locked asset.
        cook_now(node)


def cook_now(node):
    """Cook the node at once. Its badge says what is wrong, if anything is."""
    try:
        node.cook(force=True)
    except (hou.OperationFailed, hou.OperationInterrupted):
        return
