"""Parts of pages are drawn once for equal values: nobody gets what was drawn of others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client

from dashboard.models import Collection
from dashboard.queries.files import Line
from dashboard.staticfiles import HashedStorage
from dashboard.templatetags.coverage_rows import line_rows
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PUBLIC = True


def page_of(address: str, client: Client | None = None) -> str:
    return (client or Client()).get(address).content.decode()


def test_to_sign_in_leads_back_to_the_page_that_one_stands_on() -> None:
    factories.estate(repositories=2, nights=2, organizations=1)
    for address in ("/?q=api&sort=-tests", "/?q=%22%3Cb%3E", "/ingest/", "/?q=api&sort=-tests"):
        [back] = re.findall(r'class="sign-in"\s+href="[^"?]*\?next=([^"]*)"', page_of(address))
        assert back == address.replace("?", "%3F").replace("=", "%3D").replace("&", "%26").replace(
            "%22", "%2522"
        ).replace("%3Cb%3E", "%253Cb%253E")


def test_the_estate_s_filter_asks_for_the_very_page_that_it_stands_on() -> None:
    login = factories.estate(repositories=2, nights=2, organizations=1)[0].organization.login
    for address in ("/", f"/o/{login}/", "/"):
        assert f'hx-get="{address}"' in page_of(f"{address}?q=api")


def test_the_first_night_is_followed_by_the_address_in_the_bar_and_keeps_its_choice_to_itself() -> None:
    """What is inside would else take `#estate` out of the answers to its own questions, and find nothing."""
    factories.estate(repositories=2, nights=2, organizations=1)
    Collection.objects.all().delete()
    factories.collection(finished_at=None)
    [followed] = re.findall(r'<div class="estate"\s+id="estate"([^>]*)>', page_of("/?q=api"))
    assert 'hx-get="" hx-select="#estate"' in followed and 'hx-disinherit="*"' in followed


def test_the_bar_names_its_own_reader_and_nobody_elses() -> None:
    names = ("ada", "<i>grace", "")
    for name in (*names, *names):
        client = Client()
        if name:
            client.force_login(User.objects.get_or_create(username=name)[0])
        page = page_of("/", client)
        assert ("signed in as ada" in page) == (name == "ada")
        assert ("signed in as &lt;i&gt;grace" in page) == (name == "<i>grace") and "<i>grace" not in page
        assert ('class="sign-in"' in page) == (not name)


def test_the_tab_of_a_repository_that_is_open_is_marked_on_each_of_its_pages() -> None:
    repository = factories.repository(name="api")
    factories.snapshot(repository, tests=(9, 0, 0, 0))
    for tab in ("tests", "failures", "coverage", "runs", "tests"):
        page = page_of(f"/r/{repository.full_name}/{tab}/")
        [marked] = re.findall(
            r'data-go="(\w)" aria-current="page"', re.sub(r"\s+", " ", page).partition('class="tabs"')[2]
        )
        assert marked == tab[0]


def test_values_that_differ_are_drawn_apart_and_a_value_that_cannot_be_kept_is_refused() -> None:
    template = Template("{% load drawn %}{% drawn 'components/still.svg' still=still label=label %}")
    first, second, again = (
        template.render(Context({"still": (), "label": label})) for label in ("Tests", "<Lines>", "Tests")
    )
    assert first == again and 'aria-label="Tests"' in first and 'aria-label="&lt;Lines&gt;"' in second
    with pytest.raises(TypeError, match="unhashable"):
        template.render(Context({"still": [], "label": "Tests"}))


def test_a_page_is_kept_for_its_own_reader_address_and_question() -> None:
    repository = factories.repository(name="api")
    run = factories.snapshot(repository, tests=(9, 0, 0, 0)).run
    assert run is not None
    address, staff = f"/r/{repository.full_name}/runs/{run.github_id}/", Client()
    staff.force_login(User.objects.create_superuser("ada"))
    for client, name in ((staff, "ada"), (Client(), ""), (staff, "ada")):
        page = page_of(address, client)
        assert ("signed in as ada" in page) == bool(name)
    for question in ("?page=2", "?page=3", "?page=2"):
        assert f"http://testserver{address}{question}</span>" in page_of(address + question)


def test_a_page_that_was_drawn_before_shows_what_changed() -> None:
    repository = factories.repository(name="api")
    run = factories.snapshot(repository, tests=(9, 0, 0, 0)).run
    assert run is not None
    for address in (f"/r/{repository.full_name}/runs/", f"/r/{repository.full_name}/runs/{run.github_id}/"):
        for title in ("Fix the &lock", "Break it", "Fix the &lock"):
            type(run).objects.filter(pk=run.pk).update(title=title)
            assert title.replace("&", "&amp;") in page_of(address)


def test_lines_of_a_file_lead_to_github_and_markup_in_its_path_is_text() -> None:
    lines = (Line(7, "covered", 1_234, ""), Line(8, "partial", 1, "1 of 2", tests=3), Line(9, "missed", 0, ""))
    rows = re.findall(r"<tr[^>]*>.*?</tr>", line_rows(lines, 'https://github.com/o/r/blob/s/"><script>.py'))
    assert [re.sub(r"<[^>]+>", " ", row).split() for row in rows] == [
        ["1,234×", "7", "covered"],
        ["1×", "8", "partial,", "1", "of", "2", "branches,", "3", "tests"],
        ["0", "9", "missed"],
    ]
    assert 'href="https://github.com/o/r/blob/s/&quot;&gt;&lt;script&gt;.py#L7"' in rows[0]
    assert "href" not in line_rows(lines, "")


def test_the_address_of_a_static_file_follows_what_collectstatic_makes_of_it(tmp_path: Any, settings: Any) -> None:
    settings.STATIC_ROOT = tmp_path
    storage = HashedStorage(location=tmp_path)
    assert storage.url("css/base.css") == "/static/css/base.css"
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "base.css").write_text("a{}")
    list(storage.post_process({"css/base.css": (storage, "css/base.css")}))
    assert re.fullmatch(r"/static/css/base\.[0-9a-f]{12}\.css", storage.url("css/base.css"))
