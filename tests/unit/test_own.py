"""Networks of the user's own: found, called, held to the contract, and run by both engines."""

import itertools
import os
import sys

import numpy
import pytest

from mlinference import _compat, checkpoint, classifier, errors, networks, own
from mlinference.engines import tensorflow1

# A module's name is taken once in a process.
NUMBERS = itertools.count()

HEAD = "from mlinference.networks import Network\n"

# Answers with the mean of the picture, and of its first row.
WHOLE = HEAD + """
def variables(classes):
    return (("top/W", (4 * 6, classes)), ("top/b", (classes,)))

def layers(tf, pictures, variables, keep_prob=None):
    grid = tf.reshape(pictures, [-1, 4, 6])
    logits = tf.matmul(pictures, variables["top/W"]) + variables["top/b"]
    return (("grid", grid), ("logits", logits))

def network():
    return Network("whole", variables, layers, shape=(4, 6, 1))
"""


@pytest.fixture
def write(tmpdir, monkeypatch):
    """A function that writes a module; returns its name, which nobody has had before."""
    classifier.clear()
    folder = tmpdir.mkdir("modules")
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)

    def write_module(text, name=None):
        name = name or "own_%d" % next(NUMBERS)
        folder.join(name + ".py").write(text)
        return name

    yield write_module
    for name in set(sys.modules) - before:
        if name.startswith("own_"):
            del sys.modules[name]
    classifier.clear()


def refused(name, kind):
    with pytest.raises(kind) as caught:
        own.find(name)
    assert type(caught.value) is kind
    return str(caught.value)


def with_network(line, text=WHOLE):
    """Return the module with another `network`."""
    return text[: text.index("def network")] + "def network():\n    " + line + "\n"


@pytest.fixture
def whole(write, tmpdir):
    """(module's name, prefix of a checkpoint with three classes)."""
    name = write(WHOLE)
    prefix = str(tmpdir.join("whole.ckpt"))
    checkpoint.write(prefix, weights())
    return name, prefix


def weights(classes=3):
    random = numpy.random.RandomState(0)
    return {
        "top/W": random.normal(0, 0.3, (24, classes)).astype("float32"),
        "top/b": numpy.zeros(classes, "float32"),
    }


def expected(pictures, variables=None):
    variables = variables or weights()
    logits = pictures.dot(variables["top/W"]) + variables["top/b"]
    powers = numpy.exp(logits - logits.max(axis=1)[:, None])
    return powers / powers.sum(axis=1)[:, None]


def pictures(count=2):
    return numpy.random.RandomState(1).rand(count, 24).astype("float32")


ENGINES = ["numpy", pytest.param("tensorflow", marks=pytest.mark.tensorflow)]


# -- Finding it -------------------------------------------------------------------------------


def test_blank_is_no_network_and_a_name_of_ours_is_ours():
    assert own.find("") is None and own.find("  ") is None and own.find(None) is None
    assert own.find(" compact ") is networks.COMPACT


def test_a_network_of_ones_own_has_the_name_that_finds_it(write):
    name = write(WHOLE) + ":network"
    found = own.find(" %s " % name)
    assert (found.name, found.shape, found.values, found.picture) == (name, (4, 6, 1), (0, 1), "ink")
    assert found.own and not networks.COMPACT.own
    assert found.variables(5) == (("top/W", (24, 5)), ("top/b", (5,)))
    assert found.parameters(5) == 125


def test_three_channels_are_colours_unless_told(write):
    colours = write(with_network("return Network('a', variables, layers, shape=(4, 2, 3))"))
    assert own.find(colours + ":network").picture == "colour"
    ink = write(with_network("return Network('a', variables, layers, (4, 2, 3), picture='ink')"))
    assert own.find(ink + ":network").picture == "ink"


def test_a_table_may_be_given_as_it_is(write):
    line = "return Network('a', (('W', [24, 7]), ('b', [7])), layers, (4, 6, 1))"
    found = own.find(write(with_network(line)) + ":network")
    assert found.variables(7) == found.variables() == (("W", (24, 7)), ("b", (7,)))


