"""One of everything that a page can show, under names of one's choice; and the address of every page.

``site = fill()`` stores it. ``site.addresses()`` is made out of the site's own table of addresses, so that a page
which is added later is looked at without being named here, as long as its parameters are among ``site.parameters``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from playwright.sync_api import Page

from dashboard.models import (
    Artifact,
    Case,
    Collection,
    Component,
    ContextNames,
    Dependency,
    JobLog,
    LineContexts,
    Report,
    Repository,
    RepositoryCollection,
    SavedView,
    Snapshot,
    SourceFile,
    WorkflowRun,
)
from dashboard.packing import Branches, Lines, pack_contexts, pack_names
from tests import factories
from tests.dashboard.uploads import report, upload

NIGHTS = 12
PASSWORD = "a-long-enough-word"
SANDBOX = [
    ["Landlock", True, "No file can be opened."],
    ["Other user", False, "The server does not run as root."],
]


@dataclass(frozen=True)
class Names:
    """What strangers may name as they like."""

    login: str = "acme"
    title: str = "Acme"
    repository: str = "api"
    test: str = "test_login"
    classname: str = "tests.test_accounts.TestLogin"
    suite: str = "pytest"
    artifact: str = "test-results"
    member: str = "reports/junit.xml"
    branch: str = "main"
    file: str = "src/accounts/login.py"
    message: str = "expected 200, got 500"
    tag: str = "flagship"
    job: str = "test (3.12)"
    title_of_run: str = "Log in with a passkey"
    view: str = "What fails"


@dataclass
class Site:
    names: Names
    repository: Repository
    parameters: dict[str, object] = field(default_factory=dict)

    def addresses(self, *more: str) -> Iterator[str]:
        """Every page of the site for a reader, those with further views of themselves several times."""
        yield from _pages(get_resolver().url_patterns, self.parameters)
        coverage = reverse("coverage", args=(self.names.login, self.names.repository))
        for view in ("files", "map", "components", "unresolved"):
            yield f"{coverage}?view={view}"
        yield f"{coverage}?path={quote(self.names.file, safe='')}&line=5"
        yield "/?group=tag&columns=organization&columns=owner&columns=pass-rate&columns=lines&columns=language"
        yield "/?q=nothing-is-called-like-this"
        yield "/there-is-no-such-page/"
        yield from more

    def admin_addresses(self) -> Iterator[str]:
        """Every page of the admin: its index, and of each kind the list, one of them, and the form for another."""
        yield reverse("admin:index")
        yield reverse("admin:login")
        yield reverse("admin:password_change")
        for model, pages in admin.site._registry.items():
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield reverse(f"{name}_changelist")
            first = model._default_manager.first()
            if first is not None:
                yield reverse(f"{name}_change", args=(first.pk,))
                # Those that Django does not know.
                own = [page.name for page in pages.get_urls() if str(page.pattern).startswith("<int:pk>/")]
                yield from (reverse(f"admin:{page}", args=(first.pk,)) for page in own)
            if pages.has_add_permission(_Staff()):
                yield reverse(f"{name}_add")
        yield reverse("admin:guide-new")


class _Staff:
    """Just enough of a request for the admin's question who may add."""

    class user:  # noqa: N801
        is_active = is_staff = is_superuser = True

        @staticmethod
        def has_perm(name: str) -> bool:
            return True


def fill(names: Names | None = None) -> Site:
    """Store one of everything; a superuser ``ada`` with ``PASSWORD`` owns a saved view."""
    names = names or Names()
    ada = User.objects.create_superuser("ada", password=PASSWORD)
    view = SavedView.objects.create(user=ada, name=names.view, query=f"tag={quote(names.tag)}")
    org = factories.organization(names.login, title=names.title)
    repo = factories.repository(
        org, names.repository, tags=[names.tag, f"owner:{names.tag}"[:60]], default_branch=names.branch
    )
    for days_ago in range(NIGHTS, 0, -1):
        tests = (10 + days_ago, days_ago % 4 == 0, 0, 1)
        factories.snapshot(
            repo, days_ago=days_ago, tests=tests, lines=(70 + days_ago, 100), title=names.title_of_run
        )
    newest = factories.snapshot(repo, tests=(8, 2, 1, 1), title=names.title_of_run)
    _tests(repo, names)
    _failures(newest, names)
    _coverage(newest, names)
    artifact = _uploads(newest, names)
    _others(repo, names)
    factories.roll_up()
    collection = _nights(repo, names)
    run = newest.run
    assert run is not None
    WorkflowRun.objects.filter(pk=run.pk).update(head_branch=names.branch, title=names.title_of_run)
    return Site(
        names,
        repo,
        {
            "login": names.login,
            "owner": names.login,
            "name": names.repository,
            "sha": newest.sha,
            "view_id": view.pk,
            "collection_id": collection.pk,
            "run": run.github_id,
            "artifact": artifact.github_id,
            "case_id": Case.objects.filter(repository=repo).values_list("pk", flat=True)[0],
            "key": "tests",
        },
    )


def _tests(repo: Repository, names: Names) -> None:
    """What each test said on the last four nights: some broke last night, one was mended before, one is gone."""
    named = [names.test, f"{names.test} again", f"{names.test} ended in an error"]
    others = [f"{names.test} {word}" for word in ("flakes", "is skipped", "was mended", *"abcdef")]
    gone = f"{names.test} is gone"
    last_night = dict(zip([*named, *others], "FFERSPPPPPPP", strict=True))
    green = dict(zip([*named[:2], *others, gone], "PPPSPPPPPPPP", strict=True))
    red = green | {f"{names.test} was mended": "F"}
    for point, outcomes in zip(
        repo.snapshots.order_by("-ordered_at")[:4], [last_night, green, red, red], strict=True
    ):
        durations = {name: 0.1 * number for number, name in enumerate(outcomes)}
        factories.results(point, outcomes, durations=durations, classname=names.classname)


