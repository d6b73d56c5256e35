"""What may go wrong on purpose: the next few answers to a path are spoiled.

server.add_fault(r"/actions/runs$", status=502, times=2)
server.add_fault(r"/artifacts/\\d+\\.zip", cut_after=100)            # the connection ends within the body
server.add_fault(r".", **rate_limit_spent(reset_at))
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Fault:
    """One way to go wrong, for requests whose path (without the query) the pattern finds.

    Without ``status`` the true answer is sent; ``headers`` join it. ``cut_after`` bytes of the body the connection
    ends, -1: before the first byte of the answer. ``unannounced``: no Content-Length, the body ends with the
    connection. ``delay`` is in seconds. ``times`` None is for ever.
    """

    pattern: re.Pattern[str]
    status: int | None = None
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    unannounced: bool = False
    delay: float = 0.0
    times: int | None = 1


class Faults:
    """The faults that are waiting; safe to use from a server's threads."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, path: str) -> Fault | None:
        """The first fault that is meant for this path; it is used up by one."""
        with self._lock:
            for fault in self._waiting:
                if fault.pattern.search(path):
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._waiting.remove(fault)
                    return fault
        return None


def message(text: str) -> bytes:
    """An error's body in GitHub's words."""
    return json.dumps({"message": text, "documentation_url": "https://docs.github.com/rest"}).encode()


def rate_limit_spent(reset_at: float) -> dict[str, Any]:
    """The answer once the hour's requests are spent, with the epoch second of its end."""
    return {
        "status": 403,
        "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(reset_at))},
        "body": message("API rate limit exceeded for user ID 1."),
    }


def secondary_limit(retry_after: int | None = None) -> dict[str, Any]:
    """The answer to asking too fast; GitHub may or may not say how long to wait."""
    return {
        "status": 429,
        "headers": {} if retry_after is None else {"Retry-After": str(retry_after)},
        "body": message(
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        ),
    }
