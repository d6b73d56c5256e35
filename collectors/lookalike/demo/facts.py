"""What the demo knows of its estate: recorded facts and where the real reports lie.

    data/estate.json          one object per organization and repository
    data/reports/<org>__<repository>.zip    <sha8>[--part]/junit.xml, coverage.xml or lcov.info, meta.json

Both are written by ``python -m collectors.lookalike.demo.pack``. What is not known is None or empty, never made up.
"""

from __future__ import annotations

import functools
import hashlib
import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Workflow:
    """A workflow file at the recorded commit; ``calls`` are the reusable workflows that its jobs use."""

    path: str
    name: str
    triggers: tuple[str, ...]
    calls: tuple[str, ...]
    runs_tests: bool


@dataclass(frozen=True)
class RealReport:
    """One run of a suite that really took place: its commit, its outcome, its files inside the repository's zip.

    ``part`` names the package of a monorepo, ``variant`` a second way of running the same commit
    (``deps-of-the-day``: package versions of that day; ``ci-command``: the command of the repository's own CI).
    ``seconds`` is how long the command took.
    """

    folder: str
    sha: str
    committed_at: datetime
    part: str
    variant: str
    exit_code: int
    seconds: float
    cases: int
    passed: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class DemoRepository:
    """A repository of the estate. ``position`` is its place in the registry, from which run ids are made.

    ``sha`` and ``committed_at`` are the head at the recorded date, None where the repository could not be read;
    ``paths`` are the source files that its reports name, where they can be told.
    """

    full_name: str
    position: int
    archived: bool
    description: str
    language: str | None
    default_branch: str
    tier: str
    sha: str | None
    committed_at: datetime | None
    workflows: tuple[Workflow, ...]
    paths: tuple[str, ...]
    reports: tuple[RealReport, ...]

    def commits(self) -> list[tuple[RealReport, ...]]:
        """Its real commits in order of time, each with its reports (several in a monorepo), variants left out."""
        by_sha: dict[str, list[RealReport]] = {}
        for report in sorted(self.reports, key=lambda each: (each.committed_at, each.part)):
            if not report.variant:
                by_sha.setdefault(report.sha, []).append(report)
        return [tuple(reports) for reports in by_sha.values()]

    def variants(self, sha: str) -> tuple[RealReport, ...]:
        return tuple(each for each in self.reports if each.sha == sha and each.variant)


@dataclass(frozen=True)
class DemoOrganization:
    login: str
    title: str
    description: str


@dataclass(frozen=True)
class DemoFacts:
    organizations: tuple[DemoOrganization, ...]
    repositories: tuple[DemoRepository, ...]


@functools.cache
def load_facts() -> DemoFacts:
    """Everything in ``data/estate.json``; no report is opened."""
    data = json.loads((DATA / "estate.json").read_text(encoding="utf-8"))
    organizations = tuple(DemoOrganization(**each) for each in data["organizations"])
    repositories = tuple(_repository(position, each) for position, each in enumerate(data["repositories"], start=1))
    return DemoFacts(organizations, repositories)


@functools.lru_cache(maxsize=256)
def real_bytes(full_name: str, member: str) -> bytes:
    """One file of the repository's real reports, for example ``086aa51b/junit.xml``.

    The cache is for the newest commits: those are served again every night.
    """
    with zipfile.ZipFile(report_file(full_name)) as archive:
        return archive.read(member)


def report_file(full_name: str) -> Path:
    """Where the real reports of a repository lie; the file is missing for those that have none."""
    return DATA / "reports" / f"{full_name.replace('/', '__')}.zip"


def stable_id(name: str) -> int:
    """A number for an organization or a repository that is the same at every start."""
    return int.from_bytes(hashlib.sha256(name.lower().encode()).digest()[:4], "big")


def _repository(position: int, data: dict[str, Any]) -> DemoRepository:
    return DemoRepository(
        **{
            **data,
            "position": position,
            "committed_at": _utc(data["committed_at"]) if data["committed_at"] else None,
            "workflows": tuple(_workflow(each) for each in data["workflows"]),
            "paths": tuple(data["paths"]),
            "reports": tuple(_report(each) for each in data["reports"]),
        }
    )


def _workflow(data: dict[str, Any]) -> Workflow:
    return Workflow(**{**data, "triggers": tuple(data["triggers"]), "calls": tuple(data["calls"])})


def _report(data: dict[str, Any]) -> RealReport:
    return RealReport(**{**data, "committed_at": _utc(data["committed_at"]), "members": tuple(data["members"])})


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
