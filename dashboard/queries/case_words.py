"""Tests by words: every part of what they are called.

The index is of the names of many tests at once (``CaseWords``): rows that hold a word are found first, then the
lines in them. A word is no pattern and holds no blank, so that a line in which it stands is that of one test.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.queries.rows import quoted

MOST_CALLED = 2_000
"""So many of a repository's tests are looked up one by one; where more fit, names are read in the page's order."""


def called(table: str, word: str) -> str:
    """SQL: the condition that a test has this word in its name, class or suite, in any case: where many have it.

    Of this PostgreSQL expects that one in three has it, and reads as few as are shown; of a pattern, far fewer.
    """
    words = f"{table}.name || ' ' || {table}.classname || ' ' || {table}.suite"
    return f"strpos(lower({words}), lower({quoted(word)})) > 0"


def lines_called(words: Sequence[str], of: str = "true") -> str:
    """SQL: the ``id`` of each test that has all these words, in any case; ``of``: a condition on its row ``w``."""
    rows, lines = (
        " and ".join(f"{text} like lower({_part(word)})" for word in words) for text in ("w.words", "named.line")
    )
    return rf"""
        select named.id from (
            select unnest(w.case_ids) as id, unnest(string_to_array(w.words, E'\n')) as line
            from test_words w where {of} and {rows}
        ) as named where {lines}
    """  # noqa: S608 - what a reader typed is quoted by the driver


def numbers_of_called(words: Sequence[str]) -> str:
    """SQL: an array of the ids of a ``repository``'s tests that have all these words, of one too many; or null."""
    if not words:
        return "null::bigint[]"
    # The type is the index's own: it finds no smaller number.
    found = lines_called(words, "w.repository_id = %(repository)s::bigint")
    return f"array({found} limit {MOST_CALLED + 1})"


def _part(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return quoted(f"%{escaped}%")
