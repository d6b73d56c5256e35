"""Which artifacts are worth a download."""

from __future__ import annotations

from collectors.discovery import IN_VAIN, LEFT_OUT, NOT_CHOSEN, PATTERN_MISSES, Offer, Patterns, passed_over

MEGABYTE = 1024 * 1024


def left_out(
    *offers: Offer, patterns: Patterns | None = None, in_vain: frozenset[str] = frozenset()
) -> dict[str, str]:
    return passed_over(offers, patterns or Patterns(), in_vain)


def test_names_that_sound_like_reports_are_read_whatever_their_size() -> None:
    assert left_out(Offer("test-results", 90 * MEGABYTE), Offer("coverage-data-3.12", 1)) == {}


def test_pages_for_people_logs_and_packages_are_passed_over() -> None:
    assert set(left_out(Offer("junit", 1), Offer("html-report", 1), Offer("test-logs", 1), Offer("wheels", 1))) == {
        "html-report",
        "test-logs",
        "wheels",
    }


def test_a_part_of_the_product_in_the_name_does_not_hide_a_report() -> None:
    assert (
        left_out(Offer("test-results-packages-core", 1), Offer("catalog-tests", 1), Offer("dist-coverage", 1)) == {}
    )


def test_a_page_for_people_is_looked_into_when_there_is_nothing_better() -> None:
    assert left_out(Offer("coverage-html", 1), Offer("dist", 1)) == {"dist": NOT_CHOSEN}


def test_a_name_that_says_nothing_is_looked_into_while_small_and_only_once() -> None:
    assert left_out(Offer("unit-py311", MEGABYTE), Offer("e2e-results", 1)) == {}
    assert left_out(Offer("unit-py311", 6 * MEGABYTE)) == {"unit-py311": NOT_CHOSEN}
    assert left_out(Offer("unit-py311", 1), in_vain=frozenset({"unit-py311"})) == {"unit-py311": IN_VAIN}


def test_a_repositorys_own_patterns_replace_the_guess_and_exclusion_wins() -> None:
    patterns = Patterns(include=("Wheels*", "results-*"), exclude=("*-old",))
    reasons = left_out(Offer("wheels-linux", 1), Offer("results-old", 1), Offer("junit", 1), patterns=patterns)
    assert reasons == {"results-old": LEFT_OUT, "junit": PATTERN_MISSES}
