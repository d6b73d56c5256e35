"""The guided set-up of an organization: how far it is, what GitHub said, what could be collected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q

from dashboard.models import Candidate, Organization, Question, Repository
from dashboard.queries.matching import Source, Tried, Upload, last_night, preview

PAGE_SIZE = 100
SLOW_SECONDS = 15
"""A question that no worker has taken up by then is said to wait for one."""

SHOWN = {
    "all": "All",
    "reports": "With likely reports",
    "chosen": "Chosen",
    "new": "Not collected yet",
}


@dataclass(frozen=True, slots=True)
class Finding:
    about: str
    state: str
    sentence: str
    cure: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a question; ``state`` is "" when it was never asked, "lost" when its worker died."""

    state: str = ""
    progress: str = ""
    error: str = ""
    findings: tuple[Finding, ...] = ()
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    slow: bool = False

    @property
    def open(self) -> bool:
        return self.state in ("waiting", "asking")

    @property
    def bad(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.state == "bad"]


def answer_to(organization: Organization, kind: str, now: datetime) -> Answer:
    """One query."""
    row = Question.objects.filter(organization=organization, kind=kind).first()
    if row is None:
        return Answer()
    lost = row.state in ("waiting", "asking") and not row.open
    return Answer(
        state="lost" if lost else row.state,
        progress=row.progress,
        error=row.error,
        findings=tuple(Finding(**each) for each in row.answer.get("findings", ())),
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        slow=row.state == "waiting" and (now - row.asked_at).total_seconds() > SLOW_SECONDS,
    )


@dataclass(frozen=True, slots=True)
class CandidateRow:
    """``reports``: names of its artifacts that would be read, None when it was not looked into."""

    id: int
    name: str
    visibility: str
    archived: bool
    fork: bool
    pushed_at: datetime | None
    has_runs: bool | None
    artifacts: int | None
    reports: int | None
    trouble: str
    chosen: bool
    collected: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of them with what the whole list comes to; ``shown`` is a key of SHOWN, ``q`` a part of a name."""

    rows: list[CandidateRow]
    total: int
    chosen: int
    collected: int
    not_looked_into: int
    found: int
    page: int
    pages: int
    q: str
    shown: str

    @property
    def unlooked(self) -> list[int]:
        """Those of this page that nobody has looked into."""
        return [row.id for row in self.rows if row.artifacts is None and not row.trouble and not row.collected]


def candidates_of(organization: Organization, q: str = "", shown: str = "all", page: int = 1) -> Candidates:
    """Two queries, however many there are."""
    collected = _collected(organization)
    every = [
        _row(row, collected)
        for row in organization.candidates.order_by(F("pushed_at").desc(nulls_last=True), "name")
    ]
    found = [row for row in every if q.lower() in row.name.lower() and _is_shown(row, shown)]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    page = min(max(1, page), pages)
    return Candidates(
        rows=found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE],
        total=len(every),
        chosen=sum(row.chosen and not row.collected for row in every),
        collected=sum(row.collected for row in every),
        not_looked_into=sum(row.artifacts is None and not row.trouble and not row.collected for row in every),
        found=len(found),
        page=page,
        pages=pages,
        q=q,
        shown=shown,
    )


def choosable(organization: Organization, q: str, shown: str) -> list[int]:
    """The ids of all candidates that a filter shows and that are not collected already, on whichever page."""
    collected = _collected(organization)
    rows = (_row(row, collected) for row in organization.candidates.all())
    return [row.id for row in rows if q.lower() in row.name.lower() and _is_shown(row, shown) and not row.collected]


def sources_of(organization: Organization) -> list[Source]:
    """What patterns are held against: the last night of what is collected, GitHub's newest of what is chosen."""
    stored = last_night(organization.repositories.filter(enabled=True).values_list("pk", flat=True))
    collected = _collected(organization)
    fresh = [
        _source(row, organization.login)
        for row in organization.candidates.filter(chosen=True).exclude(uploads=[])
        if not _is_collected(row, collected)
    ]
    return stored + fresh


@dataclass(frozen=True, slots=True)
class Summary:
    """What the last step stores; ``new`` are the names of the repositories that it adds."""

    new: list[str]
    collected: int
    uploading: int
    without_reports: int


def summary_of(organization: Organization) -> Summary:
    collected = _collected(organization)
    chosen = [row for row in organization.candidates.filter(chosen=True) if not _is_collected(row, collected)]
    tried = Tried(tuple(organization.artifact_include), tuple(organization.artifact_exclude))
    reading = [row for row in chosen if preview([_source(row, organization.login)], tried).read]
    return Summary(
        new=[row.name for row in chosen],
        collected=organization.repositories.filter(enabled=True).count(),
        uploading=len(reading),
        without_reports=sum(row.artifacts is not None for row in chosen) - len(reading),
    )


def unfinished() -> list[Organization]:
    """Organizations whose guided set-up was begun and not ended, the newest first."""
    return list(Organization.objects.exclude(guide_step__in=("", "done")).order_by("-created_at")[:10])


def known_logins(most: int = 12) -> Sequence[str]:
    return list(Organization.objects.values_list("login", flat=True)[:most])


Collected = tuple[set[int], set[str]]


def _collected(organization: Organization) -> Collected:
    """Repositories that are here already, by GitHub's id and by name."""
    known: Iterable[tuple[int | None, str]] = Repository.objects.filter(
        Q(organization=organization) | Q(github_id__in=organization.candidates.values("github_id"))
    ).values_list("github_id", "name")
    pairs = list(known)
    return {number for number, _ in pairs if number}, {name.lower() for number, name in pairs if not number}


def _is_collected(row: Candidate, collected: Collected) -> bool:
    return row.github_id in collected[0] or row.name.lower() in collected[1]


def _is_shown(row: CandidateRow, shown: str) -> bool:
    if shown == "reports":
        return bool(row.reports)
    if shown == "chosen":
        return row.chosen and not row.collected
    return shown != "new" or not row.collected


def _row(row: Candidate, collected: Collected) -> CandidateRow:
    return CandidateRow(
        id=row.pk,
        name=row.name,
        visibility=row.visibility,
        archived=row.archived,
        fork=row.fork,
        pushed_at=row.pushed_at,
        has_runs=row.has_runs,
        artifacts=row.artifacts,
        reports=None if row.artifacts is None else preview([_source(row, "")], Tried()).read,
        trouble=row.trouble,
        chosen=row.chosen,
        collected=_is_collected(row, collected),
    )


def _source(row: Candidate, login: str) -> Source:
    uploads = [Upload(run, name, size) for run, name, size in row.uploads]
    return Source(f"{login}/{row.name}", uploads=uploads, newest_at=row.uploaded_at)
