"""From an empty installation to its first figures: the guided path in a browser, with a real worker."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Page, expect

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from dashboard.models import Repository
from tests.collectors.night.reports import junit_zip
from tests.end_to_end.conftest import environment, worker  # noqa: F401 - fixtures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWER_WITHIN, COLLECTED_WITHIN = 60_000, 90_000


@pytest.fixture
def github() -> Iterator[LookAlike]:
    estate = FakeEstate()
    api = estate.add_repository("octo-org/api")
    run = estate.add_run(api)
    estate.add_artifact(run, "unit-linux", junit_zip(adds="P", subtracts="P"))
    estate.add_artifact(run, "screenshots", junit_zip(adds="P"))
    estate.add_repository("octo-org/site")
    with LookAlike(estate) as server:
        yield server


@pytest.fixture
def sign_in(settings: Any) -> Callable[[Page], None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def signed_in(page: Page) -> None:
        client = Client()
        client.force_login(User.objects.create_superuser("ada"))
        value = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": value, "url": page.url}])

    return signed_in


def test_from_nothing_to_the_first_figures(
    open_page: Callable[..., Page],
    sign_in: Callable[[Page], None],
    worker: subprocess.Popen[bytes],  # noqa: F811
) -> None:
    page = open_page("/healthz")
    page.set_default_timeout(ANSWER_WITHIN)
    sign_in(page)
    page.goto("/")
    page.get_by_role("link", name="Set up an organization").click()
    page.get_by_label("Login").fill("https://github.com/octo-org")
    page.get_by_role("button", name="Go on to its credential").click()
    page.get_by_label("GitHub token").fill("ghp_mine")
    page.get_by_role("button", name="Store it and check").click()
    expect(page.get_by_text("Nothing stands in the way.")).to_be_visible(timeout=ANSWER_WITHIN)
    assert "ghp_mine" not in page.content()
    page.get_by_role("link", name="Go on to its repositories").click()
    page.get_by_role("button", name="List its repositories").click()
    expect(page.get_by_role("row", name="api")).to_contain_text("1 name like reports", timeout=ANSWER_WITHIN)
    page.get_by_role("checkbox", name="api").check()
    page.get_by_role("button", name="Keep this choice and go on").click()
    page.get_by_label("Report groups").fill("unit-* = everything")
    expect(page.get_by_role("row", name="unit-linux")).to_contain_text("everything")
    page.get_by_role("button", name="Store them and go on").click()
    expect(page.locator("h1")).to_have_text("1 repository of octo-org to be collected.")
    page.go_back()
    expect(page.get_by_label("Report groups")).to_have_value("unit-* = everything")
    page.go_forward()
    page.get_by_role("button", name="Store and collect now").click()
    expect(page).to_have_url(re.compile(r"/ingest/\?asked="))
    expect(page.locator("h1")).to_contain_text("1 repository read in", timeout=COLLECTED_WITHIN)
    stored = Repository.objects.get()
    assert (stored.full_name, stored.tests_total) == ("octo-org/api", 2)
