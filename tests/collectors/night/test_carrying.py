"""Incomplete commits and carried groups in a real night (contract rules 6 and 7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository
from dashboard.models import Repository, Snapshot

from .conftest import Collect
from .reports import cobertura_zip, junit_zip

SHAS = ["a1" * 20, "b2" * 20, "c3" * 20, "d4" * 20]


class Shop:
    """acme/shop, a commit a day."""

    def __init__(
        self, github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
    ) -> None:
        self.github, self.shop, self.repository, self.collect = github, shop, repository, collect_now
        self.made = 0

    def commit(self, days_ago: float = 0, conclusion: str = "success", **artifacts: bytes) -> Snapshot | None:
        """A run that uploads these artifacts (``_`` in a name stands for ``-``), collected."""
        at = self.github.estate.now - timedelta(days=days_ago)
        run = self.github.estate.add_run(
            self.shop, head_sha=SHAS[self.made], created_at=at, committed_at=at, conclusion=conclusion
        )
        self.made += 1
        for name, content in artifacts.items():
            self.github.estate.add_artifact(run, name.replace("_", "-"), content, created_at=at)
        self.collect()
        self.repository.refresh_from_db()
        return Snapshot.objects.filter(sha=run.head_sha).first()


@pytest.fixture
def acme(github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect) -> Shop:
    return Shop(github, shop, repository, collect_now)


def test_a_commit_that_lacks_a_leg_is_a_marked_point_and_moves_no_figure(acme: Shop) -> None:
    whole = {"tests_py311": junit_zip(one="P", two="P"), "tests_py312": junit_zip(two="P", three="P")}
    complete = acme.commit(2, **whole)
    half = acme.commit(1, tests_py311=junit_zip(one="F", two="P"))
    assert complete is not None and complete.complete and half is not None and not half.complete
    assert half.missing_legs == ["tests-py312 (ci.yml)"]
    assert acme.repository.latest == complete and acme.repository.tests_total == 3
    assert acme.repository.failing == 0


def test_three_commits_that_agree_on_fewer_legs_count_again(acme: Shop) -> None:
    acme.commit(4, tests_py311=junit_zip(one="P"), tests_py312=junit_zip(two="P"))
    for days_ago in (3, 2, 1):
        last = acme.commit(days_ago, tests_py311=junit_zip(one="P"))
    assert acme.repository.latest == last and acme.repository.tests_total == 1


def test_a_group_that_was_not_uploaded_keeps_its_last_figures_marked_as_carried(acme: Shop) -> None:
    acme.commit(2, unit=junit_zip(one="P", two="P"), e2e=junit_zip(buys="P", sells="F", pays="P"))
    newer = acme.commit(1, unit=junit_zip(one="P", two="P", three="P"))
    assert newer is not None
    assert (newer.tests_total, newer.tests_failed, newer.tests_carried) == (6, 1, True)
    assert newer.complete and acme.repository.latest == newer
    assert {group.name: group.carried_from_id is not None for group in newer.groups.all()} == {
        "unit": False,
        "e2e": True,
    }


def test_a_group_is_not_carried_for_more_than_thirty_days(acme: Shop) -> None:
    acme.commit(40, unit=junit_zip(one="P"), e2e=junit_zip(buys="P"))
    newer = acme.commit(1, unit=junit_zip(one="P"))
    assert newer is not None and (newer.tests_total, newer.tests_carried) == (1, False)


def test_a_renamed_group_is_counted_once(acme: Shop) -> None:
    acme.commit(2, unit=junit_zip(one="P", two="P"))
    newer = acme.commit(1, everything=junit_zip(one="P", two="P", three="P"))
    assert newer is not None and (newer.tests_total, newer.tests_carried) == (3, False)


def test_carried_lines_count_only_of_files_that_did_not_change(acme: Shop) -> None:
    files = acme.shop.files
    files.update({"shop/cart.py": b"cart", "shop/stock.py": b"stock", "shop/till.py": b"till"})
    acme.commit(
        2,
        unit=cobertura_zip(cart={1: 1, 2: 1}),
        e2e=cobertura_zip(stock={1: 1, 2: 0}, till={1: 1, 2: 1, 3: 1}, cart={9: 1}),
    )
    assert acme.repository.lines_valid == 3 + 2 + 3
    acme.shop.files_at[SHAS[0]] = dict(files)
    files["shop/till.py"] = b"a new till"
    newer = acme.commit(1, unit=cobertura_zip(cart={1: 1, 2: 0}))
    assert newer is not None and newer.coverage_carried
    # cart.py fresh lines only, stock.py carried, till.py has changed: stale.
    assert (newer.lines_valid, newer.lines_covered) == (2 + 2, 1 + 1)
    carried = newer.groups.get(name="e2e")
    assert len(carried.stale) == 1


def test_a_cancelled_run_makes_its_commit_incomplete(acme: Shop) -> None:
    complete = acme.commit(2, unit=junit_zip(one="P"))
    cancelled = acme.commit(1, conclusion="cancelled", unit=junit_zip(one="P", two="P"))
    assert cancelled is not None and cancelled.missing_legs == ["run CI #2 was cancelled"]
    assert acme.repository.latest == complete


def test_an_incomplete_commit_stands_where_nothing_complete_is_near(acme: Shop) -> None:
    only = acme.commit(1, conclusion="cancelled", unit=junit_zip(one="P"))
    assert acme.repository.latest == only and acme.repository.tests_total == 1


def test_collecting_again_changes_nothing_of_what_is_carried(acme: Shop) -> None:
    acme.commit(2, unit=junit_zip(one="P"), e2e=junit_zip(buys="P"))
    acme.commit(1, unit=junit_zip(one="P"))
    before = list(Snapshot.objects.order_by("pk").values())
    acme.collect()
    assert list(Snapshot.objects.order_by("pk").values()) == before
