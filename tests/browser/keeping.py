"""Screenshots that a run leaves behind, to be looked at: var/browser/<name>.png (var/ is ignored by Git)."""

from __future__ import annotations

from django.conf import settings
from playwright.sync_api import Page

FOLDER = settings.BASE_DIR / "var" / "browser"


def keep(page: Page, name: str) -> None:
    """The whole page as it stands now."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, animations="disabled")
