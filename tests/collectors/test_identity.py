"""Contract rule 4: what is one test, and which of its repeats counts."""

from __future__ import annotations

from collectors.identity import fingerprint, fold, masked
from collectors.parsers.results import CaseResult, Outcome

P, F, E, S = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED


def case(outcome: Outcome, name: str = "works", classname: str = "Cart", suite: str = "s") -> CaseResult:
    return CaseResult(suite=suite, classname=classname, name=name, outcome=outcome)


def folded(*outcomes: Outcome) -> tuple[Outcome, bool]:
    [only] = fold([case(outcome) for outcome in outcomes], "default")
    return only.outcome, only.flaky


def test_one_pass_after_failures_is_a_retry_and_flaky() -> None:
    assert folded(F, P) == (P, True)
    assert folded(E, F, P) == (P, True)


def test_any_other_repeat_shows_the_worst() -> None:
    assert folded(P, F) == (F, False)
    assert folded(F, P, P) == (F, False)
    assert folded(P, E) == (E, False)
    assert folded(P, P) == (P, False)
    assert folded(S, P) == (P, False)


def test_the_suite_joins_in_only_where_a_class_is_missing_or_a_name_stands_in_two_suites() -> None:
    plain = fold([case(P)], "g")[0]
    assert plain.suite == ""
    assert fold([case(P, suite="other")], "g")[0].identity == plain.identity
    assert len(fold([case(P), case(F, suite="other")], "g")) == 2
    assert (
        fold([case(P, classname="")], "g")[0].identity != fold([case(P, classname="", suite="o")], "g")[0].identity
    )


def test_groups_are_different_tests() -> None:
    assert fold([case(P)], "unit")[0].identity != fold([case(P)], "e2e")[0].identity


def test_checkout_prefixes_and_memory_addresses_do_not_make_another_test() -> None:
    here = case(P, name="test[<object at 0x7f3a11c0de50>]", classname="/home/runner/work/a/a/tests/x.py")
    there = case(P, name="test[<object at 0x55d0aa10ff00>]", classname=r"D:\a\a\a\tests/x.py")
    assert fold([here], "g")[0].identity == fold([there], "g")[0].identity
    assert masked("/home/runner/work/shop/shop/src/cart.py") == "src/cart.py"


def test_texts_that_differ_in_numbers_and_paths_are_one_fault() -> None:
    one = fingerprint("expected 3, got 4 in /tmp/a1/b.py after 12 ms", "")
    other = fingerprint("expected 5, got 44 in /var/x/y.py after 7 ms", "")
    assert one == other
    assert one != fingerprint("no such file", "")
