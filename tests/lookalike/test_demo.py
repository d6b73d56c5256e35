"""The demo estate: real where it says real, generated where it says generated, and the same at every start."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import yaml

from collectors.lookalike.demo import build
from collectors.lookalike.demo.facts import DATA, DemoRepository, load_facts, real_bytes
from collectors.lookalike.demo.nights import CUT_IN_HALF, ENDED_EARLY, EXPIRED, FROM_A_FORK, NIGHTS
from collectors.lookalike.estate import FakeEstate
from collectors.lookalike.things import FakeArtifact, FakeRepository, FakeRun
from collectors.paths import PathResolver
from collectors.reading import read_artifact
from tests.lookalike.truth import newest_by_repository, truths

TODAY = date(2026, 5, 4)
ESTATE_FILE = Path("collectors/lookalike/estate/estate.yaml")
REPORTING = [each for each in load_facts().repositories if each.reports]
REAL_SHAS = {report.sha for each in REPORTING for report in each.reports}


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> FakeEstate:
    return build(tmp_path_factory.mktemp("state"), TODAY)


def repository_of(estate: FakeEstate, full_name: str) -> FakeRepository:
    owner, _, name = full_name.partition("/")
    found = estate.find_repository(owner, name)
    assert found is not None
    return found


def newest_run(estate: FakeEstate, full_name: str) -> FakeRun:
    return estate.runs_of(repository_of(estate, full_name))[0]


def runs_of_night(estate: FakeEstate, place: tuple[str, date]) -> list[FakeRun]:
    """The runs of a repository on a night of the recorded calendar."""
    full_name, night = place
    day = night - timedelta(days=1) + (TODAY - date(2026, 3, 6))
    return [each for each in estate.runs_of(repository_of(estate, full_name)) if each.created_at.date() == day]


def generated_runs(estate: FakeEstate) -> Iterator[tuple[DemoRepository, FakeRun]]:
    """Three nights of every repository that has generated ones: the first, one in the middle, the last."""
    for described in REPORTING:
        runs = [
            run
            for run in estate.runs_of(repository_of(estate, described.full_name))
            if run.head_sha not in REAL_SHAS and run.event == "schedule"
        ]
        yield from ((described, run) for run in (runs[0], runs[len(runs) // 2], runs[-1]))


def unzipped(estate: FakeEstate, artifact: FakeArtifact) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(estate.content_of(artifact))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def counted(estate: FakeEstate, run: FakeRun) -> tuple[list[int], list[int] | None]:
    """Tests (total, failed, errors, skipped) and lines (valid, covered) as the run's standing artifacts say."""
    standing = {each.name: each for each in sorted(estate.artifacts_of_run(run), key=lambda each: each.created_at)}
    tests, lines, has_lines = [0, 0, 0, 0], [0, 0], False
    for artifact in standing.values():
        for report in read_artifact(estate.content_of(artifact), artifact.name).reports:
            assert report.error is None, (run.display_title, report.error)
            if report.tests:
                counts = report.tests.counts()
                each = [counts.total, counts.failed, counts.errors, counts.skipped]
                tests = [a + b for a, b in zip(tests, each, strict=True)]
            if report.coverage:
                totals = report.coverage.counts()
                has_lines = True
                lines = [lines[0] + (totals.lines_valid or 0), lines[1] + totals.lines_covered]
    return tests, lines if has_lines else None


def snapshot(estate: FakeEstate) -> dict[int, tuple[object, ...]]:
    """All runs and their artifacts as comparable values, by run id."""
    return {
        run.id: (run, tuple((a.id, a.name, a.created_at, a.expired) for a in estate.artifacts_of_run(run)))
        for run in estate.runs.values()
    }


def some_digests(estate: FakeEstate) -> dict[int, str]:
    """The digests of every 41st artifact: all of them take seconds."""
    return {number: estate.measure(estate.artifacts[number])[1] for number in sorted(estate.artifacts)[::41]}


def test_the_estate_has_the_registrys_organizations_and_repositories(estate: FakeEstate) -> None:
    assert len(estate.organizations) == 8
    assert len(estate.repositories) == 103
    assert sum(each.archived for each in estate.repositories.values()) == 9
    assert not any(each.private for each in estate.repositories.values())


