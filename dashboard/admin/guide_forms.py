"""The forms of the guided set-up; every refusal is a sentence at its field."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from dashboard.admin.organization_form import IN_A_DEMO, LONGEST_TOKEN, token_refusal
from dashboard.models import Organization

# https://github.com/octo-org, https://github.com/orgs/octo-org/repositories, github.com/octo-org/hello, @octo-org
ADDRESS = re.compile(r"^(?:https?://[^/\s]+/|[^/\s]+\.[a-z]+/)(?:orgs/)?([^/\s?#]+)", re.IGNORECASE)


class LoginField(forms.CharField):
    """A login, taken out of the address that it was pasted with."""

    def to_python(self, value: Any) -> str:
        written = str(super().to_python(value) or "")
        found = ADDRESS.match(written)
        return found[1] if found else written.removeprefix("@")


class NameForm(forms.ModelForm):
    """Step 1; the login's own rules are the model's."""

    login = LoginField(
        max_length=400,
        label="Login",
        error_messages={"required": "Write the organization's login, or paste its address."},
    )

    class Meta:
        model = Organization
        fields = ("login", "title")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fixed = self.instance.pk is not None and self.instance.repositories.exists()
        login = self.fields["login"]
        # Its repositories' full names hang on it; a rename on GitHub comes with the next collection.
        login.disabled = fixed
        login.help_text = (
            "It has repositories here, so that its login comes from GitHub now."
            if fixed
            else "The part after github.com/ in its address, for example “octo-org”; or paste the whole address. "
            "A user's account will do too."
        )
        login.widget.attrs |= {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        self.fields["title"].help_text = "What people call it; shown in headings. Empty: the login is shown."

    def clean_login(self) -> str:
        login = str(self.cleaned_data["login"])
        twin = Organization.objects.filter(login__iexact=login).exclude(pk=self.instance.pk).first()
        if twin is not None:
            link = '{} is here already: <a href="{}">go on with it</a>. Case makes no difference on GitHub.'
            raise ValidationError(format_html(link, twin.login, reverse("admin:guide", args=[twin.pk])))
        return login


class TokenForm(forms.Form):
    """Step 2. What was typed never comes back in an answer."""

    token = forms.CharField(
        max_length=LONGEST_TOKEN,
        label="GitHub token",
        help_text="A fine-grained token with read access to “Actions”, “Contents” and “Metadata”, or a classic one "
        "with the scope repo. Stored encrypted, never shown again, never logged.",
        error_messages={"required": "Paste the token, or check what is there."},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "size": 60, "spellcheck": "false"}),
    )

    def clean_token(self) -> str:
        token = str(self.cleaned_data["token"])
        if settings.DEMO:
            raise ValidationError(IN_A_DEMO)
        if sentence := token_refusal(token):
            raise ValidationError(sentence)
        return token
