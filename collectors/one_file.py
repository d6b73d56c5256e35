"""One file's bytes: which format they are in, and what they say in it."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from collectors.parsers import FORMATS
from collectors.parsers.cases import UNNAMED
from collectors.parsers.results import CoverageReport, Format, ReadReport, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES, as_utf8, bounded_name
from collectors.usual_names import usual_report

logger = logging.getLogger(__name__)

_NO_CONTENT = re.compile(rb"\s*(?:<\?xml[^>]*\?>\s*)?")
SQLITE = b"SQLite format 3\x00"
SMALLEST_DATABASE = 4096
"""A page. The names of a database's tables stand at the end of its first, so that a part of it tells nothing."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A file that looks like no report."""

    name: str


def empty(head: bytes) -> bool:
    """Whether a file whose first bytes these are holds nothing, or nothing but the head of an XML file."""
    return _NO_CONTENT.fullmatch(as_utf8(head)) is not None


def unlike_any(member: str | None, name: str, head: bytes) -> ReadReport | PassedOver:
    """A file that looks like no report; an empty one of a report's name went missing."""
    usual = usual_report(name)
    if usual and len(head) < HEAD_BYTES and empty(head):
        error = f"{name} is empty: the run ended before its report was written; look at the job's log."
        return ReadReport(member, *usual, len(head), error=error)
    if usual and usual[0] == "coverage-data" and head.startswith(SQLITE) and len(head) < SMALLEST_DATABASE:
        error = f"{name} was cut short in the first page of its database; look at what stopped the run's job."
        return ReadReport(member, *usual, len(head), error=error)
    return PassedOver(member or name)


def sniffed(head: bytes) -> Format | None:
    """The format that a file's first bytes show, or None."""
    if not head or head.isspace():
        return None
    for candidate in FORMATS:
        try:
            if candidate.sniff(head):
                return candidate
        except Exception:  # its mistake must not cost the other formats' reports
            logger.exception("sniffer %s failed", candidate.name)
    return None


def parsed(member: str | None, found: Format, data: bytes) -> ReadReport:
    """What a file of that format says, or the sentence why it cannot be read. Raises nothing."""
    report = ReadReport(member, found.name, found.kind, len(data))
    try:
        result = found.parse(data)
    except ReportError as error:
        report.error = str(error)
    except RecursionError:
        report.error = "The report is nested too deeply to be read; no tool writes it so."
    except MemoryError:
        report.error = "The report is larger than a reader's memory; split it, or raise SANDBOX_MEMORY_MEGABYTES."
    except Exception as error:  # a parser's own mistake must not cost the reports beside this one
        logger.exception("parser %s failed on %s", found.name, member)
        report.error = f"The {found.name} reader stumbled ({type(error).__name__}); please send us this file."
    else:
        report.warnings = result.warnings
        if isinstance(result, TestReport):
            report.tests = result
            _name_after_file(result, member)
        elif isinstance(result, CoverageReport):
            report.coverage = result
    return report


def _name_after_file(report: TestReport, member: str | None) -> None:
    """A file of one test that does not say its name, as Automake's ``.trs``, gives it its own."""
    if member and len(report.cases) == 1 and report.cases[0].name == UNNAMED:
        report.cases[0].name = bounded_name(member.rpartition("!")[2].rsplit(".", 1)[0])
