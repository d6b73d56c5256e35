"""The coverage page: its tree of folders, what is opened of it, and totals that follow the filter."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dashboard.models import Snapshot
from dashboard.packing import Lines
from dashboard.queries.folders import FILES_OF_A_FOLDER, ROWS, Tree, tree_of
from tests.dashboard.uploads import text_of
from tests.factories import covered, repository, snapshot

pytestmark = pytest.mark.django_db
PAGE = "/r/acme/api/coverage/"


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def lines(reached: int, missed: int) -> Lines:
    return Lines({number: int(number < reached) for number in range(reached + missed)})


def commit_with(files: dict[str, Lines]) -> Snapshot:
    point = snapshot(repository())
    covered(point, {(path, not path.startswith("/")): known for path, known in files.items()})
    return Snapshot.objects.get(pk=point.pk)


def tree(point: Snapshot, text: str = "", within: str = "") -> Tree:
    return tree_of(point.repository_id, point.manifest_id, text, within)


def names(tree: Tree) -> list[str]:
    return ["  " * row.depth + row.name for row in tree.rows]


SMALL = {
    "src/core/a.py": lines(8, 2),
    "src/core/b.py": lines(1, 9),
    "src/web/views.py": lines(10, 0),
    "setup.py": lines(1, 1),
}


def test_folders_stand_before_files_and_what_misses_most_stands_first() -> None:
    assert names(tree(commit_with(SMALL))) == [
        "src/", "  core/", "    b.py", "    a.py", "  web/", "    views.py", "setup.py",
    ]  # fmt: skip


def test_a_folder_sums_everything_below_it() -> None:
    found = tree(commit_with(SMALL))
    src, core = found.rows[0].folder, found.rows[1].folder
    assert src and core
    assert (src.files, src.valid, src.covered, src.missed) == (3, 30, 19, 11)
    assert (core.files, core.valid, core.covered) == (2, 20, 9)
    assert (found.top.files, found.top.valid, found.top.covered) == (4, 32, 20)


def test_totals_follow_the_filter_and_the_folder_that_is_looked_into() -> None:
    point = commit_with(SMALL)
    assert (tree(point, text="B.PY").top.files, tree(point, text="B.PY").top.valid) == (1, 10)
    within = tree(point, within="src/core/")
    assert names(within) == ["b.py", "a.py"]
    assert within.top.percent == pytest.approx(45)


def test_folders_that_hold_nothing_but_the_next_are_one_row() -> None:
    found = tree(commit_with({"app/src/main/java/A.java": lines(1, 0), "app/src/main/java/B.java": lines(1, 1)}))
    assert names(found) == ["app/src/main/java/", "  B.java", "  A.java"]


@pytest.mark.parametrize("path", ["/mnt/build/odd.py", "../up/odd.py", "C:\\odd.py", "odd//twice.py", "odd.py"])
def test_paths_that_no_folder_should_have_are_shown_as_reported(path: str) -> None:
    found = tree(commit_with({path: lines(1, 1)}))
    assert [row.file.path for row in found.rows if row.file] == [path]
    assert "".join(row.name for row in found.rows) == path


def test_a_file_of_unknown_lines_counts_in_no_percentage() -> None:
    found = tree(commit_with({"a/known.py": lines(1, 1), "a/ran.py": Lines({3: 1}, executed_only=True)}))
    assert (found.top.valid, found.top.covered, found.top.unknown) == (2, 1, 1)


def test_a_huge_tree_stays_a_page_and_says_what_it_leaves_out(client: Client) -> None:
    files = {f"pkg{at}/part{at % 3}/file{at}.py": lines(1, at % 7) for at in range(600)}
    point = commit_with(files | {f"flat/f{at}.py": lines(1, 1) for at in range(140)})
    found = tree(point, within="flat/")
    assert len(found.rows) == FILES_OF_A_FOLDER + 1
    assert (found.rows[-1].more, found.rows[-1].more_missed) == (40, 40)
    everything = tree(point)
    assert len(everything.rows) <= ROWS + FILES_OF_A_FOLDER + 1
    assert everything.top.files == 740
    assert sum(row.folder.files for row in everything.rows if row.folder and not row.more) < 740
    assert everything.rows[-1].more == 740 - sum(
        row.folder.files for row in everything.rows if row.folder and not row.more and row.depth == 0
    )
    assert "40 more files" in text_of(client, PAGE, **{"in": "flat/"})


def test_a_folder_can_be_looked_into_by_its_address(client: Client) -> None:
    commit_with(SMALL)
    text = text_of(client, PAGE, **{"in": "src/core"})
    assert "All folders / src / core" in text
    assert "2 files" in text and "views.py" not in text
    assert "No path in src/ holds “nothing”" in text_of(client, PAGE, **{"in": "src/", "q": "nothing"})


def test_markup_in_the_names_of_folders_is_text(client: Client) -> None:
    commit_with({"<script>alert(1)</script>/<img src=x onerror=alert(2)>.py": lines(1, 1)})
    for parameters in ({}, {"view": "files"}, {"in": "<script>alert(1)<"}):
        page = client.get(PAGE, parameters).content.decode()
        assert "<script>alert" not in page and "<img src=x" not in page