@pytest.mark.parametrize("name", ["resnet", "a b:c", "a:", ":b", "a:b:c", "a.:b", "a/b.py:c", "3:b"])
def test_a_name_that_is_none_is_a_sentence(name):
    known = ", ".join("'%s'" % network.name for network in networks.NETWORKS)
    assert refused(name, errors.NetworkNameUnknown) == (
        "There is no network '%s'.\nThere are %s.\n"
        "Clear 'Network', or set it to one of these, or to 'package.module:function' of your own."
        % (name, known)
    )


@pytest.mark.parametrize("module", ["no_such_module", "no_such.module", "json.no_such", "os.path.no"])
def test_a_module_that_is_not_there_is_a_sentence(module):
    assert refused(module + ":network", errors.NetworkModuleMissing) == (
        "There is no module '%s'.\n"
        "None of the %d places where Python looks has it.\n"
        "Correct 'Network', or put the module's folder on PYTHONPATH." % (module, len(sys.path))
    )


@pytest.mark.parametrize(
    "text, reason",
    [
        ("a = 1\nb = 1 / 0\n", "Line 2: ZeroDivisionError: "),
        ("def network(:\n", "Line 1: SyntaxError: "),
        ("\nimport no_such_module\n", "Line 2: "),
        ("raise SystemExit(3)\n", "Line 1: SystemExit: 3."),
        ("raise Exception\n", "Line 1: Exception: Exception."),
        ("from mlinference import nothing_there\n", "Line 1: ImportError: cannot import name "),
    ],
)
def test_a_module_that_fails_says_what_and_where(write, text, reason):
    name = write(text)
    lines = refused(name + ":network", errors.NetworkModuleFailed).split("\n")
    assert lines[0] == "The module '%s' cannot be imported." % name
    assert lines[1].startswith(reason) and lines[1].endswith(".")
    assert lines[2:] == ["Mend it, then press 'Reload'."]


def test_a_name_that_its_own_package_lacks_does_not_make_a_module_absent(write, tmpdir):
    package = tmpdir.join("modules").mkdir("own_package")
    package.join("__init__.py").write("")
    package.join("net.py").write("from own_package import nothing_there\n")
    lines = refused("own_package.net:network", errors.NetworkModuleFailed).split("\n")
    assert lines[0] == "The module 'own_package.net' cannot be imported."
    assert lines[1].startswith("Line 1: ImportError: cannot import name ")


def test_a_function_that_is_not_there_is_a_sentence_with_those_that_are(write):
    name = write(WHOLE)
    assert refused(name + ":netwrok", errors.NetworkFunctionMissing) == (
        "There is no function 'netwrok' in the module '%s'.\n"
        "It has 'layers', 'network', 'variables'.\n"
        "Correct 'Network', or add the function." % name
    )
    empty = write("a = 1\n")
    assert refused(empty + ":network", errors.NetworkFunctionMissing).split("\n")[1] == "It has no functions."


def test_something_else_than_a_function_is_a_sentence(write):
    name = write("network = (1, 2)\n") + ":network"
    assert refused(name, errors.NetworkNotFunction) == (
        "'%s' is not a function.\nIt is a tuple.\n"
        "Make it a function that takes nothing and returns a Network." % name
    )


# -- Calling it -------------------------------------------------------------------------------


def test_a_function_that_wants_arguments_is_a_sentence(write):
    name = write("def network(classes):\n    return None\n") + ":network"
    problem, _, remedy = refused(name, errors.NetworkSignature).split("\n")
    assert problem == "'network' of '%s' does not take what it is given." % name
    assert remedy == "Write it as network()."


def test_a_function_that_raises_says_what_and_where(write):
    name = write("def network():\n    helped()\n\ndef helped():\n    raise KeyError('W')\n") + ":network"
    assert refused(name, errors.NetworkFails) == (
        "'network' of '%s' fails.\nLine 5: KeyError: 'W'.\nMend it, then press 'Reload'." % name
    )


@pytest.mark.parametrize("value, kind", [("None", "None"), ("((), 1)", "a tuple"), ("1", "an int")])
def test_something_else_than_a_network_is_a_sentence(write, value, kind):
    name = write("def network():\n    return %s\n" % value) + ":network"
    assert refused(name, errors.NetworkNotReturned) == (
        "'%s' does not return a Network.\nIt returns %s.\n"
        "Let it return mlinference.networks.Network(name, variables, layers)." % (name, kind)
    )


