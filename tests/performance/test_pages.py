"""What every page and endpoint costs in a small estate and in a large one, and of one giant (make bench).

BENCH_REPOS=103,10000 BENCH_NIGHTS=365 BENCH_TESTS=200 BENCH_GIANT=50000 make the sizes that docs/performance.md
shows; those here end within minutes. With DATABASE_URL the estates stay, and the next bench finds them. Limits are
ratios of one run: growth from the small estate to the large one, at the pace that the machine had for each.
"""

from __future__ import annotations

import os

import pytest

from dashboard.models import Repository
from tests.performance.addresses import addresses, left_out, long_addresses, routes
from tests.performance.filled import Size, add, estate
from tests.performance.measuring import Cost
from tests.performance.pace import yardsticks
from tests.performance.pages import HEAD, costs, line, told

SMALL, LARGE = (int(size) for size in os.environ.get("BENCH_REPOS", "103,600").split(","))
NIGHTS = int(os.environ.get("BENCH_NIGHTS", "60"))
TESTS = int(os.environ.get("BENCH_TESTS", "20"))
GIANT_TESTS = int(os.environ.get("BENCH_GIANT", "5000"))
MOST_GROWTH = 1.5
GROWTH = {"estate": 2.0, "API search": 3.0}
"""Of what grows more: a large estate's night has more news and more organizations, and its tests have a hundred
times the names; to search in them has an aim of its own (30 ms)."""
FILES_OF_GIANT = 0.4
"""For each test."""
LEAST_MS = 3.0
"""Below this a ratio is that of noise."""


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
    small, large = (Size(number, NIGHTS, TESTS, 10, nightly=number == SMALL) for number in (SMALL, LARGE))
    for size, upon in ((small, None), (large, small)):
        with estate(size, upon):
            print(f"\n{size.repositories:,} repositories, {NIGHTS} nights; {told(yardsticks())}\n\n{HEAD}")
            found[size.repositories] = {}
            for name, cost in costs(addresses(the_first())):
                found[size.repositories][name] = cost
                print(line(name, cost), flush=True)
    print(f"\nFrom {SMALL:,} to {LARGE:,} repositories, made anew, at one pace:")
    grown = []
    for name, before in found[SMALL].items():
        after = found[LARGE][name]
        growth = max(after.made.at(before.made.yardsticks), LEAST_MS) / max(before.made.work.both_ms, LEAST_MS)
        more_bytes = max(1.0, after.plain / before.plain)
        print(f"  {name}: {growth:.2f} times the CPU, {more_bytes:.2f} times the bytes")
        if growth > GROWTH.get(name.partition(",")[0], MOST_GROWTH) * more_bytes:
            grown.append(name)
        assert after.queries == before.queries, name
    assert not grown, f"{', '.join(grown)}: more CPU than the bytes explain"


@pytest.mark.bench
@pytest.mark.django_db(transaction=True)
def test_what_one_giant_repository_costs(public: None) -> None:
    with estate(Size(1, NIGHTS, GIANT_TESTS, round(FILES_OF_GIANT * GIANT_TESTS), nightly=True)):
        print(f"\nOne repository of {GIANT_TESTS:,} tests, {NIGHTS} nights; {told(yardsticks())}\n\n{HEAD}")
        for name, cost in costs(long_addresses(the_first())):
            print(line(name, cost), flush=True)


@pytest.mark.django_db
def test_every_route_is_measured_or_left_out_with_a_reason() -> None:
    add(Size(1, 4, 3, 1, nightly=True))
    measured = addresses(the_first())
    assert [route for route in routes() if route not in measured and not left_out(route)] == []
