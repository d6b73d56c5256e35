"""What a night changed is told by the worst and the best of it, however much that is."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from dashboard.models import Repository
from dashboard.queries.changes import SHOWN, ChangeList, Tonight, changes
from dashboard.visibility import Reader
from tests.factories import repository, today_at

pytestmark = pytest.mark.django_db
MANY = SHOWN + 3


def changed(name: str, **figures: Any) -> None:
    row = repository(name=name)
    told: dict[str, Any] = {"condition": "passing", "evidence": "report", "evidence_at": today_at()}
    Repository.objects.filter(pk=row.pk).update(**(told | figures))


def shown(listed: ChangeList) -> list[str]:
    return [change.name for change in listed.changes]


def test_each_list_begins_with_what_moved_most_and_counts_all_of_it() -> None:
    night = today_at() - timedelta(hours=1)
    for number in range(MANY):
        failing = {"tests_total": 20, "tests_failed": number, "tests_errors": 1}
        changed(f"broke-{number}", condition="failing", failing_since=today_at(), **failing)
        changed(f"lost-{number}", percent_delta=-1.0 - number, lines_valid=100, lines_covered=50)
        changed(f"better-{number}", percent_delta=1.0 + number, tests_delta=1, lines_valid=100, lines_covered=50)
        silent_since = today_at() + timedelta(minutes=number)
        changed(f"silent-{number}", condition="silent", silent_since=silent_since)
    sums = Tonight(**{each.name: MANY for each in fields(Tonight)})
    told = changes(Reader(is_staff=True, public_installation=False), "", night, sums)
    first = [MANY - 1 - place for place in range(SHOWN)]
    for listed, kind in zip(told.lists, ("broke", "lost", "silent", "better"), strict=True):
        assert shown(listed) == [f"{kind}-{number}" for number in first]
        assert (listed.count, listed.more) == (MANY, MANY - SHOWN)
