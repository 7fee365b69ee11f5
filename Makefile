# `make demo` and `make test` set up what they need: a virtual environment in .venv and everything in it.
PYTHON ?= python3.11
VENV := .venv
READY := $(VENV)/ready
NAME := differentiable_gain
# One torch thread a process: graders run side by side, and a fork is safe.
export OMP_NUM_THREADS = 1

.PHONY: demo test lint audit release solutions clean

demo: $(READY)
	$(VENV)/bin/python -m autograder.demo build/demo

test: $(READY) lint
	$(VENV)/bin/pytest -n auto --maxprocesses 4

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

audit: $(READY)  ## the hidden tests tested: every answer, mistake and mutant, 20 seeds
	$(VENV)/bin/autograder audit $(NAME)

release: $(READY)  ## what students get, made anew from source/
	$(VENV)/bin/nbgrader generate_assignment $(NAME) --force

solutions: $(READY)  ## the solved notebook, executed
	$(VENV)/bin/nbgrader generate_solution $(NAME) --force

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) build
