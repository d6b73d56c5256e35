"""Runs beyond the end of GitHub's plain list: it stops after 40,000 items with 422.

A filtered list has 1,000 runs at most, so that the time before is asked for in windows, halved until each holds
fewer. Filtered lists come from an index that may be stale; only what the plain list cannot show is asked so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from collectors.github.client import GitHubClient
from collectors.github.errors import UnexpectedAnswer
from collectors.github.facts import RunFacts

MOST_FILTERED = 1_000
SHORTEST_WINDOW = timedelta(minutes=1)


def too_deep(error: UnexpectedAnswer) -> bool:
    """Whether an answer says that the list goes on and is not shown any further."""
    return error.status == 422


def runs_between(
    client: GitHubClient, repository_id: int, first: datetime, last: datetime
) -> Iterator[tuple[RunFacts, ...]]:
    """The runs created from ``first`` to ``last``, both seconds included, in batches, the newest window first."""
    windows = [(first.replace(microsecond=0), last.replace(microsecond=0))]
    while windows:
        start, end = windows.pop()
        runs = [run for page in client.runs(repository_id, created_between=(start, end)) for run in page.items]
        yield tuple(runs)
        if len(runs) >= MOST_FILTERED and end - start > SHORTEST_WINDOW:
            middle = (start + (end - start) / 2).replace(microsecond=0)
            windows += [(start, middle), (middle + timedelta(seconds=1), end)]
