"""What was read of one artifact becomes rows: one transaction, safe to run twice."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from operator import attrgetter, itemgetter

from django.db import transaction
from django.utils import timezone

from collectors import interning
from collectors.contexts import store_contexts
from collectors.identity import ANSI_ESCAPE, FoldedCase, fingerprint, fold
from collectors.merging import as_reported, merge_lines
from collectors.parsers import FORMATS, PARSERS_VERSION
from collectors.parsers.results import (
    CaseResult,
    CoverageReport,
    LineBranches,
    Outcome,
    Reading,
    ReadReport,
    TestReport,
)
from collectors.paths import PathResolver
from collectors.source_lines import united
from dashboard.groups import group_of
from dashboard.models import Artifact, Report, ReportFailures
from dashboard.packing import Branches, Lines, digest_of

# What an older reader refused or passed over is read again.
READER_VERSION = PARSERS_VERSION

# A message is for reading: what is longer is cut, and says so.
LONGEST_MESSAGE = 2_000
LONGEST_DETAILS = 20_000
LONGEST_NAME = 1_000
MOST_FAILURES = 5_000
# Names are kept of the first members that are no report, and all are counted.
MOST_PASSED_OVER = 200
MOST_WARNINGS = 20

MEANINGS = {known.name: known.meaning for known in FORMATS}

# What to do about a report that cannot be read, whatever is wrong with it.
ADVICE = "Run its job again, or look at what stopped it while it wrote; the next night reads what is new."


def refusal(error: str) -> str:
    """The sentence that the pages show of a refused report: what is wrong, and what to do."""
    return f"{error} {ADVICE}"


def store_reading(artifact: Artifact, reading: Reading, sha256: str, resolver: PathResolver) -> None:
    """Store all reports of an artifact, replacing what an earlier reading of the same artifact left."""
    with transaction.atomic():
        if artifact.read_at is not None:
            Report.objects.filter(repository_id=artifact.repository_id, artifact=artifact).delete()
        for read in reading.reports:
            _store_report(artifact, read, resolver)
        artifact.sha256 = sha256
        artifact.state, artifact.reason = _state_of(reading)
        artifact.passed_over = [_clean(name, LONGEST_NAME) for name in reading.passed_over[:MOST_PASSED_OVER]]
        artifact.passed_over_count = len(reading.passed_over)
        artifact.warnings = [_clean(warning, LONGEST_MESSAGE) for warning in reading.warnings[:MOST_WARNINGS]]
        artifact.read_at = timezone.now()
        artifact.reader_version = READER_VERSION
        artifact.counted = False
        artifact.same_as = None
        artifact.save()


def _state_of(reading: Reading) -> tuple[str, str]:
    """The artifact's state and the sentence that explains it."""
    if reading.error:
        return Artifact.State.REJECTED, _clean(reading.error, LONGEST_MESSAGE)
    if not reading.reports:
        return Artifact.State.PASSED_OVER, "Nothing in it looks like a test or coverage report."
    refused = [read for read in reading.reports if read.error]
    if len(refused) == len(reading.reports):
        return Artifact.State.REJECTED, _clean(refusal(refused[0].error or ""), LONGEST_MESSAGE)
    return Artifact.State.READ, ""


def _store_report(artifact: Artifact, read: ReadReport, resolver: PathResolver) -> None:
    report = Report(
        repository=artifact.repository,
        artifact=artifact,
        member=_bounded(read.member or ""),
        format=read.format,
        kind=read.kind,
        size=read.size,
        error=_clean(refusal(read.error), LONGEST_MESSAGE) if read.error else "",
        warnings=[_clean(warning, LONGEST_MESSAGE) for warning in read.warnings[:MOST_WARNINGS]],
        meaning="" if read.error else MEANINGS.get(read.format, ""),
        group=group_of(artifact.name, artifact.repository.groups_chosen),
    )
    failures: ReportFailures | None = None
    if read.error is None and read.tests is not None:
        failures = _fill_tests(report, read.tests)
    elif read.error is None and read.coverage is not None:
        _fill_coverage(report, read.coverage, resolver)
    report.save()
    if failures is not None:
        failures.report = report
        failures.save()
    if read.error is None and read.coverage is not None and artifact.run.is_trend:
        store_contexts(report, read.coverage, resolver)


def _fill_tests(report: Report, tests: TestReport) -> ReportFailures | None:
    """The report's own counts, its packed results, and its failures (not saved yet)."""
    counts = tests.counts()
    report.tests_total, report.tests_passed = counts.total, counts.passed
    report.tests_failed, report.tests_errors = counts.failed, counts.errors
    report.tests_skipped = counts.skipped
    report.duration_ms = None if tests.duration is None else round(tests.duration * 1000)
    cases = fold(_cleaned(tests.cases), report.group)
    cases.sort(key=attrgetter("identity"))
    roster = interning.intern_roster(report.repository, cases, [case.duration for case in cases])
    report.results = interning.store_results(
        roster,
        [case.outcome for case in cases],
        [case.flaky for case in cases],
        [case.duration for case in cases],
    )
    pairs = zip(roster.case_ids, cases, strict=True)
    least = Outcome.FAILED
    failed = [(pk, case) for pk, case in pairs if case.outcome >= least][:MOST_FAILURES]
    return _failures(report, failed) if failed else None


