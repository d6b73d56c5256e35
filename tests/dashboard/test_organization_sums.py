"""The sums of organizations are those of their repositories at any moment, whoever changed these and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from random import Random
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from collectors.organization_sums import add_up
from dashboard.models import Organization, OrganizationSums, Repository
from dashboard.models.organization_sums import SUM_NAMES
from dashboard.queries.organization_sums import added, estate_sums, organization_sums, tag_sums
from dashboard.visibility import EVERYONE, STAFF, Reader
from tests.factories import organization, repository, today_at

STEPS = 60
CONDITIONS = ("failing", "ran-nothing", "silent", "passing", "no-evidence")
Key = tuple[str, bool, str | None]


def told(row: Repository) -> dict[str, int]:
    """What one repository counts for, as contract rules 5, 9 and 12 have it."""
    sums = dict.fromkeys(SUM_NAMES, 0) | {"repositories": 1}
    if row.archived:
        return sums
    sums["active"] = 1
    sums[row.condition.replace("-", "_")] = 1
    if row.evidence == "log":
        sums["tests_from_logs"] = row.tests_total or 0
    if row.evidence != "report":
        return sums
    figures = [name for name in SUM_NAMES if name.startswith("tests_") and name != "tests_from_logs"]
    sums |= {name: getattr(row, name) or 0 for name in (*figures, "duration_ms")}
    sums["reporting"] = 1
    sums["with_tests"] = int(row.tests_total is not None)
    sums["with_duration"] = int(row.duration_ms is not None)
    if row.lines_valid:
        sums |= {"with_lines": 1, "lines_valid": row.lines_valid, "lines_covered": row.lines_covered or 0}
    return sums


def of_rows() -> dict[Key, dict[str, int]]:
    found: dict[Key, list[dict[str, int]]] = defaultdict(list)
    for row in Repository.objects.select_related("organization"):
        for tag in (None, *set(row.tags)):
            found[row.organization.login, row.private, tag].append(told(row))
    return {key: added(sums) for key, sums in found.items()}


def kept() -> dict[Key, dict[str, int]]:
    """By the organizations' present names; those of which nothing is left add up to nothing."""
    logins = dict(Organization.objects.values_list("pk", "login"))
    found: dict[Key, list[dict[str, int]]] = defaultdict(list)
    for row in OrganizationSums.objects.values():
        found[logins.get(row["organization_id"], "gone"), row["private"], row["tag"]].append(row)
    sums = {key: added(rows) for key, rows in found.items()}
    return {key: row for key, row in sums.items() if any(row.values())}


def figures(dice: Random) -> dict[str, Any]:
    passed, failed, valid = dice.randrange(90), dice.randrange(3), dice.randrange(100)
    known, lines = dice.random() < 0.8, dice.random() < 0.8
    outcomes = {"passed": passed, "failed": failed, "errors": 1, "skipped": 2, "total": passed + failed + 3}
    outcomes |= {"executions": 2 * passed, "flaky": failed}
    return {
        "condition": dice.choice(CONDITIONS),
        "evidence": dice.choice(("report", "report", "log", "none")),
        **{f"tests_{name}": number if known else None for name, number in outcomes.items()},
        "duration_ms": dice.choice((None, 1500)),
        "lines_valid": valid if lines else None,
        "lines_covered": valid // 2,
    }


class DeathError(Exception):
    """A worker that dies."""


