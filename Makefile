# Two commands from a clean checkout: `make demo` runs the main job, `make test` passes the tests.
# Each makes the virtual environment from requirements.lock when it is not there.

VENV ?= .venv
# Compiled modules are kept: without them every kernel compiles its imports anew.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
OUT ?= reports
PERIOD ?= 2019Q4
PYTEST ?=

.PHONY: demo test lint lab bench sample lock clean

demo: $(VENV)/.run
	$(BIN)/kit demo --period $(PERIOD) --out $(OUT)

test: $(VENV)/.dev
	bash .ci/test-tools.sh
	$(BIN)/python -m pytest -n 2 $(PYTEST)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# JupyterLab in Chinese (Settings -> Language changes it) that asks nothing of the network; in this environment only.
LAB_SETTINGS := $(VENV)/share/jupyter/lab/settings
lab: $(VENV)/.run
	mkdir -p $(LAB_SETTINGS)
	cp .ci/lab-settings.json $(LAB_SETTINGS)/overrides.json
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(LAB)

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# The shipped pilot sample is made, by this command and a fixed seed.
sample: $(VENV)/.run
	$(BIN)/kit data sample --size pilot --out data_samples/pilot

# Pins every package for Python 3.11 to 3.13 in one file; markers choose where versions differ.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --all-extras --no-emit-index-url --no-header --no-annotate -o requirements.lock

$(VENV)/.run: requirements.lock pyproject.toml
	bash .ci/install.sh $(VENV) "."

$(VENV)/.dev: requirements.lock pyproject.toml
	bash .ci/install.sh $(VENV) ".[dev]"
	touch $(VENV)/.run

clean:
	rm -rf $(VENV) build dist *.egg-info
