"""Any results in are the same results out."""

from __future__ import annotations

import zlib
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.packing import (
    LONGEST,
    Branches,
    Lines,
    Night,
    digest_of,
    duration_codes,
    duration_of,
    pack_contexts,
    pack_durations,
    pack_lines,
    pack_names,
    pack_nights,
    pack_outcomes,
    quantised,
    unpack_contexts,
    unpack_durations,
    unpack_lines,
    unpack_names,
    unpack_nights,
    unpack_outcomes,
)
from dashboard.packing.differences import difference, told_by
from dashboard.packing.squeezing import byte_at, differing, unsqueeze

results = st.lists(st.tuples(st.integers(0, 3), st.booleans()))
counts = st.none() | st.integers(0, 2**32 - 2)
branches = st.builds(
    Branches,
    covered=st.integers(0, 9),
    valid=st.integers(0, 9),
    taken=st.none() | st.dictionaries(st.text(), st.booleans(), max_size=4),
    missing=st.none() | st.dictionaries(st.integers(0, 9), st.lists(st.text(), max_size=3).map(tuple), max_size=2),
)


@given(results)
def test_outcomes_and_flakiness_come_back_as_they_went_in(pairs: list[tuple[int, bool]]) -> None:
    outcomes, flaky = [p[0] for p in pairs], [p[1] for p in pairs]
    assert unpack_outcomes(pack_outcomes(outcomes, flaky)) == (outcomes, flaky)


@given(st.lists(st.none() | st.floats(0, LONGEST, allow_nan=False)))
def test_durations_come_back_within_the_stated_rounding(seconds: list[float | None]) -> None:
    read = list(map(duration_of, unpack_durations(pack_durations(duration_codes(seconds)))))
    assert read == [quantised(s) for s in seconds]
    for stored, given_seconds in zip(read, seconds, strict=True):
        assert (stored is None) == (given_seconds is None)
        if given_seconds is not None and given_seconds > 0.0001:
            assert stored is not None and abs(stored - given_seconds) <= 0.042 * given_seconds


@given(st.none() | st.floats(0, LONGEST))
def test_rounding_a_rounded_duration_changes_nothing(seconds: float | None) -> None:
    assert quantised(quantised(seconds)) == quantised(seconds)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.integers(1, 2**31), st.integers(0, 2**32 - 1), max_size=50),
    st.dictionaries(st.integers(1, 2**31), branches, max_size=5),
    st.booleans(),
)
def test_lines_hits_and_branches_come_back_as_they_went_in(
    hits: dict[int, int], branched: dict[int, Branches], executed_only: bool
) -> None:
    lines = Lines(hits, branched, executed_only)
    assert unpack_lines(pack_lines(lines)) == lines


def test_branches_that_were_stored_in_rows_are_read_for_ever() -> None:
    stored = (
        b"\x00"  # not deflated
        b"\x00\x02\x00\x00\x00BB\x2f\x00\x00\x00"  # two lines, gaps and hits in a byte each, 47 bytes of branches
        b"\x03\x04\x01\x00"
        b'[[3,1,2,{"0,0":true,"0,1":false}],[7,0,2,null]]'
    )
    assert unpack_lines(stored) == Lines(
        {3: 1, 7: 0}, {3: Branches(1, 2, {"0,0": True, "0,1": False}), 7: Branches(0, 2)}
    )


def test_a_name_that_repeats_from_line_to_line_costs_next_to_nothing() -> None:
    branched = {n: Branches(1, 2, {"0,0": n % 3 > 0, "0,1": n % 3 == 0}) for n in range(1, 2001)}
    lines = Lines(dict.fromkeys(range(1, 2001), 1), branched)
    assert len(pack_lines(lines)) < 2_000


@given(st.dictionaries(st.integers(1, 5000), st.integers(0, 3), min_size=2))
def test_equal_lines_are_equal_bytes_whatever_their_order(hits: dict[int, int]) -> None:
    backwards = dict(reversed(list(hits.items())))
    assert pack_lines(Lines(hits)) == pack_lines(Lines(backwards))


