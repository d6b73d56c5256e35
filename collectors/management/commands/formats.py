"""``manage.py formats [--write docs/formats.md]``: which reports are read, and the page that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collectors.chapters import chapter, markdown
from collectors.parsers import FORMATS

MARK = "<!-- From here on made by: manage.py formats --write docs/formats.md -->\n"
SAMPLES = Path(__file__).parents[3] / "tests" / "samples" / "formats"


class Command(BaseCommand):
    help = "List the report formats that are read, or write their chapters into docs/formats.md."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", type=Path, metavar="FILE", help="replace what stands below the mark in FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"]:
            _write(options["write"])
            return
        for known in sorted(FORMATS, key=lambda row: (row.kind, row.name)):
            self.stdout.write(f"{known.name:22} {known.kind:9} {chapter(known).title.replace('`', '')}")


def _write(path: Path) -> None:
    head, mark, _ = path.read_text("utf-8").partition(MARK) if path.is_file() else ("", "", "")
    if not mark:
        raise CommandError(f"{path} has no line {MARK.strip()!r}, below which the chapters go.", returncode=2)
    path.write_text(head + MARK + "\n" + markdown(FORMATS, SAMPLES), "utf-8")
