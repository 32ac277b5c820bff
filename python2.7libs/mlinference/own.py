"""Networks of one's own: `package.module:function` found, called and held to the contract.

The contract is in `mlinference.networks`; here is everything that can go wrong with it. The
module is the user's and on Python's path, so naming it is running it, as with any node's code.
That is why only the Network parameter or `--network` names one, never a file beside a
checkpoint.
"""

import importlib
import os
import re
import sys
import threading
import types

from mlinference import _compat, errors, networks

# package.module:function
NAME = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)*):([^\W\d]\w*)$")

# What TensorFlow takes for a variable's name.
VARIABLE = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\\/>-]*$")

# How the functions of the contract are called, for messages.
CALLS = {
    "variables": "variables(classes)",
    "layers": "layers(tf, pictures, variables, keep_prob=None)",
    "normalised": "layers(tf, pictures, variables, keep_prob=None, normalise=None)",
}

# Functions that a message lists.
LISTED = 4

# Pixels of a side of the picture; a few layers of a larger one are more than most machines hold.
LARGEST = 4096

# What a name in a module may be: native, or text where that is something else.
TEXT = (str, type(u""))

# What Network's own `__init__` sets.
PARTS = ("variables", "graph", "shape", "normalised", "values", "_picture")

_LOCK = threading.RLock()
# Module name to the state of the file that it was made of; FORGOTTEN is never one.
_STATES = {}
FORGOTTEN = ()
# Modules that were executed anew: others may still call their functions, whose names Python 2
# takes away when it lets go of a module.
_REPLACED = []


def is_own(name):
    """Tell whether a name is one of a network of the user's own."""
    return hasattr(name, "strip") and NAME.match(name.strip()) is not None


def find(name):
    """Return the network that the node's Network parameter means; None if it is blank.

    Args:
        name: Name of a network of `networks`, or `package.module:function`.

    Raises:
        errors.SettingError: In one of its kinds.
    """
    name = _compat.native(name or "").strip()
    if not name:
        return None
    found = networks.named(name)
    if found is not None:
        return found
    if not NAME.match(name):
        known = ", ".join("'%s'" % network.name for network in networks.NETWORKS)
        raise errors.NetworkNameUnknown(name=name, known=known)
    return load(name)


def candidates(name):
    """Return the networks that a file may be of: the named one, or all that are known."""
    found = find(name)
    return networks.NETWORKS if found is None else (found,)


def load(name):
    """Return the networks.Network of `package.module:function`, every part of it checked.

    A module whose file has changed since it was loaded is loaded anew.

    Raises:
        errors.NetworkError: In one of its kinds.
    """
    module_name, function_name = NAME.match(name).groups()
    with _LOCK:
        module, state = _module(module_name)
    function = _function(module, function_name, name)
    found = _called(name, function_name, function_name + "()", function)
    if not isinstance(found, networks.Network):
        raise errors.NetworkNotReturned(network=name, kind=_kind(found))
    if not all(hasattr(found, part) for part in PARTS):
        kind = "%s whose '__init__' does not call that of Network" % _kind(found)
        raise errors.NetworkNotReturned(network=name, kind=kind)
    network = _called(name, function_name, function_name + "()", _checked, name, found)
    network.stamp = state
    return network


def stamp(name):
    """Return the state of a named module's file: equal as long as nobody has written to it."""
    if not is_own(name):
        return None
    return _state(sys.modules.get(name.strip().partition(":")[0]))


def identity(name):
    """Return bytes that are others where a network of one's own may answer otherwise."""
    path = _source(sys.modules.get(name.partition(":")[0])) if is_own(name) else None
    if path is None:
        return b""
    with open(path, "rb") as stream:
        return _compat.text(name).encode("utf-8") + stream.read()


def forget(name):
    """Let the next `load` execute the module anew, whatever its file says."""
    if is_own(name):
        with _LOCK:
            _STATES[name.strip().partition(":")[0]] = FORGOTTEN


# -- The module -------------------------------------------------------------------------------


def _module(name):
    """Return (module, state of the file that it was made of)."""
    module = sys.modules.get(name)
    if module is None:
        module = _imported(name)
        state = _state(module)
    else:
        state = _state(module)
        if _STATES.get(name, state) != state:
            module = _executed_anew(name, module)
    _STATES[name] = state
    return module, state


