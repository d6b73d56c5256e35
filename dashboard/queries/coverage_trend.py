"""How the coverage of chosen files went over the newest commits: of a file, a folder, a component."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.charts.line import Line, line
from dashboard.queries.rows import named_rows

COMMITS = 30
ENTRIES = 200_000
"""Files times commits that one trend may look at: a giant's trend is shorter, never slower."""

NEWEST = """
    select sha, manifest_id, ordered_at, run_started_at, id from snapshot
    where repository_id = %(repository)s and reachable and manifest_id is not null
    order by ordered_at desc, run_started_at desc, id desc limit %(commits)s
"""
IS, BELOW = "path = %(path)s", "starts_with(path, %(path)s)"


@dataclass(frozen=True, slots=True)
class CoverageTrend:
    """``percents`` oldest first, None for a commit that knows none of the files."""

    shas: tuple[str, ...] = ()
    percents: tuple[float | None, ...] = ()

    @property
    def known(self) -> list[float]:
        return [percent for percent in self.percents if percent is not None]

    @property
    def line(self) -> Line:
        return line(self.percents)

    @property
    def since(self) -> str:
        """The commit from which on the percentage stands as it is now; "" where that is all there is to see."""
        at = len(self.percents)
        while at and self.percents[at - 1] == self.percents[-1]:
            at -= 1
        return self.shas[at] if 0 < at < len(self.shas) else ""

    @property
    def change(self) -> float | None:
        """Points between the first and the last commit; None with fewer than two."""
        known = self.known
        return known[-1] - known[0] if len(known) > 1 else None


def trend_below(repository_id: int, path: str, files: int) -> CoverageTrend:
    """The trend of one file, or of everything in a folder when ``path`` ends with a slash. One query."""
    chosen = BELOW if path.endswith("/") else IS
    rows = named_rows(
        f"""
        with newest as ({NEWEST}), chosen as (
            select id from source_file where repository_id = %(repository)s and {chosen}
        ), summed as (
            select m.id as manifest_id, sum(l.valid) as valid, sum(l.covered) as covered
            from coverage_manifest m
            cross join lateral manifest_entries(m.file_ids, m.line_map_ids) as entry
            join chosen on chosen.id = entry.file_id
            join line_map l on l.id = entry.line_map_id and l.valid is not null
            where m.repository_id = %(repository)s and m.id in (select manifest_id from newest)
            group by 1
        )
        select n.sha, 100.0 * s.covered / nullif(s.valid, 0) as percent
        from newest n left join summed s using (manifest_id)
        order by n.ordered_at, n.run_started_at, n.id
        """,  # noqa: S608 - constants of ours
        {"repository": repository_id, "path": path, "commits": _commits(files)},
    )
    percents = tuple(None if row.percent is None else float(row.percent) for row in rows)
    return CoverageTrend(tuple(row.sha for row in rows), percents)


def trends_of(repository_id: int, chosen: Mapping[str, Sequence[int]], files: int) -> dict[str, CoverageTrend]:
    """The trend of each choice of files (ids); ``files`` is how many a manifest has. One query."""
    wanted = {name: ids for name, ids in chosen.items() if ids}
    if not wanted:
        return {}
    names = list(wanted)
    rows = named_rows(
        f"""
        with newest as ({NEWEST}), summed as (
            select m.id as manifest_id, c.choice, sum(l.valid) as valid, sum(l.covered) as covered
            from coverage_manifest m
            cross join lateral manifest_entries(m.file_ids, m.line_map_ids) as entry
            join unnest(%(files)s::bigint[], %(choices)s::int[]) as c(file_id, choice) on c.file_id = entry.file_id
            join line_map l on l.id = entry.line_map_id and l.valid is not null
            where m.repository_id = %(repository)s and m.id in (select manifest_id from newest)
            group by 1, 2
        )
        select n.sha, s.choice, s.valid, s.covered
        from newest n left join summed s using (manifest_id)
        order by n.ordered_at, n.run_started_at, n.id
        """,  # noqa: S608 - a constant of ours
        {
            "repository": repository_id,
            "commits": _commits(files),
            "files": [file for name in names for file in wanted[name]],
            "choices": [at for at, name in enumerate(names) for _ in wanted[name]],
        },
    )
    shas = tuple(dict.fromkeys(row.sha for row in rows))
    percents: dict[str, dict[str, float]] = defaultdict(dict)
    for row in rows:
        if row.valid:
            percents[names[row.choice]][row.sha] = 100 * row.covered / row.valid
    return {name: CoverageTrend(shas, tuple(percents[name].get(sha) for sha in shas)) for name in names}


def _commits(files: int) -> int:
    return max(2, min(COMMITS, ENTRIES // max(files, 1)))
