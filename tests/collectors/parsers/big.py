"""Large reports for the benchmarks: the shape of what CI writes, and any sample many times over."""

from __future__ import annotations

import html
import re
from collections import Counter
from typing import Any

import orjson

FILES, LINES, CASES = 2_000, 300, 20_000
"""600,000 lines, of which 8 % branch; of a hundred cases three fail with a traceback and two are skipped."""

_INNER = re.compile(rb"\A(.*?<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?(?<!/)>)(.*)(</\2\s*>\s*)\Z", re.DOTALL)


def hits(number: int) -> int:
    return number * 7 % 10 if number % 5 else 0


def branches(number: int) -> bool:
    return number % 12 == 5


def junit() -> bytes:
    trace = "\n".join(f'  File "tests/pkg/test_mod.py", line {n}, in test_case' for n in range(12))
    cases = []
    for n in range(CASES):
        names = f'classname="tests.pkg{n % 200:03}.TestThing{n % 7}" name="test_{n:05}[{n % 13}]"'
        case = f'<testcase {names} time="0.{n}"'
        if n % 100 < 3:
            case += f'><failure message="assert {n} == 0">{trace}\nE   assert {n} == 0</failure></testcase>\n'
        elif n % 100 < 5:
            case += '><skipped type="pytest.skip" message="needs network">tests/x.py: no</skipped></testcase>\n'
        else:
            case += " />\n"
        cases.append(case)
    return (
        f'<testsuites><testsuite name="pytest" tests="{CASES}">{"".join(cases)}</testsuite></testsuites>'.encode()
    )


def cobertura() -> bytes:
    lines = []
    for n in range(1, LINES + 1):
        rate = "50% (1/2)" if hits(n) else "0% (0/2)"
        names = f"{n + 1}" if hits(n) else f"{n + 1},exit"
        branch = f' branch="true" condition-coverage="{rate}" missing-branches="{names}"' if branches(n) else ""
        lines.append(f'<line number="{n}" hits="{hits(n)}"{branch}/>\n')
    classes = "".join(
        f'<class name="module_{n}.py" filename="src/pkg{n % 100:03}/module_{n}.py" complexity="0" line-rate="0.8" '
        f'branch-rate="0"><methods/><lines>\n{"".join(lines)}</lines></class>\n'
        for n in range(FILES)
    )
    package = f'<package name="." line-rate="0.8"><classes>{classes}</classes></package>'
    return f'<coverage line-rate="0.8"><packages>{package}</packages></coverage>'.encode()


def jacoco() -> bytes:
    lines = []
    for n in range(1, LINES + 1):
        mb, cb = (1, int(hits(n) > 0)) if branches(n) else (0, 0)
        lines.append(f'<line nr="{n}" mi="{0 if hits(n) else 3}" ci="{3 if hits(n) else 0}" mb="{mb}" cb="{cb}"/>')
    files = "".join(f'<sourcefile name="M{n}.java">{"".join(lines)}</sourcefile>' for n in range(FILES))
    return f'<report name="r"><package name="com/acme">{files}</package></report>'.encode()


def lcov() -> bytes:
    lines = []
    for n in range(1, LINES + 1):
        if branches(n):
            lines.append(f"BRDA:{n},0,0,{hits(n)}\nBRDA:{n},0,1,{0 if hits(n) else '-'}\n")
    lines += [f"DA:{n},{hits(n)}\n" for n in range(1, LINES + 1)]
    record = f"{''.join(lines)}LF:{LINES}\nLH:240\nend_of_record\n"
    return "".join(f"TN:\nSF:src/pkg{n % 100:03}/module_{n}.c\n{record}" for n in range(FILES)).encode()


def coverage_json() -> bytes:
    entry = {
        "executed_lines": [n for n in range(1, LINES + 1) if hits(n)],
        "summary": {},
        "missing_lines": [n for n in range(1, LINES + 1) if not hits(n)],
        "excluded_lines": [],
    }
    meta = {"format": 3, "branch_coverage": False, "show_contexts": False}
    return orjson.dumps({"meta": meta, "files": {f"src/module_{n}.py": entry for n in range(FILES)}})


def many_times(data: bytes, size: int) -> list[bytes]:
    """The ways in which a file can be repeated to about this size; its parser says which of them make sense."""
    times = max(2, size // max(len(data), 1))
    ways = []
    if found := _INNER.match(data):
        ways.append(found[1] + found[3] * times + found[4])
        if inner := _INNER.match(found[3].strip()):
            ways.append(found[1] + inner[1] + inner[3] * times + inner[4] + found[4])
    try:
        ways.append(orjson.dumps(_grown(orjson.loads(data), times)))
    except orjson.JSONDecodeError:
        ways.append(data * times)
        head, newline, rest = data.partition(b"\n")
        ways.append(head + newline + rest * times)
        body, newline, last = rest.rstrip(b"\n").rpartition(b"\n")
        ways.append(head + b"\n" + (body + newline) * times + last + b"\n")
        sections, heading, summary = data.rpartition(b"=" * 78 + b"\nSummary\n")
        ways.extend(
            [sections * times + heading + summary] if heading else []
        )  # LuaCov's: all sources, then their sums
    return ways


def renamed(copies: bytes, once: bytes, paths: list[str]) -> bytes:
    """The copies with another path in each, as CI's reports have them: the same file again would be merging."""
    written = {form for path in paths for form in (path, orjson.dumps(path)[1:-1].decode(), html.escape(path))}
    names = [re.escape(form.encode()) for form in sorted(written, key=len, reverse=True) if form]
    if not names:
        return copies
    pattern = re.compile(b"|".join(names))
    in_each = Counter(pattern.findall(once))
    seen: Counter[bytes] = Counter()

    def numbered(found: re.Match[bytes]) -> bytes:
        seen[found[0]] += 1
        folder, slash, name = found[0].rpartition(b"/")
        return folder + slash + b"c%d_" % ((seen[found[0]] - 1) // (in_each[found[0]] or 1)) + name

    return pattern.sub(numbered, copies)


def _grown(value: Any, times: int) -> Any:
    """The value with its largest list or table of lists repeated."""
    if isinstance(value, list):
        return value * times
    if not isinstance(value, dict) or not value:
        return value
    largest = max(value, key=lambda key: len(orjson.dumps(value[key])))
    inner = value[largest]
    if isinstance(inner, list) or (isinstance(inner, dict) and len(orjson.dumps(inner)) > 200):
        paths = [key for key in value if "/" in key or "." in key]
        if len(paths) == len(value):
            return {f"{n}/{key}": entry for n in range(times) for key, entry in value.items()}
        return value | {largest: _grown(inner, times)}
    return {f"{n}/{key}": entry for n in range(times) for key, entry in value.items()}
