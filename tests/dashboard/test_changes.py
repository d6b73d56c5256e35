"""Who changed what, and when: with the old and the new value, through every door that people and commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from dashboard.credentials import store_token
from dashboard.models import Candidate, Change, Organization, Repository
from dashboard.schedules import NIGHT_TASK
from tests.factories import organization, repository

pytestmark = pytest.mark.django_db

FILE = """
organizations:
  - {login: acme, title: Acme Inc., layer: 2}
repositories:
  - {full_name: acme/api, tags: [flagship], depends_on: [acme/core]}
  - {full_name: acme/core}
rules:
  forbid: [[acme, umbrella]]
"""


@pytest.fixture(autouse=True)
def no_demo(settings) -> None:
    settings.DEMO = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def recorded(**which: Any) -> list[tuple[str, str, str, list[dict[str, str]]]]:
    """Who did what to what, with its fields; oldest first."""
    rows = Change.objects.filter(**which).order_by("id")
    return [(row.who, row.action, row.name, row.fields) for row in rows]


def change(client: Client, row: Any, **fields: object) -> None:
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    response = client.post(address, fields)
    assert response.status_code == 302, response.context["errors"]


def test_an_edit_keeps_who_made_it_with_the_old_and_the_new_value(admin_client: Client) -> None:
    row = organization("acme", title="Acme", read_logs=True)
    change(admin_client, row, login="acme", title="Acme Inc.", read_logs="on", artifact_include="unit-*, cov*")
    assert recorded() == [
        (
            "admin",
            "changed",
            "Acme Inc.",
            [
                {"field": "title", "old": "Acme", "new": "Acme Inc."},
                {"field": "artifacts to read", "old": "", "new": "unit-*, cov*"},
            ],
        )
    ]


def test_an_edit_that_changes_nothing_is_none(admin_client: Client) -> None:
    row = organization("acme", title="Acme", read_logs=True)
    change(admin_client, row, login="acme", title="Acme", read_logs="on")
    assert recorded() == []


def test_of_a_token_and_a_password_only_that_it_changed_is_kept(admin_client: Client) -> None:
    row = organization("acme", read_logs=False)
    change(admin_client, row, login="acme", token="ghp_secret")
    row.refresh_from_db()
    first = row.token_encrypted
    change(admin_client, row, login="acme", token="ghp_other")
    change(admin_client, row, login="acme", remove_token="on")
    ada = User.objects.create_user("ada", password="an old password")
    typed = {"password1": "a new long one", "password2": "a new long one", "usable_password": "true"}
    admin_client.post(reverse("admin:auth_user_password_change", args=[ada.pk]), typed)
    said = [fields for _, _, _, fields in recorded()]
    assert said == [
        [{"field": "token", "secret": "set"}],
        [{"field": "token", "secret": "changed"}],
        [{"field": "token", "secret": "removed"}],
        [{"field": "password", "secret": "changed"}],
    ]
    page = admin_client.get(reverse("admin:dashboard_change_changelist")).content.decode()
    assert not any(secret in page for secret in ("ghp_", first, "a new long one", "md5$"))


def test_switching_adding_and_removing_are_recorded(admin_client: Client) -> None:
    row = repository(name="api", enabled=True)
    listed = reverse("admin:dashboard_repository_changelist")
    admin_client.post(listed, {"action": "disable", "_selected_action": [row.pk]})
    admin_client.post(reverse("admin:dashboard_repository_delete", args=[row.pk]), {"post": "yes"})
    admin_client.post(
        reverse("admin:dashboard_repository_add"),
        {"name": "new", "organization": row.organization_id, "enabled": "on", "private": "on"},
    )
    told = [(action, name) for _, action, name, _ in recorded()]
    assert told == [("changed", "acme/api"), ("removed", "acme/api"), ("added", "acme/new")]
    assert Change.objects.order_by("id")[0].fields == [{"field": "enabled", "old": "yes", "new": "no"}]


def test_the_nights_schedule_and_its_actions_are_recorded(admin_client: Client) -> None:
    night = PeriodicTask.objects.get(task=NIGHT_TASK)
    listed = reverse("admin:django_celery_beat_periodictask_changelist")
    admin_client.post(listed, {"action": "disable_tasks", "_selected_action": [night.pk]})
    assert recorded()[0][1:3] == ("changed", str(night))
    assert {"field": "Enabled", "old": "yes", "new": "no"} in recorded()[0][3]


def test_what_an_account_may_do_is_recorded(admin_client: Client) -> None:
    ada = User.objects.create_user("ada")
    Group.objects.create(name="Maintainers")
    joined = timezone.localtime(ada.date_joined)
    change(
        admin_client,
        ada,
        username="ada",
        is_active="on",
        is_staff="on",
        groups=[Group.objects.get().pk],
        date_joined_0=joined.date().isoformat(),
        date_joined_1=joined.time().isoformat(),
    )
    fields = recorded(kind="user")[0][3]
    assert {"field": "staff status", "old": "no", "new": "yes"} in fields
    assert {"field": "groups", "old": "", "new": "Maintainers"} in fields


def test_load_estate_is_recorded_as_the_commands_and_its_accounts(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("LOGNAME", "grace")
    acme = organization("acme", title="Acme", layer=1)
    repository(acme, "api", tags=["old"])
    file = tmp_path / "estate.yaml"
    file.write_text(FILE)
    call_command("load_estate", str(file), "--dry-run", verbosity=0)
    assert recorded() == []
    call_command("load_estate", str(file), verbosity=0)
    assert {who for who, _, _, _ in recorded()} == {"load_estate estate.yaml, run by grace"}
    by_name = {(action, name): fields for _, action, name, fields in recorded()}
    assert by_name["changed", "Acme Inc."] == [
        {"field": "title", "old": "Acme", "new": "Acme Inc."},
        {"field": "layer", "old": "1", "new": "2"},
    ]
    assert ("added", "acme/core") in by_name
    assert ("added", "umbrella") in by_name
    tags, edges = recorded(name="acme/api")
    assert tags[3] == [{"field": "tags", "old": "old", "new": "flagship"}]
    assert edges[3] == [{"field": "depends on", "old": "", "new": "acme/core"}]
    count = Change.objects.count()
    call_command("load_estate", str(file), verbosity=0)
    assert Change.objects.count() == count


def test_the_guided_path_is_recorded(admin_client: Client) -> None:
    row = Organization.objects.create(login="acme")
    Candidate.objects.create(organization=row, github_id=1, name="api", visibility="public", chosen=True)
    admin_client.post(reverse("admin:guide-name", args=[row.pk]), {"login": "acme", "title": "Acme"})
    admin_client.post(reverse("admin:guide-artifacts", args=[row.pk]), {"do": "store", "artifact_exclude": "x*"})
    admin_client.post(reverse("admin:guide-summary", args=[row.pk]), {"do": "store", "discover": "on"})
    told = [(action, name, fields[0]["field"]) for _, action, name, fields in recorded()]
    assert told == [
        ("changed", "Acme", "title"),
        ("changed", "Acme", "artifacts to pass over"),
        ("added", "acme/api", "organization"),
        ("changed", "Acme", "discover"),
    ]


def test_a_collection_writes_nothing_into_the_record() -> None:
    row = repository(name="api")
    row.description = "New on GitHub"
    row.save()
    assert not Change.objects.exists()


def test_history_leads_from_each_thing_to_its_changes(admin_client: Client) -> None:
    row = organization("acme", title="Acme", read_logs=False)
    organization("other")
    change(admin_client, row, login="acme", title="<b>Acme</b>")
    form = admin_client.get(reverse("admin:dashboard_organization_change", args=[row.pk])).content.decode()
    history = reverse("admin:dashboard_organization_history", args=[row.pk])
    assert f'href="{history}"' in form
    page = admin_client.get(history).content.decode()
    assert "<td>Acme</td>" in page
    assert "<td>&lt;b&gt;Acme&lt;/b&gt;</td>" in page
    assert '<td rowspan="1">admin</td>' in page


def test_the_list_is_filtered_by_person_thing_and_day_and_can_not_be_changed(admin_client: Client) -> None:
    for who, name, action in (("ada", "acme", "changed"), ("grace", "umbrella", "added")):
        Change.objects.create(who=who, name=name, action=action, kind="organization")
    Change.objects.filter(who="grace").update(at=timezone.now().replace(year=2025))
    listed = reverse("admin:dashboard_change_changelist")
    for query, names in (
        ("who=ada", ["acme"]),
        ("q=umb", ["umbrella"]),
        ("action__exact=added", ["umbrella"]),
        ("at__year=2025", ["umbrella"]),
        ("kind=organization", ["acme", "umbrella"]),
    ):
        found = admin_client.get(f"{listed}?{query}").context["cl"].result_list
        assert [row.name for row in found] == names, query
    one = Change.objects.first()
    assert one is not None
    page = admin_client.get(reverse("admin:dashboard_change_change", args=[one.pk])).content.decode()
    assert 'name="_save"' not in page
    assert admin_client.get(f"{listed}add/").status_code == 403


def test_a_stored_token_is_no_part_of_a_removal(admin_client: Client) -> None:
    row = organization("acme")
    store_token(row, "ghp_secret")
    row.save()
    admin_client.post(reverse("admin:dashboard_organization_delete", args=[row.pk]), {"post": "yes"})
    assert {"field": "token", "secret": "removed"} in recorded()[0][3]
    assert row.token_encrypted not in str(recorded())
    assert not Repository.objects.exists()
