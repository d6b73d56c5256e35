"""gcov's annotated source (``*.gcov``) and its older intermediate text (``gcov -i`` before GCC 9).

Written by: gcov of GCC 4 to 15 (12.2 seen) with any of ``-a -b -c -m -r -u -H -k -t``, ``llvm-cov gcov``.
Specified in: “Invoking gcov” of GCC's manual (https://gcc.gnu.org/onlinedocs/gcc/Invoking-Gcov.html), ``gcov.cc``.
Read: lines with their counts, and branches where gcov ran with ``-b``. Of a template the lines of all its
instances together; its branches per instance, as gcov writes them. Several sources in one file (``gcov -t``) are
several files; the working directory is the root before a relative path.
Dropped: calls, unconditional jumps, blocks, functions, MC/DC conditions, the source text.
Meaning: a line marked ``#####`` or ``=====`` (reached by exceptions only) is missed, and one whose count is
negative; ``-`` is no code. A branch is taken if its count or percentage is above zero. Rounded counts (``-H``) are
hits of that size.
Differences:
  * gcov: its “Branches … of 22” leaves the instances of templates out, the file lists them.
  * gcov: a header stands in the report of every source that includes it; the last file written wins, unless
    ``-l``.

Notes:
A line is ``count:number:text``, a block ``count:number-block index``. Behind the lines of a template come its
instances, each between rows of dashes under its name, with the same line numbers; the highest count of a number is
that of all instances.
"""

from __future__ import annotations

import re
from contextlib import suppress

import orjson

from collectors.parsers.branches import add_named, named
from collectors.parsers.lines import LineTable, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import as_utf8, bounded_name

_ANNOTATED = re.compile(rb"\s*-: +0:(?:Source|Colorization|Graph|Data|Runs|Programs|Working directory):")
_INTERMEDIATE = re.compile(
    rb"\s*(?:(?:version|cwd):[^\n]*\n){0,2}file:[^\n]+(?:\n(?:function|lcount|branch|file):|\s*\Z)"
)
_COLOUR = re.compile(rb"\x1b\[[0-9;]*[mK]")
_SOURCE = re.compile(rb"0:Source:([^\r\n]*)")
_BEFORE_SOURCE = re.compile(rb" *-: +")
_FOLDER = re.compile(rb"^ *-: +0:Working directory:([^\r\n]*)", re.MULTILINE)
_DIGITS_AND_BLANKS, _COLON = b"0123456789 ", b":"[0]
_COUNT = re.compile(rb"-?\d{1,20}(?:\.\d{1,3})?[kMGTPEZY]?")
_INSTANCE = re.compile(rb"(?! *[-#=0-9])([^\r\n]*):\r?")
_BEFORE_COUNTS = frozenset(bytes([byte]) for byte in b" *-#=0123456789")
_NO_CODE, _OTHER, _BRANCH, _ROW_OF_DASHES, _UNSURE = range(-1, -6, -1)
"""Kinds of lines whose hits are not counted."""
_DASHES = b"-" * 18
_KNOWN, _LONGEST = 10_000, 1_000
"""Fields and lines that are remembered, and their length: in most reports all of them, in any little memory."""
_MISSED = frozenset((b"#####", b"====="))
_LARGER = {letter: 1000**power for power, letter in enumerate("kMGTPEZY", start=1)}
_RECORD = re.compile(rb"^(file|lcount|branch):([^\r\n]*)", re.MULTILINE)


def sniff(head: bytes) -> bool:
    """Whether the first line names a source, as gcov's annotation or its intermediate text does."""
    head = as_utf8(head)
    return bool(_ANNOTATED.match(head) or _INTERMEDIATE.match(head))


def parse(data: bytes) -> CoverageReport:
    """Read the lines and branches of every source. Raises ReportError."""
    text = as_utf8(data)
    refuse_too_many(text.count(b"\n"))
    table = LineTable()
    if not _ANNOTATED.match(text):
        return CoverageReport(_read_records(text, table), table.warnings())
    if b"\x1b" in text:
        text = _COLOUR.sub(b"", text)
    sources = _sources(text)
    if not sources:
        raise ReportError("The file names no source (“0:Source:”): it is cut short.")
    ends = [text.rfind(b"\n", 0, source.start()) for source in sources[1:]] + [len(text)]
    files = [
        _read_source(source[1], text[source.end() : end], table) for source, end in zip(sources, ends, strict=True)
    ]
    return CoverageReport(files, table.warnings())


