"""The lines offered to a repository without evidence are YAML that does what the sentence says."""

from __future__ import annotations

import pytest
import yaml

from collectors.logs import TOOLS
from dashboard.queries.advice import OF_TOOLS, RECIPES, workflow_lines


@pytest.mark.parametrize("language", [*RECIPES, "COBOL", ""])
def test_the_lines_are_two_steps_that_run_and_upload(language: str) -> None:
    run, upload = yaml.safe_load(workflow_lines(language))
    assert run["run"]
    assert upload["uses"].startswith("actions/upload-artifact@")
    assert upload["if"] == "always()"
    assert "junit" in upload["with"]["path"] or "surefire" in upload["with"]["path"]


@pytest.mark.parametrize("tool", OF_TOOLS)
def test_a_tool_that_is_known_to_run_decides(tool: str) -> None:
    run, upload = yaml.safe_load(workflow_lines("COBOL", [tool]))
    assert run["run"] == OF_TOOLS[tool].command.partition("  #")[0]
    assert upload["with"]["path"].split() == list(OF_TOOLS[tool].files)


def test_there_is_advice_for_every_tool_that_is_read_in_logs() -> None:
    assert set(OF_TOOLS) == {tool.name for tool in TOOLS}


def test_the_command_writes_the_files_that_are_uploaded() -> None:
    run, upload = yaml.safe_load(workflow_lines("Python"))
    assert run["run"] == "pytest --junitxml=junit.xml --cov --cov-report=xml"
    assert upload["with"]["path"].split() == ["junit.xml", "coverage.xml"]
