"""A night's coverage file made out of a real one: a few lines flip, and the file's own totals with them.

In about one file of seven some lines were not covered until a certain night, and a few were covered until one;
each line has its own night, so that a file changes rarely and never back and forth. Everything else is kept
byte for byte.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.lookalike.demo.chance import unit

MOVING_FILES = 0.15
LATE_LINES = 0.20
LOST_LINES = 0.03
OVER_NIGHTS = 60

COBERTURA = re.compile(
    rb'<line number="(?P<line>\d+)" hits="(?P<hits>\d+)"'
    rb'|<class\b[^>]*\bfilename="(?P<file>[^"]*)"[^>]*>'
    rb"|<package\b[^>]*>"
    rb"|<coverage\b[^>]*>"
)
LINE_RATE = re.compile(rb'line-rate="([^"]*)"')
LINES_COVERED = re.compile(rb'lines-covered="(\d+)"')
LINES_VALID = re.compile(rb'lines-valid="(\d+)"')
LCOV = re.compile(
    rb"^(?:SF:(?P<file>.*)|DA:(?P<line>\d+),(?P<hits>\d+)|LH:(?P<total>\d+)|(?:FN|BRDA):(?P<fixed>\d+),.*"
    rb"|(?P<end>end_of_record))\r?$",
    re.MULTILINE,
)

NAMES = re.compile(rb'\bfilename="([^"]*)"|^SF:(.*)$', re.MULTILINE)

Edit = tuple[int, int, bytes]


@dataclass
class _Total:
    """A count of lines somewhere in the file, and where it is written."""

    tag: tuple[int, int]
    valid: int = 0
    covered: int = 0


@dataclass
class _Line:
    """A line that flips: its hits' place in the file, and how many nights before the real report it did.

    A covered line is uncovered on nights more than ``nights`` before; an uncovered one covered.
    """

    hits: tuple[int, int]
    covered: bool
    nights: float
    totals: list[_Total]


class DerivedCoverage:
    """A real Cobertura or LCOV file, ready to be told anew for earlier nights. ``seed`` names the repository."""

    def __init__(self, data: bytes, seed: str) -> None:
        self.data, self.seed = data, seed
        self.lines: list[_Line] = []
        self.totals: list[_Total] = []
        self.xml = data.lstrip().startswith(b"<")
        names = {cobertura or lcov for cobertura, lcov in NAMES.findall(data)}
        # A small repository shall move too: two of its files at least.
        share = max(MOVING_FILES, 2 / max(len(names), 1))
        self.moving = {each for each in names if unit(seed, "moves", each) < share}
        if self.xml:
            self._cut_cobertura()
        else:
            self._cut_lcov()

    def on(self, nights_before: int) -> bytes:
        """The file as it was so many nights before the real one (0: the real one itself)."""
        flipped = [line for line in self.lines if line.nights < nights_before]
        if not flipped:
            return self.data
        change: dict[int, int] = {}
        edits: list[Edit] = []
        for line in flipped:
            edits.append((*line.hits, b"0" if line.covered else b"1"))
            for total in line.totals:
                change[id(total)] = change.get(id(total), 0) + (-1 if line.covered else 1)
        for total in self.totals:
            if by := change.get(id(total), 0):
                edits.append((*total.tag, self._total(total, total.covered + by)))
        return _apply(self.data, edits)

    def _total(self, total: _Total, covered: int) -> bytes:
        text = self.data[slice(*total.tag)]
        if not self.xml:
            return b"%d" % covered
        rate = (b"%.4g" % (covered / total.valid)) if total.valid else b"1"
        text = LINE_RATE.sub(b'line-rate="%s"' % rate, text, count=1)
        return LINES_COVERED.sub(b'lines-covered="%d"' % covered, text, count=1)

    def _cut_cobertura(self) -> None:
        """Cut at lines, classes and packages; the root keeps its own totals as they are written.

        coverage.py leaves a file out when another source root has one of the same name, and counts it all the
        same: agentic-titan's root knows 33,193 lines and lists 32,699.
        """
        root = package = part = _Total((0, 0))
        name = b""
        for match in COBERTURA.finditer(self.data):
            if match["line"] is not None:
                hit = match["hits"] != b"0"
                for total in (package, part):
                    total.valid += 1
                    total.covered += hit
                self._consider(match, name, hit, [root, package, part])
                continue
            total = _Total(match.span())
            self.totals.append(total)
            if match["file"] is not None:
                part, name = total, match["file"]
            elif match.group().startswith(b"<package"):
                package = total
            else:
                root = total
                valid, covered = LINES_VALID.search(match.group()), LINES_COVERED.search(match.group())
                root.valid, root.covered = (int(each.group(1)) if each else 0 for each in (valid, covered))

    def _cut_lcov(self) -> None:
        """Lines with a branch or a function on them stay: their counts would contradict a flipped line."""
        name, total = b"", _Total((0, 0))
        lines: list[re.Match[bytes]] = []
        fixed: set[bytes] = set()
        for match in LCOV.finditer(self.data):
            if match["file"] is not None:
                name, lines, fixed = match["file"], [], set()
            elif match["line"] is not None:
                lines.append(match)
            elif match["total"] is not None:
                total = _Total(match.span("total"), covered=int(match["total"]))
                self.totals.append(total)
            elif match["fixed"] is not None:
                fixed.add(match["fixed"])
            else:
                for line in lines:
                    if line["line"] not in fixed:
                        self._consider(line, name, line["hits"] != b"0", [total])

    def _consider(self, match: re.Match[bytes], name: bytes, hit: bool, totals: list[_Total]) -> None:
        """Keep the line when it is one that flips."""
        if name not in self.moving:
            return
        share = LATE_LINES if hit else LOST_LINES
        chance = unit(self.seed, "line", name, match["line"])
        if chance < share:
            self.lines.append(_Line(match.span("hits"), hit, OVER_NIGHTS * chance / share, totals))


def _apply(data: bytes, edits: list[Edit]) -> bytes:
    out, at = [], 0
    for start, end, text in sorted(edits):
        out += [data[at:start], text]
        at = end
    return b"".join([*out, data[at:]])
