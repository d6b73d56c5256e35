"""Tests by words: every part of what they are called, by an index of its own."""

from __future__ import annotations

from dashboard.queries.rows import quoted


def called(table: str, word: str) -> str:
    """SQL: the condition that a test has this word in its name, class or suite, in any case; it is no pattern."""
    pattern = word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"({table}.name || ' ' || {table}.classname || ' ' || {table}.suite) ilike {quoted(f'%{pattern}%')}"
