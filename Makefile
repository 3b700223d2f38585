# Everything a newcomer types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run test lint bench soak migrate lock

# The first Python that is new enough; override with `make PYTHON=python3.13 ...`.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$candidate"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Three for two processors: a third of their time tests wait for processes that they started.
WORKERS ?= $(shell echo $$(( ($$(getconf _NPROCESSORS_ONLN) * 3 + 1) / 2 )))
CHROMIUM = $(or $(SCORING_TEST_CHROMIUM),$(shell command -v chromium-headless-shell || command -v chromium || command -v chromium-browser))
PGBOUNCER = $(shell PATH="$$PATH:/usr/sbin" command -v pgbouncer)
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

run: $(VENV)/.installed ## start everything on http://127.0.0.1:8000 (SCORING_PORT), data in var/ (SCORING_DATA_DIR)
	@exec $(BIN)/python -m scoring_service serve

test: lint ## the whole test suite on embedded PostgreSQL
	@test -n "$(CHROMIUM)" -o "$$CI" = true || echo "Left out for want of Chromium: tests/web/test_browser*.py (apt-get install chromium-headless-shell, or set SCORING_TEST_CHROMIUM)."
	@test -n "$(PGBOUNCER)" -o "$$CI" = true || echo "Left out for want of PgBouncer: tests/platform/test_pooling.py, tests/api/test_through_a_pooler.py (apt-get install pgbouncer)."
	$(BIN)/python -m pytest -q -n $(WORKERS)

lint: $(VENV)/.installed-dev ## ruff, mypy, import contract
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/.installed-bench ## the benchmarks
	$(BIN)/python -m bench

soak: $(VENV)/.installed-dev $(VENV)/.installed-spark ## the long checks, outside CI (need Java 17, nginx, and root for a small disk)
	$(BIN)/python -m pytest -q -m soak

migrate: $(VENV)/.installed ## bring the database to the newest schema
	$(BIN)/python -m scoring_service migrate

lock: ## compile requirements*.txt anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-dev.in -c requirements.txt -o requirements-dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-bench.in -c requirements.txt -o requirements-bench.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements-spark.in -c requirements.txt -c requirements-dev.txt -o requirements-spark.txt

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and was not found."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt setup.cfg | $(VENV)/bin/python
	@echo "Installing the locked dependencies ..."
	$(PIP) --require-hashes -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing the locked development dependencies ..."
	$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

$(VENV)/.installed-bench: requirements-bench.txt $(VENV)/.installed
	@echo "Installing the locked dependencies of the benchmarks ..."
	$(PIP) --require-hashes -r requirements-bench.txt
	@touch $@

$(VENV)/.installed-spark: requirements-spark.txt $(VENV)/.installed
	@echo "Installing the locked dependencies of the engine Spark ..."
	$(PIP) --require-hashes -r requirements-spark.txt
	@touch $@
