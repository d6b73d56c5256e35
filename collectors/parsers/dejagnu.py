"""DejaGnu's summary, a ``.sum`` file, and its XML (``runtest --xml``).

Written by: DejaGnu's ``runtest`` 1.4 to 1.6 (GCC, GDB, binutils, newlib), and GCC's ``dg-extract-results``.
Specified in: “The files DejaGnu writes” of DejaGnu's manual; POSIX 1003.3 for the outcomes; the
    DTD within the XML.
Read: every line of an outcome; the script and the target that ran it as its class and suite, which the XML lacks.
Dropped: notes, the configuration; warnings and errors of the framework (a warning counts the errors).
Meaning: PASS is passed; FAIL, XPASS and KPASS are failed; XFAIL and KFAIL are failures that were expected:
    skipped, as are UNTESTED and UNSUPPORTED; UNRESOLVED is an error. The file gives no durations. The XML of
    a run names neither script nor target, so that its tests cannot be told to be those of the ``.sum`` beside it:
    an artifact with both counts them twice. Upload one of them.

Notes: the log beside it (``.log``) begins with the same lines and is no report: its other lines are output. What
is told apart by that is the share of lines that a summary may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from lxml import etree

from collectors.parsers import safe_xml, xml_cases
from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import HEAD_BYTES, as_utf8, bounded_message

_OUTCOMES = {
    "PASS": Outcome.PASSED,
    "FAIL": Outcome.FAILED,
    "XPASS": Outcome.FAILED,
    "KPASS": Outcome.FAILED,
    "XFAIL": Outcome.SKIPPED,
    "KFAIL": Outcome.SKIPPED,
    "UNTESTED": Outcome.SKIPPED,
    "UNSUPPORTED": Outcome.SKIPPED,
    "UNRESOLVED": Outcome.ERROR,
}
_TOTALS = {
    "expected passes": "PASS",
    "unexpected failures": "FAIL",
    "unexpected successes": "XPASS",
    "expected failures": "XFAIL",
    "unknown successes": "KPASS",
    "known failures": "KFAIL",
    "untested testcases": "UNTESTED",
    "unsupported tests": "UNSUPPORTED",
    "unresolved testcases": "UNRESOLVED",
}
_BEGINNING = re.compile(
    r"(?:WARNING: .*\n|\s)*Test [Rr]un [Bb]y .* on .*\n(?:(?:Native|Target|Host|Build) .*\n|\s)*=== .+ ==="
)
_OWN_LINE = re.compile(
    r"(?:PASS|FAIL|XPASS|KPASS|XFAIL|KFAIL|UNTESTED|UNSUPPORTED|UNRESOLVED|ERROR|WARNING|NOTE|DUPLICATE|PATH): "
    r"|\s*===|Running |Test [Rr]un [Bb]y |Schedule of |    \S+$|Native |Target |Host |Build |# of |\s*$"
)
_SUMMARY = re.compile(r"\s*=== .* Summary(?: for .*)? ===\s*")
_OF_ALL = re.compile(r"\s*=== (?:(?! Summary for ).)* Summary ===\s*")
_COUNT = re.compile(r"# of ([a-z ]+?)\s+(\d{1,9})\s*")
_SHARE = 0.9
"""Of a summary's lines at least this share is of its kinds; names of tests may hold line breaks."""


def sniff(head: bytes) -> bool:
    """Whether this is a summary or XML, and neither DejaGnu's log nor what it prints to the terminal."""
    name, _, rest = safe_xml.root(head)
    if name:
        return name == "testsuite" and rest.lstrip().startswith(b"<test>") and b"<prms_id>" in rest
    text = as_utf8(head).decode("utf-8", "replace")
    if not _BEGINNING.match(text):
        return False
    lines = [line for line in text.split("\n")[:-1] if line.strip()]
    if any(line.startswith("Using ") and " as " in line for line in lines[:40]):
        return False  # the log and the terminal name the files that were loaded
    return sum(1 for line in lines if _OWN_LINE.match(line)) >= _SHARE * len(lines)


def parse(data: bytes) -> TestReport:
    """Read all outcomes. Raises ReportError."""
    if safe_xml.root(data[:HEAD_BYTES])[0]:
        return _read_xml(data)
    text = as_utf8(data).decode("utf-8", "replace")
    cases = Cases()
    found = dict.fromkeys(_OUTCOMES, 0)
    own: dict[str, int] = {}
    target = script = ""
    errors = 0
    summed = of_all = False
    for line in text.split("\n"):
        kind, colon, rest = line.partition(": ")
        if colon and kind in _OUTCOMES:
            found[kind] += 1
            cases.add(suite=target, classname=script, name=rest.strip(), outcome=_OUTCOMES[kind])
        elif line.startswith("Running target "):
            target = line[15:].strip()
        elif line.startswith("Running "):
            script = _script(line[8:])
        elif kind == "ERROR":
            errors += 1
        elif _SUMMARY.fullmatch(line):
            summed, of_all = True, bool(_OF_ALL.fullmatch(line))
        elif of_all and (told := _COUNT.fullmatch(line)) and told[1] in _TOTALS:
            own[_TOTALS[told[1]]] = own.get(_TOTALS[told[1]], 0) + int(told[2])
    if not summed:
        raise ReportError("The file was cut short: it ends without DejaGnu's summary of the outcomes.")
    return cases.report(_warnings(found, own, errors))


def _read_xml(data: bytes) -> TestReport:
    """Read every ``test``; the summaries behind them are compared."""
    warnings: list[str] = []
    taken, roots = xml_cases.streamed(data, ("test",), _tests, warnings, ("testsuite",))
    cases, found = taken
    own: dict[str, int] = {}
    for summary in [child for root in roots for child in root if xml_cases.local(child) == "summary"]:
        kind, total = xml_cases.text(summary, "result"), xml_cases.text(summary, "total")
        if kind in _OUTCOMES and total.isdecimal() and len(total) < 10:
            own[kind] = own.get(kind, 0) + int(total)
    return cases.report(warnings + _warnings(found, own, 0))


def _tests(elements: Iterable[etree._Element]) -> tuple[Cases, dict[str, int]]:
    """The cases, and how often each outcome came."""
    cases = Cases()
    found = dict.fromkeys(_OUTCOMES, 0)
    for element in elements:
        said = xml_cases.texts(element)
        kind = said.get("result", "")
        if kind not in _OUTCOMES:
            name = bounded_message(said.get("name", ""))
            raise ReportError(f"The test “{name[:200]}” has the result “{kind[:40]}”, which is not known.")
        found[kind] += 1
        cases.add(name=said.get("name", ""), outcome=_OUTCOMES[kind])
    return cases, found


def _script(text: str) -> str:
    """The script's path from the folder of the test suite on."""
    path = text.strip().removesuffix("...").strip()
    return path.rpartition("/testsuite/")[2] or path


def _warnings(found: dict[str, int], own: dict[str, int], errors: int) -> list[str]:
    warnings = []
    differing = [
        f"{kind} {own[kind]} where its lines give {found[kind]}" for kind in own if own[kind] != found[kind]
    ]
    if differing:
        warnings.append(f"The file's own totals say {', '.join(differing)}; the lines were counted.")
    if errors:
        what = "1 error" if errors == 1 else f"{errors:,} errors"
        warnings.append(f"DejaGnu reports {what} of its own or of the scripts, outside of any test.")
    return warnings


DEJAGNU = Format("dejagnu", "tests", sniff, parse)
