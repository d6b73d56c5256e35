"""Rows become objects, moments and JSON by shorter ways than Django's own: what comes of them is the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import DataError, connection
from hypothesis import given
from hypothesis.strategies import booleans, characters, datetimes, floats, integers, just, lists, none, text

from dashboard.loaders import JsonLoader, MomentLoader
from dashboard.models import Repository
from tests.factories import repository

pytestmark = pytest.mark.django_db


def test_a_row_that_was_read_is_the_object_that_was_stored() -> None:
    stored = repository(name="api", tags=["team"])
    read = Repository.objects.select_related("organization").get(pk=stored.pk)
    assert read == stored and read.tags == ["team"]
    assert read.organization.login == stored.organization.login
    assert not read._state.adding and read._state.db == "default"
    read.name = "web"
    read.save()
    assert Repository.objects.get(name="web").pk == stored.pk


def test_what_was_not_read_of_a_row_is_read_when_it_is_asked_for(django_assert_num_queries: object) -> None:
    stored = repository(name="api", tags=["team"])
    read = Repository.objects.only("name").get(pk=stored.pk)
    assert "tags" in read.get_deferred_fields() and "name" not in read.get_deferred_fields()
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert read.tags == ["team"]


@given(datetimes(timezones=just(UTC)))
def test_every_moment_comes_back_as_it_was_stored_and_in_utc(moment: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::timestamptz", [moment])
        [read] = cursor.fetchone()
        loader = cursor.connection.adapters.get_loader(1184, 0)
    assert read == moment and read.tzinfo is UTC
    assert issubclass(loader, MomentLoader)


SCALARS = none() | booleans() | integers(-(2**63), 2**63 - 1) | floats(allow_nan=False, allow_infinity=False)


@given(lists(SCALARS | text(characters(exclude_categories=["Cs"]))))
def test_json_that_was_put_together_for_an_answer_comes_back_as_it_was(values: list[object]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select json_build_object('held', %s::json), %s::json", [json.dumps(values)] * 2)
        assert cursor.fetchone() == ({"held": values}, values)
        assert cursor.connection.adapters.get_loader(114, 0) is JsonLoader


@pytest.mark.parametrize("moment", ["infinity", "-infinity", "0044-03-15 BC", "12026-01-01"])
def test_a_moment_that_python_cannot_hold_is_refused_as_ever(moment: str) -> None:
    with connection.cursor() as cursor, pytest.raises(DataError):
        cursor.execute("select %s::timestamptz", [moment])
        cursor.fetchone()
