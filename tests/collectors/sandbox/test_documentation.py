"""docs/sandbox.md names every attack, layer and setting that there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.sandbox.limits import SETTINGS
from collectors.sandbox.lockdown import LAYERS

from .attacks import ATTACKS

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "said",
    [f"| {name} |" for name in ATTACKS]
    + [f"| {layer.name} |" for layer in LAYERS]
    + [f"| `{setting}` |" for setting, _, _ in SETTINGS.values()],
)
def test_the_page_has_a_row_for(said: str) -> None:
    assert said in PAGE
