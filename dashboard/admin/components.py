"""Components in the admin: their patterns are checked before they are stored."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.urls import reverse

from dashboard.admin.audited import AuditedAdmin
from dashboard.models import Component
from dashboard.queries.components import spec_of

MOST_PATTERNS = 100


class ComponentForm(forms.ModelForm):
    class Meta:
        model = Component
        fields = ("repository", "name", "patterns", "target")
        widgets = {"patterns": forms.Textarea(attrs={"rows": 3, "cols": 48})}
        error_messages = {"target": {"invalid": "A target is a number from 0 to 100, such as 85 or 92.5."}}

    def clean_patterns(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["patterns"].splitlines() if line.strip()]
        if len(lines) > MOST_PATTERNS:
            raise forms.ValidationError(
                f"{len(lines)} patterns; {MOST_PATTERNS} are the most. Name folders instead."
            )
        if "\\" in "".join(lines):
            raise forms.ValidationError(
                "Paths of reports have forward slashes: write src/parser/, not src\\parser\\."
            )
        _, error = spec_of(lines)
        if error:
            raise forms.ValidationError(error)
        return "\n".join(lines)


@admin.register(Component)
class ComponentAdmin(AuditedAdmin):
    form = ComponentForm
    list_display = ("name", "repository", "patterns", "target")
    list_filter = ("repository__organization",)
    list_select_related = ("repository",)
    search_fields = ("name", "repository__full_name")
    search_help_text = "Any part of a component's or a repository's name."
    autocomplete_fields = ("repository",)

    def view_on_site(self, obj: Component) -> str:
        return reverse("coverage", args=obj.repository.full_name.split("/")) + "?view=components"
