"""The list of a repository's tests: failing now, slowest, new, removed, skipped for long, or all of them.

How a test stands is told by its statistics (``collectors.case_statistics``), with an index for each order, so that
a page of 50 out of 50,000 tests reads 50 rows. What the newest commit said of them (exact durations, messages) is
looked up for the rows of the page only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from dashboard.queries.case_places import durations_now
from dashboard.queries.case_words import called
from dashboard.queries.readable import readable
from dashboard.queries.rows import named_rows

PAGE = 50
LONGEST_NAME = 300
MOST_WORDS = 6
NEW_DAYS = 30
LONG_DAYS = 14
VIEWS = ("failing", "slowest", "new", "removed", "skipped", "all")
OUTCOMES = ("passed", "failed", "error", "skipped", "failing", "flaky")
WORDS = ("skipped", "passed", "failed", "error")
"""By the number that a stored outcome is."""

_NAME = "left(c.classname, 100) {0}, left(c.name, 100) {0}, c.id {0}"
SORTS: dict[str, str] = {
    "name": _NAME.format("asc"),
    "-name": _NAME.format("desc"),
    "duration": "t.duration_ms asc nulls last, c.id",
    "-duration": "t.duration_ms desc nulls last, c.id",
    "since": "t.since_at asc, c.id",
    "-since": "t.since_at desc, c.id",
    "first-seen": "t.first_seen_at asc, c.id",
    "-first-seen": "t.first_seen_at desc, c.id",
    "last-seen": "t.last_seen_at asc, c.id",
    "-last-seen": "t.last_seen_at desc, c.id",
}
_USUAL_SORT = {
    "failing": "-since",
    "slowest": "-duration",
    "new": "-first-seen",
    "removed": "-last-seen",
    "skipped": "since",
}

HERE = "t.last_seen_at is null"
_CAME_LATER = """exists (
    select from test_case_group k
    where k.repository_id = c.repository_id and k.name = c."group" and t.first_seen_at > k.first_at
)"""
"""On the first commit of its group every test is the first of its kind, and none is new."""
_SEEN_BY_VIEW = {
    "failing": f"{HERE} and t.outcome >= 2",
    "new": f"{HERE} and t.first_seen_at >= %(newest)s - interval '{NEW_DAYS} days' and {_CAME_LATER}",
    "removed": "t.last_seen_at is not null",
    "skipped": f"{HERE} and t.outcome = 0 and t.since_at <= %(newest)s - interval '{LONG_DAYS} days'",
}
_SEEN_BY_OUTCOME = {
    "failing": "and t.outcome >= 2",
    "flaky": "and t.flaky",
    **{word: f"and t.outcome = {number}" for number, word in enumerate(WORDS)},
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, "" for no restriction.

    ``view`` is one of VIEWS, ``outcome`` of OUTCOMES, ``sort`` of SORTS; every word of ``text`` is in a name.
    """

    view: str = "all"
    text: str = ""
    outcome: str = ""
    group: str = ""
    sort: str = ""
    page: int = 1
    size: int = PAGE
    most_counted: int | None = None
    """Counting stops here where it would have to read every test that fits."""

    @property
    def order(self) -> str:
        return self.sort if self.sort in SORTS else _USUAL_SORT.get(self.view, "name")

    @property
    def words(self) -> list[str]:
        return self.text.replace("\x00", "").split()[:MOST_WORDS]


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

    ``untold``: its tests were read before how they stand was kept; that follows within minutes.
    """

    groups: tuple[TestGroup, ...]
    new: int
    removed: int
    skipped: int
    newest_at: datetime | None
    untold: bool

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


@dataclass(frozen=True, slots=True)
class ListedTest:
    """One row. ``since_sha`` "": that commit is known no more; ``commits``: how many its streak has lasted for."""

    id: int
    group: str
    suite: str
    classname: str
    name: str
    outcome: str
    flaky: bool
    since_at: datetime
    since_sha: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    seconds: float | None
    commits: int | None = None
    message: str = ""

    @property
    def shown_name(self) -> str:
        return readable(self.name, LONGEST_NAME)

    @property
    def shown_class(self) -> str:
        """Where the test stands: its class, or its suite where it has none."""
        return readable(self.classname or self.suite, LONGEST_NAME)

    @property
    def mark(self) -> str:
        if self.flaky:
            return "flaky"
        if self.outcome == "failed":
            return "broke" if self.commits == 1 else "still-failing"
        return "passing" if self.outcome == "passed" else self.outcome


@dataclass(frozen=True, slots=True)
class TestPage:
    """``count`` is of all pages together."""

    tests: tuple[ListedTest, ...]
    count: int
    page: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.size))


TESTS = "test_statistics t join test_case c on c.id = t.case_id"


def _counted(view: str, tests: str = "test_statistics t") -> str:
    seen = _SEEN_BY_VIEW[view]
    return f"(select count(*) from {tests} where t.repository_id = r.id and {seen}) as {view}"  # noqa: S608


OVERVIEW = f"""
    select g.name, g.tests_total, g.tests_passed, g.tests_failed, g.tests_errors, g.tests_skipped, g.tests_flaky,
           g.carried_from_id is not null as carried,
           not exists (select from test_case_group k where k.repository_id = r.id) as untold,
           {_counted("new", TESTS)}, {_counted("removed")}, {_counted("skipped")}
    from repository r left join snapshot_group g on g.repository_id = r.id and g.snapshot_id = r.latest_id
     and g.tests_total is not null
    where r.id = %(repository)s
    order by g.name
