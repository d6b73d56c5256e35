"""Demo or real: which estate a start shows, and how later commands know.

A demo is never mixed with real data: it has its own database, its own broker number and the look-alike's address.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from enum import StrEnum

from dashboard.runtime.databases import has_stored_credential
from dashboard.runtime.places import Places
from dashboard.runtime.ports import LOOPBACK
from dashboard.runtime.trouble import StartError


class Mode(StrEnum):
    DEMO = "demo"
    REAL = "real"

    @property
    def database(self) -> str:
        return "clerestory_demo" if self is Mode.DEMO else "clerestory"

    @property
    def broker_number(self) -> int:
        return 1 if self is Mode.DEMO else 0


def for_command(environ: Mapping[str, str], places: Places) -> Mode:
    """The mode of a ``manage.py`` command: what it is told, else what ``make run`` recorded."""
    told = _told(environ)
    if told is not None:
        return told
    if environ.get("DATABASE_URL"):
        return Mode.REAL  # a database given by address is used as it is
    try:
        return Mode((places.var / "mode").read_text().strip())
    except (OSError, ValueError):
        return Mode.DEMO


def for_run(environ: Mapping[str, str], database_url: str) -> Mode:
    """The mode of ``make run``: real when there is a credential, in the settings or in the real database."""
    told = _told(environ)
    if told is not None:
        return told
    return Mode.REAL if has_stored_credential(database_url) else Mode.DEMO


def record(mode: Mode, places: Places) -> None:
    places.replace(places.var / "mode", f"{mode}\n")


def point_at_demo(environ: MutableMapping[str, str], ports: list[int]) -> None:
    """Send the collectors to the look-alike instead of GitHub."""
    environ.update({"DEMO": "1", "GITHUB_TOKEN": "demo", "GITHUB_API_URL": f"http://{LOOPBACK}:{ports[0]}"})
    for name in ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY"):
        environ.pop(name, None)


def _told(environ: Mapping[str, str]) -> Mode | None:
    """What the settings alone decide: DEMO first, then a credential."""
    flag = environ.get("DEMO", "").strip().lower()
    if flag:
        if flag not in ("0", "1", "true", "false", "yes", "no"):
            raise StartError(f"DEMO={flag} makes no sense: use 0 or 1.")
        return Mode.DEMO if flag in ("1", "true", "yes") else Mode.REAL
    if environ.get("GITHUB_TOKEN", "").strip() or environ.get("GITHUB_APP_ID", "").strip():
        return Mode.REAL
    return None
