"""The contents of files, as GitHub gives them: described with Base64, or raw where the media type asks for that."""

from __future__ import annotations

import base64

from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository

from .asking import ask

RAW = "application/vnd.github.raw+json"
README = "/repos/octo-org/hello/contents/README.md"


def test_a_file_is_described_with_its_bytes_or_given_raw(server: LookAlike, repository: FakeRepository) -> None:
    described = ask(server, README).json()
    assert base64.b64decode(described["content"]) == b"# Hello\n" and described["encoding"] == "base64"
    raw = ask(server, README, Accept=RAW)
    assert raw.content == b"# Hello\n" and "raw" in raw.headers["Content-Type"]


def test_a_file_is_as_it_stands_at_a_commit_that_is_known(
    server: LookAlike, estate: FakeEstate, repository: FakeRepository
) -> None:
    [run] = estate.runs_of(repository)
    for known in (run.head_sha, "main", "HEAD"):
        assert ask(server, f"{README}?ref={known}", Accept=RAW).content == b"# Hello\n"
    assert ask(server, f"{README}?ref={'0' * 40}", Accept=RAW).status_code == 404


def test_a_large_file_is_given_raw_only(server: LookAlike, repository: FakeRepository) -> None:
    repository.files["large.py"] = b"x = 1\n" * 200_000
    path = "/repos/octo-org/hello/contents/large.py"
    described = ask(server, path).json()
    assert (described["content"], described["encoding"]) == ("", "none")
    assert ask(server, path, Accept=RAW).content == repository.files["large.py"]


def test_a_private_repository_shows_its_files_to_nobody_without_a_token(
    server: LookAlike, repository: FakeRepository
) -> None:
    repository.private = True
    assert ask(server, README, token="", Accept=RAW).status_code == 404
