"""Rows for tests: small functions that store what a collection would store, and let the real roll-up sum it up.

acme = organization("acme", title="Acme")
api = repository(acme, "api", tags=["flagship"])
snapshot(api, days_ago=1, tests=(10, 0, 0, 0), lines=(80, 100))
snapshot(api, tests=(9, 1, 0, 0), lines=(70, 100))     # today: it broke, and lost 10 points
roll_up()                                              # the day rows that headlines are drawn from
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.day_sums import sum_up
from collectors.group_figures import TESTS, test_figures
from collectors.identity import FoldedCase
from collectors.interning import intern_manifest, intern_roster, store_results
from collectors.parsers.results import Outcome
from collectors.rollup import refresh_repository
from dashboard.models import (
    Artifact,
    Case,
    Collection,
    Failure,
    FailureMessage,
    Organization,
    Report,
    ReportFailures,
    Repository,
    Snapshot,
    SnapshotGroup,
    WorkflowRun,
)
from dashboard.packing import Lines, digest_of

Outcomes = tuple[int, int, int, int]
"""Passed, failed, errors, skipped."""

WORKFLOW = ".github/workflows/ci.yml"


def today_at(hour: int = 3, days_ago: int = 0) -> datetime:
    """That hour of today (UTC), or of a day before it."""
    now = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return now - timedelta(days=days_ago)


def organization(login: str = "acme", **fields: Any) -> Organization:
    """The organization of that login, made when it is not there yet."""
    return Organization.objects.get_or_create(login=login, defaults=fields)[0]


def repository(org: Organization | None = None, name: str = "api", **fields: Any) -> Repository:
    """A public repository that never reported; ``archived=True`` archives it."""
    if fields.pop("archived", False):
        fields["archived_by_file"] = True
    owner = org or organization()
    fields = {
        "private": False,
        "url": f"https://github.com/{owner.login}/{name}",
        "default_branch": "main",
        "language": "Python",
    } | fields
    return Repository.objects.create(organization=owner, name=name, **fields)


def sha_of(*parts: object) -> str:
    return hashlib.sha1(repr(parts).encode(), usedforsecurity=False).hexdigest()


def run(repo: Repository, sha: str, at: datetime, **fields: Any) -> WorkflowRun:
    """A green run of the default branch; ids follow from the commit, so the same call twice is an error."""
    return WorkflowRun.objects.create(**_run_fields(repo, sha, at) | fields)


def snapshot(
    repo: Repository,
    days_ago: int = 0,
    when: datetime | None = None,
    tests: Outcomes | None = (10, 0, 0, 0),
    lines: tuple[int, int | None] | None = (80, 100),
    **fields: Any,
) -> Snapshot:
    """A commit with one run, one artifact for tests and one for coverage; then the repository's row is renewed.

    ``lines`` are covered and valid. ``None`` leaves that kind of evidence out.
    """
    stored = _store(repo, [_point(repo, when or today_at(days_ago=days_ago), tests, lines, fields)])[0]
    refresh_repository(repo)
    return stored


def snapshot_row(repo: Repository, when: datetime, **fields: Any) -> Snapshot:
    """A commit with its run and no figures yet; the repository's row is not renewed."""
    return _store(repo, [_point(repo, when, None, None, fields)])[0]


OUTCOMES = {"S": (0, False), "P": (1, False), "F": (2, False), "E": (3, False), "R": (1, True)}


