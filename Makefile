# Everything runs inside .venv, from requirements that are pinned and hashed. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# As many at once as there are cores; the tests of one file share what they start, and stay together.
PARALLEL ?= -n auto --dist loadfile
PIP := $(PY) -m pip --disable-pip-version-check --quiet
COVERAGE ?= --cov=app --cov-branch --cov-report=term:skip-covered --cov-fail-under=97
INSTALL_APP := $(PIP) install --no-deps --no-build-isolation --editable .
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.PHONY: help run test compiled test-compiled check bench churn soak fuzz fmt proto lock

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## Start the gateway on http://127.0.0.1:8000 with two demo backends
	@$(PY) examples/quickstart.py

# Part of the tests: make test ARGS="-k routing" COVERAGE= PARALLEL=
test: $(VENV)/.dev ## Run every test, and see that nearly every branch was taken
	@$(PY) -m pytest $(PARALLEL) $(COVERAGE) $(ARGS)

compiled: build/compiled/.made ## Build the package with its hot path compiled, into build/compiled (needs a C compiler)

test-compiled: build/compiled/.made ## Run the conformance cases against the compiled build
	@PYTHONSAFEPATH=1 PYTHONPATH=build/compiled $(PY) -m app --version | grep -q compiled
	@PYTHONSAFEPATH=1 PYTHONPATH=build/compiled $(PY) -m pytest tests/conformance $(PARALLEL) $(ARGS)

check: $(VENV)/.dev ## Look at format, lint, types and import rules without running the code
	@$(PY) -m ruff format --check
	@$(PY) -m ruff check
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports --no-logo

# Part of it: make fuzz ARGS="--streams 50000 --seed 1 --server builtin --backend raw"
fuzz: $(VENV)/.dev ## Send a million mutated streams through every server (docs/fuzzing.md)
	@$(PY) -m tests.fuzz $(ARGS)

# Part of it: make bench ARGS="--only http1 --peers envoy,gateway --quick"
bench: $(VENV)/.bench ## Measure the gateway beside nginx, Envoy, Caddy and others, and its pieces alone
	@$(PY) -m benchmarks run $(ARGS)
	@$(if $(ARGS),,$(PY) -m benchmarks.micro && $(PY) -m benchmarks.hop)

churn: $(VENV)/.bench $(VENV)/.dev ## Change the configuration under load: when it is live, and what it costs
	@$(PY) -m benchmarks.config_churn $(ARGS)

# Longer, and under another server: make soak MINUTES=120 SERVER=hypercorn
soak: $(VENV)/.dev ## Send minutes of good, broken off and hostile traffic, and look at what is left
	@$(PY) -m tests.soak --minutes $(or $(MINUTES),10) --server $(or $(SERVER),builtin)

fmt: $(VENV)/.dev ## Format the code and fix what can be fixed safely
	@$(PY) -m ruff format
	@$(PY) -m ruff check --fix

proto: $(VENV)/.dev ## Generate the code for deploy/proto
	@$(PY) -m grpc_tools.protoc --proto_path=deploy/proto --python_out=app/interfaces/grpc/generated \
		--pyi_out=app/interfaces/grpc/generated gateway/v1/config.proto

lock: ## Pin the newest releases that pyproject.toml allows (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv on the PATH" >&2; exit 1; }
	$(COMPILE) --upgrade pyproject.toml requirements/build.in --output-file requirements/run.txt
	$(COMPILE) --upgrade --extra dev --constraint requirements/run.txt pyproject.toml requirements/build.in \
		--output-file requirements/dev.txt
	$(COMPILE) --upgrade --extra bench --constraint requirements/dev.txt pyproject.toml requirements/build.in \
		--output-file requirements/bench.txt

# Stamp files: a second `make` installs nothing unless what is to be installed has changed.
$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not on the PATH; Python 3.11 or newer is needed" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: install the system's package for it (python3-venv)" >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements/run.txt pyproject.toml
	@echo "Installing what the gateway needs"
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(INSTALL_APP)
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing what the tests need"
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

build/compiled/.made: $(VENV)/.dev setup.py $(shell find app -name '*.py')
	@echo "Compiling the hot path"
	@rm -rf build/compiled
	@GATEWAY_COMPILED=1 $(PIP) install --no-deps --no-build-isolation --target build/compiled .
	@touch $@

$(VENV)/.bench: $(VENV)/.run requirements/bench.txt
	@echo "Installing what the benchmark needs"
	@$(PIP) install --require-hashes --requirement requirements/bench.txt
	@touch $@
