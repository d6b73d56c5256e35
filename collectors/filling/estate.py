"""A made-up estate in the database: organizations, repositories with their histories, roll-ups, nights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db import connection, transaction

from collectors.case_statistics import refresh_statistics
from collectors.day_sums import sum_up_from
from collectors.filling.churn import Churn
from collectors.filling.copying import Copying
from collectors.filling.history import History
from collectors.filling.words import repository_name
from collectors.organization_sums import add_up
from dashboard.models import Collection, Organization, Repository, RepositoryDay
from dashboard.nights import end_of
from dashboard.queries.night_totals import ended_sums

PREFIX = "filled-"
ROWS_AT_ONCE = 60_000
REPOSITORIES_AN_ORGANIZATION = 250
ENTRIES_KEPT = 30
"""Nights of which each repository's part is told; of older ones only the night's own row."""
GIANT = "giant"
GIANT_TESTS, GIANT_FILES = 50_000, 20_000
LANGUAGES = ("Python", "TypeScript", "Go", "Java", "Rust")

CADENCES = ((0.03, 1.0), (0.1, 1 / 3), (0.4, 1 / 7), (1.0, 1 / 30))
"""Share of repositories, added up, and on how many nights such a one runs: of a hundred repositories three on
every night, seven on every third, thirty weekly and sixty monthly. That is one night in nine."""


class NotFilledError(Exception):
    """The database holds something that was not made up here; the text is one sentence."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to fill: sizes, the last day, and whether every repository runs every night."""

    repositories: int
    nights: int
    tests: int
    files: int
    last: date
    nightly: bool = False
    giant: bool = False
    seed: int = 1


def refuse_real_data() -> None:
    """Raise NotFilledError unless all organizations are of our making."""
    stranger = Organization.objects.exclude(login__startswith=PREFIX).order_by("login").first()
    if stranger is not None:
        raise NotFilledError(
            f"This database holds {stranger.login}, which is no made-up organization: fill a database of its own, "
            "for example with CLERESTORY_VAR=var/filled."
        )


def days_of(number: int, plan: Plan) -> list[date]:
    """The days on which a repository ran, oldest first; at least one."""
    days = [plan.last - timedelta(days=back) for back in range(plan.nights - 1, -1, -1)]
    if plan.nightly:
        return days
    # Spread evenly over the numbers, so that a small estate has its share of each too.
    place = (number * 0.618_033_988_75) % 1
    often = next(often for share, often in CADENCES if place < share)
    random = Random(f"{plan.seed} days {number}")
    return [day for day in days if often == 1.0 or random.random() < often] or days[-1:]


def fill(plan: Plan) -> Iterator[int]:
    """Fill in what is not there yet, and tell after each repository how many results were stored of it.

    Each batch of repositories is one transaction: what was interrupted goes on where it stopped.
    """
    refuse_real_data()
    into = Copying()
    batch: list[Repository] = []
    for number, repository in missing(plan, into):
        if not batch:
            Collection.objects.all().delete()  # as long as there are none, the end is not done yet
        giant = repository.name == GIANT
        churn = Churn(
            seed=plan.seed * 1_000_003 + number,
            tests=GIANT_TESTS if giant else plan.tests,
            files=GIANT_FILES if giant else plan.files,
        )
        days = days_of(number, Plan(0, plan.nights, 0, 0, plan.last, nightly=True) if giant else plan)
        stored = 0
        history = History(into, repository, churn)
        for night in churn.nights(days):
            history.add(night)
            stored += len(night.tests)
        history.end()
        batch.append(repository)
        if into.pending() >= ROWS_AT_ONCE:
            _write(into, batch)
        yield stored
    _write(into, batch)
    if not Collection.objects.exists():
        _finish(plan)


def missing(plan: Plan, into: Copying) -> Iterator[tuple[int, Repository]]:
    """The repositories that are not stored yet, by number."""
    known = set(Repository.objects.values_list("name", flat=True))
    organizations = {org.login: org for org in Organization.objects.all()}
    for number in range(plan.repositories + plan.giant):
        giant = number == plan.repositories
        name = GIANT if giant else repository_name(Random(f"{plan.seed} name {number}"), number)
        if name in known:
            continue
        login = f"{PREFIX}{number // REPOSITORIES_AN_ORGANIZATION:03}"
        if login not in organizations:
            organizations[login] = Organization.objects.create(login=login, title=f"Filled {login[-3:]}")
        yield number, _repository(organizations[login], name, number, into.take_id(Repository), plan)


def _repository(organization: Organization, name: str, number: int, pk: int, plan: Plan) -> Repository:
    full_name = f"{organization.login}/{name}"
    return Repository(
        pk=pk,
        organization=organization,
        github_id=1_000_000 + pk,
        name=name,
        full_name=full_name,
        private=False,
        default_branch="main",
        language=LANGUAGES[number % len(LANGUAGES)],
        tags=["flagship"] if number % 20 == 0 else [],
        url=f"https://github.com/{full_name}",
        created_at=end_of(plan.last - timedelta(days=plan.nights)),
    )


def _write(into: Copying, batch: list[Repository]) -> None:
    """The rows of some whole repositories, and how each of their tests stands."""
    with transaction.atomic():
        into.write()
        for repository in batch:
            refresh_statistics(repository)
    batch.clear()


def _finish(plan: Plan) -> None:
    """Days of organizations and of the estate, the nights that collected it all, and the planner's statistics."""
    with connection.cursor() as cursor:
        first = RepositoryDay.objects.order_by("day").values_list("day", flat=True).first()
        if first is not None:
            with transaction.atomic():
                sum_up_from(dict.fromkeys(Organization.objects.values_list("pk", flat=True), first), plan.last)
                add_up()
        with transaction.atomic():
            cursor.execute(NIGHTS, {"first": first or plan.last, "last": plan.last})
            cursor.execute(NIGHTS_OF_REPOSITORIES, {"first": plan.last - timedelta(days=ENTRIES_KEPT)})
            for pk in Collection.objects.values_list("pk", flat=True):
                Collection.objects.filter(pk=pk).update(**ended_sums(pk))
        # As a database that lives would have done meanwhile.
        cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


NIGHTS = """
INSERT INTO collection (trigger, started_at, finished_at, note, sandbox, requests)
SELECT 'night', day + interval '1 day 2 hours', day + interval '1 day 2 hours 38 minutes', '', '[]',
    '{"graphql": 400, "rest": 3200, "not_modified": 0, "downloads": 1600, "retried": 0}'
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
"""

NIGHTS_OF_REPOSITORIES = """
INSERT INTO repository_collection (collection_id, repository_id, state, error, warnings, started_at, finished_at,
    lit_at, pending, artifacts, reports, tests, same, rejected, expired, bytes, requests, pulse, told, deaths)
SELECT collection.id, repository.id, CASE WHEN held.id IS NULL THEN 'unchanged' ELSE 'collected' END, '', '{}',
    collection.started_at, collection.started_at + interval '4 seconds',
    collection.started_at + interval '4 seconds',
    0, (held.id IS NOT NULL)::int, 2 * (held.id IS NOT NULL)::int, coalesce(held.tests_total, 0), 0, 0, 0,
    40000 * (held.id IS NOT NULL)::int, '{}', '', '{}', 0
FROM collection CROSS JOIN repository
LEFT JOIN repository_day AS held
    ON held.repository_id = repository.id AND held.day = (collection.started_at - interval '1 day 2 hours')::date
WHERE collection.started_at >= %(first)s
"""
