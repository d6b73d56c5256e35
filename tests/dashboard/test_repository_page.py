"""The pages of one repository: what they say, what they never say, and what they cost."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client

from dashboard.models import (
    Artifact,
    Case,
    CommitSources,
    ContextNames,
    Dependency,
    Failure,
    FailureMessage,
    LineContexts,
    Report,
    Repository,
    Snapshot,
    SourceFile,
)
from dashboard.packing import Branches, Lines, pack_contexts, pack_names
from tests.dashboard.drawings import figure_in
from tests.factories import (
    collection,
    covered,
    fail,
    failure,
    organization,
    repository,
    roll_up,
    run,
    sha_of,
    snapshot,
    today_at,
)

pytestmark = pytest.mark.django_db

PAGE = "/r/acme/api/"


@pytest.fixture(autouse=True)
def public_installation(settings: Any) -> None:
    settings.PUBLIC = True


def text_of(client: Client, address: str = PAGE, **parameters: object) -> str:
    """What a reader reads: no markup, no scripts, single spaces."""
    response = client.get(address, parameters)
    assert response.status_code == 200, response.status_code
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    main = re.sub(r"<script.*?</script>", "", main, flags=re.S)
    main = re.sub(r"</(?:td|th|p|li|h1|h2|dt|dd|div)>", " ", main)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", main)).replace("\u202f", " ").split())


def test_a_passing_repository_says_at_which_commit_and_when_it_was_last_red(client: Client) -> None:
    repo = repository()
    red = snapshot(repo, days_ago=2, tests=(9, 1, 0, 0))
    green = snapshot(repo, days_ago=1, tests=(10, 0, 0, 3))
    text = text_of(client)
    assert f"Passing at {green.sha[:8]}, committed" in text
    assert f"The last red commit was {red.sha[:8]}" in text
    assert "10 passed · 3 skipped" in text
    assert "of the 10 that ran" in text


def test_a_repository_that_fails_says_since_when(client: Client) -> None:
    repo = repository()
    snapshot(repo, days_ago=6, tests=(10, 0, 0, 0))
    snapshot(repo, days_ago=5, tests=(9, 1, 0, 0))
    newest = snapshot(repo, tests=(8, 2, 0, 0))
    roll_up()
    text = text_of(client)
    assert f"2 tests fail at {newest.sha[:8]}" in text
    assert "Failing since" in text and "5 days" in text


def test_a_repository_that_broke_last_night_says_so(client: Client) -> None:
    repo = repository()
    snapshot(repo, days_ago=1, tests=(10, 0, 0, 0))
    snapshot(repo, tests=(9, 1, 0, 0))
    roll_up()
    text = text_of(client)
    assert "1 test fails at" in text
    assert "It broke last night." in text


def test_what_the_newest_night_found_broke_though_the_day_has_gone_on(client: Client) -> None:
    repo = repository()
    snapshot(repo, days_ago=3, tests=(10, 0, 0, 0))
    snapshot(repo, when=today_at(hour=20, days_ago=1), tests=(9, 1, 0, 0))
    snapshot(repository(name="other"))
    roll_up()
    assert "Failing since" in text_of(client)
    collection(minutes=38)
    assert "It broke last night." in text_of(client)


def test_every_figure_leads_to_run_artifact_digest_and_member(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, tests=(9, 1, 0, 0), lines=(80, 100))
    page = client.get(PAGE).content.decode()
    for kind, artifact_name in (("tests", "test-results"), ("coverage", "coverage")):
        link = f"{PAGE}commits/{point.sha}/?figure={kind}"
        assert link in page
        report = Report.objects.select_related("artifact__run").get(repository=repo, kind=kind)
        answer = client.get(link, headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in answer
        assert report.artifact.sha256 in answer
        assert report.member in answer
        assert f'href="{report.artifact.run.url}"' in answer
        assert f'href="{report.artifact.run.url}/artifacts/{report.artifact.github_id}"' in answer
        assert f'href="{PAGE}runs/{report.artifact.run.github_id}/"' in answer
        assert (
            f'href="{PAGE}artifacts/{report.artifact.github_id}/?report={report.pk}#report-{report.pk}"' in answer
        )
        assert artifact_name in answer
    whole = text_of(client, f"{PAGE}commits/{point.sha}/")
    assert "junit.xml" in whole and "coverage.xml" in whole


def test_the_sum_of_a_figure_is_written_out(client: Client) -> None:
    point = snapshot(repository(), tests=(7, 1, 2, 4), lines=(2, 3))
    address = f"{PAGE}commits/{point.sha}/"
    headers = {"HX-Request": "true"}
    tests = client.get(address, {"figure": "tests"}, headers=headers).content.decode()
    coverage = client.get(address, {"figure": "coverage"}, headers=headers).content.decode()
    assert "14 tests = 7 passed + 1 failed + 2 errors + 4 skipped" in tests
    assert "66.6\u202f% = 2 ÷ 3 lines" in coverage


def test_only_the_newest_upload_of_a_name_is_named_as_the_source(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, lines=None)
    old = Artifact.objects.get(repository=repo)
    again = run(repo, point.sha, point.ordered_at + timedelta(hours=1), run_attempt=2)
    newer = Artifact.objects.create(
        repository=repo,
        run=again,
        github_id=7,
        name=old.name,
        size=1,
        sha256="b" * 64,
        created_at=old.created_at + timedelta(hours=1),
        state=Artifact.State.READ,
    )
    Report.objects.create(repository=repo, artifact=newer, member="again.xml", format="junit", kind="tests")
    page = client.get(f"{PAGE}commits/{point.sha}/").content.decode()
    assert "b" * 64 in page
    assert old.sha256 not in page


def test_bytes_that_were_read_before_still_have_their_report(client: Client) -> None:
    repo = repository()
    snapshot(repo, days_ago=1, lines=None)
    first = Artifact.objects.get(repository=repo)
    second = snapshot(repo, tests=None, lines=None)
    Artifact.objects.create(
        repository=repo,
        run=second.run,
        github_id=8,
        name=first.name,
        size=1,
        sha256=first.sha256,
        created_at=second.ordered_at,
        state=Artifact.State.SAME,
        same_as=first,
    )
    text = text_of(client, f"{PAGE}commits/{second.sha}/")
    assert "junit.xml" in text
    assert "same bytes as before" in text


def test_unknown_valid_lines_are_a_dash_with_a_sentence_and_never_zero(client: Client) -> None:
    snapshot(repository(), lines=(80, None))
    text = text_of(client)
    assert "80 lines ran; a coverage.py data file does not say how many could have." in text
    assert "0.0" not in text
    assert "How many could have is not known" in text_of(client, f"{PAGE}coverage/")


def test_why_lines_are_unknown_is_said_where_they_are_listed(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, lines=(1, None))
    covered(point, {("src/1.py", True): Lines({1: 1}, executed_only=True)})
    CommitSources.objects.create(repository=repo, sha=point.sha, basis=b"", reason="Give the token <b>a right</b>.")
    for part in ("coverage/", "coverage/?path=src/1.py"):
        page = client.get(PAGE + part).content.decode()
        assert "Give the token &lt;b&gt;a right&lt;/b&gt;." in page


def test_a_file_tells_which_tests_reach_a_line(client: Client) -> None:
    repo = repository()
    point = snapshot(repo)
    covered(point, {("src/1.py", True): Lines({1: 1, 2: 1, 3: 0})})
    report = Report.objects.get(repository=repo, kind="coverage")
    names = ContextNames.objects.create(
        repository=repo, report=report, packed=pack_names(["t.py::adds", "t.py::<script>"])
    )
    LineContexts.objects.create(
        repository=repo,
        names=names,
        file=SourceFile.objects.get(repository=repo, path="src/1.py"),
        packed=pack_contexts({0: [1, 2], 1: [2]}),
    )
    text = text_of(client, f"{PAGE}coverage/", path="src/1.py")
    assert "1 covered, 1 test" in text and "2 covered, 2 tests" in text and "3 missed" in text
    asked = text_of(client, f"{PAGE}coverage/", path="src/1.py", line="2")
    assert "Tests that reach line 2" in asked and "t.py::<script> t.py::adds" in asked
    assert "No test is known to reach line 3" in text_of(client, f"{PAGE}coverage/", path="src/1.py", line="3")
    for odd in ("", "x", "²", "-1", "9" * 30):
        assert "reach line" not in text_of(client, f"{PAGE}coverage/", path="src/1.py", line=odd)


def test_a_commit_without_tests_has_a_dash_and_no_pass_rate(client: Client) -> None:
    snapshot(repository(), tests=None)
    text = text_of(client)
    assert "Tests – No report of tests at this commit." in text
    assert "Pass rate – No tests are known." in text


def test_a_repository_without_evidence_says_why_and_what_to_add(client: Client) -> None:
    repository(language="Python", reason="Its workflows ran and uploaded nothing.")
    text = text_of(client)
    assert "No evidence. Its workflows ran and uploaded nothing." in text
    assert "pytest --junitxml=junit.xml" in text
    assert "actions/upload-artifact" in text


def test_the_trouble_of_the_last_collection_stands_with_what_happens_next(client: Client) -> None:
    repo = repository()
    snapshot(repo)
    Repository.objects.filter(pk=repo.pk).update(error="GitHub answered 403.", error_at=today_at())
    text = text_of(client)
    assert "The last collection failed" in text
    assert "GitHub answered 403." in text
    assert "the next collection tries again" in text


def test_a_head_without_evidence_is_told_from_the_commit_of_the_figures(client: Client) -> None:
    repo = repository()
    point = snapshot(repo)
    Repository.objects.filter(pk=repo.pk).update(head_sha="c" * 40, head_state="running", head_committed_at=None)
    text = text_of(client)
    assert "The newest commit is cccccccc: its run has not ended." in text
    assert f"The figures are those of {point.sha[:8]}." in text


@pytest.mark.parametrize("part", ["", "failures/", "coverage/", "runs/", "commits/abcdef0/"])
def test_private_and_unknown_are_the_same_404_to_a_stranger(
    client: Client, admin_client: Client, part: str
) -> None:
    snapshot(repository(name="secret", private=True), tests=(9, 1, 0, 0))
    hidden, unknown = client.get(f"/r/acme/secret/{part}"), client.get(f"/r/acme/absent/{part}")
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.content.replace(b"secret", b"") == unknown.content.replace(b"absent", b"")
    if not part.startswith("commits"):
        assert admin_client.get(f"/r/acme/secret/{part}").status_code == 200


def test_a_private_neighbour_is_not_named_to_a_stranger(client: Client, admin_client: Client) -> None:
    repo, secret = repository(), repository(name="secret-core", private=True)
    snapshot(repo)
    repo.depends_on.create(target_name=secret.full_name, target=secret)
    assert "secret-core" not in text_of(client)
    assert "secret-core" in text_of(admin_client)


def test_names_match_in_any_case(client: Client) -> None:
    snapshot(repository(organization("Acme"), "Api"))
    assert client.get("/r/aCME/aPI/").status_code == 200


def test_failures_with_one_text_are_one_group_with_its_tests_and_its_run(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, tests=(7, 3, 0, 0))
    for name in ("test_login", "test_logout"):
        failure(point, name, "connection refused")
    failure(point, "test_price", "assert 1 == 2", details="Traceback:\n  line 3")
    response = client.get(f"{PAGE}failures/")
    text = text_of(client, f"{PAGE}failures/")
    assert "3 tests fail with 2 messages." in text
    assert text.index("connection refused") < text.index("assert 1 == 2")
    assert "test_login" in text and "test_logout" in text and "Traceback:" in text
    report = Report.objects.get(repository=repo, kind="tests")
    assert f'href="{report.artifact.run.url}"' in response.content.decode()
    assert f'href="{PAGE}runs/{report.artifact.run.github_id}/"' in response.content.decode()


def test_each_failure_says_since_which_commit_it_has_failed_without_a_break(client: Client) -> None:
    repo = repository()
    points = [snapshot(repo, days_ago=days, tests=(8, 2, 0, 0)) for days in (4, 3, 2, 1)]
    for place, point in enumerate(points):
        if place != 1:
            failure(point, "test_wavers", "off by one")
        failure(point, "test_always", "gone")
    page = text_of(client, f"{PAGE}failures/")
    assert f"1 test failing since {points[2].sha[:8]}" in page
    assert f"1 test failing since {points[0].sha[:8]}" in page


def test_a_failure_that_a_newer_upload_replaced_does_not_count(client: Client) -> None:
    repo = repository()
    older = snapshot(repo, days_ago=1, tests=(9, 1, 0, 0), lines=None)
    failure(older, "test_login", "refused")
    upload = Artifact.objects.get(repository=repo)
    again = run(repo, older.sha, older.ordered_at + timedelta(hours=1))
    Artifact.objects.create(
        repository=repo,
        run=again,
        github_id=9,
        name=upload.name,
        size=1,
        created_at=upload.created_at + timedelta(hours=1),
        state=Artifact.State.READ,
    )
    newest = snapshot(repo, tests=(9, 1, 0, 0), lines=None)
    failure(newest, "test_login", "refused")
    assert f"failing since {newest.sha[:8]}" in text_of(client, f"{PAGE}failures/")


def test_markup_and_terminal_escapes_in_what_a_test_says_are_shown_as_text(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, tests=(9, 1, 0, 0), title="<script>alert(1)</script>")
    failure(
        point,
        "test_<img src=x onerror=alert(2)>",
        "\x1b[31m<script>alert(3)</script>\x1b[0m\u202e",
        details="</pre><script>alert(4)</script>",
    )
    covered(point, {("src/<svg onload=alert(5)>.py", True): Lines({1: 0})})
    for part in ("", "failures/", "coverage/", "runs/", f"commits/{point.sha}/"):
        page = client.get(PAGE + part).content.decode()
        for fragment in ("<script>alert", "<img src=x", "<svg onload", "\x1b", "\u202e"):
            assert fragment not in page, (part, fragment)
    assert "<script>alert(3)</script>" in text_of(client, f"{PAGE}failures/")


def test_an_address_that_could_run_as_a_script_is_no_link(client: Client) -> None:
    repo = repository(url="javascript:alert(1)")
    point = snapshot(repo)
    point.run.url = "javascript:alert(2)"
    point.run.save()
    for part in ("", "runs/", f"commits/{point.sha}/"):
        assert "javascript:" not in client.get(PAGE + part).content.decode()


def test_files_stand_least_covered_first_and_doubtful_paths_are_marked(client: Client) -> None:
    point = snapshot(repository(), lines=(4, 7))
    covered(
        point,
        {
            ("src/good.py", True): Lines({1: 1, 2: 1}),
            ("src/bad.py", True): Lines({1: 0, 2: 1, 3: 0}),
            ("/mnt/odd.py", False): Lines({1: 1, 2: 0}),
        },
    )
    text = text_of(client, f"{PAGE}coverage/", view="files")
    assert text.index("bad.py") < text.index("odd.py") < text.index("good.py")
    assert "odd.py as reported" in text
    assert "good.py as reported" not in text
    assert "src/good.py" not in text_of(client, f"{PAGE}coverage/", q="BAD")


@pytest.mark.parametrize("order", ["path", "-path", "missed", "-lines", "percent; drop table repository", ""])
def test_files_can_be_put_in_any_order_that_is_known(client: Client, order: str) -> None:
    point = snapshot(repository())
    covered(point, {("b.py", True): Lines({1: 1}), ("a.py", True): Lines({1: 0})})
    text = text_of(client, f"{PAGE}coverage/", sort=order)
    assert (text.index("a.py") < text.index("b.py")) == (order != "-path")


def test_a_file_shows_the_state_of_each_executable_line(client: Client) -> None:
    point = snapshot(repository())
    lines = Lines({3: 1200, 7: 0, 9: 1}, {9: Branches(1, 2)})
    covered(point, {("src/a b#.py", True): lines})
    text = text_of(client, f"{PAGE}coverage/", path="src/a b#.py")
    assert "1,200× 3 covered" in text
    assert "0 7 missed" in text
    assert "partial, 1 of 2 branches" in text
    assert client.get(f"{PAGE}coverage/", {"path": "src/other.py"}).status_code == 404


def test_runs_name_their_artifacts_what_was_refused_and_what_expired(client: Client) -> None:
    repo = repository()
    point = snapshot(repo)
    refused = "The zip is encrypted with a password; upload it without one."
    Artifact.objects.filter(repository=repo, name="coverage").update(state="rejected", reason=refused)
    Artifact.objects.filter(repository=repo, name="test-results").update(state="expired", reason="It expired.")
    text = text_of(client, f"{PAGE}runs/")
    assert f"coverage: {refused}" in text
    assert "test-results: It expired." in text
    assert "0 of 2 read" in text
    assert f'href="{PAGE}runs/{point.run.github_id}/"' in client.get(f"{PAGE}runs/").content.decode()


def test_a_file_names_the_reports_that_its_lines_were_read_from(client: Client) -> None:
    point = snapshot(repository(), lines=(1, 2))
    covered(point, {("src/a.py", True): Lines({1: 1, 2: 0})})
    report = Report.objects.get(repository=point.repository, kind="coverage")
    assert "Read from" not in text_of(client, f"{PAGE}coverage/", path="src/a.py")
    Report.objects.filter(pk=report.pk).update(manifest=Snapshot.objects.get(pk=point.pk).manifest)
    assert "Read from coverage.xml in coverage." in text_of(client, f"{PAGE}coverage/", path="src/a.py")
    page = client.get(f"{PAGE}coverage/", {"path": "src/a.py"}).content.decode()
    assert f'href="{PAGE}artifacts/{report.artifact.github_id}/?report={report.pk}#report-{report.pk}"' in page


def test_runs_are_paged_and_can_be_those_of_one_commit(client: Client) -> None:
    repo = repository()
    for hour in range(30):
        run(repo, sha_of(hour), today_at(hour=0) - timedelta(hours=hour))
    assert "Page 1 of 2" in text_of(client, f"{PAGE}runs/")
    assert "Page 2 of 2" in text_of(client, f"{PAGE}runs/", page=2)
    assert "1 run of commit" in text_of(client, f"{PAGE}runs/", commit=sha_of(3))


def test_the_chart_and_its_table_have_the_same_points(client: Client) -> None:
    repo = repository()
    for days_ago in range(40):
        snapshot(repo, days_ago=days_ago, tests=(10 + days_ago, 0, 0, 0))
    response = client.get(PAGE, {"rows": "all"})
    page = response.content.decode()
    assert len(figure_in(page)["data"][0]["x"]) == 40
    assert page.count('<th scope="row">') == 40
    assert client.get(PAGE).content.decode().count('<th scope="row">') == 30


def test_a_range_without_commits_says_where_the_newest_is(client: Client) -> None:
    snapshot(repository(), days_ago=200)
    assert "No commit with evidence lies in this range" in text_of(client, days=30)
    assert figure_in(client.get(PAGE, {"days": "all"}).content.decode())["data"][0]["y"] == [10]


def large_history(repo: Repository, commits: int, failing: int, files: int) -> Snapshot:
    for days_ago in range(commits, 0, -1):
        point = snapshot(repo, days_ago=days_ago, tests=(50, failing, 0, 0))
    report = Report.objects.get(artifact__run__head_sha=point.sha, kind="tests")
    for number in range(failing):
        failure(point, f"test_{number}", f"message {'a' * (number % 3)}")
    assert Failure.objects.filter(report=report).count() == failing
    covered(point, {(f"src/{number}.py", True): Lines({1: number % 2}) for number in range(files)})
    return point


# Overview, one each: the repository with neighbours and last red commit; its points; the standing artifacts with
# their reports; what changed at commits, where nothing is stored by name; and at once the marks on the trend, the
# failing groups and the least covered files. Failures date the groups with two queries.
# A file: the repository, its lines, the standing artifacts with their reports, which of these name it, tests by
# line, its trend. Coverage asks for its folders and the files of those that stand open. test_commit_changes.py has
# the budget of commits at which something changed.
# Runs: the repository, how many, the page of them, their artifacts, their reports.
BUDGETS = {"": 5, "failures/": 5, "coverage/": 4, "coverage/?path=src/1.py": 6, "runs/": 5, "commit": 5}


@pytest.mark.parametrize(("commits", "failing", "files"), [(2, 2, 3), (15, 40, 60)])
def test_each_page_stays_within_its_queries_at_any_size(
    client: Client, django_assert_num_queries: Any, commits: int, failing: int, files: int
) -> None:
    point = large_history(repository(), commits, failing, files)
    for part, budget in BUDGETS.items():
        address = PAGE + (f"commits/{point.sha}/" if part == "commit" else part)
        with django_assert_num_queries(budget):
            assert client.get(address).status_code == 200


def test_many_failures_with_long_texts_stay_a_small_page(client: Client) -> None:
    repo = repository()
    point = snapshot(repo, tests=(0, 1_200, 0, 0))
    report = Report.objects.get(repository=repo, kind="tests")
    texts = FailureMessage.objects.bulk_create(
        FailureMessage(
            repository=repo, fingerprint=number.to_bytes(16, "big"), message="x" * 2_000, details="y" * 20_000
        )
        for number in range(120)
    )
    cases = Case.objects.bulk_create(
        Case(repository=repo, identity=number.to_bytes(16, "big"), group="default", name="z" * 900)
        for number in range(1_200)
    )
    fail(report, [(case.pk, texts[place % 120].pk, 2) for place, case in enumerate(cases)])
    response = client.get(f"{PAGE}failures/")
    assert len(response.content) < 1_000_000
    assert "1,200 tests fail with 120 messages." in text_of(client, f"{PAGE}failures/")
    assert point.sha[:8] in response.content.decode()


def test_a_repository_tells_which_of_those_below_it_fail_at_first_and_at_second_hand(
    client: Client, admin_client: Client
) -> None:
    top, middle, below, secret = (repository(name=name) for name in ("top", "middle", "below", "secret"))
    Repository.objects.filter(pk=secret.pk).update(private=True)
    snapshot(top)
    snapshot(middle)
    for repo in (below, secret):
        snapshot(repo, tests=(1, 1, 0, 0))
    # A circle does not end it, and what is no longer there does not break it.
    for source, target in ((top, middle), (middle, below), (middle, secret), (below, top)):
        Dependency.objects.create(repository=source, target=target, target_name=target.full_name)
    Dependency.objects.create(repository=middle, target_name="acme/gone")
    said = text_of(client, "/r/acme/top/")
    assert "Stands on 1 further down." in said and "below through middle" in said and "secret" not in said
    assert "secret through middle" in text_of(admin_client, "/r/acme/top/")
    assert "1 of 1 is failing" in text_of(client, "/r/acme/middle/")
