"""Which runs a demo repository has, night by night, in the calendar of the recorded estate.

A night is named after the UTC day on which it ends: the night of 6 March holds the runs of 5 March. So a night
is over when its day begins, whatever the hour. Three kinds of run make a night (``docs/demo.md``):

* a ``push`` of a real commit with its real reports;
* on days without one, up to the last: a ``schedule`` run of a generated commit, its reports derived from those of
  the real commit before it (before the first: from the first);
* after the last real commit: a ``schedule`` run that serves that commit's reports again, the same bytes.

Nothing here depends on when the demo is started: a later start has more nights, and the same ones before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from collectors.lookalike.demo.chance import fake_sha, stream, unit
from collectors.lookalike.demo.contents import Change, Source, generated, generated_in_half, real
from collectors.lookalike.demo.derived_tests import Break
from collectors.lookalike.demo.facts import DemoRepository, RealReport

LAST_RECORDED_NIGHT = date(2026, 3, 6)
NIGHTS = 60
FIRST_NIGHT = LAST_RECORDED_NIGHT - timedelta(days=NIGHTS - 1)

BREAKS_A_NIGHT = 0.03
FLAKES_A_NIGHT = 0.10
# Below so many passing tests a generated failure would change the picture of the repository.
ENOUGH_TO_BREAK = 8
ENOUGH_TO_FLAKE = 20

# Blemishes that every estate has, one of each, all on generated commits: no real figure is touched.
EXPIRED = ("organvm-iv-taxis/universal-node-network", date(2026, 1, 20))
ENDED_EARLY = ("organvm-iii-ergon/hokage-chess", date(2026, 2, 11))
CUT_IN_HALF = ("organvm-vi-koinonia/salon-archive", date(2026, 2, 18))
FROM_A_FORK = ("organvm-iv-taxis/agentic-titan", date(2026, 3, 1))

# Slots of a night: real pushes count from 0.
SCHEDULED = 50
FORKED = 70

Commit = tuple[RealReport, ...]


@dataclass(frozen=True)
class Upload:
    """An artifact of a run; ``first_attempt`` when the run was started again after it."""

    name: str
    content: Callable[[], bytes]
    expired: bool = False
    first_attempt: bool = False


@dataclass(frozen=True)
class PlannedRun:
    """A run of ``seconds``; ``slot`` tells apart the runs of one night. Times are of the recorded calendar."""

    night: date
    slot: int
    event: str
    sha: str
    title: str
    committed_at: datetime
    created_at: datetime
    seconds: int
    conclusion: str
    uploads: tuple[Upload, ...] = ()
    from_fork: bool = False


def plan(repository: DemoRepository, last_night: date) -> list[PlannedRun]:
    """The runs of all nights up to ``last_night``, oldest first."""
    commits = repository.commits()
    if not commits:
        return list(_runs_without_reports(repository))
    runs: list[PlannedRun] = []
    night = FIRST_NIGHT
    while night <= last_night:
        tonight = [commit for commit in commits if night_of(commit[0].committed_at) == night]
        if tonight:
            runs += [_real_run(repository, commit, slot) for slot, commit in enumerate(tonight)]
        elif night < night_of(commits[-1][0].committed_at):
            runs.append(_generated_run(repository, commits, night))
        else:
            runs.append(_repeated_run(repository, commits[-1], night))
        if (repository.full_name, night) == FROM_A_FORK:
            runs.append(_fork_run(repository, commits[-1], night))
        night += timedelta(days=1)
    return runs


def night_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date() + timedelta(days=1)


def _real_run(repository: DemoRepository, commit: Commit, slot: int) -> PlannedRun:
    first = commit[0]
    uploads = [
        replace(upload, first_attempt=True)
        for report in repository.variants(first.sha)
        for upload in _real_uploads(repository, (report,))
    ]
    return PlannedRun(
        night=night_of(first.committed_at),
        slot=slot,
        event="push",
        sha=first.sha,
        title=f"Real report of {first.committed_at:%Y-%m-%d}",
        committed_at=first.committed_at,
        created_at=first.committed_at + timedelta(seconds=20),
        seconds=_seconds(commit),
        conclusion=_conclusion(commit),
        uploads=(*uploads, *_real_uploads(repository, commit)),
    )


def _repeated_run(repository: DemoRepository, commit: Commit, night: date) -> PlannedRun:
    first = commit[0]
    return PlannedRun(
        night=night,
        slot=SCHEDULED,
        event="schedule",
        sha=first.sha,
        title=f"Real report of {first.committed_at:%Y-%m-%d}, served again",
        committed_at=first.committed_at,
        created_at=_scheduled_at(repository, night),
        seconds=_seconds(commit),
        conclusion=_conclusion(commit),
        uploads=_real_uploads(repository, commit),
    )


def _generated_run(repository: DemoRepository, commits: list[Commit], night: date) -> PlannedRun:
    name, day = repository.full_name, night - timedelta(days=1)
    committed_at = _at(day, 7) + timedelta(seconds=int(12 * 3600 * unit(name, night, "commit")))
    before = [commit for commit in commits if commit[0].committed_at <= committed_at]
    source = before[-1] if before else commits[0]
    broken = _break_on(name, night)
    # Of several packages one breaks, the same through all its nights.
    breaking = source[int(broken.place * len(source))] if broken else None
    changes = [_change(name, report, night, broken if report is breaking else None) for report in source]
    ends_early = (name, night) == ENDED_EARLY
    failed = ends_early or any(each.broken for each in changes)
    uploads = () if ends_early else _generated_uploads(repository, source, changes)
    return PlannedRun(
        night=night,
        slot=SCHEDULED,
        event="schedule",
        sha=fake_sha(name, night),
        title=f"Generated from {source[0].sha[:8]}: {_what(changes, ends_early)}",
        committed_at=committed_at,
        created_at=_scheduled_at(repository, night),
        seconds=int(_seconds(source) * (0.9 + 0.3 * unit(name, night, "length"))),
        conclusion="failure" if failed else _conclusion(source),
        uploads=uploads,
    )


def _fork_run(repository: DemoRepository, commit: Commit, night: date) -> PlannedRun:
    """A stranger's pull request with failing tests: it is in the list of artifacts, and counts in no figure."""
    change = Change(night, 0, Break(0.1, 40))
    tests = [report for report in commit if "junit.xml" in report.members]
    return PlannedRun(
        night=night,
        slot=FORKED,
        event="pull_request",
        sha=fake_sha(repository.full_name, night, "fork"),
        title=f"Generated from {commit[0].sha[:8]}: a pull request from a fork, counted nowhere",
        committed_at=_at(night - timedelta(days=1), 9),
        created_at=_at(night - timedelta(days=1), 10),
        seconds=_seconds(commit),
        conclusion="failure",
        uploads=_generated_uploads(repository, tuple(tests), [change] * len(tests)),
        from_fork=True,
    )


