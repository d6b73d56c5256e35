"""LCOV tracefiles: the text in which compilers and test runners hand lines and branches to genhtml.

Written by: geninfo and lcov 1 and 2, llvm-cov, Istanbul, Vitest, node, Deno, Bun, coverage.py, cargo-llvm-cov,
  grcov, Dart, and others.
Specified in: geninfo(1), “FILES”: one record per source file from ``SF:`` to ``end_of_record``, with
  ``DA:line,hits[,checksum]`` and ``BRDA:line,block,branch,taken|-``.
Read: lines and hits, branches with their identity; lcov 2's ``BRDA:line,e0,expression,taken`` too.
Dropped: functions (``FN``, ``FNDA``, ``FNL``, ``FNA``), versions, checksums, MC/DC records, test names.
Meaning: records of one file (one for each test name) add up: hits are summed, a branch is taken if any record
  took it. ``LF`` and ``LH`` are compared, not used. Branches on lines that have no ``DA`` (Istanbul) count as
  branches. A record without ``end_of_record`` is a file that was cut short.
Differences:
* llvm-cov, cargo-llvm-cov: LLVM counts a line more than it lists (91 and 90), or as missed what its list has as
  covered
* coverage.py 7.6: branches stand at the line they go to, some at line 0; their number is right, partial lines are
  not. Lines of docstrings that are no statements are listed as executed (676 counted, 689 listed)
"""

from __future__ import annotations

import re

import orjson

from collectors.parsers.branches import by_line, named
from collectors.parsers.lines import MAX_HITS, LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_BEGINNING = re.compile(rb"\s*(?:#[^\n]*\n\s*)*(?:TN:[^\n]*\n\s*)*(?:VER:[^\n]*\n\s*)?SF:[^\n]*\r?\n")
_RECORD_WORDS = re.compile(
    rb"^(?:TN|SF|FN[A-Z]*|DA|BR[A-Z]*|L[FH]|VER|MCDC|MC[FH]|BA|end_of_record)\b", re.MULTILINE
)
_SOURCE = re.compile(rb"^SF:([^\r\n]*)", re.MULTILINE)
_LINES = re.compile(rb"^DA:", re.MULTILINE)
_LINE = re.compile(rb"^DA:([^,\r\n]*),([^,\r\n]*)", re.MULTILINE)
_BRANCH = re.compile(r"^BRDA:([^,\r\n]*),([^\r\n]*),([^,\r\n]*?)\r?$", re.MULTILINE)
_NOT_TAKEN = frozenset(("-", "0", ""))
_DIGITS = b"0123456789"
_AS_JSON = bytes.maketrans(b"\n", b",")
_OWN = re.compile(rb"\d+")


def sniff(head: bytes) -> bool:
    """Whether the first record begins at the file's beginning."""
    head = as_utf8(head)
    start = _BEGINNING.match(head)
    return bool(start and (_RECORD_WORDS.match(head, start.end()) or start.end() == len(head)))


def parse(data: bytes) -> CoverageReport:
    """Read lines and branches of every source file. Raises ReportError."""
    refuse_too_many(data.count(b"\nDA:"))
    *records, rest = as_utf8(data).split(b"end_of_record")
    if rest.strip() and _RECORD_WORDS.search(rest):
        raise ReportError(_cut_short(rest, records))
    files: dict[bytes, FileCoverage] = {}
    table = LineTable()
    own = [0, 0]
    for record in records:
        _read_record(record, files, table, own)
    report = CoverageReport(list(files.values()), table.warnings())
    if warning := _disagreement(report, own, len(records)):
        report.warnings.append(warning)
    return report


def _read_record(record: bytes, files: dict[bytes, FileCoverage], table: LineTable, own: list[int]) -> None:
    source = _SOURCE.search(record)
    if not source:
        if _LINE.search(record):
            raise ReportError("A record without a source file (SF:) holds lines.")
        return
    path = source[1].strip()
    file = FileCoverage(bounded_name(path.decode("utf-8", "replace")), {})
    _read_lines(record, file, table)
    known = files.get(path)
    if record.find(b"\nBRDA:") >= 0:
        file.branches = _branches(record, file)
    if known is None:
        files[path] = file
    else:
        _merge(known, file)
    for place, key in enumerate((b"\nLF:", b"\nLH:")):
        at = record.rfind(key)
        told = _OWN.match(record, at + len(key)) if at >= 0 else None
        own[place] += int(told[0]) if told else 0