def _imported(name):
    # Python 3 keeps lists of what its folders hold, which a file of this very second is not in.
    getattr(importlib, "invalidate_caches", int)()
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # a module may raise anything
        if isinstance(error, ImportError) and _is_missing(error, name):
            failure = errors.NetworkModuleMissing(module=name, count=len(sys.path))
        else:
            failure = errors.NetworkModuleFailed(module=name, reason=_reason(error, name))
    raise failure


def _is_missing(error, name):
    """Tell a module that is not there from one that imports another that is not."""
    parts = name.split(".")
    known = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    if hasattr(error, "name"):
        # `from here import nothing` raises a plain ImportError with the name of what is there.
        return type(error) is not ImportError and error.name in known
    # Python 2 has it in the text only, from the package that it looked in.
    tails = {".".join(parts[count:]) for count in range(len(parts))}
    return _compat.native(error).replace("No module named ", "") in known | tails


def _executed_anew(name, module):
    """Return a module made of the file as it is now; when that fails, the old one stays.

    Python's own reload would go by a compiled file of the same second, and keep names that the
    file does not have any more: what works here has to work in the next process. And it would
    empty the module that other threads are at work in.
    """
    path = _source(module)
    if path is None:
        return module
    fresh = _emptied(module)
    try:
        with open(path, "rb") as stream:
            code = compile(stream.read(), path, "exec", 0, True)
        sys.modules[name] = fresh
        exec(code, vars(fresh))
    except (Exception, SystemExit) as error:
        sys.modules[name] = module
        failure = errors.NetworkModuleFailed(module=name, reason=_reason(error, name))
    else:
        _REPLACED.append(module)
        package, _, last = name.rpartition(".")
        if vars(sys.modules.get(package, fresh)).get(last) is module:
            setattr(sys.modules[package], last, fresh)
        return fresh
    raise failure


def _emptied(module):
    """Return another module of the same name and file, with nothing in it but its submodules."""
    fresh = types.ModuleType(module.__name__)
    for key, value in vars(module).items():
        submodule = sys.modules.get("%s.%s" % (module.__name__, key), fresh) is value
        if key.startswith("__") or submodule:
            setattr(fresh, key, value)
    return fresh


def _source(module):
    """Return the path of a module's source file, or None."""
    path = getattr(module, "__file__", None) or ""
    path = path[:-1] if path.endswith((".pyc", ".pyo")) else path
    return path if os.path.isfile(path) else None


def _state(module):
    """Return the state of a module's source file, or None."""
    path = _source(module)
    return None if path is None else _compat.file_state(path)


# -- Calling what the user wrote --------------------------------------------------------------


def _function(module, name, network):
    if not hasattr(module, name):
        own = sorted(
            each
            for each, value in vars(module).items()
            if getattr(value, "__module__", None) == module.__name__ and callable(value)
        )
        own = ["'%s'" % each for each in own if not each.startswith("_")]
        rest = len(own) - LISTED
        found = "It has %s." % (", ".join(own[:LISTED]) or "no functions")
        found = found[:-1] + " and %d more." % rest if rest > 0 else found
        raise errors.NetworkFunctionMissing(function=name, module=module.__name__, found=found)
    function = getattr(module, name)
    if not callable(function):
        raise errors.NetworkNotFunction(network=network, kind=_kind(function))
    return function


def _called(network, called, expected, function, *arguments, **options):
    """Call a function of the user's; whatever it raises is a sentence.

    Args:
        network: Its name, for messages.
        called: What messages call the function.
        expected: How it should be written.
    """
    try:
        return function(*arguments, **options)
    except errors.InferenceError:
        raise
    except (Exception, SystemExit) as error:
        # Raised by the call itself, not by a line of the function.
        if isinstance(error, TypeError) and sys.exc_info()[2].tb_next is None:
            failure = errors.NetworkSignature(
                function=called, network=network, reason=_sentence(error), expected=expected
            )
        else:
            reason = _reason(error, network.partition(":")[0])
            failure = errors.NetworkFails(function=called, network=network, reason=reason)
    raise failure


