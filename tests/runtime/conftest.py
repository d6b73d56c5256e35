"""Folders and installations for the runtime's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.installation import Installation, new_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with new_folder() as made:
        yield made


@pytest.fixture
def installation(folder: Path) -> Iterator[Installation]:
    made = Installation(folder / "var")
    yield made
    made.clear()
