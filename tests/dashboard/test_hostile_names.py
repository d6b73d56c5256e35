"""Whoever names a branch, a test or a file may write what he likes: it shows as text, and never runs.

Markup, quotes of both kinds, an entity, a template's braces, a letter that turns the reading direction, an emoji,
and three hundred characters, in every name and text that a page shows.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from tests.browser.everything import Names, fill

pytestmark = pytest.mark.django_db

INJECTED = re.compile(r"<[a-z]+[^>&]* data-evil|<img src=x")


def evil(of: str, length: int, slash: str = "") -> str:
    """At most ``length`` characters; without a slash in it a name of a repository can be an address."""
    text = f"{of} <img src=x onerror=alert(1) data-evil>\"'`&lt;{{{{7*7}}}}\u202eמ🔥<b data-evil>{slash}{of}"
    return text + of * ((length - len(text)) // len(of))


HOSTILE = Names(
    login=evil("login", 100),
    title=evil("title", 100),
    repository=evil("repository", 95),
    test=evil("test", 300),
    classname=evil("class", 300),
    suite=evil("suite", 300),
    artifact=evil("artifact", 300),
    member=evil("member", 300, "</td><script data-evil>alert(1)</script>"),
    branch=evil("branch", 250, "</dd>"),
    file=evil("file", 300, "/../</code><script data-evil>alert(1)</script>/"),
    message=evil("message", 300, "</pre><script data-evil>alert(1)</script>"),
    tag=evil("tag", 60)[:60],
    job=evil("job", 300),
    title_of_run=evil("run", 300, "</script><script data-evil>alert(1)</script>"),
    view=evil("view", 80)[:80],
)


def test_every_name_is_to_be_read_and_none_is_markup(client: Client, settings: Any) -> None:
    settings.PUBLIC = True
    site = fill(HOSTILE)
    pages = [client.get(address).content.decode(errors="replace") for address in site.addresses()]
    shown = unescape("".join(pages))
    fields = ("login", "title", "repository", "test", "classname", "artifact", "member", "file", "message", "tag")
    # A page may cut a long name, and shows a letter that turns the direction as a sign; it begins as it was given.
    assert [field for field in fields if getattr(HOSTILE, field)[:50] not in shown] == []
    assert [page[:200] for page in pages if INJECTED.search(page)] == []
