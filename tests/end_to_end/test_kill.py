"""Whatever dies in the middle of a night, its figures are those of an undisturbed one.

Three seeded moments in ``make test``; ``make soak`` takes KILLS of them (54) and prints the table that
docs/holding.md shows. KILL_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import time
from datetime import UTC, date, datetime

from dashboard.nights import day_of
from tests.end_to_end.killing import HURTS, NIGHT_WITHIN, Figures, Hurt, Site, a_site, disturbed, wait_until

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("KILL_SEED", "20261124"))


def today() -> date:
    return day_of(datetime.now(UTC))


class Undisturbed:
    """What a night stores that nothing happens to, of the day that it is: the next one adds rows of its own."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.again()

    def again(self) -> None:
        self.site.forget()
        began, self.day = time.monotonic(), today()
        self.site.begin()
        wait_until(self.site.ended, "the undisturbed night has ended", NIGHT_WITHIN)
        self.lasted = time.monotonic() - began
        self.figures = self.site.figures()
        assert self.figures["snapshot"] and self.figures["failure"] and self.figures["files"]

    def beside(self, hurt: Hurt, after: float) -> Figures:
        """The figures of a night of the same day to which something happened ``after`` seconds."""
        while True:
            found = disturbed(self.site, hurt, after)
            if today() == self.day:
                return found
            self.again()


def test_no_death_loses_or_doubles_a_figure() -> None:
    random.seed(SEED)
    told = []
    with a_site() as site:
        undisturbed = Undisturbed(site)
        for number in range(KILLS):
            hurt, after = HURTS[number % len(HURTS)], random.uniform(0, undisturbed.lasted)
            began = time.monotonic()
            found = undisturbed.beside(hurt, after)
            expected = undisturbed.figures
            different = {
                table: sorted({*expected[table]} ^ {*found[table]})[:4] or "doubled"
                for table in expected
                if found[table] != expected[table]
            }
            told.append((hurt.name, after, time.monotonic() - began, different))
            print(
                f"| {hurt.name} | {after:.1f} s | {told[-1][2]:.1f} s | {', '.join(different) or 'equal'} |",
                flush=True,
            )
        print(f"An undisturbed night took {undisturbed.lasted:.1f} s; seed {SEED}.")
    assert not [row for row in told if row[3]], told
