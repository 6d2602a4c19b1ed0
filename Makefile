# `make` alone explains the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help run test drills lint dashboard documents pictures fingerprints lock clean

help:  ## list the targets
	@echo "Crossover: NumPy or JAX, for this workload, on this machine, for this many calls?"
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

run: $(VENV)/run.stamp  ## measure NumPy and JAX here, through the whole service, and print the table
	@$(BIN)/crossover up --once

dashboard: $(VENV)/run.stamp  ## open the pages on what was measured
	@$(BIN)/crossover dashboard

test: $(VENV)/test.stamp  ## run every test
	$(BIN)/python -m pytest

drills: $(VENV)/test.stamp  ## break a running service on purpose, in every way: three quarters of an hour
	$(BIN)/python -m pytest -m drill -rP

lint: $(VENV)/test.stamp  ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

documents: $(VENV)/test.stamp  ## make the tables of the documentation from the measured examples
	$(BIN)/python docs/make_article.py examples/article.jsonl
	$(BIN)/python docs/make_workloads.py examples/suite.jsonl.gz

pictures: $(VENV)/test.stamp  ## take a picture of every page, showing the measured examples: a few minutes
	$(BIN)/python docs/make_pictures.py $(wildcard examples/*.jsonl* examples/*/*.jsonl.gz)

fingerprints: $(VENV)/test.stamp  ## record what new workloads, and those with a raised version, compute
	$(BIN)/python -m tests.workloads.fingerprints

lock: $(VENV)/run.stamp  ## resolve the dependencies anew
	$(BIN)/$(LOCK) --upgrade -o requirements.lock
	$(BIN)/$(LOCK) --upgrade --group dev -c requirements.lock -o requirements-dev.lock

clean:  ## remove the virtual environment and caches; measurements in .crossover/ stay
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv's own lines of the lock, so that pip checks its hash too
$(BIN)/uv: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or newer is needed; name it: make PYTHON=/path/to/python3.12 ..." >&2; exit 2; }
	@echo "setting up $(VENV)/"
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "error: this Python cannot make virtual environments (on Debian: apt install python3-venv)" >&2; exit 2; }
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@touch $@

$(VENV)/run.stamp: $(BIN)/uv requirements.lock pyproject.toml
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	@touch $@
