"""One test over its commits: how it ended on each, how long it took, and what may have broken it.

Of each commit's packed results one byte is looked at: the test's own.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import QuerySet

from dashboard.models import Case, CaseStatistics
from dashboard.packing import FLAKY_BIT, OUTCOME_BITS
from dashboard.packing.squeezing import byte_at
from dashboard.queries.case_list import LONGEST_NAME, WORDS
from dashboard.queries.case_places import duration_at, part_of, places_of_case, usual_of
from dashboard.queries.prepared import prepared
from dashboard.queries.readable import readable, readable_path
from dashboard.queries.rows import named_rows

DAYS = (30, 90, 365)
MOST_COMMITS = 1_000
COMMITS_PAGE = 30


@dataclass(frozen=True, slots=True)
class KnownTest:
    """A test as its row has it. ``outcome`` "": it is on no commit of the trend."""

    id: int
    group: str
    suite: str
    classname: str
    name: str
    file: str
    outcome: str
    flaky: bool
    since_at: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None

    @property
    def is_failing(self) -> bool:
        return self.outcome in ("failed", "error") and self.last_seen_at is None

    @property
    def mark(self) -> str:
        if self.flaky:
            return "flaky"
        return {"passed": "passing", "failed": "still-failing"}.get(self.outcome, self.outcome or "no-evidence")


class Ended(NamedTuple):
    """How the test ended on one commit, over all legs; ``seconds`` None is unknown.

    A tuple, since a year is hundreds of them.
    """

    sha: str
    at: datetime
    committed_at: datetime | None
    outcome: str
    flaky: bool
    seconds: float | None
    complete: bool

    @property
    def short(self) -> str:
        return self.sha[:8]

    @property
    def failing(self) -> bool:
        return self.outcome in ("failed", "error")

    @property
    def mark(self) -> str:
        if self.flaky:
            return "flaky"
        return {"passed": "passing", "failed": "still-failing"}.get(self.outcome, self.outcome)

    @property
    def kind(self) -> str:
        return "failing" if self.failing else self.outcome


@dataclass(frozen=True)
class History:
    """Newest first. ``commits`` counts those of its report group in the range, with the test or without."""

    ended: tuple[Ended, ...]
    commits: int
    cut: bool

    @property
    def newest(self) -> Ended:
        return self.ended[0]

    @property
    def oldest(self) -> Ended:
        return self.ended[-1]

    @cached_property
    def kinds(self) -> Counter[str]:
        """How often it ended in each way."""
        return Counter(each.kind for each in self.ended)

    @property
    def passed(self) -> int:
        return self.kinds["passed"]

    @property
    def failed(self) -> int:
        return self.kinds["failing"]

    @property
    def skipped(self) -> int:
        return self.kinds["skipped"]

    @cached_property
    def wavered(self) -> int:
        return sum(each.flaky for each in self.ended)

    @cached_property
    def turns(self) -> int:
        """How often it went from passing to failing or back."""
        ran = [each.failing for each in self.ended if each.outcome != "skipped"]
        return sum(one != other for one, other in pairwise(ran))

    @cached_property
    def streak(self) -> int:
        """On how many of its newest commits in a row it ended as it does now."""
        return next(
            (number for number, each in enumerate(self.ended) if each.kind != self.ended[0].kind), len(self.ended)
        )

    @cached_property
    def usual(self) -> tuple[float, float] | None:
        """Between which seconds eight in ten of its passing runs lie; None where fewer than five are known."""
        known = sorted(each.seconds for each in self.ended if each.seconds is not None and each.outcome == "passed")
        if len(known) < 5:
            return None
        return known[len(known) // 10], known[-1 - len(known) // 10]


@dataclass(frozen=True, slots=True)
class Suspects:
    """The commits that may have broken it: after ``good``, up to ``bad``; ``good`` None: it never passed before.

    ``before`` says how the test ended on ``good``: passed, or skipped.
    """

    good: Ended | None
    bad: Ended
    beyond: bool
    """Its last pass lies before the range that is shown."""


def find_test(repository_id: int, case_id: int) -> KnownTest | None:
    """One query."""
    known = _known(repository_id=repository_id, case_id=case_id)
    if not known:
        return None
    [row] = known
    told: CaseStatistics | None = getattr(row, "statistics", None)
    return KnownTest(
        id=row.pk,
        group=row.group,
        suite=readable(row.suite, LONGEST_NAME),
        classname=readable(row.classname, LONGEST_NAME),
        name=readable(row.name, LONGEST_NAME),
        file=readable_path(row.file, LONGEST_NAME),
        outcome=WORDS[told.outcome] if told else "",
        flaky=told is not None and told.flaky,
        since_at=told.since_at if told else None,
        first_seen_at=told.first_seen_at if told else None,
        last_seen_at=told.last_seen_at if told else None,
    )


@prepared
def _known(*, repository_id: int, case_id: int) -> QuerySet[Case]:
    return Case.objects.filter(repository_id=repository_id, pk=case_id).select_related("statistics")


COMMITS = f"""
    with commits as materialized (
        select s.id, s.sha, s.ordered_at as at, s.run_started_at, s.committed_at, s.complete, r.roster_id,
               r.outcomes, r.durations
        from snapshot newest
        join snapshot s on s.repository_id = newest.repository_id and s.reachable
         and (s.ordered_at, s.run_started_at, s.id) <= (newest.ordered_at, newest.run_started_at, newest.id)
         and s.ordered_at > newest.ordered_at - %(range)s
        join snapshot_group g on g.repository_id = s.repository_id and g.snapshot_id = s.id and g.name = %(group)s
         and g.carried_from_id is null
        join test_results r on r.id = g.results_id
        where newest.id = (select latest_id from repository where id = %(repository)s)
        order by s.ordered_at desc, s.run_started_at desc, s.id desc limit %(most)s
    ), {places_of_case("commits")}
    select sha, at, committed_at, complete, roster_id, place, {part_of("outcomes", "place")} as outcomes,
           case when nth = 1 or nth between %(first)s and %(last)s then {part_of("durations", "place")} end
           as durations, sets, usual_at, usual
    from (select *, count(place) over (order by at desc, run_started_at desc, id desc) as nth from places) ordered