def _numbers(record: bytes, key: bytes, width: int) -> list[int] | None:
    """The numbers of all lines of a record that begin with a key, one after the other; None where one is unusual.

    Most tools write such lines with nothing but ``width`` numbers, and one after the other. Without the key that is
    a JSON list, which is read in a twentieth of the time of a match for each line.
    """
    first, last = record.find(b"\n" + key), record.rfind(b"\n" + key)
    end = record.find(b"\n", last + 1)
    block = record[first : end if end > 0 else len(record)]
    if block.count(b"\n") != block.count(b"\n" + key):  # lines of other kinds stand between them
        block = b"\n".join([b"", *[line for line in block.split(b"\n") if line.startswith(key)]])
    shape = block.translate(None, _DIGITS)
    if shape != (b"\n" + key + b"," * (width - 1)) * shape.count(b"\n"):
        return None
    try:
        told: list[int] = orjson.loads(b"[" + block.translate(_AS_JSON, key)[1:] + b"]")
    except orjson.JSONDecodeError:  # a leading zero, no number at all
        return None
    return told if type(max(told)) is int else None  # beyond 64 bits they are floats


def _read_lines(record: bytes, file: FileCoverage, table: LineTable) -> None:
    if record.find(b"\nDA:") >= 0 and record.find(b",") >= 0:
        told = _numbers(record, b"DA:", 2)
        if told:
            table.add_plain(file, told[::2], told[1::2])
            return
    pairs = _LINE.findall(record)
    if len(pairs) != len(_LINES.findall(record)):
        raise ReportError(f"A line without hits stands in the record of {file.path[:200]}.")
    table.add(file, [pair[0] for pair in pairs], [pair[1] for pair in pairs])


def _branches(record: bytes, file: FileCoverage) -> dict[int, LineBranches]:
    told = _numbers(record.replace(b",-\n", b",0\n"), b"BRDA:", 4)
    return by_line(told) if told else _named(record, file)


def _named(record: bytes, file: FileCoverage) -> dict[int, LineBranches]:
    """The branches of each line, where expressions may name them."""
    taken: dict[int, dict[str, bool]] = {}
    branch: dict[str, bool] = {}
    before = None  # a line's branches follow each other
    for number, name, times in _BRANCH.findall(record.decode("utf-8", "replace")):
        if number != before:
            before = number
            try:
                branch = taken.setdefault(int(number), {})
            except ValueError as error:
                raise ReportError(f"A branch in {file.path[:200]} has no line number.") from error
        if name not in branch or not branch[name]:
            branch[name] = times not in _NOT_TAKEN
    return {line: named(branch) for line, branch in taken.items()}


def _merge(known: FileCoverage, more: FileCoverage) -> None:
    for number, hits in more.lines.items():
        known.lines[number] = min(known.lines.get(number, 0) + hits, MAX_HITS)
    for number, branches in more.branches.items():
        old = known.branches.get(number)
        if old is None:
            known.branches[number] = branches
            continue
        taken = dict(old.taken or {})
        for name, was in (branches.taken or {}).items():
            taken[name] = taken.get(name, False) or was
        known.branches[number] = LineBranches(list(taken.values()).count(True), len(taken), taken)


def _cut_short(rest: bytes, records: list[bytes]) -> str:
    source = _SOURCE.search(rest)
    where = f" in the record of {source[1].decode('utf-8', 'replace').strip()[:200]}" if source else ""
    line = sum(record.count(b"\n") for record in records) + rest.rstrip().count(b"\n") + 1
    return f"The file breaks off{where} at line {line}: its last record has no end_of_record."


def _disagreement(report: CoverageReport, own: list[int], records: int) -> str:
    counts = report.counts()
    if records != len(report.files) or not own[0] or own == [counts.lines_valid, counts.lines_covered]:
        return ""
    return (
        f"The file's own totals (LF, LH) say {own[1]} of {own[0]} lines covered, its lines give "
        f"{counts.lines_covered} of {counts.lines_valid}; the lines were counted."
    )


LCOV = Format("lcov", "coverage", sniff, parse)
