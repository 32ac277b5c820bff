"""Which checkpoint, which network: paths, names, shapes, sidecars, and the way back to disk."""

import io
import json
import os
import shutil
import sys

import numpy
import pytest

from mlinference import bundle, checkpoint, errors, models, networks
from mlinference.conversion import formats

DATA = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data")
WRITTEN = os.path.join(DATA, "checkpoints")

# The Japanese figure, U+96F6, as text on Python 2 too.
ZERO = b"\xe9\x9b\xb6".decode("utf-8")

sys.path.insert(0, WRITTEN)

from make_checkpoints import numbers  # noqa: E402


@pytest.fixture
def prefix(tmpdir):
    """A checkpoint of the compact network."""
    path = str(tmpdir.join("digits.ckpt"))
    checkpoint.write(path, numbers())
    return path


def message(call, *arguments):
    with pytest.raises(errors.InferenceError) as caught:
        call(*arguments)
    return str(caught.value)


# -- The path ---------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", ".index", ".data-00000-of-00001", ".meta", ".json"])
def test_every_file_of_a_checkpoint_leads_to_its_prefix(prefix, suffix):
    assert checkpoint.resolve(prefix + suffix) == prefix


def test_a_step_belongs_to_the_prefix(tmpdir):
    path = str(tmpdir.join("model.ckpt-20000"))
    checkpoint.write(path, numbers())
    assert checkpoint.resolve(path) == path
    assert checkpoint.resolve(path + ".index") == path


def test_a_prefix_may_itself_end_like_an_index(tmpdir):
    path = str(tmpdir.join("odd.index"))
    checkpoint.write(path, numbers())
    assert checkpoint.resolve(path) == path


def test_variables_begin_where_the_matrix_product_reads_them_fastest(prefix):
    for values in checkpoint.read(prefix).variables.values():
        assert values.ctypes.data % checkpoint.CACHE_LINE == 0


def test_backslashes_and_blanks_around_are_taken(prefix):
    assert checkpoint.resolve(" " + prefix.replace(os.sep, "\\") + " ") == prefix.replace(
        os.sep, "/"
    )


def test_text_that_is_not_ascii_is_taken(tmpdir):
    folder = tmpdir.mkdir("figures")
    path = os.path.join(str(folder), b"\xe6\x95\xb0\xe5\xad\x97.ckpt".decode("utf-8"))
    native = path if str is not bytes else path.encode("utf-8")
    checkpoint.write(native, numbers())
    assert checkpoint.resolve(path) == native
    assert checkpoint.read(checkpoint.resolve(path)).network is networks.COMPACT


def test_blank_is_the_bundled_checkpoint(prefix, monkeypatch):
    monkeypatch.setattr(checkpoint, "BUNDLED", prefix)
    assert checkpoint.resolve("") == prefix
    assert checkpoint.resolve(None) == prefix


def test_the_bundled_checkpoint_may_be_gone(tmpdir, monkeypatch):
    gone = str(tmpdir.join("digits.ckpt"))
    monkeypatch.setattr(checkpoint, "BUNDLED", gone)
    assert message(checkpoint.resolve, "") == (
        "The checkpoint that comes along is not installed.\n"
        "There is no '%s.index'.\n"
        "Install ML Inference again, or set 'Checkpoint' to one of your own." % gone
    )


def missing(path, found):
    return (
        "No checkpoint at '%s'.\n%s\n"
        "Set 'Checkpoint' to one, or clear it for the one that comes along." % (path, found)
    )


def test_a_missing_checkpoint_says_what_is_there(prefix):
    folder = os.path.dirname(prefix)
    path = os.path.join(folder, "letters.ckpt")
    expected = missing(path, "The folder '%s' has 'digits.ckpt'." % folder)
    assert message(checkpoint.resolve, path + ".index") == expected


def test_a_folder_says_what_is_in_it(prefix):
    folder = os.path.dirname(prefix)
    expected = missing(folder, "The folder '%s' has 'digits.ckpt'." % folder)
    assert message(checkpoint.resolve, folder) == expected


