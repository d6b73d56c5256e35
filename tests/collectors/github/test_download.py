"""A download is streamed, capped, checked, and leaves nothing behind when it fails."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import requests

from collectors.github.client import GitHubClient
from collectors.github.counts import RequestCounts
from collectors.github.download import CHUNK_BYTES, BlobHost, Download, file_name
from collectors.github.errors import (
    ConnectionTrouble,
    DigestMismatch,
    Forbidden,
    GitHubError,
    Gone,
    Misconfigured,
    NotFound,
    RateLimited,
    ServerTrouble,
    TooLarge,
    Unauthorized,
    UnexpectedAnswer,
)
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeArtifact

MEGABYTE = 1_000_000
BLOB = r"^/artifacts/"


def fetch(client: GitHubClient, artifact: FakeArtifact, to: io.BytesIO, **how: Any) -> Download:
    how.setdefault("max_bytes", MEGABYTE)
    return client.download(artifact.repository_id, artifact.id, to=to, **how)


def asked(client: GitHubClient) -> dict[str, int]:
    """The requests by kind, without what they weighed."""
    kinds = ("graphql", "rest", "not_modified", "downloads", "retried")
    return {kind: number for kind, number in client.counts.as_dict().items() if kind in kinds}


def test_the_bytes_come_as_they_are(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, artifact: FakeArtifact
) -> None:
    to = io.BytesIO()
    size, digest = estate.measure(artifact)
    download = fetch(client, artifact, to, expected_digest=digest)
    assert to.getvalue() == artifact.content
    assert (download.size, download.digest) == (size, digest)
    assert (download.content_type, download.file_name) == ("application/zip", "test-results.zip")
    assert asked(client) == {"graphql": 0, "rest": 1, "not_modified": 0, "downloads": 1, "retried": 0}


def test_the_blob_host_never_sees_a_credential(
    client: GitHubClient, server: LookAlike, artifact: FakeArtifact
) -> None:
    fetch(client, artifact, io.BytesIO())
    assert [(seen.kind, seen.authorized) for seen in server.log] == [("artifact_zip", True), ("blob", False)]


def test_not_even_one_out_of_a_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On loopback the environment is not read at all, so this looks at what would be sent elsewhere."""
    (tmp_path / "netrc").write_text("machine blobs.example.com login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    request = requests.Request("GET", "https://blobs.example.com/a.zip")
    assert "Authorization" in requests.Session().prepare_request(request).headers
    session = BlobHost(RequestCounts(), waits=())._session
    assert session.trust_env and "Authorization" not in session.prepare_request(request).headers


def test_a_single_file_keeps_its_name_without_its_folder(client: GitHubClient, estate: FakeEstate) -> None:
    run = estate.add_run(estate.add_repository("octo-org/plain"))
    artifact = estate.add_artifact(
        run, "../für/results.xml", b"<a/>", zipped=False, content_type="text/xml; charset=utf-8"
    )
    download = fetch(client, artifact, io.BytesIO())
    assert (download.content_type, download.file_name) == ("text/xml", "results.xml")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="a.xml"', "a.xml"),
        ("attachment; filename*=UTF-8''na%C3%AFve.xml", "naïve.xml"),
        ('attachment; filename="..\\\\..\\\\b.xml"', "b.xml"),
        ("attachment", ""),
        ("", ""),
    ],
)
def test_names_in_headers(header: str, name: str) -> None:
    assert file_name(header) == name


def test_other_bytes_than_listed_are_refused(
    client: GitHubClient, estate: FakeEstate, artifact: FakeArtifact
) -> None:
    wrong = hashlib.sha256(b"something else").hexdigest()
    for expected in (wrong, f"sha256:{wrong}"):
        to = io.BytesIO(b"before")
        to.seek(0, io.SEEK_END)
        with pytest.raises(DigestMismatch, match=wrong[:12]) as caught:
            fetch(client, artifact, to, expected_digest=expected)
        assert caught.value.transient
        assert to.getvalue() == b"before" and to.tell() == 6


def test_no_digest_is_no_check(client: GitHubClient, artifact: FakeArtifact) -> None:
    for expected in (None, "", "md5:0123"):
        assert fetch(client, artifact, io.BytesIO(), expected_digest=expected).size == len(artifact.content)  # type: ignore[arg-type]


def test_too_large_is_refused_by_its_announced_size_before_it_comes(
    client: GitHubClient, artifact: FakeArtifact
) -> None:
    to = io.BytesIO()
    with pytest.raises(TooLarge, match="ARTIFACT_MAX_MEGABYTES") as caught:
        fetch(client, artifact, to, max_bytes=1000)
    assert not caught.value.transient and to.getvalue() == b""


def test_too_large_is_noticed_where_no_size_is_announced(
    client: GitHubClient, server: LookAlike, artifact: FakeArtifact
) -> None:
    server.add_fault(BLOB, unannounced=True, times=2)
    to = io.BytesIO()
    with pytest.raises(TooLarge):
        fetch(client, artifact, to, max_bytes=150_000)
    assert to.getvalue() == b""
    assert fetch(client, artifact, to).size == len(to.getvalue())


def test_exactly_the_cap_is_taken(client: GitHubClient, estate: FakeEstate, artifact: FakeArtifact) -> None:
    size, _ = estate.measure(artifact)
    assert fetch(client, artifact, io.BytesIO(), max_bytes=size).size == size
    with pytest.raises(TooLarge):
        fetch(client, artifact, io.BytesIO(), max_bytes=size - 1)


def test_an_expired_artifact_is_gone(client: GitHubClient, artifact: FakeArtifact) -> None:
    artifact.expired = True
    with pytest.raises(Gone, match="expired") as caught:
        fetch(client, artifact, io.BytesIO())
    assert not caught.value.transient
    assert (client.counts.rest, client.counts.downloads) == (1, 0)


