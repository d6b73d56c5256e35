"""The days of organizations and of the estate are summed up now and then, and lose nothing by it."""

from __future__ import annotations

from datetime import timedelta
from math import inf

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collectors import collect, day_sums, night, sentinel, sweep
from collectors.lookalike.server import LookAlike
from dashboard.models import Collection, EstateDay, Organization, Repository
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip


@pytest.fixture
def estate(github: LookAlike, db: None) -> LookAlike:
    organization = Organization.objects.create(login="acme")
    for at in range(4):
        # At this very moment: an hour ago, as is usual, is another day when a day has just begun.
        run = github.estate.add_run(github.estate.add_repository(f"acme/part-{at}"), created_at=github.estate.now)
        github.estate.add_artifact(run, "test-results", junit_zip(one="P", two="F" if at == 0 else "P"))
        Repository.objects.create(organization=organization, name=f"part-{at}")
    return github


def read_one(collect_now: Collect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker reads one repository of a night while the sums rest, and dies after it."""
    monkeypatch.setattr(day_sums, "_rested_at", inf)
    _, entries = night.begin(Collection.Trigger.NIGHT)
    collect.light(next(iter(sentinel.worth_asking(entries))))


def test_a_night_s_end_sums_up_whatever_rested(
    estate: LookAlike, collect_now: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(day_sums, "_rested_at", inf)
    collect_now()
    assert EstateDay.objects.get(public=True).tests_total == 8
    assert not Repository.objects.exclude(days_due=None).exists()


def test_what_a_dead_worker_left_to_sum_up_is_summed_up_by_the_sweep(
    estate: LookAlike, collect_now: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_one(collect_now, monkeypatch)
    assert not EstateDay.objects.exists()
    monkeypatch.setattr(day_sums, "_rested_at", 0.0)
    sweep.sweep()
    assert EstateDay.objects.get(public=True).tests_total == 2


def test_the_days_between_two_nights_are_not_left_out(
    estate: LookAlike, collect_now: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing ran for three days, as in an outage, and then one repository is read before the night ends."""
    collect_now()
    [today] = EstateDay.objects.filter(public=True).values_list("day", flat=True)
    later = today + timedelta(days=3)
    Repository.objects.filter(name="part-1").update(days_due=later)
    day_sums.sum_up(later)
    days = list(EstateDay.objects.filter(public=True).order_by("day").values_list("day", "tests_total"))
    assert days == [(today + timedelta(days=at), 8) for at in range(4)]


def test_a_repository_costs_as_much_among_many_as_among_few(
    estate: LookAlike, collect_now: Collect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Questions to the database for a first report. Once they grew: each repository summed up the whole estate."""
    monkeypatch.setattr(day_sums, "_rested_at", inf)
    asked = []
    for repository in Repository.objects.order_by("name")[1:]:
        _, entries = night.begin(Collection.Trigger.NIGHT, Repository.objects.filter(pk=repository.pk))
        [entry] = sentinel.worth_asking(entries[:1])
        with CaptureQueriesContext(connection) as questions:
            collect.light(entry)
        asked.append(sum("SAVEPOINT" not in question["sql"] for question in questions))
    assert max(asked) <= 95
    assert asked[-1] <= asked[0]
