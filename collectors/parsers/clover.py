"""Clover XML: the report of OpenClover (Java, Groovy), which PHPUnit, Istanbul, gcovr and others write too.

Written by: OpenClover and Atlassian Clover (3 and 4), PHPUnit 4 to 12 (``--coverage-clover``), Istanbul (nyc,
Jest, Vitest, Karma, c8), gcovr 7.1 and later, Pest, Codeception.
Specified in: OpenClover's clover.xsd; php-code-coverage, ``Report/Clover.php``; istanbul-reports, ``clover``.
Read: each file's lines of the types stmt and cond with their counts, conditions' branches, the file's own totals.
Dropped: methods' lines (type method), complexity, elements, test code of OpenClover (``testproject``), rates.
Meaning: a line is valid if a statement or condition stands on it, and has the highest count of these. A condition
is two branches, true and false, in OpenClover; Istanbul writes the branches taken as ``truecount`` and those not
taken as ``falsecount``. PHPUnit's branches stand on no line and are in the totals only.
Differences:
    * OpenClover: its own percentage is that of elements (statements, branches and methods together); lines are
      fewer where several statements stand on one.
    * gcovr: it counts a line once for each instance of a template; the further ones stand in an entry of their
      own.
    * Istanbul: branches on a line where no statement begins are in the totals only, and in an entry of their own
      here.
    * PHPUnit: a method in one line is listed as method and its statement is left out; it is put back where the
      file's own totals tell which it is, or else a warning says what is lacking.
Notes: which dialect it is decide the files' own ``conditionals`` and ``coveredconditionals``: they fit one way to
read the conditions, or both, and then it does not matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from operator import itemgetter

from collectors.parsers import safe_xml
from collectors.parsers.lines import MAX_HITS, LineTable, disagreement, refuse_too_many
from collectors.parsers.results import CoverageReport, FileCoverage, Format, LineBranches, ReportError
from collectors.parsers.text import bounded_name, count
from collectors.parsers.unlisted import instances, off_the_lines

_PLACES = safe_xml.tag(rb"package|file")
_LINE = safe_xml.tag(rb"line")
_METRICS = safe_xml.tag(rb"metrics")
_CLASSES = re.compile(rb"<class\s.*?(?:</class>|/>)", re.DOTALL)
_TESTS = re.compile(rb"<testproject\b.*?</testproject\s*>", re.DOTALL)
_CLOVER = re.compile(rb"\sclover\s*=")
_PLAIN_LINE = re.compile(rb'<line num="(\d+)" (?:type="stmt" )?count="(\d+)"(?: type="stmt")? ?/>')
_PLAIN_CONDITION = re.compile(
    rb'<line num="(\d+)" count="(\d+)" type="cond" truecount="(\d{1,9})" falsecount="(\d{1,9})" ?/>'
)
_NUMBER = safe_xml.attribute(rb"num")
_COUNT = safe_xml.attribute(rb"count")
_TOTALS = ("coveredstatements", "statements", "coveredconditionals", "conditionals")


def sniff(head: bytes) -> bool:
    """Whether this is Clover: Cobertura and Sonar's generic format have the same root element."""
    name, attributes, rest = safe_xml.root(head)
    return name == "coverage" and (
        _CLOVER.search(attributes) is not None or re.match(rb"\s*<project\b", rest) is not None
    )


@dataclass(slots=True)
class _Dialect:
    """What tells the dialects apart, over all files."""

    conditions: list[tuple[FileCoverage, int, int, int]] = field(default_factory=list)
    """File, line, true count and false count."""
    totals: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """The files' own, in the order of ``_TOTALS``."""
    methods: bool = False
    instances: list[FileCoverage] = field(default_factory=list)


def parse(data: bytes) -> CoverageReport:
    """Read lines and conditions of every file. Raises ReportError."""
    warnings: list[str] = []
    text = _TESTS.sub(b"", safe_xml.flat(data, warnings))
    refuse_too_many(text.count(b"<line"))
    of_php = _CLOVER.search(safe_xml.root(text)[1]) is None
    files: dict[str, FileCoverage] = {}
    table, dialect = LineTable(), _Dialect()
    package = ""
    for place in _PLACES.finditer(text):
        told = safe_xml.attributes(place[2])
        if place[1] == b"package":
            package = told.get("name", "")
            continue
        path = bounded_name(told.get("path") or _path(package, told.get("name", "")))
        if not path:
            raise ReportError("A file has neither a path nor a name.")
        file = files.setdefault(path, FileCoverage(path, {}))
        if not place[3]:
            _read_file(text[place.end() : text.find(b"</file>", place.end())], file, table, dialect, of_php)
    report = CoverageReport([*files.values(), *dialect.instances], warnings)
    _read_conditions(report, table, dialect)
    warnings.extend(table.warnings())
    covered, valid = dialect.totals[:2]
    if not valid and not any(file.lines for file in files.values()):
        covered, valid = _totals_of_all(text)
    if valid and (not dialect.methods or of_php):
        warnings.extend(disagreement(report, covered, valid))
    return report


def _path(package: str, name: str) -> str:
    """The name of a Java file stands below its package; a path stands alone."""
    if not package or "/" in name or "\\" in name or "\\" in package:
        return name
    return f"{package.replace('.', '/')}/{name}"


