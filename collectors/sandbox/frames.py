"""The pieces in which a Reading travels, with the bounds of everything in them: what a child may say at all.

A report travels in pieces, so that neither side holds it twice: its head, its cases or files in batches, its end.
msgspec checks types and lengths while it decodes; what belongs together, ``assembler`` checks.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import NODEFAULT, Meta, Struct
from msgspec.structs import fields

from collectors.parsers.lines import MAX_LINE, Hits, Line
from collectors.parsers.listed import Joint
from collectors.parsers.results import CaseResult, CoverageCounts, FileCoverage, LineBranches
from collectors.parsers.text import MAX_SECONDS
from collectors.reading import Limits, Start

MAX_CASES, MAX_BRANCH_LINES = 1_000_000, 2_000_000
"""In one report; the readers stop at half of it. A case takes some 500 bytes of the parent's memory."""
CASES_A_FRAME, FILES_A_FRAME, LINES_A_FRAME = 2_000, 2_000, 100_000

LONGEST_NAME, LONGEST_DETAILS, SENTENCE = 8_192, 131_072, 2_000
"""Twice what the readers cut names and texts at, and more: what is longer was not cut by them."""
WARNINGS, ROOTS = 200, 200

Name = Annotated[str, Meta(max_length=LONGEST_NAME)]
Text = Annotated[str, Meta(max_length=LONGEST_NAME)]
Details = Annotated[str, Meta(max_length=LONGEST_DETAILS)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
BranchLine = Annotated[int, Meta(ge=0, le=MAX_LINE)]
"""coverage.py 7.6 put some branches at line 0."""
Seconds = Annotated[float, Meta(ge=0, le=MAX_SECONDS * MAX_CASES)]


def _bounded(of: type[Struct], **bounds: Any) -> Any:
    """The same struct, its fields with bounds; one that is added there travels with its bare type."""
    same = []
    for field in fields(of):
        kept: tuple[Any, ...] = (field.name, bounds.get(field.name, field.type))
        if field.default is not NODEFAULT or field.default_factory is not NODEFAULT:
            factory = field.default_factory
            kept += (field.default if factory is NODEFAULT else msgspec.field(default_factory=factory),)
        same.append(kept)
    return msgspec.defstruct(of.__name__, same, bases=(of,), array_like=True, gc=False, forbid_unknown_fields=True)


Case: Any = _bounded(
    CaseResult, suite=Name, classname=Name, name=Name, file=Name, message=Text, details=Details,
    duration=Seconds | None,
)  # fmt: skip
Branch: Any = _bounded(
    LineBranches, covered=Hits, valid=Hits, taken=dict[Name, bool] | None, missing=tuple[Name, ...] | None
)
File: Any = _bounded(
    FileCoverage, path=Name, lines=dict[Line, Hits] | Annotated[list[Hits | None], Meta(max_length=MAX_LINE)],
    branches=dict[BranchLine, Branch] | tuple[Joint, list[Hits]], roots=tuple[Name, ...],
    contexts=dict[Name, tuple[Line, ...]] | None,
)  # fmt: skip


class Order(Struct, array_like=True):
    """``start``: see ``collectors.reading.Start``."""

    name: str
    limits: Limits
    start: Start | None = None


class SeveralOrder(Struct, array_like=True):
    """Several files, one behind the other: their names and sizes."""

    files: list[tuple[str, int]]
    limits: Limits


class At(Struct, array_like=True, tag=0):
    """A member is opened: if the child dies, it was over this one."""

    urgent: ClassVar[bool] = True
    place: tuple[Annotated[int, Meta(ge=0)], ...]
    member: Name
    left: int


class Skipped(Struct, array_like=True, tag=1):
    name: Name


class Warning_(Struct, array_like=True, tag=2):  # noqa: N801
    sentence: Text


class Rejected(Struct, array_like=True, tag=3):
    sentence: Text


class Head(Struct, array_like=True, tag=4):
    member: Name | None
    format: Annotated[str, Meta(max_length=40)]
    kind: Annotated[str, Meta(pattern="^(tests|coverage)$")]
    size: Count
    error: Text | None
    warnings: list[Text]


class CaseBatch(Struct, array_like=True, tag=5):
    rows: list[Case]


class FileBatch(Struct, array_like=True, tag=6):
    rows: list[File]


class MoreLines(Struct, array_like=True, tag=7):
    """Of the file that came last."""

    lines: dict[Line, Hits]
    branches: dict[BranchLine, Branch]


class TestsEnd(Struct, array_like=True, tag=8):
    duration: Seconds | None


class CoverageEnd(Struct, array_like=True, tag=9):
    totals: CoverageCounts | None
    branch_totals: tuple[Count, Count] | None


class Failed(Struct, array_like=True, tag=10):
    """The end of a report that could not be read; its head has the sentence."""


class Next(Struct, array_like=True, tag=11):
    """Of several files, the one at this place begins."""

    urgent: ClassVar[bool] = True

    place: Annotated[int, Meta(ge=0)]


Frame = (
    At | Skipped | Warning_ | Rejected | Head | CaseBatch | FileBatch | MoreLines | TestsEnd | CoverageEnd | Failed
)
SeveralFrame = Frame | Next

_json = msgspec.json.Encoder()


def may_hold_nul(batch: CaseBatch) -> bool:
    """A quick look, in C; text that spells the escape out is looked at again."""
    return b"\\u0000" in _json.encode(batch)
