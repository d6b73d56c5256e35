"""The list of a repository's tests: failing now, slowest, new, removed, skipped for long, or all of them.

How a test stands is told by its statistics (``collectors.case_statistics``), with an index for each order, so that
a page of 50 out of 50,000 tests reads 50 rows. What the newest commit said of them (exact durations, messages) is
looked up for the rows of the page only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.queries.case_overview import HERE, SEEN_BY_VIEW, TESTS, Overview
from dashboard.queries.case_places import durations_now
from dashboard.queries.case_words import called
from dashboard.queries.readable import readable
from dashboard.queries.rows import named_rows

PAGE = 50
LONGEST_NAME = 300
MOST_WORDS = 6
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

_SEEN_BY_OUTCOME = {
    "failing": "and t.outcome >= 2",
    "flaky": "and t.flaky",
    **{word: f"and t.outcome = {number}" for number, word in enumerate(WORDS)},
}


def words_of(text: str) -> list[str]:
    return text.replace("\x00", "").split()[:MOST_WORDS]


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
        return words_of(self.text)


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


COUNT = f"select count(*) as tests from (select from {TESTS} where {{}} limit %(most)s) as fitting"  # noqa: S608


def test_page(repository_id: int, overview: Overview, wanted: Wanted) -> TestPage:
    """A page of tests; two queries, one more where a page past the last is asked for."""
    if overview.newest_at is None:
        return TestPage((), 0, wanted.page, wanted.size)
    seen, values = _seen(overview, wanted)
    values |= {"repository": repository_id, "newest": overview.newest_at}
    known = _known_count(overview, wanted)
    # Conditions and orders are our own constants; everything a reader typed is a parameter. The commit is looked up
    # for the page's tests alone: joined, it would be for all that fit.
    counting = ""
    if known is None:
        counting = ", count(*) over () as tests" if overview.called else f", ({COUNT.format(seen)}) as tests"
    sql = f"""
        select c.id, c."group", c.suite, c.classname, c.name, t.outcome, t.flaky,
               t.since_at, (select sha from snapshot s where s.id = t.since_id) as since_sha,
               t.first_seen_at, t.last_seen_at, t.duration_ms {counting}
        from {TESTS}
        where {seen} order by {SORTS[wanted.order]} limit %(size)s offset %(offset)s
    """  # noqa: S608
    values["most"] = wanted.most_counted
    rows = named_rows(sql, values | {"size": wanted.size, "offset": (wanted.page - 1) * wanted.size})
    if known is None and rows:
        known = min(rows[0].tests, wanted.most_counted or rows[0].tests)
    elif known is None:
        known = named_rows(COUNT.format(seen), values)[0].tests
    tests = _listed_with_durations(repository_id, rows, wanted)
    return TestPage(tuple(tests), known, wanted.page, wanted.size)


def _seen(overview: Overview, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """The conditions on a test ``c`` and its statistics ``t``, and their parameters."""
    parts = [
        "c.repository_id = %(repository)s and t.repository_id = %(repository)s and",
        SEEN_BY_VIEW.get(wanted.view, HERE),
    ]
    parts.append(_SEEN_BY_OUTCOME.get(wanted.outcome, ""))
    values: dict[str, Any] = {}
    if wanted.group:
        parts.append('and c."group" = %(group)s')
        values["group"] = wanted.group
    if overview.called is None:
        parts += [f"and {called('c', word)}" for word in wanted.words]
    elif wanted.words:
        parts.append("and t.case_id = any(%(called)s)")
        values["called"] = list(overview.called)
    return " ".join(parts), values


def _known_count(overview: Overview, wanted: Wanted) -> int | None:
    """How many tests the commit's own figures say there are; None where they do not tell."""
    if wanted.words or wanted.view not in ("all", "slowest", "failing"):
        return None
    if wanted.view == "failing" and wanted.outcome not in ("", "failing", "failed", "error"):
        return None
    outcome = wanted.outcome or ("failing" if wanted.view == "failing" else "")
    return sum(group.count(outcome) for group in overview.groups if wanted.group in ("", group.name))


def _listed(row: Any, seconds: float | None) -> ListedTest:
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
        seconds=seconds,
    )


def _listed_with_durations(repository_id: int, rows: list[Any], wanted: Wanted) -> list[ListedTest]:
    """What each took on the newest commit; the stored duration, by which they were found, is near it."""
    here = [row for row in rows if row.last_seen_at is None]
    now = durations_now(repository_id, [row.id for row in here], {row.group for row in here}) if here else {}
    near = {row.id: None if row.duration_ms is None else row.duration_ms / 1000 for row in rows}
    exact = [_listed(row, now[row.id] if row.id in now else near[row.id]) for row in rows]
    if here and wanted.order.endswith("duration"):
        falling = wanted.order.startswith("-")
        exact.sort(key=lambda test: (test.seconds is None, (test.seconds or 0) * (-1 if falling else 1)))
    return exact
