"""What goes into a TensorFlow graph and what comes out, read from its definition alone.

A definition is a GraphDef: a list of nodes, each with the names of its inputs ("node",
"node:1", "^node" for order only), and a library of functions, whose bodies are such lists
again ("node:output:0"). Nothing is imported; nodes are any objects with GraphDef's names.
"""

from mlinference import _compat

PLACEHOLDERS = ("Placeholder", "PlaceholderV2")
WITH_DEFAULT = ("PlaceholderWithDefault",)
VARIABLES = ("Variable", "VariableV2", "VarHandleOp", "AutoReloadVariable")
PYTHON = ("PyFunc", "PyFuncStateless", "EagerPyFunc")

# What hands its input on: an answer is what was computed before it.
PASSING = ("Identity", "IdentityN", "Cast", "Reshape", "Squeeze", "EnsureShape", "StopGradient")
CALLS = ("PartitionedCall", "StatefulPartitionedCall")

# Which class, and no longer how probable each is.
CHOICES = ("ArgMax", "TopK", "TopKV2")


class Graph(object):
    """The nodes of a GraphDef by name."""

    def __init__(self, definition):
        self.nodes = _by_name(definition.node)
        library = definition.library.function
        self._functions = {_compat.native(each.signature.name): each for each in library}

    def kind(self, tensor):
        """Return the type of the operation that computes a tensor, such as "Softmax".

        Looks through what only hands on, and into functions; "" where that leads nowhere.
        """
        nodes, (name, index) = self.nodes, _split(tensor)
        while name in nodes:
            node = nodes[name]
            kind = _compat.native(node.op)
            if kind in PASSING and node.input:
                name, index = _split(node.input[index if kind == "IdentityN" else 0])
                continue
            function = self._function(node, kind)
            if function is None:
                return kind
            nodes = _by_name(function.node_def)
            output = function.signature.output_arg[index].name
            name, index = _split(function.ret[output])
        return ""

    def _function(self, node, kind):
        if kind in CALLS:
            kind = _compat.native(node.attr["f"].func.name)
        return self._functions.get(kind)

    def before(self, tensors, kinds):
        """Return the names of the nodes of these kinds that tensors depend on, sorted."""
        leading = self._leading(tensors)
        return [name for name in self.of_kinds(kinds) if name in leading]

    def depends(self, tensor, source):
        """Tell whether a tensor depends on another."""
        return _split(source)[0] in self._leading([tensor])

    def _leading(self, tensors):
        """Return the names of the nodes that tensors are computed by, as a set."""
        waiting = [_split(tensor)[0] for tensor in tensors]
        seen = set()
        while waiting:
            name = waiting.pop()
            if name not in seen and name in self.nodes:
                seen.add(name)
                waiting += [_split(each)[0] for each in self.nodes[name].input]
        return seen

    def of_kinds(self, kinds):
        """Return the names of all nodes of these kinds, sorted."""
        return sorted(name for name in self.nodes if _compat.native(self.nodes[name].op) in kinds)

    def python_calls(self):
        """Return [(name, type)] of the operations that call back into Python."""
        bodies = [self.nodes] + [_by_name(each.node_def) for each in self._functions.values()]
        return [
            (name, _compat.native(node.op))
            for nodes in bodies
            for name, node in sorted(nodes.items())
            if node.op in PYTHON
        ]

    def answers(self):
        """Return the names of the tensors that nothing uses and that depend on a placeholder.

        Where one is only the best class's number, the scores that it was chosen from. Some may be of
        operations that answer nothing ("NoOp:0").
        """
        inputs = [each for node in self.nodes.values() for each in node.input]
        used = {_split(each)[0] for each in inputs if not each.startswith("^")}
        sources = self.of_kinds(PLACEHOLDERS + WITH_DEFAULT)
        ends = sorted(set(self.nodes) - used - set(sources))
        led = [name for name in ends if not self._leading([name]).isdisjoint(sources)]
        tensors = [self._scores(name) for name in led]
        return sorted(set(tensors))

    def _scores(self, end):
        name = end
        while name in self.nodes and self.nodes[name].input:
            kind = _compat.native(self.nodes[name].op)
            source = self.nodes[name].input[0]
            if kind in CHOICES:
                return "%s:%d" % _split(source)
            if kind not in PASSING:
                break
            name = _split(source)[0]
        return end + ":0"


def _by_name(nodes):
    return {_compat.native(node.name): node for node in nodes}


def _split(tensor):
    """Return (node, index) of "node", "node:1", "^node" or a function's "node:output:0"."""
    parts = _compat.native(tensor).lstrip("^").split(":")
    return parts[0], int(parts[-1]) if len(parts) > 1 else 0
