"""Copernicus, from 20.5: `hou.CopNode` without pixel access, and from 21 with layers."""

from hou import graph, nodes, versions
from hou.graph import Kind
from hou.nodes import OpNode


def register():
    if not versions.at_least("20.5"):
        return
    for table in ("Object", "CopNet", "Driver"):
        graph.register(Kind(table, "copnet", child="Cop"))
    graph.register(Kind("Cop", "null", (), (0, 1), None))


class CopNode(OpNode):
    """A Copernicus node."""

    def isDisplayFlagSet(self):
        return self._op.flag("display")

    def setDisplayFlag(self, on):
        nodes._set_flag(self._op, "display", on)
