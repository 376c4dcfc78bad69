# Everything a developer or an operator does with this repository, on a machine with make and Python 3.11 or newer.
# `make` alone lists the targets.

# The first that is new enough; `make PYTHON=/path/to/python3 ...` overrides it.
PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$each" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$each" && break; done)
BIN := .venv/bin
# Further arguments for run, test, bench, chaos, evaluate and lock: make test ARGS='-k journey'
ARGS ?=
# For run and bench: CORE=compiled has the core run as machine code, see `make compiled`.
CORE ?= sources
COMPILED = $(if $(filter compiled,$(CORE)),compiled)
RUNNING = $(if $(COMPILED),PYTHONSAFEPATH=1 PYTHONPATH="$(CURDIR)/.cache/compiled:$(CURDIR)")
# Where `make chaos` adds what became of its trials
REPORT ?= artefacts/chaos.md

.DEFAULT_GOAL := help
.PHONY: help environment programs run test check style types layers security generated compiled schemas deploy deploy-check bench chaos evaluate lock clean

help: ## Show this list
	@echo "Usage: make TARGET"; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

environment: ## Make .venv from requirements.lock; the other targets do so themselves
	@test -n "$(PYTHON)" || { echo "make: Python 3.11 or newer wanted, none found on PATH:" \
	  "install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv), or make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" scripts/environment.py

run: environment $(COMPILED) ## Start everything on this machine with simulated traffic, and print the addresses
	@$(RUNNING) exec $(BIN)/tracker demo $(ARGS)

programs: environment ## Have Debian's Prometheus and Alertmanager; without them the tests that need them are skipped
	@$(BIN)/python scripts/programs.py

test: environment programs ## Run all tests; those marked broker need Java 17 or newer and Maven, or are skipped
	$(BIN)/python -m pytest $(ARGS)

check: style types layers security generated ## Check style, types, directions of imports, security and that what is generated is fresh

style: environment
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .

types: environment
	$(BIN)/mypy

layers: environment
	$(BIN)/lint-imports --cache-dir .cache/import-linter

security: environment
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive tracker scripts deploy

generated: environment
	$(BIN)/python -m scripts.schemas --check
	$(BIN)/python -m deploy.source --check

schemas: environment ## Write schemas/ anew from the code
	$(BIN)/python -m scripts.schemas

deploy: environment ## Write the rules, routes, boards and objects under deploy/ anew from deploy/source
	$(BIN)/python -m deploy.source

deploy-check: environment ## Judge image, compose file and Kubernetes objects by their own programs (Go, Maven; minutes at first)
	$(BIN)/python scripts/deploy_tools.py
	$(BIN)/python -m pytest -q -m tools tests/deploy $(ARGS)

compiled: environment ## Have the core as machine code in .cache/compiled, where there is a C compiler; half a minute
	$(BIN)/python scripts/compiled.py

bench: environment $(COMPILED) ## Measure the pipeline on a real Kafka, next to Faust as shipped and a bare loop; ARGS=--peers: other engines
	$(RUNNING) $(BIN)/python -m tests.bench $(ARGS)

chaos: environment ## Make faults on a real Kafka, judged by `tracker batch` (minutes); ARGS='--trials 3 --fault kill', REPORT=file
	$(BIN)/python -m tests.chaos --report $(REPORT) $(ARGS)

evaluate: environment ## Judge what the tracker says about delays by a simulated truth of 60 days; ARGS=--scale=0.1 is quick
	$(BIN)/python -m tests.evaluate $(ARGS)

# uv resolves for all platforms and Pythons at once, which pip does not; only this target needs it. Versions stay as
# they are unless pyproject.toml asks for others; ARGS=--upgrade takes the newest that it allows.
lock: environment ## Write requirements.lock anew from pyproject.toml
	@test -x .cache/uv/bin/uv || { $(BIN)/python -m venv .cache/uv && .cache/uv/bin/pip install --quiet uv==0.13.9; }
	.cache/uv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --quiet $(ARGS) --output-file requirements.lock

clean: ## Remove .venv, caches and what tests left; your data stays
	rm -rf .venv .cache .hypothesis artefacts build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
