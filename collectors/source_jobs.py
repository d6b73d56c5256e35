"""What the locked-down child does with a stranger's source and settings: the jobs of ``collectors.sandbox.jobs``.

Each takes one argument and gives one value; arguments and values travel, and are checked on their way back.
"""

from __future__ import annotations

import msgspec

from collectors.coverage_settings import Settings, left_out, renamed, settings_of
from collectors.source_lines import SourceLines, source_lines

Paths = list[str]


class SettingsOrder(msgspec.Struct):
    """One folder's configuration files by name."""

    files: dict[str, bytes]


class SourceOrder(msgspec.Struct):
    """A source file, and the settings that hold for it."""

    source: bytes
    settings: Settings


class PathsOrder(msgspec.Struct):
    """Paths that the patterns of settings are held against."""

    settings: Settings
    paths: Paths


def read_settings(order: SettingsOrder) -> list[Settings]:
    return [settings_of(order.files)]


def analyse_source(order: SourceOrder) -> list[SourceLines]:
    return [source_lines(order.source, order.settings)]


def match_left_out(order: PathsOrder) -> list[Paths]:
    return [left_out(order.settings, order.paths)]


def match_renamed(order: PathsOrder) -> list[dict[str, Paths]]:
    return [renamed(order.settings, order.paths)]
