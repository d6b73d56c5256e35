"""Tests are found by any part of what they are called, exactly as by reading every name, and none is lost."""

from __future__ import annotations

import random
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import psycopg
import pytest
from django.db import connection, connections

from collectors.rollup import refresh_repository
from dashboard.erasing import erase_repositories
from dashboard.models import Case, CaseStatistics, CaseWords, Repository
from dashboard.queries import case_list, case_overview, search
from dashboard.visibility import EVERYONE
from tests.factories import repository, results, snapshot_row, today_at

pytestmark = pytest.mark.django_db

NAMES = [
    *("test_cart", "test_Cart_total", "TEST_CART", "cart[50%]", "a_b", "a%b", "axb", r"back\slash", r"back\\slash"),
    *("two\nlines", "end\n", "\nbegin", "carriage\r\nreturn", "tab\there", "ends in pre", "fix at the start"),
    *(
        "Émile_größe",
        "ÉMILE_GRÖSSE",
        "émile",
        "ΟΔΟΣ",
        "οδος",
        "İstanbul",
        "straße",
        "日本語のテスト",
        "'quoted'",
        '"{0}"',
    ),
    *(
        "%s%%(x)s",
        "{brace}",
        "",
        "a",
        "ab",
        "x" * 3000,
        "\x1f\x85 blanks",
        "NULL",
        "{NULL}",
        "a,b",
        "emoji 🐍 snake",
    ),
]
CLASSES = ("", "tests.Cart", "pre", "ΟΔΟΣ", "a\nb")
WORDS = [
    *(
        "cart",
        "CART",
        "t_cart",
        "a%b",
        "a_b",
        "%",
        "_",
        "\\",
        r"k\s",
        r"\\",
        "é",
        "É",
        "ß",
        "SS",
        "οδος",
        "ΟΔΟΣ",
        "ς",
    ),
    *(
        "i",
        "İ",
        "日本",
        "テ",
        "'",
        '"{',
        "%s",
        "%(x)s",
        "{",
        "a",
        "ab",
        "x" * 200,
        "prefix",
        "linesend",
        "nulL",
        "🐍",
        "\x7f",
    ),
    *("two lines", "pre ΟΔΟΣ", "cart tests.Cart", "a b", "cart nowhere", "begin", "return", "nowhere_at_all"),
]


@pytest.fixture
def repo() -> Repository:
    """A repository with more tests than one row of words holds, added in three nights."""
    made = repository(name="shop")
    point = snapshot_row(made, today_at(days_ago=1))
    for classname in CLASSES:
        results(point, dict.fromkeys(NAMES, "P"), classname=classname, group=f"group {classname}")
    refresh_repository(made)
    return Repository.objects.get(pk=made.pk)


def by_reading_all(words: Sequence[str]) -> set[int]:
    patterns = ["%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%" for word in words]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM test_case WHERE name || ' ' || classname || ' ' || suite ILIKE ALL (%s)", [patterns]
        )
        return {pk for (pk,) in cursor.fetchall()}


def in_list(repo: Repository, text: str) -> tuple[set[int], int]:
    assert repo.latest is not None
    wanted = case_list.Wanted(text=text, size=1000)
    page = case_list.test_page(
        repo.pk, case_overview.test_overview(repo.pk, repo.latest.ordered_at, wanted.words), wanted
    )
    return {test.id for test in page.tests}, page.count


def parts_of_names() -> list[str]:
    """Parts of what tests are called, in other capitals: some hold a blank, and are two words then."""
    chosen = random.Random(7)
    parts = []
    for _ in range(15):
        text = f"{chosen.choice(NAMES)} {chosen.choice(CLASSES)}"
        begin = chosen.randrange(len(text))
        part = text[begin : begin + chosen.randrange(1, 9)]
        parts.append(chosen.choice((part, part.upper(), part.lower(), part.swapcase())))
    return [part for part in parts if part.strip() and "\0" not in part]


