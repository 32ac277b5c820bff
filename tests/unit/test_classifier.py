"""One classifier for all nodes: sharing, eviction, threads, files that change, memory."""

import gc
import io
import os
import subprocess
import sys
import threading
import time

import numpy
import pytest

from mlinference import checkpoint, classifier, errors, networks

LIBRARIES = os.path.dirname(os.path.dirname(os.path.abspath(checkpoint.__file__)))

PAGE = numpy.random.RandomState(0).rand(1, 784).astype("float32")


def weights(seed=0, network=networks.COMPACT):
    random = numpy.random.RandomState(seed)
    variables = {}
    for name, shape in network.variables(10):
        variables[name] = random.normal(0, 0.3, shape).astype("float32")
    return variables


@pytest.fixture
def prefix(tmpdir):
    """A checkpoint; nothing is shared before and after."""
    classifier.clear()
    path = str(tmpdir.join("digits.ckpt"))
    checkpoint.write(path, weights())
    yield path
    classifier.clear()


def answer(prefix):
    return classifier.shared(prefix, "numpy").predict(PAGE)


def expected(variables, network=networks.COMPACT, temperature=1.0):
    logits = network.layers(classifier.plain.ops, PAGE, variables)[-1][1] / temperature
    powers = numpy.exp(logits - logits.max())
    return powers / powers.sum()


# -- Answers ----------------------------------------------------------------------------------


def test_probabilities_are_the_softmax_of_the_logits(prefix):
    found = answer(prefix)
    assert (found.dtype, found.shape) == (numpy.float32, (1, 10))
    assert abs(found - expected(weights())).max() < 1e-6
    assert abs(found.sum() - 1) < 1e-6


def test_the_temperature_divides_the_logits(prefix):
    checkpoint.write(prefix, weights(), {"temperature": 2.5})
    assert abs(answer(prefix) - expected(weights(), temperature=2.5)).max() < 1e-6


def test_labels_and_shape_are_the_checkpoints(prefix):
    checkpoint.write(prefix, weights(), {"labels": list("abcdefghij")})
    model = classifier.shared(prefix, "numpy")
    assert model.labels == tuple("abcdefghij")
    assert model.shape == (28, 28, 1)
    assert model.checkpoint.prefix == prefix


@pytest.mark.parametrize("count", [0, 1, classifier.BATCH, classifier.BATCH + 1, 200])
def test_a_batch_has_the_answers_of_its_pictures(prefix, count):
    batch = numpy.random.RandomState(1).rand(count, 784).astype("float32")
    model = classifier.shared(prefix, "numpy")
    found = model.predict(batch)
    assert found.shape == (count, 10)
    for number in range(0, count, 7):
        assert abs(found[number] - model.predict(batch[number : number + 1])[0]).max() < 1e-6


def test_a_large_batch_takes_no_more_memory_than_a_small_one(prefix):
    tracemalloc = pytest.importorskip("tracemalloc")
    checkpoint.write(prefix, weights(network=networks.CONVOLUTIONAL))
    model = classifier.shared(prefix, "numpy")
    batch = numpy.zeros((6 * classifier.BATCH, 784), numpy.float32)
    peaks = []
    for count in (classifier.BATCH, len(batch)):
        tracemalloc.start()
        model.predict(batch[:count])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]


@pytest.mark.parametrize("shape", [(784,), (1, 783), (1, 28, 28)])
def test_pictures_of_another_shape_are_a_mistake_of_the_caller(prefix, shape):
    with pytest.raises(ValueError) as caught:
        classifier.shared(prefix, "numpy").predict(numpy.zeros(shape, numpy.float32))
    assert str(caught.value) == "pictures have shape %s, not [N, 784]" % (shape,)


