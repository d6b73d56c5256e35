"""A night that was missed runs at the next start, and never on a first start."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from dashboard.celery import app
from dashboard.scheduler import NightScheduler
from dashboard.schedules import NIGHT_NAME

# Beat closes connections as it likes, so the test cannot stand inside a transaction.
pytestmark = pytest.mark.django_db(transaction=True)


def nightly_is_due(hours_until_next: int, last_run_days_ago: float | None) -> bool:
    task = PeriodicTask.objects.get(name=NIGHT_NAME)
    next_time = timezone.now() + timedelta(hours=hours_until_next)
    crontab = task.crontab
    crontab.hour, crontab.minute, crontab.timezone = str(next_time.hour), str(next_time.minute), "UTC"
    crontab.save()
    task.last_run_at = None if last_run_days_ago is None else timezone.now() - timedelta(days=last_run_days_ago)
    task.save()
    return NightScheduler(app=app, lazy=True).schedule[NIGHT_NAME].is_due().is_due


@pytest.mark.parametrize("hours_until_next", [2, 8, 16, 22])
def test_a_night_missed_while_nothing_ran_is_overdue_at_whatever_hour_one_starts(hours_until_next: int) -> None:
    assert nightly_is_due(hours_until_next, last_run_days_ago=2)


@pytest.mark.parametrize("hours_until_next", [2, 8, 16, 22])
def test_a_first_start_waits_for_its_night(hours_until_next: int) -> None:
    assert not nightly_is_due(hours_until_next, last_run_days_ago=None)


def test_a_night_that_ran_is_not_run_again() -> None:
    assert not nightly_is_due(8, last_run_days_ago=0.5)
