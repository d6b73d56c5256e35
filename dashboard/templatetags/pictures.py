"""Small pictures of the charts' path data: ``{% load pictures %}``.

    {% windows row.nights %}  {% line trend.line stretched=True %}  {% pass_bar totals.bar %}

Their values are numbers and path data of our own, so nothing has to be escaped; a long table holds hundreds.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.safestring import SafeString

from dashboard.charts.bars import Part
from dashboard.charts.line import Line
from dashboard.charts.windows import Windows

register = template.Library()


@register.simple_tag
def windows(drawn: Windows, stretched: bool = False, trouble: bool = False) -> SafeString:
    """Counts night by night as panes; in the colour of failure where the count is of trouble."""
    past, newest = ("failed-past", "failing") if trouble else ("past", "newest")
    inks = ((past, drawn.past), (newest, drawn.newest), ("failing", drawn.failing), ("hollow", drawn.hollow))
    paths = "".join(f'<path class="{ink}" d="{path}"/>' for ink, path in inks if path)
    return SafeString(f"{_opened(drawn, stretched)}{paths}</svg>")


@register.simple_tag
def line(drawn: Line, stretched: bool = False) -> SafeString:
    """A rate night by night, with a dot where it stands now."""
    area = f'<path class="area" d="{drawn.area}"/>' if drawn.area else ""
    drawing = f'{area}<path class="line" d="{drawn.path}"/><path class="dot" d="{drawn.dot}"/>'
    return SafeString(f"{_opened(drawn, stretched)}{drawing}</svg>")


@register.simple_tag
def pass_bar(parts: Iterable[Part]) -> SafeString:
    """How the tests ended, as shares of one bar; what was skipped is hollow. Without parts it is a thin line."""
    bars = "".join(_bar(part) for part in parts) or '<rect class="all" y="2" width="84" height="2"/>'
    return SafeString(f'<svg class="pass-bar" viewBox="0 0 84 6" aria-hidden="true">{bars}</svg>')


def _bar(part: Part) -> str:
    place = 'y=".5" width="{}" height="5"' if part.kind == "skipped" else 'width="{}" height="6"'
    return f'<rect class="{part.kind}" x="{part.x}" {place.format(part.width)}/>'


def _opened(drawn: Windows | Line, stretched: bool) -> str:
    box = f'width="{drawn.width}" height="{drawn.height}" viewBox="0 0 {drawn.width} {drawn.height}"'
    fit = ' preserveAspectRatio="none"' if stretched else ""
    return f'<svg class="spark" {box}{fit} aria-hidden="true">'
