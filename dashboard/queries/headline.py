"""The estate's five headline figures, each with its nights, its change and one note; no query of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dashboard.charts.line import Line, line
from dashboard.charts.windows import Pane, Windows, windows
from dashboard.queries.nights import NightCost, NightTotals, Span, newest_of_each_day
from dashboard.wording import count, duration_parts, percent, percent_sign, plural

WIDTH, HEIGHT = 240, 44


@dataclass(frozen=True, slots=True)
class EstateFigures:
    """Sums over the active repositories that the reader sees, from the newest evidence of grade report (rule 9)."""

    repositories: int
    active: int
    archived: int
    reporting: int
    tests: int | None
    passed: int
    failing: int
    skipped: int
    lines_valid: int | None
    lines_covered: int
    measured: int
    median_percent: float | None
    statuses: Mapping[str, int] = field(hash=False)
    from_logs: int
    """Tests counted in logs, of repositories without a report: beside the total, not in it."""

    @property
    def percent(self) -> float | None:
        return 100 * self.lines_covered / self.lines_valid if self.lines_valid else None

    @property
    def pass_rate(self) -> float | None:
        ran = (self.tests or 0) - self.skipped
        return 100 * self.passed / ran if ran > 0 else None


@dataclass(frozen=True, slots=True)
class Headline:
    """``figure`` is "–" for unknown, and ``note`` then says why. ``sum`` shows how the figure came to be.

    ``more`` are further numbers and units by turns: 6 m, then 11 s.
    """

    key: str
    label: str
    figure: str
    unit: str
    note: str
    sum: tuple[str, ...]
    tests_delta: int | None = None
    points_delta: float | None = None
    panes: Windows | None = None
    line: Line | None = None
    more: tuple[str, ...] = ()
    trouble: bool = False


def headlines(
    figures: EstateFigures, nights: Sequence[NightTotals], costs: Sequence[NightCost], span: Span, now: datetime
) -> list[Headline]:
    """``nights`` oldest first, ``costs`` newest first. Figures and changes are the newest; panes cover ``span``."""
    shown = span.of(nights)
    return [
        _reporting(figures, nights, _placed([_pane(night, night.reporting) if night else None for night in shown])),
        _tests(figures, nights, _placed([_pane(night, night.tests) if night else None for night in shown])),
        _pass_rate(figures, nights, _placed([_pane(night, night.failing) if night else None for night in shown])),
        _coverage(figures, nights, shown),
        _night(costs, span, now),
    ]


def _pane(night: NightTotals, number: int) -> Pane:
    """Hollow where no repository made evidence: the sums of that day are those of the day before."""
    return Pane(number if night.fresh else None)


def _placed(panes: Sequence[Pane | None]) -> Windows | None:
    return windows(panes, WIDTH, HEIGHT) if any(panes) else None


def _before(nights: Sequence[NightTotals]) -> NightTotals | None:
    return nights[-2] if len(nights) > 1 else None


def _reporting(figures: EstateFigures, nights: Sequence[NightTotals], panes: Windows | None) -> Headline:
    never = figures.active - figures.reporting
    before = _before(nights)
    change = nights[-1].reporting - before.reporting if before else 0
    moved = f"{abs(change):,} {'more' if change > 0 else 'fewer'} than before · " if change else ""
    return Headline(
        key="reporting",
        label="Reporting",
        figure=count(figures.reporting),
        unit=f"of {count(figures.active)} active",
        note=f"{moved}{count(never)} never did" if never else f"{moved}all of them",
        sum=(
            f"{plural(figures.repositories, 'repository', 'repositories')}, {count(figures.archived)} archived and "
            "left out of every total.",
            "Reporting means that a commit of the default branch brought a report that could be read.",
        ),
        panes=panes,
    )


def _tests(figures: EstateFigures, nights: Sequence[NightTotals], panes: Windows | None) -> Headline:
    before = _before(nights)
    note = f"{count(figures.passed)} passed · {count(figures.skipped)} skipped"
    if figures.tests is None:
        note = "no report of tests was read yet"
    if figures.from_logs:
        note += f" · {count(figures.from_logs)} from logs beside"
    return Headline(
        key="tests",
        label="Tests",
        figure=count(figures.tests),
        unit="",
        note=note,
        sum=(
            f"{count(figures.tests)} = {count(figures.passed)} passed + {count(figures.failing)} failing + "
            f"{count(figures.skipped)} skipped",
            "The newest commit with evidence of each active repository. A test on several platforms counts once.",
        ),
        tests_delta=nights[-1].tests - before.tests if before else None,
        panes=panes,
    )


def _pass_rate(figures: EstateFigures, nights: Sequence[NightTotals], panes: Windows | None) -> Headline:
    before, rate = _before(nights), figures.pass_rate
    note = f"{count(figures.failing)} failing"
    if before:
        note += f", {count(before.failing)} the night before"
    moved = None
    if before and nights[-1].pass_rate is not None and before.pass_rate is not None:
        moved = nights[-1].pass_rate - before.pass_rate
    return Headline(
        key="pass-rate",
        label="Pass rate",
        figure=percent(rate),
        unit="%" if rate is not None else "",
        note=note if rate is not None else "no test ran yet",
        sum=(
            f"{percent_sign(rate)} = {count(figures.passed)} ÷ {count((figures.tests or 0) - figures.skipped)} "
            "tests that ran",
            "Skipped tests did not run. The panes show failing tests, night by night.",
        ),
        points_delta=moved,
        panes=panes,
        trouble=True,
    )


def _coverage(
    figures: EstateFigures, nights: Sequence[NightTotals], shown: Sequence[NightTotals | None]
) -> Headline:
    before, known = _before(nights), figures.percent is not None
    moved = None
    if before and nights[-1].percent is not None and before.percent is not None:
        moved = nights[-1].percent - before.percent
    rates = [night.percent if night else None for night in shown]
    note = f"{count(figures.lines_covered)} of {count(figures.lines_valid)} lines"
    if figures.median_percent is not None:
        note += f" · median {percent_sign(figures.median_percent)}"
    return Headline(
        key="coverage",
        label="Coverage, by lines",
        figure=percent(figures.percent),
        unit="%" if known else "",
        note=note if known else "no report tells which lines could run",
        sum=(
            f"{percent_sign(figures.percent)} = {note.partition(' · ')[0].replace(' of ', ' ÷ ')}",
            f"Over {plural(figures.measured, 'active repository', 'active repositories')} whose reports tell the "
            "valid lines; each weighs as much as it has lines. The median gives each the same weight.",
        ),
        points_delta=moved,
        line=line(rates, WIDTH, HEIGHT, area=True) if known else None,
    )


def _night(costs: Sequence[NightCost], span: Span, now: datetime) -> Headline:
    by_day = newest_of_each_day(costs)
    running = next((cost for cost in costs if cost.finished_at is None), None)
    ended = next((cost for cost in costs if cost.finished_at is not None), None)
    first = min(by_day, default=now.date())
    # A collection stands at the day on which it ran: the name of its night.
    last = span.until or max(by_day, default=now.date())
    panes: list[Pane | None] = []
    for back in range(span.places - 1, -1, -1):
        day = last - timedelta(days=back)
        cost = by_day.get(day)
        seconds = int(cost.seconds or 0) if cost else None
        panes.append(None if day < first else Pane(seconds))
    if running:
        took: float | None = (now - running.started_at).total_seconds()
        note = f"{count(running.lit)} of {plural(running.of, 'repository', 'repositories')} read"
    elif ended:
        took = ended.seconds
        note = f"{_asked(ended)} · ended {ended.finished_at:%H:%M}"
    else:
        took, note = None, "nothing was collected yet"
    figure, unit, *more = duration_parts(took)
    return Headline(
        key="night",
        label="Night",
        figure=figure,
        unit=unit,
        more=tuple(more),
        note=note,
        sum=(
            note,
            "The newest collection, from its start to the last repository. Each night is on the ingest page.",
        ),
        panes=_placed(panes),
    )


def _asked(cost: NightCost) -> str:
    if cost.requests is None:
        return "requests were not counted"
    return (
        f"{count(cost.requests)} of {count(cost.limit)} requests"
        if cost.limit
        else plural(cost.requests, "request")
    )
