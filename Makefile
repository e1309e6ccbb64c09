# 聊天办: the targets a newcomer needs. `make help` explains them.
.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench lock pictures

# One more than there are cores: tests wait for processes and browsers a third of their time.
TEST_PROCESSES ?= $(shell n=$$(($$(nproc) + 1)); echo $$((n < 8 ? n : 8)))
PY := .venv/bin/python
# Images often set it; each process would then compile all of Rasa anew, which takes longer than everything else it does.
unexport PYTHONDONTWRITEBYTECODE
PACKAGES := bot actions knowledge_base tickets handover channels console service program simulators

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Create or update .venv from the lock file (Python 3.11, found or fetched)
	@scripts/setup.sh requirements.lock

run: setup ## Start the assistant; the first start trains the model and creates the database
	@.venv/bin/liaotianban serve

test: ## Install what tests need and run every test (ARGS="tests/bot -k form" for some, "-n 0" for one process)
	@scripts/setup.sh requirements-dev.lock
	@scripts/browser.sh
	@$(PY) -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ## Check style (ruff) and types (mypy, strict)
	@scripts/setup.sh requirements-dev.lock
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy $(PACKAGES)

bench: ## Print the benchmarks, or those named (ARGS="turns")
	@scripts/setup.sh requirements-dev.lock
	@$(PY) -m benchmarks $(ARGS)

lock: ## Resolve the dependencies anew into the two lock files
	@scripts/lock.sh

pictures: ## Take the pictures of the docs anew, from a made-up day (ARGS="console-desk" for some)
	@scripts/setup.sh requirements-dev.lock
	@scripts/browser.sh
	@$(PY) -m scripts.pictures $(ARGS)
