"""The coverage page: folders whose totals follow the filter, the map, components and their trend."""

from __future__ import annotations

import re
from itertools import combinations
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from dashboard.admin.components import ComponentForm
from dashboard.charts.treemap import treemap
from dashboard.models import Component, Snapshot
from dashboard.packing import Lines
from dashboard.queries.components import ComponentCoverage, components_of
from dashboard.queries.coverage_map import TILES, map_of
from dashboard.queries.coverage_trend import trend_below
from dashboard.queries.files import file_lines
from dashboard.queries.folders import FILES_OF_A_FOLDER, ROWS, Tree, tree_of
from tests.dashboard.uploads import page_of, text_of
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


def component(point: Snapshot, name: str, patterns: str, target: float | None = None) -> None:
    Component.objects.create(repository_id=point.repository_id, name=name, patterns=patterns, target=target)


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


def test_a_commit_s_folders_are_summed_up_once_and_those_of_the_next_one_anew(
    client: Client, django_assert_num_queries: Any
) -> None:
    repo = repository()
    covered(snapshot(repo, days_ago=2), {("src/a.py", True): lines(8, 2)})
    assert "80.0" in text_of(client, "/r/acme/api/coverage/")
    with django_assert_num_queries(2):  # the repository, and what the commit's evidence is
        assert "80.0" in text_of(client, "/r/acme/api/coverage/")
    covered(snapshot(repo, days_ago=1), {("src/a.py", True): lines(8, 2), ("lib/b.py", True): lines(0, 10)})
    page = text_of(client, "/r/acme/api/coverage/")
    assert "lib/" in page and "80.0" in page and "40.0" in page


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


def test_the_lines_of_a_long_file_stand_on_several_pages_and_none_is_left_out(client: Client) -> None:
    point = commit_with({"src/long.py": lines(3_000, 400)})
    pages = [page_of(client, PAGE, path="src/long.py", page=number) for number in (1, 2, 3)]
    found = [int(number) for page in pages for number in re.findall(r'data-line="(\d+)"', page)]
    assert found == list(range(3_400))
    middle = file_lines(point.repository_id, point.manifest_id, "src/long.py", page=2)
    assert middle and (middle.first, middle.last, middle.pages) == (1_500, 2_999, 3)
    beyond = file_lines(point.repository_id, point.manifest_id, "src/long.py", page=99)
    assert beyond and (beyond.page, beyond.last) == (3, None)


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


def test_the_map_gives_each_file_its_share_of_the_area(client: Client) -> None:
    point = commit_with(SMALL)
    drawn = map_of(point.repository_id, point.manifest_id)
    areas = {
        tile.path: region.box.width * region.box.height * tile.box.width * tile.box.height / 1e8
        for region in drawn.regions
        for tile in region.tiles
    }
    assert areas == {path: pytest.approx(len(known.hits) / 32, rel=0.01) for path, known in SMALL.items()}
    assert "views.py" in text_of(client, PAGE, view="map")


def test_the_map_lets_small_files_of_a_folder_share_a_tile() -> None:
    point = commit_with({f"big/f{at}.py": lines(2 + (at < TILES), 1) for at in range(TILES + 50)})
    drawn = map_of(point.repository_id, point.manifest_id)
    shared = [tile for region in drawn.regions for tile in region.tiles if not tile.path]
    assert [(tile.name, tile.valid, tile.covered) for tile in shared] == [("50 small files", 150, 100)]


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=60), st.floats(0.3, 4))
def test_boxes_of_a_map_fill_it_and_never_overlap(weights: list[int], aspect: float) -> None:
    boxes = treemap(weights, aspect)
    for weight, box in zip(weights, boxes, strict=True):
        assert box.width * box.height / 100 == pytest.approx(100 * weight / sum(weights), rel=0.02, abs=0.02)
        assert min(box.x, box.y) > -0.01 and max(box.x + box.width, box.y + box.height) < 100.01
    for one, other in combinations(boxes, 2):
        apart_x = one.x + one.width <= other.x + 0.02 or other.x + other.width <= one.x + 0.02
        apart_y = one.y + one.height <= other.y + 0.02 or other.y + other.height <= one.y + 0.02
        assert apart_x or apart_y


