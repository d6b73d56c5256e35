"""Collected by the real worker, every figure is the one that the tool itself printed."""

from __future__ import annotations

import json
import subprocess

from collectors.lookalike.server import LookAlike
from dashboard.models import Artifact, Collection, Report, Repository, Snapshot
from tests.end_to_end.conftest import manage
from tests.lookalike.truth import newest_by_repository, total_of, truths

Figures = tuple[int | None, ...]


def figures_of(row: Repository | Snapshot) -> Figures:
    tests = (row.tests_total, row.tests_passed, row.tests_failed, row.tests_errors, row.tests_skipped)
    return (*tests, row.lines_valid, row.lines_covered)


def test_every_repository_shows_its_tools_own_totals(
    github: LookAlike,
    repositories: list[Repository],
    worker: subprocess.Popen[bytes],
    environment: dict[str, str],
) -> None:
    done = manage(environment, "collect", "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["collected"] == len(repositories) and summary["failed"] == 0
    assert summary["artifacts"] == Artifact.objects.filter(state="read").count()

    truth = newest_by_repository()
    shown = {row.full_name: figures_of(row) for row in Repository.objects.all()}
    assert shown == {
        name: (t.tests, t.passed, t.failed, t.errors, t.skipped, t.lines_valid, t.lines_covered)
        for name, t in truth.items()
    }
    assert shown["organvm-i-theoria/recursive-engine--generative-entity"] == (1254, 1254, 0, 0, 0, 7765, 6605)

    # The trend rises and falls over ten real commits, each with the totals of its own report.
    trend = Snapshot.objects.filter(repository__name="recursive-engine--generative-entity").oldest_first()
    commits: dict[str, list] = {}
    for each in truths():
        if each.repository.endswith("recursive-engine--generative-entity"):
            commits.setdefault(each.sha, []).append(each)
    expected = [total_of(reports) for reports in commits.values()]
    assert [(point.sha, point.tests_total, point.lines_covered) for point in trend] == [
        (each.sha, each.tests, each.lines_covered) for each in expected
    ]
    assert len(expected) == 10

    # From each figure to the artifact with its digest, which is that of the bytes GitHub served.
    for report in Report.objects.select_related("artifact__run"):
        served = github.estate.artifacts[report.artifact.github_id]
        assert f"sha256:{report.artifact.sha256}" == github.estate.measure(served)[1]

    # A second collection downloads nothing and changes nothing.
    before = list(Snapshot.objects.order_by("id").values())
    github.forget()
    again = json.loads(manage(environment, "collect", "--json").stdout.splitlines()[-1])
    assert again["unchanged"] == len(repositories) and again["requests"]["downloads"] == 0
    assert not github.downloads
    assert list(Snapshot.objects.order_by("id").values()) == before
    assert not Collection.objects.filter(finished_at=None).exists()
