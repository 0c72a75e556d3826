# Two commands matter to a new user: `make demo` and `make test`. Each sets up what it needs, once.

PYTHON ?= python3
# Set here or on the command line, never by an exported variable that means something else: what VENV names is emptied.
# Below .build/, so that a virtual environment somebody made here is never taken for ours.
VENV := .build/venv
TEST :=
COVERAGE :=
LINT := yes
DEMO :=
FAULTS :=
ARCHIVE :=
VENDOR :=
# What `make build` builds for. The template says the same; its parameter Architecture follows ARCH.
RUNTIME := python3.14
ARCH := arm64
STACK :=
PARAMETERS :=
DEPLOY :=
PICTURES :=
BENCH :=
COMMAND = $(BIN)/python -m workspace_exports.commands
# Tools are run as modules: the scripts' first lines name this folder and break when it moves.
BIN := $(VENV)/bin
locks = $(patsubst %,requirements/%.txt,$(1))
# AWS's SAM CLI pins versions of its own.
SAM := .build/venv-sam
# So does checkov.
AUDIT := .build/venv-audit
# From npm: the rules of AWS Control Tower, cdk-nag, and what evaluates IAM policies.
NODE := .build/node
# And the fuzzer is built for some Pythons only.
FUZZER := .build/venv-fuzz
FUZZ :=
# LocalStack's interpreter needs Python 3.13 or newer, whatever the tests run on.
LOCALSTACK := .build/venv-localstack
export PYTHONPATH := shared:.
# Handed on as they are: a name may hold an apostrophe, a tag an ampersand.
export FAULTS
export PARAMETERS
# Some container images set it, and each process would compile all it imports.
unexport PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# A variable on the command line that nothing reads is a typing mistake: it would be passed over without a sound.
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),'$(name)'))
UNKNOWN := $(if $(GIVEN),$(shell PYTHONPATH=shared:. $(PYTHON) -m local.make.variables '$(MAKE)' $(GIVEN)))
$(if $(UNKNOWN),$(error $(UNKNOWN)))

.DEFAULT_GOAL := help
.PHONY: help demo engine standin doctor test check test-rest test-check test-long test-nightly test-page fuzz bench faults lint audit export verify sweep
.PHONY: build release parameters deploy docs check-vendor lock newest clean
.DELETE_ON_ERROR:

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/done/local ## the main job end to end on this machine, no account needed; files under .demo/; FAULTS=20%, FAULTS=help
	@$(BIN)/python -m local.demo $(if $(FAULTS),--faults "$$FAULTS") $(DEMO)

engine: $(VENV)/done/local ## a local engine to deploy to with AWS's own tools; says how, and runs until Ctrl-C
	@$(BIN)/python -m local.engine

standin: $(VENV)/done/local ## a stand-in for the vendor, to try the commands on; prints the settings, and runs until Ctrl-C
	@$(BIN)/python -m local.standin

doctor: $(VENV)/done/local ## what is wrong with this machine's set-up for the real vendor
	@$(COMMAND) doctor $(if $(ARCHIVE),--archive "$(ARCHIVE)")

# The tests see no proxy; what they deploy is built beforehand, where one may be needed. A test that is named runs
# whatever its size.
PYTEST = $(BIN)/python -m pytest -q -n auto --dist worksteal $(if $(findstring ::,$(TEST)),-m '')
SUITE := tests/unit tests/integration tests/field tests/template tests/workflow tests/model
test: $(VENV)/done/dev $(if $(filter no,$(LINT)),,lint) ## formatting, lint, strict types, and each test that tells whether the product works; TEST=... for a part, COVERAGE=yes
	@$(BIN)/python -m local.artifact > /dev/null
	@$(PYTEST) $(if $(COVERAGE),--cov --cov-report=term) $(or $(TEST),$(SUITE))

check: audit test-rest test-page ## all else that must pass before anything lands: what follows but test-nightly, and audit

# One run collects once, and no processor waits for the last test of the first.
test-rest: $(VENV)/done/dev $(NODE)/done $(SAM)/done/deploy $(LOCALSTACK)/done/localstack ## test-check and test-long in one run
	@$(BIN)/python -m local.artifact > /dev/null
	@$(PYTEST) -m "(check or long) and not nightly" tests/long tests/tools tests/permissions $(SUITE)

