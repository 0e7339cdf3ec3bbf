# Tonearm. `make help` lists the targets; `make demo` and `make test` need only git, make, Python 3 and Java 17.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# uv comes from the PATH, or from a small environment of our own that pip fills.
UV_HOME := .tonearm/uv
UV := $(shell command -v uv 2>/dev/null || echo $(UV_HOME)/bin/uv)
RUN := $(UV) run --frozen
export SAM_CLI_TELEMETRY := 0

.PHONY: help setup demo dashboard first-page test layer-tests check format lint types templates checkov secrets requirements dictionary licences orders growth proofs proofs-list reference audit volume bench month uv java faults chaos least-privilege asl-validator clean

help:  ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

uv:
	@command -v $(UV) >/dev/null 2>&1 || { \
	  command -v python3 >/dev/null 2>&1 || { echo "tonearm: Python 3 is missing: install python3 with its venv module (Debian: apt-get install python3-venv)"; exit 2; }; \
	  python3 -m venv $(UV_HOME) && $(UV_HOME)/bin/pip install --quiet uv; \
	} || { echo "tonearm: uv could not be installed with pip: see https://docs.astral.sh/uv/"; exit 2; }

java:
	@command -v java >/dev/null 2>&1 || { echo "tonearm: Java is missing: install Java 17 (Debian: apt-get install openjdk-17-jre-headless)"; exit 2; }
	@java -version 2>&1 | grep -q 'version "17' || { echo "tonearm: Java 17 is needed, this is $$(java -version 2>&1 | head -n 1)"; exit 2; }

# Python compiles what it imports in every process anew where PYTHONDONTWRITEBYTECODE is set, as in many containers:
# a third of the demo's processor time. So the dependencies are compiled here, once for each lock file.
COMPILED := .venv/compiled-$(shell cksum uv.lock | tr ' ' '-')

setup: uv java  ## Get Python 3.13 and the locked dependencies, build the Lambda packages, archive Spark's classes.
	@test -f $(COMPILED) && $(UV) sync --frozen --quiet || $(UV) sync --frozen --quiet --compile-bytecode
	@rm -f $(filter-out $(COMPILED),$(wildcard .venv/compiled-*)); touch $(COMPILED)
	@$(RUN) python -m tonearm.local.sam
	@mkdir -p .tonearm/spark
	@$(RUN) python -m tonearm.local.cloud.class_archive >.tonearm/spark/archive.log 2>&1 || { \
	  echo "tonearm: no archive of Spark's classes, so Spark starts more slowly; see .tonearm/spark/archive.log"; }

demo: setup  ## Run the whole pipeline on this machine: from a fake Spotify to warehouse tables.
	@$(RUN) tonearm local run

dashboard: setup  ## Show the demo's tables in a browser; runs the demo first when none is up.
	@test -f .tonearm/local.json || $(RUN) tonearm local run --keep
	@$(RUN) tonearm local dashboard

first-page: setup  ## Measure how long the dashboard's first page takes over the demo's data (needs chromium).
	@$(RUN) python benchmarks/first_page.py $(LOADS)

test: setup layer-tests  ## Run every test.
	@$(RUN) pytest -q -n 3 --dist loadscope --no-loadscope-reorder

# PyPI's Arrow has every codec, that of AWS's layer has two: so these run again, with less.
layer-tests: uv  ## Run PublishRun's tests with what AWS's pandas layer holds.
	@UV_PROJECT_ENVIRONMENT=$(CURDIR)/.tonearm/layer $(UV) run --frozen --project tests/layer --quiet python -m pytest -q -n 2 \
	  -p tests.layer.plugin tests/layer tests/lambdas/publish_run \
	  tests/lambdas/tonearm_pipeline/test_staged.py

check: setup  ## What CI runs: format, lint, types, templates, SQL, all tests.
	@$(MAKE) --no-print-directory --jobs 2 --output-sync format-check lint types templates checkov
	@$(MAKE) --no-print-directory test

format:  ## Format the Python code.
	@$(RUN) ruff format
	@$(RUN) ruff check --fix-only --quiet

.PHONY: format-check
format-check:
	@$(RUN) ruff format --check --quiet || { echo "run 'make format'"; exit 1; }

