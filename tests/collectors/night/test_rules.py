"""The rules that decide every figure (contract section 6), seen from GitHub to the repository's row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeRepository, zip_of
from dashboard.models import Artifact, Case, Failure, Repository, Snapshot, WorkflowRun
from dashboard.packing import unpack_outcomes
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import cobertura_zip, junit, junit_zip

SHA = "ab" * 20
# JaCoCo without its source files: counters of the whole report, and no line.
JACOCO_TOTALS = (
    b'<?xml version="1.0"?><!DOCTYPE report PUBLIC "-//JACOCO//DTD Report 1.1//EN" "report.dtd">'
    b'<report name="shop"><sessioninfo id="a" start="1" dump="2"/>'
    b'<package name="acme"><counter type="LINE" missed="3" covered="7"/></package>'
    b'<counter type="LINE" missed="3" covered="7"/></report>'
)


def figures_of(repository: Repository) -> tuple[int | None, ...]:
    repository.refresh_from_db()
    return (
        repository.tests_total,
        repository.tests_passed,
        repository.tests_failed,
        repository.tests_errors,
        repository.tests_skipped,
    )


def test_a_night_stores_the_figures_and_where_they_came_from(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P", removes="F", breaks="E", waits="S"))
    github.estate.add_artifact(run, "coverage", cobertura_zip(cart={1: 1, 2: 0, 3: 4}, stock={1: 1}))
    summary = collect_now()
    assert summary["collected"] == 1 and summary["artifacts"] == 2 and summary["reports"] == 2
    assert figures_of(repository) == (4, 1, 1, 1, 1)
    assert (repository.lines_valid, repository.lines_covered) == (4, 3)
    assert repository.percent == 75
    assert repository.evidence == "report" and repository.head_state == "reported"
    assert repository.failure_headline in ("breaks expected 3, got 4", "removes expected 3, got 4")
    artifact = Artifact.objects.get(name="coverage")
    assert artifact.sha256 == artifact.digest != ""
    assert artifact.run.head_sha == SHA and artifact.reports.get().member == "coverage.xml"
    assert {str(f) for f in repository.source_files.filter(resolved=True)} == {"shop/cart.py", "shop/stock.py"}


def test_collecting_again_downloads_nothing_and_changes_nothing(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P", removes="F"))
    collect_now()
    before = list(Snapshot.objects.values())
    github.forget()
    second = collect_now()
    third = collect_now()
    assert second["unchanged"] == third["unchanged"] == 1
    assert not github.downloads
    # The run is young, so the list of its artifacts is looked at again for late uploads: 304, which is free.
    assert third["requests"] == {"graphql": 1, "rest": 0, "not_modified": 1, "downloads": 0, "retried": 0}
    assert list(Snapshot.objects.values()) == before


@pytest.mark.parametrize(
    "foreign",
    [
        {"head_repository_id": 999},
        {"head_repository_id": None},
        {"head_branch": "feature"},
        {"event": "pull_request"},
        {"event": "pull_request_target"},
    ],
)
def test_forks_pull_requests_and_other_branches_move_nothing(
    foreign: dict[str, object],
    github: LookAlike,
    shop: FakeRepository,
    repository: Repository,
    collect_now: Collect,
) -> None:
    own = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(own, "test-results", junit_zip(adds="P"))
    other = github.estate.add_run(shop, **foreign)
    github.estate.add_artifact(other, "test-results", junit_zip(adds="F", more="F"))
    collect_now()
    assert figures_of(repository) == (1, 1, 0, 0, 0)
    assert Snapshot.objects.count() == 1


def test_of_two_uploads_of_one_name_the_newest_stands_though_its_id_is_lower(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA, run_attempt=2)
    first = run.run_started_at
    github.estate.add_artifact(run, "test-results", junit_zip(adds="F"), id=900_000, created_at=first)
    github.estate.add_artifact(
        run, "test-results", junit_zip(adds="P"), id=800_000, created_at=first + timedelta(minutes=9)
    )
    collect_now()
    assert figures_of(repository) == (1, 1, 0, 0, 0)
    assert Artifact.objects.get(github_id=900_000).state == Artifact.State.SUPERSEDED


def test_a_later_run_of_the_same_commit_replaces_and_never_doubles(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="F"))
    collect_now()
    assert figures_of(repository) == (1, 0, 1, 0, 0)
    again = github.estate.add_run(shop, head_sha=SHA, event="schedule", run_started_at=github.estate.now)
    github.estate.add_artifact(again, "test-results", junit_zip(adds="P", more="P"))
    collect_now()
    assert figures_of(repository) == (2, 2, 0, 0, 0)
    assert Snapshot.objects.count() == 1


def test_a_test_in_several_legs_of_a_group_is_one_test_with_several_executions(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "unit-py311", junit_zip(adds="P", removes="P", linux="S"))
    github.estate.add_artifact(run, "unit-py312", junit_zip(adds="F", removes="P", linux="P"))
    github.estate.add_artifact(run, "e2e-results", junit_zip(adds="P"))
    collect_now()
    assert figures_of(repository) == (4, 3, 1, 0, 0)
    assert repository.tests_executions == 7
    assert Case.objects.filter(name="adds").count() == 2  # one in each group
    snapshot = Snapshot.objects.get()
    assert {(group.name, group.legs) for group in snapshot.groups.all()} == {("unit", 2), ("e2e-results", 1)}


def test_other_workflow_files_are_other_legs(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    for path, outcome in (("ci.yml", "P"), ("nightly.yml", "F")):
        run = github.estate.add_run(shop, head_sha=SHA, workflow_path=f".github/workflows/{path}")
        github.estate.add_artifact(run, "test-results", junit_zip(adds=outcome))
    collect_now()
    assert figures_of(repository) == (1, 0, 1, 0, 0)
    assert repository.tests_executions == 2


def test_a_retry_inside_a_report_is_passed_and_flaky_on_that_commit(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "test-results", junit_zip(wavers="FP", worsens="PF"))
    collect_now()
    assert figures_of(repository) == (2, 1, 1, 0, 0)
    assert repository.tests_flaky == 1 and repository.tests_executions == 2
    _, flaky = unpack_outcomes(Snapshot.objects.get().groups.get().results.outcomes)
    assert sum(flaky) == 1


def test_coverage_of_a_commit_is_the_union_of_its_reports(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "coverage-unit", cobertura_zip(cart={1: 1, 2: 0, 3: 0}))
    github.estate.add_artifact(run, "coverage-e2e", cobertura_zip(cart={1: 0, 2: 1, 9: 0}, stock={1: 1}))
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (5, 3)


def test_a_trend_is_in_the_order_of_commits_not_of_reading(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    now = github.estate.now
    for age, outcome in ((3, "P"), (1, "F"), (2, "P")):
        when = now - timedelta(days=age)
        run = github.estate.add_run(shop, head_sha=f"{age}" * 40, created_at=when, committed_at=when)
        github.estate.add_artifact(run, "test-results", junit_zip(adds=outcome))
    collect_now()
    assert [s.sha[0] for s in Snapshot.objects.oldest_first()] == ["3", "2", "1"]
    repository.refresh_from_db()
    assert repository.latest is not None and repository.latest.sha[0] == "1"
    assert repository.failing_since == now - timedelta(days=1)
    assert repository.failing_delta == 1


def test_no_evidence_is_unknown_and_not_zero(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.add_run(shop)
    summary = collect_now()
    assert summary["no_evidence"] == 1
    assert figures_of(repository) == (None,) * 5
    assert repository.lines_valid is None and repository.condition == "no-evidence"
    assert repository.reason == "Its workflows run and upload no report, and their logs tell no count."
    assert repository.head_state == "no_reports"


def test_a_run_still_in_progress_waits_for_its_end(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = github.estate.add_run(shop, head_sha=SHA, status="in_progress", conclusion=None)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    assert collect_now()["artifacts"] == 0
    repository.refresh_from_db()
    assert repository.head_state == "running"
    run.status, run.conclusion = "completed", "success"
    assert collect_now()["artifacts"] == 1
    assert WorkflowRun.objects.get().status == "completed"


def test_identical_bytes_are_not_downloaded_twice(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    same = junit_zip(adds="P")
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "test-results", same)
    collect_now()
    nightly = github.estate.add_run(shop, head_sha=SHA, event="schedule", run_started_at=github.estate.now)
    github.estate.add_artifact(nightly, "test-results", same)
    github.forget()
    assert collect_now()["collected"] == 1
    assert not github.downloads
    repository.refresh_from_db()
    assert repository.evidence_at == Artifact.objects.get(run__github_id=nightly.id).created_at
    assert figures_of(repository) == (1, 1, 0, 0, 0)


def test_archived_repositories_are_collected_and_left_out_of_totals(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    shop.archived = True
    run = github.estate.add_run(shop)
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    repository.refresh_from_db()
    assert repository.archived and repository.tests_total == 1
    assert not repository.organization.days.exists()


def test_failures_keep_their_message_once_per_distinct_text(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    for number in range(3):
        run = github.estate.add_run(shop, head_sha=f"{number}" * 40)
        report = zip_of({"junit.xml": junit(adds="F", removes="F")})
        github.estate.add_artifact(run, "test-results", report)
    collect_now()
    assert Failure.objects.filter(case__name="adds").values("message").distinct().count() == 1


def test_a_report_with_totals_only_counts_for_a_group_without_lines_and_is_never_added_to_one(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    totals = zip_of({"jacoco.xml": JACOCO_TOTALS})
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "coverage-java", totals)
    collect_now()
    repository.refresh_from_db()
    assert (repository.lines_valid, repository.lines_covered) == (10, 7)
    again = github.estate.add_run(shop, head_sha="cd" * 20, committed_at=github.estate.now)
    github.estate.add_artifact(again, "coverage-3.11", totals)
    github.estate.add_artifact(again, "coverage-3.12", cobertura_zip(cart={1: 1, 2: 0}))
    collect_now()
    repository.refresh_from_db()
    # The two lines of the group “coverage”, without its totals, and the group “coverage-java” carried.
    assert (repository.lines_valid, repository.lines_covered) == (10 + 2, 7 + 1)


def test_a_repository_may_say_which_tests_belong_together(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    repository.report_groups = ["tests-* = all"]
    repository.save()
    run = github.estate.add_run(shop, head_sha=SHA)
    github.estate.add_artifact(run, "tests-north", junit_zip(adds="P"))
    github.estate.add_artifact(run, "tests-south", junit_zip(adds="P"))
    collect_now()
    assert figures_of(repository) == (1, 1, 0, 0, 0)
    assert repository.tests_executions == 2


def test_an_organization_says_it_for_all_of_its_repositories(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    organization = repository.organization
    organization.report_groups, organization.artifact_exclude = ["tests-* = all"], ["*-old"]
    organization.save()
    run = github.estate.add_run(shop, head_sha=SHA)
    for name in ("tests-north", "tests-south", "tests-old"):
        github.estate.add_artifact(run, name, junit_zip(adds="P"))
    collect_now()
    assert figures_of(repository) == (1, 1, 0, 0, 0)
    assert repository.tests_executions == 2