def _sources(text: bytes) -> list[re.Match[bytes]]:
    """The lines that name a source; without their beginning the search is one for a fixed text."""
    return [
        found
        for found in _SOURCE.finditer(text)
        if _BEFORE_SOURCE.fullmatch(text, text.rfind(b"\n", 0, found.start()) + 1, found.start())
    ]


def _read_source(name: bytes, text: bytes, table: LineTable) -> FileCoverage:
    folder = _FOLDER.search(text) if text.find(b"0:Working directory:") > 0 else None
    roots = (_path(folder[1]),) if folder and not name.startswith(b"/") else ()
    file = FileCoverage(_path(name), {}, roots=roots)
    if found := _plain(text):
        numbers, hits, branches = found
        table.add_plain(file, numbers, hits)
        add_named(file, branches)
        return file
    fields, hits, taken = _rows(text)
    table.add_plain(file, *_numbered(fields, hits))
    for place, arms in taken.items():
        table.add_branches(file, place, named(arms))
    return file


def _numbered(numbers: list[bytes], hits: list[int]) -> tuple[list[int], list[int]]:
    """Lines and their hits, without what is no line's number.

    With the blanks before them the numbers are a JSON list, which is read in a tenth of the time.
    """
    told = b",".join(numbers)
    if told.translate(None, _DIGITS_AND_BLANKS) == b"," * (len(numbers) - 1):
        with suppress(orjson.JSONDecodeError):  # a leading zero, a blank within a number
            found = orjson.loads(b"[" + told + b"]")
            if found and min(found) > 0:
                return found, hits
    stripped = map(bytes.lstrip, numbers)
    pairs = [(int(n[:18]), hit) for n, hit in zip(stripped, hits, strict=True) if n.isdigit() and n[:1] != b"0"]
    return [number for number, _ in pairs], [hit for _, hit in pairs]


class _Counts(dict[bytes, int | None]):
    """Hits by the field before a line's number: ``_NO_CODE``, or None for what is no count. Few are different."""

    def __missing__(self, field: bytes) -> int | None:
        count = field.strip(b" *")
        found = _NO_CODE if count == b"-" else None
        if count.isdigit() or count in _MISSED or _COUNT.fullmatch(count):
            found = _hits(count)
        if len(self) < _KNOWN and len(field) < _LONGEST:
            self[field] = found
        return found


class _Arms(dict[bytes, tuple[str, bool] | None]):
    """Name of a branch and whether it was taken, by its line; None for a line that does not say so."""

    def __missing__(self, line: bytes) -> tuple[str, bool] | None:
        branch, known, times = line.partition(b" taken ")
        if not known:
            branch, known, _ = line.partition(b" never executed")
        if line.count(b":") > 1:  # fields of a count
            known = b""
        found = (branch.decode("utf-8", "replace"), times.lstrip(b" 0")[:1].isdigit()) if known else None
        if len(self) < _KNOWN and len(line) < _LONGEST:
            self[line] = found
        return found


class _Kinds(dict[bytes, int]):
    """What the first ten bytes of a line say: its hits if these are a count of nine and the colon behind it."""

    def __missing__(self, start: bytes) -> int:
        kind = _OTHER
        if start.find(b":") == 9 and (count := _COUNTS[start[:9]]) is not None:
            kind = count
        elif start == _DASHES[:10]:
            kind = _ROW_OF_DASHES
        elif start[:7] == b"branch ":
            kind = _BRANCH
        elif start[:1] in _BEFORE_COUNTS and start.find(b":") != 9:
            kind = _UNSURE
        if len(self) < _KNOWN:
            self[start] = kind
        return kind


_COUNTS, _ARMS, _KINDS = _Counts(), _Arms(), _Kinds()


def _plain(text: bytes) -> tuple[list[int], list[int], dict[int, dict[str, bool]]] | None:
    """Lines, their hits and branches of a source whose fields are as wide as nearly all are; None for any other."""
    lines = text.split(b"\n")
    kinds = list(map(_KINDS.__getitem__, [line[:10] for line in lines]))
    # Each line's number and its colon, five digits with blanks before them: a list of JSON.
    told = b"".join([line[10:16] for kind, line in zip(kinds, lines, strict=True) if kind >= 0])
    hits = [kind for kind in kinds if kind >= 0]
    if _UNSURE in kinds or told.translate(None, _DIGITS_AND_BLANKS) != b":" * len(hits):
        return None
    try:
        numbers = orjson.loads(b"[%b]" % told.replace(b":", b",")[:-1])
        taken = _taken(lines, kinds) if _BRANCH in kinds else {}
    except ValueError:  # a leading zero, a blank within a number
        return None
    return (numbers, hits, taken) if len(numbers) == len(hits) and min(numbers, default=1) > 0 else None


