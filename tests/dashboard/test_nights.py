"""A day is what one night reads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

from dashboard.nights import day_of, end_of, night_of


def test_what_ran_before_and_after_midnight_is_news_of_the_same_night() -> None:
    evening = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)
    small_hours = datetime(2026, 3, 6, 0, 30, tzinfo=UTC)
    assert day_of(evening) == day_of(small_hours) == date(2026, 3, 5)
    assert night_of(day_of(evening)) == date(2026, 3, 6)


def test_a_day_ends_where_the_next_begins() -> None:
    end = end_of(date(2026, 3, 5))
    assert day_of(end - timedelta(microseconds=1)) == date(2026, 3, 5)
    assert day_of(end) == date(2026, 3, 6)


def test_the_zone_in_which_a_moment_is_written_does_not_matter() -> None:
    moment = datetime(2026, 3, 6, 1, 0, tzinfo=UTC)
    assert day_of(moment.astimezone(timezone(timedelta(hours=9)))) == day_of(moment)
