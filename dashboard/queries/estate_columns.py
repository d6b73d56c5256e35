"""The columns of the estate's table: what the address may ask for, and what a file to keep holds of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """``usual``: shown unless the address asks otherwise. ``help`` is for the one who chooses."""

    key: str
    title: str
    help: str = ""
    usual: bool = True


COLUMNS = (
    Column("tests", "Tests", "how many, and the change since the commit before"),
    Column("nights", "Tests, 30 nights"),
    Column("outcome", "Outcome", "passed, failing, skipped"),
    Column("coverage", "Coverage", "of 100 lines, and the change in points"),
    Column("trend", "Coverage, 30 nights"),
    Column("flaky", "Flaky", "a dash where no report tells"),
    Column("duration", "Duration"),
    Column("seen", "Seen", "when the newest evidence was made"),
    Column("evidence", "Evidence", "report, carried, log or none"),
    Column("tags", "Tags"),
    Column("organization", "Organization", usual=False),
    Column("owner", "Owner", "from a tag “owner:name”", usual=False),
    Column("pass-rate", "Pass rate", "passed of the tests that ran", usual=False),
    Column("lines", "Lines", "covered of valid", usual=False),
    Column("language", "Language", usual=False),
)
KEYS = tuple(column.key for column in COLUMNS)
USUAL = tuple(column.key for column in COLUMNS if column.usual)
# A form without a single tick sends nothing; this one says that the name alone was asked for.
NAME_ALONE = "name"


def chosen(texts: Iterable[str]) -> tuple[str, ...]:
    """The columns that ``texts`` ask for (each a list with commas) in the table's order; else the usual ones."""
    asked = {key.strip() for text in texts for key in text.split(",")}
    known = tuple(key for key in KEYS if key in asked)
    return known if known or NAME_ALONE in asked else USUAL
