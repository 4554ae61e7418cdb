# Two commands set everything up: `make docs` builds the site, `make test` passes the tests.
.DEFAULT_GOAL := docs
.PHONY: docs serve publish-demo test test-all check golden bench fuzz screenshots clean lock
PYTHON ?= python3
BIN := .venv/bin
# Every requirement has its hashes, so pip refuses every file except the pinned one.
INSTALL := pip install --quiet --disable-pip-version-check --require-hashes
# A file's tests stay together: they share the site that they look at.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

.venv/run.stamp: requirements/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("modelbook needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv || { rm -rf .venv; bash tests/install-venv.sh && $(PYTHON) -m venv .venv; }
	$(BIN)/$(INSTALL) -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.txt
	$(BIN)/$(INSTALL) -r requirements/dev.txt
	@touch $@

docs: .venv/run.stamp  ## Build the site from the cards into site/
	$(BIN)/modelbook build

serve: .venv/run.stamp  ## Build, serve on loopback, rebuild when a card or a template changes
	$(BIN)/modelbook serve

publish-demo: docs  ## Publish the book to a Confluence stand-in on this machine and say where to look
	$(BIN)/modelbook confluence demo

test: .venv/dev.stamp  ## Run the tests; installs Chromium where it can
	@bash tests/install-chromium.sh
	$(PYTEST)

test-all: .venv/dev.stamp  ## Run the tests with every case of the long series, such as a kill after each request
	@bash tests/install-chromium.sh
	$(PYTEST) --all

check: .venv/dev.stamp  ## Lint, type-check, judge the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

golden: .venv/dev.stamp  ## Rewrite the expected outputs; the diff is the review
	$(PYTEST) --golden

# For every system and Python 3.11 or newer. Pins stay as they are; `make lock UPGRADE=--upgrade` takes new releases.
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate $(UPGRADE)

lock: .venv/dev.stamp  ## Pin the dependencies and their hashes in requirements/
	$(LOCK) pyproject.toml -o requirements/run.txt
	$(LOCK) requirements/dev.in -o requirements/dev.txt
	$(LOCK) requirements/bench.in -o requirements/bench.txt

# md2conf, which publishing is measured beside, gets an environment of its own.
.venv/md2conf.stamp: requirements/bench.txt .venv/run.stamp
	$(PYTHON) -m venv .venv/md2conf
	.venv/md2conf/bin/$(INSTALL) -r requirements/bench.txt
	@touch $@

bench: .venv/dev.stamp .venv/md2conf.stamp  ## Time and memory, side by side in one run
	$(BIN)/python -m bench

fuzz: .venv/dev.stamp  ## Mutate cards, imported documents and sample calls; a seed repeats a run (FUZZ="--seed 7")
	$(BIN)/python -m bench.fuzz $(FUZZ)

screenshots: .venv/dev.stamp  ## Take the README's pictures from the built site
	@bash tests/install-chromium.sh
	$(BIN)/python -m bench.screenshots

clean:  ## Remove what the other targets made
	rm -rf .venv .modelbook .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/out
	find site -mindepth 1 ! -name .gitignore -delete
