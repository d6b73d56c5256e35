"""Rows of coverage: those of a tree, each drawn once and kept while it says the same, and the lines of a file.

{% tree_row row files_page elsewhere tells_reported carried.paths %}   {% coverage_figures tree.top %}
    {% line_rows known.lines on_github %}
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import quote, urlencode

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.drawing import draw
from dashboard.queries.files import Line
from dashboard.queries.folders import Folder, Row
from dashboard.wording import count, plural

register = template.Library()


class Counted(Protocol):
    """What is known of the lines of a file, of a folder or of a component; None is unknown."""

    @property
    def missed(self) -> int | None: ...
    @property
    def valid(self) -> int | None: ...
    @property
    def covered(self) -> int: ...
    @property
    def percent(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class CountedLines:
    """The same as values."""

    missed: int | None
    valid: int | None
    covered: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class TreeRow(CountedLines):
    """All that the row of a folder or of a file says; ``files`` None: it is a file."""

    depth: int
    name: str
    address: str = ""
    files: int | None = None
    open: bool = False
    as_reported: bool = False
    carried: bool = False


@register.simple_tag
def tree_row(
    row: Row, files_page: str, elsewhere: str, tells_reported: bool, carried: Container[str]
) -> SafeString:
    """A folder, leading into itself, or a file, leading to its lines on ``files_page``.

    ``elsewhere``: what else is asked for, as a query string. ``tells_reported``: which paths were not found in the
    repository's tree is worth telling. ``carried``: the paths whose lines are of an earlier commit.
    """
    of = row.file or row.folder
    assert of is not None
    told = TreeRow(*_lines(of), depth=row.depth, name=row.name, open=row.open)
    if isinstance(of, Folder):
        address = f"{elsewhere or '?'}{'&' if elsewhere.strip('?') else ''}{urlencode({'in': of.path})}"
        return draw("repository/_tree_row.jinja", of=replace(told, address=address, files=of.files), source="")
    address = f"{files_page}?path={quote(of.path, safe='')}"
    as_reported = tells_reported and not of.resolved
    told = replace(told, address=address, as_reported=as_reported, carried=of.path in carried)
    return draw("repository/_tree_row.jinja", of=told, source="")


@register.simple_tag
def coverage_figures(of: Counted, source: str = "") -> SafeString:
    """The cells of a row that count its lines; its percentage leads to ``source``."""
    return draw("repository/_tree_figures.jinja", of=CountedLines(*_lines(of)), source=source)


def _lines(of: Counted) -> tuple[int | None, int | None, int, float | None]:
    return of.missed, of.valid, of.covered, of.percent


@register.simple_tag
def line_rows(lines: Iterable[Line], on_github: str) -> SafeString:
    """Executable lines of a file, their numbers leading to the file's page on GitHub where it has one.

    Thousands of rows of numbers and of our own words: a template takes a hundred times as long for each.
    """
    before, after = (f'<a href="{escape(on_github)}#L', "</a>") if on_github else ("", "")
    return mark_safe("".join(_line(line, before, after) for line in lines))  # noqa: S308 - escaped above


def _line(line: Line, before: str, after: str) -> str:
    hits = f"{count(line.hits)}×" if line.hits else "0"
    number = f'{before}{line.number}">{line.number}{after}' if before else str(line.number)
    state = line.state
    if line.branches:
        state += f", {line.branches} branches"
    if line.tests:
        state += f", {plural(line.tests, 'test')}"
    return (
        f'<tr role="row" class="line-{line.state}" data-line="{line.number}"><td role="cell">{hits}</td>'
        f'<td role="cell">{number}</td><td role="cell">{state}</td></tr>'
    )
