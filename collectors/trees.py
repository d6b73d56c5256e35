"""The files of a repository's tree: for resolving what reports name, and for telling whether a file changed.

One request when a commit is new; of older commits only those are asked for whose source is read.
"""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from collectors.github.client import GitHubClient
from collectors.github.errors import ConnectionTrouble, GitHubError, RateLimited, ServerTrouble
from collectors.github.sansio import repository_id_path
from collectors.paths import PathResolver
from dashboard.models import FileTree, Repository

logger = logging.getLogger(__name__)


class Blob(NamedTuple):
    """One version of a file: Git's name of its bytes, and how many they are."""

    name: str
    size: int


Tree = Mapping[str, Blob]


def resolver_for(repository: Repository, client: GitHubClient, sha: str) -> PathResolver:
    """A resolver for a commit; older commits are resolved by the newest tree that is known.

    Without a tree (no right to read contents, an empty repository) paths stay as reported, marked unresolved;
    a passing trouble is raised, so that the artifact is read again rather than stored in doubt.
    """
    known = FileTree.objects.filter(repository=repository).first()
    if known is None or (known.sha != sha and _is_newest(repository, sha)):
        try:
            known = _store(repository, sha, _fetch(repository, client, sha))
        except (ConnectionTrouble, RateLimited, ServerTrouble):
            raise
        except GitHubError as error:
            logger.info("paths of %s stay as reported: %s", repository.full_name, error.sentence)
    return PathResolver(zlib.decompress(known.packed).decode().split("\n")) if known else PathResolver()


def tree_at(repository: Repository, client: GitHubClient, sha: str) -> Tree:
    """All files of a commit: the stored tree when it is of this commit, else one request.

    Raises a GitHubError when there is no tree to be had.
    """
    known = FileTree.objects.filter(repository=repository, sha=sha).exclude(blobs=None).first()
    if known is not None and known.blobs is not None:
        paths = zlib.decompress(known.packed).decode().split("\n")
        blobs = zlib.decompress(known.blobs).decode().split("\n")
        return dict(zip(paths, map(_blob, blobs), strict=False))
    tree = _fetch(repository, client, sha)
    if _is_newest(repository, sha):
        _store(repository, sha, tree)
    return tree


def _blob(line: str) -> Blob:
    name, _, size = line.partition(" ")
    return Blob(name, int(size or 0))


def _is_newest(repository: Repository, sha: str) -> bool:
    newest = (
        repository.runs.filter(is_trend=True).order_by("-started_at").values_list("head_sha", flat=True).first()
    )
    return newest == sha


def _fetch(repository: Repository, client: GitHubClient, sha: str) -> Tree:
    assert repository.github_id is not None
    # GitHub answers up to 100,000 entries and says when it cut the rest; those paths stay unresolved.
    answer = client.get_conditional(
        repository_id_path(repository.github_id, f"/git/trees/{sha}"),
        {"recursive": "1"},
        about=f"the files of {repository.full_name}",
    )
    entries = answer.data.get("tree", []) if isinstance(answer.data, dict) else []
    return {entry["path"]: Blob(entry["sha"], entry.get("size") or 0) for entry in entries if _is_file(entry)}


def _is_file(entry: Any) -> bool:
    """A path with a line break cannot be kept in a list of lines, and no report names one."""
    return (
        isinstance(entry, dict)
        and entry.get("type") == "blob"
        and isinstance(entry.get("path"), str)
        and "\n" not in entry["path"]
        and re.fullmatch(r"[0-9a-f]{40,64}", str(entry.get("sha"))) is not None
        and isinstance(entry.get("size") or 0, int)
    )


def _store(repository: Repository, sha: str, tree: Tree) -> FileTree:
    stored, _ = FileTree.objects.update_or_create(
        repository=repository,
        defaults={
            "sha": sha,
            "packed": zlib.compress("\n".join(tree).encode()),
            "blobs": zlib.compress("\n".join(f"{blob.name} {blob.size}" for blob in tree.values()).encode()),
        },
    )
    return stored
