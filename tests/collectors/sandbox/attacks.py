"""Files that are made to do harm, each as the bytes of an artifact.

``python -m tests.collectors.sandbox.attacks`` reads every one and prints what happened as a table in Markdown
(docs/sandbox.md holds it).
"""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from collectors.parsers.results import Reading
from collectors.sandbox import read_safely

SAMPLES = Path(__file__).parents[2] / "samples" / "formats"
HEALTHY = (
    "healthy/TEST-fine.xml",
    b'<testsuite name="s"><testcase name="fine" classname="c" time="1"/></testsuite>',
)
MEGABYTE = 1024 * 1024

ATTACKS: dict[str, Callable[[], bytes]] = {}


def attack(make: Callable[[], bytes]) -> Callable[[], bytes]:
    ATTACKS[(make.__doc__ or "").strip().rstrip(".")] = make
    return make


def zipped(
    *members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED, fine: bool = True
) -> bytes:
    """A zip of these members and, unless told otherwise, of the healthy report."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, "w", method, compresslevel=1 if method == zipfile.ZIP_DEFLATED else None
    ) as archive:
        for name, data in (*members, HEALTHY) if fine else members:
            archive.writestr(name, data)
    return buffer.getvalue()


def junit(inside: str | bytes) -> bytes:
    inside = inside.encode() if isinstance(inside, str) else inside
    return b'<testsuite name="s">' + inside + b"</testsuite>"


@attack
def flat_bomb() -> bytes:
    """A flat zip bomb, 1 GB of one letter."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("TEST-bomb.xml", "w", force_zip64=True) as member:
            member.write(b"<testsuite>")
            for _ in range(1024):
                member.write(b" " * MEGABYTE)
        archive.writestr(*HEALTHY)
    return buffer.getvalue()


@attack
def nested_bomb() -> bytes:
    """Nested zip bombs: ten zips of ten zips of 100 MB."""
    inner = zipped(("junit.xml", junit(b" " * (100 * MEGABYTE))), fine=False)
    middle = zipped(*((f"{n}.zip", inner) for n in range(10)), fine=False)
    return zipped(*((f"{n}.zip", middle) for n in range(10)))


@attack
def overlapping_bomb() -> bytes:
    """A bomb of members that share their bytes."""
    whole = bytearray(
        zipped(("junit0.xml", junit(b" " * (30 * MEGABYTE))), *(((f"junit{n}.xml"), b"") for n in range(1, 9)))
    )
    at = whole.find(b"PK\x01\x02")
    first = bytes(whole[at + 16 : at + 28])
    while (at := whole.find(b"PK\x01\x02", at + 4)) >= 0:
        name = bytes(whole[at + 46 : at + 56])
        if name.startswith(b"junit"):
            whole[at + 16 : at + 28] = first
            whole[at + 42 : at + 46] = bytes(4)
    return bytes(whole)


@attack
def gzip_bomb() -> bytes:
    """A gzip bomb of 1 GB in a zip."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as stream:
        stream.write(b"<testsuite>")
        for _ in range(1024):
            stream.write(b" " * MEGABYTE)
    return zipped(("junit.xml.gz", buffer.getvalue()))


@attack
def lzma_bomb() -> bytes:
    """A zip bomb packed with LZMA."""
    return zipped(("junit.xml", junit(b" " * (60 * MEGABYTE))), method=zipfile.ZIP_LZMA)


def _directory_of(count: int, announced: int) -> bytes:
    """A zip that is nearly all directory: every entry points to one empty member."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"a"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0)
    directory = b"".join(entry + b"%08d" % n for n in range(count))
    wide = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, announced, announced, len(directory), len(local)
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, 2**32 - 1, 2**32 - 1, 0)
    return local + directory + wide + locator + end


@attack
def million_members() -> bytes:
    """A million members."""
    return _directory_of(1_000_000, 1_000_000)


@attack
def million_members_hidden() -> bytes:
    """A million members announced as one."""
    return _directory_of(1_000_000, 1)


@attack
def million_members_in_a_tar() -> bytes:
    """A tar.gz of 200,000 members."""
    header = tarfile.TarInfo("x").tobuf()
    return gzip.compress(header * 200_000 + bytes(1024), 1)


