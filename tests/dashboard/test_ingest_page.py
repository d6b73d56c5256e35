"""The ingest page: what it says while a night runs and after, to whom, and what it costs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from dashboard.models import Artifact, Collection, Repository, RepositoryCollection
from dashboard.queries.ingest import LEAST_ENDED, collection_view, entries_to_retry, seconds_left
from dashboard.queries.night_totals import Totals
from dashboard.visibility import STAFF
from tests.factories import collection, organization, repository, snapshot

pytestmark = pytest.mark.django_db

State = RepositoryCollection.State
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def entry(night: Collection, repo: Repository, state: str = State.COLLECTED, **fields: Any) -> RepositoryCollection:
    """A repository in a night; whatever has ended or reads its past was lit at once."""
    lit = timezone.now() if state in (State.BACKFILLING, *RepositoryCollection.ENDED) else None
    fields = {"lit_at": lit} | fields
    return RepositoryCollection.objects.create(collection=night, repository=repo, state=state, **fields)


def running(minutes: int = 10) -> Collection:
    night = collection(finished_at=None)
    Collection.objects.filter(pk=night.pk).update(started_at=timezone.now() - timedelta(minutes=minutes))
    return night


def page_of(client: Client, address: str = "/ingest/", **parameters: object) -> str:
    response = client.get(address, parameters)
    assert response.status_code == 200
    return response.content.decode()


def text_of(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0] or page
    main = re.sub(r"</(?:td|th|p|li|h1|h2|div|a)>", " ", main)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", main)).split())


def heading(page: str) -> str:
    return text_of(re.search(r"<h1>.*?</h1>", page, flags=re.S)[0])  # type: ignore[index]


def test_before_the_first_night_the_page_says_how_to_start_one(client: Client) -> None:
    text = text_of(page_of(client))
    assert "No night has run yet." in text
    assert "manage.py collect" in text


def test_a_running_night_says_how_far_it_is_and_how_long_it_takes(client: Client) -> None:
    night = running(minutes=10)
    for number, state in enumerate([State.COLLECTED] * 5 + [State.WAITING] * 8 + [State.READING] * 2):
        entry(night, repository(name=f"repo-{number}"), state)
    page = page_of(client)
    assert heading(page) == "5 of 15 repositories read. About 20 minutes to go."
    assert 'hx-trigger="every 2s"' in page


def test_a_night_without_a_pace_promises_nothing(client: Client) -> None:
    entry(running(), repository(), State.LISTING)
    assert heading(page_of(client)) == "0 of 1 repository read. The first are on their way."


def test_when_all_are_lit_the_page_counts_the_nights_behind(client: Client) -> None:
    night = running()
    entry(night, repository(name="a"), State.BACKFILLING, artifacts=412, pending=1_928)
    entry(night, repository(name="b"), State.UNCHANGED)
    page = page_of(client)
    assert heading(page) == "All 2 repositories are lit. Reading the nights behind them."
    assert "412 of 2,340" in text_of(page)
    assert "1,928 to go" in text_of(page)


def test_a_finished_night_says_what_came_of_it_and_asks_no_more(client: Client) -> None:
    night = collection(minutes=38)
    entry(night, repository(name="a"), requests={"rest": 5, "downloads": 2})
    entry(night, repository(name="b"), State.FAILED, error="GitHub answered 403: the token may not read Actions.")
    page = page_of(client)
    assert heading(page) == "2 repositories read in 38 m; 1 failed."
    assert "every 2s" not in page
    assert "GitHub answered 403: the token may not read Actions." in text_of(page)
    assert "5 REST, 2 downloads" in text_of(page)


def test_each_repository_has_a_window_that_leads_to_it(client: Client) -> None:
    night = running()
    states = {
        State.WAITING: "waiting",
        State.READING: "reading",
        State.COLLECTED: "lit",
        State.BACKFILLING: "lit",
        State.UNCHANGED: "still",
        State.NO_EVIDENCE: "still",
        State.FAILED: "failed",
    }
    for state in states:
        entry(night, repository(organization("acme", title="Acme Works"), f"in-{state}"), state)
    page = page_of(client)
    for state, light in states.items():
        assert re.search(rf'class="lancet is-{light}"\s+href="/r/acme/in-{state}/"', page)
    assert "Acme Works" in page


def test_past_a_number_of_repositories_organizations_get_a_bar_instead(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr("dashboard.queries.lancets.MOST_LANCETS", 2)
    night = running()
    for number in range(3):
        entry(night, repository(name=f"repo-{number}"))
    page = page_of(client)
    assert not re.search(r'class="lancet is-lit"\s+href', page)
    assert '<rect class="light is-lit" x="0" width="3" height="40" />' in page


def test_a_night_too_large_for_lancets_says_the_same_otherwise(monkeypatch: Any) -> None:
    night = running()
    now = timezone.now()
    for number, state in enumerate([*State.values] * 3):
        repo = repository(organization(f"org-{number % 4}"), f"repo-{number}")
        entry(
            night,
            repo,
            State(state),
            pending=number % 3,
            warnings=[f"warning {number}"] if number % 5 == 0 else [],
            finished_at=now - timedelta(seconds=number),
            lit_at=now,
            requests={"rest": number, "bytes": 7}
            | ({"remaining": number, "points_remaining": 9} if number % 4 else {}),
        )
    whole = collection_view(STAFF, night.pk, now)
    monkeypatch.setattr("dashboard.queries.lancets.MOST_LANCETS", 2)
    large = collection_view(STAFF, night.pk, now)
    assert whole is not None and large is not None
    assert whole.totals.repositories == 27 and whole.totals.remaining == 1
    for part in ("totals", "failed", "put_off", "refusals", "in_hand", "asking"):
        assert getattr(large, part) == getattr(whole, part), part
    assert [(one.login, one.total, one.lights) for one in large.organizations] == [
        (one.login, one.total, one.lights) for one in whole.organizations
    ]
    assert not any(one.lancets for one in large.organizations)


def test_what_was_read_stands_with_its_digest_and_its_figures(client: Client) -> None:
    repo = repository()
    snapshot(repo, tests=(9, 1, 0, 0), lines=(85, 100))
    entry(running(), repo)
    Artifact.objects.update(read_at=timezone.now())
    text = text_of(page_of(client))
    for artifact in Artifact.objects.all():
        assert artifact.sha256[:12] in text
    assert "10 1 failed" in text
    assert "85.0" in text


def test_one_repository_does_not_fill_the_list_of_what_was_read(client: Client) -> None:
    long_past, other = repository(name="long-past"), repository(name="other")
    night = running()
    for repo, points in ((other, 1), (long_past, 15)):
        for days_ago in range(points):
            snapshot(repo, days_ago=days_ago, lines=None)
        entry(night, repo)
    Artifact.objects.filter(repository=long_past).update(read_at=timezone.now())
    Artifact.objects.filter(repository=other).update(read_at=timezone.now() - timedelta(minutes=2))
    page = page_of(client)
    table = page.partition("just-read")[2].partition("</table>")[0]
    assert table.count('title="acme/long-past"') == 2
    assert table.count('title="acme/other"') == 1


def test_a_refused_artifact_shows_its_reason_in_place_of_figures(client: Client) -> None:
    repo = repository()
    snapshot(repo, lines=None)
    entry(running(), repo, warnings=["test-results: Refused: 612 MB unpacked, the limit is 256 MB."])
    Artifact.objects.update(
        read_at=timezone.now(), state="rejected", reason="612 MB unpacked, the limit is 256 MB."
    )
    page = page_of(client)
    assert 'class="is-trouble"' in page
    assert text_of(page).count("612 MB unpacked, the limit is 256 MB.") == 2


def test_htmx_gets_only_the_part_that_changes_and_readers_only_the_sentence(client: Client) -> None:
    entry(running(), repository())
    part = client.get("/ingest/", headers=HTMX).content.decode()
    assert "<html" not in part and part.lstrip().startswith('<div id="night"')
    sentence = client.get("/ingest/", {"sentence": 1}, headers=HTMX).content.decode()
    assert "<" not in sentence
    assert "repository" in sentence


def test_an_earlier_night_has_its_own_page(client: Client) -> None:
    repo = repository()
    first, second = collection(minutes=5), collection(minutes=9)
    entry(first, repo, State.FAILED, error="The network was away.")
    entry(second, repo)
    assert "The network was away." in page_of(client, f"/ingest/{first.pk}/")
    newest = page_of(client)
    assert "The network was away." not in newest
    assert f'href="/ingest/{first.pk}/"' in newest
    assert client.get("/ingest/999999/").status_code == 404


def test_private_repositories_are_neither_named_nor_counted_for_a_stranger(
    client: Client, admin_client: Client
) -> None:
    night = collection()
    entry(night, repository(name="open"), artifacts=2)
    hidden = repository(name="hidden", private=True)
    snapshot(hidden)
    Artifact.objects.update(read_at=night.started_at + timedelta(minutes=1))
    entry(night, hidden, State.FAILED, error="hidden trouble", artifacts=40, warnings=["hidden warning"])
    page = page_of(client)
    assert "hidden" not in text_of(page)
    assert heading(page).startswith("1 repository read")
    assert "1 of 1 with news" in text_of(page)
    staff = page_of(admin_client)
    assert "hidden trouble" in staff
    assert heading(staff).startswith("2 repositories read")


def test_markup_in_sentences_is_shown_as_text(client: Client) -> None:
    night = collection()
    entry(night, repository(), State.FAILED, error="<script>alert(1)</script>", warnings=["<img src=x>"])
    Collection.objects.update(note="<script>alert(2)</script>")
    page = page_of(client)
    assert "<script>alert" not in page and "<img src=x>" not in page
    assert "&lt;script&gt;alert(1)" in page


class TestCollectNow:
    def test_is_offered_to_staff_only_and_not_while_a_night_runs(
        self, client: Client, admin_client: Client
    ) -> None:
        assert "Collect now" not in page_of(client)
        assert "Collect now" in page_of(admin_client)
        entry(running(), repository())
        assert "Collect now" not in page_of(admin_client)

    def test_is_refused_to_strangers_by_get_and_without_a_token(self, client: Client, admin_user: Any) -> None:
        assert client.post("/ingest/collect/").status_code == 302
        assert "/login/" in client.post("/ingest/collect/")["Location"]
        assert client.get("/ingest/collect/").status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(admin_user)
        assert strict.post("/ingest/collect/").status_code == 403

    def test_hands_the_work_to_a_worker_and_waits_for_it(self, admin_client: Client) -> None:
        with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as broker:
            before = broker.llen("discover")
            response = admin_client.post("/ingest/collect/")
            assert response.status_code == 302
            assert broker.llen("discover") == before + 1
            message = broker.lindex("discover", 0)
            assert b"collectors.tasks.collect_now" in message
            broker.lrem("discover", 1, message)
        page = page_of(admin_client, response["Location"])
        assert "it begins as soon as a worker takes it" in page
        assert 'hx-trigger="every 2s"' in page

    def test_says_so_when_no_worker_took_it(self, admin_client: Client) -> None:
        page = page_of(admin_client, "/ingest/", asked=int(datetime.now(UTC).timestamp()) - 90)
        assert "no worker took it within a minute" in page
        assert "every 2s" not in page

    def test_says_what_to_do_when_the_broker_is_away(self, admin_client: Client, settings: Any) -> None:
        settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
        response = admin_client.post("/ingest/collect/")
        assert response.status_code == 503
        assert "the broker does not answer" in response.content.decode()


class TestRetry:
    """Once more, for what failed or was put off."""

    def test_what_is_put_off_says_until_when_and_why(self, client: Client) -> None:
        until = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
        night = running()
        entry(night, repository(), State.PUT_OFF, not_before=until, error="GitHub's rate limit is spent.")
        page = page_of(client)
        assert "2026-11-23T03:12" in page and "1 put off" in text_of(page)
        assert heading(page).startswith("1 repository waits for GitHub’s limit to end, until")
        assert "rate limit is spent" in text_of(page) and "Try again" not in page

    def test_while_some_wait_for_the_limit_no_end_is_foretold(self, client: Client) -> None:
        until = datetime(2026, 11, 23, 3, 12, tzinfo=UTC)
        night, org = running(), organization()
        for number in range(3):
            entry(night, repository(org, f"read-{number}"))
        entry(night, repository(org, "waiting"), State.WAITING)
        assert heading(page_of(client)) == "3 of 4 repositories read. About 3 minutes to go."
        entry(night, repository(org, "put-off"), State.PUT_OFF, not_before=until, error="Spent.")
        said = heading(page_of(client))
        assert said.startswith("3 of 5 repositories read. 1 waits for GitHub’s limit to end, until")
        assert "to go" not in said

    def test_hands_the_failed_entry_to_a_worker_and_shows_the_night(self, admin_client: Client) -> None:
        failed = entry(collection(), repository(), State.FAILED, error="No.")
        assert "Try again" in page_of(admin_client)
        address = f"/ingest/{failed.collection_id}/"
        with redis.Redis.from_url(django_settings.CELERY_BROKER_URL) as broker:
            before = broker.llen("discover")
            response = admin_client.post(f"{address}retry/", {"entry": failed.pk})
            assert response.status_code == 302 and response["Location"] == address
            message = broker.lindex("discover", 0)
            assert broker.llen("discover") == before + 1 and b"collectors.tasks.retry" in message
            broker.lrem("discover", 1, message)

    def test_one_button_is_for_all_that_failed_and_for_nothing_else(self) -> None:
        night = collection()
        acme = organization()
        failed = [entry(night, repository(acme, name), State.FAILED).pk for name in ("a", "b")]
        read = entry(night, repository(acme, "c"), State.COLLECTED).pk
        put_off = entry(night, repository(acme, "d"), State.PUT_OFF).pk
        assert sorted(entries_to_retry(night.pk, None)) == failed
        assert entries_to_retry(night.pk, put_off) == [put_off]
        assert entries_to_retry(night.pk, read) == []

    def test_is_refused_to_strangers_and_by_get(self, client: Client) -> None:
        failed = entry(collection(), repository(), State.FAILED)
        address = f"/ingest/{failed.collection_id}/retry/"
        assert "/login/" in client.post(address)["Location"]
        assert client.get(address).status_code == 405


def totals(**known: int) -> Totals:
    fields: dict[str, Any] = dict.fromkeys(Totals.__dataclass_fields__, 0)
    return Totals(**fields | {"requests": (), "limit": None, "remaining": None, "reset_at": None} | known)


@pytest.mark.parametrize(
    ("seconds", "known", "expected"),
    [
        (600, {"repositories": 15, "lit": 5}, 1_200),
        (600, {"repositories": 15, "lit": 4, "failed": 1}, 1_200),
        (600, {"repositories": 15, "lit": LEAST_ENDED - 1}, None),
        (1, {"repositories": 15, "lit": 10}, None),
        (100, {"repositories": 5, "lit": 5, "artifacts": 50, "pending": 25}, 50),
    ],
)
def test_the_time_left_follows_the_pace_so_far(
    seconds: float, known: dict[str, int], expected: float | None
) -> None:
    assert seconds_left(seconds, totals(**known)) == expected


def test_a_reader_who_is_not_signed_in_is_told_how_many_are_still_to_be_asked_about(client: Client) -> None:
    night, org = running(), organization()
    for number in range(3):
        entry(night, repository(org, f"read-{number}", github_id=number + 1))
    for number in range(6):
        entry(night, repository(org, f"hidden-{number}", private=True), State.WAITING)
    page = page_of(client)
    assert heading(page) == "3 of 9 repositories read. About 20 minutes to go."
    assert "6 repositories have no window yet" in text_of(page)
    assert "hidden-" not in page
    entry(night, repository(org, "secret", private=True, github_id=77), State.WAITING)
    assert heading(page_of(client)).startswith("3 of 9 repositories")
    assert collection_view(STAFF, night.pk, timezone.now()).totals.repositories == 10  # type: ignore[union-attr]


# The night; its sums; the repositories to show; the artifacts read last; the sums of their reports; the nights.
BUDGET = 6


@pytest.mark.parametrize("size", [5, 60])
def test_the_page_stays_within_its_queries_at_any_size(
    client: Client, django_assert_num_queries: Any, size: int
) -> None:
    nights = [collection(minutes=minutes) for minutes in range(1, 2 + size // 10)]
    for number in range(size):
        repo = repository(organization(f"org-{number % 7}"), f"repo-{number}")
        snapshot(repo)
        for night in nights:
            entry(night, repo, State.FAILED if number % 9 == 0 else State.COLLECTED, error="gone")
    Artifact.objects.update(read_at=nights[0].started_at + timedelta(seconds=1))
    for address in ("/ingest/", f"/ingest/{nights[0].pk}/"):
        with django_assert_num_queries(BUDGET):
            assert client.get(address).status_code == 200


def test_the_layers_of_the_sandbox_that_hold_and_those_that_the_kernel_lacks_are_named(client: Client) -> None:
    entry(
        collection(
            sandbox=[
                ["seccomp", True, "A reader has no call for a file or a socket."],
                ["landlock", False, "Landlock is missing (it needs Linux 5.13)."],
            ]
        ),
        repository(),
    )
    text = text_of(page_of(client))
    assert "seccomp holds A reader has no call for a file or a socket." in text
    assert "landlock not here Landlock is missing (it needs Linux 5.13)." in text


def test_a_night_that_read_nothing_says_so_of_its_sandbox(client: Client) -> None:
    entry(collection(), repository())
    assert "Sandbox No report was read." in text_of(page_of(client))


def test_what_was_just_read_leads_to_its_artifact(client: Client) -> None:
    night = running()
    entry(night, repository())
    point = snapshot(Repository.objects.get(), when=timezone.now(), lines=None)
    artifact = Artifact.objects.get(run=point.run)
    assert f'href="/r/acme/api/artifacts/{artifact.github_id}/"' in page_of(client)


def test_what_was_asked_and_what_is_left_of_graphql_stand_beside_the_quota(client: Client) -> None:
    night = collection()
    asked = {"predicted": 3, "backed_off": 1, "bytes": 2_000_000, "points_limit": 5000}
    entry(night, repository(name="a"), requests=asked | {"points_remaining": 4990})
    text = text_of(page_of(client))
    assert "4,990 of 5,000 GraphQL points left" in text
    assert "3 lists answered by a predicted ETag, 1 wait that GitHub asked for" in text


def test_a_night_that_counted_neither_bytes_nor_points_says_nothing_of_them(client: Client) -> None:
    entry(collection(), repository(name="a"), requests={"rest": 3})
    text = text_of(page_of(client))
    assert "GraphQL points" not in text and "of answers" not in text


def test_a_running_night_tells_how_long_its_queues_are(client: Client, settings: Any) -> None:
    broker = redis.Redis.from_url(django_settings.CELERY_BROKER_URL)
    entry(running(), repository(name="a"), State.WAITING)
    broker.delete("collect")
    broker.lpush("collect", "one", "two")
    try:
        assert "to collect 2" in text_of(page_of(client).replace("</span>", "</li>"))
    finally:
        broker.delete("collect")
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:9/0"
    assert "The broker does not answer" in text_of(page_of(client))


def test_a_reason_that_says_when_it_is_tried_again_is_not_said_twice(client: Client) -> None:
    entry(running(), repository(name="a"), State.FAILED, error="GitHub answered 500: it is tried again next time.")
    assert text_of(page_of(client)).count("tried again next time") == 1


def test_an_earlier_night_says_what_it_asked_by_kind(client: Client) -> None:
    asked = {"graphql": 4, "rest": 12, "not_modified": 31, "downloads": 6, "retried": 2}
    night = collection(requests=asked | {"predicted": 29, "bytes": 1_000_000, "download_bytes": 2_000_000})
    collection(requests={})
    nights = text_of(page_of(client)).split("Nights", 1)[1]
    words = "4 GraphQL, 12 REST, 31 not modified, 6 downloads, 2 tried again, 29 by a predicted ETag; 3.0 MB"
    assert f"Asked: {words}" in nights
    assert nights.count("Asked:") == 1, f"a night that asked nothing says nothing of it, other than {night.pk}"
