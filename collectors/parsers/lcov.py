"""LCOV tracefiles: the text in which compilers and test runners hand lines and branches to genhtml.

Written by: geninfo and lcov 1 and 2, llvm-cov, Istanbul, Vitest, node, Deno, Bun, coverage.py, cargo-llvm-cov,
  grcov, Dart, and others.
Specified in: geninfo(1), “FILES”: one record per source file from ``SF:`` to ``end_of_record``, with
  ``DA:line,hits[,checksum]`` and ``BRDA:line,block,branch,taken|-``.
Read: lines and hits, branches with their identity; lcov 2's ``BRDA:line,e0,expression,taken`` and Bazel's
  ``BA:line,state`` too.
Dropped: functions (``FN``, ``FNDA``, ``FNL``, ``FNA``), versions, checksums, MC/DC records, test names, branches
  that lcov 2 marks as unreachable (a ``U`` before their block).
Meaning: records of one file (one for each test name) add up: hits are summed, a branch is taken if any record
  took it. A negative count and gcov's ``=====`` are none. ``LF`` and ``LH`` are compared, not used. Branches on
  lines that have no ``DA`` (Istanbul), and on a line called ``undefined`` (Node with a source map), count as
  branches. A record without ``end_of_record`` is a file that was cut short.
Differences:
* llvm-cov, cargo-llvm-cov: LLVM counts a line more than it lists (91 and 90), or as missed what its list has as
  covered
* coverage.py 7.6: branches stand at the line they go to, some at line 0; their number is right, partial lines are
  not. Lines of docstrings that are no statements are listed as executed (676 counted, 689 listed)
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

import orjson

from collectors.parsers.branches import by_line, named
from collectors.parsers.lines import MAX_HITS, MAX_LINE, LineTable, refuse_too_many
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
_MARKS = {b"=====": b"0", b"#####": b"0"}
"""gcov's own for lines that never ran, which some copy."""
_NOT_TAKEN = frozenset(("-", "0", ""))
_UNREACHABLE = re.compile(r"[ef]{0,2}U")
_NO_LINE = "undefined"
"""What Node writes for the line of a branch that its source map leads nowhere."""
_OF_LINE, _OF_BRANCH = b"\nDA:", b"\nBRDA:"
_OF_BAZEL = b"\nBA:"
_BLOCK_OF_BAZEL = 254
"""Apart from the blocks that the same line has by ``BRDA``, and still within a byte for ``by_line``."""
_STATES = re.compile(rb"^(?:SF:|BA:(\d+),([012])\r?$)", re.MULTILINE)
_TOGETHER = 100
"""Records whose numbers are read at once: more are hardly faster, and take memory."""
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
    refuse_too_many(data.count(_OF_LINE))
    text = as_utf8(data)
    if _OF_BAZEL in text:
        text = _STATES.sub(_Numbered(), text)
    *records, rest = text.split(b"end_of_record")
    if rest.strip() and _RECORD_WORDS.search(rest):
        raise ReportError(_cut_short(rest, records))
    files: dict[bytes, FileCoverage] = {}
    table = LineTable()
    own = [0, 0]
    for start in range(0, len(records), _TOGETHER):
        some = records[start : start + _TOGETHER]
        lines = _numbers_of_each(some, _OF_LINE, 2)
        branches = _branches_of_each(_numbers_of_each(some, _OF_BRANCH, 4))
        for record, numbers, found in zip(some, lines, branches, strict=True):
            _read_record(record, numbers, found, files, table, own)
    report = CoverageReport(list(files.values()), table.warnings())
    if warning := _disagreement(report, own, len(records)):
        report.warnings.append(warning)
    return report


class _Numbered:
    """Bazel's branches as all others write them: 2 is taken, 1 not taken, 0 not reached; their order names them."""

    def __init__(self) -> None:
        self._on_line: dict[bytes, int] = {}

    def __call__(self, found: re.Match[bytes]) -> bytes:
        line, state = found.groups()
        if line is None:  # the next record
            self._on_line.clear()
            return found[0]
        number = self._on_line[line] = self._on_line.get(line, -1) + 1
        return b"BRDA:%b,%d,%d,%d" % (line, _BLOCK_OF_BAZEL, number, state == b"2")


def _read_record(
    record: bytes,
    numbers: list[int] | None,
    branches: dict[int, LineBranches] | None,
    files: dict[bytes, FileCoverage],
    table: LineTable,
    own: list[int],
) -> None:
    """Add a record to its file; what is None is unusual and looked for here."""
    source = _SOURCE.search(record)
    if not source:
        if _LINE.search(record):
            raise ReportError("A record without a source file (SF:) holds lines.")
        return
    path = source[1].strip()
    file = FileCoverage(bounded_name(path.decode("utf-8", "replace")), {})
    if numbers is None:
        _search_lines(record, file, table)
    else:
        lines = dict(zip(numbers[::2], numbers[1::2], strict=True))
        if 2 * len(lines) == len(numbers):
            file.lines = lines
        else:  # a line comes twice
            table.add_plain(file, numbers[::2], numbers[1::2])
    file.branches = _named(record, file) if branches is None else branches
    known = files.get(path)
    if known is None:
        files[path] = file
    else:
        _merge(known, file)
    for place, key in enumerate((b"\nLF:", b"\nLH:")):
        at = record.rfind(key)
        told = _OWN.match(record, at + len(key)) if at >= 0 else None
        own[place] += int(told[0]) if told else 0


