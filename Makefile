# Every command sets up what it needs in .venv and can be run on a fresh machine with Python 3.10 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check lint types wheel matrix docs bench clean

demo: $(VENV)/installed
	$(BIN)/dynaopenai demo

test: $(VENV)/installed-dev  # ROOM=checking runs tests/checking alone
	$(BIN)/python -m pytest -n auto --dist worksteal tests/$(ROOM)

check: lint types test wheel

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .

types: $(VENV)/installed-dev
	$(BIN)/mypy

wheel: $(VENV)/installed-dev
	.ci/wheel $(BIN)/python

matrix: $(VENV)/installed-dev  # the tests of the wheel on every Python that is here; one of them: .venv/bin/nox -s tests-3.12
	$(BIN)/python -m nox -s tests

docs: $(VENV)/installed-dev  # the site, in build/site
	$(BIN)/python -m website

bench:  # sets up a venv of its own, with the packages it compares
	$(PYTHON) -m benchmarks

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) .nox build dist *.egg-info
