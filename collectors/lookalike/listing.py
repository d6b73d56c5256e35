"""Filters and pages of a list, as GitHub has them.

Sources: docs.github.com "List workflow runs for a repository", "Using pagination in the REST API".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from .things import FakeRun

DEFAULT_PAGE_SIZE = 30
LARGEST_PAGE_SIZE = 100
# A filtered list of runs has no more, however many there are.
MOST_FILTERED_RUNS = 1000
# Beyond this GitHub answers 422.
DEEPEST_ITEM = 40_000
RUN_FILTERS = ("actor", "branch", "check_suite_id", "created", "event", "head_sha", "status")


@dataclass(frozen=True)
class Slice:
    """One page of a list, and the ``Link`` header that leads to the others ('' when there is only one)."""

    items: list[Any]
    link: str


def page_of(items: list[Any], query: Mapping[str, str], url: str) -> Slice | None:
    """The page that a query asks for; None when it lies too deep."""
    size = _whole(query.get("per_page"), DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE)
    page = _whole(query.get("page"), 1, DEEPEST_ITEM + 1)
    if page * size > DEEPEST_ITEM:
        return None
    last = max(1, -(-len(items) // size))
    others: dict[str, int] = {}
    if page > 1:
        others.update(first=1, prev=min(page - 1, last))
    if page < last:
        others.update(next=page + 1, last=last)
    links = (
        f'<{url}?{urlencode({**query, "page": str(number)})}>; rel="{relation}"'
        for relation, number in others.items()
    )
    return Slice(items[(page - 1) * size : page * size], ", ".join(links))


def filter_runs(
    runs: list[FakeRun], query: Mapping[str, str], indexed_until: datetime | None = None
) -> list[FakeRun]:
    """The runs that a query wants: ``status`` is a status or a conclusion, ``created`` a date or a range.

    With any filter they come from GitHub's index, which may know no run since ``indexed_until``.
    """
    wanted: dict[str, Callable[[FakeRun, str], bool]] = {
        "actor": lambda run, value: run.author == value,
        "branch": lambda run, value: run.head_branch == value,
        "check_suite_id": lambda run, value: str(run.id + 1) == value,
        "created": lambda run, value: _within(run.created_at, value),
        "event": lambda run, value: run.event == value,
        "head_sha": lambda run, value: run.head_sha == value,
        "status": lambda run, value: value in (run.status, run.conclusion),
    }
    used = [(wanted[name], query[name]) for name in RUN_FILTERS if query.get(name)]
    if not used:
        return runs
    runs = [run for run in runs if indexed_until is None or run.created_at < indexed_until]
    return [run for run in runs if all(matches(run, value) for matches, value in used)][:MOST_FILTERED_RUNS]


def _within(moment: datetime, expression: str) -> bool:
    """Whether a time fits a search expression: ``>=2026-01-02``, ``2026-01-01..2026-01-31``, ``2026-01-02``."""
    for sign in (">=", "<=", ">", "<"):
        if expression.startswith(sign):
            start, end = _span(expression.removeprefix(sign))
            return {">=": moment >= start, "<=": moment < end, ">": moment >= end, "<": moment < start}[sign]
    first, dots, last = expression.partition("..")
    start, end = _span(first)
    if dots:
        end = datetime.max.replace(tzinfo=UTC) if last == "*" else _span(last)[1]
    return start <= moment < end


def _span(text: str) -> tuple[datetime, datetime]:
    """A day, or a second, from its start to the start of the next."""
    if text == "*":
        return datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    # A plus sign in a query is a space once it has been decoded.
    start = datetime.fromisoformat(text.replace(" ", "+"))
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return start, start + (timedelta(days=1) if len(text) == len("2026-01-02") else timedelta(seconds=1))


def _whole(value: str | None, default: int, largest: int) -> int:
    """A positive number; GitHub takes its default for anything else."""
    if value is None or not value.isdigit() or int(value) < 1:
        return default
    return min(int(value), largest)
