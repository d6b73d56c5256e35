"""One repository's nights as the rows that the store layer would leave of them.

Each night is one run on a commit of its own with one artifact of two reports, ``junit.xml`` and ``coverage.xml``.
The pure halves of the store layer are used as they are (identities, digests, packing, legs, groups); what it asks
the database for, because it comes back to a repository night after night, is remembered here instead.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any

from collectors.filling.churn import Churn, MadeUpTest, Night, fails, message_of
from collectors.filling.copying import Copying
from collectors.filling.standing import Point, current_row
from collectors.identity import fingerprint, fold
from collectors.ingest import READER_VERSION
from collectors.legs import leg_name
from collectors.parsers.results import (
    CaseResult,
    CoverageReport,
    FileCoverage,
    Outcome,
    Reading,
    ReadReport,
    TestReport,
)
from collectors.rosters import MOST_BASES, new_roster
from dashboard.groups import group_of
from dashboard.models import (
    Artifact,
    Case,
    CoverageManifest,
    FailureMessage,
    LineMap,
    Report,
    ReportFailures,
    Repository,
    RepositoryDay,
    Results,
    Roster,
    Snapshot,
    SnapshotGroup,
    SourceFile,
    WorkflowRun,
)
from dashboard.models.figures import FIGURE_NAMES
from dashboard.nights import day_of
from dashboard.packing import Lines, digest_of, duration_codes, pack_durations, pack_lines, pack_outcomes

WORKFLOW = ".github/workflows/ci.yml"
ARTIFACT = "test-reports"
TESTS_MEMBER, COVERAGE_MEMBER = "junit.xml", "coverage.xml"
RUN_AT = time(3, 20, tzinfo=UTC)
TOOK = timedelta(minutes=7)


def reading_of(churn: Churn, night: Night) -> Reading:
    """The night as the sandbox would hand it to the store layer, sizes of the files apart."""
    cases = [
        CaseResult("", test.classname, test.name, outcome, seconds, *_words(test, outcome), test.file, flaky)
        for test, outcome, seconds, flaky in zip(
            night.tests, night.outcomes, night.seconds, night.flaky, strict=True
        )
    ]
    files = [FileCoverage(path, churn.lines(path, version)) for path, version in night.files.items()]
    tests = ReadReport(TESTS_MEMBER, "junit", "tests", _size(cases), TestReport(cases, sum(night.seconds)))
    lines = ReadReport(COVERAGE_MEMBER, "cobertura", "coverage", _size(files), coverage=CoverageReport(files))
    return Reading([lines, tests] if files else [tests])


def _words(test: MadeUpTest, outcome: Outcome) -> tuple[str, str]:
    return message_of(test, outcome) if outcome >= Outcome.FAILED else ("", "")


def _size(entries: Sequence[object]) -> int:
    """About as many bytes as a tool would write of them."""
    return 400 + 180 * len(entries)


def run_fields(repository: Repository, night: Night) -> dict[str, Any]:
    """The columns of a night's run, as GitHub's list would fill them."""
    at = datetime.combine(night.day, RUN_AT)
    sha = hashlib.sha1(f"{repository.full_name} {night.number}".encode(), usedforsecurity=False).hexdigest()
    number = repository.pk * 10_000 + night.number
    return {
        "repository_id": repository.pk,
        "github_id": number,
        "workflow_path": WORKFLOW,
        "workflow_name": "CI",
        "title": f"Change {len(night.changed)} files" if night.changed else "Bump the version",
        "run_number": night.number + 1,
        "event": "push",
        "status": "completed",
        "conclusion": "failure" if fails(night) else "success",
        "head_branch": repository.default_branch,
        "head_sha": sha,
        "head_repository_id": repository.github_id,
        "is_trend": True,
        "committed_at": at,
        "created_at": at,
        "started_at": at,
        "updated_at": at + TOOK,
        "listed_at": at + TOOK,
        "url": f"https://github.com/{repository.full_name}/actions/runs/{number}",
    }


def artifact_fields(run: dict[str, Any]) -> dict[str, Any]:
    """The columns of a night's artifact, listed and not yet read, without its run's id."""
    sha256 = hashlib.sha256(run["head_sha"].encode()).hexdigest()
    return {
        "repository_id": run["repository_id"],
        "github_id": run["github_id"],
        "name": ARTIFACT,
        "size": 40_000,
        "digest": sha256,
        "created_at": run["updated_at"],
        "expires_at": run["updated_at"] + timedelta(days=90),
    }


@dataclass(slots=True)
class _Standing:
    """The parts of a night that are often those of the night before."""

    tests: Sequence[MadeUpTest] = ()
    order: list[int] = field(default_factory=list)
    """Places of the tests by identity, which is how a roster lists them."""
    case_ids: list[int] = field(default_factory=list)
    roster: int = 0
    usual: bytes = b""
    """Codes of what the tests took when the roster was new, in its order."""
    files: dict[str, int] | None = None
    manifest: int | None = None


@dataclass(slots=True)
class History:
    """Adds all rows of one repository to ``into``, its own at the end, when all nights are known."""

    into: Copying
    repository: Repository
    churn: Churn
    group: str = field(default_factory=lambda: group_of(ARTIFACT))
    cases: dict[MadeUpTest, tuple[bytes, int]] = field(default_factory=dict)
    rosters: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    """By digest: id, and what its tests usually take."""
    bases: list[Roster] = field(default_factory=list)
    messages: dict[bytes, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    """First line of each message."""
    paths: dict[str, int] = field(default_factory=dict)
    maps: dict[tuple[str, int], tuple[bytes, int]] = field(default_factory=dict)
    """By path and version: digest and id."""
    map_ids: dict[bytes, int] = field(default_factory=dict)
    counted: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By line map: valid and covered lines."""
    manifests: dict[bytes, int] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)
    """The messages of the newest night's failures."""
    standing: _Standing = field(default_factory=_Standing)

    def add(self, night: Night) -> None:
        run = run_fields(self.repository, night)
        run_id = self.into.add(WorkflowRun, **run)
        artifact = artifact_fields(run)
        artifact_id = self.into.add(
            Artifact,
            **artifact,
            run_id=run_id,
            sha256=artifact["digest"],
            state=Artifact.State.READ.value,
            read_at=artifact["created_at"],
            reader_version=READER_VERSION,
            passed_over_count=0,
            counted=True,
        )
        lines, coverage = self._coverage(night, artifact_id) if night.files else ({}, {})
        tests, results = self._tests(night, artifact_id)
        self._point(run, run_id, artifact["created_at"], tests | lines, {"results_id": results, **coverage})

    def end(self) -> None:
        """The repository's days and its own row, as the roll-up would write them."""
        for point in self.points:
            self.into.add(
                RepositoryDay,
                repository_id=self.repository.pk,
                day=day_of(point.ordered_at),
                snapshot_id=point.snapshot,
                **point.figures,
            )
        self.repository.latest_id = self.points[-1].snapshot
        row = {
            column.attname: getattr(self.repository, column.attname) for column in Repository._meta.concrete_fields
        }
        self.into.add(Repository, **(row | current_row(self.points, self._headline())))

    def _headline(self) -> str:
        """What most failing tests of the newest night say; the message that was stored first where two tie."""
        common = sorted(Counter(self.failed).items(), key=lambda pair: (-pair[1], pair[0]))
        return self.texts[common[0][0]] if common else ""

    def _tests(self, night: Night, artifact_id: int) -> tuple[dict[str, Any], int]:
        """A report of tests with its results and failures; its figures, and the id of its results."""
        if night.tests is not self.standing.tests:
            self._roster(night)
        order = self.standing.order
        outcomes = bytes(map(night.outcomes.__getitem__, order))
        results = self.into.add(
            Results,
            repository_id=self.repository.pk,
            roster_id=self.standing.roster,
            outcomes=pack_outcomes(outcomes, [night.flaky[place] for place in order]),
            durations=pack_durations(duration_codes(map(night.seconds.__getitem__, order)), self.standing.usual),
        )
        figures = {
            "tests_total": len(outcomes),
            "tests_passed": outcomes.count(Outcome.PASSED),
            "tests_failed": outcomes.count(Outcome.FAILED),
            "tests_errors": outcomes.count(Outcome.ERROR),
            "tests_skipped": outcomes.count(Outcome.SKIPPED),
            "duration_ms": round(sum(night.seconds) * 1000),
        }
        report = self._report(
            artifact_id, TESTS_MEMBER, "junit", "tests", size=_size(night.tests), results_id=results, **figures
        )
        self.failed = []
        if figures["tests_failed"] + figures["tests_errors"]:
            self._failures(report, night, outcomes)
        return figures | {"tests_executions": len(outcomes), "tests_flaky": sum(night.flaky)}, results

    def _report(self, artifact_id: int, member: str, form: str, kind: str, **figures: Any) -> int:
        return self.into.add(
            Report,
            repository_id=self.repository.pk,
            artifact_id=artifact_id,
            member=member,
            format=form,
            kind=kind,
            group=self.group,
            **figures,
        )

    def _roster(self, night: Night) -> None:
        new = [test for test in night.tests if test not in self.cases]
        asked = [CaseResult("", test.classname, test.name, Outcome.PASSED, file=test.file) for test in new]
        folded = zip(new, fold(asked, self.group), strict=True)
        for test, case in sorted(folded, key=lambda pair: pair[1].identity):
            self.cases[test] = (
                case.identity,
                self.into.add(
                    Case,
                    repository_id=self.repository.pk,
                    identity=case.identity,
                    group=case.group,
                    suite=case.suite,
                    classname=case.classname,
                    name=case.name,
                    file=case.file,
                ),
            )
        known = [self.cases[test] for test in night.tests]
        order = sorted(range(len(known)), key=lambda place: known[place][0])
        self.standing.tests, self.standing.order = night.tests, order
        self.standing.case_ids = [known[place][1] for place in order]
        digest = digest_of(b"identities", *(known[place][0] for place in order))
        if digest not in self.rosters:
            codes = duration_codes(map(night.seconds.__getitem__, order))
            self.rosters[digest] = self._new_roster(digest, codes)
        self.standing.roster, self.standing.usual = self.rosters[digest]

    def _new_roster(self, digest: bytes, codes: bytes) -> tuple[int, bytes]:
        """Its id, and what its tests usually take."""
        roster = new_roster(
            self.repository.pk, digest, self.standing.case_ids, codes, self.bases[: -MOST_BASES - 1 : -1]
        )
        columns = {column.attname: getattr(roster, column.attname) for column in Roster._meta.concrete_fields[1:]}
        roster.pk = self.into.add(Roster, **columns)
        if roster.base is None:
            self.bases.append(roster)
        return roster.pk, roster.usual

    def _failures(self, report: int, night: Night, outcomes: bytes) -> None:
        """A report's failing tests, messages numbered in the order of the tests."""
        found = sorted(
            (self.standing.case_ids[place], place) for place, code in enumerate(outcomes) if code >= Outcome.FAILED
        )
        tests = [night.tests[self.standing.order[place]] for _, place in found]
        self.failed = [
            self._message(test, Outcome(outcomes[place])) for test, (_, place) in zip(tests, found, strict=True)
        ]
        self.into.add(
            ReportFailures,
            repository_id=self.repository.pk,
            report_id=report,
            case_ids=[case for case, _ in found],
            message_ids=self.failed,
            errors=[case for case, place in found if outcomes[place] == Outcome.ERROR],
        )

    def _message(self, test: MadeUpTest, outcome: Outcome) -> int:
        message, details = message_of(test, outcome)
        mark = fingerprint(message, details)
        if mark not in self.messages:
            self.messages[mark] = self.into.add(
                FailureMessage,
                repository_id=self.repository.pk,
                fingerprint=mark,
                message=message,
                details=details,
            )
            self.texts[self.messages[mark]] = message.strip().splitlines()[0][:300]
        return self.messages[mark]

    def _coverage(self, night: Night, artifact_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """A report of coverage; the figures of its lines, and what the group's row says beside them."""
        if night.files is not self.standing.files:
            self._manifest(night)
        counted = [self.counted[self.maps[path, version][1]] for path, version in night.files.items()]
        lines = {
            "files": len(counted),
            "lines_valid": sum(valid for valid, _ in counted),
            "lines_covered": sum(covered for _, covered in counted),
            "branches_valid": 0,
            "branches_covered": 0,
        }
        manifest = self.standing.manifest
        self._report(
            artifact_id,
            COVERAGE_MEMBER,
            "cobertura",
            "coverage",
            size=_size(counted),
            manifest_id=manifest,
            **lines,
        )
        return lines | {"lines_partial": 0}, {"manifest_id": manifest}

    def _manifest(self, night: Night) -> None:
        for path in sorted(night.files):
            key = path, night.files[path]
            if key not in self.maps:
                self.maps[key] = self._line_map(*key)
        ordered = sorted(night.files)
        found = [self.maps[path, night.files[path]] for path in ordered]
        digest = digest_of(
            *(b"\x01" for _ in ordered), *(path.encode() for path in ordered), *(mark for mark, _ in found)
        )
        if digest not in self.manifests:
            self.manifests[digest] = self.into.add(
                CoverageManifest,
                repository_id=self.repository.pk,
                digest=digest,
                file_ids=[self.paths[path] for path in ordered],
                line_map_ids=[map_id for _, map_id in found],
            )
        self.standing.files, self.standing.manifest = night.files, self.manifests[digest]

    def _line_map(self, path: str, version: int) -> tuple[bytes, int]:
        if path not in self.paths:
            self.paths[path] = self.into.add(SourceFile, repository_id=self.repository.pk, path=path, resolved=True)
        lines = Lines(self.churn.lines(path, version))
        packed = pack_lines(lines)
        digest = digest_of(packed)
        if digest not in self.map_ids:
            self.map_ids[digest] = self.into.add(
                LineMap,
                repository_id=self.repository.pk,
                digest=digest,
                packed=packed,
                valid=len(lines.hits),
                covered=lines.covered,
                partial=0,
                branches_valid=0,
                branches_covered=0,
            )
            self.counted[self.map_ids[digest]] = len(lines.hits), lines.covered
        return digest, self.map_ids[digest]

    def _point(
        self, run: dict[str, Any], run_id: int, made_at: datetime, figures: dict[str, Any], rows: dict[str, Any]
    ) -> None:
        """The commit, and its one report group."""
        manifest = rows.get("manifest_id")
        snapshot = self.into.add(
            Snapshot,
            repository_id=self.repository.pk,
            sha=run["head_sha"],
            committed_at=run["committed_at"],
            ordered_at=run["created_at"],
            run_started_at=run["created_at"],
            run_id=run_id,
            title=run["title"],
            evidence=Repository.Evidence.REPORT.value,
            evidence_at=made_at,
            manifest_id=manifest,
            own_manifest_id=manifest,
            **figures,
        )
        members = [TESTS_MEMBER] if manifest is None else [COVERAGE_MEMBER, TESTS_MEMBER]
        self.into.add(
            SnapshotGroup,
            repository_id=self.repository.pk,
            snapshot_id=snapshot,
            name=self.group,
            legs=1,
            leg_names=sorted(leg_name(WORKFLOW, ARTIFACT, member, len(members)) for member in members),
            **rows,
            **figures,
        )
        only = {name: figures.get(name) for name in FIGURE_NAMES}
        self.points.append(Point(snapshot, run["head_sha"], run["created_at"], made_at, run["url"], only))
