"""The monthly partitions of results and failures; docs/decisions/0005-partitions.md says why they are cut by id.

A partition's name says in which month rows began to go into it, its bounds which ids it takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, OperationalError, connection, transaction

WIDTH = 2**32
"""Ids of one month: a sequence jumps to the next multiple when a month begins."""
LOCK_WAIT = "2s"
DROP_WAIT = "100ms"
"""Dropping a table locks those that its foreign keys lead to, and who waits for that lock holds up who reads."""
LOCK = 0x70617274
"""Advisory: one process at a time looks after partitions."""
BOUNDS = re.compile(r"FROM \((?P<least>MINVALUE|'?\d+'?)\) TO \('?(?P<end>\d+)'?\)")
MONTH = re.compile(r"_(?P<year>\d{4})_(?P<month>\d{2})$")


@dataclass(frozen=True, slots=True)
class Table:
    """``counted``: the table and column whose sequence gives the ids that it is cut by."""

    name: str
    counted: tuple[str, str]
    in_use: str
    """Whether anything that is kept has its detail in a range of ids: SQL with ``least`` and ``end``."""


RESULTS = Table(
    "test_results",
    ("test_results", "id"),
    """
    SELECT EXISTS (SELECT FROM report WHERE results_id >= %(least)s AND results_id < %(end)s)
        OR EXISTS (SELECT FROM snapshot_group WHERE results_id >= %(least)s AND results_id < %(end)s)
    """,
)
# A report that has let go of its results has no use for its failures.
FAILURES = Table(
    "report_failures",
    ("report", "id"),
    """
    SELECT EXISTS (
        SELECT FROM report r WHERE r.id >= %(least)s AND r.id < %(end)s
          AND (r.results_id IS NOT NULL OR EXISTS (
              SELECT FROM repository p WHERE p.id = r.repository_id AND p.detail_dropped_before IS NULL))
    )
    """,
)
TABLES = (RESULTS, FAILURES)


@dataclass(frozen=True, slots=True)
class Partition:
    """``month``: its first day. ``least`` and ``end``: ids from … up to, not with; 0: from the smallest."""

    name: str
    month: date
    least: int
    end: int


def partitions_of(table: Table) -> list[Partition]:
    """In the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) FROM pg_inherits i"
            " JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = %s::regclass AND NOT i.inhdetachpending",
            [table.name],
        )
        found = [_partition(name, bounds) for name, bounds in cursor.fetchall()]
    return sorted(found, key=lambda partition: partition.end)


def _partition(name: str, bounds: str) -> Partition:
    named, between = MONTH.search(name), BOUNDS.search(bounds)
    assert named is not None and between is not None, f"{name} {bounds} is no partition of ours"
    least = between["least"].strip("'")
    month = date(int(named["year"]), int(named["month"]), 1)
    return Partition(name, month, 0 if least == "MINVALUE" else int(least), int(between["end"]))


def begin_month(today: date) -> list[str]:
    """Attach the partition of today's month to each table that lacks it; the names of those made.

    What is stored from then on goes there. Called late, or twice, or by two at once, it does no harm.
    """
    made = []
    for table in TABLES:
        # Foreign keys of the new partition wait for who writes; after that, the next night will do.
        with suppress(OperationalError):
            made += _attached(table, today)
        _count_on(table)
    return made


def _attached(table: Table, today: date) -> list[str]:
    """The name of the partition that was made, if one was."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        newest = partitions_of(table)[-1]
        if (newest.month.year, newest.month.month) >= (today.year, today.month):
            return []
        name = f"{table.name}_{today:%Y_%m}"
        # Made apart and then attached: CREATE TABLE … PARTITION OF would lock the whole table.
        cursor.execute(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(
            f"ALTER TABLE {table.name} ATTACH PARTITION {name}"
            f" FOR VALUES FROM ({newest.end}) TO ({newest.end + WIDTH})"
        )
    return [name]


def _count_on(table: Table) -> None:
    """Set the sequence to the newest partition's ids, once that partition is there for good.

    A sequence takes no part in transactions: set within the one that attaches, it would outlive its failure, and
    ids would fall into no partition.
    """
    newest = partitions_of(table)[-1]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [*table.counted])
        (sequence,) = cursor.fetchone()
        # The name comes out of PostgreSQL's own catalogue.
        beyond = f"SELECT setval(%s, %s, false) FROM {sequence} WHERE last_value < %s"  # noqa: S608
        cursor.execute(beyond, [sequence, newest.least, newest.least])


def drop_unused() -> list[str]:
    """Drop the partitions of past months that nothing points into; the names of those dropped.

    Detaching concurrently lets readers go on; what was interrupted between detaching and dropping is finished.
    Within a transaction, where PostgreSQL does not detach so, it does nothing.
    """
    dropped: list[str] = []
    if connection.in_atomic_block:
        return dropped
    with _alone() as ours:
        for table in TABLES if ours else ():
            # One at a time can be half detached.
            for partition in partitions_of(table)[:-1] if _finish(table) else ():
                if not _in_use(table, partition) and _detached(table, partition.name):
                    dropped.append(partition.name)
    return dropped


def _in_use(table: Table, partition: Partition) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(table.in_use, {"least": partition.least, "end": partition.end})
        return bool(cursor.fetchone()[0])


def _detached(table: Table, name: str) -> bool:
    """Detach a partition and drop it; False where a reader or writer would have had to wait: the next night."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table.name} DETACH PARTITION {name} CONCURRENTLY")
        _drop(name)
    except (OperationalError, IntegrityError):
        return False
    return True


def _drop(name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{DROP_WAIT}'")
        try:
            cursor.execute(f"DROP TABLE {name}")
        finally:
            cursor.execute(f"SET lock_timeout = '{LOCK_WAIT}'")


def _finish(table: Table) -> bool:
    """Do what an interrupted run left; False where somebody still reads it.

    That is partitions half detached, and detached ones that were not dropped. No reader that comes new sees them.
    """
    try:
        _finish_now(table)
    except OperationalError:
        return False
    return True


def _finish_now(table: Table) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass AND i.inhdetachpending",
            [table.name],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table.name} DETACH PARTITION {name} FINALIZE")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND NOT relispartition AND relname ~ %s"
            " AND relnamespace = current_schema()::regnamespace",
            [rf"^{table.name}_\d{{4}}_\d{{2}}$"],
        )
        left = [name for (name,) in cursor.fetchall()]
    for name in left:
        _drop(name)


@contextmanager
def _alone() -> Iterator[bool]:
    """True while this process alone looks after partitions, with locks that are not waited for long."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        ours = bool(cursor.fetchone()[0])
        cursor.execute(f"SET lock_timeout = '{LOCK_WAIT}'")
        try:
            yield ours
        finally:
            cursor.execute("SET lock_timeout = 0")
            if ours:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
