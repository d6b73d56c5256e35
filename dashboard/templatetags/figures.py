"""Figures, marks and sparklines in templates: ``{% load figures %}``.

    {{ tests|count }}  {{ percent|percent }}  {{ percent|percent_sign }}  {{ ms|duration_ms }}  {{ sha|short }}
    {{ percent|coverage_width:100 }}  {{ coordinate|short_number }}
    {% tests_delta change %}  {% points_delta change %}  {% mark "broke" %}  {% evidence "report" %}  {% from_log %}
    {% time at %}  {% clock at %}

What they say is decided in ``dashboard.wording``; here it only becomes markup.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from dashboard import wording
from dashboard.charts.bars import coverage_width
from dashboard.charts.scale import short_number

register = template.Library()

for writer in (
    wording.count,
    wording.percent,
    wording.percent_sign,
    wording.exact_percent,
    wording.duration,
    wording.duration_ms,
    wording.size,
    wording.short,
    wording.short_digest,
    wording.day,
    wording.moment,
    coverage_width,
    short_number,
):
    register.filter(writer.__name__, writer)

MARK_WORDS = {
    "passing": "passing",
    "broke": "broke",
    "still-failing": "still failing",
    "error": "error",
    "ran-nothing": "ran no tests",
    "skipped": "skipped",
    "flaky": "flaky",
    "silent": "silent",
    "no-evidence": "no evidence",
    "archived": "archived",
    "running": "reading",
    "fell": "lost coverage",
}
EVIDENCE_WORDS = {
    "report": "a parsed report",
    "carried": "carried from an earlier commit",
    "incomplete": "an incomplete commit: legs are missing",
    "log": "a count read from a log",
    "none": "no evidence",
}
LIT = {"report": 3, "carried": 2, "incomplete": 2, "log": 1, "none": 0}


@register.filter
def ago(moment: datetime | None) -> str:
    return wording.ago(moment, datetime.now(UTC))


@register.filter
def age(since: datetime | None, today: date | None = None) -> str:
    """The age of trouble: 6 d, 3 w; ``today`` is told where the clock may not be asked."""
    return wording.age_in_days(since, today or datetime.now(UTC))


@register.filter
def plural(number: int, nouns: str) -> str:
    """``{{ 3|plural:"repository,repositories" }}``; one noun alone takes an s."""
    noun, _, more = nouns.partition(",")
    return wording.plural(number, noun, more)


@register.filter
def noun(number: int, nouns: str) -> str:
    """The noun alone, where the number stands in markup of its own: ``{{ 3|noun:"test,tests" }}``."""
    one, _, more = nouns.partition(",")
    return one if number == 1 else more


@register.simple_tag
@lru_cache(100)
def mark(status: str, hidden: bool = False) -> SafeString:
    """The mark of an outcome or a state; ``hidden`` where its word stands beside it."""
    word = MARK_WORDS.get(status, status)
    label = format_html('role="img" aria-label="{}"', word) if not hidden else SafeString('aria-hidden="true"')
    return format_html('<svg class="mark mark-{0}" {1}><use href="#mark-{0}"/></svg>', status, label)


@register.simple_tag
@lru_cache(20)
def evidence(grade: str, hidden: bool = False) -> SafeString:
    """Three lancets, lit by the grade: report 3, carried 2, log 1, none 0."""
    label, title = SafeString('aria-hidden="true"'), SafeString("")
    if not hidden:
        word = EVIDENCE_WORDS.get(grade, grade)
        label, title = format_html('role="img" aria-label="{}"', word), format_html("<title>{}</title>", word)
    drawn = LIT.get(grade, 0)
    return format_html('<svg class="evidence" {}>{}<use href="#evidence-{}"/></svg>', label, title, drawn)


@register.simple_tag
def from_log() -> SafeString:
    """Said beside figures that were counted in a job's log, and are in no total."""
    return format_html('<span class="attribute">{} from a log</span>', evidence("log", hidden=True))


def _delta(text: str, lost: bool) -> SafeString:
    """``text`` is a number of ``dashboard.wording``, in which there is nothing to escape."""
    if not text:
        return SafeString("")
    if text == "·":
        return SafeString('<span class="delta delta-none"><span aria-hidden="true">·</span><i>no change</i></span>')
    return SafeString(f'<span class="delta{" delta-loss" if lost else ""}">{text}</span>')


@register.simple_tag
def tests_delta(change: int | None) -> SafeString:
    """How many tests more or fewer; a loss is in the colour of failure."""
    return _delta(wording.delta(change), wording.is_loss(tests=change))


@register.simple_tag
def points_delta(change: float | None) -> SafeString:
    """Percentage points; a loss of half a point or more is in the colour of failure."""
    return _delta(wording.points(change), wording.is_loss(coverage=change))


@register.simple_tag
def time(at: datetime | None, text: str = "") -> SafeString:
    """A moment for people and machines; local-time.js turns it to the reader's zone and keeps UTC on hover."""
    if at is None:
        return SafeString('<span class="unknown">–</span>')
    written, machine = wording.moment(at), at.astimezone(UTC).isoformat(timespec="seconds")
    said = f">{escape(text)}" if text else f" data-local>{written}"
    return SafeString(f'<time datetime="{machine}" title="{written}"{said}</time>')


@register.simple_tag
def clock(at: datetime | None) -> SafeString:
    """The time of day alone, where all rows are of one night; it turns to the reader's zone as ``time`` does."""
    if at is None:
        return SafeString('<span class="unknown">–</span>')
    utc = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}" data-local="clock">{}</time>',
        utc.isoformat(timespec="seconds"),
        wording.moment(at),
        f"{utc:%H:%M:%S}",
    )


@register.filter
def of(values: Mapping[Hashable, object] | Iterable[tuple[Hashable, object]], key: Hashable) -> object:
    """What a mapping, or pairs of key and value, hold of a key; "" where they hold nothing."""
    return dict(values).get(key, "")
