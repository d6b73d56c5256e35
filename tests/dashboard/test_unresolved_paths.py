"""Paths that are no file of the repository for certain are listed, each with its reason."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from django.test import Client

from collectors.interning import intern_manifest
from dashboard.models import FileTree, Report, Repository
from dashboard.packing import Lines
from tests.dashboard.uploads import text_of
from tests.factories import covered, repository, snapshot

pytestmark = pytest.mark.django_db
PAGE = "/r/acme/api/coverage/"
LINES = Lines({1: 1, 2: 0})


@pytest.fixture
def repo(settings: Any) -> Repository:
    settings.PUBLIC = True
    return repository()


def reported(repo: Repository, *paths: str, tree: tuple[str, ...] | None = ()) -> Report:
    """A commit whose report names these paths, none of which was found, and one that was."""
    point = snapshot(repo)
    files = {("src/found.py", True): LINES, **{(path, False): LINES for path in paths}}
    covered(point, files)
    if tree is not None:
        packed = zlib.compress("\n".join(("src/found.py", *tree)).encode())
        FileTree.objects.create(repository=repo, sha=point.sha, packed=packed)
    report = Report.objects.get(repository=repo, kind="coverage")
    report.manifest = intern_manifest(repo, files)
    report.save()
    return report


@pytest.mark.parametrize(
    ("path", "tree", "reason"),
    [
        (
            "lib/util.py",
            ("a/util.py", "b/Util.py"),
            "It could be any of 2 files of that name: a/util.py, b/Util.py.",
        ),
        ("lib/util.py", ("a/util.py",), "stands elsewhere, and may be another: a/util.py."),
        ("util.py [2]", ("a/util.py", "b/util.py"), "It could be any of 2 files of that name"),
        ("build/parser.c", (), "No file of the repository is called parser.c"),
        ("/opt/lib/site-packages/six.py", ("six.py",), "Somebody else’s code"),
        ("(files of one name, not listed)", (), "names no file for them"),
        ("C:\\odd\\gone.cs", None, "The repository’s files are not known"),
    ],
)
def test_each_path_that_was_not_found_says_why(
    client: Client, repo: Repository, path: str, tree: tuple[str, ...] | None, reason: str
) -> None:
    reported(repo, path, tree=tree)
    page = text_of(client, f"{PAGE}?view=unresolved")
    assert path in page and reason in page
    assert "src/found.py" not in page


def test_the_coverage_page_and_the_artifact_lead_there(client: Client, repo: Repository) -> None:
    report = reported(repo, "gone.py", "other.py")
    assert "?view=unresolved" in client.get(PAGE).content.decode()
    artifact = client.get(f"/r/acme/api/artifacts/{report.artifact.github_id}/").content.decode()
    assert f"?view=unresolved&amp;report={report.pk}" in artifact
    assert "gone.py" in text_of(client, PAGE, view="unresolved", report=report.pk)


def test_a_report_of_another_repository_shows_nothing(client: Client, repo: Repository) -> None:
    reported(repo, "gone.py")
    other = repository(name="other")
    secret = reported(other, "secret.py")
    assert "secret.py" not in text_of(client, PAGE, view="unresolved", report=secret.pk)


def test_where_every_path_was_found_the_page_says_so(client: Client, repo: Repository) -> None:
    reported(repo)
    assert "Every path was found" in text_of(client, PAGE, view="unresolved")
