"""The estate's values as the JSON objects that GitHub answers with.

Field names and nesting: GitHub's OpenAPI description (tests/samples/openapi says which version); every field
that it requires is here, and the optional ones that the collectors read. Where a value means nothing in a
look-alike (star counts, permissions) it is the plainest one that is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .estate import FakeEstate
from .plain import PLAIN_REPOSITORY, REPOSITORY_LINKS, USER_LINKS
from .things import FakeArtifact, FakeJob, FakeOrganization, FakeRepository, FakeRun, job_id, node_id, stamp

Json = dict[str, Any]


@dataclass(frozen=True)
class Shapes:
    """Makes the objects; ``api_url`` is the address that their links begin with."""

    estate: FakeEstate
    api_url: str

    def simple_user(self, login: str, number: int, kind: str = "User") -> Json:
        url = f"{self.api_url}/users/{login}"
        return {
            "login": login,
            "id": number,
            "node_id": node_id("O" if kind == "Organization" else "U", number),
            "avatar_url": f"{self.estate.web_url}/{login}.png",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.estate.web_url}/{login}",
            **{f"{name}_url": url + rest for name, rest in USER_LINKS.items()},
            "type": kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def owner(self, login: str) -> Json:
        organization = self.estate.organizations[login.lower()]
        return self.simple_user(organization.login, organization.id, organization.type)

    def user(self, login: str, number: int) -> Json:
        """A user with the public profile's fields."""
        empty = dict.fromkeys(("name", "company", "location", "email", "hireable", "bio", "twitter_username"))
        return {
            **self.simple_user(login, number),
            **empty,
            "blog": "",
            "public_repos": len(self.estate.repositories_of(login)),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
        }

    def organization(self, organization: FakeOrganization) -> Json:
        login, url = organization.login, f"{self.api_url}/orgs/{organization.login}"
        links = {name: f"{url}/{name}" for name in ("repos", "events", "hooks", "issues")}
        repositories = self.estate.repositories_of(login)
        return {
            "login": login,
            "id": organization.id,
            "node_id": node_id("O", organization.id),
            "url": url,
            **{f"{name}_url": link for name, link in links.items()},
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.estate.web_url}/{login}.png",
            "description": organization.description,
            "name": organization.name or login,
            "is_verified": False,
            "has_organization_projects": False,
            "has_repository_projects": False,
            "public_repos": sum(not each.private for each in repositories),
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "html_url": f"{self.estate.web_url}/{login}",
            "type": "Organization",
            "created_at": stamp(organization.created_at),
            "updated_at": stamp(organization.created_at),
            "archived_at": None,
        }

    def minimal_repository(self, repository: FakeRepository) -> Json:
        """The short form inside a run."""
        url = f"{self.api_url}/repos/{repository.full_name}"
        return {
            "id": repository.id,
            "node_id": repository.node_id,
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "owner": self.owner(repository.owner),
            "html_url": f"{self.estate.web_url}/{repository.full_name}",
            "description": repository.description,
            "fork": repository.fork,
            "url": url,
            **{
                ("archive_url" if name == "archive" else f"{name}_url"): url + rest
                for name, rest in REPOSITORY_LINKS.items()
            },
        }

    def repository(self, repository: FakeRepository) -> Json:
        """The long form, which lists of repositories have too."""
        web = f"{self.estate.web_url}/{repository.full_name}"
        return {
            **self.minimal_repository(repository),
            **PLAIN_REPOSITORY,
            "created_at": stamp(repository.created_at),
            "updated_at": stamp(repository.updated_at or repository.created_at),
            "pushed_at": stamp(repository.pushed_at or repository.created_at),
            "git_url": web.replace("https:", "git:") + ".git",
            "ssh_url": f"git@github.com:{repository.full_name}.git",
            "clone_url": f"{web}.git",
            "svn_url": web,
            "size": repository.size,
            "language": repository.language,
            "archived": repository.archived,
            "disabled": repository.disabled,
            "visibility": "private" if repository.private else "public",
            "topics": list(repository.topics),
            "default_branch": repository.default_branch,
            "permissions": {"admin": False, "maintain": False, "push": False, "triage": False, "pull": True},
        }

    def full_repository(self, repository: FakeRepository) -> Json:
        """The long form of a single repository, with the counts that only it has."""
        full = {**self.repository(repository), "network_count": 0, "subscribers_count": 0}
        owner = self.owner(repository.owner)
        return {**full, "organization": owner} if owner["type"] == "Organization" else full

    def artifact(self, artifact: FakeArtifact, now: datetime) -> Json:
        run, repository = self.estate.runs[artifact.run_id], self.estate.repositories[artifact.repository_id]
        size, digest = self.estate.measure(artifact)
        url = f"{self.api_url}/repos/{repository.full_name}/actions/artifacts/{artifact.id}"
        return {
            "id": artifact.id,
            "node_id": node_id("MDg6QXJ0aWZhY3Q", artifact.id),
            "name": artifact.name,
            "size_in_bytes": size,
            "url": url,
            "archive_download_url": f"{url}/zip",
            "expired": artifact.expired or artifact.expires_at <= now,
            "digest": digest if artifact.shows_digest else None,
            "created_at": stamp(artifact.created_at),
            "updated_at": stamp(artifact.updated_at),
            "expires_at": stamp(artifact.expires_at),
            "workflow_run": {
                "id": run.id,
                "repository_id": run.repository_id,
                # The fork's id stays in this object even when the fork is gone.
                "head_repository_id": run.head_repository_id or 0,
                "head_branch": run.head_branch,
                "head_sha": run.head_sha,
            },
        }

    def run(self, run: FakeRun) -> Json:
        repository = self.estate.repositories[run.repository_id]
        api = f"{self.api_url}/repos/{repository.full_name}"
        url = f"{api}/actions/runs/{run.id}"
        actor = self.simple_user(run.author, 1)
        return {
            "id": run.id,
            "name": run.workflow_name,
            "node_id": node_id("WFR", run.id),
            "head_branch": run.head_branch,
            "head_sha": run.head_sha,
            "path": run.workflow_path,
            "display_title": run.display_title,
            "run_number": run.run_number,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion if run.status == "completed" else None,
            "workflow_id": run.workflow_id,
            "check_suite_id": run.id + 1,
            "check_suite_node_id": node_id("CS", run.id + 1),
            "url": url,
            "html_url": f"{self.estate.web_url}/{repository.full_name}/actions/runs/{run.id}",
            "pull_requests": [],
            "created_at": stamp(run.created_at),
            "updated_at": stamp(run.updated_at),
            "actor": actor,
            "run_attempt": run.run_attempt,
            "referenced_workflows": [],
            "run_started_at": stamp(run.run_started_at),
            "triggering_actor": actor,
            "jobs_url": f"{url}/jobs",
            "logs_url": f"{url}/logs",
            "check_suite_url": f"{api}/check-suites/{run.id + 1}",
            "artifacts_url": f"{url}/artifacts",
            "cancel_url": f"{url}/cancel",
            "rerun_url": f"{url}/rerun",
            "previous_attempt_url": f"{url}/attempts/{run.run_attempt - 1}" if run.run_attempt > 1 else None,
            "workflow_url": f"{api}/actions/workflows/{run.workflow_id}",
            "head_commit": self.head_commit(run),
            "repository": self.minimal_repository(repository),
            "head_repository": self.head_repository(run),
        }

    def head_commit(self, run: FakeRun) -> Json:
        person = {"name": run.author, "email": f"{run.author}@users.noreply.github.com"}
        return {
            "id": run.head_sha,
            "tree_id": run.head_sha,
            "message": run.display_title,
            "timestamp": stamp(run.committed_at),
            "author": person,
            "committer": person,
        }

    def head_repository(self, run: FakeRun) -> Json | None:
        """Where the commit is: the repository itself, a fork, or None for a fork that was deleted."""
        if run.head_repository_id is None:
            return None
        known = self.estate.repositories.get(run.head_repository_id)
        if known is None:
            # A fork that the estate does not describe: it has an id, and a stranger for an owner.
            origin = self.estate.repositories[run.repository_id]
            number = run.head_repository_id
            known = FakeRepository("a-stranger", origin.name, number, node_id("R", number), fork=True)
            self.estate.organizations.setdefault("a-stranger", FakeOrganization("a-stranger", 2, type="User"))
        return self.minimal_repository(known)

    def job(self, run: FakeRun, job: FakeJob, place: int) -> Json:
        """A job; its id is made of the run's, the attempt and its place."""
        repository = self.estate.repositories[run.repository_id]
        api = f"{self.api_url}/repos/{repository.full_name}"
        number = job_id(run, place)
        done = run.status == "completed"
        return {
            "id": number,
            "run_id": run.id,
            "workflow_name": run.workflow_name,
            "head_branch": run.head_branch,
            "run_url": f"{api}/actions/runs/{run.id}",
            "run_attempt": run.run_attempt,
            "node_id": node_id("CR", number),
            "head_sha": run.head_sha,
            "url": f"{api}/actions/jobs/{number}",
            "html_url": f"{self.estate.web_url}/{repository.full_name}/actions/runs/{run.id}/job/{number}",
            "status": run.status,
            "conclusion": job.conclusion if done else None,
            "created_at": stamp(run.run_started_at),
            "started_at": stamp(job.started_at or run.run_started_at),
            "completed_at": stamp(job.completed_at or run.updated_at) if done else None,
            "name": job.name,
            "steps": [],
            "check_run_url": f"{api}/check-runs/{number}",
            "labels": list(job.labels),
            "runner_id": 1,
            "runner_name": "GitHub Actions 1",
            "runner_group_id": 0,
            "runner_group_name": "GitHub Actions",
        }

    def commit(self, repository: FakeRepository, sha: str, at: datetime, title: str) -> Json:
        url = f"{self.api_url}/repos/{repository.full_name}/commits/{sha}"
        git = f"{self.api_url}/repos/{repository.full_name}/git"
        person = {"name": "octocat", "email": "octocat@users.noreply.github.com", "date": stamp(at)}
        user = self.simple_user("octocat", 1)
        return {
            "sha": sha,
            "node_id": node_id("C", int(sha[:12], 16)),
            "commit": {
                "author": person,
                "committer": person,
                "message": title,
                "tree": {"sha": sha, "url": f"{git}/trees/{sha}"},
                "url": f"{git}/commits/{sha}",
                "comment_count": 0,
                "verification": {
                    "verified": False,
                    "reason": "unsigned",
                    "signature": None,
                    "payload": None,
                    "verified_at": None,
                },
            },
            "url": url,
            "html_url": f"{self.estate.web_url}/{repository.full_name}/commit/{sha}",
            "comments_url": f"{url}/comments",
            "author": user,
            "committer": user,
            "parents": [],
            "stats": {"total": 0, "additions": 0, "deletions": 0},
            "files": [],
        }
