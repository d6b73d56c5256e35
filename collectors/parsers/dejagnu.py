"""DejaGnu's summary, a ``.sum`` file.

Written by: DejaGnu's ``runtest`` 1.4 to 1.6 (GCC, GDB, binutils, newlib), and GCC's ``dg-extract-results``.
Specified in: “The files DejaGnu writes” of DejaGnu's manual; POSIX 1003.3 for the outcomes.
Read: every line of an outcome; the script and the target that ran it as its class and suite.
Dropped: notes, the configuration; warnings and errors of the framework (a warning counts the errors).
Meaning: PASS is passed; FAIL, XPASS and KPASS are failed; XFAIL and KFAIL are failures that were expected:
    skipped, as are UNTESTED and UNSUPPORTED; UNRESOLVED is an error. The file gives no durations.

Notes: the log beside it (``.log``) begins with the same lines and is no report: its other lines are output. What
is told apart by that is the share of lines that a summary may hold.
"""

from __future__ import annotations

import re

from collectors.parsers.cases import Cases
from collectors.parsers.results import Format, Outcome, ReportError, TestReport
from collectors.parsers.text import as_utf8

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
    r"(?:WARNING: .*\n|\s)*Test [Rr]un [Bb]y .* on .*\n(?:(?:Native|Target|Host) .*\n|\s)*=== .+ ==="
)
_OWN_LINE = re.compile(
    r"(?:PASS|FAIL|XPASS|KPASS|XFAIL|KFAIL|UNTESTED|UNSUPPORTED|UNRESOLVED|ERROR|WARNING|NOTE|DUPLICATE|PATH): "
    r"|\s*===|Running |Test [Rr]un [Bb]y |Schedule of |    \S+$|Native |Target |Host |# of |\s*$"
)
_SUMMARY = re.compile(r"\s*=== .* Summary(?: for .*)? ===\s*")
_OF_ALL = re.compile(r"\s*=== (?:(?! Summary for ).)* Summary ===\s*")
_COUNT = re.compile(r"# of ([a-z ]+?)\s+(\d{1,9})\s*")
_SHARE = 0.9
"""Of a summary's lines at least this share is of its kinds; names of tests may hold line breaks."""


def sniff(head: bytes) -> bool:
    """Whether this is a summary, and neither DejaGnu's log nor what it prints to the terminal."""
    text = as_utf8(head).decode("utf-8", "replace")
    if not _BEGINNING.match(text):
        return False
    lines = [line for line in text.split("\n")[:-1] if line.strip()]
    if any(line.startswith("Using ") and " as " in line for line in lines[:40]):
        return False  # the log and the terminal name the files that were loaded
    return sum(1 for line in lines if _OWN_LINE.match(line)) >= _SHARE * len(lines)


def parse(data: bytes) -> TestReport:
    """Read all outcomes. Raises ReportError."""
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
