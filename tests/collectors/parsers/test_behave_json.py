"""What behave's JSON means, beyond what the samples hold."""

from __future__ import annotations

from collectors.parsers.behave_json import parse

from .known import FOLDER


def test_a_traceback_is_told_by_its_exception() -> None:
    cases = parse((FOLDER / "behave-json" / "behave-1.2.json").read_bytes()).cases
    (broken,) = (case for case in cases if case.name == "Broken drawer")
    assert broken.message == "OSError: drawer jammed"
    assert broken.details.startswith("Traceback (most recent call last):")
