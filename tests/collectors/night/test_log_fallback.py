"""Counts out of job logs stand in where a repository uploads no report (contract rule 12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collectors.log_fallback import QUIET_AFTER
from collectors.lookalike.faults import rate_limit_spent
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeJob, FakeRepository, FakeRun, job_id, re_run
from dashboard.models import (
    EstateDay,
    JobLog,
    Organization,
    Repository,
    RepositoryCollection,
    RepositoryDay,
    Snapshot,
    WorkflowRun,
)
from tests.collectors.night.conftest import Collect
from tests.collectors.night.reports import junit_zip

SHA = "ab" * 20
REPORT, LOG = Repository.Evidence.REPORT, Repository.Evidence.LOG


def log(summary: str) -> bytes:
    """A job's log with one step that ends in a summary."""
    lines = ["##[group]Run pytest", "pytest", "##[endgroup]", "collected some items", *summary.split("\n")]
    return "".join(f"2026-11-23T02:10:11.1234567Z {line}\n" for line in lines).encode()


PASSING = log("====== 3 passed, 1 skipped in 0.12s ======")
TABLE = "Name   Stmts   Miss  Cover\n---\nTOTAL     40     10    75%"


def talk(github: LookAlike, shop: FakeRepository, *jobs: FakeJob, **fields: object) -> FakeRun:
    """A run of the shop that uploads nothing and has these jobs."""
    return github.estate.add_run(shop, jobs=list(jobs) or [FakeJob("test", log=PASSING)], **fields)


