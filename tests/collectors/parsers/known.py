"""The samples of report formats, as the tests ask for them (tests/samples/formats/README.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from collectors.parsers import FORMATS
from collectors.parsers.results import CoverageReport, Format, TestReport

FOLDER = Path(__file__).parents[2] / "samples" / "formats"
BY_NAME = {known.name: known for known in FORMATS}


@dataclass(frozen=True)
class Sample:
    """A real report and what it must be read as."""

    path: Path
    format: Format
    expected: dict[str, Any]

    @property
    def data(self) -> bytes:
        return self.path.read_bytes()

    def __str__(self) -> str:
        return f"{self.format.name}/{self.path.name}"


def samples() -> list[Sample]:
    found = []
    for expected in sorted(FOLDER.glob("*/*.expected.json")):
        case = expected.name.removesuffix(".expected.json")
        (path,) = (file for file in expected.parent.glob(f"{case}.*") if file != expected)
        found.append(Sample(path, BY_NAME[expected.parent.name], json.loads(expected.read_text("utf-8"))))
    return found


def readable() -> list[Sample]:
    return [sample for sample in samples() if "report" in sample.expected]


def figures(report: TestReport | CoverageReport) -> dict[str, Any]:
    counts = report.counts()
    names: tuple[str, ...] = ("total", "passed", "failed", "errors", "skipped")
    if isinstance(report, CoverageReport):
        names = ("files", "lines_valid", "lines_covered", "lines_partial", "branches_valid", "branches_covered")
    return {name: getattr(counts, name) for name in names}