@attack
def paths_outside() -> bytes:
    """Members ../../etc/passwd, /etc/junit.xml, C:\\junit.xml."""
    body = junit('<testcase name="t"/>')
    return zipped(("../../etc/junit.xml", body), ("/etc/junit.xml", body), ("C:\\junit.xml", body))


@attack
def symlinks() -> bytes:
    """Members that are symbolic links to /etc/passwd, in a zip and in a tar."""
    link = zipfile.ZipInfo("junit.xml")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            entry = tarfile.TarInfo("junit.xml")
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)
    return zipped((link, b"/etc/passwd"), ("results.tar.gz", buffer.getvalue()))


@attack
def duplicates() -> bytes:
    """A thousand members of one name."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return zipped(*(("junit.xml", junit(f'<testcase name="{n}"/>')) for n in range(1000)))


@attack
def look_alike_names() -> bytes:
    """Members whose names differ in control characters only."""
    return zipped(*((f"a{chr(n)}junit.xml", junit('<testcase name="t"/>')) for n in (1, 2, 27)))


@attack
def encrypted() -> bytes:
    """An encrypted member."""
    data = bytearray(zipped(("junit.xml", junit("")), fine=True))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + flags] |= 1
    return bytes(data)


@attack
def wrong_crc() -> bytes:
    """A member with a wrong CRC."""
    data = zipped(("junit.xml", junit('<testcase name="one"/>')), method=zipfile.ZIP_STORED)
    return data.replace(b'name="one"', b'name="two"')


@attack
def cut_short() -> bytes:
    """A zip without its end."""
    return zipped(("junit.xml", junit("x" * 5000)))[:-30]


@attack
def billion_laughs() -> bytes:
    """An entity bomb (a billion laughs)."""
    entities = '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 11))
    return zipped(("junit.xml", f"<!DOCTYPE x [{entities}]><testsuite>&a10;</testsuite>".encode()))


@attack
def quadratic_blow_up() -> bytes:
    """Quadratic blow-up: one long entity, 50,000 times."""
    entity = "x" * 50_000
    body = f'<!DOCTYPE x [<!ENTITY a "{entity}">]><testsuite>{"&a;" * 50_000}</testsuite>'
    return zipped(("junit.xml", body.encode()))


PORT = 0
"""Of the trap: a test sets it to a port at which it listens."""


@attack
def external_entity() -> bytes:
    """External entities and a DTD at a loopback port, and file:///etc/passwd."""
    where = f"http://127.0.0.1:{PORT}/"
    bodies = (
        f'<!DOCTYPE x [<!ENTITY e SYSTEM "{where}e">]><testsuite><testcase name="&e;"/>&e;</testsuite>',
        f'<!DOCTYPE x SYSTEM "{where}d"><testsuite><testcase name="t"/></testsuite>',
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{where}p">%p;]><testsuite><testcase name="t"/></testsuite>',
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><testsuite><testcase name="t"/>&f;</testsuite>',
        f'<testsuite xmlns:i="http://www.w3.org/2001/XInclude"><i:include href="{where}i"/></testsuite>',
    )
    return zipped(*((f"TEST-{n}.xml", body.encode()) for n, body in enumerate(bodies)))


@attack
def depth_in_xml() -> bytes:
    """XML a million elements deep."""
    return zipped(("junit.xml", b"<testsuite>" * 1_000_000))


@attack
def depth_in_json() -> bytes:
    """JSON a million arrays deep, in every JSON report's name."""
    deep = b'{"meta":' + b'{"a":[' * 1_000_000
    return zipped(*((name, deep) for name in ("coverage.json", "coverage-final.json", "ctrf.json")))


