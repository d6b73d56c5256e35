"""What a credential may still spend, as far as those who share it know."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol

from .sansio import RateLimit

RESERVE_PERCENT = 2
"""Of the hour's requests so many are left to people and tools that sign with the same credential."""


class Budget(Protocol):
    """Shared by everything that asks with one credential; ``resource`` is ``core`` or ``graphql``."""

    def closed_until(self, resource: str) -> datetime | None:
        """Until when nothing may be asked; None when it may."""

    def close(self, resource: str, until: datetime) -> None:
        """Nothing may be asked before this moment: GitHub said so, or the reserve is reached."""

    def slot(self) -> AbstractContextManager[None]:
        """Hold one of the places for requests that are under way at once; RateLimited where none comes free."""


class OwnBudget:
    """What one process knows by itself."""

    def __init__(self) -> None:
        self._closed: dict[str, datetime] = {}

    def closed_until(self, resource: str) -> datetime | None:
        return self._closed.get(resource)

    def close(self, resource: str, until: datetime) -> None:
        self._closed[resource] = until

    def slot(self) -> AbstractContextManager[None]:
        """A client asks one thing after the other, so a process that knows of no other needs no bound."""
        return nullcontext()


def at_the_reserve(rate: RateLimit) -> bool:
    """Whether so little is left that only the reserve remains."""
    if rate.limit is None or rate.remaining is None:
        return False
    return rate.remaining <= rate.limit * RESERVE_PERCENT // 100
