"""A file's bytes as they stand at a commit, in whichever way the server gives them."""

from __future__ import annotations

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import Forbidden, NotFound, UnexpectedAnswer
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository

PATH = "src/ein Pfad #1/größe.py"


@pytest.fixture
def sha(estate: FakeEstate, repository: FakeRepository) -> str:
    repository.files[PATH] = "\ufeffgröße = '→'\r\n".encode()
    repository.files["empty.py"] = b""
    return estate.add_run(repository).head_sha


def test_raw_and_encoded_contents_are_the_same_bytes(
    client: GitHubClient, server: LookAlike, repository: FakeRepository, sha: str
) -> None:
    assert client.contents(repository.id, PATH, sha) == repository.files[PATH]
    assert client.encoded_contents(repository.id, PATH, sha) == repository.files[PATH]
    assert client.contents(repository.id, "empty.py", sha) == b""
    assert client.counts.rest == server.requests["contents"] == 3
    assert f"ref={sha}" in server.log[-1].target


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b'{"encoding": "none", "content": ""}', b'{"encoding": "base64", "content": 7}'],
)
def test_an_answer_without_contents_is_refused(
    body: bytes, client: GitHubClient, server: LookAlike, repository: FakeRepository, sha: str
) -> None:
    server.add_fault("/contents/", headers={"Content-Type": "application/json"}, status=200, body=body)
    with pytest.raises(UnexpectedAnswer, match=r"empty\.py"):
        client.contents(repository.id, "empty.py", sha)


def test_json_is_decoded_where_raw_was_asked_for(
    client: GitHubClient, server: LookAlike, repository: FakeRepository, sha: str
) -> None:
    body = b'{"encoding": "base64", "content": "eCA9\\nIDE="}'
    server.add_fault("/contents/", headers={"Content-Type": "application/json"}, status=200, body=body)
    assert client.contents(repository.id, "empty.py", sha) == b"x = 1"


@pytest.mark.parametrize(("status", "error"), [(403, Forbidden), (404, NotFound)])
def test_a_missing_right_is_told(
    status: int,
    error: type[Exception],
    client: GitHubClient,
    server: LookAlike,
    repository: FakeRepository,
    sha: str,
) -> None:
    server.add_fault("/contents/", status=status, body=b'{"message": "Resource not accessible by token"}')
    with pytest.raises(error):
        client.contents(repository.id, PATH, sha)
