"""Paths of coverage reports that are no file of the repository's tree for certain, each with its reason."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.models import FileTree, Report
from dashboard.queries.files import FROM_MANIFEST
from dashboard.queries.rows import Question, named_rows
from dashboard.wording import plural

PAGE = 200
NAMED = 3
"""Files of the tree that a reason names."""
MOST_REPORTS = 20
"""Reports whose paths are counted at once."""
INSTALLED = ("site-packages/", "dist-packages/", "node_modules/", "/usr/lib/", "/usr/include/", ".cargo/registry/")
NO_TREE = "The repository’s files are not known: its contents could not be listed."
NO_PATH = "The report counts these lines and names no file for them."
FOREIGN = "Somebody else’s code: it was installed, and is no part of the repository."

# What stands behind "[2]": the second file of one name in one report.
PATHS = f"""
    select f.path, l.valid, l.covered, count(*) over () as count
    {FROM_MANIFEST} and not f.resolved order by f.path limit %(size)s offset %(offset)s
"""
COUNTS = """
    select r.id, count(*) as count from report r
    join coverage_manifest m on m.id = r.manifest_id
    cross join lateral unnest(m.file_ids) as entry(file_id)
    join source_file f on f.id = entry.file_id and not f.resolved
    where r.repository_id = %(repository)s and r.id = any(%(reports)s)
    group by r.id
"""


@dataclass(frozen=True, slots=True)
class UnresolvedPath:
    """As it was reported. ``valid`` None: which lines could run is unknown."""

    path: str
    valid: int | None
    covered: int
    reason: str


@dataclass(frozen=True, slots=True)
class UnresolvedPaths:
    """One page of them; ``count`` is of all. ``member`` names the report that they are of, "" the commit."""

    paths: tuple[UnresolvedPath, ...]
    count: int
    page: int
    member: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // PAGE))


def unresolved_of(
    repository_id: int, manifest_id: int | None, page: int = 1, report_id: int | None = None
) -> UnresolvedPaths:
    """Of a commit's manifest, or of one report; two queries, three for a report."""
    member = ""
    if report_id:
        found = Report.objects.filter(repository_id=repository_id, pk=report_id, kind="coverage")
        manifest_id, member = found.values_list("manifest_id", "member").first() or (None, "")
    if manifest_id is None:
        return UnresolvedPaths((), 0, page, member)
    rows = named_rows(
        PATHS,
        {"repository": repository_id, "manifest": manifest_id, "size": PAGE, "offset": (page - 1) * PAGE},
    )
    if not rows:
        return UnresolvedPaths((), 0, page, member)
    reasons = _reasons(repository_id, [row.path for row in rows])
    paths = tuple(
        UnresolvedPath(row.path, row.valid, row.covered, reason) for row, reason in zip(rows, reasons, strict=True)
    )
    return UnresolvedPaths(paths, rows[0].count, page, member)


def unresolved_by_report(repository_id: int, report_ids: Sequence[int]) -> Question[tuple[tuple[int, int], ...]]:
    """How many of its paths were not found, for those of these reports that have such."""
    values = {"repository": repository_id, "reports": list(report_ids[:MOST_REPORTS])}
    return Question(COUNTS if report_ids else "", values, lambda rows: tuple((row.id, row.count) for row in rows))


def _reasons(repository_id: int, paths: Sequence[str]) -> list[str]:
    packed = FileTree.objects.filter(repository_id=repository_id).values_list("packed", flat=True).first()
    if packed is None:
        return [NO_TREE] * len(paths)
    wanted = {_name(path) for path in paths}
    alike: dict[str, list[str]] = defaultdict(list)
    for path in zlib.decompress(packed).decode().split("\n"):
        name = path.rpartition("/")[2].casefold()
        if name in wanted:
            alike[name].append(path)
    return [_reason(path, alike) for path in paths]


def _reason(path: str, alike: Mapping[str, list[str]]) -> str:
    if path.startswith("(") and path.endswith(")"):  # what a parser calls lines without a file
        return NO_PATH
    if any(part in path for part in INSTALLED):
        return FOREIGN
    found = alike.get(_name(path), [])
    name = path.replace("\\", "/").rpartition("/")[2]
    if not found:
        return f"No file of the repository is called {name}: generated, installed or moved since?"
    named = ", ".join(found[:NAMED]) + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")
    if len(found) == 1:
        return f"The only file of that name stands elsewhere, and may be another: {named}."
    return f"It could be any of {plural(len(found), 'file')} of that name: {named}."


def _name(path: str) -> str:
    """The file's name, in one case; the number of a second file of one name is no part of it."""
    name = path.replace("\\", "/").rpartition("/")[2]
    return name.partition(" [")[0].casefold() if name.endswith("]") else name.casefold()