def test_a_network_that_was_never_begun_is_a_sentence(write):
    text = "class Small(Network):\n    def __init__(self):\n        pass\n\n"
    name = write(HEAD + text + "def network():\n    return Small()\n") + ":network"
    assert refused(name, errors.NetworkNotReturned).split("\n")[1] == (
        "It returns a Small whose '__init__' does not call that of Network."
    )


@pytest.mark.parametrize(
    "normalised, reason",
    [
        ("((['top/W'], 'top/b'),)", "'normalised' has (['top/W'], 'top/b')."),
        ("(('top/W', 'b'),)", "'normalised' has ('top/W', 'b')."),
        ("('top/W', 'top/b')", "'normalised' has 'top/W'."),
        ("5", "'normalised' is an int."),
    ],
)
def test_pairs_that_the_table_does_not_have_are_a_sentence(write, normalised, reason):
    line = "return Network('a', variables, layers, (4, 6, 1), normalised=%s)" % normalised
    name = write(with_network(line)) + ":network"
    assert refused(name, errors.NetworkTableInvalid).split("\n")[1] == reason


@pytest.mark.parametrize(
    "table, reason",
    [
        ("5", "It is an int."),
        ("()", "It is a tuple."),
        ("{'W': (1,)}", "It is a dict."),
        ("(('W', (24, 3)), 7)", "Row 2 is 7."),
        ("('W', (24, 3))", "Row 1 is 'W'."),
        ("((3, (24, 3)),)", "The name of row 1 is 3."),
        ("(('W', (24, 3)), ('b 1', (3,)))", "The name of row 2 is 'b 1'."),
        ("(('W', (-1, 3)),)", "The shape of 'W' is (-1, 3)."),
        ("(('W', (2.5, 3)),)", "The shape of 'W' is (2.5, 3)."),
        ("(('W', None),)", "The shape of 'W' is None."),
        ("(('W', (float('inf'), 3)),)", "The shape of 'W' is (inf, 3)."),
        ("(('W', (24, 3)), ('W', (3,)))", "'W' is there twice."),
    ],
)
def test_a_table_that_is_none_is_a_sentence(write, table, reason):
    line = "return Network('a', lambda classes: %s, layers)" % table
    name = write(with_network(line)) + ":network"
    assert refused(name, errors.NetworkTableInvalid) == (
        "The variables of '%s' are not a table of names and shapes.\n%s\n"
        "Give ((name, shape), ...), each name once, each shape of whole numbers from 1."
        % (name, reason)
    )


def test_a_table_that_fails_or_wants_other_arguments_is_a_sentence(write):
    name = write(with_network("return Network('a', lambda: (), layers)")) + ":network"
    assert refused(name, errors.NetworkSignature).endswith("\nWrite it as variables(classes).")
    name = write(with_network("return Network('a', lambda classes: 1 / 0, layers)")) + ":network"
    assert refused(name, errors.NetworkFails).startswith("'variables' of '%s' fails.\n" % name)


@pytest.mark.parametrize(
    "options, reason",
    [
        ("shape=(28, 28)", "Its shape is (28, 28)."),
        ("shape=28", "Its shape is 28."),
        ("shape=(28, 28, 4)", "Its shape is (28, 28, 4)."),
        ("shape=(0, 28, 1)", "Its shape is (0, 28, 1)."),
        ("shape=(float('inf'), 28, 1)", "Its shape is (inf, 28, 1)."),
        ("shape=(28, 4097, 1)", "Its shape is (28, 4097, 1), and a side has up to 4096 pixels."),
        ("values=(1, 1)", "Its values are (1, 1)."),
        ("values=255", "Its values are 255."),
        ("values=(0, float('nan'))", "Its values are (0, nan)."),
        ("picture='photo'", "Its picture is 'photo'."),
    ],
)
def test_an_input_that_is_no_picture_is_a_sentence(write, options, reason):
    name = write(with_network("return Network('a', variables, layers, %s)" % options)) + ":network"
    assert refused(name, errors.NetworkInputInvalid) == (
        "The input of '%s' is no picture.\n%s\n"
        "Give shape=(height, width, 1 or 3), values=(two numbers), picture='ink' or 'colour'."
        % (name, reason)
    )


