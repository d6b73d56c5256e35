"""A filled database of the previous release becomes today's: same figures, and nobody is locked out meanwhile."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections, transaction

from dashboard.models import (
    CoverageManifest,
    Failure,
    Report,
    Repository,
    RepositoryDay,
    Results,
    Snapshot,
    SnapshotGroup,
)
from dashboard.models.figures import FIGURE_NAMES

DUMP = Path(__file__).parent.parent / "samples" / "releases" / "0013.sql.gz"
ALIAS = "previous"

# A database of the tests' own is there beside the previous one, which is none of those that pytest looks after.
pytestmark = pytest.mark.django_db

# Those that grow with every night or every test; small ones may be looked through.
BIG = [
    *("artifact", "coverage_manifest", "failure", "failure_message", "line_map", "report", "report_failures"),
    *("snapshot", "snapshot_group", "source_file", "test_case", "test_results", "test_roster", "test_statistics"),
    "test_words",
    *("repository_day", "workflow_run"),
]


@pytest.fixture
def previous(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    """The database of the previous release, as a connection that migrates it."""
    settings = connections["default"].settings_dict
    name = f"{settings['NAME']}_previous"
    asked = connections["default"].get_connection_params() | {"dbname": "postgres"}
    with django_db_blocker.unblock(), psycopg.connect(**asked, autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        connections.databases[ALIAS] = {**settings, "NAME": name}
        try:
            with connections[ALIAS].cursor() as cursor:
                cursor.execute(gzip.decompress(DUMP.read_bytes()).decode())
            yield connections[ALIAS]
        finally:
            connections[ALIAS].close()
            del connections[ALIAS], connections.databases[ALIAS]
            server.execute(f'DROP DATABASE "{name}"')


OUTCOMES_BEFORE = """
    SELECT r.id, r.outcomes, r.durations, t.case_ids
    FROM test_results r JOIN test_roster t ON t.id = r.roster_id ORDER BY 1
"""
FIGURES = [
    (Snapshot, ("id", "sha", "manifest_id", "complete", "tests_carried", *FIGURE_NAMES)),
    (SnapshotGroup, ("id", "name", "results_id", "manifest_id", "carried_from_id", *FIGURE_NAMES)),
    (RepositoryDay, ("id", "day", *FIGURE_NAMES)),
    (Repository, ("id", "latest_id", "condition", *FIGURE_NAMES)),
    (Report, ("id", "results_id", "manifest_id", "tests_total", "tests_failed", "lines_covered")),
    (Failure, ("report_id", "case_id", "message_id", "outcome")),
    (CoverageManifest, ("id", "file_ids", "line_map_ids")),
]


STATISTICS = "outcome, flaky, since_id, since_at, first_seen_at, last_seen_at, duration_ms"
# What release 0015 and later told of the tests; one in five is on no commit of the trend.
TELL = """
    INSERT INTO test_case_group (repository_id, name, told, commits)
    SELECT repository_id, "group", 'told', 3 FROM test_case GROUP BY 1, 2;
    UPDATE test_case c SET outcome = c.id % 4, flaky = c.id % 7 = 0, since_id = s.id, since_at = s.ordered_at,
        first_seen_at = s.ordered_at, last_seen_at = CASE WHEN c.id % 3 = 0 THEN s.ordered_at END,
        duration_ms = nullif(c.id % 11, 5)
    FROM (SELECT DISTINCT ON (repository_id) id, repository_id, ordered_at FROM snapshot ORDER BY 2, 1) s
    WHERE s.repository_id = c.repository_id AND c.id % 5 > 0
