PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test slurm-test lint clean

demo: .venv/ready
	$(BIN)/python -m ablate +perturb=shuffle_steps

test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore tests/slurm

slurm-test: .venv/ready
	$(BIN)/python -m pytest -q -rs tests/slurm

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

.venv/ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv build dist
