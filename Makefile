# Two commands do everything from a bare checkout: `make run` and `make test`.
# PYTHON=... chooses an interpreter, CUDA=1 takes PyTorch's GPU build, ARGS=... goes to pytest.
PYTHON ?= python3
CUDA ?= 0
export CUDA

.PHONY: run test lint install clean

run: ## Set up, then open the window (without a display: train LeNet-5 here and draw the window to a file)
	@$(PYTHON) -m tools.setup run

test: ## Set up, then run the whole suite offscreen, ruff and mypy
	@$(PYTHON) -m tools.setup test $(ARGS)

lint: ## Set up, then run ruff and mypy alone
	@$(PYTHON) -m tools.setup lint

install: ## Set up alone
	@$(PYTHON) -m tools.setup install

clean: ## Remove the environment and everything that was built
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
