"""manage.py load_estate FILE: create or update the estate from one YAML or JSON file (contract section 3)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from dashboard.audit import command
from dashboard.loading import Changes, EstateFile, EstateFileError, apply_estate_file, read_estate_file
from dashboard.loading.document import MOST_PROBLEMS
from dashboard.wording import plural

BAD_FILE = 2
NAMES_SHOWN = 5


class Command(BaseCommand):
    help = (
        "Creates or updates organizations, repositories, layers, tags, dependencies and rules from one YAML or "
        "JSON file. Safe to run twice; deletes nothing; a file with a mistake changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the estate file, YAML or JSON")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        estate = self.read(file)
        changes = apply_estate_file(estate, command(f"load_estate {file.name}"), dry_run=dry_run)
        for line in summary(estate, changes):
            self.stdout.write(line)
        if dry_run:
            self.stdout.write("Nothing was changed: this was a dry run.")

    def read(self, file: Path) -> EstateFile:
        """The checked file. Raises CommandError, exit status 2, with one sentence for each problem."""
        try:
            # utf-8-sig: editors on Windows put a byte order mark first.
            return read_estate_file(file.read_text("utf-8-sig"))
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.", returncode=BAD_FILE) from error
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{file} is not UTF-8 text: byte {error.start:,} cannot be read.", returncode=BAD_FILE
            ) from error
        except EstateFileError as error:
            shown = [f"{file}, {problem}" for problem in error.problems[:MOST_PROBLEMS]]
            if len(error.problems) > MOST_PROBLEMS:
                shown.append(f"… and {len(error.problems) - MOST_PROBLEMS:,} more.")
            shown.append("Nothing was changed.")
            raise CommandError("\n".join(shown), returncode=BAD_FILE) from error


def summary(estate: EstateFile, changes: Changes) -> list[str]:
    """What the file holds, then one line for each kind of change that happened."""
    edges = sum(len(each.depends_on or ()) for each in estate.repositories)
    lines = [
        f"Read {plural(len(estate.organizations), 'organization')}, "
        f"{plural(len(estate.repositories), 'repository', 'repositories')}, "
        f"{plural(edges, 'dependency', 'dependencies')}."
    ]
    kinds = {
        "New organizations": changes.organizations_created,
        "Changed organizations": changes.organizations_updated,
        "New repositories": changes.repositories_created,
        "Changed repositories": changes.repositories_updated,
        "New dependencies": changes.dependencies_added,
        "Dependencies no longer stated": changes.dependencies_withdrawn,
        "New rules": changes.rules_added,
    }
    news = [f"{title}: {some(names)}" for title, names in kinds.items() if names]
    lines += news or ["Nothing to change: all of it is there already."]
    if changes.targets_missing:
        lines.append(f"Leading to no known repository: {some(changes.targets_missing)}")
    return lines


def some(names: list[str]) -> str:
    """How many, and the first few by name."""
    shown = ", ".join(names[:NAMES_SHOWN])
    return f"{len(names):,} ({shown}{', …' if len(names) > NAMES_SHOWN else ''})"
