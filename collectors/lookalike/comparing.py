"""The look-alike's history of a default branch, and what comparing a commit with it says.

There is no graph of commits: the branch is what its runs name in the order of their dates, less what a force push
took off it; what was taken off is one line of commits in that same order.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .estate import FakeEstate
from .shapes import Shapes
from .things import FakeRepository

Commits = list[tuple[str, datetime]]


def history_of(estate: FakeEstate, repository: FakeRepository) -> Commits:
    """The commits of the default branch with their dates, newest first."""
    known = _named_by_runs(estate, repository)
    history = [(sha, at) for sha, at in known if sha not in repository.left]
    head = repository.head_sha
    if head and head not in dict(history):
        history.insert(0, (head, repository.pushed_at or repository.created_at))
    return history


def compare(shapes: Shapes, repository: FakeRepository, base: str, head: str) -> dict[str, Any] | None:
    """``compare/{base}...{head}`` for the default branch (or its newest commit) as base; None: no such commit."""
    history = history_of(shapes.estate, repository)
    known = dict(_named_by_runs(shapes.estate, repository)) | dict(history)
    if not history or base not in (repository.default_branch, history[0][0]):
        return None
    head = history[0][0] if head == repository.default_branch else head
    if head not in known:
        return None
    on_branch = [sha for sha, _ in history]
    gone = [(sha, at) for sha, at in known.items() if sha in repository.left and at <= known[head]]
    if head in on_branch:
        ahead, behind, merge_base = [], on_branch.index(head), head
    else:
        ahead = sorted(gone, key=lambda commit: commit[1])
        older = [sha for sha, at in history if at < ahead[0][1]]
        merge_base = older[0] if older else on_branch[-1]
        behind = on_branch.index(merge_base)
    status = ("diverged" if behind else "ahead") if ahead else ("behind" if behind else "identical")
    url = f"{shapes.api_url}/repos/{repository.full_name}/compare/{base}...{head}"
    web = f"{shapes.estate.web_url}/{repository.full_name}/compare/{base}...{head}"
    return {
        "url": url,
        "html_url": web,
        "permalink_url": web,
        "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch",
        "base_commit": _described(shapes, repository, on_branch[0], known[on_branch[0]]),
        "merge_base_commit": _described(shapes, repository, merge_base, known[merge_base]),
        "status": status,
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [_described(shapes, repository, sha, at) for sha, at in ahead],
        "files": [],
    }


def _described(shapes: Shapes, repository: FakeRepository, sha: str, at: datetime) -> dict[str, Any]:
    """A commit as a list has it: without its files."""
    whole = shapes.commit(repository, sha, at, "Change something")
    return {key: value for key, value in whole.items() if key not in ("stats", "files")}


def _named_by_runs(estate: FakeEstate, repository: FakeRepository) -> Commits:
    own = {
        run.head_sha: run.committed_at
        for run in estate.runs_of(repository)
        if run.head_repository_id == repository.id and run.head_branch == repository.default_branch
    }
    return sorted(own.items(), key=lambda commit: (commit[1], commit[0]), reverse=True)
