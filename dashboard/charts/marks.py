"""Marks on a trend: a thin line where something happened, and a word at it where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

MOST_WORDS = 6


class TrendMark(Protocol):
    """``word`` is written at it."""

    @property
    def word(self) -> str: ...
    @property
    def sha(self) -> str: ...


Placed = Sequence[tuple[str, TrendMark]]
"""Where each stands on the x axis."""


def mark_lines(marks: Placed) -> list[dict[str, Any]]:
    """One dotted line a place."""
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
            "line": {"color": "var:stone-4", "width": 1, "dash": "dot"},
        }
        for place in dict.fromkeys(place for place, _ in marks)
    ]


def mark_words(marks: Placed, x: Sequence[str]) -> list[dict[str, Any]]:
    """The words of the newest marks, between the panels; never two near each other."""
    at = {place: number for number, place in enumerate(x)}
    least = max(1, len(x) / MOST_WORDS)
    words: list[dict[str, Any]] = []
    last = len(x) + least
    for place, mark in reversed(marks):
        if last - at[place] >= least:
            last = at[place]
            words.append(_word(mark.word, place, late=at[place] * 2 > len(x)))
    return words


def _word(text: str, place: str, late: bool) -> dict[str, Any]:
    """Beside its line, towards the middle of the drawing."""
    return {
        "text": text,
        "x": place,
        "xref": "x",
        "xanchor": "right" if late else "left",
        "y": 0.38,
        "yref": "paper",
        "yanchor": "middle",
        "showarrow": False,
        "bgcolor": "var:paper",
        "font": {"size": 11, "color": "var:ink-3"},
    }
