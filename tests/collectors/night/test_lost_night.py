"""A night whose message the broker lost before a collection stood in the database is begun all the same."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from collectors.sweep import night_was_lost
from dashboard.models import Collection
from dashboard.schedules import NIGHT_TASK, keep_nightly_schedule

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HALF_AN_HOUR_AGO = NOW - timedelta(minutes=30)


def sent(at: datetime | None, enabled: bool = True) -> None:
    """Beat sent the nightly message then, as it writes that down itself."""
    keep_nightly_schedule(sender=None, using="default")
    runs = 0 if at is None else 1
    rows = PeriodicTask.objects.filter(task=NIGHT_TASK)
    assert rows.update(last_run_at=at, total_run_count=runs, enabled=enabled) == 1


def collection(started: datetime, finished: datetime | None, since: datetime | None = None) -> None:
    made = Collection.objects.create(trigger=Collection.Trigger.NIGHT, since=since and since.date())
    Collection.objects.filter(pk=made.pk).update(started_at=started, finished_at=finished)


def test_a_message_without_a_collection_was_lost() -> None:
    sent(HALF_AN_HOUR_AGO)
    collection(NOW - timedelta(days=1), NOW - timedelta(hours=23))
    assert night_was_lost(NOW)


def test_a_night_that_ran_or_runs_was_not_lost() -> None:
    sent(HALF_AN_HOUR_AGO)
    collection(HALF_AN_HOUR_AGO + timedelta(seconds=1), None)
    assert not night_was_lost(NOW)
    Collection.objects.update(finished_at=HALF_AN_HOUR_AGO + timedelta(minutes=2))
    assert not night_was_lost(NOW)


def test_a_night_that_joined_a_running_collection_was_not_lost() -> None:
    sent(HALF_AN_HOUR_AGO)
    collection(HALF_AN_HOUR_AGO - timedelta(hours=3), HALF_AN_HOUR_AGO + timedelta(minutes=10))
    assert not night_was_lost(NOW)


def test_a_backfill_that_runs_is_no_night() -> None:
    sent(HALF_AN_HOUR_AGO)
    collection(HALF_AN_HOUR_AGO - timedelta(hours=3), None, since=NOW - timedelta(days=90))
    assert night_was_lost(NOW)


def test_a_message_of_a_moment_ago_may_still_be_under_way() -> None:
    sent(NOW - timedelta(seconds=1))
    assert not night_was_lost(NOW)


@pytest.mark.parametrize("at", [None, NOW - timedelta(days=2)])
def test_nothing_was_sent_of_late(at: datetime | None) -> None:
    sent(at)
    assert not night_was_lost(NOW)


def test_a_schedule_that_is_switched_off_sends_nothing() -> None:
    sent(HALF_AN_HOUR_AGO, enabled=False)
    assert not night_was_lost(NOW)
