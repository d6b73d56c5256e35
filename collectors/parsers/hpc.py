"""HPC's XML report for Haskell (``hpc report --xml-output``).

Written by: hpc of GHC 6 to 9 (hpc 0.68 of GHC 9.0.2 seen), also as cabal and stack call it.
Specified in: ``HpcReport.hs`` of hpc-bin; “Observing Code Coverage” of GHC's user's guide.
Read: the summary's expressions and alternatives; the modules, if it lists any (``--per-module``), are counted.
Dropped: guards, conditions, qualifiers, local and top-level declarations. Tick files (``*.tix``) say nothing
without the modules' indexes (``*.mix``) and are not read; nor is the text or the HTML.
Meaning: HPC measures expressions and knows no lines: 28 of 42 expressions used are shown as 28 of 42 lines,
without files. The branches are its alternatives (of ``case``, ``if`` and function clauses).
"""

from __future__ import annotations

import re

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS
from collectors.parsers.results import CoverageCounts, CoverageReport, Format, ReportError
from collectors.parsers.text import count

_MODULE = re.compile(rb"<module\s")
_EXPRESSIONS = safe_xml.tag(rb"exprs")
_ALTERNATIVES = safe_xml.tag(rb"alts")


def sniff(head: bytes) -> bool:
    """Whether ``coverage`` holds HPC's modules or summary; Cobertura and Clover have the same root."""
    name, attributes, rest = safe_xml.root(head)
    own = b"<exprs" in rest and (b"<summary" in rest or b"<module" in rest)
    return name == "coverage" and own and b"line-rate" not in attributes


def parse(data: bytes) -> CoverageReport:
    """Read the summary, or add up the modules where there is none. Raises ReportError."""
    warnings: list[str] = []
    text = safe_xml.flat(data, warnings)
    summary = text.rfind(b"<summary")
    told = text[summary:] if summary >= 0 else text
    covered, valid = _sum(_EXPRESSIONS, told)
    if valid is None or covered is None:
        raise ReportError("The report has no expressions: it is cut short, or nothing was measured.")
    taken, branches = _sum(_ALTERNATIVES, told)
    totals = CoverageCounts(len(_MODULE.findall(text)), valid, covered, None, branches, taken)
    return CoverageReport([], warnings, totals=totals)


def _sum(boxes: re.Pattern[bytes], text: bytes) -> tuple[int | None, int | None]:
    """Boxes that were reached, and all of them; None where there are none or they do not add up."""
    rows = [safe_xml.attributes(found[1]) for found in boxes.findall(text)]
    reached, there = [count(row.get("count")) for row in rows], [count(row.get("boxes")) for row in rows]
    for ran, boxed in zip(reached, there, strict=True):
        if ran is None or boxed is None or not 0 <= ran <= boxed <= MAX_HITS:
            return None, None
    return (sum(filter(None, reached)), sum(filter(None, there))) if rows else (None, None)


HPC = Format("hpc", "coverage", sniff, parse, meaning="HPC counts expressions and knows no lines.")
