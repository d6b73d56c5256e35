"""The runs of a repository with what they uploaded, and one run with all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from dashboard.models import Artifact, WorkflowRun
from dashboard.queries.prepared import prepared
from dashboard.queries.reports import LISTED, OF_A_RUN, Sums, reports_by_content
from dashboard.queries.sources import Run, run_of
from dashboard.queries.standing import standing_by_name
from dashboard.queries.uploads import Cost, State, Upload, uploads_of, with_what_is_shown

PAGE = 25
# Of a large matrix a list names the newest legs; the run's own page has all.
MOST_LISTED = 40
# Artifacts on one page of a run. GitHub lets one job make 500, and a run have 256 jobs of one matrix.
ARTIFACTS_PAGE = 100
MOST_ARTIFACTS = 5_000
RUN: Any = Artifact._meta.get_field("run")


@dataclass(frozen=True, slots=True)
class RunWithUploads:
    """A run and its newest artifacts, newest first; ``count`` is of all."""

    run: Run
    uploads: tuple[Upload, ...]
    count: int
    sums: Sums | None
    """Over the artifacts that no newer one of this run replaced; None where not all are here."""

    @property
    def more(self) -> int:
        return self.count - len(self.uploads)

    @property
    def read(self) -> int:
        return sum(1 for each in self.uploads if each.state in (State.READ, State.SAME) and not each.superseded)

    @property
    def troubles(self) -> tuple[Upload, ...]:
        """What somebody should know of without opening the run."""
        return tuple(upload for upload in self.uploads if upload.is_trouble)

    @property
    def mark(self) -> str:
        if self.troubles:
            return "error"
        if self.sums and self.sums.tests is not None:
            return "broke" if self.sums.failing else "passing"
        return "passing" if self.read else "no-evidence"


@dataclass(frozen=True, slots=True)
class Runs:
    """One page of runs, newest first."""

    runs: tuple[RunWithUploads, ...]
    count: int
    page: int
    size: int
    apart: int = 0
    """How many there are of pull requests, which are listed by themselves."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // self.size))


def runs_of(
    repository_id: int,
    page: int = 1,
    sha: str = "",
    size: int = PAGE,
    most: int = MOST_LISTED,
    *,
    pull_requests: bool = False,
) -> Runs:
    """A page of runs with ``most`` artifacts each, of one commit where ``sha`` is given; four queries.

    Those of pull requests are listed by themselves.
    """
    [counts] = _counts(repository_id=repository_id, sha=sha) or [{"all": 0, "beside": 0}]
    count = counts["beside"] if pull_requests else counts["all"] - counts["beside"]
    rows = _page(pull_requests, (page - 1) * size, size, repository_id=repository_id, sha=sha)
    artifacts = _newest_of_runs(most, repository_id=repository_id, runs=[row.pk for row in rows])
    reports = reports_by_content(repository_id, artifacts, LISTED)
    by_run: dict[int, list[Artifact]] = {}
    for artifact in artifacts:
        by_run.setdefault(artifact.run_id, []).append(artifact)
    entries = []
    for row in rows:
        own: list[Any] = by_run.get(row.pk, [])
        run = run_of(row)
        uploads = uploads_of(own, {row.pk: run.url}, reports, _standing_within(row, own), LISTED)
        number = own[0].of_run if own else 0
        sums = _summed([upload for upload in uploads if not upload.superseded]) if number == len(own) else None
        entries.append(RunWithUploads(run, tuple(uploads), number, sums))
    return Runs(tuple(entries), count, page, size, counts["beside"])


BESIDE = Q(is_trend=False, event__in=WorkflowRun.PULL_REQUEST_EVENTS)


def _of_commit(repository_id: int, sha: str) -> QuerySet[WorkflowRun]:
    found = WorkflowRun.objects.filter(repository_id=repository_id)
    return found.filter(head_sha=sha) if sha else found


@prepared
def _counts(*, repository_id: int, sha: str) -> QuerySet[Any]:
    """One row, none where there is no run."""
    by_repository = _of_commit(repository_id, sha).order_by().values("repository_id")
    return by_repository.annotate(all=Count("pk"), beside=Count("pk", filter=BESIDE))