def test_a_value_beyond_all_floats_is_a_sentence(write):
    name = write(with_network("return Network('a', variables, layers, values=(0, 10**400))"))
    said = refused(name + ":network", errors.NetworkInputInvalid)
    assert said.split("\n")[1].startswith("Its values are (0, 1000")


# -- Running it -------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_the_answer_is_that_of_the_definition(whole, engine):
    name, prefix = whole
    model = classifier.shared(prefix, engine, network=name + ":network")
    assert abs(model.predict(pictures(3)) - expected(pictures(3))).max() < 1e-6
    assert (model.shape, model.picture, model.labels) == ((4, 6, 1), "ink", ("0", "1", "2"))
    (_, grid), (_, logits) = model.layers(pictures(3))
    assert grid.shape == (3, 4, 6) and logits.shape == (3, 3)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("low, high", [(-1, 1), (0, 255), (1, 0)])
def test_the_graph_function_gets_its_own_range(write, whole, engine, low, high):
    _, prefix = whole
    line = "return Network('a', variables, layers, (4, 6, 1), values=(%r, %r))" % (low, high)
    name = write(with_network(line)) + ":network"
    found = classifier.shared(prefix, engine, network=name).predict(pictures())
    assert abs(found - expected(low + (high - low) * pictures())).max() < 1e-5


def layered(body):
    """Return the module with another body of `layers`."""
    begin, end = WHOLE.index("    grid ="), WHOLE.index("def network")
    return WHOLE[:begin] + "    " + body + "\n\n" + WHOLE[end:]


LOGITS = "tf.matmul(pictures, variables['top/W']) + variables['top/b']"


@pytest.mark.parametrize("engine", ENGINES)
def test_layers_may_be_called_in_text(write, whole, engine):
    name = write(WHOLE.replace('"grid", grid', 'u"grid", grid')) + ":network"
    layers = classifier.shared(whole[1], engine, network=name).layers(pictures())
    assert [key for key, _ in layers] == ["grid", "logits"]
    assert {type(key) for key, _ in layers} == {str}


def run(write, body, prefix, engine):
    name = write(layered(body)) + ":network"
    with pytest.raises(errors.NetworkError) as caught:
        classifier.shared(prefix, engine, network=name)
    return name, caught.value


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "body, reason",
    [
        ("return None", "It returns None."),
        ("return ()", "It returns a tuple."),
        ("return (('logits', 5),)", "Its item 1 is a str and an int."),
        ("return ((3, pictures),)", "Its item 1 is an int and a "),
        ("return [pictures]", "Its item 1 is a "),
        (
            "return (('logits', pictures),)",
            "'logits' of 2 pictures is 2x24, expected 2x3.",
        ),
        (
            "return (('flat', tf.reshape(pictures, [-1])), ('logits', %s))" % LOGITS,
            "'flat' of 2 pictures is 48, expected 2x...",
        ),
    ],
)
def test_layers_that_are_none_are_a_sentence(write, whole, engine, body, reason):
    name, error = run(write, body, whole[1], engine)
    assert type(error) is errors.NetworkLayersInvalid
    problem, found, remedy = str(error).split("\n")
    assert problem == "'layers' of '%s' does not return its layers." % name
    assert found.startswith(reason)
    assert remedy == "Let it return ((name, tensor), ...), the last one the logits [N, classes]."


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "body, reason",
    [
        ("return (('logits', variables['W']),)", "Line 7: KeyError: 'W'."),
        ("raise RuntimeError('two\\nlines')", "Line 7: RuntimeError: two lines."),
        ("return tf.matmul(pictures, variables['top/b'])", "Line 7: "),
    ],
)
def test_a_graph_function_that_raises_says_what_and_where(write, whole, engine, body, reason):
    name, error = run(write, body, whole[1], engine)
    assert type(error) is errors.NetworkFails
    problem, found, remedy = str(error).split("\n")
    assert problem == "'layers' of '%s' fails." % name
    assert found.startswith(reason)
    assert remedy == "Mend it, then press 'Reload'."


