"""The paths of a repository's tree, for resolving what reports name: one request when a commit is new."""

from __future__ import annotations

import logging
import zlib

from collectors.github.client import GitHubClient
from collectors.github.errors import ConnectionTrouble, GitHubError, RateLimited, ServerTrouble
from collectors.github.sansio import repository_id_path
from collectors.paths import PathResolver
from dashboard.models import FileTree, Repository

logger = logging.getLogger(__name__)


def resolver_for(repository: Repository, client: GitHubClient, sha: str) -> PathResolver:
    """A resolver for a commit; older commits are resolved by the newest tree that is known.

    Without a tree (no right to read contents, an empty repository) paths stay as reported, marked unresolved;
    a passing trouble is raised, so that the artifact is read again rather than stored in doubt.
    """
    known = FileTree.objects.filter(repository=repository).first()
    if known is None or (known.sha != sha and _is_newest(repository, sha)):
        try:
            known = _fetch(repository, client, sha)
        except (ConnectionTrouble, RateLimited, ServerTrouble):
            raise
        except GitHubError as error:
            logger.info("paths of %s stay as reported: %s", repository.full_name, error.sentence)
    return PathResolver(zlib.decompress(known.packed).decode().split("\n")) if known else PathResolver()


def _is_newest(repository: Repository, sha: str) -> bool:
    newest = (
        repository.runs.filter(is_trend=True).order_by("-started_at").values_list("head_sha", flat=True).first()
    )
    return newest == sha


def _fetch(repository: Repository, client: GitHubClient, sha: str) -> FileTree:
    assert repository.github_id is not None
    # GitHub answers up to 100,000 entries and says when it cut the rest; those paths stay unresolved.
    answer = client.get_conditional(
        repository_id_path(repository.github_id, f"/git/trees/{sha}"),
        {"recursive": "1"},
        about=f"the files of {repository.full_name}",
    )
    entries = answer.data.get("tree", []) if isinstance(answer.data, dict) else []
    paths = [
        entry["path"] for entry in entries if entry.get("type") == "blob" and isinstance(entry.get("path"), str)
    ]
    tree, _ = FileTree.objects.update_or_create(
        repository=repository, defaults={"sha": sha, "packed": zlib.compress("\n".join(paths).encode())}
    )
    return tree