def test_the_estate_file_has_forty_three_dependencies_and_no_back_edge() -> None:
    data = yaml.safe_load(ESTATE_FILE.read_text(encoding="utf-8"))
    layer = {each["login"]: each["layer"] for each in data["organizations"]}
    names = {each["full_name"] for each in data["repositories"]}
    edges = [(each["full_name"], to) for each in data["repositories"] for to in each.get("depends_on", [])]
    bare = [to for _, to in edges if "/" not in to]
    resolved = [(a, b if "/" in b else f"{a.partition('/')[0]}/{b}") for a, b in edges]
    owners = [(a.partition("/")[0], b.partition("/")[0]) for a, b in resolved]

    assert (len(layer), len(names), len(edges), len(bare)) == (8, 103, 43, 7)
    assert {b for _, b in resolved} <= names
    assert sum(each["status"] == "archived" for each in data["repositories"]) == 9
    assert sum("flagship" in each["tags"] for each in data["repositories"]) == 10
    assert not [(a, b) for a, b in owners if layer[a] is not None and layer[b] is not None and layer[a] < layer[b]]
    assert not [pair for pair in owners if list(pair) in data["rules"]["forbid"]]


def test_the_estate_file_and_the_look_alike_name_the_same_repositories(estate: FakeEstate) -> None:
    listed = yaml.safe_load(ESTATE_FILE.read_text(encoding="utf-8"))["repositories"]

    assert {each.full_name: each.archived for each in estate.repositories.values()} == {
        each["full_name"]: each["status"] == "archived" for each in listed
    }


def test_the_trees_hold_the_files_that_reports_name_below_several_source_roots(estate: FakeEstate) -> None:
    described = next(each for each in REPORTING if each.full_name.endswith("/agentic-titan"))
    newest = described.commits()[-1][0]
    report = real_bytes(described.full_name, f"{newest.folder}/coverage.xml").decode()
    roots = tuple(re.findall(r"<source>(.+?)</source>", report))
    names = re.findall(r'<class [^>]*filename="(.+?)"', report)
    tree = repository_of(estate, described.full_name).files
    found = PathResolver(tree).resolve_all([(name, roots) for name in names])

    assert len(roots) == 8 and len(names) == 201
    assert [path for path, certain in found if not certain] == [
        "__init__.py", "base.py", "learning/__init__.py", "tools/__init__.py",
    ]  # fmt: skip
    assert {path.partition("/")[0] for path, certain in found if certain} == {Path(root).name for root in roots}


def test_two_builds_are_equal(estate: FakeEstate, tmp_path: Path) -> None:
    again = build(tmp_path, TODAY)

    assert snapshot(again) == snapshot(estate)
    assert some_digests(again) == some_digests(estate)
    assert again.repositories == estate.repositories


def test_bytes_do_not_depend_on_the_day_of_the_first_start(estate: FakeEstate, tmp_path: Path) -> None:
    other = build(tmp_path, TODAY + timedelta(days=7))
    described = repository_of(estate, "organvm-vi-koinonia/community-hub")
    run, run_later = estate.runs_of(described)[30], other.runs_of(described)[30]

    assert run_later.head_sha == run.head_sha
    assert run_later.created_at == run.created_at + timedelta(days=7)
    assert [other.measure(each) for each in other.artifacts_of_run(run_later)] == [
        estate.measure(each) for each in estate.artifacts_of_run(run)
    ]


def test_a_generated_night_has_the_bytes_it_always_had(estate: FakeEstate) -> None:
    """A change of these bytes reads every installed demo's history anew: change them knowingly."""
    run = estate.runs_of(repository_of(estate, "organvm-vi-koinonia/community-hub"))[30]
    told = hashlib.sha256(b"".join(estate.content_of(each) for each in estate.artifacts_of_run(run))).hexdigest()

    assert (run.head_sha[:12], told[:12]) == ("72f07c9ec408", "65049a8acf5e")


def test_a_start_a_day_later_adds_one_night_and_changes_none_before(tmp_path: Path) -> None:
    first = build(tmp_path, TODAY)
    second = build(tmp_path, TODAY + timedelta(days=1))
    before, after = snapshot(first), snapshot(second)
    added = [second.runs[number] for number in after.keys() - before.keys()]

    assert {number: after[number] for number in before} == before
    assert (
        some_digests(first).items()
        <= {n: second.measure(second.artifacts[n])[1] for n in some_digests(first)}.items()
    )
    assert len(added) == len(REPORTING)
    assert {run.repository_id for run in added} == {repository_of(second, each.full_name).id for each in REPORTING}
    assert {run.created_at.date() for run in added} == {TODAY}


