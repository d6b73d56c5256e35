"""What GitHub says of a repository itself, as its row: name, branch, visibility; a rename keeps it."""

from __future__ import annotations

from django.db import transaction

from collectors.github.client import GitHubClient
from collectors.github.errors import UnexpectedAnswer
from collectors.github.facts import RepositoryFacts
from dashboard.models import FormerName, Organization, Repository


def refresh_facts(client: GitHubClient, repository: Repository) -> None:
    """Bring name, default branch, visibility and the like up to date; raises NotFound when it is gone."""
    if repository.github_id is None:
        facts: RepositoryFacts | None = client.repository(repository.full_name)
    else:
        facts, repository.facts_etag = client.repository_by_id(repository.github_id, repository.facts_etag)
    if facts is not None:
        apply_facts(repository, facts)


def apply_facts(repository: Repository, facts: RepositoryFacts) -> None:
    """Write what GitHub says of a repository onto its row; a rename or transfer keeps the row.

    GitHub's id decides: a new repository under a known name is another one and gets a row of its own.
    """
    known = Repository.objects.filter(github_id=facts.id).exclude(pk=repository.pk).first()
    if known is not None:
        raise UnexpectedAnswer(
            f"GitHub calls {repository.full_name} {facts.full_name} now, which is collected already: "
            f"switch {repository.full_name} off in the admin."
        )
    if repository.github_id not in (None, facts.id):
        repository = Repository(organization=repository.organization)
    owner, _, name = facts.full_name.partition("/")
    if repository.organization.login.lower() != owner.lower():
        repository.organization, _ = Organization.objects.get_or_create(
            login__iexact=owner, defaults={"login": owner}
        )
    before = repository.full_name
    repository.name = name
    repository.github_id = facts.id
    repository.node_id = facts.node_id
    repository.default_branch = facts.default_branch
    repository.private = facts.private
    repository.archived_on_github = facts.archived
    repository.description = facts.description
    repository.language = facts.language
    repository.url = facts.url
    repository.lost_at = None
    with transaction.atomic():
        _make_room(repository, facts.full_name)
        repository.save()
        _remember_name(repository, before)


def _make_room(repository: Repository, full_name: str) -> None:
    """Move the row aside that had this name before: GitHub gives a name away once its repository has another.

    What that repository is called now it says itself when it is asked next, by its id.
    """
    others = Repository.objects.filter(full_name__iexact=full_name).exclude(pk=repository.pk)
    for other in others.select_related("organization"):
        other.name = f"{other.name[:70]}-formerly-{other.github_id or other.pk}"
        other.facts_etag, other.pulse = "", ""
        other.save()


def _remember_name(repository: Repository, before: str) -> None:
    """Let addresses with the old name lead to the new one, unless a repository took the old name over."""
    if before and before.lower() != repository.full_name.lower() and "-formerly-" not in before:
        FormerName.objects.filter(full_name__iexact=before).delete()
        FormerName.objects.create(repository=repository, full_name=before)
    FormerName.objects.filter(repository=repository, full_name__iexact=repository.full_name).delete()
