"""TAP's lines as values: streams and their plans, points and their parents, YAML blocks.

What the lines mean (which points are tests, how they ended) is ``tap``'s matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from msgspec import Struct

from collectors.parsers.cases import MAX_CASES
from collectors.parsers.results import ReportError
from collectors.parsers.text import seconds

BLOCK_BYTES = 200_000
"""What is looked at behind a point; of longer texts ``bounded_details`` keeps less anyway."""

MAX_OPEN = 64
"""Levels of subtests whose parents are looked for."""

_TOKEN = re.compile(
    rb"\n(?:([ \t]*)((?:not )?ok)(?=[ \t\r\n]|\Z)(?P<point>[^\r\n]*)"
    rb"|([ \t]+)(?P<yaml>---)[ \t]*\r?(?=\n|\Z)"
    rb"|#(?P<comment>[^\r\n]*)|(?P<warning>warning \d+ )"
    rb"|(?P<plan>1\.\.(\d{1,9})[ \t]*(#[^\r\n]*)?\r?(?=\n|\Z))"
    rb"|(?P<version>K?TAP version \d+)[ \t]*\r?(?=\n|\Z)|Bail out!(?P<bail>[^\r\n]*))"
)
_YAML, _PLAN = _TOKEN.groupindex["yaml"], _TOKEN.groupindex["plan"]
"""What counts of a line; a plan and the like of a subtest do not: its parent's line says how it ended."""
_REST = re.compile(r"\s*(\d{1,9}(?=\s|\Z))?\s*(?:-(?=\s|\Z))?\s*(.*)", re.DOTALL)
_DIRECTIVE = re.compile(r"(?:^|(?<=[^\\\\]))#\s*(skip|todo|warning)(?:ped)?\b:?\s*(.*)$", re.IGNORECASE | re.DOTALL)
_TIME = re.compile(r"#\s*time=([\d.]+)\s*(ms|s)\b")
_TIME_IN_NAME = re.compile(r" (?:in (\d{1,9})ms|\((\d{1,9}(?:\.\d{1,9})?) ?ms\)|\((\d{1,9}\.\d{1,9}) ?s\))\Z")
"""What bats ("in 5ms"), Criterion ("(0.02s)") and others write behind a description."""
_END = re.compile(rb"[ \t]*\r?(?=\n|\Z)")
_DURATION = re.compile(rb"\n[ \t]*duration_ms:\s*([\d.]+)")


class Point(Struct, gc=False):
    """One test point as its line gives it."""

    ok: bool
    depth: int
    name: str
    directive: str
    reason: str
    heading: bytes
    duration: float | None
    at: int  # where what follows it begins
    block: bytes = b""
    number: int = 0
    parent: int = -1
    has_children: bool = False


@dataclass(slots=True)
class Stream:
    """One TAP stream: what it promised and what came."""

    version: str = ""
    plan: int | None = None
    plan_first: bool = False
    seen: int = 0
    skip_all: str = ""
    bail: str | None = None


@dataclass(slots=True)
class TapLines:
    """What the lines of a file give."""

    streams: list[Stream] = field(default_factory=lambda: [Stream()])
    points: list[Point] = field(default_factory=list)
    bare: dict[int, list[int]] = field(default_factory=dict)  # points without a parent yet, by indent
    open: list[tuple[int, int]] = field(default_factory=list)  # parents in braces: indent, index
    heading: bytes = b""  # the last comment, and where the line behind it begins
    heading_end: int = -1
    headed: int = 0  # points that stand directly below a comment
    braces: bool = False
    timed: bool = False
    no_end: set[bytes] = field(default_factory=set)  # indents below which no YAML block ends any more


def read(data: bytes) -> TapLines:
    """What the lines give; the first of them stands behind a line feed, as all others do."""
    lines = TapLines()
    end = 0
    search = _TOKEN.search
    while token := search(data, end):
        end = token.end()
        kind = token.lastgroup
        if kind == "point":
            _point(lines, token)
        elif kind == "yaml":
            end = _block(lines, data, token)
        elif kind == "comment":
            lines.heading, lines.heading_end = token["comment"], end + (data[end : end + 1] == b"\r")
        elif kind == "warning":
            lines.heading_end = -1
        else:
            _line_of_stream(lines.streams, token)
    return lines


