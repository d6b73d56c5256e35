"""Commits whose only coverage is coverage.py's data: the source tells what could have run, or it stays unknown."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from coverage import CoverageData
from django.db import connection

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, FakeRun, zip_of
from dashboard.models import CommitSources, ContextNames, Repository, Snapshot, SourceAnalysis
from dashboard.queries.contexts import contexts_by_line
from dashboard.queries.files import CoveredFile, files_of
from dashboard.queries.source_notes import source_note
from dashboard.queries.standing import standing_reports
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import cobertura_zip
from tests.collectors.test_source_lines import SAMPLES, told_by_coverage

SHA, NEXT = "ab" * 20, "cd" * 20


@pytest.fixture
def project(tmp_path: Path, shop: FakeRepository) -> Path:
    """The sample project with its settings, on disk and in acme/shop."""
    shutil.copytree(SAMPLES / "shop", tmp_path / "shop")
    shutil.copy(SAMPLES / "settings/rc-toml/.coveragerc.toml", tmp_path)
    shop.files = {
        file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()
    }
    return tmp_path


def data_of(folder: Path, files: dict[str, list[int]], test: str = "") -> bytes:
    """A data file with executed lines, as the library writes it."""
    data = CoverageData(basename=str(folder / "made"))
    data.erase()
    data.set_context(test)
    data.add_lines({f"/home/runner/work/shop/shop/{path}": lines for path, lines in files.items()})
    data.write()
    data.close()
    return (folder / "made").read_bytes()


def upload(github: LookAlike, shop: FakeRepository, sha: str = SHA, **artifacts: bytes) -> FakeRun:
    run = github.estate.add_run(shop, head_sha=sha, committed_at=github.estate.now)
    for name, data in artifacts.items():
        github.estate.add_artifact(run, f"coverage-{name}", zip_of({".coverage": data}))
    return run


def asked_for(github: LookAlike) -> list[str]:
    return [
        seen.target.partition("/contents/")[2].partition("?")[0]
        for seen in github.log
        if "/contents/" in seen.target
    ]


def files_now(repository: Repository) -> dict[str, CoveredFile]:
    repository.refresh_from_db()
    assert repository.latest is not None
    return {file.path: file for file in files_of(repository.pk, repository.latest.manifest_id).ask().files}


def rows_written(table: str) -> int:
    """How many rows were ever inserted, as far as the table's own numbers tell."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')), 0)", [table])
        return int(cursor.fetchone()[0])


def reaching(repository: Repository, sha: str, path: str) -> dict[int, tuple[str, ...]]:
    return contexts_by_line(repository.pk, [report.pk for report in standing_reports(repository.pk, sha)], path)