test-check: $(VENV)/done/dev $(NODE)/done $(LOCALSTACK)/done/localstack ## what tests the tools, repeats tests on a second storage, or repeats tables in full; TEST=... for a part
	@$(BIN)/python -m local.artifact > /dev/null
	@$(PYTEST) -m "check and not long and not nightly" $(or $(TEST),tests/tools tests/permissions $(SUITE))

test-long: $(VENV)/done/dev $(SAM)/done/deploy $(LOCALSTACK)/done/localstack ## what takes longer: a gigabyte through fetch-file, every death of a function, ...
	@$(if $(TEST),$(BIN)/python -m pytest -q -s,$(PYTEST)) -m "long and not nightly" $(or $(TEST),tests/long tests/tools $(SUITE))

test-nightly: $(VENV)/done/dev $(LOCALSTACK)/done/localstack ## what CI has no time for: thousands of steps of the model, a thousand exports, whole tables of faults
	@$(BIN)/python -m local.artifact > /dev/null
	@$(if $(TEST),$(BIN)/python -m pytest -q -s,$(PYTEST)) -m nightly $(or $(TEST),tests/long tests/tools $(SUITE))

test-page: $(VENV)/done/dev ## the coverage page in headless Chromium; Debian's chromium is needed; PICTURES=folder for pictures of it
	@$(BIN)/python -m pytest -q -m browser $(TEST)
	@$(if $(PICTURES),$(BIN)/python -m tests.browser.screenshots "$(PICTURES)")

fuzz: $(FUZZER)/done/fuzz ## what reads the vendor's bytes and the callers', under a coverage-guided fuzzer; FUZZ=files, FUZZ='--seconds 600', --help
	@$(FUZZER)/bin/python -m tests.fuzz $(FUZZ)

bench: $(VENV)/done/dev ## what it costs, side by side with what a user would pick instead; writes docs/benchmarks.md; BENCH=--help
	@$(BIN)/python -m local.bench $(BENCH)

faults: $(VENV)/done/dev ## every fault on every operation of the deployed bundle; writes docs/faults.md; TEST="-k 'list and throttled'"
	@UPDATE_GOLDEN=1 $(BIN)/python -m pytest -q -m "" tests/long/test_fault_table.py $(TEST)

lint: $(VENV)/done/dev ## formatting, lint, spelling, who imports whom, strict types, template
	@$(BIN)/python -m ruff format --check --quiet .
	@$(BIN)/python -m ruff check --quiet .
	@$(BIN)/python -m codespell_lib
	@$(BIN)/python $(BIN)/lint-imports --no-cache > .build/imports.txt || { cat .build/imports.txt; exit 1; }
	@$(BIN)/python $(BIN)/cfn-lint template.yaml & template=$$!; $(BIN)/python -m mypy; types=$$?; wait $$template && exit $$types

audit: $(AUDIT)/done/audit $(NODE)/done $(VENV)/done/dev ## what checkov, cdk-nag and AWS Control Tower's rules find in the template, and whether the pinned packages fit together
	@$(BIN)/python -m pytest -q -m rules tests/rules
	@$(BIN)/python -m pip check

export: $(VENV)/done/local ## one real export: KIND=connection-records DAY=2026-11-20 [TO=./archive]
	@$(COMMAND) export "$(KIND)" $(if $(DAY),--day "$(DAY)") --archive "$(or $(TO),archive)"

verify: $(VENV)/done/local ## whether an archive holds what it says: ARCHIVE=./archive or s3://bucket/prefix
	@$(COMMAND) verify $(if $(ARCHIVE),--archive "$(ARCHIVE)")

sweep: $(VENV)/done/local ## what no manifest names in an archive, listed: ARCHIVE=...
	@$(COMMAND) prune $(if $(ARCHIVE),--archive "$(ARCHIVE)")

build: $(VENV)/done/python ## the package for Lambda, from pinned hashes; ARCH=x86_64, RUNTIME=python3.14
	@$(BIN)/python -m local.artifact --runtime "$(RUNTIME)" --architecture "$(ARCH)"

release: $(VENV)/done/local ## the package and a template without a transform, for the console and StackSets; ARCH=x86_64
	@$(BIN)/python -m local.release --runtime "$(RUNTIME)" --architecture "$(ARCH)"

# Parameters given here replace those in samconfig.toml; where it has some and none is given, those are what counts.
OVERRIDES = $(if $(PARAMETERS)$(filter command,$(origin ARCH))$(if $(shell grep -s ^parameter_overrides samconfig.toml),,none),\
  --parameter-overrides "Architecture=$(ARCH) $$PARAMETERS")
