"""Text that strangers wrote (names, titles, messages), made fit to be read: no controls, bounded."""

from __future__ import annotations

import re

# What a terminal would swallow; tabs and line ends stay.
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\u202a-\u202e\u2066-\u2069]")
# Of a path that is too long the end is worth more than the beginning.
KEPT_AT_THE_START = 40


def _plain(text: str) -> str:
    # What is printable to the last letter has neither, and is almost all there is.
    return text if text.isprintable() else CONTROLS.sub("", ESCAPES.sub("", text))


def readable(text: str, longest: int) -> str:
    """Text without terminal escapes, controls and direction overrides, cut with an ellipsis at ``longest``."""
    plain = _plain(text).strip()
    return plain if len(plain) <= longest else plain[: longest - 1] + "…"


def readable_path(path: str, longest: int) -> str:
    """The same for a path on one line; what is too long loses its middle, so that the file's name stays."""
    plain = " ".join(_plain(path).split())
    if len(plain) <= longest:
        return plain
    start = min(KEPT_AT_THE_START, longest // 3)
    return f"{plain[:start]}…{plain[start + 1 - longest :]}"