def results(
    point: Snapshot,
    outcomes: Mapping[str, str],
    group: str = "default",
    durations: Mapping[str, float] | None = None,
    classname: str = "",
) -> SnapshotGroup:
    """What a report group's own tests said at that commit: name → P, F, E, S or R (passed on a retry).

    The commit's figures follow; the repository's row is not renewed.
    """
    cases = [
        FoldedCase(
            identity=digest_of(group.encode(), classname.encode(), name.encode()),
            group=group,
            suite="",
            classname=classname,
            name=name,
            file="",
            outcome=Outcome(OUTCOMES[letter][0]),
            flaky=OUTCOMES[letter][1],
            duration=(durations or {}).get(name, 0.25),
            message="",
            details="",
        )
        for name, letter in outcomes.items()
    ]
    cases.sort(key=lambda case: case.identity)
    roster = intern_roster(point.repository, cases, [case.duration for case in cases])
    stored = store_results(
        roster, [case.outcome for case in cases], [case.flaky for case in cases], [case.duration for case in cases]
    )
    row = SnapshotGroup.objects.create(
        repository=point.repository,
        snapshot=point,
        name=group,
        results=stored,
        legs=1,
        leg_names=[f"{WORKFLOW}, {group}"],
        **test_figures(stored, len(cases), ()),
    )
    rows = list(SnapshotGroup.objects.filter(snapshot=point))
    figures = {name: sum(getattr(each, name) or 0 for each in rows) for name in TESTS}
    Snapshot.objects.filter(pk=point.pk).update(**figures)
    return row


def covered(point: Snapshot, files: dict[tuple[str, bool], Lines]) -> None:
    """Give a commit the files of a coverage report."""
    manifest = intern_manifest(point.repository, files)
    Snapshot.objects.filter(pk=point.pk).update(manifest=manifest, files=len(files))


def failure(point: Snapshot, name: str = "test_login", message: str = "assert 1 == 2", **fields: Any) -> Failure:
    """A failing test of that commit, in its report of tests. ``outcome`` is 2 (failed) unless given."""
    report = Report.objects.get(artifact__run__head_sha=point.sha, repository=point.repository, kind="tests")
    case_fields = {key: fields.pop(key) for key in ("group", "suite", "classname", "file") if key in fields}
    case_fields = {"group": "default", "classname": "", **case_fields}
    case, _ = Case.objects.get_or_create(
        repository=point.repository,
        identity=digest_of(case_fields["group"].encode(), case_fields["classname"].encode(), name.encode()),
        defaults={"name": name, **case_fields},
    )
    text, _ = FailureMessage.objects.get_or_create(
        repository=point.repository,
        fingerprint=digest_of(message.encode()),
        defaults={"message": message, "details": fields.pop("details", "")},
    )
    outcome = fields.pop("outcome", 2)
    assert not fields
    fail(report, [(case.pk, text.pk, outcome)])
    refresh_repository(point.repository)
    return Failure.objects.get(report=report, case=case)


def fail(report: Report, failing: Sequence[tuple[int, int, int]]) -> None:
    """Add (case, message, outcome) to what failed in a report."""
    row = ReportFailures.objects.filter(report=report).first() or ReportFailures(
        repository_id=report.repository_id, report=report, case_ids=[], message_ids=[]
    )
    outcomes = [
        (case, text, 3 if case in row.errors else 2)
        for case, text in zip(row.case_ids, row.message_ids, strict=True)
    ]
    found = sorted([*outcomes, *failing])
    row.case_ids, row.message_ids = [case for case, _, _ in found], [text for _, text, _ in found]
    row.errors = [case for case, _, outcome in found if outcome == 3]
    row.save()


def roll_up() -> None:
    """The organizations' and the estate's day rows, from the first day with evidence to today."""
    sum_up(datetime.now(UTC).date(), all_up_to_today=True)


def collection(minutes: int = 38, **fields: Any) -> Collection:
    """A night that ended at 03:00 UTC today, or what ``fields`` say; ``finished_at=None`` is still running."""
    requests = {"rest": 400, "graphql": 3, "downloads": 82, "limit": 15_000}
    stored = Collection.objects.create(
        **{"trigger": "night", "finished_at": today_at(), "requests": requests} | fields
    )
    started = today_at() - timedelta(minutes=minutes)
    Collection.objects.filter(pk=stored.pk).update(started_at=started)
    stored.started_at = started
    return stored


def estate(repositories: int = 5, nights: int = 3, organizations: int = 2) -> list[Repository]:
    """Many repositories with a commit a night, one in ten failing tonight, one in seven without evidence."""
    orgs = [organization(f"org-{number}", title=f"Org {number}") for number in range(organizations)]
    made = []
    for number in range(repositories):
        repo = repository(
            orgs[number % organizations], f"repo-{number}", tags=["flagship"] if number % 5 == 0 else []
        )
        made.append(repo)
        if number % 7 == 6:
            continue
        points = []
        for night in range(nights, 0, -1):
            broken = int(number % 10 == 0 and night == 1)
            tests = (10 + number - broken, broken, 0, 0)
            points.append(_point(repo, today_at(days_ago=night - 1), tests, (60 + number % 40, 100), {}))
        _store(repo, points)
        refresh_repository(repo)
    roll_up()
    return made


