"""What source analysis added to a commit, and the sentence for what it could not tell."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard.models import CommitSources, Report
from dashboard.packing import digest_of
from dashboard.queries.rows import Question


def basis_of(reports: Iterable[Report]) -> bytes:
    """Names the coverage reports that an analysis was made for: with others it says nothing."""
    manifests = sorted({report.manifest_id for report in reports if report.manifest_id})
    return digest_of(*(manifest.to_bytes(8, "little") for manifest in manifests))


def sources_of(repository_id: int, sha: str, reports: Iterable[Report]) -> CommitSources | None:
    """The commit's source analysis, None where there is none for just these reports."""
    return CommitSources.objects.filter(repository_id=repository_id, sha=sha, basis=basis_of(reports)).first()


NOTE = (
    "select reason from commit_sources where repository_id = %(repository)s and sha = %(sha)s order by id limit 1"
)


def source_note(repository_id: int, sha: str) -> Question[str]:
    """Why lines of the commit are unknown and what to do about it; "" when there is nothing to say."""
    return Question(NOTE, {"repository": repository_id, "sha": sha}, lambda rows: rows[0].reason if rows else "")
