"""GET /api/v1/search: words find repositories and tests that the caller may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.models import Case
from tests.factories import repository

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def case(repo: Any, name: str, **fields: Any) -> Case:
    return Case.objects.create(repository=repo, identity=name.encode()[:16], group="unit", name=name, **fields)


def found(client: Client, words: str) -> Any:
    response = client.get("/api/v1/search", {"q": words})
    assert response.status_code == 200, response.content
    return response.json()


def test_every_word_must_be_in_a_repository_or_in_a_test(client: Client) -> None:
    shop = repository(name="invoice-shop")
    kept = case(shop, "test_invoice_expired", classname="tests.Billing")
    case(shop, "test_invoice_paid")
    answer = found(client, "Invoice expired")
    assert answer["repositories"] == []
    assert answer["tests"] == [
        {
            "repository": "acme/invoice-shop",
            "id": kept.pk,
            "group": "unit",
            "class": "tests.Billing",
            "name": kept.name,
        }
    ]
    assert found(client, "invoice shop")["repositories"] == ["acme/invoice-shop"]


def test_what_the_caller_may_not_see_is_not_found(client: Client) -> None:
    case(repository(name="secret", private=True), "test_secret_sauce")
    assert found(client, "secret") == {"repositories": [], "tests": []}


def test_a_sign_that_means_any_letter_in_sql_means_itself(client: Client) -> None:
    case(repository(), "test_a100b")
    assert found(client, "a%b_")["tests"] == []


@pytest.mark.parametrize("word", ["o'clock", r"back\slash", "50%(done)s", "%s%%", '"{0}"', "';--x"])
def test_signs_that_mean_something_to_a_database_or_a_driver_mean_themselves(client: Client, word: str) -> None:
    repo = repository()
    kept = case(repo, f"test_{word}_x")
    case(repo, "test_another")
    assert [test["id"] for test in found(client, word)["tests"]] == [kept.pk]


def test_words_too_short_for_tests_say_so(client: Client) -> None:
    assert found(client, "ap")["tests"] is None


def test_a_search_is_two_queries(client: Client, django_assert_num_queries: Any) -> None:
    case(repository(), "test_something")
    with django_assert_num_queries(2):
        found(client, "something")
