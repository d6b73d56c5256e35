"""What a test case of JUnit's XML tells of how it ended: by its children, else by its attributes."""

from __future__ import annotations

from functools import lru_cache

from lxml import etree

from collectors.parsers.results import Outcome
from collectors.parsers.text import bounded_details, bounded_message, count
from collectors.parsers.xml_cases import local

_OUTCOME_OF_CHILD = {
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skipped": Outcome.SKIPPED,
    "skip": Outcome.SKIPPED,
    "ignored": Outcome.SKIPPED,
}
_FLAKY = ("flakyFailure", "flakyError")
_OUTCOME_OF_STATUS = {
    "disabled": Outcome.SKIPPED,
    "bpass": Outcome.SKIPPED,  # QtTest: blacklisted, so that its outcome is ignored
    "bfail": Outcome.SKIPPED,
    "bxfail": Outcome.SKIPPED,
    "bxpass": Outcome.SKIPPED,
    "notrun": Outcome.SKIPPED,
    "suppressed": Outcome.SKIPPED,
    "skipped": Outcome.SKIPPED,
    "skip": Outcome.SKIPPED,
    "ignored": Outcome.SKIPPED,
    "pending": Outcome.SKIPPED,
    "untested": Outcome.SKIPPED,
    "fail": Outcome.FAILED,
    "failed": Outcome.FAILED,
    "failure": Outcome.FAILED,
    "undefined": Outcome.FAILED,
    "error": Outcome.ERROR,
    "errored": Outcome.ERROR,
}
_EXPECTED_FAILURE = "TEST_CASE tagged with "  # Catch2: "!mayfail", "!shouldfail"; QtTest says result="xfail"
_NO_ERRORS = ("SkippedTestError", "IncompleteTestError")  # PHPUnit before 6 writes them as errors


def judged(element: etree._Element, outcome: Outcome) -> tuple[Outcome, bool, str, str]:
    """Outcome, flakiness, message and details from the children of a test case, as far as they tell."""
    verdict: etree._Element | None = None
    first_attempt: etree._Element | None = None
    worst = Outcome.PASSED
    expected = False
    for child in element:
        tag = local(child)
        if tag in _OUTCOME_OF_CHILD:
            told = _OUTCOME_OF_CHILD[tag]
            expected |= _is_expected(child.get("message"), child.get("result"), child.get("type"))
            expected |= tag == "skipped" and child.get("type") == "todo"  # Node.js: beside its failure
            expected |= verdict is not None and worst is Outcome.SKIPPED and _counts_no_failure(element)
            if verdict is None or told > worst:
                verdict, worst = child, told
        elif tag in _FLAKY and first_attempt is None:
            first_attempt = child
    flaky = verdict is None and outcome is Outcome.PASSED and first_attempt is not None
    told_by = first_attempt if flaky else verdict
    if told_by is None:
        return outcome, False, "", ""
    if verdict is not None:
        outcome = Outcome.SKIPPED if expected else worst
        flaky = outcome > Outcome.SKIPPED and _passed_later(element)
    if flaky:
        outcome = Outcome.PASSED
    text = told_by.text or ""
    if len(told_by):
        text = "\n".join([text, *("".join(map(str, child.itertext())) for child in told_by)])
    return outcome, flaky, *_words(told_by.get("message"), told_by.get("type"), text)


def judged_child(tag: str, told: dict[str, str], text: str) -> tuple[Outcome, str, str]:
    """The same from the only child of a test case."""
    message = told.get("message")
    expected = _is_expected(message, told.get("result"), told.get("type"))
    return Outcome.SKIPPED if expected else _OUTCOME_OF_CHILD[tag], *_words(message, told.get("type"), text)


def _is_expected(message: str | None, result: str | None, kind: str | None) -> bool:
    """Whether what looks like a failure was expected, or is none."""
    return (
        result == "xfail"
        or (message or "").startswith(_EXPECTED_FAILURE)
        or (kind is not None and kind.endswith(_NO_ERRORS))
    )


def _counts_no_failure(case: etree._Element) -> bool:
    """Karma: a pending test whose expectations failed is a skip in its suite's totals, its failure comes second.

    QtTest writes the failure first, and counts it.
    """
    suite = case.getparent()
    return suite is not None and count(suite.get("failures")) == 0 and not count(suite.get("errors"))


def _passed_later(case: etree._Element) -> bool:
    """Firebase Test Lab: it failed in one of several attempts; its suite counts it as flaky and as no failure."""
    suite = case.getparent()
    return case.get("flaky") == "true" and suite is not None and suite.get("flakes") is not None


def _words(message: str | None, kind: str | None, text: str) -> tuple[str, str]:
    """Message and details of a failure, error, skip or earlier attempt."""
    return bounded_message(message or text.strip().partition("\n")[0] or kind or ""), bounded_details(text)


@lru_cache(maxsize=1_000)
def outcome_of_statuses(values: tuple[str, ...]) -> Outcome:
    """The outcome that the ``status`` and ``result`` of a case tell."""
    for value in values:
        outcome = _OUTCOME_OF_STATUS.get(value.lower())
        if outcome is not None:
            return outcome
    return Outcome.PASSED
