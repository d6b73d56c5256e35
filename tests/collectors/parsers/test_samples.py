"""Real reports of real tools are told apart and read as the tools counted them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from collectors.parsers import FORMATS
from collectors.parsers.results import ReportError
from collectors.parsers.text import HEAD_BYTES

from .known import FOLDER, Sample, figures, readable, samples


def test_every_format_has_three_samples_and_a_chapter_in_the_documentation() -> None:
    number = Counter(sample.format.name for sample in samples())
    chapters = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    for known in FORMATS:
        assert number[known.name] >= 3, known.name
        assert f"\n## {known.name}\n" in chapters


def those_who_say_yes(data: bytes) -> list[str]:
    return [known.name for known in FORMATS if known.sniff(data[:HEAD_BYTES])]


@pytest.mark.parametrize("sample", samples(), ids=str)
def test_every_sample_has_exactly_one_sniffer_that_says_yes(sample: Sample) -> None:
    assert those_who_say_yes(sample.data) == [sample.format.name]


@pytest.mark.parametrize("sample", readable(), ids=str)
def test_a_sample_gives_the_figures_that_its_file_holds(sample: Sample) -> None:
    got = figures(sample.format.parse(sample.data))
    assert {name: got[name] for name in sample.expected["report"]} == sample.expected["report"]


@pytest.mark.parametrize("sample", [s for s in samples() if "error" in s.expected], ids=str)
def test_a_broken_sample_is_answered_with_a_sentence(sample: Sample) -> None:
    with pytest.raises(ReportError, match=sample.expected["error"]):
        sample.format.parse(sample.data)


@pytest.mark.parametrize("path", sorted((FOLDER / "other").iterdir()), ids=lambda path: path.name)
def test_no_sniffer_says_yes_to_a_format_that_is_not_read_yet(path: object) -> None:
    assert those_who_say_yes(path.read_bytes()) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("sample", [s for s in readable() if s.path.suffix in (".xml", ".info", ".json")], ids=str)
def test_a_byte_order_mark_changes_nothing(sample: Sample) -> None:
    data = b"\xef\xbb\xbf" + sample.data
    assert those_who_say_yes(data) == [sample.format.name]
    assert figures(sample.format.parse(data)) == figures(sample.format.parse(sample.data))


@pytest.mark.parametrize("mark", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize(
    "name",
    [
        "junit/rspec.xml",
        "cobertura/slipcover.xml",
        "cobertura/agentic-titan-many-roots.xml",
        "codecov-json/cargo-llvm-cov.json",
        "gcovr-json/templates-and-exclusions.json",
        "slipcover/branches.json",
        "lcov/node.info",
        "jacoco/groups.xml",
        "coverage-json/branches.json",
    ],
)
def test_utf_16_as_powershell_writes_it_is_read(name: str, mark: bool) -> None:
    (sample,) = (sample for sample in readable() if str(sample) == name)
    text = sample.data.decode("utf-8")
    data = text.encode("utf-16") if mark else text.encode("utf-16-le")
    assert those_who_say_yes(data) == [sample.format.name]
    assert figures(sample.format.parse(data)) == figures(sample.format.parse(sample.data))


@pytest.mark.parametrize("sample", [s for s in readable() if s.format.kind == "tests"], ids=str)
def test_the_duration_of_a_report_is_the_sum_of_its_cases(sample: Sample) -> None:
    report = sample.format.parse(sample.data)
    told = [case.duration for case in report.cases if case.duration is not None]  # type: ignore[union-attr]
    assert report.duration == (sum(told) if told else None)  # type: ignore[union-attr]
