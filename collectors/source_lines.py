"""Which lines of a Python file could run: coverage.py's own analyser over source that never runs.

    a file's bytes, Settings ── source_lines ──▶ SourceLines ── measured(executed) ──▶ Lines

The source and the settings' regular expressions are a stranger's: ``source_lines`` is a job for the locked-down
child. What it returns is data, and ``measured`` turns it, with the executed lines of a data file, into what
``coverage report`` would print of that file: the statements' first lines, without excluded ones, and the exits of
lines that have more than one.

Statements are told from the byte code that this interpreter makes; where the reports' Python has another minor
version, a few lines may differ, and syntax that this one does not know yet cannot be read.
"""

from __future__ import annotations

import codecs
import platform
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from coverage.exceptions import CoverageException
from coverage.misc import join_regex
from coverage.parser import PythonParser
from coverage.phystokens import source_encoding
from coverage.results import Analysis
from coverage.version import __version__ as coverage_version

from collectors.coverage_settings import Settings
from dashboard.packing import Branches, Lines

ANALYSER = f"coverage.py {coverage_version}, Python {'.'.join(platform.python_version_tuple()[:2])}"
"""What a stored analysis was made by: another analyser may see other lines."""

LONGEST_SOURCE = 2 * 1024 * 1024
"""Bytes of one file. Longer Python is generated data; its syntax tree would fill a child's memory."""

# Where files cannot be opened, neither can the modules of encodings that were not looked up before.
for _encoding in ("latin-1", "cp1252", "iso8859-15", "cp1251", "koi8-r", "shift_jis", "gbk", "euc-jp", "utf-16"):
    codecs.lookup(_encoding)


class SourceLines(msgspec.Struct, frozen=True):
    """One file's statements, named by their first lines, as coverage.py sees them, or ``error``, one sentence.

    ``spans`` are the statements of several lines, first and last; ``arcs`` the possible steps from line to line;
    ``no_branch`` lines whose other exits are excused; ``jumps`` maps a step that the interpreter makes when it
    leaves a ``with`` block to the step that is meant (none: two zeros).
    """

    statements: list[int] = []
    excluded: list[int] = []
    spans: list[tuple[int, int]] = []
    arcs: list[tuple[int, int]] = []
    no_branch: list[int] = []
    jumps: list[tuple[int, int, int, int]] = []
    error: str = ""


def source_lines(source: bytes, settings: Settings) -> SourceLines:
    """Analyse one file."""
    try:
        parser = PythonParser(text=_text(source) or "\n", exclude=join_regex(settings.exclude))
        parser.parse_source()
        arcs = parser.arcs()
        no_branch = parser.lines_matching(join_regex(settings.partial))
    except (CoverageException, SyntaxError, LookupError, UnicodeError, ValueError) as error:
        return SourceLines(error=f"It is no Python that can be read here ({_reason(error)}).")
    except (RecursionError, MemoryError):
        return SourceLines(error="It is nested too deeply to be analysed.")
    jumps = getattr(parser, "_with_jump_fixers", {})
    return SourceLines(
        statements=sorted(parser.statements),
        excluded=sorted(parser.excluded),
        spans=_spans(parser.multiline_map),
        arcs=sorted(arcs),
        no_branch=sorted(no_branch),
        jumps=sorted((*step, *(meant or (0, 0))) for step, meant in jumps.items()),
    )


def _text(source: bytes) -> str:
    """As coverage.py reads it: line ends made one, form feeds blank, a line end at the end."""
    tidy = source.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\f", b" ")
    text = tidy.decode(source_encoding(tidy), "replace")
    return text if not text or text.endswith("\n") else text + "\n"


def _spans(first_lines: Mapping[int, int]) -> list[tuple[int, int]]:
    last: dict[int, int] = {}
    for line, first in first_lines.items():
        last[first] = max(line, last.get(first, line))
    return sorted(last.items())


def _reason(error: Exception) -> str:
    return " ".join(str(error).replace("Couldn't parse '<code>' as Python source: ", "").split())[:200]


# What an analysis says of executed lines: values of ours


def measured(source: SourceLines, executed: Lines, with_branches: bool) -> Lines:
    """The file's lines as coverage.py would report them; ``executed`` holds what ran, steps as branches."""
    first = {line: start for start, end in source.spans for line in range(start, end + 1)}
    statements, excluded = set(source.statements), set(source.excluded)
    ran = {first.get(line, line) for line in executed.hits} & statements
    hits = {line: int(line in ran) for line in statements}
    if not with_branches:
        return Lines(hits)
    possible, exits = set(source.arcs), _exits(source.arcs, excluded)
    analysis = Analysis(
        precision=0,
        filename="",
        has_arcs=True,
        statements=statements,
        excluded=excluded,
        executed=ran,
        arc_possibilities_set=possible,
        arcs_executed_set=_taken(source, executed, first),
        exit_counts={line: len(targets) for line, targets in exits.items()},
        no_branch=set(source.no_branch),
    )
    missing = analysis.missing_branch_arcs()
    branches = {}
    for line, targets in exits.items():
        if len(targets) > 1:
            missed = set(missing.get(line, ()))
            # A step that is excused counts as taken, as coverage.py's own figures have it.
            taken = {str(target): target not in missed for target in targets}
            branches[line] = Branches(sum(taken.values()), len(taken), taken)
    return Lines(hits, branches)


def _exits(arcs: Iterable[tuple[int, int]], excluded: set[int]) -> dict[int, list[int]]:
    exits: dict[int, list[int]] = {}
    for start, end in arcs:
        if start not in excluded and end not in excluded:
            exits.setdefault(start, []).append(end)
    return exits


def _taken(source: SourceLines, executed: Lines, first: Mapping[int, int]) -> set[tuple[int, int]]:
    """The steps that were taken, between the first lines of statements, as coverage.py's analysis makes them."""
    jumps = {(a, b): (c, d) for a, b, c, d in source.jumps}
    targets: dict[int, set[int]] = {}
    for start, end in source.arcs:
        targets.setdefault(start, set()).add(end)

    def translated(steps: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        meant = (jumps.get(step, step) for step in steps)
        return {(_first(a, first), _first(b, first)) for a, b in meant if (a, b) != (0, 0)}

    steps = translated(
        (line, int(target)) for line, branches in executed.branches.items() for target in branches.taken or ()
    )
    alone = {start: next(iter(ends)) for start, ends in targets.items() if len(ends) == 1}
    straight = {(a, b) if a != b else (a, alone[a]) for a, b in steps if a != b or a in alone}
    return translated(straight)


def _first(line: int, first: Mapping[int, int]) -> int:
    return first.get(line, line) if line > 0 else -first.get(-line, -line)


def united(reports: Sequence[Lines]) -> Lines:
    """What ran in any of several runs of one file: lines and steps of data files put together."""
    hits: dict[int, int] = {}
    steps: dict[int, dict[str, bool]] = {}
    for lines in reports:
        hits.update(dict.fromkeys(lines.hits, 1))
        for line, branches in lines.branches.items():
            steps.setdefault(line, {}).update(branches.taken or {})
    taken_from = {line: Branches(len(taken), len(taken), taken) for line, taken in steps.items()}
    return Lines(hits, taken_from, executed_only=True)
