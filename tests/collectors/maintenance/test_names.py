"""New names are put where search finds them at once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.utils.timezone import now

from collectors.maintenance import maintain
from dashboard.models import Case
from tests.factories import repository

pytestmark = pytest.mark.django_db


def waiting() -> int:
    """Pages of names that were not in their place, and are now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('test_words_parts')")
        return int(cursor.fetchone()[0])


def add_names(word: str) -> None:
    repo = repository(name=word)
    Case.objects.bulk_create(
        Case(repository=repo, identity=f"{word} {number}".encode(), group="unit", name=f"{word} {number}")
        for number in range(30)
    )


def test_after_a_night_no_search_reads_new_names_one_by_one() -> None:
    add_names("before")
    assert waiting() > 0
    add_names("after")
    maintain(now())
    assert waiting() == 0