def _failures(newest: Snapshot, names: Names) -> None:
    case = {"classname": names.classname, "suite": names.suite, "file": names.file, "group": "default"}
    factories.failure(newest, names.test, names.message, details=f"Traceback\n{names.message}\n" * 3, **case)
    factories.failure(newest, f"{names.test} again", names.message, **case)
    factories.failure(newest, f"{names.test} ended in an error", f"{names.message}\nline two", outcome=3, **case)


def _coverage(newest: Snapshot, names: Names) -> None:
    lines = Lines({1: 3, 3: 3, 4: 3, 5: 0, 6: 1}, {4: Branches(1, 2)})
    files = {(names.file, True): lines, ("src/whole.py", True): Lines({1: 1, 2: 1}), ("../odd.py", False): lines}
    factories.covered(newest, files)
    Component.objects.create(repository=newest.repository, name=names.title[:80], patterns="src/", target=95.0)
    source = Report.objects.get(artifact__run=newest.run, kind="coverage")
    told = ContextNames.objects.create(
        repository=newest.repository, report=source, packed=pack_names([f"{names.classname}::{names.test}"])
    )
    file = SourceFile.objects.get(repository=newest.repository, path=names.file)
    LineContexts.objects.create(
        repository=newest.repository, names=told, file=file, packed=pack_contexts({0: [1, 5]})
    )


def _uploads(newest: Snapshot, names: Names) -> Artifact:
    """An artifact in each state; the one that is returned holds a report with warnings."""
    run = newest.run
    assert run is not None
    read = upload(
        run, names.artifact, passed_over=[names.member, "htmlcov/index.html"], passed_over_count=240,
        warnings=[names.message], cpu_ms=12, wall_ms=30, peak_bytes=40_000_000, output_bytes=9_000,
    )  # fmt: skip
    report(read, names.member, passed=8, failed=2, warnings=[names.message], meaning=names.message)
    report(read, f"2{names.member}", error=names.message)
    upload(run, f"same {names.artifact}"[:400], "same", same_as=read, sha256=read.sha256)
    upload(run, f"refused {names.artifact}"[:400], "rejected", reason=names.message)
    upload(run, f"expired {names.artifact}"[:400], "expired")
    upload(run, f"dist {names.artifact}"[:400], "passed-over", passed_over=[names.member], passed_over_count=1)
    JobLog.objects.create(
        repository=newest.repository, run=run, github_id=77, name=names.job, tools=["pytest"],
        tests_passed=8, read_at=timezone.now(), error="",
    )  # fmt: skip
    return read


def _others(repo: Repository, names: Names) -> None:
    """A repository in each other condition: healthy, silent, without evidence, archived."""
    healthy = factories.repository(repo.organization, "healthy")
    for days_ago in range(3, -1, -1):
        factories.snapshot(healthy, days_ago=days_ago, lines=(100, 100))
    silent = factories.repository(repo.organization, "silent")
    factories.snapshot(silent, days_ago=40)
    Repository.objects.filter(pk=silent.pk).update(condition="silent", silent_since=factories.today_at())
    factories.repository(repo.organization, "never-reported")
    factories.repository(repo.organization, "old", archived=True)
    Dependency.objects.create(repository=repo, target=healthy, target_name=healthy.full_name)


def _nights(repo: Repository, names: Names) -> Collection:
    """A night that ended, with a failure, and one that is under way."""
    night = factories.collection(sandbox=SANDBOX)
    RepositoryCollection.objects.create(
        collection=night, repository=repo, state="collected", lit_at=timezone.now(), artifacts=5, reports=2,
        tests=10, rejected=1, warnings=[names.message], started_at=night.started_at, finished_at=night.finished_at,
    )  # fmt: skip
    states = ("failed", "unchanged", "no_evidence")
    for state, other in zip(states, Repository.objects.exclude(pk=repo.pk).order_by("name"), strict=False):
        error = names.message if state == "failed" else ""
        RepositoryCollection.objects.create(collection=night, repository=other, state=state, error=error)
    running = factories.collection(minutes=3, finished_at=None)
    RepositoryCollection.objects.create(collection=running, repository=repo, state="reading", pending=4)
    return night


def _pages(patterns: list[Any], parameters: dict[str, object], before: str = "") -> Iterator[str]:
    """Named pages that answer a GET; the API, the admin and what only takes forms are left out."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            if not route.startswith(("admin/", "api/")):
                yield from _pages(pattern.url_patterns, parameters, route)
        elif isinstance(pattern, URLPattern) and pattern.name and pattern.name not in NO_PAGES:
            yield _address(pattern, route, parameters)


NO_PAGES = {"healthz", "save-view", "change-view", "collect-now", "retry"}
"""Addresses that are no page: they take a form, or answer a machine."""


def _address(pattern: URLPattern, route: str, parameters: dict[str, object]) -> str:
    """``github_id`` says of two pages two things; there the page's own name says which."""
    wanted = {}
    for name in re.findall(r"<(?:\w+:)?(\w+)>", route):
        key = pattern.name if name == "github_id" else name
        if key not in parameters:
            raise KeyError(f"Say in tests/browser/everything.py what stands for “{key}” in {route}.")
        wanted[name] = parameters[key]
    return reverse(str(pattern.name), kwargs=wanted)


def sign_in(page: Page) -> None:
    """As ``ada``, whom ``fill()`` made."""
    page.goto(reverse("admin:login"))
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
