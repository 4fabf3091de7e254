# The front door. Needs Python 3.11 or newer, make and git; everything else goes into .venv and .venv-verify. uv installs
# it, which condabot needs anyway: a mirror of the package index is told to uv (UV_DEFAULT_INDEX), not to pip.
PYTHON ?= python3
BIN := .venv/bin
UV_INSTALL := $(BIN)/uv pip install --quiet
INSTALL := $(UV_INSTALL) --python $(BIN)/python --constraint constraints.txt --build-constraint constraints.txt

# `make verify LOCK_CORPUS=DIRECTORY` reads all the pixi.lock files there too.
LOCK_CORPUS ?=
# `CORPUS=DIRECTORY` is a folder of real manifests and locks whose index.jsonl says where each of them is from.
CORPUS ?=
# `make bench CHANNEL=DIRECTORY` measures on a real channel: DIRECTORY/SUBDIR/repodata.json.zst.
CHANNEL ?=
# `make bench REPOSITORIES_SIMULATED=1000000`: with how many repositories in the database a release is measured.
REPOSITORIES_SIMULATED ?=
# `make real REPOSITORIES=DIRECTORY` runs on the files of real repositories; RUN_REAL has more options.
REPOSITORIES ?=
RUN_REAL ?=
# `make mutants MODULES=bot/planning/outlook SAMPLE=20`: which modules are changed, and how many of the mutants of each are
# run. Nothing said: all of four packages, which takes many hours.
MODULES ?=
SAMPLE ?=
# With GUARDS, `make mutants` takes guards out instead: `all`, or folders and files.
GUARDS ?=
# No function has more than 20 ways through it, counted as ruff does not: with `and`, `or`, conditional expressions and
# comprehensions.
LIZARD := --languages python --CCN 20 --warnings_only
# An environment per independent reader of lockfiles: tests/readers/NAME.txt says what is in it.
READERS := $(patsubst tests/readers/%.txt,.venv-verify/%/installed,$(wildcard tests/readers/*.txt))
READER_OPTIONS := $(foreach reader,$(READERS:/installed=),--reader $(notdir $(reader))=$(CURDIR)/$(reader)/bin/python)
# Only their files are read, which takes less time than reading all tests.
PROOFS = $(shell grep --recursive --files-with-matches --include='test_*.py' pytest.mark.verify tests)
# GitHub's own examples of webhooks, where there is an npm to fetch them with.
PAYLOADS := $(if $(shell command -v npm),.venv-verify/payloads/package/api.github.com/index.json)

# What the image installs, with the hashes of every file that the index has of it.
COMPILE := $(BIN)/uv pip compile --quiet --constraint constraints.txt --generate-hashes --universal --python-version 3.11 \
	--no-header --no-annotate

.PHONY: help demo test check lint types imports cover verify proofs image site bench screenshot real mutants docs format constraints hashes clean
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
# Keep bytecode whatever the caller says: a run without it compiles every test, and the bot in every child, once more.
unexport PYTHONDONTWRITEBYTECODE

help:  ## Show what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

demo: .venv/demo  ## See it all on this machine: a GitHub, a channel and the App between them
	$(BIN)/condabot demo

test: .venv/dev  ## What must pass before a commit: check, and the tests
	@$(MAKE) --jobs=2 check
	$(BIN)/pytest --quiet --numprocesses=2 --dist=worksteal

check: lint imports types  ## Lint, import contracts, types

lint: .venv/dev
	$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	$(BIN)/lizard $(LIZARD) bot bench fixtures tests
	$(BIN)/hadolint Dockerfile && $(BIN)/shellcheck docker/*.sh action/*.sh .ci/run
	$(BIN)/python -m fixtures.links
	$(BIN)/zizmor --offline --quiet .github/workflows action.yml
	$(if $(shell command -v actionlint),actionlint)
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec compose.yaml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

imports: .venv/dev
	$(BIN)/lint-imports --no-cache --no-logo

types: .venv/dev
	$(BIN)/mypy

cover: .venv/dev  ## The tests once more, with branch coverage, which has a floor (tracing takes half as long again)
	$(BIN)/pytest --quiet --numprocesses=2 --dist=worksteal --cov

verify: .venv/docs  ## The slow proofs: independent readers, real kills, the image's steps
	@$(MAKE) --jobs=2 image proofs site

proofs: .venv/dev $(READERS) $(PAYLOADS)
	$(BIN)/pytest --quiet -m verify --numprocesses=2 --dist=loadfile $(PROOFS) $(READER_OPTIONS) $(if $(PAYLOADS),--payloads=$(PAYLOADS)) $(if $(LOCK_CORPUS),--lock-corpus=$(LOCK_CORPUS)) $(if $(CORPUS),--corpus=$(CORPUS))

site: .venv/docs  ## Build the documents as a site in build/site; a warning is an error
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs build/site

image:  ## Run the Dockerfile's steps without a container engine, as a normal user
	docker/prove.sh $(PYTHON)

bench: .venv/dev  ## Measure what users wait for, each figure beside its budget and its floor
	$(BIN)/python -m bench $(if $(CHANNEL),--channel=$(CHANNEL)) $(if $(REPOSITORIES_SIMULATED),--simulated=$(REPOSITORIES_SIMULATED))
	$(if $(REPOSITORIES),$(BIN)/python -m fixtures.run_real $(REPOSITORIES) $(RUN_REAL))

screenshot: .venv/dev  ## Draw the demo's pull request and the App's pages into screenshots/, if there is a Chromium
	$(BIN)/python -m fixtures.screenshots

real: .venv/dev  ## Run on real repositories, a folder each, and say what was judged (docs/real-repositories.md)
	$(BIN)/python -m fixtures.run_real $(or $(REPOSITORIES),repositories) $(RUN_REAL)

mutants: $(if $(GUARDS),.venv/dev,.venv/mutants)  ## Change the code in small ways, and count the changes that no test notices
	$(BIN)/python -m $(if $(GUARDS),bench.guards $(filter-out all,$(GUARDS)),bench.mutants $(MODULES) $(if $(SAMPLE),--sample=$(SAMPLE)))

docs: .venv/dev  ## Write from the code what the documents say of it: keys, schema, commands, a pull request, pictures
	$(BIN)/python -m fixtures.write_docs
	$(BIN)/python -m fixtures.write_body
	$(BIN)/python -m fixtures.write_pictures

format: .venv/dev  ## Format the code and fix what can be fixed
	$(BIN)/ruff check --fix-only --quiet . && $(BIN)/ruff format --quiet .

constraints:  ## Write constraints.txt anew with the newest versions
	rm -rf .venv && $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[conda-lock,demo,pack]' --group dev --group docs --group mutants hatchling editables
	{ grep '^#' constraints.txt; $(BIN)/pip freeze --all --exclude-editable --exclude setuptools; } > .venv/new && mv .venv/new constraints.txt
	@$(MAKE) hashes

hashes:  ## Write what the image installs, with the hashes of every file, after a change of constraints.txt or pyproject.toml
	$(COMPILE) pyproject.toml --extra conda-lock --extra service --output-file docker/requirements.txt
	printf 'hatchling\npip\n' | $(COMPILE) - --output-file docker/build.txt

clean:  ## Remove everything that was made here
	rm -rf .venv .venv-verify mutants screenshots .coverage .*_cache .hypothesis build dist

.venv/uv: constraints.txt
	rm -rf .venv && $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt uv && touch $@

.venv/demo: .venv/uv pyproject.toml
	$(INSTALL) --editable '.[demo,pack]' && touch $@

.venv/dev: .venv/demo
	$(INSTALL) --editable '.[demo,pack]' --group dev && touch $@

.venv/docs: .venv/dev
	$(INSTALL) --group docs && touch $@

.venv/mutants: .venv/dev
	$(INSTALL) --group mutants && touch $@

.venv-verify/%/installed: tests/readers/%.txt .venv/uv
	rm -rf $(@D) && $(PYTHON) -m venv --without-pip $(@D)
	$(UV_INSTALL) --python $(@D)/bin/python --requirement $< && touch $@

$(PAYLOADS):
	rm -rf .venv-verify/payloads && mkdir -p .venv-verify/payloads
	cd .venv-verify/payloads && npm pack --silent @octokit/webhooks-examples@7.6.1 && tar -xzf *.tgz
	touch $@
