"""Rows for the tests of runs and artifacts: an upload with what was read of it."""

from __future__ import annotations

import hashlib
import itertools
import re
from datetime import timedelta
from html import unescape
from typing import Any

from django.test import Client

from dashboard.models import Artifact, Report, WorkflowRun

_ids = itertools.count(1_000)


def upload(run: WorkflowRun, name: str = "test-results", state: str = "read", **fields: Any) -> Artifact:
    """An artifact of that run; its bytes are its own unless ``sha256`` says otherwise."""
    github_id = next(_ids)
    known = hashlib.sha256(str(github_id).encode()).hexdigest() if state in ("read", "same") else ""
    return Artifact.objects.create(
        **{
            "repository": run.repository,
            "run": run,
            "github_id": github_id,
            "name": name,
            "size": 153_000,
            "sha256": known,
            "digest": known,
            "created_at": run.created_at,
            "expires_at": run.created_at + timedelta(days=3_000),
            "state": state,
            "read_at": run.created_at if known else None,
        }
        | fields
    )


def report(
    artifact: Artifact, member: str = "junit.xml", passed: int = 0, failed: int = 0, **fields: Any
) -> Report:
    """A report of tests with these outcomes; of coverage where ``lines`` gives covered and valid ones."""
    lines = fields.pop("lines", None)
    if lines is None:
        known: dict[str, Any] = {"kind": "tests", "format": "junit", "tests_total": passed + failed}
        known |= {"tests_passed": passed, "tests_failed": failed, "tests_errors": 0, "tests_skipped": 0}
    else:
        known = {"kind": "coverage", "format": "cobertura", "lines_covered": lines[0], "lines_valid": lines[1]}
    if fields.get("error"):
        known = {"kind": known["kind"], "format": known["format"]}
    return Report.objects.create(
        **{"repository": artifact.repository, "artifact": artifact, "member": member, "group": "unit"}
        | known
        | fields
    )


def page_of(client: Client, address: str, **parameters: object) -> str:
    response = client.get(address, parameters)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def read_of(page: str) -> str:
    """What a reader reads: no markup, single spaces."""
    main = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    main = re.sub(r"</(?:td|th|p|li|h1|h2|dt|dd|div)>|<br>|<span class=\"fact-note\">", " ", main)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", main)).replace("\u202f", " ").split())


def text_of(client: Client, address: str, **parameters: object) -> str:
    return read_of(page_of(client, address, **parameters))


def part_of(page: str, anchor: str) -> str:
    """The text of one section of a page; "" where there is no such section."""
    section = re.search(rf'<section id="{anchor}".*?</section>', page, flags=re.S)
    return read_of(f"<main>{section[0]}</main>") if section else ""