"""  # noqa: S608 - SQL of our own; whatever a reader typed is a parameter


def history_of(repository_id: int, test: KnownTest, days: int, timed: range = range(MOST_COMMITS)) -> History:
    """The test on the commits of so many days before the repository's newest; one query.

    How long it took is told of those at the places ``timed`` and of the newest, and is None of the others.
    """
    rows = named_rows(
        COMMITS,
        {
            "repository": repository_id,
            "group": test.group,
            "range": timedelta(days=days),
            "most": MOST_COMMITS,
            "case": test.id,
            "first": timed.start + 1,
            "last": timed.stop,
        },
        any_value=True,
        binary=True,
    )
    usual = usual_of(rows)
    ended = [_ended(row, usual.get(row.roster_id, 0)) for row in rows if row.place is not None]
    return History(tuple(ended), len(rows), len(rows) == MOST_COMMITS)


def _ended(row: Any, usual: int) -> Ended:
    code = byte_at(row.outcomes, row.place)
    outcome, flaky = WORDS[code & OUTCOME_BITS], bool(code & FLAKY_BIT)
    seconds = duration_at(row, usual) if row.durations else None
    return Ended(row.sha, row.at, row.committed_at, outcome, flaky, seconds, row.complete)


def suspects_of(test: KnownTest, history: History) -> Suspects | None:
    """Which commits may have broken a failing test; None where it does not fail."""
    if not test.is_failing or not history.ended or not history.ended[0].failing:
        return None
    streak = history.streak
    bad = history.ended[streak - 1]
    if test.since_at is not None and bad.at > test.since_at:
        return Suspects(None, bad, beyond=True)
    good = next((each for each in history.ended[streak:] if each.outcome == "passed"), None)
    return Suspects(good, bad, beyond=False)
