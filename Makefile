# Everything that is done often. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENCODERS := .venv-encoders
# PyTorch differs per machine (processor, graphics card), so it has a version here and no hash in the lock.
TORCH ?= torch==2.13.0
ENCODERS_PIP := $(ENCODERS)/bin/python -m pip --disable-pip-version-check --no-input -qq
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq

# Each process has a database server and a broker of its own. ARGS="-n 0" passes the tests one by one.
AT_ONCE := -n auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

.PHONY: help
help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: setup ## set everything up and run Kader with an invented organisation
	@exec $(BIN)/kader demo

.PHONY: setup
setup: $(VENV)/.installed ## prepare .venv/bin/kader
	@echo "Ready: $(BIN)/kader --help"

.PHONY: test
test: $(VENV)/.ready-to-test ## pass the tests, except those of `make faults`, `make encoders` and `make browser`
	@$(BIN)/python -m pytest -m "not faults and not encoders and not browser" $(AT_ONCE) $(ARGS)

.PHONY: browser
browser: $(VENV)/.ready-to-browse ## pass the tests of pages with scripts, in a real Chromium
	@$(BIN)/python -m pytest -m browser $(ARGS)

.PHONY: faults
faults: $(VENV)/.ready-to-test ## kill workers and brokers at random moments; takes minutes
	@$(BIN)/python -m pytest -m faults $(ARGS)

.PHONY: encoders
encoders: $(ENCODERS)/.ready-to-test ## pass the tests of real sentence encoders, in an environment of their own
	@$(ENCODERS)/bin/python -m pytest -m encoders $(ARGS)

.PHONY: encoder
encoder: $(ENCODERS)/.ready-to-test ## make the sentence encoder that ships with Kader anew, from the data in KADER_DATA
	@$(ENCODERS)/bin/python -m training.encoder

.PHONY: pairs
pairs: $(VENV)/.ready-to-test ## make the weights of the pair model anew, from pairs that the project writes itself
	@$(BIN)/python -m training.pairs

.PHONY: lint
lint: $(VENV)/.ready-to-test ## see that the code keeps the style and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

.PHONY: types
types: $(VENV)/.ready-to-test ## check the types
	@$(BIN)/mypy

.PHONY: sure
sure: lint types test ## all of these: what must pass before a change is offered

.PHONY: bench
bench: $(VENV)/.ready-to-test ## measure ideas per second, beside an empty task
	@$(BIN)/python -m benchmarks.throughput $(ARGS)

.PHONY: evaluate
evaluate: $(VENV)/.ready-to-evaluate ## measure the text model beside other pipelines, on the data in KADER_DATA
	@$(BIN)/python -m benchmarks.textmodel $(ARGS)
	@$(BIN)/python -m benchmarks.textmodel.speed

.PHONY: twins
twins: $(VENV)/.ready-to-evaluate ## measure how duplicates are found beside other ways, on the data in KADER_DATA
	@$(BIN)/python -m benchmarks.duplicates $(ARGS)
	@$(BIN)/python -m benchmarks.duplicates.speed

.PHONY: lock
lock: ## write exact versions and hashes of all dependencies to requirements/
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; \
	"$$folder/bin/python" -m pip --disable-pip-version-check --no-input -qq install uv; \
	lock="$$folder/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --group build"; \
	$$lock -o requirements/run.txt; \
	$$lock --group dev -c requirements/run.txt -o requirements/dev.txt; \
	echo "torch ; sys_platform == 'no PyTorch in this lock'" > "$$folder/overrides.txt"; \
	$$lock --group dev --group encoders --extra encoders -c requirements/dev.txt \
		--overrides "$$folder/overrides.txt" --no-emit-package torch -o requirements/encoders.txt; \
	$$lock --group bench -c requirements/dev.txt -o requirements/bench.txt; \
	$$lock --group browser -c requirements/dev.txt -o requirements/browser.txt
	@echo "Locked: run.txt, dev.txt, encoders.txt, bench.txt and browser.txt in requirements/"

.PHONY: clean
clean: ## remove what can be made again; the var folder stays
	@rm -rf $(VENV) $(ENCODERS) dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
	@echo "Cleaned; what Kader keeps (var/) is untouched"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "Kader needs Python 3.11, 3.12 or 3.13: run make PYTHON=python3.12, for example." >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "This Python can't make an environment: install its venv package (python3-venv on Debian)." >&2; exit 1; }

$(VENV)/.dependencies: requirements/run.txt | $(BIN)/python
	@echo "Installing what Kader runs on (requirements/run.txt)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.installed: pyproject.toml $(VENV)/.dependencies
	@echo "Installing Kader itself"
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-to-evaluate: requirements/bench.txt $(VENV)/.ready-to-test
	@echo "Installing what the other pipelines need (requirements/bench.txt)"
	@$(PIP) install --require-hashes -r requirements/bench.txt
	@touch $@

$(VENV)/.ready-to-browse: requirements/browser.txt $(VENV)/.ready-to-test
	@echo "Installing what drives a browser (requirements/browser.txt)"
	@$(PIP) install --require-hashes -r requirements/browser.txt
	@touch $@

$(VENV)/.ready-to-test: requirements/dev.txt $(VENV)/.installed
	@echo "Installing what the tests need (requirements/dev.txt)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(ENCODERS)/.ready-to-test: requirements/encoders.txt pyproject.toml
	@echo "Making $(ENCODERS) with sentence encoders and PyTorch (requirements/encoders.txt); takes some minutes"
	@$(PYTHON) -m venv $(ENCODERS)
	@$(ENCODERS_PIP) install --require-hashes --no-deps -r requirements/encoders.txt
	@$(ENCODERS_PIP) install "$(TORCH)"
	@$(ENCODERS_PIP) install --no-deps --no-build-isolation -e .
	@$(ENCODERS)/bin/python -m pip check >/dev/null
	@touch $@