@attack
def long_line() -> bytes:
    """One line of 300 MB in LCOV."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("lcov.info", "w") as member:
            member.write(b"TN:\nSF:")
            for _ in range(300):
                member.write(b"x" * MEGABYTE)
            member.write(b"\nDA:1,1\nend_of_record\n")
        archive.writestr(*HEALTHY)
    return buffer.getvalue()


@attack
def long_line_below_the_bound() -> bytes:
    """One line of 100 MB of noise in LCOV."""
    noise = bytes(range(33, 127)) * (100 * MEGABYTE // 94)
    return zipped(("lcov.info", b"TN:\nSF:" + noise + b"\nDA:1,1\nend_of_record\n"), method=zipfile.ZIP_STORED)


@attack
def two_million_cases() -> bytes:
    """Two million test cases."""
    return zipped(("junit.xml", junit(b'<testcase name="t" time="0"/>' * 2_000_000)), method=zipfile.ZIP_STORED)


@attack
def two_million_cases_in_files() -> bytes:
    """Two million test cases in five files."""
    part = junit(b'<testcase name="t"/>' * 400_000)
    return zipped(*((f"TEST-{n}.xml", part) for n in range(5)), method=zipfile.ZIP_STORED)


@attack
def million_of_lines() -> bytes:
    """Five million lines in LCOV."""
    lines = b"".join(b"DA:%d,1\n" % n for n in range(1, 5_000_001))
    return zipped(("lcov.info", b"TN:\nSF:a.c\n" + lines + b"end_of_record\n"), method=zipfile.ZIP_STORED)


@attack
def nul_and_bad_text() -> bytes:
    """NUL and invalid UTF-8 in names and messages."""
    body = b'<testcase name="a\x00b\xff\xfe\xc3("><failure message="\xed\xa0\x80">\x00</failure></testcase>'
    return zipped(("junit.xml", junit(body)), ("lcov.info", b"TN:\nSF:\xff\x00.c\nDA:1,1\nend_of_record\n"))


@attack
def utf_16() -> bytes:
    """UTF-16 with and without its mark, cut in the middle of a character."""
    text = '<?xml version="1.0" encoding="UTF-16"?><testsuite><testcase name="é"/></testsuite>'
    return zipped(
        ("TEST-1.xml", text.encode("utf-16")),
        ("TEST-2.xml", text.encode("utf-16-le")),
        ("TEST-3.xml", text.encode("utf-16")[:-1]),
    )  # fmt: skip


@attack
def giant_numbers() -> bytes:
    """Line number 2^63, hits of 400 digits, negative ones."""
    lines = [f"DA:{2**63},1", f"DA:1,{'9' * 400}", "DA:-5,1", "DA:2,-9223372036854775809", f"BRDA:{2**64},0,0,1"]
    body = "TN:\nSF:a.c\n" + "\n".join(lines) + "\nend_of_record\n"
    xml = '<coverage><packages><package><classes><class filename="a"><lines>'
    xml += f'<line number="{2**63}" hits="{2**70}"/></lines></class></classes></package></packages></coverage>'
    return zipped(("lcov.info", body.encode()), ("coverage.xml", xml.encode()))


@attack
def not_a_number() -> bytes:
    """Durations NaN, infinite, 1e999 and negative."""
    cases = "".join(
        f'<testcase name="{n}" time="{time}"/>' for n, time in enumerate(("NaN", "inf", "1e999", "-1", "0x10"))
    )
    return zipped(("junit.xml", f'<testsuite time="NaN">{cases}</testsuite>'.encode()))


@attack
def years() -> bytes:
    """Dates in the years 0 and 9999."""
    dates = ("0000-00-00T00:00:00", "9999-12-31T23:59:60", "-1", "99999999999999")
    suites = "".join(f'<testsuite timestamp="{date}"><testcase name="t"/></testsuite>' for date in dates)
    trx = (
        '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">'
        '<Times start="0000-01-01" finish="9999-12-31T23:59:59.9999999+14:00"/><Results>'
        '<UnitTestResult testName="t" outcome="Passed" duration="99999.23:59:59" startTime="0000-00-00"/>'
        "</Results></TestRun>"
    )
    return zipped(("junit.xml", f"<testsuites>{suites}</testsuites>".encode()), ("a.trx", trx.encode()))


def _database(*statements: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes((SAMPLES / "coverage-data" / "branches.sqlite").read_bytes())
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path.read_bytes()


@attack
def poisoned_triggers() -> bytes:
    """SQLite with triggers, and with views in the tables' places that never end."""
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, 'x' AS path FROM n"
    extension = "SELECT load_extension('/tmp/x') AS file_id"
    return zipped(
        (".coverage.1", _database("DROP TABLE file", f"CREATE VIEW file AS {endless}")),
        (".coverage.2", _database("CREATE TRIGGER t AFTER INSERT ON file BEGIN DELETE FROM file; END")),
        (".coverage.3", _database("DROP TABLE line_bits", f"CREATE VIEW line_bits AS {extension}")),
    )  # fmt: skip


