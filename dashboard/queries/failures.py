"""The failing tests of a commit, grouped by what they say, with how long each has been failing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile, groupby
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet

from dashboard.models import Artifact, Failure
from dashboard.queries.prepared import prepared
from dashboard.queries.readable import readable
from dashboard.queries.rows import Question, named_rows
from dashboard.queries.sources import Evidence, Run

# A page shows what a person can read; the count beside it is of all.
MOST_GROUPS = 50
MOST_TESTS = 40
LONGEST_MESSAGE = 1_000
LONGEST_DETAILS = 6_000
LONGEST_NAME = 300
LONGEST_HEADLINE = 180
# How far back "failing since" looks: red commits and the tests asked about.
MOST_COMMITS = 60
MOST_DATED = 400
ERROR = 3
"""``Failure.outcome`` of a test that ended in an error."""


@dataclass(frozen=True, slots=True)
class FailingTest:
    """A test that fails; ``legs`` are the reports that it failed in, ``since`` None where it is not known."""

    case_id: int
    group: str
    classname: str
    name: str
    file: str
    is_error: bool
    legs: int
    run: Run | None
    since: datetime | None = None
    since_sha: str = ""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Tests that fail with the same text (numbers, addresses and paths masked)."""

    message: str
    details: str
    details_cut: bool
    tests: tuple[FailingTest, ...]
    count: int
    """All tests of the group; ``tests`` holds the first ``MOST_TESTS``."""

    @property
    def headline(self) -> str:
        """The first line, short enough to be a heading."""
        lines = (self.message or self.details).splitlines()
        return readable(lines[0], LONGEST_HEADLINE) if lines else "No message."

    @property
    def more_message(self) -> str:
        """The message where its heading does not say all of it."""
        return self.message if self.message != self.headline else ""

    @property
    def is_error(self) -> bool:
        return all(test.is_error for test in self.tests)

    @property
    def since(self) -> datetime | None:
        """When the longest failing of its tests began."""
        return min((test.since for test in self.tests if test.since), default=None)

    @property
    def since_sha(self) -> str:
        return next((test.since_sha for test in self.tests if test.since and test.since == self.since), "")

    @property
    def runs(self) -> tuple[Run, ...]:
        """The runs that it was seen in."""
        return tuple({test.run.url: test.run for test in self.tests if test.run}.values())

    @property
    def hidden(self) -> int:
        return self.count - len(self.tests)


@dataclass(frozen=True, slots=True)
class Failures:
    """Groups, the most tests first. ``tests`` counts failing tests, in groups that are not listed too."""

    groups: tuple[FailureGroup, ...]
    tests: int
    hidden_groups: int

    @property
    def several_groups(self) -> bool:
        """Whether saying a test's report group tells it from others."""
        return len({test.group for group in self.groups for test in group.tests}) > 1


NO_FAILURES = Failures((), 0, 0)


FAILING = """
    with failing as (
        select case_id, outcome, report_id, message_id from failure
        where repository_id = %(repository)s and report_id = any(%(reports)s)
    ), sizes as (
        select message_id, count(distinct case_id) as tests from failing group by message_id
    ), places as (
        select message_id, tests, row_number() over (order by tests desc, message_id) as place from sizes
    ), chosen as (
        select failing.*, places.tests, places.place,
               row_number() over (partition by message_id order by case_id, report_id) as nth
        from failing join places using (message_id) where places.place <= %(groups)s
    )
    select chosen.place, chosen.tests, chosen.case_id, chosen.outcome, chosen.report_id,
           c."group", coalesce(nullif(c.classname, ''), c.suite) as classname, c.name, c.file,
           case when nth = 1 then left(m.message, %(message)s) end as message,
           case when nth = 1 then left(m.details, %(details)s) end as details,
           (select count(distinct case_id) from failing) as all_tests,
           (select count(*) from sizes) as all_groups
    from chosen join test_case c on c.id = chosen.case_id join failure_message m on m.id = chosen.message_id
    where nth <= %(legs)s
    order by chosen.place, c."group", c.classname, c.name, chosen.report_id
"""
"""Each text leaves the database once, however many tests say it."""

# Rows of one group that are looked at: a test that fails in many legs has many.
MOST_LEGS = 10 * MOST_TESTS


def failures_of(repository_id: int, evidence: Evidence, most: int = MOST_GROUPS) -> Question[Failures]:
    """The failing tests behind a commit's standing reports, without ages."""
    reports = [source.report_id for source in evidence.tests]
    values = {
        "repository": repository_id,
        "reports": reports,
        "groups": most,
        "message": 2 * LONGEST_MESSAGE,
        "details": 2 * LONGEST_DETAILS,
        "legs": MOST_LEGS,
    }
    return Question(FAILING if reports else "", values, lambda rows: _failures(rows, evidence.run_by_report))


