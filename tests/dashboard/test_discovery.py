"""Which artifacts are worth a download."""

from __future__ import annotations

from dashboard.discovery import IN_VAIN, PATTERN_MISSES, Offer, Patterns, left_out, not_chosen, passed_over

MEGABYTE = 1024 * 1024


def reasons(
    *offers: Offer, patterns: Patterns | None = None, in_vain: frozenset[str] = frozenset()
) -> dict[str, str]:
    return passed_over(offers, patterns or Patterns(), in_vain)


def test_names_that_sound_like_reports_are_read_whatever_their_size() -> None:
    assert reasons(Offer("test-results", 90 * MEGABYTE), Offer("coverage-data-3.12", 1)) == {}


def test_pages_for_people_logs_and_packages_are_passed_over() -> None:
    assert set(reasons(Offer("junit", 1), Offer("html-report", 1), Offer("test-logs", 1), Offer("wheels", 1))) == {
        "html-report",
        "test-logs",
        "wheels",
    }


def test_a_part_of_the_product_in_the_name_does_not_hide_a_report() -> None:
    assert (
        reasons(Offer("test-results-packages-core", 1), Offer("catalog-tests", 1), Offer("dist-coverage", 1)) == {}
    )


def test_a_page_for_people_is_looked_into_when_there_is_nothing_better() -> None:
    assert reasons(Offer("coverage-html", 1), Offer("dist", 1)) == {"dist": not_chosen(Offer("dist", 1))}


def test_a_name_that_says_nothing_is_looked_into_while_small_and_only_once() -> None:
    assert reasons(Offer("unit-py311", MEGABYTE), Offer("e2e-results", 1)) == {}
    assert set(reasons(Offer("unit-py311", 6 * MEGABYTE))) == {"unit-py311"}
    assert reasons(Offer("unit-py311", 1), in_vain=frozenset({"unit-py311"})) == {"unit-py311": IN_VAIN}


def test_a_repositorys_own_patterns_replace_the_guess_and_exclusion_wins() -> None:
    patterns = Patterns(include=("Wheels*", "results-*"), exclude=("*-old",))
    told = reasons(Offer("wheels-linux", 1), Offer("results-old", 1), Offer("junit", 1), patterns=patterns)
    assert told == {"results-old": left_out("*-old"), "junit": PATTERN_MISSES}


def test_the_reason_names_what_in_the_name_or_the_size_decided_and_what_to_do() -> None:
    assert "its name says “html”, which is made for people" in not_chosen(Offer("html-report", 1))
    assert "its name says “dist”, which is what a build makes" in not_chosen(Offer("dist", 1))
    assert "at 6 MB it is larger than the 5 MB worth a try" in not_chosen(Offer("unit-py311", 6 * MEGABYTE))
    for name in ("html-report", "dist", "unit-py311"):
        assert not_chosen(Offer(name, 6 * MEGABYTE)).endswith("Name it in the repository's “artifacts to read”.")
