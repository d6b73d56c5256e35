"""The tables, one file per noun.

    organization ── repository ── workflow_run ── artifact ── report ─┬─ test_results ── test_roster ── test_case
                         │                                           ├─ report_failures ── failure_message
                         │                                           └─ coverage_manifest ── line_map, source_file
                         │                └─ job_log          what a job's log told, where there is no report
                         ├─ test_case ── test_statistics      how a test stands now, and since when
                         ├─ test_words                        what its tests are called, many in a row, to search in
                         ├─ snapshot ── snapshot_group        one per commit with evidence: the unit of a trend
                         ├─ commit_sources, source_analysis   what source tells of lines, where reports do not
                         ├─ git_tag                           tags and their releases: marks on the trend
                         ├─ component                         paths that belong together, with a target
                         ├─ context_names ── line_contexts    which test ran which line, of the newest commit
                         ├─ repository_day, organization_day, estate_day
                         └─ remembered_answer               lists' last bodies, where a token's ETags do not last
    organization ── question, candidate                       while it is being set up
    user ── saved_view                                        a reader's own views of the estate
    change                                                    who changed what of all that is configured
    collection ── repository_collection                       one night, and how each repository fared in it
    github_server                                             one whose ETags are not as predicted

Every fact table carries ``repository`` first in its unique key, which is its index too; nothing in it is updated
after it was written.
"""

from __future__ import annotations

from dashboard.models.case import (
    Case,
    CaseGroup,
    CaseStatistics,
    CaseWords,
    Failure,
    FailureMessage,
    ReportFailures,
    Results,
    Roster,
)
from dashboard.models.change import Change
from dashboard.models.collection import Collection, RepositoryCollection
from dashboard.models.component import Component
from dashboard.models.coverage import CoverageManifest, FileTree, LineMap, SourceFile
from dashboard.models.day import EstateDay, OrganizationDay, RepositoryDay
from dashboard.models.dependency import Dependency, ForbiddenDependency
from dashboard.models.guide import Candidate, Question
from dashboard.models.job_log import JobLog
from dashboard.models.organization import Organization
from dashboard.models.organization_sums import OrganizationSums
from dashboard.models.remembered import GitHubServer, RememberedAnswer
from dashboard.models.repository import FormerName, Repository
from dashboard.models.run import Artifact, Report, WorkflowRun
from dashboard.models.saved_view import SavedView
from dashboard.models.snapshot import Snapshot, SnapshotGroup
from dashboard.models.source import CommitSources, ContextNames, LineContexts, SourceAnalysis
from dashboard.models.tag import Tag

__all__ = [
    "Artifact",
    "Candidate",
    "Case",
    "CaseGroup",
    "CaseStatistics",
    "CaseWords",
    "Change",
    "Collection",
    "CommitSources",
    "Component",
    "ContextNames",
    "CoverageManifest",
    "Dependency",
    "EstateDay",
    "Failure",
    "FailureMessage",
    "FileTree",
    "ForbiddenDependency",
    "FormerName",
    "GitHubServer",
    "JobLog",
    "LineContexts",
    "LineMap",
    "Organization",
    "OrganizationDay",
    "OrganizationSums",
    "Question",
    "RememberedAnswer",
    "Report",
    "ReportFailures",
    "Repository",
    "RepositoryCollection",
    "RepositoryDay",
    "Results",
    "Roster",
    "SavedView",
    "Snapshot",
    "SnapshotGroup",
    "SourceAnalysis",
    "SourceFile",
    "Tag",
    "WorkflowRun",
]
