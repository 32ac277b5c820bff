"""Parameters: templates, the channels behind them, and HOM's Parm and ParmTuple.

A channel is one component of one parameter of one node. It is a source: whoever evaluates it while
computing depends on it, and it depends on whatever its expression reads.
"""

import re

from hou import cooking, enums, events, expressions, late, undo
from hou.errors import MARK, ObjectWasDeleted, PermissionError, check_text, refuse
from hou.references import Reference
from hou.state import Source, session

WHOLE = ("Int", "Toggle", "Menu", "Button")
SIMPLE_REFERENCE = re.compile(r"""^\s*chs?\(\s*["']([^"']+)["']\s*\)\s*$""")
# What text is expanded for: variables and backticks.
DERIVED = re.compile("[$`]")
NUMBERS = (int, float) if str is not bytes else (int, float, long)  # noqa: F821


class Template(object):
    """What one parameter of a node type looks like.

    Args:
        name: Internal name of the tuple.
        kind: Name in hou.parmTemplateType.
        defaults: One value per component; text is converted, ("[", expression, language, "]")
            stands for an expression.
        pressed: What a built-in node's button does, as a function of the Op.
        suffixes: Characters that tell the components apart; digits from 1 if None.
        menu: Pairs of token and label.
    """

    def __init__(
        self, name, kind, label="", defaults=(), size=1, suffixes=None, menu=(), tags=None,
        help="", string_kind="string", pressed=None,
    ):  # fmt: skip
        self.name = name
        self.kind = kind
        self.label = label or name.title()
        self.size = size
        self.menu = tuple(menu)
        self.tokens = [token for token, _ in self.menu]
        self.tags = dict(tags or {})
        self.help = help
        self.string_kind = string_kind
        self.pressed = pressed
        self.suffixes = suffixes
        self.default_expressions = [None] * size
        self.defaults = self._read_defaults(list(defaults))

    def _read_defaults(self, given):
        values = []
        while given:
            item = given.pop(0)
            if item == "[":
                text, language = given.pop(0), given.pop(0)
                given.pop(0)
                is_python = language.startswith("python")
                self.default_expressions[len(values)] = (
                    text,
                    enums.exprLanguage.Python if is_python else enums.exprLanguage.Hscript,
                )
                item = ""
            values.append(item)
        values += [""] * (self.size - len(values))
        return tuple(self.convert(value) for value in values[: self.size])

    def convert(self, value):
        """Turn a default, or what a file holds, into the channel's own type."""
        if self.kind == "Toggle" and value in ("on", "off"):
            return int(value == "on")
        if self.kind == "Menu" and not self._is_number(value):
            return self.tokens.index(value) if value in self.tokens else 0
        if self.kind in WHOLE:
            return int(float(value or 0))
        if self.kind == "Float":
            return float(value or 0)
        return str(value)

    @staticmethod
    def _is_number(value):
        return isinstance(value, NUMBERS) or re.match(r"^-?\d+$", value) is not None

    @property
    def channel_names(self):
        if self.size == 1:
            return [self.name]
        ends = self.suffixes or [str(number + 1) for number in range(self.size)]
        return [self.name + end for end in ends[: self.size]]


def integer(name, default=0, **more):
    return Template(name, "Int", defaults=(default,), **more)


def floating(name, default=0.0, **more):
    return Template(name, "Float", defaults=(default,), **more)


def string(name, default="", **more):
    return Template(name, "String", defaults=(default,), **more)


def toggle(name, default=0, **more):
    return Template(name, "Toggle", defaults=(default,), **more)


def menu(name, default, tokens, **more):
    pairs = [(token, token.title()) for token in tokens.split()]
    return Template(name, "Menu", defaults=(default,), menu=pairs, **more)


