"""Go's coverage profile, what ``go test -coverprofile`` writes: blocks of statements with their counts.

Written by: ``go test -coverprofile`` and ``go build -cover`` with ``go tool covdata textfmt`` (Go 1.2 to 1.25), in
the modes set, count and atomic; gotestsum, ginkgo, gocovmerge; several profiles one after the other in one file.
Specified in: golang.org/x/tools/cover, ``ParseProfiles``; ``go help testflag``.
Read: every block's file, first and last line, number of statements, and count. A block that comes several times
(``-coverpkg``, merged profiles) is one block: its counts are added, in mode set any of them counts.
Dropped: columns; blocks without a statement.
Meaning: a line is valid if a block with statements lies on it, from the block's first line to its last, and
covered if any such block ran: Go says which blocks ran, not on which of its lines a statement stands. So blank
lines, comments and closing braces within a block are lines too, and a long block weighs more than its statements.
Differences:
    * go test, go tool cover: they print the share of statements that ran, and know no lines; the share of lines
      is another figure.
Notes: a path begins with the module's name; what stands behind it is found in the repository's tree by its end.
"""

from __future__ import annotations

import re

from collectors.parsers.lines import MAX_LINE, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_MODE = re.compile(rb"\s*mode: (?:set|count|atomic)[ \t]*\r?(?:\n|\Z)")
_MODES = re.compile(rb"^[ \t]*mode: (set|count|atomic)[ \t]*\r?$", re.MULTILINE)
_BLOCK = re.compile(
    rb"^[ \t]*([^\s][^\r\n]*):((\d{1,18})\.\d{1,18},(\d{1,18})\.\d{1,18}) (\d{1,18}) (\d{1,19})[ \t]*\r?$",
    re.MULTILINE,
)
_Block = tuple[int, int, int]
"""First line, last line, count."""
_SOMETHING = re.compile(rb"^[ \t]*[^\s]", re.MULTILINE)


def sniff(head: bytes) -> bool:
    """Whether the first line names the mode."""
    return bool(_MODE.match(as_utf8(head)))


def parse(data: bytes) -> CoverageReport:
    """Read the lines of every file's blocks. Raises ReportError."""
    text = as_utf8(data)
    found = _BLOCK.findall(text)
    if len(found) + len(_MODES.findall(text)) != len(_SOMETHING.findall(text)):
        raise ReportError(_mistake(text))
    files: dict[bytes, dict[bytes, _Block]] = {}
    for path, place, start, end, statements, count in found:
        blocks = files.get(path)
        if blocks is None:
            blocks = files[path] = {}
        if statements != b"0":
            known = blocks.get(place)
            blocks[place] = (int(start), int(end), int(count) + (known[2] if known else 0))
    table = LineTable()
    spans = 0
    report = CoverageReport([])
    for path, blocks in files.items():
        file = FileCoverage(bounded_name(path.decode("utf-8", "replace").strip()), {})
        spans = _add_blocks(blocks, file, table, spans)
        report.files.append(file)
    report.warnings.extend(table.warnings())
    return report


def _add_blocks(blocks: dict[bytes, _Block], file: FileCoverage, table: LineTable, spans: int) -> int:
    """Add the lines of one file's blocks; gives the number of lines so far, each counted once per block."""
    numbers: list[int] = []
    hits: list[int] = []
    for start, end, count in blocks.values():
        if not 1 <= start <= end <= MAX_LINE:
            raise ReportError(f"A block of {file.path[:200]} goes from line {start} to line {end}.")
        spans += end - start + 1
        refuse_too_many(spans)
        numbers.extend(range(start, end + 1))
        hits.extend([count] * (end - start + 1))
    table.add(file, numbers, hits)
    return spans


def _mistake(text: bytes) -> str:
    lines = text.split(b"\n")
    for number, line in enumerate(lines, 1):
        if line.strip() and not _BLOCK.match(line) and not _MODES.match(line):
            if number == len(lines):
                return f"The file breaks off within line {number}."
            said = line.decode("utf-8", "replace").strip()[:80]
            return f"Line {number} is no block of a coverage profile: “{said}”."
    return "The file is no coverage profile."


GO_COVER = Format(
    "go-cover",
    "coverage",
    sniff,
    parse,
    meaning="Lines from the first to the last of each block of statements; Go's own percentage counts statements.",
)
