"""What all tests share. The servers are started by tests/settings.py, before this file is read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands import flush
from django.db import connection

KEPT = {"auth_permission", "django_content_type", "django_migrations"}
"""Tables that hold the same after every test."""


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


@pytest.fixture(scope="session", autouse=True)
def only_filled_tables_are_emptied() -> Iterator[None]:
    """After a test that commits Django empties all tables, of which all but a few are empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "sql_flush", _deletions)
        yield


def _deletions(*_: Any, **__: Any) -> list[str]:
    names = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in KEPT]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM \"{name}\")" for name in names)
        )
        filled = [name for (name,) in cursor.fetchall()]
    # Neither foreign keys nor triggers look at what goes, as they do not where Django truncates.
    return ["SET LOCAL session_replication_role = replica", *(f'DELETE FROM "{name}"' for name in filled)]
