"""No page is wider than its window, however long and unbroken a name is: 390, 768 and 1440 px.

Two hundred characters without a place to break, markup, letters of both directions and emoji, in every name and
text that a page shows. What is wide by nature (a table, a line of code) scrolls inside its own frame.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.everything import Names, Site, fill, sign_in
from tests.browser.keeping import keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDTHS = (1440, 768, 390)
WIDER = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return null;
  const reaches = (one) => { const box = one.getBoundingClientRect();
    return box.right > width + 1 && box.width > 1 && !one.children.length; };
  const named = (one) => [one.parentElement, one].map((each) => each.tagName + "." + each.className).join(" > ");
  const out = [...document.body.querySelectorAll("*")].filter(reaches).slice(0, 4);
  return document.documentElement.scrollWidth + ": " + out.map(named).join(", ");
}"""
"""Null, or how wide the page is and the innermost elements that reach out of the window."""


def unbroken(of: str, length: int = 200) -> str:
    text = f"{of}<b>מגדל🔥_"
    return text + of * ((length - len(text)) // len(of))


HOSTILE = Names(
    login=unbroken("login", 100),
    title=unbroken("Title", 100),
    repository=unbroken("repository", 95),
    test=unbroken("test"),
    classname=unbroken("Class"),
    suite=unbroken("suite"),
    artifact=unbroken("artifact"),
    member=unbroken("member"),
    branch=unbroken("branch"),
    file=f"{unbroken('folder')}/{unbroken('file')}.py",
    message=unbroken("message", 600),
    tag=unbroken("tag", 54),
    job=unbroken("job"),
    title_of_run=unbroken("run"),
    view=unbroken("view", 80),
)


def test_no_page_is_wider_than_its_window(open_page: Callable[..., Page]) -> None:
    site = fill(HOSTILE)
    page = open_page("/")
    sign_in(page)
    assert "\n".join(too_wide(page, site)) == ""


def too_wide(page: Page, site: Site) -> list[str]:
    """A line for each page and width at which it scrolls sideways; its picture is kept."""
    found = []
    for address in site.addresses():
        page.goto(address, wait_until="domcontentloaded")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wider = page.evaluate(WIDER)
            if wider:
                found.append(f"{width} px, {page.title()[:40]} {address[-60:]} is {wider}")
                keep(page, f"too-wide-{len(found)}-{width}")
    return found
