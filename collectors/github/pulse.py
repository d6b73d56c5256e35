"""One GraphQL question for many repositories: what are you called, and did anything run on your newest commits?

GraphQL knows no artifacts, but a commit's check suites carry its workflow runs. Repositories are asked for by node
id, which survives renames and transfers. The points that it costs: connections ÷ 100, so 3 for 25 repositories.

Sources: docs.github.com "GraphQL API", objects Repository, Commit, CheckSuite, WorkflowRun; "Rate limits and query
limits for the GraphQL API". Requests that take GitHub more than ten seconds are cut off with 502 or 504.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from .errors import UnexpectedAnswer
from .facts import Json, moment
from .sansio import RateLimit

COMMITS = 5
"""Newest commits of the default branch that are looked at: a re-run of an older one shows here for that long."""
SUITES = 20
"""Check suites of a commit that are listed, newest last; a commit with more is asked for by REST."""
TAGS = 20
"""Newest tags that are listed, by the date of the commit that they name."""
RELEASES = 20
"""Newest releases that are listed; each is made of a tag."""
GITHUB_ACTIONS = 15368
"""The id of the app that workflow runs belong to; other apps' check suites are no runs."""

QUERY = """
query Pulse($ids: [ID!]!, $commits: Int!, $suites: Int!, $app: Int!, $tags: Int!, $releases: Int!) {
  rateLimit { cost limit remaining resetAt }
  nodes(ids: $ids) {
    ... on Repository {
      id databaseId nameWithOwner isArchived isPrivate url description
      primaryLanguage { name }
      refs(refPrefix: "refs/tags/", first: $tags, orderBy: {field: TAG_COMMIT_DATE, direction: DESC}) {
        nodes { name target { oid ... on Commit { committedDate } ... on Tag { target { oid } tagger { date } } } }
      }
      releases(first: $releases, orderBy: {field: CREATED_AT, direction: DESC}) {
        nodes { tagName name url isDraft }
      }
      defaultBranchRef {
        name
        target {
          ... on Commit {
            history(first: $commits) {
              nodes {
                oid committedDate
                checkSuites(last: $suites, filterBy: {appId: $app}) {
                  totalCount
                  nodes {
                    databaseId status conclusion createdAt updatedAt
                    branch { name }
                    workflowRun {
                      databaseId runNumber event createdAt updatedAt url
                      workflow { databaseId name }
                      file { path }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
"""


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """A workflow run as its check suite shows it: no attempt, and no head repository (its commit is ours)."""

    id: int
    workflow_id: int | None
    workflow_name: str
    workflow_path: str
    run_number: int
    event: str
    status: str
    conclusion: str
    branch: str
    sha: str
    committed_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class PulseTag:
    """A tag and the commit that it names. ``at``: when that was committed, of an annotated tag when it was made.

    ``release`` is the title of the release that was made of it, its tag's name where it has none, and
    ``release_url`` that release's page; both "" where there is none.
    """

    name: str
    sha: str
    at: datetime | None
    release: str = ""
    release_url: str = ""


@dataclass(frozen=True, slots=True)
class Pulse:
    """A repository as one answer shows it. ``whole`` is false where GitHub holds more than was asked for.

    ``commits`` are the newest of the default branch, newest first; ``mark`` is equal for two answers exactly when
    nothing ran, ended or was re-run on them in between.
    """

    id: int
    node_id: str
    full_name: str
    default_branch: str
    archived: bool
    private: bool
    url: str
    description: str
    language: str
    commits: tuple[str, ...]
    head_at: datetime | None
    runs: tuple[SuiteRun, ...]
    tags: tuple[PulseTag, ...]
    whole: bool
    mark: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        """Out of one ``Repository`` node; UnexpectedAnswer for one that lacks what was asked for."""
        branch = _mapping(data.get("defaultBranchRef"))
        commits = _nodes(_mapping(branch.get("target")).get("history")) if branch else []
        runs = tuple(run for commit in commits for run in _runs(commit))
        number, name = data.get("databaseId"), data.get("nameWithOwner")
        if not isinstance(number, int) or not isinstance(name, str):
            raise UnexpectedAnswer("GitHub described a repository without its id or name: try again later.")
        shas = tuple(str(commit.get("oid", "")) for commit in commits)
        told = [
            str(branch.get("name", "")),
            *shas,
            *(_mark(suite) for commit in commits for suite in _suites(commit)),
        ]
        return cls(
            id=number,
            node_id=str(data.get("id", "")),
            full_name=name,
            default_branch=str(branch.get("name", "")),
            archived=bool(data.get("isArchived")),
            private=bool(data.get("isPrivate")),
            url=str(data.get("url") or ""),
            description=str(data.get("description") or ""),
            language=str(_mapping(data.get("primaryLanguage")).get("name") or ""),
            commits=shas,
            head_at=moment(commits[0].get("committedDate")) if commits else None,
            runs=runs,
            tags=tuple(_tags(data.get("refs"), data.get("releases"))),
            whole=all(_mapping(commit.get("checkSuites")).get("totalCount", 0) <= SUITES for commit in commits),
            mark=hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest(),
        )


