"""What stands beside a repository's trend: what other than the code may have moved a figure.

reports    a report joined or left: a workflow was changed, a job added, an upload renamed
parsers    reports are read by a newer version of the parsers
settings   patterns, groups or another setting were changed in the admin
tag        a commit was tagged; where a release was made of the tag, it is named and led to
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from dashboard.queries.readable import readable
from dashboard.queries.rows import Question, moment
from dashboard.queries.sources import web_address
from dashboard.queries.trend import Point
from dashboard.wording import plural

MOST_LEGS_NAMED = 2
# Settings that no figure depends on, as the admin calls them.
HARMLESS = frozenset({"tags", "enabled", "layer", "title"})
LONGEST_NAME = 80
LONGEST_WORD = 16
# What was changed shortly before the first commit shows at that commit.
BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Mark:
    """``sha`` is the commit of the trend at which it shows; ``kind`` one of those above."""

    kind: str
    sha: str
    at: datetime
    text: str
    word: str
    """What is written beside the trend: the tag's own name, else the kind."""
    url: str = ""
    """The release's page on GitHub; "" where there is none."""


# Legs are compared between complete commits only: one that is missing a leg has not lost it. PostgreSQL expects a
# commit or two, and would walk along all of them for each: hence a set of what is shown, and a heap of legs and
# versions where one would join them.
MARKS = """
    with shown as (
        select distinct unnest(%(shas)s::text[]) as sha
    ), legs as (
        select s.id, s.sha, s.ordered_at as at, s.run_started_at, array_agg(distinct leg order by leg) as legs
        from snapshot s
        join snapshot_group g on g.repository_id = s.repository_id and g.snapshot_id = s.id
            and g.carried_from_id is null
        cross join lateral unnest(g.leg_names) as leg
        where s.repository_id = %(repository)s and s.sha in (select sha from shown) and s.complete
        group by s.id
    ), versions as (
        select r.head_sha as sha, min(a.reader_version) as version
        from workflow_run r join artifact a on a.repository_id = r.repository_id and a.run_id = r.id
        where r.repository_id = %(repository)s and r.head_sha in (select sha from shown) and r.is_trend
            and a.state = 'read' and a.reader_version > 0
        group by 1
    ), told as (
        select sha, max(id) as id, max(at) as at, max(run_started_at) as run_started_at, max(legs) as legs,
               max(version) as version
        from (
            select sha, id, at, run_started_at, legs, null as version from legs
            union all
            select sha, null, null, null, null, version from versions
        ) as apart
        group by sha having max(id) is not null
    ), compared as (
        select sha, at, legs, lag(legs) over trend as legs_before, version, max(version) over (
                   trend rows between unbounded preceding and 1 preceding
               ) as version_before
        from told window trend as (order by at, run_started_at, id)
    )
    select 'reports' as kind, sha, at, legs, legs_before, '' as told, '' as release, '' as release_url
    from compared where legs <> legs_before
    union all
    select 'parsers', sha, at, null, null, version::text, '', '' from compared where version > version_before
    union all
    select 'settings', '', action_time, null, null, change_message, '', '' from django_admin_log
    join django_content_type t on t.id = content_type_id
    where t.app_label = 'dashboard' and action_flag = 2 and action_time between %(first)s and %(last)s
        and (t.model = 'repository' and object_id = %(repository)s::text
             or t.model = 'organization' and object_id = %(organization)s::text)
    union all
    select 'tag', case when sha = any(%(shas)s) then sha else '' end, coalesce(at, %(last_commit)s),
           null, null, name, release, release_url
    from git_tag
    where repository_id = %(repository)s
        and (sha = any(%(shas)s) or at between %(first_commit)s and %(last_commit)s)
    order by at
"""


def marks_of(repository_id: int, organization_id: int, points: Sequence[Point]) -> Question[tuple[Mark, ...]]:
    """The marks beside these points (oldest first), each at its commit, oldest first."""
    if not points:
        return Question("", {}, lambda rows: ())
    values = {
        "repository": repository_id,
        "organization": organization_id,
        "shas": [point.sha for point in points],
        "first": points[0].evidence_at - BEFORE,
        "last": points[-1].evidence_at,
        "first_commit": points[0].committed_at,
        "last_commit": points[-1].committed_at,
    }
    return Question(MARKS, values, lambda rows: _marks(rows, points))


def _marks(rows: Sequence[Any], points: Sequence[Point]) -> tuple[Mark, ...]:
    found = (
        Mark(row.kind, row.sha, moment(row.at), text, _word(row), web_address(row.release_url))
        for row in rows
        if (text := _text(row))
    )
    return tuple(_placed(found, points))


def marks_by_commit(marks: Sequence[Mark]) -> dict[str, list[Mark]]:
    by_commit: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        by_commit[mark.sha].append(mark)
    return by_commit


def _placed(marks: Iterator[Mark], points: Sequence[Point]) -> Iterator[Mark]:
    """What belongs to no commit shows at the first one whose evidence was made after it."""
    for mark in marks:
        sha = mark.sha or next((point.sha for point in points if point.evidence_at >= mark.at), "")
        if sha:
            yield replace(mark, sha=sha)


def _text(row: Any) -> str:
    if row.kind == "reports":
        joined, left = sorted(set(row.legs) - set(row.legs_before)), sorted(set(row.legs_before) - set(row.legs))
        return "; ".join(filter(None, (_named("joined", joined), _named("left", left))))
    if row.kind == "tag":
        released = f", released as {readable(row.release, LONGEST_NAME)}" if row.release else ""
        return f"tagged {readable(row.told, LONGEST_NAME)}{released}"
    if row.kind == "parsers":
        return f"read by version {row.told} of the parsers"
    return _settings(row.told)


def _word(row: Any) -> str:
    return readable(row.told, LONGEST_WORD) if row.kind == "tag" else str(row.kind)


def _named(did: str, legs: Sequence[str]) -> str:
    if not legs:
        return ""
    names = ", ".join(readable(leg, LONGEST_NAME) for leg in legs[:MOST_LEGS_NAMED])
    more = f" and {len(legs) - MOST_LEGS_NAMED} more" if len(legs) > MOST_LEGS_NAMED else ""
    return f"{plural(len(legs), 'report')} {did}: {names}{more}"


def _settings(message: str) -> str:
    """The names of the settings that were changed, out of the admin's own record; never their values."""
    try:
        told: list[Mapping[str, Any]] = json.loads(message)
        fields = [str(field) for entry in told for field in entry.get("changed", {}).get("fields", ())]
        fields = [field for field in fields if field.lower() not in HARMLESS]
    except (ValueError, AttributeError, TypeError):
        fields = []
    return f"settings changed: {', '.join(dict.fromkeys(fields))}" if fields else ""
