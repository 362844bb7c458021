# Needs python3 (3.11 or newer, with venv), make and a package index. `make run` and `make test` set up what is missing.

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=
# COMPILE=0 runs everything as plain Python.
COMPILE ?= 1
COMPILED := build/compiled
SOURCES := $(shell find quote_service migrations deploy/compile_package.py -type f -not -name '*.pyc')
RUN_COMPILED := PYTHONPATH=$(CURDIR)/$(COMPILED)
# `python -m` would put the checkout, and with it the plain sources, before everything else.
RUN_MODULE := PYTHONSAFEPATH=1 PYTHONPATH=$(CURDIR)/$(COMPILED):$(CURDIR) $(BIN)/python -m
# What prices and answers, tested once more as machine code.
COMPILED_TESTS := tests/engine tests/golden tests/wire tests/hot_path
# All tests: two processes, each with a service of its own, since tests wait more than they work.
IN_TWO := -n 2 --dist loadfile

.PHONY: help run test test-compiled check bench loadtest faults setup compiled lock clean

help:
	@echo 'make run [ARGS="--port 0 --no-seed"]   everything on this machine: servers, demonstration data, credentials'
	@echo 'make test [ARGS="tests/cli -x"]        lint, types, import contracts, tests'
	@echo 'make check                             the same without the tests'
	@echo 'make bench [ARGS="--soak 600"]         CPU, latency and memory of quotes, flash sales; --help lists the options'
	@echo 'make loadtest [ARGS="--shape spike"]   a minute of load and a crowd, every answer checked; loadtests/report.html'
	@echo 'make faults [ARGS="--minutes 30"]        flash sales among faults drawn from seeds, every invariant checked'
	@echo 'make compiled                          the quote path as machine code, where there is a C compiler (run does it too)'
	@echo 'make setup                             $(VENV) alone'
	@echo 'make lock                              resolve the dependencies of pyproject.toml anew'

run: setup compiled
	@$(RUN_COMPILED) exec $(BIN)/quote-service dev $(ARGS)

test: check test-compiled
	@$(BIN)/pytest $(if $(ARGS),$(ARGS),$(IN_TWO))

# With ARGS only those tests are wanted. The tests are copied beside the compiled package, so that they import that one.
test-compiled: compiled
	@if [ -z '$(ARGS)' ] && [ -f $(COMPILED)/.done ]; then \
	  rm -rf $(COMPILED)/tests && cp -r tests pyproject.toml $(COMPILED)/ && \
	  cd $(COMPILED) && $(CURDIR)/$(BIN)/pytest -q $(IN_TWO) $(COMPILED_TESTS); \
	fi

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup compiled
	@$(RUN_MODULE) loadtests.bench $(ARGS)

loadtest: setup compiled
	@$(RUN_MODULE) loadtests $(ARGS)

faults: setup
	@$(BIN)/python -m tests.flash_sales.campaign $(ARGS)

setup: $(STAMPS)/project

# Without a compiler, or where compiling fails, the same code runs as it is.
compiled: setup
	@if [ '$(COMPILE)' = 1 ] && command -v cc >/dev/null; then \
	  $(MAKE) -s --no-print-directory $(COMPILED)/.done || echo 'Compiling failed; everything runs as plain Python'; \
	else rm -rf $(COMPILED); fi

$(COMPILED)/.done: $(SOURCES)
	@echo 'Compiling the quote path'
	@rm -rf $(COMPILED)
	@$(BIN)/python deploy/compile_package.py --into $(COMPILED)
	@touch $@

# Every package is pinned and checked by its hash.
$(STAMPS)/packages: requirements.lock | $(STAMPS)
	@echo 'Installing the packages of requirements.lock'
	@$(PIP) install --require-hashes -r requirements.lock
	@touch $@

# Editable, so that a change of the code needs no further step; again when its metadata or commands change.
$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS):
	@sh deploy/make-venv $(VENV)
	@mkdir -p $@

# requirements.lock is what is developed and tested with; requirements-runtime.lock, its part that serves, goes into the image.
lock: | $(STAMPS)
	$(PIP) install uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --constraint requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet -o requirements-runtime.lock

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
