"""One folder of a commit's coverage: its totals, the folders in it and the files in it, for the API."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.models.figures import percent_of
from dashboard.queries.files import FROM_MANIFEST, CoveredFile, file_of
from dashboard.queries.rows import named_rows

MOST_FOLDERS = 1_000


@dataclass(frozen=True, slots=True)
class FolderTotals:
    """``path`` ends with a slash, or is empty at the top. Files whose valid lines are unknown are in no sum."""

    path: str
    files: int
    lines_valid: int | None
    lines_covered: int | None

    @property
    def percent(self) -> float | None:
        return percent_of(self.lines_covered, self.lines_valid)


@dataclass(frozen=True, slots=True)
class FolderPage:
    """``count`` is of the files directly in the folder."""

    totals: FolderTotals
    folders: tuple[FolderTotals, ...]
    files: tuple[CoveredFile, ...]
    count: int


@dataclass(frozen=True, slots=True)
class CoveredCommit:
    """The commit that a repository's coverage is of; ``manifest_id`` None: it has no lines."""

    sha: str
    manifest_id: int | None


NEWEST = """
    select s.sha, s.manifest_id from repository r join snapshot s on s.id = r.latest_id where r.id = %(repository)s
"""
FIGURES = "f.path, f.resolved, l.valid, l.covered, l.partial, l.branches_valid, l.branches_covered"
# What follows the folder's own path.
REST = "substr(f.path, length(%(path)s) + 1)"
BELOW = "and starts_with(f.path, %(path)s)"
SUMS = f"""
    select case when strpos({REST}, '/') > 0 then split_part({REST}, '/', 1) || '/' else '' end as inner_path,
           count(*) as files, sum(l.valid) as valid, sum(l.covered) filter (where l.valid is not null) as covered
    {FROM_MANIFEST} {BELOW} group by inner_path order by inner_path
"""
FILES = f"""
    select {FIGURES} {FROM_MANIFEST} {BELOW} and strpos({REST}, '/') = 0
    order by f.path, f.id limit %(size)s offset %(offset)s
"""
FILE = f"select {FIGURES} {FROM_MANIFEST} and f.path = %(path)s order by f.resolved desc limit 1"


def covered_commit(repository_id: int) -> CoveredCommit | None:
    """The newest commit with evidence; one query."""
    rows = named_rows(NEWEST, {"repository": repository_id})
    return CoveredCommit(rows[0].sha, rows[0].manifest_id) if rows else None


def folder_page(repository_id: int, manifest_id: int, path: str, page: int, size: int) -> FolderPage | None:
    """A folder, named with or without its last slash ("" is the top); None where no file is below. Two queries."""
    folder = path if not path or path.endswith("/") else path + "/"
    values = {"repository": repository_id, "manifest": manifest_id, "path": folder}
    sums = named_rows(SUMS, values)
    if not sums:
        return None
    files = named_rows(FILES, values | {"size": size, "offset": (page - 1) * size})
    parts = [FolderTotals(folder + row.inner_path, row.files, row.valid, row.covered) for row in sums]
    known = [part for part in parts if part.lines_valid is not None]
    totals = FolderTotals(
        folder,
        sum(part.files for part in parts),
        sum(part.lines_valid or 0 for part in known) if known else None,
        sum(part.lines_covered or 0 for part in known) if known else None,
    )
    inner = [part for part in parts if part.path != folder]
    count = sum(part.files for part in parts if part.path == folder)
    return FolderPage(totals, tuple(inner[:MOST_FOLDERS]), tuple(map(file_of, files)), count)


def one_file(repository_id: int, manifest_id: int, path: str) -> CoveredFile | None:
    """A file by its whole path; one query."""
    rows = named_rows(FILE, {"repository": repository_id, "manifest": manifest_id, "path": path})
    return file_of(rows[0]) if rows else None