def _read_file(text: bytes, file: FileCoverage, table: LineTable, dialect: _Dialect, of_php: bool) -> None:
    methods: list[bytes] = []
    pairs, conditions = _PLAIN_LINE.findall(text), _PLAIN_CONDITION.findall(text)
    if len(pairs) + len(conditions) == text.count(b"<line"):
        table.add(file, [row[0] for row in conditions], [row[1] for row in conditions])
        dialect.conditions += [(file, int(number), int(t), int(f)) for number, _, t, f in conditions]
        numbers, hits = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    else:
        numbers, hits, methods = _read_lines(text, file, table, dialect)
    table.add(file, numbers, hits)
    dialect.methods = dialect.methods or bool(methods)
    own = _own_totals(text)
    if own[1] == len(numbers) > len(file.lines):
        dialect.instances += instances(file, map(int, numbers), (hit != b"0" for hit in hits))
    if of_php and methods:
        _restore_hidden(own[1] - len(file.lines), own[0] - file.covered, methods, file, table)
    for place, total in enumerate(own):
        dialect.totals[place] += total


def _read_lines(
    text: bytes, file: FileCoverage, table: LineTable, dialect: _Dialect
) -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Numbers and counts of statements, and methods, where lines are written in no usual order."""
    plain: list[bytes] = []
    methods: list[bytes] = []
    for _, line, _ in _LINE.findall(text):
        if b'"method"' in line or b"'method'" in line:
            methods.append(line)
        elif b"truecount" in line:
            _condition(line, file, table, dialect)
        else:
            plain.append(line)
    joined = b"".join(plain)
    numbers, hits = _NUMBER.findall(joined), _COUNT.findall(joined)
    if not len(numbers) == len(hits) == len(plain):
        raise ReportError(f"A line without number or count stands in {file.path[:200]}.")
    return numbers, hits, methods


def _condition(line: bytes, file: FileCoverage, table: LineTable, dialect: _Dialect) -> None:
    told = safe_xml.attributes(line)
    number = count(told.get("num"))
    taken, not_taken = count(told.get("truecount")), count(told.get("falsecount"))
    if number is None or taken is None or not_taken is None or taken < 0 or not_taken < 0:
        raise ReportError(f"A condition without number or counts stands in {file.path[:200]}.")
    table.add(file, [number], [told.get("count") or min(taken + not_taken, MAX_HITS)])
    dialect.conditions.append((file, number, taken, not_taken))


def _own_totals(text: bytes) -> list[int]:
    """The file's own totals in the order of ``_TOTALS``; those of its classes stand within them."""
    found = _METRICS.search(_CLASSES.sub(b"", text) if b"<class" in text else text)
    told = safe_xml.attributes(found[2]) if found else {}
    totals = [count(told.get(name)) or 0 for name in _TOTALS]
    return totals if all(0 <= total <= MAX_HITS for total in totals) else [0, 0, 0, 0]


def _totals_of_all(text: bytes) -> list[int]:
    """Covered and valid statements of the largest part, which is the project, for a report that lists no line."""
    parts = [_own_totals(found[0]) for found in _METRICS.finditer(text)]
    return max(parts, key=itemgetter(1), default=[0, 0])[:2]


def _restore_hidden(valid: int, covered: int, methods: list[bytes], file: FileCoverage, table: LineTable) -> None:
    """Add the statements that PHPUnit counts and does not list: they begin on a line that is listed as method."""
    if valid <= 0:
        return
    told = [safe_xml.attributes(line) for line in methods]
    hidden = [line for line in told if count(line.get("num")) not in file.lines]
    if len(hidden) != valid:  # most are constructors that do nothing but promote their parameters
        hidden = [line for line in hidden if line.get("name") == "__construct"]
    if len(hidden) != valid or sum((count(line.get("count")) or 0) > 0 for line in hidden) != covered:
        return
    table.add(file, [line.get("num", "") for line in hidden], [line.get("count", "") for line in hidden])


def _read_conditions(report: CoverageReport, table: LineTable, dialect: _Dialect) -> None:
    """Hang the conditions' branches on their lines, in the way that the files' own totals bear out."""
    covered, valid = dialect.totals[2:]
    as_clover = (sum((t > 0) + (f > 0) for _, _, t, f in dialect.conditions), 2 * len(dialect.conditions))
    as_istanbul = (sum(t for _, _, t, _ in dialect.conditions), sum(t + f for _, _, t, f in dialect.conditions))
    if not dialect.conditions:
        report.branch_totals = (covered, valid) if covered <= valid else None
        return
    istanbul = (covered, valid) == as_istanbul
    if not istanbul and (covered, valid) != as_clover:
        istanbul = not dialect.methods
    branches: dict[tuple[str, int], tuple[FileCoverage, list[tuple[int, int]]]] = {}
    for file, number, taken, not_taken in dialect.conditions:
        pair = (taken, taken + not_taken) if istanbul else ((taken > 0) + (not_taken > 0), 2)
        branches.setdefault((file.path, number), (file, []))[1].append(pair)
    for (_, number), (file, pairs) in branches.items():
        table.add_branches(file, number, LineBranches(sum(p[0] for p in pairs), sum(p[1] for p in pairs)))
    if istanbul:
        report.files += off_the_lines(covered - as_istanbul[0], valid - as_istanbul[1])


CLOVER = Format("clover", "coverage", sniff, parse)
