# Needs python3 (3.11 or newer, with venv), make and a package index. `make run` and `make test` set up what is missing.

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=

.PHONY: help run test check bench loadtest setup lock clean

help:
	@echo 'make run [ARGS="--port 0 --no-seed"]   everything on this machine: servers, demonstration data, credentials'
	@echo 'make test [ARGS="tests/cli -x"]        lint, types, import contracts, tests'
	@echo 'make check                             the same without the tests'
	@echo 'make bench [ARGS="--soak 600"]         CPU, latency and memory of quotes, in a table; --help lists the options'
	@echo 'make loadtest [ARGS="--shape spike"]   a minute of load with every answer checked; loadtests/report.html'
	@echo 'make setup                             $(VENV) alone'
	@echo 'make lock                              resolve the dependencies of pyproject.toml anew'

run: setup
	@exec $(BIN)/quote-service dev $(ARGS)

test: check
	@$(BIN)/pytest $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@$(BIN)/python -m loadtests.bench $(ARGS)

loadtest: setup
	@$(BIN)/python -m loadtests $(ARGS)

setup: $(STAMPS)/project

# Every package is pinned and checked by its hash.
$(STAMPS)/packages: requirements.lock | $(STAMPS)
	@echo 'Installing the packages of requirements.lock'
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

# Editable, so that a change of the code needs no further step; again when its metadata or commands change.
$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(PIP) install --no-deps -e .
	@touch $@

$(STAMPS):
	@sh deploy/make-venv $(VENV)
	@mkdir -p $@

# requirements.lock is what is developed and tested with; requirements-runtime.lock, its part that serves, goes into the image.
lock: setup
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-runtime.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis
