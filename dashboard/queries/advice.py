"""What a workflow has to hold so that its reports can be read: a few lines of YAML, by language."""

from __future__ import annotations

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
RECIPES: dict[str, Recipe] = {
    "Python": Recipe("pytest --junitxml=junit.xml --cov --cov-report=xml", ("junit.xml", "coverage.xml")),
    "TypeScript": VITEST,
    "JavaScript": VITEST,
    "Vue": VITEST,
    "Svelte": VITEST,
    "Go": Recipe("go run gotest.tools/gotestsum@latest --junitfile junit.xml ./...", ("junit.xml",)),
    "Java": MAVEN,
    "Kotlin": MAVEN,
    "Rust": Recipe(
        "cargo llvm-cov nextest --lcov --output-path lcov.info  # .config/nextest.toml: [profile.default.junit]",
        ("**/nextest/default/junit.xml", "lcov.info"),
    ),
}
ANY = Recipe(
    "make test  # your tests, with a JUnit XML report and, if you have it, Cobertura, LCOV or JaCoCo",
    ("junit.xml", "coverage.xml"),
)


def workflow_lines(language: str) -> str:
    """Two steps of a GitHub workflow: run the tests with reports, upload the reports."""
    recipe = RECIPES.get(language, ANY)
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
