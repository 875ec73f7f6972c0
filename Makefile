# Two commands: `make run` and `make test`. Both set up what they need in .venv.
# PYTHON picks the interpreter (3.11 or newer); without it the newest one found is used.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

# Two of them have the labs, one the rest: labs measure, and a crowd of labs would decide what they find (tests/conftest.py).
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help run test long unit lint bench card prove isolation faults soak sessions pictures pages docs fuzz audit doctor build clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "kafka-tutor needs Python 3.11 or newer. Next: install it, or run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "This Python cannot make virtual environments. Next (Debian, Ubuntu): apt-get install python3-venv"; exit 2; }

$(VENV)/.ready-run: $(VENV)/pyvenv.cfg pyproject.toml
	@echo "Setting up (once): Python packages, about 250 MB on disk …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.ready-test: $(VENV)/pyvenv.cfg pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.ready-run

run: $(VENV)/.ready-run ## set up and start the app
	@$(BIN)/kafka-tutor

test: lint ## set up and run all tests (further variants on real brokers: make long)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m 'not long'

long: $(VENV)/.ready-test ## more ways of mending and not mending each lab, on real brokers (some minutes)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder -m long

unit: $(VENV)/.ready-test ## the tests that need no broker
	$(BIN)/python -m pytest -m 'not broker and not e2e'

lint: $(VENV)/.ready-test ## style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.ready-test ## start of the broker, first paint, time of a grade, the store at 100,000 reviews
	$(BIN)/python -m labs.broker.bench
	$(BIN)/python -m tutor.ui.bench
	$(BIN)/python -m tutor.grading.bench
	$(BIN)/python -m tutor.store.bench

card: $(VENV)/.ready-test ## measure the grader and write docs/grader-card.md (some minutes)
	$(BIN)/python -m tutor.grading.card

prove: $(VENV)/.ready-test ## prove every lab TIMES times (default 10) on fresh brokers
	$(BIN)/kafka-tutor lab prove --all --times $(or $(TIMES),10)

isolation: $(VENV)/.ready-test ## every lab on one cluster, TIMES rounds (default 2) in random order (SEED): what is left between them
	$(BIN)/kafka-tutor lab isolation --times $(or $(TIMES),2) $(if $(SEED),--seed $(SEED))

faults: $(VENV)/.ready-test ## SIGKILL app, supervisor, broker and consumer at random moments, TIMES times (default 200)
	$(BIN)/python -m tutor.soak.faults --times $(or $(TIMES),200)

soak: $(VENV)/.ready-test ## start and stop brokers for MINUTES (default 10): what grows
	$(BIN)/python -m tutor.soak.brokers --minutes $(or $(MINUTES),10)

sessions: $(VENV)/.ready-test ## 50 pages at once on a served app
	$(BIN)/python -m tutor.soak.sessions

pictures: $(VENV)/.ready-test ## draw the README's picture from the app itself
	$(BIN)/python -m tutor.ui.pictures

pages: $(VENV)/.ready-test ## write the pages of the documentation that come from the program
	$(BIN)/python -m tutor.site

docs: $(VENV)/.ready-test ## build the documentation into build/site
	$(BIN)/python -m tutor.site --check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

fuzz: $(VENV)/.ready-test ## hostile packs, imports, properties, answers, workspaces: SECONDS (default 600) each
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),600)

audit: $(VENV)/.ready-test ## known vulnerabilities of the packages that the program needs
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[audit]'
	$(BIN)/python .ci/audit

doctor: $(VENV)/.ready-run ## what is fine and what is not on this machine
	@$(BIN)/kafka-tutor doctor

build: $(VENV)/.ready-test ## wheel and sdist into dist/, tried in a clean environment
	PYTHON=$(BIN)/python .ci/wheel

clean: ## remove the virtual environment and build outputs
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
