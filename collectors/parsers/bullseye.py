"""BullseyeCoverage's XML (``covxml``).

Written by: ``covxml`` of BullseyeCoverage 7 to 9 (format versions 3 to 6), for C and C++.
Specified in: “covxml – Export as XML” of its manual (https://www.bullseye.com/help/ref-covxml.html).
Read: every probe's line and event, and the blocks' lines; folders and sources make the path, the source directory
is the root before it. Where a report lists no probes, its totals of conditions and decisions.
Dropped: functions' names, columns, times, constants.
Meaning: BullseyeCoverage measures functions, conditions and decisions, not lines. A line is valid if a probe or
block stands on it, and covered if one of them was reached. A decision or condition is two branches (true and
false), a ``switch`` label, ``catch``, ``try`` or range body one. There are no hits: a line that was reached has
one.
Differences:
  * BullseyeCoverage: it prints functions and “C/D” (conditions and decisions, each outcome counts), no lines.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, LineTable, refuse_too_many
from collectors.parsers.results import (
    CoverageCounts,
    CoverageReport,
    FileCoverage,
    Format,
    LineBranches,
    ReportError,
)
from collectors.parsers.text import bounded_name, count

_ROOT = safe_xml.tag(rb"BullseyeCoverage")
_PLACE = safe_xml.tag(rb"/?folder|src")
_MARK = safe_xml.tag(rb"probe|block")
_PLAIN_PROBE = re.compile(
    rb'<probe line="(\d+)"(?: column="\d+")?(?: col_seq="\d+")? kind="([\w-]+)" event="(\w+)"'
)
_PLAIN_BLOCK = re.compile(rb'<block line="(\d+)" entered="(\w+)"')
_WAYS = {b"decision": 2, b"condition": 2, b"switch-label": 1, b"catch": 1, b"try": 1, b"for-range-body": 1}
"""Branches that a probe stands for; a function's is none."""
_DEPTH = 100
"""Folders in folders: no path of a source goes deeper, and every source's path is put together from them."""
_NO = (b"0", b"", b"false")
_OUTCOMES = {b"full": 2, b"true": 1, b"false": 1, b"none": 0}


def sniff(head: bytes) -> bool:
    """Whether the root is BullseyeCoverage's."""
    return safe_xml.root(head)[0] == "BullseyeCoverage"


def parse(data: bytes) -> CoverageReport:
    """Read the lines with probes of every source, or the totals. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings, b"probe", b"block")
    refuse_too_many(text.count(b"<probe ") + text.count(b"<block "))
    found = _ROOT.search(text)
    own = safe_xml.attributes(found[2]) if found else {}
    if b"<probe " not in text and b"<block " not in text:
        return _totals_only(own, len(re.findall(rb"<src\s", text)), warnings)
    roots = (bounded_name(own["dir"]),) if own.get("dir") else ()
    table = LineTable()
    files: list[FileCoverage] = []
    folders: list[str] = []
    places = list(_PLACE.finditer(text))
    ends = [following.start() for _, following in pairwise(places)] + [len(text)]
    for place, end in zip(places, ends, strict=False):
        name = safe_xml.attributes(place[2]).get("name", "")
        if place[1] == b"folder" and not place[3]:
            folders.append(name)
            if len(folders) > _DEPTH:
                raise ReportError(f"Folders are nested more than {_DEPTH} deep at {'/'.join(folders)[:200]}.")
        elif place[1] == b"/folder" and folders:  # a tag that begins within a broken comment has no end of its own
            folders.pop()
        elif place[1] == b"src":
            path = "/".join([*folders, name]) if name[:1] not in ("/", "\\") else name
            files.append(FileCoverage(bounded_name(path), {}, roots=roots))
            _read_marks(text[place.end() : end], files[-1], table)
    return CoverageReport(files, warnings + table.warnings())


def _read_marks(text: bytes, file: FileCoverage, table: LineTable) -> None:
    probes, blocks = _PLAIN_PROBE.findall(text), _PLAIN_BLOCK.findall(text)
    if len(probes) + len(blocks) != text.count(b"<probe") + text.count(b"<block"):
        probes, blocks = _any_marks(text)
    probes = [probe for probe in probes if probe[1] != b"constant"]
    numbers = [line for line, *_ in probes] + [line for line, _ in blocks]
    hits = [int(event != b"none") for *_, event in probes] + [int(entered not in _NO) for _, entered in blocks]
    if not all(map(bytes.isdigit, numbers)):
        raise ReportError(f"A probe or block without a line stands in {file.path[:200]}.")
    table.add(file, numbers, hits)
    taken: dict[bytes, list[int]] = defaultdict(lambda: [0, 0])
    for line, kind, event in probes:
        if ways := _WAYS.get(kind):
            branches = taken[line]
            branches[0] += min(_OUTCOMES.get(event, 0), ways)
            branches[1] += ways
    for line, (ran, valid) in taken.items():
        table.add_branches(file, line, LineBranches(ran, valid))


def _any_marks(text: bytes) -> tuple[list[tuple[bytes, bytes, bytes]], list[tuple[bytes, bytes]]]:
    """Probes (line, kind, event) and blocks (line, entered) with their attributes in any order."""
    probes, blocks = [], []
    for tag, attributes, _ in _MARK.findall(text):
        told = {key: value.encode() for key, value in safe_xml.attributes(attributes).items()}
        line = told.get("line", b"")
        if tag == b"probe":
            probes.append((line, told.get("kind", b""), told.get("event", b"none")))
        else:
            blocks.append((line, told.get("entered", b"")))
    return probes, blocks


def _totals_only(own: dict[str, str], files: int, warnings: list[str]) -> CoverageReport:
    covered, valid = count(own.get("cd_cov")), count(own.get("cd_total"))
    if covered is None or valid is None or not 0 <= covered <= valid <= MAX_HITS:
        raise ReportError(
            "The report has neither probes nor totals of conditions and decisions (cd_cov, cd_total)."
        )
    warnings.append("The report lists no probes; only its totals, conditions and decisions, were read.")
    totals = CoverageCounts(files, valid, covered, None, valid, covered)
    return CoverageReport([], warnings, totals=totals)


BULLSEYE = Format(
    "bullseye",
    "coverage",
    sniff,
    parse,
    meaning="BullseyeCoverage measures decisions and conditions; the figures are the lines on which they stand.",
)
