"""Thousands of repositories, and one of them with thousands of everything: pages stay quick, light and bounded.

Time is what this process computes for a page, so that other work on the machine decides nothing; PostgreSQL's own
work is in the benchmarks (``make bench``).
"""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.test import Client

from collectors.rollup import refresh_repository
from dashboard.models import Case, FailureMessage, Report, Repository, RepositoryCollection, WorkflowRun
from dashboard.packing import Lines, digest_of
from tests import factories
from tests.browser.everything import Site, fill

pytestmark = pytest.mark.django_db

REPOSITORIES, ORGANIZATIONS = 4_000, 40
FILES, FAILURES, RUNS = 4_000, 2_000, 2_000
MOST_SECONDS, MOST_BYTES, MOST_ROWS = 2.0, 1_000_000, 600


def huge() -> Site:
    """One of everything, then many of each."""
    site = fill()
    site.repository.refresh_from_db()
    model = site.repository
    orgs = [factories.organization(f"org-{n}", title=f"Organization {n}") for n in range(ORGANIZATIONS)]
    own = {"id", "github_id", "name", "full_name", "organization"}
    like = {
        field.attname: getattr(model, field.attname)
        for field in Repository._meta.concrete_fields
        if field.name not in own
    }
    many = Repository.objects.bulk_create(
        Repository(
            **like, organization=orgs[n % ORGANIZATIONS], name=f"repository-{n}",
            full_name=f"org-{n % ORGANIZATIONS}/repository-{n}",
        )
        for n in range(REPOSITORIES)
    )  # fmt: skip
    night = site.parameters["collection_id"]
    RepositoryCollection.objects.bulk_create(
        RepositoryCollection(collection_id=night, repository=repo, state="failed" if n % 9 == 0 else "unchanged")
        for n, repo in enumerate(many)
    )
    _many_in_one(site)
    return site


def _many_in_one(site: Site) -> None:
    repo = site.repository
    newest = repo.snapshots.newest_first()[0]
    files = {(f"src/part_{n % 90}/module_{n}.py", True): Lines({1: 1, 2: n % 2}) for n in range(FILES)}
    files[site.names.file, True] = Lines({number: number % 3 for number in range(1, 9_000)})
    factories.covered(newest, files)
    source = Report.objects.get(artifact__run=newest.run, kind="tests", member="junit.xml")
    message = "assert 1 == 2 " * 600
    text = FailureMessage.objects.create(repository=repo, fingerprint=digest_of(b"long"), message=message)
    cases = Case.objects.bulk_create(
        Case(repository=repo, identity=digest_of(b"%d" % n), group="default", name=f"test_{n}")
        for n in range(FAILURES)
    )
    factories.fail(source, [(case.pk, text.pk, 2) for case in cases])
    like = WorkflowRun.objects.filter(repository=repo).values()[0] | {"id": None, "head_sha": "0" * 40}
    WorkflowRun.objects.bulk_create(WorkflowRun(**like | {"github_id": 10**9 + n}) for n in range(RUNS))
    refresh_repository(repo)


def test_every_page_of_a_huge_estate_is_quick_light_and_bounded(client: Client, settings: Any) -> None:
    settings.PUBLIC = True
    site = huge()
    wrong = []
    for address in site.addresses("/?group=none", "/o/org-3/", "/r/acme/api/coverage/?view=files&sort=lines"):
        began = time.process_time()
        answer = client.get(address)
        spent = time.process_time() - began
        rows = answer.content.count(b"<tr")
        # A file's own lines are as many as it has, up to the page's bound of them.
        bound = 6_000 if "path=" in address else MOST_ROWS
        if spent > MOST_SECONDS or len(answer.content) > MOST_BYTES or rows > bound:
            wrong.append(f"{address}: {spent:.2f} s, {len(answer.content):,} bytes, {rows} rows")
    assert wrong == []
