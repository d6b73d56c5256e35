"""One night's maintenance over all repositories."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from collectors.collect import LOCK_CLASS
from collectors.maintenance import orphans, partitions, retention
from dashboard.models import Repository
from dashboard.nights import day_of


@dataclass(slots=True)
class Done:
    """``commits``: how many lost their detail; ``rows``: taken away, by table; ``busy``: left for another night."""

    begun: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    commits: int = 0
    busy: int = 0
    rows: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        rows = ", ".join(f"{count} of {table}" for table, count in sorted(self.rows.items())) or "none"
        return (
            f"{self.commits} commits let go of their detail; rows taken away: {rows}; partitions begun: "
            f"{', '.join(self.begun) or 'none'}, dropped: {', '.join(self.dropped) or 'none'}; "
            f"{self.busy} repositories were being collected"
        )


def maintain(now: datetime) -> Done:
    """Begin the month, apply retention as of ``now``, and take away what nothing points at."""
    done = Done(begun=partitions.begin_month(day_of(now)))
    ids = list(Repository.objects.order_by("pk").values_list("pk", flat=True))
    for repository in _each(ids, done):
        done.commits += retention.let_go(repository, now)
    # Before the sweep: what goes with a whole partition need not be deleted row by row.
    done.dropped = partitions.drop_unused()
    for repository in _each(ids, done):
        done.rows.update(orphans.sweep(repository))
    _order_names()
    return done


ORDER_NAMES = """
    SELECT gin_clean_pending_list(oid) FROM pg_class
    WHERE relname = 'test_words_parts' AND pg_has_role(relowner, 'usage')
"""


def _order_names() -> None:
    """Put the names that the night brought in their place: until then each search reads them all, one by one.

    The database's own vacuum does so too, but only once a fifth of all names are new.
    """
    with connection.cursor() as cursor:
        cursor.execute(ORDER_NAMES)


def _each(ids: list[int], done: Done) -> Iterator[Repository]:
    """Repositories, each held while it is worked on; one that is being collected is counted and passed over."""
    for pk in ids:
        with _held(pk) as ours:
            repository = Repository.objects.select_related("organization").filter(pk=pk).first()
            if ours and repository is not None:
                yield repository
            else:
                done.busy += 1


@contextmanager
def _held(repository_id: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, repository_id])
        ours = bool(cursor.fetchone()[0])
        try:
            yield ours
        finally:
            if ours:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, repository_id])
