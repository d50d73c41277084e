# The few commands a developer needs. Each makes its own environment in .venv if there is none.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
TEST := $(VENV)/.test

.PHONY: decks check test coverage lint bench fuzz compat pictures addon-pictures docs addon dist clean

decks: $(CORE)  ## build the shipped records into decks/*.apkg, by trial and by perspective
	$(BIN)/trialdeck build

check: lint  ## what to run after every change: style, types, and the fast tests
	$(BIN)/python -m pytest -n auto --dist worksteal -q tests/unit

test: $(TEST)  ## run all tests, with TRIALDECK_FULL=1 the large matrices whole; installs Debian's Chromium if it is missing
	.ci/need chromium-headless-shell chromium-headless-shell
	$(BIN)/python -m compileall -q src  # so that no process compiles it again where nothing else writes such files
	$(BIN)/python -m pytest -n auto --dist worksteal

coverage: $(TEST)  ## run all tests, in about twice the time, and say which lines of src none of them reaches
	.ci/need chromium-headless-shell chromium-headless-shell
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term

lint: $(TEST)  ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(CORE)  ## measure side by side with other ways to do the same; writes benchmarks/RESULTS.md; ARGS=--quick to try
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	$(BIN)/python benchmarks/bench.py $(ARGS)

compat: $(TEST)  ## measure in real Anki, old and new, what learners keep through every edit; writes docs/compatibility.md
	$(BIN)/python tests/support/compat.py
	TRIALDECK_FULL=1 $(BIN)/python -m pytest -n auto --dist worksteal tests/anki/editions/test_editions.py

fuzz: $(CORE)  ## look for inputs that break what reads files, guided by coverage; SECONDS=60 for each target, TARGET=yaml
	$(BIN)/python -m pip install --quiet --editable '.[fuzz]'
	$(BIN)/python tests/fuzz/run.py --seconds $(or $(SECONDS),60) $(TARGET)

addon-pictures: $(TEST)  ## draw the windows of the add-on anew, in Anki itself
	.ci/need pngquant pngquant
	PYTHONPATH=tests:tests/support/project_makers $(BIN)/python tests/support/addon_pictures.py

pictures: $(TEST)  ## draw the cards, pages and terminals of the docs anew
	.ci/need chromium-headless-shell chromium-headless-shell
	.ci/need pngquant pngquant
	$(BIN)/python tests/support/pictures.py

docs: $(TEST)  ## make the documentation a site that needs no network, in build/docs
	$(BIN)/zensical build --strict

addon: $(CORE)  ## put the add-on for Anki into dist/trialdeck.ankiaddon, the same file that sites have
	$(BIN)/python addon/make.py

dist: $(TEST)  ## build the wheel and the source distribution into dist/
	$(BIN)/python -m build

clean:  ## remove what the commands above made
	rm -rf $(VENV) .venvs dist build decks/*.apkg

$(CORE): pyproject.toml
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/need - python3-venv
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[watch,sheets,desk]'
	touch $@

$(TEST): $(CORE)
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@
