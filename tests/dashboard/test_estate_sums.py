"""The estate's sums are those of its repositories taken one by one, whoever reads and however they are summed."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from random import Random
from statistics import median

import pytest

from dashboard.models import Repository
from dashboard.queries.estate import EstatePage, estate_page
from dashboard.queries.statuses import STATUSES, Asked
from dashboard.visibility import EVERYONE, STAFF, Reader
from tests.factories import collection, organization, repository, today_at

pytestmark = pytest.mark.django_db

NIGHT = today_at() - timedelta(hours=1)
CONDITIONS = ("failing", "ran-nothing", "silent", "passing", "no-evidence")


def estate() -> list[Repository]:
    """Three organizations, two with a place in the order, and a repository of every kind, no two alike."""
    owners = organization("below", layer=2), organization("above", layer=1), organization("apart")
    nights = NIGHT, NIGHT - timedelta(days=9)
    kinds = list(product(CONDITIONS, ("report", "log", "none"), (False, True), nights))
    Random(1).shuffle(kinds)
    for number, (condition, evidence, archived, since) in enumerate(kinds):
        told = number % 5 != 4
        repository(
            owners[number % 3],
            name=f"r{number}",
            archived=archived,
            private=number % 4 == 3,
            condition=condition,
            evidence=evidence,
            evidence_at=since,
            failing_since=since if condition == "failing" else None,
            tests_total=10 + number * 2 if told else None,
            tests_passed=7 + number if told else None,
            tests_failed=number if told else None,
            tests_errors=2 if told else None,
            tests_skipped=1 if told else None,
            lines_valid=100 + number if number % 3 else None,
            lines_covered=50 + number // 2,
            tests_delta=number % 7 - 3,
            failing_delta=number % 3 - 1,
            percent_delta=(None, -0.5, 0.0, 0.6)[number % 4],
        )
    return list(Repository.objects.select_related("organization"))


def shown(reader: Reader, login: str = "") -> EstatePage:
    found = estate_page(reader, Asked(), login, today_at())
    assert found is not None
    return found


def status(row: Repository, night: object) -> str:
    if row.archived:
        return "archived"
    if row.condition == "failing":
        return "broke" if night is None or row.failing_since >= night else "still-failing"
    return row.condition


@pytest.mark.parametrize("reader", [EVERYONE, STAFF])
@pytest.mark.parametrize("login", ["", "above"])
def test_sums_are_those_of_the_repositories_that_the_reader_sees(reader: Reader, login: str) -> None:
    collection()
    rows = [row for row in estate() if reader.is_staff or not row.private]
    rows = [row for row in rows if login in ("", row.organization.login)]
    page = shown(reader, login)
    figures = page.figures
    active = [row for row in rows if not row.archived]
    reported = [row for row in active if row.evidence == "report"]
    measured = [row for row in reported if row.lines_valid]
    assert (figures.repositories, figures.active, figures.reporting) == (len(rows), len(active), len(reported))
    assert figures.tests == sum(row.tests_total or 0 for row in reported)
    assert figures.failing == sum(row.failing or 0 for row in reported)
    assert figures.passed == sum(row.tests_passed or 0 for row in reported)
    assert figures.from_logs == sum(row.tests_total or 0 for row in active if row.evidence == "log")
    assert (figures.lines_valid, figures.lines_covered) == (
        sum(row.lines_valid or 0 for row in measured),
        sum(row.lines_covered or 0 for row in measured),
    )
    assert figures.measured == len(measured)
    assert figures.median_percent == pytest.approx(median(row.percent or 0 for row in measured))
    statuses = [status(row, page.night) for row in rows]
    assert figures.statuses == {each: statuses.count(each) for each in STATUSES}
    tonight = [row for row in active if row.evidence_at and page.night and row.evidence_at >= page.night]
    moved = [row.tests_delta or 0 for row in tonight if row.evidence == "report"]
    sums = page.changes.sums
    assert (sums.tests_added, sums.tests_removed) == (
        sum(delta for delta in moved if delta > 0),
        -sum(delta for delta in moved if delta < 0),
    )
    assert sums.lost == len([row for row in tonight if row.percent_delta == -0.5])
    assert page.table.count == len(rows)
    for group in page.table.groups:
        own = [row.tests_total for row in reported if row.organization.login == group.key]
        known = [tests for tests in own if tests is not None]
        assert group.totals is not None
        assert (group.totals.reporting, group.totals.tests) == (len(own), sum(known) if known else None)
    ranks = [[STATUSES.index(row.status) for row in group.rows] for group in page.table.groups]
    assert ranks == list(map(sorted, ranks))
    assert [group.key for group in page.table.groups] == ([login] if login else ["above", "below", "apart"])
