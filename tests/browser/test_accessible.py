"""axe finds nothing: on any page of the site or of the admin, light or dark; on a phone where pages fold.

``AXE=all`` asks it of every page of the site at both widths, and of every list and form of the admin, which takes
twice as long.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page

from tests.browser.axe import NARROW, WIDE, findings
from tests.browser.everything import fill, sign_in

# Lists and forms of Django's own making, like those that are asked; AXE=all asks them as well.
PLAIN = re.compile(
    r"/admin/((auth|django_celery_beat)/|dashboard/(change|component|forbiddendependency|report|workflowrun)/)"
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_axe_finds_nothing_on_any_page(open_page: Callable[..., Page]) -> None:
    site = fill()
    page = open_page("/")
    sign_in(page)
    here = f"/r/{site.names.login}/{site.names.repository}/"
    folding = {"/", here, f"{here}tests/", f"{here}coverage/", f"{here}runs/", "/ingest/"}
    found = []
    for address in site.addresses():
        both = os.environ.get("AXE") == "all" or address in folding
        found += findings(page, address, (WIDE, NARROW) if both else (WIDE,))
    assert "\n".join(found) == ""


def test_axe_finds_nothing_in_the_admin(open_page: Callable[..., Page]) -> None:
    """Its lists and forms are Django's own but for their colours, so that some stand for the others."""
    site = fill()
    page = open_page("/admin/login/")
    found = _all(page, ["/admin/login/"])
    sign_in(page)
    everything = os.environ.get("AXE") == "all"
    asked = [each for each in site.admin_addresses() if everything or not PLAIN.match(each)]
    assert found + _all(page, asked, widths=(WIDE,)) == ""


def test_axe_finds_nothing_in_an_empty_installation(open_page: Callable[..., Page]) -> None:
    assert _all(open_page("/"), ["/", "/ingest/"]) == ""


def test_axe_finds_nothing_on_the_page_of_a_server_error(open_page: Callable[..., Page]) -> None:
    page = open_page("/healthz")
    page.route("**/broken/", lambda route: route.fulfill(status=500, body=render_to_string("500.html")))
    assert _all(page, ["/broken/"]) == ""


def test_axe_finds_nothing_in_the_style_guide(open_page: Callable[..., Page], settings: Any) -> None:
    page = open_page("/healthz")
    settings.DEBUG = True
    assert _all(page, ["/styleguide/"]) == ""


def _all(page: Page, addresses: Iterable[str], widths: tuple[int, ...] = (WIDE, NARROW)) -> str:
    """A line for each finding."""
    return "\n".join(each for address in addresses for each in findings(page, address, widths))