@prepared
def _page(pull_requests: bool, start: int, size: int, *, repository_id: int, sha: str) -> QuerySet[WorkflowRun]:
    found = _of_commit(repository_id, sha)
    found = found.filter(BESIDE) if pull_requests else found.exclude(BESIDE)
    return found.order_by("-started_at", "-id")[start : start + size]


@prepared
def _newest_of_runs(most: int, *, repository_id: int, runs: list[int]) -> QuerySet[Any]:
    """The newest artifacts of each run, newest first."""
    newest = [F("created_at").desc(), F("github_id").desc()]
    of_runs: QuerySet[Any] = Artifact.objects.filter(repository_id=repository_id, run__any=runs).annotate(
        place=Window(RowNumber(), partition_by=F("run_id"), order_by=newest),
        of_run=Window(Count("pk"), partition_by=F("run_id")),
    )
    return with_what_is_shown(of_runs, LISTED).filter(place__lte=most).order_by("run_id", "place")


def _standing_within(run: WorkflowRun, newest_first: Sequence[Artifact]) -> dict[str, Artifact]:
    """Of one run's artifacts the newest of each name that has said all it can say."""
    standing: dict[str, Artifact] = {}
    for artifact in newest_first:
        if artifact.state in Artifact.STANDING:
            RUN.set_cached_value(artifact, run)
            standing.setdefault(artifact.name, artifact)
    return standing


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run: its artifacts, those left alone, and those of earlier attempts that newer ones replaced."""

    run: Run
    why_not: str
    """Why it moves no figure; "" when it does."""
    looked_into: tuple[Upload, ...]
    left_alone: tuple[Upload, ...]
    superseded: tuple[Upload, ...]
    states: tuple[tuple[str, int], ...]
    """How many artifacts are in which state, over all pages; replaced ones count as such."""
    sums: Sums
    """Over the artifacts of this page that were looked into and not replaced."""
    cost: Cost | None
    passed_over: int
    count: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.count // ARTIFACTS_PAGE))

    @property
    def read(self) -> int:
        return sum(number for state, number in self.states if state in (State.READ, State.SAME))

    @property
    def pushed_aside(self) -> int:
        """Artifacts of this page in whose place newer uploads of other runs stand."""
        return sum(1 for upload in self.looked_into if upload.replaced_by)

    @property
    def all_same(self) -> bool:
        """Not one of its artifacts had to be read: the bytes of each were known."""
        return bool(self.looked_into) and all(upload.same_as for upload in self.looked_into)

    @property
    def standing(self) -> int:
        """Artifacts of this page that count in the figures of its commit."""
        return 0 if self.why_not else sum(1 for upload in self.looked_into if upload.stands)

    @property
    def other_states(self) -> tuple[tuple[str, int], ...]:
        """Words and numbers of those that were not read."""
        words = {State.REJECTED: "refused", State.EXPIRED: "expired", State.LISTED: "waiting"} | OTHER_WORDS
        return tuple((words[state], number) for state, number in self.states if state in words)


NOT_LOOKED_INTO = "left-alone"
OTHER_WORDS: dict[str, str] = {
    State.FAILED: "not read yet",
    State.PASSED_OVER: "without a report",
    NOT_LOOKED_INTO: "not looked into",
    State.SUPERSEDED: "replaced",
}
# Trouble first, then what was read.
ORDER: tuple[str, ...] = (State.REJECTED, State.FAILED, State.EXPIRED, State.LISTED, State.READ, State.SAME)


def run_page(repository_id: int, github_id: int, page: int = 1) -> RunPage | None:
    """The run of that id on GitHub with a page of its artifacts; None when it is not known. Four queries."""
    found = _run(repository_id=repository_id, github_id=github_id)
    if not found:
        return None
    [row] = found
    run = run_of(row)
    artifacts = _artifacts_of(repository_id=repository_id, run_id=row.pk)
    standing = standing_by_name(repository_id, row, {artifact.name for artifact in artifacts})
    bare = uploads_of(artifacts, {row.pk: run.url}, {}, standing, OF_A_RUN)
    ordered = sorted(zip(artifacts, bare, strict=True), key=lambda pair: (pair[1].superseded, _place(pair[1])))
    shown = [artifact for artifact, _ in ordered[(page - 1) * ARTIFACTS_PAGE : page * ARTIFACTS_PAGE]]
    reports = reports_by_content(repository_id, shown, OF_A_RUN)
    uploads = uploads_of(shown, {row.pk: run.url}, reports, standing, OF_A_RUN)
    looked_into = tuple(upload for upload in uploads if upload.looked_into and not upload.superseded)
    return RunPage(
        run=run,
        why_not="" if row.is_trend else why_not_counted(row, row.default_branch, row.own_id),
        looked_into=looked_into,
        left_alone=tuple(upload for upload in uploads if not upload.looked_into and not upload.superseded),
        superseded=tuple(upload for upload in uploads if upload.superseded),
        states=_states(bare),
        sums=_summed(looked_into),
        cost=_cost(looked_into),
        passed_over=sum(upload.passed_over_count for upload in looked_into),
        count=len(artifacts),
        page=page,
    )


@prepared
def _run(*, repository_id: int, github_id: int) -> QuerySet[Any]:
    rows = WorkflowRun.objects.filter(repository_id=repository_id, github_id=github_id)
    return rows.annotate(default_branch=F("repository__default_branch"), own_id=F("repository__github_id"))


@prepared
def _artifacts_of(*, repository_id: int, run_id: int) -> QuerySet[Any]:
    of_run = Artifact.objects.filter(repository_id=repository_id, run_id=run_id)
    return with_what_is_shown(of_run.order_by("name", "-created_at", "id"), OF_A_RUN)[:MOST_ARTIFACTS]


def why_not_counted(run: WorkflowRun, default_branch: str, own_id: int | None) -> str:
    """What keeps a run from moving the trend (contract rule 1), in one sentence."""
    if run.head_repository_id is not None and run.head_repository_id != own_id:
        return "It ran for another repository's commit, a fork's; only the repository's own runs count."
    if run.event not in WorkflowRun.TREND_EVENTS:
        return f"It was started by {run.event}; only push, schedule and workflow_dispatch count."
    if run.head_branch != default_branch:
        return f"It ran on {run.head_branch}; only the default branch, {default_branch}, counts."
    return "It was not of the default branch when it was listed."


def _place(upload: Upload) -> tuple[int, bool, str]:
    place = ORDER.index(upload.state) if upload.state in ORDER else len(ORDER)
    return place, not upload.looked_into, upload.name


def _states(uploads: Sequence[Upload]) -> tuple[tuple[str, int], ...]:
    numbers: dict[str, int] = dict.fromkeys([*ORDER, State.PASSED_OVER, NOT_LOOKED_INTO, State.SUPERSEDED], 0)
    for upload in uploads:
        numbers[_state(upload)] += 1
    return tuple((state, number) for state, number in numbers.items() if number)


def _state(upload: Upload) -> str:
    if upload.superseded:
        return State.SUPERSEDED
    return upload.state if upload.looked_into else NOT_LOOKED_INTO


def _total(values: Sequence[int | None]) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _summed(uploads: Sequence[Upload]) -> Sums:
    sums = [upload.sums for upload in uploads]
    if len(sums) == 1:
        return sums[0]
    optional = [name for name in Sums.__dataclass_fields__ if name not in ("reports", "refused")]
    return Sums(
        reports=sum(each.reports for each in sums),
        refused=sum(each.refused for each in sums),
        **{name: _total([getattr(each, name) for each in sums]) for name in optional},
    )


def _cost(uploads: Sequence[Upload]) -> Cost | None:
    costs = [upload.cost for upload in uploads if upload.cost]
    if not costs:
        return None
    return Cost(
        cpu_ms=_total([cost.cpu_ms for cost in costs]),
        wall_ms=_total([cost.wall_ms for cost in costs]),
        peak_bytes=max((cost.peak_bytes for cost in costs if cost.peak_bytes is not None), default=None),
        output_bytes=_total([cost.output_bytes for cost in costs]),
    )
