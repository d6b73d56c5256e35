"""A night that has ended was counted once, at its end: its page and the list ask its repositories no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from collectors import night, sweep
from dashboard.models import Collection, Repository, RepositoryCollection
from dashboard.queries.earlier_nights import earlier_nights
from dashboard.queries.ingest import CollectionView, collection_view
from dashboard.visibility import EVERYONE, STAFF, Reader
from tests.dashboard.uploads import text_of
from tests.factories import collection, organization, repository

pytestmark = pytest.mark.django_db

State = RepositoryCollection.State


@pytest.fixture
def over(settings: Any) -> Collection:
    """A night of six repositories, two of them private, that is about to end."""
    settings.PUBLIC = True
    running = collection(finished_at=None)
    for number, state in enumerate([*RepositoryCollection.ENDED, State.FAILED, State.COLLECTED]):
        RepositoryCollection.objects.create(
            collection=running,
            repository=repository(organization(f"org-{number % 2}"), f"repo-{number}", private=number > 3),
            state=state,
            artifacts=number,
            tests=10 * number,
            warnings=["a.zip: refused"] if number == 2 else [],
            lit_at=timezone.now(),
            finished_at=timezone.now(),
            requests={"rest": number, "remaining": 90 - number, "limit": 100},
        )
    return running


def seen(reader: Reader, of: Collection) -> CollectionView:
    found = collection_view(reader, of.pk, timezone.now())
    assert found is not None
    return found


def as_of(view: CollectionView, other: CollectionView) -> CollectionView:
    """Without what an end changes: the moment of it, and what is left of GitHub's hour for whom may not see all."""
    left = {name: getattr(other.totals, name) for name in ("limit", "remaining")}
    nights = tuple(replace(one, seconds=None, requests=()) for one in view.nights)
    return replace(
        view,
        finished_at=None,
        seconds=0,
        seconds_left=None,
        queues=None,
        nights=nights,
        totals=replace(view.totals, **left),
    )


@pytest.mark.parametrize("reader", [STAFF, EVERYONE, Reader(is_staff=False, public_installation=False)])
def test_what_was_counted_at_the_end_is_what_its_repositories_say(reader: Reader, over: Collection) -> None:
    live = seen(reader, over)
    assert night.finish_if_done(over.pk)
    counted = seen(reader, over)
    assert as_of(counted, live) == as_of(live, live)


def test_the_list_of_nights_asks_no_repository_of_one_that_has_ended(over: Collection) -> None:
    night.finish_if_done(over.pk)
    before = earlier_nights(STAFF), earlier_nights(EVERYONE)
    RepositoryCollection.objects.all().delete()
    assert (earlier_nights(STAFF), earlier_nights(EVERYONE)) == before
    assert [one.repositories for (one,) in before] == [6, 4]


def test_a_night_that_an_earlier_release_ended_is_counted_by_the_sweep(over: Collection) -> None:
    night.finish_if_done(over.pk)
    whole = Collection.objects.get()
    Collection.objects.update(fared=None, parts=None)
    sweep.sweep()
    counted = Collection.objects.get()
    assert counted.fared == whole.fared and counted.parts is not None
    assert all(part in whole.parts for part in counted.parts) and len(counted.parts) == len(whole.parts)


def test_a_night_that_was_opened_again_is_counted_through_as_it_runs(over: Collection) -> None:
    night.finish_if_done(over.pk)
    failed = RepositoryCollection.objects.filter(state=State.FAILED).values_list("pk", flat=True)
    sweep.retry(list(failed))
    assert seen(STAFF, over).totals.failed == 0 and earlier_nights(STAFF)[0].failed == 0


def test_who_joins_a_night_as_it_ends_keeps_it_open(over: Collection, monkeypatch: Any) -> None:
    def joined(*args: object, **options: object) -> None:
        RepositoryCollection.objects.create(collection=over, repository=repository(name="late"))

    monkeypatch.setattr("collectors.day_sums.sum_up", joined)
    assert not night.finish_if_done(over.pk)
    assert Collection.objects.get().finished_at is None


def test_an_organization_that_became_private_is_named_in_no_earlier_night(over: Collection, client: Client) -> None:
    night.finish_if_done(over.pk)
    assert "org-1" in text_of(client, f"/ingest/{over.pk}/")
    Repository.objects.filter(organization__login="org-1").update(private=True)
    assert "org-1" not in text_of(client, f"/ingest/{over.pk}/")
