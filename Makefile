# Two commands: `make serve` and `make test`. Each makes its own virtual environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000

.PHONY: help serve test lint types unit messages bench clean

help:
	@echo "make serve   the calculator on http://$(HOST):$(PORT)"
	@echo "make test    linters, types, unit, property and browser tests"
	@echo "make test COVERAGE=1  the same, and which lines no test reaches"
	@echo "make bench   the benchmarks, each against a named reference"
	@echo "make messages  bring the translation catalogues up to date after a text has changed"

$(VENV)/.app: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Rapport needs Python 3.11 or newer; try make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q assumptions calculator plugin reports web
	@touch $@

$(VENV)/.dev: $(VENV)/.app pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

serve: $(VENV)/.app
	$(BIN)/rapport serve --host $(HOST) --port $(PORT)

test: lint types unit

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache --config pyproject.toml

types: $(VENV)/.dev
	$(BIN)/mypy

unit: $(VENV)/.dev
	$(BIN)/python -m pytest $(if $(COVERAGE),--cov --cov-report=term:skip-covered) --durations=10

messages: $(VENV)/.dev
	$(BIN)/python -m web.messages

bench: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check monaco typst weasyprint
	$(BIN)/python benchmarks/live_result.py
	$(BIN)/python benchmarks/live_page.py
	$(BIN)/python benchmarks/million_draws.py --monaco
	$(BIN)/python benchmarks/proposal.py
	$(BIN)/python benchmarks/workbook.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/fitting.py
	$(BIN)/python benchmarks/predict.py
	$(BIN)/python benchmarks/cds_hooks.py
	$(BIN)/python benchmarks/workspace.py
	$(BIN)/python benchmarks/stored.py

clean:
	rm -rf $(VENV) .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