"""  # noqa: S608


def test_overview(repository_id: int, newest_at: datetime | None) -> Overview:
    """``newest_at``: the place of the repository's newest commit in the trend. One query, none without a commit."""
    if newest_at is None:
        return Overview((), 0, 0, 0, None, False)
    rows = named_rows(OVERVIEW, {"repository": repository_id, "newest": newest_at})
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
    return Overview(groups, first.new, first.removed, first.skipped, newest_at, first.untold and bool(groups))


COUNT = f"select count(*) as tests from (select from {TESTS} where {{}} limit %(most)s) as fitting"  # noqa: S608


def test_page(repository_id: int, overview: Overview, wanted: Wanted) -> TestPage:
    """A page of tests; two queries, one more where a page past the last is asked for."""
    if overview.newest_at is None:
        return TestPage((), 0, wanted.page, wanted.size)
    seen, values = _seen(wanted)
    values |= {"repository": repository_id, "newest": overview.newest_at}
    known = _known_count(overview, wanted)
    # Conditions and orders are our own constants; everything a reader typed is a parameter.
    counting = f", ({COUNT.format(seen)}) as tests" if known is None else ""
    sql = f"""
        select c.id, c."group", c.suite, c.classname, c.name, t.outcome, t.flaky,
               t.since_at, s.sha as since_sha, t.first_seen_at, t.last_seen_at, t.duration_ms {counting}
        from {TESTS} left join snapshot s on s.id = t.since_id
        where {seen} order by {SORTS[wanted.order]} limit %(size)s offset %(offset)s
    """  # noqa: S608
    values["most"] = wanted.most_counted
    rows = named_rows(sql, values | {"size": wanted.size, "offset": (wanted.page - 1) * wanted.size})
    if known is None and rows:
        known = rows[0].tests
    elif known is None:
        known = named_rows(COUNT.format(seen), values)[0].tests
    tests = _with_durations(repository_id, [_listed(row) for row in rows], wanted)
    return TestPage(tuple(tests), known, wanted.page, wanted.size)


def _seen(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The conditions on a test ``c`` and its statistics ``t``, and their parameters."""
    parts = [
        "c.repository_id = %(repository)s and t.repository_id = %(repository)s and",
        _SEEN_BY_VIEW.get(wanted.view, HERE),
    ]
    parts.append(_SEEN_BY_OUTCOME.get(wanted.outcome, ""))
    values: dict[str, Any] = {}
    if wanted.group:
        parts.append('and c."group" = %(group)s')
        values["group"] = wanted.group
    parts += [f"and {called('c', word)}" for word in wanted.words]
    return " ".join(parts), values


def _known_count(overview: Overview, wanted: Wanted) -> int | None:
    """How many tests the commit's own figures say there are; None where they do not tell."""
    if wanted.words or wanted.view not in ("all", "slowest", "failing"):
        return None
    if wanted.view == "failing" and wanted.outcome not in ("", "failing", "failed", "error"):
        return None
    outcome = wanted.outcome or ("failing" if wanted.view == "failing" else "")
    return sum(group.count(outcome) for group in overview.groups if wanted.group in ("", group.name))


def _listed(row: Any) -> ListedTest:
    return ListedTest(
        id=row.id,
        group=row.group,
        suite=row.suite,
        classname=row.classname,
        name=row.name,
        outcome=WORDS[row.outcome],
        flaky=row.flaky,
        since_at=row.since_at,
        since_sha=row.since_sha or "",
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        seconds=None if row.duration_ms is None else row.duration_ms / 1000,
    )


def _with_durations(repository_id: int, tests: list[ListedTest], wanted: Wanted) -> list[ListedTest]:
    """What each took on the newest commit; the stored duration, by which they were found, is near it."""
    here = [test for test in tests if test.last_seen_at is None]
    if not here:
        return tests
    now = durations_now(repository_id, [test.id for test in here], {test.group for test in here})
    exact = [replace(test, seconds=now[test.id]) if test.id in now else test for test in tests]
    if wanted.order.endswith("duration"):
        falling = wanted.order.startswith("-")
        exact.sort(key=lambda test: (test.seconds is None, (test.seconds or 0) * (-1 if falling else 1)))
    return exact
