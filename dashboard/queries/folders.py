"""The folders of a commit's coverage manifest with their totals, opened as far as a page can hold.

The database sums each folder's own files; the tree above them is put together here, so that the cost grows with
the folders and not with the files. What does not fit is a folder that stays shut: a link to itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from dashboard.queries.files import FROM_MANIFEST, CoveredFile, chosen, file_of
from dashboard.queries.rows import named_rows

ROWS = 250
"""Rows of one page of the tree, files and folders together."""
FILES_OF_A_FOLDER = 100
"""Files of one folder that are listed; the rest of a folder is summed up in a row of its own."""

# A file's folder with its last slash; "" at the top.
FOLDER = "left(f.path, length(f.path) - length(split_part(f.path, '/', -1)))"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with everything below it. ``path`` ends with a slash, or is empty at the top.

    ``valid`` and ``covered`` sum the files whose lines are known, ``unknown`` counts the others, ``unresolved`` the
    paths that were not found in the repository's tree.
    """

    path: str
    files: int
    valid: int
    covered: int
    unresolved: int = 0
    unknown: int = 0

    @property
    def missed(self) -> int:
        return self.valid - self.covered

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.valid if self.valid else None


@dataclass(slots=True)
class Branch:
    """A folder while it is summed up, with those inside of it; ``own`` counts the files directly in it."""

    path: str
    files: int = 0
    own: int = 0
    valid: int = 0
    covered: int = 0
    unresolved: int = 0
    unknown: int = 0
    inner: list[Branch] = field(default_factory=list)

    @property
    def missed(self) -> int:
        return self.valid - self.covered

    @property
    def folder(self) -> Folder:
        return Folder(self.path, self.files, self.valid, self.covered, self.unresolved, self.unknown)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the tree: a folder (``open``: its rows follow), a file, or ``more`` files that are not listed."""

    depth: int
    name: str
    folder: Folder | None = None
    file: CoveredFile | None = None
    open: bool = False
    more: int = 0
    more_missed: int = 0


@dataclass(frozen=True, slots=True)
class Crumb:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Tree:
    """``top`` sums what the filter leaves; ``within`` is the folder that is looked into, "" for all."""

    top: Folder
    within: str
    rows: tuple[Row, ...]


def crumbs_of(folder: str) -> tuple[Crumb, ...]:
    """The folder and those above it, the outermost first."""
    names = folder.split("/")[:-1]
    return tuple(Crumb(name or "/", "/".join(names[: at + 1]) + "/") for at, name in enumerate(names))


def tree_of(repository_id: int, manifest_id: int | None, text: str = "", within: str = "") -> Tree:
    """The tree of the files whose path holds ``text``, in any case, below the folder ``within``; two queries."""
    top = folders_of(repository_id, manifest_id, text, within)
    opened = _opened(top)
    folders = [path for path, folder in opened.items() if folder.own]
    files = _files_of(repository_id, manifest_id, text, within, folders)
    return Tree(top.folder, within, tuple(_rows(top, opened, files, 0)))


def folders_of(repository_id: int, manifest_id: int | None, text: str = "", within: str = "") -> Branch:
    """The folder ``within`` with all folders below it, the ones with most missed lines first; one query."""
    top = Branch(within)
    if manifest_id is None:
        return top
    sql = f"""
        select {FOLDER} as folder, count(*) as files, count(*) filter (where not f.resolved) as unresolved,
               count(*) filter (where l.valid is null) as unknown, coalesce(sum(l.valid), 0) as valid,
               coalesce(sum(l.covered) filter (where l.valid is not null), 0) as covered
        {FROM_MANIFEST} {chosen(text, within)}
        group by 1
    """
    values = {"repository": repository_id, "manifest": manifest_id, "text": text, "within": within}
    known = {within: top}
    for row in named_rows(sql, values):
        folder = _known_folder(row.folder, known, within)
        folder.files = folder.own = row.files
        folder.valid, folder.covered = row.valid, row.covered
        folder.unresolved, folder.unknown = row.unresolved, row.unknown
    _sum_up(top)
    return top


def _known_folder(path: str, known: dict[str, Branch], within: str) -> Branch:
    if path in known:
        return known[path]
    folder = known[path] = Branch(path)
    above = path[: path.rfind("/", 0, -1) + 1]
    _known_folder(above if len(above) > len(within) else within, known, within).inner.append(folder)
    return folder


def _sum_up(top: Branch) -> None:
    """Add to each folder what is below it: once from the innermost upwards."""
    ordered = [top]
    for folder in ordered:
        ordered += folder.inner
    for folder in reversed(ordered):
        for inner in folder.inner:
            folder.files += inner.files
            folder.valid += inner.valid
            folder.covered += inner.covered
            folder.unresolved += inner.unresolved
            folder.unknown += inner.unknown
        if len(folder.inner) > 1:
            folder.inner.sort(key=lambda inner: (inner.covered - inner.valid, -inner.valid, inner.path))


def _opened(top: Branch) -> dict[str, Branch]:
    """The folders whose contents are shown, by path: as many as fit, those with most missed lines first."""
    opened = {top.path: top}
    left = ROWS - min(len(top.inner), ROWS) - min(top.own, FILES_OF_A_FOLDER)
    waiting = [(-folder.missed, folder.path, folder) for folder in top.inner[:ROWS]]
    heapify(waiting)
    while waiting and left > 0:
        folder = heappop(waiting)[2]
        needed = len(folder.inner) + min(folder.own, FILES_OF_A_FOLDER)
        if needed <= left:
            left -= needed
            opened[folder.path] = folder
            for inner in folder.inner:
                heappush(waiting, (-inner.missed, inner.path, inner))
    return opened


def _files_of(
    repository_id: int, manifest_id: int | None, text: str, within: str, folders: list[str]
) -> dict[str, list[CoveredFile]]:
    """The files directly in these folders, most missed lines first, so many of each as are listed."""
    if not folders or manifest_id is None:
        return {}
    sql = f"""
        with listed as (
            select f.path, f.resolved, l.valid, l.covered, l.partial, l.branches_valid, l.branches_covered,
                   row_number() over (
                       partition by {FOLDER}
                       order by l.valid - l.covered desc nulls last, l.valid desc nulls last, f.path
                   ) as place
            {FROM_MANIFEST} {chosen(text, within)} and {FOLDER} in (select unnest(%(folders)s::text[]))
        ) select * from listed where place <= %(most)s order by place
    """  # noqa: S608 - three constants of ours; whatever a reader typed is a parameter
    values: dict[str, Any] = {"repository": repository_id, "manifest": manifest_id, "text": text, "within": within}
    rows = named_rows(sql, values | {"folders": folders, "most": FILES_OF_A_FOLDER})
    files: dict[str, list[CoveredFile]] = defaultdict(list)
    for row in rows:
        file = file_of(row)
        files[file.folder].append(file)
    return files


def _rows(
    folder: Branch, opened: Mapping[str, Branch], files: Mapping[str, list[CoveredFile]], depth: int
) -> Iterator[Row]:
    listed = folder.inner[:ROWS]
    for inner in listed:
        shown = _end_of_chain(inner)
        is_open = shown.path in opened
        yield Row(depth, shown.path[len(folder.path) :], folder=shown.folder, open=is_open)
        if is_open:
            yield from _rows(shown, opened, files, depth + 1)
    direct = files.get(folder.path, [])
    for file in direct:
        yield Row(depth, file.name, file=file)
    more = folder.files - sum(inner.files for inner in listed) - len(direct)
    if more:
        missed = folder.missed - sum(inner.missed for inner in listed) - sum(file.missed or 0 for file in direct)
        yield Row(depth, "", folder=folder.folder, more=more, more_missed=missed)


def _end_of_chain(folder: Branch) -> Branch:
    """``src/main/java/`` is one row where each folder holds nothing but the next."""
    while not folder.own and len(folder.inner) == 1:
        folder = folder.inner[0]
    return folder
