"""Reading in the sandbox is reading: every sample says there what it says in this process."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collectors.parsers.results import Reading
from collectors.reading import read_artifact
from collectors.sandbox import read_safely

from ..parsers.known import FOLDER

SAMPLES = sorted(path for path in FOLDER.glob("*/*") if path.name != "README.md")


def values(reading: Reading) -> Any:
    return msgspec.to_builtins(dataclasses.replace(reading, cost=None), enc_hook=dict)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_sample_says_the_same_inside_and_outside(path: Path) -> None:
    inside, outside = read_safely(path.read_bytes(), path.name), read_artifact(path.read_bytes(), path.name)
    assert values(inside) == values(outside)