def test_a_folder_without_checkpoints(tmpdir):
    expected = missing(str(tmpdir), "The folder '%s' holds no checkpoint and no SavedModel." % tmpdir)
    assert message(checkpoint.resolve, str(tmpdir)) == expected


def test_a_folder_that_is_not_there(tmpdir):
    folder = str(tmpdir.join("gone"))
    path = os.path.join(folder, "digits.ckpt")
    expected = missing(path, "There is no folder '%s' that can be read." % folder)
    assert message(checkpoint.resolve, path) == expected


def test_a_file_that_is_no_checkpoint(tmpdir):
    path = tmpdir.join("digits.txt")
    path.write("notes")
    expected = missing(str(path), "The file has no 'digits.txt.index' beside it.")
    assert message(checkpoint.resolve, str(path)) == expected


@pytest.mark.parametrize("resolve", [checkpoint.resolve, models.resolve])
@pytest.mark.parametrize(
    "name, ending, stem",
    [
        ("digits.keras", ".keras", "digits"),
        ("Digits.H5", ".H5", "Digits"),
        ("digits.weights.h5", ".h5", "digits.weights"),
        ("digits.hdf5", ".hdf5", "digits"),
        ("digits.npz", ".npz", "digits"),
        ("digits.onnx", ".onnx", "digits"),
    ],
)
def test_a_model_that_can_be_converted_says_how(prefix, resolve, name, ending, stem):
    # Beside a checkpoint, which would be offered otherwise.
    path = os.path.join(os.path.dirname(prefix), name)
    io.open(path, "wb").close()
    assert message(resolve, path) == (
        "'%s' is not a checkpoint.\n"
        "'%s' is another format, from which a checkpoint can be made.\n"
        "Run 'python -m mlinference convert %s %s.ckpt', and set 'Checkpoint' to '%s.ckpt'."
    ) % (path, ending, name, stem, stem)


@pytest.mark.parametrize("ending", checkpoint.UNREAD)
def test_a_model_that_nothing_here_reads_says_so(prefix, ending):
    path = prefix + ending
    io.open(path, "wb").close()
    assert message(models.resolve, path) == (
        "'%s' is not a checkpoint.\n"
        "'%s' is another format, which cannot be read here.\n"
        "Save the model as ONNX, Keras or SavedModel where it was made; see 'Models in and out' in the README."
    ) % (path, ending)


def test_what_is_said_to_be_converted_is_what_convert_reads():
    read = {os.path.splitext("a" + each.ending)[1] for each in formats.FORMATS}
    assert read == set(checkpoint.CONVERTED)


def test_a_missing_model_of_another_format_is_missing(tmpdir):
    path = str(tmpdir.join("digits.keras"))
    expected = missing(path, "The folder '%s' holds no checkpoint and no SavedModel." % tmpdir)
    assert message(checkpoint.resolve, path) == expected


def test_a_checkpoint_may_be_named_like_another_format(tmpdir):
    path = str(tmpdir.join("digits.npz"))
    checkpoint.write(path, {"W": numpy.zeros((784, 10), "f"), "b": numpy.zeros(10, "f")})
    io.open(path, "wb").close()
    assert models.resolve(path) == path


@pytest.mark.parametrize("beside", [(), ("whole.ckpt.index",)], ids=["alone", "beside a whole one"])
def test_data_without_an_index(prefix, beside):
    for name in beside:
        shutil.copyfile(prefix + ".index", os.path.join(os.path.dirname(prefix), name))
    os.remove(prefix + ".index")
    expected = missing(prefix, "There are data files, but 'digits.ckpt.index' is missing.")
    assert message(checkpoint.resolve, prefix) == expected


def test_a_path_ends_at_a_zero_byte(prefix):
    assert checkpoint.resolve(prefix + "\0.old") == prefix


# -- What TensorFlow itself wrote -------------------------------------------------------------


