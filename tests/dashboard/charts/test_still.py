"""The still picture of a trend: it holds what plotly's figure holds, and keeps each word as text."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.still import UNIT, still
from dashboard.charts.trend import COVERAGE, PANEL_HEIGHT, TESTS, trend_figure
from tests.dashboard.charts.commits import START, Commit

FOOT = round((1 - TESTS[0]) * PANEL_HEIGHT)
COLOURS = {"passed": {"pane", "glass"}, "failed": {"fail"}, "error": {"error"}, "skipped": {"stone-3"}}


@dataclass(frozen=True)
class Tagged:
    sha: str
    word: str


def commits(*changes: dict[str, Any]) -> list[Commit]:
    """One a day."""
    return [Commit(f"{n:08x}", START + timedelta(days=n), **change) for n, change in enumerate(changes)]


def bars_of(path: str) -> dict[int, tuple[int, int]]:
    """The place of each bar, and from where to where it goes up, in pixels above the foot of its panel."""
    found = re.findall(r"M(\d+) (\d+)V(\d+)", path)
    return {int(x) // UNIT: (FOOT - int(low), FOOT - int(high)) for x, low, high in found}


def points_of(path: str) -> dict[int, float]:
    return {int(x) // UNIT: float(y) for x, y in re.findall(r"[ML](\d+) ([\d.-]+)", path)}


counts = st.integers(0, 400)
changes = st.fixed_dictionaries(
    {"percent": st.none() | st.floats(0, 100)} | dict.fromkeys(("passed", "failed", "errors", "skipped"), counts)
)


@given(st.lists(changes, min_size=1, max_size=30), st.booleans())
def test_each_count_of_the_figure_has_a_bar_of_its_height_on_those_below_it(
    history: list[dict[str, Any]], by_date: bool
) -> None:
    figure = trend_figure(commits(*history), by_date)
    drawn = still(figure)
    before = (drawn.width // UNIT - len(history)) // 2
    top = figure["layout"]["yaxis"]["range"][1]
    a_test = (TESTS[1] - TESTS[0]) * PANEL_HEIGHT / top
    bars: dict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for ink, path in drawn.bars:
        bars[ink] |= bars_of(path)
    stacked = [0] * len(history)
    for trace in figure["data"][:-1]:
        found = {place: bar for ink in COLOURS[trace["name"]] for place, bar in bars[ink].items()}
        for at, count in enumerate(trace["y"]):
            assert (before + at in found) == (count > 0)
            if count:
                low, high = found[before + at]
                # Whole pixels, and what exists is seen, though it be a thousandth of the rest.
                assert high > low
                assert abs(low - stacked[at] * a_test) <= 3.6
                stacked[at] += count
                assert abs(high - stacked[at] * a_test) <= 3.6


@given(st.lists(st.none() | st.floats(0, 100), min_size=1, max_size=30))
def test_the_line_has_each_percent_at_its_height_and_breaks_where_none_is_known(
    percents: list[float | None],
) -> None:
    figure = trend_figure(commits(*[{"percent": percent} for percent in percents]))
    drawn = still(figure)
    low, high = figure["layout"]["yaxis2"]["range"]
    pixels = (COVERAGE[1] - COVERAGE[0]) * PANEL_HEIGHT
    expected = {
        at: PANEL_HEIGHT - pixels * (percent - low) / (high - low)
        for at, percent in enumerate(percents)
        if percent is not None
    }
    assert points_of(drawn.line) == points_of(drawn.dots) == pytest.approx(expected, abs=0.06)
    pieces = sum(
        percent is not None and (at == 0 or percents[at - 1] is None) for at, percent in enumerate(percents)
    )
    assert drawn.line.count("M") == pieces


def test_a_day_without_a_commit_keeps_its_place_by_date_and_has_none_by_commit() -> None:
    history = commits(*[{}] * 12)
    del history[4]
    places = [sorted(bars_of(still(trend_figure(history, by_date)).bars[0][1])) for by_date in (False, True)]
    assert places == [[*range(10)], [0, 1, 2, 3, *range(5, 11)]]


def test_the_newest_bar_is_lit() -> None:
    bars = dict(still(trend_figure(commits({}, {}, {}))).bars)
    assert [*bars_of(bars["pane"])] == [0, 1] and [*bars_of(bars["glass"])] == [2]


def test_what_a_log_told_is_hatched_to_its_whole_height() -> None:
    drawn = still(trend_figure(commits({"evidence": "log", "failed": 5}, {})))
    assert [*bars_of(drawn.logged)] == [0]
    assert bars_of(drawn.logged)[0] == (0, bars_of(dict(drawn.bars)["fail"])[0][1])


def test_all_words_of_the_figure_are_written_and_its_marks_drawn() -> None:
    history = commits({"percent": 90.0}, {"failed": 9}, {"percent": 80.0, "percent_delta": -10.0}, *[{}] * 9)
    figure = trend_figure(history, marks=[Tagged(history[7].sha, "v1"), Tagged("elsewhere", "v2")])
    drawn = still(figure)
    written = [words.text for words in drawn.words]
    assert [note["text"] for note in figure["layout"]["annotations"]] == written[-5:]
    assert written[-5:] == ["Tests", "Coverage, % of lines", "9 failed", "fell 10.0 points", "v1"]
    assert figure["layout"]["xaxis"]["ticktext"] == written[-11:-5]
    assert drawn.marks == f"M{7 * UNIT + UNIT // 2} 0V{PANEL_HEIGHT}"
    assert len(drawn.leaders) == 2


def test_no_word_of_a_stranger_is_markup() -> None:
    history = commits({}, {})
    evil = "<img src=x>'\"&lt;"
    drawn = still(trend_figure(history, marks=[Tagged(history[1].sha, evil)]))
    html = render_to_string("components/still.svg", {"still": drawn, "label": "Tests"})
    assert "<img" not in html and evil in unescape(html)