def test_a_repository_without_reports_is_counted_from_its_logs(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = talk(github, shop, FakeJob("test", log=PASSING + log(TABLE)), FakeJob("lint", log=b""), head_sha=SHA)
    summary = collect_now()
    repository.refresh_from_db()
    assert (repository.evidence, repository.condition) == (LOG, Repository.Condition.PASSING)
    assert (repository.tests_total, repository.tests_passed, repository.tests_skipped) == (4, 3, 1)
    assert (repository.lines_valid, repository.lines_covered) == (40, 30)
    assert repository.latest is not None and repository.latest.sha == SHA
    assert repository.latest.run == WorkflowRun.objects.get(github_id=run.id)
    assert JobLog.objects.get(name="test").tools == ["pytest"]
    assert repository.head_state == "no_reports"
    assert (summary["collected"], summary["no_evidence"], summary["failed"]) == (1, 0, 0)


def test_a_log_is_no_download_and_is_never_read_twice(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop)
    first = collect_now()
    assert github.requests["job_logs"] == github.requests["log_blob"] == 1
    assert first["requests"]["downloads"] == 0
    github.forget()
    collect_now()
    assert not github.requests["jobs"] and not github.requests["job_logs"]


def test_a_failing_log_makes_a_failing_repository(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, FakeJob("test", "failure", log=log("2 failed, 1 passed in 0.1s")), conclusion="failure")
    collect_now()
    repository.refresh_from_db()
    assert repository.condition == Repository.Condition.FAILING and repository.failing == 2


def test_jobs_of_a_matrix_are_one_group(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, FakeJob("test (3.11)", log=PASSING), FakeJob("test (3.12)", log=PASSING))
    collect_now()
    repository.refresh_from_db()
    assert (repository.tests_total, repository.tests_executions) == (4, 8)


def test_counts_from_logs_are_in_no_total(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop)
    collect_now()
    assert Snapshot.objects.filter(evidence=LOG).exists()
    assert not RepositoryDay.objects.exists() and not EstateDay.objects.exists()


def test_a_repository_with_reports_is_not_asked_for_logs(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P"))
    talk(github, shop)
    collect_now()
    repository.refresh_from_db()
    assert repository.evidence == REPORT and repository.tests_total == 1
    assert not github.requests["jobs"], "the report is carried to the commit without one"


def test_a_report_takes_the_place_of_a_log(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = talk(github, shop, head_sha=SHA)
    collect_now()
    github.estate.add_artifact(run, "test-results", junit_zip(adds="P"))
    collect_now()
    repository.refresh_from_db()
    point = Snapshot.objects.get(sha=SHA)
    assert (point.evidence, repository.evidence, repository.tests_total) == (REPORT, REPORT, 1)


def test_an_earlier_log_stays_in_the_trend_and_out_of_the_changes(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    earlier = github.estate.now - timedelta(days=1)
    talk(github, shop, created_at=earlier)
    collect_now()
    github.estate.add_artifact(github.estate.add_run(shop), "test-results", junit_zip(adds="P"))
    collect_now()
    repository.refresh_from_db()
    assert [point.evidence for point in Snapshot.objects.oldest_first()] == [LOG, REPORT]
    assert repository.tests_total == 1 and repository.tests_delta is None


def test_logs_stand_in_again_when_the_last_report_is_too_old_to_be_carried(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    old = github.estate.now - timedelta(days=45)
    github.estate.add_artifact(github.estate.add_run(shop, created_at=old), "test-results", junit_zip(adds="P"))
    talk(github, shop)
    collect_now()
    repository.refresh_from_db()
    assert (repository.evidence, repository.tests_total) == (LOG, 4)
    assert repository.condition == Repository.Condition.SILENT, "its reports went missing all the same"


@pytest.mark.parametrize(("of_organization", "of_repository", "asked"), [
    (True, None, True), (False, None, False), (True, False, False), (False, True, True),
])  # fmt: skip
def test_it_can_be_switched_off(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect,
    of_organization: bool, of_repository: bool | None, asked: bool,
) -> None:  # fmt: skip
    Organization.objects.update(read_logs=of_organization)
    Repository.objects.update(read_logs=of_repository)
    talk(github, shop)
    collect_now()
    assert bool(github.requests["job_logs"]) == asked
    assert Snapshot.objects.exists() == asked


def test_switched_off_later_what_logs_told_is_gone_and_comes_back_without_a_request(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop)
    collect_now()
    Repository.objects.update(read_logs=False)
    collect_now()
    repository.refresh_from_db()
    assert (repository.evidence, repository.tests_total) == (Repository.Evidence.NONE, None)
    github.forget()
    Repository.objects.update(read_logs=None)
    collect_now()
    repository.refresh_from_db()
    assert (repository.evidence, repository.tests_total) == (LOG, 4)
    assert not github.requests["job_logs"]


def test_a_rerun_is_read_anew_and_replaces(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = talk(
        github, shop, FakeJob("test", "failure", log=log("1 failed, 3 passed in 0.1s")), conclusion="failure"
    )
    collect_now()
    re_run(run, github.estate.now + timedelta(minutes=5))
    run.conclusion, run.jobs = "success", [FakeJob("test", log=log("4 passed in 0.1s"))]
    collect_now()
    repository.refresh_from_db()
    assert (repository.tests_total, repository.failing) == (4, 0)
    assert JobLog.objects.count() == 1


def test_runs_that_move_no_trend_or_came_to_no_end_are_not_asked(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, event="pull_request")
    talk(github, shop, head_branch="dev")
    talk(github, shop, conclusion="cancelled")
    talk(github, shop, status="in_progress", conclusion=None)
    collect_now()
    assert not github.requests["jobs"]


def test_a_job_s_name_may_be_anything(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, FakeJob("te\x00st \ud800" + "x" * 1_000, log=PASSING))
    assert collect_now()["failed"] == 0
    assert JobLog.objects.get().name.startswith("te\ufffdst ?xxx")


def test_a_log_that_is_gone_leaves_its_run_uncounted_and_fails_nothing(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, FakeJob("test", log=PASSING), FakeJob("more tests", log=None))
    summary = collect_now()
    assert (summary["failed"], summary["no_evidence"]) == (0, 1)
    assert JobLog.objects.exclude(error="").get().name == "more tests"
    assert not Snapshot.objects.exists()
    repository.refresh_from_db()
    assert repository.reason == "Its workflows run and upload no report, and their logs tell no count."


def test_trouble_on_the_way_to_a_log_fails_nothing_and_is_tried_again(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop)
    github.add_fault(r"/jobs/\d+/logs$", status=502, times=3)
    assert collect_now()["failed"] == 0
    assert not Snapshot.objects.exists()
    collect_now()
    assert Snapshot.objects.get().evidence == LOG


def test_what_was_read_before_trouble_is_not_asked_for_again(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    run = talk(github, shop, *[FakeJob(f"part-{letter}", log=PASSING) for letter in "abc"])
    github.add_fault(rf"/jobs/{job_id(run, 2)}/logs$", status=502, times=3)
    collect_now()
    assert JobLog.objects.count() == 2 and not Snapshot.objects.exists(), "half a run is no count"
    github.forget()
    collect_now()
    assert github.requests["job_logs"] == 1
    assert Snapshot.objects.get().tests_total == 12


def test_half_of_a_rerun_is_no_count(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    jobs = [FakeJob(f"part-{letter}", log=PASSING) for letter in "ab"]
    run = talk(github, shop, *jobs)
    collect_now()
    re_run(run, github.estate.now + timedelta(minutes=5))
    github.add_fault(rf"/jobs/{job_id(run, 1)}/logs$", status=502, times=3)
    collect_now()
    assert not Snapshot.objects.exists()
    collect_now()
    assert Snapshot.objects.get().tests_total == 8 and JobLog.objects.count() == 2


def test_a_spent_limit_is_told_as_such(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop)
    github.add_fault(r"/jobs/\d+/logs$", **rate_limit_spent(github.clock() + 1800))
    assert collect_now()["failed"] == 1
    assert "rate limit" in RepositoryCollection.objects.get().error


def test_a_workflow_that_tells_nothing_is_not_asked_each_night(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    for _ in range(QUIET_AFTER):
        talk(github, shop, FakeJob("lint", log=b"All checks passed!\n"))
    collect_now()
    github.forget()
    talk(github, shop, FakeJob("lint", log=b"All checks passed!\n"))
    talk(github, shop, workflow_path=".github/workflows/test.yml")
    collect_now()
    assert github.requests["job_logs"] == 1
    repository.refresh_from_db()
    assert repository.tests_total == 4


def test_two_workflows_of_one_commit_add_up(
    github: LookAlike, shop: FakeRepository, repository: Repository, collect_now: Collect
) -> None:
    talk(github, shop, head_sha=SHA)
    talk(github, shop, head_sha=SHA, workflow_path=".github/workflows/more.yml")
    talk(github, shop, head_sha=SHA, event="schedule")
    collect_now()
    repository.refresh_from_db()
    assert repository.tests_total == 8, "a later run of one workflow file replaces, another file's adds"