@pytest.mark.parametrize(
    "name, key, kind",
    [
        ("tensorflow_1_4_scope_adam.ckpt", "digits/net/W_conv1", "float32"),
        ("tensorflow_1_4_two_shards.ckpt", "W_conv1", "float32"),
        ("tensorflow_1_4_float64.ckpt", "W_conv1", "float64"),
        ("tensorflow_2_21_objects.ckpt", "W_conv1/.ATTRIBUTES/VARIABLE_VALUE", "float32"),
    ],
)
def test_what_tensorflow_wrote_is_read(name, key, kind):
    found = checkpoint.read(os.path.join(WRITTEN, name))
    assert (found.network, found.classes) == (networks.COMPACT, 10)
    assert found.stored["W_conv1"] == (key, kind)
    assert sorted(found.variables) == sorted(numbers())
    for variable, values in numbers().items():
        assert found.variables[variable].dtype == numpy.float32
        assert numpy.array_equal(found.variables[variable], values)


def test_a_partitioned_variable_is_refused_by_name():
    path = os.path.join(WRITTEN, "tensorflow_2_21_partitioned.ckpt")
    assert message(checkpoint.read, path) == (
        "'%s' is not in a form that can be read here.\n"
        "'W_conv1' is stored in slices (a partitioned variable).\n"
        "Write it again with tf.train.Saver, version 2, in float32." % path
    )


def test_our_writer_writes_the_bytes_that_tensorflow_writes():
    index, data = bundle.encoded(numbers(dtype="float64"))
    for suffix, ours in ((".index", index), (".data-00000-of-00001", data)):
        with io.open(os.path.join(WRITTEN, "tensorflow_1_4_float64.ckpt") + suffix, "rb") as stream:
            theirs = stream.read()
        if suffix == ".index":
            assert bundle._items(ours) == bundle._items(theirs)
        else:
            assert sorted(bytearray(ours)) == sorted(bytearray(theirs))


# -- Formats ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["float32", "float64", "float16"])
@pytest.mark.parametrize("network", networks.NETWORKS, ids=lambda network: network.name)
def test_what_is_written_is_read(tmpdir, network, kind):
    path = str(tmpdir.join("any.ckpt"))
    values = numbers(network, 10, kind)
    checkpoint.write(path, values)
    found = checkpoint.read(path)
    assert found.network is network
    assert found.stored["b_fc1" if network is not networks.SOFTMAX else "b"][1] == kind
    for name, array in values.items():
        assert numpy.array_equal(found.variables[name], array.astype("float32"))


def test_scalars_and_empty_arrays_are_written(tmpdir):
    path = str(tmpdir.join("any.ckpt"))
    checkpoint.write(
        path, {"global_step": numpy.float32(3), "none": numpy.zeros((0, 4), "float32")}
    )
    found = bundle.Bundle(path).read(["global_step", "none"])
    assert found["global_step"].shape == () and found["global_step"] == 3
    assert found["none"].shape == (0, 4)


def test_an_index_of_many_blocks_is_read(tmpdir):
    path = str(tmpdir.join("many.ckpt"))
    names = ["tower_%d/W_conv%d" % (tower, layer) for tower in range(40) for layer in range(40)]
    values = {name: numpy.float32([number]) for number, name in enumerate(names)}
    index, data = bundle.encoded(values, block=256)
    save(path, index, data)
    files = bundle.Bundle(path)
    assert sorted(files.entries) == sorted(names)
    assert len(index) < sum(len(name) for name in names) * 3, "keys are not prefix-compressed"
    assert all(values[name] == array for name, array in files.read(names).items())


def save(path, index, data):
    for suffix, content in ((".index", index), (".data-00000-of-00001", data)):
        with io.open(path + suffix, "wb") as stream:
            stream.write(content)


def refused(path, reason):
    return (
        "'%s' is not in a form that can be read here.\n%s\n"
        "Write it again with tf.train.Saver, version 2, in float32." % (path, reason)
    )


@pytest.mark.parametrize("method, name", [(1, "Snappy"), (2, "method 2")])
def test_compression_is_refused_by_name(prefix, monkeypatch, method, name):
    def sealed(block):
        kind = bytes(bytearray([method]))
        return block + kind + bundle.struct.pack("<I", bundle.crc32c.masked(block + kind))

    monkeypatch.setattr(bundle, "_sealed", sealed)
    save(prefix, *bundle.encoded(numbers()))
    expected = refused(prefix, "Its index is compressed with %s." % name)
    assert message(checkpoint.read, prefix) == expected