class Channel(Source):
    """One component of a node's parameter: a value, or an expression that drives it."""

    def __init__(self, op, template, component):
        super(Channel, self).__init__()
        self.op = op
        self.template = template
        self.component = component
        self.name = template.channel_names[component]
        self.locked = False
        self.reset()

    def reset(self):
        self.value = self.template.defaults[self.component]
        self.expression, self.language = self.template.default_expressions[self.component] or (
            None,
            enums.exprLanguage.Hscript,
        )

    @property
    def path(self):
        return self.op.path.rstrip("/") + "/" + self.name

    def stale(self):
        """What the expression reads has changed: own parameters are used for cooking."""
        with events.held():
            self.changed()
            self.op.stale()

    def evaluate(self):
        """Return the value now, as int, float or str; the reader depends on it."""
        self.timed = False
        found = self.value
        # A bare value reads nothing.
        if self.expression is not None or (isinstance(found, str) and DERIVED.search(found)):
            with session.computing(self):
                found = self._compute()
        self.read()
        return found

    def _compute(self):
        if self.expression is not None:
            found = expressions.evaluate(self.op, self.expression, self.language)
            return self._cast(found)
        return expressions.expand(self.op, self.value, backticks=True)

    def _cast(self, found):
        kind = self.template.kind
        if kind not in WHOLE and kind != "Float":
            return expressions.as_text(found)
        if isinstance(found, str):
            try:
                found = float(found)
            except ValueError:
                raise refuse("The expression of %s gives text, not a number." % self.path)
        if found is None:
            raise refuse("The expression of %s gives nothing." % self.path)
        return int(found) if kind in WHOLE else float(found)

    def number(self):
        """The value as HScript's ch() has it: text counts as the number it begins with."""
        found = self.evaluate()
        if isinstance(found, str):
            match = re.match(r"^\s*-?\d*\.?\d*", found)
            return float(match.group() or 0) if match.group().strip("-. ") else 0.0
        return float(found)

    def text(self):
        found = self.evaluate()
        if self.template.kind == "Menu":
            return self.token(found)
        return found if isinstance(found, str) else expressions.as_text(found)

    def token(self, index):
        tokens = self.template.tokens
        return tokens[index] if 0 <= index < len(tokens) else str(index)

    def checked(self, value):
        """Return a value to store, refusing what HOM refuses.

        numpy's scalars are refused unless they are Python's own int or float as well; Python 2's
        unicode is refused, as is what UTF-8 cannot hold. Houdini may take more; code that passes here passes there.
        """
        kind = self.template.kind
        if kind in WHOLE or kind == "Float":
            if isinstance(value, str) and kind == "Menu":
                if value not in self.template.tokens:
                    raise refuse("'%s' is not a token of %s." % (value, self.path))
                return self.template.tokens.index(value)
            if not isinstance(value, NUMBERS):
                raise TypeError(
                    "A %s cannot be the value of the numeric parameter %s. %s"
                    % (type(value).__name__, self.path, MARK)
                )
            return int(value) if kind in WHOLE else float(value)
        return check_text(value, "The value of %s" % self.path)

    def referred(self):
        """The channel that a plain ch("...") reference leads to, or this one."""
        match = SIMPLE_REFERENCE.match(self.expression or "")
        found = match and expressions.find_channel(self.op, match.group(1))
        return found.referred() if found is not None else self

    def check_settable(self):
        cooking.check_not_cooking("The parameter %s is set" % self.path)
        self.op.check_editable()
        if self.locked:
            raise refuse("%s is locked." % self.path, PermissionError)

    def assign(self, value=None, expression=None, language=None):
        """Store a value or an expression without telling anyone."""
        before = (self.value, self.expression, self.language)
        undo.record("Parameter Change: %s" % self.path, lambda: self._restore(before))
        if expression is None:
            self.value = value
        else:
            self.expression, self.language = expression, language

    def _restore(self, before):
        self.value, self.expression, self.language = before
        self.announce()

    def announce(self):
        self.stale()
        events.emit(self.op, "ParmTupleChanged", parm_tuple=ParmTuple(self.op, self.template.name))
        for function, names in self.op.parm_callbacks:
            if self.template.name in names:
                function(late.nodes.wrap(self.op), ParmTuple(self.op, self.template.name))


