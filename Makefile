# Every command of the house. `make run` and `make test` do all the set-up they need; scripts/ holds the work.

VENV := .venv
LOCKS := setup.cfg scripts/setup requirements/run.txt
SEEDS ?= 200
BOARD ?= reference
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check setup benchmark sim sabotage hardware hil-kernel goldens clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

run: $(VENV)/.ready-run ## Start the terminal on the bench, with its page in your browser (ARGS='--port 8600 --no-browser')
	$(VENV)/bin/tillberry bench $(ARGS)

test: $(VENV)/.ready-test ## Run the whole gate, as CI does: form, types, layers, tests, coverage
	scripts/check

check: ## Run the same gate without any set-up (ARGS='tests/golden' chooses tests)
	scripts/check $(ARGS)

setup: ## Install everything for running and testing, again where it is there already
	scripts/setup test

benchmark: $(VENV)/.ready-test ## Measure; prints a table and writes benchmark.json
	$(VENV)/bin/python -m tests.benchmark

sim: $(VENV)/.ready-test ## Simulate business with power cuts (SEEDS=200), and cut everything at every effect
	$(VENV)/bin/python -m tests.power.simulate --seeds $(SEEDS)
	$(VENV)/bin/python -m tests.power.simulate --cuts
	TILLBERRY_CUTS=every $(VENV)/bin/python -m pytest -n auto --timeout=1200 tests/power tests/scenario/test_storage_trouble.py

sabotage: $(VENV)/.ready-test ## Put deliberate bugs into a copy of the tree; each must turn a test red
	$(VENV)/bin/python -m tests.sabotage

hardware: $(VENV)/.ready-test ## Ask a real board for what the contracts promise, with you as its hands (BOARD=reference)
	$(VENV)/bin/python -m tests.hardware --board $(BOARD) $(ARGS)

hil-kernel: ## Build the kernel in which the tests play with simulated pins, once; kept in ~/.cache/tillberry
	scripts/hil-kernel

goldens: $(VENV)/.ready-test ## Write the golden files anew and show what changed
	TILLBERRY_GOLDENS=rewrite $(VENV)/bin/python -m pytest $$(grep -rl --include='test_*.py' check_golden tests)
	git --no-pager diff --stat -- tests
	git status --short -- tests

clean: ## Remove .venv, caches and reports; never a state directory
	rm -rf $(VENV) build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready-run: $(LOCKS)
	scripts/setup run

$(VENV)/.ready-test: $(LOCKS) requirements/test.txt requirements/pcsc.txt requirements/pi.txt
	scripts/setup test
