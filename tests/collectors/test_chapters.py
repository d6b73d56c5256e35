"""What the documentation says of a format is what its parser says of itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from collectors.chapters import WANTED, chapter, markdown, proof
from collectors.management.commands.formats import MARK
from collectors.parsers import FORMATS
from collectors.parsers.results import Format

from .parsers.known import FOLDER

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_a_parser_says_who_writes_its_format_and_what_its_figures_mean(known: Format) -> None:
    told = chapter(known)
    assert told.title.endswith(".")
    assert [key for key in WANTED if not told.said.get(key)] == []
    assert all(tool and reason for tool, reason in told.differences)


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_a_format_is_proved_by_a_real_file_or_says_that_it_is_not(known: Format) -> None:
    tested = proof(known.name, FOLDER)
    assert tested.real or tested.written


def test_the_page_of_formats_is_the_one_that_the_parsers_tell() -> None:
    _, mark, chapters = PAGE.read_text("utf-8").partition(MARK)
    assert mark
    assert chapters.strip() == markdown(FORMATS, FOLDER).strip(), "run: manage.py formats --write docs/formats.md"


def test_every_report_that_differs_from_what_its_tool_printed_is_explained() -> None:
    for row in json.loads((FOLDER / "corpus.json").read_text("utf-8")).values():
        explained = [entry for each in row["explained"] for entry in each["entries"] if each["why"]]
        assert row["agree"] + len(explained) == row["of"]
