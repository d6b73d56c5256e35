"""What a workflow has to hold so that its reports can be read: a few lines of YAML, by tool or by language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """The command that writes the reports, and the files that it leaves."""

    command: str
    files: tuple[str, ...]


VITEST = Recipe(
    "npx vitest run --reporter=junit --outputFile=junit.xml --coverage --coverage.reporter=lcov",
    ("junit.xml", "coverage/lcov.info"),
)
MAVEN = Recipe(
    "mvn --batch-mode verify  # Surefire, and JaCoCo where its plug-in is set up",
    ("**/target/surefire-reports/*.xml", "**/target/site/jacoco/jacoco.xml"),
)
PYTEST = Recipe("pytest --junitxml=junit.xml --cov --cov-report=xml", ("junit.xml", "coverage.xml"))
GO = Recipe("go run gotest.tools/gotestsum@latest --junitfile junit.xml ./...", ("junit.xml",))
CARGO = Recipe(
    "cargo llvm-cov nextest --lcov --output-path lcov.info  # .config/nextest.toml: [profile.default.junit]",
    ("**/nextest/default/junit.xml", "lcov.info"),
)
PHPUNIT = Recipe(
    "vendor/bin/phpunit --log-junit junit.xml --coverage-clover clover.xml", ("junit.xml", "clover.xml")
)
RSPEC = Recipe(
    "bundle exec rspec --format RspecJunitFormatter --out junit.xml  # gem rspec_junit_formatter", ("junit.xml",)
)
RECIPES: dict[str, Recipe] = {
    "Python": PYTEST,
    "TypeScript": VITEST,
    "JavaScript": VITEST,
    "Vue": VITEST,
    "Svelte": VITEST,
    "Go": GO,
    "Java": MAVEN,
    "Kotlin": MAVEN,
    "Rust": CARGO,
    "PHP": PHPUNIT,
    "Ruby": RSPEC,
}
OF_TOOLS: dict[str, Recipe] = {
    "pytest": PYTEST,
    "unittest": Recipe("pytest --junitxml=junit.xml  # it runs unittest's tests as they are", ("junit.xml",)),
    "jest": Recipe(
        "npx jest --reporters=default --reporters=jest-junit --coverage  # npm package jest-junit",
        ("junit.xml", "coverage/lcov.info"),
    ),
    "vitest": VITEST,
    "go test": GO,
    "gotestsum": GO,
    "cargo test": CARGO,
    "cargo nextest": CARGO,
    "maven": MAVEN,
    "gradle": Recipe(
        "./gradlew check --continue", ("**/build/test-results/**/*.xml", "**/build/reports/jacoco/**/*.xml")
    ),
    "phpunit": PHPUNIT,
    "rspec": RSPEC,
}
"""By the names of the tools whose summaries are read in logs."""
ANY = Recipe(
    "make test  # your tests, with a JUnit XML report and, if you have it, Cobertura, LCOV or JaCoCo",
    ("junit.xml", "coverage.xml"),
)


def workflow_lines(language: str, tools: Iterable[str] = ()) -> str:
    """Two steps of a GitHub workflow: run the tests with reports, upload the reports.

    A tool that is known to run decides, else the language.
    """
    recipe = next((OF_TOOLS[tool] for tool in tools if tool in OF_TOOLS), RECIPES.get(language, ANY))
    lines = [
        f"- run: {recipe.command}",
        "- uses: actions/upload-artifact@v4",
        "  if: always()  # the reports of failing tests too",
        "  with:",
        "    name: test-results",
        "    path: |",
        *(f"      {file}" for file in recipe.files),
    ]
    return "\n".join(lines)