def add_channels(op, templates, spare=False):
    for template in templates:
        channels = [Channel(op, template, index) for index in range(template.size)]
        op.tuples[template.name] = channels
        for channel in channels:
            op.channels[channel.name] = channel
        if spare:
            op.spare.add(template.name)


def foreign_to_cook(op):
    """Whether a Python cook is reading another node's parameter through HOM.

    Houdini documents dependencies for expressions and for the geometry that a cook asks for, but
    none for this, so the stand-in makes none.
    """
    if not session.readers or not session.cooking:
        return False
    cook = session.cooking[-1]
    return cook is not op and session.readers[-1] is cook


def evaluated(channel, how=Channel.evaluate):
    """Return what one of Channel's methods answers; whether that makes a dependency, as above."""
    if foreign_to_cook(channel.op):
        with session.computing(None):
            return how(channel)
    return how(channel)


class Parm(Reference):
    """A reference to one parameter component of a node."""

    def __init__(self, op, name):
        self._owner = op
        self._name = name

    @property
    def _channel(self):
        if self._owner.deleted or self._name not in self._owner.channels:
            raise refuse("The parameter '%s' is gone." % self._name, ObjectWasDeleted)
        return self._owner.channels[self._name]

    def _same(self):
        return ("parm", id(self._owner), self._name)

    def __repr__(self):
        return "<hou.Parm %s in %s>" % (self._name, self._owner.path)

    def node(self):
        return late.nodes.wrap(self._channel.op)

    def tuple(self):
        return ParmTuple(self._owner, self._channel.template.name)

    def name(self):
        return self._channel.name

    def path(self):
        return self._channel.path

    def description(self):
        return self._channel.template.label

    def componentIndex(self):
        return self._channel.component

    def parmTemplate(self):
        return wrap_template(self._channel.template)

    def menuItems(self):
        self._check_menu()
        return tuple(self._channel.template.tokens)

    def menuLabels(self):
        self._check_menu()
        return tuple(label for _, label in self._channel.template.menu)

    def _check_menu(self):
        if not self._channel.template.menu:
            raise refuse("%s has no menu." % self._channel.path)

    def _evaluate(self, how):
        return evaluated(self._channel, how)

    def eval(self):
        return evaluated(self._channel)

    def evalAsInt(self):
        return self._evaluate(lambda channel: int(channel.number()))

    def evalAsFloat(self):
        return self._evaluate(Channel.number)

    def evalAsString(self):
        return self._evaluate(Channel.text)

    def evalAtFrame(self, frame):
        with at_frame(frame):
            return self.eval()

    def evalAtTime(self, time):
        return self.evalAtFrame(frame_at(time))

    def evalAsNode(self):
        if self._channel.template.kind != "String":
            raise TypeError("%s does not hold a path. %s" % (self._channel.path, MARK))
        path = self.evalAsString()
        return late.nodes.wrap(self._owner.find(path)) if path else None

    def rawValue(self):
        channel = self._channel
        if channel.expression is not None:
            return channel.expression
        is_menu = channel.template.kind == "Menu"
        return channel.token(channel.value) if is_menu else str(channel.value)

    def unexpandedString(self):
        channel = self._channel
        if channel.template.kind != "String" or channel.expression is not None:
            raise refuse("%s has no unexpanded string." % channel.path)
        return channel.value

    def set(self, value, language=None, follow_parm_reference=True):
        channel = self._channel.referred() if follow_parm_reference else self._channel
        channel.check_settable()
        if isinstance(value, Parm):
            path = relative_path(channel.op, value._channel.op) + "/" + value._channel.name
            function = "chs" if channel.template.kind == "String" else "ch"
            channel.assign(
                expression='%s("%s")' % (function, path), language=enums.exprLanguage.Hscript
            )
        else:
            channel.assign(channel.checked(value))
        channel.announce()

    def setExpression(self, expression, language=None, replace_expression=True):
        check_text(expression, "An expression")
        channel = self._channel
        channel.check_settable()
        channel.assign(expression=expression, language=language or channel.op.language)
        channel.announce()

    def expression(self):
        if self._channel.expression is None:
            raise refuse("%s has no expression." % self._channel.path)
        return self._channel.expression

    def expressionLanguage(self):
        self.expression()
        return self._channel.language

    def deleteAllKeyframes(self):
        """The value that stays is the one that the expression gave."""
        channel = self._channel
        if channel.expression is None:
            return
        channel.check_settable()
        value = channel.evaluate()
        channel.expression = None
        channel.assign(value)
        channel.announce()

    def revertToDefaults(self):
        channel = self._channel
        channel.check_settable()
        before = (channel.value, channel.expression, channel.language)
        undo.record("Revert", lambda: channel._restore(before))
        channel.reset()
        channel.announce()

    def lock(self, on):
        self._channel.locked = bool(on)

    def isLocked(self):
        return self._channel.locked

    def isSpare(self):
        return self._channel.template.name in self._owner.spare

    def isTimeDependent(self):
        with session.computing(None):
            self._channel.evaluate()
        return self._channel.timed

    def getReferencedParm(self):
        channel = self._channel.referred()
        return Parm(channel.op, channel.name)

    def pressButton(self, arguments={}):  # noqa: B006  HOM's own default
        if self._channel.template.pressed is not None:
            self._channel.template.pressed(self._owner)
        late.hda.run_callback(self._channel, dict(arguments))


