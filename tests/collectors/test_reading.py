"""What is found in an artifact: zips, zips in zips, single files, and those that are broken or meant to harm."""

from __future__ import annotations

import gzip
import io
import os
import struct
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.inspecting import inspect_paths
from collectors.parsers.results import Reading
from collectors.reading import Limits, read_artifact
from collectors.sandbox import Limits as SandboxLimits
from collectors.usual_names import usual_report

from .parsers.known import FOLDER

JUNIT = b'<testsuite><testcase name="t" time="1"/></testsuite>'
LCOV = b"SF:a.c\nDA:1,1\nend_of_record\n"


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


def found(reading: Reading) -> list[tuple[str | None, str, bool]]:
    return [(report.member, report.format, report.error is None) for report in reading.reports]


def errors(reading: Reading) -> list[str]:
    return [report.error for report in reading.reports if report.error]


def test_members_are_read_in_path_order_and_told_by_content() -> None:
    reading = read_artifact(zipped(("z.txt", JUNIT), ("a/b.bin", LCOV), ("readme.md", b"# hello")), "reports.zip")
    assert found(reading) == [("a/b.bin", "lcov", True), ("z.txt", "junit", True)]
    assert reading.passed_over == ["readme.md"]
    assert reading.error is None


def test_a_single_file_is_read_without_a_zip_around_it() -> None:
    reading = read_artifact(JUNIT, "anything")
    assert found(reading) == [(None, "junit", True)]
    assert reading.reports[0].size == len(JUNIT)


def test_a_zip_within_a_zip_is_read_and_one_within_that_is_not() -> None:
    inner = zipped(("c.xml", JUNIT), ("deeper.zip", zipped(("d.xml", JUNIT))))
    reading = read_artifact(zipped(("logs/inner.zip", inner), ("a.xml", JUNIT)), "outer.zip")
    assert found(reading) == [("a.xml", "junit", True), ("logs/inner.zip!c.xml", "junit", True)]
    assert reading.passed_over == ["logs/inner.zip!deeper.zip"]


def test_software_that_carries_reports_is_passed_over() -> None:
    reading = read_artifact(zipped(("app.jar", zipped(("TEST-x.xml", JUNIT)))), "build.zip")
    assert (found(reading), reading.passed_over) == ([], ["app.jar"])


def test_a_healthy_report_beside_a_broken_one_comes_in() -> None:
    reading = read_artifact(zipped(("cut.xml", JUNIT[:-8]), ("fine.xml", JUNIT)), "x.zip")
    assert found(reading) == [("cut.xml", "junit", False), ("fine.xml", "junit", True)]
    assert "breaks off" in errors(reading)[0]


def test_an_empty_report_is_missed_and_an_empty_log_is_not() -> None:
    reading = read_artifact(zipped(("junit.xml", b""), ("cov/lcov.info", b" \n"), ("run.log", b"")), "x.zip")
    assert found(reading) == [("cov/lcov.info", "lcov", False), ("junit.xml", "junit", False)]
    assert "is empty" in errors(reading)[0]
    assert reading.passed_over == ["run.log"]


def test_a_declaration_without_an_element_is_empty_too() -> None:
    reading = read_artifact(b'<?xml version="1.0"?>\n', "TEST-com.acme.CartTest.xml")
    assert "is empty" in errors(reading)[0]


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_zip_that_was_cut_short_is_rejected_with_a_sentence(keep: float) -> None:
    whole = zipped(("a.xml", JUNIT * 50), ("b.xml", LCOV * 50))
    reading = read_artifact(whole[: int(len(whole) * keep)], "x.zip")
    assert reading.reports == []
    assert reading.error is not None and "cut short or damaged" in reading.error


def test_what_is_no_zip_is_passed_over_whatever_its_name() -> None:
    assert read_artifact(b"not a zip at all", "x.zip").passed_over == ["x.zip"]


def test_a_member_whose_checksum_is_wrong_is_not_believed() -> None:
    data = zipped(("a.xml", JUNIT), ("b.xml", JUNIT.replace(b'"t"', b'"u"')), method=zipfile.ZIP_STORED)
    broken = data.replace(b'name="u"', b'name="v"')
    reading = read_artifact(broken, "x.zip")
    assert found(reading) == [("a.xml", "junit", True), ("b.xml", "junit", False)]
    assert "damaged inside the archive" in errors(reading)[0]


def encrypted(data: bytes, names: Iterable[str]) -> bytes:
    """The zip with the encryption bit set for these members, as far as a reader can see."""
    changed = bytearray(data)
    for signature, flags, length, name_at in ((b"PK\x01\x02", 8, 28, 46), (b"PK\x03\x04", 6, 26, 30)):
        at = changed.find(signature)
        while at >= 0:
            (size,) = struct.unpack_from("<H", changed, at + length)
            if changed[at + name_at : at + name_at + size].decode() in names:
                changed[at + flags] |= 1
            at = changed.find(signature, at + 4)
    return bytes(changed)


