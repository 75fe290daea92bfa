# Everything that is done with this project is a target here: `make help` lists them.
# Needed: Python 3.11 or later, git, gpg and make. Everything else is installed into `.venv`.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/installed
PROOFS := build/proofs.jsonl
NODE   := build/node/installed

# -qq shows errors only; nothing is asked; what is installed is what the lock file says, by hash.
PIP         := $(BIN)/python -m pip -qq --disable-pip-version-check --no-input
# Where Python is told to write no bytecode, every start would compile the program anew.
COMPILE     := $(BIN)/python -m compileall -q cutter tests
PIP_COMPILE := $(BIN)/pip-compile --quiet --extra dev --build-deps-for editable --generate-hashes --strip-extras \
	--allow-unsafe --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z.-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|' 2>/dev/null \
		|| sed -n 's/^\([a-z.-]*\):.*## \(.*\)/  make \1  \2/p' $(MAKEFILE_LIST)

.PHONY: .venv
.venv: $(STAMP) ## install cutter and its tools, exactly as requirements.lock says

$(STAMP): requirements.lock pyproject.toml tools/python.sh
	@test -x $(BIN)/python || { python=$$(sh tools/python.sh) && "$$python" -m venv $(VENV); }
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(COMPILE)
	@touch $@

.PHONY: demo
demo: $(STAMP) ## rehearse the cut of the demo's document; nothing is changed
	@$(BIN)/cutter orchestrate cut ICX-CONST

.PHONY: demo-live
demo-live: $(STAMP) ## cut, sign and enact the demo's document for good, in a workspace of its own
	@$(BIN)/python -m tools.demo_live

.PHONY: demo-notify
demo-notify: $(STAMP) ## decide on triggers, ask people, send one message to a loopback server, in a workspace of its own
	@$(BIN)/python -m tools.demo_notify

.PHONY: witnesses
witnesses: $(STAMP) ## the evaluator and an enumerator agree on 100,000 random policies and triggers
	@$(BIN)/pytest -q -s -m crash --timeout 1800 tests/crash/test_witnesses.py $(ARGS)

# Programs of others that read what cutter writes; without node their tests are skipped, aloud.
$(NODE): tools/node.sh $(wildcard tools/node/*) | build
	@sh tools/node.sh
	@test ! -f $@ || touch $@

.PHONY: test
test: $(STAMP) $(NODE) ## run all tests but the slow ones (those of the architecture are in `make check`)
	@$(COMPILE)
	@$(BIN)/pytest -q -n 2 --ignore tests/architecture $(ARGS)

.PHONY: check
check: $(STAMP) ## style, types, layers, architecture, generated files
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: run .venv/bin/ruff format ."; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports > build/lint-imports 2>&1 || { cat build/lint-imports; exit 1; }
	@$(BIN)/pytest -q tests/architecture
	@$(BIN)/python tools/docs.py --check
	@$(BIN)/python tools/schemas.py --check
	@$(BIN)/python tools/messages.py --check
	@$(BIN)/python -m tools.conformance --check
	@echo "check: all holds"
check: | build

.PHONY: crash
crash: $(STAMP) ## kills and races that are slow by nature
	@$(BIN)/pytest -q -m crash --timeout 1800 $(ARGS)

.PHONY: attacks
attacks: $(STAMP) ## the table of attacks and faults, row by row, against the whole program
	@$(COMPILE)
	@$(BIN)/pytest -q -n 2 -m attacks $(ARGS)

.PHONY: proofs
proofs: $(STAMP) | build ## attack the walls, kill runs, and print what happened
	@rm -f $(PROOFS)
	@CUTTER_PROOFS=$(abspath $(PROOFS)) $(BIN)/pytest -q -m "" -k "not random and not raced" $(wildcard tests/security tests/crash) > build/proofs.log 2>&1 \
		|| { tail -n 40 build/proofs.log; exit 1; }
	@$(BIN)/python tools/proofs.py $(PROOFS)

.PHONY: mutants
mutants: $(STAMP) ## take out each check of an approval in turn; a test must fail
	@$(BIN)/python tools/mutants.py

.PHONY: conformance
conformance: $(STAMP) ## write the page that says where every rule of notify is kept
	@$(BIN)/python -m tools.conformance

.PHONY: conformance-kill
conformance-kill: $(STAMP) ## take out every rule of notify in turn; its test must fail (ARGS="--kill 7": those of rule 7)
	@$(COMPILE)
	@$(BIN)/python -m tools.conformance $(or $(ARGS),--kill)

.PHONY: bench
bench: $(STAMP) ## measure the goals against their floors
	@$(BIN)/python -m benchmarks

.PHONY: docs
docs: $(STAMP) ## generate the reference pages, schemas and catalogues of messages
	@$(BIN)/python tools/docs.py
	@$(BIN)/python tools/schemas.py
	@$(BIN)/python tools/messages.py
	@$(BIN)/python -m tools.conformance

.PHONY: lock
lock: $(STAMP) | build ## choose versions anew within pyproject.toml and pin them by hash
	@$(PIP_COMPILE) --upgrade --output-file build/requirements.lock pyproject.toml 2> build/lock.log \
		|| { cat build/lock.log; exit 1; }
	@{ echo '# Made from pyproject.toml by `make lock`.'; cat build/requirements.lock; } > requirements.lock

.PHONY: clean
clean: ## remove what was installed or built; the workspace's state in .cutter stays
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find cutter tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

build:
	@mkdir -p build
