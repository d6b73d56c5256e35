"""One artifact with every report in it, what was passed over, and what it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window

from dashboard.models import Artifact
from dashboard.queries.prepared import prepared
from dashboard.queries.readable import readable, readable_path
from dashboard.queries.reports import WHOLE, reports_by_content
from dashboard.queries.rows import Question, ask_together
from dashboard.queries.runs import why_not_counted
from dashboard.queries.sources import Run, run_of
from dashboard.queries.standing import content_id, standing_by_name
from dashboard.queries.unresolved import unresolved_by_report
from dashboard.queries.uploads import Other, Upload, other_of, uploads_of, with_what_is_shown

MOST_TWINS = 8
MOST_FAILURES = 20
LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class FailedHere:
    """A test that failed in one report of this artifact, and the first line of what it said."""

    case_id: int
    name: str
    classname: str
    message: str
    is_error: bool
    member: str


@dataclass(frozen=True, slots=True)
class ArtifactPage:
    """``upload`` holds one page of reports; its sums are of all."""

    upload: Upload
    run: Run
    why_not: str
    """Why its run moves no figure; "" when it does."""
    artifacts: int
    """Of its run."""
    stands: bool
    """Its commit's figures are put together from its reports, among others."""
    twins: tuple[Other, ...]
    """Artifacts of other runs with the same bytes, newest first."""
    more_twins: int
    failures: tuple[FailedHere, ...]
    unresolved: tuple[tuple[int, int], ...]
    """With each report, how many paths of its coverage were not found in the repository's tree."""
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.upload.sums.reports // WHOLE.members))

    @property
    def more_failures(self) -> int:
        return max(0, (self.upload.sums.failing or 0) - len(self.failures))


def artifact_page(
    repository_id: int, github_id: int, page: int = 1, report_id: int | None = None
) -> ArtifactPage | None:
    """The artifact of that id on GitHub; None when it is not known. At most five queries.

    ``report_id`` is a report that is to stand first: the one that a figure came from.
    """
    found = _artifact(repository_id=repository_id, github_id=github_id)
    if not found:
        return None
    [row] = found
    run = run_of(row.run)
    reports = reports_by_content(repository_id, [row], WHOLE, report_id, page)
    standing = standing_by_name(repository_id, row.run, [row.name])
    [upload] = uploads_of([row], {row.run_id: run.url}, reports, standing, WHOLE)
    content = content_id(row)
    twins = _twins(repository_id=repository_id, own_id=row.pk, content=content) if row.sha256 else []
    of_lines = [report.report_id for report in upload.reports if report.kind == "coverage"]
    found_there = ask_together(
        {
            "failures": _failures(repository_id, content if upload.sums.failing else None),
            "unresolved": unresolved_by_report(repository_id, of_lines),
        }
    )
    return ArtifactPage(
        upload=upload,
        run=run,
        why_not="" if row.run.is_trend else why_not_counted(row.run, row.default_branch, row.own_id),
        artifacts=row.of_run,
        stands=row.name in standing and standing[row.name].pk == row.pk,
        twins=tuple(map(other_of, twins)),
        more_twins=twins[0].all_twins - len(twins) if twins else 0,
        failures=found_there["failures"],
        unresolved=found_there["unresolved"],
        page=page,
    )


@prepared
def _artifact(*, repository_id: int, github_id: int) -> QuerySet[Any]:
    of_id = Artifact.objects.filter(repository_id=repository_id, github_id=github_id).select_related("run")
    of_run = Artifact.objects.filter(run=OuterRef("run")).order_by().values("run").annotate(number=Count("pk"))
    return with_what_is_shown(of_id, WHOLE).annotate(
        default_branch=F("repository__default_branch"),
        own_id=F("repository__github_id"),
        of_run=Subquery(of_run.values("number")),
    )


@prepared
def _twins(*, repository_id: int, own_id: int, content: int) -> QuerySet[Any]:
    same = Artifact.objects.filter(Q(same_as=content) | Q(pk=content), repository_id=repository_id)
    # The one that was read for this one is named by itself.
    others = same.exclude(Q(pk=own_id) | Q(pk=content)).select_related("run").defer("passed_over", "warnings")
    return others.annotate(all_twins=Window(Count("pk"))).order_by("-created_at", "-id")[:MOST_TWINS]


FAILED = f"""
    select f.case_id, c.name, coalesce(nullif(c.classname, ''), c.suite) as classname,
           m.message, f.outcome, p.member
    from report p
    join failure f on f.repository_id = %(repository)s and f.report_id = p.id
    join test_case c on c.id = f.case_id
    join failure_message m on m.id = f.message_id
    where p.repository_id = %(repository)s and p.artifact_id = %(content)s
    order by f.report_id, f.case_id
    limit {MOST_FAILURES}
"""  # noqa: S608 - a constant of ours


def _failures(repository_id: int, content: int | None) -> Question[tuple[FailedHere, ...]]:
    """What failed in the reports of an artifact, nothing where it is None."""
    values = {"repository": repository_id, "content": content}
    return Question(FAILED if content else "", values, lambda rows: tuple(map(_failed_here, rows)))


def _failed_here(row: Any) -> FailedHere:
    return FailedHere(
        case_id=row.case_id,
        name=readable(row.name, WHOLE.name),
        classname=readable(row.classname, WHOLE.name),
        message=readable((row.message.strip().splitlines() or [""])[0], LONGEST_MESSAGE),
        is_error=row.outcome == ERROR,
        member=readable_path(row.member, WHOLE.name),
    )


ERROR = 3
"""``Failure.outcome`` of a test that ended in an error."""