def test_a_big_endian_checkpoint_is_refused(prefix, monkeypatch):
    monkeypatch.setattr(bundle, "HEADER", bundle.HEADER + bundle._field(2, 1))
    save(prefix, *bundle.encoded(numbers()))
    assert message(checkpoint.read, prefix) == refused(prefix, "Its numbers are big-endian.")


def test_integers_in_place_of_weights_are_refused(prefix, monkeypatch):
    monkeypatch.setattr(bundle, "FLOATS", {3: "float32"})
    save(prefix, *bundle.encoded(numbers()))
    monkeypatch.undo()
    expected = refused(prefix, "'W_conv1' is int32; float32, float64 and float16 are read.")
    assert message(checkpoint.read, prefix) == expected


# -- Which network ----------------------------------------------------------------------------


@pytest.mark.parametrize("network", networks.NETWORKS, ids=lambda network: network.name)
@pytest.mark.parametrize("classes", [2, 10, 37])
def test_network_and_classes_are_found_from_names_and_shapes(tmpdir, network, classes):
    path = str(tmpdir.join("convolutional.ckpt"))
    checkpoint.write(path, numbers(network, classes), {"network": "softmax"})
    found = checkpoint.read(path)
    assert (found.network, found.classes) == (network, classes)


@pytest.mark.parametrize("name", ["%s", "%s:0", "tower/%s", "a/b/%s:0"])
def test_scopes_and_outputs_in_the_names_are_seen_through(tmpdir, name):
    path = str(tmpdir.join("any.ckpt"))
    checkpoint.write(path, {name % key: values for key, values in numbers().items()})
    found = checkpoint.read(path)
    assert numpy.array_equal(found.variables["W_fc1"], numbers()["W_fc1"])
    assert found.stored["W_fc1"][0] == name % "W_fc1"


def test_what_optimizers_leave_is_not_looked_at(tmpdir):
    path = str(tmpdir.join("any.ckpt"))
    values = numbers()
    for name, array in numbers().items():
        values[name + "/Adam"] = values["train/" + name + "/Adam_1"] = array
        values[name + "/ExponentialMovingAverage"] = array
    values["beta1_power"] = values["train/beta2_power"] = numpy.float32(0.9)
    values["global_step"] = numpy.float32(20000)
    checkpoint.write(path, values)
    assert checkpoint.read(path).network is networks.COMPACT


def foreign(path, found):
    return (
        "'%s' is not a checkpoint of this network.\n%s\n"
        "Choose one written by scripts/mnist_train.py, or retrain." % (path, found)
    )


def test_another_network_lists_what_was_found_and_expected(tmpdir):
    path = str(tmpdir.join("digits.ckpt"))
    values = numbers(networks.CONVOLUTIONAL)
    values["W_conv1"] = numpy.zeros((3, 3, 1, 32), "float32")
    del values["b_fc2"]
    checkpoint.write(path, values)
    expected = foreign(path, "'W_conv1' is 3x3x1x32, expected 5x5x1x32; 'b_fc2' is missing.")
    assert message(checkpoint.read, path) == expected


def test_a_layer_too_many_is_another_network(tmpdir):
    path = str(tmpdir.join("digits.ckpt"))
    values = numbers(networks.SOFTMAX)
    values["W_extra"] = numpy.zeros((3, 4), "float32")
    checkpoint.write(path, values)
    assert message(checkpoint.read, path) == foreign(path, "'W_extra' is not expected.")


def test_two_networks_in_one_file_are_not_guessed_between(tmpdir):
    path = str(tmpdir.join("digits.ckpt"))
    values = {}
    for name, array in numbers(networks.SOFTMAX).items():
        values["student/" + name] = values["teacher/" + name] = array
    checkpoint.write(path, values)
    expected = foreign(path, "'teacher/W' is not expected; 'teacher/b' is not expected.")
    assert message(checkpoint.read, path) == expected


