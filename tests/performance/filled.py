"""Estates of given sizes, each in a database of its own on the server of the tests.

On a server that ``DATABASE_URL`` names they stay, and the next bench finds them and measures them at once: to fill
10,000 repositories with a year of nights takes longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.management import call_command
from django.db import connection

from collectors.filling.estate import Plan, fill
from dashboard.nights import day_of


@dataclass(frozen=True, slots=True)
class Size:
    """``nightly``: each repository ran on every night, else as those of an estate do."""

    repositories: int
    nights: int
    tests: int
    files: int
    nightly: bool

    @property
    def database(self) -> str:
        return f"filled_{self.repositories}_{self.nights}_{self.tests}"


def add(size: Size) -> None:
    """What is missing, into the database that is asked now; the repositories that are there already stay."""
    last = day_of(datetime.now(UTC))
    for _ in fill(Plan(size.repositories, size.nights, size.tests, size.files, last, nightly=size.nightly)):
        pass


@contextmanager
def estate(size: Size, upon: Size | None = None) -> Iterator[None]:
    """All questions go to an estate of that size, which begins with a copy of ``upon``."""
    own = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [size.database])
        if not cursor.fetchone()[0]:
            template = f' TEMPLATE "{upon.database}"' if upon else ""
            cursor.execute(f'CREATE DATABASE "{size.database}"{template}')
    try:
        _ask(size.database)
        call_command("migrate", verbosity=0)
        add(size)
        yield
    finally:
        _ask(own)


def _ask(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database
