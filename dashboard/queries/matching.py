"""What patterns would match: the real artifacts of each repository's last night, held against what is typed.

The rules are those that a collection keeps to (``dashboard.discovery``, ``dashboard.groups``), run by run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from dashboard.discovery import Offer, Patterns, passed_over
from dashboard.groups import group_of
from dashboard.models import Artifact

MOST_UPLOADS = 5_000
"""Of an organization with more in one night the newest are looked at."""
MOST_NAMES = 200
MOST_EXAMPLES = 3

LAST_NIGHT = """
SELECT r.full_name, r.artifact_include, r.artifact_exclude, r.report_groups,
       a.run_id, a.name, a.size, a.state = %(passed_over)s AND a.read_at IS NOT NULL, w.started_at
FROM repository r
JOIN LATERAL (
    SELECT started_at FROM workflow_run w
    WHERE w.repository_id = r.id AND w.is_trend
      AND EXISTS (SELECT 1 FROM artifact a WHERE a.repository_id = r.id AND a.run_id = w.id)
    ORDER BY started_at DESC LIMIT 1
) newest ON true
JOIN workflow_run w ON w.repository_id = r.id AND w.is_trend
    AND w.started_at >= newest.started_at - interval '1 day'
JOIN artifact a ON a.repository_id = r.id AND a.run_id = w.id
WHERE r.id = ANY(%(ids)s) AND a.state <> %(superseded)s
ORDER BY w.started_at DESC
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Upload:
    """One artifact; ``size`` in bytes, ``in_vain``: it was read once and held no report."""

    run: int
    name: str
    size: int
    in_vain: bool = False


@dataclass(slots=True)
class Source:
    """A repository's uploads of one day; patterns of its own, which win over those that are tried."""

    repository: str
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    groups: Sequence[str] = ()
    uploads: list[Upload] = field(default_factory=list)
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """Patterns as somebody typed them."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(slots=True)
class Match:
    """All artifacts of one name: how many there are, how many of them would be read, and the group they give."""

    name: str
    group: str = ""
    uploads: int = 0
    read: int = 0
    reason: str = ""
    repositories: set[str] = field(default_factory=set)

    @property
    def examples(self) -> list[str]:
        return sorted(self.repositories)[:MOST_EXAMPLES]

    @property
    def more(self) -> int:
        return max(0, len(self.repositories) - MOST_EXAMPLES)

    @property
    def verdict(self) -> str:
        if not self.read:
            return "passed over"
        return "read" if self.read == self.uploads else f"{self.read} of {self.uploads} read"


@dataclass(frozen=True, slots=True)
class Preview:
    """``matches``: what would be read first, by group; ``left_out`` names are not shown, for there are too many."""

    matches: list[Match]
    left_out: int
    read: int
    names: int
    groups: list[tuple[str, int]]
    """Each group with the number of names that give it, of what would be read."""
    repositories: int
    newest_at: datetime | None


def last_night(repository_ids: Iterable[int]) -> list[Source]:
    """What each repository uploaded within a day of its newest run that counts; one query."""
    states = {"passed_over": Artifact.State.PASSED_OVER.value, "superseded": Artifact.State.SUPERSEDED.value}
    sources: dict[str, Source] = {}
    with connection.cursor() as cursor:
        cursor.execute(LAST_NIGHT, {"ids": list(repository_ids), "most": MOST_UPLOADS, **states})
        for full_name, include, exclude, groups, run, name, size, in_vain, at in cursor.fetchall():
            source = sources.setdefault(full_name, Source(full_name, include, exclude, groups))
            source.uploads.append(Upload(run, name, size, in_vain))
            source.newest_at = max(source.newest_at or at, at)
    return list(sources.values())


def preview(sources: Iterable[Source], tried: Tried) -> Preview:
    """What would be read of these uploads, and which group each name gives."""
    by_name: dict[str, Match] = {}
    found = list(sources)
    for source in found:
        _hold_against(source, tried, by_name)
    ordered = sorted(
        by_name.values(), key=lambda match: (not match.read, match.group if match.read else "", match.name)
    )
    groups: dict[str, int] = defaultdict(int)
    for match in ordered:
        if match.read:
            groups[match.group] += 1
    return Preview(
        matches=ordered[:MOST_NAMES],
        left_out=max(0, len(ordered) - MOST_NAMES),
        read=sum(groups.values()),
        names=len(ordered),
        groups=sorted(groups.items()),
        repositories=len(found),
        newest_at=max((source.newest_at for source in found if source.newest_at), default=None),
    )


def _hold_against(source: Source, tried: Tried, by_name: dict[str, Match]) -> None:
    patterns = Patterns(tuple(source.include) or tried.include, tuple(source.exclude) or tried.exclude)
    chosen = tuple(source.groups) or tried.groups
    in_vain = {upload.name for upload in source.uploads if upload.in_vain}
    runs: dict[int, dict[str, Offer]] = defaultdict(dict)
    for upload in source.uploads:
        runs[upload.run][upload.name] = Offer(upload.name, upload.size)
    for offers in runs.values():
        reasons = passed_over(list(offers.values()), patterns, in_vain)
        for name in offers:
            match = by_name.setdefault(name, Match(name, group_of(name, chosen)))
            match.uploads += 1
            match.repositories.add(source.repository)
            if name in reasons:
                match.reason = match.reason or reasons[name]
            else:
                match.read += 1
