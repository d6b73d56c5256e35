"""The components of a repository, with the files that each one's patterns take, and the report groups beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pathspec

from dashboard.models import Component, SnapshotGroup
from dashboard.queries.coverage_trend import CoverageTrend, trends_of
from dashboard.queries.files import FROM_MANIFEST
from dashboard.queries.rows import named_rows


@dataclass(frozen=True, slots=True)
class ComponentCoverage:
    """``error`` says which pattern cannot be read; then nothing else is known."""

    name: str
    patterns: tuple[str, ...]
    target: float | None
    files: int = 0
    valid: int = 0
    covered: int = 0
    trend: CoverageTrend = field(default_factory=CoverageTrend)
    error: str = ""

    @property
    def missed(self) -> int:
        return self.valid - self.covered

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.valid if self.valid else None

    @property
    def short_of(self) -> int | None:
        """Lines that are missing to the target, 0 when it is met; None without a target or a percentage."""
        if self.target is None or self.percent is None:
            return None
        # In whole lines: 85 % of 7 lines are 6 lines.
        needed = -(-self.valid * round(self.target * 1_000) // 100_000)
        return max(0, needed - self.covered)


@dataclass(frozen=True, slots=True)
class Components:
    """``unclaimed``: files of the manifest that no component takes, out of ``files``."""

    components: tuple[ComponentCoverage, ...]
    files: int
    unclaimed: int


def components_of(repository_id: int, manifest_id: int | None) -> Components:
    """Three queries at most; two where there is no component."""
    rows = list(Component.objects.filter(repository_id=repository_id).order_by("name"))
    files = named_rows(
        f"select f.id, f.path, l.valid, l.covered {FROM_MANIFEST}",
        {"repository": repository_id, "manifest": manifest_id},
    )
    taken: dict[str, list[int]] = {}
    found: list[ComponentCoverage] = []
    claimed: set[int] = set()
    for row in rows:
        patterns = tuple(line.strip() for line in row.patterns.splitlines() if line.strip())
        spec, error = spec_of(patterns)
        if spec is None:
            found.append(ComponentCoverage(row.name, patterns, row.target, error=error))
            continue
        mine = [file for file in files if spec.match_file(file.path)]
        taken[row.name] = [file.id for file in mine]
        claimed.update(taken[row.name])
        known = [file for file in mine if file.valid is not None]
        sums = sum(file.valid for file in known), sum(file.covered for file in known)
        found.append(ComponentCoverage(row.name, patterns, row.target, len(mine), *sums))
    trends = trends_of(repository_id, taken, len(files))
    with_trends = tuple(_with_trend(component, trends.get(component.name)) for component in found)
    return Components(with_trends, len(files), len(files) - len(claimed))


def spec_of(patterns: Sequence[str]) -> tuple[pathspec.GitIgnoreSpec | None, str]:
    """The patterns ready to match paths; or None and the sentence that says which one cannot be read."""
    for pattern in patterns:
        try:
            pathspec.GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            return (
                None,
                f"“{pattern}” is no pattern of .gitignore: write a folder as src/parser/, an ending as *.ts.",
            )
    return pathspec.GitIgnoreSpec.from_lines(patterns), ""


def _with_trend(component: ComponentCoverage, trend: CoverageTrend | None) -> ComponentCoverage:
    return replace(component, trend=trend) if trend else component


@dataclass(frozen=True, slots=True)
class GroupCoverage:
    """A report group of a commit; ``carried_from`` is the commit that its lines are of, "" for this one."""

    name: str
    files: int | None
    valid: int | None
    covered: int
    carried_from: str

    @property
    def missed(self) -> int | None:
        return None if self.valid is None else self.valid - self.covered

    @property
    def percent(self) -> float | None:
        return 100 * self.covered / self.valid if self.valid else None


def groups_of(repository_id: int, sha: str) -> tuple[GroupCoverage, ...]:
    """The commit's report groups that know lines; one query."""
    rows = SnapshotGroup.objects.filter(repository_id=repository_id, snapshot__sha=sha)
    known = rows.exclude(lines_covered=None).select_related("carried_from").order_by("name")
    return tuple(
        GroupCoverage(
            row.name,
            row.files,
            row.lines_valid,
            row.lines_covered or 0,
            row.carried_from.sha if row.carried_from else "",
        )
        for row in known
    )
