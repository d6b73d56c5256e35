"""Folders and installations for the runtime's tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.installation import Installation


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that other accounts may pass through (pytest's own are long and closed)."""
    made = Path(tempfile.mkdtemp(prefix="clerestory-runtime-"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def installation(folder: Path) -> Iterator[Installation]:
    made = Installation(folder / "var")
    yield made
    made.clear()
