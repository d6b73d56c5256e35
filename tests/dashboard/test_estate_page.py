"""The estate's page: its sentence, its figures, its table, and what it costs."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from dashboard.models import Repository, RepositoryCollection
from dashboard.nights import day_of, night_of
from dashboard.queries.estate_columns import COLUMNS
from dashboard.queries.statuses import SORTS
from dashboard.wording import day
from tests import factories

pytestmark = pytest.mark.django_db

# Sums of the nights, costs of the nights, totals by organization with the median, totals by tag, changes, rows.
QUERIES = 6


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True
    settings.DEMO = False


def page(client: Client, address: str = "/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def headline(html: str) -> str:
    """The page's one sentence as text."""
    found = re.findall(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    assert len(found) == 1
    return " ".join(strip_tags(found[0]).split())


def names(html: str) -> list[str]:
    """The repositories of the table, in its order."""
    return re.findall(r'rowheader"><a class="name" href="/r/[^"]+">([^<]+)</a>', html)


def row(html: str, name: str) -> str:
    found = re.search(rf'<tr role="row"\s+data-row(?:(?!</tr>).)*?>{re.escape(name)}</a>.*?</tr>', html, re.DOTALL)
    assert found, f"{name} has no row"
    return found[0]


def text(markup: str) -> str:
    return " ".join(strip_tags(markup).split())


@pytest.mark.parametrize(("repositories", "nights"), [(5, 3), (60, 4)])
def test_the_page_costs_the_same_queries_at_every_size(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, repositories: int, nights: int
) -> None:
    factories.estate(repositories, nights)
    factories.collection()
    client.get("/")
    with django_assert_num_queries(QUERIES):
        assert len(names(page(client))) == repositories
    with django_assert_num_queries(QUERIES):
        page(client, "/o/org-1/?status=failing&group=tag&sort=-coverage")


def test_the_first_sentence_counts_what_broke_what_fell_and_what_went_silent(client: Client) -> None:
    breaks, falls = factories.repository(name="breaks"), factories.repository(name="falls")
    for repo in (breaks, falls):
        factories.snapshot(repo, days_ago=1)
    factories.snapshot(breaks, tests=(8, 2, 0, 0))
    factories.snapshot(falls, lines=(70, 100))
    silent = factories.repository(name="hushed")
    factories.snapshot(silent, days_ago=2)
    Repository.objects.filter(pk=silent.pk).update(condition="silent", silent_since=factories.today_at())
    factories.roll_up()
    html = page(client)
    assert headline(html) == "1 repository broke, 1 lost coverage, 1 went silent."
    assert "<strong>1 repository broke</strong>" in html
    assert "2</b> of 10" in re.sub(r"\s+", " ", html)


def test_a_quiet_night_says_that_nothing_broke(client: Client) -> None:
    factories.snapshot(factories.repository())
    factories.roll_up()
    assert headline(page(client)) == "Nothing broke last night."


def test_old_trouble_is_still_failing_and_tells_its_age(client: Client) -> None:
    repo = factories.repository(name="old-trouble")
    for days_ago in (6, 3, 0):
        factories.snapshot(repo, days_ago=days_ago, tests=(9, 1, 0, 0))
    factories.roll_up()
    html = page(client)
    assert headline(html) == "Nothing broke last night, 1 repository is still failing."
    assert "6 d" in text(row(html, "old-trouble"))
    assert 'aria-label="still failing"' in row(html, "old-trouble")


def test_what_a_night_reads_was_made_since_the_night_before_even_on_the_day_before(client: Client) -> None:
    repo = factories.repository(name="afternoon")
    night = factories.collection(finished_at=factories.today_at(hour=0))
    factories.snapshot(repo, when=night.started_at - timedelta(hours=40))
    factories.snapshot(repo, when=night.started_at - timedelta(hours=10), tests=(9, 1, 0, 0))
    factories.roll_up()
    assert headline(page(client)) == "1 repository broke."


def test_an_empty_installation_says_how_to_fill_it(admin_client: Client) -> None:
    html = page(admin_client)
    assert headline(html) == "No repositories yet."
    assert "load_estate" in html and "GITHUB_TOKEN" in html
    assert "/admin/dashboard/organization/guide/" in html


def test_the_steps_of_a_new_installation_show_which_are_done(admin_client: Client, settings: Any) -> None:
    settings.GITHUB_TOKEN = ""
    assert page(admin_client).count('class="done"') == 0
    settings.GITHUB_TOKEN = "a-token"
    factories.organization()
    html = page(admin_client)
    assert html.count('class="done"') == 2 and "1 and 0" in html


def test_an_empty_installation_tells_a_stranger_no_commands(client: Client) -> None:
    html = page(client)
    assert "load_estate" not in html
    assert "/admin/login/?next=/" in html


def test_the_first_night_counts_up_and_the_page_asks_again(client: Client) -> None:
    running = factories.collection(finished_at=None)
    states = RepositoryCollection.State
    lit = timezone.now()
    # The last stands on the pages already, and its past is being read.
    for state, lit_at in ((states.READING, None), (states.FAILED, None), (states.BACKFILLING, lit)):
        repo = factories.repository(name=f"repo-{state}")
        RepositoryCollection.objects.create(collection=running, repository=repo, state=state, lit_at=lit_at)
    html = page(client)
    assert headline(html) == "2 of 3 repositories read."
    assert 'hx-trigger="every' in html


def test_once_a_night_has_ended_the_page_asks_no_more(client: Client) -> None:
    factories.snapshot(factories.repository())
    factories.roll_up()
    factories.collection()
    assert 'hx-trigger="every' not in page(client)


def test_totals_leave_out_archived_repositories_and_show_them(client: Client) -> None:
    factories.snapshot(factories.repository(name="alive"), tests=(10, 0, 0, 0), lines=(50, 100))
    factories.snapshot(
        factories.repository(name="laid-to-rest", archived=True), tests=(500, 0, 0, 0), lines=(9, 900)
    )
    factories.roll_up()
    html = page(client)
    figures = text(re.search(r'<section class="figures".*?</section>', html, re.DOTALL)[0])  # type: ignore[index]
    assert "1 of 1 active" in figures and "50 of 100 lines" in figures
    assert "510" not in figures
    assert 'aria-label="archived"' in row(html, "laid-to-rest")


def test_coverage_is_weighted_by_lines_and_the_median_is_not(client: Client) -> None:
    for name, lines in {"large": (100, 1_000), "small": (10, 10), "tiny": (5, 10)}.items():
        factories.snapshot(factories.repository(name=name), lines=lines)
    factories.snapshot(factories.repository(name="unmeasured"), lines=(40, None))
    factories.roll_up()
    html = text(page(client))
    assert "115 of 1,020 lines · median 50.0 %" in html


def test_without_evidence_there_is_a_dash_and_a_reason_and_no_zero(client: Client) -> None:
    repo = factories.repository(name="never")
    Repository.objects.filter(pk=repo.pk).update(reason="Its workflows run and upload no report.")
    html = row(page(client), "never")
    assert "Its workflows run and upload no report." in html
    assert text(html).count("–") == 2
    assert not re.search(r">0<", html)


def test_lines_whose_number_is_unknown_give_no_percent(client: Client) -> None:
    factories.snapshot(factories.repository(name="executed-only"), lines=(40, None))
    factories.roll_up()
    assert "40 lines ran; how many could run is not known" in row(page(client), "executed-only")


def test_private_repositories_are_for_staff(client: Client, admin_client: Client) -> None:
    factories.snapshot(factories.repository(name="open"))
    factories.snapshot(factories.repository(name="shut", private=True))
    factories.roll_up()
    assert names(page(client)) == ["open"]
    assert "shut" not in page(client) and "Filter 1 repository" in page(client)
    assert sorted(names(page(admin_client))) == ["open", "shut"]


def test_a_closed_installation_shows_a_stranger_nothing(client: Client, settings: Any) -> None:
    factories.snapshot(factories.repository(name="open"))
    factories.roll_up()
    settings.PUBLIC = False
    html = page(client)
    assert headline(html) == "Sign in to see the estate."
    assert "open</a>" not in html


def test_an_organization_has_its_own_page_in_any_case(client: Client) -> None:
    acme, other = factories.organization("acme", title="Acme"), factories.organization("other")
    factories.snapshot(factories.repository(acme, "ours"))
    factories.snapshot(factories.repository(other, "theirs"), tests=(9, 1, 0, 0))
    factories.roll_up()
    html = page(client, "/o/ACME/")
    assert names(html) == ["ours"]
    assert headline(html) == "Nothing broke last night."


def test_an_organization_without_anything_to_see_is_not_found(client: Client) -> None:
    factories.repository(factories.organization("secret"), "shut", private=True)
    unknown, hidden = client.get("/o/nobody/"), client.get("/o/secret/")
    assert unknown.status_code == hidden.status_code == 404
    assert unknown.content.replace(b"nobody", b"") == hidden.content.replace(b"secret", b"")


def test_trouble_stands_first_then_many_tests_then_no_evidence(client: Client) -> None:
    factories.snapshot(factories.repository(name="small"), tests=(5, 0, 0, 0))
    factories.snapshot(factories.repository(name="large"), tests=(50, 0, 0, 0))
    factories.snapshot(factories.repository(name="broken"), tests=(1, 1, 0, 0))
    factories.repository(name="nothing")
    factories.roll_up()
    assert names(page(client)) == ["broken", "large", "small", "nothing"]


@pytest.mark.parametrize(("sort", "order"), [("coverage", "low high none"), ("-coverage", "high low none")])
def test_the_unknown_is_sorted_last_both_ways(client: Client, sort: str, order: str) -> None:
    factories.snapshot(factories.repository(name="low"), lines=(10, 100))
    factories.snapshot(factories.repository(name="high"), lines=(90, 100))
    factories.snapshot(factories.repository(name="none"), lines=None)
    factories.roll_up()
    html = page(client, f"/?sort={sort}&group=none")
    assert names(html) == order.split()
    assert f'aria-sort="{"descending" if sort.startswith("-") else "ascending"}"' in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=ALPHA", ["alpha"]),
        ("q=acme+beta", ["beta"]),
        ("status=failing", ["beta"]),
        ("status=broke", ["beta"]),
        ("status=passing", ["alpha"]),
        ("tag=flagship", ["alpha"]),
        ("org=ACME", ["alpha", "beta"]),
        ("q=%25", []),
        ("q=_", []),
        ("status=nonsense", ["alpha", "beta"]),
        ("days=0&page=-1&sort=x&group=y", ["alpha", "beta"]),
    ],
)
def test_filters_are_in_the_address(client: Client, query: str, expected: list[str]) -> None:
    factories.snapshot(factories.repository(name="alpha", tags=["flagship"]))
    factories.snapshot(factories.repository(name="beta"), tests=(9, 1, 0, 0))
    factories.roll_up()
    assert sorted(names(page(client, f"/?{query}"))) == expected