def _taken(lines: list[bytes], kinds: list[int]) -> dict[int, dict[str, bool]]:
    """The branches below each line, by its number. Raises ValueError for what needs a closer look."""
    taken: dict[int, dict[str, bool]] = {}
    branches: dict[str, bool] = {}
    instance, above = "", -2  # of a template, whose instances have branches of their own; the branch before
    for at in [at for at, kind in enumerate(kinds) if kind < _OTHER]:
        if kinds[at] == _ROW_OF_DASHES:
            found = _INSTANCE.fullmatch(lines[at + 1]) if at + 1 < len(lines) else None
            if lines[at].rstrip(b"\r") != _DASHES or (found and kinds[at + 1] != _OTHER):
                raise ValueError("dashes around what is no name")
            instance = f"{found[1].decode('utf-8', 'replace')} " if found else ""
        elif arm := _ARMS[lines[at]]:
            if above != at - 1:
                row = at - 1
                while row > 0 and kinds[row] < _NO_CODE:
                    row -= 1
                place = lines[row]
                if place[15:16] != b":":
                    raise ValueError("no line to be on")
                branches = taken.setdefault(int(place[10:15]), {})
            above = at
            branches[f"{instance}{arm[0]}" if instance else arm[0]] = arm[1]
    return taken


def _rows(text: bytes) -> tuple[list[bytes], list[int], dict[bytes, dict[str, bool]]]:
    """Lines, their hits, and the branches below each, by the number above them."""
    numbers: list[bytes] = []
    hits: list[int] = []
    taken: dict[bytes, dict[str, bool]] = {}
    branches: dict[str, bool] | None = None
    place, instance = b"", ""  # of a template, whose instances have branches of their own
    dashes = False
    for line in text.split(b"\n"):
        if dashes:
            found = _INSTANCE.fullmatch(line)
            instance, dashes = f"{found[1].decode('utf-8', 'replace')} " if found else "", False
            if found:
                continue
        start = line[:1]
        if start == b" " or start in _BEFORE_COUNTS:
            field, _, rest = line.partition(b":")
            count = _COUNTS[field]
            if count is not None and _COLON in rest:
                place, branches = rest, None
                if count >= 0:
                    numbers.append(rest.partition(b":")[0])
                    hits.append(count)
            elif not rest and line.startswith(b"------------------"):
                dashes = True
        elif start == b"b" and line[:7] == b"branch " and (arm := _ARMS[line]):
            if branches is None:
                branches = taken.setdefault(place.partition(b":")[0], {})
            branches[f"{instance}{arm[0]}" if instance else arm[0]] = arm[1]
    return numbers, hits, taken


def _hits(count: bytes) -> int:
    if count.isdigit():
        return int(count[:20])
    if count in _MISSED or count[:1] == b"-":
        return 0
    if count[-1:].isdigit():
        return int(float(count))
    return int(float(count[:-1]) * _LARGER[count[-1:].decode()])


def _read_records(text: bytes, table: LineTable) -> list[FileCoverage]:
    """Read ``file:path``, ``lcount:line,count[,…]`` and ``branch:line,taken|nottaken|notexec``."""
    files: list[FileCoverage] = []
    numbers: list[bytes] = []
    hits: list[bytes] = []
    taken: dict[int, dict[str, bool]] = {}

    def finish() -> None:
        if files:
            table.add(files[-1], numbers, hits)
            for line, branches in taken.items():
                table.add_branches(files[-1], line, LineBranches(sum(branches.values()), len(branches), branches))
        numbers.clear(), hits.clear(), taken.clear()  # type: ignore[func-returns-value]

    for kind, value in _RECORD.findall(text):
        if kind == b"file":
            finish()
            files.append(FileCoverage(_path(value), {}))
            continue
        first, _, rest = value.partition(b",")
        second = rest.partition(b",")[0]
        if not first.isdigit() or not files:
            raise ReportError(f"“{kind.decode()}:{value[:40].decode('utf-8', 'replace')}” has no line number.")
        if kind == b"lcount":
            numbers.append(first)
            hits.append(second)
        else:
            branches = taken.setdefault(int(first[:18]), {})
            branches[str(len(branches))] = second == b"taken"
    finish()
    return files


def _path(text: bytes) -> str:
    return bounded_name(text.strip().decode("utf-8", "replace"))


GCOV = Format("gcov", "coverage", sniff, parse)