@given(st.lists(st.builds(Night, st.dates(date(2000, 1, 1), date(2170, 1, 1)), counts, counts, counts, counts)))
def test_nights_come_back_as_they_went_in(nights: list[Night]) -> None:
    assert unpack_nights(pack_nights(nights)) == nights


@pytest.mark.parametrize("day", [date(1970, 1, 1), date(9999, 12, 31)])
def test_a_night_of_a_wrong_clock_is_left_out_and_the_others_stay(day: date) -> None:
    night = Night(date(2026, 11, 30), 8, 7, 3, 4)
    assert unpack_nights(pack_nights([Night(day, 1, 1, 1, 1), night])) == [night]


def test_a_year_of_a_thousand_passing_tests_stays_near_a_byte_each() -> None:
    outcomes = pack_outcomes([1] * 1000, [False] * 1000)
    durations = pack_durations(duration_codes([0.001 * (n % 37) for n in range(1000)]))
    assert len(outcomes) + len(durations) < 1200


def test_digests_keep_parts_apart() -> None:
    assert digest_of(b"a", b"bc") != digest_of(b"ab", b"c")


@given(st.lists(st.text()), st.dictionaries(st.integers(0, 9), st.sets(st.integers(1, 10_000_000), min_size=1)))
def test_tests_and_the_lines_they_ran_come_back_as_they_went_in(
    names: list[str], contexts: dict[int, set[int]]
) -> None:
    assert unpack_names(pack_names(names)) == names
    assert unpack_contexts(pack_contexts(contexts)) == {place: sorted(lines) for place, lines in contexts.items()}


def test_one_byte_of_a_long_row_is_read_without_the_rest() -> None:
    outcomes = [1] * 40_000 + [2] + [1] * 10_000
    packed = pack_outcomes(outcomes, [False] * len(outcomes))
    assert [byte_at(packed, place) for place in (0, 39_999, 40_000, 50_000)] == [1, 1, 2, 1]
    assert unpack_outcomes(packed)[0] == outcomes
    assert byte_at(pack_outcomes([3, 0], [False, False]), 0) == 3


def test_a_long_row_of_an_earlier_release_is_read_as_before() -> None:
    codes = bytes(range(256)) * 300
    before = b"\x01" + zlib.compress(codes, 6)
    assert unsqueeze(before) == codes and byte_at(before, 70_001) == 70_001 % 256


@given(st.integers(0, 9_000).flatmap(lambda size: st.tuples(*[st.binary(min_size=size, max_size=size)] * 2)))
def test_durations_told_as_differences_come_back_as_they_went_in(both: tuple[bytes, bytes]) -> None:
    codes, usual = both
    packed = pack_durations(codes, usual)
    assert unpack_durations(packed, usual) == codes
    assert unpack_durations(pack_durations(codes)) == codes
    assert all((byte_at(packed, place) + usual[place]) % 256 == codes[place] for place in range(0, len(codes), 997))


kept = st.integers(0, 60)


@given(st.lists(kept, unique=True), st.sets(kept), st.sets(st.integers(61, 90)), st.randoms())
def test_a_list_told_by_another_comes_back_as_it_was(
    base: list[int], gone: set[int], came: set[int], chance: Random
) -> None:
    other = [item for item in base if item not in gone]
    for item in came:
        other.insert(chance.randint(0, len(other)), item)
    told = difference(base, other)
    assert told is not None
    assert told.applied(base, told.came(other)) == other
    assert [told.place(place) for place in range(len(base))] == [
        other.index(item) if item in other else None for item in base
    ]
    assert told.on_base(other, -1) == [item if item in other else -1 for item in base]


def test_a_list_in_another_order_or_much_changed_is_not_told_by_another() -> None:
    base = list(range(100))
    assert told_by(base, [1, 0, *base[2:]]) is None
    assert told_by(base, base[:90]) is None
    assert told_by(base, base[:99]) is not None


def test_differing_bytes_are_found_by_their_places() -> None:
    assert differing(b"aabca", b"abbda") == [1, 3]
    assert differing(b"same", b"same") == differing(b"", b"") == []
