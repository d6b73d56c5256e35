"""A run's jobs and their logs, asked for over sockets."""

from __future__ import annotations

import io

import pytest

from collectors.github.client import GitHubClient
from collectors.github.errors import Gone, TooLarge
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.server import LookAlike
from collectors.lookalike.things import FakeJob, FakeRun, re_run

LOG = b"2026-11-23T02:10:11.1234567Z 3 passed in 0.10s\n"


@pytest.fixture
def run(estate: FakeEstate) -> FakeRun:
    jobs = [FakeJob("test (3.11)", log=LOG), FakeJob("lint", "failure", log=None)]
    return estate.add_run(estate.add_repository("octo-org/talks"), jobs=jobs)


def test_the_jobs_of_the_newest_attempt_are_listed(client: GitHubClient, run: FakeRun) -> None:
    before = client.jobs(run.repository_id, run.id)
    re_run(run, run.updated_at)
    after = client.jobs(run.repository_id, run.id)
    assert [(job.name, job.conclusion) for job in after] == [("test (3.11)", "success"), ("lint", "failure")]
    assert {job.id for job in before}.isdisjoint({job.id for job in after})


def test_a_log_costs_one_request_and_is_no_download(client: GitHubClient, server: LookAlike, run: FakeRun) -> None:
    job = client.jobs(run.repository_id, run.id)[0]
    to = io.BytesIO()
    client.job_log(run.repository_id, job.id, to=to, max_bytes=1_000)
    assert to.getvalue() == LOG
    assert (client.counts.rest, client.counts.downloads) == (2, 0)
    assert [(seen.kind, seen.authorized) for seen in server.log][-1] == ("log_blob", False)


def test_a_deleted_log_is_gone(client: GitHubClient, run: FakeRun) -> None:
    job = client.jobs(run.repository_id, run.id)[1]
    with pytest.raises(Gone):
        client.job_log(run.repository_id, job.id, to=io.BytesIO(), max_bytes=1_000)


def test_a_log_above_the_cap_leaves_nothing(client: GitHubClient, run: FakeRun) -> None:
    job = client.jobs(run.repository_id, run.id)[0]
    to = io.BytesIO()
    with pytest.raises(TooLarge):
        client.job_log(run.repository_id, job.id, to=to, max_bytes=len(LOG) - 1)
    assert to.getvalue() == b""


def test_an_expired_address_of_a_log_is_renewed(client: GitHubClient, server: LookAlike, run: FakeRun) -> None:
    server.add_fault(r"^/logs/", status=403)
    job = client.jobs(run.repository_id, run.id)[0]
    to = io.BytesIO()
    client.job_log(run.repository_id, job.id, to=to, max_bytes=1_000)
    assert to.getvalue() == LOG and client.counts.retried == 1
