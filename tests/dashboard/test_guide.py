"""Setting an organization up, step by step: nothing is collected before the end, nothing typed is lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from collectors import questions
from collectors.candidates import MOST_LOOKED_INTO
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import message, rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import zip_of
from dashboard.celery import app
from dashboard.credentials import token_of
from dashboard.models import Candidate, Organization, Question, Repository
from tests.factories import organization, repository

pytestmark = pytest.mark.django_db

NEW = "/admin/dashboard/organization/guide/"
JUNIT = zip_of({"junit.xml": b"<testsuites/>"})


@pytest.fixture(autouse=True)
def no_demo(settings) -> None:
    settings.DEMO = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.GITHUB_SECONDS_BEFORE_REPEATS = ()


@pytest.fixture
def github(settings) -> Iterator[LookAlike]:
    """Four repositories: one with reports, one with none, an archived fork, a private one without a run."""
    estate = FakeEstate()
    api = estate.add_repository("octo-org/api", pushed_at=estate.now)
    run = estate.add_run(api)
    for name in ("unit-linux", "unit-windows", "coverage", "docs-site"):
        estate.add_artifact(run, name, JUNIT)
    fork = estate.add_run(api, head_repository_id=1, event="pull_request")
    estate.add_artifact(fork, "from-a-fork", JUNIT)
    estate.add_run(estate.add_repository("octo-org/site"))
    estate.add_repository("octo-org/old", archived=True, fork=True)
    estate.add_repository("octo-org/secret", private=True)
    with LookAlike(estate) as server:
        settings.GITHUB_API_URL, settings.GITHUB_TOKEN = server.api_url, "ghp_of_the_installation"
        yield server


@pytest.fixture(autouse=True)
def queued(settings) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """(task, its keyword arguments) of what was sent to the broker; taken off the queue again at the end."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def note(sender: str, body: Any, **_: Any) -> None:
        sent.append((sender, body[1]))

    address = settings.CELERY_BROKER_URL
    before_task_publish.connect(note)
    yield sent
    before_task_publish.disconnect(note)
    if sent:
        with app.connection_for_write(address) as broker:
            broker.default_channel.queue_purge("discover")


def step(row: Organization, name: str) -> str:
    return reverse(f"admin:guide-{name}", args=[row.pk])


def answered(row: Organization, kind: str = "repositories") -> Question:
    """Ask as the page does, and answer as a worker does."""
    question, _ = Question.objects.update_or_create(
        organization=row, kind=kind, defaults={"asked_at": timezone.now(), "state": "waiting"}
    )
    questions.answer(question.pk)
    question.refresh_from_db()
    return question


# The name


@pytest.mark.parametrize(
    "written",
    [
        "octo-org",
        "@octo-org",
        " octo-org ",
        "https://github.com/octo-org",
        "github.com/octo-org/api",
        "https://github.com/orgs/octo-org/repositories?q=a",
    ],
)
def test_a_login_or_any_form_of_its_address_begins_the_path(admin_client: Client, written: str) -> None:
    response = admin_client.post(NEW, {"login": written, "title": "Octo"})
    row = Organization.objects.get()
    assert (row.login, row.title, row.guide_step) == ("octo-org", "Octo", "credential")
    assert response.headers["Location"] == step(row, "credential")


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ("", "Write the organization&#x27;s login"),
        ("octo org", "A login holds letters, digits and hyphens only"),
        ("ACME", "acme is here already: <a href="),
    ],
)
def test_what_is_typed_wrong_is_explained_at_the_field_and_comes_back(
    admin_client: Client, login: str, said: str
) -> None:
    organization("acme")
    response = admin_client.post(NEW, {"login": login, "title": "My title"})
    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert f'value="{login}"' in page or not login
    assert 'value="My title"' in page
    assert 'aria-invalid="true"' in page
    assert Organization.objects.count() == 1


def test_whoever_leaves_comes_back_to_where_they_were(admin_client: Client) -> None:
    row = organization("acme")
    admin_client.get(step(row, "artifacts"))
    admin_client.get(step(row, "credential"))
    take_up = reverse("admin:guide", args=[row.pk])
    assert admin_client.get(take_up).headers["Location"] == step(row, "artifacts")
    assert take_up in admin_client.get(NEW).content.decode()


@pytest.mark.parametrize("name", ["name", "credential", "repositories", "artifacts", "summary"])
def test_only_staff_who_may_change_organizations_come_in(client: Client, django_user_model: Any, name: str) -> None:
    row = organization("acme")
    assert client.get(step(row, name)).status_code == 302
    client.force_login(django_user_model.objects.create_user("helper", is_staff=True))
    assert client.get(step(row, name)).status_code == 403
    assert client.get(NEW).status_code == 403


# The credential


