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

.PHONY: demo test lint bench estimates reproduce reproduce-docs install clean help

help:
	@echo "make demo    see a tiny model learn with explanations what it cannot without"
	@echo "make test    lint, types and all tests"
	@echo "make lint    lint and types alone"
	@echo "make bench   measure speed, as ratios within one run"
	@echo "make estimates  work out anew what memory the shipped recipes take"
	@echo "make reproduce       run the cpu sweeps of recipes/paper (hours) and keep results"
	@echo "make reproduce-docs  rebuild docs/reproduction.md and its pictures from them"
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
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: install
	@$(BIN)/python benchmarks/run.py

estimates: install
	$(BIN)/python -m axolotl_explain.catalog.estimates

reproduce: install
	set -e; for sweep in modular_sum listops_levels sample_efficiency \
	    length_generalisation length_alphabet convergence; do \
	    $(BIN)/axolotl-explain sweep recipes/paper/$${sweep}_cpu.yml; done
	$(BIN)/python -m reproduction.collect

reproduce-docs: install
	$(BIN)/python -m reproduction.build

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
