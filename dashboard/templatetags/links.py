"""Links that stand inside a sentence: ``{% load links %}``. As tags, since a file of markup ends in a line break,
and a space before a comma is a mistake.

    {% commit_link repository point %}, committed …    {% run_link repository run %}
    {% source_link repository source %}, {% source_link repository other %}
"""

from __future__ import annotations

from typing import Protocol

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.sources import Run, Source
from dashboard.wording import short

register = template.Library()

LONGEST_TITLE = 80


class HasSha(Protocol):
    @property
    def sha(self) -> str: ...


@register.simple_tag
def commit_link(repository: RepositoryHeader, commit: HasSha) -> SafeString:
    """The commit's short sha, leading to its evidence."""
    address = reverse("commit", args=[repository.owner, repository.name, commit.sha])
    return format_html('<a class="commit" href="{}"><code>{}</code></a>', address, short(commit.sha))


@register.simple_tag
def run_link(repository: RepositoryHeader, run: Run) -> SafeString:
    """The run's title, leading to what was read of it, then its number, attempt and event."""
    address = reverse("run", args=[repository.owner, repository.name, run.github_id])
    title = Truncator(run.title or run.name).chars(LONGEST_TITLE)
    facts = [f"#{run.number}"] if run.number else []
    facts += [f"attempt {run.attempt}"] if run.attempt > 1 else []
    linked = format_html('<a class="name" href="{}">{}</a>', address, title)
    return format_html('{} <span class="muted">{}</span>', linked, ", ".join([*facts, run.event]))


@register.simple_tag
def source_address(repository: RepositoryHeader, source: Source) -> str:
    """The report's place on its artifact's page."""
    address = reverse("artifact", args=[repository.owner, repository.name, source.artifact_id])
    return f"{address}?report={source.report_id}#report-{source.report_id}"


@register.simple_tag
def source_link(repository: RepositoryHeader, source: Source) -> SafeString:
    """The report's member, leading to its place in the artifact, then the artifact's name."""
    artifact = format_html(' <span class="muted">in {}</span>', source.artifact) if source.member else ""
    return format_html(
        '<a href="{}"><code>{}</code></a>{}', source_address(repository, source), source.name, artifact
    )
