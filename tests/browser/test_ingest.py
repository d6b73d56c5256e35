"""The ingest page in a browser: it follows a running night by itself and stops when the night ends."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from dashboard.models import Collection, RepositoryCollection
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_page_follows_the_night_and_stops_asking_when_it_ends(open_page: Callable[..., Page]) -> None:
    night = factories.collection(finished_at=None)
    entry = RepositoryCollection.objects.create(
        collection=night, repository=factories.repository(), state="reading"
    )
    page = open_page("/ingest/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    expect(page.locator(".lancets .is-reading")).to_have_count(1)
    RepositoryCollection.objects.filter(pk=entry.pk).update(state="collected", lit_at=timezone.now(), artifacts=2)
    expect(page.locator(".lancets .is-lit")).to_have_count(1)
    assert asked
    Collection.objects.filter(pk=night.pk).update(finished_at=timezone.now())
    expect(page.locator("h1")).to_contain_text("1 repository read in")
    expect(page.locator("#night[hx-trigger]")).to_have_count(0)
