"""An address for each page and endpoint that the site has, found in a filled database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from dashboard.models import Artifact, Case, Collection, Repository, Snapshot, SourceFile, WorkflowRun

NOT_MEASURED = {
    "admin/…": "Django's own pages, for staff",
    "views/…": "a reader's own few rows",
    "ingest/collect/": "an order, no page",
    "ingest/<int:collection_id>/retry/": "an order, no page",
    "demo/": "in a demo alone",
    "styleguide/": "where DEBUG is on alone",
    "api/v1/openapi.json": "the same for every estate",
    "api/v1/": "no endpoint",
    "healthz": "asks the broker and the workers",
}
"""Routes that the table leaves out, and why; with an ellipsis all that lies below."""


def routes() -> list[str]:
    """Every route of the site as its urlconf has it, ``r/<str:owner>/<str:name>/`` and so on."""
    return list(_routes(get_resolver().url_patterns, ""))


def _routes(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def left_out(route: str) -> bool:
    return route in NOT_MEASURED or f"{route.partition('/')[0]}/…" in NOT_MEASURED


def addresses(repository: Repository) -> dict[str, tuple[str, str]]:
    """By route: what the table calls it, and an address that leads to something of that repository.

    A route with a question of its own is there once more, with the question behind it.
    """
    mine = {"repository": repository}
    run = WorkflowRun.objects.filter(**mine).order_by("-created_at")[0]
    artifact = Artifact.objects.filter(**mine).order_by("-created_at")[0]
    newest, before = Snapshot.objects.filter(**mine).order_by("-ordered_at").values_list("sha", flat=True)[:2]
    case = Case.objects.filter(**mine, statistics__isnull=False).order_by("-statistics__outcome", "pk")[0]
    path = quote(SourceFile.objects.filter(**mine).order_by("path")[0].path)
    night = Collection.objects.order_by("-started_at")[0].pk
    login, word = repository.full_name.split("/")[0], repository.name.split("-")[0]
    page, api = f"/r/{repository.full_name}/", f"/api/v1/repos/{repository.full_name}"
    r, a = "r/<str:owner>/<str:name>/", "api/v1/repos/<owner>/<name>"
    return {
        "": ("estate", "/"),
        "?q": ("estate, found by word", f"/?q={word}"),
        "?days": ("estate, any 90 nights", "/?days=90"),
        "o/<str:login>/": ("organization", f"/o/{login}/"),
        "figures/<slug:key>/": ("a total taken apart", "/figures/tests/"),
        "o/<str:login>/figures/<slug:key>/": ("one of an organization", f"/o/{login}/figures/coverage/"),
        r: ("repository", page),
        f"{r}?days": ("repository, a year", f"{page}?days=365"),
        f"{r}tests/": ("its tests", f"{page}tests/"),
        f"{r}tests/?q": ("its tests, found by word", f"{page}tests/?view=all&q={case.name[:5]}"),
        f"{r}tests/<int:case_id>/": ("one test", f"{page}tests/{case.pk}/"),
        f"{r}failures/": ("its failures", f"{page}failures/"),
        f"{r}coverage/": ("its coverage", f"{page}coverage/"),
        f"{r}coverage/?path": ("one file", f"{page}coverage/?path={path}"),
        f"{r}runs/": ("its runs", f"{page}runs/"),
        f"{r}runs/<int:github_id>/": ("one run", f"{page}runs/{run.github_id}/"),
        f"{r}artifacts/<int:github_id>/": ("one artifact", f"{page}artifacts/{artifact.github_id}/"),
        f"{r}commits/<slug:sha>/": ("one commit", f"{page}commits/{newest}/"),
        "ingest/": ("nights", "/ingest/"),
        "ingest/<int:collection_id>/": ("one night", f"/ingest/{night}/"),
        "ingest/<int:collection_id>/repositories/": ("its stories", f"/ingest/{night}/repositories/"),
        "api/v1/estate": ("API estate", "/api/v1/estate"),
        "api/v1/repos": ("API repos", "/api/v1/repos"),
        a: ("API repository", api),
        f"{a}/trend": ("API trend, a year", f"{api}/trend?days=365"),
        f"{a}/runs": ("API runs", f"{api}/runs"),
        f"{a}/runs/<int:run_id>": ("API run", f"{api}/runs/{run.github_id}"),
        f"{a}/artifacts/<int:artifact_id>": ("API artifact", f"{api}/artifacts/{artifact.github_id}"),
        f"{a}/tests": ("API tests", f"{api}/tests"),
        f"{a}/tests/<int:test_id>/history": ("API test history", f"{api}/tests/{case.pk}/history"),
        f"{a}/coverage": ("API coverage", f"{api}/coverage"),
        f"{a}/coverage/files/<path:path>": ("API file", f"{api}/coverage/files/{path}"),
        f"{a}/compare": ("API compare", f"{api}/compare?base={before}&head={newest}"),
        "api/v1/search": ("API search", f"/api/v1/search?q={word}"),
    }


def long_addresses(repository: Repository) -> dict[str, tuple[str, str]]:
    """What grows with a repository's tests and nights, as ``addresses`` has it."""
    shas = list(Snapshot.objects.filter(repository=repository).order_by("ordered_at").values_list("sha", flat=True))
    told = Case.objects.filter(repository=repository, statistics__isnull=False)
    case = told.order_by("-statistics__outcome", "pk")[0]
    page, api = f"/r/{repository.full_name}/", f"/api/v1/repos/{repository.full_name}"
    found = {
        "its tests": f"{page}tests/?view=all",
        "its tests, found by word": f"{page}tests/?view=all&q=checkout",
        "one test over all nights": f"{page}tests/{case.pk}/",
        "API: its history": f"{api}/tests/{case.pk}/history",
        "trend of all nights": f"{page}?days=all",
        "API: trend of all nights": f"{api}/trend?days=3650",
        "API: compare of neighbours": f"{api}/compare?base={shas[-2]}&head={shas[-1]}",
        "API: compare of the ends": f"{api}/compare?base={shas[0]}&head={shas[-1]}",
        "its coverage": f"{page}coverage/",
        "API: search over all names": "/api/v1/search?q=checkout+restart",
    }
    return {name: (name, address) for name, address in found.items()}
