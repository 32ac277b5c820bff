"""What stands in a parameter instead of a value: expressions, $VARIABLES and `backticks`.

Of HScript only what this project and its assets use; an unknown function is an error, never 0.
"""

import math
import os
import re

from hou import cooking, enums, late
from hou.errors import refuse
from hou.state import session

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)"
    r'|"(?P<double>(?:\\.|[^"\\])*)"|\'(?P<single>(?:\\.|[^\'\\])*)\''
    r"|\$(?:(?P<variable>\w+)|\{(?P<braced>\w+)\})|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[-+*/%^()<>!,?:]))"
)
VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
FRAME_VARIABLE = re.compile(r"^F(\d*)$")


def evaluate(op, text, language):
    """Evaluate an expression on a node's parameter; `hou.pwd()` is the node."""
    with session.inside(op):
        if language is enums.exprLanguage.Python:
            return _python(op, text)
        return Hscript(op, text).value()


def _python(op, text):
    names = {name: value for name, value in vars(late.hou).items() if name[0] != "_"}
    names["hou"] = late.hou
    try:
        if "\n" not in text.strip() and not text.strip().startswith("return"):
            return eval(compile(text.strip(), "<expression>", "eval"), names)
        body = "\n".join("    " + line for line in text.splitlines())
        exec(compile("def expression():\n" + body, "<expression>", "exec"), names)
        return names["expression"]()
    except Exception as error:
        raise refuse("Unable to evaluate expression (%s: %s)." % (type(error).__name__, error))


# -- HScript ----------------------------------------------------------------------------------

# Loosest first; each level is a set of signs that bind equally.
LEVELS = (("||",), ("&&",), ("==", "!="), ("<", ">", "<=", ">="), ("+", "-"), ("*", "/", "%"))


class Hscript(object):
    """A recursive descent parser that evaluates as it goes."""

    def __init__(self, op, text):
        self.op = op
        self.text = text
        self.tokens = list(self._split(text))
        self.at = 0

    def _split(self, text):
        position = 0
        while text[position:].strip():
            match = TOKEN.match(text, position)
            if not match:
                raise self._error("syntax error")
            kind = match.lastgroup
            yield kind, match.group(kind)
            position = match.end()

    def _error(self, what):
        return refuse("Unable to evaluate expression (%s in '%s')." % (what, self.text))

    def value(self):
        found = self._level(0)
        if self.at != len(self.tokens):
            raise self._error("syntax error")
        return found

    def _peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else (None, None)

    def _take(self, sign):
        if self._peek() == ("sign", sign):
            self.at += 1
            return True
        return False

    def _level(self, level):
        if level == len(LEVELS):
            return self._unary()
        left = self._level(level + 1)
        while self._peek()[0] == "sign" and self._peek()[1] in LEVELS[level]:
            sign = self._peek()[1]
            self.at += 1
            left = _combine(sign, left, self._level(level + 1))
        return left

    def _unary(self):
        if self._take("-"):
            return -self._unary()
        if self._take("!"):
            return 0 if self._unary() else 1
        return self._atom()

    def _atom(self):
        kind, text = self._peek()
        self.at += 1
        if kind == "number":
            return float(text)
        if kind in ("double", "single"):
            return expand(self.op, re.sub(r"\\(.)", r"\1", text))
        if kind in ("variable", "braced"):
            return _numeric(variable(self.op, text))
        if kind == "name":
            return self._call(text)
        if (kind, text) == ("sign", "("):
            found = self._level(0)
            if self._take(")"):
                return found
        raise self._error("syntax error")

    def _call(self, name):
        if not self._take("("):
            raise self._error("unknown name %s" % name)
        arguments = []
        while not self._take(")"):
            arguments.append(self._level(0))
            if not self._take(",") and self._peek() != ("sign", ")"):
                raise self._error("syntax error")
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._error("unknown function %s" % name)
        return function(self.op, *arguments)


def _combine(sign, left, right):
    if sign == "+" and isinstance(left, str):
        return left + as_text(right)
    if sign in ("/", "%") and right == 0:
        return 0.0
    return {
        "||": lambda: float(bool(left or right)),
        "&&": lambda: float(bool(left and right)),
        "==": lambda: float(left == right),
        "!=": lambda: float(left != right),
        "<": lambda: float(left < right),
        ">": lambda: float(left > right),
        "<=": lambda: float(left <= right),
        ">=": lambda: float(left >= right),
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "%": lambda: math.fmod(left, right),
    }[sign]()


