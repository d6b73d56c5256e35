"""What tools call their reports: the last resort where there is no content to tell a format by."""

from __future__ import annotations

import re

USUAL_NAMES: tuple[tuple[re.Pattern[str], str, str], ...] = tuple(
    (re.compile(rf"(?:^|/)(?:{pattern})(?:\.gz)?$", re.IGNORECASE), name, kind)
    for pattern, name, kind in (
        (r"lcov\.info|[^/]*\.lcov|[^/]*lcov[^/]*\.info", "lcov", "coverage"),
        (r"jacoco[^/]*\.xml", "jacoco", "coverage"),
        (r"clover[^/]*\.xml", "clover", "coverage"),
        (r"[^/]*opencover[^/]*\.xml", "opencover", "coverage"),
        (r"(?:[^/]*[._-])?(?:coverage|cobertura)[^/]*\.xml", "cobertura", "coverage"),
        (r"coverage-final\.json", "istanbul", "coverage"),
        (r"coverage-summary\.json", "istanbul-summary", "coverage"),
        (r"\.(?:last_run|resultset)\.json", "simplecov", "coverage"),
        (r"[^/]*\.gcov\.json", "gcov-json", "coverage"),
        (r"coverage[^/]*\.json", "coverage-json", "coverage"),
        (r"(?:[^/]*[._-])?(?:cover(?:age|profile)?|c)\.out|cover(?:age|profile)\.txt", "go-cover", "coverage"),
        (r"\.coverage(?:\.[^/]*)?", "coverage-data", "coverage"),
        (r"[^/]*\.gcov", "gcov", "coverage"),
        (r"[^/]*\.trx", "trx", "tests"),
        (r"[^/]*\.tap", "tap", "tests"),
        (r"[^/]*\.ctrf\.json|ctrf[^/]*\.json", "ctrf", "tests"),
        (r"nunit[^/]*\.xml|TestResult\.xml", "nunit", "tests"),
        (r"testng-results\.xml", "testng", "tests"),
        (r"(?:[^/]*junit[^/]*|TESTS?-[^/]*|x?unit|test-?results?|pytest|report)\.xml", "junit", "tests"),
    )
)
"""What tools call their reports. Formats are told by content; names serve only where there is no content to tell
by: an empty or unreadable member of such a name is a report that went missing, and somebody must hear of it."""


def usual_report(name: str) -> tuple[str, str] | None:
    """Format and kind that a name promises."""
    path = name.replace("\\", "/").replace("!", "/")
    return next(((usual, kind) for pattern, usual, kind in USUAL_NAMES if pattern.search(path)), None)
