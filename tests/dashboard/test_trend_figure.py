"""The trend's figure: valid for plotly, honest about what is unknown, its colours left to the theme."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.axes import HEAD, MOST_TICKS, count_axis, coverage_range, tick_days, tick_places
from dashboard.charts.trend import trend_figure
from tests.dashboard.charts.commits import START, Commit


def commits(*changes: dict[str, Any], apart: timedelta = timedelta(hours=6)) -> list[Commit]:
    return [Commit(f"{i:08x}".ljust(40, "0"), START + i * apart, **change) for i, change in enumerate(changes)]


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def inked(value: Any) -> Any:
    """As the script in the page does it: names of tokens become colours."""
    if isinstance(value, str) and value.startswith("var:"):
        return "sans-serif" if value == "var:font" else "#1d4fb8"
    if isinstance(value, list):
        return [inked(item) for item in value]
    if isinstance(value, dict):
        return {key: inked(item) for key, item in value.items()}
    return value


HISTORIES = {
    "empty": [],
    "one commit": commits({}),
    "every outcome": commits({}, {"failed": 2, "errors": 1, "skipped": 3}, {"passed": 12}),
    "tests only": commits({"percent": None}, {"percent": None}),
    "coverage only": commits(*[dict.fromkeys(("passed", "failed", "errors", "skipped"))] * 3),
    "a fall": commits({"percent": 90.0}, {"percent": 80.0, "percent_delta": -10.0}),
    "from a log": commits({"evidence": "log"}, {}),
    "a year": commits(*[{"passed": n} for n in range(365)], apart=timedelta(days=1)),
}


@pytest.mark.parametrize("by_date", [False, True], ids=["by commit", "by date"])
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES.keys())
def test_plotly_accepts_the_figure(history: list[Commit], by_date: bool) -> None:
    figure = trend_figure(history, by_date)
    assert json.loads(json.dumps(figure)) == figure
    go.Figure(inked(figure)).to_dict()


def test_no_colour_is_written_into_the_figure() -> None:
    found = [text for text in strings(trend_figure(HISTORIES["every outcome"])) if text.startswith(("#", "rgb("))]
    assert found == []


def test_outcomes_are_stacked_from_zero_with_passed_at_the_foot() -> None:
    figure = trend_figure(HISTORIES["every outcome"])
    bars = [(trace["name"], trace["y"]) for trace in figure["data"] if trace["type"] == "bar"]
    assert bars == [
        ("passed", [10, 10, 12]),
        ("failed", [0, 2, 0]),
        ("error", [0, 1, 0]),
        ("skipped", [0, 3, 0]),
    ]
    assert figure["layout"]["barmode"] == "stack"
    assert figure["layout"]["yaxis"]["range"][0] == 0


def test_an_outcome_that_never_happened_takes_no_room_in_the_hover() -> None:
    assert [trace["name"] for trace in trend_figure(HISTORIES["one commit"])["data"]] == ["passed", "coverage"]


def test_the_newest_pane_is_lit() -> None:
    colours = trend_figure(HISTORIES["every outcome"])["data"][0]["marker"]["color"]
    assert colours == ["var:pane", "var:pane", "var:glass"]


def test_unknown_coverage_leaves_a_gap_and_is_not_zero() -> None:
    line = trend_figure(commits({"percent": 50.0}, {"percent": None}, {"percent": 60.0}))["data"][-1]
    assert line["y"] == [50.0, None, 60.0]
    assert line["connectgaps"] is False


def test_by_date_each_day_shows_its_newest_commit() -> None:
    figure = trend_figure(commits(*[{"passed": n} for n in range(6)]), by_date=True)
    assert figure["data"][0]["x"] == ["2026-01-28", "2026-01-29"]
    assert figure["data"][0]["y"] == [2, 5]


def test_percents_are_cut_off_and_never_rounded_up() -> None:
    line = trend_figure(commits({"percent": 99.96}, {"percent": None}))["data"][-1]
    assert line["text"] == ["99.9\u202f%", "–"]


def test_a_few_commits_stay_narrow_panes() -> None:
    few, many = (trend_figure(commits(*[{}] * number))["data"][0] for number in (1, 30))
    assert few["width"] < 0.1
    assert "width" not in many


def test_two_commits_of_one_minute_stay_two_bars() -> None:
    figure = trend_figure(commits({}, {}, apart=timedelta(seconds=5)))
    assert len(set(figure["data"][0]["x"])) == 2


def test_the_worst_commit_and_the_steepest_fall_are_noted() -> None:
    figure = trend_figure(
        commits({"percent": 90.0}, {"failed": 9}, {"failed": 2, "percent": 83.4, "percent_delta": -6.6})
    )
    notes = [note["text"] for note in figure["layout"]["annotations"][2:]]
    assert notes == ["9 failed", "fell 6.6 points"]


def test_each_bar_knows_its_commit_and_its_day() -> None:
    figure = trend_figure(commits({}, {}))
    assert figure["data"][0]["customdata"] == ["0" * 40, "00000001".ljust(40, "0")]
    assert figure["layout"]["meta"] == {"days": ["2026-01-28", "2026-01-28"]}


def test_at_most_six_days_are_written_under_the_axis() -> None:
    moments = [START + timedelta(days=i // 3) for i in range(90)]
    places = tick_places(moments)
    assert 2 <= len(places) <= MOST_TICKS
    assert all(place % 3 == 0 for place in places)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, ["2026-01-28"]),
        (6, [f"2026-01-{day}" for day in (28, 29, 30, 31)] + ["2026-02-01", "2026-02-02"]),
        # Mondays.
        (30, ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23"]),
        (90, ["2026-02-01", "2026-03-01", "2026-04-01"]),
        (365, [f"2026-{month}-01" for month in ("03", "05", "07", "09", "11")] + ["2027-01-01"]),
    ],
)
def test_by_date_round_days_are_written_under_the_axis(days: int, expected: list[str]) -> None:
    first = START.date()
    assert [day.isoformat() for day in tick_days(first, first + timedelta(days=days - 1))] == expected


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)), st.integers(1, 20_000))
def test_whatever_the_range_one_to_six_days_of_it_are_written(first: date, days: int) -> None:
    last = first + timedelta(days=days - 1)
    written = tick_days(first, last)
    assert 1 <= len(written) <= MOST_TICKS
    assert first <= written[0] and written[-1] <= last and written == sorted(set(written))


def test_a_few_days_stand_in_the_middle_of_ten() -> None:
    axis = trend_figure(commits({}), by_date=True)["layout"]["xaxis"]
    assert axis["range"] == ["2026-01-23 12:00", "2026-02-02 12:00"]


@given(st.lists(st.integers(0, 10**9), min_size=1), st.integers(0, 10**9))
def test_bars_and_their_note_stay_below_the_head_of_the_panel(heights: list[int], noted: int) -> None:
    axis = count_axis(heights, min(noted, max(heights)), 168)
    assert axis["range"][0] == 0 and axis["range"][1] >= max(heights)
    assert axis["range"][1] * (168 - HEAD) / 168 >= min(noted, max(heights)) * 0.99
    assert 1 <= len(axis["tickvals"]) <= 5 and all(isinstance(mark, int) for mark in axis["tickvals"])


@pytest.mark.parametrize(
    ("percents", "expected"),
    [
        ([], [0, 100]),
        ([100.0], [95.0, 101.5]),
        ([0.0, 1.0], [0.0, 5.5]),
        ([20.0, 80.0], [11.0, 89.0]),
    ],
)
def test_the_axis_of_coverage_is_cut_to_its_values_with_air(percents: list[float], expected: list[float]) -> None:
    assert coverage_range(percents) == expected


def test_what_a_log_told_is_hatched_and_said_in_the_hover() -> None:
    bars = trend_figure(commits({"evidence": "log"}, {}))["data"][0]
    assert bars["marker"]["pattern"]["shape"] == ["-", ""]
    assert [", from a log" in label for label in bars["x"]] == [True, False]
    assert "pattern" not in trend_figure(commits({}, {}))["data"][0]["marker"]
