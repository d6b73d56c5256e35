"""The GitHub client for an organization: where, signed with what, and how patient."""

from __future__ import annotations

from contextlib import suppress

from django.conf import settings

from collectors.github.client import GitHubClient
from collectors.shared_budget import SharedBudget
from dashboard.credentials import CredentialUnreadableError, token_for
from dashboard.models import Organization


def client_for(organization: Organization) -> GitHubClient:
    """A client with the organization's own credential, else the installation's. The caller closes it.

    Raises CredentialUnreadableError for a stored token that SECRET_KEY no longer opens, Misconfigured for an
    address or a token that can never work.
    """
    token = token_for(organization)
    return GitHubClient(
        settings.GITHUB_API_URL,
        token,
        waits=settings.GITHUB_SECONDS_BEFORE_REPEATS,
        budget=SharedBudget(settings.GITHUB_API_URL, token),
    )


def ask_again() -> None:
    """Forget which limits are spent: a collection by hand asks once more, whatever was learned before."""
    for organization in Organization.objects.all():
        with suppress(CredentialUnreadableError):
            SharedBudget(settings.GITHUB_API_URL, token_for(organization)).open_again()