def _runs_without_reports(repository: DemoRepository) -> Iterator[PlannedRun]:
    """One run of the recorded head where a workflow reacts to pushes: it uploads nothing, as in truth."""
    pushed = any("push" in workflow.triggers for workflow in repository.workflows)
    if repository.sha and repository.committed_at and pushed:
        yield PlannedRun(
            night=night_of(repository.committed_at),
            slot=0,
            event="push",
            sha=repository.sha,
            title=f"Real commit of {repository.committed_at:%Y-%m-%d}, nothing uploaded",
            committed_at=repository.committed_at,
            created_at=repository.committed_at + timedelta(seconds=20),
            seconds=90,
            conclusion="success",
        )


def _real_uploads(repository: DemoRepository, commit: Commit) -> tuple[Upload, ...]:
    return tuple(
        Upload(artifact_name(report, member), partial(real, _source(repository, report, member)))
        for report in commit
        for member in report.members
    )


def _generated_uploads(repository: DemoRepository, commit: Commit, changes: list[Change]) -> tuple[Upload, ...]:
    uploads = []
    for report, change in zip(commit, changes, strict=True):
        here = (repository.full_name, change.night)
        for member in report.members:
            in_half = here == CUT_IN_HALF and member != "junit.xml"
            # Coverage without a single test would move by itself: it is served as it is.
            told = change if report.passed else replace(change, nights_before=0)
            make = partial(generated_in_half if in_half else generated, _source(repository, report, member), told)
            uploads.append(Upload(artifact_name(report, member), make, expired=here == EXPIRED))
    return tuple(uploads)


def artifact_name(report: RealReport, member: str) -> str:
    """``test-results`` or ``coverage``, and the package's name in a monorepo."""
    kind = "test-results" if member == "junit.xml" else "coverage"
    return f"{kind}-{report.part}" if report.part else kind


def _source(repository: DemoRepository, report: RealReport, member: str) -> Source:
    return Source(repository.full_name, report.folder, report.part, member)


def _change(name: str, report: RealReport, night: date, broken: Break | None) -> Change:
    """What happens to one report on a night."""
    return Change(
        night=night,
        nights_before=max(0, (night_of(report.committed_at) - night).days),
        broken=broken if report.passed >= ENOUGH_TO_BREAK else None,
        flaky=_flake_on(f"{name} {report.part}", night) if report.passed >= ENOUGH_TO_FLAKE else None,
    )


def _break_on(name: str, night: date) -> Break | None:
    """The break that a repository suffers on a night: it lasts one to three nights, with the same tests."""
    for nights_ago in range(3):
        chance = stream(name, night - timedelta(days=nights_ago), "break")
        starts, lasts = chance.random() < BREAKS_A_NIGHT, 1 + int(3 * chance.random())
        if starts and lasts > nights_ago:
            return Break(chance.random(), 1 + int(4 * chance.random() ** 2))
    return None


def _flake_on(name: str, night: date) -> float | None:
    """The place of the suite's flaky test, when it flakes on that night."""
    return unit(name, "flaky") if unit(name, night, "flaky") < FLAKES_A_NIGHT else None


def _what(changes: list[Change], ends_early: bool) -> str:
    if ends_early:
        return "ended before its reports"
    if broken := sum(each.broken.count for each in changes if each.broken):
        return "a test fails" if broken == 1 else f"{broken} tests fail"
    return "a test flakes" if any(each.flaky is not None for each in changes) else "a quiet night"


def _seconds(commit: Commit) -> int:
    """How long its run takes: its packages run side by side, after the setting up."""
    return 40 + int(max(report.seconds for report in commit))


def _conclusion(commit: Commit) -> str:
    return "failure" if any(report.exit_code for report in commit) else "success"


def _scheduled_at(repository: DemoRepository, night: date) -> datetime:
    return _at(night - timedelta(days=1), 21) + timedelta(minutes=repository.position)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), UTC)
