"""The look-alike's two loopback servers: the API, and the blob host that artifacts are downloaded from.

    with LookAlike(estate) as github:
        client = GitHubClient(github.api_url, "token")
        …
        assert github.requests["blob"] == 1

They are two origins (ports), as on GitHub: the blob host takes signed addresses for a minute, and refuses any
Authorization header. Conditional requests, limits and headers are GitHub's: docs/github.md says where from.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from .answers import Answer, Request, refusal
from .estate import FakeEstate
from .faults import Fault, Faults
from .handlers import ApiHandler, BlobHandler, LoopbackServer, Seen
from .routes import Routes
from .things import FakeArtifact, FakeJob, place_of_job

SIGNED_FOR_SECONDS = 60
# What an organization on GitHub Enterprise Cloud gives an app; anybody without a token has 60.
REQUESTS_AN_HOUR = 15_000
ANONYMOUS_REQUESTS_AN_HOUR = 60
LOG_LENGTH = 20_000


@dataclass
class Allowance:
    """The requests of one token in this hour; ``reset_at`` in epoch seconds."""

    limit: int
    remaining: int
    reset_at: int


class LookAlike:
    """Serves an estate from threads of its own until it is stopped.

    ``requests`` counts answers by kind (``runs``, ``artifact_zip``, ``blob`` …), ``downloads`` blob answers by
    artifact id, ``log`` keeps the last requests. ``base_path`` (``/api/v3``) makes it a GitHub Enterprise Server.
    ``clock`` gives epoch seconds. Port 0 takes a free one. Raises OSError when a port is taken.
    """

    def __init__(
        self,
        estate: FakeEstate,
        *,
        port: int = 0,
        blob_port: int = 0,
        page_latency: float = 0.0,
        rate_limit: int = REQUESTS_AN_HOUR,
        base_path: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.estate = estate
        self.page_latency = page_latency
        self.rate_limit = rate_limit
        self.base_path = base_path
        self.clock = clock
        self.faults = Faults()
        self.requests: Counter[str] = Counter()
        self.downloads: Counter[int] = Counter()
        self.log: deque[Seen] = deque(maxlen=LOG_LENGTH)
        self._allowances: dict[str, Allowance] = {}
        self._lock = threading.Lock()
        self._key = secrets.token_bytes(32)
        self._servers = [
            LoopbackServer(number, handler, self)
            for number, handler in ((port, ApiHandler), (blob_port, BlobHandler))
        ]
        self.api_url, self.blob_url = (f"http://127.0.0.1:{each.server_port}" for each in self._servers)
        self.api_url += base_path

    def start(self) -> Self:
        for server in self._servers:
            # Both accept already: they have listened since they were made.
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def add_fault(self, pattern: str, **how: Any) -> None:
        """Spoil the next answers to paths that the pattern finds, at either host: see ``faults.Fault``."""
        self.faults.add(Fault(re.compile(pattern), **how))

    def forget(self) -> None:
        """Start all counters and the log anew."""
        self.requests.clear()
        self.downloads.clear()
        self.log.clear()

    def record(self, seen: Seen) -> None:
        with self._lock:
            self.requests[seen.kind] += 1
            if seen.status == 304:
                self.requests["not_modified"] += 1
            if seen.kind == "blob" and seen.status == 200:
                self.downloads[_artifact_id(seen.target)] += 1
            self.log.append(seen)

    # What the handlers ask

    def answer(self, request: Request) -> Answer:
        """The answer to a request, before any fault."""
        if request.path == "/rate_limit":
            return Answer("rate_limit", 200, self._limits(request.token))
        if self.allowance(request.token).remaining <= 0:
            who = "user ID 1" if request.token else "127.0.0.1"
            return refusal("rate_limited", 403, f"API rate limit exceeded for {who}.")
        return Routes(self.estate, self.api_url, self.sign, self.sign_log, self.clock).answer(request)

    def allowance(self, token: str, spend: int = 0) -> Allowance:
        """A token's allowance of this hour, less what is spent now."""
        with self._lock:
            now, known = int(self.clock()), self._allowances.get(token)
            if known is None or known.reset_at <= now:
                limit = self.rate_limit if token else ANONYMOUS_REQUESTS_AN_HOUR
                known = self._allowances[token] = Allowance(limit, limit, now + 3600)
            known.remaining = max(known.remaining - spend, 0)
            return Allowance(known.limit, known.remaining, known.reset_at)

    def sign(self, artifact: FakeArtifact) -> str:
        """An artifact's address at the blob host, good for a minute."""
        return self._signed(f"/artifacts/{artifact.id}{'.zip' if artifact.zipped else ''}")

    def sign_log(self, job_id: int) -> str:
        """The address of a job's log at the blob host, good for a minute."""
        return self._signed(f"/logs/{job_id}.txt")

    def _signed(self, path: str) -> str:
        expiry = int(self.clock()) + SIGNED_FOR_SECONDS
        return f"{self.blob_url}{path}?se={expiry}&sp=r&sig={self._signature(path, expiry)}"

    def blob(self, path: str, query: Mapping[str, str]) -> FakeArtifact | FakeJob | None:
        """What is at a signed address, an artifact or a job with a log; None when signature or time is wrong."""
        expiry = query.get("se", "")
        if not expiry.isdigit() or int(expiry) <= self.clock():
            return None
        if not hmac.compare_digest(self._signature(path, int(expiry)), query.get("sig", "")):
            return None
        log = re.fullmatch(r"/logs/(\d+)\.txt", path)
        if log is None:
            return self.estate.artifacts.get(_artifact_id(path))
        run_id, attempt, place = place_of_job(int(log[1]))
        run = self.estate.runs.get(run_id)
        return self.estate.job(self.estate.repositories[run.repository_id], run_id, attempt, place) if run else None

    def _signature(self, path: str, expiry: int) -> str:
        return hmac.new(self._key, f"{path}\n{expiry}".encode(), hashlib.sha256).hexdigest()

    def _limits(self, token: str) -> dict[str, Any]:
        left = self.allowance(token)
        core = {
            "limit": left.limit,
            "used": left.limit - left.remaining,
            "remaining": left.remaining,
            "reset": left.reset_at,
        }
        search = {"limit": 30, "used": 0, "remaining": 30, "reset": int(self.clock()) + 60}
        return {"resources": {"core": core, "search": search, "graphql": {**core, "used": 0}}, "rate": core}


def _artifact_id(target: str) -> int:
    """The id in a blob's path; the signature has shown that the path is ours."""
    found = re.match(r"/artifacts/(\d+)", target)
    return int(found[1]) if found else 0
