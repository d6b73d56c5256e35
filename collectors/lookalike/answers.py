"""A request to the look-alike and its answer as plain values, and how GitHub words a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DOCUMENTATION = "https://docs.github.com/rest"


@dataclass(frozen=True)
class Request:
    """What was asked; ``token`` is '' for an anonymous reader, ``accept`` the header of that name."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    token: str = ""
    body: bytes = b""
    accept: str = ""


@dataclass(frozen=True)
class Answer:
    """``kind`` is the counter that the request belongs to; ``data`` is sent as JSON, bytes as they are."""

    kind: str
    status: int
    data: Any
    headers: Mapping[str, str] = field(default_factory=dict)


def refusal(kind: str, status: int, message: str) -> Answer:
    """An error as GitHub words it; its description of a 422 has no status within."""
    data = {"message": message, "documentation_url": DOCUMENTATION}
    return Answer(kind, status, data if status == 422 else {**data, "status": str(status)})


def not_found(kind: str = "not_found") -> Answer:
    return refusal(kind, 404, "Not Found")