def test_a_new_night_serves_the_bytes_of_the_night_before(tmp_path: Path) -> None:
    build(tmp_path, TODAY)
    later = build(tmp_path, TODAY + timedelta(days=1))
    for described in REPORTING:
        newest, before = later.runs_of(repository_of(later, described.full_name))[:2]
        standing = {each.name: later.measure(each) for each in reversed(later.artifacts_of_run(before))}

        assert newest.head_sha == before.head_sha
        assert {each.name: later.measure(each) for each in later.artifacts_of_run(newest)} == standing


def test_sixty_nights_end_today(estate: FakeEstate) -> None:
    midnight = datetime.combine(TODAY, time(), UTC)
    runs = estate.runs_of(repository_of(estate, "organvm-i-theoria/recursive-engine--generative-entity"))

    assert max(each.updated_at for each in estate.runs.values()) <= midnight
    assert len({each.created_at.date() for each in runs}) == NIGHTS
    assert min(each.created_at for each in runs) >= midnight - timedelta(days=NIGHTS)


def test_the_newest_night_of_every_repository_is_its_real_report(estate: FakeEstate) -> None:
    for described in REPORTING:
        run = newest_run(estate, described.full_name)
        last = described.commits()[-1]
        real = {
            (member, real_bytes(described.full_name, f"{report.folder}/{member}"))
            for report in last
            for member in report.members
        }
        standing = {each.name: each for each in reversed(estate.artifacts_of_run(run))}
        served = {pair for each in standing.values() for pair in unzipped(estate, each).items()}

        assert run.head_sha == last[0].sha
        assert run.display_title.startswith("Real report of")
        assert served == real


def test_the_newest_figures_are_what_the_tools_said(estate: FakeEstate) -> None:
    truth = newest_by_repository(DATA / "reports")

    assert len(truth) == len(REPORTING) == 39
    for name, said in truth.items():
        lines = None if said.lines_valid is None else [said.lines_valid, said.lines_covered]
        assert counted(estate, newest_run(estate, name)) == (
            [said.tests, said.failed, said.errors, said.skipped],
            lines,
        ), name


def test_the_real_commits_keep_their_dates_a_whole_number_of_days_apart(estate: FakeEstate) -> None:
    shift = TODAY - date(2026, 3, 6)
    name = "organvm-i-theoria/recursive-engine--generative-entity"
    pushes = [run for run in estate.runs_of(repository_of(estate, name)) if run.event == "push"]
    real = {
        (each.sha, datetime.fromisoformat(each.committed_at) + shift)
        for each in truths()
        if each.repository == name
    }

    assert len(pushes) == 10
    assert {(run.head_sha, run.committed_at) for run in pushes} == real


def test_a_title_says_what_is_real_and_what_is_generated(estate: FakeEstate) -> None:
    heads = {each.sha for each in load_facts().repositories}
    for run in estate.runs.values():
        start = "Real " if run.head_sha in REAL_SHAS | heads else "Generated from "
        assert run.display_title.startswith(start)


def test_generated_reports_are_read_without_a_warning_and_stay_near_the_real_ones(estate: FakeEstate) -> None:
    blemished = {run.id for place in (CUT_IN_HALF, ENDED_EARLY, EXPIRED) for run in runs_of_night(estate, place)}
    for described, run in generated_runs(estate):
        if run.id in blemished:
            continue
        sha8 = run.display_title.removeprefix("Generated from ")[:8]
        source = next(each for each in described.commits() if each[0].sha.startswith(sha8))
        real = sum(each.cases for each in source)
        (total, failed, errors, skipped), lines = counted(estate, run)
        for artifact in estate.artifacts_of_run(run):
            for report in read_artifact(estate.content_of(artifact), artifact.name).reports:
                listed_short = described.full_name.endswith("/agentic-titan") and report.kind == "coverage"
                assert listed_short or not report.warnings, report.warnings

        assert 0.8 * real - 1 <= total <= real + len(source), (described.full_name, total, real)
        assert failed + errors + skipped <= sum(each.cases - each.passed for each in source) + 5
        assert lines is None or 0 <= lines[1] <= lines[0]


def test_generated_nights_differ_and_some_fail_and_flake(estate: FakeEstate) -> None:
    titles = [run.display_title for run in estate.runs.values() if run.display_title.startswith("Generated")]
    name = "meta-organvm/organvm-engine"
    runs = [run for run in estate.runs_of(repository_of(estate, name)) if run.head_sha not in REAL_SHAS]
    digests = {estate.measure(artifact)[1] for run in runs for artifact in estate.artifacts_of_run(run)[:1]}

    assert len(runs) == NIGHTS - 1
    assert len(digests) > 20
    assert sum("fail" in title for title in titles) > 20
    assert sum("flakes" in title for title in titles) > 50
    assert sum("quiet" in title for title in titles) > len(titles) / 2


