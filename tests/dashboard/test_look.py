"""What holds for the look of every page alike, read from templates and style sheets."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
COLOUR = re.compile(r"(?<![&\w'\"/])#[0-9a-f]{3,8}\b(?!-)|\b(?:rgba?|hsla?|oklch|lab)\(", re.I)
ROUNDS = re.compile(r"\|\s*(floatformat|stringformat)|\{%\s*widthratio|toFixed|%\{\w+:[^}]*[fg%]\}")


def sources() -> list[Path]:
    found = [path for kind in ("css", "js") for path in (ROOT / "static" / kind).rglob(f"*.{kind}")]
    return [*found, *(path for path in (ROOT / "templates").rglob("*") if path.is_file())]


def found_in(pattern: re.Pattern[str], *but: str) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in sources()
        if path.name not in but
        for match in pattern.finditer(path.read_text())
    ]


def test_a_colour_is_written_down_once_among_the_tokens() -> None:
    assert found_in(COLOUR, "tokens.css") == []


def test_both_ways_into_the_dark_have_the_same_colours() -> None:
    """CSS cannot share a block between a media query and an attribute, so one could be forgotten."""
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text()
    asked = tokens.partition(':root:not([data-theme="light"]) {')[2].partition("}")[0]
    chosen = tokens.partition('\n:root[data-theme="dark"] {')[2].partition("}")[0]
    assert asked.split() == chosen.split() != []


def test_no_page_rounds_a_figure_by_itself() -> None:
    """Figures are written by ``dashboard.wording``, which cuts off; a template's own rounding would say 100."""
    assert found_in(ROUNDS) == []
