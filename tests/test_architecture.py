"""Arrows point one way: which part of the house may import which (docs/architecture.md draws it).

The table is the whole truth: an import between two parts that are not in it fails here. It is read from the source
with ``ast``, so nothing needs to be installed and nothing can be skipped.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# part → the parts of ours that it may import. The longest name that fits a module is its part.
ALLOWED: dict[str, set[str]] = {
    # The read side
    "dashboard.packing": set(),
    "dashboard.nights": set(),
    "dashboard.loaders": set(),
    "dashboard.groups": set(),
    "dashboard.discovery": set(),
    "dashboard.charts": {"dashboard.wording"},
    "dashboard.runtime": {"dashboard.celery", "dashboard.credentials"},
    "dashboard.erasing": {"dashboard.models"},
    "dashboard.saved_views": {"dashboard.models"},
    "dashboard.setting_up": {"dashboard.audit", "dashboard.models", "dashboard.workers"},
    "dashboard.workers": {"dashboard.celery"},
    "dashboard.audit": {"dashboard.models"},
    "dashboard.settings": set(),
    "dashboard.celery": set(),
    "dashboard.visibility": set(),
    "dashboard.models": {"dashboard.packing", "dashboard.visibility", "dashboard.wording"},
    "dashboard.credentials": {"dashboard.models"},
    "dashboard.queries": {
        "dashboard.charts",
        "dashboard.discovery",
        "dashboard.groups",
        "dashboard.latest",
        "dashboard.models",
        "dashboard.nights",
        "dashboard.packing",
        "dashboard.visibility",
        "dashboard.wording",
    },
    "dashboard.loading": {"dashboard.audit", "dashboard.models"},
    "dashboard.templatetags": {
        "dashboard.asked",
        "dashboard.charts",
        "dashboard.drawing",
        "dashboard.queries",
        "dashboard.staticfiles",
        "dashboard.wording",
    },
    "dashboard.views": {
        "dashboard.asked",
        "dashboard.audit",
        "dashboard.compression",
        "dashboard.context",
        "dashboard.drawing",
        "dashboard.queries",
        "dashboard.charts",
        "dashboard.saved_views",
        "dashboard.visibility",
        "dashboard.celery",
        "dashboard.templatetags",
        "dashboard.wording",
        "dashboard.workers",
    },
    "dashboard.api": {"dashboard.queries", "dashboard.visibility"},
    "dashboard.admin": {
        "dashboard.audit",
        "dashboard.models",
        "dashboard.erasing",
        "dashboard.queries",
        "dashboard.credentials",
        "dashboard.schedules",
        "dashboard.setting_up",
        "dashboard.wording",
        "dashboard.workers",
    },
    "dashboard.management": {
        "dashboard.audit",
        "dashboard.models",
        "dashboard.loading",
        "dashboard.queries",
        "dashboard.wording",
    },
    "dashboard.urls": {"dashboard.views", "dashboard.api", "dashboard.admin"},
    "dashboard.apps": {"dashboard.celery", "dashboard.loaders", "dashboard.schedules"},
    "dashboard.schedules": set(),
    "dashboard.scheduler": set(),
    "dashboard.asked": set(),
    "dashboard.jinja": {"dashboard.templatetags"},
    "dashboard.latest": set(),
    "dashboard.drawing": {"dashboard.latest"},
    "dashboard.context": set(),
    "dashboard.compression": {"dashboard.latest"},
    "dashboard.unchanged": {"dashboard.queries"},
    "dashboard.kept": {"dashboard.latest", "dashboard.queries", "dashboard.unchanged"},
    "dashboard.staticfiles": set(),
    "dashboard.wording": set(),
    "dashboard.wsgi": set(),
    # The write side
    "collectors.parsers": set(),
    "collectors.github": set(),
    "collectors.lookalike": set(),
    "collectors.usual_names": set(),
    "collectors.containers": {"collectors.parsers"},
    "collectors.one_file": {"collectors.parsers", "collectors.usual_names"},
    "collectors.reading": {
        "collectors.containers",
        "collectors.one_file",
        "collectors.parsers",
        "collectors.usual_names",
    },
    "collectors.logs": {"dashboard.groups"},
    # Its children do the work of its table, with everything that work needs.
    "collectors.source_jobs": {"collectors.coverage_settings", "collectors.source_lines"},
    "collectors.sandbox": {
        "collectors.coverage_settings",
        "collectors.logs",
        "collectors.parsers",
        "collectors.reading",
        "collectors.source_jobs",
        "collectors.source_lines",
        "collectors.usual_names",
    },
    "collectors.inspecting": {"collectors.parsers", "collectors.sandbox"},
    "collectors.chapters": {"collectors.parsers"},
    "collectors.identity": {"collectors.parsers", "dashboard.packing"},
    "collectors.paths": {"collectors.identity"},
    "collectors.judging": set(),
    "collectors.legs": set(),
    "collectors.group_figures": {"collectors.parsers", "dashboard.models", "dashboard.packing"},
    "collectors.carrying": {
        "collectors.github",
        "collectors.group_figures",
        "collectors.interning",
        "collectors.judging",
        "collectors.trees",
        "dashboard.models",
    },
    "collectors.coverage_settings": set(),
    "collectors.source_lines": {"collectors.coverage_settings", "dashboard.packing"},
    "collectors.source_reader": {
        "collectors.coverage_settings",
        "collectors.github",
        "collectors.sandbox",
        "collectors.source_jobs",
        "collectors.source_lines",
        "collectors.trees",
        "dashboard.models",
        "dashboard.packing",
    },
    "collectors.sources": {
        "collectors.coverage_settings",
        "collectors.github",
        "collectors.interning",
        "collectors.paths",
        "collectors.source_lines",
        "collectors.source_reader",
        "collectors.trees",
        "dashboard.models",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.contexts": {
        "collectors.interning",
        "collectors.parsers",
        "collectors.paths",
        "dashboard.models",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.merging": {"collectors.parsers", "dashboard.packing"},
    "collectors.arrays": set(),
    "collectors.rosters": {"dashboard.models", "dashboard.packing"},
    "collectors.interning": {
        "collectors.arrays",
        "collectors.identity",
        "collectors.rosters",
        "dashboard.models",
        "dashboard.packing",
    },
    "collectors.ingest": {
        "collectors.contexts",
        "collectors.interning",
        "collectors.identity",
        "collectors.merging",
        "collectors.paths",
        "collectors.parsers",
        "collectors.source_lines",
        "dashboard.groups",
        "dashboard.models",
        "dashboard.packing",
    },
    "collectors.snapshots": {
        "collectors.group_figures",
        "collectors.interning",
        "collectors.legs",
        "collectors.merging",
        "collectors.parsers",
        "dashboard.models",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.log_points": {"collectors.logs", "dashboard.models"},
    "collectors.log_fallback": {
        "collectors.github",
        "collectors.log_points",
        "collectors.logs",
        "collectors.parsers",
        "collectors.rollup",
        "collectors.sandbox",
        "dashboard.models",
    },
    "collectors.heads": {"dashboard.models"},
    "collectors.branches": {"collectors.github", "collectors.heads", "dashboard.models"},
    "collectors.tags": {"collectors.github", "dashboard.models"},
    "collectors.conditions": {"dashboard.models"},
    "collectors.streaks": {"dashboard.packing"},
    "collectors.statistics_rows": {
        "collectors.arrays",
        "collectors.streaks",
        "dashboard.models",
        "dashboard.packing",
    },
    "collectors.case_statistics": {
        "collectors.statistics_rows",
        "collectors.streaks",
        "dashboard.models",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.rollup": {
        "collectors.case_statistics",
        "collectors.conditions",
        "collectors.heads",
        "dashboard.models",
        "dashboard.nights",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.organization_sums": {"dashboard.models"},
    "collectors.day_sums": {"collectors.organization_sums", "dashboard.models", "dashboard.nights"},
    "collectors.shared_budget": {"collectors.github"},
    "collectors.putting_off": {"collectors.github", "dashboard.models"},
    "collectors.remembered": {"dashboard.models"},
    "collectors.clients": {
        "collectors.github",
        "collectors.shared_budget",
        "dashboard.credentials",
        "dashboard.models",
    },
    "collectors.trees": {"collectors.github", "collectors.paths", "dashboard.models"},
    "collectors.deep_lists": {"collectors.github"},
    "collectors.repository_facts": {"collectors.github", "dashboard.models"},
    "collectors.listing": {
        "collectors.deep_lists",
        "collectors.github",
        "collectors.ingest",
        "dashboard.discovery",
        "dashboard.models",
    },
    "collectors.artifacts": {
        "collectors.github",
        "collectors.ingest",
        "collectors.parsers",
        "collectors.paths",
        "collectors.sandbox",
        "collectors.trees",
        "dashboard.models",
    },
    "collectors.pull_requests": {"collectors.artifacts", "collectors.github", "dashboard.models"},
    "collectors.collect": {
        "collectors.pull_requests",
        "collectors.branches",
        "collectors.carrying",
        "collectors.artifacts",
        "collectors.clients",
        "collectors.contexts",
        "collectors.day_sums",
        "collectors.github",
        "collectors.listing",
        "collectors.log_fallback",
        "collectors.putting_off",
        "collectors.remembered",
        "collectors.repository_facts",
        "collectors.rollup",
        "collectors.snapshots",
        "collectors.sources",
        "dashboard.credentials",
        "dashboard.models",
    },
    "collectors.sentinel": {
        "collectors.branches",
        "collectors.clients",
        "collectors.github",
        "collectors.ingest",
        "collectors.listing",
        "collectors.log_fallback",
        "collectors.putting_off",
        "dashboard.credentials",
        "dashboard.models",
        "collectors.tags",
    },
    "collectors.untold": {
        "collectors.clients",
        "collectors.github",
        "collectors.sentinel",
        "collectors.tags",
        "dashboard.credentials",
        "dashboard.models",
    },
    "collectors.night": {
        "collectors.clients",
        "collectors.github",
        "collectors.repository_facts",
        "collectors.remembered",
        "collectors.untold",
        "collectors.day_sums",
        "dashboard.credentials",
        "dashboard.models",
        "dashboard.nights",
        "dashboard.queries",
    },
    "collectors.sweep": {
        "collectors.case_statistics",
        "collectors.collect",
        "collectors.day_sums",
        "collectors.night",
        "collectors.sentinel",
        "dashboard.models",
    },
    "collectors.credential_check": {"collectors.github"},
    "collectors.candidates": {"collectors.github", "dashboard.models"},
    "collectors.questions": {
        "collectors.candidates",
        "collectors.clients",
        "collectors.credential_check",
        "collectors.github",
        "dashboard.credentials",
        "dashboard.models",
    },
    "collectors.maintenance": {"collectors.collect", "dashboard.models", "dashboard.nights"},
    "collectors.tasks": {
        "collectors.maintenance",
        "collectors.clients",
        "collectors.collect",
        "collectors.night",
        "collectors.questions",
        "collectors.remembered",
        "collectors.sentinel",
        "collectors.sweep",
        "dashboard.models",
    },
    "collectors.management": {
        "collectors.collect",
        "collectors.night",
        "collectors.sentinel",
        "collectors.tasks",
        "collectors.inspecting",
        "collectors.filling",
        "collectors.sandbox",
        "collectors.chapters",
        "collectors.parsers",
        "dashboard.models",
        "dashboard.celery",
        "dashboard.nights",
        "dashboard.wording",
    },
    "collectors.apps": {"collectors.sandbox"},
    # Made-up estates
    "collectors.filling": {
        "collectors.case_statistics",
        "collectors.day_sums",
        "collectors.filling.churn",
        "collectors.filling.words",
        "collectors.identity",
        "collectors.ingest",
        "collectors.legs",
        "collectors.organization_sums",
        "collectors.parsers",
        "collectors.rollup",
        "collectors.rosters",
        "dashboard.groups",
        "dashboard.latest",
        "dashboard.models",
        "dashboard.nights",
        "dashboard.packing",
        "dashboard.queries",
    },
    "collectors.filling.words": set(),
    "collectors.filling.churn": {"collectors.filling.words", "collectors.parsers"},
}

# Cores that must work without Django: in a child process, in a test, in somebody else's program.
WITHOUT_DJANGO = (
    "collectors.parsers",
    "collectors.one_file",
    "collectors.reading",
    "collectors.containers",
    "collectors.usual_names",
    "collectors.sandbox",
    "collectors.inspecting",
    "collectors.github",
    "collectors.lookalike",
    "collectors.logs",
    "collectors.judging",
    "collectors.arrays",
    "collectors.identity",
    "collectors.paths",
    "collectors.coverage_settings",
    "collectors.source_lines",
    "collectors.source_jobs",
    "collectors.merging",
    "collectors.streaks",
    "dashboard.groups",
    "dashboard.discovery",
    "collectors.filling.churn",
    "collectors.filling.words",
    "dashboard.packing",
    "dashboard.nights",
    "dashboard.charts",
)


def modules() -> Iterator[tuple[str, Path]]:
    for top in ("dashboard", "collectors"):
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                yield name.removesuffix(".__init__"), path


def part_of(module: str) -> str | None:
    fitting = [part for part in ALLOWED if module == part or module.startswith(part + ".")]
    return max(fitting, key=len, default=None)


def imports_of(module: str, path: Path) -> Iterator[str]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            source = f"{base}.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            yield source
            yield from (f"{source}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(("module", "path"), [pytest.param(*found, id=found[0]) for found in modules()])
def test_a_module_imports_only_what_its_part_may(module: str, path: Path) -> None:
    part = part_of(module)
    if module in ("dashboard", "collectors"):
        return
    assert part is not None, f"{module} belongs to no part: give it a row in ALLOWED"
    for imported in imports_of(module, path):
        target = part_of(imported)
        if target is not None and target != part:
            assert target in ALLOWED[part], f"{module} imports {imported}: {part} may not know {target}"


@pytest.mark.parametrize("part", WITHOUT_DJANGO)
def test_cores_know_no_django(part: str) -> None:
    for module, path in modules():
        if part_of(module) == part:
            roots = {name.partition(".")[0] for name in imports_of(module, path)}
            assert not roots & {"django", "celery", "ninja"}, f"{module} must not know Django"


def test_the_table_allows_no_circle() -> None:
    seen: dict[str, bool] = {}

    def visit(part: str, way: tuple[str, ...]) -> None:
        assert part not in way, " → ".join((*way, part))
        if not seen.get(part):
            for target in ALLOWED.get(part, ()):
                visit(target, (*way, part))
            seen[part] = True

    for part in ALLOWED:
        visit(part, ())


def test_the_read_side_never_imports_the_write_side() -> None:
    for part, targets in ALLOWED.items():
        if part.startswith("dashboard"):
            assert not any(target.startswith("collectors") for target in targets)
