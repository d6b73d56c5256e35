"""The HTTP side of the look-alike: headers, ETags, and the faults that spoil an answer.

ETags: GitHub's weak ETag of a list is the SHA-256 of the request's Accept, Authorization and Cookie headers,
each followed by a colon, then the body (bored-engineer/github-conditional-http-transport; the formula fits
recorded answers of these endpoints). So it changes with the token, and that is how it is done here.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from .answers import Request
from .faults import Fault
from .things import FakeArtifact, FakeJob

if TYPE_CHECKING:
    from .server import LookAlike

VARY = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"
EXPOSED = "ETag, Link, Location, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
# Answers that GitHub sends without an ETag.
NO_ETAG = {"rate_limit", "graphql"}
AZURE = {
    "Server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
    "x-ms-version": "2025-01-05",
    "x-ms-blob-type": "BlockBlob",
}
# A body larger than this is sent in pieces.
PIECE_BYTES = 256 * 1024


@dataclass(frozen=True)
class Seen:
    """One request that was answered; ``target`` is the path with its query, ``authorized``: it had a credential."""

    kind: str
    method: str
    target: str
    status: int
    authorized: bool


class LoopbackServer(ThreadingHTTPServer):
    """Listens from the moment it is made; never asks a resolver for its own name, which may take seconds."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[LoopbackHandler], look_alike: LookAlike) -> None:
        self.look_alike = look_alike
        super().__init__(("127.0.0.1", port), handler)

    def server_bind(self) -> None:
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self.socket.bind(self.server_address)
        except OSError as error:
            port = self.server_address[1]
            raise OSError(f"Port {port} cannot be listened on ({error.strerror}): choose another.") from error
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


