"""coverage.py's configuration, as far as it decides figures: excluded lines, excused branches, files, ``[paths]``.

Files and patterns are a stranger's: everything here is a job for the locked-down child. ``$NAME`` in them stays as
it stands (coverage.py would put in the environment, and ours is none of their business). Whether branches were
measured the data say, not ``[run] branch``.
"""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from coverage.config import DEFAULT_EXCLUDE, DEFAULT_PARTIAL, DEFAULT_PARTIAL_ALWAYS
from coverage.exceptions import CoverageException
from coverage.files import globs_to_regex

CONFIGURATION_FILES = (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
"""In coverage.py's order; the first two are its own, of the others the first that mentions it is taken."""

ROOT = "/repository"
"""Where patterns and paths are thought to stand: coverage.py matches absolute paths."""


class Settings(msgspec.Struct, frozen=True):
    """What decides which lines count: regular expressions of lines, patterns of files."""

    exclude: tuple[str, ...] = tuple(DEFAULT_EXCLUDE)
    partial: tuple[str, ...] = (*DEFAULT_PARTIAL, *DEFAULT_PARTIAL_ALWAYS)
    include: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    paths: tuple[tuple[str, ...], ...] = ()
    plugins: tuple[str, ...] = ()
    """They may exclude further lines, which cannot be known here."""
    given: bool = False
    """Whether any of the files says something of coverage.py."""
    error: str = ""


def settings_of(files: Mapping[str, bytes]) -> Settings:
    """The settings in one folder's configuration files, by name; the defaults where none says anything."""
    for name in CONFIGURATION_FILES:
        if name not in files:
            continue
        text = files[name].decode("utf-8", "replace")
        own = name.startswith(".coveragerc")
        try:
            sections = _toml_sections(text, own) if name.endswith(".toml") else _ini_sections(text, own)
            if own or any(sections.values()):
                return _settings(sections)
        except (configparser.Error, tomllib.TOMLDecodeError, re.error, RecursionError, TypeError, ValueError):
            return Settings(given=True, error=f"coverage.py's settings in {name} cannot be read.")
    return Settings()


def _ini_sections(text: str, own: bool) -> dict[str, dict[str, list[str]]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    sections: dict[str, dict[str, list[str]]] = {}
    for name in ("run", "report", "paths"):
        found = next((s for s in (f"coverage:{name}", name if own else "") if s and parser.has_section(s)), None)
        for option, value in parser.items(found) if found else ():
            sections.setdefault(name, {})[option] = value.splitlines()
    return sections


def _toml_sections(text: str, own: bool) -> dict[str, dict[str, list[str]]]:
    document: Any = tomllib.loads(text)
    tool = document.get("tool", {}).get("coverage")
    told = tool if isinstance(tool, dict) else document if own else {}
    sections: dict[str, dict[str, list[str]]] = {}
    for name in ("run", "report", "paths"):
        for option, value in (told.get(name) or {}).items():
            values = value if isinstance(value, list) else [value]
            sections.setdefault(name, {})[option] = [str(one) for one in values]
    return sections


def _settings(sections: Mapping[str, Mapping[str, Sequence[str]]]) -> Settings:
    report, run = sections.get("report", {}), sections.get("run", {})

    def expressions(name: str, default: Sequence[str]) -> tuple[str, ...]:
        given = [line.strip() for line in report[name]] if name in report else default
        return tuple(line for line in given if line and re.compile(line))

    def names(section: Mapping[str, Sequence[str]], name: str) -> tuple[str, ...]:
        return tuple(one.strip() for line in section.get(name, ()) for one in line.split(",") if one.strip())

    return Settings(
        exclude=expressions("exclude_lines", DEFAULT_EXCLUDE) + expressions("exclude_also", ()),
        partial=expressions("partial_branches", DEFAULT_PARTIAL)
        + expressions("partial_also", ())
        + expressions("partial_branches_always", DEFAULT_PARTIAL_ALWAYS),
        include=names(report, "include"),
        omit=names(report, "omit"),
        paths=tuple(names(sections["paths"], option) for option in sections.get("paths", {})),
        plugins=names(run, "plugins"),
        given=True,
    )


def left_out(settings: Settings, paths: Sequence[str]) -> list[str]:
    """The paths (below the configuration's folder) that ``coverage report`` leaves out of its figures."""
    if not settings.include and not settings.omit:
        return []
    try:
        include, omit = _matcher(settings.include), _matcher(settings.omit)
    except (CoverageException, re.error):
        return []
    absolute = ((path, f"{ROOT}/{path}") for path in paths)
    return [
        path for path, whole in absolute if (include and not include.match(whole)) or (omit and omit.match(whole))
    ]


def _matcher(patterns: Sequence[str]) -> re.Pattern[str] | None:
    below_root = [_absolute(one) for one in patterns if not one.startswith(("*", "?"))]
    return globs_to_regex([*patterns, *below_root]) if patterns else None


def _absolute(pattern: str) -> str:
    return posixpath.normpath(posixpath.join(ROOT, pattern))


def renamed(settings: Settings, paths: Sequence[str]) -> dict[str, list[str]]:
    """What ``[paths]`` makes of reported paths: for each the names to look for below the configuration's folder."""
    rules: list[tuple[re.Pattern[str], str]] = []
    for first, *others in filter(None, settings.paths):
        result = posixpath.normpath(first.replace("\\", "/"))
        for pattern in [first, *others]:
            try:
                rules.append((globs_to_regex([pattern.rstrip("\\/") + "/"], True, partial=True), result))
            except (CoverageException, re.error):
                continue
    found: dict[str, list[str]] = {}
    for path in paths:
        for expression, result in rules:
            if match := expression.match(path):
                rest = path[match.end() :].replace("\\", "/")
                found.setdefault(path, []).append(posixpath.normpath(posixpath.join(result, rest)))
    return found
