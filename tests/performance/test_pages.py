"""What every page and endpoint costs in a small estate and in a large one, and of one giant (make bench).

BENCH_REPOS=103,10000 BENCH_NIGHTS=365 BENCH_TESTS=200 BENCH_GIANT=50000 make the sizes that docs/performance.md
shows; those here end within minutes. Limits are ratios of one run: growth from the small estate to the large one,
and a kept answer beside the same bytes from a constant.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from collectors.filling.estate import Plan, fill
from dashboard.models import Repository
from dashboard.nights import day_of
from tests.performance.addresses import addresses, left_out, long_addresses, routes
from tests.performance.measuring import Cost
from tests.performance.pages import HEAD, costs, line, yardstick

SMALL, LARGE = (int(size) for size in os.environ.get("BENCH_REPOS", "103,600").split(","))
NIGHTS = int(os.environ.get("BENCH_NIGHTS", "60"))
TESTS = int(os.environ.get("BENCH_TESTS", "20"))
GIANT_TESTS = int(os.environ.get("BENCH_GIANT", "5000"))
MOST_GROWTH = 1.5
FILES_OF_GIANT = 0.4
"""For each test."""
GROWS = ("estate", "a total taken apart", "its stories", "API estate", "API search")
"""What sums over all repositories when it is made (docs/scaling.md), or looks for a name among all: only told."""
LEAST_MS = 3.0
"""Below this a ratio is that of noise."""


def filled(repositories: int, tests: int, files: int) -> None:
    """Adds what is missing; the repositories that are there already stay as they are."""
    last = day_of(datetime.now(UTC))
    for _ in fill(Plan(repositories, NIGHTS, tests, files, last, nightly=repositories <= SMALL)):
        pass


@pytest.fixture
def public(settings: pytest.FixtureRequest) -> None:
    settings.PUBLIC = True  # type: ignore[attr-defined]
    settings.ALLOWED_HOSTS = ["localhost"]  # type: ignore[attr-defined]


def the_first() -> Repository:
    return Repository.objects.exclude(latest=None).order_by("pk")[0]


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_what_pages_cost_as_the_estate_grows(public: None) -> None:
    found: dict[int, dict[str, Cost]] = {}
    for size in (SMALL, LARGE):
        filled(size, TESTS, 10)
        print(f"\n{size:,} repositories, {NIGHTS} nights; yardstick {yardstick():.0f} ms\n\n{HEAD}")
        found[size] = {}
        for name, cost in costs(addresses(the_first())):
            found[size][name] = cost
            print(line(name, cost), flush=True)
    print(f"\nFrom {SMALL:,} to {LARGE:,} repositories, made anew:")
    grown = []
    for name, before in found[SMALL].items():
        after = found[LARGE][name]
        growth = max(after.cpu_ms, LEAST_MS) / max(before.cpu_ms, LEAST_MS)
        more_bytes = max(1.0, after.plain / before.plain)
        print(f"  {name}: {growth:.2f} times the CPU, {more_bytes:.2f} times the bytes")
        if growth > MOST_GROWTH * more_bytes and not name.startswith(GROWS):
            grown.append(name)
        assert after.queries == before.queries, name
    assert not grown, f"{', '.join(grown)}: more CPU than the bytes explain"


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_what_one_giant_repository_costs(public: None) -> None:
    filled(1, GIANT_TESTS, round(FILES_OF_GIANT * GIANT_TESTS))
    giant = the_first()
    print(f"\nOne repository of {GIANT_TESTS:,} tests, {NIGHTS} nights; yardstick {yardstick():.0f} ms\n\n{HEAD}")
    for name, cost in costs(long_addresses(giant)):
        print(line(name, cost), flush=True)


@pytest.mark.django_db
def test_every_route_is_measured_or_left_out_with_a_reason() -> None:
    filled(1, 3, 1)
    measured = addresses(the_first())
    assert [route for route in routes() if route not in measured and not left_out(route)] == []