def _numeric(text):
    try:
        return float(text)
    except ValueError:
        return text


def as_text(value):
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "%g" % value if isinstance(value, float) else str(value)


def find_channel(op, path):
    """Find the parameter at a path such as "../switch1/index"; None if there is none."""
    node_path, _, name = path.rpartition("/")
    owner = op.find(node_path or ("/" if path.startswith("/") else "."))
    return None if owner is None else owner.channels.get(name)


def _channel(op, path):
    channel = find_channel(op, path)
    if channel is None:
        raise refuse("Bad parameter reference '%s' on %s." % (path, op.path))
    return channel


def _detail(op, path, name, index=0):
    """HScript answers 0 for whatever is missing: a node, its geometry, the attribute."""
    source = op.find(path)
    if source is None or source.kind.table != "Sop":
        return 0.0
    geometry = cooking.result(source)
    column = None if geometry is None else geometry.detail.columns.get(name)
    if column is None or column.kind == "string":
        return 0.0
    values = column.element(0)
    values = values if isinstance(values, tuple) else (values,)
    return float(values[int(index)]) if index < len(values) else 0.0


def _details(op, path, name):
    source = op.find(path)
    geometry = None if source is None else cooking.result(source)
    column = None if geometry is None else geometry.detail.columns.get(name)
    return "" if column is None else as_text(column.element(0))


def _has_detail(op, path, name):
    source = op.find(path)
    geometry = None if source is None else cooking.result(source)
    return float(geometry is not None and name in geometry.detail.columns)


def _input_path(op, path, index):
    owner = op.find(path)
    source = None if owner is None else owner.input_op(int(index))
    return "" if source is None else source.path


FUNCTIONS = {
    "ch": lambda op, path: _channel(op, path).number(),
    "chs": lambda op, path: _channel(op, path).text(),
    "detail": _detail,
    "details": _details,
    "hasdetailattrib": _has_detail,
    "opinputpath": _input_path,
    "opfullpath": lambda op, path: op.find(path).path if op.find(path) else "",
    "opninputs": lambda op, path: float(len(op.find(path).inputs)) if op.find(path) else 0.0,
    "if": lambda op, test, yes, no: yes if test else no,
    "ifs": lambda op, test, yes, no: yes if test else no,
    "int": lambda op, value: float(int(value)),
    "floor": lambda op, value: math.floor(value),
    "ceil": lambda op, value: math.ceil(value),
    "abs": lambda op, value: abs(value),
    "min": lambda op, a, b: min(a, b),
    "max": lambda op, a, b: max(a, b),
    "clamp": lambda op, value, low, high: max(low, min(high, value)),
    "strcmp": lambda op, a, b: float((a > b) - (a < b)),
    "strlen": lambda op, text: float(len(text)),
}


# -- Strings ----------------------------------------------------------------------------------


def variable(op, name):
    """Value of $NAME as text. The frame makes whoever reads it time dependent."""
    frame = FRAME_VARIABLE.match(name)
    if frame:
        session.clock.read()
        return "%0*d" % (int(frame.group(1) or 1), int(round(session.clock.frame)))
    if name in ("FF", "T"):
        session.clock.read()
        clock = session.clock
        return "%g" % (clock.frame if name == "FF" else (clock.frame - 1) / clock.fps)
    if name == "FPS":
        return "%g" % session.clock.fps
    if name == "OS" and op is not None:
        return op.name
    if name == "HIP":
        return os.path.dirname(os.path.abspath(session.hip)).replace(os.sep, "/")
    if name == "HIPNAME":
        return os.path.splitext(os.path.basename(session.hip))[0]
    if name == "HIPFILE":
        return session.hip
    if name in session.variables:
        return session.variables[name]
    return os.environ.get(name, "")


def expand(op, text, backticks=False):
    """Replace $VARIABLES, unknown ones by nothing, and, where parameters do, `expressions`."""
    if backticks and "`" in text:
        parts = text.split("`")
        if len(parts) % 2 == 0:
            raise refuse("Unmatched backtick in '%s'." % text)
        parts[1::2] = [as_text(Hscript(op, part).value()) for part in parts[1::2]]
        text = "".join(parts)
    return VARIABLE.sub(lambda match: variable(op, match.group(1) or match.group(2)), text)


