"""Two legs that each took one branch of a condition make a whole, in every format that names branches."""

from __future__ import annotations

import orjson
import pytest

from collectors.merging import as_reported, merge_lines
from collectors.parsers import FORMATS
from collectors.parsers.results import CoverageReport
from dashboard.packing import Lines, pack_lines, unpack_lines

PLACE = {"start": {"line": 1, "column": 0}, "end": {"line": 1, "column": 9}}


def cobertura(yes: int, no: int) -> str:
    missing = ",".join(name for name, times in (("2", yes), ("exit", no)) if not times)
    line = f'<line number="1" hits="1" branch="true" condition-coverage="50% (1/2)" missing-branches="{missing}"/>'
    place = f'<class name="a" filename="a.py"><methods/><lines>{line}</lines></class>'
    return (
        '<coverage line-rate="1" branch-rate="0.5"><packages><package name="."><classes>'
        f"{place}</classes></package></packages></coverage>"
    )


def opencover(yes: int, no: int) -> str:
    points = "".join(f'<BranchPoint vc="{n}" ordinal="{i}" sl="1" fileid="1"/>' for i, n in enumerate((yes, no)))
    return (
        '<CoverageSession><Modules><Module><Files><File uid="1" fullPath="/a.cs"/></Files><Method><SequencePoints>'
        f'<SequencePoint vc="1" sl="1" el="1" fileid="1"/></SequencePoints>{points}</Method></Module></Modules>'
        "</CoverageSession>"
    )


def lcov(yes: int, no: int) -> str:
    return f"SF:/a.c\nDA:1,1\nBRDA:1,0,0,{yes}\nBRDA:1,0,1,{no}\nend_of_record\n"


def coverage_json(yes: int, no: int) -> object:
    sides: dict[bool, list[list[int]]] = {True: [], False: []}
    for end, times in ((2, yes), (-1, no)):
        sides[bool(times)].append([1, end])
    lines = {"executed_lines": [1], "missing_lines": [], "excluded_lines": []}
    file = {**lines, "executed_branches": sides[True], "missing_branches": sides[False]}
    return {"meta": {"branch_coverage": True, "show_contexts": False}, "files": {"a.py": file}}


def slipcover(yes: int, no: int) -> object:
    file = coverage_json(yes, no)["files"]["a.py"]  # type: ignore[index]
    return {"meta": {"software": "slipcover"}, "files": {"a.py": file}}


def istanbul(yes: int, no: int) -> object:
    branch = {"line": 1, "type": "if", "loc": PLACE, "locations": [PLACE, PLACE]}
    told = {"statementMap": {"0": PLACE}, "s": {"0": 1}, "branchMap": {"0": branch}, "b": {"0": [yes, no]}}
    return {"/a.js": {"path": "/a.js", "fnMap": {}, "f": {}, **told}}


def simplecov(yes: int, no: int) -> object:
    arms = {"[:then, 1, 1, 4, 1, 9]": yes, "[:else, 2, 1, 4, 1, 20]": no}
    lines = {"lines": [1], "branches": {"[:if, 0, 1, 4, 1, 20]": arms}}
    return {"RSpec": {"coverage": {"/a.rb": lines}, "timestamp": 1}}


def llvm_cov(yes: int, no: int) -> object:
    file = {"filename": "/a.c", "segments": [[1, 1, 1, True, True]], "branches": [[1, 2, 1, 9, yes, no, 0, 0, 4]]}
    return {"data": [{"files": [file]}], "type": "llvm.coverage.json.export", "version": "2.0.1"}


def coveralls(yes: int, no: int) -> object:
    return {"source_files": [{"name": "a.c", "coverage": [1], "branches": [1, 0, 0, yes, 1, 0, 1, no]}]}


def fastcov(yes: int, no: int) -> object:
    return {"sources": {"/a.c": {"": {"functions": {}, "branches": {"1": [yes, no]}, "lines": {"1": 1}}}}}


WRITERS = (
    cobertura,
    opencover,
    lcov,
    coverage_json,
    slipcover,
    istanbul,
    simplecov,
    llvm_cov,
    coveralls,
    fastcov,
)


def stored(document: object) -> Lines:
    """One leg's line as it comes out of the storage."""
    data = document.encode() if isinstance(document, str) else orjson.dumps(document)
    (known,) = (known for known in FORMATS if known.sniff(data))
    report = known.parse(data)
    assert isinstance(report, CoverageReport)
    (file,) = report.files
    return unpack_lines(
        pack_lines(Lines(file.lines, {line: as_reported(branches) for line, branches in file.branches.items()}))
    )


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_complementary_halves_make_a_whole(write) -> None:  # type: ignore[no-untyped-def]
    yes, no = stored(write(3, 0)), stored(write(0, 1))
    assert (yes.branches[1][:2], no.branches[1][:2]) == ((1, 2), (1, 2))
    assert merge_lines([yes, no]).branches[1][:2] == merge_lines([no, yes]).branches[1][:2] == (2, 2)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_the_same_half_twice_stays_a_half(write) -> None:  # type: ignore[no-untyped-def]
    half = stored(write(3, 0))
    assert merge_lines([half, half]) == half
