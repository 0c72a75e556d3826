# Two commands matter to a new user: `make demo` and `make test`. Each sets up what it needs, once.

PYTHON ?= python3
# Set here or on the command line, never by an exported variable that means something else: what VENV names is emptied.
# Below .build/, so that a virtual environment somebody made here is never taken for ours.
VENV := .build/venv
TEST :=
DEMO :=
FAULTS :=
EXPORT :=
DOCTOR :=
ARCHIVE :=
VERIFY :=
SWEEP :=
# What `make build` builds for. The template says the same; its parameter Architecture follows ARCH.
RUNTIME := python3.13
ARCH := arm64
STACK :=
PARAMETERS :=
DEPLOY :=
PICTURES :=
BENCH :=
TRIALS :=
# Tools are run as modules: the scripts' first lines name this folder and break when it moves.
BIN := $(VENV)/bin
# AWS's SAM CLI pins versions of its own.
SAM := .build/venv-sam
# So does checkov.
AUDIT := .build/venv-audit
# And the fuzzer is built for some Pythons only.
FUZZER := .build/venv-fuzz
FUZZ :=
# mutmut is for one command, and none of what everybody installs.
MUTATION := .build/venv-mutants
MUTANTS :=
export PYTHONPATH := shared:.
# Handed on as they are: a name may hold an apostrophe, a tag an ampersand.
export FILTERS
export FAULTS
export PARAMETERS
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo engine doctor test test-long test-page fuzz mutants bench faults lint audit export verify sweep
.PHONY: build deploy docs lock clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/.local ## the main job end to end on this machine, no account needed; files under .demo/; FAULTS=20%, FAULTS=help
	@$(BIN)/python -m local.demo $(if $(FAULTS),--faults "$$FAULTS") $(DEMO)

engine: $(VENV)/.local ## a local engine to deploy to with AWS's own tools; says how, and runs until Ctrl-C
	@$(BIN)/python -m local.engine

doctor: $(VENV)/.local ## what is wrong with this machine's set-up for the real vendor; DOCTOR=--help
	@$(BIN)/python -m local.doctor $(DOCTOR)

# The tests see no proxy; what they deploy is built beforehand, where one may be needed. A part covers only a part, and
# what runs in the engine's processes nothing: tracing those takes half as much time again.
test: $(VENV)/.dev lint ## formatting, lint, strict types, and the whole offline suite with coverage; TEST=... for a part
	@$(BIN)/python -m local.artifact > /dev/null
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal $(if $(TEST),$(TEST),--cov --cov-report=term tests/unit tests/integration)
	@$(if $(TEST),,$(BIN)/python -m pytest -q -n 2 --dist worksteal tests/template tests/workflow tests/model)

test-long: $(VENV)/.dev $(SAM)/.deploy ## what takes longer: a gigabyte through fetch-file, a thousand windows, ...
	@$(if $(TEST),$(BIN)/python -m pytest -q -s -m long $(TEST),$(BIN)/python -m pytest -q -s -m long tests/long)
	@$(if $(TEST),,$(BIN)/python -m pytest -q -m long -n 2 --dist worksteal tests/unit tests/integration tests/model tests/workflow)

test-page: $(VENV)/.dev ## the coverage page in headless Chromium; Debian's chromium is needed; PICTURES=folder for pictures of it
	@$(BIN)/python -m pytest -q -m browser $(TEST)
	@$(if $(PICTURES),$(BIN)/python -m tests.browser.screenshots "$(PICTURES)")

fuzz: $(FUZZER)/.fuzz ## what reads the vendor's bytes and the callers', under a coverage-guided fuzzer; FUZZ=files, FUZZ='--seconds 600', --help
	@$(FUZZER)/bin/python -m tests.fuzz $(FUZZ)

bench: $(VENV)/.dev ## what it costs, side by side with what a user would pick instead; writes docs/benchmarks.md; BENCH=--help
	@$(BIN)/python -m local.bench $(BENCH)

faults: $(VENV)/.local ## every fault on every operation, tried on the deployed bundle; writes docs/faults.md; TRIALS=--help
	@$(BIN)/python -m local.trials $(TRIALS)

mutants: $(MUTATION)/.mutants ## whether the tests notice small faults in the core; writes docs/mutants.md; MUTANTS=planning for a part
	@nice $(MUTATION)/bin/python -m local.mutants $(MUTANTS)

