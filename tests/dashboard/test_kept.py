"""An answer is kept only while nothing was written, and only for readers without a name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test.utils import CaptureQueriesContext

from dashboard.audit import Who, recorded
from dashboard.kept import Kept
from dashboard.models import Collection, Repository
from tests.factories import collection, repository, snapshot, today_at
from tests.performance.measuring import answer, environ_of

# Within one transaction PostgreSQL tells nothing of that transaction's own rows, so each test writes for real.
pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["/", "/o/acme/", "/r/acme/api/", "/r/acme/api/runs/", "/api/v1/repos", "/api/v1/repos/acme/api/trend"]
GZIP, PLAIN = {"HTTP_ACCEPT_ENCODING": "gzip"}, {"HTTP_ACCEPT_ENCODING": "identity"}


@pytest.fixture
def site(settings: Any) -> WSGIHandler:
    """The whole site with nothing kept yet, of one public repository."""
    settings.PUBLIC = True
    settings.ALLOWED_HOSTS = ["localhost"]
    snapshot(repository(), days_ago=1)
    return WSGIHandler()


def asked(site: WSGIHandler, address: str, **headers: str) -> tuple[Any, int]:
    """The answer, and how many questions it took."""
    with CaptureQueriesContext(connection) as queries:
        response = answer(site, address, **headers)
    return response, len(queries)


def again(site: WSGIHandler, address: str, **headers: str) -> tuple[Any, int]:
    """Asked once more; a few times, since a vacuum is a transaction too, and nobody knows when it comes."""
    return min((asked(site, address, **headers) for _ in range(4)), key=lambda found: found[1])


def test_what_was_asked_before_costs_one_question_and_is_the_same(site: WSGIHandler) -> None:
    for address in PAGES:
        first, cost = asked(site, address)
        second, least = again(site, address)
        assert (first.status_code, second.status_code, least, cost > 1) == (200, 200, 1, True), address
        assert second.content == first.content
        assert dict(second.headers) == dict(first.headers)


def test_whatever_is_written_shows_at_once(site: WSGIHandler) -> None:
    for address in PAGES[:3]:
        again(site, address, **PLAIN)
    snapshot(Repository.objects.get(), tests=(4321, 0, 0, 0))
    for address in PAGES[:3]:
        assert b"4,321" in asked(site, address, **PLAIN)[0].content, address


def test_a_page_is_made_anew_when_its_words_may_have_aged(site: WSGIHandler, monkeypatch: Any) -> None:
    monkeypatch.setattr("dashboard.kept.SECONDS_OF_PAGES", 0)
    assert again(site, "/")[1] > 1


def test_while_a_night_is_at_work_a_page_is_a_few_seconds_behind_and_never_after_it(
    site: WSGIHandler, monkeypatch: Any
) -> None:
    night = collection(finished_at=None)
    again(site, "/", **PLAIN)
    snapshot(Repository.objects.get(), tests=(4321, 0, 0, 0))
    response, cost = asked(site, "/", **PLAIN)
    assert b"4,321" not in response.content and cost == 1
    with monkeypatch.context() as later:
        later.setattr("dashboard.kept.SECONDS_BEHIND_A_NIGHT", 0)
        assert b"4,321" in asked(site, "/", **PLAIN)[0].content
    snapshot(Repository.objects.get(), tests=(8765, 0, 0, 0), when=today_at(4))
    Collection.objects.filter(pk=night.pk).update(finished_at=today_at())
    assert b"8,765" in asked(site, "/", **PLAIN)[0].content


def test_what_is_edited_while_a_night_is_at_work_is_seen_at_once(site: WSGIHandler) -> None:
    collection(finished_at=None)
    row = Repository.objects.get()
    assert again(site, "/r/acme/api/")[0].status_code == 200
    with recorded(Who("ada"), row):
        Repository.objects.update(private=True)
        row.private = True
    assert asked(site, "/r/acme/api/")[0].status_code == 404


def test_nobody_waits_while_another_page_is_made_and_no_lock_outlives_its_page() -> None:
    kept = Kept(lambda request: HttpResponse())
    held = {page: kept._making_of(page) for page in range(500)}
    assert all(lock.acquire(blocking=False) for lock in held.values())
    assert kept._making_of(7) is held[7], "who asks for the same waits for it"
    held.clear()
    assert not kept._making


def test_what_two_ask_for_at_once_is_made_once(site: WSGIHandler) -> None:
    made, both = [], Barrier(2)

    def page(request: HttpRequest) -> HttpResponse:
        made.append(request.path)
        with suppress(BrokenBarrierError):
            both.wait(0.5)  # nobody else comes: he waits outside
        return HttpResponse(b"made")

    kept = Kept(page)

    def reads() -> bytes:
        try:
            return kept(WSGIRequest(environ_of("/"))).content
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as readers:
        answers = [reader.result() for reader in [readers.submit(reads) for _ in range(2)]]
    assert answers == [b"made", b"made"] and len(made) == 1


def test_who_is_signed_in_neither_gets_nor_leaves_a_kept_page(site: WSGIHandler, client: Any) -> None:
    Repository.objects.update(private=True)
    client.force_login(User.objects.create_user("staff", is_staff=True))
    signed = {"HTTP_COOKIE": f"sessionid={client.cookies['sessionid'].value}"}
    for _ in range(2):
        assert b"/r/acme/api/" in asked(site, "/", **PLAIN, **signed)[0].content
        assert b"/r/acme/api/" not in asked(site, "/", **PLAIN)[0].content


def test_a_part_of_a_page_is_not_mistaken_for_the_page(site: WSGIHandler) -> None:
    table = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "repositories"}
    for _ in range(2):
        assert b"<html" in asked(site, "/", **PLAIN)[0].content
        assert b"<html" not in asked(site, "/", **PLAIN, **table)[0].content


def test_who_reads_no_gzip_gets_none(site: WSGIHandler) -> None:
    for _ in range(2):
        assert "Content-Encoding" not in asked(site, "/", **PLAIN)[0].headers
        assert asked(site, "/", **GZIP)[0].headers["Content-Encoding"] == "gzip"


def test_a_caller_who_has_it_already_gets_304_for_one_question(site: WSGIHandler) -> None:
    for address in ("/", "/api/v1/repos/acme/api"):
        etag = asked(site, address)[0].headers["ETag"]
        known, cost = again(site, address, HTTP_IF_NONE_MATCH=etag)
        assert (known.status_code, known.content, cost) == (304, b"", 1), address
    Repository.objects.update(default_branch="trunk")
    assert asked(site, address, HTTP_IF_NONE_MATCH=etag)[0].status_code == 200


def test_what_is_missing_or_live_is_asked_for_each_time(site: WSGIHandler) -> None:
    for address in ("/r/acme/nothing/", "/ingest/"):
        assert asked(site, address)[1] == asked(site, address)[1], address
