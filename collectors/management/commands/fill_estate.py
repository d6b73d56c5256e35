"""``manage.py fill_estate --repos 10000``: an estate of any size to measure and to look at, in minutes."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from collectors.filling.estate import NotFilledError, Plan, fill
from dashboard.nights import day_of


class Command(BaseCommand):
    help = (
        "Fill an empty database with a made-up estate: years of nights as the store layer would have left them. "
        "Refused where anything else is stored. Running it again adds what is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--repos", type=int, default=100, help="repositories (100)")
        parser.add_argument("--nights", type=int, default=60, help="nights back from yesterday (60)")
        parser.add_argument("--tests", type=int, default=200, help="tests of a repository to begin with (200)")
        parser.add_argument("--files", type=int, default=20, help="source files with coverage of a repository (20)")
        parser.add_argument(
            "--nightly",
            action="store_true",
            help="every repository runs on every night; without it three in a hundred do and sixty run monthly",
        )
        parser.add_argument(
            "--giant", action="store_true", help="one more, with 50,000 tests and 20,000 files on every night"
        )
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same estate (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if min(options["repos"], options["nights"], options["tests"]) < 1 or options["files"] < 0:
            raise CommandError("--repos, --nights and --tests begin at 1, --files at 0.", returncode=2)
        plan = Plan(
            repositories=options["repos"],
            nights=options["nights"],
            tests=options["tests"],
            files=options["files"],
            last=day_of(datetime.now(UTC)),
            nightly=options["nightly"],
            giant=options["giant"],
            seed=options["seed"],
        )
        began, cpu, results, done = time.monotonic(), time.process_time(), 0, 0
        try:
            for stored in fill(plan):
                results, done = results + stored, done + 1
                if done % 100 == 0:
                    self.stderr.write(f"{done} repositories, {results:,} results, {time.monotonic() - began:.0f} s")
        except NotFilledError as trouble:
            raise CommandError(str(trouble), returncode=2) from trouble
        seconds, used = time.monotonic() - began, time.process_time() - cpu
        self.stdout.write(
            f"{done} repositories with {results:,} results in {seconds:.0f} s ({used:.0f} s of CPU in Python): "
            f"{results / max(seconds, 0.001):,.0f} results/s."
        )
