"""A plain reader of the look-alike, without any of the product's client."""

from __future__ import annotations

from typing import Any

import requests

from collectors.lookalike.server import LookAlike


def ask(server: LookAlike, path: str, *, token: str = "t0ken", **headers: str) -> requests.Response:
    """GET a path of the API, or a whole address; redirects are not followed, proxies not asked."""
    with requests.Session() as session:
        session.trust_env = False
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = path if path.startswith("http") else server.api_url + path
        return session.get(url, headers=headers, allow_redirects=False, timeout=10)


def body_of(response: requests.Response) -> Any:
    return response.json() if response.content else None
