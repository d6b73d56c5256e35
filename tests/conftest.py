"""What all tests share. The servers are started by tests/settings.py, before this file is read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest


def find_chromium() -> Path | None:
    """The browser that ./test found or that CHROMIUM names, else one on PATH."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return Path(found)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if find_chromium() is None:
        for item in items:
            if "browser" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="no Chromium here"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    found = find_chromium()
    assert found is not None
    return found
