# make solve   design a mechanism for a shipped environment
# make test    run the tests
# Needs make and Python >= 3.11; everything else goes into a virtual environment in this directory.

PYTHON ?= python3
CONFIG ?= configs/guo-2018-example-1.4.2.yaml
ARGS ?=

# python3 has .venv; another interpreter has its own, so switching rebuilds nothing.
ifeq ($(PYTHON),python3)
VENV := .venv
else
VENV := .venv-$(subst /,-,$(PYTHON))
endif
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help solve test slow laws mutants theorems check bench clean

help:
	@echo 'make solve  design a mechanism for CONFIG ($(CONFIG)) and print it, or the proof that there is none'
	@echo 'make test   run the tests; ARGS goes to pytest: make test ARGS="-k beliefs"'
	@echo 'make slow   the long tests: whole grids, a thousand random environments of each kind'
	@echo 'make laws   the laws on 10,000 random environments, and the attack on certificates'
	@echo 'make mutants  how many small faults in the code the tests notice'
	@echo 'make test-oldest  some of them with the oldest version that pyproject.toml allows of everything'
	@echo 'make theorems  write the table of theorems in README.md anew, as the commands print them'
	@echo 'make check  ruff, mypy and the direction of imports'
	@echo 'make bench  run the benchmarks; ARGS="--against" names what moved since the stored run'
	@echo 'make docs   build the site in build/site, with a page for every file of configs/'
	@echo 'make clean  remove the virtual environments and everything built'
	@echo 'Another interpreter: make test PYTHON=python3.12'

# Exit status 1 says "proved impossible", which is an answer and no failure here.  A Python that breaks down exits with 1
# too, so the answer is asked for once more before 1 is accepted.
SOLVE = $(RUN) -m mechlp solve $(CONFIG) --no-save $(ARGS)
solve: $(VENV)/core
	@echo '$$ mechlp solve $(CONFIG) --no-save $(ARGS)'
	@$(SOLVE); status=$$?; \
	[ $$status -ne 1 ] || $(SOLVE) --json 2>/dev/null | grep -q '"status": *"infeasible"' || exit 1; \
	[ $$status -le 1 ] || exit $$status

# A worker for each core; one that has no test left takes some of another.
WORKERS := -n auto --maxprocesses 8 --dist worksteal
test: $(VENV)/dev
	@echo '$$ pytest $(WORKERS) $(ARGS)'
	@$(RUN) -m pytest $(WORKERS) $(ARGS)

slow: $(VENV)/dev
	@echo '$$ pytest $(WORKERS) -m slow $(ARGS)'
	@$(RUN) -m pytest $(WORKERS) -m slow $(ARGS)

laws: $(VENV)/dev
	@echo '$$ python tests/laws/run.py $(ARGS)'
	@$(RUN) tests/laws/run.py $(ARGS)
	@echo '$$ python tests/laws/attack.py'
	@$(RUN) tests/laws/attack.py

mutants: $(VENV)/dev
	@echo '$$ python tests/mutants/run.py $(ARGS)'
	@$(RUN) tests/mutants/run.py $(ARGS)

theorems: $(VENV)/dev
	@echo '$$ python tests/theorems.py'
	@$(RUN) tests/theorems.py

# Every `>=` of pyproject.toml as `==`, in a virtual environment of its own.
OLDEST := $(VENV)-oldest
OLD_TESTS := tests/exact tests/environment tests/program tests/report tests/study/test_sweep.py
test-oldest: $(OLDEST)/dev
	@echo '$$ pytest $(OLD_TESTS) $(ARGS)  (oldest versions)'
	@$(OLDEST)/bin/python -W ignore -m pytest $(WORKERS) $(OLD_TESTS) $(ARGS)

check: $(VENV)/dev
	@echo '$$ ruff check'
	@$(RUN) -m ruff check
	@echo '$$ mypy'
	@$(RUN) -m mypy
	@echo '$$ lint-imports'
	@$(VENV)/bin/lint-imports

docs: $(VENV)/docs
	@echo '$$ mkdocs build'
	@NO_MKDOCS_2_WARNING=1 MPLBACKEND=Agg PYTHONWARNINGS=ignore $(RUN) -m mkdocs build --quiet
	@echo 'The site is in build/site'

bench: $(VENV)/bench
	@set -e; for script in benchmarks/bench_*.py; do echo "\$$ python $$script $(ARGS)"; $(RUN) $$script $(ARGS); done

clean:
	rm -rf .venv .venv-* build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# One stamp file per set of dependencies, renewed when pyproject.toml changes.
$(VENV)/core: pyproject.toml | $(VENV)/made
	@echo 'Installing mechlp into $(VENV)'
	@$(PIP) --editable .
	@touch $@

$(VENV)/dev $(VENV)/bench $(VENV)/docs: $(VENV)/%: pyproject.toml | $(VENV)/made
	@echo 'Installing mechlp and its "$*" tools into $(VENV)'
	@$(PIP) $(if $(filter bench,$*),--constraint benchmarks/peers.txt) --editable '.[$*]'
	@touch $@ $(VENV)/core

$(OLDEST)/dev: pyproject.toml $(VENV)/dev
	@echo 'Installing the oldest versions into $(OLDEST)'
	@test -x $(OLDEST)/bin/python || $(PYTHON) -m venv --clear $(OLDEST)
	@$(RUN) -c 'import re, tomllib; p = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	  every = sum(p["optional-dependencies"].values(), p["dependencies"]); \
	  print(*sorted({re.sub(r",.*", "", line).replace(">=", "==") for line in every}), sep="\n")' >$(OLDEST)/constraints.txt
	@$(OLDEST)/bin/python -m pip install -qq --disable-pip-version-check -c $(OLDEST)/constraints.txt --editable '.[dev]'
	@touch $@

$(VENV)/made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'mechlp needs Python >= 3.11, and there is no $(PYTHON) here: install it, or name yours: make PYTHON=python3.12' >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "mechlp needs Python >= 3.11, and $(PYTHON) is $$($(PYTHON) --version 2>&1): name a newer one: make PYTHON=python3.12" >&2; \
	  exit 1; }
	@echo 'Making a virtual environment in $(VENV)'
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@