"""


# By their definitions; partitions have names of their own, and the order of columns is not told.
SHAPE = (
    """SELECT table_name, column_name, udt_name, is_nullable, column_default, is_identity, character_maximum_length
       FROM information_schema.columns WHERE table_schema = 'public'""",
    "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    """SELECT proname, pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_language l ON l.oid = prolang
       WHERE pronamespace = 'public'::regnamespace AND lanname <> 'c'""",
    "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
)


def shape(database: Any) -> list[set[tuple[Any, ...]]]:
    """What the database is made of."""
    found = []
    with database.cursor() as cursor:
        for question in SHAPE:
            cursor.execute(question)
            found.append({row for row in cursor.fetchall() if not re.search(r"_\d{4}_\d\d$", row[0])})
    return found


def stored(previous: Any) -> list[Any]:
    """Every figure as the tables have it."""
    found = []
    with previous.cursor() as cursor:
        for model, columns in FIGURES:
            order = ", ".join(str(place + 1) for place in range(2))
            cursor.execute(f"SELECT {', '.join(columns)} FROM {model._meta.db_table} ORDER BY {order}")
            found.append(cursor.fetchall())
    return found


def test_a_filled_database_of_the_previous_release_keeps_every_figure(previous: Any) -> None:
    figures = stored(previous)
    with previous.cursor() as cursor:
        cursor.execute(OUTCOMES_BEFORE)
        results = [(pk, bytes(codes), bytes(times), ids) for pk, codes, times, ids in cursor.fetchall()]
    assert len(results) == 44 and all(figures)
    for app in (["django_celery_beat"], ["dashboard", "0022"]):
        call_command("migrate", *app, database=ALIAS, verbosity=0)
    with previous.cursor() as cursor:
        cursor.execute(TELL)
        cursor.execute(f"SELECT id, {STATISTICS} FROM test_case WHERE outcome IS NOT NULL ORDER BY id")
        told = cursor.fetchall()
    call_command("migrate", database=ALIAS, verbosity=0)
    assert stored(previous) == figures
    with previous.cursor() as cursor:
        cursor.execute(f"SELECT case_id, {STATISTICS} FROM test_statistics ORDER BY case_id")
        assert cursor.fetchall() == told != []
        cursor.execute("SELECT count(*) FROM test_case_group")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT id FROM test_case ORDER BY id")
        cases = cursor.fetchall()
        cursor.execute("SELECT unnest(case_ids) FROM test_words ORDER BY 1")
        assert cursor.fetchall() == cases  # search finds each, once
    rows = Results.objects.using(ALIAS).select_related("roster").order_by("pk")
    assert [(row.pk, bytes(row.outcomes), bytes(row.durations), row.roster.case_ids) for row in rows] == results
    # What is stored from now on comes after what is there, and foreign keys hold as before.
    kept = rows[0]
    kept.pk = None
    kept.save(using=ALIAS, force_insert=True)
    assert kept.pk > results[-1][0]
    with pytest.raises(Exception, match="violates foreign key"), transaction.atomic(using=ALIAS):
        Report.objects.using(ALIAS).filter(pk=figures[4][0][0]).update(results_id=10**9)
        connections[ALIAS].check_constraints()
    # A new database comes there in one step.
    assert shape(previous) == shape(connections["default"])


def test_no_migration_looks_through_a_big_table_while_it_locks_others_out_of_it(previous: Any) -> None:
    """Under the lock that even readers wait for, no row of a big table may be read or written."""
    offences: list[str] = []

    def watching(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = str(sql)
        if "CONCURRENTLY" in text or previous.in_atomic_block:
            before = rows_touched(previous)
            answer = execute(sql, params, many, context)
            offences.extend(found(text, before))
            return answer
        with transaction.atomic(using=ALIAS):
            before = rows_touched(previous)
            answer = execute(sql, params, many, context)
            offences.extend(found(text, before))
        return answer

    def found(text: str, before: dict[str, int]) -> list[str]:
        if not previous.in_atomic_block:
            return []
        locked = locked_out(previous)
        now = rows_touched(previous)
        return [f"{table}: {text}" for table in locked if now.get(table, 0) > before.get(table, 0)]

    with previous.execute_wrapper(watching):
        call_command("migrate", database=ALIAS, verbosity=0)
    assert offences == []


def rows_touched(previous: Any) -> dict[str, int]:
    """Rows of each big table that this transaction has read or written so far."""
    asked = """
        SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + n_tup_ins + n_tup_upd + n_tup_del
        FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)
    """
    return dict(previous.connection.execute(asked, [BIG]).fetchall())


def locked_out(previous: Any) -> set[str]:
    """Big tables that readers must wait for until this transaction ends."""
    asked = """
        SELECT relation::regclass::text FROM pg_locks WHERE pid = pg_backend_pid() AND granted
          AND mode = 'AccessExclusiveLock' AND locktype = 'relation' AND relation::regclass::text = ANY(%s)
    """
    return {name for (name,) in previous.connection.execute(asked, [BIG]).fetchall()}