def test_an_encrypted_zip_is_rejected_and_an_encrypted_member_is_told() -> None:
    data = zipped(("junit.xml", JUNIT), ("lcov.info", LCOV))
    reading = read_artifact(encrypted(data, ["junit.xml", "lcov.info"]), "x.zip")
    assert reading.error == "The zip is encrypted with a password; upload it without one."
    reading = read_artifact(encrypted(data, ["junit.xml"]), "x.zip")
    assert found(reading) == [("junit.xml", "junit", False), ("lcov.info", "lcov", True)]
    assert "encrypted" in errors(reading)[0]


def test_a_bomb_is_rejected_and_its_neighbour_is_read() -> None:
    bomb = b"<testsuite>" + b" " * 60_000_000 + b"</testsuite>"
    reading = read_artifact(zipped(("bomb.xml", bomb), ("fine.xml", JUNIT)), "x.zip")
    assert found(reading) == [("bomb.xml", "junit", False), ("fine.xml", "junit", True)]
    assert "times its size" in errors(reading)[0]


def test_a_member_that_is_too_large_is_told_and_a_large_binary_is_no_matter() -> None:
    limits = Limits(member_bytes=1_000_000)
    large = b"<testsuite>" + os.urandom(600_000).hex().encode() + b"</testsuite>"
    reading = read_artifact(zipped(("a.xml", large), ("b.bin", os.urandom(2_000_000))), "x.zip", limits)
    assert "1 MB that are read" in errors(reading)[0]
    assert reading.passed_over == ["b.bin"]
    assert "1 MB that are read" in errors(read_artifact(large, "a.xml", limits))[0]


def test_reports_beyond_the_artifact_s_bound_are_told_one_by_one() -> None:
    reading = read_artifact(zipped(*((f"{n}.xml", JUNIT) for n in range(4))), "x.zip", Limits(unpacked_bytes=120))
    assert [report.error is None for report in reading.reports] == [True, True, False, False]
    assert "larger than the" in errors(reading)[0]


def test_a_zip_of_too_many_members_is_rejected() -> None:
    reading = read_artifact(zipped(*((f"{n}.txt", b"") for n in range(11))), "x.zip", Limits(members=10))
    assert reading.error is not None and "11 members" in reading.error


def test_a_name_is_text_and_never_a_path() -> None:
    names = ("../../etc/junit.xml", "/abs/junit.xml", "C:\\win\\junit.xml", "x" * 2_000 + ".xml")
    reading = read_artifact(zipped(*((name, JUNIT) for name in names)), "x.zip")
    assert [member for member, _, _ in found(reading)] == sorted(names[:3])
    assert len(reading.passed_over) == 1 and len(reading.passed_over[0]) <= 1_025


def test_of_two_members_of_one_name_the_last_stands() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a.xml", JUNIT), ("a.xml", LCOV))
    assert found(read_artifact(data, "x.zip")) == [("a.xml", "lcov", True)]


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_damage_to_a_zip_is_answered(data: st.DataObject) -> None:
    whole = zipped(("a.xml", JUNIT), ("in.zip", zipped(("b.info", LCOV))), ("junit.xml", b""))
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + data.draw(st.binary(max_size=6)) + whole[at + data.draw(st.integers(0, 6)) :]
    reading = read_artifact(changed, "x.zip")
    for report in reading.reports:
        assert (report.error is None) == (report.tests is not None or report.coverage is not None)
    assert reading.error is None or reading.error.endswith(".")


def test_folders_are_read_in_path_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "junit.xml").write_bytes(JUNIT)
    (tmp_path / "a.zip").write_bytes(zipped(("lcov.info", LCOV)))
    (tmp_path / "notes.txt").write_text("nothing")
    read = [(path.name, found(reading)) for path, reading in inspect_paths([tmp_path])]
    assert read == [
        ("a.zip", [("lcov.info", "lcov", True)]),
        ("junit.xml", [(None, "junit", True)]),
        ("notes.txt", []),
    ]


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere does not exist"):
        list(inspect_paths([tmp_path / "nowhere"]))


def test_a_file_that_is_too_large_is_not_taken_into_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    with path.open("wb") as stream:
        stream.write(b"<testsuite>")
        stream.truncate(50_000_000)
    ((_, reading),) = inspect_paths(
        [path], SandboxLimits(reading=Limits(member_bytes=1_000_000, unpacked_bytes=1_000_000))
    )
    assert "1 MB that are read" in errors(reading)[0]


