"""Which repositories an organization has, and which of them upload anything. Nothing is collected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db.models import F

from collectors.github import sansio
from collectors.github.client import GitHubClient
from collectors.github.errors import Forbidden, Gone, NotFound, ServerTrouble
from collectors.github.facts import ArtifactFacts, RepositoryFacts
from dashboard.models import Candidate, Organization

Say = Callable[[str], None]
LISTED = ("name", "default_branch", "visibility", "archived", "fork", "pushed_at")
BATCH = 100
MOST_LOOKED_INTO = 60
"""One request each, or two: what a new installation can spend. Others are looked into when asked."""
MOST_UPLOADS = 100
A_NIGHT = timedelta(days=1)


def list_candidates(organization: Organization, client: GitHubClient, say: Say) -> None:
    """All repositories that GitHub shows, a request for each hundred; what is no longer there goes."""
    seen: list[int] = []
    listed = client.organization_repositories(organization.login)
    while some := list(islice(listed, BATCH)):
        rows = [_candidate(organization, facts) for facts in some]
        Candidate.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["organization", "github_id"], update_fields=LISTED
        )
        seen += [row.github_id for row in rows]
        say(f"{len(seen):,} repositories listed so far.")
    organization.candidates.exclude(github_id__in=seen).delete()


def look_into(organization: Organization, client: GitHubClient, only: Sequence[int], say: Say) -> None:
    """See what the candidates upload, the last pushed first; ``only`` are rows that somebody asked for."""
    rows = organization.candidates.filter(artifacts=None)
    rows = rows.filter(pk__in=only) if only else rows.filter(archived=False)
    ordered = list(rows.order_by(F("pushed_at").desc(nulls_last=True), "name")[:MOST_LOOKED_INTO])
    for at, row in enumerate(ordered, 1):
        say(f"Looking into repository {at:,} of {len(ordered):,}: {row.name}.")
        row.trouble = ""
        try:
            _look(client, row)
        except (Forbidden, NotFound, Gone, ServerTrouble) as error:
            row.trouble = error.sentence
        row.save(update_fields=["has_runs", "artifacts", "uploads", "uploaded_at", "trouble"])


def _look(client: GitHubClient, row: Candidate) -> None:
    client.names[row.github_id] = str(row)
    page = next(client.artifacts(row.github_id))
    row.artifacts = len(page.items) if page.total is None else page.total
    row.has_runs = True if page.items else _has_runs(client, row)
    own = [each for each in page.items if _counts(each, row)]
    newest = max((each.created_at for each in own if each.created_at), default=None)
    row.uploaded_at = newest
    tonight = [each for each in own if newest and each.created_at and each.created_at > newest - A_NIGHT]
    row.uploads = [[each.run_id or 0, each.name, each.size_bytes or 0] for each in tonight[:MOST_UPLOADS]]


def _counts(artifact: ArtifactFacts, row: Candidate) -> bool:
    """As far as a list of artifacts tells: of the repository itself, on its default branch (contract rule 1)."""
    ours = artifact.head_repository_id in (None, row.github_id)
    return ours and artifact.head_branch in ("", row.default_branch)


def _has_runs(client: GitHubClient, row: Candidate) -> bool:
    path = sansio.repository_id_path(row.github_id, "/actions/runs")
    answer = client.get_conditional(path, sansio.query(per_page=1), about=f"the runs of {row}")
    told: Any = answer.data
    return bool(isinstance(told, dict) and told.get("workflow_runs"))


def _candidate(organization: Organization, facts: RepositoryFacts) -> Candidate:
    return Candidate(
        organization=organization,
        github_id=facts.id,
        name=facts.name[:100],
        default_branch=facts.default_branch,
        visibility=facts.visibility[:16],
        archived=facts.archived,
        fork=facts.fork,
        pushed_at=facts.pushed_at,
    )
