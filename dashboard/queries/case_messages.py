"""What a test said when it failed: each text once, with the commits that it was seen on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.queries.case_history import KnownTest
from dashboard.queries.readable import readable
from dashboard.queries.rows import named_rows

MOST_MESSAGES = 10
LONGEST_MESSAGE = 1_000
LONGEST_DETAILS = 6_000


@dataclass(frozen=True, slots=True)
class Message:
    """A distinct failure text of the test, and the commits that it was seen on, in the order of the trend."""

    text: str
    details: str
    commits: int
    first_at: datetime
    first_sha: str
    last_at: datetime
    last_sha: str

    @property
    def headline(self) -> str:
        lines = (self.text or self.details).splitlines()
        return readable(lines[0], 180) if lines else "No message."


MESSAGES = """
    select left(m.message, %(message)s) as message, left(m.details, %(details)s) as details,
           count(distinct s.id) as commits, min(s.ordered_at) as first_at, max(s.ordered_at) as last_at,
           (array_agg(s.sha order by s.ordered_at))[1] as first_sha,
           (array_agg(s.sha order by s.ordered_at desc))[1] as last_sha
    from failure f join failure_message m on m.id = f.message_id join report p on p.id = f.report_id
    join artifact a on a.id = p.artifact_id join workflow_run w on w.id = a.run_id and w.is_trend
    join snapshot s on s.repository_id = %(repository)s and s.sha = w.head_sha and s.reachable
    where f.repository_id = %(repository)s and f.case_ids @> array[%(case)s]::bigint[] and f.case_id = %(case)s
    group by m.id order by max(s.ordered_at) desc, count(*) desc, m.id limit %(most)s
"""


def messages_of(repository_id: int, test: KnownTest) -> tuple[Message, ...]:
    """What it said when it failed, what was said last first; one query."""
    rows = named_rows(
        MESSAGES,
        {
            "repository": repository_id,
            "case": test.id,
            "most": MOST_MESSAGES,
            "message": 2 * LONGEST_MESSAGE,
            "details": 2 * LONGEST_DETAILS,
        },
        any_value=True,
    )
    return tuple(
        Message(
            readable(row.message, LONGEST_MESSAGE),
            readable(row.details, LONGEST_DETAILS),
            row.commits,
            row.first_at,
            row.first_sha,
            row.last_at,
            row.last_sha,
        )
        for row in rows
    )