def steps(dice: Random) -> list[Callable[[], object]]:
    """Every road by which a repository is changed, each of one or of several at random."""

    def some() -> Any:
        rows = list(Repository.objects.values_list("pk", flat=True))
        return Repository.objects.filter(pk__in=dice.sample(rows, min(len(rows), dice.choice((1, 1, 4)))))

    def edited(**fields: Any) -> None:
        for row in some():
            for name, value in fields.items():
                setattr(row, name, value)
            row.save()

    def crashed() -> None:
        try:
            with transaction.atomic():
                some().update(tests_total=None)
                some().delete()
                raise DeathError
        except DeathError:
            pass

    def one(login: str) -> Organization:
        return organization(login)

    name = f"r{dice.random()}"
    login = dice.choice(("acme", "umbrella", "initech"))
    tags = dice.choice(([], ["flagship"], ["flagship", "slow"], ["slow", "slow"]))
    return [
        lambda: repository(one(login), name, tags=tags, private=dice.random() < 0.3, **figures(dice)),
        lambda: repository(one(login), name, tags=tags, **figures(dice)),
        lambda: Repository.objects.bulk_create(
            Repository(organization=one(login), name=f"{name}-{n}", full_name=f"{login}/{name}-{n}")
            for n in range(3)
        ),
        lambda: some().update(**figures(dice)),
        lambda: some().update(reason="nothing that is added up"),
        lambda: edited(archived_by_file=dice.random() < 0.5, enabled=dice.random() < 0.5),
        lambda: edited(private=dice.random() < 0.5, tags=tags),
        lambda: edited(organization=one(login)),
        lambda: some().delete(),
        lambda: Organization.objects.filter(login=login).update(login=f"{login}-{dice.randrange(10**9)}"),
        lambda: Organization.objects.filter(login__startswith=f"{login}-").delete(),
        crashed,
        add_up,
    ]


@pytest.mark.django_db
def test_they_are_those_of_the_repositories_after_any_sequence_of_changes() -> None:
    dice = Random(5)
    for step in range(STEPS):
        done = dice.choice(steps(dice))
        done()
        assert kept() == of_rows(), f"after {step} steps"
    assert Repository.objects.count() > 10
    add_up()
    assert OrganizationSums.objects.count() == len(of_rows())


def shown(rows: Iterable[dict[str, Any]], name: str) -> dict[str, dict[str, int]]:
    return {row[name]: {key: row[key] for key in SUM_NAMES} for row in rows}


@pytest.mark.django_db
@pytest.mark.parametrize("reader", [EVERYONE, STAFF])
def test_a_reader_is_told_the_sums_of_what_he_sees(reader: Reader) -> None:
    dice = Random(2)
    for number in range(12):
        owner = organization(f"org-{number % 3}")
        tags = ["flagship", "slow"][: number % 3]
        repository(owner, f"r{number}", tags=tags, private=number % 4 == 1, archived=number > 9, **figures(dice))
    organization("empty")
    repository(organization("hidden"), private=True)
    rows = {key: sums for key, sums in of_rows().items() if reader.is_staff or not key[1]}

    def expected(login: str = "", tag: str | None = None) -> dict[str, int]:
        return added([sums for key, sums in rows.items() if login in ("", key[0]) and key[2] == tag])

    logins = [f"org-{number}" for number in range(3)] + ["hidden"] * reader.is_staff
    by_organization = shown(organization_sums(reader, "", today_at()), "login")
    assert by_organization == {login: expected(login) for login in logins}
    assert shown(tag_sums(reader, "ORG-1"), "tag") == {"flagship": expected("org-1", "flagship")}
    assert estate_sums(reader) == expected() | {"organizations": len(logins)}
    assert estate_sums(reader, "org-2", "slow") == expected("org-2", "slow") | {"organizations": 1}
    assert estate_sums(Reader(is_staff=False, public_installation=False))["repositories"] == 0


@pytest.mark.django_db(transaction=True)
def test_workers_of_one_organization_wait_neither_for_each_other_nor_for_adding_up() -> None:
    first, second = repository(name="first"), repository(name="second")
    change = "UPDATE repository SET evidence = 'report', tests_total = 7, tests_passed = 7, tests_failed = 0, "
    change += "tests_errors = 0, tests_skipped = 0 WHERE id = %s"
    with psycopg.connect(**connection.get_connection_params()) as worker:
        worker.execute(change, [second.pk])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            cursor.execute(change, [first.pk])
            add_up()
            assert estate_sums(STAFF)["tests_total"] == 7
            worker.commit()
            assert estate_sums(STAFF)["tests_total"] == 14
            add_up()
    assert estate_sums(STAFF)["tests_total"] == 14 and OrganizationSums.objects.count() == 1