def test_every_sample_in_one_zip_is_read_as_it_is_alone() -> None:
    files = sorted(FOLDER.glob("*/*.xml"))
    reading = read_artifact(
        zipped(*((str(path.relative_to(FOLDER)), path.read_bytes()) for path in files)), "all.zip"
    )
    alone = [
        (str(path.relative_to(FOLDER)), report.format, report.error is None)
        for path in files
        for report in read_artifact(path.read_bytes(), path.name).reports
    ]
    assert found(reading) == sorted(alone, key=lambda row: row[0] or "")


def tarred(*members: tuple[str, bytes], mode: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_is_opened_like_a_zip(mode: str) -> None:
    data = tarred(("z/b.xml", JUNIT), ("a.info", LCOV), ("notes.md", b"# hello"), mode=mode)
    reading = read_artifact(data, "results.tgz")
    assert found(reading) == [("a.info", "lcov", True), ("z/b.xml", "junit", True)]
    assert reading.passed_over == ["notes.md"]
    within = read_artifact(zipped(("out/results.tgz", data)), "x.zip")
    assert found(within) == [("out/results.tgz!a.info", "lcov", True), ("out/results.tgz!z/b.xml", "junit", True)]


def test_a_tar_that_was_cut_short_gives_what_it_has() -> None:
    large = os.urandom(200_000).hex().encode()
    data = tarred(("a.xml", JUNIT), ("b.xml", b"<testsuite>" + large + b"</testsuite>"))
    reading = read_artifact(data[: len(data) // 2], "x.tar.gz")
    assert found(reading)[0] == ("a.xml", "junit", True)
    assert any(
        "cut short or damaged" in told or "damaged" in told for told in [*reading.warnings, *errors(reading)]
    )


def test_a_gzipped_report_is_read_under_its_own_name() -> None:
    packed = gzip.compress(JUNIT)
    assert found(read_artifact(packed, "junit.xml.gz")) == [(None, "junit", True)]
    assert found(read_artifact(zipped(("r/junit.xml.gz", packed)), "x.zip")) == [("r/junit.xml.gz", "junit", True)]
    cut = read_artifact(gzip.compress(JUNIT * 500)[:-9], "junit.xml.gz")
    assert "cut short or damaged" in errors(cut)[0]


def test_a_release_in_an_archive_is_software() -> None:
    data = tarred(("pkg-1.2.3/tests/junit.xml", JUNIT))
    reading = read_artifact(zipped(("dist/pkg-1.2.3.tar.gz", data), ("coverage-3.11.tar.gz", data)), "x.zip")
    assert reading.passed_over == ["dist/pkg-1.2.3.tar.gz"]
    assert found(reading) == [("coverage-3.11.tar.gz!pkg-1.2.3/tests/junit.xml", "junit", True)]


def test_two_names_that_look_the_same_stay_two() -> None:
    reading = read_artifact(zipped(("a\x01.xml", JUNIT), ("a\x02.xml", JUNIT)), "x.zip")
    assert [report.member for report in reading.reports] == ["a\ufffd.xml", "a\ufffd.xml [2]"]


@pytest.mark.parametrize(
    ("name", "usual"),
    [
        ("out/results.trx", "trx"), ("clover.xml", "clover"), ("t/unit.tap", "tap"), ("coverage.out", "go-cover"),
        ("coverage-final.json", "istanbul"), ("coverage/.resultset.json", "simplecov"),
        ("coverage.opencover.xml", "opencover"), ("coverage-summary.json", "istanbul-summary"),
        ("a.gcov.json.gz", "gcov-json"), (".coverage.host.1", "coverage-data"), ("in.zip!lcov.info", "lcov"),
        ("main.out", None), ("notes.txt", None),
    ],
)  # fmt: skip
def test_an_empty_report_is_told_by_its_usual_name(name: str, usual: str | None) -> None:
    told = usual_report(name)
    assert (told[0] if told else None) == usual


def test_a_test_without_a_name_is_called_after_its_file() -> None:
    """Automake writes one file for each test, and no name into it."""
    result = b":test-result: PASS\n:global-test-result: PASS\n:recheck: no\n:copy-in-global-log: no\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("tests/cart.trs", result)
        archive.writestr("tests/till.trs", result)
    reading = read_artifact(packed.getvalue(), "logs.zip")
    names = [report.tests.cases[0].name for report in reading.reports if report.tests]
    assert names == ["tests/cart", "tests/till"]


def test_a_data_file_that_was_cut_in_its_first_page_is_a_lost_report() -> None:
    reading = read_artifact(b"SQLite format 3\x00" + bytes(900), ".coverage")
    assert [report.format for report in reading.reports] == ["coverage-data"]
    assert "cut short" in (reading.reports[0].error or "")
    assert read_artifact(b"SQLite format 3\x00" + bytes(900), "places.sqlite").passed_over == ["places.sqlite"]
