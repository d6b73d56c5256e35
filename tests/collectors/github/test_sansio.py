"""GitHub's rules without the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.github import sansio
from collectors.github.errors import GitHubError, RateLimited

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)


def test_paths_are_quoted() -> None:
    assert sansio.repository_path("octo-org/a b?c") == "/repos/octo-org/a%20b%3Fc"
    assert sansio.repository_id_path(7, "/actions/runs") == "/repositories/7/actions/runs"
    assert sansio.organization_repositories_path("a/b") == "/orgs/a%2Fb/repos"


def test_parameters_are_written_as_github_reads_them() -> None:
    at = datetime(2026, 3, 6, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert sansio.query(per_page=100, exclude=True, name=None, at=at) == {
        "per_page": "100",
        "exclude": "true",
        "at": "2026-03-05T23:02:03Z",
    }
    assert sansio.created(at) == ">=2026-03-05T23:02:03Z"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ('<https://api.github.com/x?page=2>; rel="next", <https://api.github.com/x?page=9>; rel="last"', "page=2"),
        ('<https://api.github.com/x?page=1>; rel="prev", <https://api.github.com/x?page=3>; rel="next"', "page=3"),
        ("<https://api.github.com/x?a=1,2&page=2>; rel=next", "page=2"),
        ('<https://api.github.com/x?page=1>; rel="prev"', None),
        ('<https://api.github.com/x?page=1>; rel="nextish"', None),
        ("", None),
    ],
)
def test_the_next_page_is_found_wherever_it_stands(link: str, found: str | None) -> None:
    url = sansio.next_url({"link": link})
    assert (url is None) if found is None else (url is not None and url.endswith(found))


def test_limits_are_read_even_when_they_are_floats_or_missing() -> None:
    reset = NOW.timestamp()
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "12.0", "x-ratelimit-reset": str(reset)}
    assert sansio.rate_limit(headers) == sansio.RateLimit(5000, 12, NOW)
    assert sansio.rate_limit({}) is None
    assert sansio.rate_limit({"x-ratelimit-remaining": "many"}) is None


def test_the_end_of_a_limit_is_read_in_each_of_its_forms() -> None:
    assert sansio.limited_until({"retry-after": "30"}, NOW) == NOW + timedelta(seconds=30)
    assert sansio.limited_until({"retry-after": "Fri, 06 Mar 2026 12:00:05 GMT"}, NOW) == NOW + timedelta(seconds=5)
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()))}
    assert sansio.limited_until(spent, NOW) == NOW + timedelta(seconds=1)
    assert sansio.limited_until({"retry-after": "soon"}, NOW) is None
    assert sansio.limited_until({**spent, "x-ratelimit-remaining": "3"}, NOW) is None


def wait(status: int, headers: dict[str, str], waits: tuple[float, ...] = (0.5, 2.0)) -> float | None:
    return sansio.wait_before_repeat(status, headers, "", now=NOW, waits=waits)


def test_only_what_may_pass_is_asked_again() -> None:
    assert wait(500, {}) == 0.5
    assert wait(429, {}) == 0.5
    assert wait(500, {}, ()) is None
    for status in (400, 401, 403, 404, 410, 422):
        assert wait(status, {}) is None


def test_a_named_time_is_kept_when_it_is_near() -> None:
    assert wait(429, {"retry-after": "3"}) == 3
    assert wait(503, {"retry-after": "3"}) == 3
    assert wait(503, {"retry-after": "300"}) is None
    assert wait(403, {"retry-after": "0"}) == 0.5
    assert wait(429, {"retry-after": "11"}) is None


def test_a_missing_right_is_not_taken_for_a_limit() -> None:
    assert not sansio.is_limited(403, {"x-ratelimit-remaining": "4000"}, '{"message": "Must have admin rights"}')
    assert sansio.is_limited(403, {"x-ratelimit-remaining": "0"}, "")
    assert sansio.is_limited(403, {}, '{"message": "You have exceeded a secondary rate limit."}')
    assert sansio.is_limited(403, {}, '{"message": "API rate limit exceeded for user ID 1."}')


@given(
    status=st.integers(400, 599),
    body=st.text(),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset"]), st.text()
    ),
)
def test_any_answer_becomes_one_sentence(status: int, body: str, headers: dict[str, str]) -> None:
    error = sansio.error_of(status, headers, body, about="the runs of a/b", now=NOW)
    assert isinstance(error, GitHubError) and error.status == status
    assert "\n" not in error.sentence and error.sentence.endswith(".") and len(error.sentence) < 500
    assert isinstance(error, RateLimited) == sansio.is_limited(status, headers, body)


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("localhost", True),
        ("127.example.com", False),
        ("10.0.0.1", False),
        ("api.github.com", False),
        (None, False),
    ],
)
def test_this_machine_is_told_from_a_name_that_looks_like_it(host: str | None, here: bool) -> None:
    assert sansio.is_loopback(host) is here
