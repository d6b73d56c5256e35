"""The table of what pages and endpoints cost (docs/performance.md), or what is long of one repository.

``make bench`` fills estates of its own. Of a database that is filled already, by ``manage.py fill_estate``:

    DATABASE_URL=… SECRET_KEY=… PUBLIC=1 python -m tests.performance.pages [owner/name]
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from tests.performance.measuring import Cost, cost_of
from tests.performance.pace import Work, yardsticks

HEAD = (
    "| page or endpoint | queries | made: Python ms | PostgreSQL ms | drawn ms | kept ms | floor ms | sent "
    "| yardsticks ms |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def costs(asked: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, Cost]]:
    """By the names that the table gives them; every answer has to be a good one."""
    for name, address in asked.values():
        found = cost_of(address)
        assert found.status == 200, f"{address} answers {found.status}"
        yield name, found


def line(name: str, cost: Cost) -> str:
    work, pace = cost.made
    made = f"{cost.queries} | {work.python_ms:.1f} | {work.database_ms:.1f} | {cost.drawn_ms:.1f}"
    yardsticks = f"{pace.python_ms:.1f}, {pace.database_ms:.1f}"
    return f"| {name} | {made} | {cost.kept_ms:.1f} | {cost.floor_ms:.1f} | {cost.sent:,} | {yardsticks} |"


def told(pace: Work) -> str:
    """How fast the machine is just now."""
    return f"yardsticks {pace.python_ms:.1f} ms and {pace.database_ms:.1f}"


def main(full_name: str = "") -> None:
    from dashboard.models import Repository
    from tests.performance.addresses import addresses, long_addresses

    known = Repository.objects.exclude(latest=None).exclude(name="giant").order_by("full_name")
    if full_name:
        asked = long_addresses(Repository.objects.get(full_name=full_name))
    else:
        asked = addresses(known.filter(tests_failed__gt=0)[0])
    print(f"{known.count():,} repositories with evidence; {told(yardsticks())}\n\n{HEAD}", flush=True)
    firsts = []
    for name, cost in costs(asked):
        firsts.append((cost.first_ms, name))
        print(line(name, cost), flush=True)
    print("\nDearest when asked for first in a process, with all that is read in then:")
    print(", ".join(f"{name} {first:.0f} ms" for first, name in sorted(firsts, reverse=True)[:5]))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    django.setup()
    main(*sys.argv[1:2])
