# Needs python3 (3.11 or newer, with venv), make and a package index. `make run` and `make test` set up what is missing, each
# no more than it needs, in the same environment.

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
INSTALL := $(BIN)/python deploy/install_packages.py
# Once it is there it is kept as the lock file says.
INTELLIGENCE = $(if $(wildcard $(VENV)/lib/*/site-packages/xgboost),--extra intelligence)
ARGS ?=
# COMPILE=0 runs everything as plain Python.
COMPILE ?= 1
WHEEL := build/wheel
COMPILED := build/compiled
SPARK := build/spark
KAFKA := build/kafka
CONNECTOR := build/spark-connector
NODE_TOOLS := tests/http/openapi/node
SOURCES := $(shell find quote_service migrations deploy/compile_package.py deploy/build_hook.py pyproject.toml -type f -not -name '*.pyc')
# Left to the shell, which quotes whatever stands in the path of the checkout.
HERE := "$$PWD"
# `python -m` would put the checkout, and with it the plain sources, before everything else.
RUN_MODULE := PYTHONSAFEPATH=1 PYTHONPATH=$(HERE)/$(COMPILED):$(HERE) $(BIN)/python -m
RUN_PLAIN := PYTHONSAFEPATH=1 PYTHONPATH=$(HERE)
COMPILES := [ '$(COMPILE)' = 1 ] && command -v cc >/dev/null
# What prices and answers, tested once more as machine code.
COMPILED_TESTS := tests/pricing --ignore=tests/pricing/check tests/quotes/decoding tests/quotes/fast_path tests/replay/test_laws.py
# Tests that take long have targets of their own, which .ci/run calls after `test`: a browser, what kills and freezes processes,
# and what says beside it why it takes long. Those of Apache Kafka and Spark skip where these were not fetched.
BROWSER_TESTS := tests/web/browser
FAULT_TESTS := tests/faults tests/flash_sales/campaign tests/orders/campaign tests/price_decisions/campaign
APART := $(BROWSER_TESTS) $(FAULT_TESTS)
# Three processes, each with servers and a service of its own. Tests wait for what they have asked for, so that two
# leave a fifth of two processors idle. By test, and whoever has none left takes some of another's; by file a dead process
# could leave a single test that nobody begins.
DISTRIBUTION := -n 3 --dist worksteal --max-worker-restart 4
# What a whole target ran is kept for the sum of all and for what was flaky; tests that are marked with a reason are tried
# once more there. See docs/decisions/second-tries.md.
KEPT = --run $(HERE)/build/runs/$@

.PHONY: help run test test-long test-browser test-faults test-compiled test-kafka test-spark test-spark-connector test-clocks check writer windows release-corpus check-api bench loadtest faults setup compiled lock clean

help:
	@echo 'make run [ARGS="--intelligence"]       everything on this machine: servers, demonstration data, credentials'
	@echo 'make test [ARGS="tests/cli -x"]        lint, types, import contracts, tests; those below apart'
	@echo 'make test-long                         tests of more than 3 s of processor time, with the reason of each beside it'
	@echo 'make test-browser                      the pages in a real Chromium'
	@echo 'make test-faults                       processes killed and frozen, servers away, networks slow'
	@echo 'make test-spark                        the market analysis on Apache Spark; needs Java 17, downloads 450 MB once'
	@echo 'make test-spark-connector              windows from Apache Kafka by Spark and its own connector; needs Maven too'
	@echo 'make test-kafka                        the event bus on Apache Kafka; needs Java 17 and Maven, downloads 45 MB once'
	@echo 'make test-clocks [ARGS="--at 23:55"]   tests at hours on which they might depend; needs Linux and a C compiler'
	@echo 'make check                             the same without the tests'
	@echo 'make check-api                         linters and TypeScript on the API description; needs node, downloads 130 MB once'
	@echo 'make bench [ARGS="--soak 600"]         CPU, latency and memory of quotes, flash sales; --help lists the options'
	@echo 'make loadtest [ARGS="--shape spike"]   a minute of load and a crowd, every answer checked; loadtests/report.html'
	@echo 'make faults [ARGS="--minutes 30"]      flash sales among faults drawn from seeds, every invariant checked'
	@echo 'make writer                            generate the writer of the answer to a quote from its declaration'
	@echo 'make release-corpus                  keep quotes of every kind as this release issues them, for tests of later ones'
	@echo 'make windows                           generate the SQL that counts windows from its transformation'
	@echo 'make compiled                          the quote path as machine code, where there is a C compiler (run does it too)'
	@echo 'make setup                             $(VENV) alone'
	@echo 'make lock [ARGS=--upgrade]             resolve the dependencies of pyproject.toml into uv.lock again'

# The first quote does not wait for the compiler.
run: $(STAMPS)/run-packages
	@if ! { $(COMPILES); }; then \
	  $(RUN_PLAIN) exec $(BIN)/python -m quote_service dev $(ARGS); \
	elif $(MAKE) -q $(COMPILED)/.done >/dev/null 2>&1; then \
	  exec env $(RUN_MODULE) quote_service dev $(ARGS); \
	else \
	  $(RUN_PLAIN) exec $(BIN)/python deploy/compile_meanwhile.py build/compile.log $(MAKE) --no-print-directory compiled -- \
	    $(BIN)/python -m quote_service dev $(ARGS); \
	fi

# Types are checked on one processor while the other compiles.
test: setup
	@$(MAKE) --no-print-directory --jobs=2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) check test-compiled
	@$(BIN)/pytest $(if $(ARGS),$(ARGS),$(DISTRIBUTION) $(KEPT) -m 'not long' $(APART:%=--ignore=%))

test-long: setup
	@$(BIN)/pytest $(DISTRIBUTION) $(KEPT) -m long $(APART:%=--ignore=%) $(ARGS)

test-browser: setup
	@$(BIN)/pytest $(DISTRIBUTION) $(KEPT) $(BROWSER_TESTS) $(ARGS)

test-faults: setup
	@$(BIN)/pytest $(DISTRIBUTION) $(KEPT) $(FAULT_TESTS) $(ARGS)

# With ARGS only those tests are wanted. The tests are copied beside the compiled package, so that they import that one.
test-compiled: setup compiled
	@if [ -z '$(ARGS)' ] && [ -f $(COMPILED)/.done ]; then \
	  rm -rf $(COMPILED)/tests && cp -r tests pyproject.toml $(COMPILED)/ && \
	  BUILT_WHEEL="$$(echo $(HERE)/$(WHEEL)/*.whl)" $(BIN)/pytest -q tests/deploy/test_built_wheel.py && \
	  checkout=$(HERE) && cd $(COMPILED) && "$$checkout"/$(BIN)/pytest -q $(DISTRIBUTION) --run "$$checkout"/build/runs/$@ $(COMPILED_TESTS); \
	fi

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The market analysis once more, on Apache Spark: beside the environment, so that nothing else meets it. Needs Java 17.
test-spark: setup $(SPARK)/.done
	PYTHONPATH=$(HERE)/$(SPARK) $(BIN)/pytest $(KEPT) tests/market_analysis -k spark --durations=8 $(ARGS)

# Windows counted from Apache Kafka by Spark, once more by Spark's own connector.
test-spark-connector: setup $(SPARK)/.done $(KAFKA)/.done $(CONNECTOR)/.done
	PYTHONPATH=$(HERE)/$(SPARK) PYSPARK_SUBMIT_ARGS="--jars '$$(printf '%s\n' $(HERE)/$(CONNECTOR)/*.jar | paste -sd, -)' pyspark-shell" \
	  $(BIN)/pytest $(KEPT) tests/market_analysis -k 'apache_kafka and not python' $(ARGS)

$(CONNECTOR)/.done: tests/market_analysis/spark_connector/pom.xml
	@rm -rf $(CONNECTOR)
	@mvn --batch-mode --quiet --strict-checksums --file $< dependency:copy-dependencies -DoutputDirectory=$(HERE)/$(CONNECTOR)
	@touch $@

$(SPARK)/.done: $(STAMPS)/installer
	@rm -rf $(SPARK)
	@$(INSTALL) --only-group spark --target $(SPARK)
	@touch $@

# The event bus on Apache Kafka itself. `make test` skips these where it was not fetched.
test-kafka: setup $(KAFKA)/.done
	$(BIN)/pytest $(KEPT) tests/event_bus -k apache $(ARGS)

$(KAFKA)/.done: tests/event_bus/apache_kafka/pom.xml
	@rm -rf $(KAFKA)
	@mvn --batch-mode --quiet --strict-checksums --file $< dependency:copy-dependencies -DoutputDirectory=$(HERE)/$(KAFKA)
	@touch $@

# Tests that rest on clocks, at instants at which something changes. Hours long as a whole: --at and folders choose.
test-clocks: setup
	@$(BIN)/python -m tests.clocks $(ARGS)

# Made from what declares the answer; a test holds the two together.
writer: setup
	PYTHONPATH=$(HERE) $(BIN)/python deploy/generate_writer.py

# Made from the transformation; a test holds the two together.
windows: setup
	PYTHONPATH=$(HERE) $(BIN)/python deploy/generate_windows.py

# Once for each release, under its version: later ones are tested against what it issued.
release-corpus: setup
	@$(BIN)/python -m tests.releases.make_corpus $(ARGS)

# The tests skip these where the packages are not installed, since nothing is downloaded while tests run.
check-api: setup $(NODE_TOOLS)/node_modules/.package-lock.json
	$(BIN)/pytest tests/http/openapi/test_linters.py tests/http/openapi/test_typescript.py $(ARGS)

$(NODE_TOOLS)/node_modules/.package-lock.json: $(NODE_TOOLS)/package-lock.json
	npm ci --prefix $(NODE_TOOLS) --ignore-scripts --no-audit --no-fund
	@touch $@

bench: setup compiled
	@$(RUN_MODULE) loadtests.bench $(ARGS)
	@$(BIN)/python -m tests.readme

loadtest: setup compiled
	@$(RUN_MODULE) loadtests $(ARGS)

faults: setup
	@$(BIN)/python -m tests.flash_sales.campaign $(ARGS)
	@$(BIN)/python -m tests.orders.campaign $(ARGS)
	@$(BIN)/python -m tests.price_decisions.campaign $(ARGS)

setup: $(STAMPS)/project

# Without a compiler everything runs as it is. Where there is one, a quote path that cannot be compiled is a mistake.
compiled:
	@if $(COMPILES); then $(MAKE) -s --no-print-directory $(COMPILED)/.done; else rm -rf $(COMPILED) $(WHEEL); fi

# The wheel is built as the image builds it, and lies open where Python finds it.
# The compiler reads the types of what the quote path imports.
$(COMPILED)/.done: $(SOURCES) $(STAMPS)/build-packages $(STAMPS)/run-packages
	@rm -rf $(WHEEL)
	@QUOTE_COMPILE=1 $(BIN)/python -m hatchling build -t wheel -d $(WHEEL) || \
	  { echo 'The quote path cannot be compiled; COMPILE=0 does without' >&2; exit 1; }
	@rm -rf $(COMPILED)
	@$(BIN)/python -m zipfile -e $(WHEEL)/*.whl $(COMPILED)
	@touch $@

# What price intelligence needs comes with its first use (quote_service/platform/system/packages.py), and is kept up from then on.
# Every package is pinned by uv.lock and checked by its hash: what running needs, what building needs, and everything but Spark.
$(STAMPS)/run-packages: $(STAMPS)/installer
	@$(INSTALL) --extra embedded --extra seed --extra kafka $(INTELLIGENCE)
	@touch $@

$(STAMPS)/build-packages: $(STAMPS)/installer
	@$(INSTALL) --only-group build
	@touch $@

$(STAMPS)/packages: $(STAMPS)/installer
	@$(INSTALL) --all-extras --no-extra spark --group build --group installer
	@touch $@ $(STAMPS)/run-packages $(STAMPS)/build-packages

# Editable, so that a change of the code needs no further step; again when its metadata or commands change.
$(STAMPS)/project: pyproject.toml $(STAMPS)/packages
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/installer: uv.lock deploy/make-venv
	@sh deploy/make-venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

# The pins stay as they are unless ARGS=--upgrade.
lock: $(STAMPS)/installer
	@$(BIN)/python deploy/lock_packages.py $(ARGS)

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