def test_a_data_file_alone_gives_the_figures_of_coverage_report(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    totals = told_by_coverage(project, "--branch")["totals"]
    upload(github, shop, unit=(project / ".coverage").read_bytes())
    summary = collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (totals["num_statements"], totals["covered_lines"])
    assert (repository.branches_valid, repository.branches_covered) == (
        totals["num_branches"],
        totals["covered_branches"],
    )
    assert repository.percent == 100 * totals["covered_lines"] / totals["num_statements"]
    # The settings, each file that is not left out, and one again because it is no UTF-8.
    names = ["__init__", "cart", "notes", "notes", "stock"]
    assert sorted(asked_for(github)) == [".coveragerc.toml", *(f"shop/{name}.py" for name in names)]
    rest = [seen for seen in github.log if seen.kind not in ("blob", "graphql")]
    assert summary["requests"]["rest"] == len(rest)
    assert source_note(repository.pk, SHA).ask() == ""
    assert "shop/generated.py" not in files_now(repository)


def test_what_is_known_of_a_version_of_a_file_is_not_asked_for_again(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    told_by_coverage(project)
    upload(github, shop, unit=(project / ".coverage").read_bytes())
    collect_now()
    github.forget()
    assert collect_now()["unchanged"] == 1
    assert not asked_for(github)
    shop.files["shop/stock.py"] += b"\n\nEMPTY = 0\n"
    upload(github, shop, NEXT, unit=(project / ".coverage").read_bytes())
    collect_now()
    assert asked_for(github) == ["shop/stock.py"]
    before, after = Snapshot.objects.oldest_first()
    assert (after.lines_valid or 0) - (before.lines_valid or 0) == 1
    assert after.lines_covered == before.lines_covered


def test_other_settings_are_other_lines(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    upload(github, shop, unit=data_of(project, {"shop/stock.py": [1, 4]}))
    collect_now()
    assert files_now(repository)["shop/stock.py"].valid == 5
    shop.files[".coveragerc.toml"] = b'[report]\nexclude_lines = ["def refill"]\n'
    upload(github, shop, NEXT, unit=data_of(project, {"shop/stock.py": [1, 4]}))
    collect_now()
    assert files_now(repository)["shop/stock.py"].valid == 1


def test_lines_of_a_data_file_count_where_another_report_calls_them_executable_and_nothing_is_asked_for(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    run = upload(github, shop, unit=data_of(project, {"shop/cart.py": [2, 3, 99]}))
    github.estate.add_artifact(run, "coverage-e2e", cobertura_zip(cart={1: 1, 2: 0, 3: 0, 4: 0}))
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (4, 3)
    assert not asked_for(github)


def test_parallel_files_and_legs_are_one_union(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    one, other = data_of(project, {"shop/stock.py": [1, 4]}), data_of(project, {"shop/stock.py": [4, 5, 11]})
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(
        run, "coverage-data-3.11", zip_of({".coverage.a.1.x": one, ".coverage.a.2.y": other})
    )
    github.estate.add_artifact(
        run, "coverage-data-3.12", data_of(project, {"shop/stock.py": [1, 10]}), zipped=False
    )
    collect_now()
    file = files_now(repository)["shop/stock.py"]
    assert (file.valid, file.covered) == (5, 5)


@pytest.mark.parametrize("status", [403, 404])
def test_without_the_right_to_read_contents_lines_are_unknown_until_it_is_given(
    status: int,
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    project: Path,
) -> None:
    github.add_fault(
        r"/(contents|git/trees)/", status=status, body=b'{"message": "Resource not accessible"}', times=None
    )
    upload(github, shop, unit=data_of(project, {"shop/stock.py": [1, 4]}))
    assert collect_now()["failed"] == 0
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered, repository.percent) == (None, 2, None)
    assert (
        "Contents: read" in source_note(repository.pk, SHA).ask()
        and str(status) in source_note(repository.pk, SHA).ask()
    )
    github.faults.clear()
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (5, 2)
    assert source_note(repository.pk, SHA).ask() == ""


def test_a_trouble_in_the_middle_costs_no_executed_line_and_is_taken_up_the_next_night(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    github.add_fault(r"/contents/shop/stock.py", status=502, times=3)
    upload(github, shop, unit=data_of(project, {"shop/stock.py": [1, 4], "shop/cart.py": [1]}))
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (None, 3)
    github.forget()
    collect_now()
    repository.refresh_from_db()
    assert repository.lines_valid is not None and repository.lines_valid > 50
    assert asked_for(github) == ["shop/stock.py"]


def test_a_commit_asks_for_a_bounded_number_of_files_and_for_the_rest_the_next_nights(
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    project: Path,
    settings: Any,
) -> None:
    settings.SOURCE_FILES_PER_COMMIT = 2
    upload(github, shop, unit=data_of(project, {f"shop/{n}.py": [1] for n in ("__init__", "cart", "stock")}))
    collect_now()
    repository.refresh_from_db()
    assert repository.lines_valid is None
    assert (
        source_note(repository.pk, SHA)
        .ask()
        .startswith("The source of 1 of 3 files is still to be read, 2 in a night")
    )
    collect_now()
    repository.refresh_from_db()
    assert repository.lines_valid is not None and source_note(repository.pk, SHA).ask() == ""


def test_reading_source_can_be_switched_off(
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
    project: Path,
    settings: Any,
) -> None:
    settings.SOURCE_FILES_PER_COMMIT = 0
    upload(github, shop, unit=data_of(project, {"shop/stock.py": [1]}))
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (None, 1)
    assert "coverage xml" in source_note(repository.pk, SHA).ask() and not asked_for(github)


def test_a_file_that_cannot_be_analysed_stays_unknown_beside_the_others(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    shop.files |= {"shop/newer.py": b"print 'not here'\n", "shop/page.html": b"{% if x %}\n"}
    ran = {"shop/newer.py": [1], "shop/page.html": [1], "shop/stock.py": [1], "lost.py": [1]}
    upload(github, shop, unit=data_of(project, ran))
    collect_now()
    files = files_now(repository)
    assert {path: (file.valid, file.covered) for path, file in files.items()} == {
        "shop/stock.py": (5, 1),
        "shop/newer.py": (None, 1),
        "shop/page.html": (None, 1),
        "lost.py": (None, 1),
    }
    assert (repository.lines_valid, repository.lines_covered) == (5, 1)
    note = source_note(repository.pk, SHA).ask()
    assert note.startswith("Of 3 files the executable lines are unknown") and "no percentage" in note
    assert CommitSources.objects.get().unknown == 3
    github.forget()
    collect_now()
    assert not asked_for(github)


def test_files_that_were_measured_elsewhere_are_found_by_the_settings(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    shop.files[".coveragerc.toml"] = b'[paths]\nsource = ["shop", "/opt/image/layer"]\n'
    shop.files["other/stock.py"] = b"x = 1\n"
    data = CoverageData(basename=str(project / "made"))
    data.add_lines({"/opt/image/layer/stock.py": [1, 4]})
    data.write()
    data.close()
    upload(github, shop, unit=(project / "made").read_bytes())
    collect_now()
    files = files_now(repository)
    assert list(files) == ["shop/stock.py"] and files["shop/stock.py"].covered == 2


def test_which_tests_reach_a_line_is_known_of_the_newest_commit(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    for sha, test in ((SHA, "t.py::old|run"), (NEXT, "t.py::new|run")):
        upload(
            github,
            shop,
            sha,
            unit=data_of(project, {"shop/stock.py": [1, 4]}, test),
            e2e=data_of(project, {"shop/stock.py": [4, 5]}, "t.py::whole|run"),
        )
        collect_now()
    assert reaching(repository, NEXT, "shop/stock.py") == {
        1: ("t.py::new",),
        4: ("t.py::new", "t.py::whole"),
        5: ("t.py::whole",),
    }
    # The older commit's own are gone; what has the same bytes on both is one report.
    assert reaching(repository, SHA, "shop/stock.py") == {4: ("t.py::whole",), 5: ("t.py::whole",)}
    assert reaching(repository, NEXT, "shop/other.py") == {}
    assert ContextNames.objects.count() == 2


def test_the_past_that_is_read_later_does_not_take_the_place_of_the_newest_contexts(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    for sha, line, test in ((SHA, 1, "t.py::old|run"), (NEXT, 4, "t.py::new|run")):
        upload(github, shop, sha, unit=data_of(project, {"shop/stock.py": [line]}, test))
    written = rows_written("context_names")
    assert collect_now()["artifacts"] == 2
    assert rows_written("context_names") == written + 1
    assert reaching(repository, NEXT, "shop/stock.py") == {4: ("t.py::new",)}
    assert ContextNames.objects.count() == 1


def test_a_damaged_data_file_costs_nothing_else(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    whole = data_of(project, {"shop/stock.py": [1]})
    upload(github, shop, broken=whole[: len(whole) // 2], unit=whole)
    collect_now()
    assert files_now(repository)["shop/stock.py"].valid == 5
    assert SourceAnalysis.objects.filter(repository=repository).exists()


def test_the_stored_analysis_is_no_source(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect, project: Path
) -> None:
    shop.files["shop/stock.py"] = b"PASSWORD = 'hunter2 is not to be kept'\n"
    upload(github, shop, unit=data_of(project, {"shop/stock.py": [1]}))
    collect_now()
    assert files_now(repository)["shop/stock.py"].valid == 1
    assert not any(b"hunter2" in bytes(row.packed) for row in SourceAnalysis.objects.all())