lint:  ## Lint Python and SQL.
	@$(RUN) ruff check
	@$(RUN) sqlfluff lint snowflake --nocolor --disable-progress-bar

types:  ## Check types.
	@$(RUN) mypy

templates:  ## Validate the SAM template.
	@$(RUN) cfn-lint template.yaml
	@$(RUN) sam validate --lint --region us-east-1

checkov:  ## Check the template's security; each exception has its reason.
	@$(RUN) python tests/contract/run_checkov.py

proofs: setup  ## Run every proof and every section of the benchmark in a bounded size; `ONLY="audit bench"` takes some.
	@$(RUN) python tests/proofs/run_proofs.py $(ONLY)

proofs-list:  ## Write README's list of the proofs from their table.
	@$(RUN) python -m tests.proofs.table

secrets:  ## Look for credentials in the files and in all of their history.
	@$(RUN) pytest -q tests/secrets

requirements:  ## Write the requirements of the Lambda package and the layers from uv.lock.
	@$(RUN) python -m tonearm.build.requirements

dictionary:  ## Write docs/data-dictionary.md from the column contract and docs/tables.md from the SQL.
	@$(RUN) python -m tonearm.build.data_dictionary
	@$(RUN) python -m tonearm.build.tables_page

.PHONY: real-services
real-services:  ## Write docs/real-services.md from the register of what is relied on.
	@$(RUN) python -m tonearm.register

licences:  ## Write docs/licences.md from the metadata of the shipped packages.
	@$(RUN) python -m tonearm.build.licences

orders:  ## Load the files of many runs in 500 seeded orders; the tables must be equal each time.
	@$(RUN) python tests/snowflake/run_orders.py $(ORDERS)

growth:  ## Model 100,000 and then 1,000,000 landing rows, and print what it takes.
	@$(RUN) python tests/snowflake/run_growth.py $(ROWS)

# `make reference SEEDS=5-24` makes up and draws values of 20 more seeds.
reference:  ## Compare the Spark jobs with the plain-Python reference: recorded, made-up and drawn responses.
	@$(RUN) python tests/glue_jobs/run_reference.py $(if $(SEEDS),--seeds $(SEEDS)) $(if $(RESPONSES),--responses $(RESPONSES)) $(if $(BATCHES),--batches $(BATCHES))

audit:  ## Spoil a sound run in every way there is; each must be caught at its step and by its name.
	@$(RUN) python tests/lambdas/publish_run/run_audit.py

volume:  ## Transform 2,000,000 playlist entries inside 8 GiB.
	@$(RUN) python tests/glue_jobs/run_volume.py $(ENTRIES)

# `make bench SIZE=full SECTION=transform`: smoke (kept nowhere), quick or full; transform, extract, load, demo or growth.
bench: setup  ## Measure against DuckDB, pandas, dlt and the tutorials' loop, and write the results.
	@$(UV) run --frozen --group bench python -m benchmarks --size $(or $(SIZE),quick) $(if $(SECTION),--section $(SECTION))

month: setup  ## Play a month of daily runs against the local Snowflake, and count the credits it takes.
	@$(RUN) python -m benchmarks.snowflake_month $(DAYS)

faults:  ## Run the fault matrix against the fake Spotify, the seeded kills, and count the calls.
	@$(RUN) python tests/faults/run_faults.py $(PAIRS)

# `make chaos SCENARIOS=20` takes so many.
chaos: setup  ## Break every service and process under 220 whole runs, and heal as the red runs say.
	@$(RUN) python tests/chaos/run_chaos.py $(SCENARIOS)

least-privilege: setup  ## Run end to end and list what each function's role allows beside what was used.
	@$(RUN) pytest -q -m e2e $(TESTS)
	@cat .tonearm/least-privilege.txt

asl-validator:  ## Install the state machine validator and the JSONata that AWS follows (npm).
	@npm install --silent --no-audit --no-fund --prefix .tonearm/tools asl-validator@4.0.0 jsonata@2.0.6

clean:  ## Remove what was built.
	@rm -rf .aws-sam .pytest_cache .mypy_cache .ruff_cache .tonearm/bench .tonearm/proofs
