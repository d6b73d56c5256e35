"""The lines offered to a repository without evidence are YAML that does what the sentence says."""

from __future__ import annotations

import pytest
import yaml

from dashboard.queries.advice import RECIPES, workflow_lines


@pytest.mark.parametrize("language", [*RECIPES, "COBOL", ""])
def test_the_lines_are_two_steps_that_run_and_upload(language: str) -> None:
    run, upload = yaml.safe_load(workflow_lines(language))
    assert run["run"]
    assert upload["uses"].startswith("actions/upload-artifact@")
    assert upload["if"] == "always()"
    assert "junit" in upload["with"]["path"] or "surefire" in upload["with"]["path"]


def test_the_command_writes_the_files_that_are_uploaded() -> None:
    run, upload = yaml.safe_load(workflow_lines("Python"))
    assert run["run"] == "pytest --junitxml=junit.xml --cov --cov-report=xml"
    assert upload["with"]["path"].split() == ["junit.xml", "coverage.xml"]
