"""An estate in which everything went wrong once: what pages show where data are missing, late or senseless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.urls import reverse
from django.utils import timezone

from collectors.rollup import refresh_repository
from dashboard.models import Artifact, Repository, RepositoryCollection, Snapshot, WorkflowRun
from dashboard.packing import Lines
from tests import factories
from tests.dashboard.uploads import report, upload

MARKUP = "<b>bold</b> <script>alert(1)</script> & “quoted” \u202egnp.exe"
GONE = "The repository was not found (404): it was deleted, or the credential may no longer see it."


def fill_broken() -> list[Repository]:
    """A repository for each thing that may be wrong, named after it."""
    org = factories.organization("acme", title=MARKUP)
    made = [
        _without_reports(factories.repository(org, "commits-without-reports")),
        _refused(factories.repository(org, "refused-artifacts")),
        _wrong_dates(factories.repository(org, "wrong-dates")),
        _vanished(factories.repository(org, "vanished")),
        _expired(factories.repository(org, "expired-artifacts")),
        _lines_unknown(factories.repository(org, "coverage-without-lines")),
        _no_tests(factories.repository(org, "zero-tests")),
        factories.repository(org, "markup-in-names", tags=[MARKUP[:60]], description=MARKUP, default_branch="<i>"),
    ]
    _marked_up(made[-1])
    factories.roll_up()
    night = factories.collection()
    for repo in made:
        RepositoryCollection.objects.create(
            collection=night, repository=repo, state="failed" if repo.name == "vanished" else "collected",
            error=GONE if repo.name == "vanished" else "", lit_at=timezone.now(),
            started_at=night.started_at, finished_at=night.finished_at,
        )  # fmt: skip
    return made


def broken_addresses(made: list[Repository]) -> Iterator[str]:
    """The estate, and of each repository all pages of one name, its newest run, commit and artifact."""
    yield from ("/", "/figures/coverage/", "/ingest/")
    for repo in made:
        of_it = (repo.organization.login, repo.name)
        yield from (reverse(name, args=of_it) for name in ("repository", "tests", "failures", "coverage", "runs"))
        for run in WorkflowRun.objects.filter(repository=repo).order_by("-started_at")[:1]:
            yield reverse("run", args=(*of_it, run.github_id))
        for artifact in Artifact.objects.filter(repository=repo).order_by("-created_at", "-pk")[:1]:
            yield reverse("artifact", args=(*of_it, artifact.github_id))
        for point in Snapshot.objects.filter(repository=repo).order_by("-ordered_at")[:1]:
            yield reverse("commit", args=(*of_it, point.sha))


def _without_reports(repo: Repository) -> Repository:
    factories.snapshot(repo, days_ago=9)
    for days_ago in (2, 1, 0):
        sha = factories.sha_of(repo.name, days_ago)
        run = factories.run(repo, sha, factories.today_at(days_ago=days_ago), conclusion="failure")
        told = {"head_sha": sha, "head_committed_at": run.created_at, "head_state": "failed_before_reports"}
        Repository.objects.filter(pk=repo.pk).update(**told, head_run_url=run.url)
    return repo


def _refused(repo: Repository) -> Repository:
    point = factories.snapshot(repo, days_ago=1)
    assert point.run is not None
    upload(point.run, "too-large", "rejected", reason="Refused: 612 MB unpacked, the limit is 256 MB.")
    cut = upload(point.run, "broken-off", "read", cpu_ms=4, wall_ms=9, peak_bytes=30_000_000, output_bytes=300)
    report(cut, "reports/junit.xml", error="No element found at line 812, column 4: the file breaks off.")
    upload(point.run, "not-a-zip", "rejected", reason="Refused: it is no zip archive.")
    return repo


def _wrong_dates(repo: Repository) -> Repository:
    for year in (1970, 2019, 2099):
        factories.snapshot(
            repo, when=datetime(year, 1, 1, tzinfo=UTC), title=f"Committed in {year}, says its author"
        )
    factories.snapshot(repo)
    return repo


def _vanished(repo: Repository) -> Repository:
    factories.snapshot(repo, days_ago=40, tests=(8, 2, 0, 0))
    lost = {"lost_at": timezone.now() - timedelta(days=3), "error": GONE, "error_at": timezone.now()}
    Repository.objects.filter(pk=repo.pk).update(**lost, url="")
    return repo


def _expired(repo: Repository) -> Repository:
    run = factories.run(repo, factories.sha_of(repo.name), factories.today_at(days_ago=100))
    for name in ("test-results", "coverage"):
        gone = run.created_at + timedelta(days=90)
        upload(run, name, "expired", expires_at=gone, reason="It expired before it was read.")
    told = {"head_sha": run.head_sha, "head_committed_at": run.created_at, "head_state": "expired"}
    Repository.objects.filter(pk=repo.pk).update(**told, head_run_url=run.url)
    return repo


def _lines_unknown(repo: Repository) -> Repository:
    for days_ago in (2, 1, 0):
        point = factories.snapshot(repo, days_ago=days_ago, tests=None, lines=(80 + days_ago, None))
    factories.covered(point, {("src/a.py", True): Lines({1: 1, 2: 1})})
    return repo


def _no_tests(repo: Repository) -> Repository:
    factories.snapshot(repo, days_ago=1)
    factories.snapshot(repo, tests=(0, 0, 0, 0), lines=(0, 0))
    return repo


def _marked_up(repo: Repository) -> None:
    for days_ago in (2, 1, 0):
        point = factories.snapshot(repo, days_ago=days_ago, tests=(8, 1, 0, 0), title=MARKUP)
        factories.results(point, {MARKUP: "F", f"{MARKUP} again": "P"}, classname=MARKUP)
    factories.failure(point, MARKUP, f"{MARKUP}\n" * 20, classname=MARKUP)
    factories.covered(point, {(f"src/{MARKUP}.py", True): Lines({1: 1, 2: 0}), ("../out.py", False): Lines({1: 0})})
    assert point.run is not None
    WorkflowRun.objects.filter(pk=point.run.pk).update(title=MARKUP, workflow_name=MARKUP)
    report(upload(point.run, MARKUP, warnings=[MARKUP]), f"reports/{MARKUP}.xml", passed=3, failed=1)
    refresh_repository(repo)
