"""The path that a morning takes: the estate says what broke, the repository says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_estate_to_the_message_of_the_failing_test(open_page: Callable[..., Page]) -> None:
    repo = factories.repository(factories.organization("acme"), "api")
    factories.snapshot(repo, days_ago=1)
    broken = factories.snapshot(repo, tests=(9, 1, 0, 0))
    factories.failure(broken, name="test_login", message="expected 200, got 500")
    factories.roll_up()
    page = open_page("/")
    expect(page.locator("h1")).to_have_text("1 repository broke.")
    page.locator(".changes").get_by_role("link", name="api").click()
    expect(page.locator("h1")).to_contain_text("api")
    page.get_by_role("navigation").get_by_role("link", name="Failures").click()
    expect(page.get_by_text("test_login").first).to_be_visible()
    expect(page.get_by_text("expected 200, got 500").first).to_be_visible()
