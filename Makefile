PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test slurm-test lint docs constraints clean

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

docs: .venv/ready
	$(BIN)/python docs/api.py build/docs

# The versions that this project was tested with; a fresh environment takes them.
constraints: .venv/ready
	$(BIN)/python -m pip list --format=freeze --exclude-editable | grep -v -e '^pip=' -e '^setuptools=' | sed 's/+cpu$$//' > constraints.txt

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf .venv build dist