def test_a_token_is_stored_encrypted_and_checked_by_a_worker(
    admin_client: Client, github: LookAlike, queued: list, caplog: pytest.LogCaptureFixture
) -> None:
    row = organization("octo-org")
    caplog.set_level(logging.DEBUG)
    admin_client.post(step(row, "credential"), {"do": "store", "token": " ghp_mine "})
    row.refresh_from_db()
    assert token_of(row) == "ghp_mine"
    question = Question.objects.get()
    assert queued == [("collectors.tasks.answer", {"question_id": question.pk})]
    waiting = admin_client.get(step(row, "credential")).content.decode()
    assert 'hx-get="?part=check"' in waiting
    questions.answer(question.pk)
    page = admin_client.get(step(row, "credential"), {"part": "check"}).content.decode()
    assert "Nothing stands in the way." in page
    assert "It may download: " in page
    assert "hx-get" not in page
    assert "ghp_mine" not in page + waiting + caplog.text + str(Question.objects.values())


def test_a_refused_token_is_explained_and_never_sent_back(admin_client: Client, queued: list) -> None:
    row = organization("acme")
    page = admin_client.post(step(row, "credential"), {"do": "store", "token": "ghp_one two"}).content.decode()
    assert "holds no spaces" in page
    assert "ghp_one" not in page
    assert queued == []


def test_a_demo_takes_no_token_and_gives_the_command_and_still_checks(
    admin_client: Client, github: LookAlike, settings
) -> None:
    settings.DEMO = True
    row = organization("octo-org")
    refused = admin_client.post(step(row, "credential"), {"do": "store", "token": "ghp_x"}).content.decode()
    assert "GITHUB_TOKEN=… make run" in refused
    row.refresh_from_db()
    assert row.token_encrypted == ""
    answered(row, "credential")
    assert "Nothing stands in the way." in admin_client.get(step(row, "credential")).content.decode()


def test_a_token_that_another_key_encrypted_is_said_to_be_unreadable(github: LookAlike) -> None:
    row = organization("octo-org", token_encrypted="of another key")
    question = answered(row, "credential")
    assert (question.state, "SECRET_KEY has changed" in question.error) == ("failed", True)


def test_a_worker_that_died_is_told_of_and_not_waited_for(admin_client: Client) -> None:
    row = organization("acme")
    Question.objects.create(
        organization=row, kind="credential", state="asking", asked_at=timezone.now() - timedelta(hours=1)
    )
    page = admin_client.get(step(row, "credential")).content.decode()
    assert "the worker that was asking has ended" in page
    assert "hx-get" not in page.partition('id="check"')[2]


def test_without_a_broker_it_is_said_and_nothing_waits(admin_client: Client, settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    row = organization("acme")
    page = admin_client.post(step(row, "credential"), {"do": "check"}, follow=True).content.decode()
    assert "the broker does not answer" in page
    assert not Question.objects.exists()


# The repositories


def test_all_that_github_lists_is_shown_and_nothing_is_stored(admin_client: Client, github: LookAlike) -> None:
    row = organization("octo-org")
    assert answered(row).state == "answered"
    page = " ".join(admin_client.get(step(row, "repositories")).content.decode().split())
    assert "<b>3 names like reports</b>" in page
    assert "of 5 artifacts" in page
    assert "runs workflows, keeps no artifact" in page
    assert "– not looked into" in page
    assert '<span class="tag">archived</span>' in page
    assert '<span class="tag">fork</span>' in page
    assert "private" in page
    assert not Repository.objects.exists()


def test_ticks_stay_through_filters_and_a_second_listing(admin_client: Client, github: LookAlike) -> None:
    row = organization("octo-org")
    answered(row)
    ids = dict(row.candidates.values_list("name", "pk"))
    address = step(row, "repositories")
    admin_client.post(address, {"shown": [ids["api"], ids["site"]], "chosen": [ids["api"]], "do": "keep"})
    admin_client.post(address, {"shown": [ids["secret"]], "chosen": [ids["secret"]], "q": "sec", "do": "keep"})
    answered(row)
    assert set(row.candidates.filter(chosen=True).values_list("name", flat=True)) == {"api", "secret"}
    found = admin_client.get(address, {"show": "chosen", "q": "a"}).context["found"]
    assert [each.name for each in found.rows] == ["api"]


def test_all_that_a_filter_shows_are_chosen_at_once(admin_client: Client, github: LookAlike) -> None:
    row = organization("octo-org")
    repository(row, "old")
    answered(row)
    address = step(row, "repositories")
    admin_client.post(address, {"do": "all"})
    assert set(row.candidates.filter(chosen=True).values_list("name", flat=True)) == {"api", "site", "secret"}
    admin_client.post(address, {"do": "none"})
    admin_client.post(address, {"do": "all", "show": "reports"})
    assert list(row.candidates.filter(chosen=True).values_list("name", flat=True)) == ["api"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 401, "body": message("Bad credentials")}, "GitHub refused the token"),
        ({"status": 404, "body": message("Not Found")}, "GitHub answers 404 for the repositories of octo-org"),
        (rate_limit_spent(4_000_000_000), "rate limit is spent"),
    ],
)
def test_a_listing_that_fails_says_why_and_keeps_what_was_known(
    admin_client: Client, github: LookAlike, fault: dict[str, Any], said: str
) -> None:
    row = organization("octo-org")
    answered(row)
    github.add_fault("/repos$", times=None, **fault)
    assert answered(row).state == "failed"
    page = admin_client.get(step(row, "repositories")).content.decode()
    assert said in page
    assert "3 names like reports" in page


