# Set-up is automatic: `make docs` builds the site, `make test` runs the tests.
.DEFAULT_GOAL := docs
.PHONY: docs serve publish-demo test test-all check golden bench evidence fuzz screenshots clean lock
PYTHON ?= python3
BIN := .venv/bin
# Every requirement has hashes, so pip refuses every file except the pinned one.
INSTALL := pip install --quiet --disable-pip-version-check --require-hashes
# The tests of a file run in one process: they share a built site. They start Python hundreds of times, so compiled
# modules are kept in any environment.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

.venv/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("modelbook needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { rm -rf .venv; bash tests/install-venv.sh && $(PYTHON) -m venv .venv; }
	$(BIN)/$(INSTALL) -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/demo.stamp: .venv/run.stamp requirements/demo.txt
	$(BIN)/$(INSTALL) -r requirements/demo.txt
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	$(BIN)/$(INSTALL) -r requirements/dev.txt
	@touch $@

docs: .venv/run.stamp  ## Build the site from the cards into site/
	$(BIN)/modelbook build

serve: .venv/run.stamp  ## Build the site, serve it on this machine, rebuild it on changes
	$(BIN)/modelbook serve

publish-demo: docs .venv/demo.stamp  ## Publish the book to a demo server for Confluence on this machine and print its address
	$(BIN)/modelbook confluence demo

test: .venv/dev.stamp  ## Run the tests; installs Chromium if possible
	@bash tests/install-chromium.sh
	$(PYTEST)

test-all: .venv/dev.stamp  ## Run the tests with every case of the long series, such as a kill after each request
	@bash tests/install-chromium.sh
	$(PYTEST) --all

check: .venv/dev.stamp  ## Run ruff, mypy and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

golden: .venv/dev.stamp  ## Rewrite the expected outputs; review the diff
	$(PYTEST) --golden

# For every system and Python 3.11 or newer. Pins do not change; `make lock UPGRADE=--upgrade` uses new releases.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate $(UPGRADE)

lock: .venv/dev.stamp  ## Pin the dependencies and their hashes in requirements/
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) requirements/demo.in -o requirements/demo.txt
	$(LOCK) requirements/mcp.in -o requirements/mcp.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/cluster.in -o requirements/cluster.txt
	$(LOCK) requirements/bench.in -o requirements/bench.txt
	$(LOCK) requirements/engine-properdocs.in -o requirements/engine-properdocs.txt
	$(LOCK) requirements/engine-zensical.in -o requirements/engine-zensical.txt
	$(LOCK) requirements/engine-materialx.in -o requirements/engine-materialx.txt

# The benchmark of publishing compares with md2conf and that of a scan with ripgrep: they have a separate environment.
.venv/md2conf.stamp: requirements/bench.txt .venv/run.stamp
	$(PYTHON) -m venv .venv/md2conf
	.venv/md2conf/bin/$(INSTALL) -r requirements/bench.txt
	@touch $@

bench: .venv/dev.stamp .venv/md2conf.stamp  ## Measure time and memory
	$(BIN)/python -m bench

evidence: .venv/dev.stamp  ## Write the evidence of the demo: scan its repositories, read its traffic
	$(BIN)/python -m bench.demo

fuzz: .venv/dev.stamp  ## Mutate cards, imported documents and sample calls; repeat a run with FUZZ="--seed 7"
	$(BIN)/python -m bench.fuzz $(FUZZ)

screenshots: .venv/dev.stamp  ## Take the screenshots of the README from the built site
	@bash tests/install-chromium.sh
	$(BIN)/python -m bench.screenshots

clean:  ## Remove the output of the other targets
	rm -rf .venv .modelbook .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/out
	find site -mindepth 1 ! -name .gitignore -delete