@attack
def poisoned_blobs() -> bytes:
    """SQLite whose schema makes blobs of 900 MB."""
    view = "CREATE VIEW line_bits AS SELECT 1 AS file_id, 1 AS context_id, zeroblob(900000000) AS numbits"
    return zipped((".coverage", _database("DROP TABLE line_bits", view)))


@attack
def corrupt_pages() -> bytes:
    """SQLite with corrupt pages."""
    data = (SAMPLES / "coverage-data" / "branches.sqlite").read_bytes()
    members = []
    for at in range(100, len(data), 997):
        broken = bytearray(data)
        broken[at : at + 64] = b"\xff" * len(broken[at : at + 64])
        members.append((f".coverage.{at}", bytes(broken)))
    return zipped(*members)


@attack
def markup_and_escapes() -> bytes:
    """Markup and terminal escapes in every name and message."""
    evil = "&lt;script&gt;alert(1)&lt;/script&gt;\x1b]0;owned\x07\x1b[2J\x9b31m\u202e"
    failure = f'<failure message="{evil}">{evil}</failure>'
    case = f'<testcase name="{evil}" classname="{evil}" file="{evil}">{failure}</testcase>'
    raw = "<script>alert(1)</script>\x1b]0;owned\x07\x1b[2J\u202e"
    lcov = f"TN:\nSF:{raw}.c\nDA:1,1\nend_of_record\n"
    return zipped((f"{raw}/junit.xml", junit(case)), (f"{raw}/lcov.info", lcov.encode()), (f"{raw}.txt", b"x"))


@attack
def slow_patterns() -> bytes:
    """Text that makes naive patterns quadratic: a million quotes, brackets and spaces."""
    texts = {
        "junit.xml": b"<testsuite " + b'a="' * 1_000_000,
        "coverage.xml": b"<coverage " + b"<" * 1_000_000,
        "x.tap": b"TAP version 13\nok 1 " + b" #" * 1_000_000,
        "lcov.info": b"TN:\nSF:" + b"\r" * 1_000_000,
    }
    return zipped(*texts.items())


@attack
def many_keys() -> bytes:
    """JSON of 200,000 files."""
    files = {
        f"f{n}.py": {"executed_lines": [1], "missing_lines": [], "excluded_lines": [], "summary": {}}
        for n in range(200_000)
    }
    body = json.dumps({"meta": {"version": "7.0", "format": 3}, "files": files, "totals": {}}).encode()
    return zipped(("coverage.json", body))


# The table


def told(reading: Reading) -> str:
    """What happened, in a line."""
    if reading.error:
        return f"refused: {reading.error}"
    bad = [report.error for report in reading.reports if report.error and report.member != HEALTHY[0]]
    read = [report for report in reading.reports if not report.error and report.member != HEALTHY[0]]
    said = [f"{len(bad)} refused: {bad[0]}"] if bad else []
    said += [f"{len(read)} read, bounded"] if read else []
    said += [f"{len(reading.passed_over)} passed over"] if reading.passed_over else []
    said += [reading.warnings[0]] if reading.warnings and not bad else []
    return "; ".join(said)


def came_in(reading: Reading) -> bool:
    return any(report.member == HEALTHY[0] and report.tests for report in reading.reports)


def main() -> None:
    print("| attack | what happened | healthy report beside it | memory | CPU | time |")
    print("|---|---|---|---|---|---|")
    for name, make in ATTACKS.items():
        reading = read_safely(make(), "artifact.zip")
        cost = reading.cost
        assert cost is not None
        said = told(reading).replace("|", "\\|")
        beside = "read" if came_in(reading) else "none: refused as a whole"
        print(
            f"| {name} | {said if len(said) < 300 else said[:299] + '…'} | {beside} "
            f"| {cost.peak_bytes / MEGABYTE:,.0f} MB | {cost.cpu_seconds:.2f} s | {cost.wall_seconds:.2f} s |"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
