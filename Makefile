# Clerestory's commands. "make" alone lists them; ./run and ./test do the first two where make is missing.
.DEFAULT_GOAL := help
.PHONY: help run test check bench soak audit
PYTHON_DEV = ./test --prepare && .venv/bin/python

##@ Use
run: ## Start everything at http://127.0.0.1:8000 (PORT=9000 make run moves it)
	@./run

##@ Change
test: ## Run all tests, those in a browser included
	@./test
check: ## Lint, format, types, templates, missing migrations
	@./test --prepare
	.venv/bin/ruff format --check --quiet .
	.venv/bin/ruff check --quiet .
	SECRET_KEY=read-only .venv/bin/mypy --no-error-summary
	.venv/bin/djlint --quiet --check templates
	.venv/bin/djlint --quiet --lint templates
	.venv/bin/djlint --quiet --lint --profile jinja -e jinja templates
	@# It warns that no database answers, which it does not need.
	.venv/bin/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	.venv/bin/python manage.py check
	@echo "All checks passed."

##@ Measure
bench: ## Benchmarks, each a ratio to something measured in the same run
	@$(PYTHON_DEV) -m pytest -q -s -m bench --durations=0
soak: ## Long fault and fuzz runs (KILLS of a night's processes, FUZZ_SECONDS a format, FUZZ_EXAMPLES of each sample)
	@KILLS=$${KILLS:-54} && export KILLS && $(PYTHON_DEV) -m pytest -q -s tests/end_to_end/test_kill.py
	@$(PYTHON_DEV) -m tests.fuzzing $${FUZZ_SECONDS:-30}
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-2000} && export FUZZ_EXAMPLES && $(PYTHON_DEV) -m pytest -q tests/collectors/parsers/test_robustness.py
audit: ## Known advisories on what requirements.txt installs (reported, never an error)
	@./test --prepare
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --only-binary=:all: --target var/audit pip-audit \
	  && PYTHONPATH=var/audit .venv/bin/python -m pip_audit --requirement requirements.txt --no-deps \
	  || echo "The audit above found advisories, or could not reach its database; nothing else depends on it."

##@ Help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