def _line_of_stream(streams: list[Stream], token: re.Match[bytes]) -> None:
    """A version, a plan or the end of all: does it belong to this stream or begin the next?"""
    stream = streams[-1]
    if token["version"]:
        if stream.version or stream.seen or stream.plan is not None:
            streams.append(stream := Stream())
        stream.version = token["version"].decode()
    elif token["plan"]:
        if stream.plan is not None:
            streams.append(stream := Stream())
        number, why = token.group(_PLAN + 1, _PLAN + 2)
        stream.plan, stream.plan_first = int(number), not stream.seen
        if why and not stream.plan:
            stream.skip_all = text_of(why).lstrip("# ")
    elif token["bail"] is not None:
        stream.bail = text_of(token["bail"]).strip()


def _point(lines: TapLines, token: re.Match[bytes]) -> None:
    if len(lines.points) >= MAX_CASES:
        raise ReportError(f"The file holds more than {MAX_CASES:,} test points; split it.")
    blanks, word, said = token.group(1, 2, 3)
    indent = len(blanks.expandtabs(4)) if blanks else 0
    rest = _REST.fullmatch(text_of(said))
    assert rest is not None  # every text matches
    number, name = rest.groups()
    name, kind, reason, duration = name.rstrip(), "", "", None
    if "#" in name:
        name, kind, reason, duration = _directives(lines, name)
    if brace := name.endswith("{"):
        name = name[:-1].rstrip()
    if name.endswith(("ms", "s)")) and (time := _TIME_IN_NAME.search(name[-40:])):
        duration = seconds(time[1] or time[2] or time[3])
        duration = duration / 1000 if duration is not None and not time[3] else duration
        name = name[: -len(time[0])]
    if "\\" in name:
        name = name.replace("\\#", "#").replace("\\\\", "\\")
    start, end = token.span()
    point = Point(word == b"ok", indent, name, kind, reason, lines.heading, duration, end, b"", int(number or 0))
    index = len(lines.points)
    lines.points.append(point)
    _place(lines, point, index, brace)
    lines.headed += start == lines.heading_end
    if not indent:
        stream = lines.streams[-1]
        if stream.plan is not None and not stream.plan_first and stream.seen:
            lines.streams.append(stream := Stream())  # points behind a plan that came last
        stream.seen += 1


def _directives(lines: TapLines, name: str) -> tuple[str, str, str, float | None]:
    """A point's name without what stands behind a ``#``: its time, SKIP or TODO with the reason, a brace stays."""
    duration = None
    if time := _TIME.search(name):
        duration = seconds(time[1])
        duration = duration / 1000 if duration is not None and time[2] == "ms" else duration
        name, lines.timed = (name[: time.start()].rstrip() + name[time.end() :]).rstrip(), True
    directive = _DIRECTIVE.search(name)
    if not directive:
        return name, "", "", duration
    brace = " {" if directive[2].endswith("{") else ""
    name, reason = name[: directive.start()].rstrip() + brace, directive[2].removesuffix("{").strip()
    return name, directive[1].lower()[:4], reason, duration


def _place(lines: TapLines, point: Point, index: int, brace: bool) -> None:
    """Find the parent of a point: the brace that it stands in; it is the parent of deeper ones before it."""
    depth, bare = point.depth, lines.bare
    while lines.open and lines.open[-1][0] >= depth:
        lines.open.pop()
    if lines.open:
        point.parent = lines.open[-1][1]
        lines.points[point.parent].has_children = True
    if bare and max(bare) > depth:
        point.has_children = True
        for deeper in [deeper for deeper in bare if deeper > depth]:
            for child in bare.pop(deeper):
                lines.points[child].parent = index
    if brace:
        lines.open.append((depth, index))
        lines.braces = True
    elif not lines.open and len(bare) < MAX_OPEN:
        bare.setdefault(depth, []).append(index)


def _block(lines: TapLines, data: bytes, token: re.Match[bytes]) -> int:
    """Give a YAML block to the point before it, and say where it ends."""
    indent, start = token[_YAML - 1], token.end()
    if not lines.points or indent in lines.no_end or len(lines.no_end) > MAX_OPEN:
        return start
    mark = b"\n" + indent + b"..."
    at = data.find(mark, start)
    while at >= 0 and not (end := _END.match(data, at + len(mark))):
        at = data.find(mark, at + len(mark))
    if at < 0 or not end:
        lines.no_end.add(indent)
        return start
    point = lines.points[-1]
    if not point.block:
        point.block = data[start : min(at + 1, start + BLOCK_BYTES)]
        if took := _DURATION.search(point.block):
            milliseconds = seconds(took[1].decode())
            point.duration = None if milliseconds is None else milliseconds / 1000
    return end.end()


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