def _numbers_of_each(records: list[bytes], key: bytes, width: int) -> list[list[int] | None]:
    """``_numbers`` of each record: of all at once where they have nothing unusual."""
    whole = _numbers(b"".join(records), key, width)
    ends = list(accumulate([width * record.count(key) for record in records]))
    if whole is None or [len(whole)] != ends[-1:]:
        return [_numbers(record, key, width) for record in records]
    return [whole[start:end] for start, end in pairwise([0, *ends])]


def _numbers(text: bytes, key: bytes, width: int) -> list[int] | None:
    """The numbers of all lines that begin with a key, one after the other; None where one is unusual.

    Most tools write nothing but ``width`` numbers in such a line: all of them are a JSON list, which is read in a
    twentieth of the time of a match for each number.
    """
    told = [rest.partition(b"\n")[0] for rest in text.split(key)[1:]]
    block = b"\n".join([*told, b""])
    if key == _OF_BRANCH:
        block = block.replace(b",-\n", b",0\n")  # its line was never reached
    if block.translate(None, _DIGITS) != (b"," * (width - 1) + b"\n") * len(told):
        return None
    try:
        numbers: list[int] = orjson.loads(b"[" + block.translate(_AS_JSON)[:-1] + b"]")
    except orjson.JSONDecodeError:  # a leading zero, no number at all
        return None
    lines = numbers[::width]
    plain = not numbers or (min(lines) > 0 and max(lines) <= MAX_LINE and max(numbers) <= MAX_HITS)
    return numbers if plain else None


def _search_lines(record: bytes, file: FileCoverage, table: LineTable) -> None:
    pairs = _LINE.findall(record)
    if len(pairs) != len(_LINES.findall(record)):
        raise ReportError(f"A line without hits stands in the record of {file.path[:200]}.")
    table.add(file, [pair[0] for pair in pairs], [_MARKS.get(pair[1], pair[1]) for pair in pairs])


def _branches_of_each(told: list[list[int] | None]) -> list[dict[int, LineBranches] | None]:
    plain = iter(by_line([numbers for numbers in told if numbers is not None]))
    return [None if numbers is None else next(plain) for numbers in told]


def _named(record: bytes, file: FileCoverage) -> dict[int, LineBranches]:
    """The branches of each line, where expressions may name them."""
    taken: dict[int, dict[str, bool]] = {}
    branch: dict[str, bool] = {}
    before = None  # a line's branches follow each other
    for number, name, times in _BRANCH.findall(record.decode("utf-8", "replace")):
        if number != before:
            before = number
            try:
                branch = taken.setdefault(0 if number == _NO_LINE else int(number), {})
            except ValueError as error:
                raise ReportError(f"A branch in {file.path[:200]} has no line number.") from error
        if "U" in name[:3] and _UNREACHABLE.match(name):
            continue
        if name not in branch or not branch[name]:
            branch[name] = times not in _NOT_TAKEN and times[0] != "-"
    return {line: named(branch) for line, branch in taken.items() if branch}


def _merge(known: FileCoverage, more: FileCoverage) -> None:
    lines, kept = known.own_lines(), known.own_branches()
    for number, hits in more.lines.items():
        lines[number] = min(lines.get(number, 0) + hits, MAX_HITS)
    for number, branches in more.branches.items():
        old = kept.get(number)
        if old is None:
            kept[number] = branches
            continue
        taken = dict(old.taken or {})
        for name, was in (branches.taken or {}).items():
            taken[name] = taken.get(name, False) or was
        kept[number] = LineBranches(list(taken.values()).count(True), len(taken), taken)


def _cut_short(rest: bytes, records: list[bytes]) -> str:
    source = _SOURCE.search(rest)
    where = f" in the record of {source[1].decode('utf-8', 'replace').strip()[:200]}" if source else ""
    line = sum(record.count(b"\n") for record in records) + rest.rstrip().count(b"\n") + 1
    return f"The file breaks off{where} at line {line}: its last record has no end_of_record."


def _disagreement(report: CoverageReport, own: list[int], records: int) -> str:
    covered, valid = report.line_counts()
    if records != len(report.files) or not own[0] or own == [valid, covered]:
        return ""
    return (
        f"The file's own totals (LF, LH) say {own[1]} of {own[0]} lines covered, its lines give "
        f"{covered} of {valid}; the lines were counted."
    )


LCOV = Format("lcov", "coverage", sniff, parse)
