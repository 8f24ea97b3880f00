# Two commands matter: `make demo` and `make test`. They need Python 3.11 or newer with its venv module, nothing else.

VENV ?= .venv
# Empty: the first of python3, python3.14 … python3.11, python that is new enough.
PYTHON ?=
# More words for pytest, such as: make test ARGS="-k retry"
ARGS ?=
# How many processes share the tests. For a debugger: make pytest WORKERS=0 ARGS="--pdb -k retry"
WORKERS ?= 2

PY := $(VENV)/bin/python
PIP := "$(PY)" -m pip --disable-pip-version-check -qq
PYTEST := "$(PY)" -m pytest -q --numprocesses=$(WORKERS) --dist=loadfile
MADE := $(VENV)/.made
CLI := $(VENV)/.installed-cli
TOOLS := $(VENV)/.installed-test
FUZZER := $(VENV)/.installed-fuzz
BENCH_VENV ?= .venv-bench
PEERS := $(VENV)/.installed-peers
FLEET := $(VENV)/.installed-fleet
EXAMPLES_VENV ?= .venv-examples
BROWSER := $(VENV)/.installed-browser
EXAMPLES := $(VENV)/.installed-examples

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test lint types pytest cov browser examples try-examples bench measure bench-fleet measure-fleet check-live soak soak-render fuzz format clean

# An environment whose folder was moved, whose interpreter has gone, or is not the one asked for, is made anew.
WHICH := import sys; print(sys.prefix)
VERSION := import sys; print(sys.version)
ifneq ($(wildcard $(MADE)),)
ifneq ($(shell "$(PY)" -c "$(WHICH)" 2>&1),$(shell cat "$(MADE)"))
$(shell rm -f "$(MADE)")
else ifneq ($(PYTHON),)
ifneq ($(shell "$(PYTHON)" -c "$(VERSION)" 2>&1),$(shell "$(PY)" -c "$(VERSION)" 2>&1))
$(shell rm -f "$(MADE)")
endif
endif
endif

help:
	@echo "make demo     300 personas from the built-in sandbox, at once (no account needed)"
	@echo "make test     everything: lint, types, tests"
	@echo "make lint     ruff: rules and formatting"
	@echo "make types    mypy and pyright, both strict"
	@echo "make pytest   the tests alone                   ARGS=\"-k retry\""
	@echo "make cov      the tests with branch coverage"
	@echo "make browser  drives a real Chromium through the pages of the sandbox"
	@echo "make examples runs the programs in examples/, and other clients, on the sandbox (1.3 GB of libraries)"
	@echo "make bench    measures it all against other clients (8 minutes)   ARGS=\"throughput --quick\""
	@echo "make bench-fleet  measures a limit that many processes share (13 minutes)  ARGS=\"--quick\""
	@echo "make check-live  asks Tavus itself whether it is as assumed (needs TAVUS_API_KEY)   ARGS=--write"
	@echo "make soak     minutes of faults and cancellations: nothing may grow   MINUTES=5"
	@echo "make soak-render  renders thousands of videos under faults, killed again and again  VIDEOS=2000 KILLS=5"
	@echo "make fuzz     looks for answers that break a promise                 SECONDS=60"
	@echo "make format   lets ruff put the code in order"
	@echo "make clean    removes $(VENV) and what the tools left behind"
	@echo
	@echo "PYTHON=python3.13 picks the interpreter, VENV=.venv-3.13 the folder it is installed in."

demo: $(CLI)
	@"$(PY)" -m tavus_async demo

# Each step runs even if one before it failed, pytest last.
test: $(TOOLS)
	@failed=; \
	for step in lint types pytest; do \
	  $(MAKE) --no-print-directory $$step || failed="$$failed $$step"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

lint: $(TOOLS)
	@echo "ruff"
	@"$(PY)" -m ruff check --quiet --output-format=concise .
	@"$(PY)" -m ruff format --check --quiet . || { echo "not formatted: run 'make format'" >&2; exit 1; }

types: $(TOOLS)
	@status=0; \
	echo "mypy"; "$(PY)" -m mypy --no-error-summary || status=1; \
	echo "pyright"; "$(PY)" -m basedpyright --pythonpath "$(PY)" || status=1; \
	exit $$status

pytest: $(TOOLS)
	@echo "pytest"
	@$(PYTEST) $(ARGS)

cov: $(TOOLS)
	@$(PYTEST) --cov --cov-report=term $(ARGS)

