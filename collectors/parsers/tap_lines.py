"""TAP's lines as values: streams and their plans, points and their parents, YAML blocks.

What the lines mean (which points are tests, how they ended) is ``tap``'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
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
    rb"\n(?:([ \t]*+)((?:not )?ok)(?=[ \t\r\n]|\Z)(?P<point>[^\r\n]*)"
    rb"(?:\r?\n(?P<point_with_block>[ \t]++)---[ \t]*\r?(?=\n|\Z))?"
    rb"|(?P<block>[ \t]++)---[ \t]*\r?(?=\n|\Z)"
    rb"|(?P<plan>1\.\.(\d{1,9})(?:[ \t]+todo((?:[ \t]+\d{1,9})*);?)?[ \t]*(#[^\r\n]*)?\r?(?=\n|\Z))"
    rb"|(?P<version>K?TAP [Vv]ersion \d+)[ \t]*\r?(?=\n|\Z)|Bail out!(?P<bail>[^\r\n]*))"
)
_POINT, _PLAN = _TOKEN.groupindex["point"], _TOKEN.groupindex["plan"]
"""What counts of a line; a plan and the like of a subtest do not: its parent's line says how it ended."""
_REST = re.compile(r"^[^\S\n]*+(\d{1,9}(?=\s|\Z))?[^\S\n]*+(?:-(?=\s|\Z))?[^\S\n]*+(.*+)", re.MULTILINE)
"""Number and description of a point; it matches each line once, and any."""
_DIRECTIVE = re.compile(r"#(?<!\\#)\s*(skip|todo|warning)(?:ped)?\b:?\s*(.*)$", re.IGNORECASE | re.DOTALL)
_TIME = re.compile(r"#\s*time=([\d.]+)\s*(ms|s)\b")
_TIME_IN_NAME = re.compile(r" (?:in (\d{1,9})ms|\((\d{1,9}(?:\.\d{1,9})?) ?ms\)|\((\d{1,9}\.\d{1,9}) ?s\))\Z")
"""What bats ("in 5ms"), Criterion ("(0.02s)") and others write behind a description."""
_ENDS_OF_MORE = frozenset("s){")
"""A description ends so where a time or a brace may stand behind it."""
_END = re.compile(rb"[ \t]*+\r?(?=\n|\Z)")
_DURATION = re.compile(rb"\n[ \t]*+duration_ms:\s*+(\d{1,8}+(?:\.\d*+)?)(?![\d.])")
"""Digits for a day: what is longer is no duration."""


class Point(Struct, gc=False):
    """One test point as its line gives it."""

    ok: bool
    depth: int
    end: int  # of its line
    block: bytes = b""  # begins with a line feed
    name: str = ""
    number: int = 0  # of a point without a name
    directive: str = ""
    reason: str = ""
    duration: float | None = None
    parent: int = -1


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
    said: list[bytes] = field(default_factory=list)  # what stands behind each point's “ok”
    braces: set[int] = field(default_factory=set)  # points whose subtests stand in braces behind them
    timed: bool = False
    todo: list[tuple[int, list[int]]] = field(
        default_factory=list
    )  # of a plan: points before it, numbers behind it
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
        elif kind == "point_with_block":
            _point(lines, token)
            end = _block(lines, data, token[kind], end)
        elif kind == "block":
            end = _block(lines, data, token[kind], end)
        else:
            _line_of_stream(lines.streams, token)
            if kind == "plan" and (numbers := token[_PLAN + 2]):
                lines.todo.append((len(lines.points), [int(number) for number in numbers.split()]))
    _describe(lines)
    _plan_todos(lines)
    if any(point.depth for point in lines.points):
        _place(lines.points, lines.braces)
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
        number, why = token.group(_PLAN + 1, _PLAN + 3)
        stream.plan, stream.plan_first = int(number), not stream.seen
        if why and not stream.plan:
            stream.skip_all = text_of(why).lstrip("# ")
    elif token["bail"] is not None:
        stream.bail = text_of(token["bail"]).strip()


def _point(lines: TapLines, token: re.Match[bytes]) -> None:
    if len(lines.points) >= MAX_CASES:
        raise ReportError(f"The file holds more than {MAX_CASES:,} test points; split it.")
    blanks, word, said = token.group(1, 2, 3)
    indent = len(blanks.expandtabs(4))
    lines.points.append(Point(len(word) == 2, indent, token.end(_POINT)))
    lines.said.append(said)
    if not indent:
        stream = lines.streams[-1]
        if stream.plan is not None and not stream.plan_first and stream.seen:
            lines.streams.append(stream := Stream())  # points behind a plan that came last
        stream.seen += 1


