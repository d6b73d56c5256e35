"""A real Chromium on the real site: pages are driven as a reader drives them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

# A machine without a sandbox for Chromium (a container, root) still has one page, of our own, to show.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-quic"]
# Milliseconds. Nothing takes as long on a quiet machine; a busy one makes the tests slow, but not red.
LONGEST_WAIT = 60_000
expect.set_options(timeout=LONGEST_WAIT)


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread; Django would take its queries for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=ARGUMENTS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(autouse=True)
def no_answer_is_left_of_the_test_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests of a process ask one server, at the same addresses, and a night is at work in many of them."""
    monkeypatch.setattr("dashboard.kept.SECONDS_BEHIND_A_NIGHT", 0)


@pytest.fixture
def open_page(browser: Browser, live_server: LiveServer, settings: Any) -> Iterator[Callable[..., Page]]:
    """``open_page("/", width=390)``: that address in a window of its own; an error in a script fails the test."""
    settings.PUBLIC = True
    contexts, errors = [], []

    def opened(address: str, width: int = 1440, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONGEST_WAIT)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