lint: $(VENV)/.dev ## formatting, lint, strict types, template
	@$(BIN)/python -m ruff format --check --quiet .
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m mypy
	@$(BIN)/python $(BIN)/cfn-lint template.yaml

audit: $(AUDIT)/.audit $(VENV)/.local ## what checkov finds in the template, and whether the pinned packages fit together
	@$(AUDIT)/bin/python -m checkov.main --file template.yaml --framework cloudformation --skip-download --quiet --compact
	@$(BIN)/python -m pip check

export: $(VENV)/.local ## one real export: KIND=connection-records DAY=2026-11-20 [TO=./archive] [FILTERS='{...}']
	@$(BIN)/python -m local.export --kind "$(KIND)" $(if $(DAY),--day "$(DAY)") $(if $(TO),--to "$(TO)") \
	  $(if $(FILTERS),--filters "$$FILTERS") $(EXPORT)

verify: $(VENV)/.local ## whether an archive holds what it says: ARCHIVE=./archive or s3://bucket/prefix; VERIFY=--help
	@$(BIN)/python -m local.archive verify $(if $(ARCHIVE),--archive "$(ARCHIVE)") $(VERIFY)

sweep: $(VENV)/.local ## what no manifest names in an archive, listed: ARCHIVE=...; removed with SWEEP=--delete
	@$(BIN)/python -m local.archive sweep $(if $(ARCHIVE),--archive "$(ARCHIVE)") $(SWEEP)

build: $(VENV)/.python ## the package for Lambda, from pinned hashes; ARCH=x86_64, RUNTIME=python3.13
	@$(BIN)/python -m local.artifact --runtime "$(RUNTIME)" --architecture "$(ARCH)"

# Parameters given here replace those in samconfig.toml; where it has some and none is given, those are what counts.
OVERRIDES = $(if $(PARAMETERS)$(filter command,$(origin ARCH))$(if $(shell grep -s ^parameter_overrides samconfig.toml),,none),\
  --parameter-overrides "Architecture=$(ARCH) $$PARAMETERS")
deploy: build $(SAM)/.deploy ## build, and deploy to AWS: PARAMETERS='WorkspaceRegion=... CredentialsSecretArn=...' [STACK=...]
	@$(SAM)/bin/python -m samcli deploy $(if $(STACK),--stack-name "$(STACK)") $(OVERRIDES) $(DEPLOY)

docs: $(VENV)/.local ## docs/exports.md and the README's table of kinds, from the declarations
	@$(BIN)/python -m local.docs

lock: $(VENV)/.dev ## pin the requirements anew, with hashes
	@for set in runtime ric local dev mutants peers deploy audit fuzz; do \
	  $(BIN)/python -m uv --directory requirements pip compile --quiet --universal --upgrade --python-version 3.11 \
	    --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $$set.in -o $$set.txt || exit 1; \
	done

clean: ## remove everything that was made here
	rm -rf .build .aws-sam .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

# The markers are written last: an interrupted set-up is done again.
$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

$(VENV)/.local: requirements/local.txt | $(VENV)/.python
	@echo "Installing the embedded stack, once ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.python
	@echo "Installing what the tests need, once ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r $<
	@touch $@ $(VENV)/.local

# The lock is whole. Left to resolve, pip takes the extras that SAM CLI asks for as something not pinned.
$(SAM)/.deploy: requirements/deploy.txt | $(VENV)/.python
	@echo "Installing AWS's SAM CLI, once ..."
	@$(PYTHON) -m venv --clear $(SAM)
	@$(SAM)/bin/python -m pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

$(FUZZER)/.fuzz: requirements/fuzz.txt | $(VENV)/.python
	@echo "Installing the fuzzer, once ..."
	@$(PYTHON) -m venv --clear $(FUZZER)
	@$(FUZZER)/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@

$(AUDIT)/.audit: requirements/audit.txt | $(VENV)/.python
	@echo "Installing checkov, once ..."
	@$(PYTHON) -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --no-deps --require-hashes -r $<
	@touch $@

$(MUTATION)/.mutants: requirements/mutants.txt | $(VENV)/.python
	@echo "Installing mutmut beside what the tests need, once ..."
	@$(PYTHON) -m venv --clear $(MUTATION)
	@$(MUTATION)/bin/python -m pip install --quiet --require-hashes -r $<
	@touch $@