class ParmTuple(Reference):
    """A reference to all components of a parameter."""

    def __init__(self, op, name):
        self._owner = op
        self._name = name

    @property
    def _channels(self):
        if self._owner.deleted or self._name not in self._owner.tuples:
            raise refuse("The parameter '%s' is gone." % self._name, ObjectWasDeleted)
        return self._owner.tuples[self._name]

    def _same(self):
        return ("tuple", id(self._owner), self._name)

    def __len__(self):
        return len(self._channels)

    def __getitem__(self, index):
        return Parm(self._owner, self._channels[index].name)

    def __repr__(self):
        return "<hou.ParmTuple %s in %s>" % (self._name, self._owner.path)

    def node(self):
        return late.nodes.wrap(self._channels[0].op)

    def name(self):
        return self._channels[0].template.name

    def description(self):
        return self._channels[0].template.label

    def parmTemplate(self):
        return wrap_template(self._channels[0].template)

    def eval(self):
        return tuple(parm.eval() for parm in self)

    def isSpare(self):
        return self._name in self._owner.spare

    def isTimeDependent(self):
        return any(parm.isTimeDependent() for parm in self)

    def set(self, value, language=None, follow_parm_reference=True):
        channels = self._channels
        if not isinstance(value, (tuple, list)) and not hasattr(value, "__len__"):
            raise TypeError("A parameter tuple takes a sequence. %s" % MARK)
        if len(value) != len(channels):
            raise refuse(
                "%s has %d components, not %d." % (self._name, len(channels), len(value))
            )
        for channel, item in zip(channels, value):
            channel.check_settable()
            channel.assign(channel.checked(item))
        for channel in channels[1:]:
            channel.changed()
        channels[0].announce()

    def revertToDefaults(self):
        for parm in self:
            parm.revertToDefaults()

    def lock(self, bool_values):
        for channel, on in zip(self._channels, bool_values):
            channel.locked = bool(on)


class ParmTemplate(object):
    """A read-only description of a parameter."""

    def __init__(self, template):
        self._template = template

    def name(self):
        return self._template.name

    def label(self):
        return self._template.label

    def help(self):
        return self._template.help

    def tags(self):
        return dict(self._template.tags)

    def numComponents(self):
        return self._template.size

    def type(self):
        return getattr(enums.parmTemplateType, self._template.kind)

    def dataType(self):
        kind = self._template.kind
        name = "Int" if kind in WHOLE else "Float" if kind == "Float" else "String"
        return getattr(enums.parmData, name)

    def scriptCallback(self):
        return self._template.tags.get("script_callback", "")