def _sentence(said):
    """Return an exception's words, or its kind's name, on one line that ends with a stop."""
    text = " ".join(_compat.native(said).split()) or type(said).__name__
    return text if text.endswith(".") else text + "."


def _reason(error, module_name):
    """Say what was raised, and where in the user's module."""
    text = "%s: %s" % (type(error).__name__, _sentence(error))
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else _line(module_name)
    if isinstance(error, SyntaxError):
        text = "%s: %s." % (type(error).__name__, error.msg)
    return "Line %d: %s" % (line, text) if line else text


def _line(module_name):
    """Return the innermost line of the module that the current exception came through."""
    line, traceback = None, sys.exc_info()[2]
    # By the file: of a module that cannot be imported Python 2 has taken the names away.
    ends = tuple("/" + module_name.replace(".", "/") + end for end in (".py", "/__init__.py"))
    while traceback is not None:
        path = "/" + traceback.tb_frame.f_code.co_filename.replace(os.sep, "/")
        line = traceback.tb_lineno if path.endswith(ends) else line
        traceback = traceback.tb_next
    return line


def _kind(value):
    """Say what a value is: "a tuple", "None"."""
    if value is None:
        return "None"
    name = type(value).__name__
    return ("an " if name[0].lower() in "aeiou" else "a ") + name


# -- Holding it to the contract ---------------------------------------------------------------


def _checked(name, found):
    """Return the network under its full name, its functions wrapped in checks."""
    shape, values = _input(name, found)
    written = CALLS["normalised" if found.normalised else "layers"]

    def variables(classes=10):
        table = _called(name, "variables", CALLS["variables"], found.variables, classes)
        return _table(name, table)

    def layers(tf, pictures, variables, **options):
        arguments = (tf, pictures, variables)
        made = _called(name, "layers", written, found.graph, *arguments, **options)
        return _layers(name, made)

    network = networks.Network(name, variables, layers, shape, (), values, found.picture)
    network.normalised = _normalised(name, found.normalised, variables(10))
    if not callable(found.graph):
        reason = "It is %s." % _kind(found.graph)
        raise errors.NetworkSignature(
            function="layers", network=name, reason=reason, expected=written
        )
    network.own = True
    return network


def _input(name, found):
    """Return (shape, values) of a network as plain numbers."""
    shape = _whole_numbers(found.shape)
    if shape is None or len(shape) != 3 or shape[2] not in (1, 3):
        raise errors.NetworkInputInvalid(network=name, reason="Its shape is %r." % (found.shape,))
    if max(shape) > LARGEST:
        text = "Its shape is %r, and a side has up to %d pixels."
        reason = text % (found.shape, LARGEST)
        raise errors.NetworkInputInvalid(network=name, reason=reason)
    try:
        low, high = [float(value) for value in found.values]
    except (TypeError, ValueError, OverflowError):
        low = high = None
    if low is None or not 0 < abs(high - low) < float("inf"):
        reason = "Its values are %r." % (found.values,)
        raise errors.NetworkInputInvalid(network=name, reason=reason)
    if found.picture not in (networks.INK, networks.COLOUR):
        reason = "Its picture is %r." % (found.picture,)
        raise errors.NetworkInputInvalid(network=name, reason=reason)
    return shape, (low, high)


def _whole_numbers(values):
    """Return a tuple of int from 1, or None if it is something else."""
    try:
        numbers = tuple(int(value) for value in values)
        same = numbers == tuple(values)
    except (TypeError, ValueError, OverflowError):
        return None
    return numbers if same and all(number >= 1 for number in numbers) else None


def _table(name, table):
    """Return ((name, shape), ...) of native str and tuples of int."""
    rows = []
    for number, row in enumerate(_rows(table)):
        if len(_rows(row)) != 2:
            raise _no_table(name, "Row %d is %r." % (number + 1, row))
        key, shape = row
        sizes = _whole_numbers(shape)
        if not isinstance(key, TEXT) or not VARIABLE.match(key):
            raise _no_table(name, "The name of row %d is %r." % (number + 1, key))
        if sizes is None:
            raise _no_table(name, "The shape of '%s' is %r." % (key, shape))
        rows.append((_compat.native(key), sizes))
    names = [key for key, _ in rows]
    twice = [key for key in names if names.count(key) > 1]
    if not rows or twice:
        said = "'%s' is there twice." % twice[0] if twice else "It is %s." % (_kind(table))
        raise _no_table(name, said)
    return tuple(rows)