def test_a_file_of_something_else_lists_its_variables(tmpdir):
    path = str(tmpdir.join("resnet.ckpt"))
    checkpoint.write(path, {"conv/kernel": numpy.zeros((3, 3, 3, 64), "float32")})
    expected = foreign(
        path,
        "It holds 'conv/kernel' (3x3x3x64); 'convolutional' has 'W_conv1', 'b_conv1', 'W_conv2',"
        " 'b_conv2' and 4 more.",
    )
    assert message(checkpoint.read, path) == expected


def test_a_chosen_network_is_the_only_one_tried(prefix):
    found = message(checkpoint.read, prefix, networks.SOFTMAX)
    assert "'softmax' has 'W', 'b'." in found
    assert checkpoint.read(prefix, networks.COMPACT).network is networks.COMPACT


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers_are_refused(tmpdir, value):
    path = str(tmpdir.join("digits.ckpt"))
    values = numbers()
    values["W_fc1"][3, 4] = value
    checkpoint.write(path, values)
    assert message(checkpoint.read, path) == (
        "'%s' holds values that are not numbers.\n"
        "1 of the 270 in 'W_fc1' are NaN or infinite.\n"
        "Retrain, with a lower learning rate if it happens again." % path
    )


def test_doubles_too_large_for_floats_are_refused(tmpdir):
    path = str(tmpdir.join("digits.ckpt"))
    values = numbers(dtype="float64")
    values["W_fc1"][0, 0] = 1e300
    checkpoint.write(path, values)
    assert "1 of the 270 in 'W_fc1' are NaN or infinite." in message(checkpoint.read, path)


# -- The sidecar ------------------------------------------------------------------------------


def test_without_a_sidecar_labels_are_numbers(prefix):
    found = checkpoint.read(prefix)
    assert found.labels == tuple("0123456789")
    assert (found.temperature, found.sidecar, found.cautions) == (1.0, {}, ())


def test_a_host_that_lets_numpy_raise_reads_what_is_tiny(prefix):
    tiny = {name: values.astype("f8") * 1e-44 for name, values in numbers().items()}
    checkpoint.write(prefix, tiny)
    with numpy.errstate(all="raise"):
        found = checkpoint.read(prefix)
    assert sorted(found.variables) == sorted(tiny)


def test_a_label_that_is_half_a_character_can_be_written(prefix):
    with io.open(prefix + ".json", "wb") as stream:
        stream.write(b'{"labels": ["\\ud800", "1", "2", "3", "4", "5", "6", "7", "8", "9"]}')
    label = checkpoint.read(prefix).labels[0]
    assert type(label) is str
    assert label if str is bytes else label.encode("utf-8")


def test_labels_and_temperature_come_from_the_sidecar(prefix):
    labels = [ZERO, "one", "2", "3", "4", "5", "6", "7", "8", "9"]
    checkpoint.write(prefix, numbers(), {"labels": labels, "temperature": 1.5, "seed": 3})
    found = checkpoint.read(prefix)
    assert [type(label) for label in found.labels] == [str] * 10
    assert found.labels[1] == "one"
    assert found.temperature == 1.5
    assert found.sidecar["seed"] == 3
    assert found.cautions == ()


IGNORED = (
    "'%s.json' is not used.\n%s\n"
    "Write it as JSON, see 'PREFIX.json' in the README, or delete it."
)
PARTLY = (
    "Not all of '%s.json' is used.\n%s\n"
    "Mend this in it, see 'PREFIX.json' in the README; the rest of it counts."
)


