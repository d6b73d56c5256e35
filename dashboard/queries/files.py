"""The files of a commit's coverage manifest: ordered, found and counted by the database, lines on request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.packing import unpack_lines
from dashboard.queries.rows import Question, named_rows

PAGE = 200
# A file longer than this is a bundle that nobody reads line by line.
LINES_A_PAGE = 1_500
"""Executable lines of a file that stand on one page: as many as a browser shows at once, and half a megabyte."""

# What each order means; every one ends with the path, so that pages never overlap.
ORDERS: dict[str, str] = {
    "percent": "l.covered::float / nullif(l.valid, 0) asc nulls last, l.valid - l.covered desc nulls last, f.path",
    "-percent": "l.covered::float / nullif(l.valid, 0) desc nulls last, l.valid desc, f.path",
    "missed": "l.valid - l.covered desc nulls last, f.path",
    "-missed": "l.valid - l.covered asc nulls last, f.path",
    "lines": "l.valid desc nulls last, f.path",
    "-lines": "l.valid asc nulls last, f.path",
    "path": "f.path asc",
    "-path": "f.path desc",
}

# manifest_entries tells the planner of thousands of files where unnest promises ten, and each would be looked up.
FROM_MANIFEST = """
    from coverage_manifest m
    cross join lateral manifest_entries(m.file_ids, m.line_map_ids) as entry
    join source_file f on f.id = entry.file_id and f.repository_id = m.repository_id
    join line_map l on l.id = entry.line_map_id and l.repository_id = m.repository_id
    where m.repository_id = %(repository)s and m.id = %(manifest)s
"""

# The paths that hold what a reader typed, in any case, below the folder that is looked into.
CHOSEN = "and strpos(lower(f.path), lower(%(text)s)) > 0 and starts_with(f.path, %(within)s)"


def chosen(text: str, within: str) -> str:
    """The condition, where there is anything to choose by."""
    return CHOSEN if text or within else ""


@dataclass(frozen=True, slots=True)
class CoveredFile:
    """One file. ``valid`` None: which lines could run is unknown. ``resolved``: found in the repository's tree."""

    path: str
    resolved: bool
    valid: int | None
    covered: int
    partial: int | None
    branches_valid: int | None
    branches_covered: int | None

    @property
    def missed(self) -> int | None:
        return None if self.valid is None else self.valid - self.covered

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.valid if self.valid else None

    @property
    def folder(self) -> str:
        """With its last slash; "" at the top."""
        folder, slash, _ = self.path.rpartition("/")
        return folder + slash

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Files:
    """One page of files; the counts are of all that match."""

    files: tuple[CoveredFile, ...]
    count: int
    unresolved: int
    unknown: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def files_of(
    repository_id: int,
    manifest_id: int | None,
    text: str = "",
    order: str = "percent",
    page: int = 1,
    size: int = PAGE,
    within: str = "",
) -> Question[Files]:
    """A page of a manifest's files below ``within`` whose path holds ``text``, in any case."""
    # The order is one of our own constants; everything a reader typed is a parameter.
    sql = f"""
        select f.path, f.resolved, l.valid, l.covered, l.partial, l.branches_valid, l.branches_covered,
               count(*) over () as count, count(*) filter (where not f.resolved) over () as unresolved,
               count(*) filter (where l.valid is null) over () as unknown
        {FROM_MANIFEST} {chosen(text, within)}
        order by {ORDERS.get(order, ORDERS["percent"])}
        limit %(size)s offset %(offset)s
    """
    values = {
        "repository": repository_id,
        "manifest": manifest_id,
        "text": text,
        "within": within,
        "size": size,
        "offset": (page - 1) * size,
    }
    return Question(sql if manifest_id is not None else "", values, lambda rows: _files(rows, page))


def _files(rows: Sequence[Any], page: int) -> Files:
    if not rows:
        return Files((), 0, 0, 0, page)
    first = rows[0]
    return Files(tuple(map(file_of, rows)), first.count, first.unresolved, first.unknown, page)


@dataclass(frozen=True, slots=True)
class Line:
    """``state`` is covered, partial or missed; ``branches`` is "1 of 2" where some were not taken.

    ``tests`` counts the tests that reach it, None where no report of the commit tells them.
    """

    number: int
    state: str
    hits: int
    branches: str
    tests: int | None = None


@dataclass(frozen=True, slots=True)
class FileLines:
    """A file and what is known of one page of its lines; only executable ones are listed."""

    file: CoveredFile
    lines: tuple[Line, ...]
    executed_only: bool
    files: int
    """How many files the manifest has."""
    page: int = 1
    pages: int = 1
    first: int = 1
    """The line of the source that the page begins with."""
    last: int | None = None
    """The line that it ends with; None on the last page, which goes to the end of the source."""


def file_lines(repository_id: int, manifest_id: int | None, path: str, page: int = 1) -> FileLines | None:
    """A page of the lines of one file of a manifest; None when the manifest names no such file. One query."""
    if manifest_id is None:
        return None
    sql = f"""
        select f.path, f.resolved, l.valid, l.covered, l.partial, l.branches_valid, l.branches_covered, l.packed,
               cardinality(m.file_ids) as files
        {FROM_MANIFEST} and f.path = %(path)s
        order by f.resolved desc limit 1
    """
    rows = named_rows(sql, {"repository": repository_id, "manifest": manifest_id, "path": path})
    if not rows:
        return None
    known = unpack_lines(rows[0].packed)
    numbers = sorted(known.hits)
    pages = max(1, -(-len(numbers) // LINES_A_PAGE))
    page = min(page, pages)
    begin, end = (page - 1) * LINES_A_PAGE, page * LINES_A_PAGE
    listed = []
    for number in numbers[begin:end]:
        branches = known.branches.get(number)
        short = branches is not None and branches.covered < branches.valid
        told = f"{branches.covered} of {branches.valid}" if branches and short else ""
        listed.append(Line(number, known.state(number), known.hits[number], told))
    return FileLines(
        file=file_of(rows[0]),
        lines=tuple(listed),
        executed_only=known.executed_only,
        files=rows[0].files,
        page=page,
        pages=pages,
        first=numbers[begin - 1] + 1 if begin else 1,
        last=numbers[end - 1] if end < len(numbers) else None,
    )


def file_of(row: Any) -> CoveredFile:
    return CoveredFile(
        path=row.path,
        resolved=row.resolved,
        valid=row.valid,
        covered=row.covered,
        partial=row.partial,
        branches_valid=row.branches_valid,
        branches_covered=row.branches_covered,
    )
