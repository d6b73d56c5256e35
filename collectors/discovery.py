"""Which artifacts of a run are worth downloading, told by name and size.

The words come from a survey of 243 uploads of tests and coverage in 63 public repositories: nine in ten names hold
one of them. A repository's own patterns, set in the admin, replace them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

SOUNDS_LIKE_REPORTS = re.compile(
    r"cov|junit|test|report|result|lcov|jacoco|cobertura|clover|surefire|failsafe|trx|nextest|pytest|jest|vitest|artifact$",
    re.IGNORECASE,
)
SOUNDS_LIKE_OTHER = re.compile(
    r"html|log|dump|trace|screenshot|video|sarif|sbom|bench|asv|scan|dist|wheel|package|docker|image|binary|pages|docs|"
    r"playwright-report",
    re.IGNORECASE,
)
# An artifact whose name says nothing is looked into only while that is cheap.
NAMELESS_MOST_BYTES = 5 * 1024 * 1024

NOT_CHOSEN = "Its name does not sound like tests or coverage. Name it in the repository's “artifacts to read”."
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


def passed_over(offers: Sequence[Offer], patterns: Patterns) -> dict[str, str]:
    """The names of a run's artifacts that are not to be downloaded, each with the sentence that says why."""
    reasons = {offer.name: LEFT_OUT for offer in offers if _matches(offer.name, patterns.exclude)}
    left = [offer for offer in offers if offer.name not in reasons]
    if patterns.include:
        return reasons | {o.name: PATTERN_MISSES for o in left if not _matches(o.name, patterns.include)}
    chosen = _chosen(left)
    return reasons | {offer.name: NOT_CHOSEN for offer in left if offer.name not in chosen}


def _chosen(offers: Sequence[Offer]) -> set[str]:
    likely = [offer for offer in offers if SOUNDS_LIKE_REPORTS.search(offer.name)]
    best = {offer.name for offer in likely if not SOUNDS_LIKE_OTHER.search(offer.name)}
    if best:
        return best
    if likely:
        return {offer.name for offer in likely}
    return {
        offer.name
        for offer in offers
        if not SOUNDS_LIKE_OTHER.search(offer.name) and offer.size <= NAMELESS_MOST_BYTES
    }


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