def test_an_artifact_that_was_deleted_is_not_found(
    client: GitHubClient, estate: FakeEstate, artifact: FakeArtifact
) -> None:
    del estate.artifacts[artifact.id]
    with pytest.raises(NotFound):
        fetch(client, artifact, io.BytesIO())


def test_without_a_token_there_is_no_download(server: LookAlike, artifact: FakeArtifact) -> None:
    with GitHubClient(server.api_url, "") as anonymous, pytest.raises(Unauthorized):
        fetch(anonymous, artifact, io.BytesIO())


def test_a_refused_address_is_renewed_once(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, artifact: FakeArtifact
) -> None:
    server.add_fault(BLOB, status=403, body=b"<Error/>")
    to = io.BytesIO()
    assert fetch(client, artifact, to, expected_digest=estate.measure(artifact)[1]).size
    assert to.getvalue() == artifact.content
    assert asked(client) == {"graphql": 0, "rest": 2, "not_modified": 0, "downloads": 2, "retried": 1}
    server.add_fault(BLOB, status=403, times=None)
    with pytest.raises(Forbidden, match="clock"):
        fetch(client, artifact, io.BytesIO())
    assert server.requests["artifact_zip"] == 4


def test_an_expired_address_is_renewed(estate: FakeEstate, artifact: FakeArtifact) -> None:
    """The look-alike's own clock jumps between the redirect and the download."""
    times = iter([0.0, 0.0, 0.0, 0.0, 1000.0])
    with (
        LookAlike(estate, clock=lambda: next(times, 1000.0)) as server,
        GitHubClient(server.api_url, "t0ken", waits=()) as client,
    ):
        assert fetch(client, artifact, io.BytesIO()).size
        assert [seen.status for seen in server.log] == [302, 403, 302, 200]


@pytest.mark.parametrize("cut_after", [-1, 0, 1000, 200_000])
def test_a_connection_lost_within_the_body_is_made_again(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, artifact: FakeArtifact, cut_after: int
) -> None:
    server.add_fault(BLOB, cut_after=cut_after, times=2)
    to = io.BytesIO(b"before")
    to.seek(0, io.SEEK_END)
    fetch(client, artifact, to, expected_digest=estate.measure(artifact)[1])
    assert to.getvalue() == b"before" + estate.content_of(artifact)
    assert client.counts.retried == 2
    assert client.counts.downloads == (1 if cut_after < 0 else 3), "no answer had begun before the first byte"


def test_a_connection_that_is_always_lost_leaves_nothing(
    client: GitHubClient, server: LookAlike, artifact: FakeArtifact
) -> None:
    server.add_fault(BLOB, cut_after=200_000, times=None)
    to = io.BytesIO(b"before")
    to.seek(0, io.SEEK_END)
    with pytest.raises(ConnectionTrouble) as caught:
        fetch(client, artifact, to)
    assert to.getvalue() == b"before"
    assert "sig=" not in repr(caught.value) + caught.value.sentence, "the signed address is a secret"
    assert client.counts.retried == 3


@pytest.mark.parametrize(
    ("status", "expected", "repeats"),
    [(500, ServerTrouble, 3), (429, ServerTrouble, 3), (404, Gone, 0), (400, UnexpectedAnswer, 0)],
)
def test_the_blob_hosts_own_troubles(
    client: GitHubClient,
    server: LookAlike,
    artifact: FakeArtifact,
    status: int,
    expected: type[GitHubError],
    repeats: int,
) -> None:
    server.add_fault(BLOB, status=status, body=b"<Error>x</Error>", times=None)
    to = io.BytesIO()
    with pytest.raises(expected):
        fetch(client, artifact, to)
    assert to.getvalue() == b"" and client.counts.retried == repeats


def test_a_spent_limit_stops_before_the_download(
    client: GitHubClient, server: LookAlike, artifact: FakeArtifact
) -> None:
    server.add_fault("/zip$", **rate_limit_spent(4_000_000_000), times=None)
    with pytest.raises(RateLimited):
        fetch(client, artifact, io.BytesIO())
    assert server.requests["blob"] == 0


def test_an_unencrypted_blob_host_is_refused(
    client: GitHubClient, server: LookAlike, artifact: FakeArtifact
) -> None:
    server.add_fault("/zip$", status=302, headers={"location": "http://blobs.example.com/a.zip?sig=secret"})
    with pytest.raises(Misconfigured) as caught:
        fetch(client, artifact, io.BytesIO())
    assert "secret" not in caught.value.sentence


def test_an_encoded_body_is_not_inflated(client: GitHubClient, server: LookAlike, artifact: FakeArtifact) -> None:
    server.add_fault(BLOB, headers={"content-encoding": "gzip"})
    to = io.BytesIO()
    fetch(client, artifact, to)
    assert to.getvalue() == artifact.content and client.counts.retried == 0


def test_a_download_does_not_stay_in_memory(
    client: GitHubClient, server: LookAlike, estate: FakeEstate, tmp_path: Path
) -> None:
    run = estate.add_run(estate.add_repository("octo-org/large"))
    artifact = estate.add_artifact(run, "large", bytes(20 * MEGABYTE))
    fetch(client, artifact, io.BytesIO(), max_bytes=30 * MEGABYTE)
    tracemalloc.start()
    with (tmp_path / "large.zip").open("w+b") as file:
        client.download(artifact.repository_id, artifact.id, to=file, max_bytes=30 * MEGABYTE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Client and look-alike share this process; its pieces are 256 kB.
    assert peak < 20 * CHUNK_BYTES + MEGABYTE
