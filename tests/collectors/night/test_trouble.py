"""Bad input and bad weather: a sentence is left, nothing half-stored, and the next night mends it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from collectors import collect, snapshots
from collectors.ingest import ADVICE
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, zip_of
from dashboard.models import Artifact, Organization, Report, Repository, RepositoryCollection, Results, Snapshot
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit, junit_zip


@pytest.fixture
def healthy(github: LookAlike, repository: Repository) -> Repository:
    """A second repository, which must come in whatever happens to the first."""
    fake = github.estate.add_repository("acme/healthy")
    run = github.estate.add_run(fake)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    return Repository.objects.create(organization=repository.organization, name="healthy")


@pytest.mark.parametrize(
    "content",
    [
        b"this is no zip",
        b"PK\x03\x04 and then nothing of one",
        zip_of({"junit.xml": junit(adds="P", removes="F")})[:-60],
        zip_of({"junit.xml": junit(adds="P", removes="F")[:-40]}),
        zip_of({"junit.xml": b""}),
        zip_of({"readme.txt": b"hello"}),
    ],
    ids=["no zip", "zip cut to nothing", "zip cut", "report cut", "report empty", "no report"],
)
def test_a_bad_artifact_leaves_a_sentence_and_the_report_beside_it_comes_in(
    content: bytes, github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "bad-results", content)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    summary = collect_now()
    assert summary["failed"] == 0 and summary["collected"] == 1
    bad = Artifact.objects.get(name="bad-results")
    assert bad.state in (Artifact.State.REJECTED, Artifact.State.PASSED_OVER)
    assert bad.reason.endswith(".") and len(bad.reason) > 20
    repository.refresh_from_db()
    assert repository.tests_total == 1
    assert not Report.objects.filter(artifact=bad, error="").exists()
    github.forget()
    collect_now()
    assert not github.downloads


def test_a_cut_report_beside_a_healthy_one_in_the_same_zip_is_refused_alone(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    both = zip_of({"a.xml": junit(adds="P", removes="P")[:-30], "b.xml": junit(sells="P")})
    github.estate.add_artifact(run, "test-results", both)
    collect_now()
    repository.refresh_from_db()
    assert repository.tests_total == 1
    assert Report.objects.get(member="a.xml").error
    entry = RepositoryCollection.objects.get()
    assert entry.warnings and "a.xml" in entry.warnings[0] and ADVICE in entry.warnings[0]
    assert Report.objects.get(member="a.xml").error.endswith(ADVICE)


def test_an_expired_artifact_is_expired_and_no_failure(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"), expired=True)
    summary = collect_now()
    assert summary["failed"] == 0 and summary["no_evidence"] == 1
    assert Artifact.objects.get().state == Artifact.State.EXPIRED
    repository.refresh_from_db()
    assert "expired" in repository.reason and repository.head_state == "expired"


def test_an_artifact_that_expires_between_list_and_download_is_expired_too(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    github.add_fault(r"/zip$", status=410, body=b'{"message": "Artifact has expired"}', times=None)
    assert collect_now()["failed"] == 0
    assert Artifact.objects.get().state == Artifact.State.EXPIRED


@pytest.mark.parametrize("path", [r"repos/acme/shop$", r"actions/runs", r"artifacts", r"/zip$"])
@pytest.mark.parametrize("status", [401, 403, 500, 502])
def test_trouble_at_github_fails_one_repository_with_a_sentence_and_the_next_night_mends_it(
    status: int,
    path: str,
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    healthy: Repository,
    collect_now: Collect,
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    where = path if path.startswith("repos") else rf"(acme/shop|{shop.id})/.*{path}"
    github.add_fault(where, status=status, body=b'{"message": "no"}', times=None)
    summary = collect_now()
    assert (summary["failed"], summary["collected"]) == (1, 1)
    repository.refresh_from_db()
    assert repository.error.endswith(".") and repository.error_at is not None
    assert summary["errors"] == [{"repository": "acme/shop", "error": repository.error}]
    assert not Snapshot.objects.filter(repository=repository).exists()
    github.faults.clear()
    assert collect_now()["failed"] == 0
    repository.refresh_from_db()
    assert (repository.tests_total, repository.error) == (1, "")


def test_a_connection_dropped_within_every_download_is_told_and_retried_next_time(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    artifact = github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    github.add_fault(rf"{artifact.id}", cut_after=10, times=None)
    assert collect_now()["failed"] == 1
    assert not Report.objects.exists() and not Results.objects.exists()
    github.faults.clear()
    assert collect_now()["collected"] == 1


def test_a_used_up_rate_limit_says_when_to_come_back(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.add_fault(r".", **rate_limit_spent(time.time() + 1800), times=None)
    summary = collect_now()
    assert summary["failed"] == 1
    assert "limit" in summary["errors"][0]["error"]


def test_a_lost_repository_fails_once_keeps_its_figures_and_is_then_left_alone(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    del github.estate.repositories[shop.id]
    assert collect_now()["failed"] == 1
    github.forget()
    again = collect_now()
    assert (again["failed"], again["unchanged"]) == (0, 1) and not github.requests
    repository.refresh_from_db()
    assert repository.tests_total == 1 and repository.lost_at is not None


def test_a_rename_keeps_the_row_and_its_history(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    shop.name = "store"
    collect_now()
    repository.refresh_from_db()
    assert (repository.full_name, repository.tests_total) == ("acme/store", 1)


def test_our_own_mistake_is_confined_to_its_repository(
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    healthy: Repository,
    collect_now: Collect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = collect.put_together

    def stumble(row: Repository, sha: str) -> Snapshot | None:
        if row == repository:
            raise RuntimeError("a bug")
        return real(row, sha)

    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P"))
    monkeypatch.setattr(collect, "put_together", stumble)
    summary = collect_now()
    assert (summary["failed"], summary["collected"]) == (1, 1)
    # A crash between storing and putting together loses nothing: the next collection goes on from there.
    monkeypatch.setattr(collect, "put_together", snapshots.put_together)
    github.forget()
    assert collect_now()["failed"] == 0
    assert not github.downloads
    repository.refresh_from_db()
    assert repository.tests_total == 1


def test_an_organization_that_cannot_be_listed_leaves_a_sentence_and_stops_nothing(
    github: LookAlike, repository: Repository, healthy: Repository, collect_now: Collect
) -> None:
    Organization.objects.create(login="nobody", discover=True)
    summary = collect_now()
    assert summary["failed"] == 0
    from dashboard.models import Collection

    assert Collection.objects.get().note.startswith("nobody: ")


def test_discovery_adds_the_repositories_that_are_not_listed(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    organization = repository.organization
    organization.discover = True
    organization.save()
    other = github.estate.add_repository("acme/other")
    github.estate.add_artifact(github.estate.add_run(other), "test-results", junit_zip(adds="P"))
    assert collect_now()["repositories"] == 2
    assert collect_now()["repositories"] == 2
    found = Repository.objects.get(name="other")
    assert (found.github_id, found.tests_total) == (other.id, 1)


def test_markup_escapes_and_nul_bytes_in_names_are_stored_as_text(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    cases: dict[str, Any] = {"<script>alert(1)</script>": "F", "a" * 5000: "P"}
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(**cases))
    collect_now()
    repository.refresh_from_db()
    assert repository.tests_total == 2
