"""The form of a repository: an address may be pasted, and every refusal says how to mend it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html

from dashboard.admin.fields import CommaSeparatedField, tag_refusal
from dashboard.admin.patterns import NAMES as PATTERNS
from dashboard.admin.patterns import PatternsForm
from dashboard.models import Organization, Repository
from dashboard.models.repository import NAME

# https://host/owner/name/…, git@host:owner/name.git, host/owner/name and owner/name.
ADDRESS = re.compile(
    r"^(?:(?:[a-z+]+://(?:[^/@]*@)?|git@)[^/:]+(?::\d+)?[/:]|[^/\s]+\.[a-z]+/)?"
    r"(?P<owner>[^/\s:]+)/(?P<name>[^/\s?#]+?)(?:\.git)?(?:[/?#].*)?$",
    re.IGNORECASE,
)


class RepositoryForm(PatternsForm, forms.ModelForm):
    """``organization`` may stay empty when the name is an address that says it."""

    tags = CommaSeparatedField(
        tag_refusal, required=False, help_text="Separated by commas, for example “flagship”."
    )

    class Meta:
        model = Repository
        fields = (
            "organization",
            "name",
            "enabled",
            "private",
            "archived_by_file",
            "tags",
            *PATTERNS,
            "read_logs",
            "pull_requests",
            "own_detail_days",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for pattern in PATTERNS:
            self.fields[pattern].help_text += " Where it is empty, what the organization says comes first."
        if "organization" in self.fields and "name" in self.fields:
            self.fields["organization"].required = False
            # The whole address must fit before it is taken apart, and its refusal is ours to word.
            name = self.fields["name"]
            name.max_length = None  # type: ignore[attr-defined]
            name.validators = []
            name.widget.attrs |= {"maxlength": 400, "size": 60}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("name") and "organization" in self.fields:
            self._take_apart(cleaned)
        return cleaned

    def _take_apart(self, cleaned: dict[str, Any]) -> None:
        written, chosen = cleaned["name"].strip(), cleaned.get("organization")
        address = ADDRESS.match(written)
        name = address["name"] if address else written
        if address:
            chosen = self._organization_of(address["owner"], chosen)
        elif chosen is None and "organization" not in self.errors:
            self.add_error(
                "organization", "Choose the organization, or paste the repository's whole address below."
            )
        if not re.fullmatch(NAME.regex, name) or name in (".", ".."):
            self.add_error("name", f"“{name}” is no repository's name. {NAME.message}")
            return
        cleaned["name"], cleaned["organization"] = name, chosen
        if chosen is not None:
            self._refuse_duplicate(chosen, name)

    def _organization_of(self, owner: str, chosen: Organization | None) -> Organization | None:
        """The organization that an address names; one that was chosen beside it must be the same."""
        if chosen is not None and chosen.login.lower() != owner.lower():
            self.add_error(
                "organization",
                f"The address below belongs to {owner}, not {chosen.login}: choose {owner}, or leave this empty.",
            )
            return None
        found = chosen or Organization.objects.filter(login__iexact=owner).first()
        if found is None:
            self.add_error(
                "organization", f"{owner} is not here yet: add it with the + beside this field, then save again."
            )
        return found

    def _refuse_duplicate(self, organization: Organization, name: str) -> None:
        twin = Repository.objects.named(organization.login, name).exclude(pk=self.instance.pk).first()
        if twin is not None:
            link = format_html(
                '{} is here already: <a href="{}">open it</a>. Case makes no difference on GitHub.',
                twin.full_name,
                reverse("admin:dashboard_repository_change", args=[twin.pk]),
            )
            self.add_error("name", ValidationError(link))
