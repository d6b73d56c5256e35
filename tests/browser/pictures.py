"""Takes the pictures of docs/pictures anew: ``.venv/bin/python -m tests.browser.pictures [address] [name …]``.

The demo must be running there (``make run``) with all of its nights read. Names narrow it to some pictures; those
of which the demo has no such state (docs/pictures/README.md says which) stay as they are.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import ARGUMENTS, LONGEST_WAIT
from tests.conftest import find_chromium

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
ADDRESS = "http://127.0.0.1:8000"
HEIGHTS = {1440: 1_100, 390: 844}
"""Of a picture, by its width: what stands further down says nothing new."""
ONE = "/r/organvm-iv-taxis/agentic-titan/"


@dataclass(frozen=True)
class Picture:
    name: str
    address: str
    width: int = 1440
    theme: str = "light"


PICTURES = (
    Picture("estate-light-1440", "/"),
    Picture("estate-dark-1440", "/", theme="dark"),
    Picture("estate-light-390", "/", width=390),
    Picture("views-1440", "/?status=failing&group=none"),
    Picture("repository-light-1440", ONE),
    Picture("repository-dark-390", ONE, width=390, theme="dark"),
    Picture("failures-light-1440", f"{ONE}failures/"),
    Picture("coverage-tree-1440", f"{ONE}coverage/"),
    Picture("coverage-map-1440", f"{ONE}coverage/?view=map"),
    Picture("coverage-map-dark-390", f"{ONE}coverage/?view=map", width=390, theme="dark"),
    Picture("ingest-light-1440", "/ingest/"),
)


def take(browser: Browser, base: str, picture: Picture) -> Path:
    page = browser.new_page(
        base_url=base,
        viewport={"width": picture.width, "height": HEIGHTS[picture.width]},
        color_scheme="dark" if picture.theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page.set_default_timeout(LONGEST_WAIT)
    page.goto(picture.address)
    page.evaluate("document.fonts.ready")
    path = FOLDER / f"{picture.name}.png"
    page.screenshot(path=path)
    page.close()
    return path


def main(arguments: list[str]) -> None:
    base = next((each for each in arguments if "://" in each), ADDRESS)
    names = {each for each in arguments if "://" not in each}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=ARGUMENTS)
        for picture in PICTURES:
            if not names or picture.name in names:
                print(take(browser, base, picture))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