def _plan_todos(lines: TapLines) -> None:
    """Test.pm names the points that are TODO in its plan: ``1..3 todo 2;``."""
    for before, numbers in lines.todo:
        for place in [before + number - 1 for number in numbers]:
            if before <= place < len(lines.points) and not lines.points[place].directive:
                lines.points[place].directive = "todo"


def _describe(lines: TapLines) -> None:
    """Take numbers, names, times and directives out of the texts behind all points at once."""
    told = _REST.findall(text_of(b"\n".join(lines.said))) if lines.said else ()
    for index, (point, (number, name)) in enumerate(zip(lines.points, told, strict=True)):
        name = name.rstrip()
        if "#" in name:
            name = _directives(lines, point, name)
        if name[-1:] in _ENDS_OF_MORE:
            if name[-1] == "{":
                name = name[:-1].rstrip()
                lines.braces.add(index)
            if time := _TIME_IN_NAME.search(name[-40:]):
                point.duration = _seconds(time[1] or time[2] or time[3], in_milliseconds=not time[3])
                name = name[: -len(time[0])]
        if "\\" in name:
            name = name.replace("\\#", "#").replace("\\\\", "\\")
        point.name = name
        if number and not name:
            point.number = int(number)
        if point.block and (took := _DURATION.search(point.block)):
            point.duration = float(took[1]) / 1000


def _directives(lines: TapLines, point: Point, name: str) -> str:
    """The name without what stands behind a ``#``: its time, SKIP or TODO with the reason; a brace stays."""
    if time := _TIME.search(name):
        point.duration = _seconds(time[1], in_milliseconds=time[2] == "ms")
        name, lines.timed = (name[: time.start()].rstrip() + name[time.end() :]).rstrip(), True
    directive = _DIRECTIVE.search(name)
    if not directive:
        return name
    point.directive, point.reason = directive[1].lower()[:4], directive[2].removesuffix("{").strip()
    return name[: directive.start()].rstrip() + (" {" if directive[2].endswith("{") else "")


def _seconds(text: str, *, in_milliseconds: bool) -> float | None:
    found = seconds(text)
    return found / 1000 if found is not None and in_milliseconds else found


def _place(points: list[Point], braces: set[int]) -> None:
    """Find the parents of all points: the brace that one stands in, or the next one that is less deep."""
    waiting: list[
        tuple[int, int]
    ] = []  # points without a parent yet: depth, index; no less deep one behind another
    opened: list[tuple[int, int]] = []  # parents in braces: depth, index
    for index, point in enumerate(points):
        depth = point.depth
        while opened and opened[-1][0] >= depth:
            opened.pop()
        if opened:
            point.parent = opened[-1][1]
        while waiting and waiting[-1][0] > depth:
            points[waiting.pop()[1]].parent = index
        if index in braces:
            opened.append((depth, index))
        elif not opened:
            waiting.append((depth, index))


def _block(lines: TapLines, data: bytes, indent: bytes, start: int) -> int:
    """Give a YAML block to the point before it, and say where it ends."""
    if not lines.points or (lines.no_end and (indent in lines.no_end or len(lines.no_end) > MAX_OPEN)):
        return start
    mark = b"\n" + indent + b"..."
    at = data.find(mark, start)
    end = at + len(mark)
    while at >= 0 and data[end : end + 1] != b"\n" and not _END.match(data, end):
        at = data.find(mark, end)
        end = at + len(mark)
    if at < 0:
        lines.no_end.add(indent)
        return start
    point = lines.points[-1]
    if not point.block:
        block = data[start : at + 1]
        point.block = block if len(block) <= BLOCK_BYTES else block[:BLOCK_BYTES]
    return end


def is_below_comment(data: bytes, point: Point) -> bool:
    """Whether the line above a point is a comment."""
    start = data.rfind(b"\n", 0, point.end)
    return data.startswith(b"\n#", max(data.rfind(b"\n", 0, start), 0))


def headings(data: bytes, points: Iterable[Point]) -> Iterator[bytes]:
    """The last comment above each point, wherever it stands; a line within a YAML block is none."""
    heading, end = b"", 0
    for point in points:
        at = data.rfind(b"\n#", end, point.end)
        if at >= 0:
            heading = data[at + 2 : data.find(b"\n", at + 2)].rstrip(b"\r")
        yield heading
        end = data.find(point.block, point.end) + len(point.block)


def text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