def test_words_find_what_reading_every_name_finds(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    assert CaseWords.objects.filter(repository=repo).count() > 1
    monkeypatch.setattr(search, "FITTING", search.FITTING.replace("limit 20", ""))
    for text in WORDS + parts_of_names():
        right = by_reading_all(text.split())
        assert in_list(repo, text) == (right, len(right)), text
        tests = search.search(EVERYONE, text).tests
        assert tests is None or {test.id for test in tests} == right, text
    monkeypatch.setattr(case_overview, "MOST_CALLED", -1)
    for text in WORDS[::3]:
        right = by_reading_all(text.split())
        assert in_list(repo, text) == (right, len(right)), text


def test_more_than_are_looked_up_one_by_one_are_all_counted(repo: Repository, monkeypatch: Any) -> None:
    monkeypatch.setattr(case_overview, "MOST_CALLED", 3)
    monkeypatch.setattr("dashboard.queries.case_words.MOST_CALLED", 3)
    found, count = in_list(repo, "cart")
    assert found == by_reading_all(["cart"]) and count == len(found) > 3


def lines_of(repo: Repository) -> list[tuple[int, str]]:
    lines = []
    for row in CaseWords.objects.filter(repository=repo):
        texts = row.words.split("\n")
        assert len(texts) == len(row.case_ids) <= 64
        lines += list(zip(row.case_ids, texts, strict=True))
    return sorted(lines)


def test_each_test_has_one_line_however_many_come_at_a_time() -> None:
    repos = [repository(name=name) for name in ("one", "two")]
    number = 0
    for many in (1, 1, 61, 1, 0, 1, 63, 64, 65, 130, 2):
        rows = []
        for place in range(many * 2):
            number += 1
            rows.append(
                Case(repository=repos[place % 2], identity=b"%d" % number, group="unit", name=f"Test {number}")
            )
        Case.objects.bulk_create(rows)
    for repo in repos:
        cases = Case.objects.filter(repository=repo).order_by("pk").values_list("pk", "name")
        assert lines_of(repo) == [(pk, f"{name.lower()}  ") for pk, name in cases]
        assert CaseWords.objects.filter(repository=repo).count() == -(-len(cases) // 64)


def test_a_line_of_a_test_that_is_gone_does_no_harm(repo: Repository) -> None:
    gone = Case.objects.get(repository=repo, name="TEST_CART", classname="pre")
    CaseStatistics.objects.filter(case=gone).delete()
    gone.delete()
    assert in_list(repo, "test_cart pre")[0] == by_reading_all(["test_cart", "pre"]) != set()
    assert {test.id for test in search.search(EVERYONE, "test_cart").tests or ()} <= by_reading_all(["test_cart"])


def test_words_go_with_their_repository(repo: Repository) -> None:
    kept = repository(name="kept")
    Case.objects.create(repository=kept, identity=b"1", group="unit", name="kept")
    erase_repositories([repo.pk])
    assert set(CaseWords.objects.values_list("repository_id", flat=True)) == {kept.pk}


def test_tests_that_were_there_before_get_their_lines_once() -> None:
    """What the migration of a filled database does, after an interruption too."""
    repo = repository(name="old")
    fill = import_module("dashboard.migrations.0043_search_by_words_of_tests").fill
    Case.objects.bulk_create(
        Case(repository=repo, identity=b"%d" % number, group="unit", name=f"old {number}") for number in range(70)
    )
    CaseWords.objects.filter(repository=repo).delete()
    Case.objects.create(repository=repo, identity=b"new", group="unit", name="new")
    with connection.schema_editor() as editor:
        fill(None, editor)
        fill(None, editor)
    assert [pk for pk, _ in lines_of(repo)] == list(
        Case.objects.filter(repository=repo).order_by("pk").values_list("pk", flat=True)
    )


ADD = """
    INSERT INTO test_case (repository_id, identity, "group", suite, classname, name, file)
    VALUES (%s, %s, 'unit', '', '', %s, '') ON CONFLICT DO NOTHING
"""


@pytest.mark.django_db(transaction=True)
def test_two_workers_add_tests_to_one_repository_at_once_and_neither_waits() -> None:
    repo = repository(name="busy")
    Case.objects.create(repository=repo, identity=b"first", group="unit", name="first")
    asked = connections["default"].get_connection_params()
    with psycopg.connect(**asked) as one, psycopg.connect(**asked) as two, psycopg.connect(**asked) as third:
        for worker in (one, two, third):
            worker.execute("SET lock_timeout = '1s'")
        one.execute(ADD, [repo.pk, b"one", "one"])
        two.execute(ADD, [repo.pk, b"two", "two"])
        third.execute(ADD, [repo.pk, b"third", "third"])
        one.execute(ADD, [repo.pk, b"one more", "one more"])
        one.commit()
        two.commit()
        third.rollback()  # as when it dies
    Case.objects.create(repository=repo, identity=b"last", group="unit", name="last")
    cases = Case.objects.filter(repository=repo).order_by("pk").values_list("pk", "name")
    assert lines_of(repo) == [(pk, f"{name}  ") for pk, name in cases] and len(cases) == 5