def test_a_filter_counts_what_it_would_show(client: Client) -> None:
    factories.estate(20, 2)
    html = page(client)
    label = re.search(r'href="\?status=failing"[^>]*>Failing <span>(\d+)</span>', html)
    assert label and int(label[1]) == len(names(page(client, "/?status=failing"))) == 2


def test_htmx_gets_the_table_alone(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha"))
    factories.roll_up()
    response = client.get("/?q=alpha", headers={"HX-Request": "true", "HX-Target": "repositories"})
    assert response.content.strip().startswith(b'<section class="repositories"')
    assert "HX-Target" in response["Vary"]


def test_the_table_is_paged_past_a_hundred_and_twenty_five_rows(client: Client) -> None:
    org = factories.organization()
    Repository.objects.bulk_create(
        Repository(organization=org, name=f"r{n:03}", full_name=f"acme/r{n:03}", private=False) for n in range(130)
    )
    assert len(names(page(client))) == 125
    assert names(page(client, "/?page=2")) == [f"r{n:03}" for n in range(125, 130)]


def file_of(client: Client, query: str = "") -> list[dict[str, str]]:
    response = client.get(f"/?format=csv&{query}")
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def test_csv_holds_exactly_what_is_asked_for(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha"), lines=(1, 3))
    factories.snapshot(factories.repository(name="beta"), tests=(9, 1, 0, 0))
    factories.repository(name="gamma")
    factories.roll_up()
    rows = file_of(client, "status=passing")
    assert [(r["repository"], r["tests"], float(r["coverage_percent"])) for r in rows] == [
        ("acme/alpha", "10", 100 / 3)
    ]
    unknown = file_of(client, "q=gamma")[0]
    assert unknown["tests"] == unknown["coverage_percent"] == unknown["flaky"] == ""


def test_csv_has_the_columns_and_the_order_of_the_page(client: Client) -> None:
    for name, number in {"few": 3, "many": 30}.items():
        factories.snapshot(factories.repository(name=name, tags=["owner:payments"]), tests=(number, 0, 0, 0))
    factories.roll_up()
    rows = file_of(client, "columns=tests,owner&sort=tests&group=none")
    assert list(rows[0]) == ["repository", "status", "reason", "tests", "tests_change", "owner"]
    assert [(row["repository"], row["owner"]) for row in rows] == [
        ("acme/few", "payments"),
        ("acme/many", "payments"),
    ]


def test_csv_has_a_heading_for_every_column_that_can_be_chosen(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha"))
    factories.roll_up()
    narrow = len(file_of(client, "columns=name")[0])
    for column in COLUMNS:
        assert len(file_of(client, f"columns={column.key}")[0]) > narrow


def test_csv_holds_all_pages_and_is_sent_as_it_is_read(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    org = factories.organization()
    Repository.objects.bulk_create(
        Repository(organization=org, name=f"r{n:03}", full_name=f"acme/r{n:03}", private=False) for n in range(130)
    )
    with django_assert_num_queries(2):
        response = client.get("/?format=csv&page=2")
        assert response.streaming
        assert len(response.getvalue().splitlines()) == 131


@pytest.mark.parametrize("hostile", ["=HYPERLINK(1)", "+1", "-1", "@a", "\tx", " =1+1", "\n=1"])
def test_csv_gives_a_spreadsheet_no_formula(client: Client, hostile: str) -> None:
    org = factories.organization("acme", title=hostile)
    factories.snapshot(factories.repository(org, "alpha", tags=[hostile], language=hostile))
    factories.roll_up()
    row = file_of(client, "columns=organization,tags,language")[0]
    assert row["organization"] == row["tags"] == row["language"] == f"'{hostile}"


def test_every_column_can_be_chosen_and_the_name_always_stays(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha", tags=["owner:payments"]))
    factories.roll_up()
    everything = ",".join(column.key for column in COLUMNS)
    html = page(client, f"/?columns={everything}")
    head, body = re.search(r'<thead role="rowgroup">.*?</thead>', html, re.DOTALL), row(html, "alpha")
    assert head and head[0].count("columnheader") == body.count("<td") + body.count("<th ")
    assert "payments" in body and "80 of 100" in text(body)
    alone = page(client, "/?columns=name")
    assert names(alone) == ["alpha"]
    assert row(alone, "alpha").count("<td") == 1


def test_a_row_without_evidence_has_as_many_cells_as_the_head(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha"))
    factories.repository(name="never")
    factories.roll_up()
    for columns in ("", "tests,nights", "tests,language", "coverage,outcome,flaky,owner", "name"):
        html = page(client, f"/?columns={columns}")
        head = re.search(r'<thead role="rowgroup">.*?</thead>', html, re.DOTALL)
        for name in ("alpha", "never"):
            cells = row(html, name)
            spanned = sum(int(more) - 1 for more in re.findall(r'colspan="(\d+)"', cells))
            assert head and head[0].count("columnheader") == cells.count("<td") + cells.count("<th ") + spanned


def test_the_ticks_of_the_form_and_the_commas_of_a_link_ask_the_same(client: Client) -> None:
    factories.snapshot(factories.repository(name="alpha"))
    factories.roll_up()
    ticked = page(client, "/?columns=name&columns=tests&columns=language")
    assert "columns=name%2Ctests%2Clanguage" in ticked
    assert row(ticked, "alpha") == row(page(client, "/?columns=tests,language"), "alpha")


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_the_table_sorts_by_everything_both_ways(client: Client, sort: str) -> None:
    for number, name in enumerate(("one", "two")):
        repo = factories.repository(name=name, language=name, tags=[name, f"owner:{name}"])
        factories.snapshot(repo, days_ago=2, tests=(10, 0, 0, 0), lines=(50, 100))
        tests, lines = (20 + 10 * number, number, 0, 0), (60 + 10 * number, 100 + number)
        factories.snapshot(repo, days_ago=1 - number, tests=tests, lines=lines)
    factories.roll_up()
    Repository.objects.filter(name="two").update(tests_flaky=1, duration_ms=5_000)
    Repository.objects.filter(name="one").update(tests_flaky=0, duration_ms=4_000)
    up, down = names(page(client, f"/?sort={sort}&group=none")), names(page(client, f"/?sort=-{sort}&group=none"))
    assert sorted(up) == sorted(down) == ["one", "two"]
    if sort not in ("evidence", "organization"):
        assert up == down[::-1]


def test_owners_come_from_tags_and_make_groups(client: Client) -> None:
    factories.snapshot(factories.repository(name="pays", tags=["flagship", "owner:payments"]))
    factories.snapshot(factories.repository(name="nobodys", tags=["flagship"]))
    factories.roll_up()
    html = page(client, "/?group=owner")
    groups = [text(found) for found in re.findall(r'rowgroup" role="rowheader">(.*?)</th>', html)]
    assert groups == ["payments", "No owner"]
    heading = re.search(r'<tr class="group".*?</tr>', html, re.DOTALL)
    assert heading and text(heading[0]).startswith("payments 10 1 of 1 report")
    assert names(page(client, "/?owner=payments")) == ["pays"]
    assert "No repository names its owner" not in html
    Repository.objects.update(tags=[])
    assert "No tag" in page(client, "/?group=tag")
    assert "No repository names its owner" in page(client, "/?group=owner")


def test_any_dates_can_be_shown_and_the_figures_stay_those_of_tonight(client: Client) -> None:
    repo = factories.repository()
    for days_ago in (40, 39, 1, 0):
        factories.snapshot(repo, days_ago=days_ago, tests=(100 - days_ago, 0, 0, 0))
    factories.roll_up()
    first, last = (factories.today_at(days_ago=days).date() for days in (40, 38))
    html = page(client, f"/?from={first}&to={last}")
    table = text(re.search(r'<details class="nights".*?</details>', html, re.DOTALL)[0])  # type: ignore[index]
    assert " 1 61 61 0 " in table and " 1 60 60 0 " in table and " 1 100 100 0 " not in table
    figures = text(re.search(r'<section class="figures".*?</section>', html, re.DOTALL)[0])  # type: ignore[index]
    assert "100 +1" in figures


def test_the_trend_of_the_estate_is_drawn_told_in_a_sentence_and_stands_in_a_table(client: Client) -> None:
    repo = factories.repository()
    for days_ago, tests, lines in ((3, (8, 1, 0, 1), 80), (2, (9, 3, 1, 1), 80), (0, (20, 0, 0, 1), 90)):
        factories.snapshot(repo, days_ago=days_ago, tests=tests, lines=(lines, 100))
    factories.roll_up()
    section = re.search(r'<details class="nights".*?</details>', page(client), re.DOTALL)
    assert section
    worst = day(night_of(day_of(factories.today_at(days_ago=2))))
    assert (
        f"10 tests grew to 21 over 4 nights; coverage went from 80.0 % to 90.0 %; most failed on {worst}: 4."
        in text(section[0])
    )
    assert " open" not in section[0].partition(">")[0], "a calm page begins without the drawing"
    figure = json.loads(re.search(r'<script type="application/json">(.*?)</script>', section[0])[1])  # type: ignore[index]
    drawn = {trace["name"]: trace["y"] for trace in figure["data"]}
    # The night that brought nothing is a gap, not a repetition and not zero.
    assert drawn["passed"] == [8, 9, None, 20] and drawn["error"] == [0, 1, None, 0]
    assert drawn["coverage"] == [80, 80, 80, 90]
    assert re.search(r'<details class="nights"[^>]* open', page(client, "/?days=90"))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "Those dates are no dates"),
        ("from=2026-02-31&to=2026-03-01", "Those dates are no dates"),
        ("from=2026-03-02&to=2026-03-01", "The nights would end before they begin"),
        ("from=2001-01-01&to=2026-01-01", "more than 1000 nights"),
        ("to=0001-01-01", "Those dates are no dates"),
        ("from=9999-12-31&to=9999-12-31", "The nights would end before they begin"),
    ],
)
def test_dates_that_make_no_sense_are_explained(client: Client, query: str, said: str) -> None:
    factories.snapshot(factories.repository())
    factories.roll_up()
    assert said in page(client, f"/?{query}")


def test_the_night_is_summed_up_in_tests_and_new_repositories(client: Client) -> None:
    grows, shrinks, breaks = (factories.repository(name=name) for name in ("grows", "shrinks", "breaks"))
    Repository.objects.update(created_at=factories.today_at(days_ago=30))
    for repo, tests in ((grows, (10, 0, 0, 0)), (shrinks, (10, 0, 0, 0)), (breaks, (10, 0, 0, 0))):
        factories.snapshot(repo, days_ago=1, tests=tests)
    for repo, tests in ((grows, (14, 0, 0, 0)), (shrinks, (7, 0, 0, 0)), (breaks, (8, 2, 0, 0))):
        factories.snapshot(repo, tests=tests)
    fresh = factories.repository(name="fresh")
    # After the night's evidence, whatever the hour this runs at.
    Repository.objects.filter(pk=fresh.pk).update(created_at=factories.today_at(hour=4))
    factories.roll_up()
    html = page(client)
    said = text(re.search(r'<p class="changes-sums">.*?</p>', html, re.DOTALL)[0])  # type: ignore[index]
    assert said == "2 tests newly failing 4 tests added 3 tests removed 1 new repository"
    assert names(page(client, "/?status=new")) == ["fresh"]


def test_an_estate_that_is_all_new_calls_none_of_it_new(client: Client) -> None:
    factories.snapshot(factories.repository())
    factories.roll_up()
    assert "new repositor" not in page(client)


def test_markup_in_names_and_messages_stays_text(client: Client) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    org = factories.organization("acme", title=hostile)
    repo = factories.repository(org, "alpha", tags=[hostile], language=hostile)
    factories.snapshot(repo, days_ago=1)
    factories.failure(factories.snapshot(repo, tests=(9, 1, 0, 0)), message=hostile)
    never = factories.repository(org, "never")
    Repository.objects.filter(pk=never.pk).update(reason=hostile)
    factories.roll_up()
    for address in ("/", f"/?q={hostile}", f"/?tag={hostile}&group=tag", "/o/acme/"):
        assert "<img" not in page(client, address)


def test_the_page_stays_small(client: Client) -> None:
    factories.estate(100, 2)
    assert len(page(client).encode()) < 400_000


def test_the_demo_page_counts_what_is_real(client: Client, settings: Any) -> None:
    settings.DEMO = True
    repo = factories.repository()
    factories.snapshot(repo, days_ago=1, title="Generated from abcd: durations vary")
    factories.snapshot(repo, title="Real report of 2026-03-05")
    html = text(page(client, "/demo/"))
    assert "The reports of 1 commit in 1 repository" in html
    assert "1 commit between and before the real ones" in html
    assert "Demo estate" in page(client)


def test_there_is_no_demo_page_in_an_estate_of_ones_own(client: Client) -> None:
    assert client.get("/demo/").status_code == 404


def test_a_row_that_was_drawn_before_shows_what_changed_and_how_it_aged(client: Client) -> None:
    repo = factories.repository(name="drawn", tags=["core"])
    factories.repository(name="other"), factories.repository(name="third")
    factories.snapshot(repo, days_ago=1)
    factories.roll_up()
    first = row(page(client), "drawn")
    assert "1 d ago" in first or " h<" in first
    assert "?status=passing&amp;tag=core" in row(page(client, "/?status=passing"), "drawn")
    assert "c-flaky" not in row(page(client, "/?columns=tests"), "drawn")
    Repository.objects.filter(pk=repo.pk).update(evidence_at=timezone.now() - timedelta(days=9), language="Zig")
    again = row(page(client), "drawn")
    assert "9 d ago" in again and "Zig" in again
    assert "?tag=core" in again and "status=passing" not in again
