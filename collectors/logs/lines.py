"""A job's log as GitHub keeps it, taken apart into its steps.

Each line begins with a time (``2026-11-23T02:10:11.1234567Z ``); a step begins with ``##[group]Run …``, which holds
the step's own script and settings until ``##[endgroup]``; colours are those of a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST_BYTES = 4 * 1024 * 1024
"""The end of a log: summaries stand there, and a log has no bound of its own."""
LONGEST_LINE = 2_000
"""No summary is longer. It also bounds what any pattern can be made to do."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z ?")
_COLOUR = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[()][0-9A-B])")
_STEP, _END = "##[group]Run ", "##[endgroup]"


def steps(data: bytes) -> Iterator[list[str]]:
    """The lines that each step of a job wrote, without times and colours; what stands before is one too."""
    step: list[str] = []
    script = False
    for line in _lines(data):
        if line.startswith(_STEP):
            if step:
                yield step
            step, script = [], True
        elif line.startswith(_END):
            script = False
        elif not script and not line.startswith("##["):
            step.append(line)
    if step:
        yield step


def _lines(data: bytes) -> Iterator[str]:
    cut = len(data) > MOST_BYTES
    lines = data[-MOST_BYTES:].decode("utf-8", "replace").removeprefix("\ufeff").split("\n")
    for line in lines[1:] if cut else lines:
        if len(line) > LONGEST_LINE:
            continue
        line = _TIME.sub("", line, count=1) if line[:1].isdigit() else line
        line = _COLOUR.sub("", line) if "\x1b" in line else line
        # A progress bar writes over itself: what it wrote last is what one sees.
        yield line.rstrip("\r\n").rpartition("\r")[2].rstrip()
