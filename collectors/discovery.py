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

NOT_CHOSEN = "Its name does not sound like tests or coverage. Name it in the repository's “artifacts to read”."
IN_VAIN = "An earlier artifact of this name held no report. Name it in the repository's “artifacts to read”."
LEFT_OUT = "The repository's “artifacts to pass over” leaves it out."
PATTERN_MISSES = "No pattern in the repository's “artifacts to read” matches it."


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
    reasons = {offer.name: LEFT_OUT for offer in offers if _matches(offer.name, patterns.exclude)}
    left = [offer for offer in offers if offer.name not in reasons]
    if patterns.include:
        return reasons | {o.name: PATTERN_MISSES for o in left if not _matches(o.name, patterns.include)}
    reasons |= {offer.name: IN_VAIN for offer in left if offer.name in in_vain}
    left = [offer for offer in left if offer.name not in in_vain]
    chosen = _chosen(left)
    return reasons | {offer.name: NOT_CHOSEN for offer in left if offer.name not in chosen}


def _chosen(offers: Sequence[Offer]) -> set[str]:
    likely = {offer.name for offer in offers if SOUNDS_LIKE_REPORTS.search(offer.name)}
    nameless = {
        offer.name
        for offer in offers
        if offer.name not in likely and offer.size <= NAMELESS_MOST_BYTES and not PRODUCTS.search(offer.name)
    }
    # “html-report” is a page for people; it is looked into only where nothing better was uploaded.
    return {name for name in likely | nameless if not FOR_PEOPLE.search(name)} or likely


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
