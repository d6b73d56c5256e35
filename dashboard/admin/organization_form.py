"""The form of an organization: its token is written here and never shown again."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from dashboard.admin.patterns import NAMES as PATTERNS
from dashboard.admin.patterns import PatternsForm
from dashboard.credentials import has_token
from dashboard.models import Organization

LONGEST_TOKEN = 1_000
NEVER_IN_A_TOKEN = re.compile(r"[^\x21-\x7e]")
IN_A_DEMO = (
    "This is a demo, which never asks GitHub. To collect your own repositories, stop it and start "
    "with a token: GITHUB_TOKEN=… make run"
)


def token_refusal(token: str) -> str:
    """Why this can be no token; nothing of it is repeated."""
    if NEVER_IN_A_TOKEN.search(token):
        return "A token holds no spaces or accented letters: copy it again from GitHub."
    return ""


class OrganizationForm(PatternsForm, forms.ModelForm):
    token = forms.CharField(
        required=False,
        strip=True,
        max_length=LONGEST_TOKEN,
        label="GitHub token",
        # render_value stays off, so that no answer ever holds what was typed.
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60, "spellcheck": "false"}),
    )
    remove_token = forms.BooleanField(
        required=False,
        label="Remove the stored token",
        help_text="From then on the installation's own credential is used.",
    )

    class Meta:
        model = Organization
        fields = ("login", "title", "layer", "discover", "read_logs", "pull_requests", "detail_days", *PATTERNS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "token" in self.fields:
            self.fields["token"].help_text = (
                "A token is stored. Leave this empty to keep it, or tick below to remove it."
                if has_token(self.instance)
                else "Only where this organization needs its own: a fine-grained token with read access to "
                "“Actions” and “Metadata”. It is stored encrypted and never shown again. "
                "Empty: the installation's own credential is used."
            )

    def clean_login(self) -> str:
        login = str(self.cleaned_data["login"])
        twin = Organization.objects.filter(login__iexact=login).exclude(pk=self.instance.pk).first()
        if twin is not None:
            address = reverse("admin:dashboard_organization_change", args=[twin.pk])
            raise ValidationError(
                format_html(
                    '{} is here already: <a href="{}">open it</a>. Case makes no difference on GitHub.',
                    twin.login,
                    address,
                )
            )
        return login

    def clean_token(self) -> str:
        token = str(self.cleaned_data["token"])
        if token and settings.DEMO:
            raise ValidationError(IN_A_DEMO)
        if sentence := token_refusal(token):
            raise ValidationError(sentence)
        return token

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("token") and cleaned.get("remove_token"):
            self.add_error("remove_token", "Either write a new token or remove the stored one, not both.")
        return cleaned