@pytest.mark.tensorflow
@pytest.mark.parametrize("layers", ["(('first', %s), ('logits', " + LOGITS + "))", "(('first', %s),)"])
def test_something_else_than_a_tensor_is_a_sentence(write, whole, layers):
    body = "import numpy; return " + layers
    name, error = run(write, body % "numpy.zeros((2, 3))", whole[1], "tensorflow")
    assert type(error) is errors.NetworkLayersInvalid
    assert str(error).split("\n")[1] == "'first' is a NumPy array, expected a tensor."
    name, error = run(write, body % "numpy.float32(3)", whole[1], "tensorflow")
    assert type(error) is errors.NetworkFails
    problem, _, remedy = str(error).split("\n")
    assert problem == "'layers' of '%s' fails." % name
    assert remedy == "Mend it, then press 'Reload'."


@pytest.mark.parametrize("engine", ENGINES)
def test_a_graph_function_with_other_arguments_is_a_sentence(write, whole, engine):
    text = WHOLE.replace("layers(tf, pictures, variables, keep_prob=None)", "layers(pictures)")
    name = write(text) + ":network"
    with pytest.raises(errors.NetworkSignature) as caught:
        classifier.shared(whole[1], engine, network=name)
    problem, _, remedy = str(caught.value).split("\n")
    assert problem == "'layers' of '%s' does not take what it is given." % name
    assert remedy == "Write it as layers(tf, pictures, variables, keep_prob=None)."


def test_a_graph_function_that_is_no_function_is_a_sentence(write):
    name = write(with_network("return Network('a', variables, 'layers')")) + ":network"
    assert refused(name, errors.NetworkSignature) == (
        "'layers' of '%s' does not take what it is given.\nIt is a str.\n"
        "Write it as layers(tf, pictures, variables, keep_prob=None)." % name
    )


# -- What TensorFlow's tensors do, and NumPy's arrays do not --------------------------------


IN_PLACE = (
    "pictures -= 0.5\n"
    "    first = tf.reshape(pictures, [-1, 24])\n"
    "    second = tf.nn.relu(first)\n"
    "    third = second - 12 * first\n"
    "    made = [('first', first), ('second', second), ('third', third)]\n"
    "    third += 1\n"
    "    second += first\n"
    "    second *= 3\n"
    "    first -= [[0.25] * 24]\n"
    "    first /= tf.sqrt(4.0)\n"
    "    return made + [('logits', %s + 0 * tf.reduce_sum(first + second))]" % LOGITS
)


@pytest.mark.parametrize("engine", ENGINES)
def test_arithmetic_in_place_leaves_what_others_have(write, whole, engine):
    name = write(layered(IN_PLACE)) + ":network"
    model = classifier.shared(whole[1], engine, network=name)
    given = pictures()
    kept = given.copy()
    first = model.predict(given)
    assert (given == kept).all()
    assert (model.predict(given) == first).all()
    shown = dict(model.layers(given))
    assert abs(shown["first"] - (kept - 0.5)).max() < 1e-6
    assert abs(shown["second"] - numpy.maximum(kept - 0.5, 0)).max() < 1e-6
    assert abs(shown["third"] - (shown["second"] - 12 * shown["first"])).max() < 1e-5
    assert {array.dtype.name for array in shown.values()} == {"float32"}
    assert type(shown["first"]) is numpy.ndarray


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "logits, said",
    [
        ("tf.squeeze(tf.reshape(%s, [-1, 1, 3]))", "' of 1 pictures is 3, expected 1x3"),
        ("tf.reshape(%s, [2, -1])", "'layers' of 'own_"),
    ],
)
def test_logits_that_fit_two_pictures_only_are_a_sentence(write, whole, engine, logits, said):
    name, error = run(write, "return (('logits', %s),)" % (logits % LOGITS), whole[1], engine)
    assert said in str(error)


def test_a_reason_that_is_not_ascii_is_told(write):
    name = write("def network():\n    raise ValueError(u'gr\\xf6\\xdfe')\n")
    said = refused(name + ":network", errors.NetworkFails)
    assert _compat.text(said).split("\n")[1] == u"Line 2: ValueError: gr\xf6\xdfe."


def test_attributes_of_odd_kinds_are_a_sentence(write):
    options = "picture=numpy.array(['ink', 'colour'])"
    name = write("import numpy\n" + with_network("return Network('x', variables, layers, (4, 6, 1), %s)" % options))
    assert "The truth value of an array" in refused(name + ":network", errors.NetworkFails)


# -- Without TensorFlow, or with it alone -----------------------------------------------------