def test_components_sum_the_files_that_their_patterns_take(client: Client) -> None:
    point = commit_with(SMALL)
    component(point, "Core", "src/core/\n!src/core/a.py", target=20)
    component(point, "Python", "*.py", target=60)
    component(point, "Nothing", "docs/")
    found = components_of(point.repository_id, point.manifest_id)
    core, nothing, python = found.components
    assert (core.files, core.valid, core.covered, core.short_of) == (1, 10, 1, 1)
    assert (python.files, python.percent, python.short_of) == (4, 62.5, 0)
    assert (nothing.files, nothing.percent, nothing.short_of) == (0, None, None)
    text = text_of(client, PAGE, view="components")
    assert "1 line short of 20.0 %" in text and "60.0 %, met" in text and "No file of this commit matches." in text


@pytest.mark.parametrize(
    ("covered_lines", "target", "short"), [(6, 85.0, 0), (5, 85.0, 1), (7, 100.0, 0), (0, 0.0, 0)]
)
def test_a_target_is_met_in_whole_lines(covered_lines: int, target: float, short: int) -> None:
    assert ComponentCoverage("c", (), target, 1, 7, covered_lines).short_of == short


def test_a_component_and_a_folder_tell_how_they_went() -> None:
    repo = repository()
    for days, missed in ((3, 5), (2, 4), (1, 0)):
        point = snapshot(repo, days_ago=days)
        covered(point, {("src/a.py", True): lines(5, missed), ("b.py", True): lines(1, 0)})
    trend = trend_below(repo.pk, "src/", 2)
    assert trend.known == [pytest.approx(value) for value in (50, 500 / 9, 100)]
    assert (trend.change, trend.since) == (50, point.sha)
    component(point, "All", "*")
    newest = Snapshot.objects.get(pk=point.pk)
    [everything] = components_of(repo.pk, newest.manifest_id).components
    assert everything.trend.known[-1] == 100


def test_pages_of_components_cost_the_same_at_any_size(client: Client, django_assert_num_queries: Any) -> None:
    point = commit_with({f"p{at % 9}/f{at}.py": lines(2, 1) for at in range(120)})
    for at in range(12):
        component(point, f"c{at}", f"p{at}/")
    for address in ("?view=components", "?view=map", "?in=p1/", "?view=files"):
        with django_assert_num_queries({"?view=components": 6, "?view=map": 4, "?in=p1/": 5}.get(address, 3)):
            assert client.get(PAGE + address).status_code == 200


@pytest.mark.parametrize(
    ("patterns", "sentence"),
    [("src\\core\\", "forward slashes"), ("!", "is no pattern"), ("", "required")],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_what_to_write(patterns: str, sentence: str) -> None:
    form = ComponentForm({"repository": repository().pk, "name": "Core", "patterns": patterns, "target": "85"})
    assert sentence in str(form.errors)


def test_a_component_is_added_in_the_admin_and_its_name_is_taken_once(admin_client: Client) -> None:
    repo = repository()
    address, fields = (
        "/admin/dashboard/component/add/",
        {"repository": repo.pk, "name": "Web", "patterns": "src/web/"},
    )
    assert admin_client.post(address, fields).status_code == 302
    again = admin_client.post(address, fields | {"target": "101"}).content.decode()
    assert "less than or equal to 100" in again and Component.objects.count() == 1


def test_a_stored_pattern_that_cannot_be_read_says_so_and_spoils_no_other(client: Client) -> None:
    point = commit_with(SMALL)
    component(point, "Broken", "!")
    component(point, "Python", "*.py")
    text = text_of(client, PAGE, view="components")
    assert "“!” is no pattern of .gitignore" in text and "62.5" in text


@pytest.mark.parametrize(
    ("facts", "shown"),
    [({}, True), ({"private": True}, False), ({"url": "https://ghe.example.org/acme/api"}, False)],
)
def test_only_public_source_on_github_can_be_fetched_by_a_browser(
    admin_client: Client, facts: dict[str, Any], shown: bool
) -> None:
    point = snapshot(repository(**{"url": "https://github.com/acme/api", **facts}))
    covered(point, {("src/a b.py", True): lines(1, 1), ("/mnt/odd.py", False): lines(1, 1)})
    page = admin_client.get(PAGE, {"path": "src/a b.py"}).content.decode()
    assert (f"https://raw.githubusercontent.com/acme/api/{point.sha}/src/a%20b.py" in page) == shown
    assert "raw.githubusercontent" not in admin_client.get(PAGE, {"path": "/mnt/odd.py"}).content.decode()
