"""Write the demo's data from a folder of evidence: run by hand when that evidence changes.

    python -m collectors.lookalike.demo.pack FOLDER

FOLDER holds ``registry.json`` (the owner's own registry), ``facts.json`` (what the git trees say),
``artifacts/<org>__<repository>/<sha8>[--part]/`` (reports and ``meta.json``). Writes ``data/estate.json``,
``data/reports/*.zip`` and ``../estate/estate.yaml``. The same folder gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from pathlib import Path
from typing import Any

from collectors.lookalike.demo.facts import DATA
from collectors.lookalike.demo.source_roots import below_its_root

ESTATE_FILE = Path(__file__).parent.parent / "estate" / "estate.yaml"
VARIANTS = ("deps-of-the-day", "ci-command")
REPORTS = ("junit.xml", "coverage.xml", "lcov.info")
# The registry orders seven organizations by number; the eighth stands above them and has none.
LAYERS = {"ORGAN-I": 1, "ORGAN-II": 2, "ORGAN-III": 3, "ORGAN-IV": 4, "ORGAN-V": 5, "ORGAN-VI": 6, "ORGAN-VII": 7}

Json = dict[str, Any]


def pack(source: Path) -> None:
    """Read the folder and write all three outputs."""
    registry = json.loads((source / "registry.json").read_text(encoding="utf-8"))
    facts = json.loads((source / "facts.json").read_text(encoding="utf-8"))
    known = {each["repo"]: each for each in facts["repos"]}
    organizations = [
        {"login": organ["repositories"][0]["org"], "title": organ["name"], "description": organ["description"]}
        for organ in registry["organs"].values()
    ]
    repositories = [
        _repository(source, entry, known[f"{entry['org']}/{entry['name']}"])
        for organ in registry["organs"].values()
        for entry in organ["repositories"]
    ]
    text = json.dumps({"organizations": organizations, "repositories": repositories}, indent=1)
    (DATA / "estate.json").write_text(text + "\n", encoding="utf-8")
    ESTATE_FILE.parent.mkdir(exist_ok=True)
    ESTATE_FILE.write_text(_estate_file(registry["organs"]), encoding="utf-8")


def _repository(source: Path, entry: Json, facts: Json) -> Json:
    full_name = f"{entry['org']}/{entry['name']}"
    folder = source / "artifacts" / full_name.replace("/", "__")
    metas = _pack_reports(folder) if folder.is_dir() else {}
    languages = facts.get("languages") or {}
    return {
        "full_name": full_name,
        "archived": entry["implementation_status"] == "ARCHIVED",
        "description": entry["description"],
        "language": max(languages, key=lambda each: languages[each]) if languages else None,
        "default_branch": facts.get("default_branch") or "main",
        "tier": entry["tier"],
        "sha": facts.get("sha"),
        "committed_at": facts.get("committed_at"),
        "workflows": [_workflow(each) for each in facts.get("workflows") or [] if each["runs_on_github"]],
        "paths": sorted(_source_paths(full_name, folder, metas)),
        "reports": [_report(name, meta) for name, meta in sorted(metas.items())],
    }


def _workflow(workflow: Json) -> Json:
    return {
        "path": workflow["path"],
        "name": workflow["name"] or Path(workflow["path"]).stem,
        "triggers": workflow["triggers"],
        "calls": [each["uses"] if isinstance(each, dict) else each for each in workflow["calls"]],
        "runs_tests": bool(workflow["test_commands"]),
    }


def _report(name: str, meta: Json) -> Json:
    suffix = name.partition("--")[2]
    cases = meta["junit_cases"]
    return {
        "folder": name,
        "sha": meta["sha"],
        "committed_at": meta["committed_at"],
        "part": "" if suffix in VARIANTS else suffix,
        "variant": suffix if suffix in VARIANTS else "",
        "exit_code": meta["exit_code"],
        "seconds": meta["wall_s"],
        "cases": cases["cases"],
        "passed": cases["cases"] - cases["failed"] - cases["error"] - cases["skipped"],
        "members": [each for each in REPORTS if each in meta["members_here"]],
    }


def _pack_reports(folder: Path) -> dict[str, Json]:
    """Write the repository's zip; returns each report's ``meta.json`` by folder name."""
    metas: dict[str, Json] = {}
    target = DATA / "reports" / f"{folder.name}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for report in sorted(folder.iterdir()):
            files = sorted(report.iterdir())
            for file in files:
                entry = zipfile.ZipInfo(f"{report.name}/{file.name}", (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes(), compresslevel=9)
            metas[report.name] = json.loads((report / "meta.json").read_text(encoding="utf-8"))
            metas[report.name]["members_here"] = [file.name for file in files]
    return metas


def _source_paths(full_name: str, folder: Path, metas: dict[str, Json]) -> set[str]:
    """The repository's own paths of the files that its newest coverage names.

    A report with several source roots does not say which file lies below which: ``source_roots.py`` does.
    """
    paths: set[str] = set()
    newest = max((meta["committed_at"] for meta in metas.values()), default="")
    for name, meta in metas.items():
        if meta["committed_at"] != newest:
            continue
        lcov, cobertura = folder / name / "lcov.info", folder / name / "coverage.xml"
        if lcov.exists():
            names = re.findall(r"^SF:(.+)$", lcov.read_text(encoding="utf-8"), re.MULTILINE)
            paths.update(str(Path(meta["workdir"]) / each) for each in names)
        elif cobertura.exists():
            text = cobertura.read_text(encoding="utf-8")
            sources = re.findall(r"<source>(.*?)</source>", text)
            names = re.findall(r'filename="([^"]+)"', text)
            if len(sources) == 1:
                root = _inside_checkout(sources[0])
                paths.update(str(Path(root) / each) for each in names)
            else:
                paths.update(path for each in names for path in below_its_root(full_name, each))
    return paths


def _inside_checkout(source: str) -> str:
    """``/home/runner/work/NAME/NAME/src`` → ``src``."""
    parts = source.split("/")
    return "/".join(parts[6:]) or "."


def _estate_file(organs: Json) -> str:
    """The estate as ``manage.py load_estate`` reads it; dependencies exactly as the registry writes them."""
    lines = [
        "# The demo's organizations, repositories and dependencies, from the owner's registry of 2026-03-04.",
        "# Written by: python -m collectors.lookalike.demo.pack",
        "organizations:",
    ]
    for key, organ in organs.items():
        layer = LAYERS.get(key)
        lines.append(
            f"  - {{login: {organ['repositories'][0]['org']}, title: {organ['name']}, "
            f"layer: {layer or 'null'}, discover: false}}"
        )
    lines.append("repositories:")
    for organ in organs.values():
        for entry in organ["repositories"]:
            lines.append(f"  - full_name: {entry['org']}/{entry['name']}")
            lines.append(f"    status: {entry['implementation_status'].lower()}")
            # The look-alike serves all as public; said here, so that the first page shows them before it was asked.
            lines.append("    visibility: public")
            lines.append(f"    tags: [{entry['tier']}]")
            if entry["dependencies"]:
                lines.append("    depends_on:")
                lines.extend(f"      - {each}" for each in entry["dependencies"])
    lines.append("rules:")
    lines.append("  # Commerce may never depend on Art, although its layer is the higher one.")
    lines.append("  forbid: [[organvm-iii-ergon, organvm-ii-poiesis]]")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m collectors.lookalike.demo.pack FOLDER")
    pack(Path(sys.argv[1]))