parameters: $(VENV)/done/python
	@$(BIN)/python -m local.make.parameters $(if $(OVERRIDES),"Architecture=$(ARCH) $$PARAMETERS")

deploy: parameters build $(SAM)/done/deploy ## build, and deploy to AWS: PARAMETERS='WorkspaceRegion=... CredentialsSecretArn=...' [STACK=...]
	@$(SAM)/bin/python -m samcli deploy $(if $(STACK),--stack-name "$(STACK)") $(OVERRIDES) $(DEPLOY)

docs: $(VENV)/done/local ## docs/exports.md, the README's table of kinds and the index of decisions, from their sources
	@$(BIN)/python -m local.docs

check-vendor: $(VENV)/done/local ## what the vendor's newest SDK has and the declared exports lack; VENDOR="--version 3.1.211", VENDOR=--help
	@$(BIN)/python -m local.sdk $(VENDOR)

# Each set is pinned on top of those it is installed with.
lock: $(VENV)/done/python ## pin every package anew at its newest release, with hashes
	@$(call pin,uv)
	@$(call pin,ric)
	@$(call pin,runtime)
	@$(call pin,local,runtime)
	@$(call pin,dev,runtime local)
	@$(call pin,peers,dev)
	@$(call pin,fuzz,runtime local dev)
	@$(call pin,deploy)
	@$(call pin,audit)
	@$(call pin,localstack)
pin = $(BIN)/python -m local.setup.uv --directory requirements pip compile --quiet --universal --upgrade --python-version 3.11 \
  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links $(patsubst %,-c %.txt,$(2)) -o $(1).txt \
  --group ../pyproject.toml:$(1)

# What would break at the next `make lock` is known before.
newest: $(VENV)/done/python ## the suite on the newest releases of everything, in a scratch copy of what is committed
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && git clone --quiet . "$$scratch" && \
	  $(MAKE) --no-print-directory -C "$$scratch" lock && git -C "$$scratch" diff --stat && \
	  $(MAKE) --no-print-directory -C "$$scratch" test

clean: ## remove everything that was made here
	rm -rf .build .aws-sam .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage

# What a lock names is installed by local/setup, whatever the set; it writes the mark that make looks for last.
INSTALL = $(BIN)/python -m local.setup $@ $(filter %.txt,$^)

$(VENV)/done/python: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV), once ..."
	@$(PYTHON) -m local.setup --uv $@ $<

$(VENV)/done/local: $(call locks,runtime local) | $(VENV)/done/python
	@echo "Installing the embedded stack, once ..."
	@cp local/make/workspace-exports.sh $(BIN)/workspace-exports
	@$(INSTALL)

$(VENV)/done/dev: requirements/dev.txt $(VENV)/done/local
	@echo "Installing what the tests need, once ..."
	@$(INSTALL)

$(SAM)/done/deploy: requirements/deploy.txt | $(VENV)/done/python
	@echo "Installing AWS's SAM CLI, once ..."
	@$(INSTALL)

$(FUZZER)/done/fuzz: $(call locks,runtime local fuzz) | $(VENV)/done/python
	@echo "Installing the fuzzer, once ..."
	@$(INSTALL)

# Where the machine has no such Python, nothing is installed, and what needs it is skipped and says so.
NEWER = python3.13 python3.14 "$$HOME"/.pyenv/versions/3.1[3-9].*/bin/python
$(LOCALSTACK)/done/localstack: requirements/localstack.txt | $(VENV)/done/python
	@for python in $(BIN)/python $(NEWER); do \
	  "$$python" -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 13))' 2> /dev/null || continue; \
	  echo "Installing LocalStack's interpreter of state machines, once ..."; $(INSTALL) --python "$$python"; exit; \
	done; echo "No Python 3.13 or newer here: the tests on LocalStack's interpreter will be skipped."

$(AUDIT)/done/audit: requirements/audit.txt | $(VENV)/done/python
	@echo "Installing checkov, once ..."
	@$(INSTALL)

$(NODE)/done: requirements/package.json requirements/package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing: install Node.js 18 or later (on Debian: apt-get install nodejs npm)"; exit 1; }
	@echo "Installing what judges the template by rules and policies, once ..."
	@mkdir -p $(NODE) && cp $^ $(NODE)
	@npm ci --prefix $(NODE) --ignore-scripts --no-audit --no-fund --loglevel error > /dev/null
	@touch $@
