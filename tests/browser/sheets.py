"""Contact sheets to look at: each page at 1440, 768 and 390 px, above in light and below in dark.

    .venv/bin/python -m pytest tests/browser/sheets.py -k broken        also: empty, small, huge
    DEMO=http://127.0.0.1:8000 .venv/bin/python -m pytest tests/browser/sheets.py -k demo

They are no tests (``make test`` does not collect this file) and stay in var/browser/sheets/, a PNG a page.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Iterable
from html import escape

import pytest
from playwright.sync_api import Browser, Page

from dashboard.models import Repository
from tests import factories
from tests.browser.broken import broken_addresses, fill_broken
from tests.browser.everything import fill, sign_in
from tests.browser.keeping import FOLDER
from tests.browser.test_huge_estate import huge

pytestmark = pytest.mark.django_db(transaction=True)

SHEETS = FOLDER / "sheets"
SHOWN = {1440: 640, 768: 400, 390: 250}
"""Width of a window, and how wide it stands on the sheet."""
HIGHEST = 1_900
"""Pixels of a page that are shown; what stands further down looks like what stands above."""
DEMO = "/r/organvm-iv-taxis/agentic-titan/"


def sheet(page: Page, address: str, name: str) -> None:
    """Six pictures of that page on one."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    page.evaluate("document.fonts.ready")
    pictures = [_picture(page, width, theme) for theme in ("light", "dark") for width in SHOWN]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": sum(SHOWN.values()) + 80, "height": 400})
    page.set_content(
        f"<style>body{{margin:10px;font:12px sans-serif;background:#888}}img{{margin:4px;vertical-align:top}}"
        f"</style><b>{escape(address[:160])}</b><br>{''.join(pictures[:3])}<br>{''.join(pictures[3:])}"
    )
    SHEETS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHEETS / f"{name}.png", full_page=True)


def _picture(page: Page, width: int, theme: str) -> str:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    whole = min(HIGHEST, int(page.evaluate("document.documentElement.scrollHeight")))
    clip = {"x": 0, "y": 0, "width": width, "height": whole}
    shot = page.screenshot(full_page=True, clip=clip, animations="disabled", type="jpeg", quality=80)  # type: ignore[arg-type]
    data = base64.b64encode(shot).decode()
    return f'<img width="{SHOWN[width]}" src="data:image/jpeg;base64,{data}">'


def sheets(page: Page, kind: str, addresses: Iterable[str]) -> None:
    for number, address in enumerate(addresses):
        words = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:60] or "estate"
        sheet(page, address, f"{kind}-{number:02}-{words}")


def test_empty(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    factories.repository(factories.organization("acme"), "never-reported")
    sheets(page, "empty", ["/", "/o/acme/", *(f"/r/acme/never-reported/{tab}" for tab in TABS)])
    Repository.objects.all().delete()
    sheets(page, "empty-of-all", ["/", "/ingest/", "/figures/tests/"])


TABS = ("", "tests/", "failures/", "coverage/", "runs/")


def test_small(open_page: Callable[..., Page]) -> None:
    site = fill()
    page = open_page("/")
    sign_in(page)
    sheets(page, "small", site.addresses())


def test_broken(open_page: Callable[..., Page]) -> None:
    made = fill_broken()
    sheets(open_page("/"), "broken", broken_addresses(made))


def test_huge(open_page: Callable[..., Page]) -> None:
    site = huge()
    page = open_page("/ingest/")
    sheets(page, "huge", [each for each in site.addresses("/?group=none") if each not in ("/views/",)])


@pytest.mark.skipif("DEMO" not in os.environ, reason="DEMO names no running demo")
def test_demo(browser: Browser) -> None:
    page = browser.new_page(base_url=os.environ["DEMO"])
    sheets(page, "demo", demo_addresses(page))


def demo_addresses(page: Page) -> list[str]:
    """Each kind of page once, of the repository that has most to show; its newest run, artifact and commit."""
    page.goto(f"{DEMO}runs/")
    links = page.locator("main a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
    newest = [next(link for link in links if f"/{kind}/" in link) for kind in ("commits", "artifacts")]
    newest.append(next(link for link in links if re.search(r"/runs/\d+/$", link)))
    page.goto(f"{DEMO}tests/?view=all")
    test = page.locator("a.test-name").first.evaluate("each => each.pathname")
    page.goto(f"{DEMO}coverage/?view=files")
    file = page.locator("a.path").first.evaluate("each => each.pathname + each.search")
    views = [f"{DEMO}coverage/?view={view}" for view in ("files", "map", "components", "unresolved")]
    tabs = [DEMO + tab for tab in TABS]
    return [
        "/",
        "/o/organvm-iv-taxis/",
        *tabs,
        *views,
        file,
        test,
        *newest,
        "/figures/coverage/",
        "/ingest/",
        "/demo/",
    ]
