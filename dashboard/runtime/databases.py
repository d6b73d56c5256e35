"""What the runtime asks PostgreSQL itself, before any Django.

Asked in a forked process: the driver would otherwise stay in the supervisor's memory, for two questions a start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable

from dashboard.runtime.embedded import database_url
from dashboard.runtime.places import Places
from dashboard.runtime.trouble import StartError


def ensure_database(places: Places, ports: list[int], database: str) -> bool:
    """Make the database if it is not there; True when it was made now."""
    return _apart(lambda: _ensure_database(places, ports, database))


def has_stored_credential(database_url: str) -> bool:
    """Whether an organization in the real database has a credential of its own (entered in the admin)."""
    return _apart(lambda: _has_stored_credential(database_url))


def _ensure_database(places: Places, ports: list[int], database: str) -> bool:
    import psycopg
    from psycopg import sql

    try:
        with psycopg.connect(database_url(places, ports, "postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            return not known
    except psycopg.errors.DuplicateDatabase:  # another command was faster
        return False
    except psycopg.OperationalError as error:
        where = places.shown(places.var / "database_password")
        raise StartError(
            f"The embedded PostgreSQL lets nobody in ({str(error).strip().splitlines()[-1]}): {where} "
            "must be the one that its data were made with."
        ) from error


def _has_stored_credential(database_url: str) -> bool:
    import psycopg

    try:
        with psycopg.connect(database_url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT EXISTS (SELECT 1 FROM dashboard_organization WHERE token_encrypted <> '')"
            ).fetchone()
    except psycopg.Error:  # no such database or table yet: nothing was ever entered
        return False
    return bool(row and row[0])


def _apart(question: Callable[[], bool]) -> bool:
    """The answer, from a child process; a StartError there is raised here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said: dict[str, object] = {"error": "PostgreSQL could not be asked: var/log/postgres.log may say why."}
        try:
            said = {"answer": question()}
        except StartError as error:
            said = {"error": str(error)}
        finally:
            os.write(writer, json.dumps(said).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        heard = json.loads(pipe.read() or b'{"error": "PostgreSQL could not be asked."}')
    os.waitpid(child, 0)
    if "error" in heard:
        raise StartError(heard["error"])
    return bool(heard["answer"])
