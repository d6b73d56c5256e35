"""Rows in Jinja's language: they escape as Django's templates do, and forget no value in silence."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString
from jinja2 import UndefinedError

from dashboard.charts.bars import pass_bar
from dashboard.drawing import draw
from dashboard.templatetags import pictures

TEMPLATES = Path(settings.BASE_DIR) / "templates"


class Lancet(NamedTuple):
    """What ``ingest/_lancet.jinja`` asks of a repository."""

    owner: str
    name: str
    light: str
    in_words: str
    word: str


def test_what_a_repository_is_called_is_text_and_never_markup() -> None:
    row = draw("ingest/_lancet.jinja", lancet=Lancet("o", "<b>&", "green", '">', "read"))
    assert row.count("<") == 4 and 'title="&lt;b&gt;&amp;: &#34;&gt;"' in row
    assert isinstance(row, SafeString)


def test_a_row_that_is_not_given_what_it_says_fails_instead_of_saying_nothing() -> None:
    with pytest.raises(UndefinedError, match="'lancet' is undefined"):
        draw("ingest/_lancet.jinja")


@pytest.mark.parametrize("name", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.jinja")))
def test_each_knows_the_filters_and_tags_that_it_names(name: str) -> None:
    get_template(name, using="jinja")


def test_what_was_skipped_stands_hollow_within_the_bar() -> None:
    drawn = pictures.pass_bar(pass_bar(7, 1, 1, 3))
    assert drawn.count("<rect") == 4
    assert '<rect class="skipped" x="' in drawn and 'y=".5"' in drawn
    assert pictures.pass_bar([]).count("<rect") == 1