def test_an_answer_that_is_no_number_is_a_sentence(prefix):
    huge = {name: values * 1e37 for name, values in weights().items()}
    checkpoint.write(prefix, dict(weights(), W_fc1=huge["W_fc1"], b_fc1=huge["b_fc1"]))
    model = classifier.shared(prefix, "numpy")
    with numpy.errstate(all="ignore"), pytest.raises(errors.AnswerNotFinite) as caught:
        model.predict(PAGE * numpy.float32(1e30))
        model.predict(PAGE + numpy.float32("nan"))
    assert str(caught.value) == (
        "'%s' gives an answer that is not a number.\n"
        "The values inside the network grow too large for %s.\n"
        "Retrain, with a lower learning rate." % (prefix, model.engine)
    )


# -- Sharing ----------------------------------------------------------------------------------


def test_one_classifier_for_all_who_ask(prefix):
    first = classifier.shared(prefix, "numpy")
    assert classifier.shared(prefix + ".index", "numpy") is first
    assert classifier.shared(prefix.replace(os.sep, "\\"), "numpy") is first
    assert classifier.shared(prefix, "numpy", "cpu") is first
    assert classifier.shared(prefix, "numpy", "gpu") is first
    assert classifier.shared(prefix, "numpy", network="compact") is not first


def test_a_rewritten_checkpoint_is_picked_up(prefix):
    before = answer(prefix)
    checkpoint.write(prefix, weights(1))
    assert abs(answer(prefix) - expected(weights(1))).max() < 1e-6
    assert abs(answer(prefix) - before).max() > 1e-3


def test_a_rewritten_sidecar_is_picked_up(prefix):
    assert classifier.shared(prefix, "numpy").labels[0] == "0"
    checkpoint.write(prefix, weights(), {"labels": list("abcdefghij")})
    assert classifier.shared(prefix, "numpy").labels[0] == "a"


def test_a_checkpoint_mended_after_an_error_is_picked_up(prefix, monkeypatch):
    monkeypatch.setattr(checkpoint, "PAUSE", 0)
    with io.open(prefix + ".data-00000-of-00001", "r+b") as stream:
        stream.truncate(100)
    with pytest.raises(errors.CheckpointDamaged):
        answer(prefix)
    checkpoint.write(prefix, weights(2))
    assert abs(answer(prefix) - expected(weights(2))).max() < 1e-6


def test_a_disk_removed_and_put_back(prefix):
    before = answer(prefix)
    model = classifier.shared(prefix, "numpy")
    folder = os.path.dirname(prefix)
    os.rename(folder, folder + " away")
    # Who holds a classifier has all of it; who asks for one is told.
    assert numpy.array_equal(model.predict(PAGE), before)
    with pytest.raises(errors.CheckpointMissing) as caught:
        answer(prefix)
    assert caught.value.found == "There is no folder '%s' that can be read." % folder
    os.rename(folder + " away", folder)
    assert numpy.array_equal(answer(prefix), before)


def test_reload_forgets_one_checkpoint(prefix, tmpdir):
    other = str(tmpdir.join("other.ckpt"))
    checkpoint.write(other, weights())
    first, second = classifier.shared(prefix, "numpy"), classifier.shared(other, "numpy")
    classifier.reload(prefix + ".index")
    assert classifier.shared(prefix, "numpy") is not first
    assert classifier.shared(other, "numpy") is second
    classifier.reload(str(tmpdir.join("nowhere.ckpt")))


def test_clear_forgets_all(prefix):
    first = classifier.shared(prefix, "numpy")
    classifier.clear()
    assert classifier.shared(prefix, "numpy") is not first


def test_a_classifier_that_somebody_closed_is_not_handed_out(prefix):
    first = classifier.shared(prefix, "numpy")
    first.close()
    assert numpy.isfinite(answer(prefix)).all()


