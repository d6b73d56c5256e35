"""GitHub tokens that were entered in the admin, one per organization: stored encrypted, never shown, never logged.

The key is derived from SECRET_KEY, so that a copy of the database alone gives no token away. Whoever changes
SECRET_KEY enters the tokens again; until then ``CredentialUnreadableError`` says so.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from dashboard.models import Organization

# Separates this use of SECRET_KEY from every other; changing it makes stored tokens unreadable.
PURPOSE = b"clerestory: token of an organization, 1"


class CredentialUnreadableError(Exception):
    """A stored token that the present SECRET_KEY does not open; its text is a sentence for the user."""


def store_token(organization: Organization, token: str) -> None:
    """Put the encrypted token on the organization, without saving; an empty token removes what is there."""
    organization.token_encrypted = _fernet().encrypt(token.encode()).decode() if token else ""


def has_token(organization: Organization) -> bool:
    return bool(organization.token_encrypted)


def token_of(organization: Organization) -> str | None:
    """The organization's own token in the clear; None when none was entered.

    Raises CredentialUnreadableError when SECRET_KEY is not the one that it was stored with.
    """
    if not organization.token_encrypted:
        return None
    try:
        return _fernet().decrypt(organization.token_encrypted.encode()).decode()
    except InvalidToken:
        # "from None": the chained error could carry the ciphertext into a log.
        raise CredentialUnreadableError(
            f"The stored token of {organization.login} cannot be opened, because SECRET_KEY has changed: "
            "enter the token again in the admin."
        ) from None


def token_for(organization: Organization) -> str:
    """What to sign requests about this organization with: its own token, else the installation's; '' when neither.

    A demo never uses a stored token: its requests go to the look-alike.
    """
    if settings.DEMO:
        return settings.GITHUB_TOKEN
    return token_of(organization) or settings.GITHUB_TOKEN


def any_token_is_stored() -> bool:
    """Whether some organization brings its own token: then the installation is no demo."""
    return Organization.objects.exclude(token_encrypted="").exists()


def _fernet() -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(settings.SECRET_KEY.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