FOR_TENSORFLOW = (
    "spread = tf.nn.lrn(tf.reshape(pictures, [-1, 4, 6, 1]))\n"
    "    pictures = tf.reshape(spread, [-1, 24])\n"
    "    return (('logits', %s),)" % LOGITS
)


@pytest.mark.tensorflow
def test_a_network_for_tensorflow_alone_runs_there(write, whole):
    name = write(layered(FOR_TENSORFLOW)) + ":network"
    found = classifier.shared(whole[1], network=name)
    assert found.engine.startswith("TensorFlow ")
    assert abs(found.predict(pictures()).sum(axis=1) - 1).max() < 1e-6


def test_numpy_names_what_it_lacks(write, whole):
    name = write(layered(FOR_TENSORFLOW)) + ":network"
    with pytest.raises(errors.OperationMissing) as caught:
        classifier.shared(whole[1], "numpy", network=name)
    assert str(caught.value).startswith("The NumPy engine has no 'tf.nn.lrn'.\n")


@pytest.fixture
def without_tensorflow(monkeypatch):
    missing = {"reason": "ImportError: No module named tensorflow", "absent": True}
    monkeypatch.setattr(tensorflow1, "_LOADED", missing)


@pytest.mark.parametrize(
    "body, found",
    [
        (FOR_TENSORFLOW, "The NumPy engine has no 'tf.nn.lrn'."),
        ("return pictures.get_shape()", "Line 7: AttributeError: "),
    ],
)
def test_a_network_for_tensorflow_alone_says_that_it_is_missing(
    write, whole, without_tensorflow, body, found
):
    name, error = run(write, body, whole[1], "auto")
    assert type(error) is errors.NetworkNeedsTensorFlow
    problem, said, remedy = str(error).split("\n")
    assert problem == "'%s' needs TensorFlow, which does not work here." % name
    assert said.startswith(found)
    assert said.endswith(" ImportError: No module named tensorflow")
    assert remedy == "See 'Installing TensorFlow' in the README, or write the network for NumPy too."


def test_a_network_that_numpy_can_run_needs_no_tensorflow(whole, without_tensorflow):
    found = classifier.shared(whole[1], network=whole[0] + ":network")
    assert found.engine.startswith("NumPy ")
    assert abs(found.predict(pictures()) - expected(pictures())).max() < 1e-6


# -- When it changes --------------------------------------------------------------------------

TWICE = WHOLE.replace("logits = tf", "logits = 2 * tf")


def test_one_classifier_for_all_who_ask(whole):
    name, prefix = whole
    first = classifier.shared(prefix, "numpy", network=name + ":network")
    assert classifier.shared(prefix, "numpy", network=" %s:network" % name) is first


def test_a_network_in_the_same_checkpoint_is_another_classifier(write, whole):
    name, prefix = whole
    other = write(TWICE)
    first, second = (
        classifier.shared(prefix, "numpy", network=each + ":network").predict(pictures())
        for each in (name, other)
    )
    assert abs(first - expected(pictures())).max() < 1e-6
    assert abs(second - expected(2 * pictures())).max() < 1e-6


def test_a_changed_module_is_noticed(write, whole):
    name, prefix = whole
    classifier.shared(prefix, "numpy", network=name + ":network")
    write(TWICE, name)
    found = classifier.shared(prefix, "numpy", network=name + ":network")
    assert abs(found.predict(pictures()) - expected(2 * pictures())).max() < 1e-6


def test_a_classifier_of_the_old_module_answers_on(write, whole):
    name, prefix = whole
    aided = WHOLE.replace("tf.matmul(pictures", "aid(tf, pictures") + "\ndef aid(tf, a, b):\n    return "
    write(aided + "tf.matmul(a, b)\n", name)
    old = classifier.shared(prefix, "numpy", network=name + ":network")
    write(TWICE, name)
    new = classifier.shared(prefix, "numpy", network=name + ":network")
    assert abs(old.predict(pictures()) - expected(pictures())).max() < 1e-6
    assert abs(new.predict(pictures()) - expected(2 * pictures())).max() < 1e-6