def test_the_least_recently_used_goes_when_the_budget_is_spent(prefix, tmpdir, monkeypatch):
    paths = [str(tmpdir.join("%d.ckpt" % number)) for number in range(4)]
    for path in paths:
        checkpoint.write(path, weights())
    size = classifier.shared(paths[0], "numpy").size
    assert size == 650 * 4
    monkeypatch.setattr(classifier, "BUDGET", 3 * size)
    models = [classifier.shared(path, "numpy") for path in paths[:3]]
    assert classifier.shared(paths[0], "numpy") is models[0]
    classifier.shared(paths[3], "numpy")
    assert classifier.shared(paths[0], "numpy") is models[0]
    assert classifier.shared(paths[2], "numpy") is models[2]
    assert classifier.shared(paths[1], "numpy") is not models[1]
    assert numpy.isfinite(models[1].predict(PAGE)).all(), "it was closed under its user's hands"


def test_a_checkpoint_above_the_budget_is_kept_while_it_is_the_latest(prefix, monkeypatch):
    monkeypatch.setattr(classifier, "BUDGET", 1)
    first = classifier.shared(prefix, "numpy")
    assert classifier.shared(prefix, "numpy") is first


@pytest.mark.parametrize(
    "options, text",
    [
        (
            {"engine": "torch"},
            "There is no engine 'torch'.\nThere are 'auto', 'tensorflow', 'numpy'.\n"
            "Set 'Engine' to one of these.",
        ),
        (
            {"engine": "numpy", "device": "tpu"},
            "There is no device 'tpu'.\nThere are 'auto', 'cpu', 'gpu'.\n"
            "Set 'Device' to one of these.",
        ),
    ],
)
def test_tokens_that_no_menu_has_are_sentences(prefix, options, text):
    with pytest.raises(errors.EngineUnknown) as caught:
        classifier.shared(prefix, **options)
    assert str(caught.value) == text


def test_a_network_that_nobody_knows_is_a_sentence(prefix):
    with pytest.raises(errors.NetworkNameUnknown) as caught:
        classifier.shared(prefix, "numpy", network="resnet")
    known = ", ".join("'%s'" % network.name for network in networks.NETWORKS)
    assert str(caught.value) == (
        "There is no network 'resnet'.\nThere are %s.\n"
        "Clear 'Network', or set it to one of these, or to 'package.module:function' of your own." % known
    )


# -- Threads ----------------------------------------------------------------------------------


def in_threads(count, function):
    """Run `function(number)` in threads at once; return what they return, raise what they raise."""
    results = [None] * count
    failures = []
    gate = threading.Event()

    def run(number):
        gate.wait()
        try:
            results[number] = function(number)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    gate.set()
    for thread in threads:
        thread.join(60)
    if failures:
        raise failures[0]
    return results


def test_threads_that_ask_at_once_load_once(prefix, monkeypatch):
    reads = []
    read = checkpoint.read

    def counted(*arguments):
        reads.append(arguments)
        time.sleep(0.05)
        return read(*arguments)

    monkeypatch.setattr(checkpoint, "read", counted)
    models = in_threads(8, lambda number: classifier.shared(prefix, "numpy"))
    assert len(set(map(id, models))) == 1
    assert len(reads) == 1


def test_what_cannot_be_loaded_leaves_nothing_behind(prefix):
    def fail(number):
        with pytest.raises(errors.NetworkNameUnknown):
            classifier.shared(prefix, "numpy", network="resnet%d" % number)

    in_threads(4, fail)
    answer(prefix)
    gc.collect()
    assert len(classifier._LOADING) == 0


def test_threads_that_waited_for_a_load_that_failed_do_not_load_beside_each_other(prefix, monkeypatch):
    read, loading, most = checkpoint.read, [], []

    def failing_first(*arguments):
        first = not most
        loading.append(arguments)
        most.append(len(loading))
        time.sleep(0.1)
        loading.pop()
        if first:
            raise errors.CheckpointMissing(path=prefix, found="It was on a disk that is away.")
        return read(*arguments)

    def work(number):
        # The last ones come when those that waited have gone on.
        time.sleep(0.12 if number > 4 else 0)
        try:
            return classifier.shared(prefix, "numpy")
        except errors.CheckpointMissing:
            return None

    monkeypatch.setattr(checkpoint, "read", failing_first)
    models = in_threads(8, work)
    assert most == [1, 1]
    assert models.count(None) == 1 and len(set(map(id, models))) == 2