def _failures(report: Report, failed: list[tuple[int, FoldedCase]]) -> ReportFailures:
    """The failing tests, each with its row's id."""
    failed.sort(key=itemgetter(0))
    texts: dict[bytes, tuple[str, str]] = {}
    prints: list[bytes] = []
    for _, case in failed:
        message = _clean(case.message, LONGEST_MESSAGE)
        details = _clean(case.details, LONGEST_DETAILS)
        prints.append(fingerprint(message, details))
        texts.setdefault(prints[-1], (message, details))
    messages = interning.intern_messages(report.repository, texts)
    return ReportFailures(
        repository_id=report.repository_id,
        case_ids=[pk for pk, _ in failed],
        message_ids=[messages[mark] for mark in prints],
        errors=[pk for pk, case in failed if case.outcome is Outcome.ERROR],
    )


def _fill_coverage(report: Report, coverage: CoverageReport, resolver: PathResolver) -> None:
    counts = coverage.counts()
    report.files = counts.files
    report.lines_valid, report.lines_covered = counts.lines_valid, counts.lines_covered
    report.branches_valid, report.branches_covered = counts.branches_valid, counts.branches_covered
    # A report with totals only has no file; its own counts are kept, and no line map stands for them.
    if coverage.files:
        report.manifest = interning.intern_manifest(report.repository, resolved_files(coverage, resolver))


def resolved_files(coverage: CoverageReport, resolver: PathResolver) -> dict[tuple[str, bool], Lines]:
    """A report's files by (path, resolved): entries that are one file are merged, others stay apart (rule 5)."""
    entries: dict[tuple[str, bool], list[Lines]] = {}
    alike: dict[int, Branches] = {}
    places = resolver.resolve_all([(file.path, file.roots) for file in coverage.files])
    for file, (path, resolved) in zip(coverage.files, places, strict=True):
        lines = Lines(file.lines, _reported(file.branches, alike) if file.branches else {}, file.executed_only)
        entries.setdefault((_bounded(path), resolved), []).append(lines)
    files = {}
    for (path, resolved), same in entries.items():
        if len(same) == 1:
            files[path, resolved] = same[0]
        elif resolved:
            # What only ran keeps its steps too: the source may tell branches of them.
            only_ran = all(lines.executed_only for lines in same)
            files[path, resolved] = united(same) if only_ran else merge_lines(same)
        else:
            # Several files of one name under different roots, and the tree does not tell which is which.
            for number, lines in enumerate(same, start=1):
                files[f"{path} [{number}]" if number > 1 else path, False] = lines
    return files


def _reported(branches: Mapping[int, LineBranches], alike: dict[int, Branches]) -> dict[int, Branches]:
    """The branches of a file's lines as they are merged; lines that share one object are looked at once.

    ``alike`` is by ``id``, which is one object's as long as the report that holds them all is at hand.
    """
    reported = {}
    for number, found in branches.items():
        known = alike.get(id(found))
        if known is None:
            known = alike[id(found)] = as_reported(found)
        reported[number] = known
    return reported


def _cleaned(cases: Sequence[CaseResult]) -> Sequence[CaseResult]:
    """Cases whose names can be stored; two names that differ only past the limit stay two by their hash."""
    names = [case.name for case in cases]
    for shared in (
        {case.suite for case in cases},
        {case.classname for case in cases},
        {case.file for case in cases},
    ):
        names += shared
    if max(map(len, names), default=0) > LONGEST_NAME or not "".join(names).isprintable():  # as hardly ever
        for case in cases:
            for name in ("suite", "classname", "name", "file"):
                setattr(case, name, _bounded(getattr(case, name)))
    return cases


def _bounded(name: str) -> str:
    if len(name) <= LONGEST_NAME and name.isprintable():
        return name  # as nearly all are
    tidy = _clean(name, sys.maxsize)
    if len(tidy) <= LONGEST_NAME:
        return tidy
    return f"{tidy[: LONGEST_NAME - 12]}… {digest_of(tidy.encode()).hex()[:8]}"


def _clean(text: str, longest: int) -> str:
    """Text that PostgreSQL can hold and a page can show: no NUL, no terminal escapes, bounded."""
    text = ANSI_ESCAPE.sub("", text).replace("\x00", "�") if "\x1b" in text or "\x00" in text else text
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= longest else text[: longest - 1] + "…"
