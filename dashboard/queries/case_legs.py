"""How one test ended in each report of a commit: the legs that its outcome is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.models import Artifact
from dashboard.packing import FLAKY_BIT, OUTCOME_BITS
from dashboard.packing.squeezing import byte_at
from dashboard.queries.case_history import KnownTest
from dashboard.queries.case_list import WORDS
from dashboard.queries.case_places import duration_at, part_of, places_of_case, usual_of
from dashboard.queries.readable import readable_path
from dashboard.queries.rows import named_rows
from dashboard.queries.sources import web_address

MOST_LEGS = 24


@dataclass(frozen=True, slots=True)
class Leg:
    """How it ended in one report of a commit."""

    artifact: str
    artifact_id: int
    member: str
    report_id: int
    outcome: str
    flaky: bool
    seconds: float | None
    run_id: int
    run_number: int | None
    run_url: str

    @property
    def name(self) -> str:
        return f"{self.artifact}, {self.member}" if self.member else self.artifact

    @property
    def mark(self) -> str:
        if self.flaky:
            return "flaky"
        return {"passed": "passing", "failed": "still-failing"}.get(self.outcome, self.outcome)


LEGS = f"""
    with uploads as (
        select distinct on (w.head_sha, w.workflow_path, a.name)
               w.head_sha as sha, w.github_id as run_id, w.run_number, w.url, a.name, a.github_id,
               coalesce(a.same_as_id, a.id) as content
        from workflow_run w join artifact a on a.repository_id = %(repository)s and a.run_id = w.id
        where w.repository_id = %(repository)s and w.head_sha = any(%(shas)s) and w.is_trend
          and a.state = any(%(standing)s)
        order by w.head_sha, w.workflow_path, a.name, a.created_at desc, w.started_at desc, a.github_id desc
    ), legs as materialized (
        select u.sha, u.run_id, u.run_number, u.url, u.name, u.github_id, p.id as report_id, p.member, r.roster_id,
               r.outcomes, r.durations
        from uploads u join report p on p.repository_id = %(repository)s and p.artifact_id = u.content
         and p.error = '' and p."group" = %(group)s
        join test_results r on r.id = p.results_id
    ), {places_of_case("legs")}
    select sha, run_id, run_number, url, name, github_id, report_id, member, roster_id, place,
           {part_of("outcomes", "place")} as outcomes, {part_of("durations", "place")} as durations,
           sets, usual_at, usual
    from places order by name, member, report_id
"""  # noqa: S608 - SQL of our own; whatever a reader typed is a parameter


def legs_of(repository_id: int, test: KnownTest, shas: Sequence[str]) -> dict[str, tuple[Leg, ...]]:
    """By commit, how the test ended in each standing report that has it; one query."""
    if not shas:
        return {}
    values = {"repository": repository_id, "shas": list(shas), "case": test.id, "group": test.group}
    legs: dict[str, list[Leg]] = {}
    standing = [str(state) for state in Artifact.STANDING]
    rows = named_rows(LEGS, values | {"standing": standing}, any_value=True, binary=True)
    usual = usual_of(rows)
    for row in rows:
        if row.place is not None:
            legs.setdefault(row.sha, []).append(_leg(row, usual.get(row.roster_id, 0)))
    return {sha: tuple(found[:MOST_LEGS]) for sha, found in legs.items()}


def _leg(row: Any, usual: int) -> Leg:
    code = byte_at(row.outcomes, row.place)
    return Leg(
        artifact=readable_path(row.name, 120),
        artifact_id=row.github_id,
        member=readable_path(row.member, 120),
        report_id=row.report_id,
        outcome=WORDS[code & OUTCOME_BITS],
        flaky=bool(code & FLAKY_BIT),
        seconds=duration_at(row, usual),
        run_id=row.run_id,
        run_number=row.run_number,
        run_url=web_address(row.url),
    )
