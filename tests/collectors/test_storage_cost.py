"""What a stored result and a covered line take, beside a row for each, and how fast results come in (make bench).

The nights are those of ``manage.py fill_estate`` with outcomes changing on every one of them, not on one in five.
The plain design is built of the same nights in the same database: a row per result with the indexes that a run's
page and a test's history need; for lines a row each, or JSON per file.

Sizes are ``pg_total_relation_size``, once as the tables grew night by night, each night's statistics told after it,
faster than autovacuum looks (the most that they take), and once after VACUUM FULL (the least).
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from collectors.carrying import bring_forward
from collectors.case_statistics import refresh_statistics
from collectors.day_sums import sum_up
from collectors.filling.churn import Churn, Habits, Night, message_of
from collectors.filling.copying import Copying
from collectors.filling.history import History, artifact_fields, reading_of, run_fields
from collectors.ingest import store_reading
from collectors.parsers.results import Outcome, Reading
from collectors.paths import PathResolver
from collectors.rollup import refresh_repository
from collectors.snapshots import put_together
from dashboard.celery import keep_what_is_loaded
from dashboard.models import Artifact, Repository, WorkflowRun
from tests import factories
from tests.performance.pace import Work, cpu_of

pytestmark = [pytest.mark.bench, pytest.mark.django_db(transaction=True)]

RESULTS = (
    *("test_results", "test_roster", "test_case", "test_words", "test_statistics", "test_case_group"),
    *("report_failures", "failure_message"),
)
LINES = ("coverage_manifest", "line_map", "source_file")
SHARED = ("workflow_run", "artifact", "report", "snapshot", "snapshot_group", "repository_day")

SIZES = ((10, 200, 20, 365), (1, 2_000, 300, 365))
"""Repositories, tests and files of each, nights."""
PLAIN = 1
"""The place among the sizes of that which the plain design is built of."""
MOST_BYTES = (6.4, 4.9)
"""A result may take at most, packed: what was reached, and a sixth more."""
NIGHTLY = 1
"""That which grows night by night; the other is stored at once, and only its packed size means anything."""
COMMITS_WITH_PLAIN_LINES = 5
HABITS = Habits(eventful=1.0)
REPOSITORIES_MEASURED, NIGHTS_MEASURED = 3, 8
"""How fast results come in is the most of these: what others do on the machine only ever slows them."""


def days_back(nights: int) -> list[date]:
    last = datetime.now(UTC).date()
    return [last - timedelta(days=back) for back in range(nights, 0, -1)]


SIZE = """
    SELECT name, coalesce(
        (SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(name::regclass)),
        pg_total_relation_size(name::regclass)
    )::bigint
    FROM unnest(%s::text[]) AS name
