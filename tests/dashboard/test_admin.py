"""The admin: what a newcomer types wrong is explained, a token is never seen again, evidence is only looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from celery.signals import before_task_publish
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client, RequestFactory
from django.urls import reverse
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from dashboard.celery import app
from dashboard.credentials import store_token, token_of
from dashboard.erasing import erase_repositories
from dashboard.models import Change, Dependency, Organization, Repository, RepositoryCollection, Snapshot
from dashboard.schedules import NIGHT_NAME, NIGHT_TASK, keep_nightly_schedule
from tests.factories import collection, estate, failure, organization, repository, snapshot

pytestmark = pytest.mark.django_db

ADD_REPOSITORY = "/admin/dashboard/repository/add/"
REPOSITORIES = "/admin/dashboard/repository/"


@pytest.fixture(autouse=True)
def no_demo(settings) -> None:
    settings.DEMO = False
    # Each test makes an administrator; a good hash takes most of a second on a busy machine.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def add_repository(client: Client, **fields: object) -> str:
    """Send the add form; the page that came back, or nothing when it was saved."""
    response = client.post(ADD_REPOSITORY, {"enabled": "on", "private": "on"} | fields)
    return "" if response.status_code == 302 else response.content.decode()


def save_organization(client: Client, row: Organization, **fields: object) -> Any:
    address = reverse("admin:dashboard_organization_change", args=[row.pk])
    return client.post(address, {"login": row.login, "title": row.title} | fields)


# Repositories


@pytest.mark.parametrize(
    "written",
    [
        "hello",
        "https://github.com/Octo-Org/hello",
        "https://github.com/octo-org/hello/tree/main/docs?tab=readme#top",
        "https://user@ghe.example.org:8443/octo-org/hello.git",
        "git@github.com:octo-org/hello.git",
        "github.com/octo-org/hello/",
        "octo-org/hello",
    ],
)
def test_a_name_or_any_form_of_its_address_adds_a_repository(admin_client: Client, written: str) -> None:
    owner = organization("octo-org")
    assert add_repository(admin_client, name=written, organization=owner.pk, tags="a, b,,a") == ""
    added = Repository.objects.get()
    assert (added.full_name, added.tags, added.private) == ("octo-org/hello", ["a", "b"], True)


def test_an_address_needs_no_organization_beside_it(admin_client: Client) -> None:
    organization("octo-org")
    assert add_repository(admin_client, name="https://github.com/octo-org/hello") == ""
    assert Repository.objects.get().full_name == "octo-org/hello"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "https://github.com/nobody/hello"}, "nobody is not here yet: add it with the +"),
        ({"name": "hello"}, "Choose the organization, or paste"),
        ({"name": "hello world", "organization": "octo-org"}, "“hello world” is no repository&#x27;s name"),
        ({"name": "..", "organization": "octo-org"}, "“..” is no repository&#x27;s name"),
        ({"name": "https://github.com/acme/api", "organization": "octo-org"}, "belongs to acme, not octo-org"),
        ({"name": "octo-org/HELLO"}, "octo-org/hello is here already: <a href="),
        ({"name": "x", "organization": "octo-org", "artifact_include": ".*cov"}, "written as a regular expression"),
        ({"name": "x", "organization": "octo-org", "artifact_exclude": "a/b"}, "no artifact&#x27;s name holds /"),
        ({"name": "x", "organization": "octo-org", "artifact_include": "[ab"}, "a bracket without its partner"),
        ({"name": "x", "organization": "octo-org", "report_groups": "a = b = c"}, "has more than one ="),
        ({"name": "x", "organization": "octo-org", "tags": "t" * 61}, "longer than 60 characters"),
    ],
)
def test_what_is_typed_wrong_is_explained_and_nothing_is_saved(
    admin_client: Client, fields: dict[str, str], said: str
) -> None:
    repository(organization("octo-org"), "hello")
    if "organization" in fields:
        fields = fields | {"organization": str(organization(fields["organization"]).pk)}
    assert said in add_repository(admin_client, **fields)
    assert Repository.objects.count() == 1


def test_one_fault_of_an_address_is_told_once(admin_client: Client) -> None:
    page = add_repository(admin_client, name="https://github.com/nobody/hello")
    assert page.count('class="errorlist"') == 1


def test_patterns_and_tags_can_be_changed_and_come_back_as_they_were_typed(admin_client: Client) -> None:
    repo = repository(name="api")
    address = reverse("admin:dashboard_repository_change", args=[repo.pk])
    fields = {"enabled": "on", "artifact_include": "test-*, cov?", "artifact_exclude": "", "tags": "flagship"}
    assert admin_client.post(address, fields).status_code == 302
    repo.refresh_from_db()
    assert (repo.artifact_include, repo.tags, repo.full_name) == (["test-*", "cov?"], ["flagship"], "acme/api")
    assert 'value="test-*, cov?"' in admin_client.get(address).content.decode()


def test_the_list_is_searched_and_filtered(admin_client: Client) -> None:
    repository(name="api", tags=["flagship"])
    repository(name="site", enabled=False)

    def found(query: str) -> list[str]:
        page = admin_client.get(f"{REPOSITORIES}?{query}")
        return [row.full_name for row in page.context["cl"].result_list]

    assert found("q=ap") == ["acme/api"]
    assert found("tag=flagship") == ["acme/api"]
    assert found("enabled__exact=0") == ["acme/site"]
    assert found("condition__exact=no-evidence") == ["acme/api", "acme/site"]


# Session, user, filters (organizations, tags, 2 counts) and 1 for the rows; not one for each row.
@pytest.mark.parametrize("size", [5, 60])
def test_the_list_takes_as_many_queries_for_sixty_repositories_as_for_five(
    admin_client: Client, size: int, django_assert_max_num_queries
) -> None:
    estate(size)
    with django_assert_max_num_queries(8):
        assert admin_client.get(REPOSITORIES).status_code == 200


def act(client: Client, action: str, *chosen: Repository) -> str:
    ids = [row.pk for row in chosen]
    response = client.post(REPOSITORIES, {"action": action, "_selected_action": ids}, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_repositories_are_switched_off_and_on(admin_client: Client) -> None:
    repo = repository(name="api")
    assert "Switched off: 1." in act(admin_client, "disable", repo)
    repo.refresh_from_db()
    assert not repo.enabled
    assert "Switched on: 1." in act(admin_client, "enable", repo)
    assert [row.fields[0]["new"] for row in Change.objects.order_by("id")] == ["no", "yes"]


@pytest.fixture
def queued() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """(task, its keyword arguments) of what was sent to the broker; taken off the queue again at the end."""
    sent = []

    def note(sender: str, body: Any, **_: Any) -> None:
        sent.append((sender, body[1]))

    before_task_publish.connect(note)
    yield sent
    before_task_publish.disconnect(note)
    with app.connection_for_write() as broker:
        broker.default_channel.queue_purge("discover")


def test_the_chosen_repositories_are_queued_to_be_collected_and_the_message_leads_to_the_ingest_page(
    admin_client: Client, queued: list
) -> None:
    chosen, off, _ = repository(name="api"), repository(name="off", enabled=False), repository(name="other")
    said = act(admin_client, "collect_now", chosen, off)
    assert "1 repository is being collected; 1 switched off passed over" in said
    assert 'href="/ingest/"' in said
    assert queued == [("collectors.tasks.collect_now", {"trigger": "admin", "repository_ids": [chosen.pk]})]


def test_repositories_that_are_all_switched_off_are_not_queued(admin_client: Client, queued: list) -> None:
    assert "enable them first" in act(admin_client, "collect_now", repository(name="off", enabled=False))
    assert queued == []


def test_deleting_a_repository_takes_all_that_was_read_of_it_and_nothing_else(admin_client: Client) -> None:
    gone, kept = repository(name="gone"), repository(name="kept")
    failure(snapshot(gone, tests=(1, 1, 0, 0)))
    failure(snapshot(kept, tests=(1, 1, 0, 0)))
    edge = Dependency.objects.create(repository=kept, target_name="acme/gone", target=gone)
    address = reverse("admin:dashboard_repository_delete", args=[gone.pk])
    assert "with all that was read of it" in admin_client.get(address).content.decode()
    admin_client.post(address, {"post": "yes"})
    assert list(Repository.objects.values_list("name", flat=True)) == ["kept"]
    assert list(Snapshot.objects.values_list("repository__name", flat=True)) == ["kept"]
    edge.refresh_from_db()
    assert edge.target is None


@pytest.mark.django_db(transaction=True)
def test_erasing_leaves_no_row_that_points_nowhere() -> None:
    # Committed for real: foreign keys are checked at the end of the transaction.
    made = estate(3)
    erase_repositories([row.pk for row in made])
    assert not Snapshot.objects.exists()


# Organizations and their tokens


def test_a_token_is_stored_encrypted_and_never_shown_nor_logged(admin_client: Client) -> None:
    row = organization("acme")
    save_organization(admin_client, row, token="  github_pat_secret ")
    row.refresh_from_db()
    assert token_of(row) == "github_pat_secret"
    page = admin_client.get(reverse("admin:dashboard_organization_change", args=[row.pk])).content.decode()
    assert "A token is stored" in page
    assert "github_pat" not in page
    assert row.token_encrypted not in page
    assert not any("github_pat" in f"{entry.change_message} {entry}" for entry in LogEntry.objects.all())


def test_an_empty_token_keeps_the_stored_one_and_the_tick_removes_it(admin_client: Client) -> None:
    row = organization("acme")
    store_token(row, "github_pat_secret")
    row.save()
    save_organization(admin_client, row, title="Acme")
    row.refresh_from_db()
    assert (row.title, token_of(row)) == ("Acme", "github_pat_secret")
    save_organization(admin_client, row, remove_token="on")
    row.refresh_from_db()
    assert token_of(row) is None


def test_a_refused_form_does_not_send_the_token_back(admin_client: Client) -> None:
    row = organization("acme")
    page = save_organization(admin_client, row, token="ghp_one two").content.decode()
    assert "holds no spaces" in page
    assert "ghp_one" not in page


def test_what_else_was_typed_comes_back_with_the_refusal(admin_client: Client) -> None:
    row = organization("acme")
    typed = {"title": "Acme Inc.", "artifact_include": "(cov)", "report_groups": "unit-* = unit"}
    page = save_organization(admin_client, row, **typed).content.decode()
    assert "written as a regular expression" in page
    for value in typed.values():
        assert f'value="{value}"' in page
    row.refresh_from_db()
    assert (row.title, row.report_groups) == ("", [])


def test_a_demo_takes_no_token_and_gives_the_command_to_use(admin_client: Client, settings) -> None:
    settings.DEMO = True
    row = organization("acme")
    assert "GITHUB_TOKEN=… make run" in save_organization(admin_client, row, token="ghp_x").content.decode()
    row.refresh_from_db()
    assert row.token_encrypted == ""


def test_a_login_that_is_here_in_another_case_is_refused_with_a_link(admin_client: Client) -> None:
    organization("acme")
    page = admin_client.post("/admin/dashboard/organization/add/", {"login": "ACME"}).content.decode()
    assert "acme is here already: <a href=" in page


def test_an_organization_with_repositories_is_not_deleted(admin_client: Client) -> None:
    row = repository(name="api").organization
    address = reverse("admin:dashboard_organization_delete", args=[row.pk])
    assert "delete these first" in admin_client.get(address).content.decode()
    admin_client.post(address, {"post": "yes"})
    assert Organization.objects.exists()


# Evidence and nights


@pytest.mark.parametrize("model", ["workflowrun", "artifact", "report", "collection", "repositorycollection"])
def test_what_was_collected_is_shown_and_cannot_be_changed(admin_client: Client, model: str) -> None:
    repo = repository(name="api")
    snapshot(repo)
    night = collection()
    RepositoryCollection.objects.create(
        collection=night, repository=repo, state="failed", error="<b>GitHub did not answer.</b>"
    )
    listed = admin_client.get(f"/admin/dashboard/{model}/")
    assert listed.status_code == 200
    row = listed.context["cl"].result_list[0]
    page = admin_client.get(reverse(f"admin:dashboard_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content
    assert b"<b>GitHub" not in page.content
    assert admin_client.get(f"/admin/dashboard/{model}/add/").status_code == 403


def test_a_night_shows_its_failed_repositories_first(admin_client: Client) -> None:
    night = collection()
    for name, state in (("a", "unchanged"), ("b", "failed")):
        RepositoryCollection.objects.create(collection=night, repository=repository(name=name), state=state)
    address = reverse("admin:dashboard_collection_change", args=[night.pk])
    page = admin_client.get(address).content.decode()
    assert page.index("acme/b") < page.index("acme/a")


# The schedule


def the_night() -> Any:
    return PeriodicTask.objects.get(task=NIGHT_TASK)


def start_again() -> None:
    keep_nightly_schedule(sender=None, using="default")


def test_a_fresh_installation_collects_at_two_in_its_time_zone(settings) -> None:
    assert (the_night().name, the_night().enabled) == (NIGHT_NAME, True)
    assert (the_night().crontab.hour, the_night().crontab.minute) == ("2", "0")
    settings.TIME_ZONE = "Europe/Rome"
    start_again()
    assert str(the_night().crontab.timezone) == "Europe/Rome"


def test_what_an_admin_changed_survives_the_next_start(admin_client: Client, settings) -> None:
    later = CrontabSchedule.objects.create(hour="4", minute="30", timezone="UTC")
    address = reverse("admin:django_celery_beat_periodictask_change", args=[the_night().pk])
    assert admin_client.post(address, {"name": "Mornings", "crontab": later.pk}).status_code == 302
    settings.TIME_ZONE = "Europe/Rome"
    start_again()
    assert (the_night().name, the_night().enabled, the_night().crontab) == ("Mornings", False, later)


def test_a_second_schedule_made_in_the_admin_collects_too(admin_client: Client) -> None:
    noon = CrontabSchedule.objects.create(hour="12", minute="0", timezone="UTC")
    address = reverse("admin:django_celery_beat_periodictask_add")
    admin_client.post(address, {"name": "Noon", "enabled": "on", "crontab": noon.pk})
    assert PeriodicTask.objects.get(name="Noon").task == NIGHT_TASK


def test_a_schedule_without_a_time_is_refused_with_what_to_do(admin_client: Client) -> None:
    address = reverse("admin:django_celery_beat_periodictask_add")
    page = admin_client.post(address, {"name": "Never"}).content.decode()
    assert "Choose a time, or add one with the plus." in page


def test_the_admin_leads_back_to_the_site(admin_client: Client) -> None:
    page = admin_client.get("/admin/").content.decode()
    assert "Clerestory" in page
    assert '<a href="/">' in page


# Job logs


def test_reading_logs_is_switched_per_organization_and_per_repository(admin_client: Client) -> None:
    acme = organization()
    api = repository(acme)
    assert api.reads_logs, "on unless somebody says otherwise"
    assert save_organization(admin_client, acme, discover="on").status_code == 302
    api.refresh_from_db()
    assert not api.reads_logs, "as its organization says"
    page = admin_client.get(f"{REPOSITORIES}{api.pk}/change/").content.decode()
    assert "Count tests from job logs where a run uploads no report" in page
    sent = {"components-TOTAL_FORMS": 0, "components-INITIAL_FORMS": 0, "enabled": "on", "read_logs": "true"}
    assert admin_client.post(f"{REPOSITORIES}{api.pk}/change/", sent).status_code == 302
    api.refresh_from_db()
    assert api.reads_logs, "its own word comes first"


# Help


def editable_fields(client: Client) -> list[tuple[str, str, str]]:
    """(model, field, its help text) of every form of the admin, empty and filled in."""
    request = RequestFactory().get("/admin/")
    request.user = client.admin  # type: ignore[attr-defined]
    found = []
    for model, page in admin.site._registry.items():
        for obj in (None, model._default_manager.first()):
            may = page.has_add_permission(request) if obj is None else page.has_change_permission(request, obj)
            if not may:
                continue
            form = page.get_form(request, obj, change=obj is not None)
            instance = form(instance=obj) if obj is not None else form()
            found += [(model.__name__, name, str(field.help_text)) for name, field in instance.fields.items()]
    return found


def test_every_field_that_can_be_edited_has_a_help_text(admin_user: Any, admin_client: Client) -> None:
    repository(name="api")
    admin_client.admin = admin_user  # type: ignore[attr-defined]
    fields = editable_fields(admin_client)
    assert {model for model, _, _ in fields} >= {"Organization", "Repository", "Component", "PeriodicTask", "User"}
    assert [(model, name) for model, name, text in fields if len(text) < 12] == []
