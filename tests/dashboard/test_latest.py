"""What a process keeps is what was asked for last, and never more than it may."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from dashboard.latest import Latest


def test_what_was_asked_for_longest_ago_goes_first() -> None:
    held: Latest[str, str] = Latest(3)
    for key in ("first", "second", "third"):
        held.put(key, key.upper())
    assert held.get("first") == "FIRST"
    held.put("fourth", "FOURTH")
    assert [held.get(key) for key in ("first", "second", "third", "fourth")] == ["FIRST", None, "THIRD", "FOURTH"]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60))))
def test_it_never_holds_more_than_it_may_and_knows_how_much_that_is(puts: list[tuple[int, int]]) -> None:
    held: Latest[int, bytes] = Latest(100, lambda key, value: len(value))
    for key, size in puts:
        held.put(key, bytes(size))
        kept = [value for number in range(10) if (value := held.get(number)) is not None]
        assert held.weight == sum(map(len, kept)) <= 100 and len(held) == len(kept)
    held.clear()
    assert held.weight == len(held) == 0


def test_many_threads_share_it() -> None:
    held: Latest[int, str] = Latest(20)

    def asks(number: int) -> bool:
        key = number % 40
        return (held.get(key) or held.put(key, str(key))) == str(key)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(asks, range(4_000)))
    assert held.weight == len(held) == 20
