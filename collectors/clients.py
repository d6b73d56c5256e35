"""The GitHub client for an organization: where, signed with what, and how patient."""

from __future__ import annotations

from django.conf import settings

from collectors.github.client import GitHubClient
from dashboard.credentials import token_for
from dashboard.models import Organization


def client_for(organization: Organization) -> GitHubClient:
    """A client with the organization's own credential, else the installation's. The caller closes it.

    Raises CredentialUnreadableError for a stored token that SECRET_KEY no longer opens, Misconfigured for an
    address or a token that can never work.
    """
    return GitHubClient(
        settings.GITHUB_API_URL, token_for(organization), waits=settings.GITHUB_SECONDS_BEFORE_REPEATS
    )
