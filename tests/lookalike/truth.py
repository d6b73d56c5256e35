"""What the tools themselves say of the real reports: the figures that collecting is held against.

python -m tests.lookalike.truth [FOLDER]        prints them as a table
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parent.parent / "samples" / "estate"


@dataclass(frozen=True)
class Truth:
    """One report, or with ``total_of`` one commit. Tests as the JUnit file lists them; None is unknown.

    ``variant`` is a second run of the same commit, which counts in no figure.
    """

    repository: str
    sha: str
    committed_at: str
    part: str
    variant: bool
    tests: int
    passed: int
    failed: int
    errors: int
    skipped: int
    lines_valid: int | None
    lines_covered: int | None


def truths(folder: Path = SAMPLES) -> list[Truth]:
    """Every report in a folder of ``<org>__<repository>.zip`` files, by repository and time."""
    found: list[Truth] = []
    for file in sorted(folder.glob("*.zip")):
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith("/meta.json"):
                    found.append(_truth(file.stem.replace("__", "/", 1), name, json.loads(archive.read(name))))
    return sorted(found, key=lambda each: (each.repository, each.committed_at, each.part))


def total_of(reports: Iterable[Truth]) -> Truth:
    """The commit that these reports belong to: a monorepo's packages summed up, variants left out."""
    counted = [each for each in reports if not each.variant]
    first = counted[0]
    covered = [each for each in counted if each.lines_valid is not None]
    return Truth(
        repository=first.repository,
        sha=first.sha,
        committed_at=first.committed_at,
        part="",
        variant=False,
        tests=sum(each.tests for each in counted),
        passed=sum(each.passed for each in counted),
        failed=sum(each.failed for each in counted),
        errors=sum(each.errors for each in counted),
        skipped=sum(each.skipped for each in counted),
        lines_valid=sum(each.lines_valid or 0 for each in covered) if covered else None,
        lines_covered=sum(each.lines_covered or 0 for each in covered) if covered else None,
    )


def newest_by_repository(folder: Path = SAMPLES) -> dict[str, Truth]:
    """Each repository's newest commit, by full name."""
    by_repository: dict[str, list[Truth]] = {}
    for truth in truths(folder):
        by_repository.setdefault(truth.repository, []).append(truth)
    return {
        name: total_of(each for each in reports if each.sha == reports[-1].sha)
        for name, reports in by_repository.items()
    }


def _truth(repository: str, member: str, meta: dict[str, Any]) -> Truth:
    cases = meta["junit_cases"]
    root, lcov = meta.get("coverage_xml_root"), meta.get("lcov_totals")
    suffix = member.partition("/")[0].partition("--")[2]
    variant = suffix in ("ci-command", "deps-of-the-day")
    return Truth(
        repository=repository,
        sha=meta["sha"],
        committed_at=meta["committed_at"],
        part="" if variant else suffix,
        variant=variant,
        tests=cases["cases"],
        passed=cases["cases"] - cases["failed"] - cases["error"] - cases["skipped"],
        failed=cases["failed"],
        errors=cases["error"],
        skipped=cases["skipped"],
        lines_valid=root["lines-valid"] if root else lcov["lines_found"] if lcov else None,
        lines_covered=root["lines-covered"] if root else lcov["lines_hit"] if lcov else None,
    )


def main(arguments: list[str]) -> None:
    print("| repository | commit | tests | passed | failed | errors | skipped | lines valid | covered |")
    print("|---|---|---|---|---|---|---|---|---|")
    for each in truths(Path(arguments[0]) if arguments else SAMPLES):
        name = each.repository + (f" ({each.part})" if each.part else " (variant)" if each.variant else "")
        figures = (
            each.tests,
            each.passed,
            each.failed,
            each.errors,
            each.skipped,
            each.lines_valid,
            each.lines_covered,
        )
        print(f"| {name} | {each.sha[:8]} | " + " | ".join("–" if n is None else f"{n:,}" for n in figures) + " |")


if __name__ == "__main__":
    main(sys.argv[1:])