@pytest.mark.parametrize(
    "text, reason",
    [
        ("[1, 2]", "It is not a JSON object."),
        ('{"labels": ["a", "b"]}', "Its labels are not a list of 10 names."),
        ('{"labels": "0123456789"}', "Its labels are not a list of 10 names."),
        ('{"temperature": 0}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": 1e7}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": 1e-40}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": NaN}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": true}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": "warm"}', "Its temperature is not between 0.000001 and 1000000."),
        ('{"temperature": 1%s}' % ("0" * 400), "Its temperature is not between 0.000001 and 1000000."),
        ('{"network": "softmax"}', "The variables are those of 'compact'."),
        (
            '{"network": "softmax", "temperature": -1}',
            "Its temperature is not between 0.000001 and 1000000 and the variables are those of 'compact'.",
        ),
        ('{"labels": %s}' % ("[" * 100000), None),
        ("{", None),
        (" " * (checkpoint.LONGEST_SIDECAR + 1), None),
    ],
)
def test_a_broken_sidecar_is_a_caution(prefix, text, reason):
    with io.open(prefix + ".json", "wb") as stream:
        stream.write(text.encode("ascii"))
    found = checkpoint.read(prefix)
    assert (found.labels, found.temperature) == (tuple("0123456789"), 1.0)
    (caution,) = found.cautions
    if reason is None:
        assert caution.found.startswith("It is not JSON: ")
    else:
        wanted = IGNORED if "JSON" in reason else PARTLY
        assert str(caution) == wanted % (prefix, reason)


def test_a_sidecar_may_begin_with_the_mark_of_windows_editors(prefix):
    with io.open(prefix + ".json", "w", encoding="utf-8-sig") as stream:
        stream.write(u'{"temperature": 1.5}')
    found = checkpoint.read(prefix)
    assert (found.temperature, found.cautions) == (1.5, ())


# -- Writing ----------------------------------------------------------------------------------


def test_the_sidecar_is_ascii_json_with_keys_in_order(prefix):
    checkpoint.write(prefix, numbers(), {"b": 1, "a": [ZERO]})
    with io.open(prefix + ".json", "rb") as stream:
        text = stream.read()
    assert text.startswith(b'{\n "a": [\n  "\\u96f6"\n ],\n "b": 1')
    assert json.loads(text.decode("ascii")) == {"b": 1, "a": [ZERO]}


def test_a_sidecar_of_other_weights_goes(prefix):
    checkpoint.write(prefix, numbers(), {"seed": 1})
    checkpoint.write(prefix, numbers())
    assert not os.path.exists(prefix + ".json")


def test_a_failing_write_leaves_the_old_checkpoint(prefix, monkeypatch):
    before = sorted(os.listdir(os.path.dirname(prefix)))

    def full(path):
        if path.startswith(prefix + ".index"):
            raise IOError(28, "No space left on device")

    monkeypatch.setattr(checkpoint._compat, "settle", full)
    with pytest.raises(EnvironmentError):
        checkpoint.write(prefix, numbers(networks.SOFTMAX))
    assert sorted(os.listdir(os.path.dirname(prefix))) == before
    assert checkpoint.read(prefix).network is networks.COMPACT


def test_the_index_is_renamed_last(prefix, monkeypatch):
    renamed = []
    replace = checkpoint._compat.replace

    def noted(source, target):
        renamed.append(os.path.basename(target))
        replace(source, target)

    monkeypatch.setattr(checkpoint._compat, "replace", noted)
    checkpoint.write(prefix, numbers(), {"seed": 1})
    assert renamed == ["digits.ckpt.data-00000-of-00001", "digits.ckpt.json", "digits.ckpt.index"]


# -- The stamp --------------------------------------------------------------------------------


def test_the_stamp_stays_until_somebody_writes(prefix):
    first = checkpoint.stamp(prefix)
    assert checkpoint.stamp(prefix) == first
    checkpoint.write(prefix, numbers())
    second = checkpoint.stamp(prefix)
    assert second != first
    with io.open(prefix + ".json", "wb") as stream:
        stream.write(b"{}")
    assert checkpoint.stamp(prefix) != second


def test_the_stamp_sees_every_shard(tmpdir):
    names = os.listdir(WRITTEN)
    for name in names:
        if "two_shards" in name:
            with io.open(os.path.join(WRITTEN, name), "rb") as stream:
                tmpdir.join(name).write(stream.read(), "wb")
    path = str(tmpdir.join("tensorflow_1_4_two_shards.ckpt"))
    first = checkpoint.stamp(path)
    with io.open(path + ".data-00001-of-00002", "ab") as stream:
        stream.write(b"more")
    assert checkpoint.stamp(path) != first


def test_the_stamp_of_nothing_is_no_error(tmpdir):
    assert checkpoint.stamp(str(tmpdir.join("gone", "digits.ckpt"))) == (None, None, None)