def _rows(value):
    return list(value) if isinstance(value, (tuple, list)) else []


def _no_table(name, reason):
    return errors.NetworkTableInvalid(network=name, reason=reason)


def _normalised(name, pairs, table):
    if not isinstance(pairs, (tuple, list, type(None))):
        raise _no_table(name, "'normalised' is %s." % _kind(pairs))
    known = {key for key, _ in table}
    for pair in _rows(pairs):
        names = [each for each in _rows(pair) if isinstance(each, TEXT) and each in known]
        if len(names) != 2 or len(pair) != 2:
            raise _no_table(name, "'normalised' has %r." % (pair,))
    return tuple(tuple(pair) for pair in _rows(pairs))


def _layers(name, made):
    """Return ((name, tensor), ...), or raise errors.NetworkLayersInvalid."""
    rows = _rows(made)
    if not rows:
        raise errors.NetworkLayersInvalid(network=name, reason="It returns %s." % _kind(made))
    for number, row in enumerate(rows):
        pair = _rows(row)
        if len(pair) != 2 or not isinstance(pair[0], TEXT) or not hasattr(pair[1], "shape"):
            kind = " and ".join(_kind(each) for each in pair) if len(pair) == 2 else _kind(row)
            reason = "Its item %d is %s." % (number + 1, kind)
            raise errors.NetworkLayersInvalid(network=name, reason=reason)
    return tuple((_compat.native(key), tensor) for key, tensor in rows)


def check_logits(network, shape, classes):
    """See that logits have a row for each picture and a number for each class.

    Args:
        network: Its name, for messages.
        shape: List of int, None for what is not known; or None.
        classes: Number of classes.

    Raises:
        errors.NetworkLayersInvalid: If they have not.
    """
    if shape is None or (len(shape) == 2 and shape[1] in (None, classes)):
        return
    said = "x".join("N" if size is None else str(size) for size in shape)
    reason = "The logits are %s, expected Nx%d." % (said, classes)
    raise errors.NetworkLayersInvalid(network=network, reason=reason)


class Told(object):
    """Turns what a framework raises about a network of one's own into a sentence.

    Args:
        network: networks.Network; with one of ours nothing is turned.
        kinds: Tuple of exception classes.
    """

    def __init__(self, network, kinds):
        self.network, self.kinds = network, kinds

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        ours = isinstance(error, errors.InferenceError)
        if self.network.own and isinstance(error, self.kinds) and not ours:
            reason = "%s: %s" % (type(error).__name__, _sentence(_first_reason(error)))
            raise errors.NetworkFails(function="layers", network=self.network.name, reason=reason)
        return False


def _first_reason(error):
    """Return the line of an error's text that says why; TensorFlow's go on with the graph."""
    lines = [line for line in _compat.native(error).split("\n") if line.strip()]
    nodes = [number for number, line in enumerate(lines) if line.startswith("Node: ")]
    # TensorFlow 2.21 begins with where the graph was built, and tells then what failed in it.
    if nodes and nodes[0] + 1 < len(lines):
        return lines[nodes[0] + 1]
    return lines[0] if lines else "No reason"


def check_answers(network, made, count, classes):
    """See that layers have an answer for each picture, and the logits a number for each class.

    Args:
        network: Its name, for messages.
        made: ((name, array or tensor), ...) of `count` pictures.
        classes: Number of classes of the checkpoint or the data.

    Raises:
        errors.NetworkLayersInvalid: If they have not.
    """
    for number, (name, values) in enumerate(made):
        shape = tuple(values.shape)
        last = number == len(made) - 1
        wanted = (count, classes) if last else (count,) + shape[1:]
        if shape != wanted:
            text = "'%s' of %d pictures is %s, expected %s."
            wanted = "x".join(map(str, wanted)) + ("" if last else "x...")
            said = "x".join(map(str, shape)) or "one number"
            reason = text % (name, count, said, wanted)
            raise errors.NetworkLayersInvalid(network=network, reason=reason)