def test_a_module_of_a_package_is_changed_there_too(write, tmpdir):
    package = tmpdir.join("modules").mkdir("own_house")
    package.join("__init__.py").write("from own_house import net\n")
    package.join("net.py").write(WHOLE)
    own.find("own_house.net:network")
    package.join("net.py").write(TWICE)
    own.find("own_house.net:network")
    assert sys.modules["own_house"].net is sys.modules["own_house.net"]
    package.join("__init__.py").write("from own_house import net\nmore = 1\n" + WHOLE)
    own.forget("own_house:network")
    own.find("own_house:network")
    assert sys.modules["own_house"].net is sys.modules["own_house.net"]


def test_reload_executes_the_module_whatever_its_file_says(whole, monkeypatch):
    name, prefix = whole
    first = classifier.shared(prefix, "numpy", network=name + ":network")
    before = sys.modules[name].layers
    classifier.reload(prefix, name + ":network")
    assert classifier.shared(prefix, "numpy", network=name + ":network") is not first
    assert sys.modules[name].layers is not before


def test_a_broken_change_is_a_sentence_until_it_is_mended(write, whole):
    name, prefix = whole
    spec = name + ":network"
    classifier.shared(prefix, "numpy", network=spec)
    write("def network(:\n", name)
    for _ in range(2):
        with pytest.raises(errors.NetworkModuleFailed):
            classifier.shared(prefix, "numpy", network=spec)
    write(TWICE, name)
    found = classifier.shared(prefix, "numpy", network=spec)
    assert abs(found.predict(pictures()) - expected(2 * pictures())).max() < 1e-6


def test_a_function_that_was_taken_out_is_gone(write, whole):
    name, prefix = whole
    classifier.shared(prefix, "numpy", network=name + ":network")
    write(WHOLE.replace("def network", "def renamed"), name)
    with pytest.raises(errors.NetworkFunctionMissing):
        classifier.shared(prefix, "numpy", network=name + ":network")


def test_an_identity_changes_with_the_module(write):
    name = write(WHOLE)
    own.find(name + ":network")
    before = own.identity(name + ":network")
    write(TWICE, name)
    assert own.identity(name + ":network") != before
    assert own.identity("compact") == own.identity("") == b""


# -- Its checkpoint ---------------------------------------------------------------------------


def test_what_else_a_checkpoint_holds_is_left_alone(whole, tmpdir):
    network = own.find(whole[0] + ":network")
    more = {"towers/one/" + name: values for name, values in weights(5).items()}
    more["towers/one/top/W/Adam"] = numpy.ones((24, 5), "float32")
    more["another/head"] = numpy.ones((3, 3), "float32")
    prefix = str(tmpdir.join("more.ckpt"))
    checkpoint.write(prefix, more)
    found = checkpoint.read(prefix, network)
    assert found.classes == 5
    assert found.stored["top/W"][0] == "towers/one/top/W"


def test_the_number_of_classes_is_found_in_any_place_of_the_table(write, tmpdir):
    table = "lambda classes: (('W', (2 * classes, 24)), ('end', (7,)))"
    name = write(with_network("return Network('a', %s, layers, (4, 6, 1))" % table)) + ":network"
    prefix = str(tmpdir.join("odd.ckpt"))
    checkpoint.write(prefix, {"W": numpy.zeros((8, 24), "f4"), "end": numpy.zeros(7, "f4")})
    assert checkpoint.read(prefix, own.find(name)).classes == 4


def test_a_fixed_table_ends_with_the_bias_of_the_logits(write, tmpdir):
    name = write(with_network("return Network('a', (('W', (24, 4)), ('b', (4,))), layers, (4, 6, 1))"))
    prefix = str(tmpdir.join("fixed.ckpt"))
    checkpoint.write(prefix, {"W": numpy.zeros((24, 4), "f4"), "b": numpy.zeros(4, "f4")})
    assert checkpoint.read(prefix, own.find(name + ":network")).classes == 4


def test_two_sets_of_variables_of_one_network_are_a_sentence(whole, tmpdir):
    stored = {
        scope + name: values for name, values in weights().items() for scope in ("student/", "slow/")
    }
    prefix = str(tmpdir.join("two.ckpt"))
    checkpoint.write(prefix, stored)
    with pytest.raises(errors.CheckpointOfAnother) as caught:
        checkpoint.read(prefix, own.find(whole[0] + ":network"))
    said = str(caught.value).split("\n")[1]
    assert said == "Its variables are there 2 times: below 'slow/', 'student/'."
    checkpoint.write(prefix, dict(stored, **weights()))
    assert checkpoint.read(prefix, own.find(whole[0] + ":network")).stored["top/b"][0] == "top/b"