def test_a_failing_night_fails_the_tests_it_says(estate: FakeEstate) -> None:
    for described, run in (
        (each, run)
        for each in REPORTING
        for run in estate.runs_of(repository_of(estate, each.full_name))
        if run.display_title.endswith((": a test fails", "tests fail"))
    ):
        said = run.display_title.rpartition(": ")[2]
        number = 1 if said == "a test fails" else int(said.split()[0])
        base = next(each for each in described.commits() if each[0].sha[:8] in run.display_title)
        really = sum(each.cases - each.passed for each in base)
        (_, failed, errors, skipped), _ = counted(estate, run)

        assert run.conclusion == "failure"
        # A flaky test of the same night adds one failure, in each package, that its second try mends.
        assert number <= failed + errors + skipped - really <= number + len(base), (
            described.full_name,
            run.display_title,
        )


def test_repositories_without_reports_upload_nothing(estate: FakeEstate) -> None:
    reporting = {each.full_name for each in REPORTING}
    silent = [each for each in estate.repositories.values() if each.full_name not in reporting]

    assert len(silent) == 64
    assert not [artifact for each in silent for artifact in estate.artifacts_of(each)]
    assert 0 < sum(1 for each in silent if not estate.runs_of(each)) < len(silent)


def test_a_second_way_of_running_a_commit_is_its_first_attempt_and_stands_nowhere(estate: FakeEstate) -> None:
    hub = repository_of(estate, "organvm-vi-koinonia/community-hub")
    run = next(each for each in estate.runs_of(hub) if each.run_attempt == 2)
    of_tests = sorted(
        (each for each in estate.artifacts_of_run(run) if each.name == "test-results"),
        key=lambda each: each.created_at,
    )

    assert [unzipped(estate, each)["junit.xml"].count(b"<failure") for each in of_tests] == [4, 31]


def test_a_monorepos_packages_are_artifacts_of_their_own(estate: FakeEstate) -> None:
    run = newest_run(estate, "organvm-iii-ergon/life-my--midst--in")
    parts = ("apps-orchestrator", "packages-content-model", "packages-core", "packages-schema")

    assert {each.name for each in estate.artifacts_of_run(run)} == {
        f"{kind}-{part}" for kind in ("test-results", "coverage") for part in parts
    }


def test_one_artifact_has_expired(estate: FakeEstate) -> None:
    expired = [each for each in estate.artifacts.values() if each.expired]
    (run,) = runs_of_night(estate, EXPIRED)

    assert {each.run_id for each in expired} == {run.id}


def test_one_run_ended_before_its_reports(estate: FakeEstate) -> None:
    (run,) = runs_of_night(estate, ENDED_EARLY)

    assert run.conclusion == "failure"
    assert estate.artifacts_of_run(run) == []


def test_one_report_breaks_off_in_its_middle(estate: FakeEstate) -> None:
    (run,) = runs_of_night(estate, CUT_IN_HALF)
    by_name = {each.name: each for each in estate.artifacts_of_run(run)}
    (cut,) = read_artifact(estate.content_of(by_name["coverage"]), "coverage").reports
    (whole,) = read_artifact(estate.content_of(by_name["test-results"]), "test-results").reports

    assert cut.error
    assert whole.error is None


def test_one_run_comes_from_a_fork(estate: FakeEstate) -> None:
    strange = [each for each in estate.runs.values() if each.head_repository_id != each.repository_id]

    assert strange == [each for each in runs_of_night(estate, FROM_A_FORK) if each.event == "pull_request"]
    assert estate.artifacts_of_run(strange[0])


def test_artifacts_older_than_ninety_days_are_gone_as_on_github(tmp_path: Path) -> None:
    build(tmp_path, TODAY)
    later = build(tmp_path, TODAY + timedelta(days=60))
    oldest, newest = min(later.artifacts.values(), key=lambda a: a.created_at), max(later.artifacts)

    assert oldest.expired
    assert not later.artifacts[newest].expired


def test_a_damaged_calendar_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "anchor.json").write_text("{", encoding="utf-8")

    with pytest.raises(OSError, match=r"anchor\.json is damaged; remove it"):
        build(tmp_path, TODAY)


def test_the_shipped_reports_are_small() -> None:
    assert sum(each.stat().st_size for each in DATA.rglob("*") if each.is_file()) < 8_000_000
