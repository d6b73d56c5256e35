"""A prepared question asks for what it is given each time, whoever asked for what before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection
from django.db.models import F, Model, Q, QuerySet, Sum
from django.test.utils import CaptureQueriesContext

from dashboard.models import Collection, Repository
from dashboard.queries.prepared import number_of, prepared
from dashboard.queries.rows import named_rows
from tests.factories import repository, snapshot, today_at


@prepared
def failing(least: int, *, name: str, since: datetime | None) -> QuerySet[Repository]:
    rows = (
        Repository.objects.select_related("latest")
        .filter(name__iexact=name)
        .annotate(failing_now=F("tests_failed"))
    )
    if since:
        rows = rows.filter(evidence_at__gte=since)
    return rows.filter(tests_failed__gte=least)


@pytest.mark.django_db
def test_values_and_shapes_are_those_of_the_question() -> None:
    for name, failed in (("one", 1), ("two", 2)):
        snapshot(repository(name=name), tests=(9, failed, 0, 0))
    past, future = today_at() - timedelta(days=1), today_at() + timedelta(days=1)
    for _ in range(2):
        assert [(row.name, row.failing_now) for row in failing(1, name="ONE", since=None)] == [("one", 1)]
        assert [row.name for row in failing(1, name="two", since=past)] == ["two"]
        assert failing(1, name="two", since=future) == []
        assert failing(2, name="one", since=past) == []
        assert failing(1, name="'; drop table repository; --", since=None) == []
    with CaptureQueriesContext(connection) as queries:
        [row] = failing(1, name="two", since=past)
        assert row.latest and row.latest.tests_failed == 2
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_prepared_question_makes_of_its_rows_what_its_queryset_does() -> None:
    snapshot(repository(name="one"), tests=(9, 1, 0, 0))
    bare = repository(name="two", tags=["a", "b"])
    Collection.objects.create(trigger="night", requests={"rest": 3, "of": [None, 1.5, "é"]})
    joined = Repository.objects.select_related("organization", "latest__run").order_by("name")
    by_tests = Repository.objects.order_by("-tests_total", "name").distinct()  # ordered by what is not asked for
    for rows in (
        joined.annotate(failing_now=F("tests_failed"), tests=Sum("snapshots__tests_total")).defer("nights"),
        joined.only("name", "organization__login", "latest__sha", "latest__run__url"),
        by_tests.values("name", "tags", sha=F("latest__sha")),
        by_tests.values_list("tags", Sum("snapshots__tests_total"), "name"),
        by_tests.values_list("name", flat=True),
        Collection.objects.annotate(asked=F("requests__rest")).order_by("pk"),
        Collection.objects.values("requests", "note").order_by("pk"),
    ):
        asked = prepared(lambda rows=rows: rows)
        for _ in range(2):
            assert [facts_of(row) for row in asked()] == [facts_of(row) for row in rows.all()]
    [row] = prepared(lambda: joined.filter(pk=bare.pk))()
    with CaptureQueriesContext(connection) as queries:
        assert row.latest is None and row.organization.login and not row._state.adding
    assert len(queries) == 0
    with pytest.raises(TypeError, match="cannot be prepared"):
        prepared(lambda: Repository.objects.prefetch_related("snapshots"))()


def facts_of(row: Any) -> Any:
    """What a row holds, with what was joined to it, column by column."""
    if not isinstance(row, Model):
        return type(row), row
    others = {name: other and facts_of(other) for name, other in row._state.fields_cache.items()}
    return type(row), {name: value for name, value in vars(row).items() if name != "_state"}, others


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_connections_of_their_own() -> None:
    for number in range(4):
        snapshot(repository(name=f"r{number}"), tests=(9, 1, 0, 0))

    def ask(number: int) -> list[str]:
        try:
            return [row.name for _ in range(20) for row in failing(1, name=f"r{number}", since=None)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [[f"r{number}"] * 20 for number in range(4)]


@pytest.mark.django_db
def test_who_may_see_nothing_gets_nothing_for_no_question() -> None:
    @prepared
    def seen(*, name: str) -> QuerySet[Repository]:
        return Repository.objects.none().filter(name=name)

    with CaptureQueriesContext(connection) as queries:
        assert seen(name="api") == seen(name="api") == []
    assert len(queries) == 0


@pytest.mark.django_db
def test_what_cannot_be_prepared_is_refused_when_it_is_first_asked() -> None:
    @prepared
    def named(*, word: str) -> QuerySet[Repository]:
        return Repository.objects.filter(Q(name__endswith=word))

    @prepared
    def unused(*, word: str) -> QuerySet[Repository]:
        return Repository.objects.all()

    def ask(question: Any) -> None:
        with pytest.raises(TypeError, match="does not come out of the ORM"):
            question(word="api")

    ask(named)
    ask(unused)
    with pytest.raises(TypeError, match="make it a part of the shape"):
        named(word=3.5)


@pytest.mark.django_db
def test_what_is_contained_may_hold_a_wildcard() -> None:
    @prepared
    def named(*, word: str) -> QuerySet[Repository]:
        return Repository.objects.filter(name__icontains=word).order_by("name")

    for name in ("snake_case", "snakescase"):
        repository(name=name)
    assert [row.name for row in named(word="SNAKE")] == ["snake_case", "snakescase"]
    assert [row.name for row in named(word="e_c")] == ["snake_case"]
    assert named(word="%") == named(word="\\") == []


@pytest.mark.django_db
def test_what_a_name_begins_with_may_hold_a_wildcard() -> None:
    @prepared
    def named(*, word: str) -> QuerySet[Repository]:
        return Repository.objects.filter(name__startswith=word).order_by("name")

    for name in ("snake_case", "snakescase"):
        repository(name=name)
    assert [row.name for row in named(word="snake")] == ["snake_case", "snakescase"]
    assert [row.name for row in named(word="snake_c")] == ["snake_case"]
    assert named(word="%") == named(word="ake") == []


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 3])
def test_rows_are_counted_by_a_question_that_can_be_prepared(rows: int) -> None:
    @prepared
    def number(*, word: str) -> QuerySet[Any]:
        return number_of(Repository.objects.filter(name__icontains=word).order_by("name"))

    for place in range(rows):
        repository(name=f"api-{place}")
    assert sum(number(word="api")) == sum(number(word="API-")) == rows


@pytest.mark.django_db(transaction=True)
def test_what_a_connection_asks_for_often_is_planned_once_by_the_database() -> None:
    repository(name="api")
    connection.close()
    for _ in range(8):
        assert [row.name for row in failing(0, name="api", since=None)] == []
    with connection.cursor() as cursor:
        cursor.execute("select statement from pg_prepared_statements where statement like %s", ['%"evidence_at"%'])
        assert len(cursor.fetchall()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_one_plan_for_all_values_is_taken_where_it_is_asked_for_and_nowhere_else() -> None:
    connection.close()
    for _ in range(8):
        named_rows("select id from repository where name = %(name)s", {"name": "api"}, any_value=True)
    with pytest.raises(DataError):
        named_rows("select 1 / %(number)s", {"number": 0}, any_value=True)
    with connection.cursor() as cursor:
        cursor.execute("select generic_plans, custom_plans from pg_prepared_statements")
        assert [(generic > 0, custom) for generic, custom in cursor.fetchall()] == [(True, 0)]
        cursor.execute("show plan_cache_mode")
        assert cursor.fetchone() == ("auto",)


@pytest.mark.django_db
def test_a_list_of_any_length_is_one_value_and_an_integer_has_the_size_of_its_column() -> None:
    rows = [repository(name=f"r{number}", github_id=2**40 + number) for number in range(3)]
    asked = []

    @prepared
    def named(*, ids: list[int], names: list[str], github_id: int) -> QuerySet[Repository]:
        asked.append(ids)
        of_these = Repository.objects.filter(pk__any=ids, name__any=names).exclude(github_id=github_id)
        return of_these.order_by("name")

    every, ids = ["r0", "r1", "r2"], [row.pk for row in rows]
    assert [row.name for row in named(ids=ids, names=every, github_id=2**40 + 1)] == ["r0", "r2"]
    assert [row.name for row in named(ids=ids[:1], names=every, github_id=2**40 + 1)] == ["r0"]
    assert [row.name for row in named(ids=ids, names=["r2", "'); --"], github_id=2**41)] == ["r2"]
    assert named(ids=[], names=every, github_id=2**40) == []
    assert [row.name for row in named(ids=ids, names=every, github_id=2**70)] == every
    assert len(asked) == 1
