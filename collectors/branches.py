"""Where the default branch stands: its newest commit, and what a force push took off it.

    GraphQL told the newest commits ─▶ the last known HEAD is among them ─▶ nothing left
                                   └─▶ it is not: many pushes, or a force push ─▶ one comparison tells the commits
                                                                                  that are off the branch
A commit that left keeps its point, marked and never latest. GitHub is asked only where HEAD may have left.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from collectors.github.client import GitHubClient
from collectors.github.errors import Forbidden, NotFound
from collectors.github.pulse import Pulse
from collectors.heads import newest_run
from dashboard.models import Repository, WorkflowRun

logger = logging.getLogger(__name__)

FORGOTTEN_AT_MOST = 5
"""Commits in a row that GitHub no longer has, before the rest are left for the next night."""


def told_by(pulse: Pulse) -> dict[str, Any]:
    """What an answer says of the branch, to be kept until the repository is collected."""
    head_at = pulse.head_at.isoformat() if pulse.head_at else None
    return {"commits": list(pulse.commits), "head_at": head_at, "at": timezone.now().isoformat()}


def follow(repository: Repository, client: GitHubClient, told: dict[str, Any]) -> bool:
    """Learn where the branch stands, before anything is read; True when anything is other than it was.

    ``told`` is what GraphQL said tonight; without it only the runs tell that HEAD moved.
    """
    commits: list[str] = told.get("commits") or []
    if not commits:
        run = newest_run(repository)
        left = _left(repository, client, ()) if run and run.head_sha != repository.head_sha else []
        if repository.branch_head in left:
            repository.branch_head = ""
            repository.save(update_fields=["branch_head"])
        return bool(left)
    standing = _marked(repository, commits, left=False)
    if repository.head_sha not in commits:
        standing += _left(repository, client, commits)
    moved = repository.branch_head != commits[0]
    repository.branch_head = commits[0]
    repository.branch_head_at = datetime.fromisoformat(told["head_at"]) if told.get("head_at") else None
    repository.branch_told_at = datetime.fromisoformat(told["at"])
    repository.save(update_fields=["branch_head", "branch_head_at", "branch_told_at"])
    return moved or bool(standing)


def _left(repository: Repository, client: GitHubClient, on_branch: Collection[str]) -> list[str]:
    """Ask what became of the last known HEAD, and mark what left."""
    assert repository.github_id is not None
    left: list[str] = []
    for sha in _newest_known(repository, on_branch):
        try:
            left += client.commits_off(repository.github_id, repository.default_branch, sha)
            break
        except Forbidden as error:
            logger.info("%s", error.sentence)
            break
        except NotFound:
            if not _may_compare(repository, client):
                break
            left.append(sha)  # GitHub has forgotten it: it left long ago.
    return _marked(repository, left, left=True)


def _marked(repository: Repository, commits: Collection[str], *, left: bool) -> list[str]:
    """Mark the runs of commits as of the branch or off it; the commits for which that is new."""
    runs = WorkflowRun.objects.filter(repository=repository, head_sha__in=commits, left_branch=not left)
    new = list(runs.order_by("head_sha").values_list("head_sha", flat=True).distinct())
    if new:
        runs.update(left_branch=left)
    return new


def _newest_known(repository: Repository, on_branch: Collection[str]) -> Iterator[str]:
    """The last known HEAD, then older commits with runs: each is wanted only when the one before is forgotten."""
    if not repository.head_sha:
        return
    yield repository.head_sha
    runs = WorkflowRun.objects.filter(repository=repository, is_trend=True, left_branch=False)
    older = dict.fromkeys(runs.order_by("-created_at", "-github_id").values_list("head_sha", flat=True)[:200])
    yield from [sha for sha in older if sha != repository.head_sha and sha not in on_branch][
        : FORGOTTEN_AT_MOST - 1
    ]


def _may_compare(repository: Repository, client: GitHubClient) -> bool:
    """Whether comparing works at all with this token: 404 says of either commit or right that there is none."""
    assert repository.github_id is not None
    branch = repository.default_branch
    try:
        client.commits_off(repository.github_id, branch, branch)
    except (Forbidden, NotFound):
        return False
    return True
