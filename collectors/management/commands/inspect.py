"""``manage.py inspect PATH… [--json]``: what would ingest make of these files?

Reads report files, zips and folders exactly as ingest does, stores nothing and needs no database. The contributor's
loop for a new format, and the first thing to run when a figure looks wrong.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collectors.inspecting import inspect_paths
from collectors.parsers.results import CoverageReport, Reading, ReadReport, TestReport
from collectors.sandbox import SandboxError

# What would move a terminal's cursor or turn its text round, out of names that strangers chose.
_CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

Found = tuple[Path, Reading]


class Command(BaseCommand):
    help = "Read report files, zips or folders as ingest would, and print their figures. Stores nothing."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = (
            "Exit status: 0 if at least one report was read and none failed,\n"
            "1 if one could not be read or none was found,\n2 for wrong usage or a path that does not exist."
        )
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a report, a zip or a folder")
        parser.add_argument("--json", action="store_true", help="print one JSON array instead of text")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = list(inspect_paths(options["paths"]))
        except FileNotFoundError as error:
            raise CommandError(str(error), returncode=2) from error
        except SandboxError as error:
            raise CommandError(str(error), returncode=1) from error
        rows = [row for path, reading in found for row in _rows(path, reading)]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
        elif rows:
            self.stdout.write(harmless(_paragraphs(rows)))
        for sentence in _troubles(found):
            self.stderr.write(harmless(sentence))
        if not any(row["error"] is None for row in rows) or any(row["error"] for row in rows):
            sys.exit(1)


def harmless(text: str) -> str:
    return _CONTROLS.sub("\ufffd", text)


def _rows(path: Path, reading: Reading) -> list[dict[str, Any]]:
    """One object per report, in the shape of contract section 2; a rejected zip is an object without a format."""
    rows = [_row(path, report) for report in reading.reports]
    if reading.error:
        rows.append(_row(path, ReadReport(None, "", "", 0, error=reading.error)))
    return rows


def _row(path: Path, report: ReadReport) -> dict[str, Any]:
    return {
        "path": str(path),
        "member": report.member,
        "format": report.format or None,
        "kind": report.kind or None,
        "error": report.error,
        "warnings": report.warnings,
        "tests": _tests(report.tests) if report.tests else None,
        "coverage": _coverage(report.coverage) if report.coverage else None,
    }


def _tests(tests: TestReport) -> dict[str, Any]:
    counts = tests.counts()
    return {
        "total": counts.total,
        "passed": counts.passed,
        "failed": counts.failed,
        "errors": counts.errors,
        "skipped": counts.skipped,
        "duration_seconds": counts.duration_seconds,
    }


def _coverage(coverage: CoverageReport) -> dict[str, Any]:
    counts = coverage.counts()
    return {
        "files": counts.files,
        "lines_valid": counts.lines_valid,
        "lines_covered": counts.lines_covered,
        "lines_partial": counts.lines_partial,
        "branches_valid": counts.branches_valid,
        "branches_covered": counts.branches_covered,
        "percent": counts.percent,
    }


def _paragraphs(rows: list[dict[str, Any]]) -> str:
    """A paragraph per report: names can be long, so they have a line to themselves."""
    paragraphs = []
    for row in rows:
        name = row["path"] + (f" › {row['member']}" if row["member"] else "")
        paragraphs.append("\n".join([name, *(f"  {line}" for line in _figures(row))]))
    return "\n\n".join(paragraphs)


def _figures(row: dict[str, Any]) -> list[str]:
    name = row["format"] or "unreadable"
    lines = [f"{name}: {row['error']}"] if row["error"] else []
    if tests := row["tests"]:
        seconds = tests["duration_seconds"]
        lines.append(
            f"{name}: {tests['total']:,} tests, {tests['passed']:,} passed, {tests['failed']:,} failed, "
            f"{tests['errors']:,} errors, {tests['skipped']:,} skipped"
            + (f" in {seconds:,.2f} s" if seconds is not None else "")
        )
    if coverage := row["coverage"]:
        percent, valid = coverage["percent"], coverage["lines_valid"]
        lines.append(
            f"{name}: {coverage['lines_covered']:,} of {'–' if valid is None else f'{valid:,}'} lines covered"
            + (f" ({percent:.2f} %)" if percent is not None else "")
            + f" in {coverage['files']:,} files"
        )
    return [*lines, *row["warnings"]]


def _troubles(found: list[Found]) -> list[str]:
    """What belongs to no report: members that could not be opened, and that nothing was found."""
    troubles = [f"{path}: {warning}" for path, reading in found for warning in reading.warnings]
    if not any(reading.reports or reading.error for _, reading in found):
        passed = sum(len(reading.passed_over) for _, reading in found)
        troubles.append(f"No report was found: {passed} files look like none of the known formats.")
    return troubles
