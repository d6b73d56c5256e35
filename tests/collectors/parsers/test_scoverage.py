"""scoverage: promises that no sample holds."""

from __future__ import annotations

import pytest

from collectors.parsers.results import ReportError
from collectors.parsers.scoverage import parse

STATEMENT = '<statement class="G" method="m" start="1" line="{}" branch="false" invocation-count="1">2</statement>'


def test_a_statement_without_source_is_in_the_file_of_its_class() -> None:
    classes = "".join(
        f'<class name="G" filename="/a/{name}.scala"><methods>{STATEMENT.format(line)}</methods></class>'
        for name, line in (("Graph", 16), ("Node", 3))
    )
    report = parse(f'<scoverage statement-rate="50"><classes>{classes}</classes></scoverage>'.encode())
    assert {file.path: file.lines for file in report.files} == {"/a/Graph.scala": {16: 1}, "/a/Node.scala": {3: 1}}


def test_a_statement_without_source_in_a_class_without_file_is_refused() -> None:
    with pytest.raises(ReportError, match="without source"):
        parse(f'<scoverage statement-rate="50"><class name="G">{STATEMENT.format(1)}</class></scoverage>'.encode())