class IntParmTemplate(ParmTemplate):
    def __init__(self, name, label, num_components, default_value=()):
        super(IntParmTemplate, self).__init__(
            Template(name, "Int", label, default_value, num_components)
        )

    def defaultValue(self):
        return self._template.defaults


class FloatParmTemplate(ParmTemplate):
    def __init__(self, name, label, num_components, default_value=()):
        super(FloatParmTemplate, self).__init__(
            Template(name, "Float", label, default_value, num_components)
        )

    def defaultValue(self):
        return self._template.defaults


class StringParmTemplate(ParmTemplate):
    def __init__(self, name, label, num_components, default_value=()):
        super(StringParmTemplate, self).__init__(
            Template(name, "String", label, default_value, num_components)
        )

    def defaultValue(self):
        return self._template.defaults


class ToggleParmTemplate(ParmTemplate):
    def __init__(self, name, label, default_value=False):
        super(ToggleParmTemplate, self).__init__(
            Template(name, "Toggle", label, (int(default_value),))
        )

    def defaultValue(self):
        return bool(self._template.defaults[0])


class MenuParmTemplate(ParmTemplate):
    def __init__(self, name, label, menu_items, menu_labels=(), default_value=0):
        labels = menu_labels or menu_items
        super(MenuParmTemplate, self).__init__(
            Template(name, "Menu", label, (default_value,), menu=zip(menu_items, labels))
        )

    def defaultValue(self):
        return self._template.defaults[0]

    def menuItems(self):
        return tuple(self._template.tokens)

    def menuLabels(self):
        return tuple(label for _, label in self._template.menu)


class ButtonParmTemplate(ParmTemplate):
    def __init__(self, name, label):
        super(ButtonParmTemplate, self).__init__(Template(name, "Button", label, (0,)))


class ParmTemplateGroup(object):
    """A node's parameters as templates, in order; a copy, until it is set on the node."""

    def __init__(self, parm_templates=()):
        self._templates = list(parm_templates)

    def entries(self):
        return tuple(self._templates)

    def append(self, parm_template):
        if self.find(parm_template.name()) is not None:
            raise refuse("There is already a parameter '%s'." % parm_template.name())
        self._templates.append(parm_template)

    def find(self, name):
        for template in self._templates:
            if template.name() == name:
                return template
        return None

    def remove(self, name_or_parm_template_or_indices):
        found = name_or_parm_template_or_indices
        found = self.find(found if isinstance(found, str) else found.name())
        if found is None:
            raise refuse("There is no such parameter.")
        self._templates.remove(found)


FACES = {
    "Int": IntParmTemplate,
    "Float": FloatParmTemplate,
    "String": StringParmTemplate,
    "Toggle": ToggleParmTemplate,
    "Menu": MenuParmTemplate,
    "Button": ButtonParmTemplate,
}


def wrap_template(template):
    face = FACES.get(template.kind, ParmTemplate)
    found = face.__new__(face)
    found._template = template
    return found


def relative_path(start, target):
    """Return the path from one node to another, as channel references write it."""
    here, there = start.path.strip("/").split("/"), target.path.strip("/").split("/")
    shared = 0
    while shared < min(len(here), len(there)) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:]) or "."


class at_frame(object):
    """Evaluate at another frame: what depends on the time is computed anew, before and after."""

    def __init__(self, frame):
        self.frame = frame

    def __enter__(self):
        self.before = session.clock.frame
        self.reading = {op for op in session.clock.readers if op in session.cooking}
        session.clock.readers -= self.reading
        session.clock.set(self.frame)

    def __exit__(self, kind, error, trace):
        session.clock.set(self.before)
        session.clock.readers |= self.reading


def frame_at(seconds):
    return seconds * session.clock.fps + 1.0
