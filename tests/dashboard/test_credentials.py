"""Tokens of organizations: stored encrypted, opened only with the SECRET_KEY that stored them."""

from __future__ import annotations

import pytest

from dashboard.credentials import (
    CredentialUnreadableError,
    any_token_is_stored,
    has_token,
    store_token,
    token_for,
    token_of,
)
from dashboard.models import Organization


def test_a_stored_token_comes_back_and_its_text_is_nowhere_in_the_row() -> None:
    organization = Organization(login="acme")
    store_token(organization, "ghp_secret")
    assert has_token(organization)
    assert "ghp_secret" not in organization.token_encrypted
    assert token_of(organization) == "ghp_secret"


def test_removing_a_token_leaves_none() -> None:
    organization = Organization(login="acme")
    store_token(organization, "ghp_secret")
    store_token(organization, "")
    assert token_of(organization) is None


def test_another_secret_key_gives_a_sentence_and_no_ciphertext(settings) -> None:
    organization = Organization(login="acme")
    store_token(organization, "ghp_secret")
    settings.SECRET_KEY = "another"
    with pytest.raises(CredentialUnreadableError, match=r"token of acme .* enter the token again") as error:
        token_of(organization)
    assert organization.token_encrypted not in str(error.value)


def test_an_organizations_own_token_wins_over_the_installations(settings) -> None:
    settings.GITHUB_TOKEN, settings.DEMO = "of-all", False
    organization = Organization(login="acme")
    assert token_for(organization) == "of-all"
    store_token(organization, "its-own")
    assert token_for(organization) == "its-own"


def test_a_demo_never_sends_a_stored_token(settings) -> None:
    settings.GITHUB_TOKEN, settings.DEMO = "demo", True
    organization = Organization(login="acme")
    store_token(organization, "its-own")
    assert token_for(organization) == "demo"


@pytest.mark.django_db
def test_the_installation_knows_whether_any_token_is_stored() -> None:
    organization = Organization(login="acme")
    assert not any_token_is_stored()
    store_token(organization, "its-own")
    organization.save()
    assert any_token_is_stored()
