"""CUnit's XML (``CU_automated_run_tests``).

Written by: CUnit 2.1 (roots ``CUNIT_TEST_RUN_REPORT``) and its forks.
Specified in: ``CUnit-Run.dtd`` of CUnit.
Read: every test record with its condition and file; a suite that could not be set up.
Dropped: assertions beyond the first of a test, the summary apart from its totals.
Meaning: a test with a failed assertion is failed, once: failures of one name that follow one another are its
    assertions, others are other tests. A suite whose initialization or cleanup failed is an error of its own,
    named after it. The file gives no durations.
Differences:
* CUnit: its totals count tests that did not run (inactive ones, those of a suite that could not be set up); the
  file does not name them.

Notes: CUnit writes names as they are, so that ``<`` in one breaks the XML. The file is therefore cut at its own
tags. CUnit's list of tests (``CUNIT_TEST_LIST_REPORT``) is no report.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from collectors.parsers import safe_xml
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8, count

_ROOT = "CUNIT_TEST_RUN_REPORT"
_TAG = re.compile(
    r"<(/?(?:CUNIT_RUN_SUITE(?:_SUCCESS|_FAILURE)?|CUNIT_RUN_GROUP(?:_SUCCESS|_FAILURE)?|CUNIT_RUN_TEST_(?:SUCCESS"
    r"|FAILURE)|CUNIT_RUN_SUMMARY_RECORD|SUITE_NAME|GROUP_NAME|TEST_NAME|FILE_NAME|LINE_NUMBER|CONDITION"
    r"|FAILURE_REASON|TYPE|TOTAL|SUCCEEDED|FAILED))>"
)


def sniff(head: bytes) -> bool:
    """Whether this is a run of CUnit's tests."""
    return safe_xml.root(head)[0] == _ROOT


def parse(data: bytes) -> TestReport:
    """Read all test records. Raises ReportError."""
    text = as_utf8(data).decode("utf-8", "replace")
    if f"<{_ROOT}" not in text:
        raise ReportError(f"The file holds no <{_ROOT}> element.")
    if not text.rstrip().endswith(f"</{_ROOT}>"):
        raise ReportError(f"The file was cut short: </{_ROOT}> is missing at its end.")
    cases = Cases()
    own: dict[str, int | None] = {}
    suite = ""
    last: tuple[str, str, str] | None = None
    for kind, said in _records(text):
        suite = said.get("SUITE_NAME") or said.get("GROUP_NAME") or suite
        before, last = last, (kind, suite, said.get("TEST_NAME", ""))
        if kind == "CUNIT_RUN_SUMMARY_RECORD":
            if said.get("TYPE", "").lower() in ("test cases", "tests"):
                own = {"total": count(said.get("TOTAL")), "failed": count(said.get("FAILED"))}
        elif kind == "CUNIT_RUN_TEST_FAILURE":
            if last != before:
                _add_failure(cases, suite, said)
        elif kind == "CUNIT_RUN_TEST_SUCCESS":
            cases.add(suite="", classname=suite, name=said.get("TEST_NAME", ""), outcome=Outcome.PASSED)
        elif kind.endswith("_FAILURE"):
            reason = said.get("FAILURE_REASON", "")
            cases.add(classname=suite, name=suite, outcome=Outcome.ERROR, message=reason)
    return cases.report([], own)


def _records(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The closing tags of records, each with the fields since the last one."""
    said: dict[str, str] = {}
    pieces = _TAG.split(text)
    for tag, behind in zip(pieces[1::2], pieces[2::2], strict=True):
        if not tag.startswith("/"):
            said[tag] = html.unescape(behind).strip()
        elif tag.startswith("/CUNIT_"):
            yield tag[1:], said
            said = {}


def _add_failure(cases: Cases, suite: str, said: dict[str, str]) -> None:
    file, condition = said.get("FILE_NAME", ""), said.get("CONDITION", "")
    cases.add(
        classname=suite,
        name=said.get("TEST_NAME", ""),
        outcome=Outcome.FAILED,
        message=condition,
        details=f"{file}:{said.get('LINE_NUMBER', '')}: {condition}",
        file=file,
    )


CUNIT = Format("cunit", "tests", sniff, parse)
