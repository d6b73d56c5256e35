"""Links that stand inside a sentence: ``{% load links %}``. As tags, since a file of markup ends in a line break,
and a space before a comma is a mistake.

    {% commit_link repository point %}, committed …    {% run_link run %}
"""

from __future__ import annotations

from typing import Protocol

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from dashboard.queries.repository import RepositoryHeader
from dashboard.queries.sources import Run
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
def run_link(run: Run) -> SafeString:
    """The run's title, leading to GitHub where an address is known, then its number, attempt and event."""
    title = Truncator(run.title or run.name).chars(LONGEST_TITLE)
    linked = format_html('<a class="name" href="{}" rel="noopener">{}</a>', run.url, title) if run.url else title
    facts = [f"#{run.number}"] if run.number else []
    facts += [f"attempt {run.attempt}"] if run.attempt > 1 else []
    return format_html('{} <span class="muted">{}</span>', linked, ", ".join([*facts, run.event]))
