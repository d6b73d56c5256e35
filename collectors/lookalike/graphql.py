"""The look-alike's GraphQL: it answers the collectors' one question, with every field that this asks for.

It is no GraphQL engine. A query that does not ask for ``nodes(ids:)`` gets GitHub's error for an unknown field; of
one that does, the whole shape below comes back, which the tests hold against GitHub's published schema.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from .comparing import history_of
from .estate import FakeEstate
from .things import FakeRepository, FakeRun, FakeTag, stamp

Json = dict[str, Any]

POINTS_AN_HOUR = 5_000
POINTS_LEFT = 4_999


def answer_query(estate: FakeEstate, body: bytes) -> Json:
    """GitHub's answer to a posted query: data, and errors beside it for nodes that are not there."""
    try:
        asked = json.loads(body)
        query, variables = str(asked["query"]), asked.get("variables") or {}
    except (ValueError, KeyError, TypeError):
        return {"errors": [{"message": "A query attribute must be specified and must be a string."}]}
    if "nodes(ids:" not in query:
        return {"errors": [{"type": "undefinedField", "message": "Field doesn't exist on type 'Query'"}]}
    by_node = {each.node_id: each for each in estate.repositories.values()}
    limits = {key: int(variables.get(key, 20)) for key in ("commits", "suites", "tags", "releases")}
    nodes: list[Json | None] = []
    errors: list[Json] = []
    for place, wanted in enumerate(variables.get("ids") or []):
        repository = by_node.get(wanted)
        nodes.append(repository_node(estate, repository, **limits) if repository else None)
        if repository is None:
            message = f"Could not resolve to a node with the global id of '{wanted}'."
            errors.append({"type": "NOT_FOUND", "path": ["nodes", place], "message": message})
    reset_at = stamp(estate.now.replace(minute=59, second=59))
    limit = {"cost": 1, "limit": POINTS_AN_HOUR, "remaining": POINTS_LEFT, "resetAt": reset_at}
    answer: Json = {"data": {"rateLimit": limit, "nodes": nodes}}
    return {**answer, "errors": errors} if errors else answer


def repository_node(
    estate: FakeEstate, repository: FakeRepository, commits: int, suites: int, tags: int, releases: int
) -> Json:
    """A ``Repository`` with the newest commits of its default branch, as far as runs name them."""
    url = f"{estate.web_url}/{repository.full_name}"
    runs = [run for run in estate.runs_of(repository) if run.head_repository_id == repository.id]
    # A commit of the default branch shows the suites of every branch that it is on.
    own = dict(history_of(estate, repository))
    newest = list(own)
    history = [
        {
            "oid": sha,
            "committedDate": stamp(own[sha]),
            "checkSuites": check_suites((run for run in runs if run.head_sha == sha), suites, url),
        }
        for sha in newest[:commits]
    ]
    newest_first = sorted(repository.tags, key=lambda tag: tag.at, reverse=True)
    branch = {"name": repository.default_branch, "target": {"history": {"nodes": history}}}
    return {
        "id": repository.node_id,
        "databaseId": repository.id,
        "nameWithOwner": repository.full_name,
        "isArchived": repository.archived,
        "isPrivate": repository.private,
        "url": url,
        "description": repository.description,
        "primaryLanguage": {"name": repository.language} if repository.language else None,
        "refs": {"nodes": [tag_ref(tag) for tag in newest_first[:tags]]},
        "releases": {"nodes": [release(tag, url) for tag in newest_first if tag.release is not None][:releases]},
        "defaultBranchRef": branch if history else None,
    }


def tag_ref(tag: FakeTag) -> Json:
    """The ``Ref`` of a tag: it names a commit, or an object with its own id and date that does."""
    if not tag.annotated:
        return {"name": tag.name, "target": {"oid": tag.sha, "committedDate": stamp(tag.at)}}
    own = hashlib.sha1(f"{tag.name} {tag.sha}".encode(), usedforsecurity=False).hexdigest()
    return {"name": tag.name, "target": {"oid": own, "target": {"oid": tag.sha}, "tagger": {"date": stamp(tag.at)}}}


def release(tag: FakeTag, url: str) -> Json:
    """The ``Release`` that was made of a tag."""
    page = f"{url}/releases/tag/{tag.name}"
    return {"tagName": tag.name, "name": tag.release or None, "url": page, "isDraft": tag.draft}


def check_suites(runs: Iterable[FakeRun], last: int, url: str) -> Json:
    """The ``CheckSuiteConnection`` of a commit: one suite for each run, the oldest first."""
    ordered = sorted(runs, key=lambda run: (run.created_at, run.id))
    return {"totalCount": len(ordered), "nodes": [check_suite(run, url) for run in ordered[-last:]]}


def check_suite(run: FakeRun, url: str) -> Json:
    done = run.status == "completed"
    return {
        "databaseId": run.id + 1,
        "status": run.status.upper(),
        "conclusion": (run.conclusion or "").upper() or None if done else None,
        "createdAt": stamp(run.created_at),
        "updatedAt": stamp(run.updated_at),
        "branch": {"name": run.head_branch} if run.head_branch else None,
        "workflowRun": {
            "databaseId": run.id,
            "runNumber": run.run_number,
            "event": run.event,
            "createdAt": stamp(run.created_at),
            "updatedAt": stamp(run.updated_at),
            "url": f"{url}/actions/runs/{run.id}",
            "workflow": {"databaseId": run.workflow_id, "name": run.workflow_name},
            "file": {"path": run.workflow_path},
        },
    }
