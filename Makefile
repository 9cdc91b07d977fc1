# make run    from the bundled samples and data/raw/inbox to a published warehouse, and what came of it
# make ui     the Dagster UI on http://127.0.0.1:3000
# make test   everything that must hold before a change is kept
# make check  lint and types alone
# make bench  accuracy and speed of reading, crawling, nights, queries and the site; renews docs/benchmarks.md, in half an hour
#             on 2 cores (PEERS=… another Python to compare with, REPORTS=… how many the nights, the warehouse and the site have,
#             FOLDER=… where nights work: what is done there is not done again)
# make docs   all documentation as pages, with a search, in docs/_build: they open from the folder, without network
# make clean  delete what is built; captured documents, runs and the environment stay
# PYTHON=…    which Python makes the environment (3.11 or newer); PORT=… where the UI listens

PYTHON ?= python3
PORT ?= 3000
REPORTS ?= 10000
BIN := .venv/bin
INSTALLED := .venv/.installed
DOCS := .cache/docs

export DAGSTER_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

ifdef TOUMING_DATA
# The UI runs in another folder
export TOUMING_DATA := $(abspath $(TOUMING_DATA))
endif

.PHONY: help run ui test check bench docs clean

help:
	@sed -n 's/^# //p' Makefile

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: Python 3.11 or newer is needed, and $(PYTHON) is not; name one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; \
		exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

run: $(INSTALLED)
	@$(BIN)/touming run --samples

ui: $(INSTALLED)
	@echo "Dagster UI: http://127.0.0.1:$(PORT) (stop with Ctrl-C)"
	@DAGSTER_HOME="$$($(BIN)/python -m pipeline.orchestration.home)" && export DAGSTER_HOME && cd "$$DAGSTER_HOME" && \
		exec $(CURDIR)/$(BIN)/dagster dev --module-name pipeline.definitions --host 127.0.0.1 --port $(PORT)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# A file's tests share what they build, so a file is tested in one process
test: check
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

bench: $(INSTALLED)
	$(BIN)/python -m bench measure $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python -m bench crawl $(if $(PEERS),--peers $(PEERS))
	$(BIN)/python -m bench nation --reports $(REPORTS) $(if $(FOLDER),--folder $(FOLDER))
	$(BIN)/python -m bench warehouse --reports $(REPORTS)
	$(BIN)/python -m bench site --reports $(REPORTS)
	$(BIN)/python -m bench page

# Beside the environment, not in it: nothing else needs these packages
$(DOCS)/.installed: requirements-docs.lock $(INSTALLED)
	rm -rf $(DOCS)
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes --target $(DOCS) -r requirements-docs.lock
	@touch $@

docs: $(DOCS)/.installed
	@rm -rf docs/_build
	@PYTHONPATH=$(DOCS) $(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --conf-dir docs . docs/_build
	@echo "docs/_build/README.html"

clean:
	rm -rf data/warehouse/stage data/warehouse/shards data/warehouse/build data/warehouse/ledger.parquet
	rm -rf data/warehouse/touming.duckdb data/warehouse/site
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache docs/_build