def _run_fields(repo: Repository, sha: str, at: datetime) -> dict[str, Any]:
    number = int(sha_of(repo.full_name, sha, at)[:12], 16)
    return {
        "repository": repo,
        "github_id": number,
        "workflow_path": WORKFLOW,
        "workflow_name": "CI",
        "title": "Push to main",
        "run_number": number % 1_000,
        "event": "push",
        "status": "completed",
        "conclusion": "success",
        "head_branch": "main",
        "head_sha": sha,
        "head_repository_id": repo.github_id,
        "is_trend": True,
        "committed_at": at,
        "created_at": at,
        "started_at": at,
        "updated_at": at,
        "url": f"https://github.com/{repo.full_name}/actions/runs/{number}",
    }


def _point(
    repo: Repository,
    at: datetime,
    tests: Outcomes | None,
    lines: tuple[int, int | None] | None,
    fields: dict[str, Any],
) -> Snapshot:
    """The commit as it will be stored, without its run."""
    values: dict[str, Any] = {
        "repository": repo,
        "sha": sha_of(repo.full_name, at),
        "committed_at": at,
        "ordered_at": at,
        "run_started_at": at,
        "evidence": Repository.Evidence.REPORT,
        "evidence_at": at,
    }
    if tests is not None:
        names = ("tests_passed", "tests_failed", "tests_errors", "tests_skipped")
        values |= dict(zip(names, tests, strict=True)) | {
            "tests_total": sum(tests),
            "tests_executions": sum(tests),
            "tests_flaky": 0,
            "duration_ms": 1_000 * sum(tests),
        }
    if lines is not None:
        values |= {"lines_covered": lines[0], "lines_valid": lines[1], "files": 1}
    return Snapshot(**values | fields)


def _store(repo: Repository, points: list[Snapshot]) -> list[Snapshot]:
    """Runs, artifacts, reports and points, four statements whatever their number."""
    runs = WorkflowRun.objects.bulk_create(
        WorkflowRun(**_run_fields(repo, point.sha, point.ordered_at), left_branch=not point.reachable)
        for point in points
    )
    artifacts, reports = [], []
    for stored_run, point in zip(runs, points, strict=True):
        point.run = stored_run
        for kind, known in (("tests", point.tests_total), ("coverage", point.lines_covered)):
            if known is not None:
                artifacts.append(_artifact(stored_run, point, kind))
                reports.append(_report(artifacts[-1], point, kind))
    Artifact.objects.bulk_create(artifacts)
    Report.objects.bulk_create(reports)
    return Snapshot.objects.bulk_create(points)


def _artifact(stored_run: WorkflowRun, point: Snapshot, kind: str) -> Artifact:
    sha256 = hashlib.sha256(f"{point.sha} {kind}".encode()).hexdigest()
    return Artifact(
        repository=point.repository,
        run=stored_run,
        github_id=int(sha256[:12], 16),
        name="test-results" if kind == "tests" else "coverage",
        size=2_048,
        digest=sha256,
        sha256=sha256,
        created_at=point.evidence_at,
        expires_at=point.evidence_at + timedelta(days=90),
        state=Artifact.State.READ,
        read_at=point.evidence_at,
        reader_version=1,
        counted=True,
    )


def _report(artifact: Artifact, point: Snapshot, kind: str) -> Report:
    if kind == "tests":
        names = ("tests_total", "tests_passed", "tests_failed", "tests_errors", "tests_skipped", "duration_ms")
        member, format_name = "junit.xml", "junit"
    else:
        names = ("files", "lines_valid", "lines_covered")
        member, format_name = "coverage.xml", "cobertura"
    figures = {name: getattr(point, name) for name in names}
    return Report(
        repository=point.repository, artifact=artifact, member=member, format=format_name, kind=kind, **figures
    )
