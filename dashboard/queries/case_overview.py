"""A repository's tests as a whole: the groups that stand, and how many tests each view of their list has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.case_words import MOST_CALLED, numbers_of_called
from dashboard.queries.rows import named_rows

NEW_DAYS = 30
LONG_DAYS = 14
TESTS = "test_statistics t join test_case c on c.id = t.case_id"

HERE = "t.last_seen_at is null"
_CAME_LATER = """exists (
    select from test_case_group k
    where k.repository_id = c.repository_id and k.name = c."group" and t.first_seen_at > k.first_at
)"""
"""On the first commit of its group every test is the first of its kind, and none is new."""
_RECENT = f"{HERE} and t.first_seen_at >= %(newest)s - interval '{NEW_DAYS} days'"
SEEN_BY_VIEW = {
    "failing": f"{HERE} and t.outcome >= 2",
    "new": f"{_RECENT} and {_CAME_LATER}",
    "removed": "t.last_seen_at is not null",
    "skipped": f"{HERE} and t.outcome = 0 and t.since_at <= %(newest)s - interval '{LONG_DAYS} days'",
}


@dataclass(frozen=True, slots=True)
class TestGroup:
    """A report group of the newest commit, with how its tests ended there."""

    name: str
    total: int
    passed: int
    failed: int
    errors: int
    skipped: int
    flaky: int
    carried: bool

    def count(self, outcome: str) -> int:
        counts = {"failing": self.failed + self.errors, "error": self.errors, "": self.total}
        return counts[outcome] if outcome in counts else int(getattr(self, outcome))


@dataclass(frozen=True, slots=True)
class Overview:
    """The groups that stand, and how many tests each view has. ``newest_at`` None: no commit tells of tests.

    ``untold``: its tests were read before how they stand was kept; that follows within minutes. ``called``: the
    tests that have the words that are looked for; None where there are no words, or too many such tests.
    """

    groups: tuple[TestGroup, ...]
    new: int
    removed: int
    skipped: int
    newest_at: datetime | None
    untold: bool
    called: tuple[int, ...] | None = None

    @property
    def total(self) -> int:
        return sum(group.total for group in self.groups)

    @property
    def failing(self) -> int:
        return sum(group.count("failing") for group in self.groups)

    @property
    def flaky(self) -> int:
        return sum(group.flaky for group in self.groups)

    @property
    def skipped_now(self) -> int:
        return sum(group.skipped for group in self.groups)


def _counted(view: str) -> str:
    seen = SEEN_BY_VIEW[view]
    return f"(select count(*) from test_statistics t where t.repository_id = r.id and {seen}) as {view}"  # noqa: S608


# The same tests as of that view, found from their groups: only those that came later are looked at, and each one's
# group is looked up whatever PostgreSQL expects of their number.
_NEW = f"""(
    select count(*) from test_case_group k
    join test_statistics t on t.repository_id = k.repository_id and t.first_seen_at > k.first_at and {_RECENT}
    where k.repository_id = r.id and (select c."group" from test_case c where c.id = t.case_id) = k.name
) as new"""  # noqa: S608

OVERVIEW = f"""
    select g.name, g.tests_total, g.tests_passed, g.tests_failed, g.tests_errors, g.tests_skipped, g.tests_flaky,
           g.carried_from_id is not null as carried,
           not exists (select from test_case_group k where k.repository_id = r.id) as untold,
           {_NEW}, {_counted("removed")}, {_counted("skipped")},
           case when row_number() over (order by g.name) = 1 then {{called}} end as called
    from repository r left join snapshot_group g on g.repository_id = r.id and g.snapshot_id = r.latest_id
     and g.tests_total is not null
    where r.id = %(repository)s
    order by g.name
"""  # noqa: S608


def test_overview(repository_id: int, newest_at: datetime | None, words: Sequence[str] = ()) -> Overview:
    """``newest_at``: the place of the repository's newest commit in the trend. One query, none without a commit.

    ``words``: those of the list that is wanted, which begins where they are found.
    """
    if newest_at is None:
        return Overview((), 0, 0, 0, None, False)
    rows = named_rows(
        OVERVIEW.format(called=numbers_of_called(words)),
        {"repository": repository_id, "newest": newest_at},
        any_value=not words,
    )
    groups = tuple(
        TestGroup(
            row.name,
            row.tests_total,
            row.tests_passed,
            row.tests_failed,
            row.tests_errors,
            row.tests_skipped,
            row.tests_flaky or 0,
            row.carried,
        )
        for row in rows
        if row.name is not None
    )
    first = rows[0]
    few = first.called is not None and len(first.called) <= MOST_CALLED
    called = tuple(first.called) if few else None
    untold = first.untold and bool(groups)
    return Overview(groups, first.new, first.removed, first.skipped, newest_at, untold, called)
