"""Form fields whose refusals say what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

LONGEST_TAG = 60
LONGEST_PATTERN = 200
# GitHub refuses artifacts with these in their names, so a pattern with one can match nothing.
NEVER_IN_A_NAME = '":<>|\\/\r\n'
LOOKS_LIKE_A_REGULAR_EXPRESSION = re.compile(r"\.\*|\.\+|^\^|\$$|\(|\)")


class CommaSeparatedField(forms.CharField):
    """A list of short texts on one line; spaces around them, empty ones and repeated ones are dropped."""

    def __init__(self, check: Callable[[str], str], **kwargs: Any) -> None:
        """``check`` gives the sentence that refuses an item, or nothing."""
        super().__init__(**kwargs)
        self.check = check

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]  # a list is the point of this field
        texts = value if isinstance(value, list | tuple) else str(value or "").split(",")
        return list(dict.fromkeys(text.strip() for text in texts if text.strip()))

    def validate(self, value: Iterable[str]) -> None:
        super().validate(value)
        if sentences := [sentence for item in value if (sentence := self.check(item))]:
            raise ValidationError(sentences)

    def run_validators(self, value: Any) -> None:
        """The checks of a single text do not fit a list."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


def tag_refusal(tag: str) -> str:
    return f"“{tag[:20]}…” is longer than {LONGEST_TAG} characters." if len(tag) > LONGEST_TAG else ""


def pattern_refusal(pattern: str) -> str:
    """Why this pattern cannot match an artifact's name as it was meant."""
    if len(pattern) > LONGEST_PATTERN:
        return f"“{pattern[:20]}…” is longer than {LONGEST_PATTERN} characters."
    if found := sorted(set(pattern) & set(NEVER_IN_A_NAME)):
        return f"“{pattern}” can match nothing: no artifact's name holds {' '.join(found)}"
    if LOOKS_LIKE_A_REGULAR_EXPRESSION.search(pattern):
        return (
            f"“{pattern}” is written as a regular expression. Here * stands for any text and ? for one character."
        )
    if pattern.count("[") != pattern.count("]"):
        return f"“{pattern}” has a bracket without its partner: [abc] stands for one of these characters."
    return ""


def group_refusal(line: str) -> str:
    """Why this is no “pattern = group”."""
    pattern, equals, group = (part.strip() for part in line.partition("="))
    if not (equals and pattern and group):
        return f"“{line}” names no group: write it as “unit-* = unit”."
    if "=" in group:
        return f"“{line}” has more than one =. Several are separated by commas: “unit-* = unit, tests-win = unit”."
    return pattern_refusal(pattern)
