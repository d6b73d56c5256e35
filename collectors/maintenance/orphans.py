"""What nothing points at any more, taken away in short batches: after retention, after an artifact was read again.

The caller holds the repository's lock, so that no reading takes up a content that is being taken away. Order
matters: results before their rosters, manifests before their line maps. Names of tests and files are kept: their
history may be asked for as long as there are figures.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from django.db import connection, transaction

from dashboard.models import CommitSources, FileTree, Repository, SourceAnalysis

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Content:
    """``unused``: a condition on a row ``o``; ``key``: its columns; ``found``: where such rows are looked for."""

    table: str
    unused: str
    key: tuple[str, ...] = ("id",)
    found: str = "{table} o WHERE o.repository_id = %(repository)s"


CONTENTS = (
    Content(
        "report_failures",
        # Only where retention was at work; all other failures go with their report.
        "EXISTS (SELECT FROM repository p WHERE p.id = r.repository_id AND p.detail_dropped_before IS NOT NULL)",
        ("report_id",),
        # By its reports: failures have no index on their repository.
        "report r JOIN {table} o ON o.report_id = r.id"
        " WHERE r.repository_id = %(repository)s AND r.results_id IS NULL",
    ),
    Content(
        "test_results",
        """NOT EXISTS (SELECT FROM report r WHERE r.results_id = o.id)
        AND NOT EXISTS (SELECT FROM snapshot_group g WHERE g.results_id = o.id)""",
    ),
    Content(
        "test_roster",
        """NOT EXISTS (SELECT FROM test_results r WHERE r.roster_id = o.id)
        AND NOT EXISTS (SELECT FROM test_roster t WHERE t.base_id = o.id)""",
    ),
    Content(
        "failure_message",
        """o.id NOT IN (SELECT DISTINCT unnest(f.message_ids) FROM report r
        JOIN report_failures f ON f.report_id = r.id WHERE r.repository_id = %(repository)s)""",
    ),
    Content(
        "coverage_manifest",
        """NOT EXISTS (SELECT FROM report r WHERE r.manifest_id = o.id)
        AND NOT EXISTS (SELECT FROM snapshot s WHERE s.manifest_id = o.id)
        AND NOT EXISTS (SELECT FROM snapshot s WHERE s.own_manifest_id = o.id)
        AND NOT EXISTS (SELECT FROM snapshot_group g WHERE g.manifest_id = o.id)
        AND NOT EXISTS (SELECT FROM commit_sources c WHERE c.manifest_id = o.id)""",
    ),
    Content(
        "line_map",
        """o.id NOT IN (SELECT DISTINCT unnest(m.line_map_ids) FROM coverage_manifest m
        WHERE m.repository_id = %(repository)s)""",
    ),
)


def sweep(repository: Repository) -> dict[str, int]:
    """Rows taken away, by table."""
    gone = {content.table: _taken_away(content, repository.pk) for content in CONTENTS}
    gone["source_analysis"] = _forget_analyses(repository)
    return {table: count for table, count in gone.items() if count}


def _taken_away(content: Content, repository_id: int) -> int:
    """All such rows of a repository, a batch a transaction."""
    # Names and conditions are our own constants.
    columns = ", ".join(f"o.{column}" for column in content.key)
    same = " AND ".join(f"t.{column} = chosen.{column}" for column in content.key)
    sql = f"""
        WITH chosen AS MATERIALIZED (
            SELECT {columns} FROM {content.found.format(table=content.table)} AND {content.unused} LIMIT {BATCH}
        )
        DELETE FROM {content.table} t USING chosen WHERE {same}
    """  # noqa: S608
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, {"repository": repository_id})
            count = cursor.rowcount
        total += count
        if count < BATCH:
            return total


def _forget_analyses(repository: Repository) -> int:
    """Analyses of versions that are in the newest tree no more, once no commit waits for any.

    An older commit that is read again asks for its files again.
    """
    tree = FileTree.objects.filter(repository=repository).first()
    waiting = CommitSources.objects.filter(repository=repository, waiting__gt=0)
    if tree is None or tree.blobs is None or waiting.exists():
        return 0
    standing = {line.partition(" ")[0] for line in zlib.decompress(tree.blobs).decode().split("\n")}
    known = SourceAnalysis.objects.filter(repository=repository).values_list("pk", "blob")
    gone = [pk for pk, blob in known if blob not in standing]
    for at in range(0, len(gone), BATCH):
        SourceAnalysis.objects.filter(pk__in=gone[at : at + BATCH]).delete()
    return len(gone)
