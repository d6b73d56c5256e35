"""A request into an answer, without sockets: GitHub's paths, and what each gives.

A repository's paths work under its name in any case (``/repos/{owner}/{name}``) and under its id
(``/repositories/{id}``); an old name answers 301 to the latter, as GitHub does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

from .answers import DOCUMENTATION, Answer, Request, not_found, refusal
from .comparing import compare
from .estate import FakeEstate
from .graphql import answer_query
from .listing import filter_runs, page_of
from .shapes import Shapes
from .things import FakeArtifact, FakeRepository, FakeRun, place_of_job
from .trees import content_object, tree_entries

RAW_TYPE = "application/vnd.github.raw+json; charset=utf-8"


@dataclass(frozen=True)
class Routes:
    """Answers for an estate; ``sign`` gives an artifact's address at the blob host, ``sign_log`` that of a log."""

    estate: FakeEstate
    api_url: str
    sign: Callable[[FakeArtifact], str]
    sign_log: Callable[[int], str]
    clock: Callable[[], float]

    def answer(self, request: Request) -> Answer:
        """The answer to anything but ``/rate_limit``, which the server's own counters answer."""
        if request.token and self.estate.tokens is not None and request.token not in self.estate.tokens:
            return refusal("unauthorized", 401, "Bad credentials")
        for pattern, kind, handler in TOP_ROUTES:
            match = pattern.fullmatch(request.path)
            if match and request.method == ("POST" if kind == "graphql" else "GET"):
                return handler(self, kind, request, *map(unquote, match.groups()))
        return not_found()

    @property
    def shapes(self) -> Shapes:
        return Shapes(self.estate, self.api_url)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock(), UTC)

    # What is above repositories

    def graphql(self, kind: str, request: Request) -> Answer:
        """The one question that the collectors ask; 404 where the estate has no GraphQL, as an old server."""
        if not self.estate.graphql:
            return not_found(kind)
        if not request.token:
            return refusal(kind, 401, "This endpoint requires you to be authenticated.")
        return Answer(kind, 200, answer_query(self.estate, request.body))

    def user(self, kind: str, request: Request) -> Answer:
        if not request.token:
            return refusal(kind, 401, "Requires authentication")
        return Answer(kind, 200, self.shapes.user("octocat", 1))

    def organization(self, kind: str, request: Request, login: str) -> Answer:
        found = self.estate.organizations.get(login.lower())
        if found is None or found.type != "Organization":
            return not_found(kind)
        return Answer(kind, 200, self.shapes.organization(found))

    def owned_repositories(self, kind: str, request: Request, login: str) -> Answer:
        found = self.estate.organizations.get(login.lower())
        if found is None or (kind == "organization_repositories") != (found.type == "Organization"):
            return not_found(kind)
        visible = [each for each in self.estate.repositories_of(login) if request.token or not each.private]
        if request.query.get("sort") == "full_name":
            visible.sort(key=lambda each: each.full_name.lower(), reverse=request.query.get("direction") == "desc")
        return self.listed(kind, request, visible, self.shapes.repository)

    # Repositories

    def by_name(self, kind: str, request: Request, owner: str, name: str, rest: str) -> Answer:
        found = self.estate.find_repository(owner, name)
        if found is not None:
            return self.below(request, found, rest)
        moved = self.estate.renamed(owner, name)
        if moved is None:
            return not_found("repository")
        query = f"?{urlencode(request.query)}" if request.query else ""
        location = f"{self.api_url}/repositories/{moved.id}{rest}{query}"
        data = {"message": "Moved Permanently", "url": location, "documentation_url": DOCUMENTATION}
        return Answer("moved", 301, data, {"Location": location})

    def by_id(self, kind: str, request: Request, number: str, rest: str) -> Answer:
        found = self.estate.repositories.get(int(number))
        return self.below(request, found, rest) if found else not_found("repository")

    def below(self, request: Request, repository: FakeRepository, rest: str) -> Answer:
        for pattern, kind, handler in REPOSITORY_ROUTES:
            match = pattern.fullmatch(rest)
            if match:
                if repository.private and not request.token:
                    return not_found(kind)
                return handler(self, kind, request, repository, *map(unquote, match.groups()))
        return not_found()

    def repository(self, kind: str, request: Request, repository: FakeRepository) -> Answer:
        return Answer(kind, 200, self.shapes.full_repository(repository))

    def runs(self, kind: str, request: Request, repository: FakeRepository) -> Answer:
        try:
            runs = filter_runs(self.estate.runs_of(repository), request.query, self.estate.indexed_until)
        except ValueError:
            return refusal(kind, 422, "Validation Failed: created")
        return self.listed(kind, request, runs, self.shapes.run, "workflow_runs")

    def run(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        run = self.run_of(repository, number)
        return Answer(kind, 200, self.shapes.run(run)) if run else not_found(kind)

    def jobs(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        run = self.run_of(repository, number)
        if run is None:
            return not_found(kind)
        jobs = [self.shapes.job(run, job, place) for place, job in enumerate(run.jobs)]
        return self.listed(kind, request, jobs, lambda job: job, "jobs")

    def job_logs(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        """A redirect to the blob host, once the job has ended; its log may have been deleted since."""
        job = self.estate.job(repository, *place_of_job(int(number)))
        if job is None:
            return not_found(kind)
        if not request.token:
            return refusal(kind, 403, "Must have admin rights to Repository.")
        if job.log is None:
            return refusal(kind, 410, "Gone")
        return Answer(kind, 302, None, {"Location": self.sign_log(int(number))})

    def run_artifacts(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        run = self.run_of(repository, number)
        if run is None:
            return not_found(kind)
        artifacts = self.estate.artifacts_of_run(run)
        if request.query.get("direction") == "asc":
            artifacts.reverse()
        return self.listed_artifacts(kind, request, artifacts)

    def artifacts(self, kind: str, request: Request, repository: FakeRepository) -> Answer:
        return self.listed_artifacts(kind, request, self.estate.artifacts_of(repository))

    def artifact(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        artifact = self.artifact_of(repository, number)
        return Answer(kind, 200, self.shapes.artifact(artifact, self.now())) if artifact else not_found(kind)

    def artifact_zip(self, kind: str, request: Request, repository: FakeRepository, number: str) -> Answer:
        """A redirect to the blob host; even a public artifact needs a token (rest-api-description#4569)."""
        artifact = self.artifact_of(repository, number)
        if artifact is None:
            return not_found(kind)
        if not request.token:
            return refusal(kind, 401, "Requires authentication")
        if artifact.expired or artifact.expires_at <= self.now():
            return refusal(kind, 410, "Artifact has expired")
        return Answer(kind, 302, None, {"Location": self.sign(artifact)})

    def commit(self, kind: str, request: Request, repository: FakeRepository, reference: str) -> Answer:
        runs = self.estate.runs_of(repository)
        if reference in (repository.default_branch, "HEAD"):
            run = newest_commit([each for each in runs if each.head_branch == repository.default_branch])
            sha = repository.head_sha or (run.head_sha if run else "")
        else:
            sha = reference
        run = newest_commit([each for each in runs if each.head_sha == sha])
        if not sha or (run is None and sha != repository.head_sha):
            return refusal(kind, 422, f"No commit found for SHA: {reference}")
        at = run.committed_at if run else repository.pushed_at or repository.created_at
        title = run.display_title if run else "Change something"
        return Answer(kind, 200, self.shapes.commit(repository, sha, at, title))

    def compare(self, kind: str, request: Request, repository: FakeRepository, base: str, head: str) -> Answer:
        """What a commit has that the default branch lacks; any other base is not known here."""
        data = compare(self.shapes, repository, base, head)
        if data is None:
            return not_found(kind)
        page = page_of(data["commits"], {"per_page": "250", **request.query}, f"{self.api_url}{request.path}")
        if page is None:
            return not_found(kind)
        return Answer(kind, 200, {**data, "commits": page.items}, {"Link": page.link} if page.link else {})

    def tree(self, kind: str, request: Request, repository: FakeRepository, sha: str) -> Answer:
        files = repository.files_at.get(sha, repository.files)
        if not files:
            return refusal(kind, 409, "Git Repository is empty.")
        deep = request.query.get("recursive") is not None
        base = f"{self.api_url}/repos/{repository.full_name}/git"
        entries = [entry for entry in tree_entries(files, base) if deep or "/" not in entry["path"]]
        data = {"sha": sha, "url": f"{base}/trees/{sha}", "tree": entries, "truncated": False}
        return Answer(kind, 200, data)

    def contents(self, kind: str, request: Request, repository: FakeRepository, path: str) -> Answer:
        """A file or folder at a commit or the default branch; raw bytes where the media type asks for them."""
        path, reference = path.strip("/"), request.query.get("ref", "")
        if reference and not self.knows_commit(repository, reference):
            return refusal(kind, 404, f"No commit found for the ref {reference}")
        data = repository.files.get(path)
        if data is not None:
            if "raw" in request.accept:
                return Answer(kind, 200, data, {"Content-Type": RAW_TYPE})
            return Answer(kind, 200, content_object(self.shapes, repository, path, whole=True))
        below = [each for each in sorted(repository.files) if each.startswith(f"{path}/" if path else "")]
        if not below:
            return not_found(kind)
        depth = len(path.split("/")) if path else 0
        here = dict.fromkeys("/".join(each.split("/")[: depth + 1]) for each in below)
        return Answer(kind, 200, [content_object(self.shapes, repository, each) for each in here])

    # Helpers

    def listed(
        self,
        kind: str,
        request: Request,
        items: list[Any],
        shape: Callable[[Any], Any],
        key: str = "",
    ) -> Answer:
        """A page of a list: bare, or under a key beside its total."""
        page = page_of(items, request.query, f"{self.api_url}{request.path}")
        if page is None:
            return refusal(
                kind,
                422,
                "In order to keep the API fast for everyone, pagination is limited for this resource.",
            )
        shaped = [shape(item) for item in page.items]
        told = self.estate.count_in_lists
        data = {"total_count": len(items) if told is None else told, key: shaped} if key else shaped
        return Answer(kind, 200, data, {"Link": page.link} if page.link else {})

    def listed_artifacts(self, kind: str, request: Request, artifacts: list[FakeArtifact]) -> Answer:
        name, now = request.query.get("name"), self.now()
        wanted = [each for each in artifacts if name is None or each.name == name]
        return self.listed(kind, request, wanted, lambda each: self.shapes.artifact(each, now), "artifacts")

    def run_of(self, repository: FakeRepository, number: str) -> FakeRun | None:
        run = self.estate.runs.get(int(number))
        return run if run and run.repository_id == repository.id else None

    def artifact_of(self, repository: FakeRepository, number: str) -> FakeArtifact | None:
        artifact = self.estate.artifacts.get(int(number))
        return artifact if artifact and artifact.repository_id == repository.id else None

    def knows_commit(self, repository: FakeRepository, reference: str) -> bool:
        """Whether a branch or commit of that name is known here: the default branch, or what a run names."""
        if reference in (repository.default_branch, "HEAD", repository.head_sha):
            return True
        return any(reference in (run.head_sha, run.head_branch) for run in self.estate.runs_of(repository))


def newest_commit(runs: list[FakeRun]) -> FakeRun | None:
    return max(runs, key=lambda each: each.committed_at, default=None)


def _compiled(*routes: tuple[str, str, Callable[..., Answer]]) -> tuple[tuple[re.Pattern[str], str, Any], ...]:
    return tuple((re.compile(pattern), kind, handler) for pattern, kind, handler in routes)


TOP_ROUTES = _compiled(
    (r"/graphql", "graphql", Routes.graphql),
    (r"/user", "user", Routes.user),
    (r"/orgs/([^/]+)", "organization", Routes.organization),
    (r"/orgs/([^/]+)/repos", "organization_repositories", Routes.owned_repositories),
    (r"/users/([^/]+)/repos", "user_repositories", Routes.owned_repositories),
    (r"/repos/([^/]+)/([^/]+)((?:/.*)?)", "repository", Routes.by_name),
    (r"/repositories/(\d+)((?:/.*)?)", "repository", Routes.by_id),
)
REPOSITORY_ROUTES = _compiled(
    (r"", "repository", Routes.repository),
    (r"/actions/runs", "runs", Routes.runs),
    (r"/actions/runs/(\d+)", "run", Routes.run),
    (r"/actions/runs/(\d+)/jobs", "jobs", Routes.jobs),
    (r"/actions/runs/(\d+)/artifacts", "run_artifacts", Routes.run_artifacts),
    (r"/actions/jobs/(\d+)/logs", "job_logs", Routes.job_logs),
    (r"/actions/artifacts", "artifacts", Routes.artifacts),
    (r"/actions/artifacts/(\d+)", "artifact", Routes.artifact),
    (r"/actions/artifacts/(\d+)/zip", "artifact_zip", Routes.artifact_zip),
    (r"/commits/([^/]+)", "commit", Routes.commit),
    (r"/compare/(.+)\.\.\.(.+)", "compare", Routes.compare),
    (r"/git/trees/([^/]+)", "tree", Routes.tree),
    (r"/contents/?(.*)", "contents", Routes.contents),
)
