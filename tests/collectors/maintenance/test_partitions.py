"""Months of results and failures: begun in time, dropped as a whole, in nobody's way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from collectors.maintenance import maintain, partitions
from collectors.maintenance.partitions import FAILURES, RESULTS, TABLES, begin_month, partitions_of
from dashboard.models import Failure, Report, Results
from tests.factories import repository, today_at
from tests.readings import cases, read_commit

# Partitions and sequences outlive a test: each goes on from the newest month that another left.
pytestmark = pytest.mark.django_db(transaction=True)


def next_month() -> date:
    return (partitions_of(RESULTS)[-1].month + timedelta(days=32)).replace(day=1)


def rows_in(partition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {partition}")
        return int(cursor.fetchone()[0])


def test_what_is_stored_in_a_new_month_goes_into_partitions_of_its_own() -> None:
    repo, month = repository(), next_month()
    read_commit(repo, today_at(days_ago=2), {"unit": cases(pays="F")})
    assert begin_month(month) == [f"test_results_{month:%Y_%m}", f"report_failures_{month:%Y_%m}"]
    assert begin_month(month) == []  # it was begun already
    read_commit(repo, today_at(days_ago=1), {"unit": cases(pays="F", sells="F")})
    assert rows_in(f"test_results_{month:%Y_%m}") == 1 and rows_in(f"report_failures_{month:%Y_%m}") == 1
    assert Results.objects.count() == 2 and Failure.objects.count() == 3


def test_a_late_month_keeps_nothing_from_being_stored() -> None:
    newest = {table.name: partitions_of(table)[-1] for table in TABLES}
    read_commit(repository(), today_at(), {"unit": cases(pays="F")})
    assert rows_in(newest["test_results"].name) == rows_in(newest["report_failures"].name) == 1


def test_a_month_waits_for_another_night_rather_than_for_a_long_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partitions, "LOCK_WAIT", "50ms")
    before, month = partitions_of(RESULTS), next_month()
    writer = connection.copy()
    try:
        with writer.cursor() as writing:
            writing.execute("BEGIN")
            writing.execute("LOCK TABLE repository IN ROW EXCLUSIVE MODE")  # as every collection does
            assert f"test_results_{month:%Y_%m}" not in begin_month(month)
            writing.execute("ROLLBACK")
    finally:
        writer.close()
    assert partitions_of(RESULTS) == before
    read_commit(repository(), today_at(), {"unit": cases(pays="F")})
    assert f"test_results_{month:%Y_%m}" in begin_month(month)


def test_a_month_that_nothing_needs_is_dropped_and_a_reader_in_the_middle_of_it_reads_on() -> None:
    repo = repository(own_detail_days=90)
    past = [partition.name for table in TABLES for partition in partitions_of(table)]
    read_commit(repo, today_at(days_ago=200), {"unit": cases(pays="F")})
    later = datetime.combine(next_month(), datetime.min.time(), UTC)
    begin_month(later.date())
    read_commit(repo, today_at(days_ago=1), {"unit": cases(pays="F", sells="P")})
    reader = connection.copy()
    try:
        with reader.cursor() as reading:
            reading.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            reading.execute("SELECT count(*) FROM test_results JOIN repository ON repository.id = repository_id")
            assert reading.fetchone() == (2,)
            done = maintain(later)
            assert done.commits == 1
            assert not [name for name in done.dropped if name.startswith("test_results")]  # somebody reads it
            reading.execute("SELECT count(*) FROM test_results")
            assert reading.fetchone() == (2,)
            assert Results.objects.count() == 1  # who comes now is not held up, and sees what is kept
            reading.execute("COMMIT")
    finally:
        reader.close()
    assert Results.objects.count() == 1 and Failure.objects.count() == 1
    assert Report.objects.count() == 2
    maintain(later)
    left = [partition.name for table in (RESULTS, FAILURES) for partition in partitions_of(table)]
    assert not set(past) & set(left)
    with connection.cursor() as cursor:
        assert not set(past) & set(connection.introspection.table_names(cursor))
