"""The three fields that decide which artifacts are read and which belong together, and a preview of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard.admin.fields import CommaSeparatedField, group_refusal, pattern_refusal
from dashboard.queries.matching import Source, Tried, preview

NAMES = ("artifact_include", "artifact_exclude", "report_groups")


class PatternsForm(forms.Form):
    """Patterns of an organization or a repository; each field's refusals say what to write instead."""

    artifact_include = CommaSeparatedField(
        pattern_refusal,
        required=False,
        label="Artifacts to read",
        help_text="Name patterns separated by commas, for example “test-results-*, coverage*”; * stands for any "
        "text. Empty: every artifact whose name sounds like tests or coverage.",
    )
    artifact_exclude = CommaSeparatedField(
        pattern_refusal,
        required=False,
        label="Artifacts to pass over",
        help_text="Name patterns separated by commas; they win over the patterns above. Empty: none.",
    )
    report_groups = CommaSeparatedField(
        group_refusal,
        required=False,
        label="Report groups",
        help_text="Which tests belong together, as “pattern = group” separated by commas, for example "
        "“unit-* = unit, tests-win = unit”. Empty: told by the artifact's name without versions and machines. "
        "Holds for what is read from then on.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NAMES:
            self.fields[name].widget.attrs |= {"size": 70, "spellcheck": "false", "autocomplete": "off"}


def preview_context(
    sources: Iterable[Source], typed: Mapping[str, Any], otherwise: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """``preview``, or ``refusals`` by field where what was typed makes no sense.

    ``otherwise`` holds for the fields that are left empty.
    """
    form = PatternsForm(typed)
    if not form.is_valid():
        return {"refusals": [(form.fields[name].label, sentences) for name, sentences in form.errors.items()]}
    tried = Tried(*(tuple(form.cleaned_data[name] or (otherwise or {}).get(name, ())) for name in NAMES))
    return {"preview": preview(sources, tried)}


def preview_response(
    request: HttpRequest,
    sources: Iterable[Source],
    *,
    of: str,
    back: str,
    stored: Mapping[str, Any],
    otherwise: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """The preview alone for htmx, else a page of its own; without anything typed, of what is ``stored``."""
    sent = request.POST if request.method == "POST" else request.GET
    typed = {name: sent.get(name, "") for name in NAMES} if set(NAMES) & set(sent) else dict(stored)
    context = preview_context(sources, typed, otherwise)
    if request.headers.get("HX-Request"):
        return render(request, "admin/guide/_preview.html", context)
    asked = [(PatternsForm.base_fields[name].label, _text(typed[name])) for name in NAMES]
    return render(request, "admin/guide/preview.html", context | {"back": back, "of": of, "asked": asked})


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list | tuple) else str(value)
