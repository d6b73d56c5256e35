"""Whatever the bytes are, a parser answers with figures that add up or with one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from collectors.parsers import FORMATS
from collectors.parsers.results import CoverageReport, Format, ReportError, TestReport

from .known import FOLDER, Sample, readable

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
SMALL = [sample for sample in readable() if sample.path.stat().st_size < 60_000]
quickly = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def answered(known: Format, data: bytes) -> TestReport | CoverageReport | str:
    """Parse; a ReportError's sentence counts as an answer, any other exception fails the test."""
    try:
        report = known.parse(data)
    except ReportError as error:
        sentence = str(error)
        assert sentence.endswith(".") and "\n" not in sentence and len(sentence) <= 1_000
        return sentence
    adds_up(report)
    return report


def adds_up(report: TestReport | CoverageReport) -> None:
    if isinstance(report, TestReport):
        counts = report.counts()
        assert counts.total == len(report.cases)
        assert all(case.name for case in report.cases)
        assert all(case.duration is None or 0 <= case.duration < 1e9 for case in report.cases)
        texts = [text for case in report.cases for text in (case.name, case.message, case.details, case.suite)]
    else:
        totals = report.counts()
        assert totals.lines_valid is None or 0 <= totals.lines_covered <= totals.lines_valid
        assert totals.branches_valid is None or 0 <= (totals.branches_covered or 0) <= totals.branches_valid
        assert all(
            number >= 1 and 0 <= hits < 2**31 for file in report.files for number, hits in file.lines.items()
        )
        texts = [file.path for file in report.files]
    for text in texts:
        assert "\x00" not in text
        text.encode("utf-8")


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
@given(data=st.binary(max_size=400))
@example(data=b"")
@quickly
def test_arbitrary_bytes_are_answered(known: Format, data: bytes) -> None:
    known.sniff(data)
    answered(known, data)


@pytest.mark.parametrize("sample", SMALL, ids=str)
@given(data=st.data())
@quickly
def test_a_changed_sample_is_answered(sample: Sample, data: st.DataObject) -> None:
    whole = sample.data
    at = data.draw(st.integers(0, len(whole) - 1))
    length = data.draw(st.integers(0, 40))
    patch = data.draw(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(
                [
                    b"-1",
                    b"99999999999999999999999",
                    b"NaN",
                    b"1e999",
                    b"&#0;",
                    b"\x1b[31m",
                    b"\xff",
                    b"]]>",
                    b"<",
                    b'"',
                    b"",
                ]
            ),
        )
    )
    changed = whole[:at] + patch + whole[at + length :]
    sample.format.sniff(changed)
    answered(sample.format, changed)


@pytest.mark.parametrize("sample", [s for s in SMALL if s.path.suffix in (".xml", ".json")], ids=str)
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_a_file_that_was_cut_short_is_never_half_read(sample: Sample, share: float) -> None:
    whole = sample.data.rstrip()
    cut = whole[: int(len(whole) * share)]
    if sample.path.name == "libtest-five-documents.xml" and cut.rstrip().endswith(b"</testsuites>"):
        return  # cut between two documents: nothing shows that more was to come
    assert isinstance(answered(sample.format, cut), str)


@pytest.mark.parametrize("sample", [s for s in SMALL if s.format.name == "lcov"], ids=str)
def test_a_tracefile_that_was_cut_within_a_record_is_never_half_read(sample: Sample) -> None:
    whole = sample.data
    cut = whole[: whole.rindex(b"end_of_record") - 3]
    assert "end_of_record" in str(answered(sample.format, cut))


@pytest.mark.parametrize("sample", [s for s in SMALL if s.format.name == "coverage-data"], ids=str)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_database_that_was_cut_short_is_never_half_read(sample: Sample, share: float) -> None:
    cut = sample.data[: int(len(sample.data) * share)]
    assert "cut short" in str(answered(sample.format, cut))


@pytest.mark.parametrize("path", sorted((FOLDER / "broken").iterdir()), ids=lambda path: path.name)
@pytest.mark.parametrize(
    "known", [k for k in FORMATS if k.name in ("junit", "cobertura", "jacoco")], ids=lambda k: k.name
)
def test_entities_are_refused(known: Format, path: object) -> None:
    data = path.read_bytes()  # type: ignore[attr-defined]
    assert "entities" in str(answered(known, data))
    hidden = data.replace(b"<!DOCTYPE", b"<!DOC\x01TYPE")  # mending must not open the door again
    assert isinstance(answered(known, hidden), str)
    assert "entities" in str(answered(known, data.decode().encode("utf-16")))


@pytest.mark.parametrize("path", sorted((FOLDER / "found").iterdir()), ids=lambda path: path.name)
@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_what_fuzzing_found_is_answered_now(known: Format, path: Path) -> None:
    data = path.read_bytes()
    known.sniff(data)
    answered(known, data)
