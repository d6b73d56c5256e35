"""What Meson's log means, beyond what the samples hold."""

from __future__ import annotations

import json

import pytest

from collectors.parsers.meson import parse, sniff
from collectors.parsers.text import HEAD_BYTES

from .known import FOLDER


def placed(sample: str) -> set[tuple[str, str]]:
    return {(case.classname, case.name) for case in parse((FOLDER / "meson" / sample).read_bytes()).cases}


def test_a_test_of_a_newer_meson_has_its_project_and_suites_as_its_class() -> None:
    assert placed("meson-1.12.jsonl") > {
        ("stock_&_till", "adds"),
        ("stock_&_till:fast+unit", 'größe <&> "net"'),
        ("inner:inner-suite", "adds"),
        ("stock_&_till", "tap_ all / well"),
    }


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("stock / adds", "stock:adds"),
        ("stock:fast+unit / adds", "fast+unit - stock:adds"),
        ("stock / this - that", "stock:this - that"),
        ("stock:a - b / this - that", "a - b - stock:this - that"),
    ],
)
def test_a_test_is_the_same_one_before_and_after_meson_was_upgraded(before: str, since: str) -> None:
    lines = [
        f'{{"name": "{before}", "result": "OK", "duration": 1, "returncode": 0}}',
        f'{{"name": "{since}", "result": "OK", "is_fail": false, "duration": 1, "returncode": 0}}',
    ]
    old, new = (parse(line.encode()).cases[0] for line in lines)
    assert (old.classname, old.name) == (new.classname, new.name)


def test_a_first_test_that_said_much_does_not_hide_the_log() -> None:
    told = {"name": "t", "stdout": "x" * 70_000, "result": "OK", "returncode": 0, "duration": 1.0}
    data = json.dumps(told).encode()
    assert sniff(data[:HEAD_BYTES])
    assert parse(data).counts().passed == 1
    assert not sniff(b'{"name": "t", "stdout": "short"}')