class LoopbackHandler(BaseHTTPRequestHandler):
    """What both hosts share: keep-alive, quiet, one write for a small answer."""

    protocol_version = "HTTP/1.1"
    body: bytes = b""
    disable_nagle_algorithm = True
    server: LoopbackServer

    @property
    def look_alike(self) -> LookAlike:
        return self.server.look_alike

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: the look-alike keeps its own log."""

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        # The body must be read, or it would be taken for the next request.
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.respond()

    def respond(self) -> None:
        raise NotImplementedError

    def deliver(self, kind: str, status: int, headers: Mapping[str, str], body: bytes, fault: Fault | None) -> None:
        """Send an answer as it is, or as the fault wants it."""
        if fault is not None:
            time.sleep(fault.delay)
            if fault.status is not None:
                status, body = fault.status, fault.body
            headers = {**{name.lower(): value for name, value in headers.items()}, **_lowered(fault.headers)}
        authorized = "Authorization" in self.headers
        self.look_alike.record(Seen(kind, self.command, self.path, status, authorized))
        cut_after = fault.cut_after if fault is not None else None
        if cut_after is not None and cut_after < 0:
            self._hang_up()
            return
        # The length of the whole body, even when it is cut: a reader must notice that the rest is missing.
        length = {"Connection": "close"} if fault and fault.unannounced else {"Content-Length": str(len(body))}
        start = self._start(status, {**headers, **length})
        self._write(start, body if cut_after is None else body[:cut_after])
        if cut_after is not None or "Connection" in length:
            self._hang_up()

    def _start(self, status: int, headers: Mapping[str, str]) -> bytes:
        reason = self.responses.get(status, ("",))[0] if status in self.responses else ""
        lines = [f"HTTP/1.1 {status} {reason}", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _write(self, start: bytes, body: bytes) -> None:
        try:
            if len(body) <= PIECE_BYTES:
                self.wfile.write(start + body)
                return
            self.wfile.write(start)
            for place in range(0, len(body), PIECE_BYTES):
                self.wfile.write(body[place : place + PIECE_BYTES])
        except ConnectionError:
            # The reader has had enough: it may stop at its own size cap.
            self.close_connection = True

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


class ApiHandler(LoopbackHandler):
    """api.github.com."""

    def respond(self) -> None:
        look_alike, parts = self.look_alike, urlsplit(self.path)
        time.sleep(look_alike.page_latency)
        token = self._token()
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        path = parts.path.removeprefix(look_alike.base_path)
        accept = self.headers.get("Accept", "")
        answer = look_alike.answer(Request(self.command, path, query, token, self.body, accept))
        body = _body(answer.data)
        status, headers = answer.status, {**self._standing(token), **answer.headers}
        if status == 200 and answer.kind not in NO_ETAG:
            headers["ETag"] = self._etag(body)
            if _matches(self.headers.get("If-None-Match", ""), headers["ETag"]):
                status, body = 304, b""
        # A 304 costs nothing when it was asked with a credential.
        # GraphQL spends points of its own.
        free = answer.kind in ("rate_limit", "graphql") or (status == 304 and bool(token))
        left = look_alike.allowance(token, 0 if free else 1)
        headers |= {
            "X-RateLimit-Limit": str(left.limit),
            "X-RateLimit-Remaining": str(left.remaining),
            "X-RateLimit-Reset": str(left.reset_at),
            "X-RateLimit-Used": str(left.limit - left.remaining),
            "X-RateLimit-Resource": "core",
        }
        self.deliver(answer.kind, status, headers, body, look_alike.faults.take(parts.path))

    def _token(self) -> str:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() in ("token", "bearer") else ""

    def _etag(self, body: bytes) -> str:
        named = (self.headers.get(name) for name in ("Accept", "Authorization", "Cookie"))
        salt = "".join(f"{value}:" for value in named if value is not None)
        return f'W/"{hashlib.sha256(salt.encode() + body).hexdigest()}"'

    def _standing(self, token: str) -> dict[str, str]:
        """The headers of every answer."""
        return {
            "Server": "github.com",
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "private, max-age=60, s-maxage=60" if token else "public, max-age=60, s-maxage=60",
            "Vary": VARY,
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Api-Version-Selected": self.headers.get("X-GitHub-Api-Version", "2022-11-28"),
            "X-GitHub-Request-Id": f"{id(self):X}:{len(self.look_alike.log):X}",
            "Access-Control-Expose-Headers": EXPOSED,
            "Access-Control-Allow-Origin": "*",
            "X-Content-Type-Options": "nosniff",
        }


class BlobHandler(LoopbackHandler):
    """Where the bytes are: signed addresses only, in the manner of Azure's blob storage."""

    def respond(self) -> None:
        parts = urlsplit(self.path)
        fault = self.look_alike.faults.take(parts.path)
        if "Authorization" in self.headers:
            # Azure takes the header for a credential of its own, and does not know it.
            self._refuse(400, "InvalidAuthenticationInfo", fault)
            return
        found = self.look_alike.blob(parts.path, dict(parse_qsl(parts.query)))
        if found is None:
            self._refuse(403, "AuthenticationFailed", fault)
        elif isinstance(found, FakeJob):
            self.deliver(
                "log_blob", 200, {**AZURE, "Content-Type": "text/plain; charset=utf-8"}, found.log or b"", fault
            )
        else:
            self.deliver("blob", 200, _blob_headers(found), self.look_alike.estate.content_of(found), fault)

    def _refuse(self, status: int, code: str, fault: Fault | None) -> None:
        body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'.encode()
        self.deliver("blob", status, {"Content-Type": "application/xml", "x-ms-error-code": code}, body, fault)


def _blob_headers(artifact: FakeArtifact) -> dict[str, str]:
    content_type = artifact.content_type or ("application/zip" if artifact.zipped else "application/octet-stream")
    name = f"{artifact.name}.zip" if artifact.zipped else artifact.name
    plain = name.encode("ascii", "replace").decode().replace('"', "_")
    return {
        "Content-Type": content_type,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        **AZURE,
    }


def _body(data: Any) -> bytes:
    if data is None or isinstance(data, bytes):
        return data or b""
    return json.dumps(data, separators=(",", ":")).encode()


def _matches(wanted: str, etag: str) -> bool:
    """If-None-Match compares weakly (RFC 9110 §13.1.2)."""
    return etag.removeprefix("W/") in [each.strip().removeprefix("W/") for each in wanted.split(",")]


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
