# make demo   build the lab, grade a sample class, write feedback (CLASS=all: every sample)
# make test   lint and test
# make build  bring release/ and solutions/ up to date with source/
# make handout  put what students get into build/handout (ASSIGNMENT=week04)
# make setup  set up .venv, and nothing else
# make lab    open JupyterLab in this folder: notebooks, formgrader
# make lock   pin what is installed now in constraints.txt
PYTHON ?= python3.11
ASSIGNMENT ?= week04
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo test build handout lab lock clean

demo: $(READY)
	@$(BIN)/autograder demo $(if $(filter all,$(CLASS)),--all)

setup: $(READY)

test: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest

build: $(READY)
	@$(BIN)/autograder build

# What has been built, what it imports, and what installs that: nothing of autograder/, no reference.
handout:
	@test -d release/$(ASSIGNMENT) || { echo "error: release/$(ASSIGNMENT) is missing: run make build first"; exit 2; }
	@rm -rf build/handout
	@mkdir -p build/handout/release
	@cp -R release/$(ASSIGNMENT) build/handout/release/
	@cp -R helpers environment.yml constraints.txt pyproject.toml LICENSE build/handout/
	@sed -i.all -e '/^\[project.scripts\]/,/^$$/d' -e '/^\[project.entry-points/,/^$$/d' build/handout/pyproject.toml
	@rm build/handout/pyproject.toml.all
	@cp docs/for-students.md build/handout/README.md
	@mkdir build/handout/docs && cp docs/benchmarks.md build/handout/docs/
	@rm -rf build/handout/helpers/reference
	@find build/handout \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -r {} +
	@echo "build/handout has what students get: pack it, or push it to a repository of its own"

lab: $(READY)
	@OMP_NUM_THREADS=1 $(BIN)/jupyter lab

# torch goes first and alone: a range met by what is installed brings nothing larger later.
$(READY): pyproject.toml constraints.txt
	@$(PYTHON) --version >/dev/null 2>&1 || { \
	  echo "error: $(PYTHON) not found: install Python 3.11 or say make PYTHON=/path/to/python3.11"; exit 2; }
	@echo "Setting up .venv (once; a few minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[staff,dev]'
	@command -v bwrap >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	  && { apt-get update -qq; apt-get install -qq -y bubblewrap >/dev/null; }; } \
	  || echo "note: install bubblewrap (apt-get install bubblewrap) if you can: it makes the better walls around student code"
	@touch $@

lock: $(READY)
	@{ head -n 2 constraints.txt; $(BIN)/python -m pip freeze --all --exclude-editable \
	  | grep -viE '^(pip|wheel)==' | sed 's/+cpu//' | LC_ALL=C sort -f; } > constraints.new
	@mv constraints.new constraints.txt

clean:
	rm -rf build