def test_a_slow_disk_keeps_only_its_own_nodes_waiting(prefix, tmpdir, monkeypatch):
    slow = str(tmpdir.join("slow.ckpt"))
    checkpoint.write(slow, weights())
    read, released = checkpoint.read, threading.Event()

    def held(path, network):
        if path == slow:
            assert released.wait(60)
        return read(path, network)

    monkeypatch.setattr(checkpoint, "read", held)
    waiting = threading.Thread(target=classifier.shared, args=(slow, "numpy"))
    waiting.start()
    assert numpy.isfinite(answer(prefix)).all()
    assert waiting.is_alive()
    released.set()
    waiting.join(60)


@pytest.mark.parametrize("network", [networks.CONVOLUTIONAL, networks.COMPACT])
def test_threads_get_the_answers_of_one_thread(prefix, network):
    checkpoint.write(prefix, weights(network=network))
    batch = numpy.random.RandomState(1).rand(8, 784).astype("float32")
    model = classifier.shared(prefix, "numpy")
    alone = [model.predict(batch[number : number + 1]) for number in range(8)]

    def work(start):
        for number in list(range(start, 8)) + list(range(start)):
            assert numpy.array_equal(model.predict(batch[number : number + 1]), alone[number])

    in_threads(4, work)


@pytest.mark.tensorflow
def test_threads_get_the_answers_of_one_thread_from_tensorflow(prefix):
    batch = numpy.random.RandomState(1).rand(8, 784).astype("float32")
    alone = classifier.Classifier(checkpoint.read(prefix), "tensorflow").predict(batch)

    def work(start):
        model = classifier.shared(prefix, "tensorflow")
        for number in range(8):
            found = model.predict(batch[number : number + 1])
            assert abs(found - alone[number]).max() < 1e-6
        return model

    assert len(set(map(id, in_threads(4, work)))) == 1


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy
from mlinference import checkpoint, networks
for seed in range(1, 61):
    values = dict(
        (name, numpy.zeros(shape, "float32") + seed)
        for name, shape in networks.SOFTMAX.variables(10)
    )
    values["b"][seed % 10] += 1
    checkpoint.write(sys.argv[2], values, {"labels": [str(seed)] * 10})
"""


def engines():
    return ["numpy", pytest.param("tensorflow", marks=pytest.mark.tensorflow)]


@pytest.mark.parametrize("engine", engines())
def test_cooks_while_the_checkpoint_is_rewritten_see_one_writing_at_a_time(tmpdir, engine):
    path = str(tmpdir.join("moving.ckpt"))
    writer = subprocess.Popen([sys.executable, "-c", WRITER, LIBRARIES, path])
    seen = []
    while writer.poll() is None:
        try:
            model = classifier.shared(path, engine)
        except (errors.CheckpointMissing, errors.CheckpointChanging):
            continue  # not written yet, or again and again while it was read
        seed = int(model.labels[0])
        assert model.predict(PAGE).argmax() == seed % 10
        seen.append(seed)
    assert writer.returncode == 0
    assert seen == sorted(seen)
    assert classifier.shared(path, engine).labels[0] == "60", "stale for ever"
    classifier.clear()


# -- Memory -----------------------------------------------------------------------------------


def resident():
    """Return the resident memory of this process in bytes."""
    with io.open("/proc/self/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="this system has no /proc")
def test_cooks_and_reloads_do_not_add_up(prefix):
    """A short form of `scripts/bench.py soak`, with the article's 13 MB."""
    checkpoint.write(prefix, weights(network=networks.CONVOLUTIONAL))

    def round_of(reloads):
        for _ in range(reloads):
            classifier.reload(prefix)
            for _ in range(3):
                answer(prefix)
        gc.collect()
        return resident()

    before = round_of(3)
    after = round_of(8)
    # One classifier that stays behind would be 13 MB.
    assert after - before < 5 * 1024 * 1024
