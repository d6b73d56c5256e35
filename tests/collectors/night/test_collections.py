"""A collection as a whole: joined, resumed, looked back, told in one line."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from collectors import collect, night, tasks
from collectors.github import sansio
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.models import Artifact, Collection, Repository, RepositoryCollection, Snapshot
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip


def history(github: LookAlike, shop: FakeRepository, days: int) -> None:
    """One commit a day, the newest today, each with one more passing test."""
    for age in range(days, -1, -1):
        when = github.estate.now - timedelta(days=age, hours=1)
        run = github.estate.add_run(shop, head_sha=f"{age:040x}", committed_at=when, created_at=when)
        github.estate.add_artifact(run, "test-results", junit_zip(**{f"t{n}": "P" for n in range(days + 1 - age)}))


def test_a_collection_that_meets_a_running_one_joins_it(repository: Repository) -> None:
    first, entries, _ = tasks.prepare(Collection.Trigger.NIGHT)
    second, again, asked = tasks.prepare(Collection.Trigger.COMMAND, [repository.pk])
    assert second == first and again == entries == asked
    assert Collection.objects.count() == 1


def test_an_entry_handed_out_twice_is_worked_on_once(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    history(github, shop, 2)
    collect_now()
    entry = RepositoryCollection.objects.get()
    github.forget()
    assert collect.light(entry.pk) is False and collect.deepen(entry.pk) is False
    assert not github.requests


def test_the_newest_commit_is_on_the_page_before_the_past_is_read(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    history(github, shop, 20)
    _, [entry], _ = tasks.prepare(Collection.Trigger.COMMAND)
    # The fixture's settings lead to the look-alike; collecting is done by hand here, step by step.
    assert collect.light(entry) is True
    repository.refresh_from_db()
    assert repository.tests_total == 21
    assert Snapshot.objects.count() == 1
    row = RepositoryCollection.objects.get(pk=entry)
    assert (row.state, row.pending) == (RepositoryCollection.State.BACKFILLING, 20)
    assert collect.deepen(entry) is True
    assert Snapshot.objects.count() == 1 + collect.COMMITS_AT_ONCE
    assert collect.deepen(entry) is False
    assert Snapshot.objects.count() == 21
    assert repository.days.count() == 21


def test_a_later_collection_looks_back_a_week_and_since_looks_back_further(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    history(github, shop, 3)
    collect_now()
    # A forgotten run of a month ago appears: outside the window, inside --since.
    when = github.estate.now - timedelta(days=30)
    run = github.estate.add_run(shop, head_sha="f" * 40, committed_at=when, created_at=when)
    github.estate.add_artifact(run, "test-results", junit_zip(old="P"))
    collect_now()
    assert not Snapshot.objects.filter(sha="f" * 40).exists()
    collect_now(since=(when - timedelta(days=1)).date())
    assert Snapshot.objects.filter(sha="f" * 40).exists()
    repository.refresh_from_db()
    assert repository.latest is not None and repository.latest.sha == "0" * 40


def test_a_busy_repository_of_several_pages_is_read_whole(
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sansio, "PAGE_SIZE", 10)
    same = junit_zip(adds="P")
    for number in range(13):
        when = github.estate.now - timedelta(hours=number + 1)
        run = github.estate.add_run(shop, head_sha=f"{number:040x}", committed_at=when, created_at=when)
        github.estate.add_artifact(run, "test-results", same)
        github.estate.add_artifact(run, "dist", b"wheel")
    collect_now()
    assert Snapshot.objects.count() == 13
    assert sum(github.downloads.values()) == 1
    assert Artifact.objects.filter(name="dist", state=Artifact.State.PASSED_OVER).count() == 13


def test_repositories_whose_uploads_live_a_day_are_asked_first(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    """A night that slips past the hour of their upload would find them expired."""
    hurried = github.estate.add_repository("acme/hurried")
    other = Repository.objects.create(organization=repository.organization, name="hurried")
    for made, days, hours in ((shop, 90, 1), (hurried, 1, 20)):
        at = github.estate.now - timedelta(hours=hours)
        run = github.estate.add_run(made, created_at=at)
        expires = at + timedelta(days=days)
        github.estate.add_artifact(run, "test-results", junit_zip(adds="P"), created_at=at, expires_at=expires)
    collect_now()
    _, entries = night.begin(Collection.Trigger.NIGHT)
    asked = RepositoryCollection.objects.in_bulk(entries)
    assert [asked[pk].repository_id for pk in entries] == [other.pk, repository.pk]


def test_every_repository_is_counted_in_exactly_one_outcome(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P"))
    github.estate.add_repository("acme/quiet")
    organization = repository.organization
    for name in ("quiet", "gone"):
        Repository.objects.create(organization=organization, name=name)
    Repository.objects.create(organization=organization, name="off", enabled=False)
    summary = collect_now()
    assert summary["repositories"] == 3
    outcomes = (summary["collected"], summary["unchanged"], summary["no_evidence"], summary["failed"])
    assert outcomes == (1, 0, 1, 1)
    collection = Collection.objects.get()
    assert collection.finished_at is not None
    assert collection.requests["rest"] == summary["requests"]["rest"] > 0


def test_the_command_prints_its_summary_as_the_last_line(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P", removes="F"))
    out = StringIO()
    call_command("collect", "--inline", "--json", "--repo", "ACME/Shop", stdout=out, stderr=StringIO())
    summary = json.loads(out.getvalue().splitlines()[-1])
    assert (summary["collected"], summary["tests"], summary["errors"]) == (1, 2, [])
    assert set(summary["requests"]) == set(night.REQUEST_KINDS)


@pytest.mark.parametrize(
    "arguments", [["--repo", "acme/unknown"], ["--org", "unknown"], ["--since", "yesterday"]], ids=lambda a: a[0]
)
def test_the_command_refuses_what_it_does_not_know_with_a_sentence(
    arguments: list[str], repository: Repository
) -> None:
    with pytest.raises(CommandError) as refusal:
        call_command("collect", "--inline", *arguments)
    assert refusal.value.returncode == 2
    assert arguments[1] in str(refusal.value)
