"""What a dead worker or an emptied broker left: taken up again, once, and not for ever."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from collectors import night, sweep, tasks
from collectors.clients import ask_again
from collectors.collect import LOCK_CLASS
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.celery import app
from dashboard.models import Collection, Repository, RepositoryCollection
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip

State = RepositoryCollection.State
LONG_AGO = timedelta(minutes=30)


@pytest.fixture(autouse=True)
def empty_broker() -> Iterator[None]:
    app.control.purge()
    yield
    app.control.purge()


@pytest.fixture
def entry(repository: Repository) -> RepositoryCollection:
    """An entry handed out half an hour ago, whose message is gone."""
    night.begin(Collection.Trigger.NIGHT)
    RepositoryCollection.objects.update(handed_out_at=timezone.now() - LONG_AGO)
    return RepositoryCollection.objects.get()


def queued() -> dict[str, int]:
    with app.connection_for_read() as broker:
        sizes = {
            name: broker.default_channel.queue_declare(queue=name).message_count
            for name in settings.CELERY_TASK_QUEUE_NAMES
        }
    return {name: size for name, size in sizes.items() if size}


def stand(entry: RepositoryCollection, **values: object) -> None:
    RepositoryCollection.objects.filter(pk=entry.pk).update(**values)


@pytest.mark.parametrize(
    ("state", "queue"),
    [
        (State.WAITING, "discover"),
        (State.LISTING, "collect"),
        (State.READING, "collect"),
        (State.BACKFILLING, "backfill"),
    ],
)
def test_an_entry_that_nobody_holds_is_handed_out_where_it_stood(
    entry: RepositoryCollection, state: str, queue: str
) -> None:
    stand(entry, state=state)
    assert sweep.sweep() == [entry.pk]
    assert queued() == {queue: 1}


def test_a_second_sweep_finds_nothing_left(entry: RepositoryCollection) -> None:
    sweep.sweep()
    app.control.purge()
    assert sweep.sweep() == [] and queued() == {}


def test_an_entry_handed_out_just_now_is_left_alone(entry: RepositoryCollection) -> None:
    stand(entry, handed_out_at=timezone.now())
    assert sweep.sweep() == []


def test_an_entry_that_was_never_handed_out_counts_from_the_collections_start(entry: RepositoryCollection) -> None:
    stand(entry, handed_out_at=None)
    assert sweep.sweep() == []
    Collection.objects.update(started_at=timezone.now() - LONG_AGO)
    assert sweep.sweep() == [entry.pk]


def test_what_a_living_worker_holds_is_left_to_it(entry: RepositoryCollection) -> None:
    stand(entry, state=State.READING)
    database = connection.settings_dict
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
    ) as worker:
        worker.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK_CLASS, entry.repository_id])
        assert sweep.sweep() == []
    assert sweep.sweep() == [entry.pk]


def test_a_long_queue_is_not_doubled(entry: RepositoryCollection) -> None:
    sweep.hand_out([entry.pk])
    stand(entry, handed_out_at=timezone.now() - LONG_AGO)
    assert sweep.sweep() == [] and queued() == {"discover": 1}


def test_what_was_put_off_is_taken_up_at_its_time_and_not_before(entry: RepositoryCollection) -> None:
    stand(entry, state=State.PUT_OFF, not_before=timezone.now() + timedelta(minutes=1))
    assert sweep.sweep() == []
    stand(entry, not_before=timezone.now() - timedelta(seconds=1))
    assert sweep.sweep() == [entry.pk]
    entry.refresh_from_db()
    assert (entry.state, entry.not_before) == (State.WAITING, None)


def test_a_collection_that_joins_leaves_what_is_put_off_to_its_time(entry: RepositoryCollection) -> None:
    stand(entry, state=State.PUT_OFF, not_before=timezone.now() + timedelta(minutes=1))
    assert night.begin(Collection.Trigger.ADMIN)[1] == []


def test_a_collection_whose_last_worker_died_before_ending_it_is_ended(entry: RepositoryCollection) -> None:
    stand(entry, state=State.COLLECTED)
    sweep.sweep()
    assert Collection.objects.get().finished_at is not None


def test_a_repository_that_killed_three_workers_in_a_row_is_given_up(entry: RepositoryCollection) -> None:
    stand(entry, deaths=sweep.DEATHS_AT_MOST)
    tasks.collect_repository(entry.pk)
    entry.refresh_from_db()
    assert (entry.state, entry.error) == (State.FAILED, sweep.GIVEN_UP)
    assert Repository.objects.get().error == sweep.GIVEN_UP
    assert Collection.objects.get().finished_at is not None


def test_a_death_is_counted_before_the_work_and_struck_out_after_it(entry: RepositoryCollection) -> None:
    with sweep.in_hand(entry.pk) as ours:
        assert ours
        entry.refresh_from_db()
        assert entry.deaths == 1
    entry.refresh_from_db()
    assert entry.deaths == 0


def test_work_that_is_cut_short_stays_counted(entry: RepositoryCollection) -> None:
    with pytest.raises(SystemExit), sweep.in_hand(entry.pk):
        raise SystemExit
    entry.refresh_from_db()
    assert entry.deaths == 1


def test_a_failed_repository_is_collected_once_more_in_the_collection_it_belongs_to(
    github: LookAlike, shop: FakeRepository, entry: RepositoryCollection, collect_now: Collect
) -> None:
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(a="P"))
    stand(entry, state=State.FAILED, error="No.", finished_at=timezone.now(), deaths=3)
    night.finish_if_done(entry.collection_id)
    assert sweep.retry([entry.pk]) == [entry.pk]
    assert sweep.retry([entry.pk]) == [] and queued() == {"discover": 1}
    assert Collection.objects.get().finished_at is None
    assert collect_now()["collected"] == 1
    assert Collection.objects.get().finished_at is not None


def test_a_spent_limit_puts_a_repository_off_and_it_comes_in_after_the_limits_end(
    github: LookAlike, shop: FakeRepository, entry: RepositoryCollection, collect_now: Collect
) -> None:
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(a="P"))
    reset_at = timezone.now() + timedelta(minutes=20)
    github.add_fault(r".", **rate_limit_spent(reset_at.timestamp()), times=None)
    tasks.collect_repository(entry.pk)
    entry.refresh_from_db()
    assert entry.state == State.PUT_OFF and "limit" in entry.error
    assert entry.not_before is not None and entry.not_before > reset_at - timedelta(seconds=1)
    assert Collection.objects.get().finished_at is None
    assert night.progress(entry.collection).put_off == 1
    github.faults.clear()
    ask_again()  # as the limit's end does
    stand(entry, not_before=timezone.now())
    assert sweep.sweep() == [entry.pk]
    tasks.collect_repository(entry.pk)
    entry.refresh_from_db()
    assert (entry.state, entry.error) == (State.COLLECTED, "")
    assert Collection.objects.get().finished_at is not None


def test_limits_cannot_keep_a_night_open_until_the_next(
    github: LookAlike, entry: RepositoryCollection, collect_now: Collect
) -> None:
    Collection.objects.update(started_at=timezone.now() - timedelta(hours=20))
    github.add_fault(r".", **rate_limit_spent((timezone.now() + timedelta(minutes=20)).timestamp()), times=None)
    tasks.collect_repository(entry.pk)
    entry.refresh_from_db()
    assert entry.state == State.FAILED and "limit" in entry.error
    assert Collection.objects.get().finished_at is not None
