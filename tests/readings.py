"""Commits stored as a collection stores them, from parsed reports on: for tests of what lies behind the pages.

repo = factories.repository()
read_commit(repo, today_at(days_ago=3), {"tests": cases(logs_in="P", pays="F")}, {"src/cart.py": {1: 1, 2: 0}})
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

from collectors.carrying import bring_forward
from collectors.ingest import store_reading
from collectors.parsers.results import (
    CaseResult,
    CoverageReport,
    FileCoverage,
    Outcome,
    Reading,
    ReadReport,
    TestReport,
)
from collectors.paths import PathResolver
from collectors.rollup import refresh_repository
from collectors.snapshots import put_together
from dashboard.models import Artifact, Repository, Snapshot, WorkflowRun
from tests import factories

LETTERS = {"P": Outcome.PASSED, "F": Outcome.FAILED, "E": Outcome.ERROR, "S": Outcome.SKIPPED}


def cases(**outcomes: str) -> TestReport:
    """Tests by name, each a letter of ``LETTERS``; a failing one says which it is."""
    found = [
        CaseResult(
            "suite", "tests.Shop", name, LETTERS[letter], 0.25, f"{name} went wrong" if letter in "FE" else ""
        )
        for name, letter in outcomes.items()
    ]
    return TestReport(found, 0.25 * len(found))


def read_commit(
    repo: Repository,
    at: datetime,
    tests: Mapping[str, TestReport] | None = None,
    lines: Mapping[str, dict[int, int]] | None = None,
) -> Snapshot:
    """A commit of that moment with an artifact for each of ``tests`` and one for coverage, and all that follows."""
    run = factories.run(repo, factories.sha_of(repo.full_name, at), at)
    for name, report in (tests or {}).items():
        read_artifact(run, name, ReadReport(f"{name}.xml", "junit", "tests", 1, tests=report))
    if lines is not None:
        coverage = CoverageReport([FileCoverage(path, hits) for path, hits in lines.items()])
        read_artifact(run, "coverage", ReadReport("coverage.xml", "cobertura", "coverage", 1, coverage=coverage))
    snapshot = put_together(repo, run.head_sha)
    bring_forward(repo)
    refresh_repository(repo)
    assert snapshot is not None
    return snapshot


def read_artifact(run: WorkflowRun, name: str, read: ReadReport) -> Artifact:
    """Upload and read one artifact of a run; the same name again is read anew."""
    sha256 = hashlib.sha256(f"{run.head_sha} {name}".encode()).hexdigest()
    artifact, _ = Artifact.objects.get_or_create(
        repository=run.repository,
        run=run,
        name=name,
        github_id=int(sha256[:12], 16),
        defaults={
            "size": 1,
            "digest": sha256,
            "created_at": run.created_at,
            "expires_at": run.created_at + timedelta(90),
        },
    )
    store_reading(artifact, Reading(reports=[read]), sha256, PathResolver(["src/cart.py", "src/stock.py"]))
    return artifact
