"""BullseyeCoverage's probes and folders."""

from __future__ import annotations

import pytest

from collectors.parsers.bullseye import parse
from collectors.parsers.results import ReportError


def test_a_decision_has_two_branches_a_label_one_and_a_constant_none() -> None:
    probes = (
        '<probe line="3" kind="decision" event="true"/><probe line="4" kind="switch-label" event="full"/>'
        '<probe line="5" kind="constant" event="none"/><probe event="none" kind="function" line="1"/>'
    )
    (file,) = parse(f'<BullseyeCoverage dir="/b"><src name="a.c">{probes}</src></BullseyeCoverage>'.encode()).files
    assert (file.path, file.roots, file.lines) == ("a.c", ("/b",), {3: 1, 4: 1, 1: 0})
    assert {n: (b.covered, b.valid) for n, b in file.branches.items()} == {3: (1, 2), 4: (1, 1)}


def test_folders_make_the_path_and_an_absolute_name_stands_alone() -> None:
    text = (
        '<BullseyeCoverage><folder name="src"><folder name="util"><src name="a.c"><probe line="1" kind="function" '
        'event="full"/></src></folder><src name="b.c"/><src name="/usr/c.h"/></folder></BullseyeCoverage>'
    )
    assert [file.path for file in parse(text.encode()).files] == ["src/util/a.c", "src/b.c", "/usr/c.h"]


def test_folders_without_end_are_refused() -> None:
    nested = '<folder name="a">' * 500 + '<src name="a.c"><probe line="1" kind="try" event="full"/></src>'
    with pytest.raises(ReportError, match="deep"):
        parse(f"<BullseyeCoverage>{nested}{'</folder>' * 500}</BullseyeCoverage>".encode())