@dataclass(frozen=True, slots=True)
class Pulses:
    """One answer: ``found`` by node id; a repository that GitHub no longer shows is not in it."""

    found: Mapping[str, Pulse]
    rate: RateLimit
    cost: int | None


def variables(node_ids: Sequence[str]) -> dict[str, Any]:
    wanted = {"commits": COMMITS, "suites": SUITES, "app": GITHUB_ACTIONS, "tags": TAGS, "releases": RELEASES}
    return {"ids": list(node_ids), **wanted}


def pulses_of(answer: Any) -> Pulses:
    """Read an answer's ``data``. Raises UnexpectedAnswer where it is none of ours.

    GitHub gives null, and an error beside it, for each node that it does not show; the others are good.
    """
    data = _mapping(_mapping(answer).get("data"))
    nodes = data.get("nodes")
    if not isinstance(nodes, list):
        raise UnexpectedAnswer(f"GitHub's GraphQL answer has no nodes ({_complaint(answer)}).")
    found = {}
    for node in nodes:
        # An object that is no repository has none of the fields asked for.
        if isinstance(node, dict) and "nameWithOwner" in node:
            pulse = Pulse.from_json(node)
            found[pulse.node_id] = pulse
    limit = _mapping(data.get("rateLimit"))
    rate = RateLimit(_number(limit, "limit"), _number(limit, "remaining"), moment(limit.get("resetAt")))
    return Pulses(found, rate, _number(limit, "cost"))


def is_limited(answer: Any) -> bool:
    """Whether a 200 is in truth a spent limit: GraphQL says so in the body."""
    errors = _mapping(answer).get("errors")
    return isinstance(errors, list) and any(
        isinstance(error, dict) and error.get("type") in ("RATE_LIMITED", "RATE_LIMIT") for error in errors
    )


def _complaint(answer: Any) -> str:
    errors = _mapping(answer).get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return " ".join(str(first.get("message", "no reason given")).split())[:200].rstrip(".")


def _runs(commit: Json) -> Iterator[SuiteRun]:
    for suite in _suites(commit):
        run = _mapping(suite.get("workflowRun"))
        if not isinstance(run.get("databaseId"), int):
            continue  # a suite of an app that runs no workflow
        workflow = _mapping(run.get("workflow"))
        yield SuiteRun(
            id=run["databaseId"],
            workflow_id=_number(workflow, "databaseId"),
            workflow_name=str(workflow.get("name") or ""),
            workflow_path=str(_mapping(run.get("file")).get("path") or ""),
            run_number=_number(run, "runNumber") or 0,
            event=str(run.get("event") or ""),
            # The REST answers write these small.
            status=str(suite.get("status") or "").lower(),
            conclusion=str(suite.get("conclusion") or "").lower(),
            branch=str(_mapping(suite.get("branch")).get("name") or ""),
            sha=str(commit.get("oid", "")),
            committed_at=moment(commit.get("committedDate")),
            created_at=moment(run.get("createdAt")) or moment(suite.get("createdAt")),
            updated_at=moment(run.get("updatedAt")) or moment(suite.get("updatedAt")),
            url=str(run.get("url") or ""),
        )


def _tags(connection: Any, releases: Any) -> Iterator[PulseTag]:
    # A server that lists none is believed; a tag of a tree or a blob names no commit.
    made_of = {
        str(node.get("tagName")): (str(node.get("name") or node.get("tagName")), str(node.get("url") or ""))
        for node in (_nodes(releases) if releases is not None else ())
        if not node.get("isDraft")  # shown to those who may write, and to nobody else
    }
    for ref in _nodes(connection) if connection is not None else ():
        target = _mapping(ref.get("target"))
        named = _mapping(target.get("target")) or target
        at = moment(target.get("committedDate")) or moment(_mapping(target.get("tagger")).get("date"))
        if ref.get("name") and named.get("oid"):
            yield PulseTag(str(ref["name"]), str(named["oid"]), at, *made_of.get(str(ref["name"]), ()))


def _suites(commit: Json) -> list[Json]:
    return _nodes(commit.get("checkSuites"))


def _mark(suite: Json) -> str:
    run = _mapping(suite.get("workflowRun"))
    told = (suite.get("databaseId"), suite.get("status"), suite.get("conclusion"), suite.get("updatedAt"))
    return repr((*told, run.get("databaseId"), run.get("updatedAt")))


def _nodes(connection: Any) -> list[Json]:
    nodes = _mapping(connection).get("nodes")
    if not isinstance(nodes, list):
        raise UnexpectedAnswer("GitHub's GraphQL answer lacks a list that was asked for.")
    return [node for node in nodes if isinstance(node, dict)]


def _mapping(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _number(data: Json, key: str) -> int | None:
    value = data.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