# First the browser, which no package brings: without one there is nothing to install.
browser: $(MADE)
	@"$(PY)" -m tests.support.chromium
	@$(MAKE) --no-print-directory $(BROWSER)
	@$(PYTEST) tests/sandbox/pages $(ARGS)

# What the examples are made with stays out of the environment of the tests: without it, their tests are skipped there.
examples:
	@$(MAKE) --no-print-directory try-examples VENV="$(EXAMPLES_VENV)"

try-examples: $(EXAMPLES)
	@$(PYTEST) tests/examples tests/sandbox/test_other_clients.py $(ARGS)

# What is measured against stays out of the environment of the tests.
bench:
	@$(MAKE) --no-print-directory measure VENV="$(BENCH_VENV)"

measure: $(PEERS)
	@"$(PY)" -m benchmarks $(ARGS)

bench-fleet:
	@$(MAKE) --no-print-directory measure-fleet VENV="$(BENCH_VENV)"

measure-fleet: $(FLEET)
	@"$(PY)" -m benchmarks.fleet $(ARGS)

# With a real key: docs/contract.md tells what it looks at.
check-live: $(CLI)
	@"$(PY)" -m tests.live.check_live $(ARGS)

soak: $(TOOLS)
	@"$(PY)" -m tests.soak.soak $(or $(MINUTES),5)

soak-render: $(TOOLS)
	@"$(PY)" -m tests.soak.render $(or $(VIDEOS),2000) $(or $(KILLS),5)

fuzz: $(FUZZER)
	@for target in decoder events judging squeezed waiting; do \
	  echo "fuzzing: $$target"; \
	  "$(PY)" -m tests.fuzz.fuzz $$target $(or $(SECONDS),60) || exit 1; \
	done

format: $(TOOLS)
	@"$(PY)" -m ruff check --fix --quiet . || true
	@"$(PY)" -m ruff format --quiet .

clean:
	@rm -rf "$(VENV)" "$(BENCH_VENV)" "$(EXAMPLES_VENV)" build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: installed again only when pyproject.toml has changed or the environment is new.

$(CLI): $(MADE) pyproject.toml
	@echo "installing what the demo needs into $(VENV) (once)"
	@$(PIP) install --editable ".[cli]"
	@touch "$@"

$(TOOLS): $(MADE) pyproject.toml
	@echo "installing what the tests need into $(VENV) (once, a minute or so)"
	@$(PIP) install --editable ".[cli,test]"
	@touch "$(CLI)" "$@"

$(PEERS): $(MADE) pyproject.toml benchmarks/requirements.txt
	@echo "installing what is measured into $(VENV) (once, a minute or so)"
	@$(PIP) install --editable . --requirement benchmarks/requirements.txt
	@touch "$@"

$(FLEET): $(MADE) pyproject.toml benchmarks/fleet/requirements.txt
	@echo "installing what shares a limit into $(VENV) (once, a minute or so)"
	@$(PIP) install --editable ".[redis]" --requirement benchmarks/fleet/requirements.txt
	@touch "$@"

$(EXAMPLES): $(MADE) pyproject.toml
	@echo "installing what the examples need into $(VENV) (once, some minutes)"
	@$(PIP) install --editable ".[cli,test,examples]"
	@touch "$@"

$(BROWSER): $(MADE) pyproject.toml
	@echo "installing what drives the browser into $(VENV) (once)"
	@$(PIP) install --editable ".[cli,test,browser]"
	@touch "$(CLI)" "$(TOOLS)" "$@"

$(FUZZER): $(MADE) pyproject.toml
	@echo "installing the fuzzer into $(VENV) (once)"
	@$(PIP) install --editable ".[fuzz]"
	@touch "$@"

$(MADE):
	@if [ -n "$(PYTHON)" ]; then set -- "$(PYTHON)"; \
	else set -- python3 python3.14 python3.13 python3.12 python3.11 python; fi; \
	for name; do \
	  if "$$name" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "Python 3.11 or newer is needed. Looked at: $$*. Name another: make PYTHON=/path/to/python3" >&2; \
	  exit 1; \
	fi; \
	echo "making $(VENV) with $$("$$found" --version)"; \
	"$$found" -m venv --clear "$(VENV)" || { \
	  echo "$$found cannot make a virtual environment (on Debian and Ubuntu: install python3-venv)." >&2; \
	  exit 1; \
	}
	@"$(PY)" -c "$(WHICH)" > "$@"