"""


def pack() -> None:
    with connection.cursor() as cursor:
        for name in RESULTS + LINES + SHARED:
            cursor.execute(f"VACUUM FULL {name}")


def bytes_of(tables: tuple[str, ...]) -> dict[str, int]:
    """Each with its partitions, indexes and TOAST."""
    with connection.cursor() as cursor:
        cursor.execute(SIZE, [list(tables)])
        return dict(cursor.fetchall())


def lines_of(history: History, night: Night) -> int:
    return sum(history.counted[history.maps[path, version][1]][0] for path, version in night.files.items())


def tell(repo: Repository, history: History) -> None:
    """What a night ends with: its rows are stored, and how each test stands is told."""
    with transaction.atomic():
        history.into.write()
        repo.latest_id = history.points[-1].snapshot
        refresh_statistics(repo)


@pytest.fixture(params=range(len(SIZES)), ids=lambda place: f"{SIZES[place][1]}-tests")
def filled(request: Any) -> dict[str, float]:
    """Repositories of a size in empty tables, with what they take."""
    repositories, tests, files, nights = SIZES[request.param]
    pack()  # what other tests deleted still takes room
    empty = bytes_of(RESULTS + LINES + SHARED)
    held: Counter[str] = Counter()
    plain = Plain() if request.param == PLAIN else None
    for number in range(repositories):
        churn = Churn(number, tests, files, HABITS)
        repo = factories.repository(name=f"measured-{number}")
        into = Copying()
        history = History(into, Repository.objects.get(pk=repo.pk), churn)
        for night in churn.nights(days_back(nights)):
            history.add(night)
            if request.param == NIGHTLY:
                tell(repo, history)
            held["results"] += len(night.tests)
            held["lines"] += lines_of(history, night)
            if plain:
                plain.add(churn, night)
        history.end()
        del into.tables[Repository]  # it is there; its row is brought up to date as after any night
        with transaction.atomic():
            into.write()
        refresh_repository(repo)
    grown = {f"{name} grown": size - empty[name] for name, size in bytes_of(RESULTS + LINES + SHARED).items()}
    found = {**held, **grown, "most bytes": MOST_BYTES[request.param]} | (plain.sizes() if plain else {})
    pack()
    return found | {name: size - empty[name] for name, size in bytes_of(RESULTS + LINES + SHARED).items()}


def test_bytes_of_a_result_and_of_a_line(filled: dict[str, float]) -> None:
    results, lines = filled["results"], filled["lines"]
    shared = sum(filled[name] for name in SHARED)
    own, covered = sum(filled[name] for name in RESULTS), sum(filled[name] for name in LINES)
    print(f"\n{results:,.0f} results, {lines:,.0f} lines")
    for name in (*RESULTS, *LINES, *SHARED):
        grown, took = filled[f"{name} grown"], filled[name]
        each = f"{took / results:8.3f} a result {took / lines:8.4f} a line"
        print(f"  {name:18} {grown:>12,.0f} B as it grew {took:>12,.0f} B packed {each}")
    grown = sum(filled[f"{name} grown"] for name in RESULTS) / results
    print(f"  a result, as it grew {grown:.2f} B")
    print(f"  a result {own / results:.2f} B, with runs, artifacts, commits, days {(own + shared) / results:.2f} B")
    print(f"  a line {covered / lines:.4f} B, with the same {(covered + shared) / lines:.4f} B")
    if "plain results" in filled:
        plain = filled["plain results"] / results
        print(f"  plain: a result {plain:.1f} B, {plain * results / own:.0f} times ours")
        for name in ("plain lines", "plain files"):
            print(f"  {name}: {filled[name]:.2f} B, {filled[name] * lines / covered:.0f} times ours")
        assert plain * results > 20 * own
        assert filled["plain lines"] * lines > 400 * covered and filled["plain files"] * lines > 30 * covered
    assert own / results < filled["most bytes"] and grown < 10.5 and covered / lines < 0.15


class Plain:
    """The design that one would draw first, out of the same nights."""

    def __init__(self) -> None:
        self.tests: dict[Any, int] = {}
        self.rows: list[tuple[Any, ...]] = []
        self.commits = self.lines = 0
        with connection.cursor() as cursor:
            cursor.execute(
                """
                DROP TABLE IF EXISTS plain_test, plain_result, plain_line, plain_file;
                CREATE TABLE plain_test (id bigint PRIMARY KEY, repository_id bigint, classname text, name text,
                    file text, UNIQUE (repository_id, classname, name));
                CREATE TABLE plain_result (id bigserial PRIMARY KEY, repository_id bigint NOT NULL,
                    report_id bigint NOT NULL, test_id bigint NOT NULL, outcome smallint NOT NULL,
                    flaky boolean NOT NULL, duration double precision, message text, details text);
                CREATE INDEX ON plain_result (report_id);
                CREATE INDEX ON plain_result (test_id, report_id);
                CREATE TABLE plain_line (commit_id bigint, file_id bigint, line integer, hits integer,
                    PRIMARY KEY (commit_id, file_id, line));
                CREATE TABLE plain_file (commit_id bigint, file_id bigint, lines jsonb,
                    PRIMARY KEY (commit_id, file_id));
                """
            )

    def add(self, churn: Churn, night: Night) -> None:
        for test, outcome, seconds, flaky in zip(
            night.tests, night.outcomes, night.seconds, night.flaky, strict=True
        ):
            words = message_of(test, outcome) if outcome >= Outcome.FAILED else (None, None)
            number = self.tests.setdefault(test, len(self.tests))
            self.rows.append((1, night.number, number, int(outcome), flaky, seconds, *words))
        if night.number < COMMITS_WITH_PLAIN_LINES:
            self._add_lines(churn, night)
        if len(self.rows) > 100_000:
            self._write()

    def _add_lines(self, churn: Churn, night: Night) -> None:
        with connection.cursor() as cursor:
            found = [churn.lines(path, version) for path, version in night.files.items()]
            with cursor.copy("COPY plain_line FROM STDIN") as copy:
                for file, lines in enumerate(found):
                    for line, hits in lines.items():
                        copy.write_row((night.number, file, line, hits))
            with cursor.copy("COPY plain_file FROM STDIN") as copy:
                for file, lines in enumerate(found):
                    copy.write_row(
                        (night.number, file, orjson.dumps({str(k): v for k, v in lines.items()}).decode())
                    )
        self.lines += sum(map(len, found))

    def _write(self) -> None:
        columns = "repository_id, report_id, test_id, outcome, flaky, duration, message, details"
        with connection.cursor() as cursor, cursor.copy(f"COPY plain_result ({columns}) FROM STDIN") as copy:
            for row in self.rows:
                copy.write_row(row)
        self.rows.clear()

    def sizes(self) -> dict[str, float]:
        """Of all results; of lines and files per line of a commit."""
        self._write()
        with connection.cursor() as cursor, cursor.copy("COPY plain_test FROM STDIN") as copy:
            for test, number in self.tests.items():
                copy.write_row((number, 1, test.classname, test.name, test.file))
        held = bytes_of(("plain_test", "plain_result", "plain_line", "plain_file"))
        return {
            "plain results": held["plain_test"] + held["plain_result"],
            "plain lines": held["plain_line"] / self.lines,
            "plain files": held["plain_file"] / self.lines,
        }


def test_results_from_parsed_report_to_page() -> None:
    """CPU of both processes; the plain design writes its rows by COPY and rolls nothing up."""
    keep_what_is_loaded()  # as each worker does when it begins
    first, usual, plain = [], [], []
    for number in range(REPOSITORIES_MEASURED):
        repo = factories.repository(name=f"measured-{number}", github_id=77 + number)
        churn, rows = Churn(7 + number, 10_000, 0, HABITS), Plain()
        for night in churn.nights(days_back(NIGHTS_MEASURED)):
            run = run_fields(repo, night)
            made = WorkflowRun.objects.create(**run)
            artifact = Artifact.objects.create(run=made, **artifact_fields(run))
            reading = reading_of(churn, night)
            ours = cpu_of(lambda: store(repo, artifact, reading))  # noqa: B023 - called at once
            (usual if night.number else first).append(_a_second(night, ours))
            rows.add(churn, night)
            plain.append(_a_second(night, cpu_of(rows._write)))
    most = max(first), max(usual), max(plain)
    print("\nresults a second of CPU: first night {:,.0f}, usual {:,.0f}; plain rows {:,.0f}".format(*most))
    assert 3 * max(usual) > max(plain) and 16 * max(first) > max(plain)


def _a_second(night: Night, took: Work) -> float:
    return 1000 * len(night.tests) / took.both_ms


def store(repo: Repository, artifact: Artifact, reading: Reading) -> None:
    """All that follows a parsed report, up to the pages of the repository and of the estate."""
    store_reading(artifact, reading, artifact.digest, PathResolver([]))
    put_together(repo, artifact.run.head_sha)
    bring_forward(repo)
    refresh_repository(repo)
    sum_up(artifact.created_at.date())
