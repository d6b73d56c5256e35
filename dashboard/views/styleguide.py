"""Every component in its states, from the partials that the pages use; only where DEBUG is on."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dashboard.charts.bars import pass_bar
from dashboard.charts.line import line
from dashboard.charts.still import still
from dashboard.charts.trend import trend_figure
from dashboard.charts.windows import Pane, windows
from dashboard.queries.carried import Carried, CarriedGroup
from dashboard.queries.headline import HEIGHT, WIDTH, Headline
from dashboard.templatetags.figures import EVIDENCE_WORDS, MARK_WORDS

TOKENS = settings.BASE_DIR / "static" / "css" / "tokens.css"
SHA = "22765287c1d4fb8cbcbc3f3f3efe5e5df85878a6"
AT = datetime(2026, 3, 6, 2, 47, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """What ``components/standing.jinja`` asks of a commit."""

    tests_carried: bool = False
    coverage_carried: bool = False
    evidence: str = "report"
    complete: bool = True
    missing_legs: tuple[str, ...] = ()
    reachable: bool = True


@dataclass(frozen=True, slots=True)
class Commit:
    """What a trend asks of a commit."""

    sha: str
    committed_at: datetime
    passed: int
    failed: int
    errors: int
    skipped: int
    percent: float
    percent_delta: float
    evidence: str = "report"


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    context = {
        "tokens": _colours(),
        "marks": MARK_WORDS.items(),
        "grades": EVIDENCE_WORDS.items(),
        "deltas": (89, -3, 0),
        "points": (1.24, -0.2, -4.16, 0.0),
        "percents": (0.0, 0.04, 46.25, 99.96, 100.0, None),
        "durations": (0.169, 6.9, 153, 93_780, None),
        "at": AT,
        "headlines": _headlines(),
        "nights": {
            "steady": windows(_panes()),
            "failing": windows(_panes(failing=True)),
            "hollow": windows(_hollow()),
        },
        "lines": {"rising": line([60 + n / 2 for n in range(30)]), "one commit": line([81.0])},
        "bars": {"all passed": pass_bar(9_133, 0, 0, 4), "some failed": pass_bar(120, 6, 2, 9)},
        "still": still(trend_figure(_commits())),
        "standings": (
            Standing(),
            Standing(tests_carried=True),
            Standing(evidence="log"),
            Standing(complete=False, missing_legs=("test (3.13)",)),
            Standing(reachable=False),
        ),
        "repository": {"owner": "acme", "name": "api"},
        "carried": Carried(
            groups=(CarriedGroup("integration", SHA, AT, tests=291, lines=None),),
            stale=("src/accounts/login.py",),
            stale_count=3,
        ),
    }
    return render(request, "styleguide/index.html", context)


def _colours() -> list[str]:
    """The names of the colours, as the style sheet of tokens has them."""
    light = TOKENS.read_text().partition("}")[0]
    return [name for name, value in re.findall(r"--([\w-]+): ([^;]+);", light) if value.startswith("#")]


def _commits() -> list[Commit]:
    """A month of them: from a log at first, one with failing tests and an error, one that lost coverage."""
    return [
        Commit(
            sha=f"{night:040x}",
            committed_at=AT + timedelta(days=night - 30),
            passed=60 + night,
            failed=9 if night == 20 else 0,
            errors=2 if night == 20 else 0,
            skipped=4,
            percent=60 + night / 2 - (4 if night > 24 else 0),
            percent_delta=-3.5 if night == 25 else 0.5,
            evidence="log" if night < 6 else "report",
        )
        for night in range(30)
    ]


def _panes(failing: bool = False) -> list[Pane | None]:
    return [Pane(80 + night, failing=9 if failing and night > 26 else 0) for night in range(30)]


def _hollow() -> list[Pane | None]:
    return [None if night < 6 else Pane(None) if night % 5 == 0 else Pane(80) for night in range(30)]


def _headlines() -> list[Headline]:
    """A count with its nights, one in trouble, a rate as a line, and one that is not known."""
    tall = windows(_panes(), WIDTH, HEIGHT)
    count = Headline(
        "count", "Tests", "9,133", "", "8,836 passed, 291 failing", ("9,133 = 8,836 + 291 + 6",), 89, panes=tall
    )
    return [
        count,
        replace(count, key="trouble", label="Failing", figure="291", tests_delta=-3, trouble=True),
        Headline(
            "rate", "Coverage", "66.6", "%", "28,109 of 42,169 lines", ("66.6 % = 28,109 ÷ 42,169 lines",),
            points_delta=-4.16, line=line([60 + n / 3 for n in range(60)], WIDTH, HEIGHT, area=True),
        ),
        Headline("unknown", "Last night", "–", "", "no night has run yet", ("Nothing was collected.",)),
    ]  # fmt: skip
