# make demo: the portal to play with.  make test: the whole check.  make bench: the figures.
PYTHON ?= python3
BIN := .venv/bin
IKI_PORT ?= 5000
export IKI_PORT

.PHONY: demo test test-fast test-postgres faults sbom bench bench-documents bench-suggestions bench-postgres bench-kabupaten bench-workbook bench-guards bench-dashboard pictures rules format clean

.venv/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -e .
	touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

demo: .venv/ready
	@IKI_ENV=demo $(BIN)/iki database upgrade
	@IKI_ENV=demo $(BIN)/iki demo
	@IKI_ENV=demo exec $(BIN)/iki serve

test: .venv/ready-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m djlint iki_portal --lint --quiet
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 -m "not bar"

test-fast: .venv/ready-dev
	$(BIN)/python -m pytest -n 2 -m "not journey and not fault"

# what `make test` runs on SQLite alone, on PostgreSQL as the role that serves (IKI_TEST_POSTGRES_URL); the model of the workflow
# a hundred times, not five hundred: making a database takes longer there
test-postgres: .venv/ready-dev
	IKI_TEST_DATABASE=postgres IKI_TEST_RUNS=$${IKI_TEST_RUNS:-100} $(BIN)/python -m pytest -n 2 -m "not bar" tests/cli tests/features tests/house tests/upkeep tests/faults tests/journeys

# the bar of trust: every row to the full, with a table at the end; goes on where it was stopped (tests/faults/bar.py). As root, with
#   apt-get install chromium postgresql redis-server nginx iproute2 strace debootstrap systemd-container slapd ldap-utils libreoffice-calc
# What is missing is said in the table ("not tried"); scanners install themselves into build/scanners.
faults: .venv/ready-dev
	$(BIN)/python -m tests.faults.bar

bench: .venv/ready-dev
	$(BIN)/python -m benchmarks.pages

# one sheet's PDF against WeasyPrint (in an environment of its own), and the book
bench-documents: .venv/ready-dev
	$(BIN)/python -m benchmarks.documents

# what PostgreSQL does for each page, in a small office and in a large one (IKI_TEST_POSTGRES_URL)
bench-postgres: .venv/ready-dev
	$(BIN)/python -m benchmarks.plans

# the pages of a whole kabupaten, ten years and two million acts, against those of 20 sheets (IKI_TEST_POSTGRES_URL; 3 GB of disk)
bench-kabupaten: .venv/ready-dev
	$(BIN)/python -m benchmarks.kabupaten

# looking indicators up among 50,000 known ones, on both databases
bench-suggestions: .venv/ready-dev
	$(BIN)/python -m benchmarks.suggestions

# the organisation's workbook with 10,000 employees: exported, previewed, applied
bench-workbook: .venv/ready-dev
	$(BIN)/python -m benchmarks.workbook

# Dasbor of 10,000 people, 50,000 indicators and four quarters; its recapitulation as a workbook; the engine of achievements
bench-dashboard: .venv/ready-dev
	$(BIN)/python -m benchmarks.dashboard

# what a decision pays for its guards: triggers, chain, comparison of contents
bench-guards: .venv/ready-dev
	$(BIN)/python -m benchmarks.guards

# what production runs on, installed alone: tools of developers stay out of the inventory
BUILD ?= build
RUNTIME ?= $(BUILD)/runtime/bin/python
EXTRAS := $(filter-out requirements-dev.txt,$(wildcard requirements-*.txt))
$(BUILD)/runtime/ready: requirements.txt $(EXTRAS)
	$(PYTHON) -m venv $(BUILD)/runtime
	$(RUNTIME) -m pip install --quiet --disable-pip-version-check -r requirements.txt $(addprefix -r ,$(EXTRAS))
	touch $@

# the inventory of it for auditors: sbom.cdx.json (CycloneDX), and every licence in licences.md
sbom: .venv/ready-dev $(BUILD)/runtime/ready
	$(BIN)/cyclonedx-py environment $(RUNTIME) --pyproject pyproject.toml --output-reproducible -o $(BUILD)/sbom.cdx.json
	$(BIN)/pip-licenses --python $(RUNTIME) --order=license --format=markdown --output-file $(BUILD)/licences.md

# the pictures that guard the look of two sheets: look at them before you commit them
pictures: .venv/ready-dev
	$(BIN)/python -m tests.documents.make_pictures

# docs/quality-rules.md from the table of rules
rules: .venv/ready-dev
	$(BIN)/python -c "from iki_portal.domain.quality import rules_page; print(rules_page(), end='')" > docs/quality-rules.md

format: .venv/ready-dev
	$(BIN)/python -m ruff check --fix .
	$(BIN)/python -m ruff format .

clean:
	rm -rf .venv .venv-weasyprint build *.egg-info .mypy_cache .ruff_cache .pytest_cache
