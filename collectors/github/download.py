"""An artifact's bytes from the blob host, straight into a file.

GitHub answers a download with a redirect to another host (Azure's blob storage on github.com) and a signed
address that lives one minute. That host refuses an Authorization header, and the token is none of its business:
so this is a session of its own that never has one, not even out of a ``.netrc``. PyGithub cannot do this: it
follows no redirect to a foreign host, and holds whole bodies in memory.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from .counts import RequestCounts
from .errors import (
    ConnectionTrouble,
    DigestMismatch,
    Forbidden,
    GitHubError,
    Gone,
    Misconfigured,
    ServerTrouble,
    TooLarge,
    UnexpectedAnswer,
)
from .sansio import is_loopback

CHUNK_BYTES = 64 * 1024
# To connect, and between two pieces of the body.
TIMEOUTS_SECONDS = (10, 60)
# A host that sends a byte a minute must not hold a worker for ever: 100 MB at 1 Mbit/s take 14 minutes.
LONGEST_DOWNLOAD_SECONDS = 15 * 60


@dataclass(frozen=True, slots=True)
class Download:
    """What came: ``size`` in bytes, ``sha256`` in hex, and what the host says of the file ('' where nothing)."""

    size: int
    sha256: str
    content_type: str
    file_name: str

    @property
    def digest(self) -> str:
        """As GitHub writes it."""
        return f"sha256:{self.sha256}"


class AddressRefused(Forbidden):
    """The blob host no longer takes the signed address: a new one may help, once."""

    transient = True


class BlobHost:
    """Fetches signed addresses; ``waits`` are the seconds before each repeat of a lost connection or a 5xx."""

    def __init__(self, counts: RequestCounts, waits: Sequence[float]) -> None:
        self.counts = counts
        self.waits = waits
        self._session = requests.Session()
        self._session.auth = _no_authorization
        # identity: the digest is of the stored bytes, and an encoded body could be larger than its cap.
        self._session.headers.update({"User-Agent": "Clerestory", "Accept-Encoding": "identity"})

    def close(self) -> None:
        self._session.close()

    def fetch(
        self, url: str, to: BinaryIO, *, max_bytes: int, expected_digest: str, about: str, counted: bool = True
    ) -> Download:
        """Write the body to ``to`` where it stands and check it; a repeat starts again at that place.

        ``expected_digest`` is SHA-256 in hex, with or without ``sha256:`` before it; '' when GitHub lists none, and
        one of another kind is not checked. ``counted``: as a download. Raises AddressRefused, Gone, TooLarge,
        DigestMismatch, ServerTrouble, ConnectionTrouble or UnexpectedAnswer; what was written stays.
        """
        start = to.tell()
        waits = list(self.waits)
        while True:
            try:
                download = self._fetch_once(url, to, max_bytes, about, counted)
                break
            except (ConnectionTrouble, ServerTrouble):
                if not waits:
                    raise
            self.counts.retried += 1
            time.sleep(waits.pop(0))
            to.seek(start)
            to.truncate()
        expected = expected_digest.lower().removeprefix("sha256:")
        if re.fullmatch("[0-9a-f]{64}", expected) and download.sha256 != expected:
            raise DigestMismatch(
                f"The bytes of {about} are not those that GitHub lists (SHA-256 {download.sha256[:12]}… "
                f"instead of {expected[:12]}…): it is tried again next time."
            )
        return download

    def _fetch_once(self, url: str, to: BinaryIO, max_bytes: int, about: str, counted: bool) -> Download:
        host = urlsplit(url).hostname
        if not is_loopback(host) and urlsplit(url).scheme != "https":
            raise Misconfigured(f"The download of {about} would be unencrypted: give that host https.")
        # Proxies and certificates of the environment count, except for this very machine.
        self._session.trust_env = not is_loopback(host)
        try:
            with self._session.get(url, stream=True, timeout=TIMEOUTS_SECONDS) as response:
                self.counts.downloads += counted
                if response.status_code != 200:
                    raise _refusal(response.status_code, about)
                return self._receive(response, to, max_bytes, about)
        except (requests.RequestException, HTTPError) as error:
            # "from None": the text of these errors holds the signed address.
            raise ConnectionTrouble(
                f"The connection to {host} broke ({type(error).__name__}) while {about} came: "
                "it is tried again next time."
            ) from None

    def _receive(self, response: requests.Response, to: BinaryIO, max_bytes: int, about: str) -> Download:
        announced = response.headers.get("Content-Length", "")
        if announced.isdigit() and int(announced) > max_bytes:
            raise _too_large(about, max_bytes)
        size, digest = 0, hashlib.sha256()
        for chunk in _chunks(response, about):
            size += len(chunk)
            self.counts.download_bytes += len(chunk)
            if size > max_bytes:
                raise _too_large(about, max_bytes)
            digest.update(chunk)
            to.write(chunk)
        content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return Download(
            size, digest.hexdigest(), content_type, file_name(response.headers.get("Content-Disposition", ""))
        )


def _chunks(response: requests.Response, about: str) -> Iterator[bytes]:
    """The body's stored bytes, never inflated, with an end to patience."""
    deadline = time.monotonic() + LONGEST_DOWNLOAD_SECONDS
    for chunk in response.raw.stream(CHUNK_BYTES, decode_content=False):
        yield chunk
        if time.monotonic() > deadline:
            raise ConnectionTrouble(
                f"{about} took more than {LONGEST_DOWNLOAD_SECONDS // 60} minutes: it is tried again next time."
            )


def file_name(disposition: str) -> str:
    """The file's name out of Content-Disposition (RFC 6266), without any folder; '' when there is none."""
    header = Message()
    header["Content-Disposition"] = disposition.replace("\r", "").replace("\n", "")
    return PurePosixPath((header.get_filename() or "").replace("\\", "/")).name


def _refusal(status: int, about: str) -> GitHubError:
    if status == 403:
        return AddressRefused(
            f"The blob host refused the signed address of {about} (403): check the clock of this machine, "
            "it is tried again next time.",
            status=status,
        )
    if status in (404, 410):
        return Gone(f"The blob host no longer has {about} ({status}): nothing can be done.", status=status)
    if status in (429, 408) or status >= 500:
        return ServerTrouble(
            f"The blob host had trouble with {about} ({status}): it is tried again next time.", status=status
        )
    return UnexpectedAnswer(f"The blob host answered {status} for {about}: report it.", status=status)


def _too_large(about: str, max_bytes: int) -> TooLarge:
    return TooLarge(
        f"{about} is larger than {max_bytes / 1_000_000:.0f} MB: upload less, or raise ARTIFACT_MAX_MEGABYTES."
    )


def _no_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An ``auth`` that adds nothing: requests would otherwise look into ``.netrc``."""
    return request