def test_a_checkpoint_of_another_network_is_a_sentence(whole, tmpdir):
    prefix = str(tmpdir.join("wrong.ckpt"))
    checkpoint.write(prefix, dict(weights(), **{"top/b": numpy.zeros(4, "float32")}))
    with pytest.raises(errors.CheckpointOfAnother) as caught:
        checkpoint.read(prefix, own.find(whole[0] + ":network"))
    assert str(caught.value) == (
        "'%s' is not a checkpoint of '%s:network'.\n"
        "'top/W' is 24x3, expected 24x4.\n"
        "Set 'Checkpoint' to one of that network, or change 'Network'." % (prefix, whole[0])
    )


def test_a_checkpoint_says_which_network_it_needs_and_nothing_is_imported(whole, tmpdir):
    name = "own_never_imported"
    prefix = whole[1]
    checkpoint.write(prefix, weights(), {"network": name + ":network"})
    with pytest.raises(errors.CheckpointNeedsNetwork) as caught:
        classifier.shared(prefix, "numpy")
    assert str(caught.value) == (
        "'{0}' is a checkpoint of a network of its own.\n"
        "It was trained as '{1}:network'.\nSet 'Network' to '{1}:network'.".format(prefix, name)
    )
    assert name not in sys.modules


def test_a_network_that_asks_for_other_pictures_than_it_learnt_is_a_warning(write, whole):
    _, prefix = whole
    line = "return Network('a', variables, layers, (4, 6, 1), values=(-1, 1))"
    name = write(with_network(line)) + ":network"
    trained = dict(own.find(name).described(), range=[0, 1])
    checkpoint.write(prefix, weights(), {"network": name, "input": trained})
    (caution,) = classifier.shared(prefix, "numpy", network=name).cautions
    assert str(caution) == (
        "'%s' asks for other pictures than '%s.json' was trained on.\n"
        "Its 'range' is [-1.0, 1.0], and was [0, 1].\n"
        "Correct 'shape', 'values' and 'picture' of the network, or retrain." % (name, prefix)
    )
    checkpoint.write(prefix, weights(), {"network": "moved." + name, "input": own.find(name).described()})
    assert classifier.shared(prefix, "numpy", network=name).cautions == ()


@pytest.mark.parametrize("before, now", [("ink", "colour"), ("colour", "ink")])
def test_a_network_that_takes_a_drawing_for_a_picture_is_a_warning(write, whole, before, now):
    _, prefix = whole
    line = "return Network('a', variables, layers, (4, 6, 1), picture='%s')"
    trained = own.find(write(with_network(line % before)) + ":network").described()
    name = write(with_network(line % now)) + ":network"
    checkpoint.write(prefix, weights(), {"network": name, "input": trained})
    (caution,) = classifier.shared(prefix, "numpy", network=name).cautions
    found = 'Its \'picture\' is "%s", and was "%s".' % (now, before)
    assert str(caution).split("\n")[1] == found


def test_our_own_networks_are_described_as_ever():
    assert networks.DIGITS.described() == {
        "height": 28,
        "width": 28,
        "channels": 1,
        "range": [0, 1],
        "ink": "light on dark",
    }


def test_the_example_is_where_the_page_says(root):
    assert os.path.isfile(os.path.join(root, "docs", "examples", "time_of_day.py"))


def test_what_fails_in_a_graph_is_told_by_its_reason_not_by_its_heading():
    said = (
        "Graph execution error:\n\nDetected at node 'Reshape' defined at (most recent call last):\n"
        "    File \"sky.py\", line 5, in <module>\nNode: 'Reshape'\n"
        "Input to reshape is a tensor with 4 values, but the requested shape has 12\n"
        "\t [[{{node Reshape}}]]"
    )
    reason = "Input to reshape is a tensor with 4 values, but the requested shape has 12"
    assert own._first_reason(ValueError(said)) == reason
    assert own._first_reason(ValueError("\nOne line.\nAnother.")) == "One line."
    assert own._first_reason(ValueError()) == "No reason"
