"""What a page of tests says beside how they stand: for how many commits, and with which message."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from dashboard.queries.case_list import TestPage
from dashboard.queries.case_overview import Overview
from dashboard.queries.readable import readable
from dashboard.queries.rows import named_rows

LONGEST_TEXT = 200

STREAKS = """
    select g.name, array_agg(s.ordered_at order by s.ordered_at) as commits
    from snapshot s join snapshot_group g on g.snapshot_id = s.id and g.repository_id = %(repository)s
    where s.repository_id = %(repository)s and s.reachable
      and s.ordered_at >= %(since)s and s.ordered_at <= %(newest)s
      and g.carried_from_id is null and g.tests_total is not null and g.name = any(%(groups)s)
    group by g.name
"""


def with_ages(repository_id: int, overview: Overview, page: TestPage) -> TestPage:
    """Tests that fail or are skipped, with how many commits of their group that has lasted for; one query."""
    aged = [test for test in page.tests if test.outcome != "passed" and test.last_seen_at is None]
    if not aged:
        return page
    rows = named_rows(
        STREAKS,
        {
            "repository": repository_id,
            "since": min(test.since_at for test in aged),
            "newest": overview.newest_at,
            "groups": list({test.group for test in aged}),
        },
    )
    commits: Mapping[str, list[datetime]] = {row.name: row.commits for row in rows}
    aged_ids = {test.id for test in aged}
    return replace(
        page,
        tests=tuple(
            replace(test, commits=_lasted(commits.get(test.group, []), test.since_at) or None)
            if test.id in aged_ids
            else test
            for test in page.tests
        ),
    )


def _lasted(commits: Sequence[datetime], since: datetime) -> int:
    """Of commits, oldest first, how many are not older."""
    return len(commits) - bisect_left(commits, since)


MESSAGES = """
    with standing as (
        select distinct on (w.workflow_path, a.name) coalesce(a.same_as_id, a.id) as content
        from repository r join snapshot s on s.id = r.latest_id
        join workflow_run w on w.repository_id = r.id and w.head_sha = s.sha and w.is_trend
        join artifact a on a.repository_id = r.id and a.run_id = w.id
         and a.state in ('read', 'same', 'passed-over', 'rejected')
        where r.id = %(repository)s
        order by w.workflow_path, a.name, a.created_at desc, w.started_at desc, a.github_id desc
    )
    select distinct on (f.case_id) f.case_id, left(coalesce(nullif(m.message, ''), m.details), 400) as message
    from report p join failure f on f.repository_id = %(repository)s and f.report_id = p.id
    join failure_message m on m.id = f.message_id
    where p.repository_id = %(repository)s and p.artifact_id in (select content from standing) and p.error = ''
      and f.case_id = any(%(cases)s::bigint[])
    order by f.case_id, f.outcome desc, f.report_id
"""


def with_messages(repository_id: int, page: TestPage) -> TestPage:
    """Failing tests with the first line of what they said on the newest commit; one query."""
    failing = [test.id for test in page.tests if test.outcome in ("failed", "error") and test.last_seen_at is None]
    if not failing:
        return page
    rows = named_rows(MESSAGES, {"repository": repository_id, "cases": failing})
    said = {row.case_id: readable(next(iter(row.message.strip().splitlines()), ""), LONGEST_TEXT) for row in rows}
    return replace(page, tests=tuple(replace(test, message=said.get(test.id, "")) for test in page.tests))
