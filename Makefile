# Imaging Research Warehouse. `make` alone lists the targets.
#
# Needed from the system: Python 3.11 to 3.14 with its venv module (Debian: python3-venv), make,
# and git to clone. Everything else is a Python package with its hash in requirements.lock.
# The optional browser test also needs chromium; it is skipped where there is none.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

# The first of these that is new enough; `make setup PYTHON=/path/to/python` decides otherwise.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	if $$p -c '$(FITS)' >/dev/null 2>&1; then echo $$p; break; fi; done)

BIN := .venv/bin
STAMP := .venv/.setup-stamp
LAKE ?= demo_lake

.PHONY: help setup demo ui test fuzz check fmt golden lock clean

help: ## List the targets.
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "Needs Python 3.11 to 3.14 with venv (Debian: python3-venv) and make; LAKE=$(LAKE)"

setup: $(STAMP) ## Make .venv with the locked packages and `irw` in it.

# --no-deps: the lock is complete, and pip 23 takes extras in a file with hashes for new packages.
$(STAMP): requirements.lock pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "make: no Python 3.11 to 3.14 found; install one or give PYTHON=" >&2; exit 1; fi
	@$(PYTHON) -c '$(FITS)' || { echo "make: $(PYTHON) is not Python 3.11 to 3.14; give another PYTHON=" >&2; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || \
		{ echo "make: $(PYTHON) cannot make a venv; install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## Make a synthetic hospital and run the whole graph over it, into LAKE.
	@$(BIN)/irw demo --lake $(LAKE) || test $$? -eq 2  # 2: some went to quarantine, as it is meant to

ui: setup ## Open Dagster's UI on what was run, at port 3000 of this machine
	@mkdir -p $(abspath $(LAKE)).home
	@test -f $(abspath $(LAKE)).home/dagster.yaml || cp dagster.yaml $(abspath $(LAKE)).home/
	DAGSTER_HOME=$(abspath $(LAKE)).home IRW_LAKE=$(abspath $(LAKE)) DAGSTER_REDACT_USER_CODE_ERRORS=1 \
		$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

test: setup ## Run the tests.
	$(BIN)/pytest

fuzz: setup ## De-identify 10,000 damaged files: none crashes, none leaks (half a minute).
	FUZZ_FILES=10000 $(BIN)/pytest irw_pipeline_tests/unit/deid/test_fuzz.py

check: setup ## Everything that is checked without running the tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint irw_pipeline/omop/sql irw_pipeline/cohort/sql
	$(BIN)/python -m irw_pipeline.contracts.lint
	$(BIN)/dagster definitions validate -w workspace.yaml

fmt: setup ## Format the code and apply the safe fixes.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: setup ## Write the golden files anew; review the difference as data.
	UPDATE_GOLDEN=1 $(BIN)/pytest irw_pipeline_tests/golden

lock: ## Resolve the dependencies anew into requirements.lock (needs uv).
	uv lock
	uv export --format requirements-txt --all-groups --no-emit-project --no-annotate -o requirements.lock >/dev/null
	rm uv.lock

clean: ## Remove caches and the demo lake; .venv stays.
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	rm -rf demo_lake demo_lake.home .tmp_dagster_home*
	find irw_pipeline irw_pipeline_tests -name __pycache__ -type d -prune -exec rm -rf {} +
