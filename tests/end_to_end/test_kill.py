"""Whatever dies in the middle of a night, its figures are those of an undisturbed one.

Three seeded moments in ``make test``; ``make soak`` takes KILLS of them (54) and prints the table that
docs/holding.md shows. KILL_SEED repeats a run.
"""

from __future__ import annotations

import os
import random
import time

from tests.end_to_end.killing import HURTS, NIGHT_WITHIN, a_site, disturbed, wait_until

KILLS = int(os.environ.get("KILLS", "3"))
SEED = int(os.environ.get("KILL_SEED", "20261124"))


def test_no_death_loses_or_doubles_a_figure() -> None:
    random.seed(SEED)
    told = []
    with a_site() as site:
        site.begin()
        began = time.monotonic()
        wait_until(site.ended, "the undisturbed night has ended", NIGHT_WITHIN)
        lasted = time.monotonic() - began
        expected = site.figures()
        assert expected["snapshot"] and expected["failure"] and expected["files"]
        for number in range(KILLS):
            hurt, after = HURTS[number % len(HURTS)], random.uniform(0, lasted)
            began = time.monotonic()
            found = disturbed(site, hurt, after)
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
        print(f"An undisturbed night took {lasted:.1f} s; seed {SEED}.")
    assert not [row for row in told if row[3]], told