def test_one_repository_that_may_not_be_read_hides_no_other(github: LookAlike) -> None:
    github.add_fault("/actions/artifacts$", status=403, body=message("Resource not accessible"))
    row = organization("octo-org")
    answered(row)
    troubled = row.candidates.exclude(trouble="")
    assert ["give the token the permission" in each.trouble for each in troubled] == [True]
    assert row.candidates.exclude(artifacts=None).count() == 2


def test_of_many_repositories_the_last_pushed_are_looked_into_and_others_when_asked(github: LookAlike) -> None:
    estate = github.estate
    for at in range(MOST_LOOKED_INTO + 5):
        estate.add_repository(f"many/r{at:03}", pushed_at=estate.now - timedelta(days=at))
    row = organization("many")
    answered(row)
    left = row.candidates.filter(artifacts=None).order_by("name")
    assert [each.name for each in left] == [f"r{at:03}" for at in range(MOST_LOOKED_INTO, MOST_LOOKED_INTO + 5)]
    before = github.requests["organization_repositories"]
    Question.objects.update(candidates=[left[0].pk, left[1].pk])
    answered(row)
    assert row.candidates.filter(artifacts=None).count() == 3
    assert github.requests["organization_repositories"] == before


def test_names_with_markup_are_shown_as_text(admin_client: Client) -> None:
    row = organization("acme")
    Candidate.objects.create(
        organization=row, github_id=1, name="<b>x</b>", visibility="public", trouble="<script>alert(1)</script>"
    )
    page = admin_client.get(step(row, "repositories")).content.decode()
    assert "<b>x</b>" not in page
    assert "<script>alert" not in page


# Session, user, the organization, its step with a savepoint (3), the question, the candidates, what is collected.
@pytest.mark.parametrize("size", [5, 150])
def test_the_list_takes_as_many_queries_for_many_as_for_few(
    admin_client: Client, size: int, django_assert_max_num_queries
) -> None:
    row = organization("acme")
    Candidate.objects.bulk_create(
        Candidate(organization=row, github_id=at, name=f"r{at}", visibility="public", artifacts=0)
        for at in range(size)
    )
    with django_assert_max_num_queries(9):
        assert admin_client.get(step(row, "repositories")).context["found"].total == size


# The artifacts, and the end


def test_patterns_are_tried_on_what_the_chosen_repositories_upload(admin_client: Client, github: LookAlike) -> None:
    row = organization("octo-org")
    answered(row)
    row.candidates.filter(name="api").update(chosen=True)
    tried = {"artifact_include": "unit-*", "report_groups": "*-linux = here", "part": "preview"}
    part = admin_client.get(step(row, "artifacts"), tried).content.decode()
    assert "2 names of 4 would be read" in part
    assert "<i>here</i>" in part
    assert "from-a-fork" not in part
    row.refresh_from_db()
    assert row.artifact_include == []


def test_a_pattern_that_makes_no_sense_is_explained_at_its_field_and_kept(admin_client: Client) -> None:
    row = organization("acme")
    typed = {"do": "store", "artifact_include": ".*cov", "report_groups": "unit-* = unit"}
    page = admin_client.post(step(row, "artifacts"), typed).content.decode()
    assert "written as a regular expression" in page
    assert 'value=".*cov"' in page
    assert 'value="unit-* = unit"' in page


def test_the_end_stores_the_choice_and_leads_to_its_collection(
    admin_client: Client, github: LookAlike, queued: list
) -> None:
    row = organization("octo-org")
    answered(row)
    row.candidates.filter(name__in=["api", "secret"]).update(chosen=True)
    typed = {"do": "store", "artifact_exclude": "*-site"}
    assert admin_client.post(step(row, "artifacts"), typed).headers["Location"] == step(row, "summary")
    page = admin_client.get(step(row, "summary")).content.decode()
    assert "2 repositories of octo-org to be collected." in page
    assert not Repository.objects.exists()
    response = admin_client.post(step(row, "summary"), {"do": "collect"})
    assert response.headers["Location"].startswith("/ingest/?asked=")
    stored = Repository.objects.order_by("name")
    assert [(each.name, each.private, bool(each.github_id)) for each in stored] == [
        ("api", False, True),
        ("secret", True, True),
    ]
    arguments = {"trigger": "admin", "repository_ids": [each.pk for each in stored]}
    assert queued[-1] == ("collectors.tasks.collect_now", arguments)
    row.refresh_from_db()
    assert (row.artifact_exclude, row.discover, row.guide_step) == (["*-site"], False, "done")


def test_what_is_collected_already_is_not_stored_twice(admin_client: Client, github: LookAlike) -> None:
    row = organization("octo-org")
    repository(row, "API")
    answered(row)
    row.candidates.update(chosen=True)
    admin_client.post(step(row, "summary"), {"do": "store", "discover": "on"})
    assert sorted(Repository.objects.values_list("name", flat=True)) == ["API", "old", "secret", "site"]
    row.refresh_from_db()
    assert row.discover
