# `make demo` and `make test` do everything on a fresh machine with Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Installed first: on a machine with CUDA this is the CUDA build, as Axolotl wants it.
TORCH ?= torch==2.13.0

# Processes that the tests run in; each takes about 2 GB of memory.
WORKERS ?= 2

export HF_HUB_OFFLINE ?= 1
export AXOLOTL_DO_NOT_TRACK ?= 1

.PHONY: demo test test-host test-ray lint bench estimates reproduce reproduce-docs site \
    wheel install clean help

help:
	@echo "make demo    see a tiny model learn with explanations what it cannot without"
	@echo "make test    lint, types and all tests but those of a Ray cluster"
	@echo "make test-ray  a sweep over a Ray cluster that loses machines (minutes)"
	@echo "make lint    lint and types alone"
	@echo "make bench   measure speed, as ratios within one run"
	@echo "make estimates  work out anew what memory the shipped recipes take"
	@echo "make reproduce       run the cpu sweeps of recipes/paper (hours) and keep results"
	@echo "make reproduce-docs  rebuild docs/reproduction.md and its pictures from them"
	@echo "make site    build the documents as a site, below build/site"
	@echo "make wheel   build the wheel, below dist"
	@echo "make test-host AXOLOTL=0.18.0   what another version of Axolotl does otherwise"
	@echo "make clean   remove the virtual environment and caches"

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet '$(TORCH)'
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/axolotl-explain demo

test: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile \
	    --no-loadscope-reorder

# Machines of a cluster begin slowly, so these minutes are a job of their own.
test-ray: install
	$(BIN)/python -m pytest -m cluster tests/sweep/test_ray_sweep.py

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	@$(BIN)/python benchmarks/run.py

estimates: install
	$(BIN)/python -m axolotl_explain.catalog.estimates

# What was kept of a sweep that had not ended is not trained again.
reproduce: install
	$(BIN)/python -m reproduction.unfinished restore
	set -e; for sweep in listops_apart wide_sums listops_rows length_generalisation \
	    loss_weights; do \
	    $(BIN)/axolotl-explain sweep recipes/paper/$${sweep}_cpu.yml; done
	$(BIN)/python -m reproduction.collect

reproduce-docs: install
	$(BIN)/python -m reproduction.build

site: build/site-tools
	build/site-tools/bin/mkdocs build --strict

build/site-tools: pyproject.toml
	$(PYTHON) -m venv $@
	$@/bin/python -m pip install --quiet 'mkdocs-material>=9.5,<10'
	touch $@

wheel:
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist .

# Another version of Axolotl, or a requirement such as git+https://…, in an environment of
# its own. Each fact that fails is named; ours are told to try it all the same.
HOST_VENV = build/axolotl-$(subst /,-,$(subst :,-,$(AXOLOTL)))
# pip searches for minutes among what older versions of Axolotl pin.
HOST_UV = $(HOST_VENV)/bin/uv pip install --quiet --python $(HOST_VENV)/bin/python
HOST = $(if $(findstring +,$(AXOLOTL)),axolotl @ $(AXOLOTL),axolotl==$(AXOLOTL))

test-host:
	@test -n "$(AXOLOTL)" || { echo "Say which: make test-host AXOLOTL=0.18.0"; exit 1; }
	$(PYTHON) -m venv $(HOST_VENV)
	$(HOST_VENV)/bin/python -m pip install --quiet uv
	$(HOST_UV) '$(HOST)' httpx hypothesis pytest pytest-timeout scipy
	$(HOST_UV) --no-deps --editable .
	AXOLOTL_EXPLAIN_ANY_AXOLOTL=1 $(HOST_VENV)/bin/python -m pytest -q -p no:randomly \
	    --tb=line --show-capture=no tests/training/test_axolotl_facts.py \
	    tests/training/test_averaged_tokens.py tests/test_plugin.py

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
