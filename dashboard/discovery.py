"""Which artifacts of a run are worth downloading, told by name and size.

The words come from a survey of 243 uploads of tests and coverage in 63 public repositories: nine in ten names hold
one of them. A repository's own patterns, set in the admin, replace them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

SOUNDS_LIKE_REPORTS = re.compile(
    r"cov|junit|test|report|result|lcov|jacoco|cobertura|clover|surefire|failsafe|trx|nextest|pytest|jest|vitest|artifact$",
    re.IGNORECASE,
)
# Whole words only: "catalog-tests" is no log.
FOR_PEOPLE = re.compile(
    r"(?<![a-z])(?:html|htmlcov|logs?|dumps?|traces?|screenshots?|videos?|sarif|playwright-report)(?![a-z])",
    re.IGNORECASE,
)
# What a build makes; beside a word for reports it is only the thing tested ("test-results-packages-core").
PRODUCTS = re.compile(
    r"(?<![a-z])(?:sbom|bench\w*|asv|scan|dist|wheels?|packages?|docker|images?|binary|binaries|pages|docs)(?![a-z])",
    re.IGNORECASE,
)
# An artifact whose name says nothing is looked into once, while that is cheap, and left alone if it was in vain.
NAMELESS_MOST_BYTES = 5 * 1024 * 1024

CURE = "Name it in the repository's “artifacts to read”."
IN_VAIN = f"Not looked into: an earlier artifact of this name held no report. {CURE}"
PATTERN_MISSES = f"Not looked into: no pattern of the repository matches its name. {CURE}"


@dataclass(frozen=True, slots=True)
class Offer:
    """An artifact as far as the choice goes: ``size`` in bytes as GitHub lists it."""

    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Patterns:
    """A repository's own choice; ``include`` empty means the words above."""

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


def passed_over(offers: Sequence[Offer], patterns: Patterns, in_vain: Container[str] = ()) -> dict[str, str]:
    """The names of a run's artifacts that are not to be downloaded, each with the sentence that says why.

    ``in_vain`` holds names that were looked into before and held no report.
    """
    reasons = {
        offer.name: left_out(pattern) for offer in offers if (pattern := _match(offer.name, patterns.exclude))
    }
    left = [offer for offer in offers if offer.name not in reasons]
    if patterns.include:
        return reasons | {o.name: PATTERN_MISSES for o in left if not _match(o.name, patterns.include)}
    reasons |= {offer.name: IN_VAIN for offer in left if offer.name in in_vain}
    left = [offer for offer in left if offer.name not in in_vain]
    chosen = _chosen(left)
    return reasons | {offer.name: not_chosen(offer) for offer in left if offer.name not in chosen}


def left_out(pattern: str) -> str:
    """Why an artifact that fits one of the repository's patterns to pass over is not looked into."""
    return f"Not looked into: “{pattern}” in the repository's “artifacts to pass over” leaves it out."


def not_chosen(offer: Offer) -> str:
    """What in its name or size says that an artifact is not worth its download, and how to have it read."""
    if told := FOR_PEOPLE.search(offer.name):
        why = f"its name says “{told[0]}”, which is made for people"
    elif told := PRODUCTS.search(offer.name):
        why = f"its name says “{told[0]}”, which is what a build makes"
    else:
        size, most = (f"{octets / 1024 / 1024:,.0f} MB" for octets in (offer.size, NAMELESS_MOST_BYTES))
        why = f"its name says nothing of tests or coverage, and at {size} it is larger than the {most} worth a try"
    return f"Not looked into: {why}. {CURE}"


def _chosen(offers: Sequence[Offer]) -> set[str]:
    likely = {offer.name for offer in offers if SOUNDS_LIKE_REPORTS.search(offer.name)}
    nameless = {
        offer.name
        for offer in offers
        if offer.name not in likely and offer.size <= NAMELESS_MOST_BYTES and not PRODUCTS.search(offer.name)
    }
    # “html-report” is a page for people; it is looked into only where nothing better was uploaded.
    return {name for name in likely | nameless if not FOR_PEOPLE.search(name)} or likely


def _match(name: str, patterns: Sequence[str]) -> str:
    """The first pattern that the name fits, in any case; "" when it fits none."""
    return next((pattern for pattern in patterns if fnmatchcase(name.lower(), pattern.lower())), "")
