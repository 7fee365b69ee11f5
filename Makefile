# `make demo` and `make test` set up what they need: a virtual environment in .venv and everything in it.
# To choose a Python: make PYTHON=/path/to/python3 demo
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3
VENV := .venv
READY := $(VENV)/ready
NAME := differentiable_gain
# One torch thread a process: graders run side by side, and a fork is safe.
export OMP_NUM_THREADS = 1

.PHONY: demo test test-bare check lint audit release solutions clean

demo: $(READY)
	$(VENV)/bin/autograder demo $(NAME) --output build/demo

test: $(READY) lint
	$(VENV)/bin/pytest -n auto --maxprocesses 4 --cov --cov-report=term

check: $(READY) lint  ## for the loop while writing: lint, types, and the tests of a minute
	$(VENV)/bin/pytest -q -n auto --maxprocesses 4 -m quick

test-bare: $(READY)  ## what shows in a quarter of the time whether a machine can grade
	$(VENV)/bin/pytest -n auto --maxprocesses 4 -m "quick or bare"

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache

audit: $(READY)  ## the hidden tests tested: every answer, mistake and mutant, 20 seeds
	$(VENV)/bin/autograder audit $(NAME)

release: $(READY)  ## what students get, made anew from source/
	$(VENV)/bin/nbgrader generate_assignment $(NAME) --force

solutions: $(READY)  ## the solved notebook, executed
	$(VENV)/bin/nbgrader generate_solution $(NAME) --force

$(READY): pyproject.toml constraints.txt walls.txt tools/environment.sh
	@sh tools/environment.sh $(VENV) $(or $(PYTHON),$(PYTHONS))
	@touch $@

clean:
	rm -rf $(VENV) build
