"""/healthz with a real worker, and without it."""

from __future__ import annotations

import subprocess

from django.core.cache import cache
from django.test import Client


def test_it_is_well_while_a_worker_answers_and_not_after(worker: subprocess.Popen[bytes], client: Client) -> None:
    cache.clear()
    response = client.get("/healthz")
    assert response.json() == {"database": "ok", "broker": "ok", "worker": "ok"}
    assert response.status_code == 200
    worker.terminate()
    worker.wait(timeout=30)
    cache.clear()
    response = client.get("/healthz")
    assert (response.status_code, response.json()["database"]) == (503, "ok")
    cache.clear()
