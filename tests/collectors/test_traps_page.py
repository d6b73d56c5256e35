"""docs/traps.md names the test that holds each trap; each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "traps.md"
HELD_BY = re.findall(r"\| `([\w/]+\.py)::(\w+)` \|$", PAGE.read_text(), re.MULTILINE)


def test_every_row_names_a_test() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and "held by" not in line]
    assert len(rows) == len(HELD_BY) > 40


@pytest.mark.parametrize(("file", "name"), HELD_BY)
def test_the_test_that_holds_a_trap_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (HERE / file).read_text()
