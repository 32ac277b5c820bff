"""The benchmarks can be found and asked; what they measure is theirs to say."""

import bench
import bench_engines
import numpy
import pytest

from mlinference import checkpoint, classifier


def test_every_benchmark_is_found_by_its_name():
    assert {"engines", "equality", "soak"} <= set(bench.names())


@pytest.mark.parametrize("name", bench.names())
def test_every_benchmark_tells_what_it_measures(name, capsys):
    with pytest.raises(SystemExit) as left:
        bench.main([name, "--help"])
    assert left.value.code == 0
    assert "bench.py %s" % name in capsys.readouterr()[0]


def test_an_unknown_benchmark_is_refused(capsys):
    with pytest.raises(SystemExit) as left:
        bench.main(["gpu"])
    assert left.value.code == 2
    assert "'engines'" in capsys.readouterr()[1]


def test_a_missed_target_is_marked():
    times = {"NumPy engine": 2.0, "ONNX Runtime": 1.0}
    (row,) = list(bench_engines._ratios(times, newest=True))
    assert row == ("NumPy engine / ONNX Runtime", "2.00 times", "at most 1.25 times", False)
    times = {"NumPy engine": 1.0, "ONNX Runtime": 1.0, "kept session": 2.0}
    times.update({"the article's way": 40.0, "TensorFlow engine": 1.0})
    rows = {name: reached for name, _, _, reached in bench_engines._ratios(times, True)}
    assert not rows["the article's way / TensorFlow engine"]
    rows = {name: reached for name, _, _, reached in bench_engines._ratios(times, False)}
    assert rows["the article's way / TensorFlow engine"]


def test_the_trained_network_is_the_articles_and_comes_without_its_sidecar(tmpdir):
    with pytest.raises(SystemExit) as caught:
        bench_engines.write_trained(str(tmpdir), checkpoint.BUNDLED)
    assert str(caught.value).endswith("is of another network than the article's.")
    bench_engines.write_checkpoints(str(tmpdir))
    one, told = str(tmpdir.join("one.ckpt")), tmpdir.join("one.ckpt.json")
    told.write('{"temperature": 2.0}')
    bench_engines.write_trained(str(tmpdir), one)
    assert checkpoint.read(one).temperature == 2
    assert checkpoint.read(str(tmpdir.join("trained.ckpt"))).temperature == 1


def test_the_picture_of_the_benchmark_is_mnists_first_test_picture():
    digit = bench_engines._digit()
    assert digit.shape == (1, 784) and digit.dtype == numpy.float32
    assert classifier.shared().predict(digit).argmax() == 7