def _failures(rows: Sequence[Any], runs: dict[int, Run]) -> Failures:
    if not rows:
        return NO_FAILURES
    groups = [_group(list(same), runs) for _, same in groupby(rows, key=attrgetter("place"))]
    return Failures(tuple(groups), rows[0].all_tests, max(0, rows[0].all_groups - len(groups)))


def _group(rows: list[Any], runs: dict[int, Run]) -> FailureGroup:
    cases: dict[int, list[Any]] = {}
    for row in rows:
        cases.setdefault(row.case_id, []).append(row)
    told = next(row for row in rows if row.message is not None)
    details = readable(told.details, LONGEST_DETAILS)
    return FailureGroup(
        message=readable(told.message, LONGEST_MESSAGE),
        details=details,
        details_cut=details.endswith("…"),
        tests=tuple(_failing_test(same, runs) for same in list(cases.values())[:MOST_TESTS]),
        count=rows[0].tests,
    )


def _failing_test(rows: Sequence[Any], runs: dict[int, Run]) -> FailingTest:
    return FailingTest(
        case_id=rows[0].case_id,
        group=rows[0].group,
        classname=readable(rows[0].classname, LONGEST_NAME),
        name=readable(rows[0].name, LONGEST_NAME),
        file=readable(rows[0].file, LONGEST_NAME),
        is_error=any(row.outcome == ERROR for row in rows),
        legs=len(rows),
        run=runs.get(rows[0].report_id),
    )


COMMITS_WITH_UPLOADS = """
    with commits as (
        select sha, coalesce(committed_at, ordered_at) as at,
               row_number() over (order by ordered_at desc, run_started_at desc, id desc) as place
        from snapshot
        where repository_id = %(repository)s and reachable and tests_total is not null
        order by ordered_at desc, run_started_at desc, id desc limit %(commits)s
    )
    select distinct on (commits.place, r.workflow_path, a.name)
           commits.sha, commits.at, coalesce(a.same_as_id, a.id) as content
    from commits
    join workflow_run r on r.repository_id = %(repository)s and r.head_sha = commits.sha and r.is_trend
    join artifact a on a.repository_id = %(repository)s and a.run_id = r.id and a.state = any(%(standing)s)
    order by commits.place, r.workflow_path, a.name, a.created_at desc, r.started_at desc, a.github_id desc
"""
"""``queries.standing``'s rule for many commits at once, newest commit first."""


def dated(repository_id: int, sha: str, failures: Failures) -> Failures:
    """The same failures, each test with the commit that it has been failing since; two queries.

    Looks at the newest ``MOST_COMMITS`` commits: a test that failed in all of them began there or earlier.
    """
    wanted = [test.case_id for group in failures.groups for test in group.tests][:MOST_DATED]
    if not wanted:
        return failures
    begun = _beginnings(repository_id, sha, wanted)
    groups = []
    for group in failures.groups:
        tests = (
            replace(test, since=begun[test.case_id][1], since_sha=begun[test.case_id][0])
            if test.case_id in begun
            else test
            for test in group.tests
        )
        groups.append(replace(group, tests=tuple(tests)))
    return replace(failures, groups=tuple(groups))


def _beginnings(repository_id: int, sha: str, case_ids: list[int]) -> dict[int, tuple[str, datetime]]:
    """Test → the first commit of its present unbroken run of failing ones, seen from ``sha`` backwards."""
    rows = named_rows(
        COMMITS_WITH_UPLOADS,
        {"repository": repository_id, "commits": MOST_COMMITS, "standing": [str(s) for s in Artifact.STANDING]},
    )
    commits: dict[str, datetime] = {row.sha: row.at for row in rows}
    commits_of: dict[int, set[str]] = {}
    for row in rows:
        commits_of.setdefault(row.content, set()).add(row.sha)
    failed: dict[str, set[int]] = {}
    for case_id, content in _failures_in(repository_id=repository_id, case_ids=case_ids, contents=list(commits_of)):
        for commit in commits_of[content]:
            failed.setdefault(commit, set()).add(case_id)
    standing = set(case_ids)
    found: dict[int, tuple[str, datetime]] = {}
    for commit in dropwhile(lambda commit: commit != sha, commits):
        standing &= failed.get(commit, set())
        found.update(dict.fromkeys(standing, (commit, commits[commit])))
    return found


@prepared
def _failures_in(*, repository_id: int, case_ids: list[int], contents: list[int]) -> QuerySet[Any]:
    found = Failure.objects.filter(repository_id=repository_id, case_id__any=case_ids)
    return found.filter(report__artifact_id__any=contents).values_list("case_id", "report__artifact_id")
