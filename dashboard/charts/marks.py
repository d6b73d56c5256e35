"""Marks on a trend: a thin line where something happened, and a word at it where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

MOST_WORDS = 6
LONGEST_WORD = 16


class TrendMark(Protocol):
    """``kind`` is ``release``, whose word is its name, or what else was changed, told by the kind itself."""

    @property
    def kind(self) -> str: ...
    @property
    def sha(self) -> str: ...
    @property
    def text(self) -> str: ...


Placed = Sequence[tuple[str, TrendMark]]
"""Where each stands on the x axis."""


def mark_lines(marks: Placed) -> list[dict[str, Any]]:
    """One line a place: dashed for a release, dotted for what is no code."""
    kinds: dict[str, str] = {}
    for place, mark in marks:
        kinds[place] = "release" if "release" in (mark.kind, kinds.get(place)) else mark.kind
    return [
        {
            "type": "line",
            "layer": "below",
            "xref": "x",
            "yref": "paper",
            "x0": place,
            "x1": place,
            "y0": 0,
            "y1": 1,
            "line": {"color": "var:stone-4", "width": 1, "dash": "dash" if kind == "release" else "dot"},
        }
        for place, kind in kinds.items()
    ]


def mark_words(marks: Placed, x: Sequence[str]) -> list[dict[str, Any]]:
    """The words of the newest marks, releases between the panels' heads; never two near each other."""
    at = {place: number for number, place in enumerate(x)}
    least = max(1, len(x) / MOST_WORDS)
    words: list[dict[str, Any]] = []
    last = {True: len(x) + least, False: len(x) + least}
    for place, mark in reversed(marks):
        released = mark.kind == "release"
        if last[released] - at[place] < least:
            continue
        last[released] = at[place]
        words.append(
            _word(mark.text if released else mark.kind, place, 1.0 if released else 0.36, at[place] * 2 > len(x))
        )
    return words


def _word(text: str, place: str, height: float, late: bool) -> dict[str, Any]:
    """Beside its line, towards the middle of the drawing."""
    return {
        "text": text if len(text) <= LONGEST_WORD else f"{text[: LONGEST_WORD - 1]}…",
        "x": place,
        "xref": "x",
        "xanchor": "right" if late else "left",
        "y": height,
        "yref": "paper",
        "yanchor": "bottom" if height == 1.0 else "middle",
        "showarrow": False,
        "bgcolor": "var:paper",
        "font": {"size": 11, "color": "var:ink-3"},
    }
